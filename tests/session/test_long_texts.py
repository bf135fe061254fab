"""A long text is answered, put down, opened again and exported with the very same tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.session.support import Place
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.exchange.imported_answer import copy_of, parts
from tui_annotate.exchange.jsonl import lines
from tui_annotate.session.types import Draft
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Task
from tui_annotate.task.stored_tokens import with_tokens
from tui_annotate.task.tokenize import tokenize

pytestmark = pytest.mark.quick

TEXT = "Nothing that O'Brien's U.S. office said (3.5%) was wrong.\n" * 400


def editor_of(task: Task) -> SpanEditor:
    return SpanEditor(task, ("ORG", "LOC"), overlap=False)


def size(place: Place, table: str) -> int:
    with place.store() as store:
        rows = store._connection.read(f"SELECT content FROM {table}")
        return sum(len(content.encode()) for (content,) in rows)


def exported(place: Place) -> list[str]:
    with place.store() as store:
        dataset = store.admin.find_dataset("my_set")
        assert dataset is not None
        return list(lines(store.answers.iterate(dataset.id)))


def test_an_answer_takes_less_than_twice_its_text(tmp_path: Path) -> None:
    place = Place(tmp_path, [TEXT, "next"])
    with place.session() as session:
        assert session.item is not None
        editor = editor_of(session.item.task)
        editor.apply("label", 0)
        session.keep_draft(Draft(editor.content(), {}, True))
        assert size(place, "drafts") < 2 * len(TEXT)
    with place.session() as session:
        assert session.item is not None and session.item.draft is not None
        content = session.item.draft.content
        tokens = tokenize(TEXT).to_dicts(TEXT)
        assert with_tokens(content)["tokens"] == tokens
        session.decide("accept", content)
        assert size(place, "answers") < 2 * len(TEXT)
        first = exported(place)
        assert json.loads(first[0])["tokens"] == tokens
        assert first[0] == dumps(json.loads(first[0])) + "\n"
        session.back()
        assert session.item is not None
        assert with_tokens(session.item.task)["tokens"] == tokens
        session.decide("accept", session.item.task)
    assert exported(place) == first


def test_recipes_and_copies_get_the_tokens(tmp_path: Path) -> None:
    place, seen = Place(tmp_path, [TEXT, "next"]), []

    def note(answers: list[Task]) -> list[Task]:
        seen.extend(answers)
        return answers

    with place.session(before_db=note, validate_answer=lambda one: seen.append(one)) as session:
        assert session.item is not None
        session.decide("accept", editor_of(session.item.task).content())
        session.back()
        session.decide("accept", session.item.task)
    tokens = tokenize(TEXT).to_dicts(TEXT)
    assert [each["tokens"] == tokens for each in seen] == [True] * 4
    with place.store() as store:
        dataset = store.admin.find_dataset("my_set")
        assert dataset is not None
        (stored,) = store.answers.iterate(dataset.id)
        assert len(stored.record.content) < 2 * len(TEXT)
        assert json.loads(copy_of(stored).body)["tokens"] == tokens
        assert parts(stored.record.content)[0] == copy_of(stored).body
