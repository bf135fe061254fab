"""The views: one record each, which says everything that the program knows about a view.

A record stands in the file of its editor, and its place is one line in `_PLACES` below. Whatever
depends on the view is derived from its record: what a source lets in, what a task is checked for,
the line of a receipt and of the history, which blocks fit together, what an export takes an answer
for, and the table in docs/views.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, Literal, TypeAlias

from tui_annotate import plugins
from tui_annotate.errors import RecipeError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.task.llm_rows import ANSWERS, CONVERSATIONS, PAIR, turns_in

Says: TypeAlias = Literal["all spans", "one span", "whole text", "content", "nothing"]
"""What an answer says about its text.

`all spans`   the spans of the answer are all that there are; what is in none of them is outside
`one span`    the spans shown are right, or wrong; the rest of the text is unknown
`whole text`  something about the text as a whole; spans in the task are only shown
`content`     what its content has: the view is made of others, which stand in no answer
`nothing`     nothing about one text
"""

Settings: TypeAlias = Mapping[str, Any]
"""What is set for a view, by the names of `view_settings.VIEW_SETTINGS`."""

INPUTS: tuple[str, ...] = (
    *("text", "html", "input", *CONVERSATIONS),
    # What was asked names a row of a language model better than what stands before all questions.
    *("prompt", "instruction", "question", *ANSWERS, *PAIR, "system"),
    *("image", "audio", "video"),
)
"""What every view can show of a task beside its own keys, the first that a task has before all."""

MARKED_KEYS = ("spans", "tokens")
"""What the answers of views that mark a text have of it."""


class Help(NamedTuple):
    """What the editor of a view may need beside the task and the configuration.

    Attributes:
        last: What `repeat` does before the first edit, in the task before; None for nothing.
        open_part: Opens the editor of a part, from its view, its task and its configuration.
    """

    last: Any
    open_part: Callable[[str, Any, Settings], Any]


class View(NamedTuple):
    """What there is to know about a view.

    Attributes:
        id: Its name, as `view_id` has it.
        help: One line for people.
        open: Makes the editor of a task, from the task, the configuration and a `Help`.
        inputs: Keys of what a task is about, the first first. A row that has one of them enters
            from a source, and receipts and the history name a task by the first that it has.
        says: What an answer says about its text.
        needs: What a task must have. Each entry names keys of the task, or settings, of which one
            is enough; messages name the first. `open` is called without them as well, and raises
            `TaskError` where it cannot do without.
        writes: The keys of the answer that the view writes, or a function that returns them for
            the view's settings.
        reads: The keys that an answer rests on: another block that wrote them would change what was
            asked after it was answered. What a view only shows is not among them.
        settings: The settings that it looks at, beside those of every view.
        own_settings: Those of its settings that a block does not take from the job.
        rejects: A rejection is an answer as good as an acceptance, such as the other of two
            versions, and exports take it. Elsewhere it says nothing, unless a label or a span was
            in question.
        one_text: It is one text with spans, which has a fast widget; every other view is drawn from
            the sheet of its editor.
        parts: It is made of other views.
        line: Returns the text by which receipts and the history name a task; None to take the first
            of `inputs` that the task has.
        schema: JSON Schemas of keys that no other view has, each with a `type` or with `anyOf`.
    """

    id: str
    help: str
    open: Callable[[Any, Settings, Help], Any]
    inputs: tuple[str, ...] = INPUTS
    says: Says = "whole text"
    needs: tuple[tuple[str, ...], ...] = ()
    writes: tuple[str, ...] | Callable[[Settings], tuple[str, ...]] = ()
    reads: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    own_settings: tuple[str, ...] = ()
    rejects: bool = False
    one_text: bool = False
    parts: bool = False
    line: Callable[[Mapping[str, Any]], str] | None = None
    schema: Mapping[str, Mapping[str, Any]] = {}

    @property
    def takes_labels(self) -> bool:
        """Whether it gives labels to what is in a text, or can have parts that do."""
        return self.parts or "labels" in self.settings

    def written(self, settings: Settings) -> tuple[str, ...]:
        """Return the keys of the answer that the view writes with these settings."""
        return self.writes(settings) if callable(self.writes) else self.writes

    def settings_of_block(self, block: Settings, job: Settings) -> dict[str, Any]:
        """Return the settings of a block of this view: its own, else those of its job."""
        shared = {key: value for key, value in job.items() if key not in self.own_settings}
        return {**shared, **block}

    def missing(self, task: Mapping[str, Any], settings: Settings) -> str:
        """Return the first key that the view needs and the task lacks; empty where it has all."""
        for keys in self.needs:
            if task.keys().isdisjoint(keys) and not any(settings.get(key) for key in keys):
                return keys[0]
        return ""


_PLACES: dict[str, str] = {
    "ner_manual": "tui_annotate.editors.span.views:NER_MANUAL",
    "spans_manual": "tui_annotate.editors.span.views:SPANS_MANUAL",
    "pos_manual": "tui_annotate.editors.span.views:POS_MANUAL",
    "text": "tui_annotate.editors.views.read_only:TEXT",
    "html": "tui_annotate.editors.views.read_only:HTML",
    "classification": "tui_annotate.editors.views.read_only:CLASSIFICATION",
    "ner": "tui_annotate.editors.views.read_only:NER",
    "spans": "tui_annotate.editors.views.read_only:SPANS",
    "pos": "tui_annotate.editors.views.read_only:POS",
    "dep": "tui_annotate.editors.views.read_only:DEP",
    "image": "tui_annotate.editors.views.read_only:IMAGE",
    "diff": "tui_annotate.editors.views.read_only:DIFF",
    "chat": "tui_annotate.editors.views.chat:CHAT",
    "llm_io": "tui_annotate.editors.views.llm_io:LLM_IO",
    "compare": "tui_annotate.editors.views.read_only:COMPARE",
    "choice": "tui_annotate.editors.views.choice:CHOICE",
    "text_input": "tui_annotate.editors.views.text_input:TEXT_INPUT",
    "relations": "tui_annotate.editors.views.relations:RELATIONS",
    "coref": "tui_annotate.editors.views.relations:COREF",
    "blocks": "tui_annotate.editors.views.parts:BLOCKS",
    "pages": "tui_annotate.editors.views.parts:PAGES",
}
"""The module and the name in it under which the record of each view stands. It is loaded by the
first task, or check, that needs it."""

_BOXES = "draws boxes on pictures"
_SOUND = "plays sound"
_FILMS = "plays films"
REFUSED: dict[str, str] = {
    "image_manual": _BOXES,
    "audio": _SOUND,
    "audio_manual": _SOUND,
    "video": _FILMS,
    "video_manual": _FILMS,
}
"""Views that there cannot be here, and what they do."""

_loaded: dict[str, View] = {}


def view_ids() -> tuple[str, ...]:
    """Return the names of the views that come with the program; no view is loaded."""
    return tuple(_PLACES)


def known_view(view_id: str) -> View | None:
    """Return a view; None where there is none of that name, as answers of other programs name.

    Raises:
        PluginError: The view is of an installed package, and cannot be loaded.
    """
    found = _loaded.get(view_id)
    if found is not None:
        return found
    if view_id in _PLACES:
        module, name = _PLACES[view_id].split(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, View)
    elif view_id and view_id not in REFUSED:
        found = plugins.added(plugins.VIEWS, view_id, View)
    if found is not None:
        _loaded[view_id] = found
    return found


def find_view(view_id: str) -> View:
    """Return a view.

    Raises:
        RecipeError: There is no such view; the message has the nearest name.
    """
    found = known_view(view_id)
    if found is not None:
        return found
    if view_id in REFUSED:
        raise RecipeError(
            f"the view {view_id!r} {lack(view_id)}",
            hint="`image`, `html`, `text` and the other views show such tasks as text",
        )
    raise RecipeError(f"there is no view {view_id!r}", hint=nearest(view_id, all_names()))


def all_names() -> tuple[str, ...]:
    """Return the names of all views, those of installed packages too; no view is loaded."""
    return (*_PLACES, *plugins.entry_points_of(plugins.VIEWS))


def lack(view_id: str) -> str:
    """Return why there is no such view, as the end of a sentence that names it."""
    does = REFUSED.get(view_id)
    return "is unknown" if does is None else f"{does}, which a terminal cannot"


def all_views() -> tuple[View, ...]:
    """Return the views that come with the program; the files of all editors are loaded."""
    return tuple(find_view(each) for each in _PLACES)


def says(view_id: str) -> Says:
    """Return what answers of a view say about their text; `content` where the view is unknown."""
    found = known_view(view_id)
    return "content" if found is None else found.says


class ShownKeys(Collection[str]):
    """The keys of what views can show, of which a row of a source needs one.

    Most rows have a key that every view shows, so those come first; only a row without any of them
    loads the views.
    """

    def __iter__(self) -> Iterator[str]:
        yield from INPUTS
        for view in (*all_views(), *plugins.all_added(plugins.VIEWS, View).values()):
            yield from view.inputs

    def __contains__(self, key: object) -> bool:
        return any(key == each for each in self)

    def __len__(self) -> int:
        return len(set(self))

    def __repr__(self) -> str:
        return "the keys of what views can show"


SHOWN_KEYS = ShownKeys()


def line_of(task: Mapping[str, Any], view_id: str) -> str:
    """Return the text by which receipts and the history name a task: raw, and as long as it is.

    Args:
        task: The task, or the content of an answer.
        view_id: The view that it is shown in; an unknown one is taken as `text`.
    """
    view = known_view(view_id)
    if view is not None and view.line is not None:
        return view.line(task)
    own: tuple[str, ...] = ()
    if view is not None:
        needed = (key for keys in view.needs for key in keys)
        own = (*view.inputs, *needed, *view.written({}))
    return first_text(task, dict.fromkeys((*own, *INPUTS)))


def first_text(value: Any, keys: Iterable[str]) -> str:
    """Return the first text of a value: of a table that of the first key it has, of a list that of
    its first entry, of a conversation that of its first turn which is no instruction.

    Args:
        value: Any value of a task.
        keys: The keys of tables, the first first; the other texts of a table come after them.
    """
    keys = tuple(keys)
    # Lists in lists as deep as somebody likes: no call for each.
    while isinstance(value, (Mapping, list)):
        if isinstance(value, list):
            value = value[0] if value else ""
            continue
        key = next((each for each in keys if value.get(each)), None)
        if key is None:
            hidden = (k for k, each in value.items() if isinstance(each, str) and _is_content(k))
            key = next((each for each in hidden if value[each]), None)
        found = "" if key is None else value[key]
        value = _turn(found) if key in CONVERSATIONS else found
    return str(value)


_NO_CONTENT = frozenset({"view_id", "answer", "role", "from"})


def _is_content(key: Any) -> bool:
    """Return whether a key says something about the task, and not about how it was asked."""
    return isinstance(key, str) and key not in _NO_CONTENT and not key.startswith("_")


def _turn(value: Any) -> Any:
    turns = turns_in(value)
    if not turns:
        return value
    return next((turn.text for turn in turns if turn.name != "system"), turns[0].text)


def table() -> str:
    """Return the views as a table in Markdown."""
    head = ("view", "what", "needs", "writes", "an answer says")
    rows = [
        (f"`{view.id}`", view.help, _any_of(view.needs), _keys(view.written({})), view.says)
        for view in all_views()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, tuple("---" for _ in head), *rows))


def _any_of(needs: tuple[tuple[str, ...], ...]) -> str:
    return ", ".join(
        "`text` or something else to show"
        if set(INPUTS) <= set(keys)
        else " or ".join(f"`{key}`" for key in keys)
        for keys in needs
    )


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)
