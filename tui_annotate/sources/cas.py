"""UIMA CAS as INCEpTION exports it: XMI with its type system, or JSON (`[cas]`, dkpro-cassis)."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.numbered_source import need
from tui_annotate.sources.parsed_source import ParsedRecord, ParsedSource, collect
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans_and_tokens, spans_of_marks
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.webanno import LABELS
from tui_annotate.sources.xml_events import safe_xml
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

TYPE_SYSTEM = "TypeSystem.xml"
_REASON = "bad-cas"
_TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"  # noqa: S105, RUF100
_KNOWN = ("uima.", "de.tudarmstadt.ukp.dkpro.core.api.metadata.",
          "de.tudarmstadt.ukp.clarin.webanno.api.type.")  # fmt: skip
"""Types that say nothing of the text, by the beginnings of their names."""
_PLAIN = "uima.tcas.Annotation"
"""The type of annotations without a layer of their own."""
_GRAMMAR = ("de.tudarmstadt.ukp.dkpro.core.api.segmentation.",
            "de.tudarmstadt.ukp.dkpro.core.api.lexmorph.",
            "de.tudarmstadt.ukp.dkpro.core.api.syntax.")  # fmt: skip
"""Types that say something of every token; left out where there are others."""
_ENDS = ("Governor", "Dependent")
_PLACES = frozenset(("sofa", "begin", "end", "self", "xmiID", "type"))


class CasSource(ParsedSource):
    """Reads an `.xmi` file with `TypeSystem.xml` beside it, a `.json` file, or a zip of both kinds.

    Annotations are spans, called by their feature `value` or `label`; their other features are
    attributes. Relations, slots and the links of chains become relations, those between tokens
    too. `--tag-column` names the layers that are read.

    Raises:
        MissingExtra: dkpro-cassis is not installed.
    """

    binary = True

    def __init__(
        self, path: str, fields: Fields | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        super().__init__(path, fields, limits)
        need("cassis", "cas", self.name)

    def parsed(self, reader: BinaryIO) -> Iterator[ParsedRecord]:
        """Yield a task for each document."""
        data = self.whole(reader)
        if data.startswith(b"PK"):
            yield from self._zipped(data)
            return
        types = b""
        if not _is_json(data):
            beside = Path(self.name).expanduser().with_name(TYPE_SYSTEM)
            if not beside.is_file() or beside.stat().st_size > self.limits.max_line:
                what = f"its types are not known: there is no {TYPE_SYSTEM} beside it"
                raise TaskError(what, reason=_REASON)
            types = beside.read_bytes()
        yield collect(self._task, data, types)

    def _zipped(self, data: bytes) -> Iterator[ParsedRecord]:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                files = [each for each in archive.infolist() if not each.is_dir()]
                if any(each.file_size > self.limits.max_line for each in files):
                    raise TaskError("a file in it is too long", reason="too-long")
                types = [each for each in files if each.filename.endswith(TYPE_SYSTEM)]
                known = archive.read(types[0]) if types else b""
                found = [each for each in files if each.filename.endswith((".xmi", ".json"))]
                for each in found:
                    name = PurePosixPath(each.filename).name
                    one = collect(self._task, archive.read(each), known)
                    named = {**one.data, "meta": {"id": name}} if one.data else one.data
                    yield one._replace(data=named)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            raise TaskError(
                f"it is no whole zip ({type(error).__name__})", reason=_REASON
            ) from None
        if not found:
            raise TaskError("there is no .xmi and no .json in it", reason="no-input")

    def _task(self, data: bytes, types: bytes, notices: list[str]) -> Task:
        return cas_task(_load(data, types), self.fields.tag_columns, notices)


def _is_json(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def _load(data: bytes, types: bytes) -> Any:
    """Return the CAS of a file.

    Raises:
        TaskError: It cannot be read.
    """
    cassis = import_module("cassis")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if _is_json(data):
                return cassis.load_cas_from_json(json.dumps(json.loads(data.decode("utf-8-sig"))))
            system = cassis.load_typesystem(io.BytesIO(safe_xml(types)))
            return cassis.load_cas_from_xmi(
                io.BytesIO(safe_xml(data)), typesystem=system, lenient=True
            )
    except TaskError:
        raise
    except Exception as error:
        # cassis, lxml and json each have errors of their own.
        shown = " ".join(str(error).split())[:100]
        what = f"it is no CAS that can be read ({type(error).__name__}: {shown})"
        raise TaskError(what, reason=_REASON) from None


def cas_task(cas: Any, wanted: Sequence[str], notices: list[str]) -> Task:
    """Return the text of a CAS with its annotations as a task.

    Args:
        cas: As cassis has it, its offsets in code points.
        wanted: The layers that are read, by their whole or short names; empty for all that say more
            than grammar.
        notices: Gets remarks.

    Raises:
        TaskError: It has no text, or its annotations have no offsets.
    """
    every_view = [cas.get_view(sofa.sofaID) for sofa in cas.sofas]
    views = [each for each in every_view if isinstance(each.sofa_string, str) and each.sofa_string]
    if not views:
        raise TaskError("there is no text in it", reason="empty-input")
    if len(views) > 1:
        notices.append(f"{len(views) - 1} other views of the document are left out")
    view, text = views[0], views[0].sofa_string
    every = [each for each in view.select_all_fs() if _says(each)]
    tokens = [each for each in every if each.type.name == _TOKEN]
    chosen = _chosen(every, wanted, notices)
    spans = [each for each in chosen if not _is_relation(each)]
    several = len({each.type.name for each in spans}) > 1
    marks = [_mark(each, several, text) for each in spans]
    found = spans_of_marks(text, marks, notices)
    links = [link for each in chosen for link in _links(each)]
    words = _tokens(text, tokens)
    return put_spans_and_tokens({"text": text}, found, words, links, notices)


def _says(each: Any) -> bool:
    """Return whether a feature structure is an annotation of the text."""
    begin, end = getattr(each, "begin", None), getattr(each, "end", None)
    has_place = type(begin) is int and type(end) is int
    return has_place and (each.type.name == _PLAIN or not each.type.name.startswith(_KNOWN))


def _is_relation(each: Any) -> bool:
    return all(getattr(each, name, None) is not None for name in _ENDS)


def _chosen(every: list[Any], wanted: Sequence[str], notices: list[str]) -> list[Any]:
    if wanted:
        return [each for each in every if {each.type.name, _short(each)} & set(wanted)]
    content, grammar = [], set()
    for each in every:
        # Feature structures are never compared: cassis compares all that they hold and refer to.
        if each.type.name.startswith(_GRAMMAR):
            grammar.add(each.type.name)
        else:
            content.append(each)
    usual = {_TOKEN, _TOKEN.replace("Token", "Sentence")}
    left = {name.rpartition(".")[2] for name in grammar - usual}
    if left:
        names = ", ".join(sorted(left))
        notices.append(f"the layers {names} are left out (--tag-column names those that are read)")
    return content


def _short(each: Any) -> str:
    return str(each.type.name).rpartition(".")[2]


def _values(each: Any) -> dict[str, Any]:
    """Return the features that are words, numbers or truth values."""
    found = {}
    for feature in each.type.all_features:
        value = getattr(each, feature.name, None)
        if feature.name not in _PLACES and isinstance(value, str | int | float) and value != "":
            found[feature.name] = value
    return found


def _named(values: dict[str, Any], usual: str) -> str:
    """Take the label out of features, and return it; the usual one where there is none."""
    name = next((each for each in (*LABELS, "referenceType") if each in values), None)
    if name is None:
        name = next((key for key, value in values.items() if isinstance(value, str)), None)
    return str(values.pop(name)) if name is not None else usual


def _mark(each: Any, several: bool, text: str) -> Mark:
    values = _values(each)
    label = _named(values, _short(each))
    attributes: Mapping[str, Any] = {"layer": _short(each), **values} if several else values
    covered = text[each.begin : each.end] if 0 <= each.begin < each.end <= len(text) else None
    return Mark(id(each), label, FileRegion(((each.begin, each.end),), covered), attributes)


def _links(each: Any) -> Iterator[RelationLink]:
    """Yield what an annotation says of others: a relation, slots, and the next link of a chain."""
    if _is_relation(each):
        label = _named(_values(each), _short(each))
        yield RelationLink(id(each.Governor), id(each.Dependent), label)
        return
    for feature in each.type.all_features:
        value = getattr(each, feature.name, None)
        # DKPro's chains are lists that are linked: each annotation names the one behind it.
        if feature.name == "next" and value is not None:
            relation = getattr(each, "referenceRelation", None)
            yield RelationLink(id(each), id(value), str(relation or "chain"))
        for slot in getattr(value, "elements", None) or ():
            target = getattr(slot, "target", None)
            if target is not None:
                yield RelationLink(
                    id(each), id(target), str(getattr(slot, "role", None) or feature.name)
                )


def _tokens(text: str, tokens: list[Any]) -> dict[Any, dict[str, Any]]:
    """Return the tokens of a CAS by what relations name them by; of equal ones the first."""
    placed = {(each.begin, each.end): each for each in reversed(tokens)
              if 0 <= each.begin < each.end <= len(text)}  # fmt: skip
    return {
        id(placed[start, end]): {
            "text": text[start:end], "start": start, "end": end, "id": number,
            "ws": text[end : end + 1].isspace(),
        }
        for number, (start, end) in enumerate(sorted(placed))
    }  # fmt: skip
