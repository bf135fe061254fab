"""`pos.teach`, `sent.teach`, `dep.teach`: single guesses, and what is learned from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.recipes import pipelines
from tests.recipes.support import asked, job_of, write_jsonl
from tui_annotate.errors import UsageError
from tui_annotate.suggest import spacy_docs

spacy = pytest.importorskip("spacy")

TEXT = "Ilse left Cork. Orla left."
TAGS = {
    "tags": ["NNP", "VBD", "NNP", ".", "NNP", "VBD", "."],
    "pos": ["PROPN", "VERB", "PROPN", "PUNCT", "PROPN", "VERB", "PUNCT"],
    "sent_starts": [1, -1, -1, -1, 1, -1, -1],
}


@pytest.fixture(scope="module", params=["tagger", "morphologizer"])
def tagged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    nlp = spacy.blank("en")
    nlp.add_pipe("senter")
    nlp.add_pipe(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    pipelines.learned(nlp, [(TEXT, TAGS)], folder)
    if request.param == "tagger":
        ruler = nlp.add_pipe("attribute_ruler")
        universal = {"NNP": "PROPN", "VBD": "VERB", ".": "PUNCT"}
        ruler.add_patterns(
            [{"patterns": [[{"TAG": k}]], "attrs": {"POS": v}} for k, v in universal.items()]
        )
        nlp.to_disk(folder)
    return str(folder)


@pytest.fixture
def source(tmp_path: Path) -> str:
    return str(write_jsonl(tmp_path / "a.jsonl", [{"text": TEXT}]))


def job(name: str, model: str, source: str, **more: Any) -> Any:
    return job_of(name, dataset="s", model=model, source=source, **more)


def marked(task: dict[str, Any]) -> tuple[str, str]:
    (span,) = task["spans"]
    token = task["tokens"][span["token_start"]]
    assert (token["start"], token["end"]) == (span["start"], span["end"])
    return task["text"][span["start"] : span["end"]], span["label"]


def learner(job: Any) -> Any:
    return job.given["update"].args[0]


def test_pos_teach_asks_about_tags_of_words(tagged: str, source: str, tmp_path: Path) -> None:
    made = job("pos.teach", tagged, source, label="PROPN,VERB")
    assert (made.view_id, made.policy.exclude_by) == ("pos", "task")
    found = asked(made, tmp_path / "a.db")
    assert {("Ilse", "PROPN"), ("left", "VERB"), ("Orla", "PROPN")} <= set(map(marked, found))
    assert {task["text"] for task in found} == {"Ilse left Cork.", "Orla left."}
    assert all(task["_is_binary"] and 0 < task["spans"][0]["score"] <= 1 for task in found)
    assert asked(job("pos.teach", tagged, source, label="PROPN,VERB"), tmp_path / "a.db") == []


def test_a_tagger_learns_from_yes_and_no(
    tagged: str, source: str, request: pytest.FixtureRequest
) -> None:
    component = "morphologizer" if "morphologizer" in tagged else "tagger"
    fine = component == "tagger"
    made = job("pos.teach", tagged, source, fine_grained=fine)
    learn = learner(made)
    nlp = learn.args[0]
    text = "Cork sleeps."

    def score(label: str) -> float:
        (tokens,) = spacy_docs.label_scores(nlp, [nlp(text)], component)
        assert sum(tokens[1].values()) == pytest.approx(1)
        return tokens[1][label]

    guess = max(
        spacy_docs.label_scores(nlp, [nlp(text)], component)[0][1].items(), key=lambda p: p[1]
    )[0]
    label = guess.removeprefix("POS=")
    answer = {"text": text, "spans": [{"start": 5, "end": 11, "label": label}]}
    before = score(guess)
    for _ in range(20):
        learn([{**answer, "answer": "accept"}])
    assert score(guess) > before
    if fine:
        before = score(guess)
        for _ in range(40):
            learn([{**answer, "answer": "reject"}])
        assert score(guess) < before / 2


def test_scores_that_are_probabilities_already_are_left_as_they_are() -> None:
    numpy = pytest.importorskip("numpy")

    class Pipe:
        labels = ("A", "B")

        def __init__(self, row: list[float]) -> None:
            self.model = self
            self.row = row

        def predict(self, found: list[Any]) -> list[Any]:
            return [numpy.array([self.row]) for _ in found]

    class Nlp:
        def __init__(self, row: list[float]) -> None:
            self.pipe = Pipe(row)

        def get_pipe(self, name: str) -> Pipe:
            return self.pipe

    assert spacy_docs.label_scores(Nlp([0.75, 0.25]), [["x"]], "t") == [[{"A": 0.75, "B": 0.25}]]
    assert spacy_docs.label_scores(Nlp([4.0, 4.0]), [["x"]], "t") == [[{"A": 0.5, "B": 0.5}]]


def test_sent_teach_asks_where_sentences_begin(tagged: str, source: str, tmp_path: Path) -> None:
    made = job("sent.teach", tagged, source)
    found = asked(made, tmp_path / "a.db")
    assert ("Orla", "S") in map(marked, found)
    assert ("Ilse", "S") not in map(marked, found)
    assert {task["text"] for task in found} == {TEXT}
    learn = learner(made)
    nlp = learn.args[0]

    def score() -> float:
        return spacy_docs.label_scores(nlp, [nlp(TEXT)], "senter")[0][4]["S"]

    before = score()
    no = {"text": TEXT, "answer": "reject", "spans": [{"start": 16, "end": 20, "label": "S"}]}
    for _ in range(20):
        learn([no])
    assert score() < before * 0.8


def test_a_parser_tells_where_sentences_begin(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("parser", config={"min_action_freq": 1})
    gold = {
        "heads": [1, 1, 1, 1, 5, 5, 5],
        "deps": ["nsubj", "ROOT", "dobj", "punct", "nsubj", "ROOT", "punct"],
        "sent_starts": TAGS["sent_starts"],
    }
    model = pipelines.learned(nlp, [(TEXT, gold)], tmp_path / "model")
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": TEXT}]))
    found = asked(job("sent.teach", model, source), tmp_path / "a.db")
    (orla,) = [task for task in found if marked(task)[0] == "Orla"]
    assert orla["spans"][0]["score"] > 0.5


def test_dep_teach_asks_about_arcs_and_learns_from_a_yes(parser: str, tmp_path: Path) -> None:
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": "Ilse left Cork."}]))
    made = job("dep.teach", parser, source, label="nsubj,dobj")
    assert (made.view_id, made.policy.exclude_by) == ("dep", "task")
    found = asked(made, tmp_path / "a.db")
    arcs = [task["arcs"] for task in found]
    assert [{"head": 1, "child": 0, "label": "nsubj"}] in arcs
    assert all(len(each) == 1 and each[0]["label"] in ("nsubj", "dobj") for each in arcs)
    learn = learner(made)
    nlp = learn.args[0]
    text = "Cork sleeps."

    def score() -> float:
        return spacy_docs.arc_scores(nlp, [nlp(text)])[0].get((1, 0, "nsubj"), 0.0)

    before = score()
    yes = {"text": text, "answer": "accept", "arcs": [{"head": 1, "child": 0, "label": "nsubj"}]}
    for _ in range(30):
        learn([yes])
    assert score() > max(before, 0.5)


@pytest.mark.parametrize("name", ["pos.teach", "sent.teach", "dep.teach"])
def test_a_missing_component_is_one_line(name: str, source: str) -> None:
    with pytest.raises(UsageError, match="has no component"):
        job(name, "blank:en", source)


@pytest.mark.parametrize("name", ["pos.teach", "dep.teach"])
def test_a_label_that_is_never_asked_about_is_an_error(
    name: str, parser: str, tagged: str, source: str
) -> None:
    with pytest.raises(UsageError, match="does not know the label 'NEW'"):
        job(name, parser if name == "dep.teach" else tagged, source, label="NEW")


@pytest.mark.parametrize("name", ["pos.teach", "pos.correct", "sent.teach"])
def test_odd_rows_are_asked_as_well(name: str, tagged: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "Ilse left.", "meta": "a text"},
        {"text": "Orla \ud800 left.", "meta": [1]},
    ]
    source = str(write_jsonl(tmp_path / "odd.jsonl", rows))
    whole = {} if name == "sent.teach" else {"unsegmented": True}
    found = asked(job(name, tagged, source, **whole), tmp_path / "a.db")
    assert {task["text"] for task in found} >= {row["text"] for row in rows}
    if name != "pos.correct":
        assert {str(task["meta"]["meta"]) for task in found} == {"a text", "[1]"}
