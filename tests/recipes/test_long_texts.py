"""A blank pipeline cuts a text of any length."""

from __future__ import annotations

import pytest

from tui_annotate.suggest.models import load_pipeline


def test_a_blank_pipeline_takes_a_text_of_more_than_a_million_characters() -> None:
    pytest.importorskip("spacy")
    assert len(load_pipeline("blank:en")("a" * 1_000_001)) == 1
