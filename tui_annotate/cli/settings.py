"""Settings from files and the environment: which there are, what they are, where they come from.

What comes later wins: `prodigy.json`, `tui-annotate.toml` in the working folder,
`$XDG_CONFIG_HOME/tui-annotate/config.toml`, `TUI_ANNOTATE_*`, then the recipe's own configuration,
then the command line (or the arguments of `serve`).
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tui_annotate.cli.setting_table import SETTINGS, Kind, Scope
from tui_annotate.errors import ConfigError, nearest
from tui_annotate.records import NamedTuple

PREFIX = "TUI_ANNOTATE_"
PROJECT_FILE = "tui-annotate.toml"
_OTHER_VARIABLES = frozenset({f"{PREFIX}DEMO_DB"})
"""Variables of ours that are no settings."""


class Found(NamedTuple):
    """A value, and the file or variable that it came from."""

    value: Any
    origin: str


class Settings(NamedTuple):
    """What files and the environment say.

    Attributes:
        found: The values in force, by key.
        ignored: Keys of a `prodigy.json` that have no meaning here, with their file.
        looked: The files that were looked for, and whether each is there.
    """

    found: dict[str, Found]
    ignored: tuple[tuple[str, str], ...]
    looked: tuple[tuple[str, bool], ...]

    @property
    def config(self) -> dict[str, Any]:
        """What goes below a recipe's own configuration."""
        values = self._of("job")
        if "instructions" in values:
            from tui_annotate.cli.guidelines import read_guidelines

            values["instructions"] = read_guidelines(
                Path(values["instructions"]), self.found["instructions"].origin
            )
        return values

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
    for path in _files(here, variables):
        there = path.is_file()
        looked.append((str(path), there))
        if there:
            for key, value in _read(path).items():
                if path.suffix == ".json" and (key not in SETTINGS or SETTINGS[key].scope != "job"):
                    ignored.append((key, str(path)))
                else:
                    found[key] = Found(_checked(key, value, str(path), path.parent), str(path))
    for key, value in _variables(variables):
        name = f"{PREFIX}{key.upper()}"
        found[key] = Found(_checked(key, _from_text(key, value), name, here), name)
    return Settings(found, tuple(ignored), tuple(looked))


def use_places(settings: Settings) -> None:
    """Have the whole process use the database and the annotator that files name."""
    for key, found in settings.found.items():
        if SETTINGS[key].scope == "place":
            os.environ.setdefault(f"{PREFIX}{key.upper()}", str(found.value))


def _files(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    home = Path(variables.get("HOME") or Path.home())
    base = variables.get("XDG_CONFIG_HOME", "")
    config = Path(base) if base.startswith("/") else home / ".config"
    yield Path(variables.get("PRODIGY_HOME") or home / ".prodigy") / "prodigy.json"
    yield folder / "prodigy.json"
    yield folder / PROJECT_FILE
    yield config / "tui-annotate" / "config.toml"


def _read(path: Path) -> dict[str, Any]:
    from tui_annotate.cli.guidelines import read_text

    text = read_text(path, str(path))
    try:
        if path.suffix == ".json":
            data = json.loads(text)
            return data if isinstance(data, dict) else {}
        import tomllib

        return tomllib.loads(text)
    except ValueError as error:
        raise ConfigError(f"it cannot be read ({error})", where=str(path)) from None


def _variables(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = {
        f"{PREFIX}{key.upper()}": key
        for key, setting in SETTINGS.items()
        if not setting.kind.startswith("table")
    }
    for name, value in variables.items():
        if not (name.startswith(PREFIX) and value) or name in _OTHER_VARIABLES:
            continue
        if name not in known:
            hint = nearest(name, known)
            raise ConfigError("no setting has a variable of this name", where=name, hint=hint)
        yield known[name], value


def _from_text(key: str, value: str) -> Any:
    setting = SETTINGS[key]
    if setting.kind == "number" and value.isascii() and value.isdigit():
        return int(value)
    if setting.kind == "list of names":
        return [name.strip() for name in value.split(",") if name.strip()]
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return words.get(value.lower(), value) if setting.kind == "yes or no" else value


_FITS: dict[Kind, Callable[[Any], bool]] = {
    "number": lambda value: type(value) is int and value >= 0,
    "yes or no": lambda value: isinstance(value, bool),
    "text": lambda value: isinstance(value, str),
    "path": lambda value: isinstance(value, str) and bool(value),
    "name or path": lambda value: isinstance(value, str) and bool(value),
    "list of names": lambda value: isinstance(value, list) and all(map(_is_name, value)),
    "table of texts": lambda value: (
        isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
    ),
    "table of commands": lambda value: isinstance(value, dict) and all(map(_words, value.values())),
}


def _words(command: Any) -> list[str]:
    """Return the words of a command as a shell sees them, without the program's name."""
    try:
        words = shlex.split(command) if isinstance(command, str) else []
    except ValueError:  # a quotation mark without its pair
        return []
    return words[1:] if words[:1] == ["tui-annotate"] else words


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "," not in value


def _checked(key: str, value: Any, origin: str, folder: Path) -> Any:
    """Return a value of the right kind; paths are made absolute from the file's folder."""
    if key not in SETTINGS:
        raise ConfigError(f"there is no key {key!r}", where=origin, hint=nearest(key, SETTINGS))
    setting = SETTINGS[key]
    if key == "instructions" and value is False and origin.endswith(".json"):
        return os.devnull  # Prodigy's own default for "none"
    if not _FITS[setting.kind](value):
        raise ConfigError(f"{key!r} is {value!r}, not a {setting.kind}", where=origin)
    if setting.choices and value not in setting.choices:
        known = ", ".join(setting.choices)
        raise ConfigError(f"{key!r} is {value!r}", where=origin, hint=f"It is one of {known}")
    is_path = setting.kind == "path" or (setting.kind == "name or path" and value.endswith(".toml"))
    return str(folder / Path(value).expanduser()) if is_path else value
