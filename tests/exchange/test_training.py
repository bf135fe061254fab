"""A corpus for spaCy, and a pipeline trained on it: where spaCy is installed."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.exchange.support import World, new_world, task
from tui_annotate.cli.train import wait_for
from tui_annotate.exchange.training import share_corpus

spacy = pytest.importorskip("spacy", reason="spaCy is not installed")

PEOPLE = ("Anna Berg", "Omar Said", "Li Wei", "Eva Holm")
PLACES = ("Berlin", "Oslo", "Lima", "Kyoto", "Accra")


@pytest.fixture
def world(home: Path) -> Iterator[World]:
    with new_world(home / "data" / "tui-annotate" / "annotations.db") as made:
        yield made


def fill(world: World, rows: int = 40) -> None:
    """Names by one dataset, topics by another, on the same texts."""
    for number in range(rows):
        person, place = PEOPLE[number % 4], PLACES[number % 5]
        text = f"{person} went to {place} on day {number}."
        at = text.index(place)
        spans = ((0, len(person), "PERSON"), (at, at + len(place), "CITY"))
        world.answer(task(text, *spans), dataset="names")
        options = [{"id": "EVEN"}, {"id": "ODD"}]
        chosen = {"text": text, "options": options, "accept": ["ODD" if number % 2 else "EVEN"]}
        world.answer(chosen, view="choice", dataset="topics", who="omar")


def read(path: Path) -> list[Any]:
    doc_bin = pytest.importorskip("spacy.tokens").DocBin()
    return list(doc_bin.from_disk(path).get_docs(spacy.blank("en").vocab))


def test_one_document_has_the_layers_of_all_datasets(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    world.answer(task("Only here", (0, 4, "PERSON")), dataset="names")
    arguments = ["--ner", "names", "--spancat", "names", "--textcat", "topics", "--json"]
    done = in_process("data-to-spacy", "corpus", *arguments)
    assert done.returncode == 0, done.stderr
    account = json.loads(done.stdout)
    assert account["documents"] == 41
    assert account["labels"]["ner"] == {"PERSON": 41, "CITY": 40}
    train, dev = (read(home / "corpus" / f"{part}.spacy") for part in ("train", "dev"))
    assert not {doc.text for doc in train} & {doc.text for doc in dev}
    both = [doc for doc in train + dev if doc.text != "Only here"]
    assert all(len(doc.ents) == len(doc.spans["sc"]) == 2 for doc in both)
    assert all(sorted(doc.cats.values()) == [0.0, 1.0] for doc in both)
    config = spacy.util.load_config(home / "corpus" / "config.cfg")
    assert config["nlp"]["pipeline"] == ["tok2vec", "ner", "spancat", "textcat"]


def test_what_is_held_out_is_never_learned_from(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    for number in range(6):
        world.answer(task(f"row {number}", (0, 3, "X")), dataset="names")
    for number in range(3):
        world.answer(task(f"row {number}", (0, 3, "X")), dataset="gold", who="omar")
    done = in_process("data-to-spacy", "corpus", "--ner", "names,eval:gold")
    assert done.returncode == 0, done.stderr
    train, dev = (read(home / "corpus" / f"{part}.spacy") for part in ("train", "dev"))
    assert [doc.text for doc in dev] == ["row 0", "row 1", "row 2"]
    assert [doc.text for doc in train] == ["row 3", "row 4", "row 5"]
    world.answer(task("row 9", (0, 3, "X")), dataset="names", who="omar")
    done = in_process("data-to-spacy", "sessions", "--ner", "names-anna,eval:gold")
    assert done.returncode == 0, done.stderr
    train = read(home / "sessions" / "train.spacy")
    assert [doc.text for doc in train] == ["row 3", "row 4", "row 5"], "omar's is not taken"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--ner"),
        (["--ner", "nmes"], 2, "'names'"),
        (["--ner", "names", "--lang", "qq"], 2, "qq"),
        (["--textcat", "topics", "--textcat-multilabel", "topics"], 2, "two pipelines"),
        (["--ner", "names", "--since", "2999-01-01"], 1, "nothing to export"),
        (["--ner", "odd"], 1, "misaligned 1"),
        (["--ner", "torn"], 1, "--resolve"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    world: World, in_process: RunsHeadless, home: Path, arguments: list[str], code: int, said: str
) -> None:
    fill(world, 10)
    world.answer(task("Acme left", (0, 2, "X")), dataset="odd")
    world.answer(task("Acme left", (0, 4, "X")), dataset="torn")
    world.answer(task("Acme left", (5, 9, "X")), dataset="torn", who="omar")
    done = in_process("data-to-spacy", "corpus", *arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "corpus").exists()


def test_a_pipeline_is_trained_and_its_scores_are_printed_for_each_label(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    done = in_process(
        "train", "out", "--ner", "names", "--textcat", "topics", "--json",
        "--training.max_steps", "20", "--training.eval_frequency", "10",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    scores = json.loads(done.stdout)
    assert set(scores["ner"]) == {"PERSON", "CITY", "ALL"}
    assert set(scores["textcat"]) == {"EVEN", "ODD", "ALL"}
    assert all(0 <= value <= 1 for value in scores["ner"]["PERSON"].values())
    trained = spacy.load(home / "out" / "model-best")
    assert "ner" in trained.pipe_names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--training.max_stepz", "9"], "no 'max_stepz'. Did you mean 'max_steps'?"),
        (["--trainig.max_steps", "9"], "no section 'trainig'. Did you mean 'training'?"),
        (["--components.nre.x=1"], "no section 'nre'. Did you mean 'ner'?"),
        (["--training.max_steps", "few"], "spacy train failed"),
        (["--gpu-id", "0"], "--gpu-id: this GPU cannot be used ("),
        (["--eval-split", "0"], "train needs texts to evaluate on"),
        (["--base-modell", "blank:en"], "Did you mean '--base-model'?"),
        (["-X"], "has the option '-X'. tui-annotate train --help"),
    ],
)
def test_a_training_that_cannot_begin_leaves_nothing(
    world: World, in_process: RunsHeadless, home: Path, words: list[str], said: str
) -> None:
    """So the same command can be given again, without the mistake."""
    fill(world)
    if words[0] == "--gpu-id" and importlib.util.find_spec("cupy"):
        pytest.skip("there may be a GPU here")
    done = in_process("train", "model", "--ner", "names", *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "model").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "ner", "names", "blank:en"), "train OUT --ner names --base-model PIPELINE"),
        (("train", "textcat", "a,b"), "train OUT --textcat a,b"),
        (("train-curve", "ner", "names", "en"), "train-curve --ner names --base-model PIPELINE"),
    ],
)
def test_older_forms_are_said_in_the_form_of_today(
    in_process: RunsHeadless, words: tuple[str, ...], said: str
) -> None:
    done = in_process(*words, "--output", "model", "--n-iter", "5")
    assert done.returncode == 2
    assert f"Write: tui-annotate {said}\n" in done.stderr
    done = in_process("data-to-spacy", "train.json", "dev.json", "--ner", "names")
    assert done.returncode == 2
    assert "'dev.json' is one name too many. OUT is one folder" in done.stderr


def test_nothing_is_held_out_where_that_is_wanted(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    world.answer(task("Only here", (0, 4, "PERSON")), dataset="gold")
    done = in_process("data-to-spacy", "all", "--ner", "names", "--eval-split", "0")
    assert done.returncode == 0, done.stderr
    assert "There is no dev.spacy" in done.stderr
    assert {each.name for each in (home / "all").iterdir()} == {"config.cfg", "train.spacy"}
    assert len(read(home / "all" / "train.spacy")) == 40
    assert spacy.util.load_config(home / "all" / "config.cfg")["paths"]["dev"] is None
    done = in_process("data-to-spacy", "held", "--ner", "names,eval:gold", "-es", "0")
    assert done.returncode == 0, done.stderr
    assert [len(read(home / "held" / f"{part}.spacy")) for part in ("train", "dev")] == [40, 1]


def test_what_was_said_to_be_wrong_is_learned_from(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    for number, decision in enumerate(("accept", "reject") * 3):
        text = f"{PEOPLE[number % 4]} left {number}"
        spans = task(text, (0, len(PEOPLE[number % 4]), "PERSON"))
        world.answer(spans, decision, view="ner", dataset="names")  # type: ignore[arg-type]
    done = in_process("data-to-spacy", "corpus", "--ner", "names", "--eval-split", "0.5")
    assert done.returncode == 0, done.stderr
    docs = read(home / "corpus" / "train.spacy") + read(home / "corpus" / "dev.spacy")
    assert sum(len(doc.ents) for doc in docs) == 3
    wrong = [span for doc in docs for span in doc.spans.get("incorrect_spans", [])]
    assert [span.label_ for span in wrong] == ["PERSON"] * 3
    config = spacy.util.load_config(home / "corpus" / "config.cfg")
    assert config["components"]["ner"]["incorrect_spans_key"] == "incorrect_spans"
    steps = ["--training.max_steps", "2", "--training.eval_frequency", "1"]
    trained = in_process("train", "model", "--ner", "names", "--eval-split", "0.5", *steps)
    assert trained.returncode == 0, trained.stderr


WORDS = ("Anna", "sees", "Omar", ".", "He", "left", ".")
SENTENCES = " ".join(WORDS)


def fill_syntax(world: World, rows: int = 24) -> None:
    """Tags, trees and sentences by three datasets, on the same texts."""
    for number in range(rows):
        text = f"{SENTENCES} {number}"
        bare = task(text)
        tokens = bare["tokens"]
        tags = ("PROPN", "VERB", "PROPN", "PUNCT", "PRON", "VERB", "PUNCT", "NUM")

        def spans(labels: dict[int, str], made: Any = tokens) -> list[tuple[int, int, str]]:
            return [(made[i]["start"], made[i]["end"], each) for i, each in labels.items()]

        world.answer(task(text, *spans(dict(enumerate(tags)))), view="pos_manual", dataset="tags")
        starts = task(text, *spans({0: "S", 4: "S"}))
        world.answer(starts, view="pos_manual", dataset="sentences")
        arcs = [(1, 0, "nsubj"), (1, 2, "dobj"), (1, 3, "punct"), (1, 1, "ROOT"), (5, 4, "nsubj")]
        arcs += [(5, 5, "ROOT"), (5, 6, "punct"), (5, 7, "dep")]
        relations = [{"head": h, "child": c, "label": label} for h, c, label in arcs]
        world.answer({**bare, "relations": relations}, view="relations", dataset="trees")


SYNTAX = ("-t", "tags", "-p", "trees", "-s", "sentences", "-S")
QUICK = ("--training.max_steps", "4", "--training.eval_frequency=2")


def test_tags_trees_and_sentences_are_learned(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill_syntax(world)
    done = in_process("train", *QUICK, *SYNTAX, "out", "--json", "-L")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    scores = json.loads(done.stdout)
    assert set(scores) == {"tagger", "parser", "senter"}
    assert {"nsubj", "dobj", "root", "ALL"} <= set(scores["parser"])
    doc = read(home / "out" / "corpus" / "train.spacy")[0]
    assert [token.tag_ for token in doc][:4] == ["PROPN", "VERB", "PROPN", "PUNCT"]
    assert [token.head.i for token in doc] == [1, 1, 1, 1, 5, 5, 5, 5]
    assert [sentence.start for sentence in doc.sents] == [0, 4]


def test_a_trained_pipeline_is_trained_further_and_its_other_components_stay(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    fill_syntax(world)
    first = in_process("train", *QUICK, "first", "-t", "tags", "-n", "names", "-S")
    assert first.returncode == 0, first.stderr[-2000:]
    base = spacy.load(home / "first" / "model-best")
    world.answer(task("Acme left now", (0, 4, "ORG")), dataset="more")
    world.answer(task("Acme came now", (0, 4, "ORG")), dataset="gold", who="omar")
    words = ("-n", "more,eval:gold", "-m", "first/model-best", "-S")
    done = in_process("train", *QUICK, "second", *words)
    assert done.returncode == 0, done.stderr[-2000:]
    found = spacy.load(home / "second" / "model-best")
    assert found.pipe_names == base.pipe_names
    assert set(found.get_pipe("ner").labels) == {"PERSON", "CITY", "ORG"}
    text = "Anna sees Omar ."
    assert [token.tag_ for token in found(text)] == [token.tag_ for token in base(text)]


def test_a_config_of_ones_own_is_taken(world: World, in_process: RunsHeadless, home: Path) -> None:
    fill(world, 20)
    nlp = '[nlp]\nlang = "en"\npipeline = ["ner"]\n'
    own = f'{nlp}\n[components]\n\n[components.ner]\nfactory = "ner"\n'
    (home / "own.cfg").write_text(own)
    done = in_process("train", *QUICK, "out", "-n", "names", "-c", "own.cfg", "-S")
    assert done.returncode == 0, done.stderr[-2000:]
    assert spacy.load(home / "out" / "model-best").pipe_names == ["ner"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--coref", "names"], "no component that learns coreference"),
        (["-n", "names", "-c", "own.cfg", "-m", "en"], "Leave one of the two out"),
        (["-tc", "topics", "-c", "own.cfg"], "its pipeline lacks textcat"),
        (["-n", "names", "-c", "broken.cfg"], "no config of spaCy"),
        (["-n", "names", "-m", "no_such_model"], "no spaCy pipeline"),
    ],
)
def test_what_a_config_cannot_begin_with_is_said(
    world: World, in_process: RunsHeadless, home: Path, arguments: list[str], said: str
) -> None:
    fill(world, 10)
    (home / "own.cfg").write_text('[nlp]\nlang = "en"\npipeline = ["ner"]\n')
    (home / "broken.cfg").write_text("[nlp\n")
    done = in_process("data-to-spacy", "corpus", *arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "corpus").exists()


def test_a_share_is_held_out_for_components_without_sets_of_their_own(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    world.answer(task("Anna Berg left", (0, 9, "PERSON")), dataset="gold")
    words = ("--ner", "names,eval:gold", "--textcat", "topics")
    done = in_process("data-to-spacy", "corpus", *words)
    assert done.returncode == 0, done.stderr
    dev = read(home / "corpus" / "dev.spacy")
    assert {bool(doc.cats) for doc in dev} == {True, False}
    done = in_process("data-to-spacy", "other", "--ner", "names,eval:names")
    assert "no document is left for train.spacy" in done.stderr
    assert "no `eval:` dataset has" in done.stderr


def test_a_curve_has_the_scores_of_growing_shares(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    words = ("--ner", "names", "-ns", "2", "-S", "--training.max_steps", "10")
    done = in_process("train-curve", *words, "--training.eval_frequency", "5", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    half, whole = json.loads(done.stdout)
    assert (half["share"], whole["share"]) == (0.5, 1)
    assert half["documents"] < whole["documents"]
    assert set(whole["scores"]["ner"]) == {"PERSON", "CITY", "ALL"}
    assert sorted(path.name for path in home.iterdir()) == ["data"], "nothing is kept"


def test_a_larger_share_has_all_of_a_smaller_one(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    assert in_process("data-to-spacy", "corpus", "--ner", "names").returncode == 0
    texts = []
    for share in (0.3, 0.6, 1.0):
        count = share_corpus(home / "corpus", home / "part.spacy", share)
        docs = read(home / "part.spacy")
        assert len(docs) == count
        assert all(len(doc.ents) == 2 for doc in docs)
        texts.append({doc.text for doc in docs})
    assert texts[0] < texts[1] < texts[2]
    assert texts[2] == {doc.text for doc in read(home / "corpus" / "train.spacy")}


def test_a_config_alone_suits_the_answers(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world, 12)
    words = ("--spancat", "names", "--textcat", "topics")
    done = in_process("spacy-config", "my.cfg", *words)
    assert done.returncode == 0, done.stderr
    assert "tui-annotate train MODEL --config my.cfg --spancat names" in done.stderr
    config = spacy.util.load_config(home / "my.cfg")
    assert config["nlp"]["pipeline"] == ["tok2vec", "spancat", "textcat"]
    assert config["components"]["spancat"]["spans_key"] == "sc"
    assert config["paths"]["train"] is None
    assert (
        in_process("spacy-config", "-", *words, "-S").stdout == (home / "my.cfg").read_text() + "\n"
    )
    assert "--overwrite" not in in_process("spacy-config", "my.cfg", *words).stderr


def test_a_span_that_does_not_fit_is_named(
    world: World, in_process: RunsHeadless, home: Path
) -> None:
    fill(world)
    world.answer(task("Anna Berg sold Dunmore Ltd. today", (15, 26, "ORG")), dataset="names")
    done = in_process("data-to-spacy", "corpus", "--ner", "names")
    assert '1 span, "Dunmore Ltd", does not fit the tokens' in done.stderr
    world.answer(task("Omar Said left Dunmore Ltd. too", (15, 26, "ORG")), dataset="names")
    done = in_process("data-to-spacy", "again", "--ner", "names")
    assert '2 spans, "Dunmore Ltd" first, do not fit the tokens' in done.stderr


def test_a_training_that_is_stopped_may_save_what_it_has(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    code = (
        "import signal, sys, time\n"
        "try: print('ready', flush=True); time.sleep(60)\n"
        f"except KeyboardInterrupt: time.sleep(0.5); open({str(saved)!r}, 'w').close()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    waiting = Interrupted(process)
    with pytest.raises(KeyboardInterrupt):
        wait_for(waiting)  # type: ignore[arg-type]
    assert saved.exists()
    assert process.poll() == 0
    process.stdout.close()


class Interrupted:
    """A process at whose terminal somebody presses ctrl+c, which it and whoever waits both get."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process, self._is_pressed = process, False
        self.kill = process.kill

    def wait(self, timeout: float | None = None) -> int:
        """Press ctrl+c the first time."""
        if not self._is_pressed:
            self._is_pressed = True
            self._process.send_signal(signal.SIGINT)
            raise KeyboardInterrupt
        return self._process.wait(timeout)
