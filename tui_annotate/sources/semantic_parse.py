"""Columns of parses with intents and slots in brackets, as TOP, TOPv2 and STOP have them:
`[IN:CREATE_ALARM set alarm [SL:DATE_TIME for 8 am ] ]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tui_annotate.task.schema import Task

_PARSE = re.compile(r"\[IN:\S+ .*\]", re.IGNORECASE | re.DOTALL)
_PIECE = re.compile(r"\[(IN|SL):([^\s\[\]]+)|\]|[^\s\[\]]+|\[", re.IGNORECASE)


def find_parse_column(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the first column whose cells are all such parses; None for none.

    Args:
        rows: The first rows, which have all their columns.
    """
    columns = zip(*rows, strict=True)
    return next((at for at, cells in enumerate(columns) if all(map(_is_parse, cells))), None)


def _is_parse(cell: str) -> bool:
    return _PARSE.fullmatch(cell.strip()) is not None


def parsed(text: str, parse: str, notices: list[str]) -> Task:
    """Return what a parse says of a text: the outermost intent is its class, each slot a span, and
    an intent within a slot a span whose label keeps its `IN:`.

    Args:
        text: The text.
        parse: The parse. If its words are not all those of the text, slots have no certain place.
        notices: Gets a remark then.
    """
    spans: list[dict[str, Any]] = []
    opened: list[dict[str, Any]] = []
    intent, behind = "", 0
    for piece in _PIECE.finditer(parse.strip()):
        if piece[2] is not None:
            is_intent = piece[1].upper() == "IN"
            intent = intent or piece[2]
            opened.append({"label": f"IN:{piece[2]}" if is_intent else piece[2]})
        elif piece[0] == "]" and opened:
            closed = opened.pop()
            # The outermost one is the whole text, and its intent the class.
            if opened and "start" in closed:
                label = closed["label"]
                spans.append({"start": closed["start"], "end": behind, "label": label})
        else:
            start = text.find(piece[0], behind)
            if start < 0 or text[behind:start].strip():
                opened.append({})
                break
            behind = start + len(piece[0])
            for each in opened:
                each.setdefault("start", start)
    if opened or text[behind:].strip():
        notices.append("its parse has other words than its text, so its slots are left out")
        return {"accept": [intent]}
    ordered = sorted(spans, key=lambda each: (each["start"], -each["end"]))
    return {"accept": [intent], "spans": ordered}
