"""What people said, as it is compared."""

from __future__ import annotations

from itertools import permutations

import pytest

from tui_annotate.agreement.answers import Judgement, _complete
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_an_answer_in_another_view_takes_no_choice_back(order: tuple[int, ...]) -> None:
    given: list[tuple[str, str, Task]] = [
        ("ann1", "choice", {"text": "t", "accept": ["A"]}),
        ("ann1", "ner_manual", {"text": "t", "spans": []}),
        ("ann2", "choice", {"text": "t", "accept": ["B"]}),
    ]
    said = {"ann1": Judgement(classes={"A": True}), "ann2": Judgement(classes={"B": True})}
    _complete(said, [given[place] for place in order])
    assert said["ann1"].classes == {"A": True, "B": False}
    assert said["ann2"].classes == {"A": False, "B": True}
