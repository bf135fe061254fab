"""The dataset commands as people run them: what they print, what the store has afterwards."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.exchange.prodigy import CREATED, make_prodigy
from tests.support.environment import annotate_argv, clean_environment
from tui_annotate.cli.console import print_rows
from tui_annotate.store.database import open_store
from tui_annotate.text.width import cell_width

ROWS: list[dict[str, Any]] = [
    {
        "text": "Ada left.",
        "spans": [{"start": 0, "end": 3, "label": "PER"}],
        "answer": "accept",
        "_input_hash": 5,
        "_task_hash": 7,
        "_session_id": "news-ada",
        "_annotator_id": "ada",
        "_view_id": "ner_manual",
        "_timestamp": 1_700_000_000,
        "flagged": True,
    },
    {"text": "Nobody did.", "answer": "reject", "_session_id": "news-bo", "_timestamp": 1.7e9},
    {"text": "No answer, no session, no time"},
]


def write(path: Path, rows: list[dict[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def exported(headless: RunsHeadless, name: str, *arguments: str) -> list[dict[str, Any]]:
    done = headless("db-out", name, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_comes_in_goes_out_as_it_was(headless: RunsHeadless, tmp_path: Path) -> None:
    done = headless("db-in", "news", write(tmp_path / "in.jsonl"))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "3 answers added to news\n"
    first, second, third = exported(headless, "news")
    assert first == ROWS[0]
    assert second.items() >= {"answer": "reject", "_session_id": "news-bo"}.items()
    assert second["_timestamp"] == 1_700_000_000
    assert second["_annotator_id"] == "bo"
    assert third["answer"] == "accept"
    assert third["_session_id"] == "news-imported"
    assert "_view_id" not in third


def test_twice_the_same_file_adds_nothing_and_says_so(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.jsonl")
    headless("db-in", "news", path)
    again = headless("db-in", "news", path, "--json")
    assert again.stderr == "0 answers added to news; 3 there already\n"
    assert json.loads(again.stdout)[0]["known"] == 3
    # And so does what was exported in between, although it has a time for every answer.
    back = tmp_path / "back.jsonl"
    back.write_text(headless("db-out", "news").stdout)
    assert "0 answers added to news; 3 there" in headless("db-in", "news", back).stderr
    changed = write(tmp_path / "new.jsonl", [{**ROWS[0], "spans": []}])
    assert "1 answer added" in headless("db-in", "news", changed).stderr


def test_answer_overwrite_rehash_and_dry(headless: RunsHeadless, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl")
    dry = headless("db-in", "news", path, "--dry")
    assert dry.stderr == "3 answers would be added to news\n"
    assert "there is no such database" in headless("db-out", "news").stderr
    headless("db-in", "news", path, "--answer", "ignore", "--rehash")
    assert [row["answer"] for row in exported(headless, "news")] == ["accept", "reject", "ignore"]
    assert exported(headless, "news")[0]["_input_hash"] != 5
    headless("db-in", "all", path, "--answer", "ignore", "--overwrite")
    assert {row["answer"] for row in exported(headless, "all")} == {"ignore"}


def test_rows_that_are_no_answers_are_named_and_the_rest_is_in(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    path = write(tmp_path / "in.jsonl", [ROWS[0], {"text": "a", "answer": "maybe"}])
    with path.open("a") as file:
        file.write("nonsense\n")
    done = headless("db-in", "news", path)
    assert done.returncode == 1
    assert "1 answer added to news; left out as no answers: 2" in done.stderr
    assert f"{path}:2: the answer is 'maybe'" in done.stderr
    assert f"{path}:3: not valid JSON" in done.stderr


def test_a_prodigy_database_comes_in_with_its_sessions_and_times(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    plain = {"text": "old", "answer": "accept", "_input_hash": 11, "_task_hash": 12}
    path = make_prodigy(
        tmp_path / "prodigy.db",
        {
            "news": [(ROWS[0], "news-ada"), (plain, "2023-10-27_16-50-06")],
            "other": [(plain, None)],
        },
    )
    done = headless("db-in", "--all", path)
    assert (done.returncode, done.stderr) == (
        0,
        "2 answers added to news\n1 answer added to other\n",
    )
    first, second = exported(headless, "news")
    assert first == ROWS[0]
    assert second["_session_id"] == "2023-10-27_16-50-06"
    assert second["_timestamp"] == 1_698_425_406
    assert (second["_input_hash"], second["_task_hash"]) == (11, 12)
    assert exported(headless, "other")[0]["_timestamp"] == CREATED
    assert "0 answers added to news; 2 there" in headless("db-in", "news", path).stderr
    renamed = headless("db-in", "mine", path, "--from", "other")
    assert "1 answer added to mine" in renamed.stderr
    for words in (("news", path, "--all"), ("--all", path, "--from", "other")):
        refused = headless("db-in", *words)
        assert refused.returncode == 2
        assert "--all takes every dataset under its own name" in refused.stderr
    missing = headless("db-in", "nwes", path)
    assert missing.returncode == 2
    assert "Did you mean 'news'?" in missing.stderr


def test_another_database_is_no_prodigy_database(headless: RunsHeadless, tmp_path: Path) -> None:
    headless("db-in", "news", write(tmp_path / "in.jsonl"))
    store = tmp_path / "home" / "data" / "tui-annotate" / "annotations.db"
    done = headless("db-in", "news", store)
    assert done.returncode == 1
    assert "not a Prodigy database" in done.stderr
    gone = headless("db-in", "--all", tmp_path / "gone.db")
    assert gone.returncode == 2
    assert "gone.db: there is no such file. Check the path" in gone.stderr
    plain = headless("db-in", "set", str(tmp_path / "gone.db"))
    assert "gone.db: there is no such file. Check the path" in plain.stderr


def test_db_out_to_a_folder_flagged_and_dry(headless: RunsHeadless, tmp_path: Path) -> None:
    headless("db-in", "a/b", write(tmp_path / "in.jsonl"))
    done = headless("db-out", "a/b", tmp_path / "out", "--flagged-only")
    assert "1 answer of a/b written" in done.stderr
    assert done.stdout == ""
    assert json.loads((tmp_path / "out" / "a%2Fb.jsonl").read_text()) == {
        **ROWS[0],
        "_session_id": "news-ada",
    }
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a%2Fb.jsonl"]
    dry = headless("db-out", "a/b", "--dry", "-A", "accept")
    assert (dry.stdout, dry.stderr) == ("", "2 answers of a/b would be written\n")


def test_a_broken_pipe_is_silent(home: Path, headless: RunsHeadless, tmp_path: Path) -> None:
    rows = [{"text": f"row {number} " + "x" * 200} for number in range(3000)]
    headless("db-in", "long", write(tmp_path / "in.jsonl", rows))
    child = subprocess.Popen(
        annotate_argv("db-out", "long"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(home),
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.wait(60) == 0
    assert child.stderr.read() == b""
    child.stderr.close()


def test_merging_inside_the_store(headless: RunsHeadless, tmp_path: Path) -> None:
    headless("db-in", "one", write(tmp_path / "1.jsonl"))
    headless("db-in", "two", write(tmp_path / "2.jsonl", [ROWS[0], {"text": "more"}]))
    dry = headless("db-merge", "one,two", "both", "--dry")
    assert "4 answers would be added to both; 1 there already" in dry.stderr
    done = headless("db-merge", "one,two", "both")
    assert (done.returncode, done.stderr) == (0, "4 answers added to both; 1 there already\n")
    assert exported(headless, "both")[0] == ROWS[0]
    assert "0 answers added to both; 5 there" in headless("db-merge", "one,two", "both").stderr
    assert headless("db-merge", "one,tow", "both").returncode == 2


def test_merging_two_stores_lists_the_conflicts(headless: RunsHeadless, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    theirs = {**ROWS[0], "answer": "reject", "_timestamp": 1_800_000_000}
    headless("db-in", "news", write(tmp_path / "1.jsonl", ROWS[:1]))
    there = write(tmp_path / "2.jsonl", [theirs, {"text": "only there"}])
    headless("db-in", "news", there, env={"TUI_ANNOTATE_DB": str(other)})
    done = headless("db-merge", "news", "--from", other, "--json")
    assert done.returncode == 1
    assert "1 answer added to news" in done.stderr
    assert "1 conflict" in done.stderr
    assert "'Ada left.'" in done.stderr
    conflict = json.loads(done.stdout)[0]["conflicts"][0]
    assert (conflict["session"], conflict["here"], conflict["there"]) == (
        "news-ada",
        "accept",
        "reject",
    )
    assert [row["answer"] for row in exported(headless, "news")] == ["accept", "accept"]
    newer = headless("db-merge", "news", "--from", other, "--prefer", "newer")
    assert newer.returncode == 0
    answers = {row["text"]: row["answer"] for row in exported(headless, "news")}
    assert answers == {"Ada left.": "reject", "only there": "accept"}


def test_drop_asks_and_leaves_nothing(headless: RunsHeadless, tmp_path: Path, home: Path) -> None:
    headless("db-in", "one", write(tmp_path / "1.jsonl"))
    headless("db-in", "two", write(tmp_path / "1.jsonl"))
    refused = headless("drop", "one")
    assert refused.returncode == 2
    assert "Use --yes" in refused.stderr
    assert headless("drop", "one", "--yes").returncode == 0
    assert headless("db-out", "one").returncode == 2
    assert headless("drop", "news-ada", "-y").returncode == 0
    assert {row["_session_id"] for row in exported(headless, "two")} == {
        "news-bo",
        "two-imported",
    }
    headless("drop", "two", "-y")
    with open_store(home / "data" / "tui-annotate" / "annotations.db") as store:
        assert store.admin.check(full=True) == []
        for table in ("datasets", "sessions", "answers", "current", "tallies"):
            rows = store._connection.read(f"SELECT count(*) FROM {table}")
            assert rows[0][0] == 0, table


@pytest.mark.terminal
def test_drop_deletes_after_a_yes_only(
    headless: RunsHeadless, annotate: StartsTerminal, tmp_path: Path
) -> None:
    headless("db-in", "one", write(tmp_path / "1.jsonl"))
    for typed, code in (("\r", 1), ("yes\r", 0)):
        terminal = annotate("drop", "one")
        terminal.wait_for("Delete this for ever? [y/N]")
        assert "dataset one: 3 answers" in terminal.screen_text()
        terminal.send(typed)
        assert terminal.wait_exit() == code
    assert headless("db-out", "one").returncode == 2


def test_lists_and_counts(headless: RunsHeadless, tmp_path: Path) -> None:
    headless("db-in", "news", write(tmp_path / "in.jsonl"))
    [found] = json.loads(headless("datasets", "--json").stdout)
    assert (found["dataset"], found["accept"], found["reject"]) == ("news", 2, 1)
    assert found["sessions"] == 3
    sessions = {each["session"]: each for each in json.loads(headless("sessions", "--json").stdout)}
    assert sessions["news-ada"]["accept"] == 1
    assert sessions["news-bo"]["reject"] == 1
    assert "news-ada" in headless("sessions", "news").stdout
    progress = json.loads(headless("progress", "news", "--interval", "day", "--json").stdout)
    assert progress[0] == {
        "dataset": "news",
        "day": "2023-11-14",
        "answers": 2,
        "inputs": 2,
        "total": 2,
    }
    assert progress[-1]["total"] == 3
    stats = headless("stats", "-l", "-ls").stdout
    assert "total sessions  3" in stats
    assert "  news-bo" in stats
    assert json.loads(headless("stats", "news", "-nf").stdout)["answers"]["accept"] == 2


def test_columns_stand_under_one_another_in_wide_scripts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_rows([("dataset", "accept"), ("日本 データ😀", 12), ("news", 3)])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["dataset        accept", "日本 データ😀      12", "news                3"]
    assert len({cell_width(line) for line in lines}) == 1


def test_a_dataset_has_a_name(headless: RunsHeadless, tmp_path: Path) -> None:
    done = headless("db-in", "", write(tmp_path / "in.jsonl"))
    assert done.returncode == 2
    assert "the dataset's name is empty" in done.stderr
    assert json.loads(headless("datasets", "--json").stdout) == []


def test_print_dataset_shows_text_spans_and_no_escape(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    evil = {"text": "a\x1b[31mred", "label": "\x1b[2J", "answer": "reject"}
    headless("db-in", "news", write(tmp_path / "in.jsonl", [ROWS[0], evil]))
    shown = headless("print-dataset", "news").stdout
    assert "  PER  Ada  0:3" in shown
    assert "a␛[31mred" in shown
    assert "\x1b" not in shown
    assert "PER" not in headless("print-dataset", "news", "--style", "textcat").stdout
    assert "Ada" not in headless("print-dataset", "news", "-A", "reject").stdout
