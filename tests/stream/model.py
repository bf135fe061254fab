"""A store, a recipe and a session small enough to be sure of."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tui_annotate.sources.base import START, Fingerprint, Position, Source
from tui_annotate.store.records import Drop
from tui_annotate.stream.ledger import Ledger
from tui_annotate.stream.records import Asked, Exclusion, Policy
from tui_annotate.stream.resume import plan_resume
from tui_annotate.task.hashing import Identity, set_hashes
from tui_annotate.task.schema import Task


@dataclass
class Store:
    """What survives: answers with their rows, the cursor and the drops, in one transaction."""

    answers: list[tuple[Identity, int | None]] = field(default_factory=list)
    cursor: Position = START
    fingerprint: Fingerprint | None = None
    drops: list[Drop] = field(default_factory=list)

    def commit(self, ledger: Ledger, asked: Asked | None = None) -> None:
        if asked is not None:
            self.answers.append((asked.identity, asked.row))
            ledger.settle(asked)
        taken = ledger.take_drops()
        if ledger.resume.by_key and not getattr(ledger, "_cleared", False):
            self.drops.clear()
            ledger._cleared = True  # type: ignore[attr-defined]
        self.drops += taken
        self.cursor, self.fingerprint = ledger.cursor(), ledger.fingerprint()

    def answered(self, identity: Identity) -> bool:
        return any(identity == other for other, _ in self.answers)

    def known(self, identity: Identity, wanted: int | None = None) -> Exclusion | None:
        found = any(identity.input_key == other.input_key for other, _ in self.answers)
        return Exclusion("same-input", "my_set") if found else None

    def ledger(self, source: Source, policy: Policy) -> Ledger:
        position = self.cursor if self.fingerprint is not None else None
        resume = plan_resume(source, position, self.fingerprint)
        settled = [
            (identity, row)
            for identity, row in self.answers
            if resume.by_key or row is None or row > resume.start.row
        ]
        by_input = {"known": self.known} if policy.exclude_by == "input" else {}
        return Ledger(
            source,
            policy=policy,
            resume=resume,
            settled=settled,
            answered=self.answered,
            **by_input,  # type: ignore[arg-type]
        )

    def dropped_rows(self) -> Counter[int]:
        return Counter(
            row
            for drop in self.drops
            if drop.kind != "notice"
            for row in range(drop.first_row, drop.last_row + 1)
        )


@dataclass(frozen=True)
class Recipe:
    """Reads `window` rows ahead and makes as many tasks of a row as its text ends in digits say.

    Attributes:
        shuffle: Yield the rows of a window in another order.
        scatter: Yield the tasks of a window in another order, whatever their rows.
    """

    window: int = 1
    shuffle: bool = False
    scatter: bool = False
    seed: int = 0

    @property
    def policy(self) -> Policy:
        return Policy(ordered=not (self.shuffle or self.scatter), scattered=self.scatter)

    def __call__(self, rows: Iterable[Task]) -> Iterator[Task]:
        dice = random.Random(self.seed)
        window: list[list[Task]] = []
        for row in rows:
            window.append(list(self.tasks(row)))
            if len(window) >= self.window:
                yield from self._flush(window, dice)
                window.clear()
        yield from self._flush(window, dice)

    def tasks(self, row: Task) -> Iterator[Task]:
        count = int(row["text"][-1])
        if count == 1:
            yield {**row, "tokens": ["enriched"]}
            return
        for number in range(count):
            task = {**row, "label": str(number)}
            # Without hashes of their own, the tasks of a row are told apart by their order.
            yield set_hashes(task, overwrite=True) if self.scatter else task

    def _flush(self, window: list[list[Task]], dice: random.Random) -> list[Task]:
        groups = list(window)
        if self.shuffle:
            dice.shuffle(groups)
        tasks = [task for group in groups for task in group]
        if self.scatter:
            dice.shuffle(tasks)
        return tasks


def keeping(recipe: Recipe) -> Policy:
    return recipe.policy._replace(keep_duplicates=True)


def question(task: Task) -> tuple[str, str]:
    """Name a task as the test does; the first task of a row has the row's own identity."""
    return task["text"], task.get("label", "")
