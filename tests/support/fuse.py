# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108, PTH208
# The calls of the kernel are passed on one by one, as they are.
"""A folder mounted a second time through FUSE, as sshfs does it: locks are not passed on.

A small server for the protocol of the kernel, without any library:
`python -m tests.support.fuse FOLDER MOUNTPOINT` serves until it is killed. The kernel keeps
locks on such a mount to itself, so that whoever locks a file here and whoever locks it in the
folder itself do not know of each other.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_IN = struct.Struct("<IIQQIIII")
_OUT = struct.Struct("<IiQ")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_BIG = 1 << 20
_DETACH = 2


def missing() -> str:
    """Return why no folder can be mounted here; empty where it can."""
    if sys.platform != "linux":
        return "FUSE is mounted on Linux only"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "there is no /dev/fuse"
    return "" if os.geteuid() == 0 else "only root may mount"


@contextmanager
def mounted(folder: Path, point: Path) -> Iterator[Path]:
    """Mount `folder` at `point` in a process of its own, until the end."""
    point.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.support.fuse", str(folder), str(point)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as server:
        try:
            until = time.monotonic() + 60
            while not point.is_mount():
                assert server.poll() is None and time.monotonic() < until, "it was not mounted"
                time.sleep(0.01)
            yield point
        finally:
            ctypes.CDLL(None).umount2(os.fsencode(point), _DETACH)
            server.kill()


def other_host(folder: Path, argv: list[str]) -> list[str]:
    """Return a command that runs `argv` on a host of its own, as far as its identity goes."""
    boot = folder / "boot_id"
    boot.write_text("00000000-0000-0000-0000-00000000beef\n")
    script = f'mount --bind "{boot}" /proc/sys/kernel/random/boot_id && hostname ben && exec "$@"'
    return ["unshare", "--mount", "--uts", "sh", "-c", script, "sh", *argv]


class Server:
    """Answers the kernel's requests from a folder.

    Args:
        folder: What is shown.
        device: The descriptor of the connection to the kernel.
    """

    def __init__(self, folder: Path, device: int) -> None:
        self._device = device
        self._paths = {1: str(folder)}
        self._numbers = {str(folder): 1}
        self._next = 2
        self._calls: dict[int, Callable[[int, bytes], bytes]] = {
            1: self._lookup,
            3: self._getattr,
            4: self._setattr,
            9: self._mkdir,
            10: self._unlink,
            11: self._rmdir,
            12: lambda node, body: self._rename(node, body, 8),
            13: self._link,
            14: self._open,
            15: self._read,
            16: self._write,
            17: self._statfs,
            18: self._release,
            20: self._fsync,
            25: lambda *_: b"",
            27: lambda *_: struct.pack("<QII", 0, 0, 0),
            28: self._readdir,
            29: lambda *_: b"",
            30: lambda *_: b"",
            34: lambda *_: b"",
            35: self._create,
            45: lambda node, body: self._rename(node, body, 16),
        }

    def serve(self) -> None:
        """Answer until the folder is no longer mounted."""
        while True:
            try:
                data = os.read(self._device, _BIG + 4096)
            except OSError as error:
                if error.errno in (errno.EINTR, errno.ENOENT, errno.EAGAIN):
                    continue
                return
            _, code, unique, node, *_ = _IN.unpack_from(data)
            body = data[_IN.size :]
            if code in (2, 42):  # forget
                continue
            if code == 26:
                self._reply(unique, 0, self._init(body))
                continue
            call = self._calls.get(code)
            if call is None:
                self._reply(unique, -errno.ENOSYS, b"")
                continue
            try:
                self._reply(unique, 0, call(node, body))
            except OSError as error:
                self._reply(unique, -(error.errno or errno.EIO), b"")

    def _reply(self, unique: int, error: int, body: bytes) -> None:
        with contextlib.suppress(OSError):  # whoever asked was interrupted
            os.write(self._device, _OUT.pack(_OUT.size + len(body), error, unique) + body)

    def _init(self, body: bytes) -> bytes:
        major, minor, ahead, _ = struct.unpack_from("<IIII", body)
        flags = 1 << 5  # big writes
        return struct.pack(
            "<IIIIHHII", major, min(minor, 31), ahead, flags, 12, 10, _BIG, 1
        ) + bytes(36)

    # -- names ---------------------------------------------------------------------------------

    def _path(self, node: int, name: bytes = b"") -> str:
        path = self._paths[node]
        return f"{path}/{os.fsdecode(name.split(bytes(1))[0])}" if name else path

    def _entry(self, path: str) -> bytes:
        attributes = _attributes(os.lstat(path))
        number = self._numbers.get(path)
        if number is None:
            number, self._next = self._next, self._next + 1
            self._numbers[path], self._paths[number] = number, path
        return struct.pack("<QQQQII", number, 0, 0, 0, 0, 0) + attributes

    def _forget_path(self, path: str) -> None:
        self._numbers.pop(path, None)

    def _lookup(self, node: int, body: bytes) -> bytes:
        return self._entry(self._path(node, body))

    def _getattr(self, node: int, body: bytes) -> bytes:
        flags, _, handle = struct.unpack_from("<IIQ", body)
        found = os.fstat(handle) if flags & 1 else os.lstat(self._path(node))
        return struct.pack("<QII", 0, 0, 0) + _attributes(found)

    def _setattr(self, node: int, body: bytes) -> bytes:
        valid, _, handle, size = struct.unpack_from("<IIQQ", body)
        mode = struct.unpack_from("<I", body, 68)[0]
        path = self._path(node)
        if valid & 8:
            os.truncate(handle if valid & 64 else path, size)
        if valid & 1:
            os.chmod(path, stat.S_IMODE(mode))
        if valid & (16 | 32):
            os.utime(path)
        found = os.fstat(handle) if valid & 64 else os.lstat(path)
        return struct.pack("<QII", 0, 0, 0) + _attributes(found)

    def _mkdir(self, node: int, body: bytes) -> bytes:
        path = self._path(node, body[8:])
        os.mkdir(path, struct.unpack_from("<I", body)[0])
        return self._entry(path)

    def _unlink(self, node: int, body: bytes) -> bytes:
        path = self._path(node, body)
        os.unlink(path)
        self._forget_path(path)
        return b""

    def _rmdir(self, node: int, body: bytes) -> bytes:
        path = self._path(node, body)
        os.rmdir(path)
        self._forget_path(path)
        return b""

    def _rename(self, node: int, body: bytes, head: int) -> bytes:
        target_node = struct.unpack_from("<Q", body)[0]
        old, new = body[head:].split(bytes(1))[:2]
        source, target = self._path(node, old), self._path(target_node, new)
        os.rename(source, target)
        self._forget_path(target)
        number = self._numbers.pop(source, None)
        if number is not None:
            self._numbers[target], self._paths[number] = number, target
        return b""

    def _link(self, node: int, body: bytes) -> bytes:
        path = self._path(node, body[8:])
        os.link(self._path(struct.unpack_from("<Q", body)[0]), path)
        return self._entry(path)

    # -- contents ------------------------------------------------------------------------------

    def _open(self, node: int, body: bytes) -> bytes:
        flags = struct.unpack_from("<I", body)[0] & ~os.O_NOFOLLOW & ~os.O_CREAT
        return struct.pack("<QII", os.open(self._path(node), flags), 0, 0)

    def _create(self, node: int, body: bytes) -> bytes:
        flags, mode, _, _ = struct.unpack_from("<IIII", body)
        path = self._path(node, body[16:])
        handle = os.open(path, flags | os.O_CREAT, stat.S_IMODE(mode))
        return self._entry(path) + struct.pack("<QII", handle, 0, 0)

    def _read(self, node: int, body: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", body)
        return os.pread(handle, size, offset)

    def _write(self, node: int, body: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", body)
        return struct.pack("<II", os.pwrite(handle, body[40 : 40 + size], offset), 0)

    def _release(self, node: int, body: bytes) -> bytes:
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    def _fsync(self, node: int, body: bytes) -> bytes:
        os.fsync(struct.unpack_from("<Q", body)[0])
        return b""

    def _statfs(self, node: int, body: bytes) -> bytes:
        return struct.pack(
            "<QQQQQIIII", 1 << 20, 1 << 19, 1 << 19, 1 << 20, 1 << 19, 4096, 255, 4096, 0
        ) + bytes(24)

    def _readdir(self, node: int, body: bytes) -> bytes:
        _, offset, size = struct.unpack_from("<QQI", body)
        out = b""
        for number, name in enumerate(sorted(os.listdir(self._path(node))), 1):
            if number <= offset:
                continue
            data = os.fsencode(name)
            entry = struct.pack("<QQII", number + 1, number, len(data), 0) + data
            entry = entry.ljust((len(entry) + 7) // 8 * 8, bytes(1))
            if len(out) + len(entry) > size:
                break
            out += entry
        return out


def _attributes(found: os.stat_result) -> bytes:
    times = (found.st_atime_ns, found.st_mtime_ns, found.st_ctime_ns)
    return _ATTR.pack(
        found.st_ino,
        found.st_size,
        found.st_blocks,
        *(each // 10**9 for each in times),
        *(each % 10**9 for each in times),
        found.st_mode,
        found.st_nlink,
        found.st_uid,
        found.st_gid,
        0,
        4096,
        0,
    )


def main() -> None:
    """Mount and serve."""
    folder, point = sys.argv[1:]
    device = os.open("/dev/fuse", os.O_RDWR)
    data = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    kind, where = b"fuse.remote", os.fsencode(point)
    if libc.mount(b"remote", where, kind, 0, data.encode()) != 0:
        raise OSError(ctypes.get_errno(), "mount")
    Server(Path(folder), device).serve()


if __name__ == "__main__":
    main()
