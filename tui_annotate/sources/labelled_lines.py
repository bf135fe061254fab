"""A text a line with its classes: fastText's words that begin with `__label__`, TREC's questions
behind their class, SST's trees with classes in brackets.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.sources.token_tasks import join, place
from tui_annotate.sources.txt import TxtSource

QUESTION = re.compile(r"((?:ABBR|DESC|ENTY|HUM|LOC|NUM)(?::[a-z]+)?)[ \t]+(\S.*)")
"""A question of TREC with its class, coarse or coarse and fine."""
_LEAF = re.compile(r"\(([^\s()]+)\s+([^\s()]+)\s*\)")
_BRACKETS = re.compile(r"[()]")
_ROOT = re.compile(r"\(\s*([^\s()]*)")
TREE = re.compile(r"\(\s*[^\s()]*\s*\(.*\)\s*|\(\s*[^\s()]+\s+[^\s()]+\s*\)\s*")
"""A line that may be a tree in brackets."""


class TrecSource(TxtSource):
    """Reads `DESC:manner How did serfdom develop ?` as a text with its class under `accept`."""

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the question of a line, and its class.

        Raises:
            TaskError: The line begins with no class.
        """
        ((name, line),) = super().parse(data, notices).items()
        found = QUESTION.fullmatch(line.rstrip())
        if found is None:
            raise TaskError("no class of TREC such as `DESC:manner` before it", reason="bad-choice")
        return {name: found[2], "accept": [found[1]]}


class TreesSource(TxtSource):
    """Reads a tree a line as the text of its words, with a blank between them.

    The class of the whole tree is that of the text if it is a number, as SST has it:
    `(3 (2 Good) (2 fun))`. What the tree says of its phrases is left out.
    """

    told = "the words of its trees are read, and the class of a whole tree, none of its phrases"

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the words of a line, as text and tokens, and its class if it has one.

        Raises:
            TaskError: It is no whole tree.
        """
        ((name, line),) = super().parse(data, notices).items()
        words = words_of_tree(line)
        if not words:
            raise TaskError("it is no whole tree in brackets", reason="bad-text")
        tokens = place(words, " ".join(words), [False] * len(words))
        root = _ROOT.match(line.strip())
        rated = {"accept": [root[1]]} if root is not None and root[1].isdigit() else {}
        return {name: join(tokens), "tokens": tokens, **rated}


def words_of_tree(line: str) -> list[str]:
    """Return the words of a line that is one tree; none of any other line."""
    line = line.strip()
    if TREE.fullmatch(line) is None:
        return []
    depth = 0
    for bracket in _BRACKETS.finditer(line):
        depth += 1 if bracket[0] == "(" else -1
        if depth <= 0 and bracket.end() < len(line):
            return []
    words = [each[2] for each in _LEAF.finditer(line)]
    # Without its leaves a tree is brackets and names, with no word among them.
    rest = _LEAF.sub("()", line)
    is_whole = depth == 0 and re.fullmatch(r"(?:\([^\s()]*|\)|\s)*", rest) is not None
    return words if is_whole else []


PREFIX = "__label__"
_DECIMAL = re.compile(r"[-+]?\d*\.\d+")


class FastTextSource(TxtSource):
    """Reads a line as a text with its labels under `accept`. Where most of the first labels are
    numbers with decimals, they measure something and are no classes."""

    @cached_property
    def _is_measured(self) -> bool:
        """Whether the labels are scores."""
        if not self.seekable:
            return False
        # Loaded for files with such labels only.
        from tui_annotate.sources.recognise import beginning
        from tui_annotate.sources.unnamed_columns import is_measured  # as above

        with self.file.reader() as reader:
            return is_measured(re.findall(rf"{PREFIX}(\S+)", beginning(reader)))

    def parse(self, data: bytes, notices: list[str]) -> dict[str, Any]:
        """Return the line's text, and the labels before and behind it."""
        ((name, line),) = super().parse(data, notices).items()
        words = list(re.finditer(r"\S+", line))
        first, last = 0, len(words)
        while first < last and words[first][0].startswith(PREFIX):
            first += 1
        while last > first and words[last - 1][0].startswith(PREFIX):
            last -= 1
        labels = [each[0].removeprefix(PREFIX) for each in (*words[:first], *words[last:])]
        text = line[words[first].start() : words[last - 1].end()] if first < last else ""
        if any(map(_DECIMAL.fullmatch, labels)) and self._is_measured:
            what = "its labels are numbers with decimals, which are no classes"
            return {name: text, UNANSWERED: what, "meta": {"labels": labels}}
        return {name: text, "accept": labels}
