"""Loaders hand a recipe's code what lies in the file; the view decides what is a task."""

from __future__ import annotations

import copy
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import asked, job_of, own_job, write_jsonl
from tests.session.annotator import drops_of
from tests.support.environment import annotate_argv, run_headless
from tui_annotate import compat
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.errors import RecipeError, SourceError
from tui_annotate.job import Job
from tui_annotate.recipes.missing_commands import INSTEAD
from tui_annotate.recipes.recipe_files import load_file
from tui_annotate.recipes.registry import recipe_names
from tui_annotate.stream.stream import Stream

pytestmark = pytest.mark.quick

ROWS = [{"question": f"Who {n}?", "answer": "Anna", "tokens": ["Who", str(n)]} for n in range(3)]


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


def loaders() -> Any:
    """Return the module of loaders as a recipe file imports it."""
    return importlib.import_module("prodigy.components.loaders")


@pytest.mark.parametrize("name", ["JSONL", "JSON", "CSV", "get_stream", "get_loader"])
def test_a_recipes_code_gets_every_row_as_it_is(tmp_path: Path, name: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", ROWS)
    expected: list[dict[str, Any]] = ROWS
    if name == "JSON":
        path = tmp_path / "a.json"
        path.write_text(json.dumps(ROWS), "utf-8")
    if name == "CSV":
        path = tmp_path / "a.csv"
        path.write_text("question,answer\n" + "".join(f"{r['question']},Anna\n" for r in ROWS))
        expected = [{"question": r["question"], "answer": "Anna"} for r in ROWS]
    loader = loaders().get_loader("jsonl") if name == "get_loader" else getattr(loaders(), name)
    assert list(loader(str(path))) == expected


@pytest.mark.parametrize("loader", ["JSONL", "get_stream"])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("copies", [True, False])
def test_each_question_about_a_row_is_asked_as_it_was_given(
    tmp_path: Path, loader: str, late: bool, copies: bool
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "a", "meta": {}}, {"text": "b", "meta": {}}])

    def questions(tasks: Any) -> Iterator[dict[str, Any]]:
        for task in tasks:
            for label in "XYZ":
                given = copy.deepcopy(task) if copies else task
                given["label"] = given["meta"]["asked"] = label
                yield given

    def opened() -> Iterator[dict[str, Any]]:
        yield from questions(getattr(loaders(), loader)(path))

    stream = opened() if late else questions(getattr(loaders(), loader)(path))
    job = own_job({"dataset": "d", "view_id": "classification", "stream": stream})
    found = [(each["text"], each["label"], each["meta"]) for each in asked(job, tmp_path / "a.db")]
    assert found == [(text, label, {"asked": label}) for text in "ab" for label in "XYZ"]


def test_hashes_that_a_recipe_takes_of_its_own_keys_hold(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "a", "id": number} for number in (1, 2)])
    set_hashes = importlib.import_module("prodigy").set_hashes
    rows = loaders().get_stream(path)
    rows.apply(lambda tasks: (set_hashes(each, input_keys=("id",)) for each in tasks))
    found = asked(own_job({"dataset": "d", "view_id": "text", "stream": rows}), tmp_path / "a.db")
    assert [each["id"] for each in found] == [1, 2]


@pytest.mark.parametrize("by", ["task", "input"])
def test_imported_answers_under_hashes_of_a_recipes_own_are_not_asked_for_again(
    tmp_path: Path, home: Path, by: str
) -> None:
    rows = [{"text": "a", "id": 1}, {"text": "a", "id": 2}, {"text": "b", "id": 3}]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    set_hashes = importlib.import_module("prodigy").set_hashes

    def ask(dataset: str, **components: Any) -> list[int]:
        stream = loaders().get_stream(path)
        stream.apply(lambda tasks: (set_hashes(t, ("id",), ("id",)) for t in tasks))
        config = {"exclude_by": by}
        job = own_job({"dataset": dataset, "stream": stream, "config": config, **components})
        return [each["id"] for each in asked(job, home / "a.db")]

    assert ask("there") == [1, 2, 3]
    env = {"TUI_ANNOTATE_DB": str(home / "a.db")}
    answers = run_headless(annotate_argv("db-out", "there"), home, env=env).stdout.splitlines()
    (home / "some.jsonl").write_text(f"{answers[0]}\n")
    run_headless(annotate_argv("db-in", "here", home / "some.jsonl"), home, env=env)
    assert ask("here") == [2, 3]
    assert ask("other", exclude=["there"]) == []


LABELLED = """
import prodigy
from prodigy.components.loaders import JSONL

@prodigy.recipe("labelled", label=("Label", "option", "l", str))
def labelled(dataset, source, label):
    def stream(rows):
        for eg in rows:
            eg["label"] = label
            yield eg
    return {"dataset": dataset, "view_id": "classification", "stream": stream(JSONL(source))}
"""


def test_another_question_about_answered_rows_is_asked(tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text(LABELLED)
    load_file(str(tmp_path / "recipe.py"))
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "a"}, {"text": "b"}])

    def ask(label: str) -> list[tuple[str, str, int]]:
        job = job_of("labelled", dataset="d", source=str(path), label=label)
        found = asked(job, tmp_path / "a.db")
        return [(each["text"], each["label"], each["_task_hash"]) for each in found]

    set_hashes = importlib.import_module("prodigy").set_hashes
    for label in "XY":
        hashes = [set_hashes({"text": text, "label": label})["_task_hash"] for text in "ab"]
        assert ask(label) == [("a", label, hashes[0]), ("b", label, hashes[1])]
    assert ask("X") == []


def test_pairs_of_a_score_and_a_task_say_where_they_belong(tmp_path: Path) -> None:
    pairs: list[Any] = [(0.5, {"text": "a"})]
    job = own_job({"dataset": "d", "view_id": "text", "stream": pairs})
    with pytest.raises(SourceError, match=r"gave tuple, not a task: .* a sorter first"):
        asked(job, tmp_path / "a.db")


def test_what_a_recipe_makes_of_rows_is_asked_and_its_hashes_are_those_of_its_text(
    tmp_path: Path,
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", ROWS)
    prodigy = importlib.import_module("prodigy")

    def made(rows: Stream) -> Iterator[dict[str, Any]]:
        for row in rows:
            row["text"] = row["question"]
            yield row

    rows = loaders().JSONL(path)
    components = {"dataset": "my_set", "view_id": "text", "stream": made(rows)}
    job = Job.from_components("my.recipe", components, streams=[rows])
    tasks = asked(job, tmp_path / "a.db")
    assert [task["text"] for task in tasks] == [row["question"] for row in ROWS]
    bare = prodigy.set_hashes({"text": "Who 0?"})
    assert tasks[0]["_input_hash"] == bare["_input_hash"]


def stream_job(path: Path, **components: Any) -> Job:
    """Return a job over a stream as `get_stream` gives it."""
    return own_job({"stream": importlib.import_module("prodigy").get_stream(path), **components})


def test_the_view_decides_which_rows_are_tasks(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "One."},
        {"question": "Who?"},
        {"text": ""},
        {"text": 7},
        {"text": "Two."},
    ]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    tasks = asked(stream_job(path, view_id="ner_manual"), tmp_path / "a.db")
    assert [task["text"] for task in tasks] == ["One.", "Two."]
    assert [(drop[0], drop[1]) for drop in drops_of(tmp_path)] == [
        ("no-input", 2),
        ("empty-input", 3),
        ("not-text", 4),
    ]


@pytest.mark.parametrize(
    "components",
    [
        {"view_id": "html", "config": {"html_template": "<b>{{question}}</b> {{answer}}"}},
        {
            "view_id": "blocks",
            "config": {
                "blocks": [
                    {"view_id": "html", "html_template": "<b>{{question}}</b>"},
                    {"view_id": "text_input"},
                ]
            },
        },
    ],
)
def test_a_template_shows_rows_of_any_fields(tmp_path: Path, components: dict[str, Any]) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", ROWS)
    tasks = asked(stream_job(path, **components), tmp_path / "a.db")
    assert [task["question"] for task in tasks] == [row["question"] for row in ROWS]


def test_words_and_tags_become_a_text_where_the_view_needs_one(tmp_path: Path) -> None:
    rows = [{"tokens": ["Anna", "left"], "ner_tags": ["B-PER", "O"]}]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    (task,) = asked(stream_job(path, view_id="ner_manual"), tmp_path / "a.db")
    assert task["text"] == "Anna left"


def test_a_file_of_nothing_that_the_view_shows_is_an_error(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", ({"said": str(n)} for n in range(3)))
    job = stream_job(path, view_id="ner_manual")
    with pytest.raises(SourceError, match=r"no `text`, .* in all 3 rows; keys: said$"):
        asked(job, tmp_path / "a.db")


def test_loaders_of_pictures_and_sound_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    get_stream = importlib.import_module("prodigy").get_stream
    (task,) = get_stream(str(tmp_path), loader="images")
    assert task["image"] == str(tmp_path / "a.png")
    for name in ("audio", "video", "audio-server"):
        with pytest.raises(RecipeError, match="which a terminal cannot"):
            get_stream(str(tmp_path), loader=name)


def test_former_names_of_commands_say_what_there_is_now(home: Path) -> None:
    done = run_headless(annotate_argv("ner.make-gold", "my_set"), home)
    assert done.returncode == 2
    assert done.stderr.endswith("no command 'ner.make-gold'. It is `ner.correct` now\n")
    named = {each for text in INSTEAD.values() for each in re.findall(r"`([a-z.-]+)`", text)}
    assert named - {"image", "html", "text"} <= {*COMMANDS, *recipe_names()}
    assert not INSTEAD.keys() & {*COMMANDS, *recipe_names()}


def test_rows_that_a_recipes_code_does_not_get_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n["x"]\n{"a"\n{"a": 2}\n', "utf-8")
    found = [task["a"] for task in loaders().JSONL(path)]
    assert found == [1, 2]
    said = capsys.readouterr().err
    assert "a.jsonl:2: " in said
    assert "1 more rows cannot be read" in said
