"""The screen under keys: what each does to the task, the store and the words around the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste

from tests.session.support import make_job
from tests.store.support import Failing
from tests.tui.app_support import ACME, LONG, Driver, item_text, make_app, new_place, running, spans
from tui_annotate.commands.keymap import KeyPress
from tui_annotate.commands.preferences import Preferences
from tui_annotate.store.database import open_store
from tui_annotate.store.records import NewAnswer
from tui_annotate.task.hashing import identify
from tui_annotate.tui.screens.page import PageScreen


async def test_how_many_answers_are_which_is_shown_where_it_is_wanted(tmp_path: Path) -> None:
    texts = (ACME, "Globex stayed.", "Nobody left.")
    async with running(new_place(tmp_path, *texts), config={"show_stats": True}) as driver:
        await driver.type("a x")
        assert "2 done  (1 accept, 1 reject)  1 to go" in driver.text


async def test_who_has_answered_much_in_other_sessions_is_no_beginner(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME)

    async def bar() -> str:
        app = make_app(place, make_job(place.source), taught=False)
        async with app.run_test(size=(120, 30)) as pilot:
            driver = Driver(app, pilot)
            await driver.idle()
            app.leave()
            return driver.rows()[-1]

    assert "move" in await bar()
    with open_store(place.database) as store, store.write_txn():
        dataset = store.admin.dataset("old")
        session = store.admin.session(dataset.id, "old-anna", "anna")
        store.answers.import_(dataset.id, [
            NewAnswer(dataset.id, session.id, identify({"text": f"{n}"}), "{}", "accept", "text", n)
            for n in range(20)
        ])  # fmt: skip
    assert "move" not in await bar()


async def test_an_event_is_called_by_its_whole_name(tmp_path: Path) -> None:
    hooks = {"hint": lambda _ctrl, task: f"think of {task['text'][:4]}", "other": print}
    async with running(new_place(tmp_path, ACME), event_hooks=hooks) as driver:
        await driver.type("exclamation_mark h")
        assert "event: h" in driver.text
        await driver.type("i n t")
        assert not driver.spans
        await driver.type("enter")
        assert driver.bar == "think of Acme"


async def test_an_event_asks_for_what_it_names_and_the_task_does_not_have(tmp_path: Path) -> None:
    def find(_ctrl: object, *, query: str, text: str, top: int) -> str:
        return f"{query} in {text[:4]}, {top + 1}"

    async with running(new_place(tmp_path, ACME), event_hooks={"find": find}) as driver:
        await driver.type("exclamation_mark f enter")
        assert "query:" in driver.text
        await driver.type("a x enter")
        assert "top:" in driver.text
        await driver.type("4 enter")
        assert driver.bar == "ax in Acme, 5"
        assert driver.screen.item is not None


# Labelling


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("1", "Acme=ORG"),
        ("1 1", "Acme Corporation=ORG"),
        ("2 1", "Acme=ORG"),
        ("l l l 2", "Berlin=LOC"),
        ("v l 1", "Acme Corporation=ORG"),
        ("v l l o l 1", "Corporation of=ORG"),
        ("1 d", ""),
        ("1 u", ""),
        ("1 u comma", "Acme=ORG"),
        ("1 1 u", "Acme=ORG"),
        ("1 l l l full_stop", "Acme=ORG, Berlin=ORG"),
        ("1 l l l 2 b d", "Berlin=LOC"),
        ("1 l l l 2 h tab d", "Acme=ORG"),
        ("1 v escape", "Acme=ORG"),
        ("1 b v l enter", "Acme Corporation=ORG"),
        ("t l", "Acme=LOC"),
        ("t o", "Acme=ORG"),
        ("t escape", ""),
        ("t right enter", "Acme=LOC"),
        ("t r enter", "Acme=ORG"),
    ],
)
async def test_keys_make_spans(tmp_path: Path, keys: str, expected: str) -> None:
    place = new_place(tmp_path, ACME)
    async with running(place) as driver:
        await driver.type(keys)
        assert spans(driver) == expected
        await driver.type("a")
    assert [text for text, _ in place.answers()] == [ACME]


async def test_labels_stand_in_letters_below_the_text(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, ACME)) as driver:
        await driver.type("1 1 l l 2")
        assert driver.text_rows[:2] == [ACME, "└ORG───────────┘    └LOC─┘"]


async def test_more_labels_than_digits_are_found_by_name(tmp_path: Path) -> None:
    names = [f"LABEL_{number}" for number in range(1, 31)]
    async with running(new_place(tmp_path, ACME), config={"labels": names}) as driver:
        await driver.type("t 2")
        assert "LABEL_2 " in driver.text
        assert "LABEL_13" not in driver.text
        await driver.type("9 enter")
        assert spans(driver) == "Acme=LABEL_29"


# Answering


@pytest.mark.parametrize(
    ("key", "decision"), [("a", "accept"), ("x", "reject"), ("space", "ignore")]
)
async def test_a_decision_is_stored_before_the_next_task_is_shown(
    tmp_path: Path, key: str, decision: str
) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        assert "0 done  2 to go" in driver.text
        await driver.type(key)
        assert place.answers() == [(ACME, decision)]
        assert item_text(driver) == "Two."
        assert "1 done  1 to go" in driver.text
        assert f'{decision}{"d" if decision == "ignore" else "ed"} "{ACME[:39]}' in driver.bar
        assert driver.bar.endswith("u brings it back")
        await driver.type("l")
        assert driver.bar.startswith("a accept")


async def test_the_bar_teaches_in_the_first_twenty_answers_of_a_person(tmp_path: Path) -> None:
    place = new_place(tmp_path, *(f"Row {number}." for number in range(25)))
    for done, teaches in ((0, True), (18, True), (20, False), (21, False)):
        async with running(place) as driver:
            chrome = driver.screen._chrome
            chrome._taught = Preferences("anna", tmp_path).get("taught") is not None
            while driver.screen.counts.done < done:
                await driver.type("a")
            await driver.type("l")
            assert driver.bar.startswith("h j k l move  1-2 label" if teaches else "a accept"), done
            await driver.type("v")
            label = "1-2 label it  " if teaches else ""
            assert driver.bar.startswith(f"{label}enter close the selection"), done


async def test_rejecting_own_edits_takes_a_second_press(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("1 x")
        assert driver.bar == "you have edited this task, x again rejects"
        await driver.type("l x space")
        assert "space again ignores it" in driver.bar
        assert item_text(driver) == ACME
        await driver.type("space")
        assert item_text(driver) == "Two."
    assert place.answers() == [(ACME, "ignore")]


async def test_what_was_not_seen_is_said_where_it_is(tmp_path: Path) -> None:
    place = new_place(tmp_path, LONG)
    span = {"start": len(LONG) - 5, "end": len(LONG), "label": "ORG"}
    place.source.write_text(json.dumps({"text": LONG, "spans": [span]}) + "\n")
    async with running(place) as driver:
        first = driver.screen._shown.place
        assert first is not None
        assert f"1-{first.last} of {first.rows}" in driver.text
        await driver.type("tab")
        last = driver.screen._shown.place
        assert last is not None
        assert last.last == last.rows == first.rows
        above = last.first - 1 - first.last
        assert f"{above} lines above" in driver.text
        assert f"{last.first}-{last.rows} of {last.rows}" in driver.text
        await driver.type("a")
        assert driver.bar == f"{above} lines above, a again accepts"
        assert "below" not in driver.text


async def test_the_place_of_a_long_text_is_shown_on_a_low_screen_too(tmp_path: Path) -> None:
    place = new_place(tmp_path, LONG)
    app = make_app(place, make_job(place.source))
    async with app.run_test(size=(40, 10)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        shown = driver.screen._shown.place
        assert shown is not None
        assert f"1-{shown.last} of {shown.rows}" in driver.text
        await driver.type("a")
        assert "again accepts" in driver.bar


async def test_accepting_what_was_not_read_takes_a_second_press(tmp_path: Path) -> None:
    place = new_place(tmp_path, LONG, LONG + "!")
    async with running(place) as driver:
        assert "41 lines below" in driver.text
        await driver.type("a")
        assert driver.bar == "41 lines below, a again accepts"
        await driver.type("j a")
        assert "a again accepts" in driver.bar
        await driver.type("a")
        assert item_text(driver) == LONG + "!"
        await driver.type("pagedown pagedown pagedown a")
    assert len(place.answers()) == 2


async def test_keys_that_come_with_a_decision_do_not_change_what_is_decided(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.", "Three.")
    async with running(place) as driver:
        driver.screen._press(_press("1"))
        driver.screen._press(_press("a"))
        for key in ("2", "d", "s", "u", "x", "f"):
            driver.screen._press(_press(key))
        assert "one moment" in driver.bar
        await driver.idle()
        assert item_text(driver) == "Two."
        assert spans(driver) == ""
        await driver.type("u")
        assert spans(driver) == "Acme=ORG"
    assert place.answers() == [(ACME, "accept")]


def _press(key: str) -> Any:
    return KeyPress(key, key, key)


async def test_an_answer_that_cannot_be_written_stays_and_the_key_tries_again(
    tmp_path: Path,
) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("1")
        failing = Failing(driver.app.client.session.opened.store, 4)
        await driver.type("a")
        failing.stop()
        assert driver.bar.startswith("not saved, a tries again: ")
        assert "no space is left" in driver.text
        assert (item_text(driver), spans(driver)) == (ACME, "Acme=ORG")
        await driver.type("a")
        assert item_text(driver) == "Two."
    assert place.answers() == [(ACME, "accept")]


async def test_a_draft_that_could_not_be_written_is_written_on_leaving(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        failing = Failing(driver.app.client.session.opened.store, 2)
        await driver.type("1")
        assert failing.failed
        failing.stop()
        assert "not saved, the next key tries again: " in driver.text
    async with running(place) as driver:
        assert spans(driver) == "Acme=ORG"


async def test_what_a_recipe_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    def validate(task: dict[str, Any]) -> None:
        if not task["spans"]:
            raise ValueError("mark \x1b[2Jat least one")

    place = new_place(tmp_path, ACME)
    async with running(place, validate_answer=validate) as driver:
        await driver.type("a")
        assert driver.bar == "mark ␛[2Jat least one"
        await driver.type("1 a")
        assert "All done." in driver.text


# Older answers


async def test_undo_goes_on_into_older_answers_and_redo_returns(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.", "Three.")
    async with running(place) as driver:
        await driver.type("u")
        assert driver.bar == "there is no earlier answer"
        await driver.type("1 a x")
        assert item_text(driver) == "Three."
        await driver.type("u")
        assert (item_text(driver), "task 2: reject" in driver.text) == ("Two.", True)
        await driver.type("u")
        assert (item_text(driver), spans(driver)) == (ACME, "Acme=ORG")
        assert "task 1: accept" in driver.text
        await driver.type("comma comma")
        assert item_text(driver) == "Three."
        await driver.type("u u l l l 2 a")
        assert item_text(driver) == "Three."
    answers = place.answers()
    assert answers == [("Two.", "reject"), (ACME, "accept")]


async def test_undo_stops_once_where_own_edits_end(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two words.")
    async with running(place) as driver:
        await driver.type("a 1 u u")
        assert driver.bar == "u again reopens task 1"
        assert item_text(driver) == "Two words."
        await driver.type("u")
        assert item_text(driver) == ACME


async def test_edits_of_an_old_answer_are_kept_when_one_turns_away(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("a u 1 l l l 2")
        assert spans(driver) == "Acme=ORG, Berlin=LOC"
        await driver.type("s")
        assert item_text(driver) == "Two."
        await driver.type("u")
        assert spans(driver) == "Acme=ORG, Berlin=LOC"
        await driver.type("a")
        assert item_text(driver) == "Two."
    with place.store() as store:
        found = [each.record.content for each in store.answers.iterate(1)]
    assert len(found) == 1
    assert "LOC" in found[0]


async def test_an_opened_answer_is_there_again_after_a_restart(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.", "Three.")
    async with running(place) as driver:
        await driver.type("a a u u")
        assert item_text(driver) == ACME
    async with running(place) as driver:
        assert item_text(driver) == ACME
        assert "task 1: accept" in driver.text
        await driver.type("comma comma")
        assert item_text(driver) == "Three."
    async with running(place) as driver:
        assert item_text(driver) == "Three."


# Later, flag, comment, information


async def test_later_puts_a_task_with_its_spans_at_the_end(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("1 l s")
        assert driver.bar == "put off; it comes back at the end"
        assert "1 waiting" in driver.text
        await driver.type("a")
        assert (item_text(driver), spans(driver)) == (ACME, "Acme=ORG")
        assert driver.editor.cursor == 1
        await driver.type("a")
        assert "nothing" in driver.text
    assert place.answers() == [("Two.", "accept"), (ACME, "accept")]


async def test_flag_and_comment_go_into_the_answer(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        await driver.type("f c o d x backspace d enter")
        assert any(row.endswith("comment  ⚑ flagged") for row in driver.rows())
        await driver.type("c")
        assert "comment: odd▏" in driver.text
        await driver.type("escape a")
    with place.store() as store:
        record = next(store.answers.iterate(1)).record
    assert (record.flagged, record.comment) == (True, "odd")


async def test_pasted_text_goes_into_a_comment_and_nowhere_else(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.")
    async with running(place) as driver:
        driver.screen.post_message(Paste("axa 1\n"))
        await driver.idle()
        assert (item_text(driver), spans(driver)) == (ACME, "")
        await driver.type("c")
        driver.screen.post_message(Paste("a\nq\x1b[2J"))
        await driver.idle()
        assert "comment: a q[2J▏" in driver.text
        await driver.type("enter")
        assert driver.screen.editor is not None
        assert driver.screen.editor.comment == "a q[2J"
        await driver.type("slash")
        driver.screen.post_message(Paste("Corp\n"))
        await driver.idle()
        assert "find: Corp▏" in driver.text and driver.editor.cursor == 1


async def test_information_and_guidelines(tmp_path: Path) -> None:
    place = new_place(tmp_path, "é AAAAAAAAA")
    guide = {"instructions": "# Guide\x1b[2J\nMark [red]names[/red]."}
    async with running(place, config=guide) as driver:
        await driver.type("escape")
        await driver.type("1 i")
        assert driver.bar == "ORG 0-1; characters 0-1: U+00E9"
        await driver.type("l")
        await driver.type("i")
        assert driver.bar == f"characters 2-11: {'U+0041 ' * 8}…"
        await driver.type("h")
        await driver.type("i")
        await driver.type("i")
        assert isinstance(driver.app.screen, PageScreen)
        assert driver.rows()[0] == "Guide␛[2J"
        assert "Mark [red]names[/red]." in driver.text
        await driver.type("a")
        assert item_text(driver) == "é AAAAAAAAA", "the key that closes a page does nothing else"
        assert not isinstance(driver.app.screen, PageScreen)


async def test_guidelines_are_shown_to_newcomers_and_once_after_each_change(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME, "Two.", "Three.")

    async def begin(guide: str, shown: str) -> None:
        async with running(place, config={"instructions": guide}) as driver:
            await driver.idle()
            assert isinstance(driver.app.screen, PageScreen) == bool(shown)
            assert shown in driver.text
            await driver.type("a" if shown else "escape")
            assert not isinstance(driver.app.screen, PageScreen)
            assert item_text(driver) == ACME, "the key that closes a page does nothing else"

    await begin("# Guide\n\nMark names.\n\nOnly names.", "Mark names.")
    await begin("# Guide\n\nMark names.\n\nOnly names.", "")
    await begin("# Guide\n\nMark [b]firms[/b].\n\nOnly names.", "+ Mark [b]firms[/b].")
    await begin("# Guide\n\nMark [b]firms[/b].\n\nOnly names.", "")


async def test_what_a_label_is_for(tmp_path: Path) -> None:
    about = {"label_descriptions": {"ORG": "Firms,\x1b[2J not goods", "LOC": 7}}
    async with running(new_place(tmp_path, ACME), (100, 24), config=about) as driver:
        await driver.type("1 i")
        assert driver.bar.startswith("ORG 0-4: Firms,␛[2J not goods; characters 0-4")
        await driver.type("I")
        assert "ORG: Firms,␛[2J not goods" in driver.text
        assert "LOC" not in driver.text


async def test_help_lists_what_can_be_done_now(tmp_path: Path) -> None:
    async with running(new_place(tmp_path, ACME), (100, 60)) as driver:
        await driver.type("m")
        assert "accept the task as it is shown" in driver.text
        assert "label by name" in driver.text or "choose a label" in driver.text
        await driver.type("q")
        assert driver.app.is_running
        assert item_text(driver) == ACME


async def test_a_page_scrolls_and_closes(tmp_path: Path) -> None:
    guide = {"instructions": "\n".join(f"- Rule {number}." for number in range(1, 61))}
    async with running(new_place(tmp_path, ACME), config=guide) as driver:
        await driver.type("escape")
        await driver.type("i i")
        assert driver.rows()[0] == " • Rule 1."
        for keys, top in (("j", 2), ("space", 24), ("pagedown end", 38), ("k", 37), ("home", 1)):
            await driver.type(keys)
            assert driver.rows()[0] == f" • Rule {top}."
        await driver.type("j j")
        await driver.pilot.resize_terminal(30, 10)
        assert driver.rows()[0] == " • Rule 3."
        await driver.type("escape")
        assert not isinstance(driver.app.screen, PageScreen)


async def test_saved_says_when(tmp_path: Path) -> None:
    place = new_place(tmp_path, ACME)
    async with running(place) as driver:
        await driver.type("l ctrl+s")
        assert driver.bar.startswith("everything is saved, ")
        with place.store() as store:
            assert len(store.progress.drafts(1, 1)) == 1
