"""A pipeline as an annotator: `ner.model-annotate` and its kin."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.recipes.support import asked, job_of, write_jsonl
from tests.support.environment import annotate_argv
from tests.support.terminal import Terminal

pytest.importorskip("spacy")

TEXTS = ["Ilse lives in Cork.", "Orla left Galway.", "The mill is old.", "Orla left Galway."]


@pytest.fixture
def source(home: Path) -> str:
    return str(write_jsonl(home / "data.jsonl", [{"text": text} for text in TEXTS]))


def answers(in_process: RunsHeadless, dataset: str = "set") -> list[dict[str, Any]]:
    done = in_process("db-out", dataset)
    return [json.loads(line) for line in done.stdout.splitlines()]


def marked(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


@pytest.mark.parametrize("name", ["ner", "spans"])
def test_spans_under_the_name_of_the_model_and_nothing_twice(
    name: str, model: str, source: str, in_process: RunsHeadless
) -> None:
    command = (f"{name}.model-annotate", "set", model, source, "robot")
    first = in_process(*command)
    assert (first.returncode, "3 answers of robot added to set" in first.stderr) == (0, True)
    found = answers(in_process)
    assert [marked(task) for task in found] == [
        [("Ilse", "PER"), ("Cork", "LOC")],
        [("Orla", "PER"), ("Galway", "LOC")],
        [],
    ]
    assert {(t["_annotator_id"], t["_session_id"], t["answer"]) for t in found} == {
        ("robot", "set-robot", "accept")
    }
    assert found[0]["tokens"][3]["text"] == "Cork"
    again = in_process(*command)
    assert "0 answers of robot added to set; 4 there already" in again.stderr
    assert answers(in_process) == found


def test_a_person_is_still_asked_and_is_asked_the_same(
    model: str, source: str, in_process: RunsHeadless, home: Path
) -> None:
    in_process("ner.model-annotate", "set", model, source, "--model-alias", "robot", "-l", "PER")
    mine = asked(
        job_of("ner.manual", dataset="mine", source=source, label="PER,LOC"), home / "other.db"
    )
    theirs = answers(in_process)
    assert [task["_task_hash"] for task in mine] == [task["_task_hash"] for task in theirs]
    assert [marked(task) for task in theirs] == [[("Ilse", "PER")], [("Orla", "PER")], []]


def test_classes_are_a_choice_and_one_is_yes_or_no(
    model: str, source: str, in_process: RunsHeadless, home: Path
) -> None:
    assert in_process("textcat.model-annotate", "set", model, source, "robot").returncode == 0
    found = answers(in_process)
    assert [task["accept"] for task in found] == [["PEOPLE"], ["PEOPLE"], ["THINGS"]]
    assert in_process("textcat.model-annotate", "all", model, source, "-t", "0").returncode == 0
    assert answers(in_process, "all")[0]["accept"] == ["PEOPLE", "THINGS"]
    in_process("textcat.model-annotate", "one", model, source, "--labels", "THINGS")
    one = answers(in_process, "one")
    assert [task["answer"] for task in one] == ["reject", "reject", "accept"]
    mine = asked(
        job_of("textcat.manual", dataset="m", source=source, label="THINGS"), home / "other.db"
    )
    assert [task["_task_hash"] for task in mine] == [task["_task_hash"] for task in one]


def test_a_threshold_of_entities_and_the_components_of_rules(
    model: str, rules: str, source: str, in_process: RunsHeadless, home: Path
) -> None:
    rows = [{"text": f"The mill {n} of Cork {n} left Ilse {n}."} for n in range(1, 6)]
    unseen = write_jsonl(home / "unseen.jsonl", rows)
    counts = []
    for share in ("0", "0.9", "1"):
        in_process("ner.model-annotate", f"set{share}", model, unseen, "-t", share)
        counts.append(sum(len(task["spans"]) for task in answers(in_process, f"set{share}")))
    assert counts[0] > counts[2]
    assert counts == sorted(counts, reverse=True)
    done = in_process("ner.model-annotate", "ruled", rules, source, "--label", "LOC")
    assert done.returncode == 0, done.stderr
    assert marked(answers(in_process, "ruled")[0]) == [("Cork", "LOC")]
    done = in_process("ner.model-annotate", "ruled", rules, source, "-l", "LOC", "-t", "0.5")
    assert (done.returncode, "gives no scores" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-l", "FOO"], "does not know the label 'FOO'"),
        (["-c", "parser"], "has no component 'parser'"),
        (["one", "--model-alias", "two"], "two names are given"),
        (["a\x07b"], "holds control characters"),
    ],
)
def test_mistakes_are_one_line_and_make_no_dataset(
    arguments: list[str], said: str, model: str, source: str, in_process: RunsHeadless
) -> None:
    done = in_process("ner.model-annotate", "set", model, source, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert answers(in_process) == []


def test_a_row_that_is_no_task_is_named(model: str, in_process: RunsHeadless, home: Path) -> None:
    (home / "bad.jsonl").write_text('{"text": "Orla left Galway."}\nnone\n')
    done = in_process("ner.model-annotate", "set", model, "bad.jsonl")
    assert done.returncode == 1
    assert "bad.jsonl:2" in done.stderr
    assert len(answers(in_process)) == 1


SLOW = """
import sys, time
import tui_annotate.suggest.spacy_docs as docs
took = docs.tokens_of
def slow(part):
    time.sleep(0.02)
    return took(part)
docs.tokens_of = slow
sys.argv[0] = "tui-annotate"
from tui_annotate.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.terminal
def test_it_counts_and_what_is_left_goes_on(
    model: str, in_process: RunsHeadless, home: Path
) -> None:
    rows = [{"text": f"Orla left Galway {n}."} for n in range(300)]
    source = write_jsonl(home / "many.jsonl", rows)
    command = ("ner.model-annotate", "set", model, source, "robot")
    with Terminal([sys.executable, "-c", SLOW, *command], home=home) as terminal:
        terminal.wait_for("annotating")
        terminal.send(b"\x03")
        assert terminal.wait_exit() == 128 + signal.SIGINT
        said = terminal.screen_text()
    assert "the same command goes on" in said
    assert "Traceback" not in said
    found = answers(in_process)
    assert 0 < len(found) < 300
    assert len(found) % 64 == 0, "a batch is written whole or not at all"
    with Terminal(annotate_argv(*command), home=home) as terminal:
        assert terminal.wait_exit() == 0
    assert [task["text"] for task in answers(in_process)] == [row["text"] for row in rows]
