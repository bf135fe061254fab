from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import BadRow, Row, Source, SourceChange
from tui_annotate.sources.compressed import inner_name
from tui_annotate.sources.registry import find_loader, open_source
from tui_annotate.sources.zstd_frames import find_frame, is_whole

pytestmark = pytest.mark.quick

Compress = Callable[[bytes], bytes]


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def seekable(data: bytes, frame: int = 200) -> bytes:
    """Return `data` in frames of so many bytes with a table of them behind."""
    parts = [data[at : at + frame] for at in range(0, len(data), frame)]
    packed = [zst(part) for part in parts]
    table = b"".join(
        struct.pack("<II", len(p), len(part)) for p, part in zip(packed, parts, strict=True)
    )
    footer = struct.pack("<IBI", len(parts), 0, 0x8F92EAB1)
    header = struct.pack("<II", 0x184D2A5E, len(table) + len(footer))
    return b"".join(packed) + header + table + footer


KINDS: list[tuple[str, Compress]] = [
    (".gz", lambda data: gzip.compress(data, mtime=0)),  # the same bytes at any time
    (".bz2", bz2.compress),
    (".xz", lzma.compress),
    (".zst", zst),
    (".zst", seekable),
]
each_kind = pytest.mark.parametrize(
    ("ending", "compress"), KINDS, ids=["gz", "bz2", "xz", "zst", "zst-seekable"]
)


def rows_of(count: int, start: int = 0) -> bytes:
    texts = [f"row {n} " + "x" * (n % 7) for n in range(start, start + count)]
    return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()


def texts(source: Source, *, after: int = 0) -> list[str]:
    start = [each.end for each in source.rows()][after - 1] if after else None
    found = source.rows(start) if start is not None else source.rows()
    return [each.data["text"] for each in found if isinstance(each, Row)]


@each_kind
def test_rows_are_those_of_the_plain_file_from_every_place(
    tmp_path: Path, ending: str, compress: Compress
) -> None:
    plain, packed = tmp_path / "rows.jsonl", tmp_path / f"rows.jsonl{ending}"
    plain.write_bytes(rows_of(60))
    packed.write_bytes(compress(rows_of(60)))
    one, other = open_source(plain), open_source(packed)
    for after in (0, 1, 7, 30, 59, 60):
        assert texts(other, after=after) == texts(one, after=after)
    assert other.count() == 60
    assert other.size() is None


@each_kind
def test_changes_are_seen_without_decompressing(
    tmp_path: Path, ending: str, compress: Compress
) -> None:
    path = tmp_path / f"rows.jsonl{ending}"
    path.write_bytes(compress(rows_of(20)))
    source = open_source(path)
    place = [each.end for each in source.rows()][9]
    stored = source.fingerprint(place)
    assert open_source(path).compare(stored) is SourceChange.SAME
    os.utime(path, ns=(1, 1))
    assert open_source(path).compare(stored) is SourceChange.CHANGED
    # All of these formats may be appended to; the rows before stay where they are.
    path.write_bytes(compress(rows_of(20)) + compress(rows_of(5, 20)))
    grown = open_source(path)
    assert grown.compare(stored) is SourceChange.GROWN
    assert len([each for each in grown.rows(place) if isinstance(each, Row)]) == 15
    path.write_bytes(compress(rows_of(30, 3)))
    assert open_source(path).compare(stored) is SourceChange.CHANGED


@each_kind
def test_a_file_that_is_cut_is_an_error_behind_its_last_row(
    tmp_path: Path, ending: str, compress: Compress
) -> None:
    path = tmp_path / f"rows.jsonl{ending}"
    whole = compress(os.urandom(4000).hex().encode() + b"\n" + rows_of(20))
    path.write_bytes(whole[: len(whole) // 2])
    found: list[Row | BadRow] = []
    with pytest.raises(SourceError, match="damaged or cut short"):
        found.extend(open_source(path).rows())


@each_kind
def test_a_file_of_something_else_is_an_error(
    tmp_path: Path, ending: str, compress: Compress
) -> None:
    path = tmp_path / f"rows.jsonl{ending}"
    path.write_bytes(b"this is not compressed at all, whatever its name says\n" * 3)
    with pytest.raises(SourceError, match="damaged or cut short"):
        list(open_source(path).rows())


def test_a_table_of_frames_is_used_and_checked(tmp_path: Path) -> None:
    data = rows_of(100)
    path = tmp_path / "a.zst"
    path.write_bytes(seekable(data))
    with path.open("rb") as file:
        assert is_whole(file)
        for offset in (1, 199, 200, 201, 999, len(data) - 1):
            packed, start = find_frame(file, offset)
            assert start == offset // 200 * 200
            file.seek(packed)
            frame = zstandard.ZstdDecompressor().stream_reader(file).read(200)
            assert frame == data[start : start + 200]
    for bad in (zst(data), b"\x00" + seekable(data), seekable(data)[:-1], b"12345678"):
        path.write_bytes(bad)
        with path.open("rb") as file:
            assert find_frame(file, 500) == (0, 0)


def test_the_name_inside_decides_the_format() -> None:
    assert inner_name("a/b.csv.gz") == "a/b.csv"
    assert inner_name("a/b.csv") == "a/b.csv"
    for name, loader in (("x.jsonl.gz", "jsonl"), ("x.tsv.XZ", "tsv"), ("x.txt.zst", "txt")):
        assert find_loader(name).name == loader


def test_a_table_of_columns_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.bz2"
    path.write_bytes(bz2.compress(b"text;n\none;1\ntwo;2\n"))
    assert texts(open_source(path)) == ["one", "two"]
