"""`tui-annotate labels`: rename, merge, split and delete labels over a whole dataset."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import confirm, local_time, print_rows, say
from tui_annotate.cli.find_datasets import existing_dataset
from tui_annotate.cli.output import print_json
from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.relabel_dataset import change, preview
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command
from tui_annotate.text.timed_pattern import TimedPattern, TimeLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_annotate.exchange.relabel_dataset import Preview
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset
    from tui_annotate.task.labels import Rename

_SECONDS = 2.0
"""How long an expression may take on one text."""

_YES = click.Option(["-y", "--yes"], is_flag=True, help="Do not ask")
_DRY = click.Option(
    ["-D", "--dry"], is_flag=True, help="Show what would change, and change nothing"
)


class _Action(click.Command):
    """A change with the options that all changes have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [_YES, _DRY]


@click.group("labels")
def command() -> None:
    """Change labels over a whole dataset: answers, waiting tasks and drafts.

    Each change shows counts and samples and asks, is one transaction, keeps the old answers in the
    history, and can be undone with `labels undo DATASET`.
    """


@command.command("rename", cls=_Action)
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
def rename(dataset: str, old: str, new: str, yes: bool, dry: bool) -> int:
    """Give the label OLD the name NEW, which must not be in use yet."""
    return _run(dataset, f"rename {old} {new}", [old], _mapping([old], new), yes, dry, unused=new)


@command.command("merge", cls=_Action)
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
def merge(dataset: str, old: str, new: str, yes: bool, dry: bool) -> int:
    """Make OLD (names with commas) part of NEW. Spans that become equal become one."""
    names = [each.strip() for each in old.split(",") if each.strip()]
    return _run(dataset, f"merge {old} {new}", names, _mapping(names, new), yes, dry)


@command.command("split", cls=_Action)
@click.argument("dataset")
@click.argument("old")
@click.argument("new")
@click.option("--match", required=True, metavar="REGEX",
              help="OLD becomes NEW where this is found in the span's text (or, without a span,"
              " in the task's); upper and lower case are the same")  # fmt: skip
def split(dataset: str, old: str, new: str, match: str, yes: bool, dry: bool) -> int:
    """Turn those OLD into NEW whose text matches; the others stay."""
    limit = TimeLimit(_SECONDS)
    try:
        pattern = TimedPattern(match, limit, ignore_case=True)
    except ValueError as error:
        raise UsageError(f"{match!r} is no regular expression ({error})", where="--match") from None

    def to(label: str, text: str) -> str | None:
        limit.begin()
        try:
            return new if label == old and pattern.search(text) else label
        except TimeoutError:
            raise UsageError(
                f"{match!r} takes longer than {_SECONDS:g} s on a text, so nothing was changed",
                where="--match",
                hint="Write it without repetitions within repetitions",
            ) from None

    what = f"split {old} {new} --match {match}"
    return _run(dataset, what, [old], to, yes, dry, offered=False)  # OLD is still in use


@command.command("delete", cls=_Action)
@click.argument("dataset")
@click.argument("old")
def delete(dataset: str, old: str, yes: bool, dry: bool) -> int:
    """Take the label OLD away, with its spans, relations and choices."""
    return _run(dataset, f"delete {old}", [old], _mapping([old], None), yes, dry)


@command.command("undo")
@click.argument("dataset")
def undo(dataset: str) -> int:
    """Undo the last change of DATASET that is not undone; what was edited since is left."""
    with existing_dataset(dataset) as (store, found):
        with store.write_txn():
            last = store.relabel.last(found.id)
            done, left = store.relabel.undo(last) if last is not None else (0, 0)
        if last is None:
            say(f"no change of {dataset} is left to undo")
            return 1
        say(f"undone: {last.what}; {done:,} put back")
        if left:
            say(f"{left:,} were changed again since, and are left as they are")
    return 0


@command.command("list")
@click.argument("dataset")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def list_(dataset: str, as_json: bool) -> None:
    """Count the labels of DATASET; those that were added while annotating are listed too."""
    with existing_dataset(dataset) as (store, found):
        counts = preview(store, found, lambda label, _: label).before
        for each in store.dataset_labels.of(found.id):
            counts.setdefault(each.label, 0)
    if as_json:
        print_json(dict(counts.most_common()))
    else:
        print_rows([("label", "count"), *counts.most_common()])


def _mapping(old: list[str], new: str | None) -> Rename:
    names = set(old)
    return lambda label, _: new if label in names else label


def _run(
    dataset: str,
    what: str,
    old: list[str],
    to: Callable[[str, str], str | None],
    yes: bool,
    dry: bool,
    *,
    unused: str | None = None,
    offered: bool = True,
) -> int:
    """Show a change, ask, and make it."""
    with existing_dataset(dataset) as (store, found):
        shown = preview(store, found, to, offered=offered)
        _check_met(store, found, shown, what, old)
        if unused is not None:
            _check_unused(store, found, shown, old[0], unused)
        _show(shown)
        if dry or not shown.total:
            return 0
        if not yes and not _is_confirmed():
            say("nothing was changed")
            return 1
        count = change(store, found, what, to, offered=offered)
        undo = shell_command(("tui-annotate", "labels", "undo"), (dataset,))
        with_undo = f"; undo with: {undo}" if undo else ""
        say(f"{plural(count, 'record')} changed{with_undo}")
    return 0


def _check_met(store: Store, found: Dataset, shown: Preview, what: str, old: list[str]) -> None:
    """Raise `UsageError` where no answer has a label that is to be changed."""
    missing = next((each for each in old if not shown.met[each]), None)
    if missing is None:
        return
    hint = nearest(missing, shown.met) if shown.met else "It has no labels"
    last = store.relabel.last(found.id)
    if last is not None and last.what == what:  # by a command that was killed at its end
        hint = f"{what} was done at {local_time(last.changed_at)}"
    raise UsageError(f"no answer has the label {missing!r}", where=found.name, hint=hint)


def _check_unused(store: Store, found: Dataset, shown: Preview, old: str, new: str) -> None:
    """Raise `UsageError` where a new label is one already, so that the two would become one."""
    offered = {each.label for each in store.dataset_labels.of(found.id)}
    if shown.before[new] or new in offered:
        merge = shell_command(("tui-annotate", "labels", "merge"), (found.name, old, new))
        hint = f"To make them one: {merge or 'tui-annotate labels merge DATASET OLD NEW'}"
        raise UsageError(f"the label {new!r} is in use", where=found.name, hint=hint)


def _is_confirmed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here", where="labels", hint="Use --yes")
    return confirm("Change this?")


def _show(shown: Preview) -> None:
    say(
        f"{plural(shown.answers, 'answer')}, {plural(shown.waiting, 'waiting task')}"
        f" and {plural(shown.draft, 'draft')} change"
    )
    if shown.added:
        say(f"{plural(shown.added, 'label')} of those that annotators have added too")
    for label in sorted({*shown.before, *shown.after}):
        if shown.before[label] != shown.after[label]:
            say(f"  {label}: {shown.before[label]:,} -> {shown.after[label]:,}")
    for text, label, name in shown.samples:
        short = " ".join(text[:300].split())[:60]
        say(f"  e.g. {short!r}: {label} -> {name if name is not None else 'gone'}")
