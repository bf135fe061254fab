"""A blank pipeline cuts a text of any length."""

from __future__ import annotations

import pytest

from tui_annotate.errors import Abandoned
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task import task_tokens
from tui_annotate.task.task_tokens import tokens_of
from tui_annotate.waiting import Waiting, use


def test_a_blank_pipeline_takes_a_text_of_more_than_a_million_characters() -> None:
    pytest.importorskip("spacy")
    assert len(load_pipeline("blank:en")("a" * 1_000_001)) == 1


@pytest.mark.parametrize("language", ["en", "de", "fr", "xx"])
def test_a_long_text_is_cut_in_pieces_into_the_same_tokens(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    nlp = pytest.importorskip("spacy").blank(language)
    words = ["don't", "U.S.", "(x)", "e.g.", "\U0001f600", "e\u0301", "http://a.b/c", "5km", ":-)"]
    gaps = [" ", "  ", "\n", " \n", "\t", "\u00a0", " "]
    text = "".join(words[n % 9] + gaps[n * n % 7] for n in range(200))
    whole = tokens_of(text, nlp)
    assert [each["text"] for each in whole] == [each.text for each in nlp.make_doc(text)]
    assert [each["ws"] for each in whole] == [bool(each.whitespace_) for each in nlp(text)]
    assert [each["start"] for each in whole] == [each.idx for each in nlp(text)]
    for size in (1, 7, 50):
        monkeypatch.setattr(task_tokens, "_PIECE", size)
        assert tokens_of(text, nlp) == whole


def test_words_with_a_space_in_them_stay_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = pytest.importorskip("spacy").blank("en")
    nlp.tokenizer.add_special_case("New York", [{"ORTH": "New York"}])
    monkeypatch.setattr(task_tokens, "_PIECE", 5)
    found = [each["text"] for each in tokens_of("In New York it is New York", nlp)]
    assert found == ["In", "New York", "it", "is", "New York"]


def test_cutting_a_long_text_counts_and_can_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = pytest.importorskip("spacy").blank("en")
    monkeypatch.setattr(task_tokens, "_PIECE", 10)
    waiting = Waiting()
    use(waiting)
    said: list[str] = []
    cut = nlp.make_doc

    def make_doc(text: str) -> object:
        said.append(waiting.sentence())
        if len(said) == 3:
            waiting.abandon()
        return cut(text)

    monkeypatch.setattr(nlp, "make_doc", make_doc)
    with pytest.raises(Abandoned):
        tokens_of("a few words " * 10, nlp)
    use(Waiting())
    assert len(said) == 3
    assert said[1] == "finding the tokens of a long text: 12 of 120 characters"
