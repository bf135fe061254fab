"""`find` and `check`: what they print, and what the index for searches holds, and until when."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.cli.main import run
from tui_annotate.data_paths import cache_folder, database_path
from tui_annotate.errors import Abandoned
from tui_annotate.store.answer_index import AnswerIndex, index_file
from tui_annotate.store.answer_index_filling import IndexTables
from tui_annotate.store.database import open_store
from tui_annotate.store.sqlite_binding import sqlite3 as engine

pytestmark = pytest.mark.quick


def row(
    text: str, *spans: tuple[str, str], who: str = "ann1", answer: str = "accept", **more: Any
) -> dict[str, Any]:
    """Return a row for `db-in`; spans are named by what they mark."""
    return {
        "text": text,
        "spans": [
            {"start": text.index(part), "end": text.index(part) + len(part), "label": label}
            for part, label in spans
        ],
        "answer": answer,
        "_view_id": "ner_manual",
        "_session_id": f"news-{who}",
        "_annotator_id": who,
        **more,
    }


ROWS = [
    row("Ada left Paris for Köln.", ("Ada", "PER"), ("Paris", "LOC"), ("Köln", "LOC")),
    row("Paris sang.", ("Paris", "PER"), who="ann2", flagged=True),
    row("In PARIS it rained.", ("PARIS", "LOC"), who="ann2"),
    row("Nobody comparis\x1b[31mes it.", answer="reject"),
    row("他は東京都に New\n York.", ("東京", "LOC")),
    row("Ada left Paris for Köln.", ("Ada", "PER"), ("Paris", "PER"), who="ann2"),
    {"text": "A class", "label": "SPORT", "answer": "accept", "_view_id": "classification",
     "_session_id": "news-ann1", "_annotator_id": "ann1"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    add(*ROWS)


def add(*rows: dict[str, Any]) -> None:
    Path("rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert run(["db-in", "news", "rows.jsonl"]) == 0


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    found = run(list(arguments))
    out, err = capsys.readouterr()
    assert found == code, err
    return out, err


def numbers(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[int]:
    out, _ = said(capsys, "find", "news", *arguments, "--json")
    return [json.loads(line)["answer"] for line in out.splitlines()]


SEARCHES: dict[tuple[str, ...], list[int]] = {
    ("paris",): [6, 3, 2, 1],
    ("PÁRIS",): [6, 3, 2, 1],
    ("pari",): [6, 3, 2, 1],
    ("aris",): [],
    ("left  paris",): [6, 1],
    ("koln.",): [6, 1],
    ("京都",): [5],
    ("new york",): [5],
    (".",): [6, 5, 4, 3, 2, 1],
    ('"',): [],
    ("paris OR ada",): [],
    ("paris*",): [],
    ("paris", "--label", "LOC"): [3, 1],
    ("paris", "--label", "LOC,PER"): [6, 3, 2, 1],
    ("paris", "--annotator", "ann2"): [6, 3, 2],
    ("paris", "--annotator", "news-ann1"): [1],
    ("paris", "--surface"): [6, 3, 2, 1],
    ("paris", "--surface", "--label", "PER"): [6, 2],
    ("ada left", "--surface"): [],
    ("--flagged",): [2],
    ("--disagree",): [6, 1],
    ("-A", "reject"): [4],
    ("--label", "SPORT"): [7],
    ("paris", "--limit", "2"): [6, 3],
    ("paris", "--limit", "0"): [6, 3, 2, 1],
    ("",): [7, 6, 5, 4, 3, 2, 1],
}


@pytest.mark.parametrize("has_words", [True, False], ids=["fts5", "without fts5"])
def test_searches(
    has_words: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not has_words:
        monkeypatch.setattr(IndexTables, "_has_fts5", lambda _: False)
    with open_store(database_path()) as store, AnswerIndex(store.path, "news") as index:
        assert index.has_words is has_words
    assert {words: numbers(capsys, *words) for words in SEARCHES} == SEARCHES


def test_lines_say_where_it_is_and_under_which_labels(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, "find", "news", "paris", "--limit", "3")
    lines = out.splitlines()
    assert lines[0].startswith("Paris: ") and lines[0].endswith("(also as PARIS)")
    assert "2 PER" in lines[0] and "2 LOC" in lines[0]
    assert lines[1].split()[:2] == ["6", "ann2"] and lines[1].endswith("Ada left [Paris] for Köln.")
    assert "accept, flagged" in lines[3] and "[Paris] sang." in lines[3]
    assert "--limit 0" in err
    out, _ = said(capsys, "find", "news", "paris", "--surface", "--limit", "1")
    assert "[Paris PER]" in out


def test_places_are_those_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "find", "news", "koln", "--json", "--limit", "1")
    hit = json.loads(out)
    (place,) = hit["places"]
    assert hit["text"][place["start"] : place["end"]] == "Köln"


def test_data_is_no_command_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "find", "news", "comparis")
    assert "\x1b" not in out and "[comparis]" in out


def test_all_that_is_marked_with_doubtful_ones_first(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = said(capsys, "find", "news", "--surface")
    assert [line.split(":")[0] for line in out.splitlines()] == ["Paris", "Ada", "Köln", "東京"]


def surfaces(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, dict[str, int]]:
    out, _ = said(capsys, "find", "news", "--surface", *arguments, "--json")
    found = map(json.loads, out.splitlines())
    return {each["surface"]: each["labels"] for each in found}


def test_what_is_marked_is_counted_in_the_answers_that_are_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    add({**ROWS[0], "spans": ROWS[0]["spans"][:1] * 2, "text": "Ada", "answer": "ignore"})
    assert surfaces(capsys, "--annotator", "ann2") == {
        "Paris": {"PER": 2, "LOC": 1},
        "Ada": {"PER": 1},
    }
    assert surfaces(capsys, "--flagged") == {"Paris": {"PER": 1}}
    assert surfaces(capsys, "-A", "reject") == {}
    assert surfaces(capsys, "--disagree", "--annotator", "ann1") == {
        "Ada": {"PER": 1},
        "Köln": {"LOC": 1},
        "Paris": {"LOC": 1},
    }
    assert surfaces(capsys, "--annotator", "ann2", "--label", "LOC") == {
        "Paris": {"PER": 2, "LOC": 1}
    }
    out, _ = said(capsys, "find", "news", "paris", "--annotator", "ann1")
    assert out.splitlines()[0].startswith("Paris: 1 LOC")


def test_an_option_that_names_nothing_is_not_one_that_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for option in ("--annotator", "--label"):
        assert "it names nothing" in said(capsys, "find", "news", option, " ,", code=2)[1]
    for option in ("--annotators", "--labels", "--without"):
        assert "it names nothing" in said(capsys, "agreement", "news", option, "", code=2)[1]
    assert "no dataset" in said(capsys, "agreement", "news", "--against", "", code=2)[1]
    assert said(capsys, "export", "news", "out.jsonl", "--since", "", code=2)[1]


def test_a_person_with_two_sessions_does_not_disagree_with_another_person(
    capsys: pytest.CaptureFixture[str],
) -> None:
    add({**row("Paris slept.", ("Paris", "LOC")), "_session_id": "news-ann1"})
    add({**row("Paris slept.", ("Paris", "PER")), "_session_id": "news-ann1-b"})
    assert numbers(capsys, "--disagree") == [6, 1]


def test_what_is_new_is_added_and_what_was_superseded_is_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert numbers(capsys, "rained") == [3]
    assert run(["labels", "rename", "news", "LOC", "PLACE", "--yes"]) == 0
    (number,) = numbers(capsys, "rained", "--label", "PLACE")
    assert number > len(ROWS) and numbers(capsys, "rained") == [number]
    with sqlite3.connect(index_file(database_path(), "news")) as db:
        indexed = {each[0] for each in db.execute("SELECT id FROM entries")}
        db.execute("INSERT INTO words_1 (words_1) VALUES ('integrity-check')")
    db.close()
    with sqlite3.connect(database_path()) as db:
        assert indexed == {each[0] for each in db.execute("SELECT answer_id FROM current")}
    db.close()
    assert said(capsys, "find", "news", "--label", "LOC", code=2)[1].count("'LOC'") == 1


def test_a_search_writes_nothing_into_the_store(capsys: pytest.CaptureFixture[str]) -> None:
    before = database_path().read_bytes()
    numbers(capsys, "paris")
    assert database_path().read_bytes() == before


def test_only_its_owner_reads_the_index(capsys: pytest.CaptureFixture[str]) -> None:
    file = index_file(database_path(), "news")
    numbers(capsys, "paris")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    numbers(capsys, "paris")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_in_its_place_is_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, target = index_file(database_path(), "news"), tmp_path / "precious"
    target.write_text("precious")
    file.parent.mkdir(parents=True, mode=0o700)
    file.symlink_to(target)
    assert numbers(capsys, "rained") == [3]
    assert target.read_text() == "precious" and not file.is_symlink()


@pytest.mark.parametrize("damage", [b"no database at all " * 99, b""])
def test_a_damaged_index_is_made_anew(damage: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    numbers(capsys, "paris")
    index_file(database_path(), "news").write_bytes(damage)
    assert numbers(capsys, "rained") == [3]


def test_another_database_in_the_same_place_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    assert numbers(capsys, "rained") == [3]
    for each in Path().glob("a.db*"):
        each.unlink()
    add(*(row(f"Other {n}.") for n in range(9)))
    assert numbers(capsys, "rained") == []
    assert len(numbers(capsys, "other")) == 9


def test_without_a_cache_folder_it_still_searches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("no-folder").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("no-folder").absolute()))
    out, err = said(capsys, "find", "news", "rained", "--json")
    assert json.loads(out)["answer"] == 3 and "cannot be written" in err


@pytest.mark.parametrize("gone", [["purge", "news"], ["drop", "news"], ["drop", "news-ann1"]])
def test_no_text_outlives_its_answers_in_the_index(
    gone: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    numbers(capsys, "paris")
    assert any(b"rained" in each.read_bytes() for each in cache_folder().rglob("*.db*"))
    assert run([*gone, "--yes"]) == 0
    assert not [each for each in cache_folder().rglob("*") if each.is_file()]
    if gone[-1] == "news-ann1":
        assert numbers(capsys, "paris") == [6, 3, 2]


def test_mistakes_say_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    for words, told in (
        (("find", "news", "x", "--annotator", "ann3"), "Did you mean 'ann2'"),
        (("find", "nws", "x"), "Did you mean 'news'"),
        (("find", "news", "x", "--label", "LOK"), "Did you mean 'LOC'"),
        (("find", "news", "\u0301"), "nothing that can be looked for"),
    ):
        assert told in said(capsys, *words, code=2)[1]
    assert "no answer was found" in said(capsys, "find", "news", "absent")[1]


@pytest.mark.parametrize("command", [("find", "news", "paris"), ("check", "news", "--fail")])
def test_who_leaves_gets_no_exit_code_of_success(
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def left(_: object, what: str, **more: Any) -> Any:
        raise Abandoned("somebody has left")

    monkeypatch.setattr("tui_annotate.waiting.Waiting.on", left)
    assert "left before it was done" in said(capsys, *command, code=130)[1]


def test_the_engine_here_has_fts5() -> None:
    """Else the tests of it would test nothing."""
    with engine.connect(":memory:") as db:
        db.execute("CREATE VIRTUAL TABLE x USING fts5(y)")
    db.close()


def test_check_prints_numbers_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    add(
        *(row(f"{n} Rome,", ("Rome", "LOC")) for n in range(6)),
        row("In Rome, now", ("Rome,", "LOC")),
    )
    out, err = said(capsys, "check", "news")
    assert "edges: " in out and "'Rome,' ends with ,. Take it out" in out
    assert "labels: " in out and "'Paris' is marked as 2 PER, 1 LOC" in out
    assert "of 14 answers" in err
    out, _ = said(capsys, "check", "news", "--kind", "edges", "--json", "--fail", code=1)
    (found,) = map(json.loads, out.splitlines())
    assert (found["kind"], found["surface"], found["start"]) == ("edges", "Rome,", 3)
    assert said(capsys, "check", "news", "--kind", "cut", "--fail")[0] == ""
    assert "in 3 answers" in said(capsys, "check", "news-ann2", "--kind", "cut")[1]
