"""Every command of docs/agreement.md runs, on datasets of the names that the page uses."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import RunsHeadless

PAGE = Path(__file__).parent.parent / "docs" / "agreement.md"
TEXT = "Ada lived in Ulm."
PER = {"start": 0, "end": 3, "label": "PER"}
LOC = {"start": 13, "end": 16, "label": "LOC"}


def commands() -> list[list[str]]:
    """Return the command lines that stand in blocks of their own, without `tui-annotate`, and
    those that stand within sentences."""
    text = PAGE.read_text()
    lines = re.findall(r"^tui-annotate (.+)$", text, re.MULTILINE)
    lines += re.findall(r"`tui-annotate ([^`]+)`", text.replace("\n", " "))
    return [shlex.split(line, comments=True) for line in lines]


def test_every_command_of_the_page_runs(home: Path, headless: RunsHeadless) -> None:
    def put(dataset: str, who: str, *rows: Mapping[str, object]) -> None:
        path = home / "rows.jsonl"
        path.write_text("".join(f"{json.dumps({'answer': 'accept', **row})}\n" for row in rows))
        assert headless("db-in", dataset, str(path), "--as", who).returncode == 0

    def marked(*spans: object) -> dict[str, object]:
        return {"text": TEXT, "spans": [*spans], "_view_id": "ner_manual"}

    options = [{"id": each, "text": each} for each in "ab"]
    chosen = {"text": "Choose.", "options": options, "accept": ["a"], "_view_id": "choice"}
    put("my_set", "ann1", marked(PER, LOC))
    put("my_set", "ann2", marked(PER))
    put("my_set", "model1", marked(PER, LOC))
    put("other_set", "ann3", marked(LOC))
    put("gold_set", "lead", marked(PER, LOC))
    put("final_set", "lead", {**marked(PER, LOC), "_reason": "slip"})
    put("classes", "ann1", chosen)
    put("classes", "ann2", chosen)
    brought = json.dumps({"text": TEXT, "spans": [PER]})
    (home / "texts.jsonl").write_text(f'{brought}\n{{"text": "More."}}\n')
    with (home / "table.csv").open("w") as file:
        csv.writer(file).writerows([["body", "label"], ["Choose.", "a"]])
    found = commands()
    assert len(found) >= 12
    for words in found:
        arguments = [word.replace("my_set", "classes") for word in words]
        of_classes = words[0] == "metric.iaa.doc" or "table.csv" in words
        arguments = arguments if of_classes else words
        files = ("table.csv", "texts.jsonl")
        arguments = [str(home / word) if word in files else word for word in arguments]
        asks = words[0] in ("review", "ner.manual")
        done = headless(*arguments, *(["--plain"] if asks else []), stdin="q\n")
        assert done.returncode == 0, (words, done.stderr)
        assert "Traceback" not in done.stderr
