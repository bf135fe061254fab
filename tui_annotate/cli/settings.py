"""Settings from files and the environment: which there are, what they are, where they come from.

What comes later wins: `prodigy.json`, `tui-annotate.toml` in the working folder,
`$XDG_CONFIG_HOME/tui-annotate/config.toml`, `TUI_ANNOTATE_*`, then the recipe's own configuration,
then the command line (or the arguments of `serve`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tui_annotate import restricted
from tui_annotate.cli.setting_table import KEYMAP_TABLE, PROJECT_FILE, SETTINGS, Scope, SettingValue
from tui_annotate.errors import ConfigError, NotTrusted, listed, nearest, parse_reason
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.text.safe import safe_line
from tui_annotate.trust import read_obeyed_text
from tui_annotate.whole_files import loads_toml

if TYPE_CHECKING:
    from tui_annotate.cli.project import Project

PREFIX = "TUI_ANNOTATE_"
_PROJECT_VARIABLE = f"{PREFIX}PROJECT"
_OTHER_VARIABLES = frozenset({f"{PREFIX}DEMO_DB", _PROJECT_VARIABLE})
"""Variables of ours that are no settings."""


_ONLY_ON = frozenset({restricted.KEY, "audit"})
"""Switches that no later file or variable can turn off: who is bound by one must not change it."""

_NAMED = 3
"""How many keys that are passed over are named at the start of a session."""


Layer: TypeAlias = Literal["prodigy", "project", "own"]
"""Who a file of settings belongs to: Prodigy, the project, or the user."""


class SettingsFile(NamedTuple):
    """A file in which settings are looked for.

    Attributes:
        path: Where it is.
        layer: Whose it is.
        named: Whether a variable names it.
    """

    path: Path
    layer: Layer
    named: bool = False

    @property
    def origin(self) -> str:
        """The file, as messages name it."""
        return str(self.path)

    @property
    def is_of_prodigy(self) -> bool:
        """Whether it is written as Prodigy's are, whosever it is."""
        return self.path.suffix == ".json"


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

    found: dict[str, SettingValue]
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
    def jobs(self) -> dict[str, str]:
        """The project's jobs: names and commands."""
        found: dict[str, str] = self._of("start").get("jobs", {})
        return found

    def _of(self, scope: Scope) -> dict[str, Any]:
        return {k: f.value for k, f in self.found.items() if SETTINGS[k].scope == scope}


NO_SETTINGS = Settings(found={}, ignored=(), looked=())
"""The settings if no file and no variable sets anything."""


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
    layers = _Layers(here)
    for file in _files(here, variables):
        layers.take_file(file)
    for key, text in _variables(variables):
        layers.take_variable(key, text)
    return layers.settings()


class _Layers:
    """Settings as they are read, one layer after another.

    What comes later wins, but no switch that is on goes off (`_is_fixed`). What a later layer says
    against a project is noted besides.

    Args:
        folder: The working folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, SettingValue] = {}
        self._ignored: list[tuple[str, str]] = []
        self._looked: list[tuple[str, bool]] = []
        self._refused: list[str] = []
        self._project: Project | None = None
        self._against_project: list[tuple[str, str]] = []

    def take_file(self, file: SettingsFile) -> None:
        """Read a file, if it is there and can be trusted."""
        is_there = os.path.isfile(file.path)  # noqa: PTH113 - which raises for no name
        self._looked.append((file.origin, is_there))
        if not is_there:
            return
        try:
            data = _read(file.path, named=file.named)
        except NotTrusted as error:
            self._refused.append(str(error))
            return
        for key, value in data.items():
            self._take_entry(_entry_name(key, value), value, file)
        if self._project is None and not file.is_of_prodigy:
            self._project = _project(self._found, file.path)

    def take_variable(self, key: str, text: str) -> None:
        """Take what a variable says of a key."""
        if _is_fixed(self._found, key):
            return
        name = f"{PREFIX}{key.upper()}"
        self._put(key, _fitting(key, text, name, self._folder, is_text=True), name)

    def settings(self) -> Settings:
        """Return what is in force."""
        project = self._project
        if project is not None:
            project = project._replace(against=tuple(self._against_project))
        return Settings(
            found=self._found,
            ignored=tuple(self._ignored),
            looked=tuple(self._looked),
            notices=(*self._refused, *_notices(self._found, self._ignored)),
            refused=tuple(self._refused),
            project=project,
        )

    def _take_entry(self, key: str, value: Any, file: SettingsFile) -> None:
        if _is_fixed(self._found, key):
            return
        # A file of Prodigy has keys for its browser, and nothing of places and options.
        if file.is_of_prodigy and (key not in SETTINGS or SETTINGS[key].scope != "job"):
            self._ignored.append((key, file.origin))
            return
        fitting = _fitting(key, value, file.origin, file.path.parent)
        if SETTINGS[key].scope == "project" and file.layer != "project":
            hint = f"It belongs into the {PROJECT_FILE} of a project"
            raise ConfigError(f"{key!r} has no meaning here", where=file.origin, hint=hint)
        self._put(key, fitting, file.origin)

    def _put(self, key: str, value: Any, origin: str) -> None:
        if self._project is not None and self._project.changes(key, value):
            self._against_project.append((key, origin))
        self._found[key] = SettingValue(value, origin)


def _entry_name(key: str, value: Any) -> str:
    """Return the name of a setting by its key in a file: a `keymap` may be a file or a table."""
    return KEYMAP_TABLE if key == "keymap" and isinstance(value, dict) else key


def _fitting(key: str, value: Any, origin: str, folder: Path, *, is_text: bool = False) -> Any:
    """Return a value in the form that its setting has; that of a variable is read from its text.

    Raises what `setting_values.checked` does.
    """
    from tui_annotate.cli.setting_values import checked, from_text  # most starts find nothing set

    return checked(key, from_text(key, value) if is_text else value, origin, folder)


def _project(found: dict[str, SettingValue], path: Path) -> Project | None:
    """Return the project of a file that was read, if it is one; its database is put in force."""
    own = {key: each for key, each in found.items() if each.origin == str(path)}
    if not any(SETTINGS[key].scope == "project" for key in own):
        return None
    from tui_annotate.cli.project import make_project  # which most starts do not need

    project = make_project(own, path)
    if project is not None:
        found["db"] = SettingValue(project.bound["db"], str(path))
    return project


def _is_fixed(found: Mapping[str, SettingValue], key: str) -> bool:
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
    looked = {origin for origin, _ in settings.looked}
    hidden = (file for file in _files(Path.cwd(), {}) if file.origin not in looked)
    return any(map(_restricts, hidden))


def _restricts(file: SettingsFile) -> bool:
    """Whether a file of ours says by itself that the session is restricted."""
    if file.is_of_prodigy or not file.path.is_file():
        return False
    with suppress(ConfigError):
        return _read(file.path).get(restricted.KEY) is True
    return False


def _notices(found: Mapping[str, SettingValue], ignored: list[tuple[str, str]]) -> Iterator[str]:
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


def _files(folder: Path, variables: Mapping[str, str]) -> Iterator[SettingsFile]:
    """Yield the files that are looked for; what a later one says wins."""
    home = Path(variables.get("HOME") or Path.home())
    base = variables.get("XDG_CONFIG_HOME", "")
    config = Path(base) if base.startswith("/") else home / ".config"
    prodigy = Path(variables.get("PRODIGY_HOME") or home / ".prodigy")
    project = variables.get(_PROJECT_VARIABLE)
    yield SettingsFile(prodigy / "prodigy.json", "prodigy")
    yield SettingsFile(folder / "prodigy.json", "prodigy")
    if project:
        yield SettingsFile(Path(project), "project", named=True)
    else:
        yield SettingsFile(folder / PROJECT_FILE, "project")
    yield SettingsFile(config / "tui-annotate" / "config.toml", "own")


def _read(path: Path, *, named: bool = False) -> dict[str, Any]:
    text = read_obeyed_text(path, by=str(path), named=named)
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
        try:
            _fitting(_entry_name(key, value), value, str(path), path.parent)
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
        # What this program has put there itself is told with its file, and not as a variable.
        if variables is os.environ and _by_files.get(name) == value:
            continue
        if name not in known:
            hint = nearest(name, known)
            raise ConfigError("no setting has a variable of this name", where=name, hint=hint)
        yield known[name], value
