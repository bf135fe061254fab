"""Expressions that take for ever on an unlucky text stop in time, are said, and freeze nothing."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.terminal.support import Job
from tui_annotate.errors import UsageError
from tui_annotate.recipes import generic, relations, textcat_model
from tui_annotate.suggest.patterns import PatternMatcher, add_matches, with_note
from tui_annotate.suggest.scoring_matcher import ScoringMatcher
from tui_annotate.text.timed_pattern import TimedPattern, TimeLimit

EVIL = "^(a|aa|aaa)+$"
UNLUCKY = "a" * 80 + "b"


@pytest.mark.quick
def test_a_search_stops_in_time() -> None:
    limit = TimeLimit(0.05)
    pattern = TimedPattern(EVIL, limit)
    limit.begin()
    with pytest.raises(TimeoutError):
        pattern.search(UNLUCKY)
    with pytest.raises(TimeoutError):  # what is left is shared by all searches in a text
        pattern.search("aaa")
    limit.begin()
    assert pattern.search("aaa") is not None
    assert TimedPattern("B", limit, ignore_case=True).search("ab") is not None
    with pytest.raises(ValueError, match="missing"):
        TimedPattern("(", limit)


@pytest.mark.parametrize("rule", [EVIL, {"IN": [EVIL, "^x"]}, {"NOT_IN": [EVIL]}])
def test_a_token_pattern_leaves_an_unlucky_text_out_and_notes_it(rule: object) -> None:
    pytest.importorskip("spacy")
    patterns: list[dict[str, Any]] = [
        {"label": "A", "pattern": [{"TEXT": {"REGEX": rule}}]},
        {"label": "B", "pattern": "Berlin"},
    ]
    texts = [f"Berlin {UNLUCKY}", "Berlin aaa x"]
    first, second = add_matches([{"text": text} for text in texts], PatternMatcher(patterns))
    assert [span["label"] for span in first["spans"]] == ["B"]
    assert "longer than" in first["meta"]["note"]
    assert "meta" not in second
    assert "A" in {span["label"] for span in second["spans"]}


def test_what_other_expressions_find_stays_the_same() -> None:
    pytest.importorskip("spacy")
    rules = {"A": "^[A-Z]\\w+$", "B": "(?i)^berlin", "C": "\\d{2,}"}
    patterns = [
        {"label": label, "pattern": [{"TEXT": {"REGEX": rule}}]} for label, rule in rules.items()
    ]
    found = PatternMatcher(patterns).matches("In Berlin lived 120 people and BERLIN")
    assert [(each.start, each.label) for each in found] == [
        (0, "A"), (3, "A"), (3, "B"), (16, "C"), (31, "A"), (31, "B")
    ]  # fmt: skip


def test_splitting_labels_by_such_an_expression_changes_nothing(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    source = tmp_path / "rows.jsonl"
    span = {"start": 0, "end": len(UNLUCKY), "label": "A"}
    source.write_text(json.dumps({"text": UNLUCKY, "spans": [span], "answer": "accept"}) + "\n")
    assert headless("db-in", "my_set", str(source)).returncode == 0
    done = headless("labels", "split", "my_set", "A", "B", "--match", EVIL, "-y")
    assert done.returncode != 0
    assert "takes longer than" in done.stderr
    assert json.loads(headless("db-out", "my_set").stdout)["spans"][0]["label"] == "A"


@pytest.mark.terminal
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_keys_and_signals_are_heard(
    tmp_path: Path, home: Path, annotate: StartsTerminal, number: signal.Signals
) -> None:
    pytest.importorskip("spacy")
    job = Job(tmp_path, home, [f"Row {n}: {UNLUCKY}" for n in range(1, 40)])
    patterns = tmp_path / "patterns.jsonl"
    pattern = {"label": "ORG", "pattern": [{"TEXT": {"REGEX": EVIL}}]}
    patterns.write_text(json.dumps(pattern) + "\n")
    with annotate(*job.arguments, "--patterns", str(patterns)) as terminal:
        terminal.wait_for("Row 1:")
        terminal.wait_for("patterns took longer")
        terminal.press("a")
        terminal.wait_for("Row 2:")
        begun = time.monotonic()
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
        assert time.monotonic() - begun < 20
    assert len(job.answers()) == 1


_SLOW: list[dict[str, Any]] = [{"label": "A", "pattern": [{"TEXT": {"REGEX": EVIL}}]}]


def _note(task: dict[str, Any]) -> str:
    return str(task.get("meta", {}).get("note"))


def test_every_recipe_with_patterns_notes_a_text_that_they_took_too_long_on() -> None:
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    rows: list[dict[str, Any]] = [{"text": UNLUCKY, "meta": {"page": 3}}, {"text": "aaa of b"}]

    def matcher() -> PatternMatcher:
        return PatternMatcher(_SLOW)

    def matched(*, label_task: bool) -> list[dict[str, Any]]:
        given = {"label_task": label_task, "label_span": True, "combine": False}
        return list(generic._questions(rows, matcher(), **given))

    unknown, other = matched(label_task=False)
    assert (unknown["spans"], unknown["meta"]["page"]) == ([], 3)
    whole, _ = matched(label_task=True)
    assert whole["label"] == "A"
    disabled, same = relations._disable(rows, matcher())
    ((_, asked),), ((_, known),) = textcat_model.questions(nlp, ["A"], matcher(), rows)
    scoring = ScoringMatcher()
    scoring.add_patterns(_SLOW)
    (_, scored), (_, found) = scoring(rows)
    assert "_task_hash" in scored
    for task in (unknown, whole, disabled, asked, scored):
        assert "longer than" in _note(task)
    for task in (other, same, known, found):
        assert _note(task) == "None"


@pytest.mark.quick
def test_a_note_of_the_row_itself_stays() -> None:
    noted = with_note(with_note({"text": "a", "meta": {"note": "mine"}}))
    assert noted["meta"]["note"] == "mine"
    assert "longer than" in noted["meta"]["patterns"]
    assert with_note(with_note({"text": "a"}))["meta"].keys() == {"note"}


def test_filtering_by_such_a_pattern_says_which_rows_are_left_out(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    pytest.importorskip("spacy")
    rows, patterns = tmp_path / "rows.jsonl", tmp_path / "patterns.jsonl"
    texts = (UNLUCKY, "aaa of b")
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    patterns.write_text(json.dumps(_SLOW[0]) + "\n")
    done = headless("filter-by-patterns", str(rows), "--patterns", str(patterns))
    assert done.returncode == 1
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["aaa of b"]
    assert "1 row of" in done.stderr
    assert "longer than" in done.stderr


A = {"LOWER": "a"}


@pytest.mark.parametrize(
    "pattern",
    [
        [*[{"OP": "*"}] * 20, {"TEXT": "zzz"}],
        [{**A, "OP": "+"}] * 30,
        [{**A, "OP": "{0,40}"}, {"LOWER": "b"}],
        [*[{**A, "OP": "*"}] * 4, {"LOWER": "b"}],
    ],
)
def test_repeats_that_can_be_distributed_in_too_many_ways_are_left_out_and_noted(
    pattern: list[dict[str, Any]],
) -> None:
    """spaCy follows each way, and neither keys nor signals are heard meanwhile."""
    pytest.importorskip("spacy")
    patterns: list[dict[str, Any]] = [
        {"label": "A", "pattern": pattern},
        {"label": "B", "pattern": "Berlin"},
    ]
    first, second = add_matches(
        [{"text": "Berlin " + "a " * 400}, {"text": "Berlin a a b"}], PatternMatcher(patterns)
    )
    assert [span["label"] for span in first["spans"]] == ["B"]
    assert "longer than" in first["meta"]["note"]
    assert "meta" not in second


@pytest.mark.parametrize("operator", ["{1,100000}", "{0,100000000}", "{2000}"])
def test_a_pattern_with_more_repeats_than_anybody_means_is_refused(operator: str) -> None:
    pytest.importorskip("spacy")
    with pytest.raises(UsageError, match=r"pattern 1: with its repeats .* more than 1,000 tokens"):
        PatternMatcher([{"label": "A", "pattern": [{**A, "OP": operator}]}])


@pytest.mark.parametrize("operator", ["!", "?", "*", "+", "{2}", "{1,3}", "{2,}", "{,2}"])
def test_repeats_find_what_spacy_finds_in_long_texts_too(operator: str) -> None:
    spacy = pytest.importorskip("spacy")
    pattern = [{"LOWER": "b"}, {**A, "OP": operator}, {"LOWER": "c"}]
    text = ("x b a a c b c b a c " * 300).strip()
    nlp = spacy.blank("en")
    matcher = spacy.matcher.Matcher(nlp.vocab)
    matcher.add("x", [pattern])
    doc = nlp(text)
    found = PatternMatcher([{"label": "A", "pattern": pattern}], nlp)
    spans = {(doc[a:b].start_char, doc[a:b].end_char) for _, a, b in matcher(doc)}
    assert {(each.start, each.end) for each in found.matches(text)} == spans
    assert not found.too_slow


def test_what_spacy_cannot_search_for_is_said_in_one_line() -> None:
    pytest.importorskip("spacy")
    matcher = PatternMatcher([{"label": "A", "pattern": [{"_": {"never_made": 1}}]}])
    with pytest.raises(UsageError, match="patterns: spaCy cannot search for them"):
        matcher.matches("a b")
