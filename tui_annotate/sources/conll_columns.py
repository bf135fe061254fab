"""Finds out what the columns of a file of one token a line hold, once for the whole file.

Such files agree on little: blanks or tabs, a first column that counts, one tag column or several,
tags with and without `B-` and `I-`, comments in any wording. What the first lines have in common
decides, and whoever reads a line afterwards goes by that. What is not understood is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tui_annotate.errors import SourceError, listed
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.tag_schemes import (
    OUTSIDE,
    SEARCHES,
    Scheme,
    are_chains,
    is_bracketed,
    is_syntax,
    is_tag,
)

DOCUMENT = "-DOCSTART-"
LAYERS = "# webanno."
"""What WebAnno TSV 2 begins with, before the names of its layers; its tokens count as `1-1`."""

_TAG_NAMES = re.compile(
    r"(?:.*[:_\s.-])?(?:ner|ne|nes|tags?|labels?|iob|iob2|bio|entity|entities|ents?|mwe)"
    r"(?:[:_\s.-].*|\d*)",
    re.IGNORECASE,
)
_OTHER_TAG_NAMES = re.compile(r".*(?:pos|xpos|chunk|dep|morph).*", re.IGNORECASE)
_TOKEN_NAMES = ("form", "token", "tokens", "word", "words", "text")
_FILLERS = frozenset({"", "_", "-", "-X-", "O", "*"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)*:(?=.)")
_NUMBERED_CHARACTER = re.compile(r"\S[0-9]")
_FEW = 4
_SAME = 0.5
_WIDTH_SHARE = 0.5
_COUNTING = 0.9
_WORDS_2012, _NAMES_2012, _CHAINS_2012 = 3, 10, -1
_COREF = "coref"
"""What the last column of CoNLL-2012 is called, whose number differs from sentence to sentence."""
_CONLLU = 10


class Shape(NamedTuple):
    """What the columns of a file hold; columns are counted from 0 here.

    Attributes:
        delimiter: A tab, or a blank for any run of blanks and tabs.
        width: How many columns a line has; those behind `open_end` may be more.
        token: The column of tokens.
        tags: The columns of tags, with how each of them tags.
        counter: The column that counts the tokens of a sentence; None for none.
        header: The cells of a first line that names the columns; empty for none.
        open_end: Whether lines may have more columns, as many as the sentence needs.
        told: What people should know of how the columns were taken; empty for nothing.
        prefix: What every token begins with and is none of its text, such as `en:`.
        numbered: Whether every token is one character with its number in a word behind it.
    """

    delimiter: str
    width: int
    token: int
    tags: tuple[tuple[int, Scheme], ...]
    counter: int | None = None
    header: tuple[str, ...] = ()
    open_end: bool = False
    told: str = ""
    prefix: str = ""
    numbered: bool = False

    def word(self, row: Sequence[str]) -> str:
        """Return the token of a line's cells."""
        found = row[self.token].strip().removeprefix(self.prefix)
        return found[0] if self.numbered and _NUMBERED_CHARACTER.fullmatch(found) else found

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line; empty ones behind the last column are no columns."""
        return _cut(_split(line, self.delimiter), self.width)

    def fits(self, cells: Sequence[str]) -> bool:
        """Tell whether a line has as many columns as it should."""
        return len(cells) == self.width or (self.open_end and len(cells) > self.width)

    def is_token_line(self, cells: Sequence[str]) -> bool:
        """Tell whether a line that looks like a comment holds a token and its tags."""
        return self.fits(cells) and all(is_tag(cells[at], kind) for at, kind in self.tags)


def find_shape(blocks: Iterable[Sequence[str]], wanted: Sequence[str], where: str) -> Shape:
    """Return the shape of a file.

    Args:
        blocks: The lines of its first sentences.
        wanted: The tag columns that were asked for, by number from 1 or by name.
        where: What people call the file.

    Raises:
        SourceError: The lines have no shape that is known, or no column of tags; the message
            quotes what was seen.
    """
    sentences = [_without_marks(block) for block in blocks]
    names = _named_columns(sentences)
    lines = [line for block in sentences for line in block]
    plain = [line for line in lines if not line.startswith("#")] or lines
    if not plain:
        raise SourceError("it has no line with a token", where=where)
    delimiter = _delimiter(plain)
    rows = [_split(line, delimiter) for line in plain]
    width = _usual_width(rows)
    # A line that begins with # and has the columns of the others may hold a token.
    tokens = [_cut(_split(line, delimiter), width) for line in lines if line.startswith("#")]
    rows = [_cut(row, width) for row in rows]
    rows += [row for row in tokens if len(row) == width and plain is not lines]
    return _Finder(delimiter, width, rows, sentences, names, where).shape(wanted)


class _Finder:
    """Looks at the first lines of a file.

    Args:
        delimiter: What separates cells.
        width: How many cells most lines have.
        rows: The cells of all lines.
        sentences: The lines of each sentence.
        names: The names of the columns, as a comment gives them.
        where: What people call the file.
    """

    def __init__(
        self,
        delimiter: str,
        width: int,
        rows: list[list[str]],
        sentences: list[list[str]],
        names: list[str],
        where: str,
    ) -> None:
        self._delimiter = delimiter
        self._rows = rows
        self._where = where
        self._names = names
        self._header: tuple[str, ...] = ()
        self._width = width
        self._open_end = False
        if _is_conll_2012(rows):
            # Behind the names come as many columns of roles as the sentence has verbs.
            self._width, self._open_end = _NAMES_2012 + 1, True
        self._fitting = [row for row in rows if self._fits(row)]
        self._find_header()
        cut = [[_cut(_split(line, delimiter), self._width) for line in each] for each in sentences]
        self._blocks = [[cells for cells in block if self._fits(cells)] for block in cut]

    def shape(self, wanted: Sequence[str]) -> Shape:
        """Return the shape, with the tag columns that were asked for."""
        share = len(self._fitting) / len(self._rows)
        if self._width < 2 and not wanted:
            raise self._refused("its lines have one column, so there is no column of tags")
        if share <= _WIDTH_SHARE and not self._open_end:
            raise self._refused("its lines have different numbers of columns")
        # A column may hold tokens if it has words that differ and does not look like tags.
        words = [
            at for at in range(self._width)
            if self._search(at) is None and not self._is_filler(at)
        ]  # fmt: skip
        # A column that counts is no counter where it is the only one that could be the token.
        is_counted = any(at > 0 for at in words) and self._counts()
        counter = 0 if is_counted else None
        tags, told = self._tags_to_read(wanted, counter, words)
        token = self._token(counter, [at for at, _ in tags], words)
        prefix, numbered = _decoration(self._column(token))
        if prefix or numbered:
            what = repr(prefix) if prefix else "the number behind each character"
            told = "; ".join(each for each in (told, f"{what} is no part of its tokens") if each)
        return Shape(
            delimiter=self._delimiter,
            width=self._width,
            token=token,
            tags=tuple(tags),
            counter=counter,
            header=self._header,
            open_end=self._open_end,
            told=told,
            prefix=prefix,
            numbered=numbered,
        )

    def _tags_to_read(
        self, wanted: Sequence[str], counter: int | None, words: Sequence[int]
    ) -> tuple[list[tuple[int, Scheme]], str]:
        """Return the tag columns that are read, and what is to be said about them.

        Args:
            wanted: Those that were asked for; empty to find them.
            counter: The column that counts tokens.
            words: The columns that may hold tokens.
        """
        if wanted:
            return [self._asked_for(each) for each in wanted], ""
        if self._open_end:
            return self._tags_of_2012()
        # Words such as U-2 look like tags. If all columns do, the words are in the first one.
        tokens_like_tags = None if words else 0
        columns = [at for at in range(self._width) if at not in (counter, tokens_like_tags)]
        return self._tags(columns)

    def _fits(self, row: Sequence[str]) -> bool:
        return len(row) == self._width or (self._open_end and len(row) > self._width)

    def _column(self, at: int) -> list[str]:
        return [row[at].strip() for row in self._fitting]

    def _find_header(self) -> None:
        """Take the first line as names of columns, if it is one."""
        if not self._fitting or self._rows[0] is not self._fitting[0]:
            return
        first = [cell.strip() for cell in self._fitting[0]]
        lowered = {cell.lower() for cell in first}
        named = any(_TAG_NAMES.fullmatch(cell) for cell in first[1:] or first)
        if named and lowered & {*_TOKEN_NAMES} and len(self._fitting) > 1:
            self._header = tuple(self._fitting[0])
            self._names = first
            self._fitting = self._fitting[1:]

    def _search(self, at: int) -> Scheme | None:
        """Return how a column tags; None where it does not look like tags."""
        values = self._column(at)
        return next((scheme for scheme, search in SEARCHES if search(values)), None)

    def _is_filler(self, at: int) -> bool:
        """Tell whether a column says nothing, such as `-X-` and `_`."""
        return _FILLERS.issuperset(self._column(at))

    def _counts(self) -> bool:
        """Tell whether the first column counts the tokens of each sentence."""
        counting = total = 0
        for block in self._blocks:
            cells = [row[0].strip() for row in block if tuple(row) != self._header]
            # A range such as 1-2 stands before its words, and 1.1 for a word that is not there.
            numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit()]
            total += len(cells)
            if numbers and numbers[0] in (0, 1):
                steps = range(numbers[0], numbers[0] + len(numbers))
                counting += len(cells) if numbers == [*steps] else 0
        return total > 0 and counting >= _COUNTING * total

    def _tags(self, columns: list[int]) -> tuple[list[tuple[int, Scheme]], str]:
        """Return the tag columns that the lines show, and what is to be said about them."""
        by_name = [at for at in columns if self._is_named_tag(at)]
        for scheme, search in SEARCHES:
            found = [at for at in columns if search(self._column(at))]
            if not found:
                continue
            # Any column of few words looks like labels without positions, so at most one is taken:
            # the one with a usual name, else the last, where tags stand.
            if scheme in ("labels", "bare"):
                named = [at for at in found if at in by_name]
                found = [(named or found)[-1]]
            return self._chosen(found, scheme)
        if by_name:
            return self._chosen(by_name[:1], "labels")
        # In the first lines there may be no span yet.
        outside = [at for at in columns if set(self._column(at)) == {"O"}]
        if outside:
            return [(outside[-1], "prefixed")], ""
        raise self._refused("none of its columns holds tags such as B-PER and O")

    def _tags_of_2012(self) -> tuple[list[tuple[int, Scheme]], str]:
        """Return the column of names of CoNLL-2012, or that of coreference where no name is in it,
        and what is said of the other columns."""
        further = [row for row in self._fitting if len(row) > self._width]
        chains = bool(further) and are_chains([row[-1].strip() for row in further])
        roles = any("(" in cell for row in further for cell in row[self._width : -1])
        left = ["roles of its verbs"] if roles else []
        if chains and not any("(" in name for name in self._column(_NAMES_2012)):
            tags: list[tuple[int, Scheme]] = [(_CHAINS_2012, "chains")]
            read = "its last column is read, with the mentions of each entity"
        else:
            tags, read = [(_NAMES_2012, "brackets")], "its names are read"
            left += [f"mentions of entities (--tag-column {_COREF})"] if chains else []
        return tags, f"{read}; {listed(left)} are left out" if left else ""

    def _chosen(self, found: list[int], scheme: Scheme) -> tuple[list[tuple[int, Scheme]], str]:
        """Leave out phrases and roles, and refuse two versions of the same tags."""
        names = [at for at in found if not is_syntax(self._column(at), scheme)]
        found = names or found
        for first, second in pairwise(found):
            pairs = list(zip(self._column(first), self._column(second), strict=True))
            marked = [pair for pair in pairs if not OUTSIDE.issuperset(pair)]
            same = sum(one == other for one, other in marked)
            if marked and same > _SAME * len(marked):
                raise self._refused(
                    f"its columns {first + 1} and {second + 1} hold mostly the same tags, as those"
                    " of people and of a program do",
                    f"Say which one counts: --tag-column {first + 1}",
                )
        told = ""
        if len(found) > 1:
            numbers = [str(at + 1) for at in found]
            shown = f"{', '.join(numbers[:-1])} and {numbers[-1]}"
            told = f"the tags of its columns {shown} are read together; --tag-column says which"
        return [(at, scheme) for at in found], told

    def _is_named_tag(self, at: int) -> bool:
        if at >= len(self._names):
            return False
        name = self._names[at]
        return bool(_TAG_NAMES.fullmatch(name)) and not _OTHER_TAG_NAMES.fullmatch(name)

    def _asked_for(self, column: str) -> tuple[int, Scheme]:
        lowered = [name.lower() for name in self._names]
        if self._open_end and column.lower() == _COREF:
            return _CHAINS_2012, "chains"
        if column.isascii() and column.isdigit() and 1 <= int(column) <= self._width:
            at = int(column) - 1
        elif column.lower() in lowered:
            at = lowered.index(column.lower())
        else:
            what = f"there is no column {column!r} among its {self._width}"
            shown = f" ({', '.join(self._names)})" if self._names else ""
            raise SourceError(
                f"{what}{shown}", where=self._where, hint="Columns are counted from 1"
            )
        return at, self._search(at) or "labels"

    def _token(self, counter: int | None, tags: list[int], words: list[int]) -> int:
        """Return the column of tokens: by its name, or the first that holds words."""
        if self._open_end:
            return _WORDS_2012
        for at, name in enumerate(self._names[: self._width]):
            if name.lower() in _TOKEN_NAMES and at not in tags:
                return at
        others = [at for at in range(self._width) if at != counter and at not in tags]
        if not others:
            raise self._refused("none of its columns holds tokens")
        likely = [at for at in words if at in others and not self._is_number_of_sentence(at)]
        return (likely or others)[0]

    def _is_number_of_sentence(self, at: int) -> bool:
        """Tell whether a column is the same in all lines of each sentence, or numbers alone."""
        if all(re.fullmatch(r"\d*|\d+-\d+", cell) for cell in self._column(at)):
            return True
        longer = [block for block in self._blocks if len(block) > 2]
        constant = all(len({row[at] for row in block}) == 1 for block in longer)
        return bool(longer) and constant and self._width > 3

    def _refused(self, what: str, hint: str = "") -> SourceError:
        if not hint and self._width == _CONLLU and self._counts():
            hint = "CoNLL-U is read by --loader conllu"
        separated = "tabs" if self._delimiter == "\t" else "blanks"
        seen = "; ".join(repr(self._delimiter.join(row)[:60]) for row in self._rows[:2])
        columns = f"{self._width} {'column' if self._width == 1 else 'columns'}"
        return SourceError(
            f"{what} (seen: {columns} separated by {separated}, such as {seen})",
            where=self._where,
            hint=hint
            or "Name the column of tags with --tag-column, or another format with --loader",
        )


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return line.split("\t")
    return re.split(r"[ \t]+", line.strip(" \t"))


def _cut(cells: list[str], width: int) -> list[str]:
    """Return cells without the empty ones that stand behind the last column."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells


def _decoration(tokens: list[str]) -> tuple[str, bool]:
    """Return what stands at all tokens and is no part of them: the code of their language, as
    WikiANN has it, or the place of each character in its word, as the corpus of Weibo has it."""
    if len(tokens) < _FEW:
        return "", False
    first = _LANGUAGE.match(tokens[0])
    if first and all(token.startswith(first[0]) for token in tokens):
        return first[0], False
    counted = all(_NUMBERED_CHARACTER.fullmatch(token) for token in tokens)
    ideographs = sum(token[:1] >= "\u2e80" for token in tokens) * 2 > len(tokens)
    return "", counted and ideographs


def _usual_width(rows: list[list[str]]) -> int:
    """Return how many columns most lines have, blanks and tabs behind them left aside."""
    widths = Counter(len(_cut(list(row), 1)) for row in rows)
    width = max(widths, key=lambda each: (widths[each], each))
    if width > 1:
        return width
    # Outside may be an empty cell, so that most lines seem to have one column less.
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda each: (widths[each], each))


def _delimiter(lines: list[str]) -> str:
    """Return a tab where more than half of the lines are separated by tabs, else a blank."""
    tabs = 0
    for line in lines:
        inner = line.strip()
        tabs += "\t" in inner or (" " not in inner and "\t" in line)
    return "\t" if tabs * 2 > len(lines) else " "


def _without_marks(block: Sequence[str]) -> list[str]:
    """Return the lines of a sentence without marks of documents."""
    marks = (DOCUMENT, LAYERS)
    return [line for line in block if not line.lstrip().startswith(marks)]


def _named_columns(sentences: list[list[str]]) -> list[str]:
    """Return the names of the columns that CoNLL-U Plus gives in its first line."""
    for block in sentences[:1]:
        for line in block:
            found = re.fullmatch(r"#\s*global\.columns\s*=\s*(.+)", line)
            if found:
                return found[1].split()
    return []


def _is_conll_2012(rows: list[list[str]]) -> bool:
    """Tell whether lines are those of CoNLL-2012: document, part, number, word, part of speech,
    bracketed parse, lemma, sense, ..., and in the eleventh column bracketed names.
    """
    found = [row for row in rows if len(row) >= 11 and row[2].isdigit() and "*" in row[5]]
    named = [row for row in found if is_bracketed(row[10])]
    # A name of one word is `(GPE)`, and outside of all is `*`.
    stars = sum("*" in row[10] for row in named)
    return len(named) > 0.9 * len(rows) and stars * 2 >= len(named)
