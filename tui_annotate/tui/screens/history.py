"""The list of every answer: filtered, opened, commented on, taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from textual import events
from textual.app import ComposeResult

from tui_annotate.commands.focus_help import ANSWERS
from tui_annotate.commands.list_keys import ANSWER_KEYS, HELP_KEYS, marked_after
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.session.answer_list import (
    AnswerFilter,
    AnswerList,
    ListedAnswer,
    Page,
    read_filter,
)
from tui_annotate.task.schema import Decision
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width
from tui_annotate.tui.point_prompts import number_prompt
from tui_annotate.tui.screens.listing import ListingScreen
from tui_annotate.tui.text_prompts import TextPrompt
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import LinePiece, Pieces, StatusLine
from tui_annotate.tui.widgets.status_lines import key_pieces

if TYPE_CHECKING:
    from tui_annotate.tui.environment import Application
    from tui_annotate.tui.session_client import SessionClient

_T = TypeVar("_T")

MOST_ROWS = 200
"""Rows of the tallest terminal that is filled."""

_TO_THE_END = 2000
"""Answers that are read at a time on the way to the oldest one."""

_ABOUT_FILTER = (
    "Words leave the answers in whose text or comment they stand together.",
    "is:accept, is:reject, is:ignore, is:flagged; is:different: somebody else answered otherwise.",
    "label:ORG: it has this label; by:ann2: ann2 gave it, or a review settles an answer of ann2.",
    'comment:why: this stands in the comment, comment:* any; quotes keep words together: "a b".',
    "Several of them leave what fits all; an empty line leaves everything.",
)
_DECISIONS: tuple[Decision, ...] = ("accept", "reject", "ignore")

_DECIDED = {"accept": Role.GOOD, "reject": Role.BAD}
"""How decisions are told apart beside their letters."""

_TABLE = 60
"""Cells from which there is room for columns with labels and times."""

_WHEN = "29 Nov 10:00"

Choice = tuple[str, int]
"""What to do next: `open` an answer's id, `go` to a task's number, or `next`."""


class HistoryScreen(ListingScreen[Choice | None]):
    """Lists answers, newest first. Dismissed with what to do next, None where nothing.

    Args:
        client: The session.
        theme: How everything looks.
    """

    def __init__(self, client: SessionClient, theme: Theme) -> None:
        super().__init__(theme)
        self._flag = "⚑"
        self._client = client
        self._wanted = AnswerFilter()
        self._answers: list[ListedAnswer] = []
        self._after: int | None = None
        self._top = 0
        self._width = 80
        self._asked: int | None = None
        self._loading = False
        self._to_end = False
        self._searches = 0
        self._title = StatusLine(id="title")
        self._rows = [StatusLine() for _ in range(MOST_ROWS)]
        self._bar = StatusLine(id="bar")

    def compose(self) -> ComposeResult:
        """Show the filter over the list over the keys."""
        yield self._title
        yield from self._rows
        yield self._bar

    def on_mount(self) -> None:
        """Read the newest answers."""
        app: Application = self.app  # type: ignore[assignment]
        self._flag = "!" if app.surroundings.ascii_only else "⚑"
        self._search()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many rows as there are."""
        self._width = self.arrange_list(event.size, self._title, self._rows)
        self.paint()

    # -- keys ----------------------------------------------------------------------------------

    def _key(self, event: events.Key) -> None:
        if self._prompt is not None:
            if self._prompt.asks_help(event.key):
                self.show_help(self._prompt.topic)
            elif self._prompt.key(event.key, event.character):
                self._prompt = None
        elif event.key in HELP_KEYS:
            self.show_help(ANSWERS)
        else:
            asked, self._asked = self._asked, None
            self._carry_out(event.key, asked)
        self.paint()

    def _carry_out(self, key: str, asked: int | None) -> None:
        action = ANSWER_KEYS.action(key)
        self._to_end = action == "last"
        last, page = max(0, len(self._answers) - 1), max(1, self._height - 1)
        marked = marked_after(action, self._marked, last, page)
        if marked is not None:
            self._move(marked)
        elif action in _DECISIONS:
            wanted: Decision = action
            self._filter(answer=None if self._wanted.answer == wanted else wanted)
        elif action == "flagged":
            self._filter(flagged=not self._wanted.flagged)
        elif action in ("label", "filter", "number", "comment"):
            self._ask(action)
        elif action in ("back", "escape", "next"):
            self._leave(action)
        elif self._answers and action == "open":
            self.dismiss(("open", self._answers[self._marked].id))
        elif self._answers and action == "take back":
            self._take_back(self._answers[self._marked].id, asked)

    def _leave(self, action: str) -> None:
        if action == "escape" and self._wanted != AnswerFilter():
            self._wanted = AnswerFilter()
            self._search()
        else:
            self.dismiss(("next", 0) if action == "next" else None)

    def _move(self, marked: int) -> None:
        self._marked = marked
        if self._marked + self._height >= len(self._answers):
            self._more()

    def _ask(self, action: str) -> None:
        if action == "label":
            self._prompt = TextPrompt("label", "", lambda text: self._filter(label=text))
        elif action == "filter":
            begun = self._wanted.written
            self._prompt = TextPrompt(
                "filter", f"{begun} " if begun else "", self._filter_by, about=_ABOUT_FILTER
            )
        elif action == "number":
            self._prompt = number_prompt(self._go)
        elif self._answers:
            marked = self._answers[self._marked]
            self._prompt = TextPrompt(
                "comment", marked.comment, lambda text: self._comment(marked.id, text)
            )

    def _go(self, number: int) -> None:
        self.dismiss(("go", number))

    # -- the list ------------------------------------------------------------------------------

    def _filter(self, **changes: object) -> None:
        self._wanted = replace(self._wanted, **changes)  # type: ignore[arg-type]
        self._search()

    def _filter_by(self, text: str) -> None:
        self._wanted = read_filter(text)
        self._search()

    def _search(self) -> None:
        self._searches += 1
        self._answers, self._after, self._marked, self._top = [], None, 0, 0
        self._load(None)

    def _more(self) -> None:
        if self._after is not None and not self._loading:
            self._load(self._after)

    def _load(self, after: int | None) -> None:
        self._loading = True
        self.run_worker(self._loaded(self._searches, after))

    async def _loaded(self, search: int, after: int | None) -> None:
        """Read a page; one that comes after another search was begun is of no use any more."""
        wanted = self._wanted
        size = _TO_THE_END if self._to_end else max(50, self._height)
        page = await self._do(lambda answers: answers.page(wanted, after, size=size))
        if search != self._searches:
            return
        self._loading = False
        if page is not None:
            self._take(page)

    def _take(self, page: Page) -> None:
        self._answers += page.answers
        self._after = page.after
        if self._to_end:
            self._marked = max(0, len(self._answers) - 1)
        if self._to_end or len(self._answers) < self._height:
            self._more()
        self.paint()

    def _comment(self, answer_id: int, text: str) -> None:
        self.run_worker(self._changed(lambda answers: answers.comment(answer_id, text)))

    def _take_back(self, answer_id: int, asked: int | None) -> None:
        if asked == answer_id:
            self.run_worker(self._retracted(answer_id))
        else:
            self._asked = answer_id

    async def _retracted(self, answer_id: int) -> None:
        """Take an answer back. The mark stays where it is, on what has moved up into its place: a
        list that begins anew would have the next key act on the newest answer."""
        await self._do(lambda answers: answers.retract(answer_id))
        self._searches += 1
        search, wanted, size = self._searches, self._wanted, max(50, len(self._answers))
        page = await self._do(lambda answers: answers.page(wanted, size=size))
        if page is None or search != self._searches:
            return
        self._loading, self._answers = False, []
        self._marked = min(self._marked, max(0, len(page.answers) - 1))
        self._take(page)

    async def _changed(self, change: Callable[[AnswerList], bool]) -> None:
        await self._do(change)
        self._search()

    async def _do(self, step: Callable[[AnswerList], _T]) -> _T | None:
        """Do something on the session's thread; what goes wrong is shown in the title."""
        try:
            return await self._client.look_up(lambda session: step(AnswerList(session)))
        except TuiAnnotateError as error:
            self._title.show([LinePiece(str(error), self._style[Role.BAD])])
            return None

    # -- painting ------------------------------------------------------------------------------

    @property
    def _height(self) -> int:
        return max(1, sum(row.display for row in self._rows))

    def paint(self) -> None:
        """Show the filter, the answers and the keys."""
        self._top = min(self._top, self._marked)
        self._top = max(self._top, self._marked - self._height + 1)
        self._title.show(*self._heading())
        for index, row in enumerate(self._rows[: self._height]):
            at = self._top + index
            row.show(self._pieces(at) if at < len(self._answers) else ())
        self._bar.show(self._below())

    def _heading(self) -> tuple[Pieces, Pieces]:
        more = "+" if self._after is not None else ""
        wanted = self._wanted
        words = [wanted.answer or "", wanted.label, "flagged" if wanted.flagged else ""]
        words += [f"by {wanted.annotator}" if wanted.annotator else ""]
        words += [f"comment {wanted.comment}" if wanted.comment else ""]
        words += ["others differ" if wanted.differs else ""]
        words.append(f'"{wanted.text}"' if wanted.text else "")
        what = "answer" if len(self._answers) == 1 and not more else "answers"
        left = [LinePiece(f"{len(self._answers):,}{more} {what}", self._style[Role.STRONG], 2)]
        left += [LinePiece(word, self._style[Role.WARNING], 1) for word in words if word]
        return left, [LinePiece("newest first", self._style[Role.FAINT])]

    def _below(self) -> Pieces:
        if self._prompt is not None:
            return self._prompt.pieces(self._style)
        if self._asked is not None:
            text = "d again takes this answer back; the task is asked again at the end"
            return [LinePiece(text, self._style[Role.WARNING])]
        return key_pieces(self._style, ANSWER_KEYS.bar(self._width))

    def _pieces(self, at: int) -> Pieces:
        """Return the row of an answer: decision, text, flag, labels and comment, time, of which
        each has its column."""
        shown, here = self._answers[at], at == self._marked
        text = self._style[Role.FOCUS if here else Role.TEXT]
        faint = self._style[Role.FAINT]
        decision = text if here else self._style[_DECIDED.get(shown.answer, Role.TEXT)]
        marks = f"{self._flag if shown.flagged else ' '}{'c' if shown.comment else ' '}"
        pieces = [
            LinePiece("> " if here else "  ", text, 9),
            LinePiece(f"{shown.answer:<6}  ", decision, 9, glue=True),
        ]
        if self._width < _TABLE:
            room = max(1, self._width - 13)
            rest = [LinePiece(safe_line(shown.summary, room), text, 9, glue=True)]
            return [*pieces, *rest, LinePiece(marks.strip(), self._style[Role.WARNING], 5)]
        room = self._width - 10 - 4 - 2 - len(_WHEN)
        words = room * 3 // 5  # labels take the rest
        when = time.strftime("%d %b %H:%M", time.localtime(shown.answered_at))
        again = f"pass {shown.pass_}: " if shown.pass_ > 1 else ""
        told = "  ".join(each for each in (" ".join(shown.labels), shown.comment) if each)
        pieces += [
            LinePiece(_column(shown.summary, words), text, 9, glue=True),
            LinePiece(f"  {marks}  ", self._style[Role.WARNING], 9, glue=True),
            LinePiece(_column(f"{again}{told}", room - words - 2), faint, 9, glue=True),
            LinePiece(f"  {when:>{len(_WHEN)}}", faint, 9, glue=True),
        ]
        return pieces


def _column(text: str, cells: int) -> str:
    """Return text in exactly so many cells."""
    shown = safe_line(text, cells)
    return shown + " " * (cells - cell_width(shown))
