"""What is typed on after a name was picked is no command; what does not go on with it is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_annotate.commands.continuation import PAUSE, PAUSE_WITHIN, TWICE, TYPO, Continuation
from tui_annotate.commands.key_names import key_of
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.commands.keymap_file import PRESETS
from tui_annotate.commands.name_finder import NameFinder
from tui_annotate.commands.table import BY_ID

pytestmark = pytest.mark.quick

SHORT = [f"Short {number}" for number in range(1, 61)]


def pick(names: list[str], typed: str) -> tuple[str | None, str]:
    """Type until one name is sure; return it and what is left to be typed."""
    finder = NameFinder(names)
    for at, character in enumerate(typed, 1):
        finder.type(character)
        if finder.sure is not None:
            return finder.sure, typed[at:]
    return finder.choice, ""


def swallowed(rest: Continuation, keys: str, pace: float = 0.15) -> str:
    """Return the characters that were swallowed, up to the first that was not."""
    now, found = 0.0, ""
    for character in keys:
        now += pace
        if not rest.swallows(key_of(character), character, now):
            break
        found += character
    return found


def test_the_rest_of_a_name_and_one_enter_are_swallowed() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert swallowed(rest, "ate") == "ate"
    assert rest.swallows("enter", "\r", 0.6)
    assert rest.over
    assert not rest.swallows("enter", "\r", 0.7)


@pytest.mark.parametrize("typed", [True, False])
def test_a_second_enter_chooses_no_other_option(typed: bool) -> None:
    if typed:
        rest = Continuation("Short 47", ("Short 47",), "short 47", 0.0, done="chosen")
        assert rest.swallows("enter", None, 0.0, BY_ID["toggle"])
    else:
        rest = Continuation("Short 4", (), "", 0.0, done="chosen", ended=True)
    assert not rest.continues("enter", None, 0.1), "it is judged as the key that it may be"
    assert rest.swallows("enter", None, 0.25, BY_ID["toggle"])
    said = rest.told(KeyPress("enter"), BY_ID["toggle"])
    assert said.endswith("chosen; enter came twice, the second one was not counted")
    assert not rest.swallows("enter", None, 0.3, BY_ID["confirm"]), "it takes no option there"
    assert not rest.swallows("enter", None, TWICE + 0.01, BY_ID["toggle"]), "that long is meant"
    assert not rest.swallows("a", "a", 0.3, BY_ID["accept"])


def test_a_key_that_does_not_go_on_ends_it_at_once() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not rest.swallows("r", "r", 0.15, BY_ID["link"])
    assert not rest.swallows("e", "e", 0.5), "what has ended does not begin again"
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert swallowed(rest, "a") == "a"
    assert not rest.swallows("left", None, 0.3)
    assert not rest.swallows("t", "t", 0.5)


def test_a_pause_ends_it_and_slow_typing_does_not() -> None:
    rest = Continuation("ORGANISATION", ("ORGANISATION",), "o", 0.0)
    assert swallowed(rest, "rganisation", pace=0.4) == "rganisation"
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not rest.swallows("a", "a", PAUSE + 0.01)


def test_what_was_swallowed_is_said_with_the_way_to_mean_it() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    press = KeyPress("a", "a")
    assert rest.swallows("a", "a", 0.15)
    assert rest.told(press, BY_ID["accept"]) == (
        "DATE given; a was read as a letter of the name, a again accepts"
    )
    assert not rest.swallows("a", "a", 0.55, BY_ID["accept"]), "so a again does accept"


def test_where_the_letter_comes_twice_the_sentence_does_not_promise_the_second() -> None:
    rest = Continuation("DAAR", ("DAAR",), "d", 0.0)
    assert rest.swallows("a", "a", 0.15)
    assert rest.told(KeyPress("a", "a"), BY_ID["accept"]).endswith("a after two seconds accepts")
    assert rest.swallows("a", "a", 0.3)


@pytest.mark.parametrize("pause", [0.9, 1.2, 1.5, 1.9])
def test_who_stops_in_the_midst_of_a_name_goes_on_with_it(pause: float) -> None:
    rest = Continuation("ORGANISATION", ("ORGANISATION",), "o", 0.0)
    assert swallowed(rest, "rganis") == "rganis"
    at = 0.9 + pause
    assert rest.swallows("a", "a", at, BY_ID["accept"])
    assert swallowed_from(rest, "tion", at) == "tion"
    assert rest.swallows("enter", None, at + 0.75, BY_ID["toggle"])


def test_behind_a_pause_in_a_name_what_does_not_go_on_with_it_is_a_command() -> None:
    for key, action in (("a", "accept"), ("x", "reject"), ("backspace", "undo"), ("t", "label")):
        rest = Continuation("PERSON", ("PERSON",), "p", 0.0)
        assert swallowed(rest, "er") == "er"
        character = None if len(key) > 1 else key
        assert not rest.swallows(key, character, 1.5, BY_ID.get(action)), key
    late = Continuation("PERSON", ("PERSON",), "p", 0.0)
    assert swallowed(late, "er") == "er"
    assert not late.swallows("s", "s", 0.3 + PAUSE_WITHIN + 0.01)
    picked = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not picked.swallows("a", "a", PAUSE + 0.01, BY_ID["accept"]), "nothing was typed on"


def test_blanks_digits_and_names_that_begin_other_names() -> None:
    names = ["Short 4", "Short 470", "Short 47", "Short 5"]
    assert pick(names, "short 47") == ("Short 47", "")  # enter takes what is typed to its end
    assert pick(names, "short 4") == ("Short 4", "")
    assert pick(names, "short 470") == ("Short 470", "")
    assert pick(names, "short 5") == ("Short 5", "")
    assert pick(SHORT, "short 47") == ("Short 47", "")
    long = Continuation("Short 47", ("Short 47",), "s", 0.0)
    assert swallowed(long, "hort 47") == "hort 47"


def test_case_layouts_and_input_methods_are_seen_through() -> None:
    assert pick(["per", "PER"], "PER") == ("PER", "")
    assert pick(["per", "PER"], "per") == ("per", "")
    assert pick(["PERSON", "DATE"], "вфеу") == ("DATE", "феу")  # the keys of `date`
    assert pick(["PERSON", "DATE"], "ｄａｔｅ") == ("DATE", "ａｔｅ")
    assert pick(["Été", "Ete"], "ete") == ("Ete", "")
    assert pick(["Ete", "Été"], "été") == ("Été", "")
    assert pick(["Ärzte", "Éclair"], "arzte") == ("Ärzte", "rzte")
    for typed, keys in (("в", "феу"), ("ｄ", "ａｔｅ"), ("D", "ATE"), ("d", "AtE")):
        assert swallowed(Continuation("DATE", ("DATE",), typed, 0.0), keys) == keys
    assert pick(["Дата", "Лицо"], "дата") == ("Дата", "ата")


def test_what_no_name_has_stays_on_screen_and_takes_nothing() -> None:
    finder = NameFinder(["PER", "LOC", "ORG"])
    for character in "norp":
        finder.type(character)
    assert (finder.typed, finder.sure, finder.choice, finder.matches) == ("norp", None, None, ())
    for _ in "norp":
        finder.rub_out()
    assert finder.matches == ("PER", "LOC", "ORG")


def test_of_several_words_that_begin_alike_the_one_that_is_typed_is_meant() -> None:
    typed: list[str] = []
    words = ("by", "Berlin", "barn")
    rest = Continuation("b", words, "b", 0.0, done="found", narrow=typed.append)
    assert swallowed(rest, "erlin") == "erlin"
    assert typed[-1] == "berlin"


NAMES = st.lists(
    st.text("abtxe 4[é", min_size=1, max_size=7).map(str.strip).filter(bool),
    min_size=1,
    max_size=12,
    unique_by=str.casefold,
)


@given(NAMES, st.data(), st.sampled_from([0.04, 0.15, 0.4]))
def test_a_name_that_is_typed_to_its_end_is_picked_and_nothing_of_it_is_a_command(
    names: list[str], data: st.DataObject, pace: float
) -> None:
    meant = data.draw(st.sampled_from(names))
    picked, left = pick(names, meant)
    assert picked == meant
    if left:
        rest = Continuation(meant, (meant,), meant[: -len(left)], 0.0)
        assert swallowed(rest, left, pace) == left
    else:
        rest = Continuation(meant, (meant,), meant, 0.0)
    assert rest.swallows("enter", "\r", pace * (len(left) + 1))


def test_who_rubs_out_goes_on_with_the_name() -> None:
    rest = Continuation("PERSON", ("PERSON",), "p", 0.0)
    now = 0.0
    for key in (*"ers", "backspace", *"son", "enter"):
        now += 0.15
        assert rest.swallows(key, None if len(key) > 1 else key, now), key
    assert rest.over


def test_a_letter_that_was_mistyped_and_is_rubbed_out_ends_nothing() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert rest.swallows("a", "a", 0.1)
    assert not rest.swallows("r", "r", 0.2, BY_ID["right"])
    assert rest.last_was_no_letter
    assert rest.swallows("backspace", None, 0.3)
    assert swallowed_from(rest, "te", 0.3) == "te"
    other = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not other.swallows("r", "r", 0.2, BY_ID["right"])
    assert not other.swallows("a", "a", 0.4, BY_ID["accept"]), "and any other key ends it"
    assert other.over
    late = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not late.swallows("r", "r", 0.2, BY_ID["right"])
    assert not late.swallows("backspace", None, 0.3 + PAUSE), "as a pause does"


@pytest.mark.parametrize(("key", "action"), [("x", "reject"), ("x", "later"), ("space", "ignore")])
def test_a_wrong_letter_right_behind_the_pick_takes_no_task_away(key: str, action: str) -> None:
    character = " " if key == "space" else key
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert rest.swallows(key, character, 0.15, BY_ID[action])
    assert rest.kept, "it may be meant, and is carried out if no letter follows"
    assert rest.patience == TYPO
    assert swallowed_from(rest, "te", 0.15) == "te"
    assert not rest.kept
    other = Continuation("DATE", ("DATE",), "d", 0.0)
    assert other.swallows(key, character, 0.15, BY_ID[action])
    assert not other.continues("l", "l", 0.3), "so both are commands"
    later = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not later.swallows(key, character, TYPO + 0.01, BY_ID[action])
    slow = Continuation("DATE", ("DATE",), "d", 0.0)
    slow.adapt(0.4)
    assert slow.swallows(key, character, 0.4, BY_ID[action])
    assert slow.patience > 0.4
    assert slow.swallows("t", "t", 0.8), "a letter that comes as slowly as the others"
    slow.adapt(5.0)
    assert slow.patience <= 0.6, "who has looked at the screen is no slow typist"
    driven = Continuation("DATE", ("DATE",), "d", 0.0)
    driven.adapt(None)
    assert not driven.swallows(key, character, 0.0, BY_ID[action]), "nobody types"
    short = Continuation("D", ("D",), "d", 0.0)
    assert not short.swallows(key, character, 0.15, BY_ID[action]), "the name has no second letter"


def test_a_stop_of_the_program_is_no_pause() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    rest.come_back(0.5, 60.0)
    assert rest.swallows("a", "a", 61.5, BY_ID["accept"])
    ended = Continuation("DATE", ("DATE",), "d", 0.0)
    ended.come_back(PAUSE + 0.1, 60.0)
    assert not ended.swallows("a", "a", 60.2, BY_ID["accept"])


def test_who_rubs_out_what_picked_the_name_is_asked_for_another_one() -> None:
    reopened: list[str] = []

    def reopen(typed: str) -> bool:
        reopened.append(typed)
        return True

    rest = Continuation("PERSON", ("PERSON",), "per", 0.0, reopen=reopen)
    assert swallowed(rest, "s") == "s"
    assert rest.swallows("backspace", None, 0.3)
    assert not rest.over
    assert rest.swallows("backspace", None, 0.45)
    assert rest.over
    assert reopened == ["per"]
    assert rest.told(KeyPress("backspace"), None) == (
        "PERSON given, and taken back: type the name that is meant"
    )
    assert not rest.swallows("l", "l", 0.6)


def test_who_rubs_out_what_picked_the_name_types_another_one() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert rest.swallows("backspace", None, 0.1)
    assert swallowed_from(rest, "location", 0.1) == "location"
    assert rest.told(KeyPress("n", "n"), BY_ID["next_point"]).endswith(
        "n after a second: next point"
    )
    assert rest.swallows("enter", None, 1.5)
    assert rest.over


def swallowed_from(rest: Continuation, keys: str, now: float) -> str:
    """As `swallowed`, from a moment on."""
    found = ""
    for character in keys:
        now += 0.15
        if not rest.swallows(character, character, now):
            break
        found += character
    return found


@pytest.mark.parametrize(
    ("slip", "action"), [("x", "reject"), ("c", "comment"), ("o", "older"), ("2", "label_2")]
)
def test_the_rest_of_a_name_behind_a_mistyped_letter_goes_nowhere_else(
    slip: str, action: str
) -> None:
    one_too_many, another_one = f"loca{slip}tion", f"loca{slip}ion"
    for spelled in (one_too_many, another_one):
        rest = Continuation("LOCATION", ("LOCATION",), "l", 0.0)
        now = 0.0
        for key in spelled[1:]:
            now += 0.15
            does = BY_ID[action] if key == slip else BY_ID["comment"]
            assert rest.swallows(key, key, now, does), (spelled, key)
        assert rest.swallows("enter", None, now + 0.15, BY_ID["confirm"])
        assert rest.over


def test_a_key_that_only_moves_is_carried_out_in_the_midst_of_a_name() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert rest.swallows("a", "a", 0.1)
    assert not rest.swallows("l", "l", 0.2, BY_ID["right"])
    assert not rest.swallows("l", "l", 0.3, BY_ID["right"])
    assert rest.over, "twice it is no mistyped letter"
    moved = Continuation("DATE", ("DATE",), "d", 0.0)
    assert moved.swallows("a", "a", 0.1)
    assert not moved.swallows("l", "l", 0.2, BY_ID["right"])
    assert moved.swallows("t", "t", 0.3, BY_ID["label_by_name"]), "once it may be"


def test_who_jumps_by_a_part_of_a_word_gives_commands_behind_it() -> None:
    rest = Continuation("b", ("bank",), "b", 0.0, narrow=lambda _: None)
    assert rest.swallows("a", "a", 0.1)
    assert not rest.swallows("2", "2", 0.2, BY_ID["label_2"])


def test_in_the_midst_of_a_jump_later_takes_the_task_away_the_second_time_only() -> None:
    for pace in (0.15, 0.6):
        rest = Continuation("b", ("bank",), "b", 0.0, narrow=lambda _: None)
        assert swallowed(rest, "an", pace) == "an"
        assert rest.swallows("s", "s", 3 * pace, BY_ID["later"])
        said = "b given; s is no letter of the name, s again: later"
        assert rest.told(KeyPress("s", "s"), BY_ID["later"]) == said
        assert not rest.swallows("s", "s", 4 * pace, BY_ID["later"])


def test_a_decision_in_the_midst_of_a_name_is_a_mistyped_letter() -> None:
    rest = Continuation("space aliens", ("space aliens",), "s", 0.0)
    assert swallowed(rest, "pac") == "pac"
    assert rest.swallows("x", "x", 0.6, BY_ID["reject"])
    said = "space aliens given; x is no letter of the name, x again rejects"
    assert rest.told(KeyPress("x", "x"), BY_ID["reject"]) == said
    whole = Continuation("DATE", ("DATE",), "d", 0.0)
    assert swallowed(whole, "ate") == "ate"
    assert not whole.swallows("x", "x", 0.75, BY_ID["reject"]), "it was typed to its end"
    picked = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not picked.swallows("x", "x", TYPO + 0.1, BY_ID["reject"]), (
        "who has picked it may answer"
    )


def carried_out(name: str, picked: int, keys: str, keymap: Keymap, pace: float = 0.15) -> list[str]:
    """Return the actions that are carried out by keys behind the first letters of a name.

    Args:
        name: The name.
        picked: How many of its letters have picked it.
        keys: What is typed then; `⏎` is enter, a blank a pause.
        keymap: Tells what a key does.
    """
    words = frozenset({"span-editor", "labels", "task"})
    rest = Continuation(name, (name,), name[:picked], 0.0)
    now, since, kept = 0.0, 0.0, ""
    found: list[str] = []
    for key in keys:
        now += 1.2 if key == " " else pace
        if kept and (now - since > rest.patience or not rest.continues(named(key), key, now)):
            found.append(kept)
            rest.over = True
        kept = ""
        action = keymap.lookup(KeyPress(named(key), key), words)
        if key == " ":
            continue
        if rest.swallows(named(key), key, now, action):
            does = action.id if action is not None else ""
            kept, since = (does, now) if rest.kept else ("", now)
        elif action is not None:
            found.append(action.id)
    return found


def named(key: str) -> str:
    return "enter" if key == "⏎" else key_of(key)


@pytest.mark.parametrize("keymap", ["default", "vim"])
def test_a_mistyped_letter_does_no_more_than_go_somewhere(keymap: str) -> None:
    """A letter too many, too few, in another's place or in another order."""
    slips = {
        ("DATE", 1): ("daate", "dste", "dsate", "dtae", "dzte", "ddate", "date", "datee", "daye"),
        ("ORGANISATION", 1): ("orgaanisation", "oorganisation", "orgsnisation", "ogranisation"),
        ("LOCATION", 1): ("locaation", "locstion", "loxation", "loccation"),
        ("SOURCE", 1): ("ssource", "sourcce", "sorce"),
        ("ACCOUNT", 1): ("aaccount", "axcount", "acccount"),
        ("PERSON", 2): ("pesson", "peraon", "perrson", "peerson"),
    }
    for (name, picked), ways in slips.items():
        for typed in ways:
            found = carried_out(name, picked, f"{typed[picked:]}⏎ ", loaded(keymap))
            assert {BY_ID[each].section for each in found} <= {"move"}, (typed, found)


def test_what_is_meant_behind_a_name_is_carried_out_in_its_order() -> None:
    keymap = loaded("default")
    for keys, found in (
        ("a", []), ("aal", ["accept", "right"]), ("aa ", ["accept"]),
        ("l", ["right"]), ("dl", ["delete", "right"]), ("d ", ["delete"]), ("xx", ["reject"] * 2),
        ("ss", ["later"]), ("n", ["next_point"]), ("ate⏎a", ["accept"]), ("atea", ["accept"]),
        ("a a", ["accept"]),
    ):  # fmt: skip
        assert carried_out("DATE", 1, keys, keymap) == found, keys
    for keys, found in (
        ("n2", ["next_point", "label_2"]), ("nl ", ["next_point", "right"]), ("n ", ["next_point"]),
        ("nit⏎ ", []), ("nitl", ["right"]),
    ):  # fmt: skip
        assert carried_out("UNIT", 1, keys, keymap) == found, keys
    assert carried_out("UNIT", 1, "nit⏎ ", keymap, pace=0.4) == []
    assert carried_out("ACCOUNT", 1, "a ", keymap) == ["accept"]
    assert carried_out("ORGANISATION", 1, "rgaaa", keymap) == ["accept"]


def loaded(name: str) -> Keymap:
    return Keymap(PRESETS[name].get("keys"))


def test_what_is_kept_back_is_said() -> None:
    rest = Continuation("ACCOUNT", ("ACCOUNT",), "a", 0.0)
    press = KeyPress("a", "a")
    assert rest.swallows("a", "a", 0.15, BY_ID["accept"])
    assert rest.kept
    assert rest.told(press, BY_ID["accept"]) == "ACCOUNT given; is a a letter of the name?"
    assert rest.swallows("c", "c", 0.3, BY_ID["comment"])
    said = "ACCOUNT given; a was read as a letter of the name"
    assert rest.told(KeyPress("c", "c"), BY_ID["comment"]) == said


def test_a_letter_that_is_rubbed_out_behind_one_that_may_be_a_move_ends_no_name() -> None:
    def typed(*keys: tuple[str, str]) -> tuple[Continuation, list[bool]]:
        rest = Continuation("SPAM", ("SPAM",), "s", 0.0)
        found, now = [], 0.0
        for key, action in keys:
            now += 0.15
            character = key if len(key) == 1 else None
            found.append(rest.swallows(key, character, now, BY_ID.get(action)))
        return rest, found

    slip = (("p", "previous_point"), ("2", "label_2"))
    rest, found = typed(*slip, ("backspace", "undo"), ("a", "accept"), ("m", "menu"), ("enter", ""))
    assert found == [True, False, True, True, True, True]
    assert rest.over
    rest, found = typed(*slip, ("a", "accept"))
    assert found == [True, False, False], "any other key says that both were commands"
    assert rest.over
    _, found = typed(("p", "previous_point"), ("x", "reject"))
    assert found == [True, False]


def test_a_letter_that_does_nothing_is_a_stray_one_and_a_digit_may_be_a_count() -> None:
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert rest.swallows("q", "q", 0.15)
    assert swallowed_from(rest, "ate", 0.15) == "ate"
    rest = Continuation("DATE", ("DATE",), "d", 0.0)
    assert not rest.swallows("3", "3", 0.15)


def test_of_a_stray_letter_behind_one_that_was_kept_back_itself_is_said_what_it_is() -> None:
    rest = Continuation("UNIT", ("UNIT",), "u", 0.0)
    assert rest.swallows("n", "n", 0.15, BY_ID["next_point"])
    assert rest.kept
    assert rest.swallows("i", "i", 0.3)
    assert rest.swallows("q", "q", 0.45)
    assert rest.told(KeyPress("q", "q"), None) == "UNIT given; q is no letter of the name"
