"""Public keys as people send them, and the lines of OpenSSH's `authorized_keys` made of them.

A line forces one command on whoever logs in with its key (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
Lines of ours end in a comment that names the annotator; all others are left as they are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.private_file import write_private
from tui_annotate.text.safe import shell_command
from tui_annotate.whole_files import read_whole, real_path

MARK = "tui-annotate:"
"""Begins the comment of a line of ours; the annotator's name follows."""

_TYPES = {
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
}
_LEAST_BITS = 2048
"""Of an RSA key: servers of today refuse shorter ones."""

_PRIVATE = re.compile(r"PRIVATE KEY-----|^PuTTY-User-Key-File-|^SSH PRIVATE KEY FILE", re.M)
_PEM = re.compile(r"-----BEGIN (RSA )?PUBLIC KEY-----")
_SSH2 = re.compile(r"---- BEGIN SSH2 PUBLIC KEY ----\n(.*?)\n---- END SSH2 PUBLIC KEY ----", re.S)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
_MAKE_ONE = "Make a pair with `ssh-keygen -t ed25519`, and take the file that ends in .pub"


class PublicKey(NamedTuple):
    """A public key.

    Attributes:
        type: Such as `ssh-ed25519`.
        data: The key as base64.
    """

    type: str
    data: str

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` shows of it."""
        digest = hashlib.sha256(base64.b64decode(self.data)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


class KeyLine(NamedTuple):
    """A line of ours in `authorized_keys`.

    Attributes:
        name: The annotator.
        key: Who may log in by it.
        command: What it runs for him.
    """

    name: str
    key: PublicKey
    command: str


def check_name(name: str) -> None:
    """Refuse names that a shell, a file name or a comment could take for something else.

    Raises:
        UsageError: It is one.
    """
    if not _NAME.fullmatch(name):
        hint = "Letters, digits and . _ @ + - are allowed, with a letter or a digit first"
        raise UsageError("the name cannot be used for a login", where=name, hint=hint)


def read_public_key(path: str) -> PublicKey:
    """Return the only public key of a file, in OpenSSH's form or in that of RFC 4716 and PuTTYgen.

    Raises:
        UsageError: It cannot be read, is private, broken, too weak, or there are several.
    """
    try:
        data = read_whole(path)
    except OSError as error:
        raise UsageError(f"it cannot be read ({_reason(error)})", where=path) from None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = re.sub(r"\r\n?", "\n", data.decode(encoding, "replace"))
    if _PRIVATE.search(text):
        what = "this is a private key, which nobody but its owner may have"
        hint = "Ask for the public one (its file ends in .pub; PuTTYgen shows it in its window)"
        raise UsageError(what, where=path, hint=f"{hint}. Delete this copy")
    if _PEM.search(text):
        convert = shell_command(("ssh-keygen", "-i", "-m", "PKCS8", "-f", path))
        hint = f"Convert it with `{convert or 'ssh-keygen -i -m PKCS8 -f FILE'}`"
        raise UsageError("this public key is in the form of OpenSSL", where=path, hint=hint)
    found = [*_rfc4716_keys(text), *_openssh_keys(text)]
    if not found:
        raise UsageError("there is no public key of SSH in it", where=path, hint=_MAKE_ONE)
    if len(found) > 1:
        what = f"there are {len(found)} keys in it, and each line lets one key in"
        raise UsageError(what, where=path, hint="Write each key into a file of its own")
    return _checked(found[0], path)


def _rfc4716_keys(text: str) -> Iterator[PublicKey]:
    for body in _SSH2.findall(text):
        unfolded = re.sub(r"\\\n", "", body)
        data = "".join(line.strip() for line in unfolded.split("\n") if ":" not in line)
        yield PublicKey(_type_in(data), data)


def _openssh_keys(text: str) -> Iterator[PublicKey]:
    for line in _SSH2.sub("", text).split("\n"):
        # Options before the type would be the sender's: they are left out.
        found = re.search(r"(?:^|\s)((?:ssh|ecdsa|sk)-[\w@.-]+)\s+(AAAA[\w+/=]+)(?:\s|$)", line)
        if found and not line.lstrip().startswith("#"):
            yield PublicKey(found[1], found[2])


def _fields(data: str) -> list[bytes]:
    """Return the strings that a key consists of (RFC 4253, 6.6); none where it is broken."""
    try:
        rest = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return []
    found = []
    while rest:
        length = int.from_bytes(rest[:4], "big")
        if len(rest) < 4 + length:
            return []
        found.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    return found


def _type_in(data: str) -> str:
    fields = _fields(data)
    return fields[0].decode("ascii", "replace") if fields else ""


def _checked(key: PublicKey, path: str) -> PublicKey:
    fields = _fields(key.data)
    if len(fields) < 2 or _type_in(key.data) != key.type:
        what = "the key is broken: not all of it is there"
        raise UsageError(what, where=path, hint="Send the file itself, not a copy from a window")
    if key.type not in _TYPES:
        what = f"keys of the type {key.type} are not let in"
        raise UsageError(what, where=path, hint=_MAKE_ONE)
    bits = int.from_bytes(fields[-1], "big").bit_length()
    if key.type == "ssh-rsa" and bits < _LEAST_BITS:
        what = f"the RSA key has {bits:,} bits, and {_LEAST_BITS:,} are the least"
        raise UsageError(what, where=path, hint=_MAKE_ONE)
    return key


def key_line(name: str, key: PublicKey, command: str) -> str:
    """Return the line that lets a key in for one command and for nothing else.

    Raises:
        UsageError: The command holds a line end, which such a line cannot, or ends in a backslash,
            which would take the closing quote with it.
    """
    if not command.isprintable() or command.endswith("\\"):
        what = "the command holds line ends or control characters, or ends in a backslash"
        raise UsageError(what, where="the job")
    quoted = command.replace('"', '\\"')
    return f'restrict,pty,command="{quoted}" {key.type} {key.data} {MARK}{name}'


_OURS = re.compile(
    r'restrict,pty,command="((?:[^"\\]|\\"|\\(?!"))*)" (\S+) (\S+) ' + re.escape(MARK) + r"(\S+)"
)


def lines_of_ours(text: str) -> Iterator[KeyLine]:
    """Yield the lines of ours in the text of an `authorized_keys`."""
    for line in text.split("\n"):
        found = _OURS.fullmatch(line.rstrip())
        if found:
            command = found[1].replace('\\"', '"')
            yield KeyLine(found[4], PublicKey(found[2], found[3]), command)


def read_lines(file: Path) -> str:
    """Return the text of an `authorized_keys`; empty where there is none.

    Raises:
        UsageError: It is a link, cannot be read, or is no UTF-8.
    """
    if file.is_symlink():
        named = shell_command(("--file", str(real_path(file))))
        hint = f"Name the file itself: {named or '--file FILE'}"
        raise UsageError("this is a link, which would be replaced", where=str(file), hint=hint)
    try:
        return read_whole(file).decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        hint = "Leave out --write, and add the line yourself"
        raise UsageError("it holds bytes that are no UTF-8", where=str(file), hint=hint) from None
    except OSError as error:
        raise UsageError(f"it cannot be read ({_reason(error)})", where=str(file)) from None


def add_line(file: Path, line: str, key: PublicKey) -> None:
    """Add a line at the end of an `authorized_keys`, which is made where there is none.

    Raises:
        UsageError: The key is let in by a line already, which the server would obey before this
            one, or the file cannot be written.
    """
    text = read_lines(file)
    for number, each in enumerate(text.split("\n"), 1):
        if key.data in each and not each.lstrip().startswith("#"):
            what = "this key is let in by this line already, and the server obeys the first one"
            hint = "Remove that line first; `tui-annotate ssh-key list` shows those of annotators"
            raise UsageError(what, where=f"{file}:{number}", hint=hint)
    if text and not text.endswith("\n"):
        text += "\n"
    _write(file, f"{text}{line}\n")


def remove_lines(file: Path, name: str) -> int:
    """Remove an annotator's lines from an `authorized_keys`, and return how many there were.

    Raises:
        UsageError: The file cannot be written.
    """
    lines = read_lines(file).split("\n")
    kept = [line for line in lines if all(each.name != name for each in lines_of_ours(line))]
    if len(kept) < len(lines):
        _write(file, "\n".join(kept))
    return len(lines) - len(kept)


def _write(file: Path, text: str) -> None:
    try:
        write_private(file, text)
    except OSError as error:
        raise UsageError(f"it cannot be written ({_reason(error)})", where=str(file)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


SERVER_CONFIG = Path("/etc/ssh/sshd_config")
"""What the server of this host obeys."""

_OBEYED = (
    *("BASH_ENV", "BASH_FUNC_cd%%", "ENV", "LD_PRELOAD", "LD_LIBRARY_PATH"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONINSPECT", "SHELLOPTS", "ZDOTDIR"),
)
"""Variables by which the shell that runs a line, or Python, is told to run something else before
the program has its first word."""

_INCLUDES = 100
"""Files of a server's configuration that are read at the most."""


def server_problems(config: Path | None = None) -> Iterator[str]:
    """Yield what the server of this host accepts that opens a forced command, one line each; what
    cannot be read says nothing.

    Args:
        config: Its configuration, where that lies elsewhere.
    """
    for where, keyword, words in _settings(config or SERVER_CONFIG):
        if keyword == "permituserenvironment" and words[:1] != ["no"]:
            yield (
                f"{where}: variables of ~/.ssh/environment and of authorized_keys are obeyed"
                " (PermitUserEnvironment). Write: PermitUserEnvironment no"
            )
        if keyword != "acceptenv":
            continue
        for pattern in words:
            name = next((each for each in _OBEYED if fnmatchcase(each, pattern)), None)
            if name is not None:
                yield (
                    f"{where}: AcceptEnv {pattern} lets whoever logs in send {name}, which is"
                    " obeyed before the program begins, so that a login by key gets a shell."
                    " Write: AcceptEnv LANG LC_*"
                )
                break


def _settings(config: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield place, keyword in small letters and words of each line, those of included files too."""
    files, seen = [config], 0
    while files and seen < _INCLUDES:
        file, seen = files.pop(0), seen + 1
        try:
            lines = read_whole(str(file)).decode("utf-8", "replace").split("\n")
        except OSError:
            continue
        for number, line in enumerate(lines, 1):
            words = line.replace("=", " ", 1).replace('"', " ").split()
            if not words or words[0].startswith("#"):
                continue
            if words[0].lower() == "include":
                for pattern in words[1:]:
                    full = config.parent.absolute() / pattern
                    root = Path(full.anchor)
                    files += sorted(root.glob(str(full.relative_to(root))))
            else:
                yield f"{file}, line {number}", words[0].lower(), words[1:]
