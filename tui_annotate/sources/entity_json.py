"""JSON of other programs whose rows hold entities with places: one record for each program.

What such rows have in common is a text and objects that say where something lies in it. They differ
in names, in what the end counts, and in what one object of a file holds. A program is added by one
more entry of `SHAPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources import (
    choice_json,
    cloud_json,
    dialogue_json,
    gate_json,
    intent_json,
    passage_json,
    placed_json,
    platform_json,
    token_json,
)
from tui_annotate.sources.bigbio import bigbio, is_bigbio
from tui_annotate.sources.class_labels import class_names, with_names
from tui_annotate.sources.column_json import column_rows, is_columns
from tui_annotate.sources.corenlp_json import corenlp, is_corenlp
from tui_annotate.sources.event_json import duee, is_duee, is_oneie, oneie
from tui_annotate.sources.json_helpers import (
    ODD,
    REMARKS,
    Row,
    each_task,
    end_behind,
    entries,
    name_of,
    objects,
    odd_value,
    place_span,
    remark,
    table,
    text_task,
)
from tui_annotate.sources.json_wrapping import Wrapping
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.potato_json import SEVERAL, has_several, is_potato, potato
from tui_annotate.sources.recognise import first_rows
from tui_annotate.sources.sentence_pairs import is_pair, pair_task
from tui_annotate.sources.surface_json import (
    LISTS,
    TEXTS,
    is_nyt,
    is_surfaces,
    is_triples,
    nyt,
    surfaces,
    triples,
)
from tui_annotate.sources.tagged_words import take_words
from tui_annotate.sources.text_field import ANY_ROW, UNANSWERED, Fields
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.schema import Task

_HALF = 0.5
_DEEP = 4
_LOOKED_AT = 50
_MARKS = frozenset(LISTS[: LISTS.index("ner_spans")])
"""Keys of which a row among others with entities is not left without them silently."""
_SURE_MARKS = frozenset({"entities", "ents", "annotations", "named_entities", "entity_mentions"})


class EntityShape(NamedTuple):
    """How one program writes its rows.

    Attributes:
        program: What people call it.
        test: Tells by an object of the file.
        tasks: Yields the tasks of such an object, and what is wrong with it in place of a bad one.
        own_rows: Whether each object is a row, which the code of a recipe may know as its own; else
            it holds many texts.
    """

    program: str
    test: Callable[[Row], bool]
    tasks: Callable[[Row], Iterable[Task | TaskError]]
    own_rows: bool = True


class EntityJsonSource(JsonSource):
    """Reads JSON of the programs in `SHAPES`, each object by the first shape that it has."""

    @property
    def seekable(self) -> bool:
        """False: all rows of one object share its place, so a session reads it again."""
        return False

    @property
    def told(self) -> str:
        """What people should know of how its rows are found, and of labels that it has not."""
        told = [super().told] if super().told else []
        if any(map(_gets_no_label, self._first_rows)):
            told.append(f"entities without a label get {NO_LABEL}")
        return "; ".join(told)

    def wrapping(self, first: dict[str, Any]) -> Wrapping | None:
        """Return in what way the first object holds rows, unless it has a shape itself."""
        return super().wrapping(first) if find_shape(first) is None else None

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield the tasks of an object. One without entities among others has a text alone."""
        if choice_json.OF_MEDMCQA in data and self._counts_from is not None:
            data = {**data, choice_json.COUNTS_FROM: self._counts_from}
        elif is_potato(data):
            data = {**data, SEVERAL: self._has_several}
        return entity_tasks(data, self.fields, notices)

    @cached_property
    def _first_rows(self) -> list[dict[str, Any]]:
        """The first rows: they tell what no row tells of itself."""
        return first_rows(self.file)

    @cached_property
    def _has_several(self) -> bool:
        """Whether the first rows answer several questions of Potato."""
        return has_several(self._first_rows)

    @cached_property
    def _counts_from(self) -> int | None:
        """From which number the right options count where the first rows alone tell it."""
        return choice_json.counts_from(self._first_rows)


def _gets_no_label(row: Row) -> bool:
    """Return whether a row is read as entities with places, and some of these have no label."""
    shape = find_shape(row)
    by_places = (placed_json.ranges, placed_json.text_with_entities)
    return shape is not None and shape.tasks in by_places and placed_json.lacks_labels(row)


def entity_tasks(
    data: dict[str, Any], fields: Fields, notices: list[str]
) -> Iterator[Task | TaskError]:
    """Yield the tasks of an object of one of the shapes, and in place of a bad one what is wrong.

    Args:
        data: The object. One without entities among others has a text alone.
        fields: How the file is read.
        notices: Gets remarks for people.
    """
    shape = find_shape(data)
    if fields.input_keys == ANY_ROW and (shape is None or shape.own_rows):
        # Code of a recipe knows its own rows.
        yield data
        return
    try:
        for each in _own_or_unmarked(data) if shape is None else shape.tasks(data):
            if isinstance(each, dict):
                notices += each.pop(REMARKS, ())
                if fields.text_field not in (None, "text") and "text" in each:
                    each[str(fields.text_field)] = each.pop("text")
            yield each
    except TaskError as error:
        yield error
    except ODD as error:
        yield odd_value(error)


def find_shape(row: Row) -> EntityShape | None:
    """Return the shape of an object; None where it has none of them."""
    return next((each for each in SHAPES if each.test(row)), None)


def holds_texts(row: Row) -> bool:
    """Return whether an object holds many texts by its shape, so that it is no row of its own."""
    shape = find_shape(row)
    return shape is not None and not shape.own_rows


def has_shape(row: Row) -> bool:
    """Return whether an object has one of the shapes, apart from that of a pair of sentences."""
    return find_shape(row) not in (None, PAIRS, CHOICES)


def _own_or_unmarked(row: Row) -> Iterator[Task]:
    """Yield an object of none of the shapes: one with spans as ours, or a text without marks.

    Raises:
        TaskError: It has no text, or something in it may be marks.
    """
    if _has_own_spans(row):
        yield dict(row)
        return
    text_key = next((key for key in TEXTS if isinstance(row.get(key), str)), None)
    # What may be marks in a shape that is not known must not be lost in silence.
    marked = [key for key, value in row.items() if value and (key in _MARKS or _has_places(value))]
    if text_key is None or marked:
        known = ", ".join(each.program for each in SHAPES)
        what = (
            f"what `{marked[0]}` holds is none of" if text_key and marked else "this is no row of"
        )
        raise TaskError(f"{what} {known}", reason="bad-spans" if marked else "no-input")
    rest = {key: value for key, value in row.items() if key != text_key and value}
    meta = {"meta": rest} if rest else {}
    # An empty list says that there are none, and no list that nobody has looked for them.
    has_empty_list = any(row.get(key) == [] for key in ("entities", "ents", "spans"))
    answer: Task = {"spans": []} if has_empty_list else {UNANSWERED: True}
    yield {"text": row[text_key], **answer, **meta}


def _has_own_spans(row: Row) -> bool:
    """Tell whether a row has a text and spans as ours, each with a label."""
    spans = row.get("spans") or []
    found = objects(spans)
    return isinstance(row.get("text"), str) and bool(found) and len(found) == len(spans) and all(
        type(each.get("start")) is type(each.get("end")) is int
        and isinstance(each.get("label"), str)
        for each in found
    )  # fmt: skip


def key_of_unread_marks(row: Row) -> str:
    """Return the key of a row that holds places in a form that is not read; empty for none."""
    for key in _MARKS & row.keys():
        value = row[key]
        parts = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list) and (any(map(_has_places, parts)) or _holds(key, value)):
            return key
        # A list that was printed into a text.
        if isinstance(value, str) and value.startswith(("[{", "[[", "[(", "{")) and key != "label":
            return key
    return ""


def placed_key(row: Row, known: Container[str]) -> str:
    """Return the key of a row under which objects say where something lies in its text; empty for
    none.

    Args:
        row: The row.
        known: Keys that are not looked at.
    """
    return next((key for key in row if key not in known and _holds_places(row[key])), "")


def _holds_places(value: Any, depth: int = 0) -> bool:
    if isinstance(value, dict) and placed_json.is_placed(value):
        return True
    inner = value.values() if isinstance(value, dict) else value
    if depth == _DEEP or not isinstance(value, dict | list):
        return False
    return any(_holds_places(each, depth + 1) for each in islice(inner, _LOOKED_AT))


def _holds(key: str, value: Any) -> bool:
    """Tell whether objects lie in a value whose key names marks and nothing else."""
    parts = value.values() if isinstance(value, dict) else value
    return key in _SURE_MARKS and any(isinstance(each, dict | list) for each in parts)


def _has_places(value: Any) -> bool:
    """Tell whether something lies in a value that may be the place of a mark."""
    if isinstance(value, list):
        return [type(each) for each in value[:2]] == [int, int] or any(map(_has_places, value))
    if not isinstance(value, dict):
        return False
    return not placed_json.PLACES.isdisjoint(value) or any(map(_has_places, value.values()))


# Dataturks, whose ends are inclusive


def _is_dataturks(row: Row) -> bool:
    return isinstance(row.get("content"), str) and "annotation" in row


def _dataturks(row: Row) -> Iterator[Task]:
    said = row["annotation"]
    if isinstance(said, dict):
        yield text_task(row["content"], None, _listed(said.get("labels")))
        return
    spans = []
    for each in entries(row, "annotation"):
        labels, points = _listed(each.get("label")), entries(each, "points")
        if not labels or not points:
            raise TaskError("an entity has no label or no `points`", reason="bad-spans")
        for label in labels:
            for point in points:
                end = end_behind(point.get("end"))
                spans.append(place_span(point.get("start"), end, label))
    task = text_task(row["content"], spans)
    yield task if said is not None else {**task, UNANSWERED: True}


def _listed(value: Any) -> list[Any]:
    """Return a list as it is, one value as a list, and an empty list for None."""
    return value if isinstance(value, list) else [] if value is None else [value]


# spaCy's JSON for training


def _is_spacy_json(row: Row) -> bool:
    paragraphs = objects(row.get("paragraphs"))
    return bool(paragraphs) and isinstance(paragraphs[0].get("sentences"), list)


def _spacy_json(row: Row) -> Iterator[Task | TaskError]:
    yield from each_task(_spacy_paragraph, row["paragraphs"])


def _spacy_paragraph(paragraph: Row) -> Task:
    sentences = entries(paragraph, "sentences")
    tokens = [each for sentence in sentences for each in entries(sentence, "tokens")]
    words = [each.get("orth") for each in tokens]
    if not words or not all(isinstance(word, str) for word in words):
        raise TaskError("a paragraph has no tokens with their `orth`", reason="no-input")
    task: Task = {"tokens": words}
    if isinstance(paragraph.get("raw"), str):
        task["text"] = paragraph["raw"]
    if any("ner" in each for each in tokens):
        task["ner_tags"] = [each.get("ner") or "O" for each in tokens]
    take_words(task, "text")
    cats = entries(paragraph, "cats")
    if cats:
        chosen = [each for each in cats if float(each.get("value") or 0) >= _HALF]
        task["accept"] = [name_of(each.get("label"), "a class") for each in chosen]
    return task


# What the API of Hugging Face says of the rows of a data set


def _is_api(row: Row) -> bool:
    rows = objects(row.get("rows"))
    return (
        bool(rows)
        and isinstance(rows[0].get("row"), dict)
        and isinstance(row.get("features"), list)
    )


def _api(row: Row) -> Iterator[Task | TaskError]:
    names = class_names(
        {str(each.get("name")): each.get("type") for each in objects(row["features"])}
    )
    yield from each_task(lambda each: with_names(dict(each["row"]), names), row["rows"])


# Tables by columns, whose rows may have any of the other shapes
def _columns(row: Row) -> Iterator[Task | TaskError]:
    for each in column_rows(row):
        shape = find_shape(each)
        yield from [dict(each)] if shape is None else shape.tasks(each)


def _pair(row: Row) -> Iterator[Task]:
    notices: list[str] = []
    task = pair_task(row, notices)
    remark(task, *notices)
    yield task


# Files whose places lie in texts of other files


_OF_POTATO = "instance_id_to_label_to_value"


def _is_apart(row: Row) -> bool:
    if _OF_POTATO in row or {"annotatable", "entities"} <= row.keys():  # the latter of tagtog
        return True
    if {"metadata", "instances"} <= row.keys() and "url" in table(row["metadata"]):
        return True  # of SuperAnnotate
    if _is_datasaur(row):
        return True
    of_comprehend = isinstance(row.get("Entities"), list) and "text" not in row
    return of_comprehend or {"documentId", "begin", "end", "value"} <= row.keys()  # of re3d


def _is_datasaur(row: Row) -> bool:
    return {"cells", "labels"} <= table(row.get("data")).keys()


def _apart(row: Row) -> Iterable[Task]:
    what = "its text lies in another file, and the places of its entities alone are in this one"
    if _OF_POTATO in row:
        what = "it names texts by their ids alone, and the texts lie in Potato's files of data"
    if _is_datasaur(row):
        what = "it has the cells of Datasaur, which are not read; its CoNLL and TSV are"
    raise TaskError(what, reason="no-input")


PAIRS = EntityShape("pairs of sentences as in SNLI", is_pair, _pair)
"""The shape of two texts beside each other, which rows of a recipe's own may have too."""

CHOICES = EntityShape("questions with options", choice_json.is_question, choice_json.questions)
"""The shape of a question with options, which rows of a recipe's own may have too."""

SHAPES = (
    EntityShape("Rasa NLU", intent_json.is_rasa_json, intent_json.rasa, own_rows=False),
    EntityShape("LUIS", intent_json.is_luis, intent_json.luis, own_rows=False),
    EntityShape("IBM Watson", intent_json.is_watson, intent_json.watson, own_rows=False),
    EntityShape("Dialogflow", intent_json.is_dialogflow, intent_json.dialogflow, own_rows=False),
    EntityShape(
        "Dialogflow CX", intent_json.is_dialogflow_cx, intent_json.dialogflow_cx, own_rows=False
    ),
    EntityShape("wit.ai", intent_json.is_wit, intent_json.wit, own_rows=False),
    EntityShape("Azure AI Language", intent_json.is_azure, intent_json.azure, own_rows=False),
    EntityShape(
        "SageMaker Ground Truth",
        lambda row: bool(cloud_json.ground_truth_jobs(row)),
        cloud_json.ground_truth,
    ),
    EntityShape("Vertex AI", cloud_json.is_vertex, cloud_json.vertex),
    EntityShape("AutoML", cloud_json.is_automl, cloud_json.automl),
    EntityShape("GATE", gate_json.is_gate, gate_json.gate),
    EntityShape("gatenlp", gate_json.is_gatenlp, gate_json.gatenlp),
    EntityShape("Dataturks", _is_dataturks, _dataturks),
    EntityShape("spaCy 2 for training", _is_spacy_json, _spacy_json, own_rows=False),
    EntityShape("GLiNER and SciERC", token_json.is_token_indices, token_json.token_indices),
    EntityShape("SciREX", token_json.is_scirex, token_json.scirex),
    EntityShape("NYT", is_nyt, nyt),
    EntityShape("DocRED", token_json.is_docred, token_json.docred),
    EntityShape("TACRED", token_json.is_tacred, token_json.tacred),
    EntityShape("SpERT", token_json.is_spert, token_json.spert),
    EntityShape("OneIE", is_oneie, oneie),
    EntityShape("DuEE", is_duee, duee),
    EntityShape("BigBio", is_bigbio, bigbio),
    EntityShape("LightTag", platform_json.is_lighttag, platform_json.lighttag, own_rows=False),
    EntityShape("Kili", platform_json.is_kili, platform_json.kili),
    EntityShape("Labelbox", platform_json.is_labelbox, platform_json.labelbox),
    EntityShape("Potato", is_potato, potato),
    EntityShape("MedCATtrainer", platform_json.is_medcat, platform_json.medcat, own_rows=False),
    EntityShape("SGD and Taskmaster", dialogue_json.is_dialogue, dialogue_json.dialogue),
    EntityShape("MASSIVE", dialogue_json.is_massive, dialogue_json.massive),
    EntityShape("HotpotQA and MuSiQue", choice_json.is_hops, choice_json.hops),
    EntityShape("DROP and CoQA", choice_json.is_pairs, choice_json.pairs, own_rows=False),
    EntityShape("MultiRC", passage_json.is_multirc, passage_json.multirc, own_rows=False),
    EntityShape("ReCoRD", passage_json.is_record, passage_json.record, own_rows=False),
    EntityShape(
        "Natural Questions", passage_json.is_natural_questions, passage_json.natural_questions
    ),
    EntityShape("Stanford CoreNLP", is_corenlp, corenlp, own_rows=False),
    CHOICES,
    EntityShape("UBIAI", platform_json.is_ubiai, platform_json.ubiai),
    EntityShape("triples of start, end and label", placed_json.is_ranges, placed_json.ranges),
    EntityShape("brat", placed_json.is_brat, placed_json.brat),
    EntityShape("CLUENER", placed_json.is_cluener, placed_json.cluener),
    EntityShape("the API of Hugging Face", _is_api, _api, own_rows=False),
    PAIRS,
    EntityShape(
        "displaCy and others with `start`, `end` and a label",
        placed_json.is_text_with_entities,
        placed_json.text_with_entities,
    ),
    EntityShape("triples of words, as CasRel and DuIE have them", is_triples, triples),
    EntityShape("entities that are words with labels", is_surfaces, surfaces),
    EntityShape(
        "Amazon Comprehend, tagtog, re3d, SuperAnnotate, Datasaur, Potato", _is_apart, _apart
    ),
    EntityShape("Snips NLU", intent_json.is_snips, intent_json.snips, own_rows=False),
    EntityShape(
        "nlp.js, Lex, Alexa and other bots",
        intent_json.is_phrases,
        intent_json.phrases,
        own_rows=False,
    ),
    EntityShape("columns of pandas and datasets", is_columns, _columns, own_rows=False),
    EntityShape("OpenNRE", token_json.is_opennre, token_json.opennre),
    EntityShape("FewRel", token_json.is_fewrel, token_json.fewrel, own_rows=False),
)
"""The shapes, in the order in which they are tried."""
