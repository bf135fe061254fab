"""The default keys on keyboards of other countries: each can be typed, and none is a trap."""

from __future__ import annotations

import pytest

from tui_annotate.commands.key_names import shown_key
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.table import ACTIONS

pytestmark = pytest.mark.quick

LAYOUTS = {
    "azerty": "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:! "
    "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
    "qwertz": "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.- "
    "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
}
"""What keys give alone and with shift; what takes a third key is left out."""

DIGIT_ROWS = {"azerty": "&é\"'(-è_çà", "czech": "+ěščřžýáíé"}
"""What the digit row gives without shift, where that is no digit."""


def keys_of(action: str) -> list[str]:
    return [shown_key(key) for key in Keymap().keys(action)]


@pytest.mark.parametrize(("layout", "missing"), [("azerty", {"blanks"}), ("qwertz", set())])
def test_every_action_has_a_key_that_can_be_typed(layout: str, missing: set[str]) -> None:
    typed = LAYOUTS[layout]
    cannot = {
        action.id
        for action in ACTIONS
        if (keys := keys_of(action.id)) and not any(len(key) > 1 or key in typed for key in keys)
    }
    assert {each for each in cannot if keys_of(each)[0] not in "←→↑↓"} == missing, (
        "the menu has what is missing"
    )


@pytest.mark.parametrize(
    ("layout", "expected"),
    [("azerty", {"previous_sentence", "version_shared", "unlink"}), ("czech", {"version_union"})],
)
def test_what_a_digit_row_gives_is_a_digit_but_for_a_few_keys(
    layout: str, expected: set[str]
) -> None:
    row = DIGIT_ROWS[layout]
    found = {
        action for action in ACTIONS for key in keys_of(action.id) if len(key) == 1 and key in row
    }
    assert {action.id for action in found} == expected
    assert not any(action.decision for action in found), "shift gives the digit, u takes it back"
