"""Names and calls that recipe files have used over the years, in the forms in which they did."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest

from tests.compat.support import ROWS, name
from tests.recipes.support import asked, job_of, own_job
from tui_annotate.editors.registry import check_views, open_task
from tui_annotate.errors import (
    MissingExtra,
    RecipeError,
    SourceError,
    UsageError,
)
from tui_annotate.recipes.recipe_files import load_file
from tui_annotate.recipes.registry import (
    guess_converter,
    recipe,
)
from tui_annotate.session.recipe_code import ask_hook, asked_of
from tui_annotate.sources.registry import open_source
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database

pytestmark = [pytest.mark.quick, pytest.mark.usefixtures("installed")]
needs_spacy = pytest.mark.skipif(
    importlib.util.find_spec("spacy") is None, reason="spaCy is not installed"
)


@pytest.mark.parametrize(
    "settings",
    [
        ((None, "jsonl"), {"rehash": True, "dedup": True, "input_key": "text"}),
        ((None, "jsonl", True, True, "text"), {}),
        (("jsonl", True, True, "text"), {}),
        ((), {"api": None, "loader": None, "rehash": True, "dedup": True}),
    ],
    ids=["api, loader", "api and all", "without api", "named"],
)
def test_streams_by_the_orders_of_all_versions(settings: tuple[Any, dict[str, Any]]) -> None:
    args, named = settings
    stream = name("components.loaders.get_stream")("data.jsonl", *args, **named)
    assert [eg["text"] for eg in stream] == ["one fig", "nothing"]


def test_a_stream_of_any_iterable() -> None:
    stream = name("components.stream.Stream").from_iterable({"text": each} for each in "ab")
    stream.apply(lambda tasks, label: ({**eg, "label": label} for eg in tasks), label="X")
    assert [(eg["text"], eg["label"]) for eg in stream] == [("a", "X"), ("b", "X")]


@pytest.mark.parametrize(
    ("settings", "count"), [({}, 2), ({"all_examples": True}, 3), ({"filter_empty": False}, 3)]
)
def test_patterns_give_all_examples_where_told_to(settings: dict[str, Any], count: int) -> None:
    matcher = name("models.matcher.PatternMatcher")(None, combine_matches=True, **settings)
    found = list(matcher.from_disk("patterns.jsonl")({**row} for row in ROWS))
    assert len(found) == count
    assert [len(eg["spans"]) for _, eg in found if eg["text"] == "nothing"] == [0] * (count - 2)


@needs_spacy
def test_labels_of_a_pipeline_or_of_the_recipe() -> None:
    spacy: Any = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("ner").add_label("FRUIT")
    resolve = name("components.preprocess.resolve_labels")
    assert resolve(nlp, "ner") == ["FRUIT"]
    assert resolve(nlp, "ner", ["A"]) == ["A"]
    assert resolve(nlp, "ner", recipe_labels="A,B") == ["A", "B"]
    with pytest.raises(UsageError, match="no labels"):
        resolve(nlp, "textcat")


@needs_spacy
def test_single_documents_and_pipelines() -> None:
    spacy: Any = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("textcat").add_label("A")
    tokenize = name("components.preprocess.tokenize_example")
    task = tokenize({"text": "A fig."}, nlp.make_doc("A fig."))
    assert [token["text"] for token in task["tokens"]] == ["A", "fig", "."]
    own = [{"text": "A f", "ws": False}, {"text": "ig.", "ws": False}]
    doc = name("components.preprocess.make_raw_doc")(nlp, {"text": "A fig.", "tokens": own})
    assert ([token.text for token in doc], doc.text) == (["A f", "ig."], "A fig.")
    other = name("util.copy_nlp")(nlp)
    other.add_pipe("ner")
    assert nlp.pipe_names == ["sentencizer", "textcat"]
    assert name("models.textcat.infer_exclusive")(nlp, "textcat") is True
    assert name("recipes.ner.get_labels_from_ner")(nlp) == []


def test_characters_as_tokens() -> None:
    add_tokens = name("components.preprocess.add_tokens")
    (task,) = add_tokens(None, [{"text": "ae\u0301 b"}], use_chars=True)
    assert [token["text"] for token in task["tokens"]] == ["a", "e\u0301", " ", "b"]
    config = {"ner_manual_highlight_chars": True, "labels": ["A"]}
    editor, _ = open_task({"text": "fig"}, "ner_manual", config)
    editor.apply("label", "A")
    (span,) = editor.content()["spans"]
    assert (span["start"], span["end"]) == (0, 1)
    (bare,) = name("recipes.ner.remove_tokens")([editor.content()])
    assert bare["spans"] == [{"start": 0, "end": 1, "label": "A"}]
    assert "tokens" not in bare


@needs_spacy
def test_silver_answers_become_best_ones() -> None:
    spacy: Any = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("ner").add_label("FRUIT")
    nlp.initialize()
    span = {"start": 4, "end": 7, "label": "FRUIT"}
    silver = [{"text": "one fig", "spans": [span], "answer": "accept", "_input_hash": 1}] * 2
    (best,) = name("models.ner.EntityRecognizer")(nlp, label=["FRUIT"]).make_best(silver)
    assert (best["spans"][0]["start"], best["spans"][0]["end"]) == (4, 7)


def test_likely_tasks_first_and_none_left_out() -> None:
    scored = [(0.0, {"text": "a"}), (1.0, {"text": "b"}), (0.0, {"text": "c"})]
    found = name("components.sorters.Probability")(iter(scored))
    assert [eg["text"] for eg in found] == ["b", "a", "c"]


def test_a_likely_task_does_not_wait_for_others() -> None:
    def stream() -> Iterator[tuple[float, dict[str, str]]]:
        for text in ("fig", "plum"):  # and the next only after an answer
            yield 1.0, {"text": text}
        pytest.fail("read ahead")

    found = name("components.sorters.Probability")(stream())
    assert [next(found)["text"], next(found)["text"]] == ["fig", "plum"]


def test_chance_is_the_same_every_time() -> None:
    scored = [(0.5, {"text": str(number)}) for number in range(50)]
    one, other = (list(name("components.sorters.Probability")(scored)) for _ in range(2))
    assert one == other
    assert one != [task for _, task in scored]
    assert sorted(int(eg["text"]) for eg in one) == list(range(50))


def test_filters_by_their_arguments_names() -> None:
    tasks = list(map(name("set_hashes"), name("components.loaders.JSONL")("data.jsonl")))
    inputs, hashes = ({eg[key] for eg in tasks[:1]} for key in ("_input_hash", "_task_hash"))
    assert len(list(name("components.filters.filter_inputs")(tasks, input_ids=inputs))) == 1
    assert len(list(name("components.filters.filter_tasks")(tasks, task_ids=hashes))) == 1
    left = name("components.filters.filter_seen_before")(tasks, tasks[:1])
    assert [eg["text"] for eg in left] == ["nothing"]


def test_what_is_printed_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    msg = name("util.msg")
    msg.table([("fig", 1), ("plum", 20)], header=("name", "n"), divider=True)
    msg.row(["a", 2])
    with msg.loading("Loading"):
        pass
    said = capsys.readouterr().err.splitlines()
    assert said == ["name   n", "fig    1", "plum   20", "a   2", "Loading"]
    with pytest.raises(SystemExit):
        msg.good("Done", exits=0)
    assert capsys.readouterr().err == "done: Done\n"
    with pytest.raises(SystemExit):
        name("util.prints")("No set", "Make one", exits=1, error=True)
    assert capsys.readouterr().err == "error: No set\nMake one\n"
    error = name("errors.RecipeError")("No set 'a'.", "Make one")
    assert str(error) == "No set 'a'. Make one"
    assert isinstance(error, RecipeError)
    assert isinstance(error, name("errors.ProdigyError"))


def test_data_uris_are_read_back(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    uri = name("util.img_to_b64_uri")(name("util.ensure_path")("a.png"))
    assert name("util.b64_uri_to_bytes")(uri) == b"\x89PNG"
    (picture,) = name("components.loaders.Images")(".")
    assert name("util.b64_uri_to_bytes")(picture["image"]) == b"\x89PNG"
    with pytest.raises(SourceError, match="no data URI"):
        name("util.b64_uri_to_bytes")("data:image/png,x")
    (task,) = name("components.preprocess.fetch_images")([{"image": "a.png"}])
    assert (task["image"], task["path"]) == (uri, "a.png")


def test_progress_in_its_forms(tmp_path: Path) -> None:
    seen: list[Any] = []

    def older(session: int = 0, total: int = 0, loss: float = 0, kept: Any = seen) -> float:
        kept.append((session, total, loss))
        return 0.5

    def newer(ctrl: Any, session: Any, answers: list[Any], update_return_value: Any) -> float:
        assert ctrl.get_session_name("annotator-1") == session.id
        assert ctrl.exclude_by == "input"
        seen.append((session.total_annotated, answers, update_return_value))
        return 0.5

    for number, progress in enumerate((older, newer)):
        parts = {"progress": progress, "config": {"exclude_by": "input"}, "stream": ROWS[:2]}
        asked(own_job(parts), tmp_path / f"{number}.db")
    assert seen[:3] == [(0, 0, 0), (1, 1, 0), (2, 2, 0)]
    assert seen[3:] == [(0, [], None), (1, [], None), (2, [], None)]
    more = {"progress": newer, "config": {"exclude_by": "input"}, "stream": [*ROWS, {"text": "x"}]}
    asked(own_job(more), tmp_path / "1.db")
    assert seen[6:] == [(2, [], None), (3, [], None)]


def test_hooks_in_both_forms() -> None:
    ctrl: Any = object()
    assert ask_hook(lambda ctrl, example: example["n"], ctrl, {"n": 1}) == 1

    def named(ctrl: Any, *, example: Any) -> Any:
        return example["n"]

    assert ask_hook(named, ctrl, {"n": 2}) == 2


def test_hooks_get_the_arguments_that_they_name() -> None:
    ctrl: Any = object()
    task = {"text": "Acme", "n": 3}

    def search(_ctrl: Any, *, query: str, text: str, top: int, answer: Any, more: int = 1) -> Any:
        return query, text, top, answer, more

    assert asked_of(search, task) == ("query", "top")
    typed = {"query": "firms", "top": "5"}
    assert ask_hook(search, ctrl, task, typed) == ("firms", "Acme", 5, task, 1)
    with pytest.raises(UsageError, match="top is to be a number, not 'many'"):
        ask_hook(search, ctrl, task, {**typed, "top": "many"})


def test_hooks_by_position_are_asked_for_what_is_no_task() -> None:
    ctrl: Any = object()

    def typed_one(_ctrl: Any, query: str) -> str:
        return query

    def either(_ctrl: Any, n: Any = None, eg: Any = None) -> Any:
        return n, eg

    assert asked_of(typed_one, {"text": "a"}) == ("query",)
    assert ask_hook(typed_one, ctrl, {"text": "a"}, {"query": "b"}) == "b"
    assert asked_of(either, {}) == ()
    assert ask_hook(either, ctrl, {"text": "a"}) == (None, {"text": "a"})
    assert ask_hook(lambda *given: len(given), ctrl, {}) == 2
    assert ask_hook(lambda _ctrl: 1, ctrl, {}) == 1


def test_html_of_a_block_is_shown_beside_a_text() -> None:
    blocks = [{"view_id": "html", "html": "<b>Which one?</b>"}, {"view_id": "text"}]
    editor, _ = open_task({"text": "one fig"}, "blocks", {"blocks": blocks})
    shown = [each.text for each in editor.sheet() if each.text]
    assert shown == ["Which one?", "one fig"]


def test_tables_with_capital_columns(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("Text,Label,Meta\nfig,FRUIT,1\nfig,TREE,\n")
    found = list(name("components.loaders.CSV")("data.csv"))
    assert found == [
        {"text": "fig", "meta": {"meta": "1"}, "label": "FRUIT"},
        {"text": "fig", "label": "TREE"},
    ]
    assert len({name("set_hashes")(eg)["_task_hash"] for eg in found}) == 2
    (tmp_path / "more.csv").write_text("text,label,lang\nfig,FRUIT,en\n")
    (row,) = open_source(str(tmp_path / "more.csv")).rows()
    assert row.data == {"text": "fig", "meta": {"label": "FRUIT", "lang": "en"}}  # type: ignore[union-attr]


def test_a_pipeline_is_made_of_its_name() -> None:
    for hint in ("Language", "spacy.language.Language", "Optional[Language]"):
        convert = guess_converter(hint, None)
        assert convert is not None
        with pytest.raises((UsageError, MissingExtra), match=r"no spaCy pipeline|needs spaCy"):
            convert("./nowhere")


def test_built_in_recipes_take_lists_of_names() -> None:
    job = own_job(
        name("recipes.rel.manual")(
            "my_set", None, Path("data.jsonl"), label=["OF"], span_label=["A", "B"]
        )
    )
    assert job.config["labels"] == ["OF"]
    assert "B" in str(job.config["relations_span_labels"])


def test_a_package_that_is_not_installed_is_told_in_one_line(tmp_path: Path) -> None:
    Path("recipe.py").write_text("import nowhere_at_all\n")
    with pytest.raises(RecipeError, match=r"No module named 'nowhere_at_all'\)$"):
        load_file("recipe.py")


def test_a_session_announced_on_one_thread_is_known_on_another(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Database(open_store(path), lambda: open_store(path)) as db:
        db.add_dataset("2024-05-01_16-50-06", session=True)

        def add() -> None:
            db.add_examples([{"text": "a"}], ["my_set", "2024-05-01_16-50-06"])
            db.close_other()

        with ThreadPoolExecutor(1) as other:
            other.submit(add).result()
        assert (db.datasets, db.sessions) == (["my_set"], ["2024-05-01_16-50-06"])


def test_what_a_terminal_cannot_do_is_refused_when_it_is_called() -> None:
    for path in ("recipes.image.image_manual", "recipes.audio.manual", "components.loaders.Audio"):
        with pytest.raises(RecipeError, match="which a terminal cannot"):
            name(path)("my_set", "folder")
    with pytest.raises(RecipeError, match="'audio' plays sound, which a terminal cannot"):
        check_views("blocks", {"blocks": [{"view_id": "text_input"}, {"view_id": "audio"}]})
    check_views("text", {"blocks": [{"view_id": "audio"}]})


def test_a_task_with_sound_shows_its_path() -> None:
    editor, notes = open_task({"audio": "a.mp3", "view_id": "audio"}, "text", {})
    assert [each.text for each in editor.sheet()] == ["audio: a.mp3"]
    assert notes == ("the task's view 'audio' plays sound, which a terminal cannot: shown as text",)


@needs_spacy
def test_what_models_yield_has_hashes() -> None:
    spacy: Any = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("ner").add_label("FRUIT")
    nlp.add_pipe("textcat_multilabel").add_label("A")
    nlp.initialize()
    models = (
        name("models.textcat.TextClassifier")(nlp, ["A"], long_text=False),
        name("models.ner.EntityRecognizer")(nlp),
        name("models.matcher.PatternMatcher")(nlp).from_disk("patterns.jsonl"),
    )
    for model in models:
        stream = (eg for _, eg in model({**row} for row in ROWS))
        found = list(name("components.filters.filter_duplicates")(stream))
        assert found
        assert all(isinstance(eg["_task_hash"], int) for eg in found)
        assert len({eg["_task_hash"] for eg in found}) == len(found)
    bare = name("components.filters.filter_inputs")([{"text": "one fig"}], input_ids=set())
    assert next(bare)["_input_hash"]


FAILING = """
import json
import prodigy

@prodigy.recipe("failing")
def failing(dataset):
    def stream():
        yield {"text": "a"}
        json.loads("{")
    return {"dataset": dataset, "view_id": "text", "stream": stream()}
"""


def test_a_failing_stream_names_the_line_of_the_recipe(tmp_path: Path) -> None:
    Path("recipe.py").write_text(FAILING)
    load_file("recipe.py")
    with pytest.raises(RecipeError, match=r"JSONDecodeError.*\(recipe\.py:9\)$"):
        asked(job_of("failing", dataset="my_set"), tmp_path / "a.db")


def test_instructions_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "help.html").write_text("<h1>How</h1><p>Mark <b>fruit</b>.</p>")

    def told(instructions: Any) -> str:
        @recipe("told")
        def made(dataset: str) -> Any:
            config = {"instructions": instructions}
            return {"dataset": dataset, "view_id": "text", "stream": [], "config": config}

        return job_of("told", dataset="my_set").instructions

    assert told("help.html") == told(tmp_path / "help.html") == "How\nMark fruit."
    assert told("Mark fruit.") == "Mark fruit."
    assert told(False) == ""
    assert told("nowhere.md") == "", "the session says so, and goes on without"


def test_a_dataset_is_read_outside_any_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    with name("components.db.connect")() as db:
        db.add_examples([{"text": "a"}, {"text": "b", "answer": "reject"}], ["my_set"])

    def read(source: str) -> list[str]:
        return [eg["text"] for eg in name("get_stream")(source)]

    assert Context().run(read, "dataset:my_set:reject") == ["b"]
    with ThreadPoolExecutor(1) as other:
        assert other.submit(read, "dataset:my_set").result() == ["a", "b"]
    with pytest.raises(UsageError, match="no database in memory"):
        name("components.db.connect")("sqlite", {"name": ":memory:"})


def test_an_import_within_a_recipe_is_told_the_same_way() -> None:
    @recipe("late")
    def late(dataset: str) -> Any:
        importlib.import_module("prodigy.components.nowhere")

    with pytest.raises(RecipeError, match=r"late \(.*: our alias of Prodigy lacks this: No module"):
        job_of("late", dataset="my_set")


@pytest.mark.parametrize("exclude_by", ["task", "input"])
@pytest.mark.parametrize("generator", [True, False], ids=["generator", "list"])
def test_hashes_that_a_recipe_sets_say_what_one_task_is(
    tmp_path: Path, exclude_by: str, generator: bool
) -> None:
    """Equal texts from several places are several tasks, and are not asked again later."""
    set_hashes = name("util.set_hashes")

    def made() -> Iterator[dict[str, Any]]:
        for number in range(5):
            task = {"text": "the same", "place": number}
            yield set_hashes(task, input_keys=("text", "place"), overwrite=True)

    def job() -> Any:
        stream: Any = made() if generator else list(made())
        return own_job({"stream": stream, "config": {"exclude_by": exclude_by}})

    first = asked(job(), tmp_path / "store.db", limit=3)
    rest = asked(job(), tmp_path / "store.db")
    assert [task["place"] for task in first + rest] == [0, 1, 2, 3, 4]
    expected = [task["_input_hash"] for task in made()]
    assert [task["_input_hash"] for task in first + rest] == expected
    database = Database(open_store(tmp_path / "store.db"))
    assert database.get_input_hashes("my_set") == set(expected)


def test_examples_are_split_as_in_older_versions() -> None:
    rows = [{"text": str(n)} for n in range(10)]
    train, held, share = name("util.split_evals")(rows, 0.2)
    assert (len(train), len(held), share) == (8, 2, 0.2)
    assert train + held != [] and not [each for each in train if each in held]
    assert len(name("util.split_evals")(rows)[1]) == 5
    assert name("util.split_evals")("a,eval:b") == (["a"], ["b"])


def test_what_was_compared_is_counted_at_the_end(tmp_path: Path) -> None:
    printer = name("components.printers.get_compare_printer")("old", "new")
    sides = ({"A": "accept", "B": "reject"}, {"A": "reject", "B": "accept"})
    rows = [
        {"input": {"text": str(n)}, "accept": {"text": "x"}, "reject": {"text": "y"}, "mapping": m}
        for n, m in enumerate((*sides, sides[0]))
    ]
    job = own_job({"stream": rows, "view_id": "compare", "on_exit": printer})
    asked(job, tmp_path / "store.db")  # what is under `accept` each time, whichever it is
    assert job.farewell == ["old (A) was chosen 2 times, new (B) 1 times; ignored: 0"]
