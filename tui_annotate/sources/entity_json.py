"""JSON of other programs whose rows hold entities with places: one record for each program.

What such rows have in common is a text and objects that say where something lies in it. They differ
in names, in what the end counts, and in what one object of a file holds. A program is added by one
more entry of `SHAPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources import assistant_json, token_json
from tui_annotate.sources.class_labels import class_names, with_names
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.sentence_pairs import is_pair, pair_task
from tui_annotate.sources.shape_parts import (
    LEFT_OUT,
    Row,
    first,
    objects,
    place_span,
    table,
    text_task,
)
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import ANNOTATOR_ID, Task

_HALF = 0.5
_FEW_KEYS = 2
_TEXTS = ("text", "full_text", "sentence", "content", "document")
_LISTS = ("entities", "ents", "annotations", "labels", "label", "spans")
_STARTS = ("start", "start_offset", "startOffset", "start_char", "begin", "offset")
_ENDS = ("end", "end_offset", "endOffset", "end_char")
_NAMES = ("label", "entity_group", "entity", "type", "entity_type", "tag", "category")
_COVERED = ("text", "word", "value", "mention")
_ABOUT = frozenset({"id", "score", "kb_id", "kb_url", "pos"})


class EntityShape(NamedTuple):
    """How one program writes its rows.

    Attributes:
        program: What people call it.
        test: Tells by an object of the file.
        tasks: Yields the tasks of such an object.
    """

    program: str
    test: Callable[[Row], bool]
    tasks: Callable[[Row], Iterable[Task]]


class EntityJsonSource(JsonSource):
    """Reads JSON of the programs in `SHAPES`, each object by the first shape that it has."""

    @property
    def seekable(self) -> bool:
        """False: all rows of one object share its place, so a session reads it again."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> Iterator[Task | TaskError]:
        """Yield the tasks of an object. One without entities among others has a text alone."""
        shape = find_shape(data)
        if shape is None and isinstance(data.get("text"), str) and len(data) <= _FEW_KEYS:
            rest = {key: value for key, value in data.items() if key != "text" and value}
            yield {"text": data["text"], UNANSWERED: True, **({"meta": rest} if rest else {})}
            return
        if shape is None:
            known = ", ".join(each.program for each in SHAPES)
            yield TaskError(f"this is no row of {known}", reason="no-input")
            return
        try:
            for each in shape.tasks(data):
                if self.fields.text_field not in (None, "text") and "text" in each:
                    each[str(self.fields.text_field)] = each.pop("text")
                if LEFT_OUT in each:
                    notices.append(f"{each.pop(LEFT_OUT)} are left out")
                yield each
        except TaskError as error:
            yield error


def find_shape(row: Row) -> EntityShape | None:
    """Return the shape of an object; None where it has none of them."""
    return next((each for each in SHAPES if each.test(row)), None)


def has_shape(row: Row) -> bool:
    """Return whether an object has one of the shapes."""
    return find_shape(row) is not None


# Amazon SageMaker Ground Truth


def _ground_truth_jobs(row: Row) -> list[str]:
    """Return the names of the jobs that a line of a manifest has answers of."""
    ending = "-metadata"
    names = [key.removesuffix(ending) for key in row if key.endswith(ending)]
    kinds = {name: str(table(row[name + ending]).get("type", "")) for name in names}
    return [name for name in names if name in row and kinds[name].startswith("groundtruth/")]


def _ground_truth(row: Row) -> Iterator[Task]:
    if "source" not in row:
        raise TaskError(
            "its text lies elsewhere (`source-ref`), not in this file", reason="no-input"
        )
    for name in _ground_truth_jobs(row):
        said, about = row[name], table(row[f"{name}-metadata"])
        if "text-span" in about["type"]:
            entities = objects(table(table(said).get("annotations")).get("entities"))
            spans = [
                place_span(each.get("startOffset"), each.get("endOffset"), each.get("label"))
                for each in entities
            ]
            task = text_task(row["source"], spans)
        else:
            named = about.get("class-map")
            classes = list(named.values()) if isinstance(named, dict) else [about.get("class-name")]
            if None in classes:
                raise TaskError(f"`{name}-metadata` names no class", reason="bad-choice")
            task = text_task(row["source"], None, classes)
        if about.get("human-annotated") == "no":
            task[UNANSWERED] = True
        yield {**task, "meta": {"job": name}}


# Vertex AI, and AutoML before it

_SEGMENTS = "textSegmentAnnotations"
_CLASSES = ("classificationAnnotation", "classificationAnnotations")


def _is_vertex(row: Row) -> bool:
    return isinstance(row.get("textContent"), str) or (
        "textGcsUri" in row and any(key in row for key in (_SEGMENTS, *_CLASSES))
    )


def _vertex(row: Row) -> Iterator[Task]:
    if "textContent" not in row:
        raise TaskError(
            "its text lies elsewhere (`textGcsUri`), not in this file", reason="no-input"
        )
    spans = None
    if _SEGMENTS in row:
        spans = [
            place_span(each.get("startOffset"), each.get("endOffset"), each.get("displayName"))
            for each in objects(row[_SEGMENTS])
        ]
    found = first(row, _CLASSES)
    chosen = found if isinstance(found, list) else [] if found is None else [found]
    classes = [each.get("displayName") for each in objects(chosen)] if chosen else None
    feeling = table(row.get("sentimentAnnotation"))
    if "sentiment" in feeling:
        classes = [feeling["sentiment"]]
    task = text_task(row["textContent"], spans, classes)
    if spans is None and classes is None:
        task[UNANSWERED] = True
    meta = table(row.get("dataItemResourceLabels"))
    yield {**task, "meta": dict(meta)} if meta else task


def _is_automl(row: Row) -> bool:
    return isinstance(table(row.get("text_snippet")).get("content"), str)


def _automl(row: Row) -> Iterator[Task]:
    spans, classes = [], []
    for each in objects(row.get("annotations")):
        if "text_extraction" in each:
            segment = table(table(each["text_extraction"]).get("text_segment"))
            start = segment.get("start_offset", 0)
            spans.append(place_span(start, segment.get("end_offset"), each.get("display_name")))
        else:
            classes.append(each.get("display_name"))
    yield text_task(row["text_snippet"]["content"], spans if spans or not classes else None,
                classes or None)  # fmt: skip


# GATE, and Twitter: lists by label, of objects with `indices`


def _is_gate(row: Row) -> bool:
    held = table(row.get("entities"))
    found = [each for group in held.values() for each in objects(group)]
    return isinstance(first(row, _TEXTS), str) and any("indices" in each for each in found)


def _gate(row: Row) -> Iterator[Task]:
    spans = []
    for label, group in table(row["entities"]).items():
        for each in objects(group):
            at = each.get("indices")
            start, end = at if isinstance(at, list) and len(at) == 2 else (None, None)
            spans.append(
                place_span(start, end, label, {k: v for k, v in each.items() if k != "id_str"})
            )
    meta = {key: row[key] for key in ("id_str", "id", "documentName") if key in row}
    task = text_task(first(row, _TEXTS), spans)
    yield {**task, "meta": meta} if meta else task


# Dataturks, whose ends are inclusive


def _is_dataturks(row: Row) -> bool:
    return isinstance(row.get("content"), str) and "annotation" in row


def _dataturks(row: Row) -> Iterator[Task]:
    said = row["annotation"]
    if isinstance(said, dict):
        labels = said.get("labels")
        yield text_task(row["content"], None, labels if isinstance(labels, list) else [])
        return
    spans = []
    for each in objects(said):
        labels = each.get("label")
        for label in labels if isinstance(labels, list) else [labels]:
            for point in objects(each.get("points")):
                last = point.get("end")
                end = last + 1 if type(last) is int else last
                spans.append(place_span(point.get("start"), end, label))
    task = text_task(row["content"], spans)
    yield task if said is not None else {**task, UNANSWERED: True}


# spaCy's JSON for training


def _is_spacy_json(row: Row) -> bool:
    paragraphs = objects(row.get("paragraphs"))
    return bool(paragraphs) and isinstance(paragraphs[0].get("sentences"), list)


def _spacy_json(row: Row) -> Iterator[Task]:
    # Loaded for such files only: each module costs a start.
    from tui_annotate.sources.tagged_words import take_words

    for paragraph in objects(row["paragraphs"]):
        sentences = objects(paragraph.get("sentences"))
        tokens = [each for sentence in sentences for each in objects(sentence.get("tokens"))]
        words = [each.get("orth") for each in tokens]
        if not words or not all(isinstance(word, str) for word in words):
            raise TaskError("a paragraph has no tokens with their `orth`", reason="no-input")
        task: Task = {"tokens": words}
        if isinstance(paragraph.get("raw"), str):
            task["text"] = paragraph["raw"]
        if any("ner" in each for each in tokens):
            task["ner_tags"] = [each.get("ner") or "O" for each in tokens]
        take_words(task, "text")
        cats = objects(paragraph.get("cats"))
        if cats:
            chosen = [each for each in cats if float(each.get("value") or 0) >= _HALF]
            task["accept"] = [str(each.get("label")) for each in chosen]
        yield task


# Rows of a text and objects with start, end and label: displaCy, pipelines, many others


def _entity_list(row: Row) -> list[Row]:
    for key in _LISTS:
        found = objects(row.get(key))
        if found and len(found) == len(row[key]) and all(map(_is_entity, found)):
            return found
    return []


def _is_entity(each: Row) -> bool:
    places = type(first(each, _STARTS)) is int
    ends = type(first(each, _ENDS)) is int or type(each.get("length")) is int
    return places and ends and isinstance(first(each, _NAMES), str)


def _is_plain(row: Row) -> bool:
    own = "_view_id" in row or ("tokens" in row and "ents" not in row)
    labelled = any("label" in each for each in objects(row.get("spans")))
    return (
        not own and not labelled and isinstance(first(row, _TEXTS), str) and bool(_entity_list(row))
    )


def _plain(row: Row) -> Iterator[Task]:
    text_key = next(key for key in _TEXTS if key in row)
    found = _entity_list(row)
    spans = []
    for each in found:
        start, end = first(each, _STARTS), first(each, _ENDS)
        if end is None:
            end = start + each["length"]
        known = {*_STARTS, *_ENDS, *_NAMES, *_COVERED, "length", *_ABOUT}
        span = place_span(
            start, end, first(each, _NAMES), {k: each[k] for k in each.keys() - known}
        )
        covered = first(each, _COVERED)
        if isinstance(covered, str) and row[text_key][start:end].casefold() != covered.casefold():
            # Its own text tells where it lies, whatever its offsets count.
            span["text"] = covered
        spans.append(span)
    listed = {id(each) for each in found}
    rest = {
        key: value for key, value in row.items()
        if key != text_key and not any(id(each) in listed for each in objects(value))
    }  # fmt: skip
    parsed = {"tokens", "sents"} if "ents" in row else set()
    rest = {key: value for key, value in rest.items() if value is not None and key not in parsed}
    task = text_task(row[text_key], spans)
    yield {**task, "meta": rest} if rest else task


# CLUENER: by label and surface, lists of places whose ends are inclusive


def _is_cluener(row: Row) -> bool:
    said = row.get("label")
    if not isinstance(row.get("text"), str) or not isinstance(said, dict):
        return False
    surfaces = [group for held in said.values() for group in table(held).values()]
    groups = all(isinstance(held, dict) for held in said.values())
    return groups and all(isinstance(group, list) and all(map(_is_range, group))
                          for group in surfaces)  # fmt: skip


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int]


def _cluener(row: Row) -> Iterator[Task]:
    spans = [
        {**place_span(first, last + 1, label), "text": surface}
        for label, held in row["label"].items()
        for surface, group in held.items()
        for first, last in group
    ]
    rest = {key: row[key] for key in row.keys() - {"text", "label"}}
    task = text_task(row["text"], spans)
    yield {**task, "meta": rest} if rest else task


# What the API of Hugging Face says of the rows of a data set


def _is_api(row: Row) -> bool:
    rows = objects(row.get("rows"))
    return (
        bool(rows)
        and isinstance(rows[0].get("row"), dict)
        and isinstance(row.get("features"), list)
    )


def _api(row: Row) -> Iterator[Task]:
    names = class_names(
        {str(each.get("name")): each.get("type") for each in objects(row["features"])}
    )
    for each in objects(row["rows"]):
        yield with_names(dict(table(each.get("row"))), names)


def _pair(row: Row) -> Iterator[Task]:
    left: list[str] = []
    task = pair_task(row, left)
    if left:
        task[LEFT_OUT] = left[0].removesuffix(" are left out")
    yield task


# Triples, or lists by label of pairs


def _is_ranges(row: Row) -> bool:
    if not isinstance(first(row, _TEXTS), str) or "_view_id" in row or "tokens" in row:
        return False
    found, by_label = row.get("spans"), table(row.get("entities"))
    triples = isinstance(found, list) and bool(found) and all(map(_is_triple, found))
    pairs = [each for group in by_label.values() if isinstance(group, list) for each in group]
    return triples or (bool(pairs) and all(map(_is_range, pairs)))


def _is_triple(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int, str]


def _ranges(row: Row) -> Iterator[Task]:
    listed = row.get("spans")
    triples = listed if isinstance(listed, list) else []
    by_label = table(row.get("entities")) if not triples else {}
    triples = triples or [(*pair, label) for label, group in by_label.items() for pair in group]
    rest = {key: row[key] for key in row if key not in (*_TEXTS, "spans", "entities")}
    task = text_task(first(row, _TEXTS), [place_span(*each) for each in triples])
    yield {**task, "meta": rest} if rest else task


# LightTag, with several people's marks side by side, and UBIAI, with entities among its tokens


def _is_lighttag(row: Row) -> bool:
    found = objects(row.get("examples"))
    return bool(found) and isinstance(found[0].get("content"), str) and "annotations" in found[0]


def _lighttag(row: Row) -> Iterator[Task]:
    for example in objects(row["examples"]):
        people: dict[str, list[dict[str, Any]]] = {}
        for each in objects(example.get("annotations")):
            span = place_span(each.get("start"), each.get("end"), each.get("tag"))
            for who in objects(each.get("annotated_by")) or [{}]:
                people.setdefault(str(who.get("annotator", "")), []).append(span)
        for name, spans in (people or {"": []}).items():
            task = text_task(example.get("content"), [dict(span) for span in spans])
            yield {**task, ANNOTATOR_ID: name} if name else task


def _is_ubiai(row: Row) -> bool:
    tokens = objects(row.get("tokens"))
    return isinstance(row.get("document"), str) and any("entityLabel" in each for each in tokens)


def _ubiai(row: Row) -> Iterator[Task]:
    marked = [each for each in objects(row["tokens"]) if each.get("entityLabel")]
    spans = [place_span(e.get("start"), e.get("end"), e["entityLabel"]) for e in marked]
    task = text_task(row["document"], spans)
    name = row.get("documentName")
    if row.get("relations"):
        task[LEFT_OUT] = f"{len(objects(row['relations']))} relations"
    yield {**task, "meta": {"id": name}} if name else task


# Files whose places lie in texts of other files


def _is_apart(row: Row) -> bool:
    of_comprehend = isinstance(row.get("Entities"), list) and "text" not in row
    of_tagtog = {"annotatable", "entities"} <= row.keys()
    of_re3d = {"documentId", "begin", "end", "value"} <= row.keys()
    return of_comprehend or of_tagtog or of_re3d


def _apart(_row: Row) -> Iterable[Task]:
    what = "its text lies in another file, and the places of its entities alone are in this one"
    raise TaskError(what, reason="no-input")


SHAPES = (
    EntityShape("Rasa NLU", assistant_json.is_rasa, assistant_json.rasa),
    EntityShape("LUIS", assistant_json.is_luis, assistant_json.luis),
    EntityShape("IBM Watson", assistant_json.is_watson, assistant_json.watson),
    EntityShape("Dialogflow", assistant_json.is_dialogflow, assistant_json.dialogflow),
    EntityShape("Azure AI Language", assistant_json.is_azure, assistant_json.azure),
    EntityShape("SageMaker Ground Truth", lambda row: bool(_ground_truth_jobs(row)), _ground_truth),
    EntityShape("Vertex AI", _is_vertex, _vertex),
    EntityShape("AutoML", _is_automl, _automl),
    EntityShape("GATE", _is_gate, _gate),
    EntityShape("Dataturks", _is_dataturks, _dataturks),
    EntityShape("spaCy 2 for training", _is_spacy_json, _spacy_json),
    EntityShape("GLiNER and SciERC", token_json.is_token_indices, token_json.token_indices),
    EntityShape("SciREX", token_json.is_scirex, token_json.scirex),
    EntityShape("NYT", token_json.is_nyt, token_json.nyt),
    EntityShape("DocRED", token_json.is_docred, token_json.docred),
    EntityShape("TACRED", token_json.is_tacred, token_json.tacred),
    EntityShape("SpERT", token_json.is_spert, token_json.spert),
    EntityShape("LightTag", _is_lighttag, _lighttag),
    EntityShape("UBIAI", _is_ubiai, _ubiai),
    EntityShape("triples of start, end and label", _is_ranges, _ranges),
    EntityShape("CLUENER", _is_cluener, _cluener),
    EntityShape("the API of Hugging Face", _is_api, _api),
    EntityShape("pairs of sentences as in SNLI", is_pair, _pair),
    EntityShape("displaCy and others with `start`, `end` and a label", _is_plain, _plain),
    EntityShape("Amazon Comprehend, tagtog and re3d", _is_apart, _apart),
    EntityShape("Snips NLU", assistant_json.is_snips, assistant_json.snips),
    EntityShape("FewRel", token_json.is_fewrel, token_json.fewrel),
)
"""The shapes, in the order in which they are tried."""
