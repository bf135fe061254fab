"""Answers that are worth a second look: planted mistakes are found, what is usual is not."""

from __future__ import annotations

import random
import shlex
from collections import Counter
from typing import Any

import pytest

from tui_annotate.agreement.mistakes import KINDS, Checker, Finding, is_inside_word, trimmed
from tui_annotate.exchange.document import Answer
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Decision

pytestmark = pytest.mark.quick

NAMES = {
    "PERSON": ["Ada Lovelace", "J. Smith", "Dr. Omar Said", "Zoë Müller", "O'Neil", "the Joneses'"],
    "ORG": ["Acme Inc.", "Yahoo!", "Siemens", "AT&T", "Basler & Co.", "Acme (UK)", "Agence «Est»"],
    "LOC": ["Paris", "New York", "U.S.", "Stratford-upon-Avon", "東京", "Köln", "St. Ives"],
    "QUANTITY": ["5kg", "-3", "40%", "$12.50"],
}
QUOTES = ["We shall see.", "It rained all day.", "Nobody came, he said.", "What now?"]
AMBIGUOUS = "Washington"
TEXT = "the council said on that day talks about new plans had begun and all members would meet"
WORDS = TEXT.split()


class Corpus:
    """Makes answers, and remembers which mistakes were planted in which."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.answers: list[Answer] = []
        self.planted: set[tuple[str, int]] = set()

    def add(
        self,
        text: str,
        spans: list[tuple[int, int, str]],
        planted: str = "",
        *,
        annotator: str = "",
        elapsed: int | None = None,
        decision: Decision = "accept",
        **more: Any,
    ) -> Answer:
        """Add one answer; its time is one that is usual, unless it is given."""
        who = annotator or self.chance.choice(["ann1", "ann2"])
        content: dict[str, Any] = {"text": text, **more}
        content["spans"] = [{"start": s, "end": e, "label": label} for s, e, label in spans]
        number = len(self.answers) + 1
        usual = 600 + len(text) * self.chance.randrange(20, 90)
        record = NewAnswer(
            1, 1, identify({"text": text}), dumps(content), decision, "ner_manual", number,
            elapsed_ms=usual if elapsed is None else elapsed,
        )  # fmt: skip
        self.answers.append(Answer(StoredAnswer(number, record, f"set-{who}", who), content, "set"))
        if planted:
            self.planted.add((planted, number))
        return self.answers[-1]

    def words(self, least: int = 4, most: int = 12) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(least, most)))

    def sentence(self) -> tuple[str, list[tuple[int, int, str]]]:
        """Return a text with its own number, and one to three names in it, marked rightly."""
        text, spans = f"Row {self.chance.randrange(10**9)}", []
        for _ in range(self.chance.randint(1, 3)):
            label = self.chance.choice(list(NAMES))
            name = self.chance.choice(NAMES[label])
            if self.chance.random() < 0.02:
                label, name = self.chance.choice(["PERSON", "LOC"]), AMBIGUOUS
            elif self.chance.random() < 0.1:  # a name that hardly comes again
                name, label = f"Quell{self.chance.randrange(10**6)}"[:9], "PERSON"
            text += f" {self.words()} "
            spans.append((len(text), len(text) + len(name), label))
            text += name + self.chance.choice(["", ",", "'s", "."])
        return f"{text} {self.words()}.", spans

    def findings(self) -> list[Finding]:
        checker = Checker()
        groups: dict[bytes, list[Answer]] = {}
        for answer in self.answers:
            groups.setdefault(answer.stored.record.identity.input_key, []).append(answer)
        for group in groups.values():
            checker.take(group)
        assert checker.answers == len(self.answers)
        return checker.findings()


def plant(corpus: Corpus, kind: str) -> None:
    """Add an answer with one mistake of a kind, in words that are as usual as those of others."""
    chance = corpus.chance
    start_text = f"Row {chance.randrange(10**9)} {corpus.words()} "
    label = chance.choice(["PERSON", "ORG", "LOC"])
    name = {"PERSON": "Ada Lovelace", "ORG": "Siemens", "LOC": "New York"}[label]
    start, end = len(start_text), len(start_text) + len(name)
    text = f"{start_text}{name}, {corpus.words()}."
    elapsed = None
    if kind == "labels":
        label = chance.choice([each for each in ("PERSON", "ORG", "LOC") if each != label])
    elif kind == "edges":
        start, end = chance.choice([(start - 1, end), (start, end + 1), (start, end + 2)])
    elif kind == "cut":
        start, end = chance.choice([(start + 1, end), (start, end - 1), (start + 2, end)])
    elif kind == "once":
        label = f"TYPO{len(corpus.answers)}"
    elif kind == "fast":
        elapsed = chance.randrange(50, 300)
    elif kind == "own":
        corpus.add(text, [(start, end, label)], annotator="ann2")
        corpus.add(text, [], "own", annotator="ann2")
        return
    corpus.add(text, [(start, end, label)], kind, elapsed=elapsed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_mistakes_are_found_and_little_else(seed: int) -> None:
    corpus = Corpus(seed)
    kinds = [*("labels", "edges", "cut", "fast") * 42, *["own"] * 22, *["once"] * 10]
    corpus.chance.shuffle(kinds)
    for kind in kinds:
        for _ in range(15):
            corpus.add(*corpus.sentence())
        quote = corpus.chance.choice(QUOTES)
        corpus.add(f'He wrote: "{quote}"', [(11, 11 + len(quote), "QUOTE")], "")
        plant(corpus, kind)
    assert len(corpus.planted) == 200
    found = {(each.kind, each.answer) for each in corpus.findings()}
    missed = Counter(kind for kind, _ in corpus.planted - found)
    wrong = Counter(kind for kind, _ in found - corpus.planted)
    assert len(found & corpus.planted) >= 180, missed
    assert wrong.total() <= 100, wrong


def only(corpus: Corpus, kind: str) -> list[Finding]:
    return [each for each in corpus.findings() if each.kind == kind]


def one(text: str, start: int, end: int, **more: Any) -> list[str]:
    """Return the kinds of what is found in a single mark of a single answer."""
    corpus = Corpus(0)
    corpus.add(text, [(start, end, "X")], **more)
    return [each.kind for each in corpus.findings()]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("at Acme Inc. today", "Acme Inc."),
        ("in the U.S. today", "U.S."),
        ("his (old) hat", "(old)"),
        ("“Moby Dick” is read", "“Moby Dick”"),
        ("the Joneses' house", "the Joneses'"),
        ("a .NET program", ".NET"),
        ("it is -5 now", "-5"),
        ("the '90s are over", "'90s"),
        ("Ada's hat", "Ada"),
        ("東京都に行く", "東京"),
        ("it weighs 5kg now", "5"),
        ("„Faust“ und mehr", "„Faust“"),
        ("rock 'n' roll", "'n'"),
        ("caf\u0065\u0301 here", "caf\u0065\u0301"),
    ],
)
def test_usual_marks_are_no_findings(text: str, marked: str) -> None:
    start = text.index(marked)
    assert one(text, start, start + len(marked)) == []


@pytest.mark.parametrize(
    ("text", "marked", "kind"),
    [
        ("in Paris, now", "Paris,", "edges"),
        ("in Paris now", " Paris", "edges"),
        ("in Paris\u00a0now", "Paris\u00a0", "edges"),
        ("in Paris\nnow", "Paris\n", "edges"),
        ("(see Paris) now", "Paris)", "edges"),
        ('he is "Ada" now', '"Ada', "edges"),
        ("he is 'Ada' now", "Ada'", "edges"),
        ("他は東京、と", "東京、", "edges"),
        ("in Paris now", "Par", "cut"),
        ("in Paris now", "aris", "cut"),
        ("in 1984 now", "198", "cut"),
        ("im Übermut da", "berm", "cut"),
        ("в Москве да", "Москв", "cut"),
        ("caf\u0065\u0301 here", "cafe", "cut"),
    ],
)
def test_odd_marks_are_findings(text: str, marked: str, kind: str) -> None:
    start = text.index(marked)
    assert one(text, start, start + len(marked)) == [kind]


def test_tokens_of_the_task_say_what_a_word_is() -> None:
    tokens = [{"text": "Hand", "start": 0, "end": 4}, {"text": "schuh", "start": 4, "end": 9}]
    assert one("Handschuh", 0, 4) == ["cut"]
    assert one("Handschuh", 0, 4, tokens=tokens) == []


def test_what_a_label_does_often_is_its_convention() -> None:
    corpus = Corpus(0)
    for number in range(8):
        corpus.add(f"{number} came here.", [(0, 12, "SENTENCE")])
    corpus.add("We came to Paris.", [(11, 17, "LOC")])
    assert [each.surface for each in only(corpus, "edges")] == ["Paris."]


def test_the_rare_label_is_named_and_balanced_ones_are_said_once() -> None:
    corpus = Corpus(0)
    for number in range(8):
        corpus.add(f"{number} Paris", [(2, 7, "LOC" if number != 5 else "PERSON")])
    (found,) = corpus.findings()
    assert (found.answer, found.label, found.start, found.end) == (6, "PERSON", 2, 7)
    assert "7 LOC, 1 PERSON" in found.what and "LOC" in found.advice
    corpus = Corpus(0)
    for number in range(8):
        corpus.add(f"{number} Paris", [(2, 7, "LOC" if number % 2 else "PERSON")])
    assert [each.kind for each in corpus.findings()] == ["labels"]


def test_a_text_with_several_meanings_is_named_once() -> None:
    for counts in ((9, 8, 7), (30, 8)):
        corpus = Corpus(0)
        for label, count in zip("ABC", counts, strict=False):
            for number in range(count):
                text = f"{label} {number} Ford"
                corpus.add(text, [(len(text) - 4, len(text), label)])
        assert [each.kind for each in corpus.findings()] == ["labels"], counts


def test_what_stands_in_brackets_is_odd_where_it_is_marked_without_them() -> None:
    corpus = Corpus(0)
    for number in range(3):
        corpus.add(f"{number} Paris", [(2, 7, "LOC")])
    corpus.add("3 (Paris)", [(2, 9, "LOC")])
    corpus.add('4 "Moby Dick"', [(2, 13, "BOOK")])
    (found,) = corpus.findings()
    assert (found.kind, found.surface, found.answer) == ("edges", "(Paris)", 4)
    assert trimmed("3 (Paris)", 2, 9) == (3, 8)


def test_two_layers_on_one_place_are_no_contradiction() -> None:
    corpus = Corpus(0)
    for number in range(4):
        corpus.add(f"{number} Paris", [(2, 7, "LOC"), (2, 7, "CAPITAL")])
    assert corpus.findings() == []


def test_a_label_that_was_used_once_among_many() -> None:
    corpus = Corpus(0)
    for number in range(25):
        corpus.add(
            f"{number} Ada{number} here", [(len(str(number)) + 1, 4 + 2 * len(str(number)), "PER")]
        )
    corpus.add("x Bob here", [(2, 5, "PRE")])
    assert [(each.label, each.answer) for each in corpus.findings()] == [("PRE", 26)]


def test_only_the_same_person_contradicts_an_earlier_answer() -> None:
    corpus = Corpus(0)
    corpus.add("Ada left.", [(0, 3, "PER")], annotator="ann1")
    corpus.add("Ada left.", [], annotator="ann2")
    assert corpus.findings() == []
    corpus.add("Ada left.", [], annotator="ann1")
    (found,) = corpus.findings()
    assert (found.kind, found.answer, found.other) == ("own", 3, 1)


def test_what_was_rejected_or_ignored_marks_nothing() -> None:
    corpus = Corpus(0)
    corpus.add("in Paris, now", [(3, 9, "LOC")], decision="reject")
    corpus.add("in Paris, too", [(3, 9, "LOC")], decision="ignore")
    assert corpus.findings() == []


def test_answers_without_a_time_are_not_too_fast() -> None:
    assert one("x" * 500, 0, 500, elapsed=0) == []
    assert one("x" * 500, 0, 500, elapsed=900) == ["fast"]
    assert one("x" * 500, 0, 500, elapsed=9_000) == []


def test_words_are_told_apart_by_letters_and_digits() -> None:
    assert [at for at in range(8) if is_inside_word("ab 12-3é", at)] == [1, 4]
    assert not any(is_inside_word("東京ไทย", at) for at in range(6))


def test_every_kind_is_explained() -> None:
    assert set(KINDS) == {"labels", "edges", "cut", "once", "fast", "own"}


@pytest.mark.parametrize("name", ["it's $(touch x) `id`", "-5", "a\\n'\\''b", "plain"])
def test_the_command_in_the_advice_is_taken_by_a_shell_as_it_is_meant(name: str) -> None:
    words = command_in_advice(name)
    assert [each for each in words if each != "--"] in (
        ["tui-annotate", "find", "my set", name, "--surface"],
        ["tui-annotate", "find", "my set", "--surface", name],
    )
    if name.startswith("-"):
        assert words[-2:] == ["--", name]


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\u202eb"])
def test_no_command_is_shown_for_what_no_screen_shows_as_it_is(name: str) -> None:
    assert command_in_advice(name) == []


def command_in_advice(name: str) -> list[str]:
    """Return the words of the command that is advised if a name is marked with two labels."""
    corpus = Corpus(1)
    checker = Checker("my set")
    for label in ("PERSON", "ORG"):
        checker.take([corpus.add(f"{name} is here", [(0, len(name), label)])])
    (advice,) = {each.advice for each in checker.findings() if each.kind == "labels"}
    return shlex.split(advice.partition(": ")[2])
