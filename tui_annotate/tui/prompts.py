"""One-line questions: which label, which comment. They take the keys while they are open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui_annotate.new_labels import read_new_label
from tui_annotate.text.characters import split
from tui_annotate.text.safe import ELLIPSIS, pasted, pasted_behind, safe, writable
from tui_annotate.text.short_labels import ShortLabels
from tui_annotate.text.width import cell_width
from tui_annotate.tui.theme import Role, Theme
from tui_annotate.tui.widgets.lines import BETWEEN, LinePiece, Pieces, fitting_labels, label_pieces

if TYPE_CHECKING:
    from tui_annotate.commands.continuation import Continuation
    from tui_annotate.commands.focus_help import Topic

_WIDE = 1000
"""Cells of a line that is as wide as any."""

_LEAST_TYPED = 4
"""Cells that are kept for the end of what was typed."""

Keys = list[tuple[str, str]]
"""Keys as they are shown to people, and what each does while a prompt is open."""

_BACK = ("escape", "go back")

HELP_KEY = "f1"
"""Opens help where `?` is a letter."""


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
        """Return what may still be typed of what was picked, where the prompt has closed before
        it was typed to its end.

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
    ) -> None:
        from tui_annotate.commands.finder import NameFinder  # a start asks for no name

        self._at_once = at_once and add is None
        self._labels = labels
        self._add = add
        self._asked = False
        self._objection = ""
        self._places = {**{name: place for place, name in enumerate(labels)}, **(places or {})}
        self.title = title
        self._finder = NameFinder(labels)
        self._done = done
        self._short: ShortLabels | None = None
        self._outcome = outcome
        self._sure: str | None = None
        self._confirmed: str | None = None

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; a label that can be no other one is taken at once."""
        finder = self._finder
        if key == "escape":
            return True
        if key == "backspace":
            self._asked, self._objection = False, ""
            return not finder.rub_out()
        if key == "enter":
            self._confirmed = finder.choice
            return self._take(self._confirmed)
        if key == "tab" and self._add is not None and finder.typed.strip():
            return self._take_new(self._add)
        self._asked, self._objection = False, ""
        if key in ("right", "down", "tab"):
            finder.step(1)
        elif key in ("left", "up", "shift+tab"):
            finder.step(-1)
        elif character is not None and writable(character):
            finder.type(writable(character))
            self._sure = finder.sure if self._at_once else None
            return self._take(self._sure)
        return False

    def paste(self, text: str) -> None:
        """Type pasted text; nothing is taken without a key."""
        self._asked, self._objection = False, ""
        self._finder.type(pasted_behind(self._finder.typed, text))

    def asks_help(self, key: str) -> bool:
        """Before anything is typed `?` asks, too: few names begin with it."""
        return key == HELP_KEY or (key == "question_mark" and not self._finder.typed)

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
        if self._objection:
            return [self._objection]
        if self._asked:
            return ["tab again adds it"]
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
        done, again = self._outcome(self._sure), partial(self._done, self._sure)
        typed = self._finder.typed
        return Continuation(self._sure, (self._sure,), typed, now, done=done, again=again)

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


class TextPrompt(Prompt):
    """Takes one line of text.

    Args:
        title: What is asked for.
        text: What stands there already.
        done: Called with the text on enter; not at all where the prompt was left.
        complete: What tab does: it takes the text, and returns it lengthened and the choices left.
        about: How it is answered, in sentences.
        wrong: Returns why a text cannot be taken, as it is said then; empty where it can.
    """

    def __init__(
        self,
        title: str,
        text: str,
        done: Callable[[str], None],
        complete: Callable[[str], tuple[str, list[str]]] | None = None,
        about: tuple[str, ...] = ("Write one line; enter takes it.",),
        wrong: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.title = title
        self.about = about
        self._text = text
        self._done = done
        self._complete = complete
        self._wrong = wrong
        self._objection = ""
        self._choices: list[str] = []
        self._rest = ""

    def opens_behind(self, rest: str) -> None:
        """Leave the rest of a name away where exactly that is typed, and no letter behind it: who
        types `other` to its end although `o` is enough does not begin the text with `ther`."""
        self._rest = rest

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: letters type, backspace rubs out, enter is done, escape leaves."""
        self._choices, self._objection = [], ""
        if self._ends_name(key):
            self._rest = ""
            if character is None or not character.isalnum():
                self._text = ""  # what stands there was the end of the name, and no text
            if character == " ":
                return False
        if key == "enter":
            text = self._text.strip()
            self._objection = self._wrong(text)
            if not self._objection:
                self._done(text)
            return not self._objection
        if key == "tab" and self._complete is not None:
            self._text, choices = self._complete(self._text)
            self._choices = choices if len(choices) > 1 else []
        elif key == "backspace":
            self._text = "".join(split(self._text)[:-1])
        elif character is not None:
            self._text += writable(character)
        return key == "escape"

    def _ends_name(self, key: str) -> bool:
        """Whether all that is typed is the rest of a name that had been picked before its end."""
        return self._rest != "" and key != "backspace" and self._text.casefold() == self._rest

    def paste(self, text: str) -> None:
        """Take pasted text at once."""
        self._text += pasted(text)

    @property
    def keys(self) -> Keys:
        """Every other key is a letter."""
        tab = [("tab", "complete")] if self._complete is not None else []
        return [("enter", "done"), *tab, ("escape", "leave it")]

    def pieces(self, theme: Theme) -> Pieces:
        """Return the title, the end of the text, where the cursor is, and what may follow."""
        return [
            LinePiece(f"{self.title}: ", theme[Role.STRONG], 2),
            LinePiece(f"{self._text}▏", theme[Role.TEXT], 1, glue=True),
            *([LinePiece(self._objection, theme[Role.WARNING], 0)] if self._objection else ()),
            *(LinePiece(name, theme[Role.FAINT], -at) for at, name in enumerate(self._choices)),
        ]


class CommentPrompt(TextPrompt):
    """Takes a comment; what is typed of it belongs to what is begun on the task.

    Args:
        text: What stands there already.
        done: Called with the text on enter.
        changed: Called after every key.
    """

    def __init__(self, text: str, done: Callable[[str], None], changed: Callable[[], None]) -> None:
        super().__init__("comment", text, done)
        self._changed = changed

    @property
    def text(self) -> str:
        """What stands there now."""
        return self._text

    def key(self, key: str, character: str | None) -> bool:
        """Take a key."""
        self._changed()
        return super().key(key, character)

    def paste(self, text: str) -> None:
        """Take text at once."""
        self._changed()
        super().paste(text)


class RewritePrompt(Prompt):
    """Takes a piece of the task's text and gives it back as it is written then. Line breaks stay,
    and can be rubbed out; what is written so far belongs to what is begun on the task.

    Args:
        text: The piece.
        caret: The code point that the cursor stands before.
        done: Called with the text on enter; not at all where the prompt was left.
        changed: Called after every key.
        width: Returns the cells of the line.
    """

    _TITLE = "text: "
    about = (
        "The piece of the text is written anew; what stands on the text around it moves with it.",
    )
    title = "Change the text"

    def __init__(
        self,
        text: str,
        caret: int,
        done: Callable[[str], None],
        changed: Callable[[], None],
        width: Callable[[], int],
    ) -> None:
        self._before, self._after = split(text[:caret]), split(text[caret:])
        self._done = done
        self._changed = changed
        self._width = width

    @property
    def begun(self) -> list[object]:
        """What stands there now, and where the cursor is, as JSON values."""
        before = "".join(self._before)
        return [before + "".join(self._after), len(before)]

    def key(self, key: str, character: str | None) -> bool:
        """Take a key: letters type, arrows move, enter is done, escape leaves all as it was."""
        before, after = self._before, self._after
        if key == "enter":
            self._done("".join([*before, *after]))
        elif key == "backspace":
            self._before = before[:-1]
        elif key == "delete":
            self._after = after[1:]
        elif key in ("left", "right", "home", "end"):
            whole = [*before, *after]
            places = {"left": max(0, len(before) - 1), "right": len(before) + 1, "home": 0}
            place = places.get(key, len(whole))
            self._before, self._after = whole[:place], whole[place:]
        elif character is not None and writable(character):
            # A mark that is typed behind a letter becomes one with it.
            self._before = split("".join(before) + writable(character))
        self._changed()
        return key in ("enter", "escape")

    def paste(self, text: str) -> None:
        """Take pasted text at once."""
        self._before = split("".join(self._before) + pasted(text))
        self._changed()

    @property
    def keys(self) -> Keys:
        """Every other key is a letter."""
        return [("enter", "put it in"), ("← → home end", "move"), ("escape", "leave it as it was")]

    def pieces(self, theme: Theme) -> Pieces:
        """Return what is written, as far as it fits around the cursor."""
        room = max(8, self._width() - len(self._TITLE) - 4)
        behind = "".join(self._after[:room])
        cells = cell_width("".join(self._before[-room:]))
        free = max(room // 2, room - cell_width(behind))
        shown = self._before[-room:]
        while shown and cells > free:
            cells -= cell_width(shown[0])
            shown = shown[1:]
        more = ELLIPSIS if len(shown) < len(self._before) else ""
        return [
            LinePiece(self._TITLE, theme[Role.STRONG], 2),
            LinePiece(f"{more}{''.join(shown)}▏{behind}", theme[Role.TEXT], 1, glue=True),
        ]


def _end_of(text: str, room: int) -> str:
    """Return the end of a text that fits in so many cells, with `…` before it."""
    if cell_width(text) <= room:
        return text
    shown = split(text)
    while shown and cell_width("".join(shown)) > room - 1:
        shown = shown[1:]
    return ELLIPSIS + "".join(shown)
