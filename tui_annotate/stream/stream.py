"""The tasks of a source on their way to the annotator, and the functions that change them.

A `Stream` reads nothing until it is iterated. A recipe applies its functions to it and returns it;
whoever runs the job attaches the ledger, which then sees every row go in and every task come out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from inspect import signature
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from tui_annotate.sources.base import BadRow, Row, Source
from tui_annotate.sources.iterable_source import IterableSource
from tui_annotate.sources.registry import open_any
from tui_annotate.sources.text_field import ANY_ROW, Fields, file_options
from tui_annotate.stream.store_sources import open_origin
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.task.hashing import has_input, identify
from tui_annotate.task.schema import Task
from tui_annotate.text.safe import safe_line
from tui_annotate.waiting import here

_collected: ContextVar[list[Stream] | None] = ContextVar("collected", default=None)


class Stream:
    """Tasks of one source, changed by functions that take and give iterables of tasks.

    Args:
        source: Where the rows come from.
        takes_any: Its rows are handed on as they lie in the file.
    """

    def __init__(self, source: Source, takes_any: bool = False) -> None:
        self.source = source
        self.takes_any = takes_any
        """Whether its rows are handed on as they lie in the file, so that the view decides."""
        self.hashes = True
        """Whether a recipe's code gets rows with their hashes, so that they are the row's whatever
        it makes of it; else they are taken of what it gives."""
        self.refused: Callable[[BadRow], None] | None = None
        """Called with each bad row where no ledger accounts for it; else stderr says it."""
        self.notices: list[str] = []
        """Sentences that are said at the start of a session over it."""
        self._incoming: Callable[[], Iterator[Task]] | None = None
        self._functions: list[Callable[[Iterable[Task]], Iterable[Task]]] = []
        self._reading: Iterator[Task] | None = None

    @classmethod
    def from_iterable(cls, tasks: Iterable[Task], **_settings: Any) -> Stream:
        """Return a stream of any iterable of tasks, which is resumed by key."""
        return get_stream(tasks)

    def apply(self, function: Callable[..., Iterable[Task]], *args: Any, **kwargs: Any) -> Stream:
        """Pass the tasks through `function`, which takes them first and yields tasks.

        Where `stream` is among `args` or `kwargs` (as in `apply(add_tokens, nlp, stream)`), the
        tasks take its place instead.
        """

        def step(tasks: Iterable[Task]) -> Iterable[Task]:
            if any(arg is self for arg in args):
                return function(*(tasks if arg is self else arg for arg in args), **kwargs)
            if any(value is self for value in kwargs.values()):
                filled = {k: tasks if v is self else v for k, v in kwargs.items()}
                return function(*args, **filled)
            return function(tasks, *args, **kwargs)

        self._functions.append(step)
        return self

    def attach(self, incoming: Callable[[], Iterator[Task]]) -> None:
        """Take the rows from a ledger from now on, so that each is accounted for."""
        self._incoming = incoming

    def __next__(self) -> Task:
        """Return the next task of a reading of its own; the session still begins with the first."""
        if self._reading is None:
            self._reading = iter(self)
        return next(self._reading)

    def __iter__(self) -> Iterator[Task]:
        tasks: Iterable[Task] = self._incoming() if self._incoming else self._unaccounted()
        for function in self._functions:
            tasks = function(tasks)
        return iter(tasks)

    def _unaccounted(self) -> Iterator[Task]:
        """Yield rows without references, for a recipe that looks before the job runs."""
        waiting = here()
        bad: list[BadRow] = []
        for record in self.source.rows():
            waiting.record_read()
            if isinstance(record, Row):
                task = dict(record.data)
                if self.hashes and (not self.takes_any or has_input(task, DEFAULT_SETTINGS)):
                    identify(task, DEFAULT_SETTINGS)
                yield task
            elif self.refused is not None:
                self.refused(record)
            else:
                bad.append(record)
        if bad:
            _say_bad(self.source.name, bad)


def _say_bad(name: str, bad: list[BadRow]) -> None:
    """Say on stderr what a recipe's own code did not get to see of a source."""
    first = f"{name}:{bad[0].start.line + 1}: {bad[0].detail}"
    more = f"; {len(bad) - 1} more rows cannot be read" if len(bad) > 1 else ""
    sys.stderr.write(f"tui-annotate: {safe_line(first)}{more}\n")


def get_stream(
    source: str | Path | Iterable[Task],
    loader: str | None = None,
    *,
    text_field: str | None = None,
    id_field: str | None = None,
    input_keys: Collection[str] = ANY_ROW,
    identity: str = "own:tasks",
) -> Stream:
    """Return the tasks of a source.

    Args:
        source: A file, folder, pattern, `-`, or a source that is no file
            (`stream/store_sources.py`); or any iterable of tasks, resumed by key. A `Stream` is
            returned as it is.
        loader: A loader's name; by default the file's ending decides.
        text_field: The field that holds the text, where it is not `text`.
        id_field: The field that names the row; it goes to `meta`.
        input_keys: A row that has none of them is a bad row; by default every object is handed
            on, and the view decides which tasks it can show.
        identity: What the store calls tasks of an iterable.

    Raises:
        SourceError: Where there is no such file, or no loader for it.
    """
    if isinstance(source, Stream):
        source.hashes = True  # a recipe that takes a stream takes its rows as they are
        return source
    if isinstance(source, (str, PathLike)):
        read_as = file_options()
        fields = Fields(
            text_field or None,
            id_field or None,
            input_keys,
            encoding=read_as.encoding,
            tag_columns=read_as.tag_columns,
            offset_unit=read_as.offset_unit,
            label_fields=read_as.label_fields,
        )
        name = fspath(source)
        takes_any = input_keys == ANY_ROW and not text_field
        made = Stream(open_origin(name, fields) or open_any(name, fields, loader), takes_any)
    else:
        made = Stream(IterableSource(source, "tasks of a program", identity))
    found = _collected.get()
    if found is not None:
        found.append(made)
    return made


def support_both_streams(*, stream_arg: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function of tasks so that it also takes a `Stream`, and then returns that.

    Args:
        stream_arg: The name of the argument that holds the tasks.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def either(*args: Any, **kwargs: Any) -> Any:
            bound = signature(function).bind(*args, **kwargs)
            given = bound.arguments.get(stream_arg)
            if not isinstance(given, Stream):
                return function(*args, **kwargs)
            rest = {key: value for key, value in bound.arguments.items() if key != stream_arg}
            return given.apply(lambda tasks: function(**{stream_arg: tasks}, **rest))

        return either

    return decorate


@contextmanager
def collect_streams() -> Iterator[list[Stream]]:
    """Give a list of the streams that `get_stream` makes inside the block.

    A recipe may wrap its stream in a generator of its own; this is how it is found all the same.
    """
    found: list[Stream] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)
