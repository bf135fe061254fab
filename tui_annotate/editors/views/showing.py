"""Shows the input, spans and label of a task as paragraphs, for all views that are sheets."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from tui_annotate.editors.base import list_of
from tui_annotate.editors.html_text import readable
from tui_annotate.editors.mustache import fill
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, faint, heading
from tui_annotate.errors import TaskError
from tui_annotate.restricted import may_open
from tui_annotate.task.llm_rows import Turn, parts_of, turns_of
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span

_ADDRESSES = ("http:", "https:")
_HEAD = 64 * 1024
"""Bytes of a file that are read for its size."""


def picture_lines(task: Task) -> Sheet:
    """Return path, size and caption of the `image` of a task, as paragraphs."""
    image = str(task.get("image") or "")
    embedded = image.startswith("data:")
    name = str(task.get("path") or ("embedded in the task" if embedded else image))
    caption = task.get("caption") or task.get("alt")
    remote = image.startswith(_ADDRESSES)
    facts = "an address, which is not fetched" if remote else _facts(image, embedded=embedded)
    return (
        Paragraph(f"picture: {name[:300]}", picture="" if remote else image),
        faint(facts),
        *([Paragraph(str(caption))] if caption else []),
    )


def _facts(image: str, *, embedded: bool) -> str:
    size, head = _embedded(image) if embedded else _file(image)
    measured = pixels(head)
    found = [f"{measured[0]} x {measured[1]} pixels"] if measured else []
    return ", ".join([*found, f"{size:,} bytes"] if size else found) or "its size is not known here"


def _embedded(image: str) -> tuple[int, bytes]:
    kind, _, data = image.partition(",")
    if not kind.endswith(";base64"):
        return len(data), b""
    try:
        return len(data) * 3 // 4 - data[-2:].count("="), base64.b64decode(data[: 4 * _HEAD // 3])
    except (binascii.Error, ValueError):
        return 0, b""


def _file(image: str) -> tuple[int, bytes]:
    try:
        path = Path(image).expanduser()
        if not may_open(path) or not path.is_file():
            return 0, b""
        with path.open("rb") as file:
            return path.stat().st_size, file.read(_HEAD)
    except (OSError, ValueError, RuntimeError):
        return 0, b""


def pixels(head: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF, WebP or JPEG from its head, None for others."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
        return width, height
    if head.startswith((b"GIF87a", b"GIF89a")) and len(head) >= 10:
        width, height = struct.unpack("<HH", head[6:10])
        return width, height
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP" and len(head) >= 30:
        return _webp(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8") else None


def _webp(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        sides = head[24:27], head[27:30]
        return int.from_bytes(sides[0], "little") + 1, int.from_bytes(sides[1], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            numbers: tuple[Any, ...] = struct.unpack(">HH", head[at + 5 : at + 9])
            return numbers[1], numbers[0]
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


Config: TypeAlias = Mapping[str, Any]
Shower: TypeAlias = Callable[[Task, Config], Sheet]


def shown_input(task: Task, config: Config) -> Sheet:
    """Return the input of a task: text with its spans, or HTML as text, or what a row of a language
    model says, or its other fields."""
    template = config.get("html_template")
    if isinstance(template, str):
        return (Paragraph(readable(fill(template, task))),)
    media = [*_media_lines(task)]
    words = _words(task, config)
    if words is None:
        words = [] if media else _under_names(parts_of(task))
    return (*media, *words)


def _media_lines(task: Task) -> Iterator[Paragraph]:
    """Yield what a terminal can show of a task's picture, sound and film."""
    if isinstance(task.get("image"), str):
        yield from picture_lines(task)
    for kind in ("audio", "video"):
        address = task.get(kind)
        if isinstance(address, str):
            yield Paragraph(f"{kind}: {_place(task, address)}")


def _place(task: Task, address: str) -> object:
    """Return where a file of a task is, which may be in the task itself."""
    is_embedded = address.startswith("data:")
    return (task.get("path") or "embedded in the task") if is_embedded else address


def _words(task: Task, config: Config) -> Sequence[Paragraph] | None:
    """Return what is to be read of a task: the first of these that it has; None without any."""
    text, html, within = task.get("text"), task.get("html"), task.get("input")
    if isinstance(text, str) and not _is_name_of_picture(task, text):
        return [Paragraph(text, spans=spans_of(task, text))]
    if isinstance(html, str):
        return [Paragraph(readable(html))]
    turns = turns_of(task)
    if turns:
        return _under_names(turns)
    if isinstance(within, Mapping):
        return shown_input(dict(within), config)
    return [Paragraph(within)] if isinstance(within, str) else None


def _is_name_of_picture(task: Task, text: str) -> bool:
    """Return whether a text is the name of the picture's file, as it often is: then it is no text
    to be read."""
    image = task.get("image")
    return isinstance(image, str) and text == PurePath(image).stem


def _under_names(turns: list[Turn]) -> list[Paragraph]:
    return [part for turn in turns for part in (heading(turn.name), Paragraph(turn.text))]


def show_any(task: Task, config: Config) -> Sheet:
    """Return the input of a task, or its keys where it has none."""
    return shown_input(task, config) or (faint("keys: " + ", ".join(map(str, task))),)


def spans_of(task: Task, text: str) -> tuple[Span, ...]:
    """Return those spans of a task that lie in its text; without a label they are a `match`."""
    found = []
    for data in list_of(task, "spans"):
        try:
            span = Span.from_dict(data, length=len(text))
        except TaskError:
            continue
        found.append(span if span.label else span.with_label("match"))
    return tuple(sorted(found))


def misfits(task: Task) -> tuple[str, ...]:
    """Return what of a task's lists cannot be shown."""
    wrong = [key for key in ("spans", "arcs") if not isinstance(task.get(key) or [], list)]
    found = [f"{key} is not a list: all of it is set aside" for key in wrong]
    text = task.get("text")
    lost = len(list_of(task, "spans")) - len(spans_of(task, text)) if isinstance(text, str) else 0
    if lost:
        found.append(f"{lost} of its spans do not fit the text: they are not shown")
    return tuple(found)


def show_text(task: Task, config: Config) -> Sheet:
    """`text`, `ner` and `spans`: the input alone."""
    return shown_input(task, config)


def show_html(task: Task, config: Config) -> Sheet:
    """`html`: the template filled in, else the HTML, also of a task that has a text beside it."""
    html = task.get("html")
    if isinstance(html, str) and not isinstance(config.get("html_template"), str):
        return (Paragraph(readable(html)),)
    return shown_input(task, config)


def show_classification(task: Task, config: Config) -> Sheet:
    """`classification`: the label in question over the input."""
    return (heading(str(task.get("label", ""))), BLANK, *shown_input(task, config))


def show_labelled(task: Task, config: Config) -> Sheet:
    """`ner` and `spans`: the input, under the task's label where it has one."""
    label = task.get("label")
    head = (heading(label), BLANK) if isinstance(label, str) and label else ()
    return (*head, *shown_input(task, config))


def show_diff(task: Task, config: Config) -> Sheet:
    """`diff`: one text with what was removed and added; labels say so in letters."""
    old, new = task.get("removed", task.get("reject")), task.get("added", task.get("accept"))
    texts = [each.get("text", "") if isinstance(each, Mapping) else each for each in (old, new)]
    style = str(config.get("diff_style") or "words")
    shown = shown_input(task, config)
    body = diff_paragraphs(str(texts[0] or ""), str(texts[1] or ""), style)
    return (*shown, BLANK, *body) if shown else body


_UNITS = {
    "words": re.compile(r"\s+|\w+|[^\w\s]"),
    "chars": re.compile(r".", re.DOTALL),
    "sentences": re.compile(r"[^.!?\n]*(?:[.!?]+\s*|\n+|$)"),
}

_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}"}

STYLES = tuple(_UNITS)


def diff_paragraphs(old: str, new: str, style: str = "words") -> Sheet:
    """Return both texts as one paragraph, with `[-removed-]` and `{+added+}` as spans.

    Args:
        old, new: The texts.
        style: What is compared: `words`, `chars` or `sentences`; anything else is `words`.
    """
    pattern = _UNITS.get(style, _UNITS["words"])
    before, after = ([m[0] for m in pattern.finditer(text) if m[0]] for text in (old, new))
    parts: list[str] = []
    spans: list[Span] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append("".join(before[i1:i2]))
            continue
        for label, piece in (("removed", before[i1:i2]), ("added", after[j1:j2])):
            if piece:
                start = sum(map(len, parts))
                parts.append(_MARKS[label].format("".join(piece)))
                spans.append(Span(start, start + len(parts[-1]), label))
    return (Paragraph("".join(parts), spans=tuple(spans)),)
