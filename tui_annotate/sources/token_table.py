"""Tables of tokens: with a token in each row, or with a sentence and all of its tags in each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import BadRow, Position, Row
from tui_annotate.sources.tagged_words import (
    WORDS,
    WordsAndTags,
    are_tags,
    find_words,
    printed_list,
    take_words,
)
from tui_annotate.sources.text_field import TAG_KEYS

_TOKEN = re.compile(r"words?|tokens?|form")
_TAG = re.compile(r"tags?|ner|ner_?tags?|bio|iob|iob2|ne|entity|labels?")
_FEW = 2
_SENTENCE = re.compile(r"(?:sent|sentence|doc|document)(?:[ _]?(?:#|id|idx|no|nr|num|number))?")


class TokenColumns(NamedTuple):
    """The columns of such a table, counted from 0: what names the sentence, token and tag.

    Attributes:
        sentence: None where a blank line, or a row without a token, separates sentences.
        token: The column of tokens.
        tag: The column of tags.
        marks: Whether `.`, `!` and `?` end a sentence, because nothing else does.
    """

    sentence: int | None
    token: int
    tag: int
    marks: bool = False


class SentenceColumns(NamedTuple):
    """The columns of a table with a sentence in each row, counted from 0: its words as a text or as
    a list, and its tags."""

    words: int
    tags: int


class TokenRow(NamedTuple):
    """One row of such a table: its values, or why it cannot be read."""

    values: Sequence[str]
    start: Position
    end: Position
    problem: BadRow | None = None


def find_token_columns(columns: Sequence[str]) -> TokenColumns | None:
    """Return the columns of a table of tokens by their names; None for any other table."""
    found: list[int] = []
    for pattern in (_SENTENCE, _TOKEN, _TAG):
        at = [n for n, name in enumerate(columns) if pattern.fullmatch(name.strip().lower())]
        if not at:
            return None
        found.append(at[-1])
    sentence, token, tag = found
    return TokenColumns(sentence, token, tag) if len(set(found)) == len(found) else None


def find_columns_by_tags(
    first: Sequence[str], rows: Sequence[TokenRow]
) -> tuple[TokenColumns, bool] | None:
    """Return the columns of a table of tokens in which no column names the sentence.

    Args:
        first: The cells of its first line.
        rows: The first rows, with that line.

    Returns:
        The columns, and whether the first line names them; None for any other table.
    """
    width = len(first)
    records = [row.values for row in rows[1:] if len(row.values) == width and any(row.values)]
    tags = [at for at in range(width) if _holds_tags(at, records)]
    if not tags or len(records) < _FEW:
        return None
    named = next((at for at in range(width) if _TOKEN.fullmatch(first[at].strip().lower())), None)
    # A header names its tags, and a first line that is a record has one there as all others have.
    # The `O` lets `I-PER` pass by itself: `are_tags` wants an `O` or a tag that begins a span.
    first_has_tag = are_tags([first[tags[-1]], "O"])
    if first_has_tag:
        # A record may have a word such as `token`, which is no name of a column then.
        named = None
        token = _column_of_tokens(tags, records)
    else:
        token = None if named in tags else named
    if token is None:
        return None
    whole = [row for row in rows if len(row.values) == width]
    is_parted = any(_is_apart(one, two, token) for one, two in pairwise(whole))
    return TokenColumns(None, token, tags[-1], not is_parted), named is not None


def _holds_tags(at: int, records: Sequence[Sequence[str]]) -> bool:
    """Tell whether all cells of a column are tags, and not all of them `O`."""
    cells = [record[at].strip() for record in records]
    return are_tags(cells) and any(cell != "O" for cell in cells)


def _column_of_tokens(tags: Sequence[int], records: Sequence[Sequence[str]]) -> int | None:
    """Return the first column that holds no tags; None where it does not hold one word a cell, or
    only numbers."""
    token = next((at for at in range(len(records[0])) if at not in tags), None)
    words = [] if token is None else [record[token].strip() for record in records]
    if any(" " in word for word in words) or all(word.isdigit() for word in words):
        return None
    return token


def _is_apart(before: TokenRow, row: TokenRow, token: int) -> bool:
    """Tell whether a blank line lies between two rows, or the first has no token."""
    return row.start.line > before.end.line or (
        before.problem is None and not before.values[token].strip()
    )


def sentences(
    rows: Iterable[TokenRow], columns: TokenColumns, first_row: int
) -> Iterator[Row | BadRow]:
    """Yield a task for each sentence: rows of one name, or without a name below one that has it.

    Args:
        rows: The rows, from the start of a sentence on.
        columns: Which columns count.
        first_row: The number of the first sentence.
    """
    number = 0
    current = ""
    before: TokenRow | None = None

    def sentence(row: TokenRow) -> int:
        nonlocal number, current, before
        if columns.sentence is None:
            ended = before is not None and _ends(before, row, columns)
            number, before = number + ended, row
            return number
        name = row.values[columns.sentence].strip() if row.problem is None else ""
        if name and name != current:
            current = name
            number += 1
        return number

    for count, (_, group) in enumerate(groupby(rows, sentence), first_row):
        yield _sentence(list(group), columns, count)


def _ends(before: TokenRow, row: TokenRow, columns: TokenColumns) -> bool:
    """Tell whether a sentence ends with a row, by what stands between it and the next one."""
    if not columns.marks:
        return _is_apart(before, row, columns.token)
    return before.problem is None and before.values[columns.token].strip() in (".", "!", "?")


def _sentence(rows: list[TokenRow], columns: TokenColumns, number: int) -> Row | BadRow:
    start = rows[0].start._replace(row=number)
    end = rows[-1].end._replace(row=number + 1)
    problem = next((row.problem for row in rows if row.problem is not None), None)
    if problem is not None:
        if problem.end == problem.start:
            return problem._replace(start=start, end=start)
        return problem._replace(start=start, end=end)
    kept = [row.values for row in rows if row.values[columns.token].strip()]
    data: dict[str, Any] = {
        "tokens": [values[columns.token].strip() for values in kept],
        "ner_tags": [values[columns.tag].strip() or "O" for values in kept],
    }
    name = "" if columns.sentence is None else rows[0].values[columns.sentence].strip()
    try:
        if not kept:
            raise TaskError("the sentence has no tokens", reason="empty-input")
        take_words(data, "text")
    except TaskError as error:
        return BadRow(error.reason, error.what, start, end)
    # The last sentence may still grow, as long as none follows it.
    return Row({**data, "meta": {"id": name}} if name else data, start, end)


def find_sentence_columns(
    columns: Sequence[str], rows: Sequence[Sequence[str]], text: str
) -> SentenceColumns | None:
    """Return the columns of a table in which a cell holds a tag for each word of another one.

    Args:
        columns: Their names.
        rows: The first rows, which have to show it.
        text: What the column of the text is called, where it was said.
    """
    lowered = [name.strip().lower().replace(" ", "_") for name in columns]
    texts = [text.lower()] if text else [*WORDS[:2], "text", "sentence", "sentences", "query"]
    words = next((lowered.index(each) for each in texts if each in lowered), None)
    if words is None or not rows:
        return None
    for key in (*TAG_KEYS, "tag_list", "iob"):
        tags = lowered.index(key) if key in lowered else words
        found = SentenceColumns(words, tags)
        if tags != words and all(_has_tags(row, found) for row in rows):
            return found
    return None


def _has_tags(row: Sequence[str], columns: SentenceColumns) -> bool:
    data = _cells(row, columns)
    tags = data["ner_tags"]
    found = find_words(data)
    words = data.get("tokens", data.get("text", "").split())
    return found == WordsAndTags(next(iter(data)), "ner_tags") and len(tags) == len(words)


def sentence_row(row: Sequence[str], columns: SentenceColumns) -> dict[str, Any]:
    """Return the text, tokens and spans of a row of such a table.

    Raises:
        TaskError: As `take_words` does; `empty-input` where there is no word.
    """
    data = _cells(row, columns)
    if not any(data.values()):
        raise TaskError("the sentence has no tokens", reason="empty-input")
    take_words(data, "text")
    return data


def _cells(row: Sequence[str], columns: SentenceColumns) -> dict[str, Any]:
    words = printed_list(row[columns.words])
    tags = printed_list(row[columns.tags])
    start = {"text": row[columns.words]} if words is None else {"tokens": words}
    found: list[Any] = row[columns.tags].split() if tags is None else tags
    if found and all(tag.isascii() and tag.isdigit() for tag in found):
        # Numbers are no names of labels, in a table as little as in JSON.
        found = [int(tag) for tag in found]
    return {**start, "ner_tags": found}
