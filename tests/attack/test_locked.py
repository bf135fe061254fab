"""The lock after idle time: no text is shown, nothing is lost, and only the key opens it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.session.support import Place, make_job
from tests.support.terminal import Terminal
from tests.terminal.support import Job
from tests.tui.app_support import Driver, make_app
from tui_annotate.commands.lock import Lock, make_lock
from tui_annotate.errors import ConfigError

KEY = "Grüße an 7"
LOCKED = "locked, because no key was pressed"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


# The lock itself


@pytest.mark.quick
class TestLock:
    def test_it_is_due_after_idle_time_and_a_key_puts_it_off(self) -> None:
        clock = Clock()
        lock = Lock(10, KEY, clock)
        clock.now = 9.9
        assert not lock.is_due
        lock.touch()
        clock.now = 19.8
        assert not lock.is_due
        clock.now = 19.9
        assert lock.is_due
        assert lock.left == 0
        lock.close()
        assert not lock.is_due

    def test_wrong_keys_slow_down_and_the_right_one_is_no_exception(self) -> None:
        clock = Clock()
        lock = Lock(10, KEY, clock)
        lock.close()
        pauses = []
        for _ in range(9):
            assert not lock.open("wrong")
            pauses.append(lock.pause)
            assert not lock.open(KEY), "it is not even looked at"
            clock.now += lock.pause
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert lock.open(KEY)
        lock.close()
        assert not lock.open("")
        assert lock.pause == 1, "after the right key, it begins anew"

    @pytest.mark.parametrize("typed", ["Gru\u0308ße an 7", KEY])
    def test_the_forms_of_a_letter_are_one(self, typed: str) -> None:
        assert Lock(1, KEY).open(typed)

    @pytest.mark.parametrize("typed", ["", KEY[:-1], KEY + " ", KEY.lower(), "\ud800"])
    def test_nothing_else_opens_it(self, typed: str) -> None:
        assert not Lock(1, KEY).open(typed)

    @pytest.mark.parametrize(
        ("config", "where"),
        [
            ({"lock_after": 5}, "lock_key"),
            ({"lock_after": 5, "lock_key": " "}, "lock_key"),
            ({"lock_after": 5, "lock_key": 7}, "lock_key"),
            ({"lock_after": 5, "lock_key": "geheim\n"}, "lock_key"),
            ({"lock_after": 5, "lock_key": " geheim"}, "lock_key"),
            ({"lock_after": "5", "lock_key": "geheim"}, "lock_after"),
            ({"lock_after": True, "lock_key": "geheim"}, "lock_after"),
            ({"lock_after": -1, "lock_key": "geheim"}, "lock_after"),
            ({"lock_after": 86_401, "lock_key": "geheim"}, "lock_after"),
        ],
    )
    def test_what_cannot_work_is_an_error_that_does_not_show_the_key(
        self, config: dict[str, object], where: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            make_lock(config)
        assert caught.value.where == where
        assert "geheim" not in str(caught.value)

    @pytest.mark.parametrize("config", [{}, {"lock_after": 0}, {"lock_key": "x"}])
    def test_without_a_time_there_is_none(self, config: dict[str, object]) -> None:
        assert make_lock(config) is None


def test_the_key_is_not_printed(home: Path, headless: RunsHeadless) -> None:
    home.mkdir(exist_ok=True)
    (home / "tui-annotate.toml").write_text("lock_after = 5\nlock_key = 'geheim'\n")
    done = headless("config")
    assert "geheim" not in done.stdout + done.stderr
    assert "is set" in done.stdout
    (home / "tui-annotate.toml").write_text("lock_key = ['geheim']\n")
    done = headless("config")
    assert done.returncode == 2
    assert "geheim" not in done.stdout + done.stderr


# On the screen


async def test_what_is_asked_for_while_it_is_locked_comes_afterwards(tmp_path: Path) -> None:
    place = Place(tmp_path, ["One row.", "Another row."])
    clock = Clock()
    lock = Lock(100, KEY, clock)
    app = make_app(place, make_job(place.source), lock=lock)
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        before = driver.rows()
        clock.now = 100
        await pilot.pause(0.7)
        assert app.is_locked
        assert LOCKED in driver.text
        assert "row" not in driver.text.lower()
        driver.screen._asides._menu()  # as a step that takes long might
        await pilot.pause()
        assert LOCKED in driver.text
        await pilot.press("a", "x", "space", "q", "q", "ctrl+z", "enter")
        assert LOCKED in driver.text
        clock.now += lock.pause
        await pilot.press(*["G", "r", "ü", "ß", "e", "space", "a", "n", "space", "7", "enter"])
        await pilot.pause()
        assert not app.is_locked
        await pilot.press("escape")
        await driver.idle()
        assert driver.rows() == before


def lock_in(folder: Path, seconds: int) -> None:
    folder.mkdir(exist_ok=True)
    settings = f'lock_after = {seconds}\nlock_key = "{KEY}"\n'
    (folder / "tui-annotate.toml").write_text(settings)


def opened(screen: Terminal) -> None:
    """Type the key as a person does, and see the task again."""
    screen.send(KEY)
    screen.settle()
    screen.press("enter")
    screen.wait_for(lambda text: LOCKED not in text)


@pytest.mark.terminal
def test_a_screen_is_locked_and_comes_back_as_it_was(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    lock_in(home, 4)
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments) as screen:
        screen.wait_for("3 to go")
        screen.type("1 l l")
        screen.send("c")
        screen.settle()
        screen.send("half a comm")
        before = screen.wait_for("half a comm")
        screen.wait_for(LOCKED)
        seen = len(screen.raw)
        # Whatever comes meanwhile, nothing of the text does.
        screen.send(b"\x1b[200~a\rx\r q q\x1b[201~")
        screen.send(b"\x1b[M !!\x1b[<0;5;5M\x03\x1a\x13\x11")
        screen.resize(60, 20)
        screen.signal(signal.SIGWINCH)
        screen.signal(signal.SIGCONT)
        screen.settle()
        assert LOCKED in screen.screen_text()
        shown = screen.raw[seen:].decode("utf-8", "replace")
        assert not any(word in shown for word in ("Row", "comm", "ORG", "Grüße"))
        screen.resize(80, 24)
        screen.press("ctrl+c")
        opened(screen)
        assert screen.screen_text() == before
        assert not job.answers()
        assert job.drafts()
        screen.send("ent")
        screen.press("enter")
        screen.press("a")
        screen.wait_for("1 done")
        screen.wait_for(LOCKED)
        # A hang-up while it is locked loses nothing.
        screen.hangup()
        assert screen.wait_exit() == 129
    answer = job.answers()[0]
    assert answer["_comment"] == "half a comment"
    assert [span["label"] for span in answer["spans"]] == ["ORG"]


@pytest.mark.terminal
def test_wrong_keys_wait(tmp_path: Path, home: Path, annotate: StartsTerminal) -> None:
    lock_in(home, 1)
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments) as screen:
        screen.wait_for(LOCKED)
        screen.send("wrong\r")
        screen.wait_for("that is not the key")
        screen.send(f"{KEY}\r")  # too soon
        screen.wait_for(lambda text: "not the key" not in text)
        assert LOCKED in screen.screen_text()
        assert "wrong" not in screen.raw.decode("utf-8", "replace")
        opened(screen)
        screen.wait_for("Row 1 of them.")


@pytest.mark.terminal
def test_line_by_line_it_is_locked_too(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    lock_in(home, 3)
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments, "--plain") as screen:
        screen.wait_for("Row 1 of them.")
        screen.send("org Row\r")
        screen.wait_for("1 span")
        screen.send("comment half")
        screen.wait_for("Locked, because nothing was written")
        assert "Row" not in screen.screen_text()
        assert b"\x1b[3J" in screen.raw
        seen = len(screen.raw)
        screen.send(b"\x03\x04\x1aa\r")
        screen.wait_for("That is not the key.")
        time.sleep(1.2)
        screen.send(f"wrong\x15{KEY}\r")
        screen.wait_for("This line was begun and not sent; write it again:")
        screen.wait_for("comment half")
        shown = screen.raw[seen:].decode("utf-8", "replace")
        assert "wrong" not in shown
        assert "Grüße" not in shown
        assert "Row 1 of them." in shown, "the task is said again"
        screen.send("a\r")
        screen.wait_for("Row 2 of them.")
        screen.wait_for("Locked, because")
        screen.send(f"{KEY}\r")
        screen.wait_for("Row 2 of them.")
        screen.send("q\r")
        assert screen.wait_exit() == 0
        assert screen.left_sane()
    answers = job.answers()
    assert [span["label"] for span in answers[0]["spans"]] == ["ORG"]
    assert len(answers) == 1


@pytest.mark.terminal
def test_who_is_told_to_end_leaves_a_terminal_that_shows_what_is_typed(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    lock_in(home, 1)
    job = Job(tmp_path, home, 3)
    with annotate(*job.arguments, "--plain") as screen:
        screen.wait_for("it is not shown")
        screen.settle()
        screen.signal(signal.SIGTERM)
        screen.wait_exit()
        assert screen.left_sane()
