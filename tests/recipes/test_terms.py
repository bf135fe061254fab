"""Terms: taught by vectors, and written as patterns."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.recipes.support import asked, job_of, opened, run_through
from tui_annotate.cli.patterns import terms_to_patterns as to_patterns
from tui_annotate.errors import UsageError
from tui_annotate.exchange.imported_answer import arrival
from tui_annotate.exchange.importer import Importer
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database
from tui_annotate.suggest.patterns import PatternMatcher

FRUIT = "apple pear plum Cherry lemon lime fig mango Apple grape melon kiwi date".split()  # noqa: SIM905
THINGS = "car bus train plane bike tram ship 1999 ..".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline in which fruit is like fruit, and what is no word has a vector as well."""
    pytest.importorskip("spacy")
    numpy = import_module("numpy")
    nlp = import_module("spacy").blank("en")
    random = numpy.random.default_rng(3)
    nlp.vocab.reset_vectors(width=6)
    for words, base in ((FRUIT, [4.0, 0, 0, 1, 0, 0]), (THINGS, [0.0, 4, 0, 0, 1, 0])):
        for word in words:
            nlp.vocab.set_vector(word, numpy.array(base) + random.normal(size=6) * 0.5)
    folder = tmp_path_factory.mktemp("vectors")
    nlp.to_disk(folder)
    return str(folder)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "a.db"
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(path))
    return path


def teach(vectors: str, store: Path, seeds: str | None = "apple,pear", limit: int = 100) -> Any:
    job = job_of("terms.teach", dataset="fruit", vectors=vectors, seeds=seeds)
    return [task["text"] for task in asked(job, store, limit)]


def test_what_is_like_the_seeds_comes_first_and_each_term_once(vectors: str, store: Path) -> None:
    found = teach(vectors, store)
    fruit = {word.lower() for word in FRUIT} - {"apple", "pear"}
    assert {each.lower() for each in found[: len(fruit)]} == fruit
    assert len({each.lower() for each in found}) == len(found)
    assert not {"apple", "Apple", "pear", "1999", ".."} & set(found)


def test_wherever_it_is_left_it_goes_on_as_if_it_had_not_been(vectors: str, tmp_path: Path) -> None:
    def run(store: Path, sizes: list[int]) -> list[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TUI_ANNOTATE_DB", str(store))
            return [text for size in sizes for text in mixed(store, size)]

    def mixed(store: Path, limit: int) -> list[str]:
        job = job_of("terms.teach", dataset="fruit", vectors=vectors, seeds="apple")
        session = opened(job, store)
        found: list[str] = []

        def decide(task: dict[str, Any]) -> str:
            found.append(task["text"])
            return "accept" if task["text"] in FRUIT[::2] else "reject"

        run_through(session, decide, limit)
        session.close()
        return found

    whole = run(tmp_path / "whole.db", [100])
    assert len(whole) > 15
    assert run(tmp_path / "parts.db", [1, 3, 5, 6, 100]) == whole


def test_seeds_are_answers_and_serve_later_sessions(vectors: str, store: Path) -> None:
    teach(vectors, store, limit=2)
    teach(vectors, store, limit=2)
    with Database(open_store(store, create=False)) as db:
        texts = [task["text"] for task in db.iter_dataset_examples("fruit", answer="accept")]
    assert {"apple", "pear"} <= set(texts)
    assert len(texts) == len(set(texts)) == 6
    assert len(teach(vectors, store, seeds=None, limit=3)) == 3


@pytest.mark.parametrize(
    ("seeds", "said"), [(None, "there are no seeds"), ("zzz", "a vector for none of the seeds")]
)
def test_without_a_usable_seed_one_line_says_so(
    seeds: str | None, said: str, vectors: str, store: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        job_of("terms.teach", dataset="fruit", vectors=vectors, seeds=seeds)


def test_a_pipeline_without_vectors_is_one_line() -> None:
    pytest.importorskip("spacy")
    with pytest.raises(UsageError, match="has no word vectors"):
        job_of("terms.teach", dataset="s", vectors="blank:en", seeds="apple")


def test_terms_that_share_a_vector_are_terms_each(store: Path) -> None:
    numpy = pytest.importorskip("numpy")
    nlp = pytest.importorskip("spacy").blank("en")
    nlp.vocab.reset_vectors(width=3)
    for number, word in enumerate(["apple", "pear", "plum", "car", "bus"]):
        vector = [5.0, number, 0.0] if number < 3 else [0.0, 0.0, 5.0]
        nlp.vocab.set_vector(word, numpy.array(vector, dtype="float32"))
    nlp.vocab.prune_vectors(2)
    assert len(nlp.vocab.vectors.data) == 2
    job = job_of("terms.teach", dataset="s", vectors=nlp, seeds="apple")
    found = [task["text"] for task in asked(job, store)]
    assert sorted(found) == ["bus", "car", "pear", "plum"]
    assert set(found[:2]) == {"pear", "plum"}


ROWS = [
    {"text": "Blood orange", "answer": "accept"},
    {"text": "blood ORANGE", "answer": "accept"},
    {"text": "stone", "answer": "reject"},
    {"text": "mud", "answer": "ignore"},
]


def patterns(store: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[Any]:
    """Return the patterns that the command makes of `ROWS`."""
    with open_store(store) as opened_store:
        Importer(opened_store, "set").add([arrival(dict(row)) for row in ROWS])
    assert to_patterns.main(["set", "-l", "FRUIT", *options], standalone_mode=False) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_accepted_terms_become_patterns_each_once(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert patterns(store, capsys) == [
        {"label": "FRUIT", "pattern": [{"lower": "blood"}, {"lower": "orange"}]}
    ]
    found = patterns(store, capsys, "-CS")
    assert [each["pattern"] for each in found] == [
        [{"text": "Blood"}, {"text": "orange"}],
        [{"text": "blood"}, {"text": "ORANGE"}],
    ]


def test_they_go_to_a_file_and_match(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spacy = pytest.importorskip("spacy")
    file = store.with_name("p.jsonl")
    assert patterns(store, capsys, str(file)) == []
    matcher = PatternMatcher.from_file(file, spacy.blank("en"))
    (match,) = matcher.matches("A BLOOD orange. A stone.")
    assert (match.start, match.end, match.label) == (2, 14, "FRUIT")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none", "-l", "A"], "there is no dataset or session 'none'"),
        (["set"], "its terms have no label"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list[str], said: str, headless: RunsHeadless, home: Path
) -> None:
    (home / "rows.jsonl").write_text(json.dumps({"text": "apple"}) + "\n")
    headless("db-in", "set", "rows.jsonl")
    done = headless("terms.to-patterns", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not done.stdout
