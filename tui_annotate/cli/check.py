"""`tui-annotate check`: answers of a dataset that are worth a second look."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.agreement.mistakes import KINDS, check_answers
from tui_annotate.cli.console import say, watched
from tui_annotate.cli.find_datasets import dataset_argument, existing_answers
from tui_annotate.cli.output import print_json
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line

if TYPE_CHECKING:
    from tui_annotate.agreement.mistakes import Finding


@click.command("check")
@dataset_argument
@click.option("--kind", "kinds", multiple=True, type=click.Choice(tuple(KINDS)),
              help="Look for this only")  # fmt: skip
@click.option("--fail", is_flag=True, help="Exit with 1 if anything is found")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line")
def command(dataset: str, kinds: tuple[str, ...], fail: bool, as_json: bool) -> int:
    """List the answers of DATASET, or of a session, that are worth a second look.

    \b
    labels  the same text marked with different labels
    edges   blanks or punctuation at the edge of what is marked
    cut     words that are marked in part
    once    labels that were used once
    fast    answers that were given faster than their text can be read
    own     answers that contradict an earlier one of the same person

    What a label does often, such as a full stop at its end, is its convention and is not listed.
    Nothing is changed.
    """
    with existing_answers(dataset) as (store, found), watched(f"checking {dataset}") as waiting:
        checker = check_answers(store, found.dataset, found.session, waiting)
    findings = [each for each in checker.findings() if not kinds or each.kind in kinds]
    if as_json:
        for finding in findings:
            print_json(finding_to_dict(finding), indent=None)
    else:
        _print(findings)
    counted = Counter(finding.answer for finding in findings)
    looked = plural(checker.answers, "answer")
    if findings:
        say(f"{plural(len(findings), 'finding')} in {len(counted):,} of {looked}")
    else:
        say(f"nothing was found in {looked}")
    return 1 if fail and findings else 0


def finding_to_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON values; keys that do not apply are left out.

    `start` and `end` (exclusive) are code points of the answer's text, `other` the number of the
    answer that it contradicts, `usual` the label that the same text has elsewhere.
    """
    given = {
        "kind": finding.kind,
        "answer": finding.answer,
        "session": finding.session,
        "what": finding.what,
        "advice": finding.advice,
        "surface": finding.surface or None,
        "start": finding.start,
        "end": finding.end,
        "label": finding.label or None,
        "other": finding.other,
        "usual": finding.usual or None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _print(findings: list[Finding]) -> None:
    for number, (kind, group) in enumerate(groupby(findings, key=lambda each: each.kind)):
        of_kind = list(group)
        click.echo(("\n" if number else "") + f"{kind}: {KINDS[kind]} ({len(of_kind):,})")
        for each in of_kind:
            line = f"answer {each.answer} [{each.session}]: {each.what}. {each.advice}."
            click.echo("  " + safe_line(line))
