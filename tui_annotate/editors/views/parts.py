"""Views made of other views: `blocks` one below the other, `pages` one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_annotate.editors.base import COMMENT_KEY, FLAG_KEY, without_original
from tui_annotate.editors.form import OpenEditor
from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, heading
from tui_annotate.editors.views.composite import CompositeEditor, Opener, part_edits
from tui_annotate.errors import TaskError
from tui_annotate.task.schema import Task
from tui_annotate.views import INPUTS, Settings, View, find_view, known_view


class BlocksEditor(CompositeEditor):
    """`blocks`: views on one task, one below the other; the answer has the fields of all.

    Each block of the configuration has a `view_id`; its other keys override the task's (`null`
    takes a key away) and the configuration's.
    """

    where = "blocks"

    def open_parts(self, open_part: Opener) -> list[OpenEditor]:
        """Open the blocks of the configuration."""
        rest = {key: value for key, value in self.config.items() if key != "blocks"}
        found = []
        for block in self._blocks:
            view = str(block.get("view_id"))
            config = find_view(view).settings_of_block(block, rest)
            found.append(open_part(view, self._seen_by(self.task, block), config))
        self._check_fields(found)
        return found

    def _check_fields(self, parts: Sequence[OpenEditor]) -> None:
        """Refuse a task whose own `field_id` would have a field overwrite what another block
        writes; those of the job were looked at before its first task."""
        fields = [part.field for part in parts if part.field]
        twice = next((each for each in fields if fields.count(each) > 1), None)
        if twice is not None:
            what = f"the task's field_id lets two blocks write {twice!r}"
            raise TaskError(what, reason="bad-field", where="field_id")

    def _seen_by(self, task: Task, block: Mapping[str, Any]) -> Task:
        """Return the task as a block sees it: a field beside other blocks shows no input, but what
        stands in the field, if that is its key."""
        seen = overridden(task, block)
        hides_text = block.get("text", "") is None
        if hides_text and "tokens" in seen and "tokens" in _written_by(block, {}):
            # Prodigy draws the tokens; without its text nobody could mark it.
            seen["text"] = task.get("text")
        is_field_beside_others = block.get("view_id") == "text_input" and len(self._blocks) > 1
        if not is_field_beside_others:
            return seen
        own = {*block, str(block.get("field_id") or self.config.get("field_id"))}
        return {k: v for k, v in seen.items() if k not in INPUTS or k in own}

    @property
    def _blocks(self) -> Sequence[Mapping[str, Any]]:
        given = self.config.get("blocks")
        given = given if isinstance(given, list) else []
        return [each for each in given if isinstance(each, Mapping)]

    def sheet(self) -> Sheet:
        """Return the blocks with a blank line between them.

        Lists of relations come last, because they grow: no relation moves the text of a block.
        """
        found: list[Paragraph] = []
        lists: list[Paragraph] = []
        for index in range(len(self.parts)):
            shown = self.shown_part(index)
            if any(each.arcs is not None for each in shown):
                lists += filter(_is_below_arcs, shown)
                shown = tuple(each for each in shown if not _is_below_arcs(each))
            found += [*([BLANK] if found and shown else []), *shown]
        return (*found, *lists)

    def content(self) -> Task:
        """The task as edited, without the text as it came where a block has changed it back."""
        return without_original(super().content(), self.task)

    def answer(self) -> dict[str, Any]:
        """Return the fields of all blocks."""
        found: dict[str, Any] = {}
        for part in self.parts:
            found.update(part.part_answer())
        return found

    def edits(self) -> Task:
        """What `content()` lays over the task, without tokens."""
        found: dict[str, Any] = {}
        for part in self.parts:
            found.update(part_edits(part))
        return {**found, **{key: self.values[key] for key in (FLAG_KEY, COMMENT_KEY)}}

    def part_content(self, content: Task, index: int) -> Task:
        """Return the task as a block sees it."""
        return self._seen_by(content, self._blocks[index])

    def laid_on(self, content: Task, index: int) -> Task | None:
        """Return what another answer has of the keys that a block writes."""
        keys = _written_by(self._blocks[index], self.config)
        own = {key: content[key] for key in keys if key in content}
        return own or None


class PagesEditor(CompositeEditor):
    """`pages`: tasks of one document, one after the other, with one answer.

    Each of the task's `pages` is a task with a `view_id` and `config` of its own.
    """

    where = "pages"

    def __init__(self, task: Task, config: Mapping[str, Any], open_part: Opener) -> None:
        self._seen = {0}
        super().__init__(task, config, open_part)

    def open_parts(self, open_part: Opener) -> list[OpenEditor]:
        """Open the pages of the task."""
        view = str(self.config.get("page_view_id") or "text")
        found = []
        for page in self._pages:
            own = page.get("config")
            config = {**self.config, **(own if isinstance(own, Mapping) else {})}
            found.append(open_part(str(page.get("view_id") or view), page, config))
        return found

    @property
    def _pages(self) -> list[Task]:
        given = self.task.get("pages")
        return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []

    def goes_to(self, index: int) -> bool:  # noqa: ARG002
        """A key may go to any page."""
        return True

    def _first(self) -> int:
        return 0

    def visited(self) -> None:
        """Note that a page has been shown."""
        self._seen.add(self.at)

    @property
    def unseen(self) -> int:
        """How many pages have never been shown."""
        return len(self.parts) - len(self._seen)

    def sheet(self) -> Sheet:
        """Return the page at hand, under its number."""
        number = f"page {self.at + 1} of {len(self.parts)}"
        return (heading(number), BLANK, *self.shown_part(self.at))

    def answer(self) -> dict[str, Any]:
        """Return the pages as edited."""
        found = []
        for page, part in zip(self._pages, self.parts, strict=True):
            found.append(without_original({**page, **part.part_answer()}, page))
        return {"pages": found}

    def edits(self) -> Task:
        """What `content()` lays over the task, without the tokens of its pages."""
        pairs = zip(self._pages, self.parts, strict=True)
        pages = [{**page, **part_edits(part)} for page, part in pairs]
        return {"pages": pages, **{key: self.values[key] for key in (FLAG_KEY, COMMENT_KEY)}}

    def laid_on(self, content: Task, index: int) -> Task | None:
        """Return the same page of another answer."""
        pages = content.get("pages")
        if not isinstance(pages, list) or len(pages) != len(self.parts):
            return None
        return pages[index] if isinstance(pages[index], dict) else None

    def part_content(self, content: Task, index: int) -> Task:
        """Return the draft of a page."""
        pages = content.get("pages")
        known = isinstance(pages, list) and index < len(pages) and isinstance(pages[index], dict)
        return pages[index] if known else self._pages[index]  # type: ignore[index]


def _is_below_arcs(paragraph: Paragraph) -> bool:
    """Tell whether a paragraph of a block of relations comes and goes with them."""
    return paragraph.column == "panel" or paragraph.pinned


def overridden(task: Task, block: Mapping[str, Any]) -> Task:
    """Return a task with a block's keys in place of its own; None takes a key away."""
    own = {key: value for key, value in block.items() if key != "view_id"}
    mixed = {**task, **own}
    return {key: value for key, value in mixed.items() if value is not None or key not in own}


def _written_by(block: Mapping[str, Any], settings: Settings) -> tuple[str, ...]:
    view = known_view(str(block.get("view_id")))
    return () if view is None else view.written(view.settings_of_block(block, settings))


def _written(settings: Settings) -> tuple[str, ...]:
    """Return the keys that all blocks write."""
    blocks = settings.get("blocks")
    rest = {key: value for key, value in settings.items() if key != "blocks"}
    each = (_written_by(block, rest) for block in blocks or () if isinstance(block, Mapping))
    return tuple(dict.fromkeys(key for keys in each for key in keys))


BLOCKS = View(
    "blocks",
    "several views on one task",
    lambda task, config, help_: BlocksEditor(task, config, help_.open_part),
    says="content",
    writes=_written,
    settings=("blocks",),
    parts=True,
)
PAGES = View(
    "pages",
    "the tasks of one document, one after the other",
    lambda task, config, help_: PagesEditor(task, config, help_.open_part),
    inputs=(*INPUTS, "pages"),
    says="nothing",
    needs=(("pages",),),
    writes=("pages",),
    settings=("page_view_id",),
    parts=True,
    schema={"pages": {"type": "array", "items": {"type": "object"}}},
)
