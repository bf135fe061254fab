"""Small pictures: asked for only where there are some, bounded, and never in the way."""

from __future__ import annotations

import base64
import os
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import own_job
from tests.tui.app_support import Driver, make_app, new_place
from tui_annotate.job import Job
from tui_annotate.stream.stream import get_stream
from tui_annotate.tui.launch import has_pictures
from tui_annotate.tui.terminal import graphics
from tui_annotate.tui.terminal.graphics import Graphics, ask_graphics
from tui_annotate.tui.widgets import picture_view
from tui_annotate.tui.widgets.picture_view import PictureView

pytestmark = pytest.mark.skipif(
    find_spec("PIL") is None or find_spec("textual_image") is None,
    reason="the extra [image] is not installed",
)
SIXEL, KITTY = Graphics("sixel", (10, 20)), Graphics("kitty", (10, 20))


def png(width: int, height: int) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


def data_uri(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def job(*tasks: dict[str, Any], **components: Any) -> Job:
    return own_job({"dataset": "my_set", "stream": tasks, **components})


@pytest.mark.parametrize(
    ("said", "multiplexer", "expected"),
    [
        ("\x1b[6;18;9t\x1b[?62;4;22c", None, Graphics("sixel", (9, 18))),
        ("a\x1b_Gi=31;OK\x1b\\\x1b[?62c", None, KITTY),
        ("\x1b_Gi=31;ENOTSUPPORTED\x1b\\\x1b[?62;22c", None, None),
        ("\x1b[?1;2c", "tmux", None),
    ],
)
def test_a_terminal_says_what_it_draws(
    said: str, multiplexer: str | None, expected: Graphics | None
) -> None:
    master, slave = os.openpty()
    asked = b""

    def answer() -> None:
        nonlocal asked
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(master, 1000)
        os.write(master, said.encode())

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    far = {"SSH_CONNECTION": "a far one"}
    assert ask_graphics(slave, slave, far, multiplexer=multiplexer, truecolor=True) == expected
    thread.join(20)
    assert (b"\x1b_G" in asked) == (multiplexer is None)
    os.close(master)
    os.close(slave)


def test_without_the_extra_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "find_spec", lambda name: None)
    assert ask_graphics(-1, -1, {}, multiplexer=None, truecolor=True) is None


def test_only_jobs_with_pictures_ask() -> None:
    assert has_pictures(job(view_id="image"))
    assert has_pictures(job(view_id="blocks", config={"blocks": [{"view_id": "image"}]}))
    assert not has_pictures(job(view_id="choice"))
    own = job(view_id="choice")
    own.streams = (get_stream([], identity="own:pictures"),)
    assert has_pictures(own)


@pytest.fixture
def standard_output(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    stream = StringIO()
    monkeypatch.setattr(sys, "__stdout__", stream)
    yield stream


def test_a_picture_is_scaled_down_and_writes_nothing(standard_output: StringIO) -> None:
    drawing = picture_view.draw(data_uri(png(800, 400)), SIXEL, 40, 20)
    assert (drawing.columns, drawing.rows) == (40, 10)
    assert drawing.sixels.startswith("\x1bP")
    assert '"1;1;400;200' in drawing.sixels
    drawing = picture_view.draw(data_uri(png(20, 20)), KITTY, 40, 20)
    assert (drawing.columns, drawing.rows, len(drawing.lines)) == (2, 1, 1)
    assert drawing.before.startswith("\x1b_G")
    number = drawing.before.partition("i=")[2].partition(",")[0]
    assert f"i={number}," in drawing.after
    assert standard_output.getvalue() == ""


def test_what_is_not_drawn_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.png").write_bytes(png(9, 9)[:40])
    (tmp_path / "page.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    os.mkfifo(tmp_path / "pipe")
    for name in ("broken.png", "page.eps"):
        with pytest.raises(picture_view.NoPicture, match="no picture that can be read"):
            picture_view.draw(str(tmp_path / name), SIXEL, 40, 20)
    for name in ("none.png", "pipe"):
        with pytest.raises(picture_view.NoPicture, match="no such file"):
            picture_view.draw(str(tmp_path / name), SIXEL, 40, 20)
    monkeypatch.setattr(picture_view, "MAX_PIXELS", 80)
    with pytest.raises(picture_view.NoPicture, match="9 x 9 pixels are too many"):
        picture_view.draw(data_uri(png(9, 9)), SIXEL, 40, 20)
    monkeypatch.setattr(picture_view, "MAX_BYTES", 10)
    with pytest.raises(picture_view.NoPicture, match="too large"):
        picture_view.draw(data_uri(png(9, 9)), SIXEL, 40, 20)


async def test_a_picture_stands_below_the_words_until_the_next_task(tmp_path: Path) -> None:
    place = new_place(tmp_path, "unused")
    tasks = [
        {"image": data_uri(png(400, 100)), "caption": "A cat."},
        {"image": "https://example.org/a.png"},
        {"image": str(tmp_path / "none.png")},
    ]
    app = make_app(place, job(*tasks, view_id="image"), graphics=SIXEL)
    async with app.run_test(size=(60, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        view = app.screen.query_one(PictureView)

        async def drawn() -> None:
            await app.workers.wait_for_complete()
            await driver.idle()

        await drawn()
        assert "A cat." in driver.text
        assert (view.display, view.size.height) == (True, 5)
        last = view.render_lines(view.size.region)[-1]
        assert "\x1bP" in last.text
        await driver.type("m")
        assert "\x1bP" not in view.render_lines(view.size.region)[-1].text
        await driver.type("escape a")
        await drawn()
        assert "not fetched" in driver.text
        assert not view.display
        await driver.type("a")
        await drawn()
        assert "no such file" in view.render_lines(view.size.region)[0].text
        await pilot.resize_terminal(60, 12)
        await drawn()
        assert not view.display
        app.leave()
