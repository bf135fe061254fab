"""Tasks as people read them, with spans and labels: for `print-dataset` and for scripts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from tui_annotate.cli.find_datasets import existing_answers
from tui_annotate.exchange.jsonl import answer_to_dict
from tui_annotate.task.schema import DECISIONS, Decision, Task
from tui_annotate.text.safe import safe, safe_line

STYLES = ("auto", "spans", "textcat")
_DIM, _BOLD, _OFF = "\x1b[2m", "\x1b[1m", "\x1b[0m"
_LONGEST = 10_000


def describe(task: Task, style: str = "auto", *, color: bool = False) -> Iterator[str]:
    """Yield the lines of a task.

    Args:
        task: A task or an answer.
        style: `spans` shows spans only, `textcat` labels and options only, `auto` both.
        color: Whether escape sequences may be used.
    """
    bold, dim, off = (_BOLD, _DIM, _OFF) if color else ("", "", "")
    text = task.get("text")
    shown = text if isinstance(text, str) else str(task.get("html") or task.get("input") or "")
    head = _head(task)
    if head:
        yield f"{dim}{safe_line(head)}{off}"
    for line in shown[:_LONGEST].split("\n"):
        yield safe(line)
    if len(shown) > _LONGEST:
        yield f"… {len(shown) - _LONGEST:,} characters more"
    if style != "textcat":
        for start, end, label in _spans(task):
            marked = safe_line(shown[start:end], 60)
            yield f"  {bold}{safe_line(label)}{off}  {marked}  {start}:{end}"
    if style != "spans":
        yield from (f"  {bold}{safe_line(line)}{off}" for line in _labels(task))
    yield ""


def _head(task: Task) -> str:
    meta = task.get("meta")
    parts = [str(task["answer"])] if isinstance(task.get("answer"), str) else []
    parts += [str(task[key]) for key in ("_session_id",) if isinstance(task.get(key), str)]
    if isinstance(meta, dict):
        parts += [f"{key} {value}" for key, value in meta.items()]
    return " · ".join(parts)


def _spans(task: Task) -> list[tuple[int, int, str]]:
    spans = task.get("spans")
    found = [each for each in spans if isinstance(each, dict)] if isinstance(spans, list) else []
    return [
        (each["start"], each["end"], str(each.get("label", "")))
        for each in found
        if isinstance(each.get("start"), int) and isinstance(each.get("end"), int)
    ]


def _labels(task: Task) -> list[str]:
    lines = [str(task["label"])] if isinstance(task.get("label"), str) else []
    options: Any = task.get("options")
    accepted = task.get("accept")
    chosen = accepted if isinstance(accepted, list) else []
    if isinstance(options, list):
        for option in options:
            if isinstance(option, dict):
                mark = "x" if option.get("id") in chosen else " "
                lines.append(f"[{mark}] {option.get('text', option.get('id', ''))}")
    elif chosen:
        lines += [f"[x] {each}" for each in chosen]
    cats = task.get("cats")
    if isinstance(cats, dict):
        lines += [f"{label} {score:.2f}" for label, score in cats.items()]
    return lines


def pretty_print(tasks: Iterable[Task], style: str = "auto", **_settings: Any) -> None:
    """Print tasks to stdout: text, spans and labels. `style` is `auto`, `spans` or `textcat`."""
    for task in tasks:
        sys.stdout.writelines(f"{line}\n" for line in describe(task, style))


def pretty_print_ner(tasks: Iterable[Task], **_settings: Any) -> None:
    """Print tasks with their spans to stdout."""
    pretty_print(tasks, "spans")


def pretty_print_tc(tasks: Iterable[Task], **_settings: Any) -> None:
    """Print tasks with their labels to stdout."""
    pretty_print(tasks, "textcat")


@click.command("print-dataset")
@click.argument("dataset")
@click.option("-s", "--style", type=click.Choice(STYLES), default="auto", show_default=True,
              help="What is shown")  # fmt: skip
@click.option("-A", "--answer", type=click.Choice(DECISIONS), help="Only these answers")
def command(dataset: str, style: str, answer: Decision | None) -> None:
    """Print the answers of DATASET, or of a session, for people to read.

    They are text, spans, labels and decisions; on a terminal in a pager.
    """
    color = sys.stdout.isatty()
    with existing_answers(dataset) as (store, found):
        lines = (
            f"{line}\n"
            for stored in found.iterate(store, answer)
            for line in describe(answer_to_dict(stored), style, color=color)
        )
        if color:
            click.echo_via_pager(lines, color=True)
        else:
            sys.stdout.writelines(lines)
            sys.stdout.flush()
