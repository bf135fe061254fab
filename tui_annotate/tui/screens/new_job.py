"""The form for a new job on the screen: one question at a time, with what was answered above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult

from tui_annotate.commands.focus_help import NEW_JOB
from tui_annotate.commands.list_keys import CONFIRM_KEYS, FORM_KEYS, HELP_KEYS, marked_after
from tui_annotate.commands.new_job import NewJob, Question, complete_path
from tui_annotate.text.safe import safe
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.prompts import TextPrompt
from tui_annotate.tui.screens.base import LONGEST_LINE, margins
from tui_annotate.tui.screens.listing import ListingScreen
from tui_annotate.tui.screens.status_bar import FULL_CHROME
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.lines import LinePiece, Pieces, StatusLine, key_pieces

_MOST_ROWS = 100

_HEADING = 8
"""Cells of what the answers are about."""


class NewJobScreen(ListingScreen[None]):
    """Asks what a new job needs. `escape` goes back to the question before.

    Args:
        form: The questions.
        style: How everything looks.
        done: Called with the words of the command, or None if the form was left.
    """

    CSS = """
    NewJobScreen { layout: vertical; overflow: hidden; background: ansi_default; }
    """

    def __init__(
        self, form: NewJob, style: Theme, done: Callable[[tuple[str, ...] | None], None]
    ) -> None:
        super().__init__(style)
        self._form = form
        self._done = done
        self._message = ""
        self._question: Question | None = None
        self._rows = [StatusLine(leads=True) for _ in range(_MOST_ROWS)]
        self._width, self._height = 80, 24
        self._ask()

    def compose(self) -> ComposeResult:
        """Show rows of the form; the last one says the keys."""
        yield from self._rows

    def on_resize(self, event: events.Resize) -> None:
        """Use all rows that there are."""
        sides = margins(event.size.width, wide=True)  # as on the screen before it
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides
        self._width = event.size.width - sides[1] - sides[3]
        self._height = min(event.size.height, _MOST_ROWS)
        for number, row in enumerate(self._rows):
            row.display = number < self._height
        self.paint()

    # Keys

    def _key(self, event: events.Key) -> None:
        self._message = ""
        prompt = self._prompt
        if (prompt is None and event.key in HELP_KEYS) or event.key == "f1":
            self.show_help(NEW_JOB)
        elif event.key == "escape":
            self._go_back()
        elif prompt is not None:
            prompt.key(event.key, event.character)
        elif self._question is not None:
            self._choose(self._question, FORM_KEYS.action(event.key), event.key)
        elif CONFIRM_KEYS.action(event.key) == "run":
            self._done(self._form.arguments())
        self.paint()

    def _choose(self, question: Question, action: str, key: str) -> None:
        last = len(question.choices) - 1
        marked = marked_after(action, self._marked, last, page=last)
        if marked is not None:
            self._marked = marked
        elif action == "number" and int(key) <= len(question.choices):
            self._marked = int(key) - 1
        elif action == "take":
            self._answer(question.choices[self._marked].value)

    def _answer(self, text: str) -> None:
        refused = self._form.answer(text)
        if refused:
            self._message = refused
        self._ask(text if refused else "")

    def _go_back(self) -> None:
        before = self._form.back()
        if before is None:
            self._done(None)
        else:
            self._ask(before)

    def _ask(self, before: str = "") -> None:
        """Ask the next question, with what was answered to it before."""
        question = self._question = self._form.question
        self._prompt = None
        self._marked = 0
        if question is None:
            return
        proposal = before or question.proposal
        if question.choices:
            values = [choice.value for choice in question.choices]
            self._marked = values.index(proposal) if proposal in values else 0
        else:
            complete = complete_path if question.is_path else None
            self._prompt = TextPrompt(question.key, proposal, self._answer, complete)

    # Painting

    def paint(self) -> None:
        """Show what was answered, the question, and the keys."""
        roomy = self._height >= FULL_CHROME
        below = self._below()
        free = self._height - len(below)
        shown = self._body(free, roomy)[:free]
        rows = [*shown, *([()] * (free - len(shown))), *below]
        for line, pieces in zip(self._rows, rows, strict=False):
            line.show(pieces)

    def _below(self) -> list[Pieces]:
        """Return the lines at the bottom: what is being written, what is wrong, the keys."""
        style = self._style
        found: list[Pieces] = []
        if self._message:
            found += self._folded(self._message, Role.WARNING)[:3]
        if self._prompt is not None:
            keys = [("enter", "takes it"), *self._prompt.keys[:-1], ("escape", "goes back")]
            keys.append(("f1", "help"))
            keys = [each for number, each in enumerate(keys) if each[0] not in dict(keys[:number])]
        else:
            table = FORM_KEYS if self._question is not None else CONFIRM_KEYS
            keys = table.bar(self._width)
        found.append(key_pieces(style, keys))
        return found

    def _body(self, free: int, roomy: bool) -> list[Pieces]:
        style, question = self._style, self._question
        number, count = self._form.steps
        step = f"step {number} of {count}" if question is not None else "ready"
        found: list[Pieces] = [
            [LinePiece("A new job", style[Role.STRONG], 9), LinePiece(step, style[Role.FAINT], 1)]
        ]
        gap: list[Pieces] = [[]] if roomy else []
        found += gap
        if roomy or question is None:
            found += [self._told(*each) for each in self._form.summary()]
            found += gap if self._form.answers else []
        if question is None:
            return [*found, *self._ready()]
        found += self._folded(question.asks, Role.STRONG)
        if self._prompt is not None:  # it stands at its question, and last where there is no room
            about = [row for each in question.about for row in self._folded(each)]
            about = about[: max(0, free - len(found) - 1 - len(gap))]
            return [*found, *about, *gap, self._prompt.pieces_in(style, self._width)]
        if roomy:
            found += [row for each in question.about for row in self._folded(each)]
        return [*found, *gap, *self._list(question, free - len(found) - 2 * len(gap), gap)]

    def _ready(self) -> list[Pieces]:
        command = self._folded(self._form.command(), Role.TEXT)
        return [
            *self._folded("This command does it; it can be typed in a shell as well.", Role.FAINT),
            *command,
        ]

    def _told(self, key: str, answer: str) -> Pieces:
        faint = self._style[Role.FAINT]
        return [LinePiece(f"{key:<{_HEADING}}", faint, 9), LinePiece(answer, faint, 8, glue=True)]

    def _list(self, question: Question, room: int, gap: list[Pieces]) -> list[Pieces]:
        """Return the choices, of which the marked one is always there, and how it looks."""
        choices, style = question.choices, self._style
        picture = choices[self._marked].picture
        tallest = max(len(choice.picture) for choice in choices)
        has_picture = room - tallest - len(gap) >= min(3, len(choices))
        most = max(1, room - (tallest + len(gap) if has_picture else 0))
        top = min(max(0, self._marked - most + 1), max(0, len(choices) - most))
        found: list[Pieces] = []
        longest = max(cell_width(choice.said) for choice in choices)
        for at in range(top, min(len(choices), top + most)):
            choice, here = choices[at], at == self._marked
            digit = str(at + 1) if at < 9 else " "
            said = f"{'>' if here else ' '} {digit}  {choice.said}"
            pieces = [LinePiece(said, style[Role.FOCUS if here else Role.TEXT], 9)]
            if question.key == "work" and choice.said != choice.value:
                gap_before = " " * (longest - cell_width(choice.said))
                pieces.append(LinePiece(f"{gap_before}{choice.value}", style[Role.FAINT], 1))
            found.append(pieces)
        if has_picture:
            found += gap
            found += [[LinePiece(f"     {row}", style[Role.TEXT], 9)] for row in picture]
        return found

    def _folded(self, text: str, role: Role = Role.FAINT) -> list[Pieces]:
        layout = Layout(safe(text), max(1, min(self._width, LONGEST_LINE)))
        shown: Sequence[str] = [layout.text[row.start : row.end].rstrip() for row in layout]
        return [[LinePiece(row, self._style[role], 9)] for row in shown]
