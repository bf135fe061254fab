"""What arrives at a terminal, frame by frame, where one view gives way to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import CompositorUpdate

from tests.session.support import make_job
from tests.tui.app_support import Driver, make_app, new_place
from tests.tui.emulated import Frames
from tui_annotate.task.schema import Task
from tui_annotate.tui.app import AnnotateApp
from tui_annotate.tui.terminal import partial_updates

SIZE = (80, 24)


def watched(app: AnnotateApp) -> Frames:
    """Have every frame of an app drawn on an emulated screen, too."""
    frames = Frames(*SIZE, partial_updates.render_segments)
    shown = app._display

    def display(screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and not app._batch_count:
            frames.draw(renderable, app.console)
        shown(screen, renderable)

    app._display = display  # type: ignore[method-assign]
    return frames


@pytest.mark.parametrize(
    "views",
    [("text", "text"), ("ner_manual", "text"), ("text", "ner_manual"), ("text", "relations")],
)
@pytest.mark.parametrize("job", ["text", "ner_manual"])
async def test_the_screen_shows_what_the_widgets_say(
    views: tuple[str, ...], job: str, tmp_path: Path
) -> None:
    def own_views(tasks: Iterable[Task]) -> Iterator[Task]:
        for task, view in zip(tasks, views, strict=True):
            yield {**task, "view_id": view}

    place = new_place(tmp_path, "Ilse left Cork.", "Orla stayed.")
    app = make_app(place, make_job(place.source, own_views, view_id=job))
    frames = watched(app)
    async with app.run_test(size=SIZE) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        for key in ("a", "a", "u", "a"):
            await driver.type(key)
            rows = [frames.screen.row(y)[2:].rstrip() for y in range(SIZE[1])]
            assert rows == driver.rows(), (key, rows)
        assert "All done." in driver.text
        app.leave()


@pytest.mark.parametrize("view", ["text", "ner_manual"])
async def test_a_task_is_proved_by_a_frame_that_shows_it(view: str, tmp_path: Path) -> None:
    def last_in_its_own(tasks: Iterable[Task]) -> Iterator[Task]:
        first, second = tasks
        yield first
        yield {**second, "view_id": view}

    place = new_place(tmp_path, "Ilse left Cork.", "Orla stayed.")
    app = make_app(place, make_job(place.source, last_in_its_own))
    frames = watched(app)
    shown: list[str] = []
    written = app._task_screen.frames.written

    def note() -> None:
        shown.append(frames.screen.row(2).strip())
        written()

    app._task_screen.frames.written = note  # type: ignore[method-assign]
    async with app.run_test(size=SIZE) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        await driver.type("a")
        assert shown == ["Ilse left Cork.", "Orla stayed."]
        app.leave()
