"""The form for a new job: its questions, what it guesses from the first rows, the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.cli.start import form_recipes
from tui_annotate.commands.new_job import RECIPES, NewJob
from tui_annotate.recipes.registry import get_recipe

pytestmark = pytest.mark.quick


@pytest.fixture(autouse=True)
def in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def begun(*rows: dict[str, Any], file: str = "mails.jsonl", **keys: Any) -> NewJob:
    """Return a form that has got its file."""
    Path(file).write_text("".join(json.dumps(row) + "\n" for row in rows))
    form = NewJob(form_recipes(), lambda name: get_recipe(name).summary, **keys)
    assert form.answer(file) == ""
    return form


def asked(form: NewJob) -> str:
    question = form.question
    return "" if question is None else question.key


def proposed(form: NewJob) -> str:
    question = form.question
    assert question is not None
    return question.proposal


def test_questions_follow_each_other_and_each_can_be_gone_back_to() -> None:
    form = begun({"text": "Ana left Acme."})
    assert (asked(form), proposed(form)) == ("work", "ner.manual")
    assert form.answer("ner.manual") == ""
    assert form.answer(" , ") == "at least one label is needed"
    assert form.answer("PERSON, ORG") == ""
    assert (asked(form), proposed(form)) == ("name", "mails")
    assert form.back() == "PERSON, ORG" and asked(form) == "labels"
    assert form.back() == "ner.manual" and asked(form) == "work"
    assert form.back() == "mails.jsonl" and asked(form) == "file" and form.back() is None


@pytest.mark.parametrize(
    ("row", "recipe", "labels"),
    [
        ({"spans": [{"start": 0, "end": 3, "label": "WHO"}]}, "ner.manual", "WHO"),
        (
            {"spans": [{"start": 0, "end": 8, "label": "A"}, {"start": 0, "end": 3, "label": "B"}]},
            "spans.manual",
            "A,B",
        ),
        ({"options": [{"id": "YES"}, {"id": "NO"}]}, "textcat.manual", "YES,NO"),
        (
            {
                "tokens": [
                    {"text": "Ana", "start": 0, "end": 3, "id": 0},
                    {"text": "left", "start": 4, "end": 8, "id": 1},
                ],
                "relations": [{"head": 1, "child": 0, "label": "WHO"}],
            },
            "rel.manual",
            "WHO",
        ),
    ],
    ids=["spans", "overlapping", "options", "relations"],
)
def test_what_rows_hold_is_proposed(row: dict[str, Any], recipe: str, labels: str) -> None:
    form = begun({"text": "Ana left", **row})
    assert proposed(form) == recipe
    form.answer(recipe)
    assert proposed(form) == labels
    form.back()
    form.answer("spans.manual" if recipe == "textcat.manual" else "textcat.manual")
    assert proposed(form) == "", "labels of something else are not proposed"


def test_a_table_without_a_text_asks_for_its_field_and_finds_its_classes() -> None:
    Path("mails.csv").write_text(
        "title,body,label\nLate,The parcel came two weeks late.,COMPLAINT\n"
        "Thanks,Lovely service by Ben in May.,PRAISE\nAgain,It came late again.,COMPLAINT\n"
    )
    form = NewJob(form_recipes())
    assert form.answer("mails.csv") == ""
    question = form.question
    assert question is not None and question.key == "text" and question.proposal == "body"
    assert question.choices[0].value == "body"
    assert question.choices[0].picture == ("The parcel came two weeks late.",)
    form.answer("title")
    assert proposed(form) == "textcat.manual"
    form.answer("textcat.manual")
    assert proposed(form) == "COMPLAINT,PRAISE"
    form.answer("COMPLAINT,PRAISE")
    assert asked(form) == "several"
    form.answer("one")
    form.answer("mails")
    assert form.question is None
    assert form.arguments() == (
        *("textcat.manual", "mails", "mails.csv", "--label", "COMPLAINT,PRAISE"),
        *("--exclusive", "--text-field", "title"),
    )


def test_relations_ask_for_what_is_linked_and_one_class_for_nothing_more() -> None:
    form = begun({"text": "Ana left."})
    for answer in ("rel.manual", "WHO", "PERSON", "own"):
        assert form.answer(answer) == ""
    assert form.arguments()[3:] == ("--label", "WHO", "--span-label", "PERSON")
    form = begun({"text": "Ana left."}, datasets=["mails"])
    for answer in ("textcat.manual", "SPAM"):
        assert form.answer(answer) == ""
    question = form.question
    assert question is not None and question.key == "name"
    assert "There are answers under 'mails' already." in question.about


@pytest.mark.parametrize(
    ("given", "refused"),
    [("", "a file is needed"), ("none.jsonl", "there is no file none.jsonl")],
)
def test_a_file_that_is_not_there_is_refused(given: str, refused: str) -> None:
    assert NewJob(form_recipes()).answer(given) == refused


def test_a_file_that_cannot_be_read_says_why() -> None:
    Path("a.jsonl").write_text("{not json\n")
    Path("a.bin").write_bytes(bytes(range(256)))
    form = NewJob(form_recipes())
    assert "a.jsonl" in form.answer("a.jsonl")
    assert "a.bin" in form.answer("a.bin")
    assert asked(form) == "file"


def test_each_recipe_has_its_picture_which_ascii_can_draw() -> None:
    form = begun({"text": "Ana"}, ascii_only=True)
    question = form.question
    assert question is not None
    shown = {choice.value: choice for choice in question.choices}
    assert set(shown) == set(form_recipes())
    for recipe in RECIPES:
        picture = shown[recipe.value].picture
        assert picture and all(row.isascii() and len(row) <= 34 for row in picture)
    assert shown["ner.llm.correct"].said == "Correct the entities that a language model finds"
