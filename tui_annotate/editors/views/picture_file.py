"""A task's picture in words: where it lies, its size, its caption."""

from __future__ import annotations

import base64
import binascii
import struct
from pathlib import Path
from typing import Any

from tui_annotate.editors.sheet import Paragraph, Sheet, faint
from tui_annotate.restricted import may_open
from tui_annotate.task.schema import Task

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
