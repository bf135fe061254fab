"""What is done beside the annotation: questions, information, help, leaving, and how the task is
shown: lanes, margin or list; blanks; themes. Such choices are remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui_annotate.commands.key_names import character_of
from tui_annotate.commands.keymap import label_command
from tui_annotate.commands.table import Action
from tui_annotate.editors.base import label_setting
from tui_annotate.editors.span.import_spans import described_extra
from tui_annotate.job import Job
from tui_annotate.session.recipe_code import asked_of
from tui_annotate.tui.prompts import LabelPrompt
from tui_annotate.tui.screens.answering import trouble
from tui_annotate.tui.screens.navigation import Navigation, PastActions
from tui_annotate.tui.screens.reviewing import Reviewing
from tui_annotate.tui.side_panel_control import Mode
from tui_annotate.tui.task_widget import Shown, Views, colored
from tui_annotate.tui.text_prompts import CommentPrompt, RewritePrompt, TextPrompt
from tui_annotate.tui.theme import NAMES, Role, theme_of
from tui_annotate.tui.widgets.lanes import PROPOSED

if TYPE_CHECKING:
    from tui_annotate.commands.focus_help import Topic
    from tui_annotate.editors.form import OpenEditor
    from tui_annotate.tui.environment import Environment
    from tui_annotate.tui.screens.base import WorkScreen
    from tui_annotate.tui.screens.rtl_calibration import Directions
    from tui_annotate.tui.screens.status_bar import Chrome


MODES: tuple[Shown, ...] = ("lanes", "compact", "list")
_SAID = {
    "lanes": "labels stand below the text",
    "compact": "labels stand in the margin, > before one within another",
    "list": "spans are listed below the text",
}
_SAID_OF_ARCS = {
    "lanes": "relations are arcs over the text, and listed below it",
    "compact": "relations are arcs over the text",
    "list": "relations are listed below the text",
}
_ON_OFF = ("hidden", "shown")
_PANELS: tuple[Mode, ...] = ("task", "guidelines", "off")
_BESIDE = {
    "task": "what belongs to the task stands beside it",
    "guidelines": "the guidelines stand beside the text",
    "off": "nothing stands beside the text",
}


class DisplayActions:
    """Carries out what changes the look of a task.

    Args:
        screen: Where it is shown.
        surroundings: The theme at the start, and the choices of earlier sessions.
        views: The widgets that show it.
        chrome: The lines around them.
    """

    def __init__(
        self,
        screen: WorkScreen,
        surroundings: Environment,
        views: Views,
        chrome: Chrome,
    ) -> None:
        self._screen = screen
        self._around = surroundings
        self._views = views
        self._chrome = chrome
        self._theme = surroundings.theme.name
        self.actions: Mapping[str, Callable[[], None]] = {
            "view_mode": self._next_mode,
            "blanks": self._toggle_blanks,
            "theme": self._next_theme,
            "panel": self._next_panel,
        }

    def begin(self) -> None:
        """Show everything as it was chosen before."""
        chosen = self._around.preferences.get("view", MODES)
        if chosen is not None:
            self._views.set_mode(MODES[MODES.index(chosen)])
        beside = self._around.preferences.get("panel", _PANELS)
        if beside is not None:
            self._views.beside.mode = _PANELS[_PANELS.index(beside)]
        if self._around.preferences.get("blanks", _ON_OFF) == "shown":
            self._views.text.set_blanks(True)

    def _next_mode(self) -> None:
        views = self._views
        mode = MODES[(MODES.index(views.mode) + 1) % len(MODES)]
        views.set_mode(mode)
        self._around.preferences.set("view", mode)
        said = _SAID_OF_ARCS if views.has_arcs else _SAID
        self._screen.say(f"{mode}: {said[mode]}")

    def _next_panel(self) -> None:
        beside = self._views.beside
        modes = beside.modes
        mode = modes[(modes.index(beside.shown) + 1) % len(modes)]
        beside.mode = mode
        self._around.preferences.set("panel", mode)
        self._screen.place_all(*self._screen.app.size)
        self._screen.say(_BESIDE[mode])

    def _toggle_blanks(self) -> None:
        shown = not self._views.text.show_blanks
        self._views.text.set_blanks(shown)
        self._around.preferences.set("blanks", _ON_OFF[shown])
        self._screen.say(f"blanks and line breaks are {_ON_OFF[shown]}")

    def _next_theme(self) -> None:
        name = NAMES[(NAMES.index(self._theme) + 1) % len(NAMES)]
        look = theme_of(self._screen.job, name, colors=self._around.colors)
        self._theme = name
        self._views.set_theme(look)
        self._chrome.set_theme(look)
        app = self._screen.application
        # Screens that are opened from now on, such as the menu, look the same.
        app.surroundings = app.surroundings._replace(theme=look)
        self._around.preferences.set("theme", name)
        note = "" if look.name == name else ", in monochrome: this terminal has no colours"
        self._screen.say(f"theme {name}{note}")


_SHOWN_POINTS = 8

_MOST_RECENT = 3
"""Actions that the menu lists as used last."""


_TYPED_BLIND = "the decision did not count, nor did the keys typed before you could see that"
DROPPED = "What was typed meanwhile was not carried out: pause, then go on"


class ScreenActions:
    """Carries out the actions that neither edit nor answer.

    Args:
        screen: Where the task is shown.
        surroundings: The keymap, which help is made from, and how everything looks.
        viewing: Carries out what changes the look.
        directions: Asks who puts right-to-left text in order.

    Attributes:
        navigation: Asks where to go, and fits editors to the keymap.
        pressed_once: The action that does more when it is the next one again, `leave` or `info`;
            empty where the last one was another. The screen empties it before any other action.
    """

    def __init__(
        self,
        screen: WorkScreen,
        surroundings: Environment,
        viewing: DisplayActions,
        directions: Directions,
    ) -> None:
        self._screen = screen
        self._keymap = keymap = surroundings.keymap
        self.pressed_once = ""
        self._recent: list[str] = []
        self.navigation = Navigation(screen, keymap)
        self._actions: dict[str, Callable[[], None]] = {
            **self.navigation.actions,
            "label_by_name": self._ask_label,
            "new_label": self._ask_label,
            "comment": self._ask_comment,
            "rewrite": self._ask_text,
            "info": self._inform,
            "guidelines": self._say_guidelines,
            "statistics": lambda: self._screen.run_aside(self._figures()),
            "menu": self._menu,
            "help": self._help,
            "saved": self._save,
            "leave": self._leave,
            "plain_face": self._go_plain,
            **PastActions(screen, surroundings).actions,
            "event": self._ask_event,
            **(Reviewing(screen).actions if screen.job.reviews else {}),
            "right_to_left": directions.ask,
            **viewing.actions,
        }

    def carry_out(self, action: str) -> None:
        """Carry out an action by its id."""
        if action == self.pressed_once == "info":
            self.pressed_once = ""
            if self._guidelines():
                return
        self._actions[action]()

    def hurried(self, action: Action | None, *, is_blind: bool) -> None:
        """A key came before the one before it was carried out, or before it could be seen what
        became of that, or right behind such a key: only leaving need not wait."""
        if action is not None and action.id == "leave":
            self._leave()
        elif self._screen.client.busy:
            self._screen.say("one moment, the last key is still being carried out", Role.WARNING)
        else:
            self._screen.say(_TYPED_BLIND if is_blind else DROPPED, Role.WARNING)
            self._screen.refresh_lines()

    def _ask_label(self, typed: str = "") -> None:
        screen = self._screen
        editor = screen.editor
        if editor is None:
            return
        steps, was_linking = editor.steps, editor.leaf.linking

        def reopen(typed: str) -> bool:
            """Take back what a name has done that was picked by mistake, and ask for another."""
            if screen.editor is not editor or screen.client.busy or editor.steps < steps:
                return False
            if editor.steps > steps:
                screen.edit("undo", None)
            if was_linking and not editor.leaf.linking:
                screen.edit("link", "again")
            self._ask_label(typed)
            return True

        command = label_command(screen.words)
        title = "option" if "list" in screen.words else "label"
        done = lambda name: screen.edit(command, name)  # noqa: E731
        prompt = LabelPrompt(
            editor.names,
            done,
            title,
            places=colored(screen.job.labels, editor),
            add=self._adder(command),
            outcome=editor.leaf.outcome,
            typed=typed,
            reopen=reopen,
        )
        screen.ask(prompt)

    def _adder(self, command: str) -> Callable[[str], None] | None:
        """Return what adds a label to the dataset and gives it; None where that is not possible."""
        screen = self._screen
        if screen.editor is None or not screen.job.allows_new_labels:
            return None
        setting = label_setting(screen.editor)
        if setting is None:
            return None

        def add(name: str) -> None:
            screen.client.begin()
            screen.run_aside(self._added(setting, name, command))

        return add

    async def _added(self, setting: str, name: str, command: str) -> None:
        screen = self._screen
        added = await screen.client.add_label(setting, name)
        screen.offer_labels(setting, added.offered)
        screen.edit(command, added.label, first=added.sentence)
        screen.refresh_lines()

    def _ask_event(self) -> None:
        screen = self._screen
        names = tuple(screen.job.event_hooks)
        call = lambda name: self._fill_event(name, {})  # noqa: E731
        # What was chosen by a letter would be called while the rest of its name is still typed.
        screen.ask(LabelPrompt(names, call, title="event", at_once=False))

    def _fill_event(self, name: str, typed: Mapping[str, str]) -> None:
        """Ask for what the event names and the task does not have, one after the other; call it."""
        screen = self._screen
        if screen.editor is None:
            return
        wanted = asked_of(screen.job.event_hooks[name], screen.editor.content())
        missing = [each for each in wanted if each not in typed]
        if missing:
            done = lambda text: self._fill_event(name, {**typed, missing[0]: text})  # noqa: E731
            screen.ask(TextPrompt(missing[0], "", done))
        else:
            screen.run_aside(self._event(name, typed))

    async def _event(self, name: str, typed: Mapping[str, str]) -> None:
        screen = self._screen
        if screen.editor is not None:
            task = screen.editor.content()
            screen.say(await screen.client.event(name, task, typed))

    def _ask_comment(self) -> None:
        if self._screen.editor is not None:
            self.write_comment(self._screen.editor.comment)

    def write_comment(self, text: str | None) -> None:
        """Go on with a comment that stands so far, if it was begun."""
        screen = self._screen
        if text is not None:
            done = lambda text: screen.edit("comment", text)  # noqa: E731
            screen.ask(CommentPrompt(text, done, screen.client.edited))

    def _ask_text(self) -> None:
        editor = self._screen.editor
        text = editor.text_editor if editor is not None else None
        if text is None or text.piece is None:
            return
        start, end = text.piece
        self.write_piece((text.text[start:end], end - start))

    def write_piece(self, begun: tuple[str, int] | None) -> None:
        """Go on with a piece of the text that is written anew, if it was begun.

        Args:
            begun: How far it is written, and the code point that the cursor stands before.
        """
        screen = self._screen
        if begun is not None:
            done = lambda text: screen.edit("rewrite", text)  # noqa: E731
            width = lambda: screen.size.width  # noqa: E731
            screen.ask(RewritePrompt(*begun, done, screen.client.edited, width))

    def _inform(self) -> None:
        self.pressed_once = "info"
        if self._screen.editor is not None:
            self._screen.say(_under_cursor(self._screen.editor, self._screen.job))

    def _guidelines(self) -> bool:
        job = self._screen.job
        if job.guidelines:
            self._read(job)
        return bool(job.guidelines)

    def _say_guidelines(self) -> None:
        if not self._guidelines():
            self._screen.say("this job has no guidelines")

    def _menu(self) -> None:
        # What follows is loaded by the key that opens it.
        from tui_annotate.commands.palette import Palette
        from tui_annotate.tui.screens.palette import PaletteScreen  # as above

        app = self._screen.application
        screen = self._screen
        labels = screen.editor.labels if screen.editor is not None else ()
        palette = Palette(
            self._keymap, screen.words, screen.named, labels=labels, recent=self._recent
        )
        app.open_screen(PaletteScreen(palette, app.surroundings.theme), self._chosen)

    def _help(self) -> None:
        from tui_annotate.commands.focus_help import topic_of  # only by the key that opens it

        screen = self._screen
        labels = screen.editor.labels if screen.editor is not None else ()
        if screen.editor is not None and "list" in screen.words:
            labels = screen.editor.names
        self.show_help(topic_of(self._keymap, screen.words, screen.named, labels))

    def show_help(self, topic: Topic) -> None:
        """Show a page of help; any key but those that scroll goes back."""
        from tui_annotate.tui.screens.page import help_page  # few sessions open it

        app = self._screen.application
        app.open_screen(help_page(topic, app.surroundings.theme))

    def _chosen(self, found: tuple[Action, bool] | None) -> None:
        if found is None:
            return
        action, by_key = found
        if action.decision and not by_key:
            self._screen.say(f"{self._keymap.shown(action.id)} answers; the menu never does")
            return
        if not by_key:
            others = [each for each in self._recent if each != action.id]
            self._recent = [action.id, *others][:_MOST_RECENT]
        self._screen.carry_out(action)
        if by_key:
            self._expect_name(action)

    def _expect_name(self, action: Action) -> None:
        """A key of the menu may have been meant as the first letter of what it does."""
        from tui_annotate.commands.continuation import Continuation  # only where a name is typed

        keys = (each for each in self._keymap.keys(action.id) if " " in each)
        typed = character_of(next(keys, "").rpartition(" ")[2]) or ""
        if typed and action.label.startswith(typed):
            now = time.monotonic()
            self._screen.expect(
                Continuation(action.label, (action.label,), typed, now, done="is done")
            )

    def _read(self, job: Job) -> None:
        # Its widgets cost time at the start, and few sessions open it.
        from tui_annotate.tui.screens.page import guidelines_page

        app = self._screen.application
        app.open_screen(guidelines_page(job, app.surroundings))

    async def _figures(self) -> None:
        # Few sessions look at their figures, and what takes them is slow to load.
        from tui_annotate.tui.screens.page import figures_page

        screen = self._screen
        await screen.client.save_begun()
        with screen.waiting.watch():
            rows = await screen.client.look_up(figures_page)
        app = screen.application
        app.open_screen(rows(app.surroundings.ascii_only))

    def _save(self) -> None:
        self._screen.client.begin()
        self._screen.run_aside(self._saved())

    async def _saved(self) -> None:
        await self._screen.client.save()
        self._screen.say(f"everything is saved, {time.strftime('%H:%M:%S')}")

    def _go_plain(self) -> None:
        self._screen.client.begin()
        self._screen.run_aside(self._gone_plain())

    async def _gone_plain(self) -> None:
        await self._screen.client.save()
        app = self._screen.application
        app.hand_over()

    def _leave(self) -> None:
        app = self._screen.application
        leaving = self.pressed_once == "leave"
        if leaving or self._screen.item is None or self._screen.waiting.shown:
            app.leave()
            return
        self.pressed_once = "leave"
        key = self._keymap.told("leave")
        if self._screen.client.busy:
            self._screen.say(f"this answer is not saved yet; {key} again leaves without it")
            return
        lost = self._screen.client.session.opened.store.taken_away
        if lost is not None:
            self._screen.say(f"not saved here: {trouble(lost)}; {key} again leaves", Role.BAD)
            return
        self._screen.say(f"{self._screen.counts.done:,} answered, all saved; {key} again leaves")


def _under_cursor(editor: OpenEditor, job: Job) -> str:
    """Return the span under the cursor, what its label is for, and the token's code points."""
    text = editor.whole_text
    if text is None:
        about = job.description(editor.current or str(editor.task.get("label", "")))
        told = [each for each in (editor.info(), about) if each]
        return "; ".join(told) or "nothing to say about this"
    start, end = text.cursor_range
    characters = f"characters {start}-{end}: {_code_points(text.text[start:end])}"
    span, mark = text.target, ""
    # A proposal is no span before it is taken, so no command has it for its target.
    if span is None:
        here = (each for each in text.proposals if each.start < end and start < each.end)
        span, mark = next(here, None), PROPOSED
    if span is None:
        return characters
    about, extra = job.description(span.label), described_extra(span)
    place = f"{span.label}{mark} {span.start}-{span.end}"
    what = f"{place}: {about}" if about else place
    return "; ".join(each for each in (what, extra, characters) if each)


def _code_points(text: str) -> str:
    """Return the first code points of a text, such as `U+0041 U+0301`."""
    more = ["…"] if len(text) > _SHOWN_POINTS else []
    return " ".join([*(f"U+{ord(each):04X}" for each in text[:_SHOWN_POINTS]), *more])
