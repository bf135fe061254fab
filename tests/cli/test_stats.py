"""`stats`, `progress` and `dashboard`: the same figures as a page, as sentences and as JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartsTerminal
from tui_annotate.agreement.dataset_statistics import AnnotatorPair, LabelCount, Person, Statistics
from tui_annotate.agreement.index_update import PAUSE_MS, working_ms
from tui_annotate.cli.main import run
from tui_annotate.commands.statistics_page import page, sentences
from tui_annotate.data_paths import database_path
from tui_annotate.store.database import open_store
from tui_annotate.store.records import NewAnswer
from tui_annotate.store.row_outcomes import Account, Accounts
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.text.width import cell_width

DAY = 86_400
NOON = int(time.time()) // DAY * DAY - DAY + 43_200


def marked(text: str, *spans: tuple[str, str]) -> dict[str, Any]:
    found = [
        {"start": text.index(part), "end": text.index(part) + len(part), "label": label}
        for part, label in spans
    ]
    return {"text": text, "spans": found}


@pytest.fixture(autouse=True)
def _news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    with open_store(database_path()) as store, store.write_txn():
        dataset = store.admin.dataset("news")
        sessions = {
            who: store.admin.session(dataset.id, f"news-{who}", who).id for who in ("ann1", "ann2")
        }

        given: list[NewAnswer] = []

        def give(who: str, task: dict[str, Any], *, ms: int | None, back: int, **more: Any) -> None:
            answer = NewAnswer(
                dataset.id, sessions[who], identify({"text": task["text"]}), dumps(task),
                more.pop("answer", "accept"), "ner_manual", NOON - back * DAY, elapsed_ms=ms,
                reading_ms=ms and ms // 2, **more,
            )  # fmt: skip
            given.append(answer)

        for n in range(30):
            task = marked(f"{n}: Ada saw Paris in the rain.", ("Ada", "PER"), ("Paris", "LOC"))
            give("ann1", task, ms=20_000, back=n % 3)
        for n in range(22):
            other = ("Paris", "PER") if n % 2 else ("Paris", "LOC")
            task = marked(f"{n}: Ada saw Paris in the rain.", ("Ada", "PER"), other)
            give("ann2", task, ms=200, back=n % 3, flagged=n == 5)
        give("ann1", marked("A law.", ("law", "LAW")), ms=9_999_999, back=3)
        give("ann1", {"text": "Nothing."}, ms=None, back=0, answer="ignore")
        give("ann1", {"text": "Nought."}, ms=1000, back=0, answer="reject")
        store.answers.import_(dataset.id, given)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == 0
    return capsys.readouterr().out


INPUT_HASH = identify({"text": "A law."}).input_hash
OPTIONS = [{"id": "A", "text": "A"}, {"id": "B", "text": "B"}]
LAW: dict[str, Any] = {"text": "A law."}
CHOSEN = {**LAW, "options": OPTIONS, "accept": ["A"]}
FIELD = {**LAW, "field_id": "note", "_input_hash": INPUT_HASH, "_task_hash": 7}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("view", "ann1", "ann2", "both", "same"),
    [
        # The options stand beside one answer only: another program gave the other one.
        ("choice", [CHOSEN], [{**LAW, "accept": ["A"]}], 1, 1),
        ("choice", [{**LAW, "accept": ["A"]}], [{**LAW, "accept": ["B"]}], 1, 0),
        ("choice", [{**CHOSEN, "answer": "reject"}], [CHOSEN], 1, 0),
        # Of one person's two answers the later one counts.
        ("choice", [{**LAW, "accept": ["B"]}, CHOSEN], [{**LAW, "accept": ["A"]}], 1, 1),
        # Three questions about one text, two of them to both.
        ("classification", [{**LAW, "label": "A"}, {**LAW, "label": "B"}],
         [{**LAW, "label": "B", "answer": "reject"}, {**LAW, "label": "A"}, {**LAW, "label": "C"}],
         2, 1),
        ("classification", [{**LAW, "label": "A"}], [{**LAW, "label": "B"}], 0, 0),
        ("text_input", [{**FIELD, "note": "old"}], [{**FIELD, "note": "new"}], 1, 0),
    ],
)  # fmt: skip
def test_stats_and_team_compare_what_both_were_asked(
    view: str,
    ann1: list[dict[str, Any]],
    ann2: list[dict[str, Any]],
    both: int,
    same: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for who, given in (("ann1", ann1), ("ann2", ann2)):
        rows = [{"answer": "accept", "_view_id": view, **each} for each in given]
        file = tmp_path / f"{who}.jsonl"
        file.write_text("".join(json.dumps(each) + "\n" for each in rows))
        assert run(["db-in", "asked", str(file), "--as", who]) == 0
    pairs = json.loads(said(capsys, "stats", "asked", "--json"))["together"]
    expected = [{"one": "ann1", "other": "ann2", "tasks": both, "same": same}]
    assert pairs == (expected if both else [])
    for person in json.loads(said(capsys, "team", "asked", "--json"))["people"]:
        assert person["shared"] == both
        assert person["agreement"] == (same / both if both else None)


@pytest.mark.quick
def test_the_figures_are_what_was_answered(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "stats", "news", "--json"))
    assert found["answers"] == {"accept": 53, "reject": 1, "ignore": 1}
    assert [(each["label"], each["n"]) for each in found["labels"]] == [
        ("PER", 63), ("LOC", 41), ("LAW", 1)
    ]  # fmt: skip
    assert [each["answers"] for each in found["days"]] == [1, 17, 17, 20]
    first, second = found["people"]
    assert (first["annotator"], first["answers"], first["timed"]) == ("ann1", 33, 32)
    assert first["working_ms"] == 30 * 20_000 + PAUSE_MS + 600 + 1000
    assert (second["quick"], second["flagged"], second["working_ms"]) == (22, 1, 22 * 200)
    assert found["together"] == [{"one": "ann1", "other": "ann2", "tasks": 22, "same": 11}]
    assert found["worth"] == [
        "LAW was given once in 55 answers",
        '"Paris" is LOC 41 times, PER 11 times',
        "22 answers of ann2 were faster than reading",
        "ann2's answers take 0.2 s, those of the others 23 s",
        "ann1 and ann2 gave the same answer to 11 of 22 tasks",
        "1 answer is flagged",
    ]
    alone = json.loads(said(capsys, "stats", "news-ann2", "--json"))
    assert sum(alone["answers"].values()) == 22 and alone["together"] == []
    assert [each["annotator"] for each in alone["people"]] == ["ann2"]


@pytest.mark.quick
def test_a_pause_is_no_work() -> None:
    assert working_ms(PAUSE_MS - 1, 0) == PAUSE_MS - 1
    assert working_ms(10**9, 0) == PAUSE_MS
    assert working_ms(10**9, 1000) == PAUSE_MS + 100_000
    assert working_ms(None, 9) is None and working_ms(0, 9) is None


@pytest.mark.quick
def test_the_page_and_the_sentences_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "stats", "news")
    for told in ("PER █", "ann1, ann2: same in 11 of 22 tasks", "- LAW was given once"):
        assert told in shown
    plain = said(capsys, "stats", "news", "--plain")
    for told in (
        "55 answers: 53 accepted, 1 rejected, 1 ignored; 1 flagged, 0 waiting.",
        "PER 63, LOC 41, LAW 1.",
        "Worth a look: LAW was given once in 55 answers.",
        "ann2: 22 answers, 0.2 s an answer.",
    ):
        assert told in plain.splitlines()
    assert "█" not in plain
    drawn = said(capsys, "progress", "news", "--interval", "day")
    assert drawn.count("█") > drawn.count("·") and drawn.splitlines()[-1].split()[2] == "20"
    assert "#" in said(capsys, "progress", "news", "--ascii")


@pytest.mark.quick
@pytest.mark.parametrize("words", [(), ("--json",), ("--list-sessions",)])
def test_what_became_of_the_rows_is_read_once(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read_accounts, read = Accounts.of, []

    def of(accounts: Accounts, dataset_id: int) -> list[Account]:
        read.append(dataset_id)
        return read_accounts(accounts, dataset_id)

    monkeypatch.setattr(Accounts, "of", of)
    assert "news" in said(capsys, "stats", "news", *words)
    assert len(read) == 1


def made(people: int = 3, labels: int = 9, name: str = "ann") -> Statistics:
    """Return figures with many rows in each table."""
    return Statistics(
        dataset="news" * 30, session="", at=NOON, answers={"accept": 10**6, "reject": 1},
        flagged=3, waiting=2, dropped={"no-text": 4}, rows=2_000_000, rows_done=10**6 + 1,
        labels=tuple(LabelCount(f"{name}標籤\x1b[31m{n}", 10**n, n) for n in range(labels)),
        days=tuple((f"2026-01-{day:02}", day * 1000) for day in range(1, 29)),
        people=tuple(Person(f"{name}{n}" * 9, n, timed=n, working_ms=n) for n in range(people)),
        together=(AnnotatorPair("ann0" * 20, "ann1" * 20, 96, 78),),
        working_ms=22_320_000, timed=412, reading_ms=9, read=3, quick=7, last_at=NOON - 60,
        a_day=88.0, end_day="2026-12-04", to_go_ms=10**8,
        worth=tuple(f"LAW {n} " + "was given 9 times " * 9 for n in range(12)),
        guidelines={},
        day_ms={"2026-01-31": 90_000_000},
    )  # fmt: skip


@pytest.mark.quick
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("width", [24, 40, 60, 75, 76, 80, 119, 120, 200])
def test_no_row_is_wider_than_the_terminal(width: int, ascii_only: bool) -> None:
    rows = page(made(), width, ascii_only=ascii_only)
    assert max(map(cell_width, rows)) <= width
    assert not any("\x1b" in row for row in (*rows, *sentences(made())))
    told = " ".join(rows)
    assert "1,000,001 of" in told and "end at this pace 2026-12-04" in " ".join(told.split())
    own = page(made(name=""), width, ascii_only=True)
    assert not ascii_only or all(row.replace("標籤", "").isascii() or "␛" in row for row in own)


@pytest.mark.quick
def test_sentences_say_what_the_page_says_of_dropped_rows_and_of_the_last_answer() -> None:
    told = sentences(made())
    assert "4 rows were not asked: 4 no-text." in told
    assert "The last answer was given 60 s ago." in told
    none = sentences(made()._replace(dropped={}, last_at=None))
    assert not [each for each in none if "not asked" in each or "last answer" in each]


@pytest.mark.quick
def test_tables_are_shortened_to_the_rows_that_there_are() -> None:
    rows = page(made(labels=40, people=40), 80, 24)
    assert sum("more: stats --json lists all" in row for row in rows) == 2
    assert any("28 Jan" in row for row in rows) and not any("01 Jan" in row for row in rows)


@pytest.mark.terminal
def test_the_dashboard_shows_what_comes_in_and_writes_nothing(
    tmp_path: Path, annotate: StartsTerminal
) -> None:
    env = {"TUI_ANNOTATE_DB": str(tmp_path / "a.db"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with annotate("dashboard", "news", "--every", "3600", env=env, columns=80, rows=24) as shown:
        shown.wait_for("accept")
        shown.wait_for("Nobody is at work.")
        before = database_path().read_bytes()
        shown.press(" ")
        shown.settle()
        assert database_path().read_bytes() == before
        row = {**marked("New.", ("New", "LOC")), "answer": "reject", "_view_id": "ner_manual",
               "_annotator_id": "ann3"}  # fmt: skip
        Path("rows.jsonl").write_text(json.dumps(row) + "\n")
        assert run(["db-in", "news", "rows.jsonl"]) == 0
        shown.send("\x1b[D")  # no key of a sequence leaves
        shown.press(" ")
        shown.wait_for("ann3")
        shown.press("q")
        assert shown.wait_exit() == 0
        assert shown.left_sane()
    with annotate("dashboard", "news", "--plain", "--every", "1", env=env) as shown:
        shown.wait_for("56 answers: 53 accepted, 2 rejected")
        shown.wait_for("q and enter leave")
        shown.send("q\r")
        assert shown.wait_exit() == 0
