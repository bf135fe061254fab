"""An expert who knows the answer and plays it through the keys of the program."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from tui_annotate.commands.continuation import Continuation
from tui_annotate.commands.input_filter import InputFilter
from tui_annotate.commands.key_names import character_of, key_of
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.name_finder import NameFinder
from tui_annotate.commands.table import Action
from tui_annotate.editors.base import Argument
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.navigation import letters_without
from tui_annotate.task.spans import Range
from tui_annotate.task.tokenize import tokenize
from tui_annotate.text.wrap import Layout
from tui_annotate.tui.point_prompts import FindPrompt, HintPrompt, SearchPrompt
from tui_annotate.tui.prompts import LabelPrompt, Prompt
from tui_annotate.tui.widgets.lanes import LineMap
from tui_annotate.tui.widgets.text_view import follow

COLUMNS, ROWS = 80, 20
"""The text of a screen of 80x24, with the labels of a row in the margin."""

KEY_SECONDS = 0.15
"""Seconds from one key to the next: a practised typist."""

Gold = tuple[int, int, str]
Keys = tuple[str, ...]


@dataclass
class Played:
    """A task that was played.

    Attributes:
        gold: Spans that there should be.
        right: Spans that came out as they should, if no other did.
        kinds: Keys by what they were for.
        keys: The keys in order, as keymaps name them.
    """

    gold: int
    right: int
    kinds: Counter[str] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)


class Hand:
    """Keys through input filter, keymap and prompts to an editor, as on the screen.

    Attributes:
        swallowed: Keys that were read as letters of a name that was picked before; they were
            pressed again.
    """

    def __init__(self, editor: SpanEditor, keymap: Keymap, layout: Layout) -> None:
        self.editor = editor
        self.answered = ""
        self.swallowed = 0
        self._keymap = keymap
        self._layout = layout
        self._map = LineMap(len(layout), 1, {})
        self._filter = InputFilter(keymap.is_decision)
        self._prompt: Prompt | None = None
        self._rest: Continuation | None = None
        self._kept: KeyPress | None = None
        self._top = 0
        self._now = 0.0

    def come_after(self, other: Hand) -> None:
        """Go on at the time of another hand, on a copy of its editor."""
        self._top, self._now, self._rest = other._top, other._now, copy.copy(other._rest)
        self._kept = other._kept
        if self._rest is not None and self._rest.narrow is not None:
            self._rest.narrow = lambda typed: self._edit("find", typed)

    def type(self, keys: Sequence[str]) -> Keys:
        """Press keys one after another, those that were swallowed again.

        Returns:
            All keys that were pressed.
        """
        pressed: list[str] = []
        for key in keys:
            pressed.append(key)
            while not self._press(key):
                self.swallowed += 1
                pressed.append(key)
        return tuple(pressed)

    def wait(self) -> None:
        """Type nothing until a key that was kept back is carried out."""
        if self._kept is not None and self._rest is not None:
            self._now += self._rest.patience
            kept, self._kept, self._rest = self._kept, None, None
            self._take(kept)

    def _press(self, key: str) -> bool:
        """Press a key and wait as long as people do before the next; False if it was swallowed."""
        character, rest = character_of(key), self._rest
        typing = self._prompt is not None or (
            rest is not None and rest.continues(key, character, self._now)
        )
        fed = self._filter.feed(key, character, self._now, typing=typing)
        taken = [self._take(press) for press in fed.presses]
        self._now += KEY_SECONDS
        taken += [self._take(press) for press in self._filter.flush(self._now).presses]
        return all(taken)

    def _take(self, press: KeyPress) -> bool:
        rest = self._rest
        kept, self._kept = self._kept, None
        action = self._keymap.lookup(press, self.editor.context())
        if rest is not None:
            name_goes_on = rest.continues(press.key, press.character, self._now)
            if kept is not None and not name_goes_on:
                self._rest = None
                return self._take(kept) and self._take(press)
            if rest.swallows(press.key, press.character, self._now, action):
                self._kept = press if rest.kept else None
                return rest.kept
        self._rest = None
        if self._prompt is not None:
            prompt = self._prompt
            if prompt.key(press.key, press.character):
                self._prompt, self._rest = None, prompt.continuation(self._now)
            return True
        if action is not None:
            self._carry_out(action)
        return True

    def _carry_out(self, action: Action) -> None:
        if action.decision:
            self.answered = action.id
        elif action.target == "editor":
            self._edit(action.name, action.argument)
        elif action.id == "find":
            self._prompt = FindPrompt(self._edit, self.editor.words_beginning)
        elif action.id == "search":
            self._prompt = SearchPrompt(self._edit, lambda: bool(self.editor.marks))
        elif action.id == "label_by_name":
            self._prompt = LabelPrompt(self.editor.labels, lambda name: self._edit("label", name))
        elif action.id == "go":
            show = partial(self._edit, "go", self.visible)
            show()
            is_open = lambda: bool(self.editor.hints)  # noqa: E731
            self._prompt = HintPrompt(self._edit, is_open, self.editor.hints_go_on, show)

    def _edit(self, command: str, argument: Argument) -> None:
        self.editor.apply(command, argument, self._layout)

    @property
    def visible(self) -> Range:
        """The code points on screen, as the view scrolls."""
        row = self._layout.row_of(self.editor.cursor_range[0])
        self._top = follow(self._map, self._top, ROWS, row, row)
        last = min(self._top + ROWS, len(self._layout)) - 1
        return self._layout[self._top].start, self._layout[last].end


class Expert:
    """Finds the cheapest keys for each span and plays them.

    Args:
        labels: All labels of the corpus, the first ten on digits.
        candidates: Whether the expert goes from candidate to candidate.
    """

    def __init__(self, labels: Sequence[str], *, candidates: bool) -> None:
        self._labels = tuple(labels)
        self._candidates = candidates
        self._keymap = Keymap()
        self._ways_of_task = False, False

    def play(self, text: str, gold: Sequence[Gold]) -> Played:
        """Play a task: its spans in reading order, then the answer."""
        layout = Layout(text, COLUMNS)
        played = Played(len(gold), 0)
        self._ways_of_task = overlapping(gold), by_character(text, gold)
        hand = self._hand(text, layout, None)
        while (following := _first_missing(hand.editor, gold)) is not None:
            keys, kinds = self._cheapest(hand, layout, following, gold)
            before, swallowed = len(hand.editor.spans), hand.swallowed
            played.keys += hand.type(keys)
            played.kinds.update(kinds)
            played.kinds["pressed again"] += hand.swallowed - swallowed
            if len(hand.editor.spans) <= before:
                break
        swallowed = hand.swallowed
        played.keys += hand.type(["a"])
        hand.wait()
        played.kinds["answer"] += 1
        played.kinds["pressed again"] += hand.swallowed - swallowed
        found = sorted((s["start"], s["end"], s["label"]) for s in hand.editor.content()["spans"])
        played.kinds = +played.kinds
        played.right = len(gold) if found == sorted(gold) and hand.answered == "accept" else 0
        return played

    def _hand(self, text: str, layout: Layout, like: SpanEditor | None) -> Hand:
        overlap, characters = self._ways_of_task
        task = {"text": text}
        editor = SpanEditor(task, self._labels, overlap=overlap, characters=characters)
        if like is not None:
            editor.restore(like.content(), like.state())
        editor.adapt(letters=letters_without(["a", "x", " "]), label_first=False)
        return Hand(editor, self._keymap, layout)

    def _cheapest(
        self, hand: Hand, layout: Layout, span: Gold, gold: Sequence[Gold]
    ) -> tuple[Keys, Counter[str]]:
        """The cheapest way to a span that leads to it, and no other change, when it is tried."""
        best: tuple[int, Keys, Counter[str]] | None = None
        for going in sorted(self._ways(hand, span), key=len):
            if best is not None and len(going) + 1 >= best[0]:
                break
            for labelling in self._labelling(hand, span):
                trial = self._hand(hand.editor.text, layout, hand.editor)
                trial.come_after(hand)
                pressed = trial.type((*going, *labelling))
                if _spans(trial.editor) != {*_spans(hand.editor), span}:
                    continue
                more = self._equal_too(trial, gold)
                gained = len(more) and len(trial.editor.spans) - len(hand.editor.spans) - 1
                cost = len(pressed) + len(more) - 3 * gained
                if best is None or cost < best[0]:
                    kinds = Counter(
                        {
                            _kind_of(going): len(going),
                            "label": 1,
                            "extend": len(labelling) - 1,
                            "equal strings": len(more),
                        }
                    )
                    best = (cost, (*going, *labelling, *more), kinds)
        if best is None:
            raise SystemExit(f"no way to {span} in {hand.editor.text!r}")
        return best[1], +best[2]

    def _equal_too(self, trial: Hand, gold: Sequence[Gold]) -> Keys:
        """The key for all equal strings, where it labels more, and only what is gold."""
        before = _spans(trial.editor)
        pressed = trial.type(["e"])
        trial.wait()
        after = _spans(trial.editor)
        return pressed if before < after <= set(gold) else ()

    def _labelling(self, hand: Hand, span: Gold) -> Iterator[Keys]:
        tokens = hand.editor.tokens.covering(span[0], span[1])
        if tokens is None:
            raise SystemExit(f"{span} does not end with tokens: {hand.editor.text[:60]!r}")
        give, again = self._label_keys(span[2])
        length = tokens[1] - tokens[0]
        for more in range(length + 1):
            yield (*give, *(again,) * more)
        if length > 2:
            letter = _letter(hand.editor, tokens[1])
            yield (*give, "semicolon", letter, "w")
            yield ("v", "semicolon", letter, *give)

    def _label_keys(self, label: str) -> tuple[Keys, str]:
        """The keys that give a label, and the one that takes in the next token at once."""
        number = self._labels.index(label)
        if number < 10:
            return (str(number + 1)[-1],), str(number + 1)[-1]
        finder = NameFinder(self._labels)
        for character in label:
            finder.type(character)
            if finder.sure == label:
                return ("t", *map(_typed, finder.typed)), "full_stop"
        return ("t", *map(_typed, label), "enter"), "full_stop"

    def _ways(self, hand: Hand, span: Gold) -> Iterator[Keys]:
        """Every way to the first token of a span that could be a short one."""
        editor = hand.editor
        there = editor.tokens.at(span[0])
        steps = there - editor.cursor
        yield ("l" if steps > 0 else "h",) * abs(steps)
        for times in range(1, 6):
            if self._candidates:
                yield ("n",) * times
                yield ("p",) * times
            yield ("right_parenthesis",) * times
            yield ("j",) * times
            yield ("semicolon", _letter(editor, there), *("n",) * (times - 1))
            yield ("semicolon", _letter(editor, there), *("p",) * (times - 1))
        yield from self._jumps(hand, span[0])
        word = editor.text[slice(*span[:2])]
        for length in range(1, min(len(word), 4) + 1):
            typed = tuple(map(_typed, word[:length]))
            yield ("slash", *typed, "enter")
            yield ("slash", *typed, "enter", "n")

    def _jumps(self, hand: Hand, offset: int) -> Iterator[Keys]:
        trial = self._hand(hand.editor.text, hand._layout, hand.editor)
        trial.come_after(hand)
        trial.type(["g"])
        editor = trial.editor
        before = max((at for at in editor.hints if at <= offset), default=None)
        if before is not None:
            steps = editor.tokens.at(offset) - editor.tokens.at(before)
            yield ("g", *editor.hints[before], *("l",) * steps)


def _first_missing(editor: SpanEditor, gold: Sequence[Gold]) -> Gold | None:
    there = _spans(editor)
    return next((span for span in sorted(gold) if span not in there), None)


def overlapping(gold: Sequence[Gold]) -> bool:
    """Whether the gold needs `spans_manual`."""
    return any(one[1] > other[0] for one, other in pairwise(sorted(gold)))


def by_character(text: str, gold: Sequence[Gold]) -> bool:
    """Whether the gold needs character mode: a span that does not begin and end with tokens."""
    tokens = tokenize(text)
    return any(tokens.covering(start, end) is None for start, end, _ in gold)


def _spans(editor: SpanEditor) -> set[Gold]:
    return {(span.start, span.end, span.label) for span in editor.spans}


def _typed(character: str) -> str:
    return "space" if character == " " else key_of(character)


def _letter(editor: SpanEditor, token: int) -> str:
    return editor.text[editor.tokens.starts[token]].lower()


def _kind_of(going: Keys) -> str:
    names = {"n": "next point", "p": "next point", "semicolon": "find word", "slash": "search",
             "g": "jump hint"}  # fmt: skip
    return names.get(going[0], "move") if going else "move"
