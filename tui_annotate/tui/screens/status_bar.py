"""The lines around the text: origin of the task, labels, progress, keys or a message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_annotate.commands.help import TEACHING, key_ranges, teaching_bar, usual_bar, version_keys
from tui_annotate.commands.key_names import shown_key
from tui_annotate.job import Job
from tui_annotate.text.safe import hidden_count, safe
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.prompts import HELP_KEY
from tui_annotate.tui.screens.task_on_screen import TaskOnScreen, place_of
from tui_annotate.tui.task_widget import colored
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import BETWEEN, LinePiece, Pieces, StatusLine
from tui_annotate.tui.widgets.status_lines import (
    fitting_labels,
    key_pieces,
    label_pieces,
    mark_pieces,
    message_pieces,
    meta_pieces,
    status_pieces,
    waiting_pieces,
)

if TYPE_CHECKING:
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.tui.environment import Environment

FULL_CHROME = 16
"""Rows from which an empty row parts the header from the text, and what is said has a row of its
own; on lower screens it takes that of the header."""

_LEAST_WITH_HEADER = 8
"""Rows from which there is a header; on lower screens every row is worth more as text."""

_BARS = ((140, 40), (100, 30), (66, 20), (40, 8))
"""From how many cells of the header on there is room for a bar, and for how long a one."""

_MANY = 100
_LIGHTEST = -1000
_HELP = len("? help") + len(BETWEEN)
_LEAST_WITH_HELP = 60
"""Cells of the key bar from which on room is kept for the key of help."""
_NAMED = 40
"""Labels whose keys the bar tells together."""
_GOES_ON = " …"

_BESIDE = 10
"""Cells that a label which is too long leaves for its key and for how many others there are."""


class Chrome:
    """Owns the lines around the text. Painting sends only the cells that differ.

    Args:
        job: What is annotated.
        surroundings: The terminal and the user's choices.
    """

    def __init__(self, job: Job, surroundings: Environment) -> None:
        self._job = job
        self._around = surroundings
        self._style = surroundings.theme
        self._message: tuple[str, Role] = ("", Role.TEXT)
        self._rest: list[tuple[str, Role]] = []  # of the message, what it had no room for
        self._waiting: tuple[str, float | None] | None = None
        self._width = 80
        self._bar_cells = 0
        self._taught = surroundings.taught
        self._named: tuple[OpenEditor | None, tuple[str, ...]] = (None, ())
        self._elsewhere = 0
        self.header, self._meta, self._labels, self._bar = (
            StatusLine(id=name) for name in ("header", "meta", "labels", "bar")
        )
        self.header.styles.margin = (0, 0, 1, 0)

    @property
    def lines(self) -> tuple[StatusLine, ...]:
        """The lines, from the top down."""
        return self.header, *self.below

    @property
    def below(self) -> tuple[StatusLine, ...]:
        """The lines below the text, from it down."""
        return self._meta, self._labels, self._bar

    def fold(self, width: int, height: int) -> None:
        """Show a header over the text and three lines below it; on low screens two below it and
        no empty row, on very low ones no header and at last the keys alone.

        Args:
            width: Cells of the lines.
            height: Rows of the screen.
        """
        self._width = width
        self._bar_cells = next((cells for least, cells in _BARS if width >= least), 0)
        self.header.set_display(height >= _LEAST_WITH_HEADER)
        below = 1 if height >= FULL_CHROME else 0
        if self.header.styles.margin.bottom != below:
            self.header.styles.margin = (0, 0, below, 0)
        self._meta.set_display(height >= FULL_CHROME)
        self._labels.set_display(height >= 4)

    def _lines_for(self, rows: int, *, asks: bool) -> tuple[StatusLine, ...]:
        """Return the lines that a sentence takes, from the top down, in place of what they show.

        Args:
            rows: How many rows it needs.
            asks: A question is open, which the labels' line and that of the keys belong to.
        """
        if self._meta.display:
            if asks:
                return (self._meta,)
            return (self._meta, self._labels, self._bar)[: max(1, rows)]
        if self.header.display and (rows <= 1 or asks):
            return (self.header,)
        if rows <= 1 or asks or not self._labels.display:
            return (self._bar,)
        return (self._labels, self._bar)

    def count_elsewhere(self, answers: int) -> None:
        """Note how many answers the annotator has given in other sessions."""
        self._elsewhere = answers

    def set_theme(self, look: Theme) -> None:
        """Take the styles of another theme with the next painting."""
        self._style = look

    def say(self, text: str, role: Role, shown: TaskOnScreen) -> None:
        """Show a sentence in its row until `clear`; a long one takes the next rows, too."""
        self._message = (text, role)
        self.paint(shown)

    def tell(self, sentences: Sequence[str], role: Role, shown: TaskOnScreen) -> None:
        """Say something about a new task, in place of all that was said before. What has no room on
        the screen is said after the next key, and so on to its end.

        Args:
            sentences: The sentences; empty for nothing.
            role: How they look.
            shown: What the lines tell about.
        """
        text = "; ".join(sentences)
        most = len(self._lines_for(_MANY, asks=False))
        rows = list(Layout(safe(text), max(1, self._width)))
        if len(rows) <= most:
            self._rest = []
            self.say(text, role, shown)
            return
        room = max(1, self._width - len(_GOES_ON))
        rows = list(Layout(text, room))
        parts = [rows[at : at + most] for at in range(0, len(rows), most)]
        told = [text[part[0].start : part[-1].end].rstrip() for part in parts]
        told = [*(f"{part}{_GOES_ON}" for part in told[:-1]), told[-1]]
        self._rest = [(part, role) for part in told[1:]]
        self.say(told[0], role, shown)

    def wait(self, sentence: str | None, share: float | None = None) -> None:
        """Show in place of the keys, with the next painting, what is waited for.

        Args:
            sentence: What it is; None for nothing any more.
            share: Which part of it is done, where that is known.
        """
        self._waiting = None if sentence is None else (sentence, share)

    @property
    def speaks(self) -> bool:
        """Whether a sentence is shown."""
        return bool(self._message[0])

    def says(self, start: str) -> bool:
        """Tell whether a sentence that begins like this is shown."""
        return self._message[0].startswith(start)

    def clear(self) -> None:
        """Take the sentence away with the next painting; what had no room beside it comes then."""
        self._message = self._rest.pop(0) if self._rest else ("", Role.TEXT)

    def paint(self, shown: TaskOnScreen) -> None:
        """Bring all lines up to date."""
        taken = self._paint_message(shown)
        if self.header not in taken:
            self._paint_header(shown)
        if self._meta not in taken:
            self._meta.show((), self._meta_pieces(shown))
        if self._labels not in taken:
            self._paint_labels(shown)
        if self._bar not in taken:
            self._paint_bar(shown)

    def _meta_pieces(self, shown: TaskOnScreen) -> Pieces:
        """Return where the task at hand comes from, and what is noted about it."""
        if shown.item is None or shown.editor is None:
            return []
        meta = shown.item.task.get("meta")
        origin = meta_pieces(self._style, meta if isinstance(meta, dict) else {})
        return [*origin, *self._marks(shown)]

    def _marks(self, shown: TaskOnScreen) -> Pieces:
        """Return what is noted about the task at hand; on a low screen in the fewest letters."""
        if shown.editor is None:
            return []
        return mark_pieces(
            self._style,
            flagged=shown.editor.flagged,
            comment=shown.editor.comment,
            hidden=hidden_count(_text_of(shown.editor)),
            ascii_only=self._around.ascii_only,
            short=not self._meta.display,
        )

    def _paint_message(self, shown: TaskOnScreen) -> tuple[StatusLine, ...]:
        """Show the sentence that was said, if there is one; return the lines that it takes."""
        text, role = self._message
        if not text:
            return ()
        rows = list(Layout(safe(text), max(1, self._width)))
        asks = shown.prompt is not None or self._waiting is not None
        lines = self._lines_for(len(rows), asks=asks)
        if len(lines) == 1:
            alone = lines[0] is self._meta and len(rows) == 1
            origin = self._meta_pieces(shown) if alone else ()
            lines[0].show(message_pieces(self._style, text, role), origin)
            return lines
        for at, line in enumerate(lines):
            end = len(text) if line is lines[-1] else rows[at].end
            part = text[rows[at].start : end].rstrip()
            line.show(message_pieces(self._style, part, role))
        return lines

    def _paint_labels(self, shown: TaskOnScreen) -> None:
        if shown.prompt is not None:
            self._labels.show(shown.prompt.pieces_in(self._style, self._width))
        elif "versions" in shown.words:
            taking = version_keys(self._around.keymap, shown.item)
            self._labels.show(key_pieces(self._style, taking))
        elif shown.ended:
            self._labels.show(())
        else:
            self._labels.show(*self._label_pieces(shown))

    def _label_pieces(self, shown: TaskOnScreen) -> tuple[Pieces, Pieces]:
        """Return the labels that fit, and what stands at the right of them."""
        editor, hint = shown.editor, self._label_hint(shown)
        names = shown.labels if editor is not None else self._job.labels
        room = self._width - len(hint) if hint else self._width + len(BETWEEN)
        keys = self._around.keymap.label_keys
        fitting, shown_keys = fitting_labels(names, keys, shown.current, room)
        fitting_names = [names[number] for number in fitting]
        # A form has colours of its own for labels, and a summary where it has none.
        form = editor if editor is not None and editor.whole_text is None else None
        colours = None if form is None else colored(self._job.labels, form)
        left, right = label_pieces(
            self._style,
            fitting_names,
            shown_keys,
            current=shown.current,
            hint=hint,
            places=colours or dict(zip(fitting_names, fitting, strict=True)),
            more=len(names) - len(fitting),
            shortened=_current_in(names, shown.current, room - len(BETWEEN)),
        )
        if form is not None and form.summary and not left:
            left = [LinePiece(form.summary, self._style[Role.FAINT])]
        return left, right

    def _label_hint(self, shown: TaskOnScreen) -> str:
        """Return the key that finds a label by its name; on a low screen the place of a text."""
        place = "" if self.header.display else place_of(shown)
        if place or "labels" not in shown.words:
            return place
        return f"{self._around.keymap.shown('label_by_name')} by name"

    def _paint_header(self, shown: TaskOnScreen) -> None:
        counts = shown.counts
        if shown.item is None and not shown.ended:  # the session is being opened
            self.header.show(())
            return
        left, right = status_pieces(
            self._style,
            done=counts.done,
            decisions=counts.decisions if self._job.config.get("show_stats") else "",
            to_go=counts.to_go_words,
            not_asked=counts.not_asked,
            waiting=counts.waiting,
            note=_note(shown),
            place=place_of(shown),
            where=(self._job.dataset, self._around.annotator, self._job.recipe),
            total=counts.total,
            bar=self._bar_cells,
            ascii_only=self._around.ascii_only,
        )
        marks = [] if self._meta.display else self._marks(shown)
        self.header.show(left, [*right, *marks])

    def _paint_bar(self, shown: TaskOnScreen) -> None:
        """Show the keys, or what is waited for and how to leave."""
        if self._waiting is None:
            keys = key_pieces(self._style, self._keys(shown))
            self._bar.show(keys, self._help_pieces(shown))
            return
        sentence, share = self._waiting
        self._bar.show(
            *waiting_pieces(
                self._style,
                sentence,
                share,
                self._around.keymap.told("leave"),
                width=self._width,
                ascii_only=self._around.ascii_only,
            )
        )

    def _help_pieces(self, shown: TaskOnScreen) -> Pieces:
        """Return the key of help at the right end of the keys; it is the first to be given up."""
        keys = self._around.keymap.keys("help")
        if shown.prompt is not None or "typing" in shown.words:
            keys = (HELP_KEY,)
        if not keys or (shown.item is None and not shown.ended):
            return []
        pieces = key_pieces(self._style, [(shown_key(keys[0]), "help")])
        return [piece._replace(weight=_LIGHTEST) for piece in pieces]

    def _keys(self, shown: TaskOnScreen) -> Sequence[tuple[str, str]]:
        keymap = self._around.keymap
        if shown.prompt is not None:
            return shown.prompt.keys
        if shown.item is None and not shown.ended:
            return [(keymap.shown("leave"), "leave")]
        if shown.ended:
            what = {"undo": "back to the answers", "leave": "leave", "menu": "menu"}
            return [(keymap.shown(action), label) for action, label in what.items()]
        if "typing" in shown.words:  # every other key is a letter of the field
            tab = shown.editor.tab_in_field if shown.editor is not None else ""
            return [("escape", "leave the field"), *([("tab", tab)] if tab else [])]
        room = self._width - (_HELP if self._width >= _LEAST_WITH_HELP else 0)
        if self._teaches(shown):
            names = self._label_keys(shown)
            return teaching_bar(keymap, shown.words, room, shown.named, labels=names)
        return usual_bar(keymap, shown.words, room, (*shown.named.items(),))

    def _teaches(self, shown: TaskOnScreen) -> bool:
        """Whether the bar says how to move and to label: to a person in the first answers. That
        these are over is remembered."""
        if not self._taught and shown.counts.done + self._elsewhere >= TEACHING:
            self._taught = True
            self._around.preferences.set("taught", "yes")
        return not self._taught

    def _label_keys(self, shown: TaskOnScreen) -> str:
        """Return the keys of the labels; empty where there are none."""
        if "labels" not in shown.words or shown.editor is None:
            return ""
        names = shown.labels
        if not names and "list" in shown.words:
            if self._named[0] is not shown.editor:  # there may be thousands of options
                self._named = shown.editor, shown.editor.names[:_NAMED]
            names = self._named[1]
        keys = [key for key in self._around.keymap.label_keys(names[:_NAMED]) if len(key) == 1]
        return key_ranges(keys)


def _text_of(editor: OpenEditor) -> str:
    text = editor.whole_text
    return "" if text is None else text.text


def _lines(number: int) -> str:
    return f"{number:,} line" if number == 1 else f"{number:,} lines"


def _current_in(names: Sequence[str], current: str | None, room: int) -> str:
    """Return what stands for the marked label if that is too long for the line; else empty."""
    if current is None or cell_width(safe(current)) + _BESIDE <= room:
        return ""
    return ShortLabels(names).fit(current, room - _BESIDE)


def _note(shown: TaskOnScreen) -> str:
    item, counts = shown.item, shown.counts
    if item is not None and item.answer is not None:
        return f"task {item.number}: {item.answer.record.answer}"
    if counts.progress is not None:
        return f"{counts.progress:.0%}"
    if shown.unseen:
        return f"{_lines(shown.unseen)} below"
    if shown.unseen_above:
        return f"{_lines(shown.unseen_above)} above"
    return ""
