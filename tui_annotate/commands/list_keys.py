"""The keys of screens that are lists, each in one table: what the screen obeys, what its key bar
shows and what its help says. No keymap changes them."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.fast_namedtuple import NamedTuple

HELP_KEYS = ("question_mark", "f1")
"""What opens help in lists."""

_BETWEEN = 2


class ListKey(NamedTuple):
    """What some keys of a list do.

    Attributes:
        action: What it is called in the code.
        keys: The names of the keys that do it.
        shown: The keys as people read them.
        told: What they do, for the help.
        short: What they do, for the key bar; empty for what only the help says.
        weight: Where the key bar has not enough room, what is lightest goes first.
    """

    action: str
    keys: tuple[str, ...]
    shown: str
    told: str
    short: str = ""
    weight: int = 5


class ListKeys:
    """The keys of one list.

    Args:
        rows: What they do, in the order of the key bar and of the help.
    """

    def __init__(self, *rows: ListKey) -> None:
        self.rows = rows
        self._actions = {key: row.action for row in rows for key in row.keys}

    def action(self, key: str) -> str:
        """Return what a key does; empty where it does nothing."""
        return self._actions.get(key, "")

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """Keys and what they do, for the help."""
        return [(row.shown, row.told) for row in self.rows if row.told]

    def bar(self, width: int = 1000, *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Return keys and what they do, as many as a key bar of so many cells has room for.

        Args:
            width: Cells.
            without: Actions that can do nothing now.
        """
        rows = [row for row in self.rows if row.short and row.action not in without]
        while len(rows) > 1 and _cells(_joined(rows)) > width:
            lightest = min(rows, key=lambda row: row.weight)
            left = [row for row in rows if (row.short, row.weight) != lightest[-2:]]
            rows = left or rows[:1]
        return _joined(rows)


def marked_after(action: str, marked: int, last: int, page: int) -> int | None:
    """Return which row is marked after a key; None where the key does not move.

    Args:
        action: What the key does.
        marked: The row that is marked, from 0 on.
        last: The last row.
        page: How many rows a page is.
    """
    steps = {"down": 1, "up": -1, "page down": page, "page up": -page}
    steps |= {"first": -marked, "last": last}
    if action not in steps:
        return None
    return min(last, max(0, marked + steps[action]))


def _joined(rows: Sequence[ListKey]) -> list[tuple[str, str]]:
    """Return keys that do alike as one."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.short, []).append(row.shown)
    return [(" ".join(keys), short) for short, keys in found.items()]


def _cells(pairs: Sequence[tuple[str, str]]) -> int:
    return sum(len(keys) + 1 + len(short) + _BETWEEN for keys, short in pairs) - _BETWEEN


_DOWN = ListKey("down", ("j", "down"), "j ↓", "goes down")
_UP = ListKey("up", ("k", "up"), "k ↑", "goes up")
_PAGES = (
    ListKey("page down", ("pagedown",), "page down", "goes down a page"),
    ListKey("page up", ("pageup",), "page up", "goes up a page"),
    ListKey("first", ("home",), "home", "goes to the first row"),
    ListKey("last", ("end",), "end", "goes to the last row"),
)
_MOVING = (_DOWN, _UP, *_PAGES)
_HELP = ListKey("help", HELP_KEYS, "?", "says all this", "help", 4)

ANSWER_KEYS = ListKeys(
    ListKey("open", ("enter",), "enter", "opens the answer, to be read or changed", "opens", 9),
    *_MOVING,
    ListKey("accept", ("a",), "a", "leaves what was accepted; again: all", "filter", 3),
    ListKey("reject", ("x",), "x", "leaves what was rejected; again: all", "filter", 3),
    ListKey("ignore", ("space",), "space", "leaves what was ignored; again: all", "filter", 3),
    ListKey("flagged", ("f",), "f", "leaves what is flagged; again: all", "filter", 3),
    ListKey("label", ("t",), "t", "asks for a label", "filter", 3),
    ListKey(
        "filter",
        ("slash",),
        "/",
        "asks for a filter: words of the text, label:ORG, is:reject, is:flagged, "
        "is:different (somebody else answered otherwise), by:ann2, comment:why",
        "filter",
        7,
    ),
    ListKey("comment", ("c",), "c", "writes a comment on the answer", "comment", 2),
    ListKey(
        "take back",
        ("d",),
        "d",
        "pressed twice takes the answer back: the task is asked again",
        "take back",
        6,
    ),
    ListKey("number", ("g",), "g", "goes to the task with a number", "number", 2),
    ListKey("next", ("n",), "n", "goes to the task that waits", "next", 2),
    ListKey("escape", ("escape",), "escape", "takes all filters away, then goes back"),
    ListKey("back", ("q", "o"), "q", "goes back", "back", 9),
    _HELP,
)

START_KEYS = ListKeys(
    ListKey("down", ("j", "down"), "j", "goes down, as ↓ does", "move", 7),
    ListKey("up", ("k", "up"), "k", "goes up, as ↑ does", "move", 7),
    *_PAGES,
    ListKey("open", ("enter",), "enter", "opens the marked row", "opens it", 9),
    ListKey("new", ("n",), "n", "asks for a new job", "a new job", 8),
    ListKey("leave", ("q", "escape"), "q", "leaves", "leaves", 8),
    _HELP,
)

FORM_KEYS = ListKeys(
    ListKey("down", ("j", "down"), "j", "goes down, as ↓ does", "move", 7),
    ListKey("up", ("k", "up"), "k", "goes up, as ↑ does", "move", 7),
    ListKey("number", tuple("123456789"), "1-9", "goes to the row with a number"),
    ListKey("first", ("home", "pageup"), "home", "goes to the first row"),
    ListKey("last", ("end", "pagedown"), "end", "goes to the last row"),
    ListKey("take", ("enter",), "enter", "takes the marked row", "takes it", 9),
    ListKey("back", ("escape",), "escape", "goes back to the question before", "goes back", 8),
    _HELP,
)
"""Of a question with rows to choose from."""

CONFIRM_KEYS = ListKeys(
    ListKey("run", ("enter",), "enter", "starts the job", "starts it", 9),
    ListKey("back", ("escape",), "escape", "goes back to the question before", "goes back", 8),
    _HELP,
)

HIT_KEYS = ListKeys(
    ListKey("where", ("enter",), "enter", "shows where a text is marked", "shows where", 9),
    ListKey("open", ("enter",), "enter", "opens the answer that was found", "opens", 9),
    *_MOVING,
    ListKey("find", ("slash",), "/", "asks for words to be found", "find", 7),
    ListKey("flagged", ("f",), "f", "leaves what is flagged; again: all", "flagged only", 3),
    ListKey("list", ("escape",), "escape", "goes to the list, then back", "goes to the list", 4),
    ListKey("back", ("q",), "q", "goes back", "back", 8),
    _HELP,
)

FINDING_KEYS = ListKeys(
    ListKey("open", ("enter",), "enter", "opens the answer", "opens", 9),
    *_MOVING,
    ListKey("mend", ("y",), "y", "does what is advised", "does what is advised", 7),
    ListKey("undo", ("u",), "u", "takes back what was done last", "takes that back", 6),
    ListKey("back", ("q", "escape"), "q", "goes back", "back", 8),
    _HELP,
)
