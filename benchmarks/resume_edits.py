"""Edits of the source between sessions: `python -m benchmarks.resume_edits --edits 20000`.

Between any two sessions the source is edited in one of thirteen ways (appended to, prepended to,
shuffled, cut ...). A model that reads the file by itself foretells what every session must ask.
Sessions end in order or are killed; equal rows are asked once, or as often as they occur.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks._drive import finish, folder, report
from tests.proof.oracle import EDITS, File, line, texts_in
from tests.proof.work import kill, open_work
from tui_annotate.session.session import Session

SHM = Path("/dev/shm")
EDITS_OF_ONE_SOURCE = 40


class World:
    """One source, one database, and what the model knows of both.

    Args:
        place: An empty folder.
        dice: Choose everything.

    Attributes:
        wrongly: How many tasks were asked that should not have been.
        skipped: How many rows were not asked that should have been.
        asked: How many tasks were asked.
    """

    def __init__(self, place: Path, dice: random.Random) -> None:
        self.wrongly = self.skipped = self.asked = 0
        self._place = place
        self._dice = dice
        self._texts = dice.choice((20, 5000))
        self._keep = dice.random() < 0.5
        self._settled: Counter[str] = Counter()
        self._deaths = 0
        texts = [self._text() for _ in range(dice.randint(1, 30))]
        self._file = File(place / "rows.jsonl", [line(text) for text in texts])

    def edit_and_work(self) -> None:
        """Edit the source once, and answer a few tasks of what it is then."""
        self._file.edit(self._dice.choice(sorted(EDITS)), self._dice, self._text)
        session = self._open()
        self._work(session, self._dice.randint(0, 8))
        self._leave(session)

    def work_to_the_end(self) -> None:
        """Answer everything; what is left of the file then was skipped."""
        session = self._open()
        self._work(session, 10_000)
        session.close()
        self.skipped += len(self._unanswered())

    def _text(self) -> str:
        return f"text {self._dice.randrange(self._texts)} {'x' * self._dice.choice((0, 3, 300))}"

    def _open(self) -> Session:
        session = open_work(self._database, self._file.path, keep=self._keep)
        session.start()
        return session

    @property
    def _database(self) -> Path:
        return self._place / f"{self._deaths}.db"

    def _leave(self, session: Session) -> None:
        if self._dice.random() < 0.7:
            session.close()
            return
        self._deaths += 1
        kill(session, self._database)

    def _work(self, session: Session, times: int) -> None:
        for _ in range(times):
            item = session.item
            if item is None:
                return
            text, expected = item.task["text"], self._unanswered()
            self.wrongly += text not in (expected if self._keep else expected[:1])
            self.asked += 1
            session.decide("accept", dict(item.task))
            self._settled[text] += 1
            session.advance()

    def _unanswered(self) -> list[str]:
        left, found = Counter(self._settled), []
        for text in texts_in(self._file.data):
            if left[text] > 0:
                left[text] -= 1 if self._keep else 0
                continue
            found.append(text)
            left[text] += 0 if self._keep else 1
        return found


def main() -> None:
    """Run it and print how much was asked wrongly or skipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=2000, help="how many edits")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    given = parser.parse_args()
    print(f"seed: {given.seed}", flush=True)
    if SHM.is_dir():
        # Nothing here depends on what a disk keeps, so that it need not be waited for.
        tempfile.tempdir = str(SHM)
    dice, wrongly, skipped, asked, done = random.Random(given.seed), 0, 0, 0, 0
    while done < given.edits:
        with folder() as place:
            world = World(place, dice)
            for _ in range(min(EDITS_OF_ONE_SOURCE, given.edits - done)):
                world.edit_and_work()
                done += 1
            world.work_to_the_end()
        wrongly, skipped = wrongly + world.wrongly, skipped + world.skipped
        asked += world.asked
    report("edits", done, "", "as asked for", ok=True)
    report("tasks asked", asked, "", f">= {done // 2}", ok=asked >= done // 2)
    report("wrongly asked", wrongly, "", "0", ok=wrongly == 0)
    report("skipped", skipped, "", "0", ok=skipped == 0)
    finish()


if __name__ == "__main__":
    main()
