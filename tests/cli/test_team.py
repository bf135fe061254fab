"""`team` and `assign`: who did what, what a leaver hands on, and a name that is taken out."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.session import teams
from tests.session.support import (
    Place,
    answer,
    answer_in_turns,
    at_hand,
    draft,
    text_of,
    write_rows,
)
from tui_annotate.agreement.dataset_statistics import figures_of
from tui_annotate.cli.main import run
from tui_annotate.commands.statistics_page import page, sentences
from tui_annotate.commands.table import BY_ID
from tui_annotate.session.session import Session
from tui_annotate.session.types import Timing, why_not_asked
from tui_annotate.store.database import open_store
from tui_annotate.waiting import Waiting

pytestmark = pytest.mark.quick

ORG = {"start": 0, "end": 4, "label": "ORG", "token_start": 0, "token_end": 0}
LOC = {**ORG, "label": "LOC"}
EVERYBODY = {"feed_overlap": True}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    where = Place(tmp_path, [f"Acme {n}" for n in range(4)])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(where.database))
    monkeypatch.chdir(tmp_path)
    return where


def begin(place: Place, name: str, **config: Any) -> Session:
    return teams.begin(place, name, **{**EVERYBODY, **config})


def work(
    place: Place, name: str, *said: dict[str, Any], seconds: int = 9, end: bool = True
) -> None:
    session = begin(place, name)
    for span in said:
        task = {**at_hand(session).task, "spans": [span]}
        session.decide("accept", task, Timing(elapsed_ms=1000 * seconds))
        session.advance()
    if end:
        session.close()


def report(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["team", "my_set", "--json", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_each_person_has_counts_pace_agreement_labels_and_days(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    work(place, "anna", ORG, ORG, LOC, ORG)
    work(place, "ben", ORG, LOC, seconds=7200)
    found = report(capsys)
    anna, ben = found["people"]
    assert (anna["annotator"], anna["answers"], anna["accept"]) == ("anna", 4, 4)
    assert (anna["hours"], anna["seconds"]) == (0.01, 9.0)
    assert (ben["hours"], ben["seconds"]) == (0.07, 120.6), "lunch is no work"
    assert run(["stats", "my_set", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["people"]
    assert [each["working_ms"] / each["timed"] for each in told] == [9000, 120_600]
    assert anna["labels"] == {"LOC": 1, "ORG": 3}
    assert (anna["shared"], anna["agreement"], ben["agreement"]) == (2, 0.5, 0.5)
    assert [day["answers"] for day in anna["days"].values()] == [4]
    assert run(["team", "my_set"]) == 0
    shown = capsys.readouterr().out
    assert "anna" in shown and "50" in shown and "ORG" in shown
    assert run(["team", "my_set", "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert ["label", "LOC", "anna", "1"] in rows
    assert len([row for row in rows if row[0] == "person"]) == 2


def test_agreement_is_said_for_each_label(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Of what either of two gave a label to, the share that has it from both."""
    work(place, "anna", ORG, ORG, LOC, LOC)
    work(place, "ben", ORG, LOC, LOC)
    work(place, "cid", ORG)
    found = report(capsys)["labels"]
    # Pairs: three on the first text, one on the second and on the third.
    assert found == {
        "LOC": {"given": 4, "agreement": 0.6667},
        "ORG": {"given": 4, "agreement": round(6 / 7, 4)},
    }
    assert run(["team", "my_set"]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["LOC", "2", "2", "0", "66.7"] in shown
    assert run(["team", "my_set", "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    (line,) = (row for row in rows if row[:3] == ["label", "LOC", ""])
    assert (line[3], line[rows[0].index("agree %")]) == ("4", "66.7")


def test_tasks_are_new_in_progress_begun_or_done(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = {"annotations_per_task": 2, "feed_overlap": None}

    def states(*words: str) -> dict[str, Any]:
        found: dict[str, Any] = report(capsys, *words)["states"]
        return {key: found[key] for key in ("new", "in_progress", "begun", "done")}

    anna = begin(place, "anna", **config)
    ben = begin(place, "ben", **config)
    for session in (anna, ben, anna):
        answer(session)
    # anna has given 0 and 1 and has 2 on the screen, ben has given 0 and has 1.
    for words in (("--per-task", "2"), ()):
        if not words:
            project = 'recipe = "ner.manual"\ndataset = "my_set"\nannotations_per_task = 2\n'
            (tmp_path / "tui-annotate.toml").write_text(project)
        found = states(*words)
        assert found == {"new": found["new"], "in_progress": 2, "begun": 0, "done": 1}
    anna.count_rows()
    anna.close()
    assert states() == {"new": 2, "in_progress": 1, "begun": 0, "done": 1}
    with sqlite3.connect(place.database) as db:
        db.execute("UPDATE claims SET until_boot_ms = 0, until_wall_ms = 0")
    db.close()
    assert states() == {"new": 2, "in_progress": 0, "begun": 1, "done": 1}
    assert report(capsys)["in_progress"] == [], "a claim that has run out is in nobody's hand"
    assert run(["team", "my_set"]) == 0
    shown = capsys.readouterr().out
    assert "tasks: 2 new, 0 in progress, 1 begun (answered by fewer than 2), 1 done" in shown
    ben.close()


def test_states_and_figures_count_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each text once: what others have answered is dropped for oneself, and was asked all the same.
    An empty row is nobody's."""
    texts = ["Acme 0", "", "Acme 1", *(f"Acme {n}" for n in range(2, 8))]
    place = Place(tmp_path, texts)
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))

    def told() -> tuple[int, int, int, int]:
        states = report(capsys)["states"]
        assert run(["stats", "my_set", "--json"]) == 0
        figures = json.loads(capsys.readouterr().out)
        return states["new"], states["done"], figures["rows"], figures["rows_done"]

    once = {"annotations_per_task": 1, "feed_overlap": None}
    people = [begin(place, name, **once) for name in ("anna", "ben")]
    answer_in_turns(people, 3)
    for session in people:
        session.close()
    assert told() == (2, 6, 8, 6)
    cid = begin(place, "cid", **once)
    while cid.item is not None:
        answer(cid)
    cid.close()
    assert told() == (0, 8, 8, 8)
    # The same texts in a second file are rows of their own, and the same tasks.
    place.source = write_rows(tmp_path / "again.jsonl", ["Acme 0", "Acme 1", "More"])
    work(place, "dan", ORG, ORG, ORG)
    assert told() == (0, 9, 11, 11)


def test_imported_answers_to_one_text_are_answers_to_one_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Spans that two people have marked are no two questions, before and while others go on."""
    place = Place(tmp_path, [f"Acme {n}" for n in range(6)])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))
    rows = [
        {"text": "Acme 0", "spans": [ORG], "answer": "accept", "_session_id": "my_set-anna"},
        {"text": "Acme 0", "spans": [LOC], "answer": "accept", "_session_id": "my_set-ben"},
        {"text": "Acme 1", "spans": [ORG], "answer": "accept", "_session_id": "my_set-anna"},
    ]
    for row in rows:
        row["_annotator_id"] = row["_session_id"]  # as Prodigy has it
    file = tmp_path / "earlier.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert run(["db-in", "my_set", str(file)]) == 0
    two = ("--per-task", "2")
    states = report(capsys, *two)["states"]
    assert [states[key] for key in ("new", "begun", "done")] == [None, 1, 1]
    anna = begin(place, "anna", annotations_per_task=2, feed_overlap=None)
    assert text_of(anna.item) == "Acme 2"
    while anna.item is not None:
        answer(anna)
    anna.close()
    found = report(capsys, *two)
    assert [each["annotator"] for each in found["people"]] == ["anna", "ben"]
    states = found["states"]
    assert [states[key] for key in ("new", "begun", "done")] == [0, 5, 1]
    assert run(["stats", "my_set", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["rows_done"]) == (6, 6)


def test_rows_of_a_cohort_and_rows_that_say_for_how_many_they_are_count_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    more: list[dict[str, Any]] = [{"cohort": "law"}, {"annotations": 2}, {}]
    rows = ({"text": f"Acme {n}", **each} for n, each in enumerate(more))
    place = teams.with_rows(tmp_path, *rows)
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))
    shared = {"cohorts": {"law": ["anna"]}, "annotations_per_task": 1, "feed_overlap": None}
    ben = begin(place, "ben", **shared)
    while ben.item is not None:
        answer(ben)
    ben.close()
    states = report(capsys)["states"]
    assert [states[key] for key in ("new", "begun", "done")] == [1, 1, 1]
    assert run(["stats", "my_set", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["rows_done"]) == (3, 2)
    anna = begin(place, "anna", **shared)
    assert text_of(anna.item) == "Acme 0"
    anna.later(None)
    anna.close()
    assert run(["assign", "my_set", "anna", "ben"]) == 0
    capsys.readouterr()
    assert run(["drops", "my_set"]) == 0
    assert "rows.jsonl row 1  handed-over" in capsys.readouterr().out


def bring(folder: Path, *answers: tuple[str, str]) -> None:
    """Bring answers along, each a text and who gave it."""
    said = {"spans": [ORG], "answer": "accept"}
    rows = [
        {"text": text, "_annotator_id": f"my_set-{who}", "_session_id": f"my_set-{who}", **said}
        for text, who in answers
    ]
    file = folder / "brought.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert run(["db-in", "my_set", str(file)]) == 0


def test_brought_answers_are_counted_once_for_whom_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are among that person's answers, so their rows are none that were not asked."""
    place = Place(tmp_path, [f"Acme {n}" for n in range(6)])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))
    bring(tmp_path, ("Acme 0", "anna"), ("Acme 1", "ben"), ("Acme 2", "anna"), ("Acme 3", "anna"))
    once = {"annotations_per_task": 1, "feed_overlap": None}
    told = []
    for at_once in (1, 1):  # the second time from where the first one has come to
        anna = begin(place, "anna", **once)
        answer_in_turns([anna], at_once)
        if anna.known_rows() is None:
            anna.keep_count(6)
        counts = anna.counts()
        told.append((counts.done, counts.not_asked, counts.to_go))
        anna.close()
        assert why_not_asked(counts.dropped, "my_set") == [
            "1 was answered in my_set by as many people as are wanted."
        ]
    assert told == [(4, 1, 1), (5, 1, 0)]
    assert run(["drops", "my_set"]) == 0
    assert run(["stats", "my_set-anna"]) == 0


def test_brought_answers_to_rows_of_a_cohort_are_rows_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads on furthest may pass them as rows of others, and has not met the answers."""
    cohorts = [{"cohort": "law"}, {"cohort": "law"}, {}, {}, {"cohort": "law"}, {}]
    place = teams.with_rows(
        tmp_path, *({"text": f"Acme {n}", **each} for n, each in enumerate(cohorts))
    )
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))
    bring(tmp_path, ("Acme 0", "anna"), ("Acme 2", "anna"), ("Acme 5", "anna"))
    shared = {"cohorts": {"law": ["anna"]}, "annotations_per_task": 1, "feed_overlap": None}
    for name in ("ben", "anna"):
        session = begin(place, name, **shared)
        while session.item is not None:
            answer(session)
        session.close()
    assert run(["stats", "my_set", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["rows_done"]) == (6, 6)
    assert report(capsys)["states"]["new"] == 0
    run(["find", "my_set", "law"])  # whom a row is for is no text that anybody was shown
    assert "Acme" not in capsys.readouterr().out
    assert run(["stats", "my_set-anna", "--json"]) == 0
    own = json.loads(capsys.readouterr().out)
    assert (own["rows"], own["rows_done"], sum(own["answers"].values())) == (5, 5, 5)


def test_ones_own_figures_name_nobody_else(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    work(place, "anna", ORG, end=False)
    work(place, "ben", LOC, ORG)
    monkeypatch.setenv("TUI_ANNOTATE_ANNOTATOR", "ben")
    found = report(capsys, "--own")
    assert [line["annotator"] for line in found["people"]] == ["ben"]
    assert "agreement" not in found["people"][0] and found["in_progress"] == []
    assert "anna" not in json.dumps(found)


def test_ones_own_hours_are_seen_by_day_inside_the_session_too(place: Place) -> None:
    """Under a forced command there is no command line: the figures of the session say them."""
    work(place, "ben", LOC, seconds=100)
    work(place, "anna", ORG, ORG, LOC, ORG, seconds=120, end=False)
    session = begin(place, "anna")
    opened = session.opened
    found = figures_of(opened.store, opened.dataset, opened.session, Waiting())
    assert list(found.day_ms.values()) == [480_000]
    (day,) = (line for line in page(found, 80) if "0.1 h" in line)
    assert " 4 " in day
    assert any("4 answers in 0.1 h" in line for line in sentences(found))
    assert BY_ID["statistics"].contained
    session.close()


def test_what_a_leaver_has_left_goes_to_somebody_else(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = begin(place, "anna")
    anna.later(draft(ORG))
    anna.advance()
    anna.later(None)
    anna.advance()
    anna.keep_draft(draft(LOC))
    anna.close()
    ben = begin(place, "ben")
    ben.later(None)
    ben.close()
    assert run(["assign", "my_set", "anna", "ben"]) == 0
    said = capsys.readouterr().err
    assert "1 waiting task and 2 drafts of anna are ben's." in said
    assert "1 stay with anna" in said
    ben = begin(place, "ben")
    seen = {}
    while ben.item is not None:
        begun = ben.item.draft
        seen[text_of(ben.item)] = begun.content["spans"] if begun is not None else None
        answer(ben)
    assert set(seen) == {f"Acme {n}" for n in range(4)}
    assert seen["Acme 0"] == [ORG] and seen["Acme 2"] == [LOC]
    assert ben.counts().waiting == 0
    ben.close()
    anna = begin(place, "anna")
    assert anna.counts().waiting == 1 and anna.counts().dropped == {"handed-over": 1}
    anna.close()
    with open_store(place.database) as store:
        assert store.admin.check() == []


def test_assigning_to_a_newcomer_makes_the_session(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    anna = begin(place, "anna")
    anna.later(None)
    anna.close()
    assert run(["assign", "my_set", "anna", "cid"]) == 0
    cid = begin(place, "cid")
    assert cid.counts().waiting == 1
    while cid.item is not None:
        answer(cid)
    cid.close()
    with place.store() as store:
        given = [each.annotator for each in store.answers.iterate(1)]
    assert given == ["cid"] * 4
    capsys.readouterr()


def test_nothing_is_handed_to_whom_the_project_does_not_know(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    work(place, "anna", ORG)
    lines = ['recipe = "ner.manual"', 'dataset = "my_set"', 'source = "rows.jsonl"']
    lines += ['labels = ["ORG"]', 'people = ["anna", "cleo"]', f'db = "{place.database}"']
    (tmp_path / "tui-annotate.toml").write_text("\n".join(lines) + "\n")
    monkeypatch.chdir(tmp_path)
    assert run(["assign", "my_set", "anna", "cloe"]) == 2
    assert "not among the 'people'" in (said := capsys.readouterr().err)
    assert "Did you mean 'cleo'?" in said
    with place.store() as store:
        assert [each.annotator for each in store.admin.sessions(1)] == ["anna"]
    assert run(["assign", "my_set", "anna", "cleo"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("anna", "anna"), "both are the same person"),
        (("anna2", "ben"), "no session in my_set"),
    ],
)
def test_wrong_names_change_nothing(
    words: tuple[str, str], said: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    work(place, "anna", ORG)
    assert run(["assign", "my_set", *words]) != 0
    assert said in capsys.readouterr().err


def test_a_name_is_taken_out_and_the_answers_stay(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    work(place, "anna", ORG, LOC)
    work(place, "ben", ORG)
    session = begin(place, "anna")
    session.later(draft(ORG))
    session.close()
    assert run(["team", "my_set", "--anonymise", "anna", "--yes"]) == 0
    with place.store() as store:
        found = list(store.answers.iterate(1))
        assert [each.annotator for each in found] == ["annotator1", "annotator1", "ben"]
        assert store.admin.check(full=True) == []
    assert run(["db-out", "my_set"]) == 0
    out = capsys.readouterr().out
    assert "anna" not in out and out.count("my_set-annotator1") == 2
    with sqlite3.connect(place.database) as db:
        assert not [line for line in db.iterdump() if "anna" in line]
    again = begin(place, "annotator1")
    assert again.counts().done == 2 and again.counts().waiting == 1
    again.close()
    assert run(["team", "my_set", "--anonymise", "anna", "--yes"]) != 0


def test_a_name_is_taken_out_of_reviews_and_searches_and_not_of_data(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"text": "half \ud83d of it", "answer": "accept", "meta": {"sessions": ["anna"]}},
        {
            "text": "Acme",
            "answer": "accept",
            "sessions": ["anna", "ben"],
            "versions": [{"spans": [], "sessions": ["anna"], "annotators": ["anna"]}],
        },
    ]
    file = place.database.with_name("rows.jsonl")
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert run(["db-in", "my_set", str(file), "--as", "anna"]) == 0
    assert run(["find", "my_set", "half"]) == 0
    assert "anna" in capsys.readouterr().out
    assert run(["team", "my_set", "--anonymise", "anna", "--yes"]) == 0
    capsys.readouterr()
    assert run(["find", "my_set", "half"]) == 0
    out = capsys.readouterr().out
    assert "annotator1" in out and "anna" not in out
    assert run(["db-out", "my_set"]) == 0
    half, acme = map(json.loads, capsys.readouterr().out.splitlines())
    assert half["text"] == "half \ud83d of it" and half["meta"]["sessions"] == ["anna"]
    assert acme["sessions"] == ["annotator1", "ben"]
    assert acme["versions"][0]["sessions"] == acme["versions"][0]["annotators"] == ["annotator1"]


def test_the_figures_of_one_session_are_those_of_that_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path, ["Acme 0", "Acme 1", "", "Acme 2"])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(place.database))
    session = begin(place, "anna")
    session.later(None)
    session.advance()
    session.decide("accept", at_hand(session).task, Timing(elapsed_ms=9000))
    session.advance()
    session.close()
    work(place, "ben", ORG)

    def figures(*words: str) -> tuple[int, int, int]:
        capsys.readouterr()
        assert run(["stats", *words, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return found["waiting"], sum(found["dropped"].values()), sum(found["answers"].values())

    assert figures("my_set")[0] == 1
    assert figures("my_set-anna") == (1, 1, 1)
    assert figures("my_set-ben")[0::2] == (0, 1)
    assert figures("my_set")[1] == figures("my_set-anna")[1] + figures("my_set-ben")[1]
