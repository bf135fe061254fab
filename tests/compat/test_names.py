"""The alias package: what recipe files import is there, and is what is here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import tui_annotate
from tests.recipes.support import asked, own_job, write_jsonl
from tests.support.environment import annotate_argv, run_headless
from tui_annotate import api, compat
from tui_annotate.compat.names import MODULES
from tui_annotate.editors.registry import open_task
from tui_annotate.errors import RecipeError, UsageError
from tui_annotate.recipes.prodigy_call import arguments_of, recipe_function
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database
from tui_annotate.suggest.load_for_commands import merge_spans
from tui_annotate.suggest.models import combine_models
from tui_annotate.views import find_view

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    compat.install()
    yield
    compat.uninstall()


def alias(name: str) -> Any:
    """Import a module as a recipe file would."""
    return importlib.import_module(name)


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_module_is_importable_under_its_name(name: str) -> None:
    module = alias(name)
    assert sys.modules[name] is module
    assert set(module.__all__) == set(MODULES[name])
    for each in module.__all__:
        assert getattr(module, each) is not None


def test_names_are_those_of_here() -> None:
    assert alias("prodigy").Controller is tui_annotate.job.Controller
    assert alias("prodigy.components.db").connect is api.open_database
    assert alias("prodigy.components.sorters").prefer_uncertain is tui_annotate.prefer_uncertain
    assert alias("prodigy.util").VIEW_ID_ATTR == "_view_id"


def test_the_alias_wins_over_an_installed_package(home: Path) -> None:
    (home / "prodigy.py").write_text("theirs = True\n")
    body = (
        "import prodigy\n"
        "@prodigy.recipe('tiny', dataset=('D', 'positional'))\n"
        "def tiny(dataset):\n    'A tiny recipe.'\n    return {}\n"
    )
    (home / "recipe.py").write_text(body)
    env = {"PYTHONPATH": str(home)}
    ours = run_headless(annotate_argv("-F", "recipe.py", "recipes"), home, env=env)
    assert "A tiny recipe." in ours.stdout
    assert ours.stderr.count("gives our alias") == 1
    arguments = annotate_argv("-F", "recipe.py", "--no-compat", "recipes")
    theirs = run_headless(arguments, home, env=env)
    assert theirs.returncode == 1
    assert "has no attribute 'recipe'" in theirs.stderr
    (home / "recipe.py").write_text("import tui_annotate\n")
    silent = run_headless(annotate_argv("-F", "recipe.py", "recipes"), home, env=env)
    assert silent.stderr == ""


@pytest.mark.parametrize("view", ["audio_manual", "image_manual"])
def test_what_a_terminal_cannot_do_is_named(view: str) -> None:
    with pytest.raises(RecipeError, match=f"{view}.*which a terminal cannot"):
        find_view(view)


def test_a_picture_is_shown_in_words(tmp_path: Path) -> None:
    head = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (48).to_bytes(4, "big")
    )
    (tmp_path / "cat.png").write_bytes(head)
    (task,) = alias("prodigy.components.loaders").Images(tmp_path)
    editor, notes = open_task({**task, "caption": "A cat."}, "image", {})
    shown = "\n".join(each.text for each in editor.sheet())
    assert str(tmp_path / "cat.png") in shown
    assert "640 x 48 pixels, 24 bytes" in shown
    assert "A cat." in shown
    assert notes == ()


def test_scripts_for_a_browser_are_noticed() -> None:
    task = {"html": "<b>Hello</b><script>run()</script>"}
    editor, notes = open_task(task, "html", {})
    assert [each.text for each in editor.sheet()] == ["Hello"]
    assert notes == ("JavaScript does not run in a terminal: shown as text",)


def test_a_built_in_recipe_takes_lists_and_own_tasks(tmp_path: Path) -> None:
    manual = alias("prodigy.recipes.textcat").manual
    made = manual("s", [{"text": "a"}, {"text": "b"}], label=["GOOD", "BAD"], exclude=["t"])
    assert made["view_id"] == "choice"
    assert made["config"]["labels"] == ["GOOD", "BAD"]
    assert made["exclude"] == ["t"]
    assert [eg["text"] for eg in made["stream"]] == ["a", "b"]
    assert all("_task_hash" in eg for eg in made["stream"])
    with pytest.raises(UsageError, match="there is no argument 'labl'"):
        manual("s", [], labl=["A"])
    with pytest.raises(UsageError, match="Did you mean"):
        recipe_function("textcat.manul")


def test_patterns_learn_from_answers(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "p.jsonl", [{"label": "FRUIT", "pattern": "fig"}])
    matcher = alias("prodigy.models.matcher").PatternMatcher(None).from_disk(path)
    ((score, eg),) = matcher([{"text": "one fig"}, {"text": "none"}])
    assert (score, eg["spans"][0]["start"], eg["spans"][0]["end"]) == (0.5, 4, 7)
    matcher.update([{**eg, "answer": "accept"}] * 4)
    assert next(matcher([{"text": "a fig"}]))[0] == 0.75
    matcher.update([{**eg, "answer": "reject"}] * 8)
    assert next(matcher([{"text": "a fig"}]))[0] == 6 / 16


def test_two_models_take_turns_and_both_learn() -> None:
    class Fixed:
        def __init__(self, score: float) -> None:
            self.score, self.seen = score, 0

        def __call__(self, stream: Any) -> Any:
            return ((self.score, eg) for eg in stream)

        def update(self, answers: list[Any]) -> float:
            self.seen += len(answers)
            return self.score

    one, two = Fixed(0.25), Fixed(0.75)
    predict, update = combine_models(one, two, batch_size=2)
    scores = [score for score, _ in predict({"text": str(n)} for n in range(3))]
    assert scores == [0.25, 0.75] * 3
    assert update([{}, {}]) == 1.0
    assert (one.seen, two.seen) == (2, 2)


def test_spans_of_one_input_are_merged() -> None:
    span = {"start": 0, "end": 1, "label": "A"}
    other = {"start": 2, "end": 3, "label": "B"}
    given: list[dict[str, Any]] = [
        {"text": "a b", "spans": [span], "answer": "accept"},
        {"text": "a b", "spans": [other], "answer": "reject"},
        {"text": "a b", "spans": [], "answer": "ignore"},
        {"text": "c", "spans": [], "answer": "accept"},
    ]
    merged = merge_spans(given)
    assert [each["text"] for each in merged] == ["a b", "c"]
    assert merged[0]["spans"] == [{**span, "answer": "accept"}, {**other, "answer": "reject"}]


@pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed")
def test_pipelines_as_models() -> None:
    spacy: Any = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("textcat_multilabel").add_label("GOOD")
    nlp.add_pipe("ner").add_label("FRUIT")
    nlp.initialize()
    model = alias("prodigy.models.textcat").TextClassifier(nlp, ["GOOD"])
    ((score, eg),) = model([{"text": "A fig."}])
    assert 0 <= score <= 1
    assert eg["label"] == "GOOD"
    assert model.update([{**eg, "answer": "accept"}]) > 0
    entities = alias("prodigy.models.ner").EntityRecognizer(nlp, label=["FRUIT"])
    scored = list(entities([{"text": "A fig."}]))
    assert all(0 <= each[0] <= 1 and len(each[1]["spans"]) == 1 for each in scored)
    split = alias("prodigy.components.preprocess").split_sentences
    assert [e["text"] for e in split(nlp, [{"text": "A fig. A plum."}])] == ["A fig.", "A plum."]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "a.db"
    with Database(open_store(path), lambda: open_store(path)) as made:
        yield made


def test_a_dataset_by_the_whole_interface(db: Database) -> None:
    db.add_dataset("one", {"about": "fruit"})
    db.add_examples([{"text": "a"}, {"text": "b", "answer": "reject"}], ["one", "two"])
    assert (db.datasets, len(db), "one" in db, "three" in db) == (["one", "two"], 2, True, False)
    assert (db.get_meta("one") or {})["about"] == "fruit"
    assert db.get_meta("none") is None
    assert db.get_dataset("none") == []
    assert [(e["text"], e["answer"]) for e in db.get_dataset("one")] == [
        ("a", "accept"),
        ("b", "reject"),
    ]
    (first, _) = db.get_dataset_examples("one")
    assert len(db.get_examples([first["_task_hash"]])) == 2
    db.drop_examples(first["_task_hash"])
    assert (db.count_dataset(name="one"), db.count_dataset("two")) == (1, 1)
    db.unlink("two")
    assert (db.count_dataset("two"), "two" in db) == (0, True)
    db.drop_dataset("two")
    assert db.datasets == ["one"]
    db.reconnect()
    assert db.get_task_hashes("one", "never") == db.get_hashes("one", kind="task")
    with pytest.raises(UsageError, match="no dataset is named"):
        db.add_examples([{"text": "a"}], [])


def test_a_session_is_found_where_a_dataset_is(db: Database) -> None:
    db.add_dataset("one-ann", session=True)
    db.add_examples([{"text": "a"}], ["one", "one-ann"])
    db.add_examples([{"text": "b", "_session_id": "one-ben"}], ["one"])
    assert db.datasets == ["one"]
    assert db.sessions == db.get_dataset_sessions("one") == ["one-ann", "one-ben"]
    assert [each["text"] for each in db.get_dataset("one-ann")] == ["a"]
    assert db.count_dataset("one-ben", session=True) == 1
    assert [e["text"] for e in db.get_sessions_examples(["one-ben", "one-ann"])] == ["b", "a"]
    db.drop_dataset("one-ben")
    assert db.get_dataset_sessions("one") == ["one-ann"]


def test_answers_from_scripts_are_not_asked_again(db: Database, tmp_path: Path) -> None:
    db.add_examples([{"text": "a"}], ["my_set"])
    db.close()
    job = own_job({"stream": [{"text": "a"}, {"text": "b"}]})
    assert [each["text"] for each in asked(job, tmp_path / "a.db")] == ["b"]


def test_the_controller_gives_takes_and_changes_tasks(tmp_path: Path) -> None:
    seen: list[Any] = []

    def before(ctrl: Any) -> None:
        seen.append(ctrl.get_questions())
        ctrl.receive_answers([{"text": "b", "answer": "reject"}])

    def update(answers: list[Any]) -> None:
        seen.append([each["text"] for each in answers])

    def progress(session: int = 0, total: int = 0) -> float:
        return session / 4

    components = {
        "stream": [{"text": name} for name in "abc"],
        "on_load": before,
        "update": update,
        "progress": progress,
        "config": {"instant_submit": True, "batch_size": 1},
    }
    job = own_job(components)
    assert [each["text"] for each in asked(job, tmp_path / "a.db")] == ["a", "c"]
    assert seen[0] == []
    assert ["a"] in seen


def test_another_stream_takes_the_place_of_the_first(tmp_path: Path) -> None:
    kept: list[Any] = []

    def update(answers: list[Any]) -> None:
        if answers[0]["text"] == "a":
            kept[0].reset_stream([{"text": "x"}, {"text": "y"}])

    components = {
        "stream": [{"text": name} for name in "abcd"],
        "on_load": kept.append,
        "update": update,
        "config": {"instant_submit": True, "batch_size": 1},
    }
    texts = [each["text"] for each in asked(own_job(components), tmp_path / "a.db")]
    assert texts[0] == "a"
    assert texts[-2:] == ["x", "y"]
    assert "d" not in texts


@pytest.mark.parametrize("extra", [[], [None]], ids=["new", "with-api"])
def test_the_manual_classifier_takes_exclusive_before_exclude(extra: list[None]) -> None:
    values = ["s", [], *extra, "jsonl", ["B", "A"], True, ["other"]]
    assert arguments_of(get_recipe("textcat.manual"), values, {}) == {
        "dataset": "s", "source": [], "loader": "jsonl", "label": "B,A", "exclusive": True,
        "exclude": ["other"],
    }  # fmt: skip
    given = arguments_of(get_recipe("ner.eval-ab"), ["s", "m1", "m2", [], None, ["A"]], {})
    assert given == {
        "dataset": "s", "model_a": "m1", "model_b": "m2", "source": [], "label": "A",
    }  # fmt: skip


@pytest.mark.parametrize("extra", [[], [None]], ids=["new", "with-api"])
def test_positional_arguments_in_both_orders(extra: list[None]) -> None:
    spec = get_recipe("ner.teach")
    given = arguments_of(spec, ["s", "m", [], *extra, "jsonl", ["B", "A"], "p.jsonl"], {})
    assert given == {
        "dataset": "s", "model": "m", "source": [], "loader": "jsonl", "label": "B,A",
        "patterns": "p.jsonl",
    }  # fmt: skip
