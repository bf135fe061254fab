"""One token a line, sentences separated by blank lines: CoNLL-2003, IOB2, BILOU and CoNLL-U."""

from __future__ import annotations

import re
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.blocks import BlockSource
from tui_annotate.sources.tokens import join, place, spans_of
from tui_annotate.task.jsonio import loads_value

_COMMENT = re.compile(r"# ?([A-Za-z_][\w. ]*?) ?= ?(.*)")
_DOCUMENT = "-DOCSTART-"
_UNKNOWN = "_"
_NAMES = {2: "lemma", 3: "pos", 4: "tag", 5: "morph", 7: "dep"}
_COLUMNS = 10


class ConllSource(BlockSource):
    """Reads columns separated by white space: the first is the token, the last its tag.

    A comment `# text = ...` gives the text itself; otherwise tokens are joined by spaces. Other
    comments of this form go to `meta`.
    """

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:  # noqa: ARG002
        """Return a sentence; None for the mark between documents."""
        comments, rows = _split(block)
        columns = [re.split(r"\t| +", row.strip(" ")) for row in rows]
        columns = [row for row in columns if row[0] != _DOCUMENT]
        if not columns:
            return None
        words = [row[0] for row in columns]
        text = comments.pop("text", None)
        tokens = place(words, text, [False] * len(words))
        tags = [row[-1] if len(row) > 1 else "O" for row in columns]
        task = {"text": join(tokens) if text is None else text, "tokens": tokens}
        return _with_meta(task | {"spans": spans_of(tags, tokens)}, comments)


class ConlluSource(BlockSource):
    """Reads CoNLL-U. Tokens carry lemma, pos, tag, morph and dep.

    MISC gives spans as `NE=B-PER` or `NER=B-PER`, and `SpaceAfter=No`. Comments `# text_json` and
    `# label`, as JSON strings, give a text of several lines and chosen labels, `# meta_json` an
    object for `meta`.
    """

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return a sentence; None for a block of comments."""
        comments, rows = _split(block)
        lines = [row.split("\t") for row in rows]
        if not lines:
            return None
        for line in lines:
            if len(line) != _COLUMNS:
                what = f"{len(line)} columns, not {_COLUMNS}, in {chr(9).join(line)[:40]!r}"
                raise TaskError(what, reason="not-conllu")
        surface = _surface(lines, notices)
        text = comments.pop("text", None)
        if "text_json" in comments:
            text = _string(comments.pop("text_json"))
        misc = [_misc(line[9]) for line in surface]
        glued = [each.get("SpaceAfter") == "No" for each in misc]
        tokens = place([line[1] for line in surface], text, glued)
        for token, line in zip(tokens, surface, strict=True):
            token.update({_NAMES[at]: line[at] for at in _NAMES if line[at] != _UNKNOWN})
        task: dict[str, Any] = {"text": join(tokens) if text is None else text, "tokens": tokens}
        tags = [each.get("NE") or each.get("NER") for each in misc]
        if any(tags):
            task["spans"] = spans_of([tag or "O" for tag in tags], tokens)
        if "label" in comments:
            task["accept"] = [_string(each) for each in comments.pop("label").split("\n")]
        elif comments.get("labels") == "[]":
            task["accept"] = []
            del comments["labels"]
        return _with_meta(task, comments)


def _split(block: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the comments by name and the other lines of a block."""
    comments: dict[str, str] = {}
    rows = []
    for line in block:
        found = _COMMENT.fullmatch(line)
        if found:
            before = f"{comments[found[1]]}\n" if found[1] in comments else ""
            comments[found[1]] = before + found[2]
        elif not line.startswith("#") or re.match(r"#[ \t]+\S*(?:[ \t]|$)", line):
            rows.append(line)
    return comments, rows


def _surface(lines: list[list[str]], notices: list[str]) -> list[list[str]]:
    """Return the words as they stand in the text: a range in place of the words inside it."""
    found: list[list[str]] = []
    inside = 0
    for line in lines:
        first, _, last = line[0].partition("-")
        try:
            if "." in line[0]:
                continue
            number = int(first)
            if last:
                inside = int(last)
                notices.append(f"the words of {line[1][:40]!r} are read as one token")
                found.append(line)
            elif number > inside:
                found.append(line)
        except ValueError:
            raise TaskError(f"{line[0][:40]!r} is no token id", reason="not-conllu") from None
    return found


def _string(text: str) -> str:
    value = loads_value(text)
    return value if isinstance(value, str) else text


def _misc(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split("|"))
    return {key: value for key, mark, value in parts if mark}


def _with_meta(task: dict[str, Any], comments: dict[str, str]) -> dict[str, Any]:
    """Put the comments into `meta`, under what a comment `meta_json` holds."""
    meta = loads_value(comments.pop("meta_json", "{}"))
    found = {**comments, **meta} if isinstance(meta, dict) else comments
    return task | {"meta": found} if found else task
