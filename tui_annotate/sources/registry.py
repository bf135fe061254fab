"""The loaders by name, and which one reads a source."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path, PurePath
from pkgutil import resolve_name
from typing import Any

from tui_annotate import plugins
from tui_annotate.errors import SourceError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits, Source
from tui_annotate.sources.compressed import inner_name
from tui_annotate.sources.text_field import Fields, split_columns
from tui_annotate.views import SHOWN_KEYS
from tui_annotate.whole_files import is_folder, is_plain_file, is_there

Opener = Callable[[str, Fields, Limits], Source]


class Loader(NamedTuple):
    """One way to read a source.

    Attributes:
        name: What `--loader` calls it.
        extensions: Endings of file names that it reads, with their dot, in lower case.
        help: One line for people.
        open: Makes the source of a path, the fields and the limits; imports what it needs.
        seeks: A session continues at its place without reading what is before it.
        extra: The extra that it needs; empty for none.
        holds: What is read from it, out of `KINDS`.
    """

    name: str
    extensions: tuple[str, ...]
    help: str
    open: Opener
    seeks: bool = True
    extra: str = ""
    holds: tuple[str, ...] = ()


KINDS = (
    "spans", "nested", "discontinuous", "relations", "attributes", "classes", "people", "offsets",
)  # fmt: skip
"""What formats hold: spans, spans within and across others, spans of several pieces, relations,
attributes of spans, classes of the whole text, who answered, and spans that begin anywhere."""
_TAGS = ("spans", "nested")
_STANDOFF = ("spans", "nested", "discontinuous", "relations", "attributes", "offsets")


def _in(module: str, name: str) -> Opener:
    """Return what opens a source by a class of a module of this package, imported when used."""

    def open_(path: str, fields: Fields, limits: Limits) -> Source:
        opener = resolve_name(f"tui_annotate.sources.{module}:{name}")
        source: Source = opener(path, fields, limits)
        return source

    return open_


_CONLL = _in("conll", "ConllSource")

LOADERS: dict[str, Loader] = {
    loader.name: loader
    for loader in (
        Loader(
            "jsonl", (".jsonl", ".ndjson"), "one JSON object a line", _in("jsonl", "JsonlSource"),
            holds=KINDS,
        ),
        Loader(
            "json", (".json",), "a list of JSON objects, or one after another",
            _in("jsonfile", "JsonSource"), holds=KINDS,
        ),
        Loader("txt", (".txt",), "one text a line", _in("txt", "TxtSource")),
        Loader(
            "txt-paragraph", (), "texts separated by blank lines",
            _in("txt", "ParagraphSource"),
        ),
        Loader(
            "tagged-text", (),
            "a sentence a line, with its tags in it: `Ada/B-PER left/O`, `<START:x> Ada <END>`,"
            " `[@Ada#PER*] left`",
            _in("tagged_text", "TaggedTextSource"), holds=("spans",),
        ),
        Loader("txt-file", (), "the whole file is one text", _in("txt", "TxtFileSource")),
        Loader(
            "csv", (".csv",), "columns under a header, one of them the text; `,` `;` tab or a bar",
            _in("csv", "CsvSource"), holds=KINDS,
        ),
        Loader(
            "tsv", (".tsv",), "the same, separated by tabs if the header has one",
            _in("csv", "TsvSource"), holds=KINDS,
        ),
        Loader(
            "conll2003", (".conll", ".conll2003", ".v4_gold_conll", ".gold_conll"),
            "a token a line, with tags in columns that are found (IOB1, IOB2, BILOU, IOBES, bare"
            " labels, brackets)", _CONLL, holds=_TAGS,
        ),
        Loader("iob2", (".iob", ".iob2", ".bio"), "the same", _CONLL, holds=_TAGS),
        Loader("bilou", (".bilou", ".bioes", ".bmes"), "the same", _CONLL, holds=_TAGS),
        Loader(
            "conllu", (".conllu", ".conllup", ".cupt"),
            "CoNLL-U, with spans as `NE=`, `NER=` or `Entity=` in MISC, and CoNLL-U Plus, PARSEME"
            " too",
            _in("conll", "open_conllu"),
            holds=("spans", "nested", "discontinuous", "relations", "attributes", "classes"),
        ),
        Loader(
            "brat", (".ann",), "brat: `name.txt` with its spans in `name.ann`",
            _in("brat", "BratSource"), holds=_STANDOFF,
        ),
        Loader(
            "bionlp", (".a1", ".a2"),
            "BioNLP shared task: `name.txt` with `name.a1` and `name.a2`",
            _in("brat", "BioNlpSource"), holds=_STANDOFF,
        ),
        Loader(
            "webanno", (), "WebAnno TSV 3 of WebAnno and INCEpTION; the file is one text",
            _in("webanno", "WebAnnoSource"),
            holds=("spans", "nested", "relations", "attributes", "offsets"),
        ),
        Loader(
            "uima-cas", (".xmi",),
            "UIMA CAS of INCEpTION: XMI with `TypeSystem.xml`, JSON, or a zip of them",
            _in("cas", "CasSource"), seeks=False, extra="cas",
            holds=("spans", "nested", "relations", "attributes", "offsets"),
        ),
        Loader(
            "label-studio", (), "Label Studio's JSON; a row for each annotation",
            _in("labelstudio", "LabelStudioSource"), seeks=False, holds=KINDS,
        ),
        Loader(
            "doccano", (), "doccano's JSON lines, JSON list or CSV",
            _in("doccano", "open_doccano"),
            holds=("spans", "nested", "relations", "classes", "people", "offsets"),
        ),
        Loader(
            "fasttext", (".fasttext", ".ft"), "`__label__NAME` before or behind each line's text",
            _in("labelled_lines", "FastTextSource"), holds=("classes",),
        ),
        Loader(
            "trec", (".label",),
            "TREC's questions, a class before each: `DESC:manner How did it begin ?`",
            _in("labelled_lines", "TrecSource"), holds=("classes",),
        ),
        Loader(
            "trees", (),
            "a tree a line, as SST and the Penn Treebank have them: `(3 (2 Good) (2 fun))`",
            _in("labelled_lines", "TreesSource"), holds=("classes",),
        ),
        Loader(
            "opinion-tuples", (),
            "a text a line with its opinions behind it, as ASTE and ASQP have them:"
            " `text####[([0], [1], 'POS')]`",
            _in("opinion_tuples", "OpinionTuplesSource"),
            holds=("spans", "nested", "relations", "attributes"),
        ),
        Loader(
            "slate", (".annotations",), "SLATE: `name.txt` with marks in `name.txt.annotations`",
            _in("slate", "SlateSource"),
            holds=("spans", "nested", "relations", "classes", "offsets"),
        ),
        Loader(
            "ner-annotator", (),
            "the JSON of ner-annotator, with `classes` and `annotations`",
            _in("spacy_tuples", "AnnotatorSource"), seeks=False,
            holds=("spans", "nested", "offsets"),
        ),
        Loader(
            "spacy-tuples", (),
            "spaCy 2's training data, as JSON or Python:"
            " `[\"text\", {\"entities\": [[0, 4, \"PER\"]]}]`",
            _in("spacy_tuples", "open_tuples"),
            holds=("spans", "nested", "classes", "offsets"),
        ),
        Loader(
            "argilla", (), "Argilla's records as JSON, nested or flat; a row for each person",
            _in("argilla", "ArgillaSource"), seeks=False,
            holds=("spans", "nested", "classes", "people", "offsets"),
        ),
        Loader(
            "pubannotation", (), "PubAnnotation's JSON, with `denotations`",
            _in("pubannotation", "PubAnnotationSource"), holds=_STANDOFF,
        ),
        Loader(
            "bioc", (), "BioC's XML or JSON; a row for each document",
            _in("bioc", "open_bioc"), seeks=False, holds=_STANDOFF,
        ),
        Loader(
            "pubtator", (".pubtator",), "PubTator: title, abstract, and mentions with their places",
            _in("pubtator", "PubTatorSource"),
            holds=("spans", "nested", "relations", "attributes", "offsets"),
        ),
        Loader(
            "semeval-relations", (),
            "SemEval-2010 task 8: sentences with `<e1>` and `<e2>`, and their relation",
            _in("semeval_relations", "SemEvalRelationSource"),
            holds=("spans", "relations", "offsets"),
        ),
        Loader(
            "standoff-xml", (), "XML with its marks beside the text: GATE, DDI, i2b2, MAE",
            _in("standoff_xml", "StandoffXmlSource"), seeks=False, holds=_STANDOFF,
        ),
        Loader(
            "knowtator", (), "eHOST and Knowtator: `name.txt` with `name.txt.knowtator.xml`",
            _in("clinical_standoff", "KnowtatorSource"), holds=_STANDOFF,
        ),
        Loader(
            "anafora", (), "Anafora: `name` with `name.SCHEMA.ANNOTATOR.completed.xml`",
            _in("clinical_standoff", "AnaforaSource"), holds=_STANDOFF,
        ),
        Loader(
            "i2b2", (".con", ".ast", ".rel"), "i2b2's concepts: `name.txt` with `name.con`",
            _in("clinical_standoff", "I2b2Source"),
            holds=("spans", "nested", "relations", "attributes"),
        ),
        Loader(
            "inline-xml", (".xml",), "texts with their spans as elements: `<PER>Ada</PER> left.`",
            _in("inline_xml", "InlineXmlSource"), seeks=False,
            holds=("spans", "nested", "attributes", "offsets"),
        ),
        Loader(
            "squad", (), "SQuAD 1 and 2; a row for each question, with its answers as spans",
            _in("squad", "SquadSource"), seeks=False, holds=("spans", "nested", "offsets"),
        ),
        Loader(
            "rasa", (), "Rasa's examples as YAML or Markdown: `- i live in [Berlin](city)`",
            _in("rasa_nlu", "RasaSource"),
            holds=("spans", "attributes", "classes", "offsets"),
        ),
        Loader(
            "snips", (), "Snips' utterances as YAML: `- fly to [destination:city](Bonn)`",
            _in("marked_phrases", "SnipsYamlSource"),
            holds=("spans", "attributes", "classes", "offsets"),
        ),
        Loader(
            "lu", (".lu",), "LUIS' utterances as text: `- fly to {@city=Bonn}`",
            _in("marked_phrases", "LuSource"), holds=("spans", "nested", "classes", "offsets"),
        ),
        Loader(
            "entity-json", (".manifest",),
            "JSON of Rasa NLU, LUIS, Snips, Dialogflow, Watson, wit.ai, nlp.js, Lex, Alexa, Azure,"
            " SageMaker Ground Truth, Vertex AI, AutoML, GATE, gatenlp, Dataturks, LightTag, Kili,"
            " Labelbox, Potato, UBIAI,"
            " displaCy, GLiNER, SciERC, DocRED, TACRED, SpERT, FewRel, OpenNRE, SciREX, NYT,"
            " CasRel, DuIE, CLUENER, SNLI, BigBio, MedCATtrainer, SGD, Taskmaster, MASSIVE,"
            " OneIE, DuEE, questions with options (ARC, RACE, SWAG), HotpotQA, DROP, CoQA,"
            " MultiRC, ReCoRD, Natural Questions, CoreNLP, Hugging Face's API,"
            " spaCy 2 for training, and entities named by their words",
            _in("entity_json", "EntityJsonSource"), seeks=False, holds=KINDS,
        ),
        Loader(
            "parquet", (".parquet",), "Parquet, by row group",
            _in("parquet", "ParquetSource"), extra="parquet", holds=KINDS,
        ),
        Loader(
            "spacy", (".spacy",), "spaCy's DocBin, all of it in memory",
            _in("docbin", "DocBinSource"), extra="spacy",
            holds=("spans", "nested", "classes"),
        ),
        Loader(
            "hf", (), "a folder that Hugging Face `datasets` has saved to disk",
            _in("hf", "HfSource"), extra="hf", holds=KINDS,
        ),
    )
}  # fmt: skip


_INSTEAD = {
    **dict.fromkeys(
        (".zip", ".tar", ".tgz", ".7z", ".rar"),
        "Unpack it: a folder is read as one source. A zip of INCEpTION is read by"
        " `--loader uima-cas`",
    ),
    **dict.fromkeys(
        (".xlsx", ".xls", ".ods", ".numbers"), "Save the sheet as CSV in UTF-8, which is read"
    ),
    **dict.fromkeys(
        (".pdf", ".docx", ".doc", ".rtf", ".odt", ".epub"),
        "Save its text as `.txt`; `--loader txt-file` reads a file as one text",
    ),
    **dict.fromkeys(
        (".arrow", ".feather", ".pkl", ".pickle", ".h5"),
        "Write it as Parquet or JSON lines, or save the data set with `save_to_disk`",
    ),
}
"""What helps with files that no loader reads, by their ending."""
_SHARED_ENDINGS = frozenset({"jsonl", "json", "txt", "tsv", "csv", "inline-xml", "iob2"})
"""Loaders whose endings files of other formats have too."""


def open_source(
    path: str | os.PathLike[str],
    *,
    loader: str | None = None,
    text_field: str | None = None,
    id_field: str | None = None,
    input_keys: Collection[str] = SHOWN_KEYS,
    limits: Limits = DEFAULT_LIMITS,
    encoding: str | None = None,
    tag_column: str | None = None,
    label_field: str | None = None,
) -> Source:
    """Open a source.

    Args:
        path: A file, a folder, a pattern, a named pipe, `-` for standard input, or a remote file.
        loader: A name in `LOADERS`; by default the file's ending decides.
        text_field: The field or column that holds the text, where it is not `text`.
        id_field: The field or column that names the row; it goes to `meta.id`.
        input_keys: A row that has none of them is a bad row.
        limits: What is refused.
        encoding: What a file of text is in; by default its byte order mark decides, else UTF-8.
        tag_column: Which columns of a file of tokens hold the tags, with commas: numbers from 1,
            or names.
        label_field: The field or column that holds the class of the text, or several with commas.

    Raises:
        SourceError: Where there is no such loader or file, or the file is empty, a directory or
            may not be read.
    """
    fields = Fields(
        text_field or None,
        id_field or None,
        input_keys,
        encoding=encoding or "",
        tag_columns=split_columns(tag_column),
        label_fields=split_columns(label_field),
    )
    return open_any(os.fspath(path), fields, loader, limits)


def open_any(
    name: str, fields: Fields, loader: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Source:
    """Open a source as `open_source` does, with fields that are made already.

    Raises:
        SourceError: As `open_source` does.
    """
    if loader == "hf" or (loader is None and _is_dataset(name)):
        return LOADERS["hf"].open(name, fields, limits)
    if not _is_many(name):
        return _open_file(name, fields, loader, limits)
    if loader is not None:
        find_loader(name, loader)
    # Only folders and patterns need these.
    from tui_annotate.sources.folder import FolderSource, find, may_be_data

    def open_one(path: str) -> Source:
        return _open_file(path, fields, loader or _with_marks(path), limits)

    def is_readable(path: str) -> bool:
        if loader is not None or _by_ending(path) is not None:
            return True
        return may_be_data(Path(path)) and _recognised(path, fields, None) is not None

    found = find(name, is_readable)
    return FolderSource(name, found.read, open_one, found.passed_over)


def _open_file(name: str, fields: Fields, loader: str | None, limits: Limits) -> Source:
    """Open one file; its first rows are looked at where its ending may stand for another format."""
    if loader is None and name != "-" and _by_ending(name) is None:
        guessed = _recognised(name, fields, None)
        if guessed is not None:
            unknown: Any = LOADERS[guessed].open(name, fields, limits)
            unknown.found_as = f"read as {guessed} by its first rows (--loader says another)"
            return unknown  # type: ignore[no-any-return]
    chosen = find_loader(name, loader)
    beside = _with_marks(name) if loader is None and "://" not in name else None
    if beside is not None:
        marked: Any = LOADERS[beside].open(name, fields, limits)
        told = f"read as {beside} with the marks beside it (--loader txt reads its lines)"
        marked.found_as = told
        return marked  # type: ignore[no-any-return]
    is_shared = chosen.name in _SHARED_ENDINGS or _is_alone(name, chosen)
    if loader is not None or not is_shared:
        return chosen.open(name, fields, limits)
    found = _recognised(name, fields, chosen.name)
    if found is None:
        return chosen.open(name, fields, limits)
    source: Any = LOADERS[found].open(name, fields, limits)
    source.found_as = f"read as {found} (--loader {chosen.name} to read it as it is)"
    return source  # type: ignore[no-any-return]


def _is_alone(name: str, chosen: Loader) -> bool:
    """Return whether a file is one of marks by its ending and has no text beside it, so that it may
    hold marked text itself."""
    return chosen.name == "brat" and not is_there(Path(name).expanduser().with_suffix(".txt"))


def _recognised(name: str, fields: Fields, usual: str | None) -> str | None:
    """Return the loader that a file's first rows tell, if not the usual one of its ending."""
    # A file whose loader is named is not looked at.
    from tui_annotate.sources.recognise import recognise, recognise_any

    return recognise_any(name, fields) if usual is None else recognise(name, fields, usual)


def find_loader(path: str, name: str | None = None) -> Loader:
    """Return the loader called `name`, or the one for the ending of `path`.

    Standard input is JSON lines, unless a name says otherwise.

    Raises:
        SourceError: Where there is none.
    """
    if name is not None:
        found = LOADERS.get(name) or plugins.added(plugins.LOADERS, name, Loader)
        if found is not None:
            return found
        raise SourceError(f"there is no loader {name!r}", hint=nearest(name, all_loaders()))
    if path == "-":
        return LOADERS["jsonl"]
    found = _by_ending(path)
    if found is not None:
        return found
    ending, known = PurePath(inner_name(path)).suffix.lower(), ", ".join(all_loaders())
    what = f"no loader for files ending in {ending!r}" if ending else "the name has no ending"
    hint = f"Name one with `--loader`: {known}"
    if not ending:
        hint = f"Say `--loader jsonl` where it holds lines of JSON, else another loader: {known}"
    if ending in _INSTEAD:
        hint = _INSTEAD[ending]
    if path.startswith("blank:"):
        what, hint = "this names a pipeline of spaCy", "It stands before the source"
    raise SourceError(what, where=path, hint=hint)


def _by_ending(path: str) -> Loader | None:
    ending = PurePath(inner_name(path)).suffix.lower()
    found = next((each for each in LOADERS.values() if ending in each.extensions), None)
    if found is not None or not ending:
        return found
    added = plugins.all_added(plugins.LOADERS, Loader).values()
    return next((each for each in added if ending in each.extensions), None)


def all_loaders() -> dict[str, Loader]:
    """Return all loaders by name, those of installed packages too."""
    return {**plugins.all_added(plugins.LOADERS, Loader), **LOADERS}


def _is_dataset(name: str) -> bool:
    folder = Path(name).expanduser()
    if "://" in name or not is_folder(folder):
        return False
    from tui_annotate.sources.hf import is_dataset  # only folders

    return is_dataset(folder)


def _is_many(path: str) -> bool:
    """Tell whether a path names a folder, or a pattern and no file."""
    if path == "-" or "://" in path:
        return False
    found = Path(path).expanduser()
    return is_folder(found) or (bool(set("*?[") & set(path)) and not is_there(found))


def _with_marks(path: str) -> str | None:
    """Return the loader of a text file that has its marks beside it; None for any other file."""
    file = Path(path)
    if file.suffix != ".txt":
        return None
    from tui_annotate.sources.folder import BEHIND_NAME, MARKS  # only texts

    beside = (loader for ending, loader in MARKS.items() if is_plain_file(file.with_suffix(ending)))
    behind = (loader for ending, loader in BEHIND_NAME.items() if is_plain_file(f"{path}{ending}"))
    return next(behind, None) or next(beside, None)
