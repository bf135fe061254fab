"""What a start on screen loads: only what the job at hand needs."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal

_RUN = """
import atexit, sys
from pathlib import Path
atexit.register(lambda: Path(sys.argv[1]).write_text("\\n".join(sys.modules)))
sys.argv[0] = "tui-annotate"
from tui_annotate.cli.main import run
run(sys.argv[2:])
"""

NOT_FOR_SPANS = {
    *("bs4", "html", "email", "tomllib", "importlib.metadata", "spacy", "numpy", "pyarrow"),
    *("tui_annotate.exchange", "tui_annotate.store.other_sqlite", "tui_annotate.store.relabel"),
    *("tui_annotate.editors.views.showing", "tui_annotate.editors.views.showing"),
    *("tui_annotate.editors.views.read_only", "tui_annotate.editors.views.composite"),
    *("tui_annotate.editors.views.relations", "tui_annotate.editors.views.choice"),
    *("tui_annotate.session.answer_list", "tui_annotate.tui.screens.history"),
    *("tui_annotate.tui.screens.palette", "tui_annotate.tui.screens.page"),
    *(
        "tui_annotate.tui.widgets.paragraph_layout",
        "tui_annotate.tui.widgets.sheet_layout",
        "tui_annotate.text.arcs",
        "tui_annotate.suggest.patterns",
    ),
    *("tui_annotate.tui.widgets.picture_view", "tui_annotate.tui.terminal.graphics"),
    *("tui_annotate.plain", "tui_annotate.recipes.generic", "tui_annotate.cli.demo"),
    *("tui_annotate.commands.lock", "tui_annotate.tui.locking"),
    *("tui_annotate.watchdog", "regex"),
    *("tui_annotate.sources.jsonfile", "tui_annotate.sources.spacy_tuples"),
    *("tui_annotate.sources.json_wrapping", "tui_annotate.sources.token_tasks"),
}


def loaded(home: Path, recipe: str, *options: str) -> set[str]:
    """Start a recipe on one task, leave when it is painted, and return the modules by name."""
    data, found = home / "data.jsonl", home / "modules"
    data.write_text(json.dumps({"text": "Acme of Berlin"}) + "\n")
    argv: list[str | Path] = [sys.executable, "-c", _RUN, found, recipe, "set", data, *options]
    with Terminal(argv, home=home) as terminal:
        terminal.wait_for("Acme of Berlin")
        terminal.settle()
        terminal.type("q q")
        terminal.wait_exit()
    return set(found.read_text().split())


def test_marking_spans_loads_nothing_that_other_jobs_need(home: Path) -> None:
    new = loaded(home, "ner.manual", "--label", "ORG")
    assert {"tui_annotate.editors.span.editor", "textual.app", "sqlite3"} <= new
    # sqlite-utils loads pandas, and with it these, where somebody has installed it.
    theirs = {"numpy", "pyarrow"} if find_spec("pandas") else set()
    assert sorted(new & (NOT_FOR_SPANS - theirs)) == []
    assert "sqlite_utils" in new, "it makes the tables"
    again = loaded(home, "ner.manual", "--label", "ORG")
    assert sorted(again & {*NOT_FOR_SPANS, "sqlite_utils", "csv"}) == []


def test_another_view_loads_its_own_editor(home: Path) -> None:
    names = loaded(home, "textcat.manual", "--label", "GOOD,BAD")
    assert "tui_annotate.editors.views.choice" in names
    assert "tui_annotate.editors.views.relations" not in names
