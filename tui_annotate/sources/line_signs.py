"""Recognises formats of plain lines by the first characters of a file."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import BinaryIO

from tui_annotate.errors import SourceError
from tui_annotate.sources.labelled_lines import QUESTION, words_of_tree
from tui_annotate.sources.recognise import LOOKED_AT, ROWS, beginning
from tui_annotate.sources.tag_schemes import OUTSIDE, is_tag
from tui_annotate.sources.text_field import TEXT

# A tag such as B-PER or PER-B; others may follow it, in columns of their own.
_TAGGED = re.compile(
    r"(?:^|[ \t])(?:[BISU][-_][A-Za-z0-9][^ \t\r\n]*|[A-Za-z][^ \t\r\n]*[-_][BU])(?=[ \t\r]|$)",
    re.MULTILINE,
)
_TAGGED_LINES = 0.9
# Behind most tokens of data with labels and no positions, such as `actor`, stands O.
_OUTSIDE = re.compile(r"^[^ \t\r\n]+(?:[ \t][^ \t\r\n]+)*[ \t]O[ \t\r]*$", re.MULTILINE)
_OUTSIDE_SHARE = 0.25
_CONLLU = 10
_NUMBER = re.compile(r"\d+(?:[-.]\d+)?")
# CoNLL-2012: document, part, number, word, part of speech, and a parse in brackets.
_PARSED = re.compile(r"^\S+[ \t]+\d+[ \t]+\d+[ \t]+\S+[ \t]+\S+[ \t]+\S*\*", re.MULTILINE)


def is_tagged(start: str) -> bool:
    """Tell whether lines are tokens with tags, with hardly an exception."""
    outside = len(_OUTSIDE.findall(start)) >= _OUTSIDE_SHARE * (start.count("\n") + 1)
    if not outside and not _TAGGED.search(start) and not _PARSED.search(start):
        return False
    # Only files whose lines may be tokens need it.
    from tui_annotate.sources.conll_columns import find_shape

    # The last line may have been cut.
    lines = start.splitlines()[:-1] if len(start) >= LOOKED_AT // 4 else start.splitlines()
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", "\n".join(lines)) if block]
    tokens = [line for line in lines if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    try:
        shape = find_shape(blocks, (), "")
    except SourceError:
        # Such as two columns of nearly equal tags: whoever opens it is to be told, and not to get
        # its lines as texts.
        return len(tokens) > 1 and _in_columns_of_tags(tokens)
    fitting = sum(shape.is_token_line(shape.cells(line)) for line in tokens)
    fitting += bool(shape.header)
    return len(tokens) > 1 and fitting >= _TAGGED_LINES * len(tokens)


def _in_columns_of_tags(lines: list[str]) -> bool:
    """Tell whether lines have as many columns as each other, of which the last one holds tags."""
    rows = [line.split() for line in lines]
    tags = [row[-1] for row in rows]
    widths = Counter(map(len, rows))
    wide = widths.most_common(1)[0]
    tagged = sum(is_tag(tag, "prefixed") or is_tag(tag, "suffixed") for tag in tags)
    usual = wide[0] > 1 and wide[1] >= _TAGGED_LINES * len(rows)
    return usual and tagged >= _TAGGED_LINES * len(rows) and not OUTSIDE.issuperset(tags)


def is_conllu(start: str) -> bool:
    """Tell whether a file begins with a sentence of CoNLL-U: ten columns with tabs, the first of
    which counts, and perhaps comments before them."""
    lines = itertools.takewhile(str.strip, start.splitlines())
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    numbers = [row[0] for row in rows if len(row) == _CONLLU]
    counted = [int(number) for number in numbers if number.isascii() and number.isdigit()]
    return (
        bool(counted)
        and len(numbers) == len(rows)
        and counted == [*range(1, len(counted) + 1)]
        and all(_NUMBER.fullmatch(number) for number in numbers)
        and all(row[6] == "_" or row[6].isdigit() for row in rows)
    )


def is_webanno_2(start: str) -> bool:
    """Tell whether a file is in version 2 of WebAnno's TSV, whose tokens count as `1-1`."""
    lines = start.splitlines()
    layers = start.startswith(("# webanno.", "# de.tudarmstadt."))
    return layers and any(re.match(r"1-1\t", line) for line in lines)


def has_two_marks(start: str) -> bool:
    """Tell whether a file begins with a numbered sentence in which two places are marked."""
    first = start.split("\n", 1)[0]
    return first[:1].isdigit() and "<e1>" in first and "<e2>" in first


def is_fasttext(start: str) -> bool:
    """Tell whether labels such as `__label__NAME` stand before or behind texts."""
    lines = [line for line in start.split("\n") if line.strip()]
    whole = lines[:-1] if len(start) >= LOOKED_AT // 4 else lines
    named = [line for line in whole if re.search(r"^__label__\S|\s__label__\S+\s*$", line)]
    # doccano writes texts that nobody has labelled, too.
    return len(whole) <= 2 * len(named) and bool(named)


def is_table(start: str) -> bool:
    """Tell whether lines are a table: a label and a text with tabs between them, or columns under
    the name of a text."""
    lines = [line for line in start.splitlines()[:ROWS] if line]
    tabs = lines[0].count("\t") if lines else 0
    if not tabs or len(lines) == 1 or any(line.count("\t") != tabs for line in lines):
        return False
    # Loaded for such files only, as above.
    from tui_annotate.sources.sentence_pairs import pair_of
    from tui_annotate.sources.unnamed_columns import (  # as above
        CLASSES,
        USUAL_TEXTS,
        find_unnamed,
    )

    rows = [line.split("\t") for line in lines]
    names = {name.strip().lower() for name in rows[0]}
    if pair_of(names) is not None:
        return True
    if names & {TEXT, *USUAL_TEXTS} and (tabs > 1 or names & {*CLASSES}):
        return True
    found = find_unnamed(rows)
    return found is not None and found.is_sure


def is_trec(start: str) -> bool:
    """Tell whether each line begins with a class of TREC's questions, and not all with the same."""
    found = [QUESTION.fullmatch(line.rstrip()) for line in _whole_lines(start)]
    classes = {each[1] for each in found if each is not None}
    return len(classes) > 1 and all(found)


def are_opinions(start: str) -> bool:
    """Tell whether each line is a text with a list of its opinions behind it."""
    # Loaded for such files only, as above.
    from tui_annotate.sources.opinion_tuples import split_line

    lines = _whole_lines(start)
    return bool(lines) and all(map(split_line, lines))


def are_trees(start: str) -> bool:
    """Tell whether each line is a tree in brackets."""
    lines = _whole_lines(start)
    return bool(lines) and all(map(words_of_tree, lines))


def marks_in(reader: BinaryIO) -> str:
    """Return what `remark_on_lines` says of a file, which is open at its beginning."""
    return remark_on_lines(beginning(reader))


def remark_on_lines(start: str) -> str:
    """Return what is to be said of lines that hold more than their text; empty for nothing."""
    lines = _whole_lines(start)
    # One line alone may have any sign by chance.
    if len(lines) <= 1:
        return ""
    for sign, share, form in _FORMS:
        if sum(map(bool, map(sign.match, lines))) > share * len(lines):
            return f"{form}, and each line is read as one text"
    if all(_WITH_LIST.fullmatch(line) for line in lines):
        return "its lines end in `####` and a list, which stays in their text and is not read"
    tabs = {line.count("\t") for line in lines}
    if len(tabs) == 1 and tabs != {0}:
        columns = tabs.pop() + 1
        return (
            f"each line has {columns} columns with tabs between them, and is read as one text"
            " (--loader tsv reads columns)"
        )
    if all(map(_WITH_TAGS.fullmatch, lines)):
        return "each word has a tag behind it, which stays in the text and is not read"
    marked = [each for each in map(_MARKED.search, lines) if each is not None]
    # The same mark in each line is rather a phrase of whoever wrote the texts.
    differ = len({each[0] for each in marked}) > 1
    if differ and len(marked) * 2 >= len(lines):
        return f"marks such as `{marked[0][0]}` stay in the text of its lines, and are not read"
    # Three lines a record: `The $T$ was good`, `menu`, `1`.
    if len(lines) >= _A_TARGET and all("$T$" in line for line in lines[::_A_TARGET]):
        return (
            "each third line has `$T$`, before a target and a number; each line is read as a text"
        )
    return ""


def _whole_lines(start: str) -> list[str]:
    """Return the first lines that are not blank; the last one may have been cut."""
    lines = start.split("\n")
    whole = lines[:-1] if len(start) >= LOOKED_AT // 4 else lines
    return [line for line in whole if line.strip()][:_LINES]


_LINES = 200
_A_TARGET = 3
# `[PER Ada]`, `[Ada](PER)` and `Ada <B-PER>`.
_MARKED = re.compile(
    r"\[[A-Z][A-Z_-]+ [^\[\]]+\]|\[[^\[\]]+\]\([A-Za-z_-]+\)|\S+ <[BISE]-[A-Za-z_-]+>"
)
# Tags in capitals as of the Penn Treebank, or of a few small letters as in Chinese corpora.
_TAG = r"[/_](?:[A-Z.,:;$'`()#-]{1,8}|[a-z]{1,3})"
_WITH_TAGS = re.compile(rf"\s*(?:\S+{_TAG}\s+)+\S+{_TAG}\s*")
_FORMS = (
    (re.compile(r"# ::(?:snt|id) "), 0, "its graphs of AMR go over several lines"),
    (re.compile(r"ID=\S+ (?:PARSER|NUMPARSE)="), 0, "its derivations of CCG stand below their IDs"),
    (re.compile(r"\d+ .+\?[ \t]*\t.+\t[\d ]+$"), 0, "its lines are stories of bAbI with questions"),
    (re.compile(r"\d+:\d\d:\d\d[,.]\d{3} --> \d"), 0, "its lines are subtitles with their times"),
    (re.compile(r"\d+\.\s+[A-Z]+: [A-Z]"), 0.5, "its lines are slots of MUC's templates"),
    (re.compile(r"-?[\d.]*(?: '\S+)? ?\|[\w:.]* "), 0.9, "labels stand before `|`"),
    (re.compile(r"\([A-Z]+ .*\)\s*$"), 0.9, "its lines are trees in brackets"),
    (re.compile(r".*\|\|\|"), 0.9, "its lines have `|||` between their parts"),
    (re.compile(r"\S+(?:[ \t]+[^\s*]*\*[^\s*]*)+\s*$"), 0.9, "brackets stand behind each word"),
    (
        re.compile(r"\s*</?[A-Za-z][\w.-]*(?: [^<>]*)?>"), 0.5,
        "its lines are elements (--loader inline-xml reads XML)",
    ),
)  # fmt: skip
"""What lines of other programs begin with or are, in how large a part of them more than this, and
what is said of them."""
_WITH_LIST = re.compile(r".+####\[.*\]\s*")
