"""JSON of dialogues whose turns have marks: Schema-Guided Dialogue, MultiWOZ 2.2, Taskmaster; and
requests to assistants with their slots in the text, as MASSIVE has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.json_helpers import Row, entries, name_of, objects, remark, text_task
from tui_annotate.sources.standoff_marks import Mark, scalars, spans_of_marks
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import Task

_SLOT = re.compile(r"\[([^\[\]:]+?) : ([^\[\]]*?)\s*\]")
_OTHERS = ("state", "actions", "service_call", "service_results")


class SpokenTurn(NamedTuple):
    """A turn of a dialogue: who speaks, what, and the marks in it."""

    speaker: str
    text: str
    marks: list[Mark]


def is_dialogue(row: Row) -> bool:
    """Return whether an object is a dialogue of one of these data sets."""
    return bool(
        any("utterance" in each and "frames" in each for each in objects(row.get("turns"))[:2])
        or any("text" in each and "speaker" in each and "index" in each
               for each in objects(row.get("utterances"))[:2])
    )  # fmt: skip


def dialogue(row: Row) -> Iterator[Task]:
    """Yield the dialogue with a line for each turn: `USER: I want to fly`."""
    key = "turns" if objects(row.get("turns")) else "utterances"
    turns = [_turn(each) for each in entries(row, key)]
    text, spans = "", []
    remarks: list[str] = []
    for turn in turns:
        text += f"{turn.speaker}: " if turn.speaker else ""
        for span in spans_of_marks(turn.text, turn.marks, remarks).values():
            spans.append(span | {edge: span[edge] + len(text) for edge in ("start", "end")})
        text += f"{turn.text}\n"
    task = text_task(text.removesuffix("\n"), spans)
    meta = {name: value for name, value in row.items() if name != key and value not in (None, "")}
    held = {name for each in entries(row, key) for frame in [each, *objects(each.get("frames"))]
            for name in _OTHERS if frame.get(name)}  # fmt: skip
    left = [f"`{name}`" for name in _OTHERS if name in held]
    if left:
        remarks.append(f"{', '.join(left)} of its turns are left out")
    remark(task, *remarks)
    yield {**task, "meta": meta} if meta else task


def _turn(each: Row) -> SpokenTurn:
    text = each.get("utterance", each.get("text"))
    if not isinstance(text, str):
        raise TaskError("a turn has no text", reason="no-input")
    marks = []
    for frame in entries(each, "frames"):
        about = scalars({"service": frame.get("service", "")})
        for slot in entries(frame, "slots"):
            if "start" in slot:  # others are known without standing in the text
                name = name_of(slot.get("slot"), "a slot")
                region = _region(slot, "start", "exclusive_end")
                marks.append(Mark(len(text), name, region, about))
    for segment in entries(each, "segments"):
        names = [str(one.get("name") or NO_LABEL) for one in entries(segment, "annotations")]
        region = _region(segment, "start_index", "end_index")
        marks += [
            Mark(len(text), name, region) for name in dict.fromkeys(names or [NO_LABEL])
        ]  # of several people
    return SpokenTurn(str(each.get("speaker") or ""), text, marks)


def _region(said: Row, start_key: str, end_key: str) -> FileRegion:
    start, end, covered = said.get(start_key), said.get(end_key), said.get("text")
    if type(start) is not int or type(end) is not int:
        raise TaskError(f"a slot goes from {start!r} to {end!r}", reason="bad-spans")
    return FileRegion(((start, end),), covered if isinstance(covered, str) else None)


def is_massive(row: Row) -> bool:
    """Return whether an object is a request of MASSIVE's, with its slots in a text of its own."""
    return isinstance(row.get("annot_utt"), str) and isinstance(row.get("utt"), str)


def massive(row: Row) -> Iterator[Task]:
    """Yield the request with its slots, and its intent as its class.

        {"utt": "wake me at five", "annot_utt": "wake me at [time : five]", "intent": "alarm_set"}

    Raises:
        TaskError: The text with the slots has other words than the one without.
    """
    text, marked = row["utt"], row["annot_utt"]
    # In languages that are written without blanks, only the text with the slots has some.
    places = [at for at, character in enumerate(text) if not character.isspace()]
    spans: list[dict[str, Any]] = []
    plain, at = "", 0
    for slot in _SLOT.finditer(marked):
        plain += "".join(marked[at : slot.start()].split())
        words = "".join(slot[2].split())
        first, last = len(plain), len(plain) + len(words)
        if words and last <= len(places):
            start, end = places[first], places[last - 1] + 1
            spans.append({"start": start, "end": end, "label": slot[1].strip()})
        plain += words
        at = slot.end()
    plain += "".join(marked[at:].split())
    if plain != "".join(text.split()):
        raise TaskError("its `annot_utt` has other words than its `utt`", reason="bad-spans")
    intent = row.get("intent")
    task = text_task(text, spans, [intent] if isinstance(intent, str) else None)
    used = ("utt", "annot_utt", "intent")
    meta = {key: value for key, value in row.items() if key not in used and value is not None}
    yield {**task, "meta": meta} if meta else task
