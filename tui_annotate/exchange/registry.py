"""The formats that answers are exported to: one entry each, which help and docs are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name

from tui_annotate import plugins
from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.writers import FormatSettings, Writer


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: What `--to` calls it.
        help: One line for people.
        ending: Of its files; empty for a folder.
        open: Makes its writer for an empty file, or an empty folder; imports what it needs.
        holds: The layers that it has a place for: `spans`, `labels`, `relations`.
        overlaps: Whether spans may overlap.
        keeps: What is kept of spans beside their range and label: `discontinuous` (their pieces),
            `attributes`, and `offsets` where these count one thing only.
        every_token: Whether each token says if it is in a span, so that text which nobody was asked
            about cannot be written.
        partial: Whether it can say that the rest of a text is unknown.
        rows: Whether single answers, whatever was decided in them, can be rows of it.
        several: Whether several people's answers stand side by side.
        offsets: Whether it has offsets, so that `--offsets` means something.
        extra: The extra that it needs; empty for none.
        binary: Whether it is no text, so that a terminal cannot show it.
        loader: The loader that reads it, if that has another name.
        typed: Whether it has a place for what was typed in for a text, such as a translation.
    """

    name: str
    help: str
    ending: str
    open: Callable[[Path, FormatSettings], Writer]
    holds: tuple[str, ...] = ("spans", "labels", "relations")
    overlaps: bool = True
    keeps: tuple[str, ...] = ()
    every_token: bool = False
    partial: bool = False
    rows: bool = False
    several: bool = False
    offsets: bool = True
    extra: str = ""
    binary: bool = False
    loader: str = ""
    typed: bool = False

    @property
    def folder(self) -> bool:
        """Whether a folder is written, and not a file."""
        return not self.ending


def _in(module: str, name: str) -> Callable[[Path, FormatSettings], Writer]:
    """Return what opens a writer by a function or class of a module of this package, which is
    imported then: an export loads its own format and no other."""

    def open_(path: Path, settings: FormatSettings) -> Writer:
        opener = resolve_name(f"tui_annotate.exchange.{module}:{name}")
        writer: Writer = opener(path, settings)
        return writer

    return open_


_SPANS = ("spans",)
_ALL = ("discontinuous", "attributes")

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("jsonl", "tasks as JSON lines, with all their keys", ".jsonl",
               _in("tasks", "open_jsonl"), rows=True,
               keeps=_ALL),
        Format("json", "the same as a JSON list", ".json",
               _in("tasks", "open_json"), rows=True, keeps=_ALL),
        Format("csv", "a row each, lists as JSON in their cells", ".csv",
               _in("table", "open_csv"), rows=True,
               keeps=_ALL),
        Format("parquet", "a row each, with real types", ".parquet",
               _in("parquet", "open_parquet"), rows=True,
               keeps=_ALL, extra="parquet", binary=True),
        Format("spacy", "DocBin: entities or span groups, categories", ".spacy",
               _in("spacy", "SpacyWriter"),
               ("spans", "labels"), overlaps=False, partial=True, offsets=False, extra="spacy",
               binary=True),
        Format("conll2003", "four columns, -DOCSTART- lines, IOB2 tags", ".conll",
               _in("conll", "open_conll2003"),
               _SPANS, overlaps=False, every_token=True, offsets=False),
        Format("iob2", "token and IOB2 tag", ".iob", _in("conll", "open_iob2"),
               _SPANS, overlaps=False, every_token=True, offsets=False),
        Format("bilou", "token and BILOU tag", ".bilou", _in("conll", "open_bilou"),
               _SPANS, overlaps=False, every_token=True, offsets=False),
        Format("conllu", "CoNLL-U with the exact text; spans as NE= in MISC", ".conllu",
               _in("conllu", "open_conllu"),
               ("spans", "labels"), overlaps=False, every_token=True, offsets=False),
        Format("brat", "a folder of .txt and .ann", "", _in("brat", "BratWriter"),
               ("spans", "relations"), keeps=_ALL, every_token=True),
        Format("webanno", "a folder of WebAnno TSV 3.3, as INCEpTION imports it", "",
               _in("webanno", "WebAnnoWriter"), ("spans", "relations"), every_token=True,
               keeps=("attributes", "offsets"), offsets=False),
        Format("cas-xmi", "a folder of UIMA CAS as XMI, with its type system", "",
               _in("cas", "open_xmi"), ("spans", "relations"), every_token=True,
               keeps=("attributes", "offsets"), offsets=False, extra="cas", loader="uima-cas"),
        Format("cas-json", "a folder of UIMA CAS as JSON", "",
               _in("cas", "open_json"), ("spans", "relations"), every_token=True,
               keeps=("attributes", "offsets"), offsets=False, extra="cas", loader="uima-cas"),
        Format("label-studio", "a JSON list of tasks with annotations", ".json",
               _in("label_studio", "open_label_studio"),
               several=True, typed=True),
        Format("doccano", "JSON lines as doccano imports them", ".jsonl",
               _in("doccano", "open_doccano"), typed=True),
        Format("doccano-csv", "doccano's CSV of texts with labels", ".csv",
               _in("text_labels", "open_doccano_csv"), ("labels",), loader="doccano"),
        Format("fasttext", "a text a line, its labels before it", ".txt",
               _in("text_labels", "open_fasttext"), ("labels",)),
        Format("spacy-tuples", "spaCy 2's training data, as a JSON list of pairs", ".json",
               _in("spacy_tuples", "open_spacy_tuples"), ("spans", "labels")),
        Format("ner-annotator", "the JSON of ner-annotator", ".json",
               _in("spacy_tuples", "NerAnnotatorWriter"), _SPANS, every_token=True),
        Format("argilla", "a JSON list of Argilla's records", ".json",
               _in("argilla", "open_argilla"), ("spans", "labels"), several=True),
        Format("ner-tags", "JSON lines of `tokens` and `ner_tags`", ".jsonl",
               _in("ner_tags", "open_ner_tags"), _SPANS, overlaps=False, every_token=True,
               offsets=False, loader="jsonl"),
        Format("ner-tags-parquet", "the same as Parquet, with tags as classes", ".parquet",
               _in("ner_tags", "open_ner_tags_parquet"), _SPANS, overlaps=False, every_token=True,
               offsets=False, extra="hf", binary=True, loader="parquet"),
        Format("ner-tags-hf", "the same as a Hugging Face dataset on disk", "",
               _in("ner_tags", "open_ner_tags_hf"), _SPANS, overlaps=False, every_token=True,
               offsets=False, extra="hf", binary=True, loader="hf"),
        Format("hf", "a Hugging Face dataset on disk", "",
               _in("parquet", "HfWriter"), rows=True, keeps=_ALL, extra="hf",
               binary=True),
        Format("sqlite", "tables of documents, spans and labels", ".db",
               _in("sqlite", "SqliteWriter"),
               rows=True, keeps=_ALL, binary=True),
    )
}  # fmt: skip


def find_format(name: str) -> Format:
    """Return a format by name.

    Raises:
        UsageError: There is none; the message has the nearest name.
    """
    found = FORMATS.get(name) or plugins.added(plugins.FORMATS, name, Format)
    if found is not None:
        return found
    known = known_formats()
    raise UsageError(f"there is no format {name!r}", where="--to", hint=nearest(name, known))


def known_formats() -> dict[str, Format]:
    """Return all formats by name, those of installed packages too."""
    return {**plugins.all_added(plugins.FORMATS, Format), **FORMATS}


def table() -> str:
    """Return the formats as a table in Markdown."""
    head = ("`--to`", "file", "what", "holds", "extra")
    rows = [
        (f"`{each.name}`", f"`{each.ending}`" if each.ending else "folder", each.help,
         _held(each), f"`[{each.extra}]`" if each.extra else "")
        for each in FORMATS.values()
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, tuple("---" for _ in head), *rows))


def _held(each: Format) -> str:
    held = [("overlapping " if layer == "spans" and each.overlaps else "") + layer
            for layer in each.holds]  # fmt: skip
    if each.several:
        held.append("several people's answers")
    return ", ".join(held)
