"""An answer to a long text that is opened again: its tokens stay in the form in which they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import Place, at_hand, die
from tui_annotate.editors.registry import open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.session.session import Session
from tui_annotate.session.types import Draft
from tui_annotate.task.stored_tokens import STORED_TOKENS, laid_over, with_tokens
from tui_annotate.task.tokenize import tokenize

CONFIG = {"labels": ["ORG"], "edit_text": True}


def editor_of(session: Session) -> SpanEditor:
    item = at_hand(session)
    editor, notes = open_task(item.task, "ner_manual", CONFIG)
    assert isinstance(editor, SpanEditor) and not notes
    if item.draft is not None:
        editor.restore(laid_over(item.task, item.draft.content), item.draft.state)
        assert not editor.notes
    return editor


@pytest.mark.parametrize("own_tokens", [False, True], ids=["cut here", "of the row"])
@pytest.mark.parametrize("word", ["Zürich", "Berlin"])
def test_a_long_answer_comes_back_without_an_object_for_each_token(
    tmp_path: Path, word: str, own_tokens: bool
) -> None:
    text = f"Acme of {word} said so. " * 2_000
    place = Place(tmp_path, [text, "Short."])
    given = {"tokens": tokenize(text).to_dicts(text)} if own_tokens else {}
    session = place.open(config=CONFIG)
    session.start()
    editor, _ = open_task({**at_hand(session).task, **given}, "ner_manual", CONFIG)
    editor.apply("label", "ORG")
    session.decide("accept", editor.content())
    session.advance()
    assert session.back()
    task = at_hand(session).task
    assert STORED_TOKENS in task and "tokens" not in task
    # The text is written anew, and the link is lost.
    editor = editor_of(session)
    assert [each.label for each in editor.spans] == ["ORG"]
    editor.apply("rewrite", "Globex")
    assert editor.text.startswith("Globex of ")
    session.keep_draft(Draft(editor.edits(), editor.state(), edited=True))
    die(session)
    session = place.open(config=CONFIG)
    session.start()
    editor = editor_of(session)
    assert editor.text.startswith("Globex of ")
    session.decide("accept", editor.content())
    session.close()
    with place.store() as store:
        (stored,) = store.answers.iterate(1)
    assert '"tokens":' not in stored.record.content
    content = with_tokens(editor.content())
    assert content["tokens"] == tokenize(editor.text).to_dicts(editor.text)
    assert [each["label"] for each in content["spans"]] == ["ORG"]
