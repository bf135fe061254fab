"""Who opened which task: what the screen shows is recorded, and costs a decision nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import Place, answer, at_hand, die, draft, make_job
from tests.support.engines import open_store
from tui_annotate.errors import StoreFull, StoreReadOnly
from tui_annotate.session.answer_list import AnswerList
from tui_annotate.session.audit import SOON
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.audit import StoredOpening
from tui_annotate.task.hashing import identify

pytestmark = pytest.mark.quick

TEXTS = [f"text {number}" for number in range(6)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, TEXTS)


def begin(
    place: Place, annotator: str = "anna", config: dict[str, object] | None = None
) -> Session:
    session = place.open(annotator=annotator, config={"audit": True, **(config or {})})
    session.start()
    return session


def recorded(place: Place) -> list[StoredOpening]:
    with place.store() as store:
        return list(store.audit.of("my_set"))


def seen(place: Place, annotator: str = "anna") -> list[int]:
    """Return which texts somebody has seen, in their order."""
    hashes = {make_hash(text): number for number, text in enumerate(TEXTS)}
    return [
        hashes[each.opening.input_hash] for each in recorded(place) if each.annotator == annotator
    ]


def make_hash(text: str) -> int:
    return identify({"text": text}).input_hash


def test_what_is_shown_is_recorded_also_where_one_goes_back(place: Place) -> None:
    session = begin(place)  # 0
    answer(session)  # 1
    answer(session)  # 2
    session.keep_draft(draft(cursor=3))
    session.keep_draft(draft(cursor=4))
    session.back(draft(cursor=4))  # 1
    session.back()  # 0
    session.forward()  # 1
    session.forward()  # 2
    session.later(None)
    session.advance()  # 3
    AnswerList(session).go_to(1)  # 0
    session.close()
    assert seen(place) == [0, 1, 2, 1, 0, 1, 2, 3, 0]
    first = recorded(place)[0]
    assert (first.dataset, first.session, first.annotator) == ("my_set", "my_set-anna", "anna")
    assert (len(first.opening.key), first.opening.pass_) == (16, 1)


@pytest.mark.files_only
def test_a_decision_makes_no_more_transactions_than_without_it(tmp_path: Path) -> None:
    made = {}
    for audit in (True, False):
        folder = tmp_path / str(audit)
        folder.mkdir()
        session = begin(Place(folder, TEXTS), config={"audit": audit})
        statements: list[str] = []
        session.opened.store._connection.db.set_trace_callback(statements.append)
        for _ in range(3):
            session.prefetch()
            answer(session)
        written = [each.split(None, 1)[0] for each in statements]
        recorded = sum("INSERT INTO audit_log" in each for each in statements)
        made[audit] = written.count("BEGIN"), written.count("COMMIT")
        assert recorded == (3 if audit else 0)
        session.close()
    assert made[True] == made[False]


def test_without_the_setting_nothing_is_recorded(place: Place) -> None:
    with place.session() as session:
        answer(session)
    assert recorded(place) == []


def test_a_few_seconds_later_it_is_written_without_an_answer(place: Place) -> None:
    session = begin(place)
    audit = session.opened.audit
    assert audit is not None
    now = audit._since
    audit._idle = lambda: now
    session._store.heartbeat._durable = session._store.heartbeat._clock()
    session.beat()
    assert seen(place) == []
    now += SOON
    session.beat()
    session.beat()
    die(session)
    assert seen(place) == [0]


def test_what_could_not_be_written_is_written_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(place)
    store = session.opened.store

    def full(*_: object) -> int:
        raise StoreFull("no room")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.answers), "record", full)
        with pytest.raises(StoreFull):
            session.decide("accept", at_hand(session).task)
    with monkeypatch.context() as patch:
        patch.setattr(type(store.audit), "add", full)
        with pytest.raises(StoreFull):
            session.decide("accept", at_hand(session).task)
    assert place.answers() == [], "an answer whose record cannot be written is not given"
    answer(session)
    session.close()
    assert seen(place) == [0, 1]


def test_two_people_and_a_kill(place: Place) -> None:
    anna, ben = begin(place), begin(place, "ben")
    answer(anna)
    answer(ben)
    die(anna)  # what she saw last is not written yet
    again = begin(place)
    again.close()
    ben.close()
    assert seen(place, "ben") == [1, 3]
    assert seen(place) == [0, 2]


def test_who_looks_on_and_who_is_taken_over_is_recorded(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(place)
    with monkeypatch.context() as patch:
        said = "at work elsewhere"
        patch.setattr("tui_annotate.session.opening.now_at_work", lambda _visit, _now: said)
        patch.setattr("tui_annotate.session.opening.own_name", lambda: "another process")
        second = begin(place)
    assert second.opened.looking_on
    audit = second.opened.audit
    assert audit is not None
    audit._since -= SOON
    second.beat()
    assert seen(place) == [0]
    second.take_over()
    first.close()
    second.close()
    assert seen(place) == [0, 0, 0]


def test_every_pass_is_recorded_as_such(place: Place) -> None:
    job = make_job(place.source, config={"audit": True})
    job.repeat = 2
    session = Session(open_session(open_store(place.database), job, "anna"))
    session.start()
    for _ in range(7):
        answer(session)
    session.back()
    session.close()
    assert [each.opening.pass_ for each in recorded(place)] == [1] * 6 + [2, 2, 2]


def test_where_nothing_can_be_written_nothing_is_shown(place: Place) -> None:
    with place.session():
        pass
    job = make_job(place.source, config={"audit": True})
    with (
        open_store(place.database, readonly=True) as store,
        pytest.raises(StoreReadOnly, match="records who opens tasks"),
    ):
        open_session(store, job, "anna")
