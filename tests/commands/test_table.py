from __future__ import annotations

import pytest

from tui_annotate.commands.help import help_sections, key_bar, markdown, teaching_bar
from tui_annotate.commands.key_names import (
    SPECIAL_KEYS,
    character_of,
    key_of,
    normal_key,
    shown_key,
)
from tui_annotate.commands.keymap import Keymap, KeyPress, forbidden_for_decisions
from tui_annotate.commands.table import ACTIONS, BY_ID
from tui_annotate.editors.span.commands import ON_TASK, ON_TOKENS
from tui_annotate.errors import ConfigError

pytestmark = pytest.mark.quick

SPANS = frozenset({"span-editor", "labels"})


def action_of(keymap: Keymap, key: str, context: frozenset[str] = SPANS) -> str | None:
    action = keymap.lookup(KeyPress(key, None, key), context)
    return None if action is None else action.id


_OTHER_VIEWS = {"list", "sheet", "field", "parts", "relations", "folds"}
"""Words that a span editor's context never has."""


class TestTable:
    def test_ids_are_unique(self) -> None:
        assert len(BY_ID) == len(ACTIONS)

    def test_only_three_keys_answer(self) -> None:
        decisions = {action.id: action.keys for action in ACTIONS if action.decision}
        assert decisions == {"accept": ("a",), "reject": ("x",), "ignore": ("space",)}

    def test_every_action_has_an_unmodified_key_that_arrives_everywhere(self) -> None:
        for action in ACTIONS:
            plain = [key for key in action.keys if "+" not in key]
            parts = [BY_ID[part] for part in action.stands_for]
            assert plain or parts, action.id
            assert all(any("+" not in key for key in part.keys) for part in parts)

    def test_no_default_key_is_one_that_terminals_keep_for_themselves(self) -> None:
        taken = {"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+j", "ctrl+b", "ctrl+a", "ctrl+q"}
        assert not taken & {key for action in ACTIONS for key in action.keys}

    def test_every_key_is_written_as_a_face_reports_it(self) -> None:
        for action in ACTIONS:
            for key in action.keys:
                assert normal_key(key) == key

    def test_every_editor_command_is_known_to_the_editor_and_reachable(self) -> None:
        known = {*ON_TOKENS, *ON_TASK}
        asked = {
            action.name
            for action in ACTIONS
            if action.target == "editor" and not action.needs & _OTHER_VIEWS
        }
        assert asked <= known
        # What the view asks a text, a letter or the screen for first, or a keymap gives digits.
        by_view = {
            "arrive",
            "comment",
            "copy_earlier",
            "find",
            "go",
            "hint",
            "reason",
            "rewrite",
            "search",
            "search_exact",
            "search_regex",
        }
        assert known - asked == by_view | {"pick"}

    def test_sections_hold_everything_once(self) -> None:
        listed = [line.action for _, lines in help_sections(Keymap()) for line in lines]
        assert sorted(listed) == sorted(BY_ID)


class TestLookup:
    def test_defaults(self) -> None:
        keymap = Keymap()
        pairs = {"a": "accept", "space": "ignore", "1": "label_1", "0": "label_10", "h": "left",
                 "left": "left", "full_stop": "repeat", "question_mark": "help",
                 "shift+tab": "previous_span", "backspace": "undo", "comma": "redo"}  # fmt: skip
        for key, expected in pairs.items():
            assert action_of(keymap, key) == expected
        assert action_of(keymap, "Q") is None
        assert BY_ID["label_10"].argument == 9

    def test_one_key_means_two_things_in_two_contexts(self) -> None:
        keymap = Keymap()
        assert action_of(keymap, "o") == "older"
        assert action_of(keymap, "o", SPANS | {"selecting"}) == "other_end"

    def test_what_is_not_there_is_not_found(self) -> None:
        assert action_of(Keymap(), "h", frozenset()) is None
        assert action_of(Keymap(), "1", frozenset({"span-editor"})) is None
        assert action_of(Keymap(), "a", frozenset()) == "accept"


class TestKeymaps:
    def test_a_binding_takes_the_place_of_the_default(self) -> None:
        keymap = Keymap({"reject": "N", "info": ["x", "F1"]})
        assert action_of(keymap, "N") == "reject"
        assert action_of(keymap, "x") == "info"
        assert action_of(keymap, "f1") == "info"
        assert action_of(keymap, "i") is None
        assert keymap.is_decision(KeyPress("N", "N", "N"))
        assert not keymap.is_decision(KeyPress("x", "x", "x"))

    def test_an_action_can_be_without_keys(self) -> None:
        assert action_of(Keymap({"later": []}), "s") is None

    @pytest.mark.parametrize(
        ("bindings", "words"),
        [
            ({"acept": "a"}, "'accept'"),
            ({"info": "page upp"}, "'pageup'"),
            ({"info": ""}, "no key"),
            ({"info": "hyperspace+x"}, "no key"),
            ({"info": "a"}, "both accept and info"),
            ({"info": ["ctrl+p"]}, "both info and menu"),
            ({"older": "d"}, "both delete and older"),
        ],
    )
    def test_errors_name_what_is_near(self, bindings: dict[str, str], words: str) -> None:
        with pytest.raises(ConfigError) as caught:
            Keymap(bindings, where="keys.toml")
        assert words in str(caught.value)
        assert str(caught.value).startswith("keys.toml")

    @pytest.mark.parametrize("key", [*"[;~ABCDFHOPQRSZ0123456789`´^¨\"'", "escape"])
    def test_decisions_are_kept_off_keys_that_cannot_be_trusted(self, key: str) -> None:
        unbound = [
            *(f"label_{n}" for n in range(1, 11)),
            "cancel",
            "find",
            "previous_word",
            "blanks",
        ]
        clear: dict[str, list[str]] = {name: [] for name in unbound}
        with pytest.raises(ConfigError, match="cannot be on"):
            Keymap({**clear, "accept": [key]})
        assert not Keymap({**clear, "flag": [key]}).is_decision(KeyPress(key, key, key))

    def test_letters_can_be_trusted(self) -> None:
        for key in "abcdefghijklmnopqrstuvwxyz":
            assert forbidden_for_decisions(key) is None
        assert forbidden_for_decisions("space") is None


class TestNames:
    @pytest.mark.parametrize(
        ("character", "key"),
        [("a", "a"), ("é", "é"), ("/", "slash"), (".", "full_stop"), ("[", "left_square_bracket"),
         ("-", "minus"), ("_", "underscore"), ("?", "question_mark"), (";", "semicolon"),
         ("~", "tilde"), ("@", "at"), (" ", "space"), ("\x01", "\x01")],
    )  # fmt: skip
    def test_of_characters(self, character: str, key: str) -> None:
        assert key_of(character) == key
        if character.isprintable():
            assert character_of(key) == character

    @pytest.mark.parametrize(
        ("written", "key"),
        [("Ctrl+R", "ctrl+r"), ("page up", "pageup"), ("PgDn", "pagedown"), ("/", "slash"),
         ("period", "full_stop"), (" ", "space"), ("A", "A"), ("shift+ctrl+left",
         "ctrl+shift+left"), ("backtab", "shift+tab"), ("nonsense", None), ("+", "plus"),
         ("ctrl+", None), ("Shift+n", "N"), ("alt+/", "alt+slash"),
         ("Ctrl + R", "ctrl+r"), ("ctrl++", "ctrl+plus"), ("cmd+s", "super+s"), ("-", "minus"),
         ("hyphen", "minus"), ("++", None), ("\t", None), ("ctrl+control+r", "ctrl+r"),
         ("ctrl+İ", "ctrl+İ")],
    )  # fmt: skip
    def test_as_people_write_them(self, written: str, key: str | None) -> None:
        assert normal_key(written) == key

    def test_as_they_are_shown(self) -> None:
        assert [shown_key(k) for k in ("slash", "left", "ctrl+r", "space", "f1")] == [
            "/", "←", "ctrl+r", "space", "f1"
        ]  # fmt: skip
        assert all(character_of(key) is None for key in SPECIAL_KEYS - {"space"})


class TestHelp:
    def test_the_bar_shortens_from_the_middle(self) -> None:
        keymap = Keymap()
        wide = key_bar(keymap, SPANS, 120)
        assert wide[:3] == [("a", "accept"), ("x", "reject"), ("space", "ignore")]
        assert wide[-1] == ("m", "menu")
        for width in range(120):
            bar = key_bar(keymap, SPANS, width)
            text = "  ".join(f"{key} {label}" for key, label in bar)
            assert len(text) <= width or not bar
            assert not bar or bar[-1] == ("m", "menu")

    def test_who_begins_is_told_how_to_move_and_to_label(self) -> None:
        def said(width: int, context: frozenset[str] = SPANS, keymap: Keymap = Keymap()) -> str:  # noqa: B008
            entries = teaching_bar(keymap, context, width, labels="1-6")
            return "  ".join(f"{key} {label}" for key, label in entries)

        wide = said(120)
        first = "h j k l move  1-6 label  n next name  a accept  x reject  "
        assert wide.startswith(f"{first}space ignore") and wide.endswith("m menu")
        assert said(len(first) + 6) == f"{first}m menu"
        assert said(40) == "h j k l move  a accept  x reject  m menu"
        assert said(18) == "a accept  m menu"
        assert all(len(said(width)) <= width for width in range(6, 120))
        shown = said(120, SPANS | {"selecting"})
        assert shown.startswith("1-6 label it  enter close the selection")
        other = Keymap({"left": "H", "next_point": "N"})
        assert said(120, keymap=other).startswith("H j k l move  1-6 label  N next name")

    def test_a_keymap_shows_in_bar_and_help(self) -> None:
        keymap = Keymap({"reject": "N"})
        assert ("N", "reject") in key_bar(keymap, SPANS, 120)
        assert "| `N` | reject |" in markdown(keymap)

    def test_help_for_a_context_leaves_out_what_is_not_there(self) -> None:
        lines = [line for _, part in help_sections(Keymap(), frozenset()) for line in part]
        assert not {"left", "label_1", "other_end"} & {line.action for line in lines}
