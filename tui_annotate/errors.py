"""Every error that a user can cause or meet, under one base class.

    TuiAnnotateError            exit 1
    ├── UsageError              exit 2   wrong arguments, unknown recipe, no such label file
    │   └── NoTerminal          exit 2   no terminal to draw on
    ├── ConfigError             exit 2   a bad key or value in a configuration or keymap file
    │   └── NotTrusted          exit 2   a file to be obeyed that another user could have written
    ├── TaskError               exit 1   a task that cannot be hashed, shown or edited
    ├── SourceError             exit 1   a source that cannot be read
    ├── RecipeError             exit 1   a recipe that failed or returned wrong components
    │   ├── ProdigyLacks        exit 1   a recipe file uses what the alias of Prodigy has not
    │   └── Refused             exit 1   a recipe file says why it does not go on
    ├── PluginError             exit 1   a package that cannot be loaded, or adds something else
    ├── NothingToAsk            exit 0   a recipe that did its work without asking anything
    ├── Abandoned           exit 0   work that nobody waits for any more, because the session ends
    ├── ExportError             exit 1   an export that cannot be written, or not without a decision
    ├── MissingExtra            exit 1   an optional dependency that is not installed
    ├── EndpointError           exit 1   a language model that cannot be asked
    └── StoreError              exit 1   the database
        ├── StoreLocked                  another process keeps it locked
        ├── StoreReadOnly                it cannot be written
        ├── StoreFull                    no space left, or over a quota
        ├── StoreCorrupt                 it fails its own integrity check
        ├── StoreTooNew                  written by a newer version of this program
        ├── StoreUnavailable             an I/O error, a stale file handle, a server that is away
        │   └── StoreLost                the connection broke; nothing of the transaction is stored
        ├── StoreMoved                   its files were removed or exchanged while it is open
        ├── StoreElsewhere               another host is at work on it
        └── WriteConflict                somebody else was there first (compare-and-set)

A message says what happened, where (file, line, key) and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class TuiAnnotateError(Exception):
    """What happened, where, and what to do.

    Args:
        what: One sentence without a full stop at its end.
        where: A file, `file:line`, or a key; shown in front of the sentence.
        hint: What to do about it; shown after the sentence.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what, where, hint)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.hint}" if self.hint else text


class Abandoned(TuiAnnotateError):
    """Work that nobody waits for any more, because the session ends."""

    exit_code = 0


class UsageError(TuiAnnotateError):
    """The command line is wrong."""

    exit_code = 2


class NoTerminal(UsageError):
    """There is no terminal to draw on, or none that can be drawn on."""


class ConfigError(TuiAnnotateError):
    """A configuration or keymap file holds something wrong."""

    exit_code = 2


class NotTrusted(ConfigError):
    """Another user could have written a file that would be obeyed."""


class TaskError(TuiAnnotateError):
    """A task that cannot be hashed, shown or edited. `reason` is a short stable code.

    Args:
        what: One sentence without a full stop at its end.
        reason: A code for drop lists, such as `no-input` or `not-json`.
        where: A file, `file:line`, or a key.
        hint: What to do about it.
    """

    def __init__(
        self, what: str, *, reason: str, where: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.reason = reason


class SourceError(TuiAnnotateError):
    """A source cannot be opened or read."""


class RecipeError(TuiAnnotateError):
    """A recipe failed, or returned components that are wrong."""


class ProdigyLacks(RecipeError):
    """A recipe file uses a name of Prodigy that is not here."""


class Refused(RecipeError):
    """What a recipe file raises to refuse.

    Args:
        title: What it refuses.
        text: More about it.
    """

    def __init__(self, title: object = "", text: object = "", *_more: object) -> None:
        super().__init__(str(title).rstrip("."), hint=str(text) if text else None)


class PluginError(TuiAnnotateError):
    """An installed package cannot be loaded, or adds something of the wrong kind."""


class NothingToAsk(TuiAnnotateError):
    """A recipe returned nothing: it has done its work, and there is no session."""

    exit_code = 0


class ExportError(TuiAnnotateError):
    """An export cannot be written, or not without somebody's decision."""


class MissingExtra(TuiAnnotateError):
    """A feature needs a package that is not installed."""


class EndpointError(TuiAnnotateError):
    """A language model cannot be asked, or its endpoint gives no answer.

    Args:
        what: One sentence without a full stop at its end.
        where: The endpoint.
        hint: What to do about it.
        lasting: Another request would fail in the same way: a wrong key, or no such model.
    """

    def __init__(
        self, what: str, *, where: str | None = None, hint: str | None = None, lasting: bool = False
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.lasting = lasting


class StoreError(TuiAnnotateError):
    """The database cannot do what was asked."""


class StoreLocked(StoreError):
    """Another process keeps the database locked."""


class StoreReadOnly(StoreError):
    """The database, or its folder, cannot be written."""


class StoreFull(StoreError):
    """No space is left on the device, or the user's quota is used up."""


class StoreCorrupt(StoreError):
    """The database fails its own integrity check."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of this program."""


class StoreUnavailable(StoreError):
    """The file system answered with an I/O error or a stale handle, or the server not at all."""


class StoreLost(StoreUnavailable):
    """The connection to the server broke within a transaction, of which nothing is stored."""


class StoreMoved(StoreError):
    """The database's files were removed, moved or exchanged while it is open."""


class StoreElsewhere(StoreError):
    """Another host is at work on the database, and locks may not reach there."""


class WriteConflict(StoreError):
    """Somebody else wrote first; what was about to be written no longer fits."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown name: the nearest known one, or all of them in their order."""
    names = list(known)
    close = closest(name, names)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {listed(names, 100)}"


def closest(name: str, known: Iterable[str], most: int = 1, *, least: float = 0.6) -> list[str]:
    """Return the names that one is a typing error for, the most similar first.

    Args:
        name: What somebody has written.
        known: The names that there are.
        most: How many are returned at most.
        least: How similar they are at least: 1 for the name itself, 0 for any other.
    """
    from difflib import get_close_matches  # a mistake may cost its import, a start may not

    return get_close_matches(name, list(known), n=most, cutoff=least)


def listed(names: Sequence[str], most: int = 20) -> str:
    """Return some names in a row, and how many more there are: a file can have any number of them.

    Args:
        names: The names.
        most: How many are named.
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def parse_reason(error: ValueError) -> str:
    """Return why a file could not be parsed, in words for its writer.

    Python's own words on an integer of thousands of digits name a function of the interpreter.
    """
    text = str(error)
    return "an integer has too many digits" if "int_max_str_digits" in text else text
