"""WebAnno TSV 3, as WebAnno and INCEpTION write it: a token a line, with layers in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import left_out
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans_and_tokens, spans_of_marks
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.offsets import ToCodePoint, Unit, reader
from tui_annotate.task.schema import Task

FORMAT = "#FORMAT=WebAnno TSV 3"
LABELS = ("value", "label", "PosValue", "DependencyType", "category", "type")
"""Features that a span or relation is called by, if it has one of them; else by the first one."""
LINGUISTIC = frozenset(
    ["POS", "Lemma", "Stem", "MorphologicalFeatures", "SurfaceForm", "Token", "Sentence"]
)
"""Layers that say something of every token; they are left out where there are others."""
_WIDEST_GAP = 10_000
_UNIT = re.compile(r"(\d+-\d+(?:\.\d+)?)\t(\d{1,18})-(\d{1,18})\t")
_ITEM = re.compile(r"((?:\\.|[^\\])*?)\[(\d+)\]", re.DOTALL)
_SOURCE = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)(?:_(\d+))?\])?")
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "b": "\b"}
_NULLS = ("", "*", "_")
_LINK = re.compile(r"(.*)->(\d{1,18})-(\d{1,18})", re.DOTALL)
_ANY = "uima.tcas.Annotation"
_TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"  # noqa: S105, RUF100


class WebAnnoSource(ParsedSource):
    """Reads a file as one document.

    Spans of several units, stacked ones and those of parts of tokens are put together; relations,
    slots and chains become relations. A span is called by its feature `value` or `label`, its other
    features are attributes. `--tag-column` names the layers that are read.
    """

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield the one task."""
        yield collect(document_task, self.whole_text(reader), self.fields.tag_columns)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer of the header.

    Attributes:
        kind: `SP` for spans, `RL` for relations, `CH` for chains.
        name: Its name, such as `webanno.custom.Span`.
        columns: The names of its columns.
        first: The first of them, counted from 0.
    """

    kind: str
    name: str
    columns: tuple[str, ...]
    first: int

    @property
    def short(self) -> str:
        """Return the last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def main(self) -> int:
        """Return the column that annotations are called by; -1 for none."""
        plain = [at for at, name in enumerate(self.columns) if _is_feature(name)]
        named = [self.columns.index(name) for name in LABELS if name in self.columns]
        return (named or plain or [-1])[0]


def _is_feature(column: str) -> bool:
    return bool(column) and not column.startswith(("ROLE_", "BT_")) and "." not in column


class _UnitRow(NamedTuple):
    """A line of a token, or of a part of one: its name, offsets in the file, text and cells."""

    name: str
    start: int
    end: int
    text: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class _Sentence:
    text: list[str] = field(default_factory=list)
    units: list[_UnitRow] = field(default_factory=list)


@dataclass(slots=True)
class _Annotation:
    """An annotation as it is put together from the units that it covers."""

    layer: _Layer
    values: dict[int, str] = field(default_factory=dict)
    units: list[int] = field(default_factory=list)


def document_task(content: str, wanted: Sequence[str], notices: list[str]) -> Task:
    """Return a file as one task.

    Args:
        content: The file.
        wanted: The layers that are read, by their whole or short names; empty for all that are not
            linguistic.
        notices: Gets remarks.

    Raises:
        TaskError: It is no WebAnno TSV 3, or its tokens are not those of its text.
    """
    layers, sentences = _parse(content)
    text, places = _text(sentences)
    units = [unit for sentence in sentences for unit in sentence.units]
    read = _chosen(layers, wanted, units, notices)
    found = _annotations(read, units)
    marks = []
    for key, each in found.items():
        spot = [places[number] for number in each.units]
        start, end = min(s for s, _ in spot), max(e for _, e in spot)
        region = FileRegion(((start, end),), text[start:end])
        several = sum(layer.kind != "RL" for layer in read) > 1
        marks.append(_mark(key, each, region, several))
    spans = spans_of_marks(text, marks, notices)
    at = _by_unit(found, units)
    links, lost = _relations(read, units, at)
    links += _slots(found, at) + _chains(found)
    if lost:
        notices.append(left_out(lost, "features of relations"))
    words = _tokens(text, units, places)
    return put_spans_and_tokens({"text": text}, spans, words, links, notices)


def _parse(content: str) -> tuple[list[_Layer], list[_Sentence]]:
    """Return the layers that the header of a file names, and its sentences.

        #FORMAT=WebAnno TSV 3.3
        #T_SP=webanno.custom.Span|value
        #Text=Ada left
        1-1     0-3     Ada     PER
        1-2     4-8     left    _

    Raises:
        TaskError: A line is neither of the header nor a text nor a token.
    """
    lines = [line.removesuffix("\r") for line in content.split("\n")]
    if not lines or not lines[0].startswith(FORMAT):
        raise TaskError("no `#FORMAT=WebAnno TSV 3` in the first line", reason="bad-columns")
    layers: list[_Layer] = []
    sentences: list[_Sentence] = []
    width = 0  # How many columns the layers have together so far.
    for number, line in enumerate(lines[1:], 2):
        header = re.match(r"#T_(SP|RL|CH)=(.*)", line)
        if header is not None and not sentences:
            name, *columns = header[2].split("|")
            layers.append(_Layer(header[1], name, tuple(columns) or ("",), width))
            width += len(columns) or 1
        elif line.startswith("#Text="):
            # A text of several lines has as many of these lines before its tokens.
            if not sentences or sentences[-1].units:
                sentences.append(_Sentence())
            sentences[-1].text.append(unescape(line.removeprefix("#Text=")))
        elif _UNIT.match(line):
            if not sentences:
                raise TaskError(f"line {number} has a token without a text", reason="bad-text")
            sentences[-1].units.append(_unit(line, number, width))
        elif line.strip() and not line.startswith("#"):
            raise TaskError(f"line {number} is no token", reason="bad-columns")
    if not sentences:
        raise TaskError("there is no text in it", reason="empty-input")
    return layers, sentences


def _unit(line: str, number: int, columns: int) -> _UnitRow:
    name, place, text, *cells = line.split("\t")
    if cells and not cells[-1] and len(cells) == columns + 1:
        cells.pop()
    if len(cells) != columns:
        what = f"line {number} has {len(cells)} columns, and the layers have {columns}"
        raise TaskError(what, reason="bad-columns")
    start, end = place.split("-")
    return _UnitRow(name, int(start), int(end), text, tuple(cells))


def _text(sentences: list[_Sentence]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of the document, and where each unit lies in it, whatever the file counts."""
    problem = TaskError("its tokens are not those of its text", reason="bad-text")
    # Java counts in UTF-16; programs of other people in code points.
    for unit in ("utf16", "codepoints", "utf8"):
        try:
            return _placed(sentences, unit)
        except TaskError as error:
            problem = error
    raise problem


def _placed(sentences: list[_Sentence], unit: Unit) -> tuple[str, list[tuple[int, int]]]:
    text, places = "", []
    end = 0
    for number, each in enumerate(sentences):
        said = "\n".join(each.text)
        convert = reader(said, unit)
        size = _length(said, unit)
        base = end + 1 if number else 0
        if each.units:
            first = each.units[0]
            lead = max(said.find(_covered(first, said)), 0)
            base = first.start - _length(said[:lead], unit)
        if not 0 <= base - end <= _WIDEST_GAP:
            raise TaskError(f"sentence {number + 1} lies within another one", reason="bad-text")
        if number or base:
            text += ("\n" + " " * (base - end - 1)) if base > end else ""
        here = len(text)
        for row in each.units:
            start = _place(convert, row, base)
            stop = _place(convert, row, base, end=True)
            if said[start:stop] not in (row.text, unescape(row.text)):
                what = f"the text does not have the token {row.text[:40]!r} where it should be"
                raise TaskError(what, reason="bad-text")
            places.append((here + start, here + stop))
        text += said
        end = base + size
    return text, places


def _covered(row: _UnitRow, said: str) -> str:
    return row.text if row.text in said else unescape(row.text)


def _place(convert: ToCodePoint, row: _UnitRow, base: int, *, end: bool = False) -> int:
    return convert((row.end if end else row.start) - base)


def _length(text: str, unit: Unit) -> int:
    if unit == "codepoints":
        return len(text)
    if unit == "utf8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _chosen(
    layers: list[_Layer], wanted: Sequence[str], units: list[_UnitRow], notices: list[str]
) -> list[_Layer]:
    """Return the layers that are read: those named, or those that say more than grammar."""
    if wanted:
        known = {each.short for each in layers} | {each.name for each in layers}
        missing = [name for name in wanted if name not in known]
        if missing:
            shown = ", ".join(each.short for each in layers)
            what = f"there is no layer {missing[0]!r}; it has {shown}"
            raise TaskError(what, reason="bad-columns")
        return [each for each in layers if each.short in wanted or each.name in wanted]
    used = [each for each in layers if any(_said(each, unit) for unit in units)]
    content = [each for each in used if each.short not in (*LINGUISTIC, "Dependency")]
    if not content:
        return used
    left = [each.short for each in used if each not in content]
    if left:
        named = ", ".join(left)
        notices.append(f"the layers {named} are left out (--tag-column names those that are read)")
    return content


def _base(layer: _Layer) -> str:
    """Return the layer that a layer of relations goes between; empty for other layers."""
    return layer.columns[-1].removeprefix("BT_") if layer.kind == "RL" else ""


def _said(layer: _Layer, unit: _UnitRow) -> bool:
    cells = unit.cells[layer.first : layer.first + len(layer.columns)]
    return any(cell not in ("", "_") for cell in cells)


def _annotations(layers: list[_Layer], units: list[_UnitRow]) -> dict[Any, _Annotation]:
    """Return spans and elements of chains. What belongs together has one number by it, elements of
    chains one place in their chain; others are told apart by their line and place in it."""
    found: dict[Any, _Annotation] = {}
    for layer in layers:
        if layer.kind == "RL":
            continue
        for number, unit in enumerate(units):
            cells = unit.cells[layer.first : layer.first + len(layer.columns)]
            columns = [split_escaped(cell, "|") for cell in cells]
            for place in range(max(map(len, columns))):
                values, name = _stacked(layer, columns, place)
                if not values:
                    continue
                key = (layer.name, name or f"{unit.name} {place}")
                one = found.setdefault(key, _Annotation(layer))
                one.values = {**values, **one.values}
                if not one.units or one.units[-1] != number:
                    one.units.append(number)
    return found


def _stacked(layer: _Layer, columns: list[list[str]], place: int) -> tuple[dict[int, str], str]:
    """Return what the columns of a layer say of one of the annotations on a unit, still escaped,
    and what names it in other lines; empty for nothing."""
    values: dict[int, str] = {}
    name = ""
    for column, items in enumerate(columns):
        item = items[place] if place < len(items) else "_"
        if item == "_":
            continue
        if _is_target(layer, column):
            # Numbers there are those of the targets.
            values[column] = item
            continue
        values[column], number = _item(item)
        if layer.kind == "CH":
            # The number in brackets is that of the chain, which many elements have.
            link = _LINK.fullmatch(values[column])
            number = f"{link[2]}-{link[3]}" if link is not None else ""
        name = name or number
    return values, name


def _is_target(layer: _Layer, column: int) -> bool:
    return layer.kind == "SP" and column > 0 and layer.columns[column - 1].startswith("ROLE_")


def _item(text: str) -> tuple[str, str]:
    """Return a value, still escaped, and the number behind it; empty for none."""
    numbered = _ITEM.fullmatch(text)
    return (numbered[1], numbered[2]) if numbered is not None else (text, "")


def _mark(key: Any, each: _Annotation, region: FileRegion, several: bool) -> Mark:
    layer = each.layer
    values = {
        layer.columns[column]: unescape(value)
        for column, value in sorted(each.values.items())
        if value not in _NULLS and _is_feature(layer.columns[column])
    }
    main = layer.columns[layer.main] if layer.main >= 0 else ""
    label = values.pop(main, "")
    if layer.kind == "CH":
        label = values.pop("referenceType", label.partition("->")[0])
        values.pop("referenceRelation", None)
    attributes: dict[str, Any] = {"layer": layer.short, **values} if several else values
    return Mark(key, label if label not in _NULLS else layer.short, region, attributes)


def _by_unit(found: dict[Any, _Annotation], units: list[_UnitRow]) -> dict[tuple[str, str], Any]:
    """Return the annotation that begins at a unit, and that of a number, by layer; numbers and
    units of any layer stand under `_ANY`."""
    at: dict[tuple[str, str], Any] = {}
    for key, each in found.items():
        at[key] = key
        if each.layer.kind == "SP":
            at.setdefault((_ANY, key[1]), key)
            at.setdefault((_ANY, units[each.units[0]].name), key)
        at.setdefault((each.layer.name, units[each.units[0]].name), key)
    return at


def _relations(
    layers: list[_Layer], units: list[_UnitRow], at: dict[tuple[str, str], Any]
) -> tuple[list[RelationLink], int]:
    """Return the relations, which stand in the lines of their targets, and how much is lost."""
    links: list[RelationLink] = []
    lost = 0
    for layer in layers:
        if layer.kind != "RL":
            continue
        base = _base(layer)
        for unit in units:
            cells = unit.cells[layer.first : layer.first + len(layer.columns)]
            if cells[-1] in ("", "_"):
                continue
            columns = [split_escaped(cell, "|") for cell in cells]
            for place, item in enumerate(columns[-1]):
                source = _SOURCE.fullmatch(item)
                if source is None:
                    what = f"{item[:40]!r} is no source of a relation"
                    raise TaskError(what, reason="bad-relations")
                said = [_item(values[place])[0] for values in columns[:-1] if place < len(values)]
                lost += sum(value not in _NULLS for value in said)
                label = said[layer.main] if 0 <= layer.main < len(said) else ""
                lost -= label not in _NULLS
                head = _end_of(at, base, source[2], source[1])
                child = _end_of(at, base, source[3], unit.name)
                named = unescape(label) if label not in _NULLS else layer.short
                links.append(RelationLink(head, child, named))
    return links, lost


def _end_of(at: dict[tuple[str, str], Any], layer: str, number: str | None, unit: str) -> Any:
    """Return the annotation of a layer that a number, or else its unit, names; None for none."""
    if layer == _TOKEN:
        return layer, unit
    if number and number != "0":
        return at.get((layer, number), at.get((_ANY, number)))
    return at.get((layer, unit))


def _slots(found: dict[Any, _Annotation], at: dict[tuple[str, str], Any]) -> list[RelationLink]:
    """Return slots, such as arguments of events, as relations from their host."""
    links = []
    for key, each in found.items():
        for column, name in enumerate(each.layer.columns):
            if not name.startswith("ROLE_") or each.values.get(column) in (None, *_NULLS):
                continue
            target = each.layer.columns[column + 1 : column + 2]
            roles = split_escaped(each.values[column], ";")
            ends = split_escaped(each.values.get(column + 1, ""), ";")
            for role, end in zip(roles, ends, strict=False):
                source = _SOURCE.fullmatch(end)
                if source is None or not target:
                    continue
                goal = _end_of(at, target[0], source[2], source[1])
                label = unescape(role) if role not in _NULLS else "slot"
                links.append(RelationLink(key, goal, label))
    return links


def _chains(found: dict[Any, _Annotation]) -> list[RelationLink]:
    """Return the links of chains: from each element to the next one."""
    chains: dict[tuple[str, int], list[tuple[int, str, Any]]] = {}
    for key, each in found.items():
        if each.layer.kind != "CH":
            continue
        for value in each.values.values():
            place = _LINK.fullmatch(value)
            if place is not None:
                chain = chains.setdefault((each.layer.name, int(place[2])), [])
                chain.append((int(place[3]), place[1], key))
    links = []
    for chain in chains.values():
        ordered = sorted(chain, key=lambda element: element[0])
        for one, other in pairwise(ordered):
            label = unescape(one[1]) if one[1] not in _NULLS else "chain"
            links.append(RelationLink(one[2], other[2], label))
    return links


def _tokens(
    text: str, units: list[_UnitRow], places: list[tuple[int, int]]
) -> dict[Any, dict[str, Any]]:
    """Return the tokens by what relations between them name them by: their units."""
    whole = [
        (unit.name, *place) for unit, place in zip(units, places, strict=True)
        if "." not in unit.name and place[0] < place[1]
    ]  # fmt: skip
    return {
        (_TOKEN, name): {
            "text": text[start:end], "start": start, "end": end, "id": number,
            "ws": text[end : end + 1].isspace(),
        }
        for number, (name, start, end) in enumerate(whole)
    }  # fmt: skip


def unescape(text: str) -> str:
    """Return a text or value without the backslashes that protect its characters."""
    if "\\" not in text:
        return text
    return re.sub(
        r"\\(->|.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL
    )


def split_escaped(text: str, separator: str) -> list[str]:
    """Return the parts of a cell between separators that no backslash protects."""
    parts, protected = [""], False
    for character in text:
        if character == separator and not protected:
            parts.append("")
        else:
            parts[-1] += character
        protected = character == "\\" and not protected
    return parts
