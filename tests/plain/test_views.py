"""Every view is answered by lines, through the editor that keys use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.session.support import Place, make_job
from tui_annotate.plain.face import LineConsole, PlainFace
from tui_annotate.session.opening import open_session
from tui_annotate.session.session import Session
from tui_annotate.store.database import open_store
from tui_annotate.task.jsonio import loads_value

Talk = Callable[..., tuple[str, list[dict[str, Any]]]]

CHOICES = [{"id": "pos", "text": "Good"}, {"id": "neg", "text": "Not so good"}]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """Say lines to the plain face; return what it said, and the answers."""
    place = Place(tmp_path, ["Acme of Rome bought Acme."])

    def run(lines: str, task: dict[str, Any], **components: Any) -> Any:
        job = make_job(place.source, lambda rows: ({**row, **task} for row in rows), **components)
        store = open_store(place.database)
        face = PlainFace(
            Session(open_session(store, job, "anna")),
            LineConsole(said.append, lambda _: next(typed, None)),
        )
        typed = iter(lines.splitlines())
        face.run()
        with place.store() as stored:
            dataset = stored.admin.find_dataset("my_set")
            assert dataset is not None
            found = [
                loads_value(each.record.content) for each in stored.answers.iterate(dataset.id)
            ]
        return "\n".join(said), found

    said: list[str] = []
    return run


def test_a_choice(talk: Talk) -> None:
    said, [answer] = talk("2\nnot so good\ngood\nlist\na", {"options": CHOICES}, view_id="choice")
    assert "1 ( ) Good\n2 ( ) Not so good\n" in said
    assert "1 (x) Good\n2 ( ) Not so good\nAll" not in said
    assert answer["accept"] == ["pos"]


def test_a_choice_that_answers_at_once(talk: Talk) -> None:
    config = {"choice_auto_accept": True}
    said, [answer] = talk("2", {"options": CHOICES}, view_id="choice", config=config)
    assert (answer["accept"], answer["answer"]) == (["neg"], "accept")
    assert "All done." in said


def test_a_field(talk: Talk) -> None:
    said, [answer] = talk("write first\nwrite two words\nu\nredo\na", {}, view_id="text_input")
    assert answer["user_input"] == "two words"
    assert said.count("two words") == 2
    assert said.count("first") == 2


def test_relations(talk: Talk) -> None:
    config = {"labels": ["BOUGHT"], "relations_span_labels": ["ORG", "LOC"]}
    lines = "org Acme\n2\nloc Rome\ngo Rome\nlink\ngo Acme\n2\nbought\ngo nobody\na"
    said, [answer] = talk(lines, {}, view_id="relations", config=config)
    assert "Rome --BOUGHT--> Acme" in said
    assert "nobody is not in the text." in said
    assert [(each["start"], each["label"]) for each in answer["spans"]] == [(8, "LOC"), (20, "ORG")]
    assert [each["label"] for each in answer["relations"]] == ["BOUGHT"]


def test_blocks(talk: Talk) -> None:
    blocks = [{"view_id": "ner_manual"}, {"view_id": "choice"}, {"view_id": "text_input"}]
    lines = "org Rome\nwrite x\nnext_part\ngood\nnext_part\nwrite why\nnext_span\na"
    said, [answer] = talk(lines, {"options": CHOICES}, view_id="blocks", config={"blocks": blocks})
    assert "1 span:\n1: ORG, Rome" in said
    assert "There is no field to write into." in said
    assert "next_span is not for this task, or not now." in said
    assert (len(answer["spans"]), answer["accept"], answer["user_input"]) == (1, ["pos"], "why")


def test_a_comparison(talk: Talk) -> None:
    task = {
        "accept": {"text": "one"},
        "reject": {"text": "two"},
        "mapping": {"A": "reject", "B": "accept"},
    }
    said, [answer] = talk("x", task, view_id="compare")
    assert "B is better" in said
    assert answer["answer"] == "accept"


def test_pages_must_all_have_been_said(talk: Talk) -> None:
    pages = [{"text": "one"}, {"text": "two"}]
    said, [answer] = talk("a\nnext_part\na", {"pages": pages}, view_id="pages")
    assert "page 2 of 2\ntwo" in said
    assert answer["answer"] == "accept"
    assert len(said.split("a again accepts")) == 2


def test_editing_commands_begin_where_one_went(talk: Talk) -> None:
    lines = "org Acme\n1\ngo Rome\nstretch\nevent x\ncopy\nscroll_up\na"
    said, [answer] = talk(lines, {}, view_id="spans_manual")
    assert "At Rome\n" in said
    assert "1: ORG, Acme of Rome" in said
    assert "There are no events." in said
    assert "there is no earlier answer on this text" in said
    assert "scroll_up" in said
    assert [(each["start"], each["end"]) for each in answer["spans"]] == [(0, 12)]


def test_wrong_lines_do_nothing_and_say_what_is_wrong(talk: Talk) -> None:
    lines = "org Rome\ndel 9\ndel x\nlabel\nlabel l x\na good one\nl Acme\nflag\ntheme\nx"
    config = {"labels": ["ORG", "LOC", "LAW"]}
    said, answers = talk(lines, {}, config=config)
    assert "There is no span 9.\n1 span:\n1: ORG, Rome" in said
    assert "Which span? Write del and its number." in said
    assert "Which label? Write label, its name and the words." in said
    assert "There is no label l. It may be LOC or LAW. " in said
    assert "Nothing was done: a stands alone on its line." in said
    assert "line.\nFlagged. Comment: none." in said and "flagged" not in said
    assert "theme is not here: there are no colours." in said
    assert "x again rejects" in said and answers == []


def test_help_says_each_way_to_label_once(talk: Talk) -> None:
    said, _ = talk("help", {})
    assert said.count("\norg") == 1 and "org WORDS: make a span" in said
    said, _ = talk("help", {"options": CHOICES}, view_id="choice")
    assert said.count("\ngood") == 1 and "good: choose it" in said


def test_editing_commands_say_what_the_next_one_is_about(talk: Talk) -> None:
    lines = "org Rome\ngo Acme\n1\nnext_span\ncancel\nnext_point\nselect\nright"
    said, _ = talk(lines, {}, config={"labels": ["ORG"]})
    assert "At ORG, Rome" in said
    assert said.endswith("At Acme\nSelected: Acme\nSelected: Acme.")


def test_a_number_takes_that_version_of_a_review(talk: Talk) -> None:
    span = {"start": 0, "end": 4, "token_start": 0, "token_end": 0}
    versions = [
        {"sessions": ["ann1"], "spans": [{**span, "label": "LOC"}], "answer": "accept"},
        {"sessions": ["ann2"], "spans": [{**span, "label": "ORG"}], "answer": "accept"},
    ]
    config = {"labels": ["LOC", "ORG"], "review": True}
    task = {"versions": versions}
    said, [answer] = talk("2\na", task, view_id="ner_manual", config=config)
    assert [each["label"] for each in answer["spans"]] == ["ORG"]
    assert "Write 1, 2 and so on to take that version" in said
    assert "Labels: LOC, ORG. " in said, "their numbers are those of versions here"


def test_the_end_says_what_comes_next(talk: Talk) -> None:
    said, _ = talk("a", {}, view_id="ner_manual", config={"labels": ["ORG"]})
    assert "u goes back to the answers, q leaves." in said
    assert "export: tui-annotate db-out my_set > " in said
    assert "a model: tui-annotate train model --ner my_set" in said
    assert "0 to go" not in said
