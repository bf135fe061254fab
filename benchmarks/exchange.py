"""In and out: taking in, writing out and recognising rows, each beside bare `json`.

    python -m benchmarks.exchange [--rows 100000] [--stream-rows 1000000]
    python -m benchmarks.exchange --server    # only: taking in, on a PostgreSQL server and a file

Times are processor times, of the program and of the floor on the same file, so that what else the
machine does slows neither. The start of the program counts. On a server the time on the clock is
compared, because the server works as well; it keeps its files on the disk and waits for that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any, NamedTuple

import mmh3

from benchmarks._drive import finish, folder, report
from tests.support.environment import annotate_argv, clean_environment
from tests.support.server import running


class Run(NamedTuple):
    """One run of a command: processor time and time on the clock in seconds, memory in MB."""

    seconds: float
    wall: float
    memory: float


WORDS = ("Ada", "left", "the", "office", "of", "Globex", "in", "Tromsø", "before", "noon", ",")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--stream-rows", type=int, default=1_000_000)
    parser.add_argument("--server", action="store_true", help="import on a server beside a file")
    given = parser.parse_args()
    if given.server:
        with folder() as place:
            measure_server(place, given.rows)
        finish()
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
    """Return the processor time that something takes, in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def bare_loads(path: Path) -> float:
    """Return the seconds of bare `json.loads` over a file."""

    def work() -> None:
        with path.open("rb") as file:
            for line in file:
                json.loads(line)

    return timed(work)


def bare_hashes(path: Path) -> float:
    """Return the seconds of reading a file's rows and taking both hashes and keys of their texts.

    The least that the scheme asks for: no checks, no positions, no look-up. The question is hashed
    without what it holds beside the text.
    """

    def work() -> None:
        with path.open("rb") as file:
            for line in file:
                body = f"text={encode_basestring_ascii(json.loads(line)['text'])}".encode("ascii")
                question = b"%d%b" % (mmh3.hash(body), body)
                mmh3.hash(question)
                for each in (body, question):
                    blake2b(each, digest_size=16).digest()

    return timed(work)


def bare_dumps(path: Path) -> float:
    """Return the seconds of bare `json.dumps` of a file's objects, without reading them."""
    seconds = 0.0
    with path.open("rb") as file:
        while lines := file.readlines(1 << 24):
            rows = [json.loads(line) for line in lines]
            seconds += timed(lambda rows=rows: [json.dumps(row) for row in rows])  # type: ignore[misc]
    return seconds


def run(
    place: Path, *arguments: str | Path, out: Path | None = None, store: Path | None = None
) -> Run:
    """Run a command to its end.

    Args:
        place: A folder; the program's home lies in it.
        arguments: The command line.
        out: Where its output goes.
        store: The database, where it is not the one of that home.
    """
    environment = clean_environment(place / "home")
    if store is not None:
        environment["TUI_ANNOTATE_DB"] = str(store)
    script = (
        "import resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:])\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    start = time.perf_counter()
    with (out or Path("/dev/null")).open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-c", script, *annotate_argv(*arguments)],
            stdout=file,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    wall = time.perf_counter() - start
    said = done.stderr.decode().splitlines()
    if done.returncode:
        sys.exit("\n".join(said))
    memory, seconds = said[-1].split()
    return Run(float(seconds), wall, int(memory) / 1000)


def measure_server(place: Path, rows: int) -> None:
    """Import the same rows into a file and on a server, in turns."""
    source = write(place / "answers.jsonl", (task(number) for number in range(rows)))
    spent: dict[str, list[float]] = {"a file": [], "a server": []}
    with running(on_disk=True, fsync="on") as server:
        for turn in range(3):
            stores = {"a file": place / f"store{turn}.db", "a server": server.store()}
            for name, store in stores.items():
                found = run(place, "db-in", "speed", source, store=store)
                report(f"import into {name}", found.wall, "s", "as it comes", ok=True)
                spent[name].append(found.wall)
    ratio = min(spent["a server"]) / min(spent["a file"])
    report(
        f"import of {rows:,} rows on a server, of that into a file", ratio, "", "<= 3", ratio <= 3
    )


def measure_exchange(place: Path, rows: int) -> None:
    """Measure `db-in` and `db-out` of rows with tokens and spans."""
    path = write(place / "answers.jsonl", map(task, range(rows)))
    few = write(place / "few.jsonl", map(task, range(rows // 10)))
    print(f"{rows:,} rows of {path.stat().st_size / rows:,.0f} bytes", flush=True)
    floor = min(bare_loads(path), bare_loads(path))
    first = run(place, "db-in", "speed", path)
    ratio, memory = first.seconds / floor, first.memory
    report("db-in on the clock", first.wall, "s", "none", ok=True)
    report("json.loads", floor, "s", "the floor", ok=True)
    report("db-in, durable", ratio, "x json.loads", "<= 4", ok=ratio <= 4)
    report("db-in memory", memory, "MB", "<= 150", ok=memory <= 150)
    again = run(place, "db-in", "speed", path).seconds
    report("db-in of the same file", again / floor, "x json.loads", "<= 8", ok=again <= 8 * floor)
    floor = bare_dumps(path)
    done = run(place, "db-out", "speed", out=place / "out.jsonl")
    ratio, memory = done.seconds / floor, done.memory
    report("json.dumps", floor, "s", "the floor", ok=True)
    report("db-out", ratio, "x json.dumps", "<= 2.5", ok=ratio <= 2.5)
    run(place, "db-in", "few", few)
    grown = memory - run(place, "db-out", "few").memory
    report("db-out memory, 10 times the rows", grown, "MB more", "<= 10", ok=grown <= 10)
    written = sum(1 for _ in (place / "out.jsonl").open("rb"))
    report("db-out rows", written, "", f"{rows:,}", ok=written == rows)


def measure_stream(place: Path, name: str, size: int, rows: int, goal: float) -> None:
    """Measure hashing a stream and checking it against the store, in a process of its own."""
    path = write(place / "stream.jsonl", (plain(number, size) for number in range(rows)))
    floor = min(bare_loads(path), bare_loads(path))
    argv = [sys.executable, "-m", "benchmarks._hashing", str(path)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    speed, most = floor / found["seconds"], floor / bare_hashes(path)
    report(f"json.loads and bare hashes, {name}", most, "x json.loads speed", "the floor", ok=True)
    report(f"hash and check, {rows:,} {name}", speed, "x json.loads speed", f">= {goal}",
           ok=speed >= goal)  # fmt: skip
    report(f"memory, {name}", found["memory"], "MB", "< 100", ok=found["memory"] < 100)


if __name__ == "__main__":
    main()
