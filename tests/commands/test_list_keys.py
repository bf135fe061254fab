"""Keys of lists: the screen obeys, the key bar shows and the help says the same ones."""

from __future__ import annotations

import pytest

from tui_annotate.commands.focus_help import ANSWERS, FINDINGS, HITS, NEW_JOB, START
from tui_annotate.commands.list_keys import (
    ANSWER_KEYS,
    FINDING_KEYS,
    FORM_KEYS,
    HIT_KEYS,
    START_KEYS,
    ListKeys,
)

pytestmark = pytest.mark.quick

TABLES = {
    "answers": (ANSWER_KEYS, ANSWERS),
    "start": (START_KEYS, START),
    "form": (FORM_KEYS, NEW_JOB),
    "hits": (HIT_KEYS, HITS),
    "findings": (FINDING_KEYS, FINDINGS),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_help_has_every_key_of_the_bar(name: str) -> None:
    table, topic = TABLES[name]
    told = [keys for keys, _ in topic.keys]
    assert told == [row.shown for row in table.rows]
    in_bar = {key for keys, _ in table.bar() for key in keys.split(" ")}
    assert in_bar <= {key for keys in told for key in keys.split(" ")}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("width", [20, 39, 76, 140])
def test_a_bar_has_room_and_keeps_what_weighs_most(name: str, width: int) -> None:
    table, _ = TABLES[name]
    shown = "  ".join(f"{keys} {what}" for keys, what in table.bar(width))
    assert len(shown) <= width
    assert "enter" in shown


def test_the_bar_of_answers() -> None:
    def bar(table: ListKeys, width: int) -> str:
        return "  ".join(f"{keys} {what}" for keys, what in table.bar(width))

    assert bar(ANSWER_KEYS, 120) == (
        "enter opens  a x space f t / filter  c comment  d take back  g number  n next  q back"
        "  ? help"
    )
    assert bar(ANSWER_KEYS, 40) == "enter opens  / filter  q back"
    assert bar(FORM_KEYS, 40) == "enter takes it  escape goes back"
