"""What a value of a setting has to be, and what is made of it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.setting_table import PROJECT_FILE, SETTINGS, Kind, Setting
from tui_annotate.data_paths import is_server_name
from tui_annotate.errors import ConfigError, nearest
from tui_annotate.recipes.recipe_files import take_files
from tui_annotate.view_settings import fits, problem, short

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
    "table of commands": lambda value: (
        isinstance(value, dict) and all(map(command_words, value.values()))
    ),
    "table of lists": lambda value: isinstance(value, dict) and all(map(_is_keys, value.values())),
}


def _check_jobs(jobs: Mapping[str, str], origin: str) -> None:
    """Raise `ConfigError` where a project offers something else than a recipe, such as `drop`."""
    for name, command in jobs.items():
        words, _ = take_files(command_words(command))
        if not words or words[0].startswith("-") or words[0] in COMMANDS:
            what = f"the job {name!r} is no recipe"
            hint = "Jobs of a project are recipes; call other commands yourself"
            raise ConfigError(what, where=origin, hint=hint)


def command_words(command: Any) -> list[str]:
    """Return the words of a command as a shell sees them, without the program's name.

    Args:
        command: The command; what is no text has no words.
    """
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


def checked(key: str, value: Any, origin: str, folder: Path) -> Any:
    """Return a value of the right kind; paths are made absolute.

    Args:
        key: The setting.
        value: What a file or a variable says.
        origin: The file or variable.
        folder: The folder that paths are relative to.

    Raises:
        ConfigError: There is no such setting, or the value is none of its.
    """
    if key not in SETTINGS:
        raise ConfigError(f"there is no key {key!r}", where=origin, hint=nearest(key, SETTINGS))
    setting = SETTINGS[key]
    if key == "instructions" and value is False and origin.endswith(".json"):
        return os.devnull  # Prodigy's own default for "none"
    _check_kind(key, setting, value, origin)
    if setting.choices and value not in setting.choices:
        known = ", ".join(setting.choices)
        raise ConfigError(f"{key!r} is {short(value)}", where=origin, hint=f"It is one of {known}")
    if key == "jobs" and Path(origin).name == PROJECT_FILE:
        _check_jobs(value, origin)
    return str(folder / Path(value).expanduser()) if _is_path(setting, value) else value


def _check_kind(key: str, setting: Setting, value: Any, origin: str) -> None:
    if setting.kind == "setting of views":
        if not fits(key, value):
            raise ConfigError(problem(key, value), where=origin)
    elif not _FITS[setting.kind](value):
        shown = "a secret" if setting.secret else short(value)
        raise ConfigError(f"{key!r} is {shown}, not a {setting.kind}", where=origin)


def _is_path(setting: Setting, value: Any) -> bool:
    """Whether a value names a file. A database may lie on a server: `postgresql://...`."""
    if setting.kind == "name or path":
        return value.endswith(".toml") and not is_server_name(value)
    return setting.kind == "path" and not is_server_name(value)


def from_text(key: str, value: str) -> Any:
    """Return what the text of a variable stands for; the text itself where it fits nothing.

    Args:
        key: The setting.
        value: The text.
    """
    setting = SETTINGS[key]
    if setting.kind == "number" and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    if setting.kind == "list of names":
        return [name.strip() for name in value.split(",") if name.strip()]
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return words.get(value.lower(), value) if setting.kind == "yes or no" else value
