"""Formats that share an ending with another one, found by looking at the first rows of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, BinaryIO

from tui_annotate.errors import SourceError, TuiAnnotateError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.compressed import open_file
from tui_annotate.sources.files import SourceFile
from tui_annotate.sources.text_field import ANY_ROW, TEXT, Fields
from tui_annotate.whole_files import is_there

LOOKED_AT = 64 * 1024
ROWS = 20
_ROW_SIGNS = "tui_annotate.sources.row_signs"
_raw = json.JSONDecoder().raw_decode
_NUL_WINDOW = 200
_NULS = 3
"""One in so many characters that are 0 tells UTF-16."""
_FEW_CHARACTERS = 20
"""So few characters tell nothing about it."""
_OF_STANZA = re.compile(r'\[\s*\[\s*\{(?=[^{}]*"text")[^{}]*"(?:upos|deprel|start_char)"')
_NAMED_IN_TEXT = re.compile(r"<(?:ENAMEX|NUMEX|TIMEX)\s")  # as MUC and OntoNotes mark names


class Start:
    """The first characters of a file, and the objects of JSON among them.

    Most signs ask about these objects, so they are parsed once: an object can be as long as all
    that is looked at.
    """

    __slots__ = ("_rows", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._rows: list[dict[str, Any]] | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The first objects of a file of JSON; empty for another file."""
        if self._rows is None:
            self._rows = list(_rows(self.text))
        return self._rows


class FormatSigns(NamedTuple):
    """What tells a format.

    Attributes:
        loader: The loader that reads it.
        of: The loaders whose endings its files have.
        test: Tells by how a file begins.
        own_rows: Whether rows of a recipe's own may look like this. Then it is not looked for where
            a recipe's code takes every row.
    """

    loader: str
    of: tuple[str, ...]
    test: Callable[[Start], bool]
    own_rows: bool = False


class _Beginning(NamedTuple):
    """What is known of a file that is looked at.

    Attributes:
        path: The file.
        start: How it begins.
        usual: The loader for its ending.
        fields: How it is to be read.
    """

    path: str
    start: Start
    usual: str
    fields: Fields

    def loader_by_signs(self, usual: str, start: Start) -> str | None:
        """Return the loader whose signs a start has, of those that share an ending with `usual`."""
        signs = (each for each in _signs(self.fields) if usual in each.of)
        return next((each.loader for each in signs if each.test(start)), None)


def recognise(path: str, fields: Fields, usual: str) -> str | None:
    """Return the loader that a file is for, where its ending stands for another one.

    Args:
        path: The file; pipes and what cannot be opened are not looked at.
        fields: How it is to be read.
        usual: The loader for its ending.

    Returns:
        A loader's name; None for the usual one.

    Raises:
        SourceError: It cannot be what its ending says, and its loader would tell less well why.
    """
    if not any(usual in each.of for each in _signs(fields)):
        return None
    start = _start_of(path, fields)
    if start is None:
        return None
    begun = _Beginning(path, Start(start), usual, fields)
    return next(filter(None, (step(begun) for step in _STEPS)), None)


def _refuse_unmarked_utf16(begun: _Beginning) -> None:
    """Refuse a file of which every other byte is 0.

    Raises:
        SourceError: It is one, and nobody said its encoding.
    """
    first = begun.start.text[:_NUL_WINDOW]
    if begun.fields.encoding or len(first) <= _FEW_CHARACTERS:
        return
    # A file of holes has zeros on both sides.
    even, odd = first[::2].count("\0"), first[1::2].count("\0")
    if abs(even - odd) * _NULS > len(first):
        raise SourceError(
            "every other byte is 0: it is in UTF-16, and its mark is missing",
            where=begun.path,
            hint="Say `--encoding utf-16-le`, or `--encoding utf-16-be`",
        )


def _by_signs(begun: _Beginning) -> str | None:
    return begun.loader_by_signs(begun.usual, begun.start)


def _lines_of_objects(begun: _Beginning) -> str | None:
    """Return the loader of a `.txt` whose first line is an object; None for another file."""
    if begun.usual != "txt" or not is_object(begun.start.text.partition("\n")[0]):
        return None
    return begun.loader_by_signs("jsonl", begun.start) or "jsonl"


def _rows_in_an_object(begun: _Beginning) -> str | None:
    """Return the loader of rows that lie in an object around them; None for the usual one."""
    # A recipe's code knows its own rows.
    rows = _rows_in_wrapping(begun.start.text) if begun.fields.input_keys != ANY_ROW else []
    if not rows:
        return None
    found = begun.loader_by_signs(begun.usual, Start(json.dumps(rows)))
    return found or ("json" if begun.usual == "jsonl" else None)


def _refuse_marks_beside(begun: _Beginning) -> None:
    """Refuse XML whose marks stand beside its text.

    Raises:
        SourceError: It is of such a form.
    """
    if begun.usual == "inline-xml" and _has_marks_beside(begun.start.text):
        raise SourceError(
            "its marks stand beside the text and not in it, in a form that is not read",
            where=begun.path,
            hint="Turn it into BioC, brat or JSON lines; `--loader inline-xml` takes its elements"
            " for marks in the text",
        )


def _refuse_stanza(begun: _Beginning) -> None:
    """Refuse what Stanza's `to_dict` gives: a list of sentences that are lists of words.

    Raises:
        SourceError: It is one.
    """
    if begun.usual == "json" and _OF_STANZA.match(begun.start.text):
        raise SourceError(
            "it is a document of Stanza's as lists within a list, which is not read",
            where=begun.path,
            hint="Write it as CoNLL-U, which is read with its entities:"
            " `CoNLL.write_doc2conll(doc, 'a.conllu')` of `stanza.utils.conll`",
        )


def _refuse_objects_over_lines(begun: _Beginning) -> None:
    """Refuse a file that should be JSON lines, and whose objects go over several lines.

    Raises:
        SourceError: It is one.
    """
    if begun.usual != "jsonl":
        return
    # Loaded for such files only: each module costs a start.
    from tui_annotate.sources.jsonl import check_lines

    check_lines(begun.start.text, begun.path)


_STEPS: tuple[Callable[[_Beginning], str | None], ...] = (
    # In UTF-16 that is taken for UTF-8 no other sign can be read.
    _refuse_unmarked_utf16,
    _refuse_stanza,
    # A format that says what it is needs no guess.
    _by_signs,
    # From here on the file has no sign. Lines of objects are no texts, whatever it is called.
    _lines_of_objects,
    # The rows in an object have signs that the object around them has not.
    _rows_in_an_object,
    # Whatever can be read has been found: these files the usual loader would read as rubbish.
    _refuse_marks_beside,
    _refuse_objects_over_lines,
)
"""What is tried, in order; the first loader that one of them returns is taken."""


def _rows_in_wrapping(start: str) -> list[dict[str, Any]]:
    """Return the first rows of a file that is an object around them; none for any other file."""
    if not start.startswith("{") or _is_lines_of_objects(start):
        return []
    # Loaded for such files only: each module costs a start.
    from tui_annotate.sources.json_wrapping import rows_in_wrapping

    return rows_in_wrapping(start)[:ROWS]


def _is_lines_of_objects(start: str) -> bool:
    """Tell whether a file goes on with another object behind that of its first line, or ends there
    with one that holds nothing but values."""
    first, _, rest = start.partition("\n")
    if rest.strip() and not rest.lstrip().startswith("{"):
        return False
    if not rest.strip() and ("[" in first or "{" in first[1:]):
        return False
    return is_object(first)


def recognise_any(path: str, fields: Fields) -> str | None:
    """Return the loader that a file is for, whose ending says nothing.

    Args:
        path: The file; pipes and what cannot be opened are not looked at.
        fields: How it is to be read.

    Returns:
        A loader's name; None where the first rows do not tell.
    """
    start = _start_of(path, fields)
    if not start or "\0" in start:
        return None
    begun = Start(start)
    found = next((each.loader for each in _signs(fields) if each.test(begun)), None)
    if found is not None:
        return found
    if start[0] in "{[":
        first = start.partition("\n")[0]
        return "jsonl" if is_object(first) else "json"
    if start.startswith("<?xml") or (start[0] == "<" and _NAMED_IN_TEXT.search(start)):
        return "inline-xml"
    return _table_with_texts(start)


def loader_of_rows(start: str, fields: Fields) -> str | None:
    """Return the loader that lines of JSON are for, by the first of them; None for that of JSON
    lines itself."""
    begun = Start(start)
    signs = (each for each in _signs(fields) if "jsonl" in each.of)
    return next((each.loader for each in signs if each.test(begun)), None)


def _signs(fields: Fields) -> Iterator[FormatSigns]:
    """Yield the formats that are looked for in a file that is read like this."""
    return (each for each in SIGNS if not each.own_rows or fields.input_keys != ANY_ROW)


def _table_with_texts(start: str) -> str | None:
    first = start.partition("\n")[0].strip().lower()
    for delimiter, loader in (("\t", "tsv"), (",", "csv"), (";", "csv")):
        if delimiter in first and TEXT in [each.strip(' "') for each in first.split(delimiter)]:
            return loader
    return None


def is_object(line: str) -> bool:
    """Tell whether a line is an object of JSON."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _start_of(path: str, fields: Fields) -> str | None:
    """Return the first characters of a file; None for what is not to be looked at."""
    if path == "-" or "://" in path:
        return None
    # Opening a pipe and closing it again would take what its writer has for the next reader.
    place = Path(path).expanduser()
    if is_there(place) and place.is_fifo():
        return None
    try:
        file = open_file(path, fields.encoding)
    except TuiAnnotateError:
        return None
    try:
        if not file.seekable:
            return None
        with file.reader() as reader:
            return beginning(reader)
    except TuiAnnotateError:
        return None
    finally:
        file.close()


def beginning(reader: BinaryIO) -> str:
    """Return the first characters of a file, without a byte order mark or blanks before them."""
    return reader.read(LOOKED_AT).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def _rows(start: str) -> Iterator[dict[str, Any]]:
    """Yield the first objects of a file of JSON, whether in a list or one after the other."""
    at = 1 if start.startswith("[") else 0
    for _ in range(ROWS):
        at += len(start[at:]) - len(start[at:].lstrip(" \t\r\n,"))
        try:
            value, at = _raw(start, at)
        except (ValueError, RecursionError):
            if at <= 1 and len(start) >= LOOKED_AT // 4 and start.startswith("{", at):
                # The first object is longer than what is looked at.
                yield from filter(None, [_later("json_wrapping", "first_object")(start[at:])])
            return
        if isinstance(value, dict):
            yield value


def _later(module: str, name: str) -> Callable[[Any], Any]:
    """Return a function of a module that is loaded when it is used: each module costs a start."""
    return lambda start: resolve_name(f"tui_annotate.sources.{module}:{name}")(start)


_is_standoff_xml = _later("standoff_xml", "is_standoff_xml")
_has_marks_beside = _later("standoff_xml", "has_marks_beside")
_is_rasa = _later("rasa_nlu", "is_rasa")
_is_snips_yaml = _later("marked_phrases", "is_snips_yaml")
_is_tuples = _later("spacy_tuples", "is_tuples")
_is_tagged_text = _later("tagged_text", "is_tagged_text")
_has_two_marks = _later("line_signs", "has_two_marks")
_is_fasttext = _later("line_signs", "is_fasttext")
_is_tagged = _later("line_signs", "is_tagged")
_is_table = _later("line_signs", "is_table")
_are_opinions = _later("line_signs", "are_opinions")
_is_conllu = _later("line_signs", "is_conllu")
_is_webanno_2 = _later("line_signs", "is_webanno_2")
_is_trec = _later("line_signs", "is_trec")
_are_trees = _later("line_signs", "are_trees")


def _may_be_tuples(start: str) -> bool:
    # A list, an assignment, or an object around lists of lists. The rest is told by the module,
    # which brings several others along, and so is not asked about every object.
    if re.match(r'\{\s*"columns"\s*:', start):  # a table of pandas
        return False
    begins = re.match(r"""[\[(#]|\w+\s*=|(?:import|from)\s|\{[\s\S]*?\[\s*\[\s*\"""", start)
    return begins is not None and bool(_is_tuples(start))


def _any_row(name: str) -> Callable[[Start], bool]:
    """Return a test whether one of the first objects passes the one of this name in `row_signs`."""

    def test(start: Start) -> bool:
        # `row_signs` is loaded for files with objects only: each module costs a start.
        return bool(start.rows) and any(map(resolve_name(f"{_ROW_SIGNS}:{name}"), start.rows))

    return test


def _by_text(test: Callable[[str], bool]) -> Callable[[Start], bool]:
    """Return a test by the first characters of a file, as one of how it begins."""
    return lambda start: test(start.text)


def rows_at(start: str) -> list[dict[str, Any]]:
    """Return the first objects of a file of JSON, by its first characters, or those in the object
    around them."""
    return _rows_in_wrapping(start) or list(_rows(start))


def first_rows(file: SourceFile) -> list[dict[str, Any]]:
    """Return the first objects of a file of JSON; none of one that cannot be read twice."""
    if not file.seekable:
        return []
    with file.reader() as reader:
        return rows_at(beginning(reader))


def _is_ner_annotator(start: str) -> bool:
    """Tell by the beginning alone: the whole file is one object."""
    before = r'(?:"classes"\s*:\s*\[[^\]]*\]\s*,\s*)?'
    return bool(re.match(rf'\{{\s*{before}"annotations"\s*:\s*\[\s*(?:null|\[\s*"|\])', start))


def _is_bioc(start: str) -> bool:
    """Tell by the beginning alone: a collection is one object or one element."""
    if start.startswith("<"):
        return re.search(r"<collection[\s>]", start) is not None and "<document" in start
    return all(f'"{key}"' in start for key in ("passages", "infons", "offset"))


def _is_cas(start: str) -> bool:
    return bool(re.match(r'\{\s*"%(?:TYPES|FEATURE_STRUCTURES)"', start)) or "<xmi:XMI" in start


def _is_doccano_table(start: str) -> bool:
    columns = start.split("\n", 1)[0].strip().lower().split(",")
    if {"id", "data", "label"} <= set(columns) or {"text", "label", "user"} <= set(columns):
        return True
    # Older tables call the text `text`; then labels with `#` between them tell.
    if set(columns) not in ({"text", "label"}, {"id", "text", "label"}):
        return False
    # Loaded for such tables only, as above.
    import csv

    at = columns.index("label")
    rows = [row for row in csv.reader(start.splitlines()[1:]) if len(row) == len(columns)]
    return any(re.fullmatch(r"[^#\s]+(?:#[^#\s]+)+", row[at]) for row in rows)


def _is_over_lines(start: str) -> bool:
    """Tell whether a file is a list of objects, or objects that go over several lines."""
    return start[:1] in ("[", "{") and not is_object(start.partition("\n")[0]) and any(_rows(start))


_JSON = ("json", "jsonl", "txt")
"""Loaders in whose files lines or lists of objects are found."""
SIGNS = (
    # Objects of JSON, from what only one program writes to what many do.
    FormatSigns("label-studio", _JSON, _any_row("is_label_studio")),
    FormatSigns("label-studio", _JSON, _any_row("is_bare_task"), own_rows=True),
    # Before entity-json, which reads its triples as well, but not its classes and relations.
    FormatSigns("doccano", _JSON, _any_row("is_doccano")),
    FormatSigns("doccano", ("csv",), _by_text(_is_doccano_table)),
    # Before spacy-tuples: an object around pairs of text and entities, with its classes.
    FormatSigns("ner-annotator", _JSON, _by_text(_is_ner_annotator)),
    FormatSigns("spacy-tuples", _JSON, _by_text(_may_be_tuples)),
    FormatSigns("argilla", _JSON, _any_row("is_argilla_record")),
    FormatSigns("pubannotation", _JSON, _any_row("is_pubannotation")),
    FormatSigns("bioc", (*_JSON, "inline-xml"), _by_text(_is_bioc)),
    # A list of names says less than all signs before it.
    FormatSigns("doccano", _JSON, _any_row("is_doccano_classes"), own_rows=True),
    FormatSigns("squad", _JSON, _any_row("is_squad_object")),
    # Last of all objects, because its shapes are what programs have in common: first those that no
    # row of a recipe's own has.
    FormatSigns("entity-json", _JSON, _any_row("holds_texts_with_entities")),
    FormatSigns("entity-json", _JSON, _any_row("has_shape_of_entities"), own_rows=True),
    FormatSigns("entity-json", _JSON, _any_row("is_question"), own_rows=True),
    FormatSigns("entity-json", _JSON, _any_row("is_pair_of_sentences"), own_rows=True),
    # XML and text whose beginning names the format.
    FormatSigns("standoff-xml", ("inline-xml",), _by_text(_is_standoff_xml)),
    FormatSigns(
        "knowtator", ("inline-xml",), _by_text(lambda text: "<annotations textSource=" in text)
    ),
    FormatSigns(
        "anafora",
        ("inline-xml",),
        _by_text(lambda text: "<data>" in text and "<annotations" in text and "<schema" in text),
    ),
    FormatSigns(
        "webanno", ("tsv", "txt"), _by_text(lambda text: text.startswith("#FORMAT=WebAnno TSV 3"))
    ),
    FormatSigns("uima-cas", (*_JSON, "inline-xml"), _by_text(_is_cas)),
    FormatSigns(
        "pubtator",
        ("txt", "tsv"),
        _by_text(lambda text: re.match(r"([^|\s]+)\|t\|[^\n]*\n\1\|a\|", text) is not None),
    ),
    # Text whose lines have marks: first what stands in few lines, then what stands in each.
    FormatSigns("rasa", ("txt",), _by_text(lambda text: "intent:" in text and _is_rasa(text))),
    FormatSigns("snips", ("txt",), _by_text(lambda text: "type:" in text and _is_snips_yaml(text))),
    FormatSigns(
        "inline-xml", ("txt",), _by_text(lambda text: _NAMED_IN_TEXT.search(text) is not None)
    ),
    FormatSigns("semeval-relations", ("txt",), _by_text(_has_two_marks)),
    FormatSigns("fasttext", ("txt",), _by_text(_is_fasttext)),
    FormatSigns("trec", ("txt",), _by_text(_is_trec)),
    FormatSigns(
        "opinion-tuples", ("txt",), _by_text(lambda text: "####" in text and _are_opinions(text))
    ),
    FormatSigns("trees", ("txt",), _by_text(lambda text: text[:1] == "(" and _are_trees(text))),
    FormatSigns("conllu", ("txt", "tsv"), _by_text(_is_conllu)),
    FormatSigns(
        "conll2003", ("txt", "tsv"), _by_text(lambda text: text[:2] == "# " and _is_webanno_2(text))
    ),
    FormatSigns("tagged-text", ("txt", "iob2", "brat"), _by_text(_is_tagged_text)),
    # A column of words and one of tags is a table too, so the table comes last.
    FormatSigns("conll2003", ("txt", "tsv"), _by_text(_is_tagged)),
    FormatSigns("tsv", ("txt",), _by_text(_is_table)),
    # JSON that no sign before has told.
    FormatSigns("json", ("txt",), _by_text(_is_over_lines)),
)
"""The formats that are looked for; the first whose signs a file has is taken."""
