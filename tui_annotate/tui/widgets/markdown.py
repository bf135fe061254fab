"""Guidelines in Markdown as rows: links lead nowhere, pictures and HTML stay as written."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from itertools import dropwhile
from typing import ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from rich.theme import Theme as RichTheme

from tui_annotate.text.safe import safe
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.cells import NULL, RowStrip
from tui_annotate.tui.widgets.folded_line import text_run

_ROLES = {
    "markdown.h1": Role.STRONG,
    "markdown.h2": Role.STRONG,
    "markdown.h3": Role.STRONG,
    "markdown.h4": Role.STRONG,
    "markdown.h5": Role.STRONG,
    "markdown.h6": Role.STRONG,
    "markdown.strong": Role.STRONG,
    "markdown.em": Role.OVERLAP,
    "markdown.code": Role.KEY,
    "markdown.s": Role.FAINT,
    "markdown.link_url": Role.FAINT,
    "markdown.table.header": Role.STRONG,
}
_TAB = 4
_ASCII = str.maketrans("•▌", "*|")


class _Code(CodeBlock):
    """Code as it is, without the colours of a language."""

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        """Yield the lines, indented."""
        for line in str(self.text).rstrip().split("\n"):
            yield Text(f"    {line}")


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class _Guidelines(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }

    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)
        # Entities could bring in control characters behind the back of `safe`.
        parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
        parser.disable(["image", "entity", "html_block", "html_inline"])
        self.parsed = parser.parse(text)


def markdown_rows(text: str, width: int, theme: Theme, *, ascii_only: bool) -> Sequence[RowStrip]:
    """Return a text in Markdown as rows of at most `width` cells, at least 10."""
    lines = (safe(line.expandtabs(_TAB)) for line in text.splitlines())
    styles = {name: NULL for name in RichTheme().styles if name.startswith("markdown")}
    styles |= {name: theme[role] for name, role in _ROLES.items()}
    console = Console(
        file=StringIO(), width=max(10, width), theme=RichTheme(styles), legacy_windows=False
    )
    options = console.options.update(height=None)
    options.encoding = "ascii" if ascii_only else "utf-8"
    rows = console.render_lines(_Guidelines("\n".join(lines)), options, pad=False)
    strips = [_strip(row, ascii_only=ascii_only) for row in rows]
    return list(dropwhile(lambda strip: not strip.text.strip(), strips))


def _strip(row: Sequence[Segment], *, ascii_only: bool) -> RowStrip:
    signs = _ASCII if ascii_only else {}
    return RowStrip(
        text_run(each.text.translate(signs), _bare(each.style)) for each in row if each.text
    )


def _bare(style: Style | None) -> Style:
    """Return a style without a link, which a terminal would make something to click of."""
    return NULL if style is None else style.update_link(None)
