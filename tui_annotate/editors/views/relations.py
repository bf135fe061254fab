"""The view `relations`: labelled links between tokens or spans, and the spans themselves.

A relation is anchored to tokens. An end that lies in a span stands for the whole span; where the
span goes, the relation stays with its token. `head` and `child` are token numbers, of a span its
last token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from tui_annotate.editors.base import REMARK_KEYS, Argument, Change, Labels, Rows, list_of
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.sheet import BLANK, Arc, Paragraph, Role, Sheet, faint, heading
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.import_spans import described_extra
from tui_annotate.editors.span.views import refitted
from tui_annotate.editors.views.link_ends import (
    Link,
    LinkEnds,
    as_link,
    chains,
    constraint_message,
    to_dict,
)
from tui_annotate.task.schema import Task
from tui_annotate.task.spans import Span
from tui_annotate.task.stored_tokens import TOKEN_KEYS
from tui_annotate.task.tokenize import Tokens, tokenize
from tui_annotate.text.characters import split
from tui_annotate.text.margin_arcs import is_line_of_words
from tui_annotate.views import MARKED_KEYS, View


def chain_sheet(links: Iterable[tuple[int, int]], name: Callable[[int], str]) -> Sheet:
    """Return the chains one a line, under a heading; nothing where there are none.

    Args:
        links: Pairs of tokens.
        name: Says the words of a token.
    """
    lines = [" · ".join(map(name, each)) for each in chains(links)]
    shown = (Paragraph(line, prefix=f"{n} ", content=False) for n, line in enumerate(lines, 1))
    return (BLANK, heading("chains"), *shown) if lines else ()


Step: TypeAlias = list[bool]
"""What a step changed, in this order: spans, relations, or both; drafts keep it so."""

_ON_SPANS, _ON_RELATIONS = True, False

_OWN = frozenset({"flag", "comment", "reason", "link", "unlink"})
_LONGEST_NAME = 40
"""Characters of an end that are said of it in a sentence or in the list of relations."""

_ROLES: tuple[Role, Role] = ("text", "bad")


class RelationsEditor(FormEditor):
    """Edits spans with the keys of a span editor, and relations between them.

    `link` picks the head; the cursor goes to the child; a label key links them. `unlink` takes out
    the newest relation at the cursor. Undo is one series over both.

    Configuration: `labels` (of relations), `relations_span_labels` (of spans), `relations_rules`
    (label -> list of `[head label, child label]`, `*` for any), `relations_self` (an end may be
    linked to itself), `relations_chains` (show chains),
    `hide_relations_arrow` (draw arcs without tips).
    """

    short = False

    def __init__(self, task: Task, config: Mapping[str, Any]) -> None:
        self._span_labels = tuple(config.get("relations_span_labels") or ())
        self._spans = SpanEditor(task, self._span_labels, overlap=False)
        self._links = Labels(config.get("labels") or ())
        given = task.get("tokens")
        text = self._spans.text
        self._tokens = tokenize(text) if given is None else Tokens.from_dicts(text, given)
        self._ends = LinkEnds(text, self._tokens)
        self._head: int | None = None
        self._last_head: int | None = None  # of the relation that was given last
        self._order: list[Step] = []
        self._undone_order: list[Step] = []
        self._listed: tuple[list[Link], Sequence[Span], list[tuple[Arc, Paragraph]]] | None = None
        self._made_chains: tuple[list[Link], Sequence[Span], Sheet] | None = None
        self._stored: tuple[list[Link], Sequence[Span], list[dict[str, Any]]] | None = None
        super().__init__(task, config)
        self._notes += self._spans.notes

    @property
    def steps(self) -> int:
        """How many steps can be undone, on spans and relations."""
        return len(self._order)

    def read(self, task: Task) -> dict[str, Any]:
        """Return the relations that fit the tokens; what does not leaves a note."""
        found = []
        if not isinstance(task.get("relations") or [], list):
            self.note("relations is not a list: all of it is set aside")
        for number, each in enumerate(list_of(task, "relations"), 1):
            link = as_link(each, self._tokens)
            if link is None:
                self.note(f"relation {number} does not fit the tokens: it is set aside")
            else:
                found.append(link)
        return {"relations": found}

    @property
    def text_editor(self) -> SpanEditor:
        """The editor of the spans."""
        return self._spans

    @property
    def linking(self) -> bool:
        """Whether a head is picked."""
        return self._head is not None

    @property
    def names(self) -> tuple[str, ...]:
        """What a digit or a name gives now: a relation while linking, else a span label."""
        return self._links.names if self.gives_relations else self._span_labels

    @property
    def gives_relations(self) -> bool:
        """Whether `names` are those of relations, and not of spans."""
        return self.linking or not self._span_labels

    @property
    def label_setting(self) -> str:
        """The setting that has the labels to be given now: of relations, or of spans."""
        return "labels" if self.gives_relations else "relations_span_labels"

    def take_labels(self, setting: str, names: Sequence[str]) -> None:
        """Let more labels be given: of relations, or of spans, as the setting says."""
        if setting in ("labels", "relations_span_labels"):
            self.add_labels(names, relations=setting == "labels")

    def add_labels(self, names: Sequence[str], *, relations: bool) -> None:
        """Let more labels be given, behind those that can: of relations, or of spans."""
        if relations:
            self._links.add(names)
        else:
            self._spans.add_labels(names)
            self._span_labels = self._spans.labels

    @property
    def every_label(self) -> tuple[str, ...]:
        """Those of relations and those of spans."""
        return (*self._links.names, *self._span_labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The same, for the label line."""
        return self.names

    @property
    def _cursor(self) -> int:
        return self._tokens.at(self._spans.cursor_range[0]) if self._tokens else 0

    # Keys

    def apply(self, command: str, argument: Argument = None, rows: Rows | None = None) -> Change:
        """Carry out a command, keeping one order of steps over spans and relations."""
        if command in ("undo", "redo"):
            return self._travel_over_both(command)
        # `label` and `cancel` are commands of both: the one at work takes them.
        is_own = command in _OWN or (command in ("label", "cancel") and self.gives_relations)
        before = (len(self._done), self._spans.steps)
        if is_own:
            change = super().apply(command, argument, rows)
        else:
            change = self._spans.apply(command, argument, rows)
        self._made(before)
        return change

    def _made(self, before: tuple[int, int]) -> None:
        """Note as one step what was made since there were so many on relations and on spans."""
        on_relations, on_spans = before
        # Spans first, as they are made again: a relation may be to one of them.
        step: Step = []
        if self._spans.steps > on_spans:
            step.append(_ON_SPANS)
        if len(self._done) > on_relations:
            step.append(_ON_RELATIONS)
        if step:
            self._order.append(step)
            self._undone_order.clear()

    def lay(self, content: Task) -> Change:
        """Take spans and relations of another answer, in one step."""
        before = (len(self._done), self._spans.steps)
        spans = self._spans.lay(content)
        change = super().lay(content) if "relations" in content else Change()
        self._made(before)
        return Change(moved=True, edited=spans.edited or change.edited, message=spans.message)

    def _travel_over_both(self, command: str) -> Change:
        """Undo or redo the newest step, whether it was made on spans, on relations, or on both."""
        # As in the editor of spans alone: what is being selected is no step yet, and goes first.
        if self._spans.selection is not None:
            return self._spans.apply("cancel")
        orders = (self._order, self._undone_order)
        source, target = orders if command == "undo" else orders[::-1]
        if not source:
            return super().apply(command)  # which says that there is none
        step = source.pop()
        target.append(step)
        changes = []
        for on_spans in step if command == "redo" else reversed(step):
            changes.append(self._spans.apply(command) if on_spans else super().apply(command))
        if len(changes) == 1:
            return changes[0]
        return Change(moved=True, edited=True)

    def can(self, command: str) -> bool:
        """Whether a command would do anything now."""
        if command in ("undo", "redo"):
            return bool(self._order if command == "undo" else self._undone_order)
        return True

    def command(self, command: str, argument: Argument, rows: Rows | None) -> str:
        """Pick a head, link it with the cursor, take a relation out."""
        if not self._tokens:
            return "there are no tokens" if command in _OWN else ""
        if command == "link":
            # "again" is the head of a relation that was undone to be given another label.
            is_again = argument == "again" and self._last_head is not None
            self._head = self._last_head if is_again else self._cursor
            assert self._head is not None
            return f"from {self._named(self._head)}: go to the other end"
        if command == "cancel":
            self._head = None
            return ""
        if command == "label":
            return self._give(argument)
        if command == "unlink":
            return self._unlink()
        return super().command(command, argument, rows)

    def _give(self, argument: Argument) -> str:
        name, message = self._links.resolve(argument)
        if name is None:
            return message
        if self._head is None:
            return "pick the head first: r"
        head, child = (self._ends.anchor(t, self._spans.spans) for t in (self._head, self._cursor))
        if head == child and not self.config.get("relations_self"):
            return "the two ends are the same, and this job does not link anything to itself"
        if refused := self._refused([head, child, name, {}]):
            return refused
        links = [each for each in self._current if (each[0], each[1]) != (head, child)]
        self._last_head, self._head = self._head, None
        self.change({"relations": [*links, [head, child, name, {}]]})
        return ""

    @property
    def _current(self) -> list[Link]:
        found: list[Link] = self.values["relations"]
        return found

    def _refused(self, link: Link) -> str:
        """Return why a relation may not be; empty where it may."""
        head, child, name, _ = link
        return constraint_message(self.config, name, self._ends, self._spans.spans, head, child)

    @property
    def objection(self) -> str:
        """Why a relation may no longer be, since the spans at its ends have changed."""
        return next(filter(None, map(self._refused, self._current)), "")

    def _unlink(self) -> str:
        spans = self._spans.spans
        here = self._ends.anchor(self._cursor, spans)
        touching = [
            each
            for each in self._current
            if here in (self._ends.anchor(each[0], spans), self._ends.anchor(each[1], spans))
        ]
        if not touching:
            return "there is no relation here"
        gone = touching[-1]
        self.change({"relations": [each for each in self._current if each is not gone]})
        return f"no longer {self._said(gone)}"

    # What is shown and saved

    @property
    def edited(self) -> bool:
        """Whether there are edits that have not been undone."""
        return super().edited or self._spans.edited

    @property
    def touched(self) -> bool:
        """Whether there were edits at all."""
        return super().touched or self._spans.touched

    def sheet(self) -> Sheet:
        """Return the text with its spans, the relations one a line, and the chains."""
        inner, listed = self._spans, self._listed_links()
        here = inner.cursor_range[0]
        marked = {n for n, (arc, _) in enumerate(listed) if _is_at(arc, here)}
        arcs = tuple(
            arc._replace(current=True) if number in marked else arc
            for number, (arc, _) in enumerate(listed)
            if arc.head != arc.child  # what is linked to itself stands in the list alone
        )
        text = Paragraph(
            inner.text,
            spans=tuple(inner.spans),
            cursor=inner.cursor_range,
            selection=self._ends.extent(self._head, inner.spans) or inner.selection,
            focus=inner.focus,
            current=True,
            arcs=arcs,
            tips=not self.config.get("hide_relations_arrow"),
            beside=self._links.names if self._links_lines else (),
            faint=inner.disabled,
            points=inner.marks,
            hints=dict(inner.hints),
            lanes=1,
        )
        beside = []
        for number, (_, line) in enumerate(listed):
            beside.append(line._replace(prefix="> ") if number in marked else line)
        if not self._current:
            beside.append(faint("no relations yet: r picks a head")._replace(column="panel"))
        return (text, BLANK, *beside, *self._chains(), *self._pending())

    @cached_property
    def _links_lines(self) -> bool:
        """Whether there are tokens of several words that are lines of their own, as in dialogues
        whose turns are linked."""
        text = self._spans.text
        return any(is_line_of_words(text, extent) for extent in self._tokens)

    def _pending(self) -> Sheet:
        """Return the head that is picked and what it waits for, wherever the cursor has gone."""
        if self._head is None:
            return ()
        name = self._named(self._head)
        return (heading(f"from {name}: go to the other end, then its label")._replace(pinned=True),)

    def _listed_links(self) -> list[tuple[Arc, Paragraph]]:
        """Return each relation as an arc and as a line of the list, without the cursor's mark.

        They are made anew when relations or spans have changed, not with every move.
        """
        links, spans = self._current, self._spans.spans
        listed = self._listed
        if listed is None or listed[0] is not links or listed[1] is not spans:
            known: dict[int, tuple[Arc, Paragraph]] = {}
            if listed is not None and listed[1] is spans:
                known = {id(link): each for link, each in zip(listed[0], listed[2], strict=True)}
            shown = [known.get(id(each)) or (self._arc(each), self._line(each)) for each in links]
            self._listed = listed = (links, spans, shown)
        return listed[2]

    def _line(self, link: Link) -> Paragraph:
        refused = self._refused(link)
        said = f"{self._said(link)}{refused and f' ({refused})'}"
        return Paragraph(said, _ROLES[bool(refused)], prefix="  ", listed=True, column="panel")

    def _arc(self, link: Link) -> Arc:
        spans = self._spans.spans
        head, child = (self._ends.extent(token, spans) for token in link[:2])
        assert head is not None and child is not None
        return Arc(head, child, link[2])

    def _said(self, link: Link) -> str:
        head, child = (self._named(token) for token in link[:2])
        return f"{head} --{link[2]}--> {child}"

    def _named(self, token: int) -> str:
        """Return the words of an end; of a whole turn its beginning, which tells what it is."""
        parts = split(self._ends.name(token, self._spans.spans))
        return "".join(parts if len(parts) <= _LONGEST_NAME else [*parts[:_LONGEST_NAME], "…"])

    def _chains(self) -> Sheet:
        """Return the chains; they are made anew when relations or spans have changed."""
        if not self.config.get("relations_chains"):
            return ()
        links, spans = self._current, self._spans.spans
        made = self._made_chains
        if made is None or made[0] is not links or made[1] is not spans:
            ends = [(head, child) for head, child, *_ in links]
            chained = (each._replace(column="panel") for each in chain_sheet(ends, self._named))
            self._made_chains = made = (links, spans, tuple(chained))
        return made[2]

    def answer(self) -> dict[str, Any]:
        """Return `tokens`, `spans` and `relations`, the latter with the spans at their ends."""
        content, spans = self._spans.content(), self._spans.spans
        return {
            **{key: content[key] for key in TOKEN_KEYS if key in content},
            "relations": [to_dict(link, self._ends, spans) for link in self._current],
        }

    def edits(self) -> Task:
        """What `content()` lays over the task, without its tokens."""
        own = {"spans": self._spans.edits()["spans"], "relations": self._as_stored()}
        return {**own, **{key: value for key, value in self.values.items() if key in REMARK_KEYS}}

    def _as_stored(self) -> list[dict[str, Any]]:
        """Return the relations as answers hold them, for drafts, which are written after every
        look around: of hundreds of relations only those that have changed are made anew."""
        links, spans = self._current, self._spans.spans
        before, known = self._stored, dict[int, dict[str, Any]]()
        if before is not None and before[1] is spans:
            if before[0] is links:
                return before[2]
            known = {id(link): each for link, each in zip(before[0], before[2], strict=True)}
        made = [known.get(id(link)) or to_dict(link, self._ends, spans) for link in links]
        self._stored = (links, spans, made)
        return made

    def own_words(self) -> set[str]:
        """Those of a span editor, with `relations`, and `linking` while a head is picked."""
        words = set(self._spans.context()) - {"edited"}
        words |= {"relations", "labels"} if self.names else {"relations"}
        return words | ({"linking"} if self.linking else set())

    def info(self) -> str:
        """Return what the cursor is at, and its relations: in an arc a label may be cut."""
        spans = self._spans.spans
        at = self._spans.cursor_range[0]
        here = [link for link in self._current if _is_at(self._arc(link), at)]
        span = self._ends.span(self._cursor, spans) if self._tokens else None
        beside = described_extra(span) if span is not None else ""
        told = [self._ends.name(self._cursor, spans), beside, *map(self._said, here)]
        return "; ".join(filter(None, told))

    def place(self) -> dict[str, Any]:
        """Return cursor, head, and the spans' own state."""
        return {"head": self._head, "order": self._order[-50:], "cursor": self._cursor}

    def state(self) -> dict[str, Any]:
        """Place and newest edits of relations and spans."""
        return {**super().state(), "spans": self._spans.state()}

    def restore(self, content: Task, state: dict[str, Any]) -> None:
        """Take up a draft."""
        self._spans.restore(content, dict(state.get("spans") or {}))
        super().restore(content, state)

    def go_to(self, place: Mapping[str, Any]) -> None:
        """Take up the order of steps and the picked head; the spans have the cursor."""
        # Drafts of earlier versions have one value for each step.
        steps = (each if isinstance(each, list) else [each] for each in place["order"])
        self._order = [[bool(on_spans) for on_spans in step] for step in steps if step]
        head = place["head"]
        self._head = int(head) if head is not None and self._tokens.has(int(head)) else None


def _is_at(arc: Arc, offset: int) -> bool:
    """Whether a code point lies in one of the ends of an arc."""
    return any(start <= offset < end for start, end in (arc.head, arc.child))


def _open(task: Task, config: Mapping[str, Any]) -> RelationsEditor:
    """Return the editor of a task. No tokens are made anew: relations go by their numbers."""
    return refitted(task, lambda each: RelationsEditor(each, config))


RELATIONS = View(
    "relations",
    "labelled links between tokens or spans, and all spans of a text",
    lambda task, config, _: _open(task, config),
    says="all spans",
    needs=(("text",),),
    writes=(*MARKED_KEYS, "relations"),
    reads=("text", *MARKED_KEYS, "relations"),
    settings=(
        *("hide_relations_arrow", "labels", "relations_chains", "relations_rules"),
        *("relations_self", "relations_span_labels"),
    ),
)
COREF = RELATIONS._replace(
    id="coref",
    help="the same, with the chains of what is linked",
    open=lambda task, config, _: _open(task, {"relations_chains": True, **config}),
)
