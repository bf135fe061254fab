"""Files that the program keeps for itself: whole or not there, and nobody else's to read, or as
readable as the database that they lie beside."""

from __future__ import annotations

import errno
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

from tui_annotate.unfinished_files import hold, part_start, remove_stale


def is_shared(folder: Path) -> bool:
    """Return whether a group shares what is in a folder: its set-group-ID bit is set, and the group
    may write to it. Files in it are the group's then, whoever makes them."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)


def open_private(path: Path, flags: int, like: Path | None = None) -> int:
    """Open a file, made where it is missing, and return its handle.

    What is made can be read and written by those who may do so with `like`, and by nobody else.
    Where there is no such file, that is its owner, and in a folder that a group shares the whole
    group, whatever the umask of the member who is first.

    Args:
        path: The file.
        flags: As for `os.open`.
        like: The database that the file belongs to.

    Raises:
        OSError: It cannot be opened.
    """
    if not flags & os.O_CREAT:
        return os.open(path, flags)
    try:
        file = os.open(path, flags | os.O_EXCL, _mode(path, like))
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags & ~os.O_CREAT)
    try:
        give_rights(file, path, like)
    except BaseException:
        os.close(file)
        raise
    return file


def give_rights(file: int, path: Path, like: Path | None) -> None:
    """Give a file that was just made the rights that `open_private` gives, and its owner and group
    where the system allows that: what root makes beside a database is its owner's.

    Raises:
        OSError: They cannot be given.
    """
    mode, found = _mode(path, like), _found(like)
    if found is not None:
        own = os.fstat(file)
        user = found.st_uid if os.geteuid() == 0 else own.st_uid
        if (own.st_uid, own.st_gid) != (user, found.st_gid):
            try:
                os.fchown(file, user if user != own.st_uid else -1, found.st_gid)
            except OSError:
                mode = 0o600  # its group is another one, which may be larger
    os.fchmod(file, mode)


def _mode(path: Path, like: Path | None) -> int:
    found = _found(like)
    if found is not None:
        return 0o600 | (found.st_mode & 0o060)
    return 0o660 if is_shared(path.parent) else 0o600


def _found(like: Path | None) -> os.stat_result | None:
    try:
        return like.stat() if like is not None else None
    except OSError:
        return None


def write_private(file: Path, text: str, *, beside: Path | None = None) -> None:
    """Write a file anew, with its folder where that is missing; only its owner may read it.

    Whoever is killed meanwhile leaves the file as it was; the next one removes what was begun.

    Args:
        file: The file; a link of its name is replaced, not followed.
        text: What it holds; a lone surrogate becomes `?`.
        beside: The database that it lies beside; whoever may read that may read the file.

    Raises:
        OSError: It cannot be written; then it is as it was, and nothing lies beside it.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_unfinished(file)
    part = file.with_name(f"{_start(file)}{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    held = os.open(part, flags, 0o600) if beside is None else open_private(part, flags, beside)
    try:
        hold(held)
        with os.fdopen(os.dup(held), "w", encoding="utf-8", errors="replace") as opened:
            opened.write(text)
        part.replace(file)
    finally:
        os.close(held)
        part.unlink(missing_ok=True)


def read_private(file: Path) -> str:
    """Return what such a file holds, as far as its owner has written it.

    Raises:
        OSError: It cannot be read, or it belongs to another user or can be written by one.
        ValueError: It is no text.
    """
    with file.open(encoding="utf-8") as opened:
        found = os.fstat(opened.fileno())
        if found.st_uid not in (os.geteuid(), 0) or found.st_mode & 0o022:
            raise PermissionError(errno.EPERM, "others could have written it", str(file))
        return opened.read()


def remove_private(file: Path) -> None:
    """Remove such a file, if it is there, and what a killed process has begun of it.

    Raises:
        OSError: It cannot be removed.
    """
    with suppress(FileNotFoundError):
        file.unlink()
    remove_unfinished(file)


def remove_unfinished(file: Path) -> None:
    """Remove what killed processes have begun of such a file."""
    remove_stale(file.parent, _start(file))


def note_begun(database: Path, kind: str, name: str) -> None:
    """Note beside the database that long work on it has begun, until `note_done`.

    What a kill leaves half done need not show in the database itself; the note does.

    Args:
        database: Its file.
        kind: What stands behind its name in that of the note, such as `purging`.
        name: What is worked on; it is noted once.

    Raises:
        OSError: It cannot be written.
    """
    names = {*_noted(_note(database, kind)), name}
    write_private(_note(database, kind), json.dumps(sorted(names)), beside=database)


def begun(database: Path, kind: str) -> list[str]:
    """Return what was begun and has not come to its end; the arguments are as in `note_begun`."""
    try:
        return _noted(_note(database, kind))
    except OSError:
        return []


def note_done(database: Path, kind: str, name: str) -> None:
    """Take back what `note_begun` has noted.

    Raises:
        OSError: It cannot be written.
    """
    left = [each for each in _noted(_note(database, kind)) if each != name]
    if left:
        write_private(_note(database, kind), json.dumps(left), beside=database)
    else:
        remove_private(_note(database, kind))


def _noted(note: Path) -> list[str]:
    """Return what stands in a note; nothing where there is none, or none of ours.

    Raises:
        OSError: It is there and cannot be read: whoever wrote it anew would forget what it says.
    """
    try:
        found = json.loads(note.read_text("utf-8"))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return []
        raise
    except (ValueError, RecursionError):
        return []
    return [str(each) for each in found] if isinstance(found, list) else []


def _note(database: Path, kind: str) -> Path:
    return database.with_name(f"{database.name}.{kind}")


def _start(file: Path) -> str:
    return part_start(file.name, 200)
