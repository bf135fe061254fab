"""Small spaCy pipelines that are trained here and know a few texts by heart."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

TEXTS = [
    ("Ilse lives in Cork.", [(0, 4, "PER"), (14, 18, "LOC")]),
    ("Orla left Galway.", [(0, 4, "PER"), (10, 16, "LOC")]),
    ("The mill is old.", []),
]


def trained(folder: Path) -> str:
    """Write a pipeline with sentences, entities, spans and classes; return its folder."""
    nlp = import_module("spacy").blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("ner")
    nlp.add_pipe("textcat_multilabel")
    suggester = {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2]}
    nlp.add_pipe("spancat", config={"suggester": suggester})
    gold = []
    for text, entities in TEXTS:
        cats = {"PEOPLE": float(bool(entities)), "THINGS": float(not entities)}
        gold.append((text, {"entities": entities, "cats": cats, "spans": {"sc": entities}}))
    return learned(nlp, gold, folder)


def parsing(folder: Path) -> str:
    """Write a pipeline that finds the dependencies of `Ilse left Cork.`; return its folder."""
    nlp = import_module("spacy").blank("en")
    nlp.add_pipe("parser", config={"min_action_freq": 1})
    gold = {"heads": [1, 1, 1, 1], "deps": ["nsubj", "ROOT", "dobj", "punct"]}
    return learned(nlp, [("Ilse left Cork.", gold)], folder)


def learned(nlp: Any, gold: list[tuple[str, dict[str, Any]]], folder: Path) -> str:
    """Train a pipeline until it knows some texts by heart, and write it."""
    example = import_module("spacy.training").Example
    made = [example.from_dict(nlp.make_doc(text), known) for text, known in gold]
    optimizer = nlp.initialize(lambda: made)
    for _ in range(40):
        nlp.update(made, sgd=optimizer)
    nlp.to_disk(folder)
    return str(folder)


def ruled(folder: Path) -> str:
    """Write a pipeline of rules: nothing is trained, everything is known."""
    nlp = import_module("spacy").blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "LOC", "pattern": "Cork"}])
    nlp.add_pipe("attribute_ruler").add([[{"LOWER": "ilse"}]], {"POS": "PROPN"})
    nlp.to_disk(folder)
    return str(folder)
