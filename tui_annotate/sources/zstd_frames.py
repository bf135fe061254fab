"""Files of zstd and their frames: whether the last one is whole, and which one holds which byte.

In the seekable format a table is a skippable frame at the end of the file: for each frame its
compressed and its decompressed size, and a footer of nine bytes.
"""

from __future__ import annotations

import os
import struct
from typing import BinaryIO, cast

from tui_annotate.errors import MissingExtra

_FOOTER = struct.Struct("<IBI")
_MAGIC = 0x8F92EAB1
_SKIPPABLE = 0x184D2A5E
_HEADER = struct.Struct("<II")
_CHECKSUMS = 0x80
_MOST_FRAMES = 1 << 22
_FRAME = 0xFD2FB528
_ID_BYTES = (0, 1, 2, 4)
_SIZE_BYTES = (0, 2, 4, 8)
_REPEATED_BYTE = 1


_WINDOW_LIMIT = 1 << 27
"""The largest window of a frame, in bytes: what a hostile file may make one allocate."""


def decompressed(raw: BinaryIO, offset: int) -> tuple[BinaryIO, int]:
    """Return a reader of the decompressed bytes, and the offset at which it stands.

    Args:
        raw: The compressed file.
        offset: The one that is wanted; the reader stands at the beginning of its frame.

    Raises:
        MissingExtra: The package that decompresses is not installed.
    """
    try:
        import zstandard  # an extra
    except ImportError:
        raise MissingExtra(
            "reading .zst files needs a package that is not installed",
            hint="pip install 'tui-annotate[zstd]'",
        ) from None
    begins = 0
    if raw.seekable():
        compressed, begins = find_frame(raw, offset)
        raw.seek(compressed)
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_LIMIT).stream_reader(
        raw, read_across_frames=True
    )
    return cast(BinaryIO, reader), begins


def find_frame(file: BinaryIO, offset: int) -> tuple[int, int]:
    """Return where the frame begins that holds a decompressed byte.

    Args:
        file: The compressed file, seekable; its place is lost.
        offset: Which decompressed byte.

    Returns:
        The offset of that frame in the file, and the decompressed offset of its first byte; zeros
        where the file has no table, or one that does not fit the file.
    """
    if not offset or not file.seekable():
        return 0, 0
    compressed = decompressed = 0
    for packed, unpacked in _frames(file):
        if decompressed + unpacked > offset:
            break
        compressed, decompressed = compressed + packed, decompressed + unpacked
    return compressed, decompressed


def _frames(file: BinaryIO) -> list[tuple[int, int]]:
    """Return the compressed and decompressed sizes of the frames; nothing without a table."""
    end = file.seek(0, os.SEEK_END)
    if end < _FOOTER.size + _HEADER.size:
        return []
    file.seek(end - _FOOTER.size)
    count, descriptor, magic = _FOOTER.unpack(file.read(_FOOTER.size))
    width = 12 if descriptor & _CHECKSUMS else 8
    length = count * width + _FOOTER.size
    start = end - length - _HEADER.size
    if magic != _MAGIC or count > _MOST_FRAMES or start < 0:
        return []
    file.seek(start)
    if _HEADER.unpack(file.read(_HEADER.size)) != (_SKIPPABLE, length):
        return []
    table = file.read(count * width)
    frames = [struct.unpack_from("<II", table, n * width) for n in range(count)]
    return frames if sum(packed for packed, _ in frames) == start else []


def is_whole(file: BinaryIO) -> bool:
    """Tell whether the last frame ends with the file, from the headers of its blocks alone.

    The decompressor gives what there is of a frame that was cut, and says nothing.
    """
    end, at = file.seek(0, os.SEEK_END), 0
    while at < end:
        file.seek(at)
        head = file.read(18)
        if len(head) < _HEADER.size:
            return False
        magic, length = _HEADER.unpack_from(head)
        if magic & 0xFFFFFFF0 == 0x184D2A50:
            at += _HEADER.size + length
        elif magic == _FRAME:
            at = _frame_end(file, at, head[4])
        else:
            return False
    return at == end


def _frame_end(file: BinaryIO, start: int, descriptor: int) -> int:
    """Return where a frame ends; behind the end of the file where it was cut."""
    single = bool(descriptor & 0x20)
    sizes = _SIZE_BYTES[descriptor >> 6] or int(single)
    at = start + 5 + (not single) + _ID_BYTES[descriptor & 3] + sizes
    last = False
    while not last:
        file.seek(at)
        head = file.read(3)
        if len(head) < 3:
            return at + 3
        value = int.from_bytes(head, "little")
        last = bool(value & 1)
        at += 3 + (1 if value >> 1 & 3 == _REPEATED_BYTE else value >> 3)
    return at + 4 * bool(descriptor & 4)
