"""Settings from files and the environment: which there are, what they are, where they come from.

What comes later wins: `prodigy.json`, `tui-annotate.toml` in the working folder,
`$XDG_CONFIG_HOME/tui-annotate/config.toml`, `TUI_ANNOTATE_*`, then the recipe's own configuration,
then the command line (or the arguments of `serve`).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_annotate import restricted
from tui_annotate.cli.setting_table import KEYMAP_TABLE, SETTINGS, Kind, Scope
from tui_annotate.data_paths import is_server_name
from tui_annotate.errors import ConfigError, NotTrusted, listed, nearest, parse_reason
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe_line
from tui_annotate.view_settings import fits, problem, short
from tui_annotate.whole_files import loads_toml

if TYPE_CHECKING:
    from tui_annotate.cli.project import Project

PREFIX = "TUI_ANNOTATE_"
PROJECT_FILE = "tui-annotate.toml"
_PROJECT_VARIABLE = f"{PREFIX}PROJECT"
_OTHER_VARIABLES = frozenset({f"{PREFIX}DEMO_DB", _PROJECT_VARIABLE})
"""Variables of ours that are no settings."""


_ONLY_ON = frozenset({restricted.KEY, "audit"})
"""What no later file or variable takes back: what binds people is not theirs to change."""

_NAMED = 3
"""How many keys that are passed over are named at the start of a session."""


class Found(NamedTuple):
    """A value, and the file or variable that it came from."""

    value: Any
    origin: str


class Settings(NamedTuple):
    """What files and the environment say.

    Attributes:
        found: The values in force, by key.
        notices: What is to be said at the start of a session: what is passed over, and what says
            where answers go or who they are from.
        refused: Why files are not obeyed; part of the notices.
        ignored: Keys of a `prodigy.json` that have no meaning here, with their file.
        looked: The files that were looked for, and whether each is there.
        project: The job that the project's file names, if it names one.
    """

    found: dict[str, Found]
    ignored: tuple[tuple[str, str], ...]
    looked: tuple[tuple[str, bool], ...]
    notices: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    project: Project | None = None

    @property
    def config(self) -> dict[str, Any]:
        """What goes below a recipe's own configuration; guidelines that cannot be read are left
        out, and `guidelines_notice` says so."""
        values = self._of("job")
        if KEYMAP_TABLE in values:
            values["keymap"] = values.pop(KEYMAP_TABLE)
        if "instructions" in values:
            text, _ = self._guidelines()
            values["instructions"] = text
            if not text:
                del values["instructions"]
        return values

    @property
    def guidelines_notice(self) -> str:
        """Why the guidelines that a file names cannot be read; empty where they can."""
        return self._guidelines()[1] if "instructions" in self.found else ""

    def _guidelines(self) -> tuple[str, str]:
        from tui_annotate.cli.guidelines import read_guidelines  # only where a file is read

        value, origin = self.found["instructions"]
        if value == os.devnull:
            return "", ""
        named = origin == os.environ.get(_PROJECT_VARIABLE)
        try:
            return read_guidelines(Path(value), origin, named=named), ""
        except ConfigError as error:
            return "", str(error)

    @property
    def options(self) -> dict[str, Any]:
        """What the options of the command line are where they are not given."""
        return {
            key: ",".join(value) if isinstance(value, list) else value
            for key, value in self._of("option").items()
        }

    @property
    def jobs(self) -> dict[str, tuple[str, ...]]:
        """The project's jobs: names, and what stands behind `tui-annotate`."""
        commands = self._of("start").get("jobs", {})
        return {name: tuple(_words(command)) for name, command in commands.items()}

    def _of(self, scope: Scope) -> dict[str, Any]:
        return {k: f.value for k, f in self.found.items() if SETTINGS[k].scope == scope}


def load_settings(
    folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Read the files and the environment.

    Args:
        folder: The working folder, where not the process's own.
        environment: The variables, where not the process's own.

    Raises:
        ConfigError: A key is unknown, or a value of the wrong kind; with file, key and the
            nearest name.
    """
    here = folder if folder is not None else Path.cwd()
    variables = os.environ if environment is None else environment
    found: dict[str, Found] = {}
    ignored: list[tuple[str, str]] = []
    looked: list[tuple[str, bool]] = []
    refused: list[str] = []
    project: Project | None = None
    against: list[tuple[str, str]] = []
    # What comes later counts, but no switch that is on goes off (`_is_fixed`): Prodigy's files, the
    # project's, one's own, the variables. What would change a project's own is listed besides.
    for path, named in _files(here, variables):
        there = os.path.isfile(path)  # noqa: PTH113 - which raises for no name
        looked.append((str(path), there))
        if there:
            try:
                data = _read(path, named=named)
            except NotTrusted as error:
                refused.append(str(error))
                continue
            for key, value in data.items():
                if key == "keymap" and isinstance(value, dict):
                    key = KEYMAP_TABLE
                if _is_fixed(found, key):
                    continue
                # A file of Prodigy has keys for its browser, and nothing of places and options.
                if path.suffix == ".json" and (key not in SETTINGS or SETTINGS[key].scope != "job"):
                    ignored.append((key, str(path)))
                    continue
                checked = _checked(key, value, str(path), path.parent)
                if SETTINGS[key].scope == "project" and not (named or path == here / PROJECT_FILE):
                    hint = f"It belongs into the {PROJECT_FILE} of a project"
                    raise ConfigError(f"{key!r} has no meaning here", where=str(path), hint=hint)
                if project is not None and project.changes(key, checked):
                    against.append((key, str(path)))
                found[key] = Found(checked, str(path))
            if path.suffix != ".json" and project is None:
                project = _project(found, path)
    for key, value in _variables(variables):
        name = f"{PREFIX}{key.upper()}"
        if _is_fixed(found, key):
            continue
        checked = _checked(key, _from_text(key, value), name, here)
        if project is not None and project.changes(key, checked):
            against.append((key, name))
        found[key] = Found(checked, name)
    if project is not None:
        project = project._replace(against=tuple(against))
    said = (*refused, *_notices(found, ignored))
    return Settings(found, tuple(ignored), tuple(looked), said, tuple(refused), project)


def _project(found: dict[str, Found], path: Path) -> Project | None:
    """Return the project of a file that was read, if it is one; its database is put in force."""
    own = {key: each for key, each in found.items() if each.origin == str(path)}
    if not any(SETTINGS[key].scope == "project" for key in own):
        return None
    from tui_annotate.cli.project import make_project  # which most starts do not need

    project = make_project(own, path)
    if project is not None:
        found["db"] = Found(project.bound["db"], str(path))
    return project


def _is_fixed(found: Mapping[str, Found], key: str) -> bool:
    """Whether a value is a switch that is on, which what is read later cannot turn off."""
    return key in _ONLY_ON and key in found and found[key].value is True


def begin(arguments: list[str]) -> tuple[list[str], Settings]:
    """Read the settings, and restrict this process where `--restricted`, a variable or a file says
    so; what is ignored then is said on standard error.

    Args:
        arguments: The command line.

    Returns:
        The command line without `--restricted`, and the settings in force.

    Raises:
        ConfigError: As `load_settings`.
        UsageError: The words of whoever connects are part of a restricted command line.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    asked = restricted.OPTION in arguments[:end]
    rest = [word for word in arguments[:end] if word != restricted.OPTION] + arguments[end:]
    settings = None if asked else load_settings()
    if settings is not None and not _says_restricted(settings):
        return rest, settings
    restricted.check_words(arguments, os.environ)
    for line in restricted.restrict():
        sys.stderr.write(f"tui-annotate: {safe_line(line)}\n")
    return rest, load_settings()


def _says_restricted(settings: Settings) -> bool:
    """Whether the settings restrict the session, also those of files that variables hide."""
    if restricted.KEY in settings.found and settings.found[restricted.KEY].value:
        return True
    looked = {path for path, _ in settings.looked}
    hidden = [path for path, _ in _files(Path.cwd(), {}) if str(path) not in looked]
    for path in hidden:
        if path.suffix == ".toml" and path.is_file():
            with suppress(ConfigError):
                if _read(path).get(restricted.KEY) is True:
                    return True
    return False


def _notices(found: Mapping[str, Found], ignored: list[tuple[str, str]]) -> Iterator[str]:
    """Yield what is said at the start: where answers go by a file's word, and what has no meaning.

    What a variable says is no surprise: who starts the program has set it. Whoever is let in to a
    restricted session has not, and no use for paths of the host.
    """
    for key, (value, origin) in () if restricted.is_restricted() else found.items():
        if SETTINGS[key].scope == "place" and not origin.startswith(PREFIX):
            yield f"{key} is {value}, as {_short_path(origin)} says"
    for path in dict.fromkeys(path for _, path in ignored):
        keys = [key for key, where in ignored if where == path]
        where = _short_path(path)
        yield f"{where}: {listed(keys, _NAMED)} mean nothing here (tui-annotate config lists them)"


def _short_path(path: str) -> str:
    home = str(Path.home())
    return f"~{path.removeprefix(home)}" if path.startswith(f"{home}/") else path


def use_places(settings: Settings) -> None:
    """Have the whole process use the database and the annotator that files name, and stay offline
    where they say so."""
    offline = settings.found.get("offline")
    if offline is not None and offline.value:
        from tui_annotate.offline import go_offline  # only where a setting says so

        go_offline()
    for key, found in settings.found.items():
        name = f"{PREFIX}{key.upper()}"
        if SETTINGS[key].scope == "place" and not os.environ.get(name):
            _by_files[name] = os.environ[name] = str(found.value)


def environment_as_given() -> dict[str, str]:
    """Return the environment without what `use_places` has put there.

    A program that is started in another folder reads the files of that folder.
    """
    return {name: text for name, text in os.environ.items() if _by_files.get(name) != text}


_by_files: dict[str, str] = {}
"""Variables that `use_places` has set: what they say is the word of a file."""


def _files(folder: Path, variables: Mapping[str, str]) -> Iterator[tuple[Path, bool]]:
    """Yield the files that are looked for, and whether a variable names each."""
    home = Path(variables.get("HOME") or Path.home())
    base = variables.get("XDG_CONFIG_HOME", "")
    config = Path(base) if base.startswith("/") else home / ".config"
    project = variables.get(_PROJECT_VARIABLE)
    yield Path(variables.get("PRODIGY_HOME") or home / ".prodigy") / "prodigy.json", False
    yield folder / "prodigy.json", False
    yield (Path(project), True) if project else (folder / PROJECT_FILE, False)
    yield config / "tui-annotate" / "config.toml", False


def _read(path: Path, *, named: bool = False) -> dict[str, Any]:
    from tui_annotate.cli.guidelines import read_text  # only where a file is read

    text = read_text(path, str(path), named=named)
    try:
        if path.suffix == ".json":
            data = json.loads(text)
            return data if isinstance(data, dict) else {}
        return loads_toml(text)
    except RecursionError:
        raise ConfigError("it cannot be read (it is nested too deeply)", where=str(path)) from None
    except ValueError as error:
        raise ConfigError(f"it cannot be read ({parse_reason(error)})", where=str(path)) from None


def file_problems(path: Path) -> list[str]:
    """Return what is wrong with each key of a file by itself, or with the file as a whole."""
    try:
        data = _read(path)
    except ConfigError as error:
        return [str(error)]
    found = []
    for key, value in data.items():
        name = KEYMAP_TABLE if key == "keymap" and isinstance(value, dict) else key
        try:
            _checked(name, value, str(path), path.parent)
        except ConfigError as error:
            found.append(str(error))
    return found


def _variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = {
        f"{PREFIX}{key.upper()}": key
        for key, setting in SETTINGS.items()
        if not setting.kind.startswith(("table", "setting")) and setting.scope != "project"
    }
    for name, value in variables.items():
        if not (name.startswith(PREFIX) and value) or name in _OTHER_VARIABLES:
            continue
        if variables is os.environ and _by_files.get(name) == value:
            continue
        if name not in known:
            hint = nearest(name, known)
            raise ConfigError("no setting has a variable of this name", where=name, hint=hint)
        yield known[name], value


def _from_text(key: str, value: str) -> Any:
    setting = SETTINGS[key]
    if setting.kind == "number" and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if setting.kind == "list of names":
        return [name.strip() for name in value.split(",") if name.strip()]
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return words.get(value.lower(), value) if setting.kind == "yes or no" else value


_HIGHEST = 1_000_000_000

_FITS: dict[Kind, Callable[[Any], bool]] = {
    "number": lambda value: type(value) is int and 0 <= value <= _HIGHEST,
    "yes or no": lambda value: isinstance(value, bool),
    "text": lambda value: isinstance(value, str),
    "path": lambda value: isinstance(value, str) and bool(value),
    "name or path": lambda value: isinstance(value, str) and bool(value),
    "list of names": lambda value: isinstance(value, list) and all(map(_is_name, value)),
    "list of words": lambda value: isinstance(value, list) and all(map(_is_word, value)),
    "table of texts": lambda value: (
        isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    ),
    "table of numbers": lambda value: (
        isinstance(value, dict) and all(map(_FITS["number"], value.values()))
    ),
    "table of commands": lambda value: isinstance(value, dict) and all(map(_words, value.values())),
    "table of lists": lambda value: isinstance(value, dict) and all(map(_is_keys, value.values())),
}


def _check_jobs(jobs: Mapping[str, str], origin: str) -> None:
    """Raise `ConfigError` where a project offers something else than a recipe, such as `drop`."""
    from tui_annotate.cli.main import COMMANDS  # that module imports this one
    from tui_annotate.recipes.files import take_files  # only projects have jobs

    for name, command in jobs.items():
        words, _ = take_files(_words(command))
        if not words or words[0].startswith("-") or words[0] in COMMANDS:
            what = f"the job {name!r} is no recipe"
            hint = "Jobs of a project are recipes; call other commands yourself"
            raise ConfigError(what, where=origin, hint=hint)


def _words(command: Any) -> list[str]:
    """Return the words of a command as a shell sees them, without the program's name."""
    try:
        words = shlex.split(command) if isinstance(command, str) else []
    except ValueError:  # a quotation mark without its pair
        return []
    return words[1:] if words[:1] == ["tui-annotate"] else words


def _is_keys(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(key, str) for key in value)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "," not in value


def _checked(key: str, value: Any, origin: str, folder: Path) -> Any:
    """Return a value of the right kind; paths are made absolute from the file's folder."""
    if key not in SETTINGS:
        raise ConfigError(f"there is no key {key!r}", where=origin, hint=nearest(key, SETTINGS))
    setting = SETTINGS[key]
    if key == "instructions" and value is False and origin.endswith(".json"):
        return os.devnull  # Prodigy's own default for "none"
    if setting.kind == "setting of views":
        if not fits(key, value):
            raise ConfigError(problem(key, value), where=origin)
        return value
    if not _FITS[setting.kind](value):
        shown = "a secret" if setting.secret else short(value)
        raise ConfigError(f"{key!r} is {shown}, not a {setting.kind}", where=origin)
    if setting.choices and value not in setting.choices:
        known = ", ".join(setting.choices)
        raise ConfigError(f"{key!r} is {short(value)}", where=origin, hint=f"It is one of {known}")
    if key == "jobs" and Path(origin).name == PROJECT_FILE:
        _check_jobs(value, origin)
    is_path = setting.kind == "path" or (setting.kind == "name or path" and value.endswith(".toml"))
    if not is_path or is_server_name(value):  # a database may lie on a server: `postgresql://...`
        return value
    return str(folder / Path(value).expanduser())
