"""What recipes do where a language model answers badly, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recipes.llm_jobs import TEXTS, Starts, job, spans
from tests.recipes.llm_server import Reply, text_of
from tests.recipes.support import asked, opened
from tui_annotate.errors import EndpointError


def test_what_does_not_fit_is_left_out_with_a_note_and_said_once(
    place: Path, served: Starts
) -> None:
    bad = [
        spans({"label": "DATE", "text": "Cork"}),
        spans({"label": "PER", "text": "Nobody"}),
        "I cannot help with that.",
        spans(),
        '{"spans": "none"}',
        spans(),
    ]
    server = served(lambda prompt, _: Reply(bad[TEXTS.index(text_of(prompt))]))
    made = job("ner.llm.correct", place, server)
    found = asked(made, place / "a.db")
    notes = [task.get("meta", {}).get("note", "") for task in found]
    assert notes == [
        "left out: 1 unknown label",
        "left out: 1 absent quote",
        "left out: 1 unreadable answer",
        "",
        "left out: 1 unreadable answer",
        "",
    ]
    assert [len(task["spans"]) for task in found] == [2, 2, 0, 2, 0, 2]
    (said,) = made.farewell
    assert "1 label that does not exist" in said
    assert "2 answers that are no JSON" in said


def test_what_was_cut_off_or_not_taken_is_said_at_the_end(place: Path, served: Starts) -> None:
    no = b'{"error": {"param": "temperature", "code": "unsupported_value"}}'
    server = served(
        lambda _, n: Reply(raw=no, status=400) if n == 0 else Reply(spans()[:-4], finish="length")
    )
    made = job("ner.llm.correct", place, server)
    assert len(asked(made, place / "a.db")) == len(TEXTS)
    (said,) = made.farewell
    assert "6 times its answer was cut off at its longest" in said
    assert "it does not take temperature" in said


def test_requests_that_fail_leave_the_text_to_the_annotator(place: Path, served: Starts) -> None:
    server = served(lambda _, n: Reply(spans()) if n == 0 else Reply(raw=b"broken"))
    made = job("ner.llm.correct", place, server)
    found = asked(made, place / "a.db")
    assert [task["text"] for task in found] == TEXTS
    assert [len(task["spans"]) for task in found] == [2, 0, 0, 0, 0, 0]
    assert found[1]["meta"]["note"] == "the model gave no answer"
    (said,) = made.farewell
    assert said.count("failed") == 1
    assert "5 times it failed" in said


def test_an_endpoint_that_never_answers_ends_the_session(place: Path, served: Starts) -> None:
    server = served(lambda *_: Reply(status=401))
    session = opened(job("ner.llm.correct", place, server), place / "a.db")
    with pytest.raises(EndpointError, match="status 401"):
        session.start()
    session.close()
