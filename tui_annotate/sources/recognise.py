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
from tui_annotate.sources.our_exports import is_label_studio_row
from tui_annotate.sources.text_field import ANY_ROW, TEXT, Fields
from tui_annotate.whole_files import is_there

LOOKED_AT = 64 * 1024
ROWS = 20
_raw = json.JSONDecoder().raw_decode
_NUL_WINDOW = 200
_NULS = 3
"""One in so many characters that are 0 tells UTF-16."""
_FEW_CHARACTERS = 20
"""So few characters tell nothing about it."""
_OWN = frozenset({"spans", "tokens", "words", "options", "accept", "cats", "answer", "_view_id"})
_DOCCANO_KEYS = frozenset({"id", "text", "data", "label", "labels", "Comments", "comments", "meta"})
_ON_WORDS = frozenset({"ents", "document", "entities", "h", "head", "subj_start"})
_ENTITY_KEYS = (
    *("entities", "ents", "annotations", "labels", "label", "ner", "named_entities", "mentions"),
    *("entity_mentions", "privacy_mask", "span_labels", "ner_spans", "pii_entities", "entity_list"),
    *("extracted_entities", "concepts", "highlights", "annotation", "triple_list", "spo_list"),
    *("relation_list", "triples", "triplets", "relations", "NE", "nes", "named_entity", "slots"),
)
_TOLD_BY_KEY = frozenset(
    (
        *("jsonResponse", "data_row", "Labeled Data", "dataRow", "turns", "utterances"),
        *("annot_utt", "supporting_facts", "paragraphs", "qa_pairs", "story", "projects"),
    )
)
"""Keys of which one is enough to look whether the program is known that writes them."""
_OF_QUESTIONS = frozenset(
    (
        *("choices", "options", "endings", "candidates", "answers", "choice1", "option1", "sol1"),
        *("ending0", "ending1", "answerA", "opa", "A", "option_a", "option_1"),
    )
)
"""Keys of which a question with options has one."""
_NAMED_IN_TEXT = re.compile(r"<(?:ENAMEX|NUMEX|TIMEX)\s")  # as MUC and OntoNotes mark names
_WORDS_OF_SCIREX = frozenset({"words", "sentences", "ner"})


class Signs(NamedTuple):
    """What tells a format.

    Attributes:
        loader: The loader that reads it.
        of: The loaders whose endings its files have.
        test: Tells by the first characters of a file.
        own_rows: Whether rows of a recipe's own may look like this. Then it is not looked for where
            a recipe's code takes every row.
    """

    loader: str
    of: tuple[str, ...]
    test: Callable[[str], bool]
    own_rows: bool = False


def recognise(path: str, fields: Fields, usual: str) -> str | None:
    """Return the loader that a file is for, where its ending stands for another one.

    Args:
        path: The file; pipes and what cannot be opened are not looked at.
        fields: How it is to be read.
        usual: The loader for its ending.

    Returns:
        A loader's name; None for the usual one.

    Raises:
        SourceError: It should be JSON lines, and its objects go over several lines.
    """
    signs = [each for each in _signs(fields) if usual in each.of]
    start = _start_of(path, fields) if signs else None
    if start is None:
        return None
    first = start[:_NUL_WINDOW]
    is_long = len(first) > _FEW_CHARACTERS
    # Characters of which only one byte is not 0: a file of holes has zeros on both sides.
    even, odd = first[::2].count("\0"), first[1::2].count("\0")
    if is_long and abs(even - odd) * _NULS > len(first) and not fields.encoding:
        raise SourceError(
            "every other byte is 0: it is in UTF-16, and its mark is missing",
            where=path,
            hint="Say `--encoding utf-16-le`, or `--encoding utf-16-be`",
        )
    found = next((each.loader for each in signs if each.test(start)), None)
    if found is None and usual == "txt" and is_object(start.partition("\n")[0]):
        # Lines of objects are no texts, whatever their file is called.
        usual = "jsonl"
        signs = [each for each in _signs(fields) if usual in each.of]
        found = next((each.loader for each in signs if each.test(start)), "jsonl")
    if found is None and fields.input_keys != ANY_ROW:
        found = _loader_of_wrapped(start, signs, usual)
    if found is None and usual == "inline-xml" and _has_marks_beside(start):
        raise SourceError(
            "its marks stand beside the text and not in it, in a form that is not read",
            where=path,
            hint="Turn it into BioC, brat or JSON lines; `--loader inline-xml` takes its elements"
            " for marks in the text",
        )
    if found is None and usual == "jsonl":
        # Loaded for such files only: each module costs a start.
        from tui_annotate.sources.jsonl import check_lines

        check_lines(start, path)
    return found


def _rows_in_wrapping(start: str) -> list[dict[str, Any]]:
    """Return the first rows of a file that is an object around them; none for any other file."""
    if not start.startswith("{"):
        return []
    # Loaded for such files only: each module costs a start.
    from tui_annotate.sources.json_wrapping import rows_in_wrapping

    return rows_in_wrapping(start)[:ROWS]


def _loader_of_wrapped(start: str, signs: list[Signs], usual: str) -> str | None:
    """Return the loader of rows that lie in an object around them; None for the usual one."""
    rows = _rows_in_wrapping(start)
    if not rows:
        return None
    listed = json.dumps(rows)
    found = next((each.loader for each in signs if each.test(listed)), None)
    return found or ("json" if usual == "jsonl" else None)


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
    found = next((each.loader for each in _signs(fields) if each.test(start)), None)
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
    signs = (each for each in _signs(fields) if "jsonl" in each.of)
    return next((each.loader for each in signs if each.test(start)), None)


def _signs(fields: Fields) -> Iterator[Signs]:
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
_is_tuples = _later("spacy_tuples", "is_tuples")
_is_tagged_text = _later("tagged_text", "is_tagged_text")
_has_two_marks = _later("line_signs", "has_two_marks")
_is_fasttext = _later("line_signs", "is_fasttext")
_is_tagged = _later("line_signs", "is_tagged")
_is_table = _later("line_signs", "is_table")
_are_opinions = _later("line_signs", "are_opinions")
_is_conllu = _later("line_signs", "is_conllu")
_is_trec = _later("line_signs", "is_trec")
_are_trees = _later("line_signs", "are_trees")


def _may_be_tuples(start: str) -> bool:
    # A list, an object or an assignment: the rest is told by the module.
    begins = re.match(r"""[\[({#]|\w+\s*=|(?:import|from)\s""", start) is not None
    return begins and bool(_is_tuples(start))


def _any_row(test: Callable[[dict[str, Any]], bool]) -> Callable[[str], bool]:
    return lambda start: any(map(test, _rows(start)))


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


def is_label_studio(row: dict[str, Any]) -> bool:
    """Return whether an object is an element of Label Studio's JSON, or a row of its JSON_MIN."""
    parts = [row.get(key) for key in ("annotations", "completions", "predictions")]
    if isinstance(row.get("data"), dict) and any(isinstance(each, list) for each in parts):
        return True
    # Its data stands behind them, and so may lie behind what is looked at.
    if "text" not in row and any("result" in each for part in parts for each in _objects(part)):
        return True
    return is_label_studio_row(row)


def _is_task(row: dict[str, Any]) -> bool:
    """Tell whether an object is a task that Label Studio imports: data that nobody has seen."""
    return isinstance(row.get("data"), dict) and row.keys() <= {"id", "data", "meta"}


def is_doccano(row: dict[str, Any]) -> bool:
    """Return whether an object has the form of an example of doccano's with spans.

    Then `label` or `labels` hold triples of start, end and label, `entities` such triples or
    objects with `start_offset`, and `annotations` such objects, or labels or texts with their
    `user`.
    """
    if not isinstance(row.get("text", row.get("data")), str) or "spans" in row:
        return False
    triples = [each for key in ("label", "labels") for each in _listed(row.get(key))]
    objects = [each for key in ("entities", "annotations") for each in _listed(row.get(key))]
    if not triples and not objects:
        return False
    return all(map(_is_triple, triples)) and all(
        _is_triple(each) or _is_doccano_object(each) for each in objects
    )


def is_doccano_classes(row: dict[str, Any]) -> bool:
    """Return whether an object is an example of doccano's with classes: a list of names alone,
    or an empty one beside its other keys."""
    if not isinstance(row.get("text", row.get("data")), str) or not _OWN.isdisjoint(row):
        return False
    named = row.get("label", row.get("labels"))
    if named == []:
        return row.keys() <= _DOCCANO_KEYS and "id" in row
    if not isinstance(named, list) or not named:
        return False
    # A list with an O may hold a tag for each word.
    tagged = "O" in named and _later("tagged_words", "are_tags")(named)
    return all(isinstance(each, str) for each in named) and not tagged


def _is_doccano_object(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    says = isinstance(value.get("label", value.get("text")), str | int)
    return "start_offset" in value or (says and "user" in value)


def _is_triple(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 3:
        return False
    return type(value[0]) is type(value[1]) is int and isinstance(value[2], str)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in _listed(value) if isinstance(each, dict)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_ner_annotator(start: str) -> bool:
    """Tell by the beginning alone: the whole file is one object."""
    before = r'(?:"classes"\s*:\s*\[[^\]]*\]\s*,\s*)?'
    return bool(re.match(rf'\{{\s*{before}"annotations"\s*:\s*\[\s*(?:null|\[\s*"|\])', start))


def _is_pubannotation(row: dict[str, Any]) -> bool:
    return isinstance(row.get("text"), str) and any(
        isinstance(row.get(key), list) for key in ("denotations", "tracks")
    )


def _is_bioc(start: str) -> bool:
    """Tell by the beginning alone: a collection is one object or one element."""
    if start.startswith("<"):
        return re.search(r"<collection[\s>]", start) is not None and "<document" in start
    return all(f'"{key}"' in start for key in ("passages", "infons", "offset"))


def _is_argilla(row: dict[str, Any]) -> bool:
    usual = not row.keys().isdisjoint(("fields", "annotation_agent", "external_id"))
    if not usual and not any(".responses" in key or "suggestion" in key for key in row):
        return False
    # Loaded for such files only, as above.
    from tui_annotate.sources.argilla import is_argilla

    return is_argilla(row)


def _is_squad(row: dict[str, Any]) -> bool:
    named = not row.keys().isdisjoint(("context", "paragraphs", "data"))
    return named and _later("squad", "is_squad")(row)


def _has_entities(row: dict[str, Any], test: str = "has_shape") -> bool:
    listed = any(isinstance(row.get(key), list | dict) for key in _ENTITY_KEYS)
    on_words = "tokens" in row and not _ON_WORDS.isdisjoint(row)
    apart = row.keys() >= _WORDS_OF_SCIREX or row.keys() >= {"passages", "entities"}
    listed = listed or isinstance(row.get("annotation_sets"), dict)
    if not _TOLD_BY_KEY.isdisjoint(row):
        return bool(_later("entity_json", test)(row))
    if _has_other_spans(row) or apart or row.keys() >= {"h", "t"}:
        on_words = listed = True
    if (not on_words and not _OWN.isdisjoint(row)) or ("text" in row and not listed):
        return False
    return bool(_later("entity_json", test)(row))


def _is_pair_of_sentences(row: dict[str, Any]) -> bool:
    own = "text" in row or not _OWN.isdisjoint(row)
    return not own and _later("sentence_pairs", "is_pair")(row)


def _is_question(row: dict[str, Any]) -> bool:
    # Options as ours are objects with an `id`.
    own = any("id" in each for each in _objects(row.get("options")))
    if own or "_view_id" in row or "spans" in row or "accept" in row:
        return False
    may_be = isinstance(row.get("question"), dict) or not _OF_QUESTIONS.isdisjoint(row)
    return may_be and _later("choice_json", "is_question")(row)


def _has_other_spans(row: dict[str, Any]) -> bool:
    """Tell whether the spans of a row are not as ours: lists, or without a `label`."""
    spans = row.get("spans")
    has_text = any(map(row.get, ("text", "full_text", "sentence", "source_text")))
    if not isinstance(spans, list) or not spans or not has_text:
        return False
    if all(isinstance(each, list) for each in spans):
        return True
    named = ("type", "entity", "tag", "category", "entity_type", "entity_group")
    return all(
        isinstance(each, dict) and "label" not in each and any(key in each for key in named)
        for each in spans
    )


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
    Signs("label-studio", _JSON, _any_row(is_label_studio)),
    Signs("label-studio", _JSON, _any_row(_is_task), own_rows=True),
    Signs("doccano", _JSON, _any_row(is_doccano)),
    Signs("doccano", ("csv",), _is_doccano_table),
    Signs("ner-annotator", _JSON, _is_ner_annotator),
    Signs("spacy-tuples", _JSON, _may_be_tuples),
    Signs("argilla", _JSON, _any_row(_is_argilla)),
    Signs("pubannotation", _JSON, _any_row(_is_pubannotation)),
    Signs("bioc", (*_JSON, "inline-xml"), _is_bioc),
    Signs("doccano", _JSON, _any_row(is_doccano_classes), own_rows=True),
    Signs("squad", _JSON, _any_row(_is_squad)),
    Signs("entity-json", _JSON, _any_row(lambda row: _has_entities(row, "holds_texts"))),
    Signs("entity-json", _JSON, _any_row(_has_entities), own_rows=True),
    Signs("entity-json", _JSON, _any_row(_is_question), own_rows=True),
    Signs("entity-json", _JSON, _any_row(_is_pair_of_sentences), own_rows=True),
    Signs("standoff-xml", ("inline-xml",), _is_standoff_xml),
    Signs("webanno", ("tsv", "txt"), lambda start: start.startswith("#FORMAT=WebAnno TSV 3")),
    Signs("uima-cas", (*_JSON, "inline-xml"), _is_cas),
    Signs(
        "pubtator",
        ("txt", "tsv"),
        lambda start: re.match(r"([^|\s]+)\|t\|[^\n]*\n\1\|a\|", start) is not None,
    ),
    Signs("rasa", ("txt",), lambda start: "intent:" in start and _is_rasa(start)),
    Signs("semeval-relations", ("txt",), _has_two_marks),
    Signs("fasttext", ("txt",), _is_fasttext),
    Signs("trec", ("txt",), _is_trec),
    Signs("opinion-tuples", ("txt",), lambda start: "####" in start and _are_opinions(start)),
    Signs("trees", ("txt",), lambda start: start[:1] == "(" and _are_trees(start)),
    Signs("conllu", ("txt", "tsv"), _is_conllu),
    Signs("tagged-text", ("txt", "iob2"), _is_tagged_text),
    Signs("conll2003", ("txt", "tsv"), _is_tagged),
    Signs("tsv", ("txt",), _is_table),
    Signs("json", ("txt",), _is_over_lines),
)
"""The formats that are looked for, in order."""
