"""Keymaps by name and from files: presets, errors that say where, labels, counts, the menu."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui_annotate.commands.input_filter import MOST, RepeatCount
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.keymap_file import PRESETS, load_keymap
from tui_annotate.commands.palette import Palette
from tui_annotate.commands.table import ACTIONS
from tui_annotate.errors import ConfigError

pytestmark = pytest.mark.quick

SPANS = frozenset({"span-editor", "labels"})


def action_of(keymap: Keymap, key: str, context: frozenset[str] = SPANS) -> str | None:
    action = keymap.lookup(KeyPress(key, None, key), context)
    return None if action is None else action.id


class TestPresets:
    @pytest.mark.parametrize("name", PRESETS)
    def test_are_valid_and_leave_everything_reachable(self, name: str) -> None:
        keymap = load_keymap(name)
        for action in ACTIONS:
            if not action.keys:  # in the menu, and on keys of the list of answers
                continue
            chooses = action.command == "label" or action.id.startswith("version_")
            assert keymap.keys(action.id) or (name == "vim" and chooses)

    def test_vim_deletes_with_x_and_rejects_from_the_menu(self) -> None:
        keymap = load_keymap("vim")
        assert action_of(keymap, "x") == "delete"
        assert keymap.in_menu("x") == "reject"
        assert keymap.in_menu("y") is None
        assert not keymap.is_decision(KeyPress("x", "x", "x"))
        assert keymap.counts
        assert action_of(keymap, "3") is None
        assert action_of(keymap, "0") == "row_start"
        options = frozenset({"labels", "list"})
        assert action_of(keymap, "3", options) == "label_3"
        assert action_of(keymap, "0", options) == "label_10"
        assert action_of(keymap, "pageup", options) == "option_page_up"

    def test_vim_edits_nothing_where_its_users_only_move(self) -> None:
        keymap = load_keymap("vim")
        found = [action_of(keymap, key) for key in ("e", "comma", "semicolon", "asterisk", "U")]
        assert found == [None, "previous_point", "next_point", "equal", "redo"]

    def test_prodigy_chooses_the_label_first(self) -> None:
        keymap = load_keymap("prodigy")
        press = KeyPress("2", "2", "2")
        first = SPANS | {"label-first"}
        for context, command in [(first, "pick"), (first | {"selecting"}, "label"),
                                 (first | {"focus"}, "label"),
                                 ({"labels", "list"}, "label")]:  # fmt: skip
            action = keymap.lookup(press, context)
            assert action is not None
            assert (action.name, action.argument) == (command, 1)
        assert action_of(keymap, "delete") == "undo"
        assert action_of(keymap, "h") == "guidelines"

    @pytest.mark.parametrize("key", sorted({k for a in ACTIONS if a.yields for k in a.keys}))
    def test_a_file_over_prodigys_keys_takes_those_of_newer_actions(
        self, tmp_path: Path, key: str
    ) -> None:
        path = tmp_path / "keys.toml"
        path.write_text(f'preset = "prodigy"\n[keys]\nflag = {json.dumps(key)}\n')
        keymap = load_keymap(str(path), {"keymap": {"accept": ["v"]}})
        assert action_of(keymap, key) == "flag"

    def test_prodigy_reads_a_jobs_own_keys(self) -> None:
        config = {"labels": ["PER", "ORG"], "keymap": {"accept": ["N"], "save": "ctrl+x"},
                  "keymap_by_label": {"PER": "e", "1": "w"}}  # fmt: skip
        keymap = load_keymap("prodigy", config)
        assert action_of(keymap, "N") == "accept"
        assert action_of(keymap, "ctrl+x") == "saved"
        assert action_of(keymap, "e") == "label PER"
        assert action_of(keymap, "w") == "label ORG"
        assert action_of(load_keymap(None, config), "e") == "equal"
        with pytest.raises(ConfigError, match="keys is 3"):
            load_keymap("prodigy", {"keymap": 3})

    def test_a_jobs_own_keys_are_taken_from_what_prodigy_does_not_know(
        self, tmp_path: Path
    ) -> None:
        config = {"keymap": {"accept": ["n"], "help": "H", "save": ["cmd+s"]},
                  "keymap_by_label": {0: "w"}, "labels": ["PER"]}  # fmt: skip
        numbers = {"keymap_by_label": {"1": "w"}, "labels": ["1", "0"]}
        assert action_of(load_keymap("prodigy", numbers), "w") == "label 1"
        keymap = load_keymap("prodigy", config)
        assert [action_of(keymap, key) for key in "nHw"] == ["accept", "guidelines", "label PER"]
        assert keymap.keys("next_point") == ()
        with pytest.raises(ConfigError, match="both accept and confirm"):
            load_keymap("prodigy", {"keymap": {"accept": ["enter"]}})
        path = tmp_path / "mine.toml"
        path.write_text(
            'preset = "prodigy"\n[keys]\naccept = "y"\ntake_all = "Y"\n[labels]\nPER = "e"\n'
        )
        assert load_keymap(str(path), config).keys("accept") == ("y",)
        assert load_keymap(str(path), config).keys("label PER") == ("e",)

    def test_counts_leave_no_digit_to_labels(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text("\ufeffcounts = true\n", "utf-8")
        assert not any(load_keymap(str(path)).keys(f"label_{n}") for n in range(1, 11))
        path.write_text('preset = "vim"\ncounts = false\n')
        assert action_of(load_keymap(str(path)), "1") == "label_1"


class TestFiles:
    def load(self, tmp_path: Path, text: str) -> Keymap:
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        return load_keymap(str(path))

    def test_a_file_lies_over_a_preset(self, tmp_path: Path) -> None:
        keymap = self.load(
            tmp_path, 'preset = "vim"\ncounts = false\n[keys]\nflag = "F2"\n[labels]\nORG = "O"\n'
        )
        assert action_of(keymap, "x") == "delete"
        assert action_of(keymap, "f2") == "flag"
        assert not keymap.counts
        assert action_of(keymap, "O") == "label ORG"
        assert keymap.action("label ORG").argument == "ORG"

    def test_a_file_that_is_older_than_an_action_keeps_its_keys(self) -> None:
        keymap = Keymap({"undo": ["U", "G"], "flag": "X"})
        for action in ("find_answers", "check_answers", "statistics"):
            assert keymap.keys(action) == ()
            assert keymap.told(action).startswith("m ")
        with pytest.raises(ConfigError, match="given to both"):
            Keymap({"undo": "U", "statistics": "U"})

    def test_a_label_takes_its_key_from_others_but_not_from_decisions(self, tmp_path: Path) -> None:
        keymap = self.load(tmp_path, '[labels]\nORG = "o"\nLOC = "l"\n')
        assert action_of(keymap, "o", SPANS | {"selecting"}) == "label ORG"
        assert action_of(keymap, "right") == "right"
        with pytest.raises(ConfigError, match="both accept and label ORG"):
            self.load(tmp_path, '[labels]\nORG = "a"\n')

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("[keys]\nacept = 'a'\n", "'accept'"),
            ("[keys]\nflag = 'page upp'\n", "'pageup'"),
            ("[keys]\nflag = 3\n", "[keys] flag is 3"),
            ("[keys]\nflag = 'a'\n", "both accept and flag"),
            ("[keys]\nreject = 'j x'\n", "does not begin with a key of the menu"),
            ("[keys]\nreject = 'm x'\nflag = 'm x'\n", "both reject and flag"),
            ("[keys]\nreject = 'm 1'\n", "cannot be on"),
            ("[keyz]\n", "'keys'"),
            ("keys = 1\n", "[keys]"),
            ("counts = 1\n", "true or false"),
            ("preset = 'vimm'\n", "'vim'"),
            ("[keys\n", "line 1"),
            ("flag = 'F'\n", "below a line [keys]"),
            ("[keys]\nflag = 'ctrl+i'\n", "arrives as tab"),
            ("[keys]\nflag = 'm ctrl+m'\n", "arrives as enter"),
            ("[keys]\nflag = 'shift+1'\n", "write that character"),
            ("[keys]\nflag = 'ctrl+1'\n", "arrives as 1"),
            ("[keys]\nflag = 'alt+]'\n", "arrives as the beginning of a terminal's answer"),
            ("[keys]\nflag = 'ctrl+z'\n", "suspends"),
            ("[keys]\nflag = ''\n", "Write what it types"),
            ('[keys]\nflag = "\\t"\n', "there is no key"),
            ("[keys]\naccept = '1'\n", "cannot be on"),
            ("[keys]\naccept = 'enter'\n", "confirm = []"),
            ("[keys]\nflag = 'j'\n", "down = []"),
            ("[labels]\nORG = 'o'\nLOC = 'o'\n", "none: ORG = []"),
            ("counts = true\n[labels]\nORG = '3'\n", "begins a number"),
            ("[keys]\naccept = []\nreject = []\nignore = []\n", "no key answers"),
            ("[keys]\nleave = []\nmenu = []\n", "no key leaves"),
            ("[keys]\nsomething_else = 'j'\n", "docs/keys.md"),
        ],
    )
    def test_errors_say_file_key_and_what_is_near(
        self, tmp_path: Path, text: str, words: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            self.load(tmp_path, text)
        assert words in str(caught.value)
        assert "mine.toml" in str(caught.value)

    def test_there_is_no_such_thing(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="'prodigy'"):
            load_keymap("prodogy")
        with pytest.raises(ConfigError, match="cannot be read"):
            load_keymap(str(tmp_path / "none.toml"))


class TestCounts:
    def test_a_number_is_used_once(self) -> None:
        counter = RepeatCount()
        assert not counter.takes("0")
        assert counter.takes("1")
        assert counter.takes("0")
        assert not counter.takes("l")
        assert (counter.times(), counter.times()) == (10, 1)

    def test_has_an_end(self) -> None:
        counter = RepeatCount()
        assert all(counter.takes("9") for _ in range(50))
        assert counter.times() == MOST


class TestPalette:
    def test_typing_finds_by_name_then_by_words(self) -> None:
        palette = Palette(Keymap(), SPANS)
        everything = len(palette.lines)
        for character in "split":
            palette.type(character)
        assert palette.choice is not None
        assert palette.choice.id == "split"
        palette.type("§")
        assert palette.typed == "split§"
        assert not palette.lines
        while palette.rub_out():
            pass
        assert len(palette.lines) == everything
        for character in "earlier answer":
            palette.type(character)
        assert {line.action for line in palette.lines} >= {"copy_earlier", "undo"}

    @pytest.mark.parametrize(
        ("typed", "action"),
        [
            ("exit", "leave"),
            ("quit", "leave"),
            ("skip", "ignore"),
            ("submit", "accept"),
            ("clear", "delete"),
            ("help", "help"),
            ("l", "later"),
            ("ЕРУЬУ", "theme"),  # the keys of THEME in a Cyrillic layout
        ],
    )
    def test_names_and_synonyms_come_before_the_insides_of_explanations(
        self, typed: str, action: str
    ) -> None:
        palette = Palette(Keymap(), SPANS)
        for character in typed:
            palette.type(character)
        assert palette.choice is not None
        assert palette.choice.id == action

    def test_a_view_s_own_names_of_answers_stand_there(self) -> None:
        palette = Palette(Keymap(), SPANS, {"accept": "A is better"})
        assert palette.lines[0].label == "A is better"
        for character in "accept":
            palette.type(character)
        assert palette.choice is not None
        assert palette.choice.id == "accept"

    def test_the_mark_stops_at_both_ends(self) -> None:
        palette = Palette(Keymap(), SPANS)
        palette.step(-5)
        assert palette.choice is not None
        assert palette.choice.id == "accept"
        palette.step(1000)
        assert palette.lines[palette.marked] is palette.lines[-1]

    def test_only_what_can_be_done_is_there(self) -> None:
        lines = Palette(Keymap(), frozenset()).lines
        assert "left" not in {line.action for line in lines}

    def test_quick_keys_hold_until_something_is_typed(self) -> None:
        palette = Palette(load_keymap("vim"), SPANS)
        quick = palette.quick("x")
        assert quick is not None
        assert quick.id == "reject"
        palette.type("e")
        assert palette.quick("x") is None

    def test_what_was_used_last_stands_first_and_sections_have_headings(self) -> None:
        palette = Palette(Keymap(), SPANS, recent=("theme", "gone", "split"))
        titles = palette.titles
        assert list(titles.values())[:3] == ["Used last", "Answer", "Label"]
        assert [line.action for line in palette.lines[:3]] == ["theme", "split", "accept"]
        assert len({line.action for line in palette.lines}) == len(palette.lines), "each once"
        for at, title in titles.items():
            assert title == "Used last" or at > 0
        palette.type("s")
        assert not palette.titles

    def test_labels_stand_by_their_names(self) -> None:
        words = SPANS | {"labels"}
        palette = Palette(Keymap(), words, labels=("ORG", "a\x1bb"))
        names = [line.label for line in palette.lines if line.action.startswith("label_")]
        assert names[:2] == ["ORG", "a␛b"]
        assert "label 3" not in names, "there is no third label"
        for character in "org":
            palette.type(character)
        assert palette.choice is not None and palette.choice.id == "label_1"

    def test_many_labels_are_one_line_that_asks_for_a_name(self) -> None:
        words = SPANS | {"labels"}
        palette = Palette(Keymap(), words, labels=[f"L{n}" for n in range(60)])
        [line] = [line for line in palette.lines if line.label.startswith("L")]
        assert line.label.startswith("L0 L1 L2") and line.label.endswith("L59")
        assert (line.keys, line.action) == ("1-0", "label_by_name")
        assert palette.titles[palette.lines.index(line)] == "Label"
        for typed, action in (("L3", "label_4"), ("L42", "label_by_name")):
            found = Palette(Keymap(), words, labels=[f"L{n}" for n in range(60)])
            for character in typed:
                found.type(character)
            assert found.choice is not None and found.choice.id == action

    def test_what_cannot_be_done_now_says_why(self) -> None:
        palette = Palette(Keymap(), frozenset())
        assert not palette.not_now, "only what is looked for"
        for character in "split":
            palette.type(character)
        assert not palette.lines and palette.choice is None
        [line] = palette.not_now
        assert (line.action, line.help) == ("split", "not now: this task has no spans")
        palette.type("§")
        assert not palette.not_now
