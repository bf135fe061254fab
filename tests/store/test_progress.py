"""Cursors, waiting tasks, drafts, drops and claims."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.support import World, identity, new_world
from tui_annotate.errors import WriteConflict
from tui_annotate.store.claims import Claimed, Clock, now
from tui_annotate.store.records import (
    CursorKey,
    CursorState,
    DraftKey,
    Drop,
    NewWaiting,
    StoredDraft,
    WaitingQueue,
)

pytestmark = pytest.mark.quick

FAR = CursorState(
    row=5, line=7, offset=1 << 40, inode=(1 << 64) - 3, size=9, mtime_ns=11,
    head=b"h", tail=b"t", last_key=b"k",
)  # fmt: skip


def test_a_cursor_moves_by_compare_and_set(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        progress = world.store.progress
        with world.store.write_txn():
            assert progress.move_cursor(world.cursor.id, FAR, expected_version=0) == 1
        with pytest.raises(WriteConflict, match="same annotator"), world.store.write_txn():
            progress.move_cursor(world.cursor.id, CursorState(), expected_version=0)
        stored = progress.cursor(world.cursor.key)
        assert stored is not None
        assert (stored.version, stored.state) == (1, FAR)


def test_cursors_are_told_apart_by_all_of_their_key(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        first = world.cursor.key
        with world.store.write_txn():
            again = world.store.progress.open_cursor(first)
            second = world.store.progress.open_cursor(
                CursorKey(first.source_id, first.job_id, first.session_id, pass_=2)
            )
        assert again.id == world.cursor.id != second.id
        both = world.store.progress.cursors(world.session.id, first.job_id)
        assert {cursor.id for cursor in both} == {again.id, second.id}
        assert world.store.progress.cursors(world.session.id, job_id=99) == []


def waiting(world: World, number: int, queue: WaitingQueue | None = None) -> NewWaiting:
    return NewWaiting(
        queue or world.queue, "later", identity(number), "{}", cursor_id=world.cursor.id, row=number
    )


def test_waiting_tasks_come_in_the_order_in_which_they_were_left(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        progress, queue = world.store.progress, world.queue
        pool = WaitingQueue(queue.dataset_id, queue.job_id, None)
        with world.store.write_txn():
            ids = [progress.waiting_add(waiting(world, number)) for number in (3, 1, 2)]
            progress.waiting_add(waiting(world, 9, pool))
        first = progress.waiting_next(queue)
        assert first is not None
        assert (first.id, first.record) == (ids[0], waiting(world, 3))
        after = progress.waiting_next(queue, after_id=ids[1])
        assert after is not None and after.id == ids[2]
        assert progress.waiting_next(queue, after_id=ids[2]) is None
        assert [task.id for task in progress.waiting_all(queue)] == ids
        with world.store.write_txn():
            assert progress.waiting_remove(ids[0])
            assert not progress.waiting_remove(ids[0])
        assert progress.waiting_count(queue) == 2
        assert progress.waiting_count(pool) == 1
        assert progress.cursor_counts(world.cursor.id) == {"waiting": 3}
        assert world.store.admin.stats(world.dataset).waiting == 3


@settings(max_examples=30)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2)), max_size=20))
def test_each_queue_is_first_in_first_out(steps: list[tuple[bool, int, int]]) -> None:
    """Law: a queue's tasks and its count are what a plain list says."""
    model: dict[int, list[int]] = {0: [], 1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder, new_world(Path(folder) / "a.db") as world:
        base = world.queue
        queues = [
            base,
            WaitingQueue(base.dataset_id, base.job_id, None),
            WaitingQueue(base.dataset_id, base.job_id, base.session_id, pass_=2),
        ]
        progress = world.store.progress
        for add, number, which in steps:
            with world.store.write_txn():
                if add:
                    progress.waiting_add(waiting(world, number, queues[which]))
                    model[which].append(number)
                elif (task := progress.waiting_next(queues[which])) is not None:
                    progress.waiting_remove(task.id)
                    assert task.record.row == model[which].pop(0)
        for which, queue in enumerate(queues):
            rows = [task.record.row for task in progress.waiting_all(queue)]
            assert rows == model[which]
            assert progress.waiting_count(queue) == len(rows)


def test_what_is_settled_is_told_by_row_and_by_session(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        store = world.store
        with store.write_txn():
            for number in (1, 2, 3):
                store.answers.record(world.answer(identity(number), row=number))
            store.answers.record(world.answer(identity(7), cursor_id=None, pass_=2))
            store.answers.record(world.answer(identity(8), row=None))
            store.progress.waiting_add(waiting(world, 4))
        mine = [identity(number) for number in (1, 2, 3, 8, 4)]
        assert [each for each, _ in store.settled.all(world.session.id, pass_=1)] == mine
        behind = {(each.input_hash, row) for each, row in store.settled.behind(world.cursor.id, 2)}
        assert behind == {(3, 3), (4, 4), (8, None)}
        assert store.settled.is_waiting(world.queue, identity(4))
        assert not store.settled.is_waiting(world.queue, identity(4, 1))
        assert not store.settled.is_waiting(world.queue, identity(1))
        assert store.settled.met(world.dataset.id, identity(4, 1))
        assert not store.settled.met(world.dataset.id, identity(9))


def test_a_session_has_several_drafts(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        progress, job = world.store.progress, world.cursor.key.job_id
        keys = [DraftKey(world.session.id, job, identity(number)) for number in (1, 2)]
        other = DraftKey(world.session.id, job, identity(1), pass_=2)
        with world.store.write_txn():
            progress.save_draft(StoredDraft(keys[0], "one", "{}"))
            progress.save_draft(StoredDraft(keys[1], "two", "{}"))
            progress.save_draft(StoredDraft(other, "again", "{}"))
            progress.save_draft(StoredDraft(keys[0], "more", '{"cursor":4}', elapsed_ms=5))
        kept = progress.draft(keys[0])
        assert kept is not None and kept.updated_at > 0
        assert (kept.key, kept.content, kept.state) == (keys[0], "more", '{"cursor":4}')
        assert {draft.content for draft in progress.drafts(world.session.id, job)} == {
            "more",
            "two",
        }
        with world.store.write_txn():
            assert progress.delete_draft(keys[0])
            assert not progress.delete_draft(keys[0])
        assert progress.draft(keys[0]) is None
        assert progress.draft(other) is not None


def test_drops_are_listed_and_notices_do_not_count(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world:
        progress, cursor = world.store.progress, world.cursor.id
        listed = [
            Drop("bad", "not-json", 2, 2, 3, 3, detail="expected a comma"),
            Drop("policy", "known-task", 5, 104, 6, 105, count=100),
            Drop("notice", "foreign-hash", 200, 200, 201, 201),
            Drop("bad", "not-json", 300, 300, 301, 301),
        ]
        with world.store.write_txn():
            progress.add_drops(cursor, listed)
            progress.add_drops(cursor, [])
        assert [stored.drop for stored in progress.drops(cursor)] == listed
        stored = next(progress.dataset_drops(world.dataset.id))
        assert (stored.source, stored.session) == ("rows.jsonl", "set-anna")
        assert progress.drop_counts(cursor) == {"known-task": 100, "not-json": 2}
        assert world.store.admin.stats(world.dataset).drops == {"known-task": 100, "not-json": 2}
        with world.store.write_txn():
            progress.clear_drops(cursor)
        assert list(progress.drops(cursor)) == []
        assert progress.drop_counts(cursor) == {}


def at(boot: str, boot_ms: int, wall_ms: int) -> Clock:
    return Clock(boot, boot_ms, wall_ms)


class Hands:
    """Sessions of several people on the dataset of a world, and what they claim of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.claims = world.store.progress
        names = ("anna", "ben", "carla")
        self.ids = {
            name: world.store.admin.session(world.dataset.id, f"set-{name}", name).id
            for name in names
        }
        self.task = Claimed(world.dataset.id, identity(1))

    def claim(self, name: str, clock: Clock, *, wanted: int = 1) -> int | None:
        job = self.world.cursor.key.job_id
        return self.claims.claim(
            self.task, self.ids[name], job, wanted=wanted, lease_ms=1000, clock=clock
        )

    def token(self, name: str) -> int | None:
        return self.claims.token(self.task, self.ids[name])


def test_a_claim_runs_on_the_boot_clock(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        hands = Hands(world)
        assert hands.claim("anna", at("b", 100, 5000)) == 1
        forward = at("b", 1000, 900_000)
        assert hands.claim("ben", forward) is None, "a clock set forward changes nothing"
        assert hands.claim("anna", at("b", 1000, 0)) == 1, "renewed, it is the same claim"
        assert hands.claim("ben", at("b", 1999, 0)) is None
        assert hands.token("anna") == 1
        assert hands.claim("ben", at("b", 2000, 0)) == 2
        assert (hands.token("anna"), hands.token("ben")) == (None, 2)
        assert not hands.claims.release(hands.task, hands.ids["anna"])
        assert hands.claims.release(hands.task, hands.ids["ben"])
        assert hands.claim("anna", at("b", 2000, 0)) is not None


def test_another_boot_or_machine_goes_by_wall_time(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        hands = Hands(world)
        assert hands.claim("anna", at("b", 100, 5000))
        assert hands.claim("ben", at("c", 999_999, 5999)) is None
        assert hands.claim("ben", at("c", 1, 6000))


def test_a_claim_that_has_run_out_is_ones_own_until_it_is_taken(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        hands = Hands(world)
        hands.claim("anna", at("b", 0, 0))
        assert hands.token("anna") == 1
        assert hands.claims.held(world.dataset.id, 1, hands.ids["ben"], at("b", 2000, 0)) == {}
        hands.claims.renew([hands.task], hands.ids["anna"], 1000, at("b", 2000, 0))
        assert hands.claim("ben", at("b", 2999, 0)) is None


def test_as_many_hold_a_task_as_are_wanted_by_claims_and_by_answers(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        hands, clock = Hands(world), at("b", 0, 0)
        for name in ("anna", "ben"):
            assert hands.claim(name, clock, wanted=2)
        assert hands.claim("carla", clock, wanted=2) is None
        held = hands.claims.held(world.dataset.id, 1, hands.ids["carla"], clock)
        assert held == {hands.task.key: 2}
        world.store.answers.record(world.answer(identity(1)))
        hands.claims.release(hands.task, hands.ids["anna"])
        assert hands.claim("carla", clock, wanted=2) is None, "who has answered still holds it"
        assert hands.claims.holders(hands.task, hands.ids["carla"], clock) == 2
        hands.claims.release_all(hands.ids["ben"])
        assert hands.claim("carla", clock, wanted=2)


def test_a_claim_on_an_input_covers_every_question_about_it(tmp_path: Path) -> None:
    with new_world(tmp_path / "a.db") as world, world.store.write_txn():
        hands, clock = Hands(world), at("b", 0, 0)
        anna, ben = hands.ids["anna"], hands.ids["ben"]
        job = world.cursor.key.job_id
        for by, free in (("input", False), ("task", True)):
            first, second = (
                Claimed(world.dataset.id, identity(9, question), by)  # type: ignore[arg-type]
                for question in (1, 2)
            )
            assert hands.claims.claim(first, anna, job, clock=clock)
            assert (hands.claims.claim(second, ben, job, clock=clock) is not None) is free
            hands.claims.release_all(anna)
        again = first._replace(pass_=2, counted_pass=2)
        assert hands.claims.claim(again, anna, job, clock=clock), "each pass has its own claims"


def test_the_clock_goes_on() -> None:
    first, second = now(), now()
    assert first.boot_id == second.boot_id
    assert 0 < first.boot_ms <= second.boot_ms
