"""The additions of docs/adding.md: the view is edited by keys, and quotes stand in the code."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import pytest

from tests.editors.test_views import EXAMPLES, press
from tests.support.environment import ROOT
from tui_annotate import views
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.registry import check_views, open_task
from tui_annotate.editors.schemas import get_schema, validate
from tui_annotate.views import view_ids

pytestmark = pytest.mark.quick

PAGE = (ROOT / "docs" / "adding.md").read_text("utf-8")
QUOTED = re.findall(r"```(?:py|text)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def view(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A view of the page, in its file and with its line."""
    view: str = request.param
    (source,) = re.findall(rf'```python\n("""The view `{view}`.*?)```', PAGE, re.DOTALL)
    name = f"tui_annotate.editors.views.{view}"
    module = ModuleType(name)
    exec(source, module.__dict__)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(views._PLACES, view, f"{name}:{view.upper()}")
    monkeypatch.setattr(views, "_loaded", {})
    return view


@pytest.mark.parametrize("view", ["sureness"], indirect=True)
def test_the_view_is_edited_by_keys(view: str) -> None:
    check_views(view, {})
    task = {"text": "Ada left."}
    editor, _ = open_task(task, view, {})
    assert isinstance(editor, FormEditor) and editor.objection
    assert press(editor, "2") is None
    assert press(editor, "3") is None
    assert editor.current == "certain" and not editor.objection
    assert press(editor, "u") is None
    assert editor.content() == {"text": "Ada left.", "grade": "quite sure"}
    validate(editor.content(), view)
    assert "grade" in get_schema(view)["properties"]


@pytest.mark.parametrize("view", ["headline"], indirect=True)
def test_the_view_is_only_shown(view: str) -> None:
    check_views(view, {})
    task = {"headline": "Soup wins a prize", "text": "Ada left."}
    editor, problems = open_task(task, view, {})
    assert not problems and not editor.objection
    assert [line.text for line in editor.sheet()] == ["Soup wins a prize", "", "Ada left."]
    assert editor.content() == task
    validate(task, view)
    _, problems = open_task({"text": "Ada left."}, view, {})
    assert "no headline" in str(problems)


@pytest.mark.parametrize(("path", "quote"), QUOTED, ids=[path for path, _ in QUOTED])
def test_what_is_quoted_stands_in_the_code_in_this_order(path: str, quote: str) -> None:
    lines = iter((ROOT / path).read_text("utf-8").splitlines())
    missing = [line for line in quote.splitlines() if line and line not in lines]
    assert not missing, f"{path} has other lines than docs/adding.md quotes"


@pytest.mark.parametrize("view", view_ids())
def test_an_editor_with_labels_has_names(view: str) -> None:
    """Else the keys and the lines that give labels find nothing to give."""
    example = EXAMPLES[view]
    editor, _ = open_task(example["task"], view, example.get("config", {}))
    leaf = editor.leaf
    if "labels" in leaf.context():
        assert leaf.names, f"`own_words` of {type(leaf).__name__} has `labels`: it needs `names`"
