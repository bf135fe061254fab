"""The page of keys in the documentation is generated, and must not drift."""

from pathlib import Path

import pytest

from tui_annotate.commands.help import (
    help_sections,
    key_bar,
    key_ranges,
    markdown,
    teaching_bar,
)
from tui_annotate.commands.keymap import Keymap
from tui_annotate.commands.keymap_file import load_keymap

pytestmark = pytest.mark.quick


def test_the_page_of_keys_is_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
    assert page.endswith(markdown(Keymap()))


def test_help_and_sentences_name_the_keys_in_force() -> None:
    keymap = Keymap({"older": "O", "undo": []}, labels={"ORG": "w"})
    told = {line.action: line.help for _, lines in help_sections(keymap) for line in lines}
    assert told["go_to"] == "go to the task with a number: O, then g"
    assert (keymap.told("older"), keymap.told("undo")) == ("O", "m undo")
    names = ["PER", "ORG", *(f"L{i}" for i in range(3, 12))]
    assert keymap.label_keys(names) == ["1", "w", *"34567890", ""]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("1234", "1-4"), ("1234567890", "1-0"), ("pwl", "p w l"), ("1w34", "1 w 3-4"),
        ("abcx", "a-c x"),
        ("", ""), ("zA", "z A"), ("90a", "9-0 a"), ("01", "0 1"), ("acegikm", "a c e g i …"),
    ],
)  # fmt: skip
def test_keys_are_a_range_only_where_they_follow_each_other(keys: str, shown: str) -> None:
    assert key_ranges(keys) == shown


def test_who_begins_is_not_told_of_labels_where_digits_take_versions() -> None:
    keymap, context = Keymap(), {"task", "spans", "labels", "review"}
    keys = [key for key, _ in teaching_bar(keymap, context, 120, labels="1-4")]
    assert "1-4" in keys
    keys = [key for key, _ in teaching_bar(keymap, context | {"versions"}, 120, labels="1-4")]
    assert "1-4" not in keys


def test_a_selection_says_first_which_keys_label_it() -> None:
    context = {"span-editor", "labels", "selecting"}
    for width, shown in ((80, 4), (33, 2), (20, 1)):
        bar = teaching_bar(Keymap(), context, width, labels="1-4")
        assert bar[0] == ("1-4", "label it")
        assert len(bar) >= shown
        assert len("  ".join(f"{key} {what}" for key, what in bar)) <= width


def test_while_a_relation_is_made_the_bar_says_how_it_ends() -> None:
    context = {"span-editor", "labels", "relations", "linking"}
    bar = teaching_bar(Keymap(), context, 80, labels="1-2")
    assert bar[:2] == [("1-2", "link it"), ("escape", "give up")]
    assert key_bar(Keymap(), context, 80)[0] == ("escape", "give up")


def test_keys_of_a_preset_are_shown_alike_and_what_gives_a_label_that_is_chosen_first() -> None:
    context = {"span-editor", "labels", "label-first"}
    bar = teaching_bar(load_keymap("prodigy"), context, 120, labels="1-4")
    assert bar[:3] == [("← ↓ ↑ →", "move"), ("1-4", "label"), ("enter", "gives it")]
    assert teaching_bar(Keymap(), context, 120)[0] == ("h j k l", "move")
