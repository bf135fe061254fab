"""`tui-annotate team` and `assign`: what each person did, how fast, in how much agreement; and what
somebody who leaves hands on."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection
from itertools import combinations
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.console import confirm, local_time, print_rows, say
from tui_annotate.cli.find_datasets import dataset_argument, existing_dataset
from tui_annotate.cli.output import print_json, write_file
from tui_annotate.cli.settings import load_settings
from tui_annotate.errors import UsageError, nearest
from tui_annotate.session.process_owner import now_at_work
from tui_annotate.session.sharing import wanted_of_average
from tui_annotate.store.answer_index import forget_index
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import shell_command

if TYPE_CHECKING:
    from tui_annotate.agreement.answers import Judgement, ReadAnswers
    from tui_annotate.store.database import Store
    from tui_annotate.store.people import Day
    from tui_annotate.store.records import Dataset, StoredSession

_INPUT_KEY = 16
"""Bytes at the start of a claim's key that are the key of its input."""

_HEADINGS = (
    *("annotator", "answers", "accept", "reject", "ignore", "hours", "seconds", "late"),
    *("waiting", "in hand", "shared", "agree %"),
)


@click.command("team")
@dataset_argument
@click.option(
    "--per-task",
    type=click.FloatRange(0, min_open=True),
    help="How many people are wanted for a task; else as the project says, or 1",
)
@click.option("--own", is_flag=True, help="Your own answers and hours only, day by day")
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table with commas")
@click.option("--anonymise", metavar="NAME", help="Take this name out; the answers stay")
@click.option("-y", "--yes", is_flag=True, help="With --anonymise: do not ask")
def command(
    dataset: str,
    per_task: float | None,
    own: bool,
    as_json: bool,
    as_csv: bool,
    anonymise: str | None,
    yes: bool,
) -> int:
    """Say what each person did in DATASET, how fast, and with how much agreement.

    "hours" are the time at work as `stats` counts it, without pauses, and "seconds" the mean of an
    answer. "late" answers came after their task had gone on to somebody else.
    "shared" tasks were answered by others too; "agree %" of the comparisons with each of those say
    the same. Labels follow: of what two people gave a label to, "agree %" have it from both. Then
    days, and the states of tasks: "new", "in progress" (in somebody's hand), "begun" (answered by
    fewer people than are wanted) and "done".
    """
    if anonymise is not None:
        return _anonymise(dataset, anonymise, yes)
    with existing_dataset(dataset) as (store, found):
        report = _report(store, found, annotator_name(None) if own else None)
        if not own:
            report["states"] = _states(store, found, per_task)
    if as_json:
        print_json(report)
    elif as_csv:
        table = io.StringIO(newline="")
        csv.writer(table, lineterminator="\n").writerows(_csv_rows(report))
        write_file(io.BytesIO(table.getvalue().encode()), is_json=False)
    else:
        _print(report)
    return 0


def _report(store: Store, dataset: Dataset, only: str | None) -> dict[str, Any]:
    """Return everything as JSON values; of one person alone without what others said."""
    days = store.people.days(dataset.id)
    work = _work(store, dataset)
    counts = store.lookup.counts_by_session(dataset.id)
    sessions = [each for each in store.admin.sessions(dataset.id) if only in (None, each.annotator)]
    compared = _Compared(store, dataset) if only is None else None
    people: dict[str, dict[str, Any]] = {}
    for session in sessions:
        line = people.setdefault(session.annotator, _empty(session.annotator))
        _add(
            line,
            counts.get(session.id, {}),
            [each for each in days if each.session_id == session.id],
            work.get(session.name, {}),
        )
        line["waiting"] += store.people.waiting_count(session.id)
        line["in_hand"] += store.progress.in_hand(session.id)[0]
    for line in people.values():
        _finish(line)
        if compared is not None:
            compared.add_to(line)
    report: dict[str, Any] = {
        "dataset": dataset.name,
        "people": list(people.values()),
        "in_progress": [
            {"annotator": each.annotator, "since": each.claimed_at, "key": each.key.hex()}
            for each in store.progress.in_progress(dataset.id)
            if only in (None, each.annotator)
        ],
    }
    if compared is not None:
        report["labels"] = compared.labels()
    return report


def _states(store: Store, dataset: Dataset, per_task: float | None) -> dict[str, Any]:
    """Return how many tasks are in which state; None for new ones where rows were not counted."""
    wanted = _wanted(store, dataset, per_task)
    claimed = {each.key for each in store.progress.in_progress(dataset.id)}
    inputs = {key[:_INPUT_KEY] for key in claimed}
    fresh = set(inputs)
    named = store.people.named_by_rows(dataset.id)
    done = begun = without_row = 0
    for task in store.people.answered_tasks(dataset.id):
        fresh.discard(task.input_key)
        without_row += not task.has_row
        enough = named.get(task.input_key) or wanted_of_average(wanted, task.task_hash)
        if task.people >= enough:
            done += 1
        elif task.input_key not in inputs:
            begun += 1
    asked = store.accounts.asked(dataset.id, store.accounts.of(dataset.id))
    rows, new = asked.rows, None
    if rows is not None:
        # Of imported answers nobody knows the row until it is read: they are taken for rows here.
        new = max(0, rows - asked.answered - max(asked.known, without_row) - len(fresh))
    found = {"new": new, "in_progress": len(claimed), "begun": begun, "done": done}
    return {"people_per_task": wanted, "rows": rows, **found}


def _wanted(store: Store, dataset: Dataset, per_task: float | None) -> float:
    """Return how many people are wanted for a task on average: as the caller says, else the project
    of this folder, else one."""
    if per_task is not None:
        return per_task
    project = load_settings().project
    if project is None or project.dataset != dataset.name:
        return 1.0
    if project.bound.get("annotations_per_task") is not None:
        return float(project.bound["annotations_per_task"])
    if not project.bound.get("feed_overlap"):
        return 1.0
    people = project.people or {each.annotator for each in store.admin.sessions(dataset.id)}
    return float(max(1, len(people)))


def _empty(annotator: str) -> dict[str, Any]:
    counts = dict.fromkeys(("answers", "accept", "reject", "ignore"), 0)
    rest = {"late": 0, "waiting": 0, "in_hand": 0, "days": {}}
    return {"annotator": annotator, **counts, "hours": 0.0, "seconds": None, **rest}


def _work(store: Store, dataset: Dataset) -> dict[str, dict[str, tuple[int, int]]]:
    """Return the time at work as `stats` counts it: session -> day -> timed answers, and ms."""
    # Of the commands of this module only this one counts answers.
    from tui_annotate.cli.stats import take_periods

    found: dict[str, dict[str, tuple[int, int]]] = {}
    for each in take_periods(store, dataset):
        days = found.setdefault(each.session, {})
        day = time.strftime("%Y-%m-%d", time.localtime(each.begins))
        timed, spent = days.get(day, (0, 0))
        days[day] = timed + each.timed, spent + each.working_ms
    return found


def _add(
    line: dict[str, Any],
    counts: dict[str, int],
    days: list[Day],
    work: dict[str, tuple[int, int]],
) -> None:
    for decision in ("accept", "reject", "ignore"):
        line[decision] += counts.get(decision, 0)
        line["answers"] += counts.get(decision, 0)
    for each in days:
        day = line["days"].setdefault(each.day, {"answers": 0, "timed": 0, "working_ms": 0})
        timed, spent = work.get(each.day, (0, 0))
        day["answers"] += each.answers
        day["timed"] += timed
        day["working_ms"] += spent
        line["late"] += each.late


def _finish(line: dict[str, Any]) -> None:
    """Turn milliseconds into hours and seconds."""
    timed = sum(day["timed"] for day in line["days"].values())
    spent = sum(day["working_ms"] for day in line["days"].values())
    line["hours"] = round(spent / 3_600_000, 2)
    line["seconds"] = round(spent / timed / 1000, 1) if timed else None
    for day in line["days"].values():
        day["hours"] = round(day.pop("working_ms") / 3_600_000, 2)
        del day["timed"]


class _Compared:
    """What people said, compared with each other."""

    def __init__(self, store: Store, dataset: Dataset) -> None:
        # Of the commands of this module only this one compares, and `--own` does not.
        from tui_annotate.agreement.answers import compared, read

        self._shared: Counter[str] = Counter()
        self._pairs: Counter[str] = Counter()
        self._agreed: Counter[str] = Counter()
        self._labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._given: Counter[str] = Counter()
        self._both: Counter[str] = Counter()
        taken: ReadAnswers = read(store, [dataset])
        for each in taken.inputs:
            for who, said in each.said.items():
                self._labels[who].update(_labels_of(said))
            for one, other in combinations(each.said.values(), 2):
                self._compare_labels(one, other)
            shared: dict[str, set[str]] = {who: set() for who in each.said}
            for (who, said), (name, other) in combinations(each.said.items(), 2):
                found = compared(said, other)
                for person in (who, name):
                    shared[person].update(found)
                    self._pairs[person] += len(found)
                    self._agreed[person] += sum(found.values())
            self._shared.update({who: len(questions) for who, questions in shared.items()})

    def _compare_labels(self, one: Judgement, other: Judgement) -> None:
        """Count what two people gave each label to, and what both of them did."""
        first, second = (Counter(_labelled(said)) for said in (one, other))
        for found in (first, second):
            for (label, _), count in found.items():
                self._given[label] += count
        for (label, _), count in (first & second).items():
            self._both[label] += count

    def labels(self) -> dict[str, dict[str, Any]]:
        """Return for each label how often it was given, and how far two people agree on it: of what
        either of two gave it to, the share that has it from both, each counted once for each."""
        counts: Counter[str] = sum(self._labels.values(), Counter())
        return {
            label: {
                "given": counts[label],
                "agreement": round(2 * self._both[label] / self._given[label], 4)
                if self._given[label]
                else None,
            }
            for label in sorted(counts)
        }

    def add_to(self, line: dict[str, Any]) -> None:
        """Put a person's figures into the person's line."""
        who = line["annotator"]
        pairs = self._pairs[who]
        line["shared"] = self._shared[who]
        line["agreement"] = round(self._agreed[who] / pairs, 4) if pairs else None
        line["labels"] = dict(sorted(self._labels[who].items()))


def _labels_of(said: Judgement) -> list[str]:
    """Return the labels that an answer gives, as often as it does."""
    return [label for label, _ in _labelled(said)]


def _labelled(said: Judgement) -> list[tuple[str, Any]]:
    """Return the labels that an answer gives, each with what it gives it to."""
    found: list[tuple[str, Any]] = [(each[-1], each) for each in said.spans or ()]
    found += [(label, None) for label, has in said.classes.items() if has]
    found += [(each[-1], each) for each in said.relations or ()]
    if not said.classes and said.spans is None:
        accepted = (key for key, verdict in said.verdicts.items() if key and verdict == "accept")
        found += [(key, None) for key in accepted]
    return found


def _row(line: dict[str, Any]) -> tuple[Any, ...]:
    return (
        *(line[key] for key in ("annotator", "answers", "accept", "reject", "ignore", "hours")),
        *(line[key] for key in ("seconds", "late", "waiting", "in_hand")),
        line.get("shared"),
        _percent(line.get("agreement")),
    )


def _csv_rows(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return one row for each person, and for each label and each day of a person."""
    rows: list[tuple[Any, ...]] = [("what", "name", *_HEADINGS)]
    for line in report["people"]:
        rows.append(("person", "", *_row(line)))
        for label, count in line.get("labels", {}).items():
            rows.append(("label", label, line["annotator"], count))
        for day, each in line["days"].items():
            rows.append(("day", day, line["annotator"], each["answers"], "", "", "", each["hours"]))
    for label, each in report.get("labels", {}).items():
        share = _percent(each["agreement"])
        rows.append(("label", label, "", each["given"], *[""] * 9, share))
    for state in ("new", "in_progress", "begun", "done"):
        if "states" in report:
            rows.append(("state", state.replace("_", " "), "", report["states"][state]))
    return rows


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _print(report: dict[str, Any]) -> None:
    people = report["people"]
    if not people:
        say("Nobody has worked on it.")
        return
    print_rows([_HEADINGS, *(_row(line) for line in people)])
    labels = sorted({label for line in people for label in line.get("labels", {})})
    if labels:
        names = [line["annotator"] for line in people]
        click.echo("")
        print_rows(
            [
                ("label", *names, "agree %"),
                *(
                    (
                        each,
                        *(line["labels"].get(each, 0) for line in people),
                        _percent(report["labels"][each]["agreement"]),
                    )
                    for each in labels
                ),
            ]
        )
    days = [(day, line["annotator"], each) for line in people for day, each in line["days"].items()]
    if days:
        click.echo("")
        rows = [
            (day, who, each["answers"], each["hours"])
            for day, who, each in sorted(days, key=lambda d: d[:2])
        ]
        print_rows([("day", "annotator", "answers", "hours"), *rows])
    states = report.get("states")
    if states is not None:
        new = "new ones not counted" if states["new"] is None else f"{states['new']:,} new"
        click.echo("")
        click.echo(
            f"tasks: {new}, {states['in_progress']:,} in progress, {states['begun']:,} begun"
            f" (answered by fewer than {states['people_per_task']:g}), {states['done']:,} done"
        )
    for each in report["in_progress"]:
        say(f"{each['annotator']} has a task in hand since {local_time(each['since'])}")


def _anonymise(dataset: str, name: str, yes: bool) -> int:
    """Replace a name everywhere in the database by one that says nothing."""
    with existing_dataset(dataset) as (store, found):
        sessions = store.admin.sessions(found.id)
        _check_person(sessions, name, dataset)
        for session in store.admin.sessions_of(name):
            _check_ended(store, session, name)
        known = set(store.admin.annotators())
        number = next(n for n in range(1, len(known) + 2) if f"annotator{n}" not in known)
        other = f"annotator{number}"
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError("nobody can be asked here", where="team", hint="Use --yes")
            if not confirm(f"Call {name} {other} from now on, in all datasets, for ever?"):
                say("nothing was changed")
                return 1
        with store.write_txn():
            datasets = {each.dataset_id for each in store.admin.sessions_of(name)}
            count = store.people.rename(name, other)
        _forget_indexes(store, datasets)
    say(f"{name} is {other} in {plural(count, 'session')}; the answers stay.")
    say("Backups, exports and free pages of the database may still hold the name.")
    return 0


def _forget_indexes(store: Store, datasets: Collection[int]) -> None:
    """Remove the indexes for searches, which hold the name and are made anew."""
    for each in store.admin.datasets():
        if each.id not in datasets:
            continue
        try:
            forget_index(store.path, each.name)
        except OSError as error:
            why = (error.strerror or "").lower()
            say(f"{error.filename} holds the name still, and cannot be removed ({why})")


@click.command("assign")
@click.argument("dataset")
@click.argument("giver")
@click.argument("taker")
def assign(dataset: str, giver: str, taker: str) -> int:
    """Hand what GIVER has left in DATASET on to TAKER: waiting tasks and drafts.

    What TAKER has answered or begun already stays with GIVER. Tasks that GIVER has in hand go back
    to everybody. The answers of GIVER stay as they are.
    """
    if giver == taker:
        raise UsageError("both are the same person", where=taker, hint="Name another one")
    _check_is_of_project(taker, dataset)
    with existing_dataset(dataset) as (store, found):
        sessions = store.admin.sessions(found.id)
        givers = _check_person(sessions, giver, dataset)
        for session in givers:
            _check_ended(store, session, giver)
        with store.write_txn():
            target = next((each for each in sessions if each.annotator == taker), None)
            if target is None:
                target = store.admin.session(found.id, f"{dataset}-{taker}", taker)
            done = [store.people.hand_over(found.id, each.id, target.id) for each in givers]
    waiting = sum(each.waiting for each in done)
    drafts = sum(each.drafts for each in done)
    say(
        f"{plural(waiting, 'waiting task')} and {plural(drafts, 'draft')} of {giver} are {taker}'s."
    )
    kept = sum(each.kept for each in done)
    if kept:
        say(f"{kept:,} stay with {giver}, because {taker} has answered or begun them.")
    claims = sum(each.claims for each in done)
    if claims:
        say(f"{plural(claims, 'task')} in hand went back to everybody.")
    return 0


def _check_person(sessions: list[StoredSession], name: str, dataset: str) -> list[StoredSession]:
    """Return the sessions of a person.

    Raises:
        UsageError: There are none.
    """
    found = [each for each in sessions if each.annotator == name]
    if not found:
        names = sorted({each.annotator for each in sessions})
        hint = nearest(name, names) if names else "Nobody has worked on it yet"
        raise UsageError(f"{name!r} has no session in {dataset}", where=name, hint=hint)
    return found


def _check_is_of_project(name: str, dataset: str) -> None:
    """Raise `UsageError` where the project of this folder names its people, and not this one: what
    is handed to nobody comes to nobody."""
    project = load_settings().project
    if project is None or project.dataset != dataset or not project.people:
        return
    if name not in project.people:
        what = f"{name!r} is not among the 'people' of {project.file}"
        raise UsageError(what, where=name, hint=nearest(name, list(project.people)))


def _check_ended(store: Store, session: StoredSession, name: str) -> None:
    """Raise `UsageError` where somebody is at work in a session."""
    visit = store.visits.newest(session.id)
    place = now_at_work(visit, store.time()) if visit is not None else ""
    if place:
        end = shell_command(("tui-annotate", "who", "--end", name))
        hint = f"End it first: {end or 'tui-annotate who --end NAME'}"
        raise UsageError(f"{name} is at work ({place})", where=session.name, hint=hint)
