"""How the screen begins and ends: its last page, leaving, and what stops the program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.session.support import make_job
from tests.tui.app_support import ACME, LONG, Driver, item_text, make_app, new_place, running, spans
from tui_annotate.store.database import open_store
from tui_annotate.task.schema import Task
from tui_annotate.tui.screens.history import HistoryScreen
from tui_annotate.tui.screens.palette import PaletteScreen


async def test_the_end_page_fits_where_lanes_are_always_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with running(new_place(tmp_path, ACME, ACME), size=(80, 20)) as driver:
        await driver.type("z z z a")
        assert "export: tui-annotate db-out my_set" in driver.text


async def test_the_end_says_the_weightiest_on_a_screen_that_has_become_low(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, ACME)) as driver:
        await driver.type("a l")
        assert "What next" in driver.text
        await driver.pilot.resize_terminal(40, 12)
        await driver.idle()
        assert (
            "export: tui-annotate db-out my_set" in driver.text and "What next" not in driver.text
        )


async def test_the_end_has_no_list_of_spans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with running(new_place(tmp_path, "Ilse left Cork.")) as driver:
        await driver.type("z z 1")
        assert "  1 ORG  Ilse" in driver.rows()
        await driver.type("a")
        assert "All done." in driver.text
        assert "ORG  Ilse" not in driver.text
        await driver.type("u")
        assert "  1 ORG  Ilse" in driver.rows()


# The beginning and the end


async def test_the_end_has_counts_and_the_export_command(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.", "Two.")
    with place.source.open("a") as file:
        file.write("not json\n")
    async with running(place) as driver:
        await driver.type("1 a x")
        for line in (
            "All done.",
            "2 answered (1 accept, 1 reject)",
            "ORG 1",
            "2 not asked (1 not-json, 1 same-task)",
            "export: tui-annotate db-out my_set > my_set.jsonl",
            "a model: tui-annotate train model --ner my_set",
            "rows.jsonl",
        ):
            assert line in driver.text.replace("\n", ""), "a long path goes on in the next row"
        runs = [run for y in range(5) for run in driver.screen._views.text.build_line(y).runs]
        assert not any(run.style.reverse for run in runs), "nothing there can be chosen"
        await driver.type("m")
        assert "statistics" in driver.text and "reject" not in driver.text, "there is no task"
        await driver.type("escape l")
        assert driver.bar == "u back to the answers  q leave  m menu"
        before = driver.rows()
        await driver.type("1 2 t a x space s d tab v enter full_stop f c i escape")
        assert driver.rows() == before, "these keys do nothing here"
        await driver.type("u")
        assert item_text(driver) == "Two."
        await driver.type("a")
        assert "2 answered (2 accept)" in driver.text
        await driver.type("q")
        assert not driver.app.is_running or driver.app.leaving
    assert len(place.answers()) == 2


async def test_nothing_to_do_has_a_screen_too(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME)

    def nothing(tasks: Iterable[Task]) -> Iterator[Task]:
        for _ in tasks:
            yield from ()

    async with running(place, change=nothing) as driver:
        assert "There is nothing to do here." in driver.text
        assert "1 not asked (1 filtered)" in driver.text
        assert driver.bar == "u back to the answers  q leave  m menu"
        await driver.type("u q")
        assert driver.app.leaving


async def test_leaving_asks_once_and_any_other_key_stays(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("a q")
        assert driver.bar == "1 answered, all saved; q again leaves"
        await driver.type("l q")
        assert not driver.app.leaving
        await driver.type("escape q")
        assert not driver.app.leaving
        await driver.type("q")
        assert driver.app.leaving
        assert (driver.app.saved, driver.app.error) == (1, None)


async def test_an_unfinished_task_comes_back_as_it_was(tmp_path: Path) -> None:
    place = new_place(tmp_path, LONG, "Two.")
    async with running(place) as driver:
        await driver.type("pagedown pagedown l 1 v l")
        before, top = driver.text_rows, driver.screen._text.top_offset
        assert top > 0
    async with running(place) as driver:
        assert driver.text_rows == before
        assert spans(driver).endswith("=ORG")
        assert driver.editor.selection is not None
        await driver.type("escape u")
        assert spans(driver) == "", "the steps of undo are kept as well"


async def test_moves_are_stored_too_and_edits_at_once(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME)
    async with running(place) as driver:

        def stored() -> list[str]:
            with open_store(place.database, readonly=True) as store:
                return [draft.state for draft in store.progress.drafts(1, 1)]

        await driver.type("1")
        assert '"cursor":0' in stored()[0]
        await driver.type("l l")
        assert '"cursor":0' in stored()[0]
        assert driver.app.client._timer is not None, "it is on its way"
        driver.app.client.edited()
        await driver.idle()
        assert '"cursor":2' in stored()[0]


# Errors


async def test_a_stream_that_fails_ends_the_program_after_what_was_answered(tmp_path: Path) -> None:
    def change(tasks: Iterable[Task]) -> Iterator[Task]:
        for number, task in enumerate(tasks):
            if number == 1:
                raise RuntimeError("no model")
            yield task

    place = new_place(tmp_path, ACME, "Two.")
    async with running(place, change=change) as driver:
        assert item_text(driver) == ACME
        await driver.type("a")
        assert driver.app.leaving
        assert "failed with RuntimeError: no model" in str(driver.app.error)
    assert place.answers() == [(ACME, "accept")]


async def test_an_unreadable_database_ends_the_program_with_its_error(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME)
    place.database.write_text("no database at all, only text that is long enough to be looked at")
    async with running(place) as driver:
        assert driver.app.leaving
        assert "it is not an SQLite database" in str(driver.app.error)


async def test_keys_before_the_first_task_do_nothing(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place):
        pass
    app = make_app(place, make_job(place.source))
    with open_store(place.database) as other, other.write_txn():
        async with app.run_test() as pilot:
            await pilot.press("a", "u", "s", "1", "o", "m", "c", "ctrl+s")
            assert app.error is None
            await pilot.press("q")
            await pilot.pause()
            assert app.leaving
    assert place.answers() == []


async def test_remarks_without_room_go_on_after_the_next_key(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    spans = [
        {"start": 0, "end": 4, "label": "ORG", "text": "Globex"},
        {"start": 20, "end": 99, "label": "LOC"},
    ]
    rows = ({"text": ACME, "spans": spans}, {"text": "Two."})
    place.source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    app = make_app(place, make_job(place.source))
    async with app.run_test(size=(40, 12)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        told = []
        while driver.screen._chrome.speaks:
            told.append(driver.bar)
            await driver.type("l")
        said = " ".join(told).replace(" … ", " ").replace("  ", " ")
        assert "'Globex', and in its place stands 'Acme'" in said
        assert said.endswith("is set aside") and said.count("99") == 1, "each is told once"
        assert len(told) > 1 and all(part.endswith("…") for part in told[:-1])
        await driver.pilot.resize_terminal(80, 24)
        await driver.type("escape a a")
        assert "99" not in driver.text, "another task has nothing of it"


async def test_another_theme_is_that_of_the_menu_and_of_the_answers_too(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, ACME)) as driver:
        before = driver.app.surroundings.theme.name
        await driver.type("%")
        chosen = driver.app.surroundings.theme.name
        assert chosen != before
        for key in ("m", "o"):
            await driver.type(key)
            screen = driver.app.screen
            assert isinstance(screen, (PaletteScreen, HistoryScreen))
            assert screen._style.name == chosen
            await driver.type("escape")
