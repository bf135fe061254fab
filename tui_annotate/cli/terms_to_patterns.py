"""`tui-annotate terms.to-patterns`: the accepted terms of a dataset as match patterns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from tui_annotate.cli.console import say
from tui_annotate.cli.datasets import existing_answers
from tui_annotate.cli.db_out import write_result
from tui_annotate.errors import UsageError
from tui_annotate.suggest.models import load_tokenizer
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.task.tokenize import tokenize
from tui_annotate.text.amounts import plural


@click.command("terms.to-patterns")
@click.argument("dataset")
@click.argument("output_file", required=False, default="-")
@click.option("-l", "--label", help="The label of all patterns; else that of each answer")
@click.option("-m", "--spacy-model", default="blank:en", show_default=True, help="Tokenizer")
@click.option("-CS", "--case-sensitive", is_flag=True, help="Match terms in their own case only")
def command(
    dataset: str, output_file: str, label: str | None, spacy_model: str, case_sensitive: bool
) -> int:
    """Write the accepted terms of DATASET as match patterns to OUTPUT_FILE, or to stdout.

    Each term is one pattern, a JSON object with `label` and `pattern`, as `--patterns` takes it.
    Its words are those of the tokenizer. OUTPUT_FILE is replaced when all is written.
    """
    with existing_answers(dataset) as (store, answers):
        tasks = [
            loads_content(each.record.content) for each in answers.iterate(store, answer="accept")
        ]
    named = list(_terms(tasks, label, dataset))
    nlp = load_tokenizer(spacy_model)
    key = "text" if case_sensitive else "lower"
    patterns = {dumps({"label": of, "pattern": _pattern(t, nlp, key)}): None for t, of in named}
    count = write_result(output_file, (f"{each}\n" for each in patterns))
    if count is not None:
        say(f"{plural(count, 'pattern')} written to {output_file}")
    return 0


def _terms(
    tasks: Iterable[dict[str, Any]], label: str | None, dataset: str
) -> Iterator[tuple[str, str]]:
    """Yield each term with its label.

    Raises:
        UsageError: There is no term, or a term without a label.
    """
    empty = True
    for task in tasks:
        term, of = task.get("text"), label or task.get("label")
        if not isinstance(term, str) or not term.strip():
            continue
        empty = False
        if not isinstance(of, str) or not of:
            hint = "Write --label and the label of the patterns"
            raise UsageError("its terms have no label", where=dataset, hint=hint)
        yield term.strip(), of
    if empty:
        raise UsageError("it has no accepted terms", where=dataset)


def _pattern(term: str, nlp: Any, key: str) -> list[dict[str, str]]:
    if nlp is not None:
        words = [token.text for token in nlp.make_doc(term) if not token.is_space]
    else:
        found = tokenize(term)
        words = [term[a:b] for a, b in zip(found.starts, found.ends, strict=True)]
    return [{key: word.lower() if key == "lower" else word} for word in words]
