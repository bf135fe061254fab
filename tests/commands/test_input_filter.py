from __future__ import annotations

import pytest

from tui_annotate.commands.input_filter import HELD, HOLD, PATIENCE, InputFilter
from tui_annotate.commands.key_names import key_of
from tui_annotate.commands.keymap import Keymap, KeyPress

pytestmark = pytest.mark.quick

FINALS = "ABCDEFGHPQRSZ"
MODIFIED = [f"\x1b[1;{m}{f}" for m in range(2, 9) for f in "ABCDFHPQRS"]
TILDES = [f"\x1b[{n}~" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21,
                                 23, 24, 25, 26, 28, 29, 31, 32, 33, 34)]  # fmt: skip
MODIFIED_TILDES = [f"\x1b[{n};{m}~" for n in (2, 3, 5, 6, 15, 24) for m in range(2, 9)]
RXVT = [f"\x1b[{n}^" for n in (3, 5, 6, 7, 8, 11, 24)] + ["\x1b[23@", "\x1b[24@"]
RXVT += [f"\x1b[{f}" for f in "abcd"] + [f"\x1bO{f}" for f in "abcd"]
CONSOLE = [f"\x1b[[{f}" for f in "ABCDE"]
KEYPAD = [f"\x1bO{f}" for f in "ABCDFHMPQRSjklmnopqrstuvwxyE"] + ["\x1bO5P", "\x1bO2Q"]
KITTY = ["\x1b[97;5u", "\x1b[97;5:3u", "\x1b[1;1:3A", "\x1b[57358u", "\x1b[27;2;13~"]
REPORTS = ["\x1b[24;80R", "\x1b[1;1R", "\x1b[?2026;2$y", "\x1b[?1;2c", "\x1b[>0;276;0c",
           "\x1b[I", "\x1b[<0;10;10M", "\x1b[<64;1;1m", "\x1b[48;24;80;0;0t"]  # fmt: skip
SEQUENCES = [
    *(f"\x1b[{final}" for final in FINALS), *MODIFIED, *TILDES, *MODIFIED_TILDES, *RXVT, *CONSOLE,
    *KEYPAD, *KITTY, *REPORTS
]  # fmt: skip


def make(*, timing: bool = True) -> InputFilter:
    return InputFilter(Keymap().is_decision, timing=timing)


def names(presses: tuple[KeyPress, ...]) -> list[str]:
    return [press.key for press in presses]


def as_keys(text: str, *, escape_seen: bool) -> list[tuple[str, str]]:
    """The key events that a reader reports when it gives up on a cut sequence."""
    if text.startswith("\x1b"):
        rest = text[1:]
        if not rest:
            return [("escape", "\x1b")]
        if not escape_seen:
            first = "alt+shift+o" if rest[0] == "O" else key_of(rest[0])
            return [(first, rest[0]), *((key_of(c), c) for c in rest[1:])]
        return [("circumflex_accent", "^"), *((key_of(c), c) for c in rest)]
    return [(key_of(c), c) for c in text]


def play(events: list[tuple[str, str, float]]) -> tuple[list[str], list[tuple[int, int]]]:
    """Feed events, flush after each where due, and collect keys and reports."""
    target, keys, reports, last = make(), [], [], 0.0
    for key, character, at in events:
        if target.deadline is not None and target.deadline <= at:
            keys += names(target.flush(at).presses)
        result = target.feed(key, character, at)
        keys += names(result.presses)
        reports += [result.report] if result.report else []
        last = at
    return keys + names(target.flush(last + 10).presses), reports


@pytest.mark.parametrize("gap", [0.0, 0.12, 1.4])
@pytest.mark.parametrize("escape_seen", [False, True])
def test_every_sequence_cut_at_every_byte_gives_no_key(gap: float, escape_seen: bool) -> None:
    for sequence in SEQUENCES:
        for cut in range(1, len(sequence)):
            events = []
            for at, part in ((0.0, sequence[:cut]), (gap, sequence[cut:])):
                for key, character in as_keys(part, escape_seen=escape_seen):
                    events.append((key, character, at))
            keys, _ = play(events)
            assert set(keys) <= {"escape", "circumflex_accent"}, (sequence, cut)
            # what follows is a key again, at the latest after the time has passed
            keys, _ = play([*events, ("a", "a", gap + PATIENCE + 0.1)])
            assert keys[-1] == "a", (sequence, cut)


def test_every_sequence_byte_by_byte_gives_no_key() -> None:
    for sequence in SEQUENCES:
        events = [("escape", "\x1b", 0.0)]
        events += [(key_of(c), c, 0.3 * i) for i, c in enumerate(sequence[1:], 1)]
        assert play(events)[0] == ["escape"], sequence


def test_the_key_after_a_complete_piece_counts_at_once() -> None:
    pieces = [("left_square_bracket", "[", 0.0), ("5", "5", 0.1), ("tilde", "~", 0.2)]
    assert play([*pieces, ("l", "l", 0.25)])[0] == ["l"]
    assert play([*pieces, ("3", "3", 0.25)])[0] == ["3"]


def test_a_position_report_in_pieces_is_still_a_report() -> None:
    for cut in range(1, 8):
        events = [("left_square_bracket", "[", 0.0)]
        events += [(key_of(c), c, 0.2 * (i >= cut)) for i, c in enumerate("24;80R")]
        assert play(events) == ([], [(24, 80)])
    assert play([("R", "R", 0.0)]) == (["R"], [])


def test_time_ends_a_sequence() -> None:
    bracket = ("left_square_bracket", "[", 0.0)
    assert play([bracket, ("3", "3", PATIENCE - 0.1)])[0] == []
    assert play([bracket, ("3", "3", PATIENCE + 0.1)])[0] == ["3"]
    assert play([("escape", "\x1b", 0.0), ("O", "O", PATIENCE + 0.1)])[0] == ["escape", "O"]


def test_escape_alone_and_capital_o_alone_are_keys() -> None:
    assert play([("escape", "\x1b", 0.0), ("l", "l", 0.2)])[0] == ["escape", "l"]
    assert play([("O", "O", 0.0), ("l", "l", 0.2)])[0] == ["O", "l"]


def test_a_special_key_ends_a_sequence() -> None:
    events = [("left_square_bracket", "[", 0.0), ("left", "", 0.1)]
    target = make()
    assert names(target.feed("left_square_bracket", "[", 0.0).presses) == []
    assert names(target.feed("left", None, 0.1).presses) == ["left"]
    assert play(events)[0] == ["left"]


def test_a_cut_paste_is_dropped_to_its_end() -> None:
    target, keys = make(), []
    text = [("left_square_bracket", "["), *((c, c) for c in "200"), ("tilde", "~")]
    text += [(key_of(c), c) for c in "a text 1 x"]
    for key, character in [*text, ("escape", "\x1b"), ("left_square_bracket", "["),
                           *((c, c) for c in "201"), ("tilde", "~"), ("l", "l")]:  # fmt: skip
        keys += names(target.feed(key, character, 0.0).presses)
    assert keys == ["l"]
    for key, character in text:  # now the end arrives whole and is not seen here
        keys += names(target.feed(key, character, 5.0).presses)
    assert names(target.feed("l", "l", 5.2).presses) == []
    assert names(target.feed("l", "l", 5.8).presses) == ["l"]


class TestBursts:
    def test_a_decision_counts_only_as_the_last_key(self) -> None:
        assert play([(c, c, 0.0) for c in "hlkja"])[0] == ["h", "l", "k", "j", "a"]
        assert play([(c, c, 0.0) for c in "ahlka"])[0] == []
        assert play([(c, c, 0.0) for c in "hlakj"])[0] == ["h", "l"]
        assert play([(c, c, 0.0) for c in "axaxah"])[0] == []
        assert play([(c, c, 0.0) for c in "xaaaa"])[0] == []

    def test_a_pasted_sentence_answers_nothing(self) -> None:
        text = "she said a fox"
        keys, _ = play([(key_of(c), c, 0.0) for c in text + "."])
        assert not {"a", "x", "space"} & set(keys)

    @pytest.mark.parametrize(
        ("sent", "carried_out"),
        [
            ("hl1ahl2a", "hl1"),  # what follows was typed for the next task, and not seen there
            ("lllllllla", "lllllllla"),
            ("hlkjhlkjhl", "hlkjhlkjhl"),
            ("hello axa\rna", "hello"),
            ("hl1ah", "hl1"),
        ],
    )
    def test_of_many_keys_none_counts_behind_a_decision(self, sent: str, carried_out: str) -> None:
        keys, _ = play([(key_of(c), c, 0.0) for c in sent])
        assert "".join(keys) == carried_out
        for gap in (0.04, 0.3):
            target = make()
            for character in sent:
                target.feed(key_of(character), character, 1.0)
            assert names(target.feed("l", "l", 1.0 + gap).presses)[-1:] == ["l"]

    @pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("gap", [0.001, 0.004, 0.01, 0.025])
    def test_text_that_comes_in_small_reads_answers_nothing(self, size: int, gap: float) -> None:
        text = "he said a fax, so she asked"
        keys, _ = play([(key_of(c), c, at // size * gap) for at, c in enumerate(text)])
        assert not {"a", "x", "space"} & set(keys)

    @pytest.mark.parametrize("gap", [0.0, 0.004, 0.02])
    def test_no_decision_counts_right_behind_text(self, gap: float) -> None:
        target = make()
        target.feed("n", "n", 1.0, typing=True)
        filtered = target.feed("a", "a", 1.0 + gap)
        assert "a came at once with what was typed before it" in filtered.message
        assert target.flush(2.0).presses == ()
        target.feed("a", "a", 2.0)
        assert names(target.flush(3.0).presses) == ["a"]

    def test_no_decision_counts_right_behind_keys_of_another_screen(self) -> None:
        target = make()
        target.feed("a", "a", 1.0, before=1)
        assert target.flush(2.0).presses == ()
        target.feed("a", "a", 2.0, before=0)
        assert names(target.flush(3.0).presses) == ["a"]

    def test_fewer_keys_keep_their_order(self) -> None:
        assert play([(c, c, 0.0) for c in "1ah"])[0] == ["1", "a", "h"]
        assert play([(c, c, 0.0) for c in "hl1a"])[0] == ["h", "l", "1", "a"]

    def test_keys_of_a_typist_are_no_burst(self) -> None:
        keys, _ = play([(c, c, 0.1 * i) for i, c in enumerate("a1a2a3")])
        assert keys == list("a1a2a3")

    def test_a_decision_waits_for_the_hold_and_no_longer(self) -> None:
        target = make()
        assert target.feed("a", "a", 1.0).presses == ()
        assert target.deadline == 1.0 + HOLD
        assert target.flush(1.0 + HOLD / 2).presses == ()
        assert names(target.flush(1.0 + HOLD).presses) == ["a"]
        assert target.deadline is None
        assert names(target.feed("l", "l", 2.0).presses) == ["l"]

    def test_without_timing_everything_passes_at_once(self) -> None:
        target = make(timing=False)
        passed = [names(target.feed(c, c, 0.0).presses) for c in "aaahla"]
        assert passed == [[c] for c in "aaahla"]


class TestHeld:
    def test_a_held_decision_answers_once(self) -> None:
        keys, _ = play([("a", "a", i * 0.033) for i in range(60)])
        assert keys == ["a"]

    def test_two_presses_are_two(self) -> None:
        assert play([("a", "a", 0.0), ("a", "a", HELD + 0.05)])[0] == ["a", "a"]

    def test_a_held_move_goes_on_and_is_marked(self) -> None:
        target = make()
        presses = [target.feed("l", "l", i * 0.033).presses[0] for i in range(3)]
        assert [press.held for press in presses] == [False, True, True]

    def test_another_key_between_is_not_held(self) -> None:
        assert play([("a", "a", 0.0), ("l", "l", 0.05), ("a", "a", 0.1)])[0] == ["a", "l", "a"]


class TestLayouts:
    @pytest.mark.parametrize(
        ("typed", "read"),
        [
            ("фчы", "axs"), ("αχσ", "axs"), ("שסד", "axs"), ("شطس", "axs"), ("ａｘ１", "ax1"),
            ("，．", ",."), ("\u3000", " "), ("١٢٣", "123"), ("۱۲۳", "123"), ("१२", "12"),
            ("&é\"'(-è_çà", "1234567890"), ("+ěščřžýáíé", "1234567890"), ("іa", "sa"),
            ("کطز", ";xc"), ("يطز", "d'."), ("éš", "23"), ("šé", "30"), ("ФЫ", "AS"), ("hl", "hl"),
        ],
    )  # fmt: skip
    def test_by_their_physical_key(self, typed: str, read: str) -> None:
        target, physical = make(timing=False), []
        for character in typed:
            key = key_of(character)
            physical += [p.physical for p in target.feed(key, character, 0.0).presses]
        assert physical == [key_of(c) for c in read]

    def test_a_cyrillic_accept_is_a_decision(self) -> None:
        keymap = Keymap()
        target = InputFilter(keymap.is_decision)
        assert target.feed("ф", "ф", 0.0).presses == ()
        (press,) = target.flush(1.0).presses
        action = keymap.lookup(press)
        assert action is not None
        assert action.id == "accept"

    def test_kana_are_told(self) -> None:
        assert "Japanese" in make().feed("あ", "あ", 0.0).message
        assert "Japanese" in make().feed("ｱ", "ｱ", 0.0).message
        assert make().feed("語", "語", 0.0).message == ""

    def test_what_is_bound_itself_is_not_folded(self) -> None:
        keymap = Keymap({"info": ["é"]})
        action = keymap.lookup(KeyPress("é", "é", "2"), {"labels"})
        assert action is not None
        assert action.id == "info"


class TestTyping:
    def test_text_is_kept(self) -> None:
        typed, target, keys = "a fox, ф [sic] [1] [[x]] ^[a-z] ^Oslo [", make(), []
        for number, c in enumerate(f"{typed}."):
            at = 0.1 * number
            keys += [p.character for p in target.feed(key_of(c), c, at, typing=True).presses]
        assert "".join(k or "" for k in keys) == f"{typed}."

    def test_what_may_begin_a_sequence_comes_with_the_next_key(self) -> None:
        target = make()
        assert target.feed("left_square_bracket", "[", 0.0, typing=True).presses == ()
        presses = target.feed("enter", "\r", 0.1, typing=True).presses
        assert [p.key for p in presses] == ["left_square_bracket", "enter"]
        assert target.feed("left_square_bracket", "[", 0.2, typing=True).presses == ()
        assert [p.key for p in target.feed("l", "l", 5.0).presses] == ["l"]

    @pytest.mark.parametrize("cut", ["[A", "[5~", "[1;5C", "[97;5u", "[24;80R", "[200~a x[201~"])
    def test_split_sequences_are_dropped(self, cut: str) -> None:
        target = make()
        for number, c in enumerate(cut):
            assert target.feed(key_of(c), c, 0.1 * number, typing=True).presses == ()
        assert len(target.feed("A", "A", 3.0, typing=True).presses) == 1

    @pytest.mark.parametrize("before", ["", "alt+"])
    @pytest.mark.parametrize("given_up", ["[", "O"])
    def test_what_a_reader_gives_up_is_dropped(self, given_up: str, before: str) -> None:
        target = make()
        if not before:
            target.feed("circumflex_accent", "^", 0.0, typing=True)
        key = before + key_of(given_up)
        assert target.feed(key, given_up, 0.001, typing=True).presses == ()
        assert target.feed("A", "A", 1.0, typing=True).presses == ()
        assert len(target.feed("A", "A", 1.1, typing=True).presses) == 1
