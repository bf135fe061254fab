"""Pairs of sentences with a label, as SNLI, MNLI, STS-B, QQP, MRPC and SICK have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import Task

_PAIRS = (
    ("premise", "hypothesis"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("sentence_a", "sentence_b"),
    ("#1 string", "#2 string"),
)
_VAGUE_PAIRS = (
    *(("text_a", "text_b"), ("text1", "text2"), ("question", "sentence")),
    *(("question", "passage"), ("query", "passage"), ("claim", "evidence")),
)
"""Names that two texts of any program may have: a label beside them tells."""
_LABELS = (
    *("gold_label", "label", "labels", "is_duplicate", "quality"),
    *("entailment_label", "entailment_judgment"),
)
_SCORES = ("score", "similarity", "similarity_score", "relatedness_score")
_PARSES = ("_parse", "_binary_parse")
_NOTHING = ("", "-", "-1", -1, None, "hidden")
"""What stands for no label: no majority of those who judged, or a test set that hides it."""


def pair_of(keys: Iterable[str]) -> tuple[str, str] | None:
    """Return the keys, or columns, of two sentences that belong together; None for none."""
    known = {key.lower(): key for key in keys}
    pairs = _PAIRS if known.keys().isdisjoint(_LABELS) else (*_PAIRS, *_VAGUE_PAIRS)
    return next(
        ((known[one], known[other]) for one, other in pairs if one in known and other in known),
        None,
    )


def is_pair(row: Mapping[str, Any]) -> bool:
    """Return whether an object is such a pair, and has no text of its own."""
    row = _with_label(row)
    pair = pair_of(row)
    return pair is not None and "text" not in row and all(isinstance(row[k], str) for k in pair)


def _with_label(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with its answer as the label where it is yes or no, as BoolQ has it."""
    if not isinstance(row.get("answer"), bool) or "label" in row:
        return row
    rest = {key: value for key, value in row.items() if key != "answer"}
    return {**rest, "label": row["answer"]}


def pair_task(row: Mapping[str, Any], notices: list[str] | None = None) -> Task:
    """Return a pair as a task: one sentence below the other, and its label as a class.

    Args:
        row: The pair.
        notices: Gets remarks on parses, which are left out, and on a label that is no class.
    """
    row = _with_label(row)
    pair = pair_of(row)
    assert pair is not None
    known = {key.lower(): key for key in row}
    label = next((known[key] for key in _LABELS if key in known), None)
    parses = [key for key in row if key.endswith(_PARSES)]
    if parses and notices is not None:
        notices.append(f"{', '.join(parses)} are left out")
    meta = {
        key: value for key, value in row.items()
        if key not in (*pair, *parses) and value not in (None, "")
    }  # fmt: skip
    task: Task = {"text": f"{row[pair[0]]}\n{row[pair[1]]}"}
    value = row.get(label) if label is not None else None
    score = next((known[key] for key in _SCORES if key in known), None)
    # A similarity is a number between classes: nobody chose it from a list.
    if label is None and score is not None:
        task[UNANSWERED] = f"its `{score}` is no class (--label-field takes it for one)"
    elif value in _NOTHING:
        task[UNANSWERED] = True
    elif isinstance(value, str | int | float):
        task["accept"] = [str(value)]
        del meta[str(label)]
    else:
        task[UNANSWERED] = True
        if notices is not None:
            notices.append(f"`{label}` holds no name of a class, so it counts as no answer")
    return {**task, "meta": meta} if meta else task


def compared_texts(values: Mapping[str, Any], named: str) -> tuple[str, ...]:
    """Return the two texts of a row that were compared; none where that is not known.

    Args:
        values: The row.
        named: What they are called, with a comma between, which may be other names than the row's.
    """
    texts = {key: each for key, each in values.items() if isinstance(each, str)}
    known = [each for each in named.split(",") if each in texts]
    # Such as answer1 and answer2, beside the prompt.
    alike = [key for key in texts if sum(key[:-1] == other[:-1] for other in texts) > 1]
    pairs = (each for each in (known, [*texts], alike) if len(each) == len(("left", "right")))
    return tuple(texts[key] for key in next(pairs, ()))
