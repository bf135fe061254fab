"""What a type hint or a default says about the text of a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, List, Literal, Optional  # noqa: UP035

import pytest

from tui_annotate.job import Arg
from tui_annotate.recipes.registry import RecipeSpec, get_recipe, guess_converter, recipe
from tui_annotate.recipes.types import LabelsType

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("annotation", "default", "text", "value"),
    [
        (int, None, "5", 5),
        ("int", None, "5", 5),
        (Optional[int], None, "5", 5),  # noqa: UP045
        ("float | None", None, "0.5", 0.5),
        (Path, None, "a/b", Path("a/b")),
        (Optional[Path], None, "a/b", Path("a/b")),  # noqa: UP045
        (List[str], None, "A, B", ["A", "B"]),  # noqa: UP006
        ("Optional[List[str]]", None, "A,B", ["A", "B"]),
        (list[str] | None, None, "A", ["A"]),
        ("anything at all", 3, "5", 5),
        (None, 0.5, "0.25", 0.25),
        ("None | int", None, "5", 5),
        (List[int], None, "1, 2", [1, 2]),  # noqa: UP006
        (Sequence[str], (), "A,B", ["A", "B"]),
        ("Optional[Set[str]]", None, "A,B", {"A", "B"}),
        (tuple[float, ...], None, "1,2.5", (1.0, 2.5)),
        (Literal["A", 2], None, "2", 2),
        (Optional[LabelsType], None, "A,B", ["A", "B"]),  # noqa: UP045
        ("ExistingDatasetsType", None, "a,b", ["a", "b"]),
    ],
)
def test_text_becomes_what_the_hint_names(
    annotation: Any, default: Any, text: str, value: Any
) -> None:
    converter = guess_converter(annotation, default)
    assert converter is not None
    assert converter(text) == value


@pytest.mark.parametrize(
    ("annotation", "default"), [(str, "a"), ("__import__('os')", None), (bool, False)]
)
def test_other_hints_leave_the_text_alone(annotation: Any, default: Any) -> None:
    assert guess_converter(annotation, default) is None


def test_labels_may_stand_in_a_file_and_values_be_few(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("A\nB\n")
    labels, one_of = guess_converter(LabelsType, None), guess_converter(Literal["a", "b"], None)
    assert labels is not None
    assert labels(str(tmp_path / "labels.txt")) == ["A", "B"]
    assert one_of is not None
    with pytest.raises(ValueError, match="it is one of: a, b"):
        one_of("c")


def test_an_own_converter_wins() -> None:
    @recipe("test.hinted", n=Arg("--n", converter=lambda text: int(text) * 2))
    def hinted(dataset: str, n: int = 1, m: int = 1) -> dict[str, Any]:
        return {}

    spec: RecipeSpec = get_recipe("test.hinted")
    converted = {each.name: each.converter for each in spec.parameters}
    assert converted["dataset"] is None
    assert converted["n"]("2") == 4  # type: ignore[misc]
    assert converted["m"]("2") == 2  # type: ignore[misc]
