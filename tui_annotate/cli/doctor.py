"""`tui-annotate doctor`: looks the database over, and repairs what can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import clear_line, watched
from tui_annotate.cli.find_datasets import existing_store
from tui_annotate.data_paths import database_path
from tui_annotate.errors import TaskError, TuiAnnotateError
from tui_annotate.exchange.importer import cut_short
from tui_annotate.private_file import begun
from tui_annotate.session.source_position import fingerprint_of
from tui_annotate.sources.base import SourceChange
from tui_annotate.sources.compressed import open_file
from tui_annotate.store import diagnostics
from tui_annotate.store.recover import recover
from tui_annotate.store.removal import PURGING, unfinished_copies
from tui_annotate.task.hashing import identify
from tui_annotate.task.stored_tokens import loads_content
from tui_annotate.task.tokenize import Tokens
from tui_annotate.text.safe import safe_line, shell_command
from tui_annotate.unfinished_files import stale
from tui_annotate.waiting import counted, here

if TYPE_CHECKING:
    from tui_annotate.store.database import Store
    from tui_annotate.store.records import Dataset, StoredAnswer
    from tui_annotate.task.schema import Task


SHOWN = 5
"""How many problems of one kind are listed."""


def answer_problems(store: Store, dataset: Dataset) -> Iterator[str]:
    """Yield what is wrong with the answers that stand; each is read, in constant memory."""
    waiting, total = here(), sum(store.answers.counts(dataset.id).values())
    with waiting.on(f"reading answers of {dataset.name}", of=total, unit="answers"):
        for stored in counted(store.answers.iterate(dataset.id)):
            yield from _of_answer(stored, dataset)


def _of_answer(stored: StoredAnswer, dataset: Dataset) -> Iterator[str]:
    for problem in _problems(stored, dataset):
        yield f"answer {stored.id} in {dataset.name}: {problem}"


def _problems(stored: StoredAnswer, dataset: Dataset) -> Iterator[str]:
    try:
        task = loads_content(stored.record.content)
    except TaskError as error:
        yield f"its content is no JSON object ({error.what})"
        return
    yield from _offset_problems(task)
    try:
        found = identify(dict(task), replace(dataset.settings))
    except TaskError as error:
        yield f"it cannot be hashed ({error.what})"
        return
    if found.input_key != stored.record.identity.input_key:
        yield "its input is not the one it was asked with"


def _offset_problems(task: Task) -> Iterator[str]:
    text = task.get("text")
    if not isinstance(text, str):
        return
    tokens = [each for each in task.get("tokens") or () if isinstance(each, dict)]
    try:
        Tokens.from_dicts(text, task.get("tokens") or [])
    except TaskError as error:
        yield error.what
    for number, span in enumerate(task.get("spans") or ()):
        start, end = _int(span, "start"), _int(span, "end")
        if not 0 <= start < end <= len(text):
            yield f"span {number} ({start}-{end}) is not within the text"
        elif tokens and not _fits(span, tokens):
            yield f"span {number} ({start}-{end}) does not begin and end with its tokens"


def _fits(span: dict[str, Any], tokens: list[dict[str, Any]]) -> bool:
    first, last = span.get("token_start"), span.get("token_end")
    if not isinstance(first, int) or not isinstance(last, int):
        return True
    if not 0 <= first <= last < len(tokens):
        return False
    return (tokens[first]["start"], tokens[last]["end"]) == (span["start"], span["end"])


def _int(value: Any, key: str) -> int:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) else -1


def source_notes(store: Store) -> Iterator[str]:
    """Yield how every source compares with what the newest cursor in it remembers."""
    for dataset in store.admin.datasets():
        for session in store.admin.sessions(dataset.id):
            for cursor in store.progress.cursors(session.id):
                source = store.admin.get_source(cursor.key.source_id)
                if source is not None and cursor.version:
                    told = _compared(source.identity, cursor)
                    yield f"{source.identity} ({session.name}): {told}"


def _compared(path: str, cursor: Any) -> str:
    if not Path(path).is_file():
        return "is not there; a moved file is found again when a session opens it"
    try:
        change = open_file(path).compare(fingerprint_of(cursor.state))
    except TuiAnnotateError as error:
        return error.what
    told = {
        SourceChange.SAME: "as it was",
        SourceChange.GROWN: "has grown",
        SourceChange.CHANGED: "has changed; the next session reads it again from the start",
        SourceChange.UNKNOWN: "cannot be compared; the next session reads it again from the start",
    }
    return told[change]


class Findings:
    """Prints one line for each thing looked at, and counts what is wrong."""

    def __init__(self) -> None:
        self.wrong = 0

    def tell(self, name: str, text: str) -> None:
        """Print something that is as it is."""
        clear_line()
        click.echo(safe_line(f"{name:<12}{text}"))

    def check(self, name: str, problems: Iterable[str], sound: str) -> int:
        """Print the first problems of a kind, or that there are none; return how many."""
        found = iter(problems)
        shown = list(islice(found, SHOWN))
        more = sum(1 for _ in found)
        for problem in shown:
            self.tell(name, f"WRONG: {problem}")
        if more:
            self.tell(name, f"WRONG: {more:,} more of these")
        if not shown:
            self.tell(name, sound)
        self.wrong += len(shown) + more
        return len(shown) + more


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Build anew what is derived from the answers")
@click.option(
    "--recover",
    metavar="NEW_FILE",
    type=click.Path(path_type=Path),
    help="Copy everything that can be read of a damaged database to a new file",
)
def command(repair: bool, recover: Path | None) -> int:
    """Look the database over: integrity, answers, cursors, files, engine, cost of a commit.

    Nothing is changed without --repair. Exits with 1 where something is wrong.
    """
    if recover is not None:
        return _recover(recover)

    findings = Findings()
    with existing_store() as store, watched("looking the database over"):
        store.need_all_rows()
        findings.tell("file" if store.engine == "sqlite" else "server", str(store.path))
        _engine(store, findings)
        if findings.check("integrity", store.admin.check(full=True), "sound"):
            findings.tell("", "tui-annotate doctor --recover NEW_FILE copies what can be read")
            return 1
        _content(store, findings)
        _derived(store, findings, repair=repair)
        if store.engine == "sqlite":
            _cut_short(store.path, findings)
    click.echo(f"{findings.wrong} problems" if findings.wrong else "nothing is wrong")
    return 1 if findings.wrong else 0


def _engine(store: Store, findings: Findings) -> None:
    journal = store.journal_mode
    if store.engine != "sqlite":
        findings.tell("engine", journal)
        return
    gate = "refused: the database's own lock has to do" if store.gate_refused else "in use"
    findings.tell("file system", f"{store.filesystem or 'unknown'}, journal {journal}")
    if store.several_hosts:
        findings.tell(
            "", "several hosts may share it, but locks may not reach from one to another;"
        )
        findings.tell("", "use it from one host at a time: others are refused until it is left")
    findings.tell("write gate", gate)
    version = diagnostics.engine_version()
    defect = "; writes of other programs could damage it, ours are kept apart by the gate"
    findings.tell("SQLite", version + (defect if diagnostics.engine_has_wal_defect() else ""))
    findings.tell("commit", _cost(lambda: diagnostics.commit_cost(store.path.parent, journal)))
    findings.check("modes", diagnostics.loose_modes(store.path), "only the owner can read it")


def _cost(measure: Callable[[], float]) -> str:
    try:
        return f"{measure():.2f} ms, median of 20 beside the database"
    except Exception as error:
        return f"cannot be measured ({error})"


def _content(store: Store, findings: Findings) -> None:
    problems = (each for set_ in store.admin.datasets() for each in answer_problems(store, set_))
    findings.check("answers", problems, "offsets fit the texts, hashes fit the inputs")
    for note in source_notes(store):
        findings.tell("source", note)


def _derived(store: Store, findings: Findings, *, repair: bool) -> None:
    problems = store.derived.problems()
    if problems and repair:
        with store.write_txn():
            store.derived.rebuild()
        findings.tell("derived", f"repaired: {'; '.join(problems)}")
        problems = store.derived.problems()
    if findings.check("derived", problems, "current answers and counts are right") and not repair:
        findings.tell("", "tui-annotate doctor --repair builds them anew")


def _cut_short(database: Path, findings: Findings) -> None:
    """Name what killed commands have left: half an import, half a purge, unfinished copies."""
    again = "was cut short; the same command goes on"
    problems = [f"{what} into {name} {again}" for name, what in cut_short(database)]
    problems += [f"purge {name} {again}" for name in begun(database, PURGING)]
    findings.check("cut short", problems, "no import and no purge")
    left = [*unfinished_copies(database)]
    for folder in dict.fromkeys((database.parent, Path.cwd())):
        left += stale(folder)
    for each in dict.fromkeys(left):
        findings.tell("left over", f"{each}: of a command that was killed; delete it")


def _recover(target: Path) -> int:
    with watched("copying what can be read"):
        found = recover(database_path().absolute(), target.absolute())
    for table, rows in found.rows.items():
        lost = found.lost.get(table, 0)
        click.echo(f"{table:<18}{rows:,} rows" + (f", {lost:,} lost" if lost else ""))
    click.echo(safe_line(f"written to {target}; the damaged file was left as it is"))
    restore = shell_command(("tui-annotate", "restore"), (str(target),))
    click.echo(f"go on with it: {restore or 'tui-annotate restore FILE'}")
    return 1 if found.lost else 0
