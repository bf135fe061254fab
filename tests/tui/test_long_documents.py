"""A key in a long document does no more than in a short one, counted in calls of functions."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from textual.app import ComposeResult

from tests.tui.emulated import EmulatedApp
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.tui.theme import theme
from tui_annotate.tui.widgets.text_view import TextView

SHORT, LONG = 5_000, 200_000
DOCUMENTS = {
    "English": "Acme Corporation of Berlin announced on Tuesday that Dr Smith had left in May.\n",
    "one line": "Acme Corporation of Berlin announced on Tuesday that Dr Smith had left in May. ",
    "Chinese": "北京的王小明在二〇二三年五月访问了上海浦东新区的一家公司，并与李华先生见面。\n",
    "Arabic": "أعلنت شركة أكمي في برلين يوم الثلاثاء أن الدكتور أحمد غادر الشركة في ١٢ مايو. ",
}
KEYS = (
    *("right", "down", "label", "right", "undo", "redo", "next_span", "previous_span", "delete"),
    *("next_sentence", "next_word", "select", "right", "confirm", "page_down", "page_up", "up"),
)


class DocumentApp(EmulatedApp):
    def __init__(self, text: str) -> None:
        super().__init__(60, 20)
        self.editor = SpanEditor({"text": text}, ("ORG", "LOC"), overlap=True)
        self.view = TextView(theme(), ("ORG", "LOC"))

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.show(self.editor)

    def key(self, command: str) -> None:
        argument = {"label": 0, "page_down": 10, "page_up": 10}.get(command)
        self.view.changed(self.editor.apply(command, argument, self.view.rows))
        self.editor.edits()
        self.editor.state()
        assert self.view.unseen_below >= 0


def calls(work: Callable[[], None]) -> int:
    """Return how many functions are called, those written in C too."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


async def cost(sentence: str, length: int) -> dict[str, int]:
    app = DocumentApp((sentence * (length // len(sentence) + 1))[:length])
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        found: dict[str, int] = {}
        for command in KEYS * 2:  # the first time fills what is kept of rows
            found[command] = calls(lambda command=command: app.key(command))  # type: ignore[misc]
        return found


@pytest.mark.parametrize("kind", DOCUMENTS)
async def test_keys_cost_the_same(kind: str) -> None:
    short = await cost(DOCUMENTS[kind], SHORT)
    for command, count in (await cost(DOCUMENTS[kind], LONG)).items():
        assert count <= 1.3 * short[command] + 300, command
