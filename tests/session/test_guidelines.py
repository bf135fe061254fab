"""Versions of guidelines: kept with answers, and shown where an annotator has not seen them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.session.support import Place, answer, die
from tests.support import engines
from tui_annotate.cli.main import run
from tui_annotate.session.guideline_changes import GuidelineChange
from tui_annotate.session.session import Session

pytestmark = pytest.mark.quick

OLD = "Mark names.\nNot firms."
NEW = "Mark names.\nFirms as well."


def begin(place: Place, text: str | None, name: str = "anna") -> Session:
    config = {} if text is None else {"instructions": text}
    session = place.open(annotator=name, config=config)
    session.start()
    return session


def under(place: Place) -> dict[str, int]:
    with place.store() as store:
        return {version.text: n for version, n in store.guidelines.answered_under(1)}


def test_each_answer_keeps_the_version_it_was_given_under(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path, [f"text {n}" for n in range(6)])
    for text, times in ((None, 1), (OLD, 2), (NEW, 1), (OLD, 1)):
        session = begin(place, text)
        for _ in range(times):
            answer(session)
        session.close()
    assert under(place) == {OLD: 3, NEW: 1}
    with place.store() as store:
        kept = [each.record.guideline_id for each in store.answers.iterate(1)]
    assert kept == [None, 1, 1, 2, 1]
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(engines.place(place.database)))
    assert run(["stats", "my_set", "--json"]) == 0
    counted = json.loads(capsys.readouterr().out)["under guidelines"]
    assert list(counted.values()) == [3, 1]


def test_a_newcomer_is_shown_them_until_they_were_seen(tmp_path: Path) -> None:
    place = Place(tmp_path, ["one", "two"])
    for _ in range(2):
        session = begin(place, OLD)
        assert session.unseen_guidelines() == GuidelineChange(OLD)
        die(session)
    session = begin(place, OLD)
    session.guidelines_seen()
    assert session.unseen_guidelines() is None
    session.close()
    session = begin(place, OLD)
    assert session.unseen_guidelines() is None
    session.close()
    session = begin(place, OLD, "ben")
    assert session.unseen_guidelines() == GuidelineChange(OLD)
    session.close()


def test_a_change_is_shown_once_and_names_what_was_seen_last(tmp_path: Path) -> None:
    place = Place(tmp_path, ["one", "two"])
    for text, shown in (
        (OLD, GuidelineChange(OLD)),
        (NEW, GuidelineChange(NEW, OLD)),
        (NEW, None),
        (None, None),
        (OLD, GuidelineChange(OLD, NEW)),
    ):
        session = begin(place, text)
        assert session.unseen_guidelines() == shown
        if shown:
            session.guidelines_seen()
        session.close()


def test_who_has_worked_before_versions_were_kept_is_no_newcomer(tmp_path: Path) -> None:
    place = Place(tmp_path, ["one", "two", "three"])
    session = begin(place, None)
    answer(session)
    session.close()
    session = begin(place, OLD)
    assert session.unseen_guidelines() is None
    session.close()
    session = begin(place, NEW)
    assert session.unseen_guidelines() == GuidelineChange(NEW, OLD)
    session.close()


def test_a_decision_is_one_transaction_under_guidelines_too(tmp_path: Path) -> None:
    session = begin(Place(tmp_path, ["one", "two", "three"]), OLD)
    session.prefetch()
    before = session.opened.store._connection.transactions
    answer(session)
    assert session.opened.store._connection.transactions == before + 1
    session.close()


def test_the_difference_shows_what_stands_around_it() -> None:
    old = [f"line {n}" for n in range(20)]
    new = [*old[:9], "another", *old[10:]]
    change = GuidelineChange("\n".join(new), "\n".join(old))
    assert list(change.lines()) == [
        *("  line 7", "  line 8", "- line 9", "+ another", "  line 10", "  line 11")
    ]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_the_difference_has_every_line_that_came_or_went(old: list[str], new: list[str]) -> None:
    lines = list(GuidelineChange("\n".join(new), "\n".join(old)).lines())
    gone = [line[2:] for line in lines if line.startswith("- ")]
    come = [line[2:] for line in lines if line.startswith("+ ")]
    for each in "abc":
        assert come.count(each) - gone.count(each) == new.count(each) - old.count(each)
