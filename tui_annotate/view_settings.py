"""The settings of views, and what each has to be: a wrong one is an error before the first task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from tui_annotate.errors import RecipeError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.views import MARKED_KEYS, known_view

CHOICE_STYLES = ("single", "multiple", "scale")
DIFF_STYLES = ("words", "chars", "sentences")


class _Kind(NamedTuple):
    """What a value has to be, in words, and whether it is."""

    words: str
    fits: Callable[[Any], bool]


class ViewSetting(NamedTuple):
    """A setting that a recipe's `config` may have, and files as well.

    Attributes:
        kind: What a value has to be.
        help: One line for people.
        default: What is so where nothing sets it, in words; empty where it is nothing.
    """

    kind: _Kind
    help: str
    default: str = ""


def _are_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple, Set)) and all(isinstance(each, str) for each in value)


def _are_suggestions(value: Any) -> bool:
    return isinstance(value, (list, tuple, Set)) and all(map(_is_suggestion, value))


def _is_suggestion(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _are_rules(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(pairs, (list, tuple)) and all(_are_texts(p) and len(p) == 2 for p in pairs)
        for pairs in value.values()
    )


def _are_blocks(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(each, Mapping) and isinstance(each.get("view_id"), str) for each in value
    )


_RESERVED = frozenset(
    {"answer", "arcs", "config", "meta", "options", "pages", "relations", *MARKED_KEYS, "view_id"}
)
"""Keys of a task that have a meaning of their own, and are no text."""


def is_field(value: Any) -> bool:
    """Return whether a value can be the key of an answer that an annotator writes or chooses."""
    return isinstance(value, str) and not value.startswith("_") and value not in _RESERVED


def _one_of(*names: str) -> _Kind:
    return _Kind(f"one of {', '.join(names)}", lambda value: value in names)


_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_NAMES = _Kind('a list of names, such as ["PERSON", "ORG"]', _are_texts)
_SUGGESTIONS = _Kind('a list of texts or numbers, such as ["yes", "no"]', _are_suggestions)
_NUMBER = _Kind("a whole number", lambda value: type(value) is int)

_SWITCH = _Kind("true or false", lambda value: isinstance(value, bool))
_TABLE = _Kind("a table", lambda value: isinstance(value, Mapping))
_SHARE = _Kind(
    "a number above 0",
    lambda value: isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0,
)

LABEL_COLORS = (
    *("orange", "sky blue", "yellow", "green", "vermillion", "purple", "blue", "olive"),
    *("violet", "pale green", "dark red", "turquoise"),
)
"""The colours of labels, in the order in which labels get them; with 16 colours there are the first
eight."""


def _are_colors(value: Any) -> bool:
    return isinstance(value, Mapping) and all(each in LABEL_COLORS for each in value.values())


VIEW_SETTINGS: dict[str, ViewSetting] = {
    "annotations_per_task": ViewSetting(_SHARE, "how many people get each task, 1.5 on average"),
    "blocks": ViewSetting(
        _Kind('a list of blocks, such as [{"view_id": "choice"}]', _are_blocks),
        "several views on one task",
    ),
    "choice_style": ViewSetting(_one_of(*CHOICE_STYLES), "how many options", "single"),
    "diff_style": ViewSetting(_one_of(*DIFF_STYLES), "what is compared", "words"),
    "edit_text": ViewSetting(_SWITCH, "the text under spans may be changed", "no"),
    "field_autofocus": ViewSetting(_SWITCH, "a task begins in its field"),
    "field_id": ViewSetting(
        _Kind(
            "a key for text: not one that begins with _ or has a meaning of its own, such as"
            " 'spans'",
            is_field,
        ),
        "the key that a field writes",
        "user_input",
    ),
    "field_label": ViewSetting(_TEXT, "what stands above a field"),
    "field_placeholder": ViewSetting(_TEXT, "what stands in an empty field"),
    "field_rows": ViewSetting(_NUMBER, "how many rows a field has", "1"),
    "field_suggestions": ViewSetting(_SUGGESTIONS, "what is offered in a field"),
    "hide_relations_arrow": ViewSetting(_SWITCH, "relations are drawn without a direction"),
    "highlight_chars": ViewSetting(_SWITCH, "spans may begin within a token", "no"),
    "html_template": ViewSetting(_TEXT, "HTML with {{fields}} of the task"),
    "instructions": ViewSetting(_TEXT, "guidelines, shown by `i` `i`"),
    "keymap_by_label": ViewSetting(_TABLE, "keys of labels, for the keymap prodigy"),
    "label_colors": ViewSetting(
        _Kind(f"a table of labels and colours, which are {', '.join(LABEL_COLORS)}", _are_colors),
        "which colours labels have",
    ),
    "label_descriptions": ViewSetting(
        _Kind("a table of texts", lambda value: isinstance(value, Mapping)),
        "what labels are for, shown by `i`",
    ),
    "labels": ViewSetting(_NAMES, "the labels, where the recipe names none"),
    "ner_manual_highlight_chars": ViewSetting(_SWITCH, "spans may begin within a token", "no"),
    "ordered": ViewSetting(_SWITCH, "the tasks of a stream are in the order of its rows", "no"),
    "page_view_id": ViewSetting(_TEXT, "how a page is shown that does not say it", "text"),
    "relations_chains": ViewSetting(_SWITCH, "chains of relations are listed", "no"),
    "relations_rules": ViewSetting(
        _Kind('a table of lists of pairs, such as {"LABEL": [["HEAD", "CHILD"]]}', _are_rules),
        "which labels a relation may join",
    ),
    "relations_self": ViewSetting(_SWITCH, "a relation may join an end with itself", "no"),
    "relations_span_labels": ViewSetting(_NAMES, "labels of spans in relations"),
    "scale_labels": ViewSetting(
        _Kind("a table of names", lambda value: isinstance(value, Mapping)), "names of the numbers"
    ),
    "scale_max": ViewSetting(_NUMBER, "the highest number of a scale"),
    "scale_min": ViewSetting(_NUMBER, "the lowest number of a scale"),
    "scattered": ViewSetting(_SWITCH, "the tasks of a stream come in any order", "no"),
}
"""Every setting of views: what recipes and files are checked against, and what `config` lists."""


def fits(key: str, value: Any) -> bool:
    """Tell whether a value can be that of a setting; None and False set nothing."""
    return value is None or value is False or VIEW_SETTINGS[key].kind.fits(value)


def problem(key: str, value: Any) -> str:
    """Return what is wrong with the value of a setting, in words."""
    return f"{key!r} is {short(value)}, not {VIEW_SETTINGS[key].kind.words}"


def problems(config: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the settings of views, by their keys; None and False set nothing.

    The settings of each block are looked at, too; they come under the key `blocks`.
    """
    found = {}
    for key in VIEW_SETTINGS:
        value = config.get(key)
        if not fits(key, value):
            found[key] = problem(key, value)
    if config.get("blocks") and "blocks" not in found:
        for what in _problems_of_blocks(config):
            found.setdefault("blocks", what)
    return found


def _problems_of_blocks(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong in each block, and where one would overwrite what another writes or
    reads."""
    first: dict[str, int] = {}
    blocks = [*enumerate(config["blocks"], 1)]
    for number, block in blocks:
        for what in problems(block).values():
            yield f"of block {number}, {what}"
        for key in _written_by(block, config):
            before = first.setdefault(key, number)
            if before != number:
                way = "; give each a 'field_id' of its own" if block["view_id"] == "choice" else ""
                yield f"'blocks': {before} and {number} both write {key!r}, {_LOST}{way}"
    for number, block in blocks:
        view = known_view(block["view_id"])
        for key in () if view is None else view.reads:
            writer = first.get(key, number)
            if writer != number:
                yield _overwritten(number, block["view_id"], key, writer, config)


def _written_by(block: Mapping[str, Any], common: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the answer that a block writes; none where its view is unknown.

    Args:
        block: The block: its `view_id` and its settings.
        common: The settings of the job, for what the block does not set.
    """
    view = known_view(block["view_id"])
    return () if view is None else view.written(view.settings_of_block(block, common))


def _rewrites(view_id: str) -> bool:
    """Return whether a view lets the text be changed where `edit_text` is set."""
    view = known_view(view_id)
    return view is not None and "edit_text" in view.settings


_LOST = "and one would be lost"


def _overwritten(reader: int, view: str, key: str, writer: int, config: Mapping[str, Any]) -> str:
    """Say that a block writes what another one reads, and what to do."""
    writing = config["blocks"][writer - 1]["view_id"]
    way = f"give block {writer} a 'field_id' of its own"
    if key == "text" and _rewrites(writing):
        way = f"leave block {reader} or 'edit_text' out: spans of block {reader} would not move"
    elif key == "text" and _rewrites(view):
        way = "correct the text in a 'text_input' of its own: the spans of its rows move with it"
    elif writing not in ("text_input", "choice"):
        way = f"leave one of the two out: {view} would not show what is stored"
    return f"'blocks': {writer} ({writing}) writes {key!r}, which {reader} ({view}) reads; {way}"


def checked(recipe: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's configuration with its labels as a list; a text is one or more of them,
    separated by commas, as options of recipes have them.

    Raises:
        RecipeError: A setting of a view is of the wrong kind, or a rule is for no label there is.
    """
    found = dict(config)
    if isinstance(found.get("labels"), str):
        found["labels"] = [each.strip() for each in found["labels"].split(",") if each.strip()]
    for what in problems(found).values():
        raise RecipeError(f"config {what}", where=recipe)
    labels = found.get("labels")
    if labels:
        # A set has another order in every run, and the digits must not.
        found["labels"] = sorted(labels) if isinstance(labels, (set, frozenset)) else list(labels)
        for label in found.get("relations_rules") or ():
            if label not in found["labels"]:
                what = f"config 'relations_rules' has a rule for {label!r}, which is no label"
                raise RecipeError(what, where=recipe, hint=nearest(label, found["labels"]))
    return found


def short(value: Any) -> str:
    """Return a value as it is written, in at most 60 characters."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, or lists without end
        text = f"a {type(value).__name__} that is too long to be shown"
    return text if len(text) <= 60 else f"{text[:59]}…"
