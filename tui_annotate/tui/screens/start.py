"""What is shown where no command is given: recent jobs, the demos, and a form for a new job."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from tui_annotate.commands.focus_help import NEW_JOB, START
from tui_annotate.commands.list_keys import (
    CONFIRM_KEYS,
    FORM_KEYS,
    HELP_KEYS,
    START_KEYS,
    marked_after,
)
from tui_annotate.commands.new_job import NewJob, Question, complete_path
from tui_annotate.commands.preferences import Offer
from tui_annotate.text.safe import safe, safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.screens.base import LONGEST_LINE, margins
from tui_annotate.tui.screens.listing import ListingScreen
from tui_annotate.tui.screens.status_bar import FULL_CHROME
from tui_annotate.tui.terminal.app import TerminalApp, run
from tui_annotate.tui.terminal.query import known_ground
from tui_annotate.tui.terminal.startup import Prepared
from tui_annotate.tui.text_prompts import TextPrompt
from tui_annotate.tui.theme import Role, Theme, theme, theme_for
from tui_annotate.tui.widgets.folded_line import LinePiece, Pieces, StatusLine
from tui_annotate.tui.widgets.status_lines import bar_parts, key_pieces

_FORM_ROWS = 100

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
        self._rows = [StatusLine(leads=True) for _ in range(_FORM_ROWS)]
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
        self._height = min(event.size.height, _FORM_ROWS)
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


_MOST_ROWS = 100

_TABLE = 60
"""Cells from which a job has columns."""

_AROUND = 7
"""Rows of a high screen without offers: title, keys, two for a command, and three empty ones."""


class StartScreen(ListingScreen[None]):
    """Lists offers, and asks for what a new job needs.

    Args:
        offers: What can be opened.
        new_job: Makes the form for a new job.
        style: How everything looks.
        done: Called with what was chosen.
    """

    CSS = """
    StartScreen { layout: vertical; overflow: hidden; background: ansi_default; }
    """

    def __init__(
        self,
        offers: Sequence[Offer],
        new_job: Callable[[], NewJob],
        style: Theme,
        done: Callable[[Offer | None], None],
    ) -> None:
        super().__init__(style)
        self._offers = offers
        self._new_job = new_job
        self._done = done
        self._message = ""
        self._title = StatusLine()
        self._rows = [StatusLine(leads=True) for _ in range(min(_MOST_ROWS, len(offers) + 1))]
        self._command = [StatusLine() for _ in range(2)]
        self._bar = StatusLine()
        self._width, self._height = 80, 22

    def compose(self) -> ComposeResult:
        """Show the offers between a title and the keys."""
        yield self._title
        yield from self._rows
        yield from self._command
        yield self._bar

    def on_resize(self, event: events.Resize) -> None:
        """Show as many rows as there are, and from some height on the command of the marked one."""
        width, height = event.size
        sides = margins(width, wide=True)
        if tuple(self.styles.padding) != sides:
            self.styles.padding = sides
        self._width = width - sides[1] - sides[3]
        roomy = height >= FULL_CHROME
        self._title.styles.margin = (0, 0, 1 if roomy else 0, 0)
        self._height = max(1, height - (_AROUND if roomy else 2))
        free = self._height - min(self._height, len(self._rows))
        for line, margin in zip(self._command, ((1 + free, 0, 0, 0), (0, 0, 1, 0)), strict=True):
            line.display = roomy
            line.styles.margin = margin
        self._bar.styles.margin = (0 if roomy else free, 0, 0, 0)
        for index, row in enumerate(self._rows):
            row.display = index < self._height
        self.paint()

    def _key(self, event: events.Key) -> None:
        self._message = ""
        if event.key in HELP_KEYS:
            self.show_help(START)
        else:
            self._carry_out(START_KEYS.action(event.key))
        self.paint()

    def say(self, text: str) -> None:
        """Show a sentence until the next key."""
        self._message = text
        self.paint()

    def _carry_out(self, action: str) -> None:
        last, page = len(self._offers), max(1, self._height - 1)
        marked = marked_after(action, self._marked, last, page)
        if marked is not None:
            self._marked = marked
        elif action == "leave":
            self._done(None)
        elif action == "new" or (action == "open" and self._marked == last):
            self.app.push_screen(NewJobScreen(self._new_job(), self._style, self._take_job))
        elif action == "open":
            self._done(self._offers[self._marked])

    def _take_job(self, words: tuple[str, ...] | None) -> None:
        """Take the command of a new job; None where the form was left."""
        if words is None:
            self.app.pop_screen()
        else:
            self._done(Offer("", "", words))

    # -- painting ------------------------------------------------------------------------------

    def paint(self) -> None:
        """Show the offers, the command of the marked one, and the keys."""
        style = self._style
        title = self._message or "tui-annotate: choose what to work on"
        role = Role.WARNING if self._message else Role.STRONG
        self._title.show([LinePiece(title, style[role])])
        top = max(0, self._marked - self._height + 1)
        for index, row in enumerate(self._rows[: self._height]):
            row.show(self._pieces(top + index))
        for line, part in zip(self._command, self._marked_command(), strict=True):
            line.show([LinePiece(part, style[Role.FAINT])])
        self._bar.show(key_pieces(style, START_KEYS.bar(self._width)))

    def _marked_command(self) -> list[str]:
        """Return the command of the marked row in two rows, and in which folder it runs."""
        if self._marked == len(self._offers):
            return ["asks for a file, what is to be done with it, labels and a name", ""]
        offer = self._offers[self._marked]
        where = f"  (in {offer.folder})" if offer.folder else ""
        text = safe(offer.command + where)
        width = max(1, self._width)
        places = list(Layout(text, width))
        rows = [text[row.start : row.end].rstrip() for row in places]
        if len(rows) > 2:
            rows[1] = safe_line(text[places[1].start :], width)
        return [*rows, "", ""][:2]

    @property
    def _names(self) -> int:
        """Cells of the column of names: as many as the longest needs, a third of them at most."""
        most = max((cell_width(safe(offer.name)) for offer in self._offers), default=0)
        return max(4, min(most, self._width // 3))

    def _pieces(self, at: int) -> list[LinePiece]:
        if at > len(self._offers):
            return []
        here = at == self._marked
        name = self._style[Role.FOCUS if here else Role.TEXT]
        faint = self._style[Role.FAINT]
        mark = ">" if here else " "
        if at == len(self._offers):
            return [LinePiece(f"{mark} a new job from a file of texts", name, 1)]
        offer = self._offers[at]
        pieces = [LinePiece(f"{mark} ", name, 9)]
        if self._width < _TABLE:
            shown = safe_line(offer.name, self._names)
            pieces.append(LinePiece(shown, name, 9, glue=True))
            if offer.share is not None:
                gap = " " * (self._names - cell_width(shown))
                pieces.append(LinePiece(f"{gap}{offer.share:4.0%}", faint, 8))
            return [*pieces, LinePiece(offer.about, faint, 1)]
        shown = safe_line(offer.name, self._names)
        pieces.append(LinePiece(shown, name, 9, glue=True))
        pieces.append(LinePiece(" " * (self._names - cell_width(shown)), weight=9, glue=True))
        pieces += self._columns(offer)
        pieces.append(LinePiece(offer.about, faint, 2))
        return pieces

    def _columns(self, offer: Offer) -> list[LinePiece]:
        """Return recipe, bar, share and the day of a job; nothing for what is no job."""
        if not offer.recipe:
            return []
        faint = self._style[Role.FAINT]
        pieces = [LinePiece(f"{safe_line(offer.recipe, 15):<15}", faint, 3)]
        if offer.share is not None:
            cells = 24 if self._width >= 110 else 8
            full, rest = bar_parts(round(offer.share * 1000), 1000, cells)
            pieces.append(LinePiece(full, self._style[Role.TEXT], 4))
            pieces.append(LinePiece(rest, faint, 4, glue=bool(full)))
            pieces.append(LinePiece(f"{offer.share:4.0%}", faint, 4))
        if offer.at is not None and self._width >= 90:
            pieces.append(LinePiece(_day(offer.at), faint, 1))
        return pieces


def _day(at: int) -> str:
    """Return when a job was opened last, as people say it."""
    then, now = time.localtime(at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime("today %H:%M", then)
    return time.strftime("%d %b %Y" if then[0] != now[0] else "     %d %b", then)


class _StartApp(TerminalApp, inherit_bindings=False):
    BINDINGS = TerminalApp.BINDINGS

    def __init__(
        self, offers: Sequence[Offer], new_job: Callable[[], NewJob], style: Theme
    ) -> None:
        super().__init__()
        self.chosen: Offer | None = None
        self._start = StartScreen(offers, new_job, style, self._choose)

    def get_default_screen(self) -> Screen[Any]:
        return self._start

    def cannot_suspend(self) -> None:
        self._start.say("there is no shell to go back to, so this goes on; q leaves")

    def _choose(self, offer: Offer | None) -> None:
        self.chosen = offer
        self.exit()


def run_start(
    offers: Sequence[Offer], new_job: Callable[[], NewJob], prepared: Prepared, look: str | None
) -> tuple[int, Offer | None]:
    """Show the start screen; return the exit code and what was chosen, None for nothing.

    Args:
        offers: What can be opened.
        new_job: Makes the form for a new job.
        prepared: What `terminal.prepare` found.
        look: The theme, where not the default.
    """
    colors = 0 if prepared.no_color else 256 if "256" in os.environ.get("TERM", "") else 16
    name = look or theme_for(known_ground(os.environ))
    app = _StartApp(offers, new_job, theme(name, colors=colors))
    try:
        return run(app), app.chosen
    finally:
        prepared.release()
