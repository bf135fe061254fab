"""The loaders by name, and which one reads a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits, Source
from tui_annotate.sources.compressed import inner_name
from tui_annotate.sources.fields import Fields
from tui_annotate.task.hashing import INPUT_KEYS

Opener = Callable[[str, Fields, Limits], Source]


@dataclass(frozen=True, slots=True)
class Loader:
    """One way to read a source.

    Attributes:
        name: What `--loader` calls it.
        extensions: Endings of file names that it reads, with their dot, in lower case.
        help: One line for people.
        open: Makes the source of a path, the fields and the limits; imports what it needs.
    """

    name: str
    extensions: tuple[str, ...]
    help: str
    open: Opener


def _jsonl(path: str, fields: Fields, limits: Limits) -> Source:
    from tui_annotate.sources.jsonl import JsonlSource

    return JsonlSource(path, fields, limits)


def _txt(path: str, fields: Fields, limits: Limits) -> Source:
    from tui_annotate.sources.txt import TxtSource

    return TxtSource(path, fields, limits)


def _csv(path: str, fields: Fields, limits: Limits) -> Source:
    from tui_annotate.sources.csv import CsvSource

    return CsvSource(path, fields, limits)


LOADERS: dict[str, Loader] = {
    loader.name: loader
    for loader in (
        Loader("jsonl", (".jsonl", ".ndjson"), "one JSON object a line", _jsonl),
        Loader("txt", (".txt",), "one text a line", _txt),
        Loader("csv", (".csv", ".tsv"), "columns under a header, one of them the text", _csv),
    )
}


def open_source(
    path: str | os.PathLike[str],
    *,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    input_keys: tuple[str, ...] = INPUT_KEYS,
    limits: Limits = DEFAULT_LIMITS,
) -> Source:
    """Open a source.

    Args:
        path: A file, a named pipe, or `-` for standard input.
        loader: A name in `LOADERS`; by default the file's ending decides.
        text_field: The field or column that holds the text, where it is not `text`.
        id_field: The field or column that names the row; it goes to `meta.id`.
        input_keys: A row that has none of them is a bad row.
        limits: What is refused.

    Raises:
        SourceError: Where there is no such loader or file, or the file is empty, a directory or
            may not be read.
    """
    name = os.fspath(path)
    fields = Fields(text_field or None, id_field or None, input_keys)
    return find_loader(name, loader).open(name, fields, limits)


def find_loader(path: str, name: str | None = None) -> Loader:
    """Return the loader called `name`, or the one for the ending of `path`.

    Raises:
        SourceError: Where there is none.
    """
    known = ", ".join(LOADERS)
    if name is not None:
        if name in LOADERS:
            return LOADERS[name]
        close = get_close_matches(name, LOADERS, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"There are: {known}"
        raise SourceError(f"there is no loader {name!r}", hint=hint)
    ending = PurePath(inner_name(path)).suffix.lower()
    for loader in LOADERS.values():
        if ending in loader.extensions:
            return loader
    what = f"no loader for files ending in {ending!r}" if ending else "the name has no ending"
    raise SourceError(what, where=path, hint=f"Name one with `--loader`: {known}")
