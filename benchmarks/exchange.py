"""In and out: taking in, writing out and recognising rows, each beside bare `json`.

    python -m benchmarks.exchange [--rows 100000] [--stream-rows 1000000]

What is measured runs in this process, after the floor on the same file, so that a slow machine
slows both. Memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks._drive import finish, folder, report
from tests.support.environment import annotate_argv, clean_environment
from tests.support.processes import peak_memory

WORDS = ("Ada", "left", "the", "office", "of", "Globex", "in", "Tromsø", "before", "noon", ",")


def main() -> None:
    """Measure everything, or with `--hash FILE` only what a process of its own is needed for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--stream-rows", type=int, default=1_000_000)
    parser.add_argument("--hash", type=Path)
    given = parser.parse_args()
    if given.hash is not None:
        print(json.dumps({"seconds": check_stream(given.hash), "memory": peak()}))
        return
    with folder() as place:
        measure_exchange(place, given.rows)
        measure_stream(place, "350-byte rows", 350, given.stream_rows, 0.15)
        measure_stream(place, "2 kB rows", 2000, given.stream_rows // 5, 0.3)
    finish()


def task(number: int) -> dict[str, Any]:
    """Return an answer with about 25 tokens and three spans."""
    words = [WORDS[(number + at) % len(WORDS)] for at in range(25)]
    words[0] = f"Row{number}"
    tokens, at = [], 0
    for index, word in enumerate(words):
        tokens.append({"text": word, "start": at, "end": at + len(word), "id": index, "ws": True})
        at += len(word) + 1
    spans = [
        {
            "start": tokens[first]["start"],
            "end": tokens[first + 1]["end"],
            "token_start": first,
            "token_end": first + 1,
            "label": "ORG",
        }
        for first in (2, 9, 17)
    ]
    return {
        "text": " ".join(words),
        "meta": {"source": "benchmark", "id": number},
        "_input_hash": number,
        "_task_hash": -number,
        "tokens": tokens,
        "spans": spans,
        "_view_id": "ner_manual",
        "answer": "accept",
        "_timestamp": 1_700_000_000 + number,
        "_annotator_id": "ada",
        "_session_id": "speed-ada",
    }


def plain(number: int, size: int) -> dict[str, Any]:
    """Return a row of about `size` bytes of JSON."""
    text = f"Row {number}: " + " ".join(
        WORDS[(number + at) % len(WORDS)] for at in range(size // 5)
    )
    return {"text": text[: size - 60], "meta": {"source": "benchmark", "id": number}}


def write(path: Path, rows: Iterator[dict[str, Any]]) -> Path:
    """Write JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_loads(path: Path) -> float:
    """Return the seconds of bare `json.loads` over a file."""

    def work() -> None:
        with path.open("rb") as file:
            for line in file:
                json.loads(line)

    return timed(work)


def bare_dumps(path: Path) -> float:
    """Return the seconds of bare `json.dumps` of a file's objects, without reading them."""
    seconds = 0.0
    with path.open("rb") as file:
        while lines := file.readlines(1 << 24):
            rows = [json.loads(line) for line in lines]
            seconds += timed(lambda rows=rows: [json.dumps(row) for row in rows])  # type: ignore[misc]
    return seconds


def run(place: Path, *arguments: str | Path, out: Path | None = None) -> tuple[float, float]:
    """Run a command; return its seconds and the most memory that it held, in MB."""
    script = (
        "import resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:])\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(used, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    start = time.perf_counter()
    with (out or Path("/dev/null")).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-c", script, *annotate_argv(*arguments)],
            stdout=file,
            stderr=subprocess.PIPE,
            env=clean_environment(place / "home"),
            check=False,
        )
    seconds = time.perf_counter() - start
    said = done.stderr.decode().splitlines()
    if done.returncode:
        sys.exit("\n".join(said))
    return seconds, int(said[-1]) / 1000


def measure_exchange(place: Path, rows: int) -> None:
    """Measure `db-in` and `db-out` of rows with tokens and spans."""
    path = write(place / "answers.jsonl", map(task, range(rows)))
    few = write(place / "few.jsonl", map(task, range(rows // 10)))
    print(f"{rows:,} rows of {path.stat().st_size / rows:,.0f} bytes", flush=True)
    floor = min(bare_loads(path), bare_loads(path))
    seconds, memory = run(place, "db-in", "speed", path)
    ratio = seconds / floor
    report("json.loads", floor, "s", "the floor", ok=True)
    report("db-in, durable", ratio, "x json.loads", "<= 4", ok=ratio <= 4)
    report("db-in memory", memory, "MB", "<= 150", ok=memory <= 150)
    again, _ = run(place, "db-in", "speed", path)
    report("db-in of the same file", again / floor, "x json.loads", "<= 8", ok=again <= 8 * floor)
    floor = bare_dumps(path)
    seconds, memory = run(place, "db-out", "speed", out=place / "out.jsonl")
    ratio = seconds / floor
    report("json.dumps", floor, "s", "the floor", ok=True)
    report("db-out", ratio, "x json.dumps", "<= 2.5", ok=ratio <= 2.5)
    run(place, "db-in", "few", few)
    _, small = run(place, "db-out", "few")
    grown = memory - small
    report("db-out memory, 10 times the rows", grown, "MB more", "<= 10", ok=grown <= 10)
    written = sum(1 for _ in (place / "out.jsonl").open("rb"))
    report("db-out rows", written, "", f"{rows:,}", ok=written == rows)


def measure_stream(place: Path, name: str, size: int, rows: int, goal: float) -> None:
    """Measure hashing a stream and checking it against the store, in a process of its own."""
    path = write(place / "stream.jsonl", (plain(number, size) for number in range(rows)))
    floor = min(bare_loads(path), bare_loads(path))
    argv = [sys.executable, "-m", "benchmarks.exchange", "--hash", str(path)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    speed = floor / found["seconds"]
    report(f"hash and check, {rows:,} {name}", speed, "x json.loads speed", f">= {goal}",
           ok=speed >= goal)  # fmt: skip
    report(f"memory, {name}", found["memory"], "MB", "< 100", ok=found["memory"] < 100)


def check_stream(path: Path) -> float:
    """Return the seconds from the first row to the last through ledger and store."""
    from tui_annotate.sources.registry import open_source
    from tui_annotate.store.database import open_store
    from tui_annotate.stream.ledger import Ledger
    from tui_annotate.stream.records import Exclusion

    with open_store(path.with_suffix(".db")) as store:
        with store.write_txn():
            dataset = store.admin.dataset("speed")
            session = store.admin.session(dataset.id, "speed-ada", "ada")
        excluded = Exclusion("excluded")

        def known(identity: Any) -> Exclusion | None:
            store.answers.known([dataset.id], identity, "input", None)
            return excluded

        ledger = Ledger(
            open_source(path),
            answered=lambda identity: store.answers.known(
                [dataset.id], identity, "task", session.id
            ),
            known=known,
        )
        return timed(lambda: sum(1 for _ in ledger.outgoing(ledger.incoming())))


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return peak_memory(os.getpid()) / 1e6


if __name__ == "__main__":
    main()
