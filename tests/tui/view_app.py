"""A text view in a terminal, with a few keys: `python -m tests.tui.view_app TOKENS SPANS`."""

from __future__ import annotations

import sys

from tui_annotate.tui.terminal.startup import prepare

if __name__ == "__main__":
    prepare()

from textual.app import ComposeResult
from textual.events import Key

from tests.tui.tiny_editor import TinyEditor
from tui_annotate.tui.terminal.app import TerminalApp, run
from tui_annotate.tui.theme import color_count, theme
from tui_annotate.tui.widgets.folded_line import StatusLine
from tui_annotate.tui.widgets.status_lines import status_pieces
from tui_annotate.tui.widgets.text_view import TextView

LABELS = ("PERSON", "ORG", "LOC", "DATE")
WORDS = "Acme Corporation of Berlin announced on Tuesday that Dr. Smith had left the firm in May"


def make(tokens: int, spans: int) -> TinyEditor:
    words = WORDS.split()
    editor = TinyEditor(" ".join(words[i % len(words)] for i in range(tokens)))
    step = max(1, len(editor.tokens) // spans) if spans else 0
    for number in range(spans):
        start, end = editor.tokens[min(number * step, len(editor.tokens) - 1)]
        editor.add(start, end, LABELS[number % len(LABELS)])
    editor.focus = None
    return editor


class ViewApp(TerminalApp):
    """Shows a text; `l` and `h` move, digits label, `d` deletes the focused span."""

    def __init__(self, editor: TinyEditor) -> None:
        super().__init__()
        self.theme = "ansi-dark"
        self.editor = editor
        look = theme("dark", colors=color_count(self.console.color_system))
        self.look = look
        self.view = TextView(look, LABELS, id="text")
        self.status = StatusLine(id="status")

    def compose(self) -> ComposeResult:
        yield self.view
        yield self.status

    def on_mount(self) -> None:
        self.view.show(self.editor)
        self.status.show(*status_pieces(self.look, done=0, to_go="7 to go", where=("my_set", "me")))

    def on_key(self, event: Key) -> None:
        if event.key == "q":
            self.exit()
        elif event.key in "lh":
            self.editor.move(1 if event.key == "l" else -1)
        elif event.key in "1234":
            self.editor.label(LABELS[int(event.key) - 1])
        elif event.key == "d" and self.editor.focus:
            self.editor.remove(self.editor.focus)
        elif event.key == "e":
            secret = "Acme Corporation"
            raise ValueError(secret)
        self.view.changed()


if __name__ == "__main__":
    sys.exit(run(ViewApp(make(int(sys.argv[1]), int(sys.argv[2])))))
