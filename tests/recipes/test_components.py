"""Every component that a recipe may return: checked when it returns, and called in its time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import opened, own_job, run_through
from tests.session.annotator import drops_of
from tests.support.environment import ROOT
from tui_annotate.errors import RecipeError, TaskError
from tui_annotate.job import Controller
from tui_annotate.recipe_components import _COMPONENTS, NAMES, _Component
from tui_annotate.session.sharing import full_overlap, no_overlap, route_average_per_task
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database

pytestmark = pytest.mark.quick


def test_the_docs_have_every_component() -> None:
    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    start = page.index("| component | what, and when |")
    table = page[start : page.index("\n\n", start)]
    named = {
        name for line in table.split("\n")[2:] for name in re.findall(r"`(\w+)", line.split("|")[1])
    }
    wrong = ", ".join(sorted(named ^ set(NAMES)))
    assert not wrong, f"the table of components in docs/recipes.md has a row for each: {wrong}"


def texts(number: int) -> list[dict[str, Any]]:
    return [{"text": f"Text number {n}."} for n in range(number)]


@pytest.mark.parametrize(
    ("components", "message"),
    [
        ({"straem": []}, "Did you mean 'stream'"),
        ({"update": 3}, "'update' must be a function"),
        ({"event_hooks": {"a": 1}}, "'event_hooks' must be a dictionary of functions"),
        ({"exclude": "other"}, "'exclude' must be a list"),
        ({"stream": "data.jsonl"}, "'stream' must be an iterable"),
        ({"dataset": ""}, "'dataset' must be a name"),
        ({"update": lambda: None}, r"cannot be called as update\(answers\).*defined as update\(\)"),
        ({"validate_answer": lambda a, b: None}, r"as validate_answer\(answer\)"),
        ({"task_router": lambda ctrl, task: []}, r"as task_router\(ctrl, session_id, task\)"),
        ({"config": {"labels": 7}}, "'labels' is 7, not a list of names"),
        ({"config": {"labels": [{"id": "PERSON"}]}}, "not a list of names"),
        ({"config": {"choice_style": "multi"}}, "not one of single, multiple, scale"),
        ({"config": {"blocks": {"view_id": "text"}}}, "not a list of blocks"),
        (
            {"config": {"blocks": [{"view_id": "ner_manual", "labels": "A"}]}},
            "of block 1, 'labels' is 'A'",
        ),
        (
            {"config": {"blocks": [{"view_id": "text_input"}, {"view_id": "text_input"}]}},
            "'blocks': 1 and 2 both write 'user_input'",
        ),
        (
            {"config": {"blocks": [{"view_id": v} for v in ("choice", "text", "choice")]}},
            "'blocks': 1 and 3 both write 'accept'",
        ),
        (
            {"config": {"labels": ["R"], "relations_rules": {"R": ["A", "B"]}}},
            "not a table of lists of pairs",
        ),
        (
            {"config": {"labels": ["LIVES_IN"], "relations_rules": {"LIVES": [["A", "B"]]}}},
            "a rule for 'LIVES', which is no label. Did you mean 'LIVES_IN'",
        ),
        ({"dataset": False}, "'dataset' must be a name, not bool. Answers are always saved"),
        ({"db": False}, "'db' must be True or absent"),
        ({"db": type("OfOnesOwn", (), {"add_examples": print})()}, "'db' must be True or absent"),
    ],
)
def test_a_wrong_component_is_named_when_the_recipe_returns(
    components: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        own_job(components)


def test_settings_of_views_may_be_absent_and_labels_may_come_in_any_collection() -> None:
    nothing: dict[str, Any] = {
        "labels": None,
        "blocks": [],
        "html_template": False,
        "instructions": False,
    }
    assert own_job({"config": nothing}).labels == ()
    assert own_job({"config": {"labels": {"B", "A"}}}).labels == ("A", "B")
    assert own_job({"config": {"labels": {"B": 1, "A": 2}.keys()}}).config["labels"] == ["B", "A"]


def test_a_value_is_kept_by_its_entry_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_COMPONENTS, "thanks", _Component("a name"))
    assert own_job({"thanks": "Well done."}).given == {"thanks": "Well done."}
    assert "thanks" not in own_job({"thanks": None}).given
    with pytest.raises(RecipeError, match="'thanks' must be a name, not int"):
        own_job({"thanks": 3})
    job = own_job({"stream": texts(1), "thanks": "Well done."})
    returned = {"dataset": "my_set", "view_id": "text", "stream": job.stream, **job.given}
    job.components = returned
    job.given["on_load"] = lambda ctrl: returned.update(thanks="Very well done.")
    session = opened(job, tmp_path / "a.db")
    assert session.start() is not None and job.given["thanks"] == "Very well done."
    session.close()


def test_update_gets_batches_after_the_window_and_the_rest_at_the_end(tmp_path: Path) -> None:
    batches: list[list[str]] = []
    order: list[str] = []

    def update(answers: list[dict[str, Any]]) -> float:
        batches.append([each["text"][-2] for each in answers])
        assert {each["answer"] for each in answers} == {"accept"}
        return 0.5

    job = own_job(
        {
            "stream": texts(7),
            "update": update,
            "on_load": lambda ctrl: order.append(f"load {ctrl.total_annotated}"),
            "on_exit": lambda ctrl: order.append(f"exit {ctrl.session_annotated}"),
            "progress": lambda _ctrl, result: result,
            "config": {"batch_size": 2, "history_size": 1},
        }
    )
    session = opened(job, tmp_path / "a.db")
    assert run_through(session) == 7
    assert batches == [["0", "1"], ["2", "3"], ["4", "5"]]
    assert session.counts().progress == 0.5
    session.close()
    assert batches[-1] == ["6"]
    assert order == ["load 0", "exit 7"]


def test_a_changed_answer_supersedes_the_one_that_update_got(tmp_path: Path) -> None:
    got: list[str] = []
    job = own_job(
        {
            "stream": texts(2),
            "update": lambda answers: got.extend(each["answer"] for each in answers),
            "config": {"batch_size": 1, "instant_submit": True},
        }
    )
    session = opened(job, tmp_path / "a.db")
    run_through(session)
    assert session.back()
    assert session.item is not None
    session.decide("reject", session.item.task)
    session.prefetch()
    session.close()
    assert got == ["accept", "accept", "reject"]


def test_before_db_changes_what_is_written_and_not_what_update_gets(tmp_path: Path) -> None:
    seen: list[str] = []
    job = own_job(
        {
            "stream": [{"text": "one", "secret": "s"}],
            "before_db": lambda answers: [
                {key: value for key, value in each.items() if key != "secret"} for each in answers
            ],
            "update": lambda answers: seen.extend(each["secret"] for each in answers),
        }
    )
    session = opened(job, tmp_path / "a.db")
    run_through(session)
    session.close()
    with Database(open_store(tmp_path / "a.db")) as db:
        (answer,) = db.get_dataset_examples("my_set")
    assert "secret" not in answer
    assert answer["text"] == "one"
    assert seen == ["s"]


def test_before_db_that_takes_what_update_has_left_gets_it(tmp_path: Path) -> None:
    left: dict[str, list[dict[str, Any]]] = {}
    told: list[str] = []

    def update(answers: list[dict[str, Any]]) -> None:
        told.extend(each["text"] for each in answers)
        for each in answers:
            each["meta"] = {"joined": each["text"]}
        left["answers"] = answers

    def before_db(_: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return left.pop("answers")

    job = own_job({"stream": texts(3), "update": update, "before_db": before_db})
    session = opened(job, tmp_path / "a.db")
    run_through(session)
    session.close()
    with Database(open_store(tmp_path / "a.db")) as db:
        stored = db.get_dataset_examples("my_set")
    assert [each["meta"]["joined"] for each in stored] == [each["text"] for each in stored]
    assert told == [each["text"] for each in stored], "each of them once"


def test_before_db_that_fails_behind_update_too_saves_nothing(tmp_path: Path) -> None:
    def before_db(_: list[dict[str, Any]]) -> list[dict[str, Any]]:
        raise KeyError("never there")

    job = own_job({"stream": texts(1), "update": len, "before_db": before_db})
    session = opened(job, tmp_path / "a.db")
    item = session.start()
    assert item is not None
    with pytest.raises(RecipeError, match="before_db failed"):
        session.decide("accept", item.task)
    assert session.item == item
    session.close()


def test_before_db_that_returns_nothing_loses_nothing(tmp_path: Path) -> None:
    job = own_job({"stream": texts(1), "before_db": lambda _: None})
    session = opened(job, tmp_path / "a.db")
    item = session.start()
    assert item is not None
    with pytest.raises(RecipeError, match=r"my\.recipe, task 'Text number 0\.'"):
        session.decide("accept", item.task)
    assert session.item == item
    del job.given["before_db"]
    session.decide("accept", item.task)
    session.close()


def test_validate_answer_keeps_the_annotator_on_the_task(tmp_path: Path) -> None:
    def check(answer: dict[str, Any]) -> None:
        assert answer["answer"] != "reject", "nothing may be rejected here"

    session = opened(own_job({"stream": texts(1), "validate_answer": check}), tmp_path / "a.db")
    item = session.start()
    assert item is not None
    with pytest.raises(TaskError, match="nothing may be rejected here"):
        session.decide("reject", item.task)
    assert session.counts().done == 0
    session.decide("accept", item.task)
    assert session.counts().done == 1
    session.close()


@pytest.mark.parametrize("name", ["update", "validate_answer", "before_db", "on_load", "on_exit"])
def test_an_exception_names_recipe_callback_and_task(name: str, tmp_path: Path) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("missing")

    config = {"batch_size": 1, "history_size": 0}
    job = own_job({"stream": texts(2), name: fails, "config": config})
    session = opened(job, tmp_path / "a.db")
    with pytest.raises(RecipeError) as caught:
        run_through(session)
        session.close()
    said = str(caught.value)
    assert said.startswith("my.recipe: ")
    assert name in said
    assert "KeyError" in said
    assert "test_components.py:" in said
    if not name.startswith("on_"):
        assert "'Text number 0.'" in said


@pytest.mark.parametrize("size", ["1", 1])
def test_a_number_of_the_configuration_may_be_text(size: int | str, tmp_path: Path) -> None:
    batches: list[int] = []
    config = {"batch_size": size, "history_size": "0"}
    update = {"update": lambda answers: batches.append(len(answers))}
    run_through(
        opened(own_job({"stream": texts(2), "config": config, **update}), tmp_path / "a.db")
    )
    assert batches == [1, 1]
    with pytest.raises(RecipeError, match="'batch_size' is 'many', not a whole number"):
        opened(own_job({"stream": texts(2), "config": {"batch_size": "many"}}), tmp_path / "b.db")


def test_an_exception_of_the_stream_has_its_line_in_the_recipe_and_not_in_a_library(
    tmp_path: Path,
) -> None:
    def tasks() -> Iterator[dict[str, Any]]:
        yield {"text": "one"}
        json.loads("no JSON")

    session = opened(own_job({"stream": tasks()}), tmp_path / "a.db")
    with pytest.raises(RecipeError) as caught:
        run_through(session)
    assert session.counts().done == 1
    session.close()
    said = r"^my\.recipe: the stream failed with JSONDecodeError: .* \(test_components\.py:\d+\)$"
    assert re.match(said, str(caught.value)), caught.value


def test_a_failing_update_does_not_lose_the_answer(tmp_path: Path) -> None:
    def fails(_: Any) -> None:
        raise ValueError("no")

    config = {"batch_size": 1, "history_size": 0}
    job = own_job({"stream": texts(3), "update": fails, "config": config})
    session = opened(job, tmp_path / "a.db")
    item = session.start()
    assert item is not None
    session.decide("accept", item.task)
    with pytest.raises(RecipeError):
        session.prefetch()
    item = session.advance()
    assert item is not None
    assert item.task["text"] == "Text number 1."
    assert session.counts().done == 1
    session.close()


def test_get_session_id_names_the_session(tmp_path: Path) -> None:
    job = own_job({"stream": texts(1), "get_session_id": lambda: "my_set-blue"})
    session = opened(job, tmp_path / "a.db")
    assert session.opened.session.name == "my_set-blue"
    session.close()


def test_a_router_asks_only_what_is_for_this_session(tmp_path: Path) -> None:
    def router(ctrl: Controller, session_id: str, task: dict[str, Any]) -> list[str]:
        assert session_id in ctrl.session_ids
        return [session_id] if task["text"].endswith(("1.", "3.")) else ["somebody-else"]

    session = opened(own_job({"stream": texts(5), "task_router": router}), tmp_path / "a.db")
    assert run_through(session) == 2
    session.close()


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ({}, [8, 0, 0]),
        ({"task_router": full_overlap}, [8, 8, 8]),
        ({"task_router": no_overlap}, [8, 0, 0]),
        ({"task_router": route_average_per_task(2)}, [8, 8, 0]),
        ({"config": {"annotations_per_task": 2, "exclude_by": "input"}}, [8, 8, 0]),
        ({"task_router": lambda ctrl, *_: ctrl.session_ids[:2]}, [8, 8, 0]),
    ],
    ids=["none", "full", "no", "average", "setting", "own"],
)
def test_routers_divide_tasks_among_annotators(
    parts: dict[str, Any], counts: list[int], tmp_path: Path
) -> None:
    found = []
    for annotator in ("ann", "ben", "cid"):
        session = opened(own_job({"stream": texts(8), **parts}), tmp_path / "a.db", annotator)
        found.append(run_through(session))
        session.close()
    assert found == counts
    session = opened(own_job({"stream": texts(8), **parts}), tmp_path / "a.db", "ann")
    assert run_through(session) == 0, "nobody is asked twice"
    session.close()


def test_a_task_that_cannot_be_written_is_dropped_before_it_is_shown(tmp_path: Path) -> None:
    odd = [{"text": "a", "path": b"bytes"}, {"text": "b", "meta": {"score": object()}}]
    session = opened(own_job({"stream": [*odd, *texts(1)]}), tmp_path / "a.db")
    assert run_through(session) == 1
    session.close()
    assert [each[0] for each in drops_of(tmp_path)] == ["not-json", "not-json"]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ("answer_span", ["answer_span"]),
        ("PERSON, ORG", ["PERSON", "ORG"]),
        (("A", "B"), ["A", "B"]),
    ],
)
def test_labels_may_be_a_text_with_commas(labels: Any, names: list[str]) -> None:
    job = own_job({"stream": texts(1), "config": {"labels": labels}})
    assert job.config["labels"] == names


def test_how_many_annotations_is_a_number() -> None:
    with pytest.raises(RecipeError, match="'annotations_per_task' is 'two', not a number"):
        own_job({"stream": texts(1), "config": {"annotations_per_task": "two"}})


def test_a_session_factory_gives_the_session_its_own_tasks(tmp_path: Path) -> None:
    def factory(_ctrl: Controller, session_id: str) -> list[dict[str, Any]]:
        return [{"text": f"for {session_id}"}]

    session = opened(own_job({"stream": texts(5), "session_factory": factory}), tmp_path / "a.db")
    item = session.start()
    assert item is not None
    assert item.task["text"] == "for my_set-annotator-1"
    session.close()


def test_an_event_hook_gets_the_task_and_says_something(tmp_path: Path) -> None:
    hooks = {
        "shout": lambda _ctrl, task: task["text"].upper(),
        "quiet": lambda _ctrl, _task: None,
        "named": lambda _ctrl, *, example: example["text"].lower(),
    }
    session = opened(own_job({"stream": texts(1), "event_hooks": hooks}), tmp_path / "a.db")
    item = session.start()
    assert item is not None
    assert session.callbacks.events == ("shout", "quiet", "named")
    assert session.callbacks.begin_event("named", item.task).result() == "text number 0."
    assert session.callbacks.begin_event("shout", item.task).result() == "TEXT NUMBER 0."
    assert session.callbacks.begin_event("quiet", item.task).result() == "quiet: done"
    session.close()


@pytest.mark.parametrize("kind", ["list", "generator"])
def test_a_stream_of_ones_own_is_resumed_by_key_and_says_so(kind: str, tmp_path: Path) -> None:
    def generate() -> Iterator[dict[str, Any]]:
        yield from texts(5)

    def tasks() -> Any:
        return texts(5) if kind == "list" else generate()

    first = opened(own_job({"stream": tasks()}), tmp_path / "a.db")
    assert first.start() is not None
    assert first.opening_sentence() == ""
    for _ in range(2):
        assert first.item is not None
        first.decide("accept", first.item.task)
        first.advance()
    first.close()
    second = opened(own_job({"stream": tasks()}), tmp_path / "a.db")
    item = second.start()
    assert item is not None
    assert item.task["text"] == "Text number 2."
    assert second.opening_sentence() == (
        "the stream of my.recipe cannot be compared with what the last session read; read again "
        "from the start: 2 settled before, not asked again"
    )
    assert second.count_rows() == (5 if kind == "list" else None)
    second.close()


def test_what_is_no_task_in_a_stream_of_ones_own_is_a_bad_row(tmp_path: Path) -> None:
    session = opened(own_job({"stream": [*texts(1), 7, *texts(2)[1:]]}), tmp_path / "a.db")
    assert run_through(session) == 2
    assert session.counts().dropped == {"not-object": 1}
    session.close()


def test_the_database_may_be_asked_wherever_a_recipe_runs(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    known: list[Any] = []

    def stream() -> Iterator[dict[str, Any]]:
        for number in range(3):
            told.append(("stream", known[0].db.count_dataset("my_set")))
            yield {"text": f"text {number}"}

    parts = {
        "stream": stream(),
        "on_load": known.append,
        "task_router": lambda ctrl, name, _task: [name] if ctrl.db.datasets else [],
        "update": lambda _: told.append(("update", known[0].db.count_dataset("my_set"))),
        "on_exit": lambda ctrl: told.append(("exit", len(ctrl.db.get_dataset("my_set")))),
        "config": {"batch_size": 1, "history_size": 0},
    }
    session = opened(own_job(parts), tmp_path / "a.db")
    assert run_through(session) == 3
    session.close()
    assert told[0] == ("stream", 0)
    assert told[-2:] == [("update", 3), ("exit", 3)]
