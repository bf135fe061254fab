"""JSON of programs for assistants: what users say, with its intent and the entities in it.

Rasa, LUIS, Azure, Watson, Dialogflow and Snips. The intent is the class of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.shape_parts import Row, objects, place_span, table, text_task
from tui_annotate.task.offsets import UNIT_KEY
from tui_annotate.task.schema import Task

# Rasa NLU


def is_rasa(row: Row) -> bool:
    """Return whether an object has the form of Rasa's JSON."""
    return isinstance(row.get("rasa_nlu_data"), dict)


def rasa(row: Row) -> Iterator[Task]:
    """Yield the examples, each with its entities and its intent as the class."""
    data = table(row.get("rasa_nlu_data"))
    for key in ("common_examples", "intent_examples", "entity_examples"):
        for each in objects(data.get(key)):
            spans = [
                place_span(found.get("start"), found.get("end"), found.get("entity"),
                      {name: found.get(name) for name in ("value", "role", "group")})
                for found in objects(each.get("entities"))
            ]  # fmt: skip
            intent = each.get("intent")
            yield text_task(each.get("text"), spans, None if intent is None else [intent])


# Microsoft's LUIS, whose ends are inclusive


def is_luis(row: Row) -> bool:
    """Return whether an object has the form of Microsoft's LUIS."""
    return "luis_schema_version" in row and isinstance(row.get("utterances"), list)


def luis(row: Row) -> Iterator[Task]:
    """Yield the utterances; ends are inclusive."""
    for each in objects(row["utterances"]):
        intent = each.get("intent", each.get("intentName"))
        spans = list(_luis_spans(each.get("entities")))
        yield text_task(each.get("text"), spans, None if intent is None else [intent])


def _luis_spans(entities: Any) -> Iterator[dict[str, Any]]:
    for each in objects(entities):
        last = each.get("endPos")
        end = last + 1 if type(last) is int else last
        yield place_span(each.get("startPos"), end, each.get("entity"), {"role": each.get("role")})
        yield from _luis_spans(each.get("children"))


# Azure AI Language: the texts of documents are no part of the file, those of utterances are


def is_azure(row: Row) -> bool:
    """Return whether an object has the form of Azure AI Language."""
    return "projectFileVersion" in row and isinstance(row.get("assets"), dict)


def azure(row: Row) -> Iterator[Task]:
    """Yield the utterances; documents lie in other files, which is said."""
    utterances = objects(row["assets"].get("utterances"))
    if not utterances:
        what = "its texts lie in other files, and their places alone are in this one"
        raise TaskError(what, reason="no-input")
    for each in utterances:
        spans = [
            place_span(found.get("offset"), _sum(found, "offset", "length"), found.get("category"))
            for found in objects(each.get("entities"))
        ]
        intent = each.get("intent")
        task = text_task(each.get("text"), spans, None if intent is None else [intent])
        if row.get("stringIndexType") == "Utf16CodeUnit":
            task[UNIT_KEY] = "utf16"
        yield task


def _sum(row: Row, first: str, second: str) -> Any:
    known = type(row.get(first)) is type(row.get(second)) is int
    return row[first] + row[second] if known else None


# IBM Watson: intents with their examples


def is_watson(row: Row) -> bool:
    """Return whether an object has the form of IBM Watson."""
    found = objects(row.get("intents"))
    return bool(found) and any(objects(each.get("examples")) and "intent" in each for each in found)


def watson(row: Row) -> Iterator[Task]:
    """Yield the examples of each intent."""
    for intent in objects(row["intents"]):
        for each in objects(intent.get("examples")):
            spans = []
            for found in objects(each.get("mentions")):
                at = found.get("location")
                start, end = at if isinstance(at, list) and len(at) == 2 else (None, None)
                spans.append(place_span(start, end, found.get("entity")))
            yield text_task(each.get("text"), spans, [intent.get("intent")])


# Dialogflow: what users say, as a list of pieces


def is_dialogflow(row: Row) -> bool:
    """Return whether an object has the form of Dialogflow."""
    says = row.get("userSays", [row])
    pieces = [piece for each in objects(says) for piece in objects(each.get("data"))]
    own = "userSays" in row or "isTemplate" in row or any("userDefined" in each for each in pieces)
    return own and bool(pieces) and all(isinstance(each.get("text"), str) for each in pieces)


def dialogflow(row: Row) -> Iterator[Task]:
    """Yield the phrases of a file of intents, or the one of an object."""
    intent = row.get("name") if "userSays" in row else None
    for each in objects(row.get("userSays", [row])):
        classes = None if intent is None else [intent]
        yield _of_pieces(objects(each.get("data")), "meta", "alias", classes)


def _of_pieces(pieces: list[Row], entity: str, slot: str, classes: list[Any] | None) -> Task:
    """Return a text that is given as a list of pieces, some of which name an entity."""
    text, spans = "", []
    for piece in pieces:
        end = len(text) + len(piece["text"])
        named = piece.get(entity)
        if isinstance(named, str) and named and piece["text"]:
            key = "slot" if slot == "slot_name" else slot
            spans.append(place_span(len(text), end, named, {key: piece.get(slot)}))
        text += piece["text"]
    return text_task(text, spans, classes)


# Snips NLU: an utterance is a list of pieces


def is_snips(row: Row) -> bool:
    """Return whether an object has the form of Snips NLU."""
    return any(True for _ in _snips_utterances(row))


def _snips_utterances(row: Row) -> Iterator[tuple[str, list[Row]]]:
    intents = row.get("intents")
    named = table(intents) if isinstance(intents, dict) else row
    for intent, held in named.items():
        utterances = objects(held.get("utterances") if isinstance(held, dict) else held)
        for each in utterances:
            pieces = objects(each.get("data"))
            if pieces and all(isinstance(piece.get("text"), str) for piece in pieces):
                yield intent, pieces


def snips(row: Row) -> Iterator[Task]:
    """Yield the utterances, which are lists of pieces."""
    for intent, pieces in _snips_utterances(row):
        yield _of_pieces(pieces, "entity", "slot_name", [intent])
