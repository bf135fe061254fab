"""Loads spaCy pipelines for recipes, and combines the suggestions of several.

Here too are what is asked of pipelines in several recipes: the spans that a span categoriser could
learn, and two models that work as one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import islice, zip_longest
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.errors import MissingExtra, TaskError, UsageError
from tui_annotate.task.schema import Task
from tui_annotate.waiting import here
from tui_annotate.whole_files import is_folder, is_there

_INSTALL = "Install it with: pip install 'tui-annotate[spacy]'"


def load_tokenizer(name: Any) -> Any | None:
    """Return the spaCy pipeline `name`, or None where the built-in tokenizer serves.

    Args:
        name: `blank:en` and the like, the name of an installed pipeline, or a path; a pipeline is
            returned as it is.

    Returns:
        A spaCy `Language`; None for `blank:...` where spaCy is not installed.

    Raises:
        MissingExtra: A trained pipeline is named and spaCy is not installed.
        UsageError: There is no such pipeline.
    """
    if isinstance(name, str) and name.startswith("blank:") and find_spec("spacy") is None:
        return None
    return load_pipeline(name)


def lacks_component(nlp: Any, model: Any, wanted: Sequence[str]) -> UsageError:
    """Return the error that a pipeline has none of some components; it names those that it has.

    Args:
        nlp: The pipeline.
        model: What people call it.
        wanted: The components.
    """
    have = ", ".join(nlp.pipe_names) or "none"
    what = f"the pipeline {model!r} has no component {' or '.join(map(repr, wanted))}"
    return UsageError(what, hint=f"Its components: {have}")


def load_pipeline(name: Any, *, needs: str | None = None) -> Any:
    """Return a spaCy pipeline.

    Args:
        name: `blank:en` and the like, the name of an installed pipeline, or a path; a pipeline is
            returned as it is.
        needs: A component that it must have.

    Raises:
        MissingExtra: spaCy is not installed.
        UsageError: There is no such pipeline, or it lacks the component.
    """
    nlp = _load(str(name)) if isinstance(name, (str, PathLike)) else name
    if needs is not None and needs not in nlp.pipe_names:
        raise lacks_component(nlp, name, (needs,))
    return nlp


def _load(name: str) -> Any:
    blank = name.startswith("blank:")
    place = Path(name)
    is_no_name = ":" in name and not is_there(place)
    is_no_folder = is_there(place) and not is_folder(place)
    if not blank and (is_no_name or is_no_folder):
        raise _unknown(name)
    if find_spec("spacy") is None:
        raise MissingExtra(f"the pipeline {name!r} needs spaCy", hint=_INSTALL)
    with here().on(f"opening spaCy ({name})"):  # importing it alone takes seconds
        spacy = import_module("spacy")
        try:
            nlp = spacy.blank(name.removeprefix("blank:")) if blank else spacy.load(name)
        except (OSError, ImportError, ValueError):
            raise _unknown(name) from None
    if blank:
        # The bound is for parsers and entity recognisers; a tokenizer takes a text of any length.
        nlp.max_length = sys.maxsize
    return nlp


def _unknown(name: str) -> UsageError:
    hint = f"Install it (python -m spacy download {name}), or use blank:en"
    if is_there(name) and not is_folder(name):
        hint = "This is a file, and a pipeline is a folder"
    elif ":" in name:
        hint = "Write blank: and the code of a language, such as blank:en"
    elif "/" in name:
        hint = "There is no such folder" if not is_there(name) else "spaCy cannot load it"
    return UsageError(f"there is no spaCy pipeline {name!r}", hint=hint)


class SuggestionCheck:
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


Scored: TypeAlias = tuple[float, Task]
Predict: TypeAlias = Callable[[Iterable[Task]], Iterator[Scored]]


def combine_models(
    one: Any, two: Any, batch_size: int = 32
) -> tuple[Predict, Callable[[list[Task]], float]]:
    """Return one function that scores a stream with both models, and one that updates both.

    Args:
        one, two: Called with tasks they yield `(score, task)`; they have `update(answers)`.
        batch_size: How many tasks are given to both before the next ones are read.
    """

    def predict(stream: Iterable[Task]) -> Iterator[Scored]:
        source = iter(stream)
        while batch := list(islice(source, max(1, batch_size))):
            first = one([dict(task) for task in batch])
            second = two([dict(task) for task in batch])
            for pair in zip_longest(first, second):
                yield from (scored for scored in pair if scored is not None)

    def update(answers: list[Task]) -> float:
        return float(one.update(answers) or 0.0) + float(two.update(answers) or 0.0)

    return predict, update
