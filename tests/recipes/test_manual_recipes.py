"""Recipes without a model: what they ask, and what they return as Prodigy has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import asked, job_of, opened, run_through, write_jsonl
from tui_annotate.errors import TaskError, TuiAnnotateError, UsageError
from tui_annotate.suggest.patterns import PatternMatcher, longest

pytestmark = pytest.mark.quick

PATTERNS = [
    {"label": "FRUIT", "pattern": "blood orange", "id": "f1"},
    {"label": "FRUIT", "pattern": "orange"},
    {"label": "PLACE", "pattern": "Cork"},
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [{"text": "A blood orange in Cork."}, {"text": "Nothing here."}, {"text": "Cork, Cork"}]
    return write_jsonl(tmp_path / "data.jsonl", rows)


@pytest.fixture
def patterns(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "patterns.jsonl", PATTERNS)


def spans(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (task["text"][each["start"] : each["end"]], each.get("label", ""))
        for each in task.get("spans", ())
    ]


def test_patterns_propose_spans_that_do_not_overlap(
    source: Path, patterns: Path, tmp_path: Path
) -> None:
    values = {"label": "FRUIT,PLACE", "patterns": str(patterns)}
    job = job_of("ner.manual", dataset="s", source=str(source), **values)
    found = asked(job, tmp_path / "a.db")
    assert [spans(task) for task in found] == [
        [("blood orange", "FRUIT"), ("Cork", "PLACE")],
        [],
        [("Cork", "PLACE"), ("Cork", "PLACE")],
    ]


def test_spans_may_overlap_in_spans_manual(source: Path, patterns: Path, tmp_path: Path) -> None:
    values = {"label": "FRUIT", "patterns": str(patterns)}
    job = job_of("spans.manual", dataset="s", source=str(source), **values)
    assert job.view_id == "spans_manual"
    first = asked(job, tmp_path / "a.db")[0]
    assert spans(first) == [("blood orange", "FRUIT"), ("orange", "FRUIT")]


def test_one_class_is_yes_or_no(source: Path, tmp_path: Path) -> None:
    job = job_of("textcat.manual", dataset="s", source=str(source), label="NEWS")
    assert (job.view_id, job.policy.exclude_by) == ("classification", "task")
    assert {task["label"] for task in asked(job, tmp_path / "a.db")} == {"NEWS"}
    other = job_of("textcat.manual", dataset="s", source=str(source), label="SPORT")
    assert len(asked(other, tmp_path / "a.db")) == 3, "another label is another question"
    again = job_of("textcat.manual", dataset="s", source=str(source), label="NEWS")
    assert asked(again, tmp_path / "a.db") == []


@pytest.mark.parametrize(
    ("exclusive", "style", "at_once"), [(False, "multiple", False), (True, "single", True)]
)
def test_several_classes_are_a_choice(
    source: Path, exclusive: bool, style: str, at_once: bool
) -> None:
    values = {"label": "NEWS,SPORT", "exclusive": exclusive}
    job = job_of("textcat.manual", dataset="s", source=str(source), **values)
    assert (job.view_id, job.policy.exclude_by) == ("choice", "input")
    assert (job.config["choice_style"], job.config["choice_auto_accept"]) == (style, at_once)


def test_accepting_no_class_is_refused_unless_it_is_allowed(source: Path, tmp_path: Path) -> None:
    values = {"dataset": "s", "source": str(source), "label": "A,B"}
    session = opened(job_of("textcat.manual", **values), tmp_path / "a.db")
    item = session.start()
    assert item is not None
    assert [each["id"] for each in item.task["options"]] == ["A", "B"]
    with pytest.raises(TaskError, match="choose a label first"):
        session.decide("accept", {**item.task, "accept": []})
    session.decide("reject", {**item.task, "accept": []})
    session.close()
    free = opened(job_of("textcat.manual", **values, accept_empty=True), tmp_path / "b.db")
    assert run_through(free) == 3
    free.close()


def test_mark_takes_any_view_and_tasks_as_they_are(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"llm": {"prompt": "a", "response": "b"}},
        {"text": "x", "options": [{"id": 1}]},
    ]
    source = write_jsonl(tmp_path / "tasks.jsonl", rows)
    job = job_of("mark", dataset="s", source=str(source), view_id="llm_io")
    assert job.view_id == "llm_io"
    found = asked(job, tmp_path / "a.db")
    assert [set(task) & {"llm", "options"} for task in found] == [{"llm"}, {"options"}]


def test_mark_offers_its_labels_where_a_task_has_no_options(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": "x"}, {"text": "y", "options": [{"id": 1}]}]
    source = write_jsonl(tmp_path / "tasks.jsonl", rows)
    values = {"dataset": "s", "source": str(source), "view_id": "choice"}
    found = asked(job_of("mark", **values, label="A,B"), tmp_path / "a.db")
    assert [[each["id"] for each in task["options"]] for task in found] == [["A", "B"], [1]]


def test_match_asks_one_question_a_match(source: Path, patterns: Path, tmp_path: Path) -> None:
    values = {"dataset": "s", "source": str(source), "patterns": str(patterns)}
    job = job_of("match", **values, label_span=True)
    found = asked(job, tmp_path / "a.db")
    assert job.view_id == "ner"
    assert [spans(task) for task in found] == [
        [("blood orange", "FRUIT")],
        [("orange", "FRUIT")],
        [("Cork", "PLACE")],
        [("Cork", "PLACE")],
        [("Cork", "PLACE")],
    ]
    assert [task["meta"]["pattern"] for task in found] == ["f1", "1", "2", "2", "2"]
    assert asked(job_of("match", **values, label_span=True), tmp_path / "a.db") == []


def test_match_may_ask_about_the_text_and_combine(
    source: Path, patterns: Path, tmp_path: Path
) -> None:
    values = {"dataset": "s", "source": str(source), "patterns": str(patterns)}
    job = job_of("match", **values, label_task=True, combine_matches=True)
    found = asked(job, tmp_path / "a.db")
    assert job.view_id == "classification"
    assert [(task["label"], len(task["spans"])) for task in found] == [
        ("FRUIT", 2),
        ("PLACE", 1),
        ("PLACE", 2),
    ]


def test_compare_is_blind_and_the_same_way_round_every_time(tmp_path: Path) -> None:
    rows = [{"id": n, "input": f"in {n}", "output": f"a {n}"} for n in range(20)]
    a = write_jsonl(tmp_path / "a.jsonl", rows)
    b = write_jsonl(tmp_path / "b.jsonl", [{"id": n, "output": f"b {n}"} for n in range(1, 25)])
    job = job_of("compare", dataset="s", a_file=str(a), b_file=str(b))
    found = asked(job, tmp_path / "1.db")
    assert [task["id"] for task in found] == list(range(1, 20))
    for task in found:
        assert task["accept"] == {"text": f"a {task['id']}"}
        assert task["input"] == f"in {task['id']}"
    shown_first = [task["mapping"]["A"] for task in found]
    assert set(shown_first) == {"accept", "reject"}
    again = asked(job_of("compare", dataset="s", a_file=str(a), b_file=str(b)), tmp_path / "2.db")
    assert [task["mapping"]["A"] for task in again] == shown_first
    assert job.farewell == ["A was better 19 times, B 0 times"]
    diff = job_of("compare", dataset="s", a_file=str(a), b_file=str(b), diff=True)
    first = asked(diff, tmp_path / "3.db")[0]
    assert (first["removed"], first["added"]) == ("a 1", "b 1")


def test_files_to_compare_need_ids(tmp_path: Path) -> None:
    rows = str(write_jsonl(tmp_path / "rows.jsonl", [{"output": "Cork"}]))
    with pytest.raises(UsageError, match=r"rows\.jsonl: none of its rows has an id"):
        job_of("compare", dataset="s", a_file=rows, b_file=rows)


def test_a_dataset_can_be_excluded(source: Path, tmp_path: Path) -> None:
    values = {"source": str(source), "label": "A"}
    assert len(asked(job_of("ner.manual", dataset="one", **values), tmp_path / "a.db", 2)) == 2
    other = job_of("ner.manual", dataset="two", **values, exclude="one, none")
    assert len(asked(other, tmp_path / "a.db")) == 1


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"pattern": "x"}, "pattern 1: it has no label"),
        ({"label": "A", "pattern": ""}, "pattern 1: its pattern is neither"),
        ({"label": "A", "pattern": 3}, "pattern 1: its pattern is neither"),
    ],
)
def test_a_wrong_pattern_is_named(pattern: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        PatternMatcher([pattern])


def test_a_broken_line_of_patterns_has_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps(PATTERNS[0]) + "\n{oops\n")
    with pytest.raises(UsageError, match=r"p\.jsonl:2: not valid JSON"):
        PatternMatcher.from_file(path)


def test_phrases_match_whole_words_only() -> None:
    matcher = PatternMatcher([{"label": "A", "pattern": "or"}, {"label": "B", "pattern": "Mr. O"}])
    assert [(m.start, m.end, m.label) for m in matcher.matches("Cork or Mr. O or")] == [
        (5, 7, "A"),
        (8, 13, "B"),
        (14, 16, "A"),
    ]
    assert longest([]) == []


@pytest.mark.parametrize("name", ["ner.manual", "spans.manual"])
def test_the_text_may_be_changed_only_where_it_is_asked_for(source: Path, name: str) -> None:
    values = {"dataset": "s", "source": str(source), "label": "A"}
    assert job_of(name, **values, edit_text=True).config["edit_text"] is True
    assert "edit_text" not in job_of(name, **values).config, "else a configuration may say so"


def test_mark_takes_a_folder_of_pictures(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "notes.txt"):
        (tmp_path / name).touch()
    values = {"dataset": "s", "source": str(tmp_path), "view_id": "classification", "label": "OAK"}
    found = asked(job_of("mark", loader="images", **values), tmp_path / "a.db")
    assert [(Path(each["image"]).name, each["label"]) for each in found] == [
        ("a.jpg", "OAK"), ("b.png", "OAK"),
    ]  # fmt: skip
    with pytest.raises(TuiAnnotateError, match="plays sound, which a terminal cannot"):
        job_of("mark", loader="audio", **values)
