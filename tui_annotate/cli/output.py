"""Data on stdout: files and pipes get it as it is, a terminal gets it made safe.

A terminal obeys what it is sent. So where stdout is one, control and bidi characters of the data
are `\\u` escapes in JSON, which means the same, and marks in every other format.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from typing import Any, BinaryIO

from tui_annotate.text.safe import SURROGATE, safe_json, safe_lines
from tui_annotate.waiting import here


def write_json(text: str) -> None:
    """Write JSON to stdout."""
    sys.stdout.write(safe_json(text) if sys.stdout.isatty() else text)


def write_json_lines(lines: Iterable[str]) -> None:
    """Write lines of JSON to stdout, each with its line feed."""
    waiting = here()
    with waiting.on("writing", unit="lines"):
        for number, line in enumerate(lines, 1):
            write_json(line)
            waiting.at(number)
    sys.stdout.flush()


def writes_file() -> bool:
    """Whether stdout is a plain file, so that nobody sees how far it is."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except OSError:  # it is no file of the system's
        return False


def print_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value as indented JSON to stdout, with None for `indent` on one line."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # UTF-8 cannot hold a lone surrogate, and an escape means the same.
    write_json(SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def write_file(data: BinaryIO, *, is_json: bool) -> None:
    """Write what a file holds to stdout.

    Args:
        data: The file, open for reading; text in UTF-8 if stdout is a terminal.
        is_json: Whether it holds JSON.
    """
    if not sys.stdout.isatty():
        shutil.copyfileobj(data, sys.stdout.buffer, 1 << 20)
    for line in data:  # nothing is left where it was copied
        text = line.decode("utf-8", "replace")
        sys.stdout.write(safe_json(text) if is_json else safe_lines(text))
    sys.stdout.flush()
