"""Write the tables of the documentation anew from the registries: `python -m tools.tables`.

A view, a loader, a format or an action is entered in one registry, and its line in the docs is
made from that entry. Tests compare the pages with the registries; after a new entry this writes
them, so nothing is pasted by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tui_annotate import views
from tui_annotate.commands.help import markdown as keys_page
from tui_annotate.commands.keymap import Keymap
from tui_annotate.exchange import format_table
from tui_annotate.exchange import registry as exports
from tui_annotate.sources.registry import LOADERS

DOCS = Path(__file__).parents[1] / "docs"
"""Where the pages lie."""


def loader_table() -> str:
    """Return the loaders as a table in Markdown."""
    lines = ["| loader | endings | rows | continues |", "|---|---|---|---|"]
    for loader in LOADERS.values():
        endings = " ".join(f"`{each}`" for each in loader.extensions)
        extra = f" (`[{loader.extra}]`)" if loader.extra else ""
        continues = "seeks" if loader.seeks else "reads again"
        cells = (f" `{loader.name}` ", f" {endings} " if endings else " ",
                 f" {loader.help}{extra} ", f" {continues} ")  # fmt: skip
        lines.append(f"|{'|'.join(cells)}|")
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {
    "views.md": views.table,
    "sources.md": loader_table,
    "formats.md": format_table.markdown,
    "export.md": exports.table,
}
"""Pages with one table of a registry, and what returns it."""


def with_table(page: str, table: str) -> str:
    """Return a page with a table in the place of the one that has the same head.

    Raises:
        ValueError: The page has no table with that head.
    """
    lines, new = page.split("\n"), table.split("\n")
    first = lines.index(new[0])
    last = first
    while last < len(lines) and lines[last].startswith("|"):
        last += 1
    return "\n".join([*lines[:first], *new, *lines[last:]])


def with_keys(page: str) -> str:
    """Return the page of keys with all actions under their headings, behind its first words."""
    keys = keys_page(Keymap())
    heading = keys.split("\n", 1)[0]
    return page[: page.index(f"\n{heading}\n") + 1] + keys


def main() -> None:
    """Write each page whose table is not that of its registry, and name it."""
    renewers: dict[str, Callable[[str], str]] = {"keys.md": with_keys}
    for name, table in TABLES.items():
        renewers[name] = partial(with_table, table=table())
    for name, renew in renewers.items():
        path = DOCS / name
        before = path.read_text("utf-8")
        after = renew(before)
        if after != before:
            path.write_text(after, "utf-8")
            print(f"docs/{name} is written anew")


if __name__ == "__main__":
    main()
