"""Names typed to their end at a person's speed, in a real terminal: they give what was meant."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal

pytestmark = pytest.mark.terminal

LABELS = "PERSON,LOCATION,DATE,ORGANISATION"
READING = 0.5
"""Seconds that somebody takes for a sentence on the screen."""

PACE = 0.15


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def answers(headless: RunsHeadless, dataset: str) -> list[dict[str, Any]]:
    done = headless("db-out", dataset)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("keymap", ["default", "vim", "prodigy"])
def test_a_label_is_typed_to_its_end_and_only_then_accepted(
    keymap: str, annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    texts = [{"text": "in May they left"}, {"text": "two of them stayed"}]
    source = write(tmp_path / "rows.jsonl", texts)
    terminal = annotate("ner.manual", "set", source, "--label", LABELS, "--keymap", keymap)
    terminal.wait_for("in May")
    terminal.settle()
    first = ["t", *"date", "enter"]
    if keymap == "prodigy":
        terminal.type_at([*first, "l", "enter"], PACE)  # there the label comes first
    else:
        terminal.type_at(["l", *first], PACE)
    terminal.settle()
    assert "in May they left" in terminal.screen_text()
    terminal.type("a")
    terminal.wait_for("1 done")
    terminal.type("q q")
    terminal.wait_exit()
    (row,) = answers(headless, "set")
    found = [(row["text"][s["start"] : s["end"]], s["label"]) for s in row["spans"]]
    assert found == [("May", "DATE")]


def test_what_was_swallowed_is_said_and_the_same_key_again_counts(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "in May"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", LABELS)
    terminal.wait_for("in May")
    terminal.settle()
    terminal.type_at("lt", PACE)
    terminal.type_at("da", PACE)
    terminal.wait_for("DATE given; a was read as a letter of the name, a again accepts")
    time.sleep(READING)
    terminal.type_at("a", PACE)
    terminal.wait_for("1 done")
    assert "two" in terminal.screen_text()


def test_an_option_is_typed_to_its_end_and_stays_chosen(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    options = [{"id": number, "text": f"Short {number}"} for number in [*range(1, 61), 470]]
    rows = [{"text": text, "options": options} for text in ("one", "two", "three")]
    source = write(tmp_path / "rows.jsonl", rows)
    terminal = annotate("mark", "set", source, "--view-id", "choice", rows=30)
    terminal.wait_for("one")
    terminal.settle()
    for number, name in enumerate(("short 46", "short 47", "short 4"), 1):
        spelled = [each.replace(" ", "space") for each in name]
        terminal.type_at(["t", *spelled, "enter", "enter"], PACE)  # one `enter` too many
        terminal.settle()
        terminal.type("a")
        terminal.wait_for(f"{number} done")
    terminal.type("q q")
    terminal.wait_exit()
    assert [row["accept"] for row in answers(headless, "set")] == [[46], [47], [4]]


def test_a_label_that_is_not_there_takes_nothing_and_says_so(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "one"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", "PER,LOC,ORG")
    terminal.wait_for("one")
    terminal.settle()
    terminal.type_at(["t", *"norp", "enter"], PACE)
    screen = terminal.wait_for("label: norp▏  no label has this name")
    assert "one" in screen and "0 done" in screen
    terminal.type("escape a q q")
    terminal.wait_exit()
    assert [row["spans"] for row in answers(headless, "set")] == [[]]


def test_the_word_that_is_typed_whole_is_gone_to(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "sold by a bank in Berlin"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", LABELS)
    terminal.wait_for("sold")
    terminal.settle()
    terminal.type_at([";", *"berlin", "enter"], PACE)
    terminal.type_at("2", PACE)
    terminal.type_at([";", *"zebra", "enter"], PACE)
    terminal.wait_for("to the next word beginning with zebra▏  no word begins like this")
    terminal.type("escape a q q")
    terminal.wait_exit()
    (row,) = answers(headless, "set")
    found = [(row["text"][s["start"] : s["end"]], s["label"]) for s in row["spans"]]
    assert found == [("Berlin", "LOCATION")]


def test_a_paste_with_an_escape_and_line_breaks_is_one_comment_and_no_command(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "one"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", LABELS)
    terminal.wait_for("one")
    terminal.settle()
    paste = "\x1b[200~eins\x1bxa\r\nzwei\ta\x1b[2J\x1b[201~"
    terminal.send(paste)  # no question is open: nothing takes it
    terminal.type("c")
    terminal.send(paste)
    screen = terminal.wait_for("comment: einsxa zwei a[2J▏")
    assert "one" in screen and "0 done" in screen
    terminal.type("enter ;")
    terminal.send("o x a l q\rx second\r")  # without marks; its first letter closes the question
    terminal.wait_for("pasted text is only taken where text is asked for")
    terminal.settle()
    assert "one" in terminal.screen_text() and "0 done" in terminal.screen_text()
    terminal.type("a q q")
    terminal.wait_exit()
    (row,) = answers(headless, "set")
    assert (row["_comment"], row["answer"]) == ("einsxa zwei a[2J", "accept")


def test_a_name_with_a_letter_too_many_leads_nowhere_else(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "in May"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", LABELS, "--keymap", "vim")
    terminal.wait_for("in May")
    terminal.settle()
    for letter in "oc":  # opens the list of answers, and a comment
        terminal.type_at(["t", *f"loca{letter}tion", "enter"], PACE)
        terminal.settle()
        screen = terminal.screen_text()
        assert "in May" in screen and "0 done" in screen
    terminal.type("a")
    terminal.wait_for("1 done")
    terminal.type("q q")
    terminal.wait_exit()
    (row,) = answers(headless, "set")
    assert [span["label"] for span in row["spans"]] == ["LOCATION"]
    assert "_comment" not in row


def test_a_mistyped_letter_of_a_name_decides_nothing(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    meant = {
        "dste": "DATE",
        "daate": "DATE",
        "dxte": "DATE",
        "d ate": "DATE",
        "orgaanisation": "ORGANISATION",
        "ssource": "SOURCE",
        "l<date": "DATE",
        "pex<<<organisation": "ORGANISATION",
    }
    texts = [f"in {typed}" for typed in meant]
    source = write(tmp_path / "rows.jsonl", [{"text": text} for text in [*texts, "the last"]])
    terminal = annotate("ner.manual", "set", source, "--label", f"{LABELS},SOURCE")
    for number, typed in enumerate(meant):
        terminal.wait_for(texts[number])
        terminal.settle()
        keys = [{"<": "backspace", " ": "space"}.get(each, each) for each in typed]
        terminal.type_at(["l", "t", *keys, "enter"], PACE)
        terminal.settle(0.4)  # what was kept back would have been carried out
        screen = terminal.screen_text()
        assert texts[number] in screen and f"{number} done" in screen, (typed, screen)
        terminal.type("a")
        terminal.wait_for(f"{number + 1} done")
    terminal.type("q q")
    terminal.wait_exit()
    rows = answers(headless, "set")
    found = [(row["answer"], [each["label"] for each in row["spans"]]) for row in rows]
    assert found == [("accept", [label]) for label in meant.values()]


def test_a_decision_behind_a_name_that_was_picked_is_carried_out(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    ways = ("daa", "la", "aa", "p  ", "orgaaa")
    source = write(tmp_path / "rows.jsonl", [{"text": f"in {n}"} for n in range(len(ways) + 3)])
    terminal = annotate("ner.manual", "set", source, "--label", f"{LABELS},ACCOUNT")
    for number, way in enumerate(ways, 1):
        terminal.wait_for(f"in {number - 1}")
        terminal.settle()
        terminal.type_at(["l", "t", *(each.replace(" ", "space") for each in way)], PACE)
        terminal.wait_for(f"{number} done")
    terminal.settle()
    # The decision is kept back until `l` comes, which is then meant for the next task.
    terminal.type_at([*"ltpal1", "a"], PACE)
    terminal.wait_for(f"{len(ways) + 2} done")
    terminal.type("q q")
    terminal.wait_exit()
    rows = answers(headless, "set")
    given = [row["answer"] for row in rows]
    assert given == ["accept", "accept", "accept", "ignore", "accept", "accept", "accept"]
    assert [rows[-1]["text"][s["start"] : s["end"]] for s in rows[-1]["spans"]] == ["6"]


def test_what_is_typed_on_behind_a_decision_that_did_not_count_answers_nothing(
    annotate: StartsTerminal, headless: RunsHeadless, tmp_path: Path
) -> None:
    source = write(tmp_path / "rows.jsonl", [{"text": "in May"}, {"text": "two"}])
    terminal = annotate("ner.manual", "set", source, "--label", LABELS)
    terminal.wait_for("in May")
    terminal.settle()
    # A slow link brings several keys at once, and those behind are meant for later tasks.
    for pieces in (("1a2a3a", "4a", "2a"), ("tpatl", "a2a")):
        for piece in pieces:
            terminal.send(piece)
            time.sleep(PACE)
        terminal.wait_for("What was typed meanwhile was not carried out: pause, then go on")
        time.sleep(2 * READING)
    screen = terminal.screen_text()
    assert "in May" in screen and "0 done" in screen
    terminal.type("a q q")
    terminal.wait_exit()
    (row,) = answers(headless, "set")
    assert [span["label"] for span in row["spans"]] == ["PERSON"]
