"""Answers of every view, most of them without a text, in every format that can hold them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tests.editors.test_views import EXAMPLES
from tests.exchange.support import NOON, new_world, task
from tests.exchange.test_import_again import EXTRAS
from tui_annotate.exchange.annotation_layers import read_layers
from tui_annotate.exchange.document import Answer, Document, Layers, text_of
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields
from tui_annotate.store.records import NewAnswer, StoredAnswer
from tui_annotate.stream.sqlite_source import open_table
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Task

pytestmark = pytest.mark.quick

ROWS = [name for name, format_ in FORMATS.items() if format_.rows]
OTHERS: dict[str, Task] = {
    "image_manual": {"image": "a.png", "spans": [{"label": "CAT", "points": [[0, 1], [2, 3]]}]},
    "audio_manual": {"audio": "a.wav", "audio_spans": [{"start": 0.5, "end": 1.5, "label": "A"}]},
    "text": {"text": 5, "html": "<b>no text</b>"},
}
"""Answers of other programs, whose views there cannot be here, and a text that is none."""


def answered() -> dict[str, Task]:
    """Return an answer of every view, by its section in docs/views.md."""
    found = {title: {**each["task"], **each["answer"]} for title, each in EXAMPLES.items()}
    return {**found, **{view: {**each, "answer": "accept"} for view, each in OTHERS.items()}}


ANSWERS = answered()


def written(title: str, number: int) -> Document:
    """Return the document that one answer comes to."""
    content = {key: value for key, value in ANSWERS[title].items() if key != "answer"}
    identity = identify(dict(content))
    view = title.split()[0]
    record = NewAnswer(1, 1, identity, dumps(content), ANSWERS[title]["answer"], view, NOON)
    answer = Answer(StoredAnswer(number, record, "set-anna", "anna"), content, "set")
    layers = read_layers(answer)
    return Document(text_of(content), Layers() if isinstance(layers, str) else layers, (answer,))


@pytest.mark.parametrize("name", ROWS)
def test_answers_of_every_view_come_back_from_every_format_of_rows(
    name: str, tmp_path: Path
) -> None:
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
    path = tmp_path / f"out{FORMATS[name].ending}"
    if FORMATS[name].folder:
        path.mkdir()
    with closing(FORMATS[name].open(path, FormatSettings())) as writer:
        for number, title in enumerate(ANSWERS, 1):
            writer.write(written(title, number))
    fields = Fields()
    if name == "sqlite":
        rows = list(open_table(str(path), fields).rows())
    else:
        rows = list(open_source(path, loader=name).rows())
    assert len(rows) == len(ANSWERS)
    for (title, answer), row in zip(ANSWERS.items(), rows, strict=True):
        if title == "text" and not isinstance(row, Row):
            continue  # a source takes no text that is none
        assert isinstance(row, Row), (title, row)
        own = {key: row.data[key] for key in answer if key in row.data}
        assert own == answer, title
        assert not row.data.keys() & {"_answer_id", "_schema"}, "they are the export's"


@pytest.mark.parametrize("name", ["jsonl", "json"])
def test_its_number_and_the_version_come_first(name: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    with closing(FORMATS[name].open(path, FormatSettings())) as writer:
        for number, title in enumerate(ANSWERS, 1):
            writer.write(written(title, number))
    text = path.read_text()
    found = json.loads(text) if name == "json" else [json.loads(x) for x in text.splitlines()]
    assert [each["_answer_id"] for each in found] == list(range(1, len(ANSWERS) + 1))
    for each in found:
        assert list(each)[:2] == ["_answer_id", "_schema"]
        assert each["_schema"] == 1


def test_a_key_of_that_name_which_no_export_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows: list[dict[str, Any]] = [
        {"text": "a", "_schema": {"v": 1}},
        {"text": "b", "_answer_id": "x7"},
        {"text": "c", "_answer_id": 7, "_schema": 1},
    ]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = [row.data for row in open_source(file).rows() if isinstance(row, Row)]
    assert found == [*rows[:2], {"text": "c"}]


def test_what_a_format_cannot_hold_is_counted_and_said(
    home: Path, headless: RunsHeadless, tmp_path: Path
) -> None:
    chat = {"messages": [{"role": "user", "content": "Name a port."}]}
    with new_world(home / "data" / "tui-annotate" / "annotations.db") as world:
        world.answer(task("Acme left", (0, 4, "ORG")))
        world.answer(chat, view="chat")
        world.answer({"image": "a.png", "label": "MILL"}, view="image")
    refused = headless("export", "set", str(tmp_path / "a"), "--to", "iob2")
    assert refused.returncode == 1
    assert "2 of the documents cannot be written as iob2 (no-text 2)" in refused.stderr
    aside = tmp_path / "aside.jsonl"
    done = headless("export", "set", "-", "--to", "iob2", "--skip-invalid", str(aside))
    assert (done.returncode, done.stdout) == (0, "Acme\tB-ORG\nleft\tO\n\n")
    assert "could not be written: no-text 2" in done.stderr
    assert len(aside.read_text().splitlines()) == 2
    whole = headless("export", "set", "-", "--to", "csv")
    head, *rest = whole.stdout.splitlines()
    assert head.startswith("answer_id,input_hash,task_hash,text,")
    assert len(rest) == 3 and rest[0].startswith("1,")
    assert "newest answer: 3 (--since 3 takes later ones)" in whole.stderr
    later = headless("export", "set", "-", "--to", "jsonl", "--since", "1")
    assert [json.loads(line)["_answer_id"] for line in later.stdout.splitlines()] == [2, 3]
    file = tmp_path / "again.jsonl"
    file.write_text(headless("export", "set", "-", "--to", "jsonl").stdout)
    again = headless("db-in", "set", str(file))
    assert again.returncode == 0 and "3 there already" in again.stderr, again.stderr
