"""From a record's fields to a task: which field is the text, which names the row."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextvars import ContextVar
from itertools import islice
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.foreign_spans import fit_spans
from tui_annotate.task.llm_rows import keep_answer, readable
from tui_annotate.task.offsets import UNIT_KEY, Unit, to_codepoints
from tui_annotate.task.schema import ANSWER_ID, DECISIONS, without_export_keys
from tui_annotate.views import SHOWN_KEYS

TEXT = "text"
_DEEP = 6
_LOOKED_AT = 20

TAG_KEYS = (
    *("ner_tags", "ner", "tags", "labels", "ner_labels", "fine_ner_tags", "bio_tags", "iob_tags"),
    *("bio", "iob", "slots", "word_labels", "entity_tags", "tag", "label"),
    "named_entities",
)
"""Keys of a row that may hold a tag for each of its words, the likeliest first."""
_TAG_KEYS = frozenset(TAG_KEYS)
_WORD_KEYS = ("tokens", "words")
_WORD_AND_TAG_KEYS = _TAG_KEYS.union(_WORD_KEYS)

ANY_ROW: tuple[str, ...] = ()
"""The `input_keys` of a source that hands on every object as it lies in the file."""

UNANSWERED = "_unanswered"
"""A key that formats with answers set on a row that nobody has answered, to True or to what is to
be said of it; it is taken out again."""


class FileOptions(NamedTuple):
    """How the command line says that files are to be read; see the same names of `Fields`."""

    encoding: str = ""
    tag_columns: tuple[str, ...] = ()
    offset_unit: Unit | None = None
    label_fields: tuple[str, ...] = ()


_USUAL = FileOptions()
_file_options: ContextVar[FileOptions] = ContextVar("file_options", default=_USUAL)


def use_file_options(
    encoding: str | None,
    tag_column: str | None,
    offset_unit: Unit | None = None,
    label_field: str | None = None,
) -> None:
    """Say how every source that a recipe opens from now on is to be read.

    Args:
        encoding: What files of text are in, if the command line says so.
        tag_column: Numbers or names of columns, with commas.
        offset_unit: What the offsets of spans count, if the command line says so.
        label_field: Names of fields that hold classes of texts, with commas.
    """
    labels = split_columns(label_field)
    found = FileOptions(encoding or "", split_columns(tag_column), offset_unit, labels)
    _file_options.set(found)


def file_options() -> FileOptions:
    """Return how sources are to be read."""
    return _file_options.get()


def split_columns(text: str | None) -> tuple[str, ...]:
    """Return the columns that an option names, with commas between them."""
    return tuple(each.strip() for each in (text or "").split(",") if each.strip())


class Fields(NamedTuple):
    """Which fields of a record make the task.

    Attributes:
        text_field: The field that becomes `text`, where it is not `text` itself.
        id_field: The field whose value goes to `meta.id`.
        input_keys: A task needs at least one of them; `ANY_ROW` lets every object in, and its
            words stay what they are.
        remarks: Whether keys that occur twice are looked for.
        encoding: What a file of text is in; empty to go by its byte order mark, else UTF-8.
        tag_columns: Which columns of a file of tokens hold the tags, by number from 1 or by name;
            none to find them.
        offset_unit: What the offsets of spans count, where that is known; else a span's own text
            tells.
        answered: Whether the file is read as answers.
        label_fields: The fields whose values are the classes of the text, which go to `accept`;
            none to find them in a file of answers.
    """

    text_field: str | None = None
    id_field: str | None = None
    input_keys: Collection[str] = SHOWN_KEYS
    remarks: bool = True
    encoding: str = ""
    tag_columns: tuple[str, ...] = ()
    offset_unit: Unit | None = None
    answered: bool = False
    label_fields: tuple[str, ...] = ()

    def apply(self, data: dict[str, Any], notices: list[str] | None = None) -> dict[str, Any]:
        """Return `data` as a task, changed in place.

        Args:
            data: The record.
            notices: Gets remarks for people, such as a span that lies on another text than it says.

        Raises:
            TaskError: `no-input`, `not-text` or `empty-input`; `bad-spans` for offsets in a unit
                that the text does not have.
        """
        data.pop(UNANSWERED, None)
        unit = None if UNIT_KEY in data else self.offset_unit
        if UNIT_KEY in data:
            to_codepoints(data)
        # A recipe's code takes rows as they are, unless people say which field is the text.
        if self.input_keys != ANY_ROW or self.text_field is not None:
            self.place(data)
            self._check(data)
        elif self.id_field is not None and self.id_field in data:
            _to_meta(data, "id", data[self.id_field])
        if self.label_fields and self.input_keys == ANY_ROW and self.text_field is None:
            self._take_classes(data)
        if "spans" in data and isinstance(data.get(TEXT), str):
            fit_spans(data, [] if notices is None else notices, unit)
        return data

    def place(self, data: dict[str, Any]) -> None:
        """Put the id and the text of a record where tasks have them.

        Raises:
            TaskError: `no-input`: the field of the text is not there; `no-label`: that of its class
                is not; `bad-choice`: it holds no class; `bad-tag` and `bad-text`: words and tags do
                not fit.
        """
        if ANSWER_ID in data:
            without_export_keys(data)
        if self.label_fields:
            self._take_classes(data)
        if self.id_field is not None and self.id_field in data:
            _to_meta(data, "id", data[self.id_field])
        # One look spares most rows, which have none of these keys, both questions.
        if not _WORD_AND_TAG_KEYS.isdisjoint(data) and (
            _may_have_words(data) or _may_have_tags(data)
        ):
            # Rows without words and tags do without.
            from tui_annotate.sources.tagged_words import take_words

            take_words(data, self.text_field or TEXT)
        if self.text_field is not None and self.text_field != TEXT:
            self._rename(data)
        if "answer" in data and data["answer"] not in DECISIONS:
            keep_answer(data, self.answered)

    def _take_classes(self, data: dict[str, Any]) -> None:
        # Few files have their classes named.
        from tui_annotate.sources.class_labels import classes_in

        data.update(classes_in(data, self.label_fields))

    def _rename(self, data: dict[str, Any]) -> None:
        field = self.text_field
        if field is None or field not in data:
            raise TaskError(f"no `{field}`", reason="no-input")
        if TEXT in data:
            _to_meta(data, TEXT, data[TEXT])
        data[TEXT] = data.pop(field)

    def _check(self, data: dict[str, Any]) -> None:
        keys, shown = self.input_keys, self.text_field or TEXT
        # Most rows have a text, which all views show; going through the keys of views takes longer.
        if keys is not SHOWN_KEYS or TEXT not in data:
            if TEXT not in data and keys == (TEXT,):
                _make_text(data)
            if keys != ANY_ROW and data.keys().isdisjoint(keys):
                raise TaskError(f"no `{shown}`", reason="no-input")
        text = data.get(TEXT, "-")
        if not isinstance(text, str):
            raise TaskError(f"`{shown}` is not a string", reason="not-text")
        if not text or text.isspace():
            raise TaskError(f"`{shown}` is empty", reason="empty-input")


def _may_have_words(data: dict[str, Any]) -> bool:
    """Tell whether a row may hold a list of words; tokens as tasks have them are objects."""
    for key in _WORD_KEYS:
        words = data.get(key)
        if isinstance(words, list) and words and not isinstance(words[0], dict):
            return True
    return False


def _may_have_tags(data: dict[str, Any]) -> bool:
    """Tell whether a row may hold a tag for each of its words, under a key that is usual for it."""
    if _TAG_KEYS.isdisjoint(data):
        return False
    values = (data[key] for key in _TAG_KEYS.intersection(data))
    return any(isinstance(value, list) or _is_several_words(value) for value in values)


def _is_several_words(value: object) -> bool:
    return isinstance(value, str) and " " in value


def _make_text(data: dict[str, Any]) -> None:
    """Give a row of a language model, such as a conversation, the text that it says."""
    made = readable(data)
    if made:
        data[TEXT] = made


_NO_TEXT = re.compile(r"https?://|\S+\.\w{2,4}$")
"""Addresses and names of files."""


def guess_text(data: dict[str, Any]) -> str:
    """Return the field that probably holds the text: the longest string; empty where none is, and
    where longer ones lie deeper, so that it is rather a name or a number than the text."""
    strings = {
        key: value
        for key, value in data.items()
        if isinstance(value, str) and not _NO_TEXT.match(value)
    }
    if not strings:
        return ""
    found = max(strings, key=lambda key: len(strings[key]))
    inner = (value for value in data.values() if isinstance(value, dict | list))
    is_text = " " in strings[found] or _longest(inner) <= len(strings[found])
    return found if is_text else ""


def _longest(values: Iterable[Any], depth: int = 0) -> int:
    """Return how long the longest text in values is, as deep as texts of other programs lie."""
    longest = 0
    for value in islice(values, _LOOKED_AT):
        if isinstance(value, str):
            longest = max(longest, len(value))
        elif isinstance(value, dict | list) and depth < _DEEP:
            inner = value.values() if isinstance(value, dict) else value
            longest = max(longest, _longest(inner, depth + 1))
    return longest


def _to_meta(data: dict[str, Any], key: str, value: Any) -> None:
    """Put a value into `meta`, unless the record uses `meta` for something else."""
    meta = data.get("meta", {})
    if isinstance(meta, dict) and key not in meta:
        data["meta"] = {**meta, key: value}
