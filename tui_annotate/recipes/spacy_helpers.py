"""Helpers with spaCy's documents and pipelines, by the names that recipe files import."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tui_annotate.suggest import spacy_docs
from tui_annotate.task.schema import Task


def make_raw_doc(nlp: Any, task: Task) -> Any:
    """Return a `Doc` of a task's text without annotation, with the tokens that the task brings."""
    tokens = task.get("tokens")
    if not tokens:
        return nlp.make_doc(str(task.get("text") or ""))
    words = [str(token["text"]) for token in tokens]
    return import_module("spacy.tokens").Doc(
        nlp.vocab, words=words, spaces=[bool(token.get("ws", True)) for token in tokens]
    )


def tokenize_example(task: Task, doc: Any) -> Task:
    """Return a task with the tokens of a `Doc` of its text."""
    return {**task, "tokens": spacy_docs.tokens_of(doc)}


def copy_nlp(nlp: Any) -> Any:
    """Return a pipeline equal to another one, which learns on its own."""
    made = type(nlp).from_config(nlp.config)
    return made.from_bytes(nlp.to_bytes())


def infer_exclusive(nlp: Any, component: str) -> bool:
    """Tell whether a component gives one class only: `textcat`, not `textcat_multilabel`."""
    return bool(nlp.get_pipe_meta(component).factory == "textcat")


def get_labels_from_ner(nlp: Any, component: str = "ner") -> list[str]:
    """Return the labels of a pipeline's entities, sorted; none where it has no such component."""
    return sorted(nlp.get_pipe(component).labels) if component in nlp.pipe_names else []


def remove_tokens(answers: list[Task]) -> list[Task]:
    """Return the answers without `tokens`, and their spans without numbers of tokens."""
    gone = ("token_start", "token_end")
    made = []
    for answer in answers:
        bare = {key: value for key, value in answer.items() if key != "tokens"}
        if "spans" in bare:
            spans = [{k: v for k, v in each.items() if k not in gone} for each in bare["spans"]]
            bare["spans"] = spans
        made.append(bare)
    return made
