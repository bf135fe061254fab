"""`tui-annotate db-out`: a dataset's answers as JSON lines, on stdout or in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_annotate.cli.console import say, watched
from tui_annotate.cli.find_datasets import existing_answers
from tui_annotate.cli.output import write_json_lines, writes_file
from tui_annotate.errors import ExportError
from tui_annotate.exchange.atomic_files import disk_failure, whole_file
from tui_annotate.exchange.jsonl import lines
from tui_annotate.task.schema import DECISIONS, Decision
from tui_annotate.text.amounts import plural
from tui_annotate.waiting import here

if TYPE_CHECKING:
    from tui_annotate.store.records import StoredAnswer

_ENDINGS = (".jsonl", ".json", ".ndjson")
"""How paths end that mean a file and no folder."""


@click.command("db-out")
@click.argument("dataset")
@click.argument("out_dir", required=False, type=click.Path(path_type=Path))
@click.option("-A", "--answer", type=click.Choice(DECISIONS), help="Only these answers")
@click.option("-F", "--flagged-only", is_flag=True, help="Only flagged answers")
@click.option("-D", "--dry", is_flag=True, help="Write nothing; say how many answers there are")
def command(
    dataset: str, out_dir: Path | None, answer: Decision | None, flagged_only: bool, dry: bool
) -> None:
    """Write the answers of DATASET, or of a session, as JSON lines, one for each that stands.

    They go to stdout; with OUT_DIR to the file DATASET.jsonl in that folder, which is made. An
    OUT_DIR that ends in .jsonl and is no folder is the file itself, which must not be there yet.
    """
    with existing_answers(dataset) as (store, found):
        answers = _chosen(found.iterate(store, answer), flagged_only)
        passes = store.lookup.has_passes(found.dataset.id)
        if dry:
            count = _count(dataset, answers)
            say(f"{plural(count, 'answer')} of {dataset} would be written")
        elif out_dir is not None and str(out_dir) != "-":
            path = _target(dataset, out_dir)
            with watched(f"writing {path}"):
                count = write_lines(path, lines(answers, passes=passes))
            say(f"{plural(count, 'answer')} of {dataset} written to {path}")
        else:
            # What goes to a terminal, or to a reader such as a pager, is seen itself.
            with watched(f"writing {dataset}") if writes_file() else nullcontext():
                write_json_lines(lines(answers, passes=passes))


def _count(dataset: str, answers: Iterator[StoredAnswer]) -> int:
    """Return how many answers there are, and say how far the counting is."""
    count = 0
    with watched(f"counting {dataset}") as waiting, waiting.on("counting", unit="answers"):
        for _ in answers:
            count += 1
            waiting.at(count)
    return count


def _chosen(answers: Iterator[StoredAnswer], flagged_only: bool) -> Iterator[StoredAnswer]:
    return (each for each in answers if each.record.flagged) if flagged_only else answers


def write_lines(path: Path, found: Iterator[str]) -> int:
    """Write a file, complete or not at all, and return the number of lines.

    A plain file that is there already is replaced.

    Raises:
        ExportError: The path is a link, a folder or a device, or cannot be written.
    """
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        what, hint = "it is no folder", "Name a file in another one"
        raise ExportError(what, where=str(path.parent), hint=hint) from None
    except OSError as error:
        what = f"it cannot be written ({(error.strerror or str(error)).lower()})"
        raise disk_failure(error, str(path)) or ExportError(what, where=str(path)) from None
    waiting = here()
    with (
        waiting.on(f"writing {path}", unit="lines"),
        whole_file(path, overwrite=True) as staged,
        staged.open("w", encoding="utf-8") as file,
    ):
        for line in found:
            file.write(line)
            count += 1
            waiting.at(count)
    return count


def write_result(output: str, found: Iterator[str]) -> int | None:
    """Write lines of JSON to a file as `write_lines` does, or for `-` to stdout.

    Returns:
        The number of lines in the file; None for stdout.

    Raises:
        ExportError: As `write_lines` says.
    """
    if output != "-":
        return write_lines(Path(output), found)
    write_json_lines(found)
    return None


def _target(dataset: str, given: Path) -> Path:
    """Return the file to write: the path itself where it ends as a file of this format does and is
    no folder, else the dataset's file in that folder.

    Raises:
        ExportError: The path itself is meant, and there is a file: it may be something else.
    """
    if given.suffix.lower() not in _ENDINGS or given.is_dir():
        _check_folder(given)
        return given / f"{_file_name(dataset)}.jsonl"
    if os.path.lexists(given):
        hint = "Name another, remove it first, or name a folder"
        raise ExportError("there is such a file already", where=str(given), hint=hint)
    return given


def _check_folder(given: Path) -> None:
    """Refuse what is there and cannot hold a file, before anything is made of its name.

    Raises:
        ExportError: It is a file, a device or a pipe.
    """
    if not os.path.lexists(given) or given.is_dir():
        return
    if given.is_file():
        what, hint = "a file", "Name a folder, or a new file whose name ends in .jsonl"
    elif given.exists():
        what, hint = "a device or pipe", "To write into it, name none and add `> FILE`"
    else:
        what, hint = "a link to nothing", "Name a folder"
    raise ExportError(f"it is {what}, and no folder", where=str(given), hint=hint)


def _file_name(dataset: str) -> str:
    """Return a dataset's name as that of a file: it may hold anything, and no two become one."""
    if dataset in (".", ".."):
        return dataset.replace(".", "%2E")
    return "".join(f"%{ord(each):02X}" if each in "/\\%\0" else each for each in dataset)
