"""UIMA CAS: a folder of XMI files with their type system, or of JSON files, for INCEpTION."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.writers import FormatSettings, need, utf8_bytes
from tui_annotate.task.spans import attributes_of

SPAN, RELATION, LABEL = "webanno.custom.Span", "webanno.custom.Relation", "label"
_PARTS = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type."
_STRING = "uima.cas.String"
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
_OWN = frozenset(("label", "begin", "end", "sofa", "type", "self"))
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class CasWriter:
    """Writes a file for each document, named by its input's key.

    Args:
        path: An empty folder.
        kind: `xmi` or `json`.
    """

    def __init__(self, path: Path, kind: str) -> None:
        self._cassis = need("cassis", "cas", what=f"the format cas-{kind}")
        self._folder, self._kind = path, kind
        self._features: dict[str, None] = {}

    def write(self, document: Document) -> None:
        """Write one file.

        Raises:
            TaskError: An attribute has a name that is none of a feature, an end of a relation is no
                span, or XML cannot hold a character of the text.
        """
        spans = document.layers.spans or ()
        names = dict.fromkeys(name for span in spans for name in attributes_of(span))
        for name in names:
            if _NAME.fullmatch(name) is None or name in _OWN:
                what = f"the attribute {name[:40]!r} has a name that is none of a feature"
                raise TaskError(what, reason="bad-label")
        utf8_bytes(document.text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cas = self._cas(document, self._types(names))
            data = cas.to_xmi() if self._kind == "xmi" else cas.to_json()
        if self._kind == "xmi" and _NO_XML.search(document.text):
            raise TaskError("it has a character that XML cannot hold", reason="bad-text")
        (self._folder / f"{document.key.hex()}.{self._kind}").write_bytes(utf8_bytes(data))
        self._features.update(names)

    def close(self) -> None:
        """Write the type system that the XMI files share."""
        if self._kind == "xmi":
            self._types(self._features).to_xml(self._folder / "TypeSystem.xml")

    def _types(self, features: Mapping[str, None]) -> Any:
        system = self._cassis.TypeSystem()
        annotation = "uima.tcas.Annotation"
        span = system.create_type(SPAN, supertypeName=annotation)
        for name in (LABEL, *features):
            system.create_feature(span, name, _STRING)
        relation = system.create_type(RELATION, supertypeName=annotation)
        system.create_feature(relation, "Governor", span)
        system.create_feature(relation, "Dependent", span)
        system.create_feature(relation, LABEL, _STRING)
        for part in ("Token", "Sentence"):
            system.create_type(f"{_PARTS}{part}", supertypeName=annotation)
        return system

    def _cas(self, document: Document, system: Any) -> Any:
        text = document.text
        cas = self._cassis.Cas(system)
        cas.sofa_string, cas.sofa_mime = text, "text/plain"
        token, sentence = (system.get_type(f"{_PARTS}{part}") for part in ("Token", "Sentence"))
        start = len(text) - len(text.lstrip())
        cas.add(sentence(begin=start, end=max(start, len(text.rstrip()))))
        for begin, end in document.tokens():
            if not text[begin:end].isspace():
                cas.add(token(begin=begin, end=end))
        made = []
        for span in document.layers.spans or ():
            said = {name: _said(value) for name, value in attributes_of(span).items()}
            label = {LABEL: span.label} if span.label else {}
            one = system.get_type(SPAN)(begin=span.start, end=span.end, **label, **said)
            cas.add(one)
            made.append(one)
        for label_, head, child in RelationEnds(document).all():
            places = {"begin": made[child].begin, "end": made[child].end}
            both = {"Governor": made[head], "Dependent": made[child]}
            cas.add(system.get_type(RELATION)(**places, **both, **{LABEL: label_}))
        return cas


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def open_xmi(path: Path, _settings: FormatSettings) -> CasWriter:
    """Write XMI files, and `TypeSystem.xml` beside them."""
    return CasWriter(path, "xmi")


def open_json(path: Path, _settings: FormatSettings) -> CasWriter:
    """Write JSON files, each with its types."""
    return CasWriter(path, "json")
