"""`ner.eval-ab`: two pipelines side by side, blind."""

from __future__ import annotations

import random
from functools import partial
from itertools import chain
from typing import Any

from tui_annotate.job import Arg
from tui_annotate.recipes.common import (
    DATASET,
    LABEL,
    SHARED,
    SOURCE,
    UNSEGMENTED,
    components,
    labels_of,
    texts,
)
from tui_annotate.recipes.registry import recipe
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task.schema import Task


@recipe(
    "ner.eval-ab",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    model_a=Arg(help="A spaCy pipeline"),
    model_b=Arg(help="Another one"),
    source=SOURCE,
    label=LABEL,
    unsegmented=UNSEGMENTED,
    **SHARED,
)
def eval_ab(
    dataset: str,
    model_a: str,
    model_b: str,
    source: str,
    label: str | None = None,
    unsegmented: bool = False,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Choose the better entities of two pipelines, without knowing which is whose."""
    pipelines = {name: load_pipeline(path) for name, path in (("A", model_a), ("B", model_b))}
    thread = ModelThread()
    labels = labels_of(label) if label else None
    stream = texts(source, loader, text_field, id_field)
    stream.apply(thread.ahead, predict=partial(_both, pipelines, labels, unsegmented))
    stream.apply(chain.from_iterable)
    config = {"choice_style": "single", "choice_auto_accept": True, "exclude_by": "input"}
    found = components(dataset, "choice", stream, exclude, ordered=True, **config)
    return {**found, "on_exit": partial(_winner, dataset, {"A": model_a, "B": model_b})}


def _both(
    pipelines: dict[str, Any], labels: list[str] | None, whole: bool, tasks: list[Task]
) -> list[list[Task]]:
    """Return the tasks on which the two differ, with both as options in a fixed blind order."""
    found = []
    for task in tasks:
        made = []
        doc = pipelines["A"](spacy_docs.text_of(task))
        for part_task, part in spacy_docs.parts_of(task, doc, whole=whole):
            text = part.text
            read = {"A": part.as_doc() if len(part) else doc, "B": pipelines["B"](text)}
            options = []
            for name, side in read.items():
                ents = [e for e in side.ents if labels is None or e.label_ in labels]
                spans = [spacy_docs.span_of(e, side[:]) for e in ents]
                options.append({"id": name, "text": text, "spans": spans})
            if options[0]["spans"] != options[1]["spans"]:
                random.Random(text).shuffle(options)  # noqa: S311
                bare = {k: v for k, v in part_task.items() if k not in ("tokens", "spans")}
                made.append({**bare, "options": options})
        found.append(made)
    return found


def _winner(dataset: str, models: dict[str, str], ctrl: Any) -> str:
    counts = dict.fromkeys(models, 0)
    for answer in ctrl.db.iter_dataset_examples(dataset, answer="accept"):
        for name in answer.get("accept") or ():
            counts[name] = counts.get(name, 0) + 1
    return "; ".join(f"{name} ({models[name]}) was better {counts[name]} times" for name in models)
