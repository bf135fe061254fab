"""The name of a store on a server, given wherever a database file could be named.

Such a name may hold a password. It is taken out before anything else sees the name: messages,
files beside the database and names of processes never have it.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_SERVER = re.compile(r"postgres(?:ql)?:/{1,2}", re.IGNORECASE)
_SECRETS = frozenset({"password", "sslpassword", "passfile", "sslkey"})
"""What a name is shown without: whoever has these does not need to read them again."""

_QUERY = re.compile(r"[\w.]+=[^&?]*(&[\w.]+=[^&?]*)*")

_complete: dict[str, str] = {}
"""The names as they were given, by what is shown of them; for this process alone."""

_Base: Any = type(Path())


class ServerPath(_Base):  # type: ignore[misc]
    """The place of a store on a server, for code that otherwise names a file.

    It is always taken to be there: whether the server answers shows when it is opened. What is put
    beside a database file lies in another folder.

    Args:
        name: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS`, or what was shown of such a
            name before.
        beside: The folder for what lies beside a database file.
    """

    def __new__(cls, name: str | os.PathLike[str], beside: Path) -> ServerPath:
        """Make it of what may be shown; the rest is kept for `conninfo`."""
        del beside
        found: ServerPath = super().__new__(cls, _shown(_remembered(str(name))))
        return found

    def __init__(self, name: str | os.PathLike[str], beside: Path) -> None:
        if sys.version_info >= (3, 12):
            super().__init__(_shown(_remembered(str(name))))
        self._beside = beside
        self._name = _shown(_remembered(str(name)))

    def __str__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"ServerPath({self._name!r})"

    def __fspath__(self) -> str:
        return self._name

    def __reduce__(self) -> Any:
        return ServerPath, (self.conninfo, self._beside)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServerPath) and other._name == self._name

    @property
    def conninfo(self) -> str:
        """The whole name, with its password. It is for the connection alone."""
        return _complete.get(self._name, self._name)

    @property
    def has_secret(self) -> bool:
        """Whether the name, as it was given, holds what it is shown without."""
        return self.conninfo != self._name

    @property
    def password(self) -> str:
        """The password in the name, so that it can be taken out of messages."""
        place = self.conninfo.partition("://")[2].rpartition("@")[0]
        return unquote(place.partition(":")[2])

    @property
    def name(self) -> str:
        """Host and database, as the name of a file that is about this store."""
        place = self._name.partition("://")[2].rpartition("@")[2]
        return re.sub(r"[^A-Za-z0-9_.-]+", "_", place).strip("_.")[:120] or "server"

    @property
    def parent(self) -> Path:
        """The folder for what lies beside a database file."""
        return self._beside

    def with_name(self, name: str) -> Path:
        """Return the place of a file beside the database."""
        return self.parent / name

    def __truediv__(self, name: str | os.PathLike[str]) -> Path:
        return self.parent / name

    def exists(self, **_: Any) -> bool:
        """Return that it is there, as far as can be told without asking the server."""
        return True

    def is_file(self, **_: Any) -> bool:
        """Return that it is no file."""
        return False

    def is_dir(self, **_: Any) -> bool:
        """Return that it is no folder."""
        return False

    def absolute(self) -> ServerPath:
        """Return the same name."""
        return self

    def expanduser(self) -> ServerPath:
        """Return the same name."""
        return self

    def resolve(self, strict: bool = False) -> ServerPath:
        """Return the same name."""
        del strict
        return self

    def is_absolute(self) -> bool:
        """Return that it means the same in every folder."""
        return True


def _remembered(name: str) -> str:
    """Return the whole of a name of which perhaps only what is shown is left."""
    name = _SERVER.sub("postgresql://", name, count=1)
    return _complete.get(name, name)


def _shown(name: str) -> str:
    """Return a name without its secrets, and keep the whole of it.

    A password in which `@`, `/`, `?` or `#` were not written as escapes is taken out as well.
    """
    rest = name.partition("://")[2]
    place, mark, query = rest.rpartition("?")
    if not mark or not _QUERY.fullmatch(query):
        place, query = rest, ""
    user, mark, host = place.rpartition("@")
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    kept = "&".join("".join(pair) for pair in pairs if pair[0].lower() not in _SECRETS)
    shown = f"postgresql://{user.partition(':')[0]}{mark}{host}{'?' if kept else ''}{kept}"
    if name != shown:
        _complete[shown] = name
    return shown
