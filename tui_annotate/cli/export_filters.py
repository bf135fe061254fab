"""Which answers an export takes, and what counts where people differ: options and their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.stream_options import with_params
from tui_annotate.errors import UsageError, nearest
from tui_annotate.exchange.answer_filter import ExportFilter, read_since
from tui_annotate.exchange.resolve import ResolutionRule, parse_resolve
from tui_annotate.recipes.common import names as split
from tui_annotate.task.schema import DECISIONS

if TYPE_CHECKING:
    from tui_annotate.exchange.answer_filter import ExportFilter
    from tui_annotate.exchange.resolve import ResolutionRule
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredSession


def choosing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which answers are taken, and what counts where people differ."""
    options = (
        click.option("-A", "--answer", "answers", multiple=True, type=click.Choice(DECISIONS),
                     help="Only these decisions (else accept, and rejected yes/no questions)"),
        click.option("--session", "sessions", multiple=True, metavar="NAME",
                     help="Only these sessions or annotators"),
        click.option("--since", metavar="WHEN",
                     help="Only answers from then on: 2026-01-31, 7d for seven days ago, or the"
                     " number of an answer, for those after it"),
        click.option("--resolve", metavar="HOW",
                     help="Where people differ: review, majority, majority:0.66, soft or"
                     " annotator=NAME"),
        click.option("--boundaries", type=click.Choice(("token", "exact", "character")),
                     default="token", show_default=True,
                     help="What a majority votes on where people mark spans"),
    )  # fmt: skip
    return with_params(options)(function)


def make_choice(given: dict[str, Any], sessions: frozenset[str]) -> ExportFilter:
    """Return which answers are taken, from the options of `choosing`."""
    return ExportFilter(
        answers=frozenset(given["answers"]),
        sessions=sessions,
        revisions=bool(given.get("revisions")),
        each=bool(given.get("each") or given.get("revisions")),
        **(read_since(given["since"]) if given["since"] is not None else {}),
    )


def named_by(option: str, value: str | None) -> list[str]:
    """Return the names that an option has, each once; none where it is not given.

    Args:
        option: The option, for the message.
        value: Names with commas.

    Raises:
        UsageError: It is given and names nothing, as where a variable of a script is empty: what is
            done then would be done to everything.
    """
    found = list(dict.fromkeys(split(value)))
    if value is not None and not found:
        raise UsageError("it names nothing", where=option, hint=f"Leave {option} out to take all")
    return found


def session_names(
    store: Store, datasets: list[Dataset], names: Sequence[str], option: str = "--session"
) -> frozenset[str]:
    """Return the sessions that are named: by themselves, or by who annotated.

    Args:
        store: Where they are.
        datasets: Whose sessions.
        names: Those of sessions or annotators, or of sessions without that of their dataset.
        option: The option that names them, for the message.

    Raises:
        UsageError: The datasets have no such session; the message has the nearest.
    """
    known = _who(store, datasets)
    for name in names:
        if name not in known:
            hint = nearest(name, sorted(known)) if known else "There are none yet"
            raise UsageError(f"there is no session {name!r}", where=option, hint=hint)
    return frozenset(each.name for name in names for each in known[name])


def resolving(
    store: Store, datasets: list[Dataset], given: dict[str, Any]
) -> ResolutionRule | None:
    """Return what counts where people differ, from the options of `choosing`; None for nothing.

    Raises:
        UsageError: It is no way to resolve, nobody of that name answered, or more than one.
    """
    if not given["resolve"]:
        return None
    found = parse_resolve(given["resolve"], given["boundaries"])
    if not found.annotator:
        return found
    known = _who(store, datasets)
    people = {each.annotator for each in known.get(found.annotator, ())}
    if found.annotator in people:
        return found
    if len(people) == 1:
        return ResolutionRule(found.way, people.pop())
    names = sorted(people or {each.annotator for who in known.values() for each in who})
    hint = nearest(found.annotator, names) if names else "There are none yet"
    what = f"there is no annotator {found.annotator!r}"
    raise UsageError(what, where="--resolve", hint=hint)


def _who(store: Store, datasets: list[Dataset]) -> dict[str, list[StoredSession]]:
    """Return the sessions of datasets by each name that they go by.

    That is the session's, the annotator's, and who it is of by the session's name
    (`DATASET-NAME`): answers of Prodigy name the session as their annotator.
    """
    found: dict[str, list[StoredSession]] = {}
    for dataset in datasets:
        for each in store.admin.sessions(dataset.id):
            short = each.name.removeprefix(f"{dataset.name}-")
            for name in {each.name, each.annotator, short}:
                found.setdefault(name, []).append(each)
    return found
