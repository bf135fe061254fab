"""Training, silent gold, and how often people are right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import opened, own_job
from tui_annotate.agreement.accuracy import accuracy, below
from tui_annotate.agreement.answers import JudgedInput, Judgement
from tui_annotate.agreement.newcomers import (
    SILENT_NOTE,
    attempts,
    mix_in,
    mixed,
    needed,
    read_gold,
    training_job,
    unanswered,
)
from tui_annotate.errors import UsageError
from tui_annotate.job import Job
from tui_annotate.store.database import open_store
from tui_annotate.task.answer_differences import differences
from tui_annotate.task.schema import ROW_KEY, Task
from tui_annotate.task.version_differences import compared_lines

ADA = "Ada lived in Ulm."
PER, LOC = ({"start": 0, "end": 3, "label": "PER"}, {"start": 13, "end": 16, "label": "LOC"})


def told(*given: Any) -> list[str]:
    return [each.sentence for each in differences(*given)]


TEXTS = (ADA, "Nothing here.", "Bo left.")


@pytest.mark.quick
@pytest.mark.parametrize(
    ("mine", "right", "says"),
    [
        ([PER], [PER, LOC], ["Missing: “Ulm” LOC"]),
        ([PER, LOC], [PER], ["Too much: “Ulm” LOC"]),
        ([{**PER, "label": "LOC"}], [PER], ["“Ada” is PER, not LOC"]),
        ([{**PER, "end": 9}], [PER], ["PER is “Ada”, not “Ada lived”"]),
        ([PER, LOC], [LOC, {**PER, "score": 0.5}], []),
    ],
)
def test_spans_that_differ_are_told(mine: list[Task], right: list[Task], says: list[str]) -> None:
    one, other = {"answer": "accept", "spans": mine}, {"answer": "accept", "spans": right}
    assert told(one, other, ("spans",), ADA) == says


@pytest.mark.quick
def test_other_answers_that_differ_are_told() -> None:
    no, yes = {"answer": "reject"}, {"answer": "accept"}
    assert told(no, yes, ()) == ["The answer is accept, not reject"]
    options = [{"id": "a", "text": "Art"}, {"id": "b", "text": "Law"}]
    one = {**yes, "options": options, "accept": ["a"]}
    assert told(one, {**one, "accept": ["b"]}, ("accept",)) == [
        "Missing: Law",
        "Too much: Art",
    ]
    wrote = {**yes, "user_input": "Gutn Tag"}
    assert told(wrote, {**yes, "user_input": "Guten Tag"}, ("user_input",)) == [
        "user_input is “Guten Tag”, not “Gutn Tag”"
    ]
    arc = {"head": 0, "child": 3, "head_span": PER, "child_span": LOC, "label": "IN"}
    assert told(
        {**yes, "text": ADA, "relations": []}, {**yes, "relations": [arc]}, ("relations",), ADA
    ) == ["Missing: Ada -> Ulm IN"]


@pytest.mark.quick
def test_versions_are_compared_in_sentences() -> None:
    def version(*spans: Task) -> Task:
        return {"answer": "accept", "spans": [*spans]}

    longer = {**PER, "end": 9}
    versions = [version(PER), version(longer, LOC), version({**PER, "label": "LOC"}), version()]
    assert compared_lines({"text": ADA, "versions": versions}) == [
        "PER is “Ada” in 1, “Ada lived” in 2",
        "“Ulm” LOC is in 2, not in 1",
        "“Ada” is PER in 1, LOC in 3",
        "“Ada” PER is in 1, not in 4",
    ]
    assert compared_lines({"text": ADA}) == []


@pytest.mark.quick
def test_versions_with_texts_of_their_own_are_compared_by_their_texts() -> None:
    longer = {"text": f"Well, {ADA}", "answer": "accept", "spans": [{**PER, "start": 6, "end": 9}]}
    versions = [{"text": ADA, "answer": "accept", "spans": [PER]}, longer]
    (line,) = compared_lines({"text": ADA, "versions": versions})
    assert line == f"The text is “{ADA}” in 1, “Well, {ADA}” in 2"


@pytest.mark.quick
def test_many_spans_that_differ_cost_as_many_steps() -> None:
    """Spans are compared with those that can be meant, so that 20,000 take a moment."""
    mine = [{"start": 5 * n, "end": 5 * n + 3, "label": "PER"} for n in range(20_000)]
    right = [{"start": 5 * n + 1, "end": 5 * n + 4, "label": "PER"} for n in range(20_000)]
    found = differences(
        {"answer": "accept", "spans": mine}, {"answer": "accept", "spans": right}, ["spans"]
    )
    assert [each.kind for each in found] == ["other"] * 20_000
    assert "is “1-4”, not “0-3”" in found[0].sentence


@pytest.mark.quick
def test_a_pass_mark_is_rounded_up() -> None:
    assert [needed(10, 80), needed(3, 80), needed(3, 0), needed(7, 100)] == [8, 3, 0, 7]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "gold.db"


def the_job(stream: Iterable[Task] = (), **config: Any) -> Job:
    config = {"labels": ["PER", "LOC"], **config}
    parts = {"dataset": "names", "view_id": "ner_manual", "stream": stream, "config": config}
    return own_job(parts, recipe="given")


def make_gold(store: Path) -> None:
    """Let the lead answer: the first text with both names, which have an explanation."""
    tasks = [{"text": text, "explanation": "names of people and towns"} for text in TEXTS]
    parts = {"dataset": "gold", "view_id": "ner_manual", "stream": tasks}
    session = opened(own_job({**parts, "config": {"labels": ["PER", "LOC"]}}), store, "lead")
    item = session.start()
    while item is not None:
        spans = [dict(PER), dict(LOC)] if item.task["text"] == ADA else []
        session.decide("accept", {**item.task, "spans": spans})
        item = session.advance()
    session.close()


def through(store: Path, job: Job, found: list[Task], who: str = "ann1") -> list[tuple[str, ...]]:
    """Answer a training, the first text with these spans; return what was shown each time."""
    session = opened(job, store, who)
    item, lessons = session.start(), []
    while item is not None:
        assert "explanation" not in item.task and not item.task.get("spans")
        spans = found if item.task["text"] == ADA else []
        lessons.append(session.decide("accept", {**item.task, "spans": spans}).lesson)
        item = session.advance()
    session.close()
    return lessons


def the_training(store: Path, number: int = 1) -> Job:
    with open_store(store) as opened_store:
        return training_job(
            the_job(), read_gold(opened_store, "gold", the_job(), "--training"), 80, number, {}
        )


def how_it_went(store: Path, who: str = "ann1") -> list[tuple[int, int, bool]]:
    with open_store(store) as opened_store:
        gold = read_gold(opened_store, "gold", the_job(), "--training")
        return [tuple(each) for each in attempts(opened_store, "names", who, gold)]  # type: ignore[misc]


def test_a_training_is_repeated_until_it_is_passed(store: Path) -> None:
    make_gold(store)
    first, *_, last = through(store, the_training(store), [dict(PER)])
    assert first[0] == "Not right."
    assert {"You said: Ada PER", "Right is: Ada PER, Ulm LOC", "- Missing: “Ulm” LOC"} <= {*first}
    assert "Why: names of people and towns" in first
    assert first[-1] == "0 of 1 right so far; 3 of 3 are needed."
    assert last[-1] == "The training is over: 2 of 3 right, and 3 are needed. It begins once more."
    assert how_it_went(store) == [(2, 3, True)]
    *_, last = through(store, the_training(store, 2), [dict(LOC), dict(PER)])
    assert last[-1].endswith("You have passed, and the job begins.")
    assert how_it_went(store) == [(2, 3, True), (3, 3, True)]
    assert how_it_went(store, "ann2") == []
    with open_store(store) as opened_store:
        assert opened_store.admin.find_dataset("names") is None  # nothing is mixed with real work


def test_only_the_first_answer_of_an_attempt_counts(store: Path) -> None:
    make_gold(store)
    session = opened(the_training(store), store, "ann1")
    item = session.start()
    assert item is not None
    session.decide("accept", {**item.task, "spans": []})
    session.advance()
    assert session.back() and session.item is not None
    receipt = session.decide("accept", {**session.item.task, "spans": [dict(PER), dict(LOC)]})
    session.close()
    assert receipt.lesson[0] == "Right."
    assert receipt.lesson[-1] == "Your first answer to this task counts."
    assert how_it_went(store) == [(0, 1, False)]


def test_gold_that_is_added_later_asks_nobody_anew_who_has_passed(store: Path) -> None:
    make_gold(store)
    through(store, the_training(store), [dict(PER), dict(LOC)])
    parts = {"dataset": "gold", "view_id": "ner_manual", "stream": [{"text": "More."}]}
    session = opened(own_job(parts), store, "lead")
    item = session.start()
    assert item is not None
    session.decide("accept", item.task)
    session.close()
    assert how_it_went(store) == [(3, 3, True)]


def test_known_answers_that_are_brought_in_anew_lock_nobody_out(store: Path) -> None:
    make_gold(store)
    through(store, the_training(store), [dict(PER), dict(LOC)])
    with open_store(store) as opened_store:
        dataset = opened_store.admin.find_dataset("gold")
        assert dataset is not None
        with opened_store.write_txn():
            opened_store.removal.dataset(dataset.id)
    make_gold(store)
    assert how_it_went(store) == [(3, 3, True)]


def test_what_holds_no_known_answers_says_so(store: Path) -> None:
    make_gold(store)
    with open_store(store) as opened_store:
        for name, about in (("names", "cannot hold"), ("golt", "gold")):
            with pytest.raises(UsageError, match=about):
                read_gold(opened_store, name, the_job(), "--training")


@pytest.mark.quick
def test_gold_is_mixed_in_at_the_same_places_each_time() -> None:
    tasks: list[Task] = [{"text": f"{n}", "_task_hash": n * 7919, ROW_KEY: n} for n in range(900)]
    gold: list[Task] = [{"text": f"gold {n}"} for n in range(400)]

    def once(start: int = 0) -> list[Task]:
        return list(mixed([dict(each) for each in tasks[start:]], gold, 10))

    found = once()
    places = [n for n, each in enumerate(found) if each["text"].startswith("gold")]
    assert len(places) == 100  # one of ten of all
    assert all(found[n][ROW_KEY] == found[n - 1][ROW_KEY] for n in places)
    rows = [found[n][ROW_KEY] for n in places]
    later = [each[ROW_KEY] for each in once(300) if each["text"].startswith("gold")]
    assert later == [row for row in rows if row >= 300]
    assert not any(
        each["text"].startswith("gold") for each in mixed(tasks, gold, 2, lambda _: False)
    )


def test_everybody_gets_silent_gold_and_a_restart_finds_its_place(store: Path) -> None:
    make_gold(store)

    def begun(who: str) -> Any:
        job = the_job([{"text": f"Text {n}."} for n in range(30)])
        with open_store(store) as opened_store:
            gold = read_gold(opened_store, "gold", job, "--silent-gold")
            left = unanswered(opened_store, job, gold, who)
        return opened(mix_in(job, gold, 4, left, store, who), store, who)

    asked: dict[str, list[str]] = {}
    for who, most in (("ann1", 15), ("ann2", 15), ("ann1", 30), ("ann2", 30)):
        session = begun(who)
        item = session.start()
        assert SILENT_NOTE in session.job.guidelines
        while item is not None and len(asked.get(who, [])) < most:
            asked.setdefault(who, []).append(item.task["text"])
            receipt = session.decide("accept", item.task)
            assert receipt.lesson == ()
            item = session.advance()
        left = None if item is None else item.task["text"]
        session.close()
        if left is not None:
            again = begun(who)
            item = again.start()
            assert item is not None and item.task["text"] == left
            again.close()
    counts = Counter(text for texts in asked.values() for text in texts)
    assert all(count == 1 for text, count in counts.items() if text.startswith("Text"))
    assert sum(text.startswith("Text") for text in counts) == 30
    assert counts[ADA] == 2
    assert all(len(texts) == len({*texts}) for texts in asked.values())


@pytest.mark.quick
def test_how_often_people_are_right() -> None:
    day = 86_400

    def of(number: int, **said: Judgement) -> JudgedInput:
        return JudgedInput(ADA, len(ADA), number, said)

    def marked(*spans: Task, at: int = day, number: int = 0) -> Judgement:
        found = tuple((each["start"], each["end"], each["label"]) for each in spans)
        return Judgement(spans=found, at=at, answer_id=number)

    gold = marked(PER, LOC)
    inputs = [
        of(1, gold=gold, ann1=marked(PER, LOC), ann2=marked(PER, number=9)),
        of(2, gold=gold, ann1=marked({**PER, "label": "ORG"}, LOC, at=9 * day, number=7)),
        of(3, gold=gold, ann2=Judgement({"q": "reject"}, at=day, answer_id=11)),
        of(4, ann1=marked()),
    ]
    found = accuracy(inputs, "span", "gold")
    assert [(who, own.right, own.answered) for who, own in found.items()] == [
        ("ann1", 1, 2),
        ("ann2", 0, 2),
    ]
    assert [*found["ann1"].days.values()] == [(1, 1), (0, 1)]
    assert found["ann1"].confusions == {("PER", "ORG"): 1}
    assert [each.answer_id for each in found["ann2"].again] == [11, 9]
    assert below(found, 50) == ["ann2: 0 of 2 right (0 %), below 50 %"]
    classes = [
        of(
            1,
            gold=Judgement(classes={"A": True, "B": False}),
            ann1=Judgement(classes={"A": False, "B": True}),
        )
    ]
    assert accuracy(classes, "multiclass", "gold")["ann1"].confusions == {("A", "B"): 1}
    several = accuracy(classes, "multilabel", "gold", ["A"])["ann1"]
    assert several.confusions == {("A", "not A"): 1}
