"""The training data of spaCy 2: pairs of a text and its `entities` or `cats`.

They are written as JSON, or as the Python that the pages of spaCy show:
`TRAIN_DATA = [("Ada left", {"entities": [(0, 3, "PER")]})]`. The JSON of ner-annotator holds the
same pairs: one object with labels as `classes`, and texts with their spans. Pairs of a text and the
name of its class, as CLINC150 has them, are read as well.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError, listed
from tui_annotate.sources.base import Limits, Source
from tui_annotate.sources.json_helpers import as_offset, name_of
from tui_annotate.sources.json_wrapping import LISTS_OF_ROWS, Wrapping, closed, first_object
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.schema import Task

_LIST_OF_PAIRS = re.compile(r'"\w+"\s*:\s*\[\s*\[\s*"')
_ABOUT = 2000
"""Characters within which the first pair stands behind what a file says of itself."""
_HALF = 0.5
_LONGEST = 60
_PAIR = 2
_LOOKED_AT = 64 * 1024
_PYTHON = re.compile(
    r"""(?:\#[^\n]*\s+|(?:import|from)\ [^\n]*\s+)*  (?:\w+\s*=\s*\\?\s*)?
    [\[(]\s*(?:[\[(]\s*)?["']""",
    re.VERBOSE,
)
"""What pairs begin with that are written as Python."""
_NAMED = re.compile(r"""["'](?:entities|cats)["']\s*:""")


class SpacyTuplesSource(JsonSource):
    """Reads `[["text", {"entities": [[0, 4, "PER"]]}], ...]`, or one such pair a line."""

    def opens_list(self, start: str) -> bool:
        """Return whether a file is one list; a pair begins with a bracket, too."""
        return re.match(r"\[\s*(?:\[|\])", start) is not None

    def wrapping(self, first: dict[str, Any]) -> Wrapping | None:  # noqa: ARG002
        """Return None: `load` knows the lists of an object."""
        return None

    def load(self, text: str, notices: list[str]) -> dict[str, Any]:
        """Return one pair under the key `pair`; the key of a list that holds all is left out."""
        twice: list[str] = []
        found = loads_value(text, on_duplicate=twice.append)
        notices += [f"the key {key!r} occurs twice" for key in twice]
        if isinstance(found, dict):
            lists = [each for each in found.values() if isinstance(each, list)]
            beside = [f"`{key}`" for key, each in found.items() if not isinstance(each, list)]
            if beside:
                verb = "is" if len(beside) == 1 else "are"
                notices.append(f"{listed(beside)} beside the pairs {verb} left out")
            return {"pairs": [pair for each in lists for pair in each]}
        return {"pairs": [found]}

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield each pair as a task."""
        for each in data["pairs"]:
            try:
                yield pair_task(each, notices, self.fields.text_field or "text")
            except TaskError as error:
                yield error


def is_pair(value: Any) -> bool:
    """Return whether a value has the form of a text with its annotations.

    These are an object with `entities` or `cats`, or the entities alone.
    """
    if not isinstance(value, list | tuple) or len(value) != _PAIR or not isinstance(value[0], str):
        return False
    said = value[1]
    return isinstance(said, dict) or (isinstance(said, list) and all(map(_is_entity, said)))


def _is_entity(value: Any) -> bool:
    fits = isinstance(value, list | tuple) and len(value) == len(("start", "end", "label"))
    return fits and None not in map(as_offset, value[:2]) and isinstance(value[2], str)


def is_tuples(start: str) -> bool:
    """Return whether a file begins with such pairs, by its first characters: as JSON, in a list or
    not, or in the lists of one object, or as Python."""
    if is_python(start):
        return True
    # `["Ada left", {...}]`, or a list of such.
    if re.match(r'\[\s*(?:\[\s*)?"', start) is not None:
        at = start.index("[", 1) if re.match(r"\[\s*\[", start) else 0
        return _first_is_pair(start[at:])
    inside = re.match(r'\{\s*"\w+"\s*:\s*\[\s*(?=\[\s*")', start)
    if inside is not None:
        return _first_is_pair(start[inside.end() :])
    if _LIST_OF_PAIRS.search(start[:_ABOUT]) is None or not start.startswith("{"):
        return False
    lists = (value for key, value in first_object(start).items() if key in LISTS_OF_ROWS)
    return any(isinstance(each, list) and each and is_pair(each[0]) for each in lists)


def _first_is_pair(start: str) -> bool:
    for text in (start, closed(start)):
        with suppress(ValueError, RecursionError):
            value = json.JSONDecoder().raw_decode(text)[0]
            return is_pair(value) or (_has_class(value) and _names_class(value))
    return False


def _has_class(value: Any) -> bool:
    """Return whether a value is a pair of two texts, of which the second one may name a class."""
    is_list = isinstance(value, list) and len(value) == _PAIR
    return is_list and all(isinstance(each, str) for each in value)


def _names_class(pair: list[str]) -> bool:
    """Return whether a pair is certainly one of a text of several words and one that is a name."""
    return len(pair[0].split()) > 1 and len(pair[1].split()) == 1 and len(pair[1]) <= _LONGEST


def is_python(start: str) -> bool:
    """Return whether a file begins as pairs do that are written as Python, and not as JSON."""
    return bool(_PYTHON.match(start) and _NAMED.search(start) and not _is_json(start))


def _is_json(start: str) -> bool:
    return any(map(_begins_json, (start, closed(start))))


def _begins_json(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def open_tuples(path: str, fields: Fields, limits: Limits) -> Source:
    """Open a file of pairs, as JSON or as Python, by its first characters."""
    source = SpacyTuplesSource(path, fields, limits)
    if not source.seekable:
        return source
    with source.file.reader() as reader:
        start = reader.read(_LOOKED_AT).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return PythonTuplesSource(path, fields, limits) if is_python(start) else source


class PythonTuplesSource(ParsedSource):
    """Reads pairs from the lists and tuples of a file of Python, of which nothing is carried out.

    Whatever else stands in the file, such as functions, is passed over.
    """

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield a task for each pair.

        Raises:
            TaskError: `not-python`: it is no Python.
        """
        text = self.whole_text(reader)
        try:
            with warnings.catch_warnings():
                # Python warns of what stands in the file as if it were the program's own code.
                warnings.simplefilter("ignore")
                statements = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None)
            where = f"at line {line}" if line else "anywhere in it"
            what = f"it is neither JSON nor a list of Python ({where} it ends to be one)"
            raise TaskError(what, reason="not-python") from None
        for statement in statements:
            if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
                continue
            for part in _parts(statement.value):
                value = _literal(part)
                if is_pair(value) or _names_entities(part):
                    name = self.fields.text_field or "text"
                    yield collect(_python_task, value, part.lineno, text_key=name)


def _parts(node: ast.expr | None) -> list[ast.expr]:
    """Return the members of a list of Python, or a pair itself."""
    if not isinstance(node, ast.List | ast.Tuple) or is_pair(_literal(node)):
        return [] if node is None else [node]
    return node.elts


def _literal(node: ast.expr) -> Any:
    """Return the value of texts, numbers, lists and objects, with lists in the place of tuples, as
    JSON has them; None for whatever would have to be carried out."""
    try:
        return _lists(ast.literal_eval(node))
    except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError):
        return None


def _names_entities(node: ast.expr) -> bool:
    constants = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return any(each in ("entities", "cats") for each in constants if isinstance(each, str))


def _python_task(pair: Any, line: int, notices: list[str], text_key: str) -> Task:
    """Return a pair of a file of Python as a task.

    Raises:
        TaskError: It is none, because a comma is missing before it, or it has to be carried out.
    """
    if pair is None:
        what = f"line {line}: it is no list of texts and numbers alone; is a comma missing?"
        raise TaskError(what, reason="not-python")
    return pair_task(pair, notices, text_key)


def _lists(value: Any) -> Any:
    """Return a value with lists in the place of tuples, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): _lists(each) for key, each in value.items()}
    return [_lists(each) for each in value] if isinstance(value, list | tuple) else value


def pair_task(pair: Any, notices: list[str], text_key: str = "text") -> Task:
    """Return a pair of a text and its annotations as a task.

    Raises:
        TaskError: It is no such pair, or an entity is none.
    """
    if _has_class(pair):
        return {text_key: pair[0], "accept": [pair[1]]}
    if not is_pair(pair):
        raise TaskError(f"{str(pair)[:40]!r} is no text with its entities", reason="bad-spans")
    text, said = pair[0], pair[1] if isinstance(pair[1], dict) else {"entities": pair[1]}
    task: Task = {text_key: text}
    if "entities" in said or "cats" not in said:
        entities = said.get("entities") or []
        if not isinstance(entities, list):
            raise TaskError("its `entities` are no list", reason="bad-spans")
        spans = [_span(each) for each in entities]
        task["spans"] = sorted(spans, key=lambda span: (span["start"], -span["end"]))
    if isinstance(said.get("cats"), dict):
        cats = {str(key): value for key, value in said["cats"].items()}
        if not all(isinstance(value, bool | int | float) for value in cats.values()):
            raise TaskError("its `cats` hold something else than numbers", reason="bad-choice")
        task["cats"] = {label: value >= _HALF for label, value in cats.items()}
        task["accept"] = [label for label, chosen in task["cats"].items() if chosen]
    # Such as `heads` and `deps`, which spaCy 2 took for parses.
    lost = sorted(said.keys() - {"entities", "cats"})
    if lost:
        notices.append(f"{', '.join(lost)[:80]} of the text is left out")
    return task


def _span(entity: Any) -> dict[str, Any]:
    """Return an entity as a span; one of two numbers has no label.

    Raises:
        TaskError: It is none.
    """
    size = len(entity) if isinstance(entity, list) else 0
    start, end = (as_offset(each) for each in entity[:2]) if size >= _PAIR else (None, None)
    if start is None or end is None:
        raise TaskError(f"{str(entity)[:40]!r} is no entity", reason="bad-spans")
    label = name_of(entity[2], "an entity") if size > _PAIR else NO_LABEL
    return {"start": start, "end": end, "label": label}


class AnnotatorSource(JsonSource):
    """Reads `{"classes": [...], "annotations": [["text", {"entities": [[0, 4, "PER"]]}], ...]}`.

    A text without annotation, which stands there as `null`, gives nothing.
    """

    @property
    def seekable(self) -> bool:
        """False: all rows share one place, so a session reads it again from the start."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield a task for each text."""
        found = data.get("annotations")
        if not isinstance(found, list):
            yield TaskError("no `annotations`: this is not ner-annotator's", reason="no-input")
            return
        for each in found:
            if each is None:
                continue
            try:
                yield pair_task(each, notices, self.fields.text_field or "text")
            except TaskError as error:
                yield error
