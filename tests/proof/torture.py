"""One annotator who is killed again and again while typing, and what the screens had claimed.

Every frame that reached the terminal is read again after the kill. What it said (so many done, so
many waiting, this row accepted, that row to be answered) is compared with the database and with
the first frame of the next life.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.attacks import Attack
from tests.support.screen import Screen
from tests.support.terminal import Terminal

COMMAND = ("ner.manual", "set", "rows.jsonl", "--label", "A,B")
"""The arguments of `tui-annotate`, in the folder of the source."""

Start = Callable[[], AbstractContextManager[Terminal]]

_FRAME_END = b"\x1b[?2026l"
"""What ends a synchronised update: only then the terminal shows it."""

_KEYS = ("a", "x", "a", " ", "a", "x", "s", "l", "l", "k", "1", "2", "u", "a", "x")
_STATUS = re.compile(r"^(.*[─━ ]|)(\d[\d,]*) done\b(?:.*?(\d[\d,]*) waiting)?", re.M)
_REOPENED = re.compile(r" task \d[\d,]*: \w")
_RECEIPT = re.compile(r'(accept|reject|ignore)(?:ed|d) "row(\d+)')
_TASK = re.compile(r"^ *row(\d+) .*", re.M)
_SPAN = re.compile(r"└[AB]")


@dataclass(frozen=True)
class Claim:
    """What one frame said.

    Attributes:
        done, waiting: The counts.
        row: The row to be answered; None where the frame has none.
        spans: How many labels stand under its text.
        reopened: Whether it is an older answer.
    """

    done: int
    waiting: int
    row: int | None
    spans: int
    reopened: bool

    @property
    def settled(self) -> int:
        """How many rows are answered or wait."""
        return self.done + self.waiting

    @property
    def whole(self) -> bool:
        """Whether counts and row belong together: a step may take two frames."""
        return self.row == self.settled + 1


@dataclass
class Life:
    """What one life of the program has claimed, frame by frame.

    Attributes:
        claims: Each frame's claim that differs from the one before.
        receipts: The decisions confirmed, in their order: decision and row.
        at_rest: Whether it was killed while nothing was going on.
    """

    claims: list[Claim] = field(default_factory=list)
    receipts: list[tuple[str, int]] = field(default_factory=list)
    at_rest: bool = False


@dataclass(frozen=True)
class Stored:
    """What the database holds: counts, all decisions ever in their order, what was begun."""

    done: int
    waiting: int
    log: list[tuple[str, int]]
    reopened: bool
    problems: list[str]


def write_source(folder: Path, rows: int) -> Path:
    """Write `rows` short rows whose texts name them, and return the file."""
    path = folder / COMMAND[2]
    texts = (f"row{number:06d} Anna Schmidt met Ben" for number in range(1, rows + 1))
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


class Torture:
    """Any number of lives on one source and one database.

    Args:
        start: Starts the program, as it is started every time.
        end: Ends it; the default is SIGKILL to the program itself.
        database: The file that it writes.
        seed: Of the dice that choose keys and moments.
        attacks: What may happen around it before its end, in every second life.

    Attributes:
        differences: Every claim that does not hold, with the number of the life.
        decisions: How many decisions were made in all.
        struck: How often each attack was made.
    """

    def __init__(
        self,
        start: Start,
        database: Path,
        seed: int,
        *,
        end: Callable[[Terminal], None] = Terminal.kill,
        attacks: Sequence[Attack] = (),
    ) -> None:
        self.differences: list[str] = []
        self.decisions = 0
        self.seed = seed
        self.struck: Counter[str] = Counter()
        self._attacks = attacks
        self._start = start
        self._end = end
        self._database = database
        self._dice = random.Random(seed)
        self._last: Life | None = None
        self._before = Stored(0, 0, [], False, [])
        self._lives = 0

    def live(self) -> None:
        """Start, type, be killed at a random instant, and compare."""
        self._lives += 1
        attack: Attack | None = None
        with self._start() as terminal:
            if self._dice.random() < 0.1:
                # Killed while it starts, at any stage of that.
                time.sleep(self._dice.uniform(0.0, 1.0))
                begun, at_rest = 0, False
            else:
                terminal.wait_for(_STATUS)
                begun = wait_for_frame(terminal)
                at_rest = self._type(terminal)
                if self._attacks and self._dice.random() < 0.5:
                    attack, at_rest = self._dice.choice(self._attacks), False
                    self._strike(attack, terminal)
            self._end(terminal)
            life = read_life(terminal, begun)
        if attack is not None:
            attack.mend()
        life.at_rest = at_rest
        self._compare(life)

    def _strike(self, attack: Attack, terminal: Terminal) -> None:
        self.struck[attack.name] += 1
        silent = attack.strike(terminal, self._dice)
        if silent:
            self._differs(f"silent, {attack.name}: {silent}")

    def _type(self, terminal: Terminal) -> bool:
        """Type for a while; tell whether the program came to rest at the end."""
        until = time.perf_counter() + self._dice.uniform(0.0, 1.0)
        while time.perf_counter() < until:
            terminal.send(self._dice.choice(_KEYS))
            time.sleep(self._dice.uniform(0.0, 0.06))
        if self._dice.random() < 0.25:
            # A look of the cursor is stored a little later than an edit; nothing is due by then.
            terminal.settle(quiet=0.3)
            return True
        return False

    def _compare(self, life: Life) -> None:
        stored = read_database(self._database)
        self.decisions = len(stored.log)
        for problem in stored.problems:
            self._differs(problem)
        if life.claims:
            self._compare_start(next((claim for claim in life.claims if claim.row), None))
            self._compare_counts(life, stored)
        self._compare_receipts(life, stored)
        if life.claims:
            self._last = life
        else:
            self._last = self._last if stored == self._before else None
        self._before = stored

    def _compare_start(self, first: Claim | None) -> None:
        """The life begins where the last one was killed, unless something was still under way."""
        if self._last is None or self._before.reopened or first is None:
            return
        last = self._last.claims[-1]
        same = (self._before.done, self._before.waiting) == (last.done, last.waiting)
        if not same or last.reopened or not last.whole:
            return
        if first.row != last.row:
            self._differs(f"killed in row {last.row}, came back to row {first.row}")
        elif self._last.at_rest and first.spans != last.spans:
            self._differs(f"row {last.row} had {last.spans} spans, came back with {first.spans}")

    def _compare_counts(self, life: Life, stored: Stored) -> None:
        """Whatever was claimed is stored; more may be, which was on its way to the screen."""
        last = life.claims[-1]
        most_done = max(claim.done for claim in life.claims)
        most_settled = max(claim.settled for claim in life.claims)
        if stored.done < most_done or stored.done + stored.waiting < most_settled:
            self._differs(f"lost: claimed {last}, stored {stored.done}, {stored.waiting} waiting")
        if life.at_rest and (stored.done, stored.waiting) != (last.done, last.waiting):
            self._differs(f"at rest claimed {last}, stored {stored.done}, {stored.waiting} waiting")
        if life.at_rest and not (last.whole or last.reopened):
            self._differs(f"at rest the screen contradicts itself: {last}")

    def _compare_receipts(self, life: Life, stored: Stored) -> None:
        """The decisions that were confirmed are in the log, in their order."""
        log = iter(stored.log[len(self._before.log) :])
        for receipt in life.receipts:
            if receipt not in log:
                self._differs(f"lost: {receipt} was confirmed")
        if stored.log[: len(self._before.log)] != self._before.log:
            self._differs("the log of answers has changed")

    def _differs(self, what: str) -> None:
        self.differences.append(f"life {self._lives}: {what}")


def wait_for_frame(terminal: Terminal) -> int:
    """Wait until what is typed changes a frame that can be told from the first one.

    The program marks the ends of frames once the terminal has said that it knows such marks, and
    paints the first task before that.

    Returns:
        How many bytes have come, where none of them marks the end of a frame; else 0.
    """
    terminal.settle()
    return 0 if _FRAME_END in terminal.raw else len(terminal.raw)


def read_life(terminal: Terminal, begun: int) -> Life:
    """Draw again what has come, frame by frame, and note what each whole frame says.

    Args:
        terminal: Where it was shown.
        begun: As `wait_for_frame` returned it: so many bytes are a whole frame.
    """
    screen, life = Screen(terminal.screen.columns, terminal.screen.rows), Life()
    first = [terminal.raw[:begun]] if begun else []
    for frame in (*first, *terminal.raw[begun:].split(_FRAME_END)[:-1]):
        screen.feed(frame + _FRAME_END)
        text = screen.text()
        claim = read_claim(text)
        if claim is None or (life.claims and life.claims[-1] == claim):
            continue
        life.claims.append(claim)
        receipt = _RECEIPT.search(text)
        if receipt is not None:
            confirmed = (receipt[1], int(receipt[2]))
            if not life.receipts or life.receipts[-1] != confirmed:
                life.receipts.append(confirmed)
    return life


def read_claim(text: str) -> Claim | None:
    """Return what a frame says, None where it is none of a session."""
    status, task = _STATUS.search(text), _TASK.search(text)
    if status is None:
        return None
    return Claim(
        done=int(status[2].replace(",", "")),
        waiting=int((status[3] or "0").replace(",", "")),
        row=int(task[1]) if task else None,
        spans=len(_SPAN.findall(text)),
        reopened=_REOPENED.search(status[1]) is not None,
    )


def read_database(path: Path) -> Stored:
    """Return what is stored, and whatever of it contradicts itself."""
    if not path.exists():
        return Stored(0, 0, [], False, [])
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        if "answers" not in tables:
            return Stored(0, 0, [], False, [] if not tables else [f"half a schema: {tables}"])
        return Stored(
            done=db.execute("SELECT count(*) FROM current").fetchone()[0],
            waiting=db.execute("SELECT count(*) FROM waiting").fetchone()[0],
            log=db.execute("SELECT answer, row FROM answers ORDER BY id").fetchall(),
            reopened=bool(db.execute("SELECT 1 FROM drafts WHERE answer_id NOT NULL").fetchall()),
            problems=_contradictions(db),
        )


def _contradictions(db: sqlite3.Connection) -> list[str]:
    found = [f"asked twice: row {row}" for row in rows_asked_twice(db)]
    places = db.execute(
        "SELECT row FROM waiting UNION ALL"
        " SELECT a.row FROM current c JOIN answers a ON a.id = c.answer_id"
    ).fetchall()
    passed = db.execute("SELECT coalesce(max(row), 0) FROM cursors").fetchone()[0]
    missing = set(range(1, passed + 1)) - {row for (row,) in places}
    found += [f"lost: row {row} was passed over" for row in sorted(missing)]
    if db.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
        found.append("the database is damaged")
    return found


def rows_asked_twice(db: sqlite3.Connection) -> list[int]:
    """Return the rows that stand in two answers, or wait although they are answered."""
    query = (
        "SELECT row FROM (SELECT a.row FROM current c JOIN answers a ON a.id = c.answer_id"
        " UNION ALL SELECT row FROM waiting) GROUP BY row HAVING count(*) > 1"
    )
    return [row for (row,) in db.execute(query)]
