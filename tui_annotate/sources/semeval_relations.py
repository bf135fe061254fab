"""SemEval-2010 task 8: a sentence with two marked places, and the relation between them."""

from __future__ import annotations

import re
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.blank_line_records import BlockSource
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import put_spans
from tui_annotate.task.foreign_spans import PLACED

_SENTENCE = re.compile(r'(\d+)\s+"?(.*)', re.DOTALL)
_TAG = re.compile(r"</?(e[12])>")
_RELATION = re.compile(r"(\S+?)\((e[12]),(e[12])\)")
_NONE = "Other"


class SemEvalRelationSource(BlockSource):
    """Reads sentences with `<e1>` and `<e2>`, a line with the relation, and a comment.

    The marked places are spans labelled `e1` and `e2`; the relation links them in its direction.
    `Other`, which says that there is none of the nine, becomes no relation.
    """

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return a sentence as a task.

        Raises:
            TaskError: It has not the form.
        """
        sentence = _SENTENCE.fullmatch(block[0].rstrip())
        if sentence is None:
            raise TaskError(f"{block[0][:40]!r} is no numbered sentence", reason="bad-columns")
        text, spans = _marked(sentence[2].removesuffix('"'))
        links = []
        for line in block[1:]:
            found = _RELATION.fullmatch(line.strip())
            if found:
                links.append(RelationLink(found[2], found[3], found[1]))
            elif line.strip() != _NONE and not line.startswith("Comment:"):
                raise TaskError(f"{line[:40]!r} is no relation", reason="bad-columns")
        meta: dict[str, Any] = {"id": sentence[1]}
        comment = next((line[8:].strip() for line in block[1:] if line.startswith("Comment:")), "")
        if comment:
            meta["comment"] = comment
        return put_spans({"text": text, "meta": meta}, spans, links, notices)


def _marked(text: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return a sentence without its tags, and the places that they mark."""
    plain, starts, spans, at = "", {}, {}, 0
    for tag in _TAG.finditer(text):
        plain += text[at : tag.start()]
        at = tag.end()
        name = tag[1]
        if not tag[0].startswith("</"):
            starts[name] = len(plain)
        elif name in starts:
            spans[name] = {"start": starts[name], "end": len(plain), "label": name, PLACED: True}
    if set(spans) != {"e1", "e2"}:
        raise TaskError("not both of <e1> and <e2> are marked", reason="bad-spans")
    return plain + text[at:], spans
