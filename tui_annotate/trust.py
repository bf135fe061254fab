"""Whose files are obeyed: one rule for recipe files, settings, keymaps and guidelines.

A file is obeyed where only you or root could have written it: you or root own the file and every
folder above it, and nobody else can write one of them. A folder in which others may make files but
not exchange yours (with the sticky bit, as `/tmp`) is no danger, but for a second name that they
have given a file of yours there. Neither is a group that has no member but you. What others could
have written is obeyed only after `tui-annotate trust FILE`, which keeps its owner and the digest of
its content: after a change it has to be trusted anew.
"""

from __future__ import annotations

import errno
import grp
import json
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from tui_annotate.data_paths import data_folder
from tui_annotate.errors import ConfigError, NotTrusted
from tui_annotate.private_file import write_private
from tui_annotate.whole_files import LARGEST, read_with_status, real_path

_ACCESS_LIST = "system.posix_acl_access"


def read_obeyed(path: Path, *, by: str = "", named: bool = False) -> bytes:
    """Return the content of a file that is obeyed; what is returned is what was checked.

    Args:
        path: The file.
        by: What names the file, for the errors; the file itself where it is empty.
        named: Whoever started the program has named the file, so that its owner may be anybody;
            that others than its owner cannot write it holds all the same.

    Raises:
        ConfigError: It cannot be read, is no regular file, or has more than 16 MB.
        NotTrusted: Another user could have written it, and it is not trusted as it is.
    """
    where = by or str(path)
    about = f"{path} " if by and by != str(path) else "it "
    try:
        data, found = read_with_status(path)
    except OSError as error:
        reason = (error.strerror or "an error").lower()
        raise ConfigError(f"{about}cannot be read ({reason})", where=where) from None
    except ValueError:
        what = f"{about}cannot be read (its name holds a zero)"
        raise ConfigError(what, where=where) from None
    why = danger(path, {found.st_uid} if named else frozenset(), found)
    if why and not _is_trusted(path, found.st_uid, data):
        # A name with control characters would be another one once it is copied from a screen.
        path_word = shlex.quote(str(path)) if str(path).isprintable() else "FILE"
        hint = f"Read it, then: tui-annotate trust {path_word}"
        if _kept().get(str(real_path(path))):
            why = f"{why}, and it has changed since you trusted it"
        raise NotTrusted(f"{about}is not obeyed: {why}", where=where, hint=hint)
    return data


def read_obeyed_text(path: Path, *, by: str, named: bool = False) -> str:
    """Return the text of a file that is obeyed, as `read_obeyed` reads it.

    Raises:
        ConfigError: It cannot be read, another user could have written it, or it has no text.
    """
    data = read_obeyed(path, by=by, named=named)
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} cannot be read (it is no UTF-8 text)", where=by) from None


def danger(
    path: Path,
    owners: frozenset[int] | set[int] = frozenset(),
    opened: os.stat_result | None = None,
) -> str:
    """Return how another user could have written a file or exchanged it; empty where none could.

    Args:
        path: The file; each link on the way to it is looked at, too.
        owners: Users who may own it beside you and root.
        opened: What the file is that has been opened by this name.
    """
    trusted = {os.geteuid(), 0, *owners}
    last = path.absolute()
    if opened is not None and opened.st_uid not in trusted:
        return f"it belongs to another user ({_user(opened.st_uid)})"
    for place, found in _way(path):
        what = "it" if place in (last, real_path(last)) else f"the folder {place}"
        if found.st_uid not in trusted:
            return f"{what} belongs to another user ({_user(found.st_uid)})"
        if stat.S_ISLNK(found.st_mode):
            continue  # everybody may write links, by their mode; where they stand is what counts
        sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
        if found.st_mode & stat.S_IWOTH and not sticky:
            return f"{what} can be written by everybody (chmod o-w {place})"
        if found.st_mode & stat.S_IWGRP and not sticky and not _is_private(place, found):
            return f"{what} can be written by the group {_group(found.st_gid)} (chmod g-w {place})"
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1 and _is_open_to_names(place.parent):
            return f"it has a second name, and others may give one in the folder {place.parent}"
    if opened is not None:
        try:
            now = path.stat()
        except OSError:
            return "it was exchanged while it was read"
        if (now.st_dev, now.st_ino) != (opened.st_dev, opened.st_ino):
            return "it was exchanged while it was read"
    return ""


def trust(path: Path) -> str:
    """Keep a file's owner and digest, so that it is obeyed as it is now; return its full path.

    Raises:
        ConfigError: It cannot be read, or what is trusted cannot be written down.
    """
    place = real_path(path)
    try:
        data = place.read_bytes() if place.is_file() else None
        owner = place.stat().st_uid
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"it cannot be read ({reason.lower()})", where=str(path)) from None
    if data is None or len(data) > LARGEST:
        raise ConfigError("it is no plain file of at most 16 MB", where=str(path))

    kept = {**_kept(), str(place): [owner, _digest(data)]}
    file = _file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        why = danger(file.parent)
        if why:
            what = f"what you trust is kept there, and would not be believed: {why}"
            hint = "Have XDG_DATA_HOME name a folder that is yours alone"
            raise ConfigError(what, where=str(file), hint=hint)
        write_private(file, json.dumps(kept, indent=1, sort_keys=True))
    except OSError as error:
        reason = (error.strerror or "an error").lower()
        raise ConfigError(f"it cannot be written ({reason})", where=str(file)) from None
    return str(place)


def _is_trusted(path: Path, owner: int, data: bytes) -> bool:
    return _kept().get(str(real_path(path))) == [owner, _digest(data)]


def _digest(data: bytes) -> str:
    from hashlib import sha256  # loads OpenSSL, which a start has no need of

    return sha256(data).hexdigest()


def _file() -> Path:
    return data_folder() / "trusted.json"


def _kept() -> dict[str, object]:
    """Return what is trusted, by path: owner and digest; nothing where others could write that."""
    file = _file()
    try:
        found = json.loads(file.read_text("utf-8")) if not danger(file) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _way(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield every folder and link on the way to a file, and the file, each with its `lstat`.

    What is not there ends the way: nothing can be read behind it.
    """
    waiting, seen = [path.absolute(), real_path(path)], set[Path]()
    while waiting:
        goal = waiting.pop()
        for place in (*reversed(goal.parents), goal):
            if place in seen:
                continue
            seen.add(place)
            try:
                found = place.lstat()
                if stat.S_ISLNK(found.st_mode):
                    waiting.append(
                        Path(os.path.normpath(real_path(place.parent) / place.readlink()))
                    )
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                    continue
                break
            yield place, found


def _is_private(place: Path, found: os.stat_result) -> bool:
    """Tell whether a group has no member but the owner, and no list of others stands behind it."""
    try:
        owner = pwd.getpwuid(found.st_uid)
        group = grp.getgrgid(found.st_gid)
    except KeyError:
        return False
    if group.gr_name != owner.pw_name or owner.pw_gid != found.st_gid:
        return False
    # Whose own group it is does not stand among its members.
    members = {
        *group.gr_mem,
        *(each.pw_name for each in pwd.getpwall() if each.pw_gid == group.gr_gid),
    }
    return members <= {owner.pw_name} and not _has_access_list(place)


def _is_open_to_names(folder: Path) -> bool:
    """Tell whether others may give names in a folder, though not take yours: it has the sticky
    bit. A file of yours from elsewhere would say there what you meant for another place."""
    try:
        mode = folder.lstat().st_mode
    except OSError:
        return True
    return bool(mode & stat.S_ISVTX and mode & (stat.S_IWOTH | stat.S_IWGRP))


def _has_access_list(place: Path) -> bool:
    """Tell whether an access list gives rights to others: the group's bits are then its mask."""
    if not hasattr(os, "getxattr"):
        return False
    try:
        return bool(os.getxattr(place, _ACCESS_LIST))
    except OSError:
        return False


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return f"gid {number}"
