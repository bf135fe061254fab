"""`review`: what is asked, what is stored of it, and what comes back."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import job_of, opened, own_job
from tui_annotate.agreement.accuracy import accuracy
from tui_annotate.agreement.answers import read
from tui_annotate.editors.registry import open_task
from tui_annotate.errors import SourceError, UsageError
from tui_annotate.job import Job
from tui_annotate.recipes.review import _views
from tui_annotate.store.database import open_store
from tui_annotate.store.records import StoredAnswer
from tui_annotate.stream.store_sources import use_store
from tui_annotate.task.review import combined, version_lines
from tui_annotate.task.schema import Decision, Task
from tui_annotate.task.version_differences import difference_rows

ADA = "Ada Lovelace lived in London."
PER = {"start": 0, "end": 12, "label": "PER"}
LOC = {"start": 22, "end": 28, "label": "LOC"}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "review.db"
    use_store(path)
    return path


def answer(
    store: Path,
    who: str,
    tasks: Sequence[Mapping[str, Any]],
    *,
    decision: Decision = "accept",
    view: str = "ner_manual",
    dataset: str = "names",
) -> None:
    """Give one person's answers: what they add to a task stands in its key `said`."""
    given = {json.dumps(_bare(each), sort_keys=True): each.get("said", {}) for each in tasks}
    config = {"labels": ["PER", "LOC"], "annotations_per_task": 9, "keep_duplicates": False}
    stream = [_bare(each) for each in tasks]
    parts = {"dataset": dataset, "view_id": view, "stream": stream, "config": config}
    session = opened(own_job(parts, recipe="given"), store, who)
    item = session.start()
    while item is not None:
        key = json.dumps({k: v for k, v in item.task.items() if k[0] != "_"}, sort_keys=True)
        session.decide(decision, {**item.task, **given[key]})
        item = session.advance()
    session.close()


def _bare(task: Mapping[str, Any]) -> Task:
    return {key: value for key, value in task.items() if key != "said"}


def spans(text: str, *found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task and the spans that somebody gave it."""
    return {"text": text, "said": {"spans": [dict(each) for each in found]}}


def reviewed(store: Path, **options: Any) -> list[Task]:
    """Accept whatever a review asks, as it stands."""
    session = opened(job_of("review", **{"dataset": "final", "in_sets": "names", **options}), store)
    found: list[Task] = []
    item = session.start()
    while item is not None:
        found.append(item.task)
        session.decide("accept", item.task)
        item = session.advance()
    session.close()
    return found


def standing(store: Path, dataset: str = "final") -> list[StoredAnswer]:
    with open_store(store) as opened_store:
        found = opened_store.admin.find_dataset(dataset)
        assert found is not None
        return list(opened_store.answers.iterate(found.id))


def of(stored: StoredAnswer) -> Task:
    content: Task = json.loads(stored.record.content)
    return content


def three_people(store: Path) -> None:
    answer(store, "ann1", [spans(ADA, PER, LOC), spans("Same.")])
    answer(store, "ann2", [spans(ADA, LOC, PER), spans("Same.")])
    answer(store, "ann3", [spans(ADA, LOC), spans("Same."), spans("Alone.")])


def test_only_differences_are_asked_with_the_version_of_most_people(store: Path) -> None:
    three_people(store)
    (task,) = reviewed(store)
    assert [each["annotators"] for each in task["versions"]] == [["ann1", "ann2"], ["ann3"]]
    assert [each["default"] for each in task["versions"]] == [True, False]
    assert [(s["start"], s["label"]) for s in task["spans"]] == [(0, "PER"), (22, "LOC")]
    (stored,) = standing(store)
    content = of(stored)
    assert stored.record.view_id == content["_view_id"] == "review"
    assert content["view_id"] == "ner_manual"
    assert content["versions"][1]["sessions"] == ["names-ann3"]
    assert content["sessions"] == ["names-ann1", "names-ann2", "names-ann3"]
    assert (stored.record.provenance, content["provenance"]) == ("majority", "majority")
    assert "_sources" not in content
    with open_store(store) as opened_store:
        assert opened_store.answers.sources(stored.id) == (1, 3, 5)


def test_a_blind_review_names_nobody_and_has_an_order_of_its_own(store: Path) -> None:
    answer(store, "ann1", [spans(f"Text {n}.", PER) for n in range(12)])
    answer(store, "ann2", [spans(f"Text {n}.", LOC) for n in range(12)])
    answer(store, "ann3", [spans(f"Text {n}.", {**PER, "end": n + 1}) for n in range(12)])
    job = job_of("review", dataset="final", in_sets="names", blind=True)
    assert job.reviews_blind
    first = set()
    for task in reviewed(store, blind=True):
        lines = version_lines(task, blind=True)
        assert all(
            "ann" not in line and line.startswith(f"{n}: ") for n, line in enumerate(lines, 1)
        )
        first.add(task["versions"][0]["annotators"][0])
    assert len(first) > 1  # who came first says nothing
    assert of(standing(store)[0])["versions"][0]["annotators"]  # it is stored all the same


def test_all_shows_what_one_said_and_what_all_agree_on(store: Path) -> None:
    three_people(store)
    assert [task["text"] for task in reviewed(store, all_=True)] == [ADA, "Same.", "Alone."]
    found = [each.record.provenance for each in standing(store)]
    assert found == ["majority", "unanimous", "unanimous"]


@pytest.mark.parametrize(("single", "saved"), [(False, ["Same."]), (True, ["Same.", "Alone."])])
def test_what_all_agree_on_is_saved_without_being_shown(
    store: Path, single: bool, saved: list[str]
) -> None:
    three_people(store)
    asked = reviewed(store, auto_accept=True, accept_single=single)
    assert [task["text"] for task in asked] == [ADA]
    found = {of(each)["text"]: each for each in standing(store)}
    assert list(found) == [*saved, ADA]
    same = found["Same."]
    assert (same.record.view_id, same.record.provenance) == ("ner_manual", "unanimous")
    assert [each["sessions"] for each in of(same)["versions"]] == [
        ["names-ann1", "names-ann2", "names-ann3"]
    ]
    assert reviewed(store, auto_accept=True, accept_single=single) == []
    assert len(standing(store)) == len(found)


def test_another_version_and_an_edit_are_adjudicated(store: Path) -> None:
    three_people(store)
    session = opened(job_of("review", dataset="final", in_sets="names"), store)
    item = session.start()
    assert item is not None
    session.decide("accept", {**item.task, "spans": [dict(LOC)]})
    assert session.advance() is None
    session.close()
    assert [each.record.provenance for each in standing(store)] == ["adjudicated"]


def test_a_review_comes_back_once_an_answer_that_it_rests_on_has_changed(store: Path) -> None:
    three_people(store)
    assert len(reviewed(store)) == 1
    assert reviewed(store) == []  # resumed: nothing is asked again
    change(store, "ann2", [dict(LOC)])
    (again,) = reviewed(store)
    assert [each["annotators"] for each in again["versions"]] == [["ann1"], ["ann3", "ann2"]]
    (stored,) = standing(store)  # the new one takes the place of the old one
    assert stored.record.supersedes is not None
    assert reviewed(store) == []
    answer(store, "ann4", [spans(ADA, LOC)])  # who says what is known brings nothing back
    assert reviewed(store) == []
    answer(store, "ann5", [spans(ADA, PER)])
    assert len(reviewed(store)) == 1


def test_a_review_comes_back_even_if_all_agree_by_now(store: Path) -> None:
    three_people(store)
    assert len(reviewed(store)) == 1
    change(store, "ann3", [dict(PER), dict(LOC)])
    (again,) = reviewed(store, auto_accept=True)
    assert len(again["versions"]) == 1
    assert sorted(of(each)["text"] for each in standing(store)) == [ADA, "Same."]


def change(store: Path, who: str, found: list[Task]) -> None:
    """Let somebody go back to the first answer and give it anew."""
    parts = {"dataset": "names", "view_id": "ner_manual", "stream": [{"text": ADA}]}
    session = opened(own_job(parts, recipe="given"), store, who)
    session.start()
    while session.back():
        pass
    assert session.item is not None
    session.decide("accept", {**session.item.task, "spans": found})
    session.close()


def test_answers_that_arrive_meanwhile_come_in_the_same_review(store: Path) -> None:
    three_people(store)
    answer(store, "ann1", [spans("Later.", PER)])
    answer(store, "ann2", [spans("Later.", LOC)])
    session = opened(job_of("review", dataset="final", in_sets="names"), store)
    first = session.start()
    assert first is not None and first.task["text"] == ADA
    # What was settled already, what is still to be asked, and what is new.
    answer(store, "ann3", [spans("Later.", {**PER, "end": 5})])
    answer(store, "ann1", [spans("New.", PER)])
    session.decide("accept", first.task)
    second = session.advance()
    change(store, "ann2", [dict(LOC)])
    answer(store, "ann2", [spans("New.", LOC)])
    assert second is not None and second.task["text"] == "Later."
    assert len(second.task["versions"]) == 3
    session.decide("accept", second.task)
    asked = []
    while (item := session.advance()) is not None:
        asked.append((item.task["text"], len(item.task["versions"])))
        session.decide("accept", item.task)
    assert asked == [(ADA, 2), ("New.", 2)]
    assert session.follow() is None
    answer(store, "ann4", [spans(ADA, {**PER, "end": 3})])
    again = session.follow()
    assert again is not None and len(again.task["versions"]) == 3
    session.close()
    assert len(standing(store)) == 3


def test_what_all_agree_on_meanwhile_is_saved_in_the_same_review(store: Path) -> None:
    three_people(store)

    def build() -> Job:
        return job_of("review", dataset="final", in_sets="names", auto_accept=True)

    session = opened(replace(build(), renew=build), store)
    first = session.start()
    assert first is not None
    for who, found in (("ann1", PER), ("ann2", LOC)):
        answer(store, who, [spans("Agreed.", PER), spans("Differ.", found)])
    session.decide("accept", first.task)
    second = session.advance()
    assert second is not None and second.task["text"] == "Differ."
    session.close()
    saved = {of(each)["text"]: each.record.provenance for each in standing(store)}
    assert saved == {"Same.": "unanimous", ADA: "majority", "Agreed.": "unanimous"}


def choices(store: Path) -> None:
    """Two people answer a question of another view into the same dataset."""
    options = [{"id": "a", "text": "A"}]
    for who, accept in (("ann1", ["a"]), ("ann2", [])):
        given = {"text": "Choose.", "options": options, "said": {"accept": accept}}
        answer(store, who, [given], view="choice")


def test_answers_in_another_view_do_not_end_a_review_that_has_begun(store: Path) -> None:
    three_people(store)
    answer(store, "ann1", [spans("Later.", PER)])
    answer(store, "ann2", [spans("Later.", LOC)])

    def build() -> Job:
        return job_of("review", dataset="final", in_sets="names")

    session = opened(replace(build(), renew=build), store)
    first = session.start()
    assert first is not None and first.task["text"] == ADA
    choices(store)
    session.decide("accept", first.task)
    second = session.advance()
    assert second is not None and second.task["text"] == "Later."
    session.decide("accept", second.task)
    assert session.advance() is None
    assert session.follow() is None, "what another view says is no part of this review"
    session.close()
    _views.clear()  # as in the next run of the program
    answer(store, "ann3", [spans("Later.", {**PER, "end": 5})])
    assert [(task["text"], len(task["versions"])) for task in reviewed(store)] == [("Later.", 3)]
    _views.clear()
    with pytest.raises(UsageError, match="choice, ner_manual"):
        job_of("review", dataset="another", in_sets="names")


@pytest.mark.parametrize("asked", [None, "ner_manual"])
def test_a_review_without_an_answer_goes_on_in_its_view(store: Path, asked: str | None) -> None:
    three_people(store)
    if asked:
        choices(store)
    session = opened(job_of("review", dataset="final", in_sets="names", view_id=asked), store)
    assert session.start() is not None
    session.close()
    if not asked:
        choices(store)
        with sqlite3.connect(store) as raw:  # later than the second in which the review began
            later = "UPDATE answers SET answered_at = answered_at + 60 WHERE view_id = 'choice'"
            raw.execute(later)
        raw.close()
    _views.clear()  # as in the next run of the program
    assert [task["text"] for task in reviewed(store)] == [ADA]


def test_a_comment_and_a_new_decision_keep_what_a_review_rests_on(store: Path) -> None:
    three_people(store)
    assert len(reviewed(store)) == 1
    session = opened(job_of("review", dataset="final", in_sets="names"), store)
    assert session.start() is None
    assert session.back() and session.item is not None
    session.decide("accept", {**session.item.task, "spans": [dict(LOC)]})
    session.close()
    (stored,) = standing(store)
    assert stored.record.provenance == "adjudicated"
    assert reviewed(store) == []


def test_yes_and_no_are_compared_question_by_question(store: Path) -> None:
    one, two = ({"text": ADA, "label": label} for label in ("HISTORY", "SPORT"))
    answer(store, "ann1", [one, two], view="classification")
    answer(store, "ann2", [one], view="classification")
    answer(store, "ann2", [two], view="classification", decision="reject")
    (task,) = reviewed(store)
    assert task["label"] == "SPORT"
    assert [each["answer"] for each in task["versions"]] == ["accept", "reject"]
    assert [each.record.provenance for each in standing(store)] == ["adjudicated"]
    assert reviewed(store) == []


def test_rejections_of_manual_views_are_left_out(store: Path) -> None:
    answer(store, "ann1", [spans(ADA, PER)])
    answer(store, "ann2", [spans(ADA, PER)], decision="reject")
    with pytest.raises(SourceError, match="nobody differs"):
        reviewed(store)
    (task,) = reviewed(store, show_skipped=True)
    assert [each["answer"] for each in task["versions"]] == ["accept", "reject"]


def test_the_same_person_in_two_datasets_is_two(store: Path) -> None:
    answer(store, "ann1", [spans(ADA, PER)], dataset="one")
    answer(store, "ann1", [spans(ADA, LOC)], dataset="two")
    (task,) = reviewed(store, in_sets="one, two")
    assert [each["annotators"] for each in task["versions"]] == [["one/ann1"], ["two/ann1"]]


def test_choices_do_not_differ_by_their_order(store: Path) -> None:
    options = [{"id": each, "text": each.title()} for each in ("good", "bad", "new")]
    task = {"text": "It was.", "options": options}
    other = {"text": "It is.", "options": options}
    given = [{**task, "said": {"accept": ["good", "new"]}}, {**other, "said": {"accept": []}}]
    answer(store, "ann1", given, view="choice")
    given = [{**task, "said": {"accept": ["new", "good"]}}, {**other, "said": {"accept": ["bad"]}}]
    answer(store, "ann2", given, view="choice")
    job = job_of("review", dataset="final", in_sets="names")
    assert job.config["choice_style"] == "multiple"
    assert [each["text"] for each in reviewed(store)] == ["It is."]


def test_fields_with_names_of_their_own_are_found_where_people_differ(store: Path) -> None:
    """Nothing in an answer says what its fields were called."""
    for who, summary in (("ann1", "A cat."), ("ann2", "A dog."), ("ann3", "A cat.")):
        given = [{"text": "It was.", "said": {"summary": summary}}]
        answer(store, who, given, view="text_input")
    job = job_of("review", dataset="final", in_sets="names")
    assert job.config["field_id"] == "summary"
    (task,) = reviewed(store)
    assert [each["summary"] for each in task["versions"]] == ["A cat.", "A dog."]


def test_a_rubric_is_reviewed_field_by_field(store: Path) -> None:
    blocks = [
        {"view_id": "spans_manual", "labels": ["PER", "LOC"]},
        {"view_id": "choice", "choice_style": "scale", "field_id": "fluency"},
        {"view_id": "choice", "field_id": "truth", "options": [{"id": "yes"}, {"id": "no"}]},
        {"view_id": "text_input", "field_id": "note"},
    ]
    for who, span, fluency, truth, note in (
        ("ann1", PER, 3, "yes", "good one"),
        ("ann2", LOC, 7, "no", "good"),
        ("ann3", PER, 3, "no", "good"),
    ):
        parts = {"dataset": "names", "view_id": "blocks", "stream": [{"text": ADA}]}
        config = {"blocks": blocks, "annotations_per_task": 9}
        session = opened(own_job({**parts, "config": config}), store, who)
        item = session.start()
        assert item is not None
        said = {"spans": [dict(span)], "fluency": [fluency], "truth": [truth], "note": note}
        session.decide("accept", {**item.task, **said})
        session.close()
    job = job_of("review", dataset="final", in_sets="names")
    shown = {each.get("field_id"): each for each in job.config["blocks"]}
    assert shown[None]["labels"] == ["LOC", "PER"]
    assert (shown["fluency"]["choice_style"], shown["fluency"]["scale_max"]) == ("scale", 7)
    assert [each["id"] for each in shown["truth"]["options"]] == ["no", "yes"]
    session = opened(job, store)
    item = session.start()
    assert item is not None and len(item.task["versions"]) == 3
    keys = ("spans", "fluency", "truth", "note")
    editor, notes = open_task(item.task, job.view_id, job.config)
    assert notes == ()
    before = {key: editor.content()[key] for key in keys}
    assert editor.lay(combined(item.task["versions"], "most", keys)).edited
    taken = editor.content()
    assert [each["label"] for each in taken["spans"]] == ["PER"]
    assert [taken[key] for key in keys[1:]] == [[3], ["no"], "good"]
    assert editor.steps == 1
    editor.apply("undo")
    assert {key: editor.content()[key] for key in keys} == before and not editor.edited
    editor.apply("redo")
    other, _ = open_task(item.task, job.view_id, job.config)
    other.restore({**item.task, **editor.edits()}, json.loads(json.dumps(editor.state())))
    other.apply("undo")
    assert {key: other.content()[key] for key in keys} == before
    assert editor.apply("reason", "slip").message == "reason: slip"
    session.decide("accept", editor.content())
    session.close()
    (stored,) = standing(store)
    assert of(stored)["fluency"] == [3] and stored.record.provenance == "adjudicated"
    assert of(stored)["_reason"] == "slip"


def test_pages_are_compared_page_by_page(store: Path) -> None:
    options = [{"id": "a", "text": "Art"}, {"id": "b", "text": "Law"}]
    pages = [{"text": ADA, "view_id": "ner_manual"}, {"text": "?", "view_id": "choice"}]
    for who, found, chosen in (("ann1", [PER, LOC], "a"), ("ann2", [LOC, PER], "b")):
        said = [{**pages[0], "spans": found}, {**pages[1], "options": options, "accept": [chosen]}]
        for name, own in (("one", said), ("two", said[:1] + pages[1:])):
            task = {"pages": [{**pages[0], "id": name}, {**pages[1], "options": options}]}
            given = [{**task, "said": {"pages": own}}]
            answer(store, who, given, view="pages")
    (task,) = reviewed(store)  # what differs in its order alone does not differ
    assert version_lines(task) == [
        "1 ann1: page 1: Ada Lovelace PER, London LOC, page 2: Art",
        "2 ann2: page 1: Ada Lovelace PER, London LOC, page 2: Law",
    ]
    rows = difference_rows(task, ("pages",))
    assert [row.sentence for row in rows] == ["page 2: chosen: Art in 1, Law in 2"]


@pytest.mark.parametrize(
    ("options", "about"),
    [
        ({"in_sets": "nowhere"}, "there is no dataset 'nowhere'"),
        ({"dataset": "names"}, "cannot be saved"),
        ({"in_sets": ","}, "no dataset to be reviewed"),
    ],
)
def test_what_cannot_be_reviewed_says_so(store: Path, options: dict[str, str], about: str) -> None:
    three_people(store)
    with pytest.raises(UsageError, match=about):
        job_of("review", **{"dataset": "final", "in_sets": "names", **options})


def test_several_views_are_told_apart_by_an_option(store: Path) -> None:
    three_people(store)
    choices(store)
    with pytest.raises(UsageError, match="choice, ner_manual"):
        job_of("review", dataset="final", in_sets="names")
    assert [each["text"] for each in reviewed(store, view_id="choice")] == ["Choose."]


def test_two_people_with_known_confusions_are_told_exactly_these(store: Path) -> None:
    """Both mark a place in each text; a review says what is right, and what was said instead."""
    right = ["PER", "PER", "PER", "LOC", "LOC", "LOC", "LOC", "ORG", "ORG", "ORG"]
    wrong = {"ann1": {1: "LOC", 2: "ORG", 4: "PER"}, "ann2": {2: "LOC", 4: "PER", 8: "PER"}}
    for who, slips in wrong.items():
        given = [slips.get(n, label) for n, label in enumerate(right)]
        answer(store, who, [spans(f"{n} Ulm.", _ulm(each)) for n, each in enumerate(given)])
    session = opened(job_of("review", dataset="final", in_sets="names", all_=True), store)
    item = session.start()
    while item is not None:
        number = int(item.task["text"].split()[0])
        session.decide("accept", {**item.task, "spans": [_ulm(right[number])]})
        item = session.advance()
    session.close()
    with open_store(store) as opened_store:
        names, final = (opened_store.admin.find_dataset(each) for each in ("names", "final"))
        assert names is not None and final is not None
        found = accuracy(read(opened_store, [names], gold=final).inputs, "span", "final")
    for who, slips in wrong.items():
        made = Counter((right[number], said) for number, said in slips.items())
        assert (found[who].answered, found[who].right) == (len(right), len(right) - len(slips))
        assert found[who].confusions == made


def _ulm(label: str) -> dict[str, Any]:
    return {"start": 2, "end": 5, "label": label}
