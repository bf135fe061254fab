"""Names that the alias lacks: a file that imports them loads, and fails where it uses them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import annotate_argv, run_headless
from tui_annotate import compat
from tui_annotate.errors import ProdigyLacks, RecipeError, TaskError
from tui_annotate.job import Controller
from tui_annotate.recipes.recipe_files import load_file
from tui_annotate.recipes.registry import get_recipe

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    compat.install()
    compat.take_absent()
    yield
    compat.uninstall()


def load(code: str) -> dict[str, Any]:
    """Load a recipe file, and return what its recipe `look` gives."""
    Path("recipe.py").write_text(code + LOOK)
    load_file("recipe.py")
    return dict(get_recipe("look").function())


LOOK = """
import prodigy

@prodigy.recipe("look")
def look():
    return dict(globals())
"""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from prodigy.components.preprocess import nowhere", "components.preprocess.nowhere"),
        ("from prodigy.nowhere.at_all import (\n    nowhere,\n)", "nowhere.at_all.nowhere"),
        ("from prodigy import nowhere", "nowhere"),
        ("from prodigy.util import other as nowhere", "util.other"),
        ("try:\n    from prodigy.util import nowhere\nexcept KeyError:\n    pass", "util.nowhere"),
        (
            "try:\n    import prodigy.gone\nexcept ImportError:\n"
            "    from prodigy.models.ner import nowhere",
            "models.ner.nowhere",
        ),
    ],
)
def test_an_absent_name_is_said_when_it_is_used(line: str, name: str) -> None:
    found = load(line)["nowhere"]
    assert compat.take_absent() == [f"prodigy.{name}"]
    assert not found
    for use in (found, lambda: found.nothing, lambda: list(found), lambda: found + 1):
        with pytest.raises(ProdigyLacks, match=f"lacks prodigy.{name}"):
            use()


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from prodigy.util import nowhere\nexcept ImportError:\n    nowhere = 1",
        "try:\n    from prodigy.util import get_hash, nowhere\nexcept:\n    nowhere = 1",
        "try:\n    from prodigy.gone import nowhere\nexcept (KeyError, ModuleNotFoundError):\n"
        "    nowhere = 1",
        "try:\n    if True:\n        import prodigy.gone as nowhere\nexcept Exception:\n"
        "    nowhere = 1",
        "from contextlib import suppress\nnowhere = 1\nwith suppress(ImportError):\n"
        "    from prodigy.util import nowhere",
        "import prodigy.util as u\nnowhere = 1 if not hasattr(u, 'nowhere') else 0",
        "import importlib.util as u\nnowhere = 1 if u.find_spec('prodigy.gone') is None else 0",
        "import prodigy\nnowhere = getattr(prodigy, 'nowhere', 1)",
    ],
)
def test_a_file_that_catches_import_errors_goes_its_own_way(code: str) -> None:
    assert load(code)["nowhere"] == 1
    assert compat.take_absent() == []


def test_a_stand_in_may_stand_where_it_is_not_used() -> None:
    found = load(
        """
from typing import Iterable, List, Optional
from prodigy.types import OddType, OddExample
from prodigy.errors import OddError
from prodigy.util import Odd

def hinted(a: Optional[Odd], b: List[OddType], c: Iterable[OddExample], d: Odd | None): pass

class Mine(Odd): pass

try:
    raise OddError("mine")
except OddError as error:
    said = str(error)
is_one = isinstance(1, Odd)
"""
    )
    assert (found["said"], found["is_one"]) == ("mine", False)
    assert issubclass(found["OddError"], RecipeError)
    with pytest.raises(ProdigyLacks):
        found["Mine"]()


def test_an_attribute_that_is_not_there_says_so() -> None:
    with pytest.raises(ProdigyLacks, match=r"prodigy\.app\.nothing\. There is no server here"):
        _ = importlib.import_module("prodigy.app").nothing
    with pytest.raises(ProdigyLacks, match=r"prodigy\.app\.app"):
        importlib.import_module("prodigy.app").app.get("/")


def test_one_line_names_what_a_file_imports_in_vain(home: Path) -> None:
    code = "import prodigy\nfrom prodigy.util import gone, lost\n\n@prodigy.recipe('go')\n"
    (home / "recipe.py").write_text(code + "def go():\n    gone()\n")
    done = run_headless(annotate_argv("-F", "recipe.py", "go"), home)
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if "prodigy.util.gone" in line]
    assert lines[0].endswith("only where it uses it: prodigy.util.gone, prodigy.util.lost")
    assert "our alias of Prodigy lacks prodigy.util.gone" in lines[1]


def test_hashes_over_one_string_are_those_over_its_characters() -> None:
    prodigy = importlib.import_module("prodigy")
    task = {"a": 1, "text": "x"}
    assert prodigy.set_hashes(dict(task), input_keys=("a")) == prodigy.set_hashes(
        dict(task), input_keys=("a",)
    )
    whole = prodigy.set_hashes(dict(task), input_keys=("text"))
    assert whole != prodigy.set_hashes(dict(task), input_keys=("text",))
    types = importlib.import_module("prodigy.structured_types")
    assert types.get_input_hash(task) == prodigy.set_hashes(dict(task))["_input_hash"]
    assert types.get_task_hash({**task, "_task_hash": 7, "_input_hash": 8}) == 7


def test_tasks_are_checked_by_their_kind() -> None:
    validate = importlib.import_module("prodigy.components.validate").validate
    types = importlib.import_module("prodigy.types")
    task = {"text": "a", "spans": []}
    assert validate(types.NerExample, task) == validate(task, "ner") == task
    with pytest.raises(TaskError, match="not mine"):
        validate(types.ChoiceExample, {"text": "a"}, error_msg="not mine")


def test_small_helpers() -> None:
    util = importlib.import_module("prodigy.util")
    stream = importlib.import_module("prodigy.components.stream")
    assert util.split_evals("a,eval:b") == (["a"], ["b"])
    assert util.split_evals([], 0.2) == ([], [], 0.2)
    assert util.split_evals([{}], 0) == ([{}], [], 0)
    assert stream._source_is_dataset("dataset:a", None)
    assert not stream._source_is_dataset("a.jsonl", None)
    made = Controller.from_components(
        "mine", {"dataset": "d", "view_id": "text", "stream": []}, {"batch_size": 3}
    )
    assert (made.batch_size, made.target_annotated, made.all_session_ids) == (3, 0, ())
    assert made.session_annotated_by_session == {"d": 0}
    assert made.total_annotated_by_session == {}
