"""Tables of utterances with a parse of intents and slots, as TOPv2 has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.test_files_of_others import read

pytestmark = pytest.mark.quick

HEAD = "domain\tutterance\tsemantic_parse\n"
ALARM = "alarm\tset alarm for 8 am\t[IN:CREATE_ALARM set alarm [SL:DATE_TIME for 8 am ] ]\n"
PLAIN = "alarm\tCancel it\t[IN:DELETE_ALARM Cancel it ]\n"


def test_an_intent_is_the_class_and_slots_are_spans(tmp_path: Path) -> None:
    nested = "x\tcall my mom\t[IN:CALL call [SL:CONTACT [IN:GET_CONTACT my mom ] ] ]\n"
    (one, two, three), _, told = read(tmp_path / "a.tsv", HEAD + ALARM + PLAIN + nested)
    assert one == {
        "text": "set alarm for 8 am", "spans": ["for 8 am:DATE_TIME"], "accept": ["CREATE_ALARM"],
    }  # fmt: skip
    assert two == {"text": "Cancel it", "accept": ["DELETE_ALARM"]}
    assert sorted(three["spans"]) == ["my mom:CONTACT", "my mom:IN:GET_CONTACT"]
    assert "`semantic_parse` holds intents and slots" in told


def test_slots_of_other_words_than_the_text_are_left_out_and_it_says_so(tmp_path: Path) -> None:
    other = "x\tset a timer\t[IN:CREATE_TIMER [SL:METHOD timer ] ]\n"
    (one,), reading, _ = read(tmp_path / "a.tsv", HEAD + other)
    assert one == {"text": "set a timer", "accept": ["CREATE_TIMER"]}
    assert "slots are left out" in reading.remarks[0][1]
