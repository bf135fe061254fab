"""Every answer is in reach: listed, filtered, opened, commented on, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.session.annotator import Annotator, work, write_rows
from tui_annotate.cli.stream_options import Policies
from tui_annotate.session import answer_list
from tui_annotate.session.answer_list import AnswerFilter, AnswerList, read_filter
from tui_annotate.session.stored_work import summary
from tui_annotate.session.types import Draft

pytestmark = pytest.mark.quick

PER = {"start": 0, "end": 1, "label": "PER", "token_start": 0, "token_end": 0}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ["Anna", "Berta", "Carla", "Dora", "Emma", "Fanni"])


def texts(answers: AnswerList, wanted: AnswerFilter | None = None) -> list[str]:
    return [each.summary for each in answers.page(wanted or AnswerFilter()).answers]


def test_answers_are_listed_newest_first_and_filtered(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer("accept", spans=[PER])
        anna.answer("reject", flagged=True)
        anna.answer("ignore", _comment="is this a NAME?")
        answers = AnswerList(anna.session)
        assert texts(answers) == ["Carla", "Berta", "Anna"]
        assert texts(answers, AnswerFilter(answer="reject")) == ["Berta"]
        assert texts(answers, AnswerFilter(label="PER")) == ["Anna"]
        assert texts(answers, AnswerFilter(flagged=True)) == ["Berta"]
        assert texts(answers, AnswerFilter(text="BERT")) == ["Berta"]
        assert texts(answers, AnswerFilter(text="a name")) == ["Carla"]
        assert texts(answers, AnswerFilter(answer="accept", flagged=True)) == []
        assert [each.labels for each in answers.page(AnswerFilter()).answers] == [(), (), ("PER",)]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", AnswerFilter()),
        ("water board", AnswerFilter(text="water board")),
        ("is:reject label:ORG", AnswerFilter(answer="reject", label="ORG")),
        ('label:"two words" is:flagged', AnswerFilter(label="two words", flagged=True)),
        ("by:ann2 why not", AnswerFilter(annotator="ann2", text="why not")),
        ("comment:* is:different", AnswerFilter(comment="*", differs=True)),
        ("http://a is:odd x:y", AnswerFilter(text="http://a is:odd x:y")),
    ],
)
def test_a_filter_is_written_and_read(written: str, wanted: AnswerFilter) -> None:
    assert read_filter(written) == wanted == read_filter(wanted.written)


def test_answers_are_filtered_by_people_comments_and_disagreement(
    tmp_path: Path, rows: Path
) -> None:
    with Annotator(tmp_path, rows, name="berta") as berta:
        berta.answer("accept", spans=[PER])
        berta.answer("accept")
        berta.answer("ignore")
    with Annotator(tmp_path, rows, policies=Policies(no_auto_exclude=True)) as anna:
        anna.answer("accept")
        anna.answer("accept", _comment="why this?")
        anna.answer("reject")
        anna.answer("reject")
        answers = AnswerList(anna.session)
        assert texts(answers, read_filter("is:different")) == ["Carla", "Anna"]
        assert texts(answers, read_filter("is:different is:reject")) == ["Carla"]
        assert texts(answers, read_filter("comment:WHY")) == ["Berta"]
        assert texts(answers, read_filter("comment:*")) == ["Berta"]
        assert texts(answers, read_filter("comment:other")) == []
        assert texts(answers, read_filter("by:anna")) == ["Dora", "Carla", "Berta", "Anna"]
        assert texts(answers, read_filter("by:berta")) == []


def test_pages_follow_one_another(
    tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer_all()
        answers = AnswerList(anna.session)
        first = answers.page(AnswerFilter(), size=4)
        second = answers.page(AnswerFilter(), first.after, size=4)
        found = [each.summary for each in (*first.answers, *second.answers)]
        assert found == ["Fanni", "Emma", "Dora", "Carla", "Berta", "Anna"]
        assert second.after is None
        # A rare word: each page looks at so many answers at most.
        monkeypatch.setattr(answer_list, "LOOKED_AT", 2)
        page, pages = answers.page(AnswerFilter(text="anna")), 1
        while not page.answers and page.after is not None:
            page, pages = answers.page(AnswerFilter(text="anna"), page.after), pages + 1
        assert ([each.summary for each in page.answers], pages) == (["Anna"], 3)


def test_any_answer_is_opened_and_stands_until_it_is_decided_anew(
    tmp_path: Path, rows: Path
) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer_all(4)
        answers = AnswerList(anna.session)
        oldest = answers.page(AnswerFilter()).answers[-1]
        assert answers.open(oldest.id)
        assert anna.session.item is not None
        assert (anna.text, anna.session.item.number) == ("Anna", 1)
        assert answers.next_unanswered()
        assert anna.text == "Emma"
        assert answers.open(oldest.id)
        anna.answer("reject")
        assert anna.text == "Emma"
        assert not answers.open(oldest.id)
        assert texts(answers, AnswerFilter(answer="reject")) == ["Anna"]


def test_go_to_task_n(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer_all(4)
        answers = AnswerList(anna.session)
        for number, text in ((1, "Anna"), (4, "Dora"), (5, "Emma"), (2, "Berta")):
            assert answers.go_to(number)
            assert anna.session.item is not None
            assert (anna.text, anna.session.item.number) == (text, number)
        assert not answers.go_to(6)
        assert not answers.go_to(0)
        assert anna.text == "Berta"


def test_what_was_begun_is_there_when_one_comes_back(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer_all(2)
        answers = AnswerList(anna.session)
        begun = Draft({"spans": [PER]}, {"at": 3}, edited=True)
        assert answers.go_to(1, begun)
        assert answers.next_unanswered()
        assert anna.session.item is not None
        assert anna.session.item.draft is not None
        assert anna.session.item.draft.content == begun.content


def test_an_answer_that_is_taken_back_is_asked_again(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer("accept", spans=[PER])
        anna.answer_all(2)
        answers = AnswerList(anna.session)
        oldest = answers.page(AnswerFilter()).answers[-1]
        answers.open(oldest.id)
        assert answers.retract(oldest.id)
        assert anna.text == "Dora"
        assert texts(answers) == ["Carla", "Berta"]
        assert anna.session.counts().waiting == 1
        assert not answers.retract(oldest.id)
        kinds = [a.record.kind for a in anna.store.answers.iterate(1, revisions=True)]
        assert kinds == ["answer"] * 3 + ["retraction"]
    with Annotator(tmp_path, rows) as anna:
        assert anna.answer_all(3) == ["Dora", "Emma", "Fanni"]
        assert anna.session.item is not None
        assert anna.session.item.task["spans"] == [PER]
        assert anna.answer_all() == ["Anna"]
    assert work(tmp_path, rows) == []


def test_a_comment_on_an_answer_leaves_the_decision(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        anna.answer("reject", spans=[PER])
        anna.answer()
        answers = AnswerList(anna.session)
        oldest = answers.page(AnswerFilter()).answers[-1]
        assert answers.comment(oldest.id, "why?")
        assert not answers.comment(oldest.id, "too late")
        (found,) = answers.page(AnswerFilter(text="why")).answers
        assert (found.answer, found.comment, found.labels) == ("reject", "why?", ("PER",))
        assert answers.comment(found.id, "")
        assert answers.page(AnswerFilter(text="why")).answers == ()
        assert anna.text == "Carla"
        assert anna.session.counts().done == 2


def test_a_session_keeps_several_drafts(tmp_path: Path, rows: Path) -> None:
    with Annotator(tmp_path, rows) as anna:
        for mark in (1, 2):
            anna.session.later(Draft({"spans": [PER]}, {"mark": mark}, edited=True))
            anna.session.advance()
        anna.kill()
    with Annotator(tmp_path, rows) as anna:
        assert anna.answer_all(4) == ["Carla", "Dora", "Emma", "Fanni"]
        states = []
        while anna.session.item is not None:
            draft = anna.session.item.draft
            states.append((anna.text, draft.state if draft else None))
            anna.answer()
        assert states == [("Anna", {"mark": 1}), ("Berta", {"mark": 2})]


def test_ids_decide_what_is_newest_when_the_clock_goes_back(tmp_path: Path, rows: Path) -> None:
    clock = iter(range(2_000_000_000, 0, -100_000_000))
    with Annotator(tmp_path, rows) as anna:
        anna.session._clock = lambda: float(next(clock))
        anna.answer_all(4)
        answers = AnswerList(anna.session)
        assert texts(answers) == ["Dora", "Carla", "Berta", "Anna"]
        assert anna.session.back()
        assert anna.text == "Dora"
        anna.answer("reject")
    with Annotator(tmp_path, rows) as anna:
        assert texts(AnswerList(anna.session))[0] == "Dora"
        assert anna.answer_all() == ["Emma", "Fanni"]


@pytest.mark.parametrize(
    ("task", "view", "shown"),
    [
        ({"text": "Ilse\n left"}, "ner_manual", "Ilse left"),
        ({"llm": {"prompt": "Name a port.", "response": "Cork"}}, "llm_io", "Name a port."),
        ({"pages": [{"text": "Page one"}, {"text": "two"}]}, "pages", "Page one"),
        ({"options": [], "accept": ["A", "B"]}, "choice", "A"),
        ({"view_id": "html", "title": "The mill", "year": 1901}, "html", "The mill"),
        ({"pages": []}, "pages", ""),
        ({"label": "NEWS"}, "classification", "NEWS"),
        ({"removed": "cold", "added": "warm"}, "diff", "warm"),
        ({"text": "Ilse left", "versions": []}, "review", "Ilse left"),
        ({"html": "<style>p {}</style><p class='a'>The &amp; mill</p>"}, "html", "The & mill"),
        ({"html": "<p>The mill</p><style>p {}" + "<style>" * 9}, "html", "The mill"),
        ({"html": "<style-guide>The mill</style-guide>"}, "html", "The mill"),
        ({"html": "<img src='mill.png'>"}, "html", "<img src='mill.png'>"),
    ],
)
def test_every_task_has_a_line_that_names_it(task: dict[str, Any], view: str, shown: str) -> None:
    assert summary(task, view) == shown
