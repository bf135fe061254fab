"""The plain face as a program: lines in, lines out, answers in the store."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import RunsHeadless, StartsTerminal

HOSTILE = "Acme \x1b]0;owned\x07 \x1b[2J \u202eCorp\u202c \x9b31m \ud800 [@click=x]hi[/] Acme"


def write(home: Path, *texts: str) -> Path:
    path = home / "data.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def test_a_session_line_by_line(home: Path, headless: RunsHeadless) -> None:
    data = write(home, "Acme Corp met Acme of Rome.", "Ann left.", "Bob came.")
    lines = (
        "org Acme Corp\norg Acme\n2\ndel 1\nu\nlist\na\nper Ann\nx\nx\nlater\nu\ncount\nfoo\nq\n"
    )
    done = headless(
        "ner.manual",
        "set",
        data,
        "--label",
        "ORG,PER",
        "--plain",
        stdin=lines,
        env={"TERM": "dumb"},
    )
    assert done.returncode == 0, done.stderr
    assert "Acme is there 2 times:" in done.stdout
    assert "2 spans:\n1: ORG, Acme Corp\n2: ORG, Acme\n" in done.stdout
    assert "you have edited this task, x again rejects" in done.stdout
    assert "I do not know foo." in done.stdout
    assert "\x1b" not in done.stdout
    assert "2 answers saved to set" in done.stderr
    saved = [json.loads(line) for line in headless("db-out", "set").stdout.splitlines()]
    assert [each["answer"] for each in saved] == ["accept", "reject"]
    spans = [(s["start"], s["end"], s["label"]) for s in saved[0]["spans"]]
    assert spans == [(0, 9, "ORG"), (14, 18, "ORG")]


def test_guidelines_are_said_to_newcomers_and_changes_once(
    home: Path, headless: RunsHeadless
) -> None:
    data = write(home, "Acme Corp.", "Ann left.")
    (home / "tui-annotate.toml").write_text('instructions = "guide.md"\n')

    def said() -> str:
        line = ("ner.manual", "set", data, "--label", "ORG", "--plain")
        return headless(*line, stdin="", cwd=home).stdout

    (home / "guide.md").write_text("Mark firms.\n\nNot people.\n")
    first = said()
    assert "guidelines of this project" in first and "Mark firms." in first
    assert "guidelines" not in said().replace("This is the end", "")
    (home / "guide.md").write_text("Mark firms.\n\nPeople as well.\n")
    again = said()
    assert "changed since you last saw them" in again
    assert "removed: Not people." in again and "added: People as well." in again
    assert "guidelines" not in said()


def test_what_is_begun_is_kept_and_nothing_drives_the_terminal(
    home: Path, headless: RunsHeadless
) -> None:
    data = write(home, HOSTILE)
    arguments = ("ner.manual", "set", data, "--label", "ORG", "--plain")
    first = headless(*arguments, stdin="org Corp\n")
    again = headless(*arguments, stdin="why\nlist\nu\n")
    assert "1: ORG, ·Corp" in first.stdout or "1: ORG, Corp" in first.stdout
    assert "1 span:" in again.stdout
    assert "0 spans." in again.stdout, "the edit can be undone in the next session"
    for done in (first, again):
        bad = [c for c in done.stdout if (c < " " and c != "\n") or "\x7f" <= c < "\xa0"]
        assert not bad
        assert "\u202e" not in done.stdout


def test_a_dumb_terminal_is_told_about_it(home: Path, annotate: StartsTerminal) -> None:
    data = write(home, "Ann left.")
    arguments = ("ner.manual", "set", data, "--label", "PER")
    with annotate(*arguments, env={"TERM": "dumb"}) as refused:
        assert refused.wait_exit() == 2
        assert "--plain" in refused.screen_text()
    with annotate(*arguments, "--plain", env={"TERM": "dumb"}) as terminal:
        terminal.wait_for("Ann left.\n>")
        terminal.send("per Ann\r")
        terminal.wait_for("1: PER, Ann")
        terminal.send("q\r")
        assert terminal.wait_exit() == 0
        assert b"\x1b" not in terminal.raw


def test_labels_are_described_as_the_settings_say(home: Path, headless: RunsHeadless) -> None:
    data = write(home, "Acme left.")
    (home / "tui-annotate.toml").write_text(
        "plain = true\n[label_descriptions]\nORG = 'Firms, not goods'\n"
    )
    done = headless("ner.manual", "set", data, "--label", "ORG,PER", stdin="labels\nwhy\nq\n")
    assert done.returncode == 0, done.stderr
    assert "1: ORG, Firms, not goods\n2: PER\n" in done.stdout
    assert "ORG: Firms, not goods\n" in done.stdout


def test_going_nowhere_asks_for_words(home: Path, headless: RunsHeadless) -> None:
    data = write(home, "Ann left.")
    done = headless("ner.manual", "set", data, "--label", "PER", "--plain", stdin="go\ngo Bob\nq\n")
    assert "Write words of the text behind it." in done.stdout
    assert "Bob is not in the text." in done.stdout
    assert "Nothing is not" not in done.stdout


def test_words_of_the_text_are_written_anew(home: Path, headless: RunsHeadless) -> None:
    data = write(home, "Akme Corp met Ann of Rome.")
    arguments = ("ner.manual", "set", data, "--label", "ORG,PER", "--plain")
    lines = "per Ann\nchange Akme Corp\nAcme\nchange Rome\n\norg Acme\na\nq\n"
    refused = headless(*arguments, stdin="change Rome\nq\n")
    assert "The text of this task is not changed." in refused.stdout
    done = headless(*arguments, stdin=lines, env={"TUI_ANNOTATE_EDIT_TEXT": "yes"})
    assert done.returncode == 0, done.stderr
    assert "Acme met Ann of Rome." in done.stdout and "Nothing was done." in done.stdout
    (saved,) = map(json.loads, headless("db-out", "set").stdout.splitlines())
    covered = [(saved["text"][s["start"] : s["end"]], s["label"]) for s in saved["spans"]]
    assert covered == [("Acme", "ORG"), ("Ann", "PER")]
    assert saved["_original_text"] == "Akme Corp met Ann of Rome."
    # It comes into another dataset as the answer to what was asked, which is not asked again.
    (home / "out.jsonl").write_text(json.dumps(saved) + "\n")
    headless("db-in", "other", "out.jsonl")
    again = headless("ner.manual", "other", data, "--label", "ORG,PER", "--plain", stdin="q\n")
    assert "Akme" not in again.stdout


def test_answers_are_searched_checked_and_mended_by_lines(
    home: Path, headless: RunsHeadless
) -> None:
    data = write(home, "Paris is big.", "Paris sang.", "In Paris, rain.", "Köln wins.")
    lines = (
        "loc Paris\na\nper Paris\na\nloc Paris,\na\nanswers\nanswers köln\nanswers in par\n"
        "stats\ncheck\nmend 2\nmend 9\ncheck\nopen 2\nopen 99\nq\n"
    )
    words = ("spans.manual", "set", data, "--label", "LOC,PER", "--plain", "--highlight-chars")
    done = headless(*words, stdin=lines, env={"TERM": "dumb", "XDG_CACHE_HOME": str(home / "c")})
    assert done.returncode == 0, done.stderr
    assert "Paris: 1 LOC, 1 PER." in done.stdout
    assert "No answer was found." in done.stdout
    assert "Answer 3, accept: [In Par]is, rain." in done.stdout
    assert "3 answers" in done.stdout
    assert "Mended: 'Paris,' is 'Paris' now." in done.stdout
    assert "Write check first" in done.stdout
    assert "An earlier answer; it stands until you decide." in done.stdout
    assert "There is no answer of yours with that number." in done.stdout
    saved = [json.loads(line) for line in headless("db-out", "set").stdout.splitlines()]
    marks = [each["text"][s["start"] : s["end"]] for each in saved for s in each["spans"]]
    assert marks == ["Paris"] * 3
