"""WebAnno TSV 3.3: a folder with a file for each document, as INCEpTION imports it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.token_tags import described_span
from tui_annotate.exchange.writers import FormatSettings, utf8_bytes
from tui_annotate.task.offsets import converter
from tui_annotate.task.spans import Span, attributes_of

SPAN, RELATION = "webanno.custom.Span", "webanno.custom.Relation"
LABEL = "label"
_NOTHING = "_"
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_VALUE = re.compile(r"->|[\\\[\]|_;*\t\n]")
_TEXT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\b": "\\b", "\\": "\\\\"}

Unit = tuple[int, int]
"""Start and end of a token or of a part of one."""


class WebAnnoWriter:
    """Writes a file for each document, named by its input's key.

    Args:
        path: An empty folder.
        settings: Not used: offsets of this format count UTF-16 units.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:  # noqa: ARG002
        self._folder = path

    def write(self, document: Document) -> None:
        """Write one file.

        Raises:
            TaskError: The format cannot hold it.
        """
        data = utf8_bytes(document_lines(document))
        (self._folder / f"{document.key.hex()}.tsv").write_bytes(data)

    def close(self) -> None:
        """Nothing is left to write."""


def document_lines(document: Document) -> str:
    """Return a document as one file.

    Raises:
        TaskError: It has no tokens, a span begins or ends with white space, an attribute has a name
            that is none of a feature, or an end of a relation is no span.
    """
    text, spans = document.text, document.layers.spans or ()
    tokens = [each for each in document.tokens() if not text[each[0] : each[1]].isspace()]
    if not tokens:
        raise TaskError("it has no tokens", reason="no-tokens")
    covered = [_units(text, span, tokens) for span in spans]
    names = _names(tokens, covered)
    features = _features(spans)
    relations = _relations(document, covered, names)
    header = [f"#FORMAT=WebAnno TSV 3.3\n#T_SP={'|'.join((SPAN, LABEL, *features))}\n"]
    if document.layers.relations is not None:
        header.append(f"#T_RL={RELATION}|{LABEL}|BT_{SPAN}\n")
    said = "".join(f"#Text={_text(line)}\n" for line in text.split("\n"))
    at = converter(text, "utf16")  # WebAnno is written in Java, which counts so
    rows = []
    for (start, end), name in names.items():
        here = [number for number, units in enumerate(covered) if (start, end) in units]
        cells = [name, f"{at(start)}-{at(end)}", _text(text[start:end])]
        cells += [_cell(here, spans, feature) for feature in (LABEL, *features)]
        if document.layers.relations is not None:
            links = relations.get((start, end), [])
            cells.append("|".join(label for label, _ in links) or _NOTHING)
            cells.append("|".join(source for _, source in links) or _NOTHING)
        rows.append("\t".join(cells) + "\t\n")
    return "".join([*header, "\n\n", said, *rows])


def _units(text: str, span: Span, tokens: Sequence[Unit]) -> list[Unit]:
    """Return the tokens, or parts of them, that a span covers."""
    found = [
        (max(start, span.start), min(end, span.end))
        for start, end in tokens
        if start < span.end and span.start < end
    ]
    if not found or found[0][0] != span.start or found[-1][1] != span.end:
        shown = text[span.start : span.end][:40]
        what = f"{described_span(span)} ({shown!r}) does not begin and end within tokens"
        raise TaskError(what, reason="misaligned")
    return found


def _names(tokens: Sequence[Unit], covered: Sequence[Sequence[Unit]]) -> dict[Unit, str]:
    """Return all units in the order of their lines, with their names."""
    wanted = {unit for units in covered for unit in units}
    parts = sorted(wanted - set(tokens))
    names: dict[Unit, str] = {}
    at = 0
    for number, token in enumerate(tokens, 1):
        names[token] = f"1-{number}"
        inner = 0
        while at < len(parts) and parts[at][1] <= token[1]:
            inner += 1
            names[parts[at]] = f"1-{number}.{inner}"
            at += 1
    return names


def _features(spans: Sequence[Span]) -> list[str]:
    """Return the names of the attributes of all spans."""
    found = dict.fromkeys(name for span in spans for name in attributes_of(span))
    for name in found:
        if _NAME.fullmatch(name) is None or name == LABEL:
            what = f"the attribute {name[:40]!r} has a name that is none of a feature"
            raise TaskError(what, reason="bad-label")
    return list(found)


def _cell(here: Sequence[int], spans: Sequence[Span], feature: str) -> str:
    values = []
    for number in here:
        span = spans[number]
        said = span.label if feature == LABEL else attributes_of(span).get(feature)
        values.append(f"{_value(said)}[{number + 1}]")
    return "|".join(values) or _NOTHING


def _relations(
    document: Document, covered: Sequence[Sequence[Unit]], names: Mapping[Unit, str]
) -> dict[Unit, list[tuple[str, str]]]:
    """Return the relations by the first unit of their target: label and source."""
    found: dict[Unit, list[tuple[str, str]]] = {}
    for label, head, child in RelationEnds(document).all():
        source = f"{names[covered[head][0]]}[{head + 1}_{child + 1}]"
        found.setdefault(covered[child][0], []).append((_value(label), source))
    return found


def _value(value: object) -> str:
    if value is None or value == "":
        return "*"
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return _VALUE.sub(lambda each: {"\t": "\\t", "\n": "\\n"}.get(each[0], f"\\{each[0]}"), said)


def _text(text: str) -> str:
    """Return a text as its line has it."""
    return "".join(
        _TEXT.get(each, f"\\{each}" if each < " " else each) for each in text
    )  # fmt: skip
