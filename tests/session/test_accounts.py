"""Every row of a source is accounted for, and what was not asked is listed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.session.annotator import Annotator, work, write_rows
from tests.session.support import Place, answer
from tests.support.engines import open_store, place
from tui_annotate.cli.main import run
from tui_annotate.cli.stream_options import Policies
from tui_annotate.store.row_outcomes import Account

pytestmark = pytest.mark.quick


def account(folder: Path, dataset: str = "my_set") -> Account:
    with open_store(folder / "a.db") as store:
        found = store.admin.find_dataset(dataset)
        assert found is not None
        (only,) = store.accounts.of(found.id)
    assert only.read == (
        only.answered + only.waiting + only.in_hand + sum(only.dropped.values()) - only.not_met
    )
    return only


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = write_rows(tmp_path / "rows.jsonl", ["a", "b", "a", "c", "d"])
    path.write_text(path.read_text() + "not json\n\n" + json.dumps({"text": "e"}) + "\n")
    return path


def test_rows_read_are_answered_waiting_in_hand_or_dropped(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.session.later(None)
        anna.session.advance()
        anna.answer_all(2)
        # a waits, b and c are answered, the second a is dropped, d is in hand.
    now = account(tmp_path)
    assert (now.read, now.answered, now.waiting, now.in_hand) == (4, 2, 1, 0)
    assert now.dropped == {"same-task": 1}
    work(tmp_path, rows)
    end = account(tmp_path)
    assert (end.read, end.answered, end.waiting, end.in_hand) == (7, 5, 0, 0)
    assert end.dropped == {"same-task": 1, "not-json": 1}


def test_a_row_answered_beyond_the_cursor_is_read(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.session.prefetch()
        anna.session.later(None)
        anna.session.advance()
        anna.answer()
        anna.kill()
    assert account(tmp_path).read >= 2


def test_what_is_gone_from_an_edited_source_is_named(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, rows)
    write_rows(rows, ["b", "new", "c"])
    assert work(tmp_path, rows) == ["new"]
    now = account(tmp_path)
    assert (now.read, now.answered, now.dropped, now.not_met) == (3, 6, {}, 3)


def test_rows_are_counted_once_for_each_state_of_a_file(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.known_rows() is None
        assert anna.session.counts().to_go is None
        found = anna.session.count_rows()
        assert found == 7
        anna.session.keep_count(found)
        assert anna.session.counts().to_go == 7
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.known_rows() == 7
    assert account(tmp_path).rows == 7
    rows.write_text(rows.read_text() + json.dumps({"text": "f"}) + "\n")
    with Annotator(tmp_path, rows) as anna:
        assert anna.session.known_rows() is None


def headless_lines(headless: RunsHeadless, folder: Path, *arguments: str) -> list[str]:
    done = headless(*arguments, env={"TUI_ANNOTATE_DB": str(place(folder / "a.db"))})
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_drops_are_listed_with_file_lines_reason_and_detail(
    tmp_path: Path, rows: Path, headless: RunsHeadless
) -> None:
    work(tmp_path, write_rows(tmp_path / "x.jsonl", ["d", "e"]), dataset="x")
    work(tmp_path, rows, policies=Policies(exclude=("x",)))
    told = headless_lines(headless, tmp_path, "drops", "my_set")
    assert told == [
        f"{rows}:3  same-task  [my_set-anna]",
        f"{rows}:5  excluded  answered in x  [my_set-anna]",
        f"{rows}:6  not-json  {told[2].split('  ')[2]}  [my_set-anna]",
        f"{rows}:8  excluded  answered in x  [my_set-anna]",
    ]
    found: list[dict[str, Any]] = [
        json.loads(line) for line in headless_lines(headless, tmp_path, "drops", "my_set", "--json")
    ]
    assert [(each["first_row"], each["first_line"], each["count"]) for each in found] == [
        (3, 3, 1),
        (5, 5, 1),
        (6, 6, 1),
        (7, 8, 1),
    ]
    only = headless_lines(headless, tmp_path, "drops", "my_set", "--reason", "not-json")
    assert only == [told[2]]


def test_stats_show_the_sum(tmp_path: Path, rows: Path, headless: RunsHeadless) -> None:
    work(tmp_path, rows, 2)
    told = "\n".join(headless_lines(headless, tmp_path, "stats", "my_set"))
    assert "3 rows read = 2 answered + 0 waiting + 0 in hand + 1 dropped" in told
    assert re.search(r"about \d+ rows to go, not counted yet", told)
    found = json.loads("\n".join(headless_lines(headless, tmp_path, "stats", "my_set", "--json")))
    assert found["sources"][0]["read"] == 3


def test_rows_that_a_router_gives_to_others_are_still_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = Place(tmp_path, [f"Acme {n}" for n in range(6)])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(where.database))

    def route(ctrl: object, session_id: str, task: dict[str, Any]) -> list[str]:
        return ["my_set-anna" if task["text"] < "Acme 2" else "my_set-ben"]

    done = []
    for name in ("anna", "ben"):
        session = where.open(annotator=name, config={"exclude_by": "input"}, task_router=route)
        session.start()
        while session.item is not None:
            answer(session)
        session.close()
        assert run(["stats", "my_set", "--json"]) == 0
        figures = json.loads(capsys.readouterr().out)
        done.append((figures["rows"], figures["rows_done"]))
    assert done == [(6, 2), (6, 6)]
    assert run(["drops", "my_set", "--reason", "filtered"]) == 0
    assert capsys.readouterr().out.count("it is for other people") == 2  # two ranges of rows
