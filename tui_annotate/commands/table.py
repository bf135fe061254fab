"""The one table of everything an annotator can do by a key.

Key bar, help, palette, documentation and keymap validation are made from it; adding an action is
adding one entry. Every action has an unmodified key that arrives over every link, or stands for a
series of actions that have one.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Literal, TypeAlias

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.restricted import is_restricted

Target: TypeAlias = Literal["editor", "session", "view", "app"]
"""Who carries an action out: the editor of the task, the session, the view or the application."""

Section: TypeAlias = Literal["answer", "label", "move", "select", "task", "program"]
"""The heading under which help lists an action."""

SECTIONS: tuple[Section, ...] = ("answer", "label", "move", "select", "task", "program")


class Action(NamedTuple):
    """One thing that a key can do.

    Attributes:
        id: Its name in keymap files and in the palette.
        keys: Default keys, the first one first choice.
        label: One or two words for the key bar.
        help: One line for help and documentation; `{id}` is the key of an action it stands for.
        target: Who carries it out.
        section: The heading it is listed under.
        decision: Whether it answers the task; such keys pass the guards.
        command: What the target is told to do; the id where empty.
        argument: What goes with the command.
        needs: Words that must all be in the context for the action to be available.
        unless: Words of which none may be in the context.
        stands_for: Ids of the actions that do the same one after another.
        bar: Whether the key bar shows it; the order in the bar is that of the table.
        synonyms: Other words that people look for it by in the menu.
        contained: Whether it stays within the job: it opens no file that the job does not name and
            runs no code of a person. Restricted sessions refuse every other action.
        yields: Whether it leaves its keys to other actions that a keymap file gives them to: files
            that are older than it know nothing of it, and stay as good as they were.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    target: Target
    section: Section
    decision: bool = False
    command: str = ""
    argument: int | str | None = None
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    stands_for: tuple[str, ...] = ()
    bar: bool = False
    synonyms: tuple[str, ...] = ()
    contained: bool = False
    yields: bool = False

    @property
    def name(self) -> str:
        """The command that the target is given."""
        return self.command or self.id

    def available(self, context: Set[str]) -> bool:
        """Whether the action can be taken in a context.

        Args:
            context: Words such as `selecting`, `focus`, `spans`, `labels`, `rows`; an editor
                gives its own by `context()`.
        """
        return self.needs <= context and not self.unless & context

    @property
    def refusal(self) -> str:
        """Why it is not carried out in this session; empty where it is."""
        if self.contained or not is_restricted():
            return ""
        return f"{self.label} is not available in a restricted session"

    def excludes(self, other: Action) -> bool:
        """Whether no context has both actions, so that they may share a key."""
        return bool(self.needs & other.unless or other.needs & self.unless)


_DIGIT_ROWS = ("1234567890", "&é\"'(-è_çà", "+ěščřžýáíé")
DIGITS = _DIGIT_ROWS[0]
"""The keys of the first ten labels, in their order."""
_SPANS = frozenset({"span-editor"})
_SELECTING = frozenset({"span-editor", "selecting"})
_LABELS = frozenset({"labels"})
_VERSIONS = frozenset({"versions"})
"""The word of a review while digits take versions; `edit_version` takes it out of the context."""
_REVIEW = frozenset({"review"})
_DIFFERENCES = frozenset({"differences"})
"""The word of a review while its keys go through what the versions differ in."""

_NO_TASK = frozenset({"no-task"})
"""What an action on the task at hand must not find: the word of a screen that has none."""


def _label_actions() -> tuple[Action, ...]:
    return tuple(
        Action(
            id=f"label_{number}",
            keys=(DIGITS[number - 1],),
            label=f"label {number}",
            help=f"give label {number}: to the focused span, the selection or the token; "
            "the same key again takes in the next token",
            target="editor",
            section="label",
            command="label",
            argument=number - 1,
            needs=_LABELS,
            unless=_VERSIONS,
            contained=True,
        )
        for number in range(1, 11)
    )


def _version_actions() -> tuple[Action, ...]:
    return tuple(
        Action(
            id=f"version_{number}",
            keys=(DIGITS[number - 1],),
            label=f"version {number}",
            help=f"in a review, take version {number}; it does not answer",
            target="view",
            section="label",
            needs=_VERSIONS,
            contained=True,
        )
        for number in range(1, 10)
    )


def _extending(direction: str) -> Action:
    return Action(
        id=f"select_{direction}",
        keys=(f"shift+{direction}",),
        label=f"select {direction}",
        help=f"select, or adjust the focused span, and move {direction}",
        target="editor",
        section="select",
        needs=_SPANS,
        stands_for=("select", direction),
        contained=True,
    )


_ANSWERS = (
    Action("accept", ("a",), "accept", "accept the task as it is shown", "session", "answer",
           decision=True, bar=True,
           unless=_NO_TASK,
           synonyms=("submit", "save answer", "yes", "done"), contained=True),
    Action("reject", ("x",), "reject", "reject the task", "session", "answer",
           decision=True, bar=True,
           unless=_NO_TASK,
           synonyms=("no", "refuse"), contained=True),
    Action("ignore", ("space",), "ignore", "leave the task out", "session", "answer",
           decision=True, bar=True,
           unless=_NO_TASK,
           synonyms=("skip", "pass"), contained=True),
    Action("later", ("s",), "later", "put the task at the end of the queue and keep its draft",
           "session", "answer", bar=True, unless=_NO_TASK,
           synonyms=("skip for now", "postpone"), contained=True),
    Action("undo", ("u", "backspace"), "undo", "take back the last edit; then, earlier answers",
           "editor", "answer", bar=True,
           synonyms=("back", "revert"), contained=True),
    Action("redo", ("comma", "ctrl+r"), "redo", "make an undone edit again", "editor", "answer",
           contained=True),
)  # fmt: skip

_MOVES = (
    Action("left", ("h", "left"), "left", "to the token before", "editor", "move", needs=_SPANS,
           contained=True),
    Action("right", ("l", "right"), "right", "to the next token", "editor", "move", needs=_SPANS,
           contained=True),
    Action("up", ("k", "up"), "up", "to the row above", "editor", "move", needs=_SPANS,
           contained=True),
    Action("down", ("j", "down"), "down", "to the row below", "editor", "move", needs=_SPANS,
           contained=True),
    Action("page_up", ("pageup",), "page up", "a page up", "editor", "move", needs=_SPANS,
           contained=True),
    Action("page_down", ("pagedown",), "page down", "a page down", "editor", "move", needs=_SPANS,
           contained=True),
    Action("row_start", ("home",), "row start", "to the start of the row", "editor", "move",
           needs=_SPANS, contained=True),
    Action("row_end", ("end",), "row end", "to the end of the row", "editor", "move",
           needs=_SPANS, contained=True),
    Action("next_span", ("tab",), "next span", "focus the next span", "editor", "move",
           needs=_SPANS, contained=True),
    Action("previous_span", ("b", "shift+tab"), "previous span", "focus the span before",
           "editor", "move", needs=_SPANS, contained=True),
    Action("next_point", ("n",), "next point",
           "to the next search hit, else proposal, else name or number without a label; "
           "a label then takes all of it", "editor", "move", needs=_SPANS, unless=_DIFFERENCES,
           contained=True),
    Action("previous_point", ("p",), "previous point", "the same backwards", "editor", "move",
           needs=_SPANS, unless=_DIFFERENCES, contained=True),
    Action("find", ("semicolon",), "find word",
           "to the next word that begins with the letter typed next; "
           "next point goes to the one after it", "view", "move", needs=_SPANS, contained=True),
    Action("go", ("g",), "go", "show letters at the words on screen; typing them goes there",
           "view", "move", needs=_SPANS, contained=True),
    Action("search", ("slash",), "search",
           "type to find, tab changes how: any case and accents, exactly, by pattern; "
           "enter stays there, escape goes back", "view", "move", needs=_SPANS,
           synonyms=("look for",), contained=True),
    Action("next_word", ("W", "ctrl+right"), "next word",
           "to the next word; without spaces between words, the next run of one script",
           "editor", "move", needs=_SPANS, contained=True),
    Action("previous_word", ("B", "ctrl+left"), "previous word", "to the word before", "editor",
           "move", needs=_SPANS, contained=True),
    Action("next_sentence", ("right_parenthesis",), "next sentence", "to the next sentence",
           "editor", "move", needs=_SPANS, contained=True),
    Action("previous_sentence", ("left_parenthesis",), "previous sentence",
           "to the start of the sentence, then to the one before", "editor", "move", needs=_SPANS,
           contained=True),
    Action("next_paragraph", ("right_curly_bracket", "ctrl+down"), "next paragraph",
           "to the next paragraph", "editor", "move", needs=_SPANS, contained=True),
    Action("previous_paragraph", ("left_curly_bracket", "ctrl+up"), "previous paragraph",
           "to the start of the paragraph, then to the one before", "editor", "move",
           needs=_SPANS, contained=True),
)  # fmt: skip

_SELECTION = (
    Action("select", ("v",), "select", "start or end a selection; adjust the focused span",
           "editor", "select", needs=_SPANS, contained=True),
    *(_extending(direction) for direction in ("left", "right", "up", "down")),
    Action("other_end", ("o",), "other end", "go to the other end of the selection", "editor",
           "select", needs=_SELECTING, contained=True),
    Action("confirm", ("enter",), "confirm",
           "close the selection: adjust its span, or give it the label used last; "
           "take a proposal; never answers a task", "editor", "select", needs=_SPANS,
           unless=_VERSIONS, contained=True),
    Action("cancel", ("escape",), "cancel", "leave the selection or what is open; "
           "never quits, never answers", "editor", "select",
           unless=_NO_TASK, contained=True),
)  # fmt: skip

_LABELLING = (
    *_label_actions(),
    Action("label_by_name", ("t",), "label by name",
           "choose a label by its letter, or type to find it", "view", "label", needs=_LABELS,
           contained=True),
    Action("repeat", ("full_stop",), "repeat", "give the last label, or make the last edit, again",
           "editor", "label", needs=_SPANS, contained=True),
    Action("delete", ("d", "delete"), "delete",
           "delete the focused span; without one the innermost at the cursor; refuse a proposal",
           "editor", "label", needs=_SPANS,
           synonyms=("clear", "remove"), contained=True),
    Action("stretch", ("w",), "stretch or cut",
           "let the span under the cursor end here; outside of one, stretch the nearest to here",
           "editor", "label", needs=_SPANS, contained=True),
    Action("equal", ("e", "asterisk"), "equal strings",
           "label every equal string; again: propose them in the tasks to come; "
           "once more: no longer", "editor", "label", needs=_SPANS, contained=True),
    Action("take_all", ("y",), "take all", "take all proposals, in one step to undo", "editor",
           "label", needs=_SPANS, contained=True),
    Action("split", ("K",), "split", "let a second span with the same label begin at the cursor",
           "editor", "label", needs=_SPANS, contained=True),
    Action("merge", ("J",), "merge", "make one span of this one and the next", "editor", "label",
           needs=_SPANS, contained=True),
    Action("rewrite", ("T",), "change text",
           "change the text: write the selection, the focused span or the token anew; what stands "
           "on the text moves with it", "view", "label",
           needs=_SPANS | {"rewritable"}, synonyms=("edit text", "correct", "rewrite"),
           contained=True),
    Action("copy_earlier", ("equals_sign",), "copy earlier",
           "copy the spans of an earlier answer of yours on the same text", "view", "label",
           needs=_SPANS, contained=True),
)  # fmt: skip

_TASK = (
    Action("flag", ("f",), "flag", "flag the task, or take the flag back", "editor", "task",
           unless=_NO_TASK, contained=True),
    Action("comment", ("c",), "comment", "write a comment on the task", "view", "task",
           unless=_NO_TASK, synonyms=("note",), contained=True),
    Action("info", ("i",), "info", "what is under the cursor; again: guidelines", "view", "task",
           unless=_NO_TASK, synonyms=("describe",), contained=True),
    Action("guidelines", ("I",), "guidelines", "how the labels are meant to be given", "view",
           "task",
           synonyms=("instructions",), contained=True),
    Action("older", ("o",), "older", "the list of all answers given so far", "view", "task",
           unless=frozenset({"selecting"}),
           synonyms=("history", "previous answers"), contained=True),
    Action("find_answers", ("G",), "find answers",
           "search your answers for words; first, what they mark and under which labels", "view",
           "task", synonyms=("search answers", "look up"), contained=True, yields=True),
    Action("check_answers", ("X",), "check answers",
           "what is worth a second look in your answers; open it, or have it mended", "view",
           "task", synonyms=("mistakes", "errors"), contained=True, yields=True),
    Action("statistics", ("U",), "statistics",
           "your figures: answers, labels, days, time at work, and what is worth a look", "view",
           "task", synonyms=("stats", "progress", "pace"), contained=True, yields=True),
    Action("go_to", (), "go to task", "go to the task with a number: {older}, then g", "view",
           "task", stands_for=("older",), contained=True),
    Action("next_unanswered", (), "next unanswered",
           "leave an earlier answer for the task that waits: {older}, then n", "view", "task",
           stands_for=("older",), contained=True),
    Action("retract", (), "take back", "take an earlier answer back, so that its task is asked "
           "again: {older}, then d", "view", "task", stands_for=("older",), contained=True),
)  # fmt: skip

_PROGRAM = (
    Action("help", ("question_mark", "f1"), "help",
           "what has the focus, and its keys; in a question or a field, f1 alone", "app",
           "program", synonyms=("keys", "what now", "how"), contained=True, yields=True),
    Action("menu", ("m", "ctrl+p"), "menu", "menu of everything that can be done, found by name",
           "app", "program", bar=True, synonyms=("keys", "commands", "palette"), contained=True),
    Action("leave", ("q",), "leave", "show a summary; again: leave", "app", "program",
           synonyms=("exit", "quit", "close"), contained=True),
    Action("view_mode", ("z",), "view", "labels below the text, in the margin, or as a list; "
           "relations as arcs with a list, as arcs, or as a list", "view", "program",
           needs=frozenset({"modes"}), contained=True),
    Action("panel", ("P",), "panel", "on screens of 120 columns and more, what stands beside the "
           "text: spans, options or relations; the guidelines; or nothing", "view", "program",
           needs=frozenset({"panel"}), synonyms=("side panel", "sidebar"), contained=True,
           yields=True),
    Action("blanks", ("number_sign",), "blanks", "show blanks and line breaks, or hide them",
           "view", "program", needs=_SPANS, contained=True),
    Action("theme", ("percent_sign",), "theme",
           "the next theme: dark, light, high-contrast, monochrome, neutral", "view", "program",
           synonyms=("colours", "colors"), contained=True),
    Action("right_to_left", (), "right to left",
           "ask again who puts right-to-left text in order, the terminal or the program: "
           "{menu}, then type its name", "view", "program", stands_for=("menu",), contained=True),
    Action("plain_face", ("L",), "line by line",
           "go on without a screen, a line at a time, next time too; there, screen comes back",
           "app", "program",
           synonyms=("screen reader",), contained=True),
    Action("saved", ("ctrl+s",), "saved?", "say that everything is saved, and since when", "app",
           "program", stands_for=("menu",), contained=True),
)  # fmt: skip

_REVIEWING = (
    *_version_actions(),
    Action("version_union", ("plus",), "all of all",
           "in a review, take the spans or options of all versions", "view", "label",
           needs=_VERSIONS, contained=True),
    Action("version_shared", ("ampersand",), "shared",
           "in a review, take the spans or options that all versions have", "view", "label",
           needs=_VERSIONS, contained=True),
    Action("version_most", ("M",), "most",
           "in a review, take the spans or options that more than half of the people chose",
           "view", "label", needs=_REVIEW, synonyms=("majority",), contained=True),
    Action("edit_version", ("enter",), "edit",
           "in a review, edit what is taken: digits are labels then, until escape", "view",
           "label", needs=_VERSIONS, bar=True, contained=True),
    Action("reason", ("R",), "reason",
           "in a review, say why people differ: slip, ambiguous, guideline gap, other", "view",
           "task", needs=frozenset({"differing"}), synonyms=("why",), contained=True),
    Action("versions", ("V",), "versions",
           "in a review, read all versions in full, with who chose them", "view", "task",
           needs=_REVIEW, contained=True),
    Action("next_difference", ("n",), "next difference",
           "in a review, say the next thing that the versions differ in, and go to it", "view",
           "move", needs=_DIFFERENCES, contained=True),
    Action("previous_difference", ("p",), "previous difference",
           "in a review, the same backwards", "view", "move", needs=_DIFFERENCES, contained=True),
)  # fmt: skip

# Views that are no single text with spans.
_LIST = frozenset({"list"})
_NO_SPANS = frozenset({"span-editor"})
_SHEET = frozenset({"sheet"})
_NO_LIST = frozenset({"span-editor", "list"})

_SHEETS = (
    Action("option_up", ("k", "up"), "up", "to the option above", "editor", "move",
           needs=_LIST, unless=_NO_SPANS, contained=True),
    Action("option_down", ("j", "down"), "down", "to the option below", "editor", "move",
           needs=_LIST, unless=_NO_SPANS, contained=True),
    Action("option_page_up", ("pageup",), "page up", "a page of options up; before the first one, "
           "of what stands above them", "editor", "move", needs=_LIST, unless=_NO_SPANS,
           contained=True),
    Action("option_page_down", ("pagedown",), "page down", "a page of options down; behind the "
           "last one, of what stands below them", "editor", "move", needs=_LIST, unless=_NO_SPANS,
           contained=True),
    Action("option_first", ("home",), "first option", "to the first option; again: to the top",
           "editor", "move", needs=_LIST, unless=_NO_SPANS, contained=True),
    Action("option_last", ("end",), "last option", "to the last option; again: to the bottom",
           "editor", "move", needs=_LIST, unless=_NO_SPANS, contained=True),
    Action("toggle", ("enter",), "choose", "choose the option under the cursor, or no longer",
           "editor", "label", needs=_LIST, unless=_NO_SPANS | _VERSIONS, bar=True,
           contained=True),
    Action("scroll_up", ("k", "up"), "scroll up", "scroll a row up", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("scroll_down", ("j", "down"), "scroll down", "scroll a row down", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("scroll_page_up", ("pageup",), "page up", "scroll a page up", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("scroll_page_down", ("pagedown",), "page down", "scroll a page down", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("scroll_top", ("home",), "top", "scroll to the top", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("scroll_bottom", ("end",), "bottom", "scroll to the bottom", "view", "move",
           needs=_SHEET, unless=_NO_LIST, contained=True),
    Action("begin", ("enter",), "write", "write into the field; escape leaves it", "editor",
           "label", needs=frozenset({"field"}), unless=_NO_LIST | _VERSIONS, bar=True,
           contained=True),
    Action("fold", ("enter",), "open", "open the next folded part; fold all when all are open",
           "editor", "task", needs=frozenset({"folds"}), unless=_NO_LIST | _VERSIONS | {"field"},
           bar=True,
           contained=True),
    Action("next_part", ("tab",), "next part", "to the next block or page", "editor", "move",
           needs=frozenset({"parts"}), unless=_NO_SPANS, bar=True, contained=True),
    Action("previous_part", ("b", "shift+tab"), "previous part", "to the block or page before",
           "editor", "move", needs=frozenset({"parts"}), unless=_NO_SPANS, contained=True),
    Action("link", ("r",), "relation", "pick the head of a relation; then go to the other end "
           "and give its label", "editor", "label", needs=frozenset({"relations"}), bar=True,
           contained=True),
    Action("unlink", ("minus",), "unlink", "take out the newest relation under the cursor",
           "editor", "label", needs=frozenset({"relations"}), contained=True),
    Action("new_label", (), "new label", "add a label to those of the dataset, where the job "
           "allows it: {menu}, then type its name", "view", "label",
           needs=frozenset({"new_labels"}), stands_for=("menu",), synonyms=("add label",),
           contained=True),
    Action("event", ("exclamation_mark",), "event", "call one of the recipe's events by name",
           "view", "task", needs=frozenset({"events"})),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    *_ANSWERS, *_LABELLING, *_MOVES, *_SELECTION, *_TASK, *_REVIEWING, *_SHEETS, *_PROGRAM
)  # fmt: skip
"""Every action, in the order of help."""

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}
"""The same by id."""
