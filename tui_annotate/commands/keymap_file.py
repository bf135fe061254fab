"""Keymaps by name or from a TOML file.

preset = "vim"
counts = true
label_first = false

[keys]
reject = ["N", "m x"]

[labels]
ORG = "O"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate import plugins
from tui_annotate.commands.key_names import normal_key
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import ACTIONS, BY_ID
from tui_annotate.errors import ConfigError, parse_reason
from tui_annotate.trust import read_obeyed
from tui_annotate.whole_files import loads_toml

Bindings: TypeAlias = dict[str, "str | list[str]"]

_SWITCHES = ("counts", "label_first")
_TABLES = ("keys", "labels")
_PRODIGY_NAMES = {"save": "saved", "del": "delete", "help": "guidelines"}
_NEEDED = frozenset({"enter", "escape"})
"""Keys that a job's configuration does not take from other actions: no label could be given."""


def load_keymap(name: str | None, config: Mapping[str, Any] | None = None) -> Keymap:
    """Return the keymap of a name or file.

    Args:
        name: A preset, or a TOML file; None is the default.
        config: A job's configuration; the preset `prodigy` reads its `keymap` and
            `keymap_by_label`.

    Raises:
        ConfigError: There is no such preset or file, or something in it is wrong; the message
            has the file, the key and the nearest name.
    """
    data, where = ({}, None) if name is None else _read(name)
    preset = data.get("preset", name if name in PRESETS else "default")
    if preset not in PRESETS:
        raise ConfigError(f"preset: there is no {preset!r}", where=where, hint=_near(preset))
    base = PRESETS[preset]
    keys: Bindings = base.get("keys", {})
    labels: Bindings = {}
    if preset == "prodigy" and config is not None:
        keys, labels = _from_config(config, keys)
    keys = {**keys, **_bindings(data, "keys", where)}
    labels |= _bindings(data, "labels", where)
    counts, label_first = (bool(data.get(each, base.get(each, False))) for each in _SWITCHES)
    return Keymap(keys, labels=labels, where=where, counts=counts, label_first=label_first)


def _read(name: str) -> tuple[dict[str, Any], str | None]:
    if name in PRESETS:
        return {}, None
    path = Path(name)
    if path.suffix != ".toml":
        added = plugins.added(plugins.KEYMAPS, name, dict)
        if added is not None:
            _check(added, name)
            return added, name
    if path.suffix != ".toml" and not os.path.exists(path):  # noqa: PTH110 - a name of any length
        raise ConfigError(f"there is no keymap {name!r}", where="--keymap", hint=_near(name))
    try:
        data = loads_toml(read_obeyed(path, by=name).decode("utf-8-sig"))
    except RecursionError:
        raise ConfigError("its tables are nested too deeply", where=name) from None
    except ValueError as error:
        raise ConfigError(f"it is not valid TOML: {parse_reason(error)}", where=name) from error
    _check(data, name)
    return data, name


def _check(data: Mapping[str, Any], where: str) -> None:
    known = ("preset", *_SWITCHES, *_TABLES)
    for key, value in data.items():
        if key not in known:
            hint = f"Did you mean {get_close_matches(key, known, n=1, cutoff=0.0)[0]!r}?"
            if key in BY_ID:
                hint = "Write actions below a line [keys]"
            raise ConfigError(f"there is no setting {key!r}", where=where, hint=hint)
        if key in _SWITCHES and not isinstance(value, bool):
            raise ConfigError(f"{key} is {value!r}", where=where, hint="It is true or false")
        if key in _TABLES and not isinstance(value, dict):
            raise ConfigError(f"{key} is {value!r}", where=where, hint=f"Write a table [{key}]")


def _near(name: object) -> str:
    known = (*PRESETS, *plugins.entry_points_of(plugins.KEYMAPS))
    close = get_close_matches(str(name), known, n=1, cutoff=0.5)
    names = ", ".join(known)
    return f"Did you mean {close[0]!r}?" if close else f"There are {names}, or give a .toml file"


def _bindings(data: Mapping[str, Any], table: str, where: str | None) -> Bindings:
    found: Bindings = {}
    for name, keys in data.get(table, {}).items():
        listed = [keys] if isinstance(keys, str) else keys
        if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
            raise ConfigError(
                f"[{table}] {name} is {keys!r}", where=where, hint='Write a key or ["a", "b"]'
            )
        found[str(name)] = listed
    return found


def _from_config(config: Mapping[str, Any], keys: Bindings) -> tuple[Bindings, Bindings]:
    """Lay a job's `keymap` and `keymap_by_label` over a preset's keys, which lose what it takes.

    Prodigy has fewer actions, so that whoever wrote it cannot know what is in the way.

    Returns:
        The keys of actions, and those of labels.
    """
    written = {"keys": config.get("keymap"), "labels": config.get("keymap_by_label")}
    for table, value in written.items():
        if value is not None and not isinstance(value, dict):
            raise ConfigError(f"{table} is {value!r}", where="config", hint="It is an object")
    actions = _bindings({"keys": written["keys"] or {}}, "keys", "config")
    by_action = {_PRODIGY_NAMES.get(name, name): value for name, value in actions.items()}
    by_label = _bindings({"labels": written["labels"] or {}}, "labels", "config")
    labels = [str(each) for each in config.get("labels") or ()]
    taken = {normal_key(key) for pressed in by_action.values() for key in pressed} - _NEEDED
    curtailed: Bindings = {}
    for action in ACTIONS:
        # A decision without a key would make the job one that nobody can answer; one that yields
        # gives its keys up by itself, and only while nobody has named it.
        if action.decision or action.yields:
            continue
        before = keys.get(action.id, action.keys)
        kept = [key for key in before if normal_key(key) not in taken]
        if len(kept) < len(before):
            curtailed[action.id] = kept
    keys_of_labels = {_label(name, labels): pressed for name, pressed in by_label.items()}
    return {**keys, **curtailed, **by_action}, keys_of_labels


def _label(name: str, labels: list[str]) -> str:
    """The label that a key of `keymap_by_label` names: itself, or its number from 0."""
    numbered = name.isdigit() and name not in labels and int(name) < len(labels)
    return labels[int(name)] if numbered else name


PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "prodigy": {
        "label_first": True,
        "keys": {
            "undo": ["u", "backspace", "delete"],
            "delete": ["d"],
            "left": ["left"],
            "guidelines": ["h", "I"],
        },
    },
    "vim": {
        "counts": True,
        "keys": {
            "label_10": [],
            "row_start": ["0", "^", "home"],
            "row_end": ["$", "end"],
            "next_word": ["w", "W", "ctrl+right"],
            "previous_word": ["b", "B", "ctrl+left"],
            "previous_span": ["shift+tab"],
            "find": ["f"],
            "flag": ["E"],
            "next_point": ["n", ";"],
            "previous_point": ["N", ","],
            "next_difference": "n",
            "previous_difference": "N",
            "redo": ["ctrl+r", "U"],
            "equal": ["*"],  # and not on e, which only moves there
            "copy_earlier": ["p", "="],
            "stretch": [">"],
            "delete": ["x", "d", "delete"],
            "reject": ["m x"],
            "find_answers": ["m G"],  # its users go to the end of a text by G
            "statistics": ["m U"],
        },
    },
}
"""By name: `keys`, `labels`, `counts` and `label_first` as in a keymap file."""
