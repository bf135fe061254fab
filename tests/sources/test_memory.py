"""A source of any size is read in the same memory."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import tracemalloc
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields
from tui_annotate.stream.sqlite_source import open_table

SMALL, LARGE = 1500, 6000
ROOM = 200_000
"""Bytes by which the larger file, of several megabytes more, may need more memory."""

TEXT = "Acme sold its share in Globex to the Chen family of Berlin. " * 12


def json_list(count: int) -> str:
    return json.dumps([{"text": f"{number} {TEXT}"} for number in range(count)])


def label_studio(count: int) -> str:
    return json.dumps([{"data": {"text": f"{n} {TEXT}"}, "annotations": []} for n in range(count)])


def lines(form: str, head: str = "") -> Callable[[int], str]:
    return lambda count: head + "".join(form % f"{number} {TEXT}" for number in range(count))


SOURCES: dict[str, Callable[[int], str]] = {
    "jsonl": lines('{"text": "%s"}\n'),
    "json": json_list,
    "txt": lines("%s\n"),
    "txt-paragraph": lines("%s\n\n"),
    "csv": lines('"%s",1\n', "text,n\n"),
    "tsv": lines("%s\t1\n", "text\tn\n"),
    # Its columns are found in the first megabyte, so the smaller file is larger than that.
    "conll2003": lambda count: (f"{'A' * 400} B-X\n" * 3 + "\n") * count,
    "doccano": lines('{"text": "%s", "label": []}\n'),
    "label-studio": label_studio,
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress,
}  # fmt: skip


def peak(path: Path, loader: str) -> int:
    """Return the most bytes that reading every row held at a time."""
    tracemalloc.start()
    try:
        source = open_source(path, loader=loader)
        assert sum(1 for _ in source.rows()) >= SMALL
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check(paths: list[Path], loader: str) -> None:
    small, large = paths
    peak(small, loader)  # What is imported and cached on first use does not count.
    assert peak(large, loader) - peak(small, loader) < ROOM


@pytest.mark.parametrize("loader", SOURCES)
def test_a_text_source_needs_the_same_memory_at_any_size(tmp_path: Path, loader: str) -> None:
    paths = [tmp_path / f"{count}.data" for count in (SMALL, LARGE)]
    for path, count in zip(paths, (SMALL, LARGE), strict=True):
        path.write_text(SOURCES[loader](count))
    check(paths, loader)


@pytest.mark.parametrize("ending", PACK)
def test_so_does_a_compressed_one(tmp_path: Path, ending: str) -> None:
    paths = [tmp_path / f"{count}.jsonl{ending}" for count in (SMALL, LARGE)]
    for path, count in zip(paths, (SMALL, LARGE), strict=True):
        path.write_bytes(PACK[ending](SOURCES["jsonl"](count).encode()))
    check(paths, "jsonl")


def test_a_table_that_was_exported_goes_on_at_its_place(tmp_path: Path) -> None:
    from tests.exchange.support import document, task
    from tui_annotate.exchange.registry import FORMATS
    from tui_annotate.exchange.writers import FormatSettings

    contents = [task(f"Acme {number}", (0, 4, "ORG")) for number in range(9)]
    path = tmp_path / "out.db"
    writer = FORMATS["sqlite"].open(path, FormatSettings())
    for number, content in enumerate(contents):
        writer.write(document(content, number=number + 1))
    writer.close()
    whole = list(open_table(str(path), Fields()).rows())
    assert open_table(str(path), Fields()).seekable
    for number, row in enumerate(islice(whole, 8)):
        assert list(open_table(str(path), Fields()).rows(row.end)) == whole[number + 1 :]
