"""Guidelines in Markdown: readable, and never more than text."""

from __future__ import annotations

import pytest

from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.markdown import markdown_rows

pytestmark = pytest.mark.quick

PAGE = """# News

Mark **names** and `dates`.

- a [link](https://example.org) and ![a picture](x.png)
- two

1. one

> said

| a | b |
|---|---|
| 1 | 2 |

    code *as it is*

<b>bold</b> <script>alert(1)</script> &#27;[2J [red]x[/red]
"""


def text_of(page: str, *, ascii_only: bool = False) -> str:
    rows = markdown_rows(page, 60, theme("dark"), ascii_only=ascii_only)
    return "\n".join(row.text.rstrip() for row in rows)


def test_it_is_laid_out_and_everything_is_there() -> None:
    text = text_of(PAGE)
    for part in ("Mark names and dates.", " • two", " 1 one", "▌ said", "code *as it is*", "──"):
        assert part in text, text
    assert "link (https://example.org)" in text
    assert "a picture (x.png)" in text


def test_html_entities_and_markup_of_libraries_are_text() -> None:
    text = text_of(PAGE)
    assert "<b>bold</b> <script>alert(1)</script> &#27;[2J [red]x[/red]" in text


def test_nothing_in_it_acts_on_the_terminal() -> None:
    page = "[go](https://example.org) \x1b]0;title\x07 \u202e\n\n```\n\x1b[2J\n```\n"
    rows = markdown_rows(page, 60, theme("dark"), ascii_only=False)
    assert "\x1b" not in "".join(row.text for row in rows)
    assert "\u202e" not in "".join(row.text for row in rows)
    assert not [run for row in rows for run in row.runs if run.style.link]


def test_a_terminal_without_utf8_gets_ascii() -> None:
    assert text_of("- a\n\n> b\n\n| a |\n|---|\n| 1 |\n\n---\n", ascii_only=True).isascii()
