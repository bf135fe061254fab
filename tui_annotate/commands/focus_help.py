"""What `?` says: the keys of what has the focus, and what it is, in a few sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from tui_annotate.commands.help import HelpLine, help_sections, key_ranges
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.list_keys import (
    ANSWER_KEYS,
    FINDING_KEYS,
    FORM_KEYS,
    HIT_KEYS,
    START_KEYS,
)
from tui_annotate.fast_namedtuple import NamedTuple


class Topic(NamedTuple):
    """What help says about one place of the program.

    Attributes:
        title: What has the focus.
        about: What it is and how one works in it, one sentence an item.
        keys: Keys as they are shown, and what each does; several parts may have a heading of their
            own, which is a pair without keys.
    """

    title: str
    about: Sequence[str] = ()
    keys: Sequence[tuple[str, str]] = ()


_TEXT = (
    "The block is the cursor. It stands on one word at a time.",
    "A label goes to the word under the cursor, or to what is selected.",
)


class _Focus(NamedTuple):
    """What may have the focus on a task.

    Attributes:
        word: The word of the context that says that it has.
        title: What it is called.
        about: What it is and how one works in it.
        sections: The sections of keys that matter there, in their order.
    """

    word: str
    title: str
    about: tuple[str, ...]
    sections: tuple[str, ...]


_FOCUSES = (
    _Focus("hits", "Search", ("The words that were found are underlined.",), ("Move", "Label")),
    _Focus(
        "selecting",
        "Selection",
        ("Moving the cursor makes the selection longer or shorter; a label key gives it a label.",),
        ("Select", "Move", "Label"),
    ),
    _Focus(
        "versions",
        "Review",
        (
            "Several people have answered this task. A digit takes one of their versions; it does "
            "not answer.",
        ),
        ("Label", "This task", "Answer"),
    ),
    _Focus(
        "relations",
        "Text with relations",
        (
            *_TEXT,
            "A relation begins at one word or span, its head, and ends at another one: pick the "
            "head, go to the other end, give the relation its label.",
        ),
        ("Label", "Move", "Answer"),
    ),
    _Focus("span-editor", "Text", _TEXT, ("Label", "Move", "Select", "Answer")),
    _Focus(
        "list",
        "Options",
        ("Choose by digit, or go to an option and press enter. Then accept.",),
        ("Label", "Move", "Answer"),
    ),
    _Focus(
        "field", "Field", ("Enter begins to write; escape leaves the field.",), ("Label", "Answer")
    ),
    _Focus(
        "sheet", "Task", ("This task is read, and then answered.",), ("Answer", "Move", "This task")
    ),
)
"""The first whose word is in the context counts: hits and a selection lie over a text."""

_WRITING = Topic(
    "Field",
    (
        "You are writing: every letter goes into the field, and no key answers the task.",
        "What is written is kept with every key.",
    ),
    (
        ("escape", "leaves the field; then keys are commands again"),
        ("enter", "ends writing, or begins a new line where there can be several"),
        ("backspace", "rubs out"),
        ("← → home end", "move within the field"),
        ("tab", "completes, where there is something to complete"),
    ),
)

_NO_TASK = Topic("End", ("There is no task to be answered now.",))


def topic_of(
    keymap: Keymap,
    context: Set[str],
    named: Mapping[str, str] | None = None,
    labels: Sequence[str] = (),
) -> Topic:
    """Return the help for what has the focus on a task.

    Args:
        keymap: The keymap in force.
        context: What is there now, as in `Action.available`.
        named: By action, what it is called where the view has another name for it.
        labels: The labels or options of the task.
    """
    if "typing" in context:
        return _WRITING
    focus = next((each for each in _FOCUSES if each.word in context), None)
    sections = dict(help_sections(keymap, context, named))
    # The digits of a review take versions, so that its labels have no keys to be told.
    tells_labels = bool(labels) and "labels" in context and "versions" not in context
    keys: list[tuple[str, str]] = []
    for title in sections if focus is None else focus.sections:
        rows = [_row(line) for line in sections.get(title, ()) if line.keys and not _numbered(line)]
        if title == "Label" and tells_labels:
            rows.insert(0, _label_row(keymap, labels))
        if rows:
            keys += [("", title), *rows]
    keys += [("", "Everything else"), (keymap.told("menu"), "the menu: everything, found by name")]
    shown = _NO_TASK if focus is None else focus
    return Topic(shown.title, shown.about, keys)


def _row(line: HelpLine) -> tuple[str, str]:
    return line.keys, f"{line.label}: {line.help}"


def _numbered(line: HelpLine) -> bool:
    return line.action.startswith(("label_", "label ")) and line.action != "label_by_name"


def _label_row(keymap: Keymap, labels: Sequence[str]) -> tuple[str, str]:
    """Return one row for all label keys: what each of them gives."""
    some = labels[:10]
    keys = keymap.label_keys(some)
    pairs = zip(keys, some, strict=True)
    told = ", ".join(f"{key} {label}" if key else label for key, label in pairs)
    more = len(labels) - len(some)
    shown = key_ranges([key for key in keys if len(key) == 1])
    return shown, f"give a label: {told}{f', and {more:,} more by name' if more else ''}"


def with_every_key(topic: Topic, keymap: Keymap) -> Topic:
    """Return a topic with all keys, also those that have nothing to do now."""
    keys: list[tuple[str, str]] = []
    for title, lines in help_sections(keymap):
        keys += [("", title), *(_row(line) for line in lines if line.keys)]
    return topic._replace(keys=keys)


MENU = Topic(
    "Menu",
    (
        "Everything that can be done now, found by typing a part of its name or of what it does.",
        "What cannot be done now is found as well, with the reason.",
    ),
)

ANSWERS = Topic(
    "Answers",
    (
        "Your answers, the newest first. A flag, a comment, the labels and the time stand beside "
        "each.",
        "A filter leaves those answers that fit; several filters leave those that fit all of them.",
    ),
    ANSWER_KEYS.told,
)

START = Topic(
    "Start",
    (
        "Jobs that you have worked on, the last one first, with how much of each is done; then "
        "the tutorial and the demos.",
        "The command below is what the marked row runs: it can be typed in a shell as well.",
        "A new job asks for a file, what is to be done with it, labels and a name; nothing is "
        "begun before you have seen the command.",
    ),
    START_KEYS.told,
)

NEW_JOB = Topic(
    "A new job",
    (
        "One question after the other: the file, what is to be done, the labels, a name. What can "
        "be guessed from the first rows of the file is proposed.",
        "Escape goes back to the question before; nothing is begun before you have seen the "
        "command.",
        "Where an answer is written, every key is a letter; f1 opens this help there.",
    ),
    FORM_KEYS.told,
)

HITS = Topic(
    "Search",
    ("Answers that were found, or what your answers mark, one text a row.",),
    HIT_KEYS.told,
)

FINDINGS = Topic(
    "Findings",
    ("Answers that are worth a second look. Each row says why, and what could be done about it.",),
    FINDING_KEYS.told,
)


def prompt_topic(title: str, about: Sequence[str], keys: Sequence[tuple[str, str]]) -> Topic:
    """Return the help of a question that is open.

    Args:
        title: What is asked.
        about: How it is answered.
        keys: As the key bar shows them.
    """
    return Topic(title[:1].upper() + title[1:], about, keys)
