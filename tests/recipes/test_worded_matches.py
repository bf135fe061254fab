"""What matchers of recipe files give: words under the hashes that were taken before them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import asked, own_job, write_jsonl
from tui_annotate.stream.row_accounts import identity_of
from tui_annotate.suggest.scoring_matcher import ScoringMatcher
from tui_annotate.task.hash_body import DEFAULT_SETTINGS
from tui_annotate.task.hashing import identify

pytestmark = pytest.mark.quick

PATTERNS = [{"label": "FRUIT", "pattern": "blood orange"}, {"label": "FRUIT", "pattern": "fig"}]
TEXTS = [{"text": "A blood orange and a fig."}, {"text": "No fruit."}, {"text": "fig pie"}]


def matcher(**settings: Any) -> ScoringMatcher:
    found = ScoringMatcher(**settings)
    found.add_patterns(PATTERNS)
    return found


def bare(task: dict[str, Any]) -> dict[str, Any]:
    """A match as it was given before it carried words."""
    gone = ("token_start", "token_end", "text")
    spans = [{k: v for k, v in span.items() if k not in gone} for span in task["spans"]]
    hidden = ("tokens", "_input_hash", "_task_hash")
    return {**{k: v for k, v in task.items() if k not in hidden}, "spans": spans}


def test_matches_carry_tokens_and_the_text_of_their_spans() -> None:
    first, second, third = (task for _, task in matcher()([{**each} for each in TEXTS]))
    (span,) = first["spans"]
    assert (span["text"], span["token_start"], span["token_end"]) == ("blood orange", 1, 2)
    assert [each["text"] for each in first["tokens"]][1:3] == ["blood", "orange"]
    assert second["spans"][0]["text"] == third["spans"][0]["text"] == "fig"


def test_tasks_without_a_match_carry_tokens_too() -> None:
    found = [task for _, task in matcher(all_examples=True)([{**each} for each in TEXTS])]
    assert [len(task["tokens"]) for task in found] == [7, 7, 3, 2]


def test_the_words_ask_nothing_new() -> None:
    for _, task in matcher()([{**each} for each in TEXTS]):
        before = identify(bare(task))
        assert (task["_input_hash"], task["_task_hash"]) == before[:2]
        assert identity_of({**task}, None, DEFAULT_SETTINGS) == before


def test_matches_that_were_answered_before_they_had_words_are_not_asked_again(
    tmp_path: Path,
) -> None:
    tasks = [task for _, task in matcher()([{**each} for each in TEXTS])]
    old = own_job({"view_id": "ner", "stream": [bare(each) for each in tasks[:2]]})
    assert len(asked(old, tmp_path / "store.db")) == 2
    new = own_job({"view_id": "ner", "stream": [{**each} for each in tasks]})
    assert [each["text"] for each in asked(new, tmp_path / "store.db")] == ["fig pie"]


def test_patterns_go_through_bytes_and_files(tmp_path: Path) -> None:
    first = matcher()
    first.to_disk(tmp_path / "patterns.jsonl")
    for again in (
        ScoringMatcher().from_bytes(first.to_bytes()),
        ScoringMatcher().from_disk(tmp_path / "patterns.jsonl"),
        ScoringMatcher().from_disk(write_jsonl(tmp_path / "own.jsonl", PATTERNS)),
    ):
        assert len(list(again([{**each} for each in TEXTS]))) == 3


def test_an_entity_recognizer_gives_words_and_keeps_what_it_learned(
    model: str, tmp_path: Path
) -> None:
    import spacy

    from tui_annotate.recipes.model_updates import EntityRecognizer

    recognizer = EntityRecognizer(spacy.load(model))
    found = [t for _, t in recognizer([{"text": "Ada Lovelace works in London."}])]
    assert found
    for task in found:
        (span,) = task["spans"]
        assert span["text"] == task["text"][span["start"] : span["end"]]
        assert task["tokens"][span["token_start"]]["start"] == span["start"]
        without = {**task, "spans": [{k: v for k, v in span.items() if k != "text"}]}
        without = {k: v for k, v in without.items() if not k.endswith("_hash")}
        assert identify(without) == identity_of({**task}, None, DEFAULT_SETTINGS)
    recognizer.to_disk(tmp_path / "kept")
    again = EntityRecognizer(spacy.load(tmp_path / "kept")).from_bytes(recognizer.to_bytes())
    assert again.labels == recognizer.labels
