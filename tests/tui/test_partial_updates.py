"""The crop at the left edge: the same screen with fewer bytes, and upstream is still the same."""

from __future__ import annotations

import hashlib
import inspect

import pytest
from textual._compositor import ChopsUpdate
from textual.app import ComposeResult
from textual.widgets import Static

from tests.tui.emulated import EmulatedApp
from tests.tui.tiny_editor import TinyEditor
from tui_annotate.tui.terminal import partial_updates
from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.text_view import TextView

ASCII_TEXT = (
    "Acme Corporation of Berlin announced on Tuesday that Dr. Smith had left the firm. " * 6
)
MIXED_TEXT = (
    "東京株式会社 announced 👩‍👩‍👧‍👦 in São Paulo; हिन्दी में, e\u0301t\u0301e\u0301, 🇩🇪 and 1️⃣. " * 6
)


class SideApp(EmulatedApp):
    """A text beside another widget, so that no column of it is one of the screen."""

    CSS = "Screen { layout: horizontal; } #side { width: 9; background: ansi_blue; }"

    def __init__(self, text: str) -> None:
        super().__init__(70, 20)
        self.editor = TinyEditor(text)
        self.view = TextView(theme("dark", colors=256), ("ORG", "LOC"))

    def compose(self) -> ComposeResult:
        yield Static("side 東京", id="side")
        yield self.view

    def on_mount(self) -> None:
        self.view.show(self.editor)


def test_upstream_is_what_was_replaced() -> None:
    source = inspect.getsource(partial_updates.upstream)
    digest = hashlib.blake2b(source.encode(), digest_size=16).hexdigest()
    assert digest == partial_updates.UPSTREAM_DIGEST, (
        "Textual's ChopsUpdate.render_segments has changed: compare it with "
        f"tui/terminal/partial_updates.py, then update UPSTREAM_DIGEST to {digest}"
    )


def test_install_and_uninstall() -> None:
    partial_updates.install()
    try:
        assert ChopsUpdate.render_segments is partial_updates.render_segments
    finally:
        partial_updates.uninstall()
    assert ChopsUpdate.render_segments is partial_updates.upstream


@pytest.mark.parametrize("text", [ASCII_TEXT, MIXED_TEXT], ids=["ascii", "mixed"])
async def test_same_screen_fewer_bytes(text: str) -> None:
    app = SideApp(text)
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.pause()
        for step in range(40):
            app.editor.move(3 if step % 5 else -2)
            if step % 7 == 3:
                app.editor.label("ORG" if step % 2 else "LOC")
            app.view.changed()
            await pilot.pause()
            assert app.cropped.cells() == app.stock.cells()
    assert len(app.cropped.sizes) == len(app.stock.sizes) >= 20
    assert all(a <= b for a, b in zip(app.cropped.sizes, app.stock.sizes, strict=True))
    assert sum(app.cropped.sizes) < 0.7 * sum(app.stock.sizes)
