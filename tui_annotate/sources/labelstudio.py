"""Label Studio's exports: JSON with a task for each annotation of an element, JSON_MIN and CSV.

In the full JSON an element has `data`, `annotations` and `predictions`, both with `result`, a list
of regions, choices and so on; JSON_MIN and CSV have a key or column for each field asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import dicts, is_text, picture_key, without_lost_picture
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.known_tables import is_label_studio_row
from tui_annotate.sources.labelstudio_results import (
    Results,
    about_whole,
    labels_of,
    sort_results,
    value_of,
)
from tui_annotate.sources.recognise import first_rows
from tui_annotate.sources.relation_links import Span, add_relations
from tui_annotate.sources.sentence_pairs import compared_texts
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.foreign_spans import PLACED, FileRegion, place_regions
from tui_annotate.task.jsonio import loads_value
from tui_annotate.task.offsets import UNIT_KEY, UNITS, Unit
from tui_annotate.task.schema import ANNOTATOR_ID, Task
from tui_annotate.text.amounts import plural

_TEXT = "text"
_ABOUT_ROWS = frozenset(
    {"id", "annotation_id", "annotator", "created_at", "updated_at", "lead_time", "was_cancelled"}
)
_HTML = "html"
_PARTS = ("data", "annotations", "completions", "predictions")
_KEYS_OF_TASKS = frozenset(
    {"text", "spans", "label", "options", "accept", "tokens", "relations", "meta", "answer", "cats",
     "html", "image", "input", "config"}
)  # fmt: skip
_NAMES_OF_CHOICES = frozenset(
    {"choice", "choices", "sentiment", "class", "category", "categories", "topic", "topics",
     "intent"}
)  # fmt: skip


class LabelStudioSource(JsonSource):
    """Reads Label Studio's JSON and JSON_MIN; an element gives a row for each of its annotations.

    Region labels become `spans`, and what was said of a single region becomes the `attributes` of
    its span. Choices about the whole text become `accept`; if there are several fields of choices,
    each stays under its own name, and `cats` has all of them as `FIELD: CHOICE`. Relations between
    regions become `relations`, and a cancelled annotation is ignored. An element that nobody has
    annotated has what a model predicted for its annotator to begin with. Taxonomies, ratings and
    numbers are choices too, typed texts `user_input`, and the texts of a comparison `chosen` and
    `rejected`. Other results (such as areas of pictures) are left out, with a remark on the row.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # One field of choices may be missing in many elements, and then those have one.
        self._asked = _asked_of(first_rows(self.file)) & {"spans", "html"}

    @property
    def seekable(self) -> bool:
        """False: several rows may share one place, so a session reads it again from the start."""
        return False

    def expand(self, data: dict[str, Any], notices: list[str]) -> list[dict[str, Any]]:
        """Return a task for each annotation, or one without where there is none."""
        if is_label_studio_row(data):
            return [row_task(data, notices, self.fields.text_field)]
        # A list may have elements that are their data, as it may be imported.
        values = data if data.keys().isdisjoint(_PARTS) else data.get("data")
        if not isinstance(values, dict):
            raise TaskError("no `data`: this is not Label Studio's JSON", reason="no-input")
        base, shift = self._base(values, data.get("id"))
        annotations = dicts(data.get("annotations", data.get("completions")))
        text = base.get(self.fields.text_field or _TEXT)
        asked = self._asked | _asked_of([data])
        if annotations:
            made = [
                {
                    **base,
                    **_compared(values, each),
                    **_answer(each, text, shift, notices, asked),
                    **_decision(each),
                }
                for each in annotations
            ]
            return [without_lost_picture(each) for each in made]
        predictions = dicts(data.get("predictions"))
        begun = max(predictions, key=_score) if predictions else None
        proposed = _answer(begun or {"asked": []}, text, shift, notices, asked)
        return [{**base, **proposed, UNANSWERED: True}]

    def _base(self, values: dict[str, Any], number: Any) -> tuple[Task, _Shift]:
        """Return the task without its answers, and where the parts of its text begin in it."""
        name = _text_key(values, self.fields.text_field)
        task: Task = {}
        shift = _Shift()
        if name in values:
            text, shift = _shown(values[name])
            task[self.fields.text_field or _TEXT] = text
        elif picture := picture_key(values):
            name, task["image"] = picture, values[picture]
        meta = {key: value for key, value in values.items() if key != name}
        if isinstance(meta.get("meta"), dict):
            meta = {**meta, **meta.pop("meta")}
        if number is not None:
            meta.setdefault("id", number)
        return ({**task, "meta": meta} if meta else task), shift


def _asked_of(elements: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Return what the annotations of elements show to have been asked: `spans`, `html` where those
    were drawn in HTML, and `choice FIELD`. Whoever said nothing of it was asked too."""
    found: set[str] = set()
    for element in elements:
        for key in ("annotations", "completions", "predictions"):
            for annotation in dicts(element.get(key)):
                for result in dicts(annotation.get("result")):
                    value = value_of(result)
                    if labels_of(value) is not None:
                        found |= {"spans", "html"} if "hypertextlabels" in value else {"spans"}
                    elif key != "predictions" and "start" not in value and about_whole(value):
                        found.add(f"choice {result.get('from_name') or 'choice'}")
    return frozenset(found)


def row_task(data: Mapping[str, Any], notices: list[str], text_field: str | None = None) -> Task:
    """Return an object of JSON_MIN, or a row of the CSV export, as a task with its answer.

    Such rows mix what was shown with what was answered. Lists of regions are known by their form. A
    string is an answer if it stands where JSON_MIN puts answers (between `id` and `annotator`), or
    if its name is one that fields of choices have; the rest goes to `meta`.

        {"text": "Ada left", "id": 7, "ner": [{"start": 0, "end": 3, "text": "Ada",
         "labels": ["PER"]}], "topic": "good", "annotator": 1, "annotation_id": 3}

    Args:
        data: Field -> value; in a CSV the lists and objects are JSON text.
        notices: Gets remarks for people.
        text_field: The field of the text, if it is not `text` or the only one that can be.
    """
    values = {key: _parsed(value) for key, value in data.items() if value not in ("", None)}
    fields = {key: value for key, value in values.items() if key not in _ABOUT_ROWS}
    texts = {key: value for key, value in fields.items() if isinstance(value, str)}
    name = _text_key(texts, text_field)
    text, shift = _shown(fields.pop(name, None))
    answered = _answered_keys(list(data))
    meta: dict[str, Any] = {"id": values["id"]} if "id" in values else {}
    results: list[dict[str, Any]] = []
    for key, value in fields.items():
        found = _as_results(key, value, key in answered)
        results += found
        if not found:
            meta[key] = value
    task: Task = {} if text is None else {text_field or _TEXT: text}
    if meta:
        task["meta"] = meta
    if "annotation_id" not in values:
        return {**task, UNANSWERED: True}
    annotation = _row_annotation(values, results)
    # The field of a question about regions is empty if nobody marked one. If no field is empty,
    # there is no such question, and the task must not say that it has no spans.
    no_field_is_empty = len(values) == len(data)
    if not results and len(meta) > 1 and no_field_is_empty:
        annotation["asked"] = []
    return {**task, **_answer(annotation, text, shift, notices), **_decision(annotation)}


def _row_annotation(
    values: Mapping[str, Any], results: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the answer of a row in the form of an annotation of the full JSON."""
    cancelled = str(values.get("was_cancelled", "")).lower() in ("true", "1")
    return {"result": results, "annotator": values.get("annotator"), "was_cancelled": cancelled}


def _answered_keys(keys: list[str]) -> frozenset[str]:
    """Return the keys that hold answers: by their place in JSON_MIN, or by their names."""
    named = {key for key in keys if key.lower() in _NAMES_OF_CHOICES}
    if keys == sorted(keys) or not {"id", "annotator"} <= set(keys):
        return frozenset(named)
    return frozenset(keys[keys.index("id") + 1 : keys.index("annotator")])


def _as_results(key: str, value: Any, is_answer: bool) -> list[dict[str, Any]]:
    """Return the value of a field as results of the full JSON; an empty list for no answer."""
    listed = value if isinstance(value, list) else [value]
    objects = [each for each in listed if isinstance(each, dict)]
    if objects and all(_is_value(each) for each in objects):
        return [{"from_name": key, "value": each} for each in objects]
    strings = [each for each in listed if isinstance(each, str)]
    if is_answer and strings:
        return [{"from_name": key, "value": {"choices": strings}}]
    paths = [each for each in listed if isinstance(each, list)]
    if is_answer and paths and len(paths) == len(listed):
        return [{"from_name": key, "value": {"taxonomy": paths}}]
    return []


def _is_value(value: dict[str, Any]) -> bool:
    typed = set(value) == {"text"}
    return labels_of(value) is not None or bool(about_whole(value)) or typed or "ranker" in value


def _parsed(value: Any) -> Any:
    """Return a cell of a CSV as the list or object that it holds, or else as it is."""
    if not isinstance(value, str) or value[:1] not in ("[", "{"):
        return value
    try:
        return loads_value(value)
    except TaskError:
        return value


def _text_key(values: Mapping[str, Any], text_field: str | None) -> str:
    """Return the key of the text: as told, `text`, or the only one that can be it."""
    name = text_field or _TEXT
    if name in values or text_field is not None:
        return name
    turns = [key for key, value in values.items() if _turns(value)]
    texts = turns or [key for key, value in values.items() if is_text(value)]
    return texts[0] if len(texts) == 1 else _HTML if _HTML in values else name


class _Shift:
    """Where the turns of a dialogue begin in its text."""

    def __init__(self, starts: Sequence[int] = ()) -> None:
        self._starts = starts

    def region(self, value: Mapping[str, Any]) -> FileRegion | None:
        """Return where a region lies in the text; None for one of a picture, or of elsewhere."""
        covered = value.get("text")
        covered = covered if isinstance(covered, str) and covered else None
        places = value.get("globalOffsets")
        places = places if isinstance(places, dict) else value
        if type(places.get("start")) is int and type(places.get("end")) is int:
            return FileRegion(((places["start"], places["end"]),), covered)
        try:
            start, end = int(value["start"]), int(value["end"])
            first, last = value["startOffset"], value["endOffset"]
            place = (self._starts[start] + first, self._starts[end] + last)
            # Who speaks stands between two turns, and not in what a region says it covers.
            return FileRegion((place,), covered if start == end else None)
        except (KeyError, TypeError, ValueError, IndexError):
            return None


def _turns(value: Any) -> list[tuple[str, str]]:
    """Return speaker and text of each turn of a dialogue; an empty list for anything else."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    found = []
    for each in value:
        text = next((each[key] for key in ("text", "content", "body") if key in each), None)
        speaker = next(
            (each[key] for key in ("author", "name", "role", "speaker") if key in each), ""
        )
        if not isinstance(text, str):
            return []
        found.append((str(speaker), text))
    return found


def _shown(value: Any) -> tuple[Any, _Shift]:
    """Return what is annotated as plain text: a dialogue turn by turn, HTML without its tags."""
    turns = _turns(value)
    if turns:
        lines, starts, at = [], [], 0
        for speaker, text in turns:
            lead = f"{speaker}: " if speaker else ""
            starts.append(at + len(lead))
            lines.append(lead + text)
            at += len(lines[-1]) + 1
        return "\n".join(lines), _Shift(starts)
    return value, _Shift()


def _visible(text: Any, is_html: bool) -> Any:
    """Return the text of HTML without its tags, where it was shown as HTML."""
    if not isinstance(text, str) or not is_html:
        return text
    # Loaded here, because no other source needs it.
    from bs4 import BeautifulSoup

    return BeautifulSoup(text, "html.parser").get_text()


def _answer(
    annotation: dict[str, Any],
    text: Any,
    shift: _Shift,
    notices: list[str],
    asked: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return what an annotation, or a prediction, says, in the keys of tasks.

        {"result": [{"id": "r1", "from_name": "ner", "to_name": "text", "type": "labels",
                     "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}},
                    {"from_name": "topic", "type": "choices", "value": {"choices": ["good"]}}]}

    Args:
        annotation: The annotation.
        text: What was shown.
        shift: Where the turns of a dialogue begin in it.
        notices: Gets remarks for people.
        asked: What all annotations of the file show to have been asked.
    """
    results = sort_results(annotation.get("result"))
    found: dict[str, Any] = {}
    # Offsets of regions in HTML count the text without its tags, so that is what is shown.
    is_html = "html" in asked or any("hypertextlabels" in value for _, value in results.regions)
    shown = _visible(text, is_html)
    if shown != text:
        found[_TEXT] = text = shown
    named, others = _spans(results, text, shift, notices, _unit_of(annotation))
    spans = [span for group in named for span in group[1]]
    if spans or _is_asked("spans", annotation, "spans" in asked or results.only_spans()):
        found["spans"] = sorted(spans, key=lambda each: (each["start"], -each["end"]))
    others += results.others
    if results.links and isinstance(text, str):
        first = {name: group[0] for name, group in named if name is not None and group}
        others += add_relations(found, text, first, results.links)
    elif _is_asked("relations", annotation, False):
        found["relations"] = []
    if others:
        notices.append(f"left out, as no label, choice or relation: {plural(others, 'result')}")
    return found | _typed(results.typed) | _own(results.kept) | _chosen(results.choices, asked)


def _unit_of(annotation: Mapping[str, Any]) -> Unit | None:
    """Return what the offsets of an annotation count, where it says so as our exports do."""
    said = annotation.get(UNIT_KEY)
    return next((unit for unit in UNITS if unit == said), None)


def _typed(typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return typed texts: of the only field as `user_input`, else each under its own name."""
    texts = {name: "\n".join(each) for name, each in typed.items()}
    return {"user_input": next(iter(texts.values()))} if len(texts) == 1 else _own(texts)


def _own(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return values under the names of their fields, unless tasks have such keys."""
    return {f"{k}_answer" if k in _KEYS_OF_TASKS else k: value for k, value in said.items()}


def _compared(values: Mapping[str, Any], annotation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the two texts of a comparison as `chosen` and `rejected`; nothing for another."""
    for result in dicts(annotation.get("result")):
        side = value_of(result).get("selected")
        if result.get("type") == "pairwise" and side in ("left", "right"):
            ends = ("chosen", "rejected") if side == "left" else ("rejected", "chosen")
            return dict(zip(ends, compared_texts(values, str(result.get("to_name"))), strict=False))
    return {}


def _spans(
    results: Results, text: Any, shift: _Shift, notices: list[str], unit: Unit | None
) -> tuple[list[tuple[Any, list[Span]]], int]:
    """Return the spans of each region, one for each of its labels, and how many lie nowhere.

    What the offsets count is found out by the words that they cover, unless `unit` says it.
    """
    places = [
        shift.region(value) if isinstance(text, str) else None for _, value in results.regions
    ]
    flat = [
        (place, name, value)
        for place, (name, value) in zip(places, results.regions, strict=True)
        if place is not None
    ]
    lost = len(places) - len(flat)
    found = []
    regions = [place for place, _, _ in flat]
    ranges = place_regions(text, regions, notices, unit) if flat else []
    for pieces, (_, name, value) in zip(ranges, flat, strict=True):
        if pieces is None or pieces[0][0] == pieces[0][1]:
            continue
        (place,) = pieces
        attributes = results.attributes.get(name)
        more: dict[str, Any] = {"attributes": attributes} if attributes else {}
        more |= {PLACED: True}
        labels = labels_of(value) or [""]
        group = [
            {"start": place[0], "end": place[1], "label": str(each), **more} for each in labels
        ]
        found.append((name, group))
    return found, lost


def _chosen(choices: Mapping[str, list[Any]], asked: frozenset[str]) -> dict[str, Any]:
    """Return the choices about a text: under `accept`, or, where several fields were asked, each
    field under its own name."""
    fields = {each for each in asked if each.startswith("choice ")}
    if not choices or len(fields | {f"choice {name}" for name in choices}) < 2:
        chosen = next(iter(choices.values()), None)
        return {} if chosen is None else {"accept": chosen}
    own = {f"{name}_choice" if name in _KEYS_OF_TASKS else name: chosen
           for name, chosen in choices.items()}  # fmt: skip
    cats = {f"{name}: {each}": True for name, chosen in choices.items() for each in chosen}
    return {**own, "cats": cats}


def _decision(annotation: dict[str, Any]) -> dict[str, Any]:
    """Return the decision of an annotation, and whose it is."""
    cancelled = annotation.get("was_cancelled") or annotation.get("skipped")
    person = annotation.get("completed_by", annotation.get("annotator"))
    name = person.get("email") or person.get("id") if isinstance(person, dict) else person
    who = {} if name is None else {ANNOTATOR_ID: str(name)}
    return {"answer": "ignore" if cancelled else "accept", **who}


def _score(prediction: dict[str, Any]) -> float:
    score = prediction.get("score")
    return float(score) if isinstance(score, (int, float)) else 0.0


def _is_asked(layer: str, annotation: dict[str, Any], otherwise: bool) -> bool:
    """Tell whether a layer was asked for, of which nothing was found: our own files say so."""
    asked = annotation.get("asked")
    return layer in asked if isinstance(asked, list) else otherwise
