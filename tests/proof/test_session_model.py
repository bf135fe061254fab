"""A session against a model: whatever is done, nothing is skipped, asked again or lost.

The model knows texts, answers, what waits and what was begun. It reads the file by itself, and
foretells every task that comes to the table.
"""

from __future__ import annotations

import copy
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.proof.oracle import BAD, EDITS, File, line, texts_in
from tests.proof.work import kill, open_work, places, sound
from tui_annotate.session.session import Session
from tui_annotate.session.types import Draft, Item
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import DECISIONS, Task

WORDS = st.sampled_from("abcdefgh")
SHM = Path("/dev/shm")
DICE = st.integers(0, 2**32).map(Random)


def marked(task: Task, mark: int) -> Task:
    """Return a task with a span that tells one edit from every other."""
    return {**task, "spans": [{"start": 0, "end": 1, "label": f"L{mark}"}]}


def mark_of(task: Task) -> str | None:
    spans = task.get("spans")
    return spans[0]["label"] if spans else None


class SessionModel(RuleBasedStateMachine):
    """One annotator, one file, any number of sessions."""

    keep = False

    def __init__(self) -> None:
        super().__init__()
        # In memory where that can be had: what a power cut does is another test's matter.
        self.folder = tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None)
        self.deaths = 0
        self.marks = 0
        self.session: Session | None = None
        self.answers: dict[int, tuple[str, str, str | None]] = {}
        self.superseded: set[int] = set()
        self.waiting: list[str] = []
        self.drafts: dict[str | int, str | None] = {}
        self.left_open: int | None = None
        self.put_back: str | None = None
        self.at: int | None = None
        self.edited = False
        self.seen: list[bytes] = []

    # What the model knows

    @property
    def database(self) -> Path:
        return Path(self.folder.name) / f"{self.deaths}.db"

    @property
    def standing(self) -> dict[int, tuple[str, str, str | None]]:
        return {id_: it for id_, it in self.answers.items() if id_ not in self.superseded}

    def settled(self) -> Counter[str]:
        found = Counter(self.waiting)
        found.update(text for text, _, _ in self.standing.values())
        return found

    def unanswered(self, data: bytes) -> list[str]:
        """Return what is still to be asked of a file, in the order in which it must be."""
        left, found = self.settled(), []
        for text in texts_in(data):
            if left[text] > 0:
                left[text] -= 1 if self.keep else 0
                continue
            found.append(text)
            if not self.keep:
                left[text] += 1
        return found

    # Sessions

    @initialize(texts=st.lists(WORDS | st.just(BAD), min_size=1, max_size=10))
    def begin(self, texts: list[str]) -> None:
        lines = [BAD if text == BAD else line(text) for text in texts]
        self.file = File(Path(self.folder.name) / "rows.jsonl", lines)
        self.open()

    def open(self) -> None:
        self.session = open_work(self.database, self.file.path, keep=self.keep)
        self.seen = [self.file.data]
        self.put_back = self.at = None
        item = self.session.start()
        if self.left_open is None:
            self.came(item)
            return
        assert item is not None and item.answer is not None
        assert item.answer.id == self.left_open, "the answer that was open comes back"
        self.at = self.left_open
        self.opened(item)

    def came(self, item: Item | None) -> None:
        """Check the next task that the session has put on the table."""
        if self.put_back is not None:
            assert item is not None and item.task["text"] == self.put_back
            self.put_back = None
        elif item is None:
            assert not self.waiting, "something still waits"
            assert not all(self.unanswered(data) for data in self.seen), "rows were skipped"
        elif item.kind == "waiting":
            assert item.task["text"] == self.waiting[0], "not the one that has waited longest"
            assert not all(self.unanswered(data) for data in self.seen), "rows were skipped"
        else:
            assert item.kind == "new"
            self.came_new(item.task["text"])
        if item is not None:
            self.has_its_draft(item, item.task["text"])

    def came_new(self, text: str) -> None:
        expected = [self.unanswered(data) for data in self.seen]
        if self.keep:
            assert any(text in each for each in expected), f"{text} is asked again"
        else:
            assert text in [each[0] for each in expected if each], f"{text} out of turn"

    def has_its_draft(self, item: Item, key: str | int) -> None:
        # Equal tasks share one draft, so with duplicates it may be the other's.
        if not self.keep:
            found = mark_of(item.draft.content) if item.draft else None
            assert found == self.drafts.get(key)

    def opened(self, item: Item | None) -> None:
        """Check an old answer that the session has opened."""
        assert item is not None and item.answer is not None and self.at is not None
        text, decision, mark = self.standing[self.at]
        assert item.answer.id == self.at
        assert (item.task["text"], item.answer.record.answer) == (text, decision)
        assert mark_of(item.task) == mark
        self.has_its_draft(item, self.at)

    @property
    def item(self) -> Item | None:
        return self.session.item if self.session is not None else None

    def key(self, item: Item) -> str | int:
        return item.answer.id if item.answer else str(item.task["text"])

    def take_up(self, item: Item, decision: Any) -> None:
        """Answer what is at hand with the edits that its draft has."""
        assert self.session is not None
        task = item.draft.content if item.draft else item.task
        receipt = self.session.decide(decision, copy.deepcopy(task))
        if item.answer is not None:
            self.superseded.add(item.answer.id)
        if item.kind == "waiting":
            self.waiting.remove(item.task["text"])
        self.answers[receipt.answer_id] = (item.task["text"], decision, mark_of(task))
        self.forget(item)
        self.at = None

    def forget(self, item: Item) -> None:
        self.drafts.pop(self.key(item), None)
        if self.keep:
            self.drafts.pop(item.task["text"], None)
        if item.answer is not None:
            self.left_open = None

    @precondition(lambda self: self.item is not None)
    @rule(decision=st.sampled_from(DECISIONS))
    def answer(self, decision: Any) -> None:
        assert self.session is not None and self.item is not None
        self.take_up(self.item, decision)
        self.came(self.session.advance())

    @precondition(lambda self: self.item is not None)
    @rule(decision=st.sampled_from(DECISIONS), times=st.integers(2, 6))
    def answer_many(self, decision: Any, times: int) -> None:
        for _ in range(times):
            if self.item is not None:
                self.answer(decision)

    @precondition(lambda self: self.item is not None)
    @rule()
    def edit(self) -> None:
        assert self.session is not None and self.item is not None
        item = self.item
        self.marks += 1
        content = marked(item.task, self.marks)
        self.session.keep_draft(Draft(content, {"cursor": 0}, edited=True))
        self.drafts[self.key(item)] = mark_of(content)
        if item.answer is not None:
            self.left_open = item.answer.id

    @precondition(lambda self: self.item is not None)
    @rule()
    def later(self) -> None:
        assert self.session is not None and self.item is not None
        item = self.item
        self.session.later(item.draft)
        if item.answer is not None:
            self.put_down(item)
            self.at = None
        else:
            if item.kind == "waiting":
                self.waiting.remove(item.task["text"])
            self.waiting.append(item.task["text"])
        self.came(self.session.advance())

    def put_down(self, item: Item) -> None:
        if item.answer is None:
            self.put_back = item.task["text"]
            return
        self.left_open = None
        if item.draft is None or not item.draft.edited:
            self.drafts.pop(item.answer.id, None)

    @rule()
    def back(self) -> None:
        assert self.session is not None
        item = self.item
        older = [id_ for id_ in self.standing if self.at is None or id_ < self.at]
        assert self.session.back(item.draft if item else None) is bool(older)
        if older:
            if item is not None:
                self.put_down(item)
            self.at = max(older)
            self.opened(self.session.item)

    @rule()
    def forward(self) -> None:
        assert self.session is not None
        item = self.item
        is_open = item is not None and item.answer is not None
        assert self.session.forward(item.draft if item else None) is is_open
        if not is_open or item is None:
            return
        self.put_down(item)
        newer = [id_ for id_ in self.standing if self.at is not None and id_ > self.at]
        self.at = min(newer, default=None)
        if self.at is None:
            self.came(self.session.item)
        else:
            self.opened(self.session.item)

    @rule()
    def look_ahead(self) -> None:
        assert self.session is not None
        self.session.prefetch()

    def quit(self) -> None:
        assert self.session is not None
        self.session.close()
        self.session = None

    def die(self) -> None:
        assert self.session is not None
        before, database = self.session, self.database
        self.deaths += 1
        kill(before, self.database, database)
        self.session = None

    @rule(killed=st.booleans())
    def come_back(self, killed: bool) -> None:
        self.die() if killed else self.quit()
        self.open()

    @rule(
        killed=st.booleans(),
        names=st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=3),
        dice=DICE,
        words=st.lists(WORDS, min_size=5),
    )
    def come_back_to_another_source(
        self, killed: bool, names: list[str], dice: Random, words: list[str]
    ) -> None:
        self.die() if killed else self.quit()
        for name in names:
            self.change(name, dice, words)
        self.open()

    # The source

    @rule(name=st.sampled_from(sorted(EDITS)), dice=DICE, words=st.lists(WORDS, min_size=5))
    def change(self, name: str, dice: Random, words: list[str]) -> None:
        self.file.edit(name, dice, lambda: dice.choice(words))
        self.edited = True

    @rule(texts=st.lists(WORDS, min_size=1, max_size=3))
    def grow(self, texts: list[str]) -> None:
        same = self.seen and self.seen[-1] == self.file.data
        self.file.append(texts)
        self.edited = True
        if same:
            self.seen.append(self.file.data)

    # What always holds

    @invariant()
    def the_account_is_right(self) -> None:
        if self.session is None:
            return
        counts = self.session.opened.ledger.counts
        assert counts.read == counts.settled + counts.dropped + counts.open + counts.untracked
        assert sum(counts.reasons.values()) == counts.dropped
        shown = self.session.counts()
        decisions = Counter(decision for _, decision, _ in self.standing.values())
        assert Counter(shown.answered) == decisions
        assert shown.waiting == len(self.waiting)

    def teardown(self) -> None:
        try:
            if hasattr(self, "file"):
                self.work_to_the_end()
        finally:
            if self.session is not None:
                self.session.opened.store.close()
            self.folder.cleanup()

    def work_to_the_end(self) -> None:
        if self.session is not None:
            self.die()
        self.open()
        while self.item is not None:
            self.answer("accept")
        self.quit()
        self.stored_as_answered()

    def stored_as_answered(self) -> None:
        """The database holds what the model does, no more and no less."""
        with_answers = open_work(self.database, self.file.path, keep=self.keep)
        store = with_answers.opened.store
        sound(store)
        stored = {
            each.id: (content["text"], content["answer"], mark_of(content))
            for each in store.answers.iterate(with_answers.opened.dataset.id)
            for content in [loads_strict(each.record.content)]
        }
        assert stored == self.standing
        assert not self.unanswered(self.file.data)
        if not self.edited:
            rows = sum(1 for each in self.file.lines if each)
            assert places(store) == Counter(range(1, rows + 1))
        with_answers.close()


class KeepingSessionModel(SessionModel):
    """The same where equal rows are asked as often as they occur."""

    keep = True


LIMITS = settings(max_examples=30, stateful_step_count=50, deadline=None)

TestEachTextOnce = SessionModel.TestCase
TestEachTextOnce.settings = LIMITS
TestEachRowOnce = KeepingSessionModel.TestCase
TestEachRowOnce.settings = LIMITS


@pytest.mark.server
@pytest.mark.server_on_request
@pytest.mark.parametrize("model", [SessionModel, KeepingSessionModel])
def test_it_holds_on_a_server_too(any_engine: None, model: type[SessionModel]) -> None:
    run_state_machine_as_test(model, settings=settings(LIMITS, max_examples=8))
