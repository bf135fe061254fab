"""`tui-annotate export` as people and scripts run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.exchange.support import new_world, task
from tests.support.environment import ROOT, annotate_argv, clean_environment
from tui_annotate.exchange.registry import FORMATS, table


@pytest.fixture
def stored(home: Path) -> Path:
    """A database with three answers in it, where the commands look for it."""
    path = home / "data" / "tui-annotate" / "annotations.db"
    with new_world(path) as world:
        world.answer(task("Acme left 東京", (0, 4, "ORG"), (10, 12, "LOC")))
        world.answer(task("Berlin \x1b[31mis red", (0, 6, "LOC")), row=2)
        world.answer(task("nothing"), "reject")
    return path


def test_stdout_is_data_and_stderr_the_account(stored: Path, headless: RunsHeadless) -> None:
    done = headless("export", "set", "-", "--to", "iob2")
    assert done.returncode == 0
    assert done.stdout.startswith("Acme\tB-ORG\nleft\tO\n東\tB-LOC\n京\tI-LOC\n\n")
    assert "2 documents from 2 answers written to stdout as iob2\n" in done.stderr
    assert "rejected 1" in done.stderr


def test_an_entity_with_three_ends_is_no_outside(home: Path, headless: RunsHeadless) -> None:
    with new_world(home / "data" / "tui-annotate" / "annotations.db") as world:
        for who, start, end in (("ann1", 0, 12), ("ann2", 0, 7), ("ann3", 5, 12)):
            world.answer(task("Port of Cork", (start, end, "LOC")), who=who)
    tags = headless("export", "set", "-", "--to", "iob2", "--resolve", "majority")
    assert tags.stdout == "Port\tB-LOC\nof\tI-LOC\nCork\tI-LOC\n\n"
    exact = headless(
        "export", "set", "-", "--to", "iob2", "--resolve", "majority", "--boundaries", "exact"
    )
    assert (exact.returncode, exact.stdout) == (1, "")
    assert "people differ in its spans" in exact.stderr
    soft = json.loads(headless("export", "set", "-", "--to", "jsonl", "--resolve", "soft").stdout)
    assert [(each["start"], each["end"], each["share"]) for each in soft["spans"]] == [
        (0, 12, 0.3333),
        (0, 7, 0.3333),
        (5, 12, 0.3333),
    ]


def test_people_go_by_the_names_in_their_sessions_too(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    rows = [("old-ada", "old-ada", [0, 3]), ("old-bo", "old-bo", [0, 8]), ("2024-01-31", "", None)]
    with path.open("w") as file:
        for session, annotator, span in rows:
            spans = [{"start": span[0], "end": span[1], "label": "PER"}] if span else []
            text = "Ada left" if span else "alone"
            who = {"_session_id": session, "_annotator_id": annotator}
            file.write(json.dumps({"text": text, "spans": spans, "answer": "accept", **who}) + "\n")
    headless("db-in", "old", path)
    only = headless("export", "old", "-", "--to", "jsonl", "--session", "bo")
    assert [json.loads(each)["_session_id"] for each in only.stdout.splitlines()] == ["old-bo"]
    for name in ("ada", "old-ada"):
        done = headless("export", "old", "-", "--to", "jsonl", "--resolve", f"annotator={name}")
        documents = [json.loads(each) for each in done.stdout.splitlines()]
        assert [each["spans"] for each in documents] == [
            [{"start": 0, "end": 3, "label": "PER"}],
            [],
        ]
    wrong = headless("export", "old", "-", "--to", "jsonl", "--resolve", "annotator=eve")
    assert wrong.returncode == 2
    assert "There are: 2024-01-31, ada, bo" in wrong.stderr


def test_the_account_as_json(stored: Path, headless: RunsHeadless, home: Path) -> None:
    done = headless("export", "set", home / "out", "--to", "jsonl", "--split", "50,50", "--json")
    account = json.loads(done.stdout)
    assert account["documents"] == sum(account["parts"].values()) == 2
    assert account["left_out"] == {"rejected": 1}
    assert sorted(each.name for each in (home / "out").iterdir()) == ["dev.jsonl", "train.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["set", "OUT", "--to", "jsnl"], 2, "Did you mean 'jsonl'"),
        (["sett", "OUT", "--to", "jsonl"], 2, "'set'"),
        (["set,sett", "OUT", "--to", "jsonl"], 2, "'set'"),
        (["set", "OUT", "--to", "jsonl", "--session", "set-ana"], 2, "set-anna"),
        (["set", "OUT", "--to", "iob2", "--offsets", "utf8"], 2, "no offsets"),
        (["set", "OUT", "--to", "iob2", "--each"], 2, "a document for each input"),
        (["set", "OUT", "--to", "jsonl", "--spans-key", "sc"], 2, "no span groups"),
        (["set", "OUT", "--to", "jsonl", "--resolve", "coin"], 2, "majority"),
        (["set", "OUT", "--to", "jsonl", "--resolve", "annotator=ana"], 2, "anna"),
        (["set", "OUT", "--to", "jsonl", "--answer", "reject"], 1, "--each writes every answer"),
        (["set", "OUT", "--to", "jsonl", "--split", "1"], 2, "80,10,10"),
        (["set", "OUT", "--to", "jsonl", "--since", "soon"], 2, "7d"),
        (["set", "-", "--to", "brat"], 2, "a folder cannot go to stdout"),
        (["set", "-", "--to", "jsonl", "--json"], 2, "stdout has the data"),
        (["set", "no/OUT", "--to", "jsonl"], 1, "no such file"),
        (["set", "OUT", "--to", "jsonl", "--since", "2999-01-01"], 1, "nothing to export"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    stored: Path, headless: RunsHeadless, home: Path, arguments: list[str], code: int, said: str
) -> None:
    done = headless("export", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (home / "OUT").exists()


def test_a_link_is_refused_and_nothing_is_behind_it(
    stored: Path, headless: RunsHeadless, home: Path
) -> None:
    (home / "link").symlink_to(home / "target")
    done = headless("export", "set", "link", "--to", "jsonl", "--overwrite")
    assert done.returncode == 1
    assert "a link" in done.stderr
    assert not (home / "target").exists()


def test_no_escape_sequence_gets_to_the_terminal_by_way_of_an_error(
    home: Path, headless: RunsHeadless
) -> None:
    with new_world(home / "data" / "tui-annotate" / "annotations.db") as world:
        world.answer(task("Berlin", (0, 3, "A\x1b[2JB")))
    done = headless("export", "set", "OUT", "--to", "iob2")
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert "from 0 to 3" in done.stderr


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    with new_world(home / "data" / "tui-annotate" / "annotations.db") as world:
        world.answer(task("long " * 100_000, tokens=False))
    with subprocess.Popen(
        annotate_argv("export", "set", "-", "--to", "doccano"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(home),
        cwd=home,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0, said
    assert "Traceback" not in said
    assert "Broken" not in said


@pytest.mark.parametrize(
    "name", [name for name, each in FORMATS.items() if not each.extra and "spans" in each.holds]
)
def test_every_format_without_an_extra_is_written(
    stored: Path, headless: RunsHeadless, home: Path, name: str
) -> None:
    done = headless("export", "set", "OUT", "--to", name)
    assert done.returncode == 0, done.stderr
    out = home / "OUT"
    files = list(out.iterdir()) if FORMATS[name].folder else [out]
    assert files
    assert b"Acme" in b"".join(each.read_bytes() for each in files)
    assert [each.name for each in home.iterdir() if each.name.startswith(".")] == []


def test_a_missing_extra_is_named(stored: Path, home: Path) -> None:
    """With each package blocked, as where it is not installed."""
    blocked = home / "blocked"
    blocked.mkdir()
    for module in ("spacy", "pyarrow", "datasets", "cassis"):
        (blocked / f"{module}.py").write_text("raise ImportError('not here')\n")
    env = clean_environment(home, {"PYTHONPATH": f"{blocked}{os.pathsep}{ROOT}"})
    for name, each in FORMATS.items():
        if not each.extra:
            continue
        argv = annotate_argv("export", "set", "OUT", "--to", name)
        done = subprocess.run(argv, env=env, cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert f"pip install 'tui-annotate[{each.extra}]'" in done.stderr
        assert not (home / "OUT").exists()


def test_sqlite_is_read_by_other_programs(stored: Path, headless: RunsHeadless, home: Path) -> None:
    import sqlite3

    assert headless("export", "set", "OUT", "--to", "sqlite").returncode == 0
    with sqlite3.connect(home / "OUT") as found:
        rows = found.execute(
            "SELECT d.text, s.label, s.text FROM spans s JOIN documents d ON d.id = s.document"
        ).fetchall()
    found.close()
    assert rows[:2] == [("Acme left 東京", "ORG", "Acme"), ("Acme left 東京", "LOC", "東京")]


def test_the_list_of_formats_is_printed_without_a_dataset(headless: RunsHeadless) -> None:
    done = headless("export", "--formats")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(FORMATS)


def test_the_docs_have_the_table_of_formats() -> None:
    assert table() in (ROOT / "docs" / "export.md").read_text()


def test_the_docs_name_every_option() -> None:
    text = (ROOT / "docs" / "export.md").read_text()
    argv = [sys.executable, "-m", "tui_annotate", "export", "--help"]
    shown = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    options = set(re.findall(r"--[a-z-]+", shown)) - {"--help"}
    assert {each for each in options if f"`{each}" not in text} == set()
