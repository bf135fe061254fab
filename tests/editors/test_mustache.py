"""Templates: fields, sections, remarks; what is broken shows as text and never fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.editors.mustache import fill

pytestmark = pytest.mark.quick

TASK: dict[str, Any] = {
    "text": "a < b",
    "meta": {"from": "x"},
    "zero": 0,
    "none": None,
    "empty": [],
    "options": [{"text": "one"}, {"text": "two", "meta": {"from": "y"}}],
    "words": ["p", "q"],
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{text}} {{ text }}", "a &lt; b a &lt; b"),
        ("{{{text}}} {{& text}}", "a < b a < b"),
        ("{{meta.from}}{{meta.no}}{{no.way}}{{none}}", "x"),
        ("{{zero}}", "0"),
        ("{{#options}}<p>{{text}} {{meta.from}}</p>{{/options}}", "<p>one x</p><p>two y</p>"),
        ("{{#words}}{{.}},{{/words}}", "p,q,"),
        ("{{#meta}}{{from}}{{/meta}}", "x"),
        ("{{#empty}}never{{/empty}}{{^empty}}nothing{{/empty}}", "nothing"),
        ("{{^words}}never{{/words}}", ""),
        ("{{#words}}{{#words}}{{.}}{{/words}};{{/words}}", "pq;pq;"),
        ("a{{! a remark }}b", "ab"),
        ("{{#words}}left open", "left openleft open"),
        ("{{/words}}closed {{ only", "closed {{ only"),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    assert fill(template, TASK) == expected


@given(st.text("{}#/^.&! abwords", max_size=40))
def test_no_template_fails(template: str) -> None:
    assert isinstance(fill(template, TASK), str)
