"""Recognises other programs' JSON by one of its objects."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pkgutil import resolve_name
from typing import Any

from tui_annotate.sources.known_tables import is_label_studio_row

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
        *("entity_mentions", "event_list", "label_annotations", "displayed_text"),
        *("qas", "question_text", "sentences", "trainingPhrases", "instances"),
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
_TOGETHER = ({"words", "sentences", "ner"}, {"passages", "entities"}, {"h", "t"},
             {"tokens", "index"}, {"passage", "idx"}, {"version", "data"})  # fmt: skip
"""Keys that tell by standing together, as those of SciREX, BigBio and CoreNLP do."""


def _later(module: str, name: str) -> Callable[[Any], Any]:
    """Return a function of a module that is loaded when it is used: each module costs a start."""
    return lambda row: resolve_name(f"tui_annotate.sources.{module}:{name}")(row)


def is_label_studio(row: dict[str, Any]) -> bool:
    """Return whether an object is an element of Label Studio's JSON, or a row of its JSON_MIN."""
    parts = [row.get(key) for key in ("annotations", "completions", "predictions")]
    if isinstance(row.get("data"), dict) and any(isinstance(each, list) for each in parts):
        return True
    # Its data stands behind them, and so may lie behind what is looked at.
    if "text" not in row and any("result" in each for part in parts for each in _objects(part)):
        return True
    return is_label_studio_row(row)


def is_bare_task(row: dict[str, Any]) -> bool:
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


def is_pubannotation(row: dict[str, Any]) -> bool:
    """Return whether an object is a document of PubAnnotation's, or has tracks of them."""
    return isinstance(row.get("text"), str) and any(
        isinstance(row.get(key), list) for key in ("denotations", "tracks")
    )


def is_argilla_record(row: dict[str, Any]) -> bool:
    """Return whether an object is a record of Argilla's."""
    usual = not row.keys().isdisjoint(("fields", "annotation_agent", "external_id"))
    if not usual and not any(".responses" in key or "suggestion" in key for key in row):
        return False
    # Loaded for such files only, as above.
    from tui_annotate.sources.argilla import is_argilla

    return is_argilla(row)


def is_squad_object(row: dict[str, Any]) -> bool:
    """Return whether an object holds passages with questions, or is one, as SQuAD has them."""
    named = not row.keys().isdisjoint(("context", "paragraphs", "data"))
    return named and _later("squad", "is_squad")(row)


def has_shape_of_entities(row: dict[str, Any]) -> bool:
    """Return whether an object has one of the shapes that entity-json reads."""
    return _may_have_entities(row) and bool(_later("entity_json", "has_shape")(row))


def holds_texts_with_entities(row: dict[str, Any]) -> bool:
    """Return whether an object holds several texts with their entities, as no task does."""
    return _may_have_entities(row) and bool(_later("entity_json", "holds_texts")(row))


def _may_have_entities(row: dict[str, Any]) -> bool:
    """Cheap pre-check by the keys alone: False for a task in our own form, and for a text without
    a list that may be its entities."""
    if not _TOLD_BY_KEY.isdisjoint(row) or any(row.keys() >= keys for keys in _TOGETHER):
        return True
    if _has_other_spans(row):
        return True
    on_words = "tokens" in row and not _ON_WORDS.isdisjoint(row)
    if not on_words and not _OWN.isdisjoint(_own_keys(row)):
        return False
    by_columns = isinstance(row.get("text"), list | dict)
    return "text" not in row or by_columns or _lists_something(row)


def _own_keys(row: dict[str, Any]) -> AbstractSet[str]:
    """Return the keys of a row, without an `answer` that is no decision of ours: an object, or true
    or false."""
    is_data = isinstance(row.get("answer"), bool | dict)
    return row.keys() - {"answer"} if is_data else row.keys()


def _lists_something(row: dict[str, Any]) -> bool:
    if isinstance(row.get("annotation_sets"), dict):
        return True
    return any(isinstance(row.get(key), list | dict) for key in _ENTITY_KEYS)


def is_pair_of_sentences(row: dict[str, Any]) -> bool:
    """Return whether an object is a pair of sentences and no task in our own form."""
    own = "text" in row or not _OWN.isdisjoint(_own_keys(row))
    return not own and _later("sentence_pairs", "is_pair")(row)


def is_question(row: dict[str, Any]) -> bool:
    """Return whether an object is a question with options, and no task in our own form."""
    # Options as ours are objects with an `id`.
    own = any("id" in each for each in _objects(row.get("options")))
    if own or not {"_view_id", "spans", "accept"}.isdisjoint(row):
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
