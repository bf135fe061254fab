"""One-line questions: which label, which comment. They take the keys while they are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui_annotate.new_labels import read_new_label
from tui_annotate.text.characters import split
from tui_annotate.text.safe import ELLIPSIS, pasted_behind, safe, writable
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import cell_width
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.folded_line import BETWEEN, LinePiece
from tui_annotate.tui.widgets.status_lines import fitting_labels, label_pieces

if TYPE_CHECKING:
    from tui_annotate.commands.continuation import Continuation
    from tui_annotate.commands.focus_help import Topic
    from tui_annotate.tui.widgets.folded_line import Pieces

_WIDE = 1000  # cells of a line that is as wide as any
_LEAST_TYPED = 4  # cells that are kept for the end of what was typed

Keys = list[tuple[str, str]]
"""Keys as they are shown to people, and what each does while a prompt is open."""

_BACK = ("escape", "go back")
HELP_KEY = "f1"  # opens help where `?` is a letter


class Prompt:
    """A question that is open."""

    about: tuple[str, ...] = ()
    """How it is answered, in sentences."""

    title: str = "Question"
    """What is asked for."""

    def asks_help(self, key: str) -> bool:
        """Whether a key asks for help and is no part of the answer: `?` may be one."""
        return key == HELP_KEY

    @property
    def topic(self) -> Topic:
        """What help says while the prompt is open."""
        from tui_annotate.commands.focus_help import prompt_topic  # only by the key that opens it

        return prompt_topic(self.title, self.about, self.keys)

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; True where the prompt is done and closes."""
        raise NotImplementedError

    def paste(self, text: str) -> None:
        """Take pasted text; a prompt that takes no text ignores it."""

    def pieces(self, theme: Theme) -> Pieces:
        """Return what the line shows."""
        raise NotImplementedError

    def pieces_in(self, theme: Theme, width: int) -> Pieces:  # noqa: ARG002
        """Return what the line shows where it has so many cells."""
        return self.pieces(theme)

    @property
    def keys(self) -> Keys:
        """What the keys do while the prompt is open, for the key bar."""
        return [_BACK]

    def continuation(self, now: float) -> Continuation | None:  # noqa: ARG002
        """Return what may still be typed of what was picked before it was typed to its end.

        Args:
            now: Seconds on a clock that only goes forward.
        """
        return None

    def opens_behind(self, rest: str) -> None:
        """Note what is left of the name that was picked by its beginning and has opened this.

        Every key goes to the prompt. Only a prompt that takes text can tell whether the rest of
        that name was meant.
        """


class LabelPrompt(Prompt):
    """Finds a label by its first letters, any part of it, or the arrow keys and enter.

    Args:
        labels: All labels.
        done: Called with the one that was chosen; not at all where the prompt was left.
        title: What is asked for.
        at_once: Whether what can be no other one is taken without enter.
        places: Those of the labels' colours, where that is not their order.
        add: Adds a label that does not exist, where the job allows it. Nothing is taken without
            enter then, as a new name may begin like one that is there.
        outcome: Says of a name that was chosen what was done with it.
        typed, reopen: What was typed, of which the last is rubbed out; and as in `Continuation`.
    """

    about = (
        "Type the first letters of a name, or any part of it; those that are left stand behind.",
        "The marked one is taken by enter; a name that can be no other one is taken at once.",
    )

    def __init__(
        self,
        labels: tuple[str, ...],
        done: Callable[[str], None],
        title: str = "label",
        *,
        at_once: bool = True,
        places: Mapping[str, int] | None = None,
        add: Callable[[str], None] | None = None,
        outcome: Callable[[str], str] = lambda _: "given",
        typed: str = "",
        reopen: Callable[[str], bool] = lambda _: False,
    ) -> None:
        from tui_annotate.commands.name_finder import NameFinder  # a start asks for no name

        self._at_once = at_once and add is None
        self._labels = labels
        self._add = add
        self._asked = False  # whether the typed name shall be added: the next tab says so
        self._objection = ""  # why it cannot be added
        self._places = {**{name: place for place, name in enumerate(labels)}, **(places or {})}
        self.title = title
        self._finder = NameFinder(labels)
        self._finder.type(typed)
        self._is_begun = self._finder.rub_out()
        self._done = done
        self._reopen = reopen
        self._short: ShortLabels | None = None
        self._outcome = outcome
        self._sure: str | None = None  # what was taken as soon as it could be no other one
        self._confirmed: str | None = None  # what was taken by enter

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; True where the prompt closes. A label that can be no other one is taken at
        once."""
        finder = self._finder
        if key == "escape":
            return True
        if key == "enter":
            self._confirmed = finder.choice
            return self._take(self._confirmed)
        if key == "tab" and self._add is not None and finder.typed.strip():
            return self._take_new(self._add)
        # Every other key changes what is meant: what was said about adding it holds no longer.
        self._asked, self._objection = False, ""
        if key == "backspace":
            return not (finder.rub_out() or self._is_begun)
        if key in ("right", "down", "tab"):
            finder.step(1)
        elif key in ("left", "up", "shift+tab"):
            finder.step(-1)
        elif character is not None and writable(character):
            finder.type(writable(character))
            self._is_begun = True  # who rubs out more than was typed has not left
            self._sure = finder.sure if self._at_once else None
            return self._take(self._sure)
        return False

    def paste(self, text: str) -> None:
        """Type pasted text; nothing is taken without a key."""
        self._asked, self._objection = False, ""
        self._finder.type(pasted_behind(self._finder.typed, text))

    def asks_help(self, key: str) -> bool:
        """Before anything is typed `?` asks, too, unless a name begins with it."""
        is_letter = self._finder.typed or any(name[:1] == "?" for name in self._labels)
        return key == HELP_KEY or (key == "question_mark" and not is_letter)

    def _take_new(self, add: Callable[[str], None]) -> bool:
        """Add what is typed. Where it may also be a part of a name that is there, a second press
        has to say so: the key marks the next name in other prompts."""
        new = read_new_label(self._finder.typed, self._labels)
        self._objection = new.objection
        if new.objection:
            return False
        if self._finder.matches and not self._asked:
            self._asked = True
            return False
        add(new.name)
        return True

    @property
    def _remarks(self) -> list[str]:
        """What is said behind what was typed, the most important first: one may have no room."""
        if self._objection or self._asked:
            return [self._objection or "tab again adds it"]
        if self._finder.matches:
            return []
        adds = ["tab adds it"] if self._add is not None else []
        return [*adds, f"no {self.title} has this name"]

    def _take(self, chosen: str | None) -> bool:
        if chosen is not None:
            self._done(chosen)
        return chosen is not None

    def continuation(self, now: float) -> Continuation | None:
        """Return the rest of a name that was taken before it was typed to its end."""
        from tui_annotate.commands.continuation import Continuation  # as for the finder

        if self._confirmed is not None:
            done = self._outcome(self._confirmed)
            return Continuation(self._confirmed, (), "", now, done=done, ended=True)
        if self._sure is None:
            return None
        name, typed, done = self._sure, self._finder.typed, self._outcome(self._sure)
        again, reopen = partial(self._done, name), self._reopen
        return Continuation(name, (name,), typed, now, done=done, again=again, reopen=reopen)

    def pieces(self, theme: Theme) -> Pieces:
        """Return what the line shows where there is room for hundreds of names."""
        return self.pieces_in(theme, _WIDE)

    def pieces_in(self, theme: Theme, width: int) -> Pieces:
        """Return what was typed and the labels that are left, the marked one reversed, and how
        many there are beside those that have room. What `enter` takes is always shown: if its name
        is too long, by what no other one has."""
        typed, choice, remarks = f"{self._finder.typed}▏", self._finder.choice, self._remarks
        shown = [LinePiece(f"{self.title}: ", theme[Role.STRONG], 200)]
        room = width - cell_width(shown[0].text)
        room -= sum(cell_width(each) + len(BETWEEN) for each in remarks)
        if choice is not None:
            needed = min(cell_width(safe(choice)), room // 2) + len(BETWEEN)
            typed = _end_of(typed, max(_LEAST_TYPED, room - needed))
        shown.append(LinePiece(typed, theme[Role.TEXT], 200, glue=True))
        for position, remark in enumerate(remarks):
            shown.append(LinePiece(remark, theme[Role.WARNING], 150 - position))
        return [*shown, *self._names_in(theme, room - cell_width(typed))]

    def _names_in(self, theme: Theme, room: int) -> Pieces:
        """Return the names that are left, as many as have room."""
        matches, choice = self._finder.matches, self._finder.choice
        fitting, keys = fitting_labels(matches, lambda some: [""] * len(some), choice, room)
        more, short = len(matches) - len(fitting), ""
        if choice is not None:
            free = room - len(BETWEEN) - (len(f"+{more:,}") + len(BETWEEN) if more else 0)
            if cell_width(safe(choice)) > free:
                self._short = self._short or ShortLabels(self._labels)
                short = self._short.fit(choice, max(1, free))
        names = [matches[number] for number in fitting]
        pieces, _ = label_pieces(
            theme, names, keys, current=choice, places=self._places, more=more, shortened=short
        )
        return pieces

    @property
    def keys(self) -> Keys:
        """Enter takes the marked name, where there is one."""
        adds = self._add is not None and self._finder.typed.strip()
        tab = [("tab", "add it as a new label")] if adds else []
        if not self._finder.matches:
            return [*tab, ("backspace", "rub out"), _BACK]
        return [("enter", "take the marked one"), ("← →", "mark another"), *tab, _BACK]


class KeyPrompt(Prompt):
    """Takes one key: one of those named does something, any other closes the prompt.

    Args:
        title: What is asked, and which keys answer it.
        answers: Keys, and what each does.
    """

    about = ("One key answers it, any other one goes back.",)

    def __init__(self, title: str, answers: Mapping[str, Callable[[], None]]) -> None:
        self.title = title
        self._answers = answers

    def key(self, key: str, character: str | None) -> bool:  # noqa: ARG002
        """Take a key; the prompt is done with any."""
        answer = self._answers.get(key)
        if answer is not None:
            answer()
        return True

    def pieces(self, theme: Theme) -> Pieces:
        """Return the question."""
        return [LinePiece(self.title, theme[Role.STRONG], 1)]

    def asks_help(self, key: str) -> bool:
        """Whether a key asks for help."""
        return key in (HELP_KEY, "question_mark") and key not in self._answers

    @property
    def keys(self) -> Keys:
        """None: the question says which keys answer it."""
        return []


def _end_of(text: str, room: int) -> str:
    """Return the end of a text that fits in so many cells, with `…` before it."""
    if cell_width(text) <= room:
        return text
    shown = split(text)
    while shown and cell_width("".join(shown)) > room - 1:
        shown = shown[1:]
    return ELLIPSIS + "".join(shown)
