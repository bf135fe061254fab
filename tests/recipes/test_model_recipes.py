"""Recipes with spaCy pipelines, small ones that are trained here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recipes import pipelines
from tests.recipes.support import asked, job_of, opened, run_through, write_jsonl
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.errors import UsageError
from tui_annotate.exchange.imported_answer import arrival
from tui_annotate.exchange.importer import Importer
from tui_annotate.recipes.model_updates import TextClassifier
from tui_annotate.store.database import open_store
from tui_annotate.suggest.model_thread import LARGEST, ModelThread

spacy = pytest.importorskip("spacy")


@pytest.fixture
def source(tmp_path: Path) -> str:
    rows = [{"text": "Ilse lives in Cork. Orla left Galway."}, {"text": "The mill is old."}]
    return str(write_jsonl(tmp_path / "data.jsonl", rows))


def spans(task: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for each in task["spans"]:
        tokens = task["tokens"][each["token_start"] : each["token_end"] + 1]
        assert (tokens[0]["start"], tokens[-1]["end"]) == (each["start"], each["end"])
        found.append((task["text"][each["start"] : each["end"]], each["label"]))
    return found


def test_ner_correct_proposes_sentence_by_sentence(model: str, source: str, tmp_path: Path) -> None:
    job = job_of("ner.correct", dataset="s", model=model, source=source)
    assert (job.view_id, job.policy.exclude_by) == ("ner_manual", "input")
    assert job.labels == ("LOC", "PER")
    found = asked(job, tmp_path / "a.db")
    assert [(task["text"], spans(task)) for task in found] == [
        ("Ilse lives in Cork.", [("Ilse", "PER"), ("Cork", "LOC")]),
        ("Orla left Galway.", [("Orla", "PER"), ("Galway", "LOC")]),
        ("The mill is old.", []),
    ]
    again = job_of("ner.correct", dataset="s", model=model, source=source)
    assert asked(again, tmp_path / "a.db") == []


def test_unsegmented_leaves_texts_whole(model: str, source: str, tmp_path: Path) -> None:
    values = {"unsegmented": True, "label": "PER"}
    job = job_of("ner.correct", dataset="s", model=model, source=source, **values)
    found = asked(job, tmp_path / "a.db")
    assert [spans(task) for task in found] == [[("Ilse", "PER"), ("Orla", "PER")], []]


def test_ner_teach_asks_single_questions_and_learns_from_a_no(
    model: str, source: str, tmp_path: Path
) -> None:
    job = job_of("ner.teach", dataset="s", model=model, source=source, label="LOC")
    job.config.update(batch_size=1, history_size=0)
    assert (job.view_id, job.policy.exclude_by) == ("ner", "task")
    session = opened(job, tmp_path / "a.db")
    scores = []

    def decide(task: dict[str, Any]) -> str:
        scores.append(task["spans"][0]["score"])
        assert task["_is_binary"]
        return "reject"

    assert run_through(session, decide) >= 2
    session.close()
    assert all(0 < score <= 1 for score in scores)
    second = job_of("ner.teach", dataset="t", model=model, source=source, label="LOC")
    update: Any = second.given["update"]
    learn = update.args[0]
    nlp = learn.args[0]
    from tui_annotate.suggest import spacy_docs

    text = "Orla left Galway."
    before = spacy_docs.entity_scores(nlp, [nlp(text)])[0][(2, 3, "LOC")]
    no = {"text": text, "answer": "reject", "spans": [{"start": 10, "end": 16, "label": "LOC"}]}
    for _ in range(10):
        learn([no])
    after = spacy_docs.entity_scores(nlp, [nlp(text)])[0].get((2, 3, "LOC"), 0.0)
    assert after < before / 2


def test_teach_with_patterns_asks_what_the_pipeline_does_not_see(
    model: str, source: str, tmp_path: Path
) -> None:
    pattern = {"label": "LOC", "pattern": [{"lower": "mill"}]}
    patterns = str(write_jsonl(tmp_path / "p.jsonl", [pattern]))
    job = job_of("ner.teach", dataset="s", model=model, source=source, patterns=patterns)
    found = asked(job, tmp_path / "a.db")
    assert ("mill", "LOC") in [spans(task)[0] for task in found]


def test_textcat_correct_has_chosen_what_the_pipeline_gives(
    model: str, source: str, tmp_path: Path
) -> None:
    job = job_of("textcat.correct", dataset="s", model=model, source=source, threshold=0.5)
    assert (job.view_id, job.config["choice_style"]) == ("choice", "multiple")
    found = asked(job, tmp_path / "a.db")
    assert [task["accept"] for task in found] == [["PEOPLE"], ["THINGS"]]
    assert {option["id"] for option in found[0]["options"]} == {"PEOPLE", "THINGS"}
    assert 0.5 <= float(found[0]["options"][0]["meta"]["score"]) <= 1


def test_textcat_teach_asks_every_label_and_drops_none(
    model: str, source: str, tmp_path: Path
) -> None:
    job = job_of("textcat.teach", dataset="s", model=model, source=source)
    job.config.update(batch_size=1, history_size=0)
    found = asked(job, tmp_path / "a.db")
    assert sorted((task["text"][:4], task["label"]) for task in found) == [
        ("Ilse", "PEOPLE"),
        ("Ilse", "THINGS"),
        ("The ", "PEOPLE"),
        ("The ", "THINGS"),
    ]
    assert asked(job_of("textcat.teach", dataset="s", model=model, source=source),
                 tmp_path / "a.db") == []  # fmt: skip


def test_textcat_teach_begins_without_classes(source: str, tmp_path: Path) -> None:
    def look() -> list[tuple[str, str, float]]:
        values = {"dataset": "s", "model": "blank:en", "source": source, "label": "OLD,PEOPLE"}
        job = job_of("textcat.teach", **values)
        assert job.notices == (
            "blank:en gives no classes: what is learned from your answers begins with chance",
        )
        found = asked(job, tmp_path / "a.db")
        return [(task["text"][:4], task["label"], task["meta"]["score"]) for task in found]

    state = random.getstate()
    first = look()
    assert random.getstate() == state
    assert sorted(each[:2] for each in first) == [
        ("Ilse", "OLD"), ("Ilse", "PEOPLE"), ("The ", "OLD"), ("The ", "PEOPLE"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="has no component"):
        job_of("textcat.teach", dataset="s", model="blank:en", source=source)

    nlp = spacy.blank("en")
    classifier = TextClassifier(nlp, ["OLD"], long_text=True)
    text = "The mill is old."
    before = [score for score, _ in classifier([{"text": text}])]
    assert before == [
        score for score, _ in TextClassifier(spacy.blank("en"), "OLD")([{"text": text}])
    ]
    for _ in range(5):
        classifier.update([{"text": text, "label": "OLD", "answer": "accept"}])
    assert [score for score, _ in classifier([{"text": text}])] > before


def test_silver_to_gold_keeps_the_yes_and_leaves_out_the_no(
    model: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "a.db"
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(store))
    session = opened(job_of("ner.teach", dataset="silver", model=model, source=source), store)

    def decide(task: dict[str, Any]) -> str:
        return "reject" if spans(task) == [("Galway", "LOC")] else "accept"

    run_through(session, decide)
    session.close()
    job = job_of("ner.silver-to-gold", silver="silver", dataset="gold", model=model)
    found = {task["text"]: spans(task) for task in asked(job, store)}
    assert found["Ilse lives in Cork."] == [("Ilse", "PER"), ("Cork", "LOC")]
    assert found["Orla left Galway."] == [("Orla", "PER")]


def test_silver_to_gold_takes_first_what_is_saved_to(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Prodigy does, several sets of yes and no too; exchanged names are said, also at a resume,
    when both exist."""
    store = tmp_path / "a.db"
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(store))
    text = "Ilse left Galway."
    with open_store(store) as opened_store:
        for name, start, end, label in (("one", 0, 4, "PER"), ("two", 10, 16, "PER")):
            asked_about = {"start": start, "end": end, "label": label}
            row = {"text": text, "spans": [asked_about], "answer": "accept", "_view_id": "ner"}
            Importer(opened_store, name).add([arrival(row)])
        row = {"text": text, "spans": [], "answer": "accept", "_view_id": "ner_manual"}
        Importer(opened_store, "gold").add([arrival(row)])
    name = "ner.silver-to-gold"
    (found,) = asked(job_of(name, dataset="fresh", silver="one,two", model=model), store)
    assert spans(found) == [("Ilse", "PER"), ("Galway", "PER")]
    with pytest.raises(UsageError, match="it is 'one' that holds yes and no"):
        job_of(name, dataset="one", silver="gold", model=model)
    with pytest.raises(UsageError, match="it is 'one' that holds yes and no"):
        job_of(name, dataset="one", silver="absent", model=model)
    with pytest.raises(UsageError, match="there is no dataset 'absent'"):
        job_of(name, dataset="fresh", silver="absent", model=model)


def test_silver_to_gold_knows_decisions_of_single_spans(model: str, tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    text = "Orla left Galway."
    names = [
        {"start": 0, "end": 4, "label": "LOC", "answer": "accept"},
        {"start": 10, "end": 16, "label": "LOC", "answer": "reject"},
    ]
    with open_store(store) as opened_store:
        row = {"text": text, "spans": names, "answer": "accept"}
        Importer(opened_store, "silver").add([arrival(row)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUI_ANNOTATE_DB", str(store))
        job = job_of("ner.silver-to-gold", silver="silver", dataset="gold", model=model)
        (found,) = asked(job, store)
    assert spans(found) == [("Orla", "LOC")]


def test_eval_ab_is_blind_and_says_who_was_better(model: str, source: str, tmp_path: Path) -> None:
    other = tmp_path / "blank"
    spacy.blank("en").to_disk(other)
    values = {"model_a": model, "model_b": str(other), "source": source}
    job = job_of("ner.eval-ab", dataset="s", **values)
    session = opened(job, tmp_path / "a.db")
    item, orders = session.start(), []
    while item is not None:
        orders.append([option["id"] for option in item.task["options"]])
        session.decide("accept", {**item.task, "accept": ["A"]})
        item = session.advance()
    session.close()
    assert [sorted(order) for order in orders] == [["A", "B"], ["A", "B"]]
    assert job.farewell == [f"A ({model}) was better 2 times; B ({other}) was better 0 times"]


def annotated(folder: Path) -> str:
    """A pipeline whose tags and trees come from rules, so that they are known."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": "ilse"}]], {"POS": "PROPN", "SENT_START": 1})
    ruler.add([[{"LOWER": "left"}]], {"POS": "VERB"})
    path = folder / "rules"
    nlp.to_disk(path)
    return str(path)


def test_pos_correct_proposes_a_tag_a_token(tmp_path: Path) -> None:
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": "Ilse left Cork"}]))
    job = job_of("pos.correct", dataset="s", model=annotated(tmp_path), source=source)
    (task,) = asked(job, tmp_path / "a.db")
    assert spans(task) == [("Ilse", "PROPN"), ("left", "VERB")]
    assert job.view_id == "pos_manual"
    assert "NOUN" in job.labels


def test_sent_correct_marks_first_tokens(model: str, source: str, tmp_path: Path) -> None:
    job = job_of("sent.correct", dataset="s", model=model, source=source)
    found = asked(job, tmp_path / "a.db")
    assert [spans(task) for task in found] == [[("Ilse", "S"), ("Orla", "S")], [("The", "S")]]


def test_dep_correct_proposes_relations(parser: str, tmp_path: Path) -> None:
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": "Ilse left Cork."}]))
    values = {"model": parser, "source": source, "label": "nsubj,dobj"}
    job = job_of("dep.correct", dataset="s", **values)
    (task,) = asked(job, tmp_path / "a.db")
    assert job.view_id == "relations"
    assert task["relations"] == [
        {"head": 1, "child": 0, "label": "nsubj"},
        {"head": 1, "child": 2, "label": "dobj"},
    ]


def test_rel_manual_adds_entities_and_disables_tokens(
    model: str, source: str, tmp_path: Path
) -> None:
    # Most files of such patterns have no labels.
    rows: list[dict[str, Any]] = [
        {"label": "X", "pattern": [{"lower": "lives"}]},
        {"pattern": [{"is_punct": True}]},
    ]
    patterns = str(write_jsonl(tmp_path / "p.jsonl", rows))
    values = {"model": model, "label": "AT", "span_label": "PER,LOC", "add_ents": True}
    job = job_of("rel.manual", dataset="s", source=source, disable_patterns=patterns, **values)
    first = asked(job, tmp_path / "a.db")[0]
    assert ("Cork", "LOC") in spans(first)
    assert [t["text"] for t in first["tokens"] if t.get("disabled")] == ["lives", ".", "."]
    assert job.config["relations_span_labels"] == ["PER", "LOC"]


def test_coref_manual_shows_chains(model: str, source: str, tmp_path: Path) -> None:
    job = job_of("coref.manual", dataset="s", model=model, source=source, ner_labels="PER")
    first = asked(job, tmp_path / "a.db")[0]
    assert [label for _, label in spans(first)] == ["PER", "PER"]
    assert job.view_id == "relations"
    assert job.labels == ("COREF",)
    assert job.config["relations_chains"]


@pytest.mark.parametrize("name", ["ner.correct", "textcat.correct", "dep.correct", "spans.correct"])
def test_a_missing_component_is_one_line(name: str, source: str) -> None:
    with pytest.raises(UsageError, match="has no component"):
        job_of(name, dataset="s", model="blank:en", source=source)


@pytest.mark.parametrize("name", ["ner.teach", "textcat.teach"])
def test_a_label_that_is_never_asked_about_is_an_error(name: str, model: str, source: str) -> None:
    with pytest.raises(
        UsageError, match=r"does not know the label 'NEW'\. It knows: [A-Z]+, [A-Z]"
    ):
        job_of(name, dataset="s", model=model, source=source, label="NEW")


def test_of_exclusive_classes_only_the_best_is_chosen(tmp_path: Path) -> None:
    nlp = pytest.importorskip("spacy").blank("en")
    nlp.add_pipe("textcat")
    gold = [
        ("Ilse left.", {"cats": {"A": 1.0, "B": 0.0}}),
        ("Old.", {"cats": {"A": 0.0, "B": 1.0}}),
    ]
    path = pipelines.learned(nlp, gold, tmp_path / "exclusive")
    rows = write_jsonl(tmp_path / "rows.jsonl", [{"text": text} for text, _ in gold])
    values = {"dataset": "s", "model": path, "source": str(rows), "threshold": "0"}
    job = job_of("textcat.correct", **values)
    assert job.config["choice_style"] == "single"
    assert [each["accept"] for each in asked(job, tmp_path / "a.db")] == [["A"], ["B"]]
    with pytest.raises(UsageError, match="it is a number from 0 to 1"):
        job_of("textcat.correct", **{**values, "threshold": "3"})


@pytest.mark.parametrize("model", [None, "blank:en"])
@pytest.mark.parametrize("option", ["add_ents", "add_nps"])
def test_spans_are_added_by_a_trained_pipeline_only(
    model: str | None, option: str, source: str
) -> None:
    values = {"dataset": "s", "source": source, "label": "AT", "model": model, option: True}
    with pytest.raises(UsageError, match=r"--add-(ents|nps): it needs a trained spaCy pipeline"):
        job_of("rel.manual", **values)


def test_a_missing_model_is_one_line_without_a_traceback(source: str) -> None:
    with pytest.raises(UsageError, match=r"no spaCy pipeline 'en_no_such'.*spacy download"):
        job_of("ner.correct", dataset="s", model="en_no_such", source=source)


BLOCKED = """
import sys
sys.modules["spacy"] = None
import importlib.util as util
found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "spacy" else found(name, package)
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.errors import MissingExtra
try:
    get_recipe("ner.correct").function(dataset="s", model="en_core_web_sm", source="x.jsonl")
except MissingExtra as error:
    print(error)
"""


def test_a_missing_extra_is_one_line_that_says_what_to_install(home: Path) -> None:
    import sys

    done = run_headless([sys.executable, "-c", BLOCKED], home)
    assert done.stdout.strip() == (
        "the pipeline 'en_core_web_sm' needs spaCy. "
        "Install it with: pip install 'tui-annotate[spacy]'"
    )


def test_the_thread_runs_ahead_in_order_and_only_so_far() -> None:
    read: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(300):
            read.append(number)
            yield {"n": number}

    thread = ModelThread(depth=1)
    found = thread.ahead(rows(), lambda batch: [each["n"] for each in batch])
    assert next(found) == 0
    assert len(read) <= 2 + 4 + LARGEST
    assert [next(found) for _ in range(299)] == list(range(1, 300))
    assert next(found, None) is None


def test_an_update_that_fails_is_told_with_the_next_one() -> None:
    thread = ModelThread()

    def fails(_: Any) -> None:
        raise ValueError("no")

    thread.update(fails, [])
    with pytest.raises(ValueError, match="no"):
        thread.finish()


def test_the_recipes_of_the_command_line_are_listed(home: Path) -> None:
    done = run_headless(annotate_argv("recipes"), home)
    assert done.returncode == 0
    assert all("cannot be used" not in line for line in done.stdout.splitlines())
    assert "ner.teach" in done.stdout


def test_leaving_stops_what_runs_ahead(tmp_path: Path) -> None:
    import threading

    from tests.recipes.support import own_job
    from tui_annotate import get_stream

    gate, read = threading.Event(), 0

    def slow(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        nonlocal read
        if read:
            gate.wait(30)
        read += len(batch)
        return batch

    source = write_jsonl(tmp_path / "a.jsonl", [{"text": f"text {n}"} for n in range(100)])
    thread = ModelThread(depth=3)
    stream = get_stream(source).apply(thread.ahead, predict=slow)
    session = opened(own_job({"stream": stream}), tmp_path / "a.db")
    assert session.start() is not None
    session.close()
    gate.set()
    thread._thread.submit(lambda: None).result()
    assert read <= 2 + 4, "batches that had not begun are not computed"
