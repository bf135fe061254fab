"""Spans that a span categoriser could learn: those that its suggester function gives."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tui_annotate.errors import TaskError, UsageError
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task.schema import Task


class Suggested:
    """Refuses accepted answers with a span that a suggester does not give.

    Args:
        name: The function in spaCy's registry `misc`, such as `spacy.ngram_suggester.v1`; one of
            your own is registered by a file that `-F` names.
        model: The pipeline whose tokenizer counts.

    Raises:
        MissingExtra: spaCy is not installed.
        UsageError: There is no such function, or it cannot be called without settings.
    """

    def __init__(self, name: str, model: str) -> None:
        self._nlp = load_pipeline(model)
        registry = import_module("spacy").registry.misc
        try:
            self._suggest = registry.get(name)()
        except Exception as error:
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"{name!r} cannot be used ({what})", where="--suggester") from None
        self._name = name

    def __call__(self, answer: Task) -> None:
        """Raise `TaskError` where a span of an accepted answer is not among the suggested ones."""
        if answer.get("answer") != "accept":
            return
        doc: Any = self._nlp.make_doc(str(answer["text"]))
        allowed = {(int(first), int(behind)) for first, behind in self._suggest([doc]).data}
        for span in answer.get("spans") or ():
            found = doc.char_span(span["start"], span["end"])
            if found is None or (found.start, found.end) not in allowed:
                text = doc.text[span["start"] : span["end"]]
                raise TaskError(f"{self._name} does not suggest {text!r}", reason="refused")
