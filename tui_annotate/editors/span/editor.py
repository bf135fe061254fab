"""Edits the spans of a text: the work of `ner_manual` and `spans_manual`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tui_annotate.editors.base import (
    COMMENT_KEY,
    FLAG_KEY,
    Argument,
    Change,
    Editor,
    Rows,
    merged,
    without_original,
)
from tui_annotate.editors.sheet import Paragraph, Sheet
from tui_annotate.editors.span.commands import (
    KEEP_REACH,
    ON_TASK,
    ON_TOKENS,
    EditorSnapshot,
    can_run,
    changed_ranges,
    context_words,
    snapshot,
)
from tui_annotate.editors.span.import_spans import read_spans
from tui_annotate.editors.span.navigation import find_hits
from tui_annotate.editors.span.reshape import propose
from tui_annotate.editors.span.spanset import SpanDicts
from tui_annotate.editors.span.state import FaceFunctions, LastEdit, SpanState, end_what_passes
from tui_annotate.task.jsonio import Encoded
from tui_annotate.task.schema import ORIGINAL_TEXT, Task
from tui_annotate.task.spans import Range, Span
from tui_annotate.task.stored_tokens import LONG_TEXT, STORED_TOKENS, TOKEN_KEYS, short_of
from tui_annotate.task.tokenize import Tokens

MANY_SPANS = 2_000
"""Spans of a task above which they are not encoded between two keys."""


class SpanEditor(Editor):
    """One task whose spans are edited.

    Spans that the task brings are taken up as `editors.given` says; what could not be kept is in
    `notes`. Every edit can be undone.

    Args:
        task: The task; it is not changed.
        labels: The labels that can be given; spans with others are kept.
        overlap: True allows overlapping, nested and equal extents; with False the newer span
            takes the place of those it overlaps, and one undo brings them back.
        characters: True makes every grapheme a token; tokens of the task are not used.
        last: What `repeat` does before the first edit, from the task before.
        rewritable: Whether the text itself may be changed, by the command `rewrite`.

    Raises:
        TaskError: If the task has no text (`no-text`) or tokens that do not fit it (`bad-tokens`).
    """

    def __init__(
        self,
        task: Task,
        labels: Iterable[str],
        *,
        overlap: bool,
        characters: bool = False,
        last: LastEdit | None = None,
        rewritable: bool = False,
    ) -> None:
        self.task = task
        self._state = SpanState(task, labels, overlap=overlap, by_character=characters)
        self._state.last_edit = last
        self._state.rewritable = rewritable
        self._given = dict(self._state.fields)
        self._notes = self._state.notes
        self._ready: dict[str, Encoded] = {}
        self._ready_for: tuple[Span, ...] = ()
        self._short: tuple[Tokens, dict[str, Any] | None] | None = None
        self._dicts = SpanDicts()

    @property
    def text(self) -> str:
        """The task's text."""
        return self._state.text

    @property
    def tokens(self) -> Tokens:
        """Its tokens."""
        return self._state.tokens

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that can be given, in the order of their digits."""
        return self._state.labels.names

    def add_labels(self, names: Iterable[str]) -> None:
        """Let more labels be given, behind those that can."""
        self._state.labels.add(names)

    @property
    def overlap(self) -> bool:
        """Whether spans may overlap."""
        return self._state.overlap

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans in reading order."""
        return self._state.spans.spans

    @property
    def cursor(self) -> int:
        """The token under the cursor; 0 where there is none."""
        return self._state.cursor

    @property
    def cursor_range(self) -> Range:
        """Its code points; empty where the text has no token."""
        return self._state.cursor_range

    @property
    def focus(self) -> Span | None:
        """The focused span."""
        return None if self._state.focus is None else self._state.focus.span

    @property
    def target(self) -> Span | None:
        """The span that `delete` would take: the focus, else the innermost under the cursor."""
        entry = self._state.focus or self._state.under_cursor()
        return None if entry is None else entry.span

    @property
    def selection(self) -> Range | None:
        """Code points of the open selection."""
        return self._state.selected_range

    @property
    def proposals(self) -> tuple[Span, ...]:
        """Spans that can be taken with one key, in reading order; not part of the content."""
        return tuple(entry.span for entry in self._state.proposals)

    @property
    def marks(self) -> tuple[Range, ...]:
        """Code points of search hits and of the point arrived at, sorted."""
        reach, marks = self.reach, self._state.points.marks
        return marks if reach is None else tuple(sorted({*marks, reach}))

    @property
    def reach(self) -> Range | None:
        """Code points of the point arrived at, which a label takes whole."""
        reach = self._state.points.reach
        return None if reach is None else self._state.range_of(reach)

    @property
    def disabled(self) -> tuple[Range, ...]:
        """Code points of the tokens that cannot be chosen, sorted."""
        return self._state.disabled_ranges

    @property
    def hints(self) -> Mapping[int, str]:
        """While a jump is open: the letters still to be typed, by the offset they stand for."""
        return self._state.points.hints

    def hints_go_on(self, letter: str) -> bool:
        """Whether some hint goes on with a letter."""
        return any(letters.startswith(letter) for letters in self.hints.values())

    def words_beginning(self, letters: str) -> list[str]:
        """The words near the cursor that `find` would go through, in the order of the text."""
        ranges = map(self._state.range_of, find_hits(self._state, letters))
        return [self.text[start:end] for start, end in ranges]

    @property
    def adjusting(self) -> bool:
        """Whether the open selection moves the ends of the focused span."""
        return self._state.selection is not None and self._state.selection.original is not None

    @property
    def last_edit(self) -> LastEdit | None:
        """What `repeat` would do again; for the editor of the next task."""
        return self._state.last_edit

    @property
    def picked(self) -> str | None:
        """The label that is given to what is confirmed next, where it is chosen first."""
        return self._state.last_label or None if self._state.label_first else None

    @property
    def piece(self) -> Range | None:
        """The code points that `rewrite` would write anew; None where the text is not changed."""
        return self._state.piece if self._state.rewritable else None

    @property
    def flagged(self) -> bool:
        """Whether the task is flagged."""
        return bool(self._state.fields[FLAG_KEY])

    @property
    def comment(self) -> str:
        """The annotator's comment."""
        return str(self._state.fields[COMMENT_KEY])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the task or its draft brought that could not be kept as it was."""
        return self._notes

    @property
    def whole_text(self) -> SpanEditor:
        """This editor: the task is one text with spans."""
        return self

    @property
    def text_editor(self) -> SpanEditor:
        """This editor."""
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The labels that can be given."""
        return self.labels

    @property
    def current(self) -> str | None:
        """The label of the focused span, else the one that is given next."""
        return self.focus.label if self.focus is not None else self.picked

    @property
    def label_setting(self) -> str:
        """The labels come from the job's `labels`."""
        return "labels"

    def take_labels(self, setting: str, names: Sequence[str]) -> None:
        """Let more labels be given, behind those that can, where they come from `labels`."""
        if setting == "labels":
            self.add_labels(names)

    def place(self) -> Range:
        """Return the code points under the cursor."""
        return self.cursor_range

    def sheet(self) -> Sheet:
        """Return the text as a paragraph, for views of which it is a part."""
        return (
            Paragraph(
                self.text,
                spans=tuple(self.spans),
                cursor=self.cursor_range,
                selection=self.selection,
                focus=self.focus,
                faint=self.disabled,
                points=self.marks,
                hints=dict(self.hints),
                current=True,
                lanes=2 if self.overlap else 1,
            ),
        )

    def part_answer(self) -> dict[str, Any]:
        """Return the spans and tokens, and the text where it was changed."""
        content = self.content()
        own = {key: content[key] for key in TOKEN_KEYS if key in content}
        return {**self.text_fields(), **own}

    def note_first(self, text: str) -> None:
        """Add a note before all others."""
        self._notes = (text, *self._notes)

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(self._state.history.done)

    @property
    def edited(self) -> bool:
        """Whether there are edits that have not been undone."""
        return bool(self._state.history.done) or self._state.history.lost

    @property
    def touched(self) -> bool:
        """Whether there were edits at all, undone or not."""
        return self.edited or self._state.history.undone

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command of the action table.

        Args:
            command: Such as `right`, `label` or `undo`.
            argument: For `label` a number from 0 or a name, for `comment` the comment, for
                searches what is looked for, for `find` and `hint` a letter, for `go` the code
                points on screen, for `rewrite` what is written instead of the piece, for
                `page_up` and `page_down` the rows of a page.
            rows: The wrapped text, for commands that move by rows.

        Raises:
            ValueError: If there is no such command, or it moves by rows and `rows` is None.
        """
        state = self._state
        run = ON_TASK.get(command) or ON_TOKENS.get(command)
        if run is None:
            raise ValueError(f"the span editor has no command {command!r}")
        if not state.tokens and command not in ON_TASK:
            return Change(message="this text has nothing to label")
        before, text = snapshot(state), state.text
        state.dirty, state.changed, state.wrapped = [], False, False
        end_what_passes(state, command)
        message = run(state, argument, rows)
        if command not in KEEP_REACH:
            state.points.reach = None
        if state.text is not text:
            self._ready = {}  # those tokens are of the other text
        return self._change(before, message)

    def lay(self, content: Task) -> Change:
        """Take the spans of another answer on the same text."""
        state = self._state
        if content.get("text", state.text) != state.text:
            return Change(message="this version is about another text: edit it by hand")
        entries, notes = read_spans(
            content.get("spans"), state.text, state.tokens, overlap=state.overlap
        )
        before = snapshot(state)
        state.dirty, state.changed, state.wrapped = [], False, False
        end_what_passes(state, "version")
        state.selection = None
        state.points.reach = None
        standing = list(state.spans)
        removed = [each for each in standing if not any(each.span == e.span for e in entries)]
        new = [each for each in entries if not any(each.span == s.span for s in standing)]
        added = []
        for entry in new:
            added.append(entry._replace(serial=state.next_serial))
            state.next_serial += 1
        if removed or added:
            state.commit(removed, added)
        return self._change(before, "; ".join(notes))

    def can(self, command: str) -> bool:
        """Whether a command would do anything now."""
        return can_run(self._state, command)

    def context(self) -> frozenset[str]:
        """Words for the action table, as `words_of` has them."""
        return context_words(self._state, edited=self.edited)

    def content(self) -> Task:
        """The task as edited, with `spans` and `tokens`; keys that are not known stay.

        The tokens of a long text are there in the form in which they are stored
        (`task/stored_tokens.py`), because millions of objects would take seconds for each answer.
        """
        tokens = self._state.tokens
        content = without_original({**self.task, **self.text_fields()}, self.task)
        ready, self._ready = self._ready, {}  # once: whoever gets it may change it
        short = None if "tokens" in content else self._stored()
        if short is not None:
            content[STORED_TOKENS] = short
        else:
            content["tokens"] = ready["tokens"] if ready else tokens.to_dicts(self.text)
            content.pop(STORED_TOKENS, None)
        same = ready and self.spans == self._ready_for
        made = self._dicts.of(self.spans, tokens)
        content["spans"] = ready["spans"] if same else [dict(each) for each in made]
        for name, value in self._state.fields.items():
            if value:
                content[name] = value
            elif self._given[name]:
                content.pop(name, None)
        return content

    def make_ready(self) -> None:
        """Encode beforehand what the next `content()` would have to encode in a hurry."""
        if self._ready or len(self.text) >= LONG_TEXT or len(self.spans) > MANY_SPANS:
            return
        content = self.content()
        self._ready = {key: Encoded(content[key]) for key in ("tokens", "spans")}
        self._ready_for = self.spans

    @property
    def prepared(self) -> bool:
        """Whether all tokens are cut, and stand in the form in which they are stored."""
        if len(self.text) < LONG_TEXT:
            return True
        return self._short is not None and self._short[0] is self._state.tokens

    def prepare(self) -> None:
        """Cut a long text to its end, and bring its tokens into the form in which they are stored.

        Takes some tenths of a microsecond for each character; any thread may do it meanwhile.

        Raises:
            Abandoned: Nobody waits for it any more.
        """
        if not self.prepared:
            tokens, text = self._state.tokens, self.text
            self._short = (tokens, short_of(text, tokens))

    def prepare_spans(self) -> None:
        """Bring many spans into the form in which drafts hold them; any thread may do it meanwhile.

        Raises:
            Abandoned: Nobody waits for it any more.
        """
        if len(self.spans) > MANY_SPANS:
            self._dicts.prepare(self.spans, self._state.tokens)

    def _stored(self) -> dict[str, Any] | None:
        """The tokens in the form in which they are stored; None where they are written out."""
        if len(self.text) < LONG_TEXT:
            return None
        self.prepare()
        assert self._short is not None
        short = self._short[1]
        return None if short is None else dict(short)

    def come_after(self, last: LastEdit | None) -> None:
        """Take what `repeat` does before the first edit, from the task before."""
        self._state.last_edit = last

    def edits(self) -> Task:
        """What `content()` lays over the task, without its tokens: small enough for each key."""
        tokens = self._state.tokens
        changed = self.text_fields()
        if changed:
            short = self._stored()
            if short is not None:
                changed[STORED_TOKENS] = short
            else:
                changed["tokens"] = tokens.to_dicts(self.text)
        spans = self._dicts.of(self.spans, tokens)
        return {**changed, "spans": spans, **self._state.fields}

    def text_fields(self) -> Task:
        """Return the text and what moved with it, beside spans and tokens, where it was changed;
        and the text as the task came."""
        state = self._state
        given = self.task.get("relations")
        relations = given if isinstance(given, list) else None
        if state.text == self.task["text"] and state.relations == relations:
            return {}
        changed: Task = {"text": state.text}
        if state.text != state.original:
            changed[ORIGINAL_TEXT] = state.original
        if state.relations is not None:
            changed["relations"] = state.relations
        return changed

    def adapt(self, *, letters: str, label_first: bool) -> None:
        """Fit the editor to a keymap.

        Args:
            letters: What hints are made of, without those that decide.
            label_first: Whether `confirm` gives the last label where nothing is selected.
        """
        self._state.letters, self._state.label_first = letters, label_first

    def lend(self, aids: FaceFunctions) -> None:
        """Let the editor ask these of the session."""
        self._state.aids = aids

    def propose(self, spans: Iterable[Span]) -> None:
        """Offer these spans, and no others, to be taken or refused, unless they were before."""
        wanted = tuple(spans)
        if wanted or self._state.proposed:
            propose(self._state, wanted)

    def state(self) -> dict[str, Any]:
        """Cursor, focus, selection and the newest edits, as JSON values."""
        # A task that is answered at once has no draft.
        from tui_annotate.editors.span.draft_codec import encode

        return encode(self._state)

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft. One that is for another text, or does not fit, leaves a note.

        Args:
            content: What `content()` gave.
            state: What `state()` gave; keys that others added to it are passed over.
        """
        # A task that is answered at once has no draft.
        from tui_annotate.editors.span.draft_codec import take_up

        self._notes += take_up(self._state, content, state)

    def _change(self, before: EditorSnapshot, message: str) -> Change:
        state, after = self._state, snapshot(self._state)
        size = len(self.text)
        ranges = [(a, min(b, size)) for a, b in changed_ranges(before, after)]
        moved = before.cursor != after.cursor
        changed = merged([*state.dirty, *ranges])
        return Change(changed, moved, state.changed, message, state.wrapped)
