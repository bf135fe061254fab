"""HTML as readable text. The original stays in the task; this is only what is shown."""

from __future__ import annotations

import re
from typing import Any

_NAMES = """
address article aside blockquote dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5
h6 header hr li main nav ol p pre section table tr ul
"""
_BLOCKS = frozenset(_NAMES.split())
_NOT_SHOWN = frozenset({"script", "style", "template", "head", "title", "noscript"})


def readable(html: str) -> str:
    """Return the text of HTML: one paragraph a block, bullets for items, cells apart.

    Entities are resolved; what a browser would not show (scripts, styles, comments) is left out;
    pictures give their `alt` text, links their address where that is not what they show.
    """
    from bs4 import BeautifulSoup

    parts: list[str] = []
    _walk(BeautifulSoup(html, "html.parser"), parts, pre=False)
    text = "".join(parts)
    lines = [line.strip(" \t") if "\x00" not in line else line for line in text.split("\n")]
    joined = "\n".join(lines).replace("\x00", " ")
    return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")


def _walk(node: Any, parts: list[str], *, pre: bool) -> None:
    from bs4.element import NavigableString, PreformattedString, Tag

    for child in node.children:
        if isinstance(child, PreformattedString):
            continue  # comments, declarations
        if isinstance(child, NavigableString):
            text = str(child)
            parts.append(text.replace(" ", "\x00") if pre else re.sub(r"\s+", " ", text))
        elif isinstance(child, Tag) and child.name not in _NOT_SHOWN:
            _element(child, parts, pre=pre)


def _element(tag: Any, parts: list[str], *, pre: bool) -> None:
    name = tag.name
    if name == "br":
        parts.append("\n")
        return
    if name == "img":
        parts.append(f"[picture: {tag.get('alt') or tag.get('src') or 'without a name'}]")
        return
    block = name in _BLOCKS
    if block:
        _new_line(parts)
    if name == "li":
        parts.append("* ")
    _walk(tag, parts, pre=pre or name == "pre")
    if name in ("td", "th"):
        parts.append("\x00\x00")
    if name == "a":
        href = str(tag.get("href") or "")
        if href.startswith(("http://", "https://")) and tag.get_text() != href:
            parts.append(f" <{href}>")
    if block:
        _new_line(parts)


def _new_line(parts: list[str]) -> None:
    if parts and not "".join(parts[-3:]).endswith("\n"):
        parts.append("\n")
