"""Two texts as one, with what was removed and added as labelled spans."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from tui_annotate.editors.sheet import Paragraph, Sheet
from tui_annotate.task.spans import Span

_UNITS = {
    "words": re.compile(r"\s+|\w+|[^\w\s]"),
    "chars": re.compile(r".", re.DOTALL),
    "sentences": re.compile(r"[^.!?\n]*(?:[.!?]+\s*|\n+|$)"),
}

_MARKS = {"removed": "[-{}-]", "added": "{{+{}+}}"}

STYLES = tuple(_UNITS)


def diff_paragraphs(old: str, new: str, style: str = "words") -> Sheet:
    """Return both texts as one paragraph, with `[-removed-]` and `{+added+}` as spans.

    Args:
        old, new: The texts.
        style: What is compared: `words`, `chars` or `sentences`; anything else is `words`.
    """
    pattern = _UNITS.get(style, _UNITS["words"])
    before, after = ([m[0] for m in pattern.finditer(text) if m[0]] for text in (old, new))
    parts: list[str] = []
    spans: list[Span] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append("".join(before[i1:i2]))
            continue
        for label, piece in (("removed", before[i1:i2]), ("added", after[j1:j2])):
            if piece:
                start = sum(map(len, parts))
                parts.append(_MARKS[label].format("".join(piece)))
                spans.append(Span(start, start + len(parts[-1]), label))
    return (Paragraph("".join(parts), spans=tuple(spans)),)
