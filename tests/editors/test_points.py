"""Going to points: candidates, words by letter, searches, hints, units."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editors.helpers import LABELS, FixedRows, do, found
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.editors.span.likely_names import candidate_at
from tui_annotate.editors.span.navigation import hints_for, letters_without, narrowed
from tui_annotate.editors.span.state import LETTERS
from tui_annotate.editors.span.text_units import word_at, word_starts
from tui_annotate.task.spans import Span
from tui_annotate.task.tokenize import Tokens, characters, tokenize
from tui_annotate.text.folding import fold

pytestmark = pytest.mark.quick


def editor(text: str, **options: Any) -> SpanEditor:
    return SpanEditor({"text": text}, LABELS, overlap=False, **options)


def here(e: SpanEditor) -> str:
    return e.text[slice(*e.cursor_range)]


def candidates(text: str, tokens: Tokens) -> list[str]:
    found = (candidate_at(text, tokens, each) for each in range(len(tokens)))
    return [text[tokens.starts[a] : tokens.ends[b]] for a, b in filter(None, found)]


class TestCandidates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("I met Ilse Tarrant of Bank of England.",
             ["Ilse Tarrant of Bank of England"]),
            ("The Gap sold J.Crew. Nike, Adidas and Puma", ["Gap", "J.Crew", "Nike", "Adidas",
             "Puma"]),
            ("Since 1999 they paid 3,500 to Levi’s", ["1999", "3,500", "Levi"]),
            ("It ended. Then Rome\nParis began", ["Rome", "Paris"]),
            ("ludwig van Beethoven, Ludwig van Beethoven", ["Beethoven", "Ludwig van Beethoven"]),
            ("私はソニーとトヨタで働いた", ["ソニー", "トヨタ"]),
            ("Встреча в Москве", ["Встреча", "Москве"]),
            ("all lower", []),
        ],
    )  # fmt: skip
    def test_of_words(self, text: str, expected: list[str]) -> None:
        assert candidates(text, tokenize(text)) == expected

    @pytest.mark.parametrize("text", ["I met Ilse Tarrant in 1999.", "from J.Crew to ソニー"])
    def test_are_the_same_by_characters(self, text: str) -> None:
        assert candidates(text, characters(text)) == candidates(text, tokenize(text))

    def test_next_goes_there_and_a_label_takes_all_of_it(self) -> None:
        e = editor("we met Acme Corporation in Berlin")
        do(e, "next_point 2 next_point 3")
        assert found(e) == [("Acme Corporation", "ORG"), ("Berlin", "LOC")]
        assert "nothing" in e.apply("next_point").message

    def test_labelled_ones_are_passed_over_and_the_start_follows_the_end(self) -> None:
        e = editor("Acme bought Globex from Hooli")
        do(e, "next_point")
        assert here(e) == "Acme"
        do(e, "next_point 2 next_point")
        assert here(e) == "Hooli"
        assert "start" in e.apply("next_point").message
        assert here(e) == "Acme"
        assert "end" in e.apply("previous_point").message
        assert here(e) == "Hooli"

    def test_after_another_move_a_label_takes_the_token_only(self) -> None:
        e = editor("met Acme Corporation in Berlin")
        do(e, "next_point right left 2")
        assert found(e) == [("Acme", "ORG")]

    def test_the_point_is_marked(self) -> None:
        e = editor("met Acme Corporation")
        do(e, "next_point")
        assert e.marks == ((4, 20),)
        do(e, "2")
        assert not e.marks

    def test_undo_goes_back_to_the_beginning_of_the_point(self) -> None:
        e = editor("we met Acme Corp")
        e.apply("next_point")
        e.apply("label", 0)
        assert here(e) == "Corp"
        e.apply("undo")
        assert here(e) == "Acme" and e.spans == ()

    def test_a_selection_grows_backwards_over_all_of_a_point(self) -> None:
        e = editor("we met Acme Corp in May")
        for command in ("row_end", "select", "previous_point"):
            e.apply(command, None, FixedRows(e.text, 80))
        assert e.selection is not None and e.text[slice(*e.selection)] == "Acme Corp in May"

    def test_a_selection_grows_to_points(self) -> None:
        e = editor("one Acme two Globex Corp three")
        do(e, "next_point select next_point 1")
        assert found(e) == [("Acme two Globex Corp", "PER")]


class TestFind:
    def test_goes_to_words_by_their_first_letter(self) -> None:
        e = editor("an uncle saw Élan under an umbrella")
        e.apply("find", "u")
        assert here(e) == "uncle"
        e.apply("next_point")
        assert here(e) == "under"
        e.apply("find", "e")
        assert here(e) == "Élan"
        assert "no word" in e.apply("find", "z").message

    def test_its_hits_pass_with_the_next_edit(self) -> None:
        e = editor("Acme under Globex, under Hooli")
        e.apply("find", "u")
        assert e.marks == ((5, 10), (19, 24))
        do(e, "1 next_point")
        assert here(e) == "Globex"


class TestSearch:
    def test_while_typing_the_cursor_goes_ahead_and_back(self) -> None:
        e = editor("alpha beta gamma beta gone")
        do(e, "right right right")
        for typed, expected in [("g", "gone"), ("ga", "gamma"), ("g", "gone"), ("", "beta")]:
            e.apply("search", typed)
            assert here(e) == expected
        assert e.marks == ()

    def test_what_was_being_adjusted_goes_back_with_the_cursor(self) -> None:
        e = editor("Acme paid Bolt and Crane")
        e.apply("label", 0)
        e.apply("select")
        e.apply("search", "crane")
        assert [(span.start, span.end) for span in e.spans] == [(0, 24)]
        e.apply("search", "cranes")
        assert [(span.start, span.end) for span in e.spans] == [(0, 4)] and here(e) == "Acme"
        e.apply("undo")
        assert e.selection is None and [(span.start, span.end) for span in e.spans] == [(0, 4)]

    def test_hits_are_the_points_until_they_are_left(self) -> None:
        e = editor("Acme beta gamma Beta")
        e.apply("search", "beta")
        do(e, "1 next_point 2")
        assert found(e) == [("beta", "PER"), ("Beta", "ORG")]
        do(e, "cancel previous_point")
        assert here(e) == "Acme"

    def test_a_hit_over_several_tokens_is_labelled_whole(self) -> None:
        e = editor("at Abercrombie & Fitch again")
        e.apply("search", "abercrombie & f")
        do(e, "2")
        assert found(e) == [("Abercrombie & Fitch", "ORG")]

    def test_ways(self) -> None:
        e = editor("Beta beta b3ta")
        assert "2 found" in e.apply("search", "BETA").message
        assert "not found" in e.apply("search_exact", "BETA").message
        assert "2 found" in e.apply("search_regex", r"b\wta").message
        assert "wrong" in e.apply("search_regex", "(").message

    def test_a_pattern_that_takes_too_long_is_given_up(self) -> None:
        e = editor("a" * 60 + "b")
        assert "too long" in e.apply("search_regex", "(a|aa)+$").message

    def test_is_kept_with_the_draft(self) -> None:
        e, other = editor("beta and beta"), editor("beta and beta")
        e.apply("search", "beta")
        other.restore(e.content(), e.state())
        assert other.marks == ((0, 4), (9, 13))
        do(other, "next_point next_point")
        assert other.cursor == 2


class TestFolding:
    @pytest.mark.parametrize(
        ("text", "wanted", "expected"),
        [
            ("ein STRASSE", "straße", "STRASSE"),
            ("die Straße", "strasse", "Straße"),
            ("un Café noir", "cafe", "Café"),
            ("un Cafe\u0301 noir", "café", "Cafe\u0301"),
            ("هذا مُحَمَّد هنا", "محمد", "مُحَمَّد"),
            ("قال مـحـمـد", "محمد", "مـحـمـد"),
            ("في أحمد", "احمد", "أحمد"),
            ("ｱﾆﾒを見る", "あにめ", "ｱﾆﾒ"),
            ("カタカナ", "かたかな", "カタカナ"),
            ("ＡＣＭＥ社", "acme", "ＡＣＭＥ"),
            ("שָׁלוֹם", "שלום", "שָׁלוֹם"),
            ("של\u200fום\u200f.", "שלום", "של\u200fום"),
            ("\ufeffAcme", "\u200eacme", "Acme"),
        ],
    )
    def test_finds(self, text: str, wanted: str, expected: str) -> None:
        assert [text[a:b] for a, b in fold(text).find(wanted)] == [expected]

    @given(st.text(max_size=15), st.text(max_size=3), st.text(max_size=15))
    @settings(max_examples=150, deadline=None)
    def test_every_hit_is_in_the_text_and_folds_to_what_was_wanted(
        self, before: str, wanted: str, behind: str
    ) -> None:
        text = before + wanted + behind + wanted
        last = 0
        for start, end in fold(text).find(wanted):
            assert 0 <= start < end <= len(text)
            assert start >= last or start + 1 >= last  # one letter may fold to several
            assert fold(wanted).text in fold(text[start:end]).text
            last = end

    @given(st.text(max_size=20), st.text(max_size=20), st.text(min_size=1, max_size=5))
    @settings(max_examples=100, deadline=None)
    def test_what_is_there_is_found(self, before: str, behind: str, wanted: str) -> None:
        text = f"{before} {wanted} {behind}"
        assert not fold(wanted).text or list(fold(text).find(wanted))


class TestHints:
    @given(st.integers(0, 700), st.sampled_from([LETTERS, "ab", "xyz"]))
    @settings(max_examples=60)
    def test_have_one_length_and_differ(self, places: int, letters: str) -> None:
        hints = hints_for(range(places), letters)
        assert len(hints) == len(set(hints.values())) == places
        assert len({len(word) for word in hints.values()}) <= 1

    def test_never_decide(self) -> None:
        assert not set("ax ") & set(LETTERS)
        assert "n" not in letters_without("n")
        assert narrowed({1: "ab", 2: "ba"}, "b") == {2: "a"}

    def test_go_to_the_words_on_screen(self) -> None:
        e = editor("one two. three four")
        e.apply("go", (4, 19))
        assert set(e.hints) == {4, 9, 15}
        e.apply("hint", e.hints[9])
        assert here(e) == "three"
        assert e.hints == {}

    def test_two_letters_narrow_first(self) -> None:
        e = editor("w " * 100)
        e.apply("go")
        wanted = e.hints[100]
        assert len(wanted) == 2
        e.apply("hint", wanted[0])
        assert e.hints[100] == wanted[1]
        assert "no hint" in e.apply("hint", "?").message
        e.apply("hint", wanted[1])
        assert e.cursor_range[0] == 100

    def test_any_other_command_takes_them_away(self) -> None:
        e = editor("one two three")
        e.apply("go")
        assert e.apply("right").ranges
        assert e.hints == {}


def words_of(text: str, by_characters: bool) -> list[str]:
    tokens = characters(text) if by_characters else tokenize(text)
    starts = [t for t in range(len(tokens)) if word_starts(text, tokens, t)]
    over = [word_at(text, tokens, token) for token in starts]
    return [text[tokens.starts[first] : tokens.ends[last]] for first, last in over]


class TestUnits:
    def test_words_by_characters(self) -> None:
        e = editor("one, two three", characters=True)
        do(e, "next_word 1")
        assert found(e) == [("two", "PER")]
        do(e, "next_word previous_word previous_word")
        assert e.cursor == 0

    def test_words_by_run_of_script(self) -> None:
        e = editor("東京タワーに行くRome")
        places = []
        for _ in range(5):
            places.append(here(e))
            do(e, "next_word")
        assert places == ["東", "タ", "に", "行", "く"]
        assert here(e) == "Rome"
        do(e, "previous_word previous_word previous_word previous_word 1")
        assert found(e) == [("タワー", "PER")]

    @pytest.mark.parametrize("by_characters", [False, True])
    @pytest.mark.parametrize(
        "words",
        [
            "人々|の|佐々木",
            "らーーめん",
            "コーヒー",
            "二〇二六年|に",
            "すー|スー",
            "東京|タワー|へ",
        ],
    )
    def test_signs_that_repeat_or_lengthen_are_of_the_word(
        self, words: str, by_characters: bool
    ) -> None:
        assert words_of(words.replace("|", ""), by_characters) == words.split("|")

    @pytest.mark.parametrize(
        "word", ["क्षत्रिय", "हिन्दी", "مُحَمَّدٌ", "שָׁלוֹם", "cafe\u0301s", "தமிழ்", "한국"]
    )
    def test_words_with_marks_by_characters(self, word: str) -> None:
        assert words_of(f"{word} x", by_characters=True) == [word, "x"]

    @pytest.mark.parametrize(
        "text", ["है। दो", "ခွေး။ ကြောင်", "ខ្ញុំ។ អ្នក", "ከሰው። ቤት", "هل؟ نعم", "یہ۔ وہ"]
    )
    def test_sentences_of_other_scripts(self, text: str) -> None:
        e = editor(text)
        do(e, "next_sentence")
        assert e.cursor_range[0] == text.index(" ") + 1

    def test_sentences_and_paragraphs(self) -> None:
        e = editor('One. "Two!" Three? four\n\nFive u.s. six.\nSeven。八')
        starts = []
        for _ in range(6):
            do(e, "next_sentence")
            starts.append(here(e))
        assert starts == ['"', "Three", "Five", "Seven", "八", "八"]
        do(e, "previous_paragraph")
        assert here(e) == "Five"
        do(e, "previous_paragraph next_paragraph")
        assert here(e) == "Five"

    def test_lines_are_paragraphs_where_no_line_is_empty(self) -> None:
        e = editor("one\ntwo\nthree")
        do(e, "next_paragraph")
        assert here(e) == "two"


def test_proposals_come_before_candidates() -> None:
    e = editor("Acme and the globex there")
    e.propose([Span(13, 19, "ORG")])
    do(e, "next_point")
    assert here(e) == "globex"
    assert e.marks == ((13, 19),)


def test_what_a_pattern_found_is_a_point_again_once_it_is_deleted() -> None:
    hit = {"start": 4, "end": 14, "label": "ORG", "pattern": "3"}
    editor = SpanEditor({"text": "the red apples fell", "spans": [hit]}, ["ORG"], overlap=False)
    assert editor.apply("next_point").message == "there is nothing to go to"
    for command in ("next_span", "delete", "next_point"):
        editor.apply(command)
    assert editor.marks == ((4, 14),)
    editor.apply("label", 0)
    assert [(each.start, each.end, each.label) for each in editor.spans] == [(4, 14, "ORG")]
