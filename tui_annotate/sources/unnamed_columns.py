"""What the columns of tables hold: of those without a header, or with one name for several columns,
and which of them are the classes of a text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tui_annotate.errors import TaskError, listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.tagged_words import printed_list

LOOKED_AT = 50
"""Records from the start of a file that tell."""
_MOST = 0.6
_WORDS = 2
_SENTENCE = 5
_SPLITS = frozenset({"TRAIN", "TRAINING", "TEST", "VALIDATION", "DEV", "UNASSIGNED"})
"""What a column says that tells what a record is for, as AutoML's tables have it."""
_NAMES = frozenset(
    (
        *("id", "name", "label", "labels", "class", "category", "sentiment", "intent", "topic"),
        *("date", "time", "timestamp", "user", "author", "title", "source", "language", "lang"),
        *("url", "index"),
    )
)
_LONGEST_LABEL = 40
_LONGEST_NUMBER = 4
_IDS = 4
"""From so many records on, numbers of which none occurs twice are no labels."""

CLASSES = ("label", "class", "category", "sentiment", "intent", "topic")
"""Columns that hold the class of a text, the likeliest first, in a table that is imported."""
_MAY_BE_CLASSES = re.compile(
    r"(?:.*_)?(?:labels?|class|category|sentiment|intent|topic|stance|polarity|emotions?)|target"
    r"|label_(?:text|name)|gold|(?:sub)?task_(?:a|1)"
)
USUAL_TEXTS = (
    *("sentence", "tweet", "review", "comment_text", "comment", "content", "utterance", "query"),
    *(
        "review_text",
        "reviewtext",
        "full_text",
        "clean_text",
        "tweet_text",
        "displayed_text",
        "text_clean",
        "message",
    ),
    *("document", "body", "post", "passage", "abstract", "question", "title", "headline"),
)
"""What the column of the text is often called; where a table has one of them, that is taken."""
_NO_CLASS = re.compile(
    r"(?:.*_)?(?:id|ids|idx|index|count|number|num|fold|split|rating|score|votes?|likes?|rank|year"
    r"|age)|column \d+"
)
_CHOSEN = {"1": True, "0": False, "1.0": True, "0.0": False, "true": True, "false": False}
_MOMENT = re.compile(r".*(?:\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{4}-\d{2}-\d{2}\b).*")
_LONGEST_MOMENT = 35


class ClassColumns(NamedTuple):
    """Which columns of a table are the classes of its text; counted from 0.

    Attributes:
        named: The column whose cells are names of classes; None for none.
        flags: The columns that are a class each, with 1 or `true` in the rows that have it.
        told: What people should know of it.
        also_named: Further columns whose cells are names of classes.
    """

    named: int | None = None
    flags: tuple[int, ...] = ()
    told: str = ""
    also_named: tuple[int, ...] = ()


def find_class_columns(
    columns: Sequence[str], rows: Sequence[Sequence[str]], text_column: int
) -> ClassColumns:
    """Return the columns of classes: the first of these that the table has.

    1. A column with a usual name (`CLASSES`), the likeliest first. If it holds numbers with
       decimals it measures something, and there are no classes.
    2. The only column with a likely name, unless several columns hold 0 and 1.
    3. The columns that hold 0 and 1; if there are none, those with words such as `true`. Those that
       are called by people, such as `annotator_1`, are not among them.
    4. None. Then `told` names the columns that might be classes, so that people can choose one:
       a wrong guess would store answers that nobody gave.

    Args:
        columns: The names of all columns.
        rows: The first rows.
        text_column: The column of the text.
    """
    lowered = [each.strip().lower() for each in columns]
    usual = [lowered.index(each) for each in CLASSES if each in lowered]
    named = next((at for at in usual if at != text_column), None)
    if named is not None:
        return _column_of_classes(columns, rows, named)
    others = [at for at in range(len(columns)) if at != text_column and lowered[at]]
    fitting = [row for row in rows if len(row) == len(columns)]
    # What two people say of a text, even with 0 and 1, is not two classes of it.
    people = _columns_of_people(columns, fitting, others)
    others = [at for at in others if at not in people]
    flag_columns = [
        at for at in others
        if not _NO_CLASS.fullmatch(lowered[at]) and _are_chosen([row[at] for row in fitting])
    ]  # fmt: skip
    # Beside 0 and 1, words such as `true` rather say something of the row than name a class.
    with_digits = [
        at for at in flag_columns if any(row[at].strip() in ("0", "1") for row in fitting)
    ]
    found = with_digits or flag_columns
    likely = [at for at in others if _MAY_BE_CLASSES.fullmatch(lowered[at])]
    if len(likely) == 1 and len(found) <= 1:
        return ClassColumns(likely[0], (), f"its column `{columns[likely[0]]}` is the class")
    if not found and people:
        return ClassColumns(told=_told_of_people(columns, people))
    if not found:
        return ClassColumns(told=_not_taken(columns, fitting, others))
    left = [at for at in flag_columns if at not in found]
    return ClassColumns(None, tuple(found), _told_of_classes(columns, found, left))


def _column_of_classes(
    columns: Sequence[str], rows: Sequence[Sequence[str]], at: int
) -> ClassColumns:
    """Return the column that is the class by its name, unless it measures something."""
    name = columns[at]
    if is_measured([row[at] for row in rows if len(row) > at]):
        what = f"its column `{name}` holds numbers with decimals, which are no classes"
        return ClassColumns(told=f"{what} (--label-field takes them)")
    is_plain = name.strip().lower() == "label"
    return ClassColumns(at, (), "" if is_plain else f"its column `{name}` is the class")


def _told_of_classes(columns: Sequence[str], found: Sequence[int], left: Sequence[int]) -> str:
    """Return which columns are a class each, and which might be and are not."""
    names = listed([f"`{columns[at]}`" for at in found])
    if len(found) > 1:
        told = f"its columns {names} with 0 and 1 are taken for classes"
    else:
        told = f"its column {names} with 0 and 1 is taken for a class"
    if not left:
        return told
    others = listed([f"`{columns[at]}`" for at in left])
    verb = "is not" if len(left) == 1 else "are not"
    return f"{told}, and {others} with words such as `true` {verb} (--label-field names all)"


def named_class_columns(rows: Sequence[Sequence[str]], named: tuple[int, ...]) -> ClassColumns:
    """Return the columns of classes that were named: several with 0 and 1 are a class each.

    Args:
        rows: The first rows.
        named: The columns.
    """
    fitting = [row for row in rows if len(row) > max(named)]
    if len(named) > 1 and all(_are_chosen([row[at] for row in fitting]) for at in named):
        return ClassColumns(None, named)
    return ClassColumns(named[0], also_named=named[1:])


def _not_taken(columns: Sequence[str], rows: Sequence[Sequence[str]], others: Sequence[int]) -> str:
    """Return what is to be said of columns that may be classes, and of which none is taken."""
    likely = []
    for at in others:
        cells = [row[at].strip() for row in rows]
        counts = Counter(filter(None, cells))
        short = all(len(cell) <= _LONGEST_LABEL and not _MOMENT.fullmatch(cell) for cell in counts)
        usual = not _NO_CLASS.fullmatch(columns[at].strip().lower())
        if usual and short and len(counts) > 1 and 2 * len(counts) <= len(cells):
            likely.append(f"`{columns[at]}`")
    if not likely:
        return ""
    which = likely[0] if len(likely) == 1 else f"none of {listed(likely)}"
    verb = "is not taken" if len(likely) == 1 else "is taken"
    return f"{which} {verb} for the class (--label-field names it)"


def _columns_of_people(
    columns: Sequence[str], rows: Sequence[Sequence[str]], others: Sequence[int]
) -> list[int]:
    """Return the columns that are called by people who chose a class each, such as `annotator_1`;
    none where there is only one, or where what they hold is no class."""
    found = [at for at in others if _PERSON.fullmatch(columns[at].strip().lower())]
    cells = [row[at].strip() for row in rows for at in found]
    short = all(len(cell) <= _LONGEST_LABEL for cell in cells)
    return found if len(found) > 1 and short and any(cells) else []


_PERSON = re.compile(
    r"(?:labels?_)?(?:ann|anno|annotator|annotation|rater|coder|worker|judge|expert)"
    r"(?:[ _-]?\d+|[ _-][a-z])(?:_(?:label|class|answer))?"
)


def _told_of_people(columns: Sequence[str], people: Sequence[int]) -> str:
    """Return that columns are the classes of people, and how those of one of them are read."""
    which, one = listed([f"`{columns[at]}`" for at in people]), columns[people[0]]
    named = f'"{one}"' if " " in one else one
    how = f"`--label-field {named} --as {named}` reads those of one"
    return f"{which} seem to hold the classes of a person each, and none is taken ({how})"


def places_of_spans(columns: Sequence[str]) -> str:
    """Return the column of the starts of spans, of a table that has a row for each span; empty for
    another table."""
    lowered = [each.strip().lower() for each in columns]
    pairs = (
        *(("start", "end"), ("start_offset", "end_offset"), ("begin", "end")),
        *(("start_char", "end_char"), ("start_idx", "end_idx"), ("begin offset", "end offset")),
    )
    start = next((one for one, other in pairs if one in lowered and other in lowered), "")
    return (
        columns[lowered.index(start)] if start and not {"label", "type"}.isdisjoint(lowered) else ""
    )


def is_measured(cells: Sequence[str]) -> bool:
    """Return whether cells are scores, and no classes: many numbers, most of them with decimals."""
    said = [cell.strip() for cell in cells if cell.strip()]
    decimals = sum(_DECIMAL.fullmatch(cell) is not None for cell in said)
    return len({*said}) > _FEW_SCORES and 2 * decimals > len(said)


_DECIMAL = re.compile(r"[-+]?\d*\.\d*[1-9]\d*")
_FEW_SCORES = 10
"""Different values at most that numbers with decimals have as grades, such as 4.5."""


def _are_chosen(cells: Sequence[str]) -> bool:
    said = {cell.strip().lower() for cell in cells} - {""}
    return bool(said) and all(each in _CHOSEN for each in said)


def chosen_classes(
    values: Sequence[str], names: Sequence[str], found: ClassColumns
) -> dict[str, Any]:
    """Return the classes that a row has as `accept`, and as `cats` all that it may have.

    Raises:
        TaskError: `bad-choice`: a column of a class says neither that the row has it nor that it
            has not.
    """
    if found.named is not None:
        columns = (found.named, *found.also_named)
        named = [each for at in columns for each in _in_cell(values, names, at)]
        return {"accept": [*dict.fromkeys(named)]} if named else {}
    said = {}
    shown = _class_names([names[at] for at in found.flags])
    for at, name in zip(found.flags, shown, strict=True):
        cell = values[at].strip().lower()
        if not cell:
            # Nobody has said it of this row.
            continue
        chosen = _CHOSEN.get(cell)
        if chosen is None:
            what = f"`{names[at]}` is {values[at][:20]!r}, and in other rows 0 or 1"
            raise TaskError(what, reason="bad-choice")
        said[name] = chosen
    if not said:
        return {}
    return {"accept": [name for name, chosen in said.items() if chosen], "cats": said}


def _class_names(columns: Sequence[str]) -> list[str]:
    """Return the names of classes with a column each, without the question before them that Potato
    writes, as in `mood:::good`, if it is the same for all."""
    parts = [column.partition(_POTATO) for column in columns]
    questions = {question for question, mark, _ in parts if mark}
    if not questions or not all(mark for _, mark, _ in parts):
        return [*columns]
    return [name if len(questions) == 1 else f"{question}: {name}" for question, _, name in parts]


_POTATO = ":::"
_NUMBERS = re.compile(r"\d+(?:,\d+)*")


def _in_cell(values: Sequence[str], names: Sequence[str], at: int) -> list[str]:
    """Return the classes that a cell names."""
    cell = values[at].strip()
    several = printed_list(cell) if cell.startswith("[") else None
    if names[at].strip().lower().endswith("labels") and several is None:
        between = "," if _NUMBERS.fullmatch(cell) else r"[;|]"
        several = [each.strip() for each in re.split(between, cell) if each.strip()]
    return several if several is not None else [cell] if cell else []


class UnnamedColumns(NamedTuple):
    """What the columns of a table hold that does not name them; counted from 0.

    Attributes:
        names: A name for each: `text`, `label`, and `column N` for all others.
        texts: The columns of text; what stands in them is one text, one below the other.
        told: What people should know of it.
        is_sure: Whether the first row is a record for certain, and cannot be the columns' names.
    """

    names: tuple[str, ...]
    texts: tuple[int, ...]
    told: str
    is_sure: bool


def find_unnamed(rows: Sequence[Sequence[str]]) -> UnnamedColumns | None:
    """Return what columns hold whose first row is a record; None where it names them.

    The first row is a record if its text is one of several words, and its label occurs again below
    or is a number as all others are. Names of columns are not like this. In a table of a few rows
    whose labels all differ, it may be one if it has a sentence and no usual name.
    """
    width = len(rows[0]) if rows else 0
    rows = [row for row in rows if len(row) == width]
    if width <= 1 or len(rows) <= 1:
        return None
    columns = [[row[at].strip() for row in rows] for at in range(width)]
    texts = tuple(at for at in range(width) if _is_text(columns[at]))
    splits = [at for at in range(width) if _is_split(columns[at])]
    # Nobody calls a column by a sentence, so a first row that has one is a record.
    sentence = bool(splits) or any(_is_sentence(columns[at][0]) for at in texts)
    others = [at for at in range(width) if at not in texts and at not in splits]
    labels = [at for at in others if _is_label(columns[at], sentence)]
    if not texts or not labels:
        return None
    # Beside a column of 0 and 1, another one rather says where its row comes from.
    label = next((at for at in labels if {*columns[at]} == {"0", "1"}), labels[0])
    names = [f"column {at + 1}" for at in range(width)]
    names[label] = "labels" if _has_several_classes(columns[label]) else "label"
    names[texts[0]] = "text"
    for at in splits:
        names[at] = "split"
    repeated = [at for at in labels if at != label and len({*columns[at]}) < len(rows)]
    is_sure = bool(splits) or _is_certain(columns[label])
    return UnnamedColumns(tuple(names), texts, _told_of_unnamed(texts, label, repeated), is_sure)


def _is_split(column: Sequence[str]) -> bool:
    """Return whether a column says which part of the data each row belongs to, such as `train`."""
    return any(column) and {*map(str.upper, column)} - {""} <= _SPLITS


def _has_several_classes(column: Sequence[str]) -> bool:
    """Return whether cells hold several classes of one text, with a bar between them or, if they
    are numbers, a comma."""
    if any("|" in cell for cell in column):
        return True
    return all(map(_NUMBERS.fullmatch, column)) and any("," in cell for cell in column)


def _told_of_unnamed(texts: Sequence[int], label: int, further: Sequence[int]) -> str:
    """Return what people are told of a table without a header.

    Args:
        texts: The columns of its text.
        label: The column of its label.
        further: Columns that might be its label, too.
    """
    shown = " and ".join(str(at + 1) for at in texts)
    told = f"it has no header: column {label + 1} is its label and {shown} its text"
    if further:
        others = " and ".join(str(at + 1) for at in further)
        told += f" (column {others} might be its label too, and goes to `meta`)"
    return told


def _is_text(cells: Sequence[str]) -> bool:
    if all(len(cell) < _LONGEST_MOMENT and _MOMENT.fullmatch(cell) for cell in cells):
        return False
    several = sum(len(cell.split()) >= _WORDS for cell in cells)
    return several >= _MOST * len(cells) and bool(cells[0])


def _is_sentence(cell: str) -> bool:
    return cell.endswith((".", "!")) or (len(cell.split()) >= _SENTENCE and "?" not in cell)


def _is_certain(labels: Sequence[str]) -> bool:
    return labels[0] in labels[1:] or all(cell.lstrip("+-").isdigit() for cell in labels)


def _is_label(cells: Sequence[str], sentence: bool) -> bool:
    """Return whether a column without a name holds labels.

    Args:
        cells: Its cells, the first of which may be a name of it after all.
        sentence: Whether the first row has a text that is no name of a column.
    """
    counts = Counter(cells)
    is_word = all(len(cell) <= _LONGEST_LABEL and len(cell.split()) == 1 for cell in cells if cell)
    if "" in counts or not is_word:
        return False
    if all(cell.lstrip("+-").isdigit() for cell in cells):
        # Numbers that all differ count the rows, unless there are too few rows to tell.
        is_short = all(len(cell) <= _LONGEST_NUMBER for cell in cells)
        return is_short and (len(counts) < len(cells) or len(cells) < _IDS)
    if counts[cells[0]] > 1:
        # A name of a column does not occur again below; labels do, each twice on the average.
        return len(counts) > 1 and 2 * len(counts) <= len(cells) + 1
    # In a few rows no label need occur twice. Then the text has to tell that the row is a record.
    may_be_name = cells[0].lower() in _NAMES or any(cell.isdigit() for cell in cells)
    return sentence and not may_be_name and len(cells) < _IDS


def names_apart(columns: tuple[str, ...]) -> tuple[list[str], str]:
    """Return names for columns, none twice, and what is to be said where some had the same."""
    names: list[str] = []
    twice: list[str] = []
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for column in columns:
        name, number = column, numbers.get(column, 2)
        while name and name in taken:
            name, number = f"{column} {number}", number + 1
        if name != column:
            twice.append(f"a further column `{column}` is `{name}`")
        numbers[column] = number
        taken.add(name)
        names.append(name)
    return names, listed(twice)
