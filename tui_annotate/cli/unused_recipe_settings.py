"""Names the keys of a recipe's own configuration that have no effect here; typing errors first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tui_annotate.cli.setting_table import SETTINGS
from tui_annotate.errors import closest, listed
from tui_annotate.text.safe import safe_line
from tui_annotate.view_settings import VIEW_SETTINGS

_SILENT = frozenset(
    ("auto_count_stream", "cors", "force_stream_order", "host", "javascript", "label", "lang",
     "port", "review", "review_blind")
)  # fmt: skip
"""Keys that nothing is said of: the screen says of `javascript` what is missing by it, those of a
review are set by `review` and by what calls it, `label` and `lang` only describe what a recipe
does, and the others are for a server, or ask for what is always done here."""

_NEAR = 0.75
"""How alike two names are, from 0 to 1, for one to be a typing error for the other."""

_NAMED = 3
"""How many keys are named that are like none there is."""

_KEY_CELLS = 30

_ELSEWHERE = frozenset(
    ("buttons", "custom_theme", "global_css", "hide_meta", "show_flag", "swipe", "theme",
     "total_examples_target", "ui_lang", "validate", "writing_dir")
)  # fmt: skip
"""Keys of Prodigy that are typing errors for none of ours."""


def passed_over(recipe: str, config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is to be said of the keys of a recipe's configuration that mean nothing.

    A key that is much like one that there is gets a sentence of its own with that name, in blocks
    too; the others are named together.

    Args:
        recipe: The recipe's name.
        config: Its own configuration, without that of files.
    """
    others = []
    for key, value in config.items():
        if _is_known(key, value):
            continue
        meant = _meant(key, setting_keys())
        if meant:
            yield f"{recipe}, config: {_shown(key)} means nothing here. Did you mean {meant!r}?"
        else:
            others.append(key)
    yield from _in_blocks(recipe, config.get("blocks"))
    if others:
        verb = "means" if len(others) == 1 else "mean"
        yield f"{recipe}, config: {named_keys(others)} {verb} nothing here"


def no_components(recipe: str, names: Sequence[str]) -> Iterator[str]:
    """Yield what is to be said of keys beside a recipe's components that mean nothing there."""
    if names:
        settings = [name for name in names if name in setting_keys()]
        hint = ": settings of the view stand in its 'config'" if settings else ""
        yield f"{recipe} returns {named_keys(names)}, which means nothing here{hint}"


def named_keys(keys: Sequence[object]) -> str:
    """Return some keys in a row, and how many more there are."""
    return listed([*map(_shown, keys)], _NAMED)


def _in_blocks(recipe: str, blocks: Any) -> Iterator[str]:
    """Yield the typing errors in blocks, which may have any keys of a task besides."""
    for number, block in enumerate(blocks if isinstance(blocks, (list, tuple)) else (), 1):
        for key, value in block.items() if isinstance(block, Mapping) else ():
            if key in _OF_TASKS or _is_known(key, value):
                continue
            meant = _meant(key, (*VIEW_SETTINGS, "view_id"))
            if meant:
                what = f"{_shown(key)} means nothing here. Did you mean {meant!r}?"
                yield f"{recipe}, block {number}: {what}"


_OF_TASKS = frozenset(
    ("arcs", "html", "image", "input", "label", "meta", "options", "relations", "spans", "text",
     "tokens", "view_id")
)  # fmt: skip


def setting_keys() -> list[str]:
    """Return the keys that a recipe may set."""
    return [key for key, setting in SETTINGS.items() if setting.scope == "job" and " " not in key]


def _is_known(key: object, value: Any) -> bool:
    if key == "label":  # one text describes; a list is meant to be the labels
        return not isinstance(value, (list, tuple, set, frozenset))
    if key in _SILENT or key == "keymap":
        return True
    setting = SETTINGS.get(key) if isinstance(key, str) else None
    return setting is not None and setting.scope == "job"


def _meant(key: object, known: Iterable[str]) -> str:
    """Return the key that another one is a typing error for; empty where it is like none."""
    if not isinstance(key, str) or key in _ELSEWHERE:
        return ""
    written = key.strip().lower().replace("-", "_").replace(" ", "_")
    return next(iter(closest(written, known, least=_NEAR)), "")


def _shown(key: object) -> str:
    return repr(safe_line(str(key), _KEY_CELLS))


_UPDATE = re.compile(r"prodigy\.update\(\s*\{(.*?)\}", re.DOTALL)
_KEY = re.compile(r"""(?:^|,)\s*["']?([A-Za-z_]\w*)["']?\s*:""")
_COMPUTED = re.compile(r"(?:^|,)\s*\[")
_INPUT = re.compile(
    r"""<(?:input|select|textarea)\b[^>]*?\bname\s*=\s*["'](\w+)["']""", re.IGNORECASE
)


def script_fields(config: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields of an answer that scripts of blocks would set.

    They are read from the calls of `prodigy.update`; where such a call computes a name, from the
    inputs of the templates. Nothing is run.
    """
    blocks = [block for block in config.get("blocks") or () if isinstance(block, Mapping)]
    written = {block.get("field_id", "user_input") for block in blocks if _is_field(block)}
    texts = [config.get("javascript"), config.get("html_template")]
    for block in blocks:
        texts += [block.get("html_template"), block.get("html"), block.get("javascript")]
    code = "\n".join(text for text in texts if isinstance(text, str))
    found: list[str] = []
    for call in _UPDATE.findall(code):
        found += _KEY.findall(call)
        if _COMPUTED.search(call):
            found += _INPUT.findall(code)
    own = {*written, *_OF_TASKS, "accept", "answer", "config"}
    return [name for name in dict.fromkeys(found) if name not in own]


def _is_field(block: Mapping[str, Any]) -> bool:
    return block.get("view_id") == "text_input"


def with_all_fields(components: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """Return what a recipe returned with the fields that its scripts and blocks are about, and what
    is said at the start."""
    said: list[str] = []
    if components.get("validate_answer"):
        components, said = with_script_fields(components)
    if components.get("view_id") == "blocks":
        components, told = with_own_fields(components)
        said = [*said, *told]
    return components, said


def with_script_fields(components: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what a recipe returned with a field to write in for each that a script would set.

    Only where answers are validated: else such a field can stay empty, and need not be shown.

    Returns:
        The components, and what is said at the start.
    """
    config = components.get("config")
    wanted = components.get("validate_answer") and components.get("view_id") == "blocks"
    if not wanted or not isinstance(config, Mapping) or not isinstance(config.get("blocks"), list):
        return dict(components), []
    names = script_fields(config)
    if not names:
        return dict(components), []
    added = [
        {"view_id": "text_input", "field_id": name, "field_label": name, "field_autofocus": False}
        for name in names
    ]
    made = {**config, "blocks": [*config["blocks"], *added]}
    said = f"no script runs here, so what one would set is written in a field: {named_keys(names)}"
    return {**components, "config": made}, [said]


_FIELDS = {"text_input": "user_input", "choice": "accept"}
"""Views whose blocks can write into another field, and the field that they write into else."""


def with_own_fields(components: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what a recipe returned with a field of its own for each block that would write over
    what an earlier one of its view has written.

    Returns:
        The components, and what is said at the start.
    """
    config = components.get("config")
    if not isinstance(config, Mapping) or not isinstance(config.get("blocks"), list):
        return dict(components), []
    taken: set[str] = set()
    made, said = [], []
    for number, block in enumerate(config["blocks"], 1):
        view = block.get("view_id") if isinstance(block, Mapping) else None
        if view in _FIELDS:
            usual = config.get("field_id") if view == "text_input" else None
            field = block.get("field_id") or usual or _FIELDS[view]
            if field in taken:
                block = {**block, "field_id": f"{field}_{number}"}
                said.append(f"block {number} writes {_shown(block['field_id'])}, because an "
                            f"earlier one writes {_shown(field)}")  # fmt: skip
            taken.add(field)
        made.append(block)
    if not said:
        return dict(components), []
    return {**components, "config": {**config, "blocks": made}}, said
