"""Who of several people is asked what, and why nothing is left: cohorts, quotas, others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import (
    answer,
    text_of,
)
from tests.session.teams import (
    Time,
    answered,
    begin,
    place,
    transactions,
    with_rows,
)
from tui_annotate.session.types import why_not_asked

pytestmark = pytest.mark.quick


def test_cohorts_have_rows_of_their_own(tmp_path: Path, time: Time) -> None:
    groups = ["x", "y", None, "x", "nobody's", "y"]
    rows = [{"text": f"text {n}", "cohort": each} for n, each in enumerate(groups)]
    where = with_rows(tmp_path, *rows)
    cohorts = {"x": ["anna", "cid"], "y": ["ben", "cid"]}
    found: dict[str, list[int]] = {}
    for name in ("anna", "ben", "cid", "dot"):
        session = begin(where, name, cohorts=cohorts, feed_overlap=True)
        found[name] = []
        while session.item is not None:
            found[name].append(int(str(text_of(session.item))[5:]))
            answer(session)
        left_out = session.counts().dropped
        assert left_out["no-such-cohort"] == 1
        assert sum(left_out.values()) == len(rows) - len(found[name])
        session.close()
    assert found == {"anna": [0, 2, 3], "ben": [1, 2, 5], "cid": [0, 1, 2, 3, 5], "dot": [2]}


def test_a_row_of_several_cohorts_and_of_none_that_there_is(tmp_path: Path, time: Time) -> None:
    groups = [["x", "y"], ["z"], "X ", [], 7, {"x": 1}, [["x"]], None]
    where = with_rows(tmp_path, *({"text": f"text {n}", "cohort": c} for n, c in enumerate(groups)))
    session = begin(where, "anna", cohorts={"x": ["anna"], "y": ["ben"], "z": ["ben"]})
    found = []
    while session.item is not None:
        found.append(text_of(session.item))
        answer(session)
    assert found == ["text 0", "text 7"]
    assert session.counts().dropped == {"filtered": 1, "no-such-cohort": 5}
    session.close()
    with where.store() as store:
        details = [each.drop.detail for each in store.progress.dataset_drops(1)]
    assert "there is no cohort 'X ', so nobody is asked" in details


def test_who_joins_a_cohort_later_gets_its_earlier_rows(tmp_path: Path, time: Time) -> None:
    """So does who was in it all along, where the project has it only since then."""
    groups = ["x", "y", None, ["x", "z"], "later", "y"]
    where = with_rows(
        tmp_path, *({"text": f"text {n}", "cohort": each} for n, each in enumerate(groups))
    )

    def visit(name: str, **cohorts: list[str]) -> list[int]:
        session = begin(where, name, cohorts=cohorts, feed_overlap=True)
        found = []
        while session.item is not None:
            found.append(int(str(text_of(session.item))[5:]))
            answer(session)
        told.setdefault(name, []).extend(found)
        dropped = sum(session.counts().dropped.values())
        assert dropped == len(groups) - len(told[name])
        session.close()
        return found

    told: dict[str, list[int]] = {}
    before: dict[str, list[str]] = {"x": ["anna"], "y": ["ben"], "z": []}
    assert visit("anna", **before) == [0, 2, 3]
    assert visit("ben", **before) == [1, 2, 5]
    assert visit("anna", **before) == [], "nothing is read again where nothing has changed"
    after = {"x": ["anna"], "y": ["ben", "anna"], "z": ["ben"], "later": ["anna"]}
    assert visit("anna", **after) == [1, 4, 5]
    assert visit("ben", **after) == [3]
    assert visit("anna", **after) == []
    # Who leaves a cohort keeps the answers, and is asked no more of it.
    assert visit("anna", **before) == []


def test_who_joins_a_cohort_later_gets_its_row_among_thousands_of_others(
    tmp_path: Path, time: Time
) -> None:
    """Rows that are not asked are listed in a few ranges then."""
    groups = ["x", *(["y", "z"] * 1500)]
    groups[1800] = "later"
    where = with_rows(
        tmp_path, *({"text": f"text {n}", "cohort": each} for n, each in enumerate(groups))
    )

    def visit(**cohorts: list[str]) -> list[str | None]:
        found = []
        session = begin(where, "anna", cohorts=cohorts, feed_overlap=True)
        while session.item is not None:
            found.append(text_of(session.item))
            answer(session)
        session.close()
        return found

    others = {"x": ["anna"], "y": ["ben"], "z": ["ben"]}
    assert visit(**others, later=["ben"]) == ["text 0"]
    assert visit(**others, later=["ben", "anna"]) == ["text 1800"]


def test_a_quota_ends_the_work_of_one_and_leaves_the_rest_to_others(
    tmp_path: Path, time: Time
) -> None:
    where = place(tmp_path, 10)
    quota = {"quota": 3, "quotas": {"ben": 5}}
    people = [begin(where, name, **quota) for name in ("anna", "ben", "cid")]
    for session in people:
        while session.item is not None:
            session.prefetch()
            answer(session)
    given = [sum(each.counts().answered.values()) for each in people]
    assert given == [3, 5, 2]
    assert people[0].ending().sentence(3) == (
        "Nothing left for you: you have given the 3 answers that are wanted of you."
    )
    assert "you have given" not in people[2].ending().sentence(2)
    assert answered(where) == {f"text {n}": 1 for n in range(10)}
    assert people[0].back() and people[0].item is not None
    answer(people[0])
    assert people[0].item is None, "an answer that is given anew is no further one"
    for session in people:
        session.close()
    anna = begin(where, "anna", **quota)
    assert anna.item is None
    anna.close()


def test_who_has_given_all_answers_waits_for_nobody(tmp_path: Path, time: Time) -> None:
    where = place(tmp_path, 4)
    ben, anna = begin(where, "ben"), begin(where, "anna", quota=1)
    anna.prefetch()
    answer(anna)
    assert anna.item is None and anna._queue.aside, "ben has one in hand"
    assert anna.elsewhere == 0 and anna.ending().elsewhere == 0
    before = transactions(anna)
    ben.close()
    assert anna.look_again() is None and transactions(anna) == before
    anna.close()


def test_waiting_for_what_others_hold_writes_nothing(tmp_path: Path, time: Time) -> None:
    """A hundred people at the end of a job look every second, and keep nobody from writing."""
    where = place(tmp_path, 3)
    ben, anna = begin(where, "ben"), begin(where, "anna")
    while anna.item is not None:
        answer(anna)
    assert anna.elsewhere == 1
    before = transactions(anna)
    for _ in range(20):
        assert anna.look_again() is None
    assert transactions(anna) == before
    ben.close()
    assert text_of(anna.look_again()) == "text 0"
    anna.close()


def test_why_nothing_is_left_is_said(tmp_path: Path, time: Time) -> None:
    where = with_rows(tmp_path, {"text": "one"}, {"text": "two"}, {"text": "3", "annotations": 0})
    anna = begin(where, "anna")
    answer(anna), answer(anna)
    anna.close()
    ben = begin(where, "ben")
    assert why_not_asked(ben.counts().dropped, "my_set") == [
        "2 were answered in my_set by as many people as are wanted.",
        "1 is for other people, or left out.",
    ]
    ben.close()
