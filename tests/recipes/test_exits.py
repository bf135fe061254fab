"""Recipes that leave the program (`sys.exit`, `msg.fail(..., exits=1)`) fail as any call does."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.support import opened, own_job, run_through
from tests.recipes.test_components import texts
from tui_annotate.errors import RecipeError
from tui_annotate.recipes.printer import msg

NOW = {"batch_size": 1, "history_size": 0}


def by_number(*_: Any) -> None:
    sys.exit(3)


def by_words(*_: Any) -> None:
    sys.exit("The model is gone.")


def by_message(*_: Any) -> None:
    msg.fail("The model is gone", "Fetch it again", exits=True)


def by_wasabi(*_: Any) -> None:
    import wasabi

    wasabi.msg.fail("The model is gone", "Fetch it again", exits=1)


_WITH_WASABI = pytest.mark.skipif(find_spec("wasabi") is None, reason="wasabi is not here")
LEAVES = [
    (by_number, "gave up{} with exit code 3 (test_exits.py:"),
    (by_words, "gave up{}: The model is gone (test_exits.py:"),
    (by_message, "gave up{}: The model is gone: Fetch it again (test_exits.py:"),
    pytest.param(
        by_wasabi,
        "gave up{}: The model is gone: Fetch it again (test_exits.py:",
        marks=_WITH_WASABI,
    ),
]
CALLBACKS = (
    *("update", "validate_answer", "before_db", "on_load", "on_exit", "get_session_id"),
    *("task_router", "session_factory", "progress"),
)


@pytest.mark.parametrize(("leaves", "words"), LEAVES)
@pytest.mark.parametrize("name", CALLBACKS)
def test_a_callback_that_leaves_is_one_line_with_its_words(
    name: str, leaves: Callable[..., None], words: str, tmp_path: Path
) -> None:
    called: dict[str, Callable[..., Any]] = {
        "update": lambda answers: leaves(),
        "before_db": lambda answers: leaves(),
        "validate_answer": lambda answer: leaves(),
        "task_router": lambda ctrl, session_id, task: leaves(),
        "session_factory": lambda ctrl, session_id: leaves(),
        "get_session_id": lambda: leaves(),
        "progress": lambda ctrl, result: leaves(),
    }
    function = called.get(name, lambda ctrl: leaves())
    with pytest.raises(RecipeError) as caught:
        job = own_job({"stream": texts(2), name: function, "config": NOW})
        session = opened(job, tmp_path / "a.db")
        run_through(session)
        session.close()
    said = str(caught.value)
    about = " on the task 'Text number 0.'"
    if name in ("get_session_id", "session_factory", "progress", "on_load", "on_exit"):
        about = ""
    assert said.startswith(f"my.recipe: {name} {words.format(about)}")
    assert "\n" not in said


@pytest.mark.parametrize("kind", [KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
@pytest.mark.parametrize("name", ["stream", "update", "validate_answer", "on_load"])
def test_what_no_exception_is_ends_no_program_either(
    name: str, kind: type[BaseException], tmp_path: Path
) -> None:
    def fails(*_: Any) -> None:
        raise kind

    def stream() -> Iterator[dict[str, Any]]:
        yield {"text": "One."}
        if name == "stream":
            fails()

    called = {} if name == "stream" else {name: fails}
    with pytest.raises(RecipeError, match=rf"failed with {kind.__name__}: .*test_exits.py:"):
        job = own_job({"stream": stream(), **called, "config": NOW})
        session = opened(job, tmp_path / "a.db")
        run_through(session)
        session.close()


@pytest.mark.quick
@pytest.mark.parametrize(("leaves", "words"), LEAVES)
def test_a_stream_that_leaves_keeps_what_was_answered(
    leaves: Callable[..., None], words: str, tmp_path: Path
) -> None:
    def tasks() -> Iterator[dict[str, Any]]:
        yield {"text": "one"}
        leaves()

    session = opened(own_job({"stream": tasks()}), tmp_path / "a.db")
    with pytest.raises(RecipeError) as caught:
        run_through(session)
    assert session.counts().done == 1
    session.close()
    assert str(caught.value).startswith(f"my.recipe: the stream {words.format('')}")


RECIPE = """
import sys
import tui_annotate as ta
from prodigy.util import msg

def stream():
    yield {"text": "First of all."}
    yield {"text": "Second of all."}
    if WHERE == "stream":
        sys.exit("No third task")

def update(answers):
    if WHERE == "update":
        msg.fail("No room for the model", exits=True)

def before_db(answers):
    if WHERE == "before_db":
        sys.exit("No table")
    return answers

def event(ctrl, task):
    sys.exit("No such thing")

@ta.recipe("leaves", dataset=("Where to", "positional"))
def leaves(dataset):
    if WHERE == "recipe":
        sys.exit("No\\x1b[2J dataset")
    return {"dataset": dataset, "view_id": "text", "stream": stream(), "update": update,
            "before_db": before_db, "event_hooks": {"ask": event},
            "config": {"batch_size": 1, "history_size": 0}}
"""


def written(home: Path, where: str) -> Path:
    path = home / "leaves.py"
    path.write_text(f"WHERE = {where!r}\n{RECIPE}")
    return path


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("where", "words", "answers"),
    [
        ("stream", "the stream gave up: No third task", 2),
        ("update", "update gave up on the task 'First of all.': No room for the model", 2),
        ("before_db", "before_db gave up on the task 'First of all.': No table", 0),
    ],
)
def test_on_screen_the_words_are_said_and_the_terminal_stays_sane(
    where: str,
    words: str,
    answers: int,
    annotate: StartsTerminal,
    headless: RunsHeadless,
    home: Path,
) -> None:
    screen = annotate("leaves", "my_set", "-F", written(home, where), columns=120)
    screen.wait_for("First of all.")
    screen.settle()
    screen.press("a")
    if where == "stream":
        screen.wait_for("Second of all.")
        screen.settle()
        screen.press("a")
    screen.wait_for(words)
    screen.settle()
    if where == "update":
        screen.wait_for("Second of all.")
        screen.press("a")
        screen.wait_for("2 done")
    screen.type("q q")
    screen.wait_exit()
    assert screen.left_sane()
    assert "Traceback" not in screen.screen_text()
    given = headless("db-out", "my_set").stdout.splitlines()
    assert len([json.loads(line) for line in given]) == answers


@pytest.mark.quick
def test_before_the_session_the_words_are_one_safe_line(headless: RunsHeadless, home: Path) -> None:
    path = written(home, "recipe")
    done = headless("leaves", "my_set", "-F", path)
    assert done.returncode == 1
    [line] = [each for each in done.stderr.splitlines() if "import prodigy" not in each]
    assert line.startswith("tui-annotate: No")
    assert "\x1b" not in done.stderr
