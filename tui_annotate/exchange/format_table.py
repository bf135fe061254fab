"""The table of all formats: what each holds, and by which names it is read and written.

It is made of the two registries: a format is entered once for reading (`sources/registry.py`) and
once for writing (`exchange/registry.py`), and is listed here by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.exchange.registry import FORMATS, Format, known_formats
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.registry import KINDS, LOADERS, Loader, all_loaders

_KINDS_OF_LAYERS = {"spans": "spans", "relations": "relations", "labels": "classes"}


class FormatFacts(NamedTuple):
    """What is known of one format.

    Attributes:
        name: What `--to` calls it, and `--loader` unless `loader` says otherwise.
        loader: What `--loader` calls it.
        endings: Endings of its files, with their dot; none where its files have those of another
            format and are found by their first rows, or named.
        help: One line for people.
        reads: What is read from it, out of `KINDS`; None where it is not read.
        writes: What is written to it, out of `KINDS`; None where it is not written.
        extra: The extra that it needs; empty for none.
    """

    name: str
    loader: str
    endings: tuple[str, ...]
    help: str
    reads: frozenset[str] | None
    writes: frozenset[str] | None
    extra: str

    def cell(self, kind: str) -> str:
        """Return how a kind is held: `yes`, `read`, `written`, or `-` for not at all."""
        held = [(self.reads, "read"), (self.writes, "written")]
        known = [(kinds, name) for kinds, name in held if kinds is not None]
        ways = [name for kinds, name in known if kind in kinds]
        if not ways:
            return "-"
        return "yes" if len(ways) == len(known) else ways[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the facts for programs; `read` and `written` are null where it is not."""
        return {
            "name": self.name,
            "what": self.help,
            "endings": list(self.endings),
            "loader": self.loader if self.reads is not None else None,
            "to": self.name if self.writes is not None else None,
            "read": _in_order(self.reads),
            "written": _in_order(self.writes),
            "extra": self.extra or None,
        }


def all_formats() -> list[FormatFacts]:
    """Return every format, those that are read first and those of installed packages last."""
    loaders, formats = all_loaders(), known_formats()
    names = dict.fromkeys((*LOADERS, *FORMATS, *loaders, *formats))
    return [_facts(name, loaders, formats.get(name)) for name in names]


def _facts(name: str, loaders: Mapping[str, Loader], format_: Format | None) -> FormatFacts:
    """Return what there is to know of a format.

    Args:
        name: What it is called.
        loaders: The loaders by their names.
        format_: What writes it; None where nothing does.
    """
    reader = format_.loader if format_ is not None and format_.loader else name
    loader = loaders.get(reader)
    # A loader of another name reads more than this format, so what it says is not about it.
    own_loader = loader if reader == name else None
    described = own_loader or format_ or loader
    return FormatFacts(
        name,
        reader,
        _endings(own_loader, format_),
        described.help if described is not None else "",
        frozenset(loader.holds) if loader is not None else None,
        _written(format_) if format_ is not None else None,
        (loader.extra if loader is not None else "") or (format_.extra if format_ else ""),
    )


def _endings(loader: Loader | None, format_: Format | None) -> tuple[str, ...]:
    """Return the endings of files: those that are read, or else the one that is written."""
    if loader is not None and loader.extensions:
        return loader.extensions
    return (format_.ending,) if format_ is not None and format_.ending else ()


def _written(format_: Format) -> frozenset[str]:
    kinds = {_KINDS_OF_LAYERS[layer] for layer in format_.holds} | set(format_.keeps)
    if "spans" in kinds and format_.overlaps:
        kinds.add("nested")
    if "spans" in kinds and format_.offsets:
        kinds.add("offsets")
    if format_.several or format_.rows:
        kinds.add("people")
    return frozenset(kinds)


def _in_order(kinds: Iterable[str] | None) -> list[str] | None:
    return None if kinds is None else [kind for kind in KINDS if kind in kinds]


HEAD = ("format", "read", "written", "endings", *KINDS)


def rows() -> list[tuple[str, ...]]:
    """Return the table's rows as words, in the order of `HEAD`."""
    return [
        (
            each.name,
            "yes" if each.reads is not None else "-",
            "yes" if each.writes is not None else "-",
            " ".join(each.endings) or "-",
            *(each.cell(kind) for kind in KINDS),
        )
        for each in all_formats()
    ]


def markdown() -> str:
    """Return the table as docs/formats.md has it."""
    lines = [HEAD, tuple("---" for _ in HEAD)]
    lines += [(f"`{name}`", *rest) for name, *rest in rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
