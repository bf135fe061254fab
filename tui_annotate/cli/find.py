"""`tui-annotate find`: looks for answers by their text, by what they mark, and by who gave them."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.agreement.answer_search import (
    Hit,
    MarkedForms,
    all_marked,
    find_hits,
    marked_line,
    snippet,
    wanted_for,
)
from tui_annotate.agreement.index_update import update
from tui_annotate.cli.console import say, watched
from tui_annotate.cli.export_filters import named_by, session_names
from tui_annotate.cli.find_datasets import existing_dataset
from tui_annotate.cli.output import print_json
from tui_annotate.errors import UsageError, nearest
from tui_annotate.store.answer_index import AnswerIndex
from tui_annotate.task.schema import DECISIONS
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line
from tui_annotate.text.width import cell_width

if TYPE_CHECKING:
    from tui_annotate.store.answer_index import IndexQuery
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset

_LIMIT = 20
_PIPE_COLUMNS = 120
_LEAST_SNIPPET = 20


@click.command("find")
@click.argument("dataset")
@click.argument("text", default="")
@click.option("-l", "--label", "--labels", metavar="A,B", help="With a span or class of these")
@click.option("-a", "--annotator", "--annotators", "--session", metavar="A,B",
              help="Given by these people, or in these sessions")  # fmt: skip
@click.option("-A", "--answer", "answers", multiple=True, type=click.Choice(DECISIONS),
              help="With this decision")  # fmt: skip
@click.option("--flagged", is_flag=True, help="Flagged")
@click.option("--disagree", is_flag=True, help="Contradicted by another person's answer")
@click.option("--surface", is_flag=True,
              help="TEXT is all that a span marks; without TEXT list what is marked")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=0), default=_LIMIT, show_default=True,
              help="How many are shown; 0 for all")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def command(dataset: str, text: str, limit: int, as_json: bool, **given: Any) -> None:
    """Find the answers of DATASET with TEXT, newest first.

    TEXT is found where a word begins, whatever its case and accents. Each line has the number of
    the answer, who gave it, when, the decision, and the place with [TEXT] in brackets. The line
    above them says under which labels TEXT is marked. Options narrow the answers down that are
    looked through and counted.

    The first search makes an index in the cache folder, later ones add what is new.
    """
    with existing_dataset(dataset) as (store, found):
        wanted = _wanted(store, found, text, given)
        with AnswerIndex(store.path, found.name) as index:
            if not index.kept:
                say("the cache folder cannot be written, so the index is made for this search only")
            with watched(f"looking through {found.name}") as waiting:
                _check_labels(wanted, update(store, found, index, waiting))
                if given["surface"] and not text.strip():
                    _print_surfaces(all_marked(index, wanted), limit, as_json)
                    return
                hits, more, marked = find_hits(store, index, wanted, text, limit, waiting)
    if as_json:
        for hit in hits:
            print_json(hit_to_dict(hit), indent=None)
    else:
        _print_hits(hits, marked)
    if more:
        say(f"{plural(len(hits), 'answer')} shown, the newest; there are more: --limit 0 shows all")
    elif not hits:
        say("no answer was found")


def _wanted(store: Store, dataset: Dataset, text: str, given: dict[str, Any]) -> IndexQuery:
    sessions: frozenset[str] = frozenset()
    if people := named_by("--annotator", given["annotator"]):
        sessions = session_names(store, [dataset], people, "--annotator")
    try:
        return wanted_for(
            text,
            surface=given["surface"],
            labels=tuple(named_by("--label", given["label"])),
            sessions=tuple(sorted(sessions)),
            decisions=tuple(given["answers"]),
            flagged=given["flagged"],
            disagree=given["disagree"],
        )
    except ValueError as error:
        raise UsageError(
            str(error),
            where="TEXT",
            hint="Accents and marks are found with the letter that they are set on",
        ) from None


def _check_labels(wanted: IndexQuery, index: AnswerIndex) -> None:
    known = index.labels() if wanted.labels else []
    for label in wanted.labels:
        if label not in known:
            hint = nearest(label, known) if known else "There are no labels yet"
            raise UsageError(f"no answer has the label {label!r}", where="--label", hint=hint)


def _print_surfaces(found: list[MarkedForms], limit: int, as_json: bool) -> None:
    shown = found[:limit] if limit else found
    for each in shown:
        if as_json:
            data = {"surface": each.form, "forms": list(each.forms), "labels": each.labels}
            print_json(data, indent=None)
        else:
            click.echo(marked_line(each))
    if len(found) > len(shown):
        say(f"{len(shown):,} of {len(found):,} marked texts; --limit 0 shows all")
    elif not found:
        say("nothing is marked")


def hit_to_dict(hit: Hit) -> dict[str, Any]:
    """Return an answer that was found as JSON values.

    `places` are ranges of code points of `text`, the end excluded, each with the label of the span
    if spans were looked for. `answered_at` is in seconds since 1970.
    """
    record = hit.stored.record
    return {
        "answer": hit.stored.id,
        "session": hit.stored.session,
        "annotator": hit.stored.annotator,
        "answered_at": record.answered_at,
        "decision": record.answer,
        "flagged": record.flagged,
        "view_id": record.view_id,
        "_input_hash": record.identity.input_hash,
        "_task_hash": record.identity.task_hash,
        "text": hit.text,
        "places": [
            {"start": start, "end": end, **({"label": label} if label else {})}
            for start, end, label in hit.places
        ],
    }


def _print_hits(hits: list[Hit], summary: MarkedForms | None) -> None:
    if summary is not None:
        click.echo(marked_line(summary))
    heads = [_head(hit) for hit in hits]
    widths = [max(cell_width(head[at]) for head in heads) for at in range(4)] if heads else []
    columns = _PIPE_COLUMNS
    if sys.stdout.isatty():
        columns = shutil.get_terminal_size().columns - 1
    for hit, head in zip(hits, heads, strict=True):
        number = " " * (widths[0] - cell_width(head[0])) + head[0]
        rest = [
            cell + " " * (width - cell_width(cell))
            for cell, width in zip(head[1:], widths[1:], strict=True)
        ]
        line = "  ".join((number, *rest))
        room = max(_LEAST_SNIPPET, columns - cell_width(line) - 2)
        click.echo(f"{line}  {snippet(hit, room)}".rstrip())


def _head(hit: Hit) -> tuple[str, str, str, str]:
    record = hit.stored.record
    day = time.strftime("%Y-%m-%d", time.localtime(record.answered_at))
    decision = f"{record.answer}{', flagged' if record.flagged else ''}"
    return f"{hit.stored.id:,}", safe_line(hit.stored.annotator), day, decision
