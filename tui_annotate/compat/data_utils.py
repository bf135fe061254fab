"""What plugins of Prodigy that train or evaluate read datasets with.

Plugins name the datasets of each component and get spaCy's examples of them, with what all
components say about one text in one example. The documents are those of `data-to-spacy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.data_paths import database_path
from tui_annotate.errors import Refused
from tui_annotate.exchange.spacy import GROUP
from tui_annotate.exchange.training import COMPONENTS, ComponentData, TrainingPlan, collect_docs
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.recipes.prodigy_helpers import EVAL_PREFIX, split_evals
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset

Names: TypeAlias = Sequence[str] | str
Corpus: TypeAlias = dict[str, Callable[[Any], Iterable[Any]]]
"""`train` and `dev`, each a function that gives the examples of a pipeline."""

COREF = "experimental_coref"


class Reader(NamedTuple):
    """The datasets of one component.

    Attributes:
        train: Datasets to learn from.
        held_out: Datasets to evaluate on.
        spans_key: Under which key of `doc.spans` its spans go.
    """

    train: tuple[str, ...]
    held_out: tuple[str, ...]
    spans_key: str = GROUP


def create_reader(train: Iterable[str], held_out: Iterable[str] = (), **settings: Any) -> Reader:
    """Return what reads the datasets of one component."""
    return Reader(tuple(train), tuple(held_out), settings.get("spans_key") or GROUP)


def get_datasets_from_cli(
    ner: Names = (),
    textcat: Names = (),
    textcat_multilabel: Names = (),
    tagger: Names = (),
    senter: Names = (),
    parser: Names = (),
    spancat: Names = (),
    coref: Names = (),
) -> dict[str, tuple[list[str], list[str]]]:
    """Return by component the datasets to learn from, and those to evaluate on (`eval:NAME`).

    Raises:
        Refused: None is named.
    """
    named = {
        "ner": ner,
        "textcat": textcat,
        "textcat_multilabel": textcat_multilabel,
        "tagger": tagger,
        "senter": senter,
        "parser": parser,
        "spancat": spancat,
        COREF: coref,
    }
    found = {name: split_evals(_split(names)) for name, names in named.items()}
    if not any(map(any, found.values())):
        raise Refused(
            "No dataset is named", f"Name some: {', '.join(f'--{n}' for n in COMPONENTS)}"
        )
    return found


def get_datasets_from_cli_eval(*names: Names, **by_name: Names) -> dict[str, list[str]]:
    """Return by component the datasets to evaluate on, named with `eval:` or without.

    Raises:
        Refused: None is named.
    """
    found = get_datasets_from_cli(*names, **by_name)
    return {name: [*train, *held_out] for name, (train, held_out) in found.items()}


def _split(names: Names) -> list[str]:
    given = names.split(",") if isinstance(names, str) else names
    return [each.strip() for each in given if each.strip().removeprefix(EVAL_PREFIX)]


def merge_corpus(
    nlp: Any, pipes: Mapping[str, tuple[Names, Names]], *, eval_split: float = 0.0
) -> Corpus:
    """Return the examples of some datasets, merged by their texts.

    Args:
        nlp: A pipeline; where it has a `spancat`, that says where spans go.
        pipes: For each component its datasets to learn from, and those to evaluate on.
        eval_split: The share of texts to evaluate on where a component has none.
    """
    key = nlp.get_pipe("spancat").key if "spancat" in nlp.pipe_names else GROUP
    readers = {
        name: create_reader(_split(train), _split(held_out), spans_key=key)
        for name, (train, held_out) in pipes.items()
    }
    return create_merged_corpus(eval_split=eval_split, **readers)


def create_merged_corpus(*, eval_split: float = 0.0, **readers: Reader | None) -> Corpus:
    """Return the examples of what some readers read, merged by their texts.

    Args:
        eval_split: The share of texts to evaluate on where a component has none.
        readers: For each component what reads its datasets.

    Raises:
        Refused: One of them is for coreference, which spaCy itself does not learn.
    """
    used = {name: each for name, each in readers.items() if each and (each.train or each.held_out)}
    if used.keys() - COMPONENTS:
        name = min(used.keys() - COMPONENTS)
        raise Refused(f"spaCy has no component {name}", f"There are: {', '.join(COMPONENTS)}")

    @cache
    def examples(nlp: Any) -> dict[str, list[Any]]:
        example = import_module("spacy.training").Example
        store = open_store(database_path(), create=False, readonly=True)
        try:
            lessons = tuple(_lesson(store, name, each) for name, each in used.items())
            course = TrainingPlan(lessons, Path(), eval_split=eval_split or 0.0)
            found = collect_docs(store, course, nlp)
        finally:
            store.close()
        key = used["spancat"].spans_key if "spancat" in used else GROUP
        for doc in (doc for docs in found.values() for doc in docs):
            if key != GROUP and GROUP in doc.spans:
                doc.spans[key] = list(doc.spans.pop(GROUP))
        return {
            part: [example(nlp.make_doc(doc.text), doc) for doc in docs]
            for part, docs in found.items()
        }

    return {"train": lambda nlp: examples(nlp)["train"], "dev": lambda nlp: examples(nlp)["dev"]}


def _lesson(store: Store, component: str, reader: Reader) -> ComponentData:
    def find(name: str) -> Dataset:
        found = store.admin.find_dataset(name)
        if found is None:
            names = ", ".join(sorted(each.name for each in store.admin.datasets())) or "none yet"
            raise Refused(f"There is no dataset {name!r}", f"There are: {names}")
        return found

    return ComponentData(
        component, tuple(map(find, reader.train)), tuple(map(find, reader.held_out))
    )
