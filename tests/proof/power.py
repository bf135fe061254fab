"""A disk that forgets at a power cut what was not synced, under a real engine (APSW's VFS)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

_SECTOR = 512


@dataclass
class Platter:
    """One file: what would survive for certain, and the writes on their way in their order.

    Attributes:
        durable: The bytes at the last sync.
        pending: Writes (offset, data) and truncations (size, None) since then.
    """

    durable: bytearray
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """Everything that was written is safe."""
        for operation in self.pending:
            _apply(self.durable, operation)
        self.pending.clear()

    def after_a_cut(self, dice: random.Random) -> bytes:
        """Return what may be found after a cut: any of the pending writes, one perhaps torn."""
        found = bytearray(self.durable)
        kind = dice.choice(("none", "first", "any", "all but one"))
        cut = dice.randint(0, len(self.pending))
        for number, operation in enumerate(self.pending):
            kept = {
                "none": False,
                "first": number < cut,
                "any": dice.random() < 0.5,
                "all but one": number != cut,
            }[kind]
            if kept:
                _apply(found, operation)
            elif operation[1] and dice.random() < 0.2:
                whole = dice.randrange(len(operation[1]) // _SECTOR + 1) * _SECTOR
                _apply(found, (operation[0], operation[1][:whole]))
        return bytes(found)


def _apply(data: bytearray, operation: tuple[int, bytes | None]) -> None:
    offset, written = operation
    if written is None:
        del data[offset:]
        return
    if len(data) < offset:
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(written)] = written


class Disk(apsw.VFS):
    """All files that the engine opens while this exists.

    Args:
        name: What the VFS is called.
        seed: Of the dice that say what a cut leaves.

    Attributes:
        platters: The files by path.
        moment: Called after every write, truncation and sync.
    """

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.platters: dict[str, Platter] = {}
        self.dice = random.Random(seed)
        self.moment: Callable[[], None] = lambda: None
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> _File:
        return _File(self, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        super().xDelete(name, sync)
        self.platters.pop(name, None)

    def cut(self, database: Path, target: Path) -> None:
        """Write what a cut at this moment may leave of a database, under another name."""
        for path, platter in self.platters.items():
            ending = path.removeprefix(str(database))
            Path(f"{target}{ending}").write_bytes(platter.after_a_cut(self.dice))


class _File(apsw.VFSFile):
    """Works on the real file, and keeps account of what is safe."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        path = name if isinstance(name, str) else name.filename()
        existing = Path(path).read_bytes() if Path(path).exists() else b""
        self._disk = disk
        self._platter = disk.platters.setdefault(path, Platter(bytearray(existing)))
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._platter.pending.append((offset, bytes(data)))
        super().xWrite(data, offset)
        self._disk.moment()

    def xTruncate(self, size: int) -> None:
        self._platter.pending.append((size, None))
        super().xTruncate(size)
        self._disk.moment()

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._platter.sync()
        self._disk.moment()
