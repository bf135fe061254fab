"""Editing one task by lines, through the commands that keys give to the same editor."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tui_annotate.commands.table import BY_ID
from tui_annotate.editors.base import Argument, Change, Rows
from tui_annotate.editors.sheet import Sheet, in_one_column
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.plain import phrases
from tui_annotate.plain.grammar import find_label, nearest, number_of, parted, places
from tui_annotate.task.review import REASONS, Way, combined, read_reason, versions_in
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span
from tui_annotate.text.characters import split
from tui_annotate.text.safe import pasted
from tui_annotate.text.wrap import Layout

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor

WIDTH = 80

Apply = Callable[[str, Argument, "Rows | None"], Change]


class CursorDriver:
    """Moves the cursor of an editor to tokens and spans, and labels and deletes there.

    Args:
        editor: Where the cursor is.
        apply: Carries out what edits, where that editor is a part of another one.
    """

    def __init__(self, editor: SpanEditor, apply: Apply | None = None) -> None:
        self.editor = editor
        self.rows = Layout(editor.text, WIDTH)
        self._apply = apply or editor.apply

    def label(self, start: int, end: int, label: str) -> str:
        """Give a label to the tokens that hold code points; return what the editor says."""
        if not self._select(start, end):
            return "there is no word to label"
        return self._apply("label", label, self.rows).message

    def rewrite(self, start: int, end: int, words: str) -> str:
        """Write the tokens that hold code points anew; return what the editor says."""
        if not self._select(start, end):
            return "there is no word to change"
        return self._apply("rewrite", words, self.rows).message

    def _select(self, start: int, end: int) -> bool:
        """Select the tokens that hold code points; one alone is under the cursor then. False if
        there are none."""
        tokens = self.editor.tokens
        first = bisect_right(tokens.ends, start)
        last = max(first, bisect_left(tokens.starts, end) - 1)
        if not self.go(start):
            return False
        if last > first:
            self.editor.apply("select")
            self._go(last)
        return True

    def go(self, offset: int) -> bool:
        """Put the cursor on the token at or behind a code point; False if there is none."""
        token = bisect_right(self.editor.tokens.ends, offset)
        if token >= len(self.editor.tokens):
            return False
        self._drop_selection()
        self._go(token)
        return True

    def delete(self, span: Span) -> None:
        """Delete a span."""
        self._drop_selection()
        for _ in range(len(self.editor.spans) + 1):
            if self.editor.focus == span:
                self._apply("delete", None, self.rows)
                return
            self.editor.apply("next_span")

    def _drop_selection(self) -> None:
        """Close a selection, with what it has adjusted, which was said as it is; lose the focus."""
        if self.editor.selection is not None:
            self.editor.apply("select")
        if self.editor.focus is not None:
            self.editor.apply("cancel")

    def _go(self, token: int) -> None:
        """Go to a token: by rows first, then token by token."""
        editor, starts = self.editor, self.editor.tokens.starts
        down = self.rows.row_of(starts[token]) - self.rows.row_of(editor.cursor_range[0])
        if down:
            editor.apply("page_down" if down > 0 else "page_up", abs(down), self.rows)
        for _ in range(len(starts)):
            if editor.cursor == token:
                return
            editor.apply("right" if editor.cursor < token else "left")


_WAYS: dict[str, Way] = {"all": "union", "shared": "shared", "most": "most"}

Say = Callable[[Iterable[str]], None]


class LineEditing:
    """One task and what lines do to it; what has changed is said.

    Args:
        editor: Its editor.
        say: Says lines.
        ask: Prints a question and returns what was written.
        keep: Called after every edit: what is begun is to be stored.
    """

    def __init__(
        self, editor: OpenEditor, say: Say, ask: Callable[[str], str], keep: Callable[[], None]
    ) -> None:
        self.editor = editor
        self._say = say
        self._ask = ask
        self._keep = keep
        self._last_hands: CursorDriver | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What can be given by number or name now: labels or options."""
        return self.editor.names

    @property
    def spans(self) -> SpanEditor | None:
        """The text with spans that is at hand; None where the view has none."""
        return self.editor.text_editor

    @property
    def chooses(self) -> bool:
        """Whether a label or option is chosen, and not only given to words."""
        return self.editor.whole_text is None

    def task_lines(self) -> list[str]:
        """Return what the task says."""
        text = self.editor.whole_text
        if text is None:
            return list(phrases.sheet_lines(in_one_column(self.editor.sheet())))
        return phrases.text_lines(text.text, text.spans)

    def say_answer(self) -> None:
        """Say the spans, or what else can be changed."""
        self._say_spans()
        if self.chooses:
            self._say(phrases.answer_lines(in_one_column(self.editor.sheet())))

    def give_reason(self, rest: str) -> None:
        """Keep why people differ: one of the codes, and a note behind it."""
        reason = read_reason(rest)
        if not versions_in(self.editor.task):
            self._say(["This task has no versions."])
        elif reason is None:
            self._say([f"Which reason? Write one of {', '.join(REASONS)}, and a note behind it."])
        else:
            self.editor.apply("reason", reason)
            self._keep()
            self._say([f"Reason: {reason}."])

    def take_version(self, rest: str) -> None:
        """Take a version of a review by its number, or put all together: `all`, `shared`, `most`.

        Args:
            rest: The number, or how they are put together.
        """
        versions = versions_in(self.editor.task)
        way = _WAYS.get(rest.lower())
        number = int(rest) if rest.isascii() and rest.isdigit() else 0
        if not versions:
            self._say(["This task has no versions."])
        elif way is not None:
            self._lay(combined(versions, way), "versions of this view cannot be put together")
        elif 1 <= number <= len(versions):
            self._lay(versions[number - 1], "")
        else:
            self._say([f"Which version? Write a number from 1 to {len(versions)}."])

    def _lay(self, content: Task, objection: str) -> None:
        if not content:
            self._say([objection])
            return
        change = self.editor.lay(content)
        self._keep()
        self._say([change.message] if change.message else [])
        self.say_answer()

    def label(self, rest: str) -> None:
        """Make a span, or choose: `NAME WORDS`, `NAME`."""
        name, words = parted(rest)
        whole = find_label(rest, self.names)
        label = whole or find_label(name, self.names)
        if not rest:
            self._say(["Which label? Write label, its name and the words."])
        elif label is None:
            hint = nearest(name, self.names)
            self._say([f"There is no label {name}. {hint}Write labels to hear them."])
        else:
            self.give(label, "" if whole else words)

    def give(self, label: str, words: str) -> None:
        """Give a label to words, or choose it where the view is not one of spans."""
        if self.spans is None or self._linking:
            self.edit("label", label)
        elif not words:
            self._say([f"Which words are {label}? Write {label.lower()} and the words."])
        else:
            self._span(label, words)

    def _span(self, label: str, words: str) -> None:
        chosen, hands = self._find(words, several=True), self._hands
        for start, end in chosen:
            message = hands.label(start, end, label) if hands else ""
            if message:
                self._say([message])
        if chosen:
            self._keep()
            self._say_spans()

    def rewrite(self, words: str) -> None:
        """Write words of the text anew, as they are asked for then."""
        if self.spans is None or self.spans.piece is None:
            self._say(["The text of this task is not changed."])
            return
        for start, end in self._find(words, several=False):
            written = pasted(self._ask("What shall stand there? Nothing leaves it: ")).strip()
            hands = self._hands
            if not written or hands is None:
                self._say(["Nothing was done."])
                return
            message = hands.rewrite(start, end, written)
            self._keep()
            self._say([*([message] if message else []), *self.task_lines()])

    def go(self, words: str) -> None:
        """Put the cursor on words, where the editing commands begin."""
        hands = self._hands
        for start, _ in self._find(words, several=False):
            if hands is not None and hands.go(start):
                self._say_place()

    def delete(self, rest: str) -> None:
        """Delete the span with a number."""
        hands, spans = self._hands, self.spans.spans if self.spans else ()
        number = number_of(rest)
        if number is None:
            self._say(["Which span? Write del and its number."])
        elif not 0 < number <= len(spans):
            self._say([f"There is no span {rest}."])
        elif hands is not None:
            hands.delete(spans[number - 1])
            self._keep()
        self._say_spans()

    def write(self, words: str) -> None:
        """Write into the field, in place of what is there."""
        value = self.editor.leaf.written
        if value is None:
            self._say(["There is no field to write into."])
            return
        before = self._sheet
        self.editor.apply("begin")
        for _ in split(value):
            self.editor.apply("rub_out")
        self.editor.apply("type", words)
        self.editor.apply("cancel")
        self._keep()
        self._say(phrases.changed_lines(before, self._sheet))

    def act(self, action: str) -> None:
        """Carry out an action of the table by its id."""
        entry = BY_ID[action]
        steps = [BY_ID[name] for name in entry.stands_for or (action,)]
        # What they are not available with tells apart those that share a key, and here is none.
        if not all(step.needs <= self.editor.context() for step in steps):
            self._say([f"{action} is not for this task, or not now."])
            return
        for step in steps:
            argument = 1 if step.id in ("page_up", "page_down") else step.argument
            self.edit(step.name, argument, quiet=True)
        if self.spans is not None:
            self._say_place()

    def edit(self, command: str, argument: int | str | None = None, *, quiet: bool = False) -> None:
        """Carry out a command and say what it did; `quiet` where nothing but the place changed."""
        hands, before = self._hands, self._sheet
        change = self.editor.apply(command, argument, hands.rows if hands else None)
        told = command in ("flag", "comment")
        if change.message and not told:
            self._say([change.message])
        if change.edited:
            self._keep()
        if told:
            flag = "Flagged" if self.editor.flagged else "No flag"
            self._say([f"{flag}. Comment: {self.editor.comment or 'none'}."])
        elif self.chooses:
            self._say(phrases.changed_lines(before, self._sheet))
        elif change.edited or not quiet:
            self._say_spans()

    @property
    def _linking(self) -> bool:
        return self.editor.leaf.linking

    @property
    def _sheet(self) -> Sheet:
        return in_one_column(self.editor.sheet()) if self.chooses else ()

    @property
    def _hands(self) -> CursorDriver | None:
        spans = self.spans
        if spans is None:
            return None
        last = self._last_hands
        if last is None or last.editor is not spans or last.rows.text is not spans.text:
            self._last_hands = CursorDriver(spans, self.editor.apply)
        return self._last_hands

    def _find(self, words: str, *, several: bool) -> list[tuple[int, int]]:
        """Return where words stand; asks which place is meant, if there are more than one."""
        if self.spans is None:
            self._say(["There is no text with spans here."])
            return []
        text = self.spans.text
        found = places(text, words)
        if not found:
            missing = (
                f"{words} is not in the text." if words else "Write words of the text behind it."
            )
            self._say([missing])
        if len(found) < 2:
            return found
        self._say([f"{words} is there {len(found)} times:"])
        self._say(phrases.place_lines(text, found))
        all_too = ", all" if several else ""
        answer = self._ask(f"Which? A number{all_too}, or nothing: ").strip().lower()
        if answer == "all" and several:
            return found
        number = number_of(answer)
        if number is not None and 0 < number <= len(found):
            return [found[number - 1]]
        self._say(["Nothing was done."])
        return []

    def _say_spans(self) -> None:
        if self.spans is not None:
            self._say(phrases.span_lines(self.spans.text, self.spans.spans))

    def _say_place(self) -> None:
        if self.spans is not None:
            self._say([phrases.place_line(self.spans)])
