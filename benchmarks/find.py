"""What searches cost: an index of a million answers, and questions to it.

    python -m benchmarks.find [--answers N]

Half of the texts hold a name that comes again and again, one in a thousand a rare word. The goals
are for a million answers: 60 s for the index, 50 ms for a query, 0.3 s for `stats` beyond the start
of the program. The time for the index is processor time, and for fewer answers so much less.
A query is taken without the start, and as the quickest of five. The floor is what any index costs:
each answer is read and parsed, and its text goes into FTS5 as that comes; other work on the machine
slows both.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks._drive import finish, folder, report
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.agreement.answer_search import find_hits
from tui_annotate.agreement.index_update import update
from tui_annotate.store.answer_index import AnswerIndex, IndexQuery
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, NewAnswer
from tui_annotate.store.sqlite_binding import sqlite3
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps, loads_stored
from tui_annotate.waiting import Waiting

MILLION = 1_000_000
INDEX_SECONDS, QUERY_SECONDS, STATS_SECONDS = 60, 0.05, 0.3
ROUNDS = 5
NAMES = {"PERSON": "Ada Lovelace", "ORG": "Siemens", "LOC": "Paris"}
PEOPLE = 4
FREQUENT, RARE = "paris", "zyzzyva"


def tasks(count: int) -> Iterator[dict[str, Any]]:
    """Yield texts of about a hundred code points, each with two names that are marked."""
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(20_000)]
    for number in range(count):
        text, spans = f"Row {number}", []
        for label in chance.sample(list(NAMES), 2):
            text += f" {' '.join(chance.choices(words, k=6))} "
            spans.append({"start": len(text), "end": len(text) + len(NAMES[label]), "label": label})
            text += NAMES[label]
        yield {"text": f"{text} {RARE if number % 1000 == 7 else 'end'}.", "spans": spans}


def fill(store: Store, count: int) -> Dataset:
    """Make the answers of some people."""
    with store.write_txn():
        dataset = store.admin.dataset("speed")
        names = [f"ann{number}" for number in range(1, PEOPLE + 1)]
        sessions = [store.admin.session(dataset.id, f"speed-{name}", name) for name in names]

        def answers() -> Iterator[NewAnswer]:
            for number, task in enumerate(tasks(count)):
                identity = identify({"text": task["text"]})
                session = sessions[number % PEOPLE].id
                yield NewAnswer(
                    dataset.id, session, identity, dumps(task), "accept", "ner_manual",
                    1_700_000_000 + number, elapsed_ms=4000, flagged=number % 100 == 3,
                )  # fmt: skip

        store.answers.import_(dataset.id, answers())
    return dataset


def floor_seconds(store: Store, dataset: Dataset, file: Path) -> float:
    """Return the processor time of reading all answers and handing their texts to FTS5."""
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='')")
        start = process_time()
        read = ((each.id, each.content) for each in store.lookup.given_after(dataset.id, 0))
        texts = ((number, loads_stored(content)["text"]) for number, content in read)
        while some := list(islice(texts, 10_000)):
            db.execute("BEGIN")
            db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", some)
            db.execute("COMMIT")
        return process_time() - start


def quickest(store: Store, index: AnswerIndex, wanted: IndexQuery, text: str) -> float:
    """Return the seconds of the quickest of some searches for the first twenty answers."""
    found = []
    for _ in range(ROUNDS):
        start = perf_counter()
        answers = find_hits(store, index, wanted, text, 20, Waiting())
        found.append(perf_counter() - start)
        assert answers.hits, wanted
    return min(found)


def stats_seconds(place: Path, database: Path) -> float:
    """Return how much longer `stats` takes than `version`, each as the quickest of some."""
    taken = {}
    for words in (["version"], ["stats", "speed"]):
        each = []
        for _ in range(ROUNDS):
            start = perf_counter()
            done = run_headless(
                annotate_argv(*words), place, env={"TUI_ANNOTATE_DB": str(database)}
            )
            each.append(perf_counter() - start)
            assert done.returncode == 0, done.stderr
        taken[words[0]] = min(each)
    return taken["stats"] - taken["version"]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=MILLION)
    count = parser.parse_args().answers
    with folder() as place:
        os.environ["XDG_CACHE_HOME"] = str(place / "cache")
        database = place / "speed.db"
        with open_store(database) as store:
            dataset = fill(store, count)
            with AnswerIndex(store.path, dataset.name) as index:
                start = process_time()
                update(store, dataset, index, Waiting())
                spent, goal = process_time() - start, INDEX_SECONDS * count / MILLION
                report(f"index of {count:,} answers", spent, "s", f"<= {goal:g}", spent <= goal)
                floor = floor_seconds(store, dataset, place / "floor.db")
                sys.stdout.write(f"that is {spent / floor:.1f} times the floor, {floor:.1f} s\n")
                size = sum(each.stat().st_size for each in (place / "cache").rglob("*.db"))
                sys.stdout.write(f"its size: {size / 1e6:,.0f} MB\n")
                for name, wanted, text in (
                    ("a frequent word", IndexQuery(FREQUENT), FREQUENT),
                    ("a rare word", IndexQuery(RARE), RARE),
                    ("a frequent phrase", IndexQuery("ada lovelace"), "ada lovelace"),
                    ("a word of one person with a label",
                     IndexQuery(FREQUENT, labels=("LOC",), sessions=("speed-ann1",)), FREQUENT),
                    ("flagged ones", IndexQuery(flagged=True), ""),
                    ("all that one person marked so",
                     IndexQuery(surface="paris", sessions=("speed-ann3",)), "paris"),
                    ("a label of one person",
                     IndexQuery(labels=("LOC",), sessions=("speed-ann1",)), ""),
                ):  # fmt: skip
                    spent = quickest(store, index, wanted, text)
                    ok = spent <= QUERY_SECONDS
                    report(name, spent * 1000, "ms", f"<= {QUERY_SECONDS * 1000:g}", ok)
        spent = stats_seconds(place, database)
        report("stats", spent, "s", f"<= {STATS_SECONDS}", spent <= STATS_SECONDS)
    finish()


if __name__ == "__main__":
    main()
