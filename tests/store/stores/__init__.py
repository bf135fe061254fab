"""Stores written by earlier versions of the program, kept to be opened by every later one.

`m001_first.db.gz` was made by keys in a terminal, before several people could share a dataset: the
dataset `my_set` of `ann1`, who labels `ROWS` with `ner.manual`. It has answers (one of them changed
with undo), a task put off with a draft, a draft on the task that was open, a row that is no JSON, a
string that is proposed, a change of labels that was undone, and data that a script kept beside it.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

ROWS = """\
{"text": "Anna went to Rome."}
{"text": "Ben works for Acme."}
{"text": "Carla met Dan in Oslo."}
not json
{"text": "No names here."}
{"text": "Anna met Ben at Acme."}
{"text": "Emil left for Paris."}
{"text": "Fay stays in Rome."}
{"text": "Gus reads a book."}
{"text": "Hanna called Acme."}
{"text": "Ida sings."}
"""

FIRST = "m001_first"

_WRITTEN_AT_NS = 1_795_884_141_408_690_052
"""When the rows were written last, which the stores remember."""


def write_rows(target: Path) -> Path:
    """Write the rows that the stores were made of, as if the file had only been moved."""
    target.write_text(ROWS, "utf-8")
    os.utime(target, ns=(_WRITTEN_AT_NS, _WRITTEN_AT_NS))
    return target


def unpack(name: str, target: Path) -> Path:
    """Write one of the stores to a new file that may be changed."""
    target.touch(0o600)
    target.write_bytes(gzip.decompress((Path(__file__).parent / f"{name}.db.gz").read_bytes()))
    return target
