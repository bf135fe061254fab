"""JSON of programs for assistants: what users say, with its intent and the entities in it.

Rasa, LUIS, Azure, Watson, Dialogflow, Snips, wit.ai, and bots without entities. The intent is the
class of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.json_helpers import (
    Row,
    each_task,
    end_behind,
    entries,
    objects,
    place_span,
    remark,
    table,
    text_task,
)
from tui_annotate.task.offsets import UNIT_KEY
from tui_annotate.task.schema import Task

# Rasa NLU


def is_rasa_json(row: Row) -> bool:
    """Return whether an object has the form of Rasa's JSON."""
    return isinstance(row.get("rasa_nlu_data"), dict)


def rasa(row: Row) -> Iterator[Task | TaskError]:
    """Yield the examples, each with its entities and its intent as the class."""
    data = table(row.get("rasa_nlu_data"))
    for key in ("common_examples", "intent_examples", "entity_examples"):
        yield from each_task(_rasa_example, data.get(key) or ())


def _rasa_example(example: Row) -> Task:
    spans = [
        place_span(found.get("start"), found.get("end"), found.get("entity"),
              {name: found.get(name) for name in ("value", "role", "group")})
        for found in entries(example, "entities")
    ]  # fmt: skip
    return text_task(example.get("text"), spans, _intent(example.get("intent")))


def _intent(name: Any) -> list[Any] | None:
    """Return an intent as the classes of a text; None where nobody was asked for it."""
    return None if name is None else [name]


# Microsoft's LUIS, whose ends are inclusive


def is_luis(row: Row) -> bool:
    """Return whether an object has the form of Microsoft's LUIS."""
    return "luis_schema_version" in row and isinstance(row.get("utterances"), list)


def luis(row: Row) -> Iterator[Task | TaskError]:
    """Yield the utterances; ends are inclusive."""
    yield from each_task(_luis_utterance, row["utterances"])


def _luis_utterance(each: Row) -> Task:
    intent = each.get("intent", each.get("intentName"))
    return text_task(each.get("text"), list(_luis_spans(each, "entities")), _intent(intent))


def _luis_spans(row: Row, key: str) -> Iterator[dict[str, Any]]:
    for each in entries(row, key):
        end = end_behind(each.get("endPos"))
        yield place_span(each.get("startPos"), end, each.get("entity"), {"role": each.get("role")})
        yield from _luis_spans(each, "children")


# Azure AI Language: the texts of documents are no part of the file, those of utterances are


def is_azure(row: Row) -> bool:
    """Return whether an object has the form of Azure AI Language."""
    return "projectFileVersion" in row and isinstance(row.get("assets"), dict)


def azure(row: Row) -> Iterator[Task | TaskError]:
    """Yield the utterances; documents lie in other files, which is said."""
    utterances = row["assets"].get("utterances")
    if not utterances:
        what = "its texts lie in other files, and their places alone are in this one"
        raise TaskError(what, reason="no-input")
    for made in each_task(_azure_utterance, utterances):
        if isinstance(made, dict) and row.get("stringIndexType") == "Utf16CodeUnit":
            made[UNIT_KEY] = "utf16"
        yield made


def _azure_utterance(each: Row) -> Task:
    spans = [
        place_span(found.get("offset"), _sum(found, "offset", "length"), found.get("category"))
        for found in entries(each, "entities")
    ]
    return text_task(each.get("text"), spans, _intent(each.get("intent")))


def _sum(row: Row, first: str, second: str) -> Any:
    known = type(row.get(first)) is type(row.get(second)) is int
    return row[first] + row[second] if known else None


# IBM Watson: intents with their examples


def is_watson(row: Row) -> bool:
    """Return whether an object has the form of IBM Watson."""
    found = objects(row.get("intents"))
    return bool(found) and any(objects(each.get("examples")) and "intent" in each for each in found)


def watson(row: Row) -> Iterator[Task | TaskError]:
    """Yield the examples of each intent."""
    for intent in entries(row, "intents"):
        yield from each_task(
            partial(_watson_example, intent.get("intent")), intent.get("examples") or ()
        )


def _watson_example(intent: Any, example: Row) -> Task:
    spans = []
    for found in entries(example, "mentions"):
        at = found.get("location")
        start, end = at if isinstance(at, list) and len(at) == 2 else (None, None)
        spans.append(place_span(start, end, found.get("entity")))
    return text_task(example.get("text"), spans, [intent])


# Dialogflow: what users say, as a list of pieces


def is_dialogflow(row: Row) -> bool:
    """Return whether an object has the form of Dialogflow."""
    says = row.get("userSays", [row])
    pieces = [piece for each in objects(says) for piece in objects(each.get("data"))]
    own = "userSays" in row or "isTemplate" in row or any("userDefined" in each for each in pieces)
    return own and any(isinstance(each.get("text"), str) for each in pieces)


def dialogflow(row: Row) -> Iterator[Task | TaskError]:
    """Yield the phrases of a file of intents, or the one of an object."""
    classes = _intent(row.get("name") if "userSays" in row else None)
    make = partial(_of_pieces, entity="meta", slot="alias", classes=classes)
    yield from each_task(make, row.get("userSays", [row]))


def is_dialogflow_cx(row: Row) -> bool:
    """Return whether an object is an intent of Dialogflow CX, or its phrases in one language."""
    phrases = objects(row.get("trainingPhrases"))
    return bool(phrases) and any(isinstance(each.get("parts"), list) for each in phrases)


def dialogflow_cx(row: Row) -> Iterator[Task | TaskError]:
    """Yield the phrases of an intent. Those of one language do not name it, as their folder does;
    then they have no class."""
    classes = _intent(row.get("displayName"))
    make = partial(_of_pieces, entity="parameterId", slot="alias", classes=classes, pieces="parts")
    for made in each_task(make, row["trainingPhrases"]):
        if classes is None and isinstance(made, dict):
            remark(made, "its intent is named by its folder alone, so it has no class")
        yield made


def _of_pieces(
    phrase: Row, entity: str, slot: str, classes: list[Any] | None, pieces: str = "data"
) -> Task:
    """Return a text that is given as a list of pieces, some of which name an entity.

    Raises:
        TaskError: There is none, or one of its pieces is no text.
    """
    text, spans = "", []
    found = entries(phrase, pieces)
    if not found or not all(isinstance(piece.get("text"), str) for piece in found):
        raise TaskError(f"its `{pieces}` is no list of pieces with a `text`", reason="no-input")
    for piece in found:
        end = len(text) + len(piece["text"])
        named = piece.get(entity)
        if named and piece["text"]:
            key = "slot" if slot == "slot_name" else slot
            spans.append(place_span(len(text), end, named, {key: piece.get(slot)}))
        text += piece["text"]
    return text_task(text, spans, classes)


# Snips NLU: an utterance is a list of pieces


def is_snips(row: Row) -> bool:
    """Return whether an object has the form of Snips NLU."""
    return any(
        isinstance(piece.get("text"), str)
        for _, utterances in _snips_intents(row)
        for each in objects(utterances)
        for piece in objects(each.get("data"))
    )


def _snips_intents(row: Row) -> Iterator[tuple[str, Any]]:
    """Yield each intent with its utterances."""
    intents = row.get("intents")
    named = table(intents) if isinstance(intents, dict) else row
    for intent, held in named.items():
        utterances = held.get("utterances") if isinstance(held, dict) else held
        if any("data" in each for each in objects(utterances)):
            yield intent, utterances


def snips(row: Row) -> Iterator[Task | TaskError]:
    """Yield the utterances, which are lists of pieces."""
    for intent, utterances in _snips_intents(row):
        make = partial(_of_pieces, entity="entity", slot="slot_name", classes=[intent])
        yield from each_task(make, utterances)


# wit.ai: entities with a role, and what it calls traits


def is_wit(row: Row) -> bool:
    """Return whether an object holds utterances of wit.ai's, or is one."""
    return any(map(_is_wit_utterance, objects(row.get("utterances", [row]))))


def _is_wit_utterance(each: Row) -> bool:
    found = objects(each.get("entities"))
    return isinstance(each.get("text"), str) and any(
        "body" in one and isinstance(one.get("entity", one.get("name")), str) for one in found
    )


def wit(row: Row) -> Iterator[Task | TaskError]:
    """Yield the utterances."""
    yield from each_task(_wit_utterance, row.get("utterances", [row]))


def _wit_utterance(each: Row) -> Task:
    spans = []
    for found in entries(each, "entities"):
        # Behind its name stands the role, which often is the same word.
        named, _, role = str(found.get("entity", found.get("name"))).partition(":")
        role = found.get("role") or role
        said = {"role": role} if role and role != named.rpartition("$")[2] else {}
        spans.append(place_span(found.get("start"), found.get("end"), named, said))
    intent = each.get("intent")
    name = intent.get("name") if isinstance(intent, dict) else intent
    task = text_task(each.get("text"), spans, _intent(name))
    return {**task, "meta": {"traits": each["traits"]}} if each.get("traits") else task


# Intents with lists of what people say: nlp.js, Lex, Alexa, and the `intents.json` of many bots

_PHRASES = ("utterances", "patterns", "sampleUtterances", "samples", "phrases", "examples")
_INTENTS = ("intent", "tag", "name", "intentName")


def is_phrases(row: Row) -> bool:
    """Return whether an object holds intents with lists of phrases, or is one of Lex."""
    return any(_phrases_of(each) for each in _intents_of(row))


def _intents_of(row: Row) -> list[Row]:
    model = table(table(row.get("interactionModel")).get("languageModel"))
    held = (row.get("intents"), row.get("data"), table(row.get("resource")).get("intents"),
            model.get("intents"))  # fmt: skip
    found = next((objects(each) for each in held if objects(each)), [])
    return found or ([row] if "sampleUtterances" in row else [])


def _phrases_of(intent: Row) -> list[str]:
    """Return the phrases of an intent; none where it has no name, or no list of texts."""
    if not any(isinstance(intent.get(key), str) for key in _INTENTS):
        return []
    held: list[Any] = next((intent[k] for k in _PHRASES if isinstance(intent.get(k), list)), [])
    found = [each.get("utterance") if isinstance(each, dict) else each for each in held]
    texts = [each for each in found if isinstance(each, str)]
    return texts if len(texts) == len(found) else []


def phrases(row: Row) -> Iterator[Task | TaskError]:
    """Yield each phrase with its intent as the class."""
    for intent in _intents_of(row):
        name = next(intent[key] for key in _INTENTS if isinstance(intent.get(key), str))
        for phrase in _phrases_of(intent):
            yield text_task(phrase, None, [name])
