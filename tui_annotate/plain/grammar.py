"""What a line means: a command, or a label with the words that it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from tui_annotate.commands.table import ACTIONS
from tui_annotate.text.folding import fold


@dataclass(frozen=True, slots=True)
class Word:
    """A command of the plain face.

    Attributes:
        names: What may be written, the first one first choice.
        usage: What follows it, for help; may be empty.
        help: One line.
        actions: Ids of the actions of the table that it stands for.
    """

    names: tuple[str, ...]
    usage: str
    help: str
    actions: tuple[str, ...] = ()


WORDS: tuple[Word, ...] = (
    Word(("a", "accept"), "", "accept the task", ("accept",)),
    Word(("x", "reject"), "", "reject the task", ("reject",)),
    Word(("i", "ignore"), "", "leave the task out", ("ignore",)),
    Word(("later", "s"), "", "put the task at the end of the queue", ("later",)),
    Word(("u", "undo"), "", "take back the last edit; then, earlier answers", ("undo", "older")),
    Word(("redo",), "", "make an undone edit again; then, later answers", ("redo",)),
    Word(("label", "t"), "NAME WORDS", "the same as NAME WORDS", ("label_by_name",)),
    Word(("new",), "NAME", "add a label to those of the dataset, where the job allows it",
         ("new_label",)),
    Word(("list", "l", "spans"), "", "say the spans with their numbers", ()),
    Word(("del", "d"), "NUMBER", "delete the span with that number of the list", ("delete",)),
    Word(("go", "at"), "WORDS", "go to words, where the editing commands begin",
         ("go", "find", "search")),
    Word(("write",), "WORDS", "write into the field, in place of what is there", ("begin",)),
    Word(("copy",), "", "copy the spans of an earlier answer of yours on the same text",
         ("copy_earlier",)),
    Word(("change",), "WORDS", "write words of the text anew, where the job lets you",
         ("rewrite",)),
    Word(("versions",), "", "in a review, say all versions and what they differ in",
         ("versions", "next_difference", "previous_difference")),
    Word(("version", "v"), "NUMBER",
         "in a review, take that version; or version all, shared, most: put them together",
         (*(f"version_{number}" for number in range(1, 10)),
          "version_union", "version_shared", "version_most")),
    Word(("reason",), "CODE",
         "in a review, say why people differ: slip, ambiguous, guideline gap, or other and a note",
         ("reason",)),
    Word(("event",), "NAME", "call one of the recipe's events", ("event",)),
    Word(("text", "again"), "", "say the task again", ()),
    Word(("labels",), "", "say the labels with their numbers", ()),
    Word(("flag",), "", "flag the task, or take the flag back", ("flag",)),
    Word(("comment", "c"), "WORDS", "write a comment on the task", ("comment",)),
    Word(("why",), "", "where the task comes from, and the guidelines", ("info", "guidelines")),
    Word(("count",), "", "how much is done and to go", ("saved",)),
    Word(("stats",), "", "your figures: answers, labels, days, time at work", ("statistics",)),
    Word(("answers",), "WORDS",
         "your answers with these words; without words, what they mark", ("find_answers",)),
    Word(("check",), "", "what is worth a second look in your answers", ("check_answers",)),
    Word(("open",), "NUMBER", "open an answer by its number", ()),
    Word(("mend",), "NUMBER", "do what check advises in that line", ()),
    Word(("help", "h", "?", "m"), "", "say all commands", ("menu", "help")),
    Word(("screen",), "", "go on on the screen, next time too", ("plain_face",)),
    Word(("q", "quit"), "", "leave; everything is saved", ("leave",)),
)  # fmt: skip
"""Everything that can be written, in the order of help."""

NOT_HERE: dict[str, str] = {
    "edit_version": "lines edit what is taken at any time",
    "panel": "what stands beside the text on screen is said by other commands",
    "view_mode": "the text is said, not drawn",
    "blanks": "the text is said, not drawn",
    "theme": "there are no colours",
    "right_to_left": "the text is said, not drawn",
    **dict.fromkeys(
        (
            *("scroll_up", "scroll_down", "scroll_page_up", "scroll_page_down"),
            *("scroll_top", "scroll_bottom"),
        ),
        "all of it is said",
    ),
    **dict.fromkeys(("go_to", "next_unanswered", "retract"), "there is no list of answers"),
    "next": "accept, reject, ignore and later lead to the next task, and u leads back",
}
"""Actions that the plain face does not have, with the reason."""

BY_NAME: dict[str, Word] = {name: word for word in WORDS for name in word.names}
_BY_ACTION = {action: word for word in WORDS for action in word.actions}

_BY_SYNONYM = {
    synonym: _BY_ACTION[action.id]
    for action in ACTIONS
    if action.id in _BY_ACTION
    for synonym in action.synonyms
}

_NAMED = 5
"""Labels that are named where it is unsure which one is meant."""

_EDITOR = {action.id for action in ACTIONS if action.target == "editor"}


@dataclass(frozen=True, slots=True)
class LineMeaning:
    """What a line means.

    Attributes:
        kind: `word`, `span`, `action` (of the editor, by its id), `nothing`, `unknown`, or `alone`
            where something stands behind a word that takes nothing.
        name: The first name of the word, the label, or the action's id.
        rest: What follows.
    """

    kind: str
    name: str = ""
    rest: str = ""


def read_line(line: str, labels: Sequence[str]) -> LineMeaning:
    """Return what a line means.

    Words come before labels of the same name; `label NAME WORDS` reaches those. Words that take
    nothing are not meant where something follows. A label may be cut to what no other label begins
    with, and stands for its number too.
    """
    first, rest = parted(line)
    if not first:
        return LineMeaning("nothing")
    word = BY_NAME.get(first.lower())
    if word is not None and (word.usage or not rest):
        return LineMeaning("word", word.names[0], rest)
    whole = find_label(line.strip(), labels)
    if whole is not None:
        return LineMeaning("span", whole)
    label = find_label(first, labels)
    if label is not None:
        return LineMeaning("span", label, rest)
    if word is not None:
        return LineMeaning("alone", first)
    if first.lower() in _EDITOR:
        return LineMeaning("action", first.lower(), rest)
    return LineMeaning("unknown", first)


def number_of(written: str) -> int | None:
    """Return the number that is written, None if there is none, or one too long to be read."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def find_label(written: str, labels: Sequence[str]) -> str | None:
    """Return the label that is meant: by number, name, or its beginning; None if unsure."""
    number = number_of(written)
    if number is not None:
        return labels[number - 1] if 0 < number <= len(labels) else None
    folded = written.casefold()
    if written in labels:
        return written
    same = [name for name in labels if name.casefold() == folded]
    if same:
        return same[0]
    begin = [name for name in labels if name.casefold().startswith(folded)]
    return begin[0] if len(begin) == 1 else None


def parted(line: str) -> tuple[str, str]:
    """Return the first word of a line, and what stands behind it and the blanks of any kind."""
    first, rest = (*line.split(maxsplit=1), "", "")[:2]
    return first, rest.strip()


def elsewhere(written: str) -> str:
    """Return what an action of the table is here that has another name, or why it is not here."""
    action = written.lower()
    if action in NOT_HERE:
        return f"{action} is not here: {NOT_HERE[action]}."
    word = _BY_ACTION.get(action) or _BY_SYNONYM.get(action)
    if word is None:
        return ""
    return f"Here {action} is {' or '.join(word.names[:2])}."


def nearest(written: str, labels: Sequence[str]) -> str:
    """Return a hint at what may have been meant, or an empty text."""
    if labels and number_of(written) is not None:
        return f"Numbers go from 1 to {len(labels)}. "
    begin = [name for name in labels if name.casefold().startswith(written.casefold())]
    if len(begin) > 1:
        return f"It may be {' or '.join(begin[:_NAMED])}. "
    known = {name.casefold(): name for name in (*BY_NAME, *labels)}
    close = get_close_matches(written.casefold(), list(known), n=1)
    return f"Did you mean {known[close[0]]}? " if close else ""


def places(text: str, wanted: str) -> list[tuple[int, int]]:
    """Return where words stand in a text, as code points; any blank matches any blanks.

    Upper and lower case matter if that finds something; else they do not, and last of all neither
    do accents, vowel signs, width and the like.
    """
    parts = [re.escape(part) for part in wanted.split()]
    if not parts:
        return []
    pattern = r"\s+".join(parts)
    for flags in (re.NOFLAG, re.IGNORECASE):
        bounded = [m.span() for m in re.finditer(rf"(?<!\w){pattern}(?!\w)", text, flags)]
        found = bounded or [m.span() for m in re.finditer(pattern, text, flags)]
        if found:
            return found
    return list(fold(text).find(" ".join(wanted.split())))
