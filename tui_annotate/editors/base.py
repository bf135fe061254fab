"""What every editor gives to a session and a view, and the labels that can be given in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import is_
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.new_labels import extended, has_own
from tui_annotate.task.schema import COMMENT, FLAG, ORIGINAL_TEXT, REASON, Decision, Task
from tui_annotate.task.spans import Range

if TYPE_CHECKING:
    from tui_annotate.editors.sheet import Sheet

Argument: TypeAlias = int | str | Range | None
"""What goes with a command: the number of a label from 0, its name, a comment, what is searched
for, rows of a page, the code points on screen."""

FLAG_KEY = FLAG
"""Key of an answer's flag: True, or absent."""

COMMENT_KEY = COMMENT
"""Key of the annotator's comment; apart from any `comment` that the source may have."""


class Change(NamedTuple):
    """What a command did.

    Attributes:
        ranges: Code point ranges whose look changed, sorted, not overlapping.
        moved: Whether the cursor is elsewhere now.
        edited: Whether the content changed; a draft is to be stored.
        message: One sentence for the status line; empty if there is nothing to say.
        wrapped: Whether it was to go to the next span and there is none ahead.
    """

    ranges: tuple[Range, ...] = ()
    moved: bool = False
    edited: bool = False
    message: str = ""
    wrapped: bool = False


class WrappedRow(Protocol):
    """One row of wrapped text."""

    @property
    def start(self) -> int:
        """Its first code point."""

    @property
    def end(self) -> int:
        """Behind its last code point."""


class Rows(Protocol):
    """The wrapped text, as far as moving by rows needs it."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> WrappedRow: ...

    def row_of(self, offset: int) -> int:
        """The row that holds a code point."""

    def column_of(self, offset: int) -> int:
        """The cell in its row at which a code point is drawn."""

    def offset_at(self, row: int, column: int) -> int:
        """The code point at a cell of a row, clamped to the row."""


REASON_KEY = REASON
"""Key of the reason that a reviewer gives; only tasks of reviews have it."""

REMARK_KEYS = (FLAG_KEY, COMMENT_KEY, REASON_KEY)
"""What is said about a task, and belongs to no view."""


class Editor:
    """One task being edited.

    A view's editor is a `SpanEditor`, where the task is one text with spans, or a `FormEditor`,
    whose answer is a handful of values (`OpenEditor` is either of them). Sessions and faces ask
    both the same questions; what stands here is the answer of an editor that has nothing of the
    kind.

    Attributes:
        task: The task, as it was given.
        finished: The last command has answered the task: `choice_auto_accept`.
        short: Whether `x` and `space` answer at one press, own edits or not.
        answers: Whether there is something to answer, so that the keys begin here in a task of
            several parts.
        field: The key of the answer that an annotator writes or chooses; empty for none.
        typing: A field is being written in: keys are letters.
    """

    task: Task

    finished: bool = False
    short: bool = False
    answers: bool = True
    field: str = ""
    typing: bool = False

    # What every editor has to say itself

    @property
    def flagged(self) -> bool:
        """Whether the task is flagged."""
        raise NotImplementedError

    @property
    def comment(self) -> str:
        """The annotator's comment."""
        raise NotImplementedError

    @property
    def edited(self) -> bool:
        """Whether there are edits that have not been undone."""
        raise NotImplementedError

    @property
    def touched(self) -> bool:
        """Whether there were edits at all, undone or not."""
        raise NotImplementedError

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        raise NotImplementedError

    @property
    def notes(self) -> tuple[str, ...]:
        """What the task or its draft brought that could not be kept, one sentence each."""
        raise NotImplementedError

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command of the action table.

        Raises:
            ValueError: If there is no such command, or it moves by rows and `rows` is None.
        """
        raise NotImplementedError

    def can(self, command: str) -> bool:
        """Whether the command would do anything now."""
        raise NotImplementedError

    def context(self) -> frozenset[str]:
        """Words that say which actions are available, such as `selecting` or `labels`."""
        raise NotImplementedError

    def sheet(self) -> Sheet:
        """Return what is shown now, as paragraphs."""
        raise NotImplementedError

    def content(self) -> Task:
        """The full task as edited; a new dictionary that the caller may keep."""
        raise NotImplementedError

    def edits(self) -> Task:
        """What `content()` lays over the task, without tokens: small enough for each key."""
        raise NotImplementedError

    def part_answer(self) -> dict[str, Any]:
        """Return what the editor adds to the answer of a task of which it edits a part."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Cursor, focus, selection and the newest edits, as JSON values."""
        raise NotImplementedError

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft: what `content()` and `state()` gave."""
        raise NotImplementedError

    # What only some have

    def lay(self, content: Task) -> Change:  # noqa: ARG002
        """Take what another answer says in place of what stands here, in one step to undo.

        Args:
            content: The other answer's content; keys that it lacks stay as they are.
        """
        return Change(message="nothing can be taken over in this view")

    @property
    def leaf(self) -> Editor:
        """The innermost editor that the keys act on: itself, where it has no parts."""
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What can be chosen by digit or by name."""
        return ()

    def outcome(self, name: str) -> str:  # noqa: ARG002
        """Return what was done with a name that was just taken, as a sentence says it."""
        return "given"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the label line shows."""
        return ()

    @property
    def every_label(self) -> tuple[str, ...]:
        """The labels that the label line may come to show, in the order of their colours."""
        return self.labels

    @property
    def current(self) -> str | None:
        """The label that the label line marks."""
        return None

    @property
    def summary(self) -> str:
        """What the label line says where there are no labels; may be empty."""
        return ""

    @property
    def objection(self) -> str:
        """Why the task cannot be accepted as it is; empty where it can."""
        return ""

    @property
    def unseen(self) -> int:
        """How many parts of the task have never been shown, such as pages."""
        return 0

    @property
    def takes_focus(self) -> bool:
        """Whether the job wants the keys to begin here, wherever the part stands."""
        return False

    @property
    def suggestions(self) -> Sequence[str]:
        """What `tab` can complete in a field."""
        return ()

    @property
    def tab_in_field(self) -> str:
        """What `tab` does while a field is written in, for the key bar; empty for nothing."""
        return "suggestion" if self.suggestions else ""

    @property
    def linking(self) -> bool:
        """Whether the head of a relation is picked."""
        return False

    @property
    def written(self) -> str | None:
        """What stands in the field; None where there is none."""
        return None

    @property
    def label_setting(self) -> str | None:
        """The setting that the labels to be given now come from; None where the task has none."""
        return None

    def take_labels(self, setting: str, names: Sequence[str]) -> None:
        """Let more labels be given, behind those that can, where they come from this setting."""

    def number_options(self, numbered: bool) -> None:
        """Show the digits that choose options, or hide them while digits do something else."""

    def arrive(self) -> None:
        """The annotator comes to this part."""

    def leave(self) -> None:
        """The annotator leaves this part."""

    def info(self) -> str:
        """Return a sentence on what the cursor is at; may be empty."""
        return ""

    def place(self) -> Any:
        """Return where the annotator is, as JSON values."""
        return {}

    def meant_choice(self, command: str, argument: Argument) -> int | None:  # noqa: ARG002
        """Return the number of the choice that a command would take or give back; None where it
        does neither. A face carries out such a command only while that choice is on its screen.

        Args:
            command: A command of the action table.
            argument: What goes with it.
        """
        return None

    def decided(self, decision: Decision) -> Decision:
        """Return the answer that a decision key stands for."""
        return decision

    def said(self, decision: Decision) -> str:  # noqa: ARG002
        """Return what the receipt of a decision adds; empty where it says enough."""
        return ""


def repeated(apply: Callable[[], Change], times: int) -> Change:
    """Carry out a command several times, until it has no effect any more, as one change."""
    change = apply()
    if times == 1:
        return change
    ranges, moved, edited = [*change.ranges], change.moved, change.edited
    for _ in range(times - 1):
        if not (change.ranges or change.moved or change.edited):
            break
        change = apply()
        ranges += change.ranges
        moved, edited = moved or change.moved, edited or change.edited
    return Change(merged(ranges), moved, edited, change.message)


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same code points as sorted ranges that neither overlap nor touch; empty ones go."""
    result: list[Range] = []
    for start, end in sorted(r for r in ranges if r[0] < r[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return tuple(result)


def difference(old: Range | None, new: Range | None) -> list[Range]:
    """Code points that are in one range and not in the other."""
    if old is None or new is None or old[1] <= new[0] or new[1] <= old[0]:
        return [r for r in (old, new) if r is not None]
    return [(min(old[0], new[0]), max(old[0], new[0])), (min(old[1], new[1]), max(old[1], new[1]))]


def kept_ends(one: Sequence[object], other: Sequence[object]) -> tuple[int, int]:
    """Return how many objects of two sequences are the very same from their starts on, and how many
    of the rest from their ends on: one key changes a few of thousands of spans."""
    first = _same_until(one, other)
    most = min(len(one), len(other)) - first
    return first, min(most, _same_until(one[::-1], other[::-1]))


def _same_until(one: Sequence[object], other: Sequence[object]) -> int:
    same = list(map(is_, one, other))
    return len(same) if all(same) else same.index(False)


def without_original(content: Task, task: Task) -> Task:
    """Take the text as it came out of what an annotator has changed back to it.

    Args:
        content: The task as edited; changed, and returned.
        task: The task that was given: an answer of before, whose text had been changed.
    """
    text = content.get("text")
    if text != task.get("text") and text == content.get(ORIGINAL_TEXT):
        del content[ORIGINAL_TEXT]
    return content


def list_of(task: Task, key: str) -> list[Any]:
    """Return a list of a task; an empty one where the task has something else."""
    found = task.get(key)
    return found if isinstance(found, list) else []


class Labels:
    """The labels that can be given, in order, each once.

    Args:
        names: Their names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._known = frozenset(self.names)

    def add(self, names: Iterable[str]) -> None:
        """Let more labels be given, behind those that can."""
        self.names = tuple(extended(self.names, names))
        self._known = frozenset(self.names)

    def resolve(self, argument: Argument) -> tuple[str | None, str]:
        """The label that is meant.

        Args:
            argument: Its number from 0, or its name.

        Returns:
            The label and an empty message, or None and why there is none.
        """
        if not self.names:
            return None, "this job has no labels"
        if isinstance(argument, str):
            known = argument in self._known
            return (argument, "") if known else (None, f"there is no label {argument}")
        if isinstance(argument, int) and 0 <= argument < len(self.names):
            return self.names[argument], ""
        number = str(argument + 1) if isinstance(argument, int) else "?"
        return None, f"there is no label {number}, the last is {len(self.names)}"


def label_setting(editor: Editor) -> str | None:
    """Return the key of the configuration that the labels to be given now come from.

    None where a task brings them itself, or has none: the options of a choice, for instance.
    """
    leaf = editor.leaf
    setting = leaf.label_setting
    return None if setting is None or has_own(leaf.task, setting) else setting
