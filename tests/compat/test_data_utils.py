"""What plugins that train or evaluate get of datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.recipes.support import write_jsonl

pytest.importorskip("spacy")

# A plugin that evaluates pipelines on datasets.
EVALUATE = """
from pathlib import Path
from typing import Any, Dict, Optional, Sequence, Union

import spacy
from prodigy.core import Arg, recipe
from prodigy.recipes.data_utils import get_datasets_from_cli_eval, merge_corpus
from prodigy.recipes.train import RECIPE_ARGS, set_log_level, setup_gpu
from prodigy.util import SPANCAT_DEFAULT_KEY, msg

@recipe(
    "score",
    model=Arg(help="Pipeline"),
    ner=RECIPE_ARGS["ner"],
    textcat=RECIPE_ARGS["textcat"],
    spancat=RECIPE_ARGS["spancat"],
    gpu_id=RECIPE_ARGS["gpu_id"],
    spans_key=Arg("--spans-key", help="Key"),
)
def score(
    model: Union[str, Path],
    ner: Sequence[str] = tuple(),
    textcat: Sequence[str] = tuple(),
    spancat: Sequence[str] = tuple(),
    gpu_id: int = -1,
    spans_key: str = SPANCAT_DEFAULT_KEY,
) -> Dict[str, Any]:
    set_log_level(verbose=False, silent=True)
    setup_gpu(gpu_id)
    nlp = spacy.load(model)
    pipes = get_datasets_from_cli_eval(ner, textcat, [], [], [], [], spancat, [])
    corpus = merge_corpus(nlp, {name: ([], sets) for name, sets in pipes.items()})
    assert not list(corpus["train"](nlp))
    for example in corpus["dev"](nlp):
        doc = example.reference
        spans = [span.text for span in doc.spans.get(spans_key, ())]
        print(doc.text, [(ent.text, ent.label_) for ent in doc.ents], doc.cats, spans)
    return {}
"""


@pytest.fixture
def answered(home: Path, headless: RunsHeadless) -> RunsHeadless:
    """Two datasets on the same text, and one on another."""
    oak = {"text": "Ann saw it.", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}
    sets: dict[str, list[dict[str, Any]]] = {
        "people": [oak, {"text": "Bob ran.", "spans": []}],
        "tones": [{"text": "Ann saw it.", "options": [{"id": "A"}, {"id": "B"}], "accept": ["B"]}],
    }
    for name, rows in sets.items():
        write_jsonl(home / "rows.jsonl", rows)
        done = headless("db-in", name, "rows.jsonl")
        assert done.returncode == 0, done.stderr
    (home / "recipe.py").write_text(EVALUATE)
    return headless


def test_a_plugin_evaluates_on_datasets_merged_by_their_texts(answered: RunsHeadless) -> None:
    words = ("-F", "recipe.py", "score", "blank:en")
    done = answered(*words, "--ner", "eval:people", "--textcat", "tones")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Ann saw it. [('Ann', 'PERSON')] {'A': 0.0, 'B': 1.0} []",
        "Bob ran. [] {} []",
    ]
    done = answered(*words, "--spancat", "people", "--spans-key", "sc")
    assert "['Ann']" in done.stdout.splitlines()[0]


def test_no_dataset_or_an_unknown_one_is_said(answered: RunsHeadless) -> None:
    words = ("-F", "recipe.py", "score", "blank:en")
    assert "No dataset is named" in answered(*words).stderr
    assert "There is no dataset 'animals'" in answered(*words, "--ner", "animals").stderr


def test_a_corpus_is_divided_as_asked(answered: RunsHeadless, home: Path) -> None:
    (home / "script.py").write_text("""
import spacy
from prodigy.recipes.data_utils import (
    create_merged_corpus, create_ner_reader, create_spancat_reader, get_datasets_from_cli,
)
nlp = spacy.blank("en")
found = get_datasets_from_cli("people,eval:tones")
print(found["ner"], found["experimental_coref"])
whole = create_merged_corpus(ner=create_ner_reader(["people"], []), eval_split=0.0)
print(len(whole["train"](nlp)), len(whole["dev"](nlp)))
spans = create_spancat_reader(["people"], [], spans_key="mine")
print(len(create_merged_corpus(spancat=spans)["train"](nlp)[0].reference.spans["mine"]))
""")
    done = answered("run", "script.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["(['people'], ['tones']) ([], [])", "2 0", "1"]
