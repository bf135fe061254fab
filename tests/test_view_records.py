"""The record of every view, asked every question that the program asks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest

from tests.editors.test_views import EXAMPLES, PAGE
from tests.exchange.support import new_world
from tui_annotate import view_settings, views
from tui_annotate.editors.registry import open_task
from tui_annotate.editors.schemas import get_schema, validate
from tui_annotate.errors import TaskError
from tui_annotate.exchange.export_job import ExportPlan, export
from tui_annotate.exchange.import_sources import AnyFields
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.session.stored_work import summary
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source
from tui_annotate.task.schema import Decision
from tui_annotate.views import Says, View, all_views, find_view, view_ids

pytestmark = pytest.mark.quick

EVERY = pytest.mark.parametrize("view", all_views(), ids=view_ids())

OF_EVERY_JOB = {
    *(
        "annotations_per_task",
        "instructions",
        "keymap_by_label",
        "label_colors",
        "ordered",
        "scattered",
    ),
}
"""Settings that no view looks at."""

ALONE = {"compare": {"tie", "mapping"}}
"""Keys that a view writes where it is no block: two blocks of it do not meet in them."""

NEEDS_NOTHING = {"blocks", "text_input"}
"""Views whose tasks need nothing: settings say what blocks show, and a field may begin empty."""


def example(view: View) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return task, configuration and answer of a view's first section in docs/views.md."""
    found = EXAMPLES[view.id]
    return found["task"], found.get("config", {}), found["answer"]


@EVERY
def test_a_record_answers_every_question(view: View) -> None:
    assert find_view(view.id) is view
    assert view.help and not view.help.endswith(".")
    assert view.says in get_args(Says)
    assert view.inputs and len(set(view.inputs)) == len(view.inputs)
    assert set(view.own_settings) <= set(view.settings) <= set(view_settings.VIEW_SETTINGS)
    assert all(keys for keys in view.needs)
    assert view.says != "all spans" or {"spans", "tokens"} <= set(view.written({}))


def test_every_setting_is_that_of_a_view_or_of_every_job() -> None:
    of_views = {setting for view in all_views() for setting in view.settings}
    assert of_views | OF_EVERY_JOB == set(view_settings.VIEW_SETTINGS)


@EVERY
def test_its_tasks_enter_from_a_source(view: View, tmp_path: Path) -> None:
    task, _, _ = example(view)
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(task) + "\n")
    rows = list(open_source(file).rows())
    assert [row.data for row in rows if isinstance(row, Row)] == [task]
    assert AnyFields().apply(dict(task)) == task


@EVERY
def test_a_task_with_nothing_but_one_of_its_inputs_enters(view: View) -> None:
    for key in view.inputs:
        assert AnyFields().apply({key: "x"}) == {key: "x"}


@EVERY
def test_its_task_is_checked(view: View) -> None:
    task, config, _ = example(view)
    assert view.missing(task, config) == ""
    validate(task, view.id)
    schema = get_schema(view.id)
    assert set(schema["required"]) <= task.keys()
    for keys in view.needs:
        bare = {key: value for key, value in task.items() if key not in keys}
        assert view.missing(bare, {}) == keys[0]
        with pytest.raises(TaskError, match=f"no '{keys[0]}', which {view.id} needs"):
            validate(bare, view.id)
        _, notes = open_task(bare, view.id, {})
        assert f"so it cannot be shown as {view.id}" in notes[0]
    assert view.needs or view.id in NEEDS_NOTHING, "name what it needs, or list it in NEEDS_NOTHING"


@EVERY
def test_it_writes_what_it_says(view: View) -> None:
    task, config, answer = example(view)
    blocks = config.get("blocks", ())
    written = {*view.written(config), *(key for b in blocks for key in written_by_block(b, config))}
    new = {key for key, value in answer.items() if task.get(key) != value} - {"answer"}
    assert new - ALONE.get(view.id, set()) <= written


def written_by_block(block: dict[str, Any], config: dict[str, Any]) -> tuple[str, ...]:
    view = find_view(block["view_id"])
    return view.written(view.settings_of_block(block, config))


@EVERY
def test_two_blocks_of_it_are_refused_where_one_answer_would_be_lost(view: View) -> None:
    blocks = [{"view_id": view.id}, {"view_id": view.id}]
    assert bool(view_settings.problems({"blocks": blocks})) == bool(view.written({}))


@EVERY
def test_receipts_and_the_history_name_its_tasks(view: View) -> None:
    task, _, answer = example(view)
    line = summary({**task, **answer}, view.id)
    assert line and not line.startswith(("{", "["))


def test_the_documentation_has_the_table_of_the_views() -> None:
    assert views.table() in PAGE


def test_an_unknown_view_says_what_its_content_shows() -> None:
    assert views.known_view("review") is None
    assert views.says("review") == "content"


class TestANewViewIsOneFileAndOneLine:
    """Everything that depends on the view follows from its record."""

    TASK: ClassVar[dict[str, Any]] = {"riddle": "What has keys and opens nothing?"}

    @pytest.fixture(autouse=True)
    def registered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(views._PLACES, "riddle", "tests.support.made_view:RIDDLE")
        monkeypatch.setattr(views, "_loaded", dict(views._loaded))

    def test_its_rows_enter_and_are_shown(self, tmp_path: Path) -> None:
        file = tmp_path / "rows.jsonl"
        file.write_text(json.dumps(self.TASK) + "\n")
        [row] = open_source(file).rows()
        assert isinstance(row, Row)
        editor, notes = open_task(row.data, "riddle", {})
        assert [each.text for each in editor.sheet()] == ["A riddle", self.TASK["riddle"]]
        assert notes == ()
        assert summary(self.TASK, "riddle") == self.TASK["riddle"]

    def test_its_tasks_are_checked(self) -> None:
        assert get_schema("riddle")["properties"]["riddle"] == {"type": "string"}
        for wrong, why in (({}, "no 'riddle'"), ({"riddle": 5}, "is no string")):
            with pytest.raises(TaskError, match=why):
                validate(wrong, "riddle")
        assert "no riddle" in open_task({"text": "x"}, "riddle", {})[1][0]

    def test_its_blocks_are_checked(self) -> None:
        twice = [{"view_id": "riddle"}, {"view_id": "text_input", "field_id": "solution"}]
        changed = [{"view_id": "riddle"}, {"view_id": "text_input", "field_id": "riddle"}]
        assert "both write 'solution'" in view_settings.problems({"blocks": twice})["blocks"]
        assert "which 1 (riddle) reads" in view_settings.problems({"blocks": changed})["blocks"]

    @pytest.mark.parametrize("name", ["jsonl", "json", "csv", "sqlite"])
    @pytest.mark.parametrize("decision", ["accept", "reject"])
    def test_every_format_of_rows_writes_its_answers(
        self, name: str, decision: Decision, tmp_path: Path
    ) -> None:
        with new_world(tmp_path / "annotations.db") as world:
            world.answer(self.TASK, decision, view="riddle")
            out = tmp_path / f"out.{name}"
            report = export(world.store, [world.dataset()], ExportPlan(FORMATS[name], out))
        assert (report.written, report.counts.left_out) == (1, {})
        assert self.TASK["riddle"].encode() in out.read_bytes()

    def test_it_is_listed(self) -> None:
        assert "| `riddle` | whether a riddle is good | `riddle` | `solution` |" in views.table()
