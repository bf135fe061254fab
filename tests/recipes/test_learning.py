"""Pipelines that learn from answers: what they propose changes, in order, and in memory only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import job_of, opened, own_job, write_jsonl
from tui_annotate.recipes.registry import BUILT_IN, get_recipe
from tui_annotate.stream.sorters import prefer_uncertain

TEXT = "Orla left Galway."
GALWAY = {"start": 10, "end": 16, "label": "LOC"}
MILL = {"start": 4, "end": 8, "label": "LOC"}
OLD = "The mill is old."


def spans(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


# What is answered on the first text, what the pipeline proposes before and after it has learned.
CASES: dict[str, tuple[dict[str, Any], str, Any, Any]] = {
    "ner.correct": ({"spans": [MILL]}, "spans", [], [("mill", "LOC")]),
    "spans.correct": ({"spans": [MILL]}, "spans", [], [("mill", "LOC")]),
    "textcat.correct": ({"accept": ["PEOPLE"]}, "accept", ["THINGS"], ["PEOPLE"]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_proposed_follows_the_answers(name: str, model: str, tmp_path: Path) -> None:
    change, part, before, after = CASES[name]
    # The pipeline reads ahead in batches, so what it has learned shows some texts later.
    rows = [{"text": OLD, "meta": {"n": number}} for number in range(200)]
    source = str(write_jsonl(tmp_path / "a.jsonl", rows))
    job = job_of(name, dataset="s", model=model, source=source, update=True)
    job.policy = type(job.policy)(exclude_by="task", keep_duplicates=True, ordered=True)
    job.config.update(batch_size=5, history_size=2)
    session = opened(job, tmp_path / "a.db")
    item, found = session.start(), []
    while item is not None:
        proposed = item.task[part]
        found.append(spans(item.task) if part == "spans" else proposed)
        session.decide("accept", {**item.task, **change})
        session.prefetch()
        item = session.advance()
    session.close()
    assert (found[0], found[-1]) == (before, after)
    assert len(found) == len(rows), "nothing was dropped on the way"
    fresh = job_of(name, dataset="t", model=model, source=source)
    first = opened(fresh, tmp_path / "b.db")
    again = first.start()
    assert again is not None
    assert (spans(again.task) if part == "spans" else again.task[part]) == before
    first.close()


def test_dependencies_are_learned(parser: str, tmp_path: Path) -> None:
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": "Ilse left Cork."}]))
    job = job_of("dep.correct", dataset="s", model=parser, source=source, update=True)
    update: Any = job.given["update"]
    learn = update.args[0]
    nlp = learn.args[0]
    arcs = [(0, 0, "ROOT"), (0, 1, "dobj"), (1, 2, "dobj"), (1, 3, "punct")]
    relations = [{"head": head, "child": child, "label": label} for head, child, label in arcs]
    answer = {"text": "Ilse left Cork.", "answer": "accept", "relations": relations}
    assert nlp(answer["text"])[1].head.i == 1
    for _ in range(40):
        learn([answer])
    assert nlp(answer["text"])[1].head.i == 0
    circle = [{"head": 1, "child": 0, "label": "x"}, {"head": 0, "child": 1, "label": "x"}]
    assert learn([{**answer, "relations": circle}]) == 0, "what is no tree teaches nothing"


def test_an_answer_that_is_changed_supersedes_the_one_that_was_learned(tmp_path: Path) -> None:
    given: list[list[tuple[str, str]]] = []
    parts = {
        "stream": [{"text": f"text {n}"} for n in range(6)],
        "update": lambda answers: given.append([(a["text"], a["answer"]) for a in answers]),
        "config": {"batch_size": 2, "history_size": 1},
    }
    session = opened(own_job(parts), tmp_path / "a.db")
    item = session.start()
    for _ in range(2):
        assert item is not None
        session.decide("accept", item.task)
        session.prefetch()
        item = session.advance()
    assert session.back()  # the newest answer is in the undo window: it is given once, as changed
    assert session.item is not None
    session.decide("reject", session.item.task)
    item = session.advance()
    assert item is not None
    session.decide("accept", item.task)
    session.prefetch()
    assert given == [[("text 0", "accept"), ("text 1", "reject")]]
    session.advance()
    for _ in range(3):  # behind the window: it comes again
        session.back()
    assert session.item is not None
    assert session.item.task["text"] == "text 0"
    session.decide("reject", session.item.task)
    session.close()
    assert given[1:] == [[("text 2", "accept"), ("text 0", "reject")]]


@pytest.mark.parametrize("patience", [None, 0.0])
@pytest.mark.parametrize("prefetching", [True, False])
def test_the_order_of_calls_does_not_depend_on_who_is_faster(
    tmp_path: Path, patience: float | None, prefetching: bool
) -> None:
    calls: list[str] = []

    def stream() -> Any:
        for number in range(8):
            calls.append(f"task {number}")
            yield {"text": f"text {number}"}

    parts = {
        "stream": stream(),
        "update": lambda answers: calls.append(f"update {answers[0]['text']}"),
        "config": {"batch_size": 1, "history_size": 1},
    }
    session = opened(own_job(parts), tmp_path / "a.db")
    session.opened.patience = patience
    item = session.start()
    while item is not None or session.looking:
        if item is not None:
            session.decide("accept", item.task)
        item = session.advance()
        if prefetching and item is not None:
            session.prefetch()
    session.close()
    expected = ["task 0", "task 1", "task 2"]
    for number in range(5):
        expected += [f"update text {number}", f"task {number + 3}"]
    assert calls == [*expected, "update text 5", "update text 6", "update text 7"]


def test_teaching_asks_the_uncertain_first_and_all_of_them_in_the_end() -> None:
    scored = [(number / 100, {"text": str(number)}) for number in range(100)]
    order = [task["text"] for task in prefer_uncertain(iter(scored), window=100)]
    assert order[:3] == ["50", "49", "51"]
    assert sorted(order, key=int) == [str(number) for number in range(100)]


def test_recipes_with_update_are_those_of_prodigy() -> None:
    names = ("ner.correct", "spans.correct", "textcat.correct", "dep.correct")
    with_update = {
        name
        for name in BUILT_IN
        if any("--update" in item.options for item in get_recipe(name).parameters)
    }
    assert with_update == {*names}
