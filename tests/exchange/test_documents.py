"""From the store's answers to documents: which are taken, what they come to, what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.exchange.support import NOON, World, new_world, task
from tui_annotate.errors import Abandoned, ExportError, UsageError
from tui_annotate.exchange.answer_filter import ExportFilter, parse_since, read_since
from tui_annotate.exchange.documents import DocumentAssembler
from tui_annotate.exchange.export_job import ExportPlan, ExportReport, export
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.resolve import parse_resolve
from tui_annotate.exchange.split import parse_split
from tui_annotate.waiting import Waiting, here, use

ORG, LOC = (0, 4, "ORG"), (0, 4, "LOC")
TEXT = "Acme left"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with new_world(tmp_path / "annotations.db") as made:
        yield made


def run(
    world: World, out: Path, to: str = "jsonl", datasets: tuple[str, ...] = ("set",), **options: Any
) -> ExportReport:
    """Export; `options` are those of `ExportFilter` and `ExportPlan`, and `resolve`."""
    choosing = {key: options.pop(key) for key in list(options) if key in ExportFilter.__slots__}
    how = options.pop("resolve", None)
    resolve = parse_resolve(how) if how else None
    several = FORMATS[to].several and resolve is None
    plan = ExportPlan(
        FORMATS[to],
        out,
        assembler=DocumentAssembler(ExportFilter(**choosing), resolve, several),
        **options,
    )
    return export(world.store, [world.dataset(name) for name in datasets], plan)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_one_document_carries_all_layers_of_an_input(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task("Other"))
    world.answer({"text": TEXT, "label": "NEWS"}, view="classification", who="omar")
    world.answer({"text": TEXT, "label": "SPORT"}, "reject", view="classification")
    choice = {"text": TEXT, "options": [{"id": 1}, {"id": 2}], "accept": [2]}
    world.answer(choice, view="choice", dataset="other")
    report = run(world, out, datasets=("set", "other"))
    first, second = lines(out)
    assert [first["text"], second["text"]] == [TEXT, "Other"]
    assert [each["label"] for each in first["spans"]] == ["ORG"]
    assert first["cats"] == {"NEWS": True, "SPORT": False, "1": False, "2": True}
    assert first["accept"] == [2]
    assert first["_annotators"] == ["anna", "omar"]
    assert (report.written, report.counts.answers, report.counts.merged) == (2, 5, 1)


@pytest.mark.parametrize("to", ["jsonl", "iob2", "brat"])
def test_an_export_says_how_far_it_is_and_leaves_nothing_when_it_is_given_up(
    world: World, out: Path, to: str
) -> None:
    class Impatient(Waiting):
        """Notes what is said, and leaves at the third document."""

        said: ClassVar[list[str]] = []

        def at(self, done: int, note: str = "") -> None:
            if done == 3:
                self.abandon()
            super().at(done, note)
            self.said.append(self.sentence())

    for number in range(5):
        world.answer(task(f"{TEXT} {number}", ORG))
    Impatient.said = []
    before = here()
    use(Impatient())
    try:
        with pytest.raises(Abandoned):
            run(world, out, to)
    finally:
        use(before)
    assert Impatient.said == ["writing documents: 1 document", "writing documents: 2 documents"]
    assert not out.exists()
    assert [each.name for each in out.parent.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("to", ["jsonl", "csv", "iob2", "doccano"])
def test_people_who_differ_stop_the_export(world: World, out: Path, to: str) -> None:
    world.answer(task("Acme stays", ORG))
    world.answer(task(TEXT, ORG), row=7)
    world.answer(task(TEXT, LOC), who="omar")
    with pytest.raises(ExportError, match=r"1 of their inputs \(spans 1\).*answer 2 \(row 7"):
        run(world, out, to)
    assert not out.exists()
    assert [each.name for each in out.parent.iterdir() if each.name.startswith(".")] == []


def test_a_side_file_does_not_decide_between_people(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), who="omar")
    with pytest.raises(ExportError, match="--resolve"):
        run(world, out, invalid=out.with_name("aside"))
    assert not out.exists()
    assert not out.with_name("aside").exists()


def test_resolving_says_what_counts(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), who="omar")
    world.answer(task(TEXT, LOC), who="li")
    for how, label in (("majority", "LOC"), ("annotator=anna", "ORG")):
        report = run(world, out.with_name(how), resolve=how)
        (found,) = lines(out.with_name(how))
        assert [each["label"] for each in found["spans"]] == [label]
        # What one person says is that person's answer, and what most say nobody's alone.
        assert found.get("_annotator_id") == (None if how == "majority" else "anna")
        assert report.counts.conflicts == {"spans": 1}


def test_without_a_review_what_people_differ_on_goes_aside(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), who="omar")
    world.answer(task("fine"))
    with pytest.raises(ExportError, match="conflict 1"):
        run(world, out, resolve="review")
    report = run(world, out, resolve="review", invalid=out.with_name("aside"))
    assert report.written == 1
    (aside,) = lines(out.with_name("aside"))
    assert (aside["reason"], aside["task"]["text"]) == ("conflict", TEXT)


def test_an_adjudicated_answer_comes_first(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), who="omar")
    world.answer({**task(TEXT, (0, 9, "X")), "versions": []}, view="review", dataset="reviewed")
    report = run(world, out, datasets=("set", "reviewed"))
    (found,) = lines(out)
    assert [each["label"] for each in found["spans"]] == ["X"]
    assert "versions" not in found
    assert report.counts.adjudicated == 1
    assert not report.counts.conflicts


def test_label_studio_keeps_people_side_by_side(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), who="omar")
    run(world, out, "label-studio")
    (found,) = json.loads(out.read_text())
    said = {
        each["annotator"]: each["result"][0]["value"]["labels"] for each in found["annotations"]
    }
    assert said == {"anna": ["ORG"], "omar": ["LOC"]}


def test_the_same_person_asked_twice_counts_once(world: World, out: Path) -> None:
    world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC))
    run(world, out)
    assert [each["label"] for each in lines(out)[0]["spans"]] == ["LOC"]


def test_a_changed_answer_counts_in_its_newest_revision(world: World, out: Path) -> None:
    first = world.answer(task(TEXT, ORG))
    world.answer(task(TEXT, LOC), supersedes=first)
    run(world, out)
    assert [each["label"] for each in lines(out)[0]["spans"]] == ["LOC"]
    run(world, out.with_name("all"), revisions=True, each=True)
    assert [each["spans"][0]["label"] for each in lines(out.with_name("all"))] == ["ORG", "LOC"]


def test_choosing_by_decision_session_and_time(world: World, out: Path) -> None:
    world.answer(task("one", at=1), at=NOON)
    world.answer(task("two"), "reject", at=NOON + 10)
    world.answer(task("three"), who="omar", at=NOON + 20)

    def texts(name: str, **options: Any) -> list[str]:
        run(world, out.with_name(name), **options)
        return [each["text"] for each in lines(out.with_name(name))]

    assert texts("a") == ["one", "three"]
    assert texts("b", sessions=frozenset({"set-omar"})) == ["three"]
    assert texts("c", sessions=frozenset({"anna"}), each=True) == ["one", "two"]
    assert texts("d", since=NOON + 10) == ["three"]
    assert texts("e", answers=frozenset({"reject"}), each=True) == ["two"]
    with pytest.raises(ExportError, match="rejected 1"):
        texts("f", answers=frozenset({"reject"}))


def test_times_are_dates_or_ago() -> None:
    assert parse_since("2d", now=1_000_000) == 1_000_000 - 2 * 86400
    assert parse_since("2026-01-31T00:00:00+00:00") == 1769817600
    with pytest.raises(UsageError, match="7d"):
        parse_since("yesterday")


def test_what_nobody_was_asked_is_never_outside(world: World, out: Path) -> None:
    world.answer({"text": TEXT, "label": "NEWS"}, view="classification")
    world.answer({"text": "Acme came", "spans": [{"start": 0, "end": 4, "label": "ORG"}]},
                 view="ner")  # fmt: skip
    for to in ("conll2003", "iob2", "bilou", "conllu", "brat"):
        with pytest.raises(ExportError, match=r"no-spans 1, incomplete 1"):
            run(world, out, to)
    run(world, out)
    assert len(lines(out)) == 2


def test_spans_that_a_question_only_shows_are_not_answers(world: World, out: Path) -> None:
    world.answer(task(TEXT, LOC, label="NEWS"), view="classification")
    world.answer(task(TEXT, ORG))
    run(world, out)
    assert [each["label"] for each in lines(out)[0]["spans"]] == ["ORG"]


def test_what_a_format_cannot_hold_goes_aside_with_its_row(world: World, out: Path) -> None:
    world.answer(task(TEXT, (0, 2, "X")), row=3)
    world.answer(task("Acme came", ORG))
    with pytest.raises(ExportError, match=r"set, answer 1 \(row 3.*from 0 to 2"):
        run(world, out, "iob2")
    report = run(world, out, "iob2", invalid=out.with_name("aside"))
    assert report.invalid == {"misaligned": 1}
    assert out.read_text() == "Acme\tB-ORG\ncame\tO\n\n"
    (aside,) = lines(out.with_name("aside"))
    assert (aside["reason"], aside["task"]["spans"][0]["end"]) == ("misaligned", 2)


def test_a_split_is_stable_under_growth(world: World, out: Path) -> None:
    def parts(name: str) -> dict[str, str]:
        run(world, out.with_name(name), split=parse_split("60,20,20"))
        return {
            each["text"]: part
            for part in ("train", "dev", "test")
            for each in lines(out.with_name(name) / f"{part}.jsonl")
        }

    for number in range(30):
        world.answer(task(f"row {number}"))
    before = parts("before")
    for number in range(30, 60):
        world.answer(task(f"row {number}"))
    after = parts("after")
    assert len(before) == 30
    assert len(after) == 60
    assert set(before.values()) == {"train", "dev", "test"}
    assert {text: after[text] for text in before} == before
    # A second layer on an input does not move it.
    world.answer({"text": "row 1", "label": "N"}, view="classification", who="omar")
    assert parts("again") == after


def test_nothing_to_export_is_said(world: World, out: Path) -> None:
    world.answer(task(TEXT), "ignore")
    with pytest.raises(ExportError, match=r"nothing to export.*ignored 1"):
        run(world, out)
    assert not out.exists()


def test_what_is_no_text_is_refused_where_a_text_is_needed(world: World, out: Path) -> None:
    world.answer({"image": "a.png", "spans": []})
    with pytest.raises(ExportError, match=r"as iob2 \(no-text 1\).*no text, which iob2 needs"):
        run(world, out, "iob2")
    run(world, out)
    assert [each["image"] for each in lines(out)] == ["a.png"]


def test_an_export_goes_on_behind_an_answer(world: World, out: Path) -> None:
    first = world.answer(task("one"), at=NOON + 5)
    second = world.answer(task("two"), at=NOON - 1000)
    report = run(world, out)
    assert report.newest == second
    assert [each["_answer_id"] for each in lines(out)] == [first, second]
    third = world.answer(task("one"), who="omar", at=NOON - 2000)
    assert read_since(str(report.newest)) == {"after": second}
    new = out.with_name("new")
    assert run(world, new, after=second).newest == third
    assert [(each["text"], each["_answer_id"]) for each in lines(new)] == [("one", third)]
    with pytest.raises(ExportError, match="up to that answer 3"):
        run(world, out.with_name("none"), after=third)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("0", {"after": 0}),
        ("17", {"after": 17}),
        ("20269999", {"after": 20269999}),
        ("9" * 40, {"after": (1 << 63) - 1}),
        ("20260131", {"since": parse_since("2026-01-31")}),
        ("2026-01-31T00:00:00+00:00", {"since": 1769817600}),
    ],
)
def test_digits_are_an_answer_unless_they_are_a_date(given: str, meant: dict[str, int]) -> None:
    assert read_since(given) == meant


@pytest.mark.parametrize(
    ("view", "content"),
    [
        ("compare", {"accept": {"text": "Hello"}, "reject": {"text": "Bye"}, "input": "Salut"}),
        ("compare", {"prompt": "p", "chosen": "A", "rejected": "B"}),
        ("chat", {"messages": [{"role": "user", "content": "Name a port."}]}),
    ],
)
def test_a_rejection_counts_where_it_is_the_other_answer(
    world: World, out: Path, view: str, content: dict[str, Any]
) -> None:
    world.answer(content, view=view)
    for who in ("omar", "li"):
        world.answer(content, "reject", view=view, who=who)
    with pytest.raises(ExportError, match=r"people's answers differ on 1 .*content 1"):
        run(world, out)
    report = run(world, out, resolve="majority")
    (found,) = lines(out)
    assert (found["answer"], found["_annotators"]) == ("reject", ["anna", "omar", "li"])
    assert content.items() <= found.items()
    assert report.counts.left_out == {}
    run(world, out.with_name("one"), sessions=frozenset({"omar"}))
    assert [each["answer"] for each in lines(out.with_name("one"))] == ["reject"]


def test_a_rejected_label_of_a_conversation_is_a_label(world: World, out: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "Hi"}], "label": "POLITE"}
    for who in ("anna", "omar"):
        world.answer(chat, "reject", view="chat", who=who)
    run(world, out)
    assert [each["cats"] for each in lines(out)] == [{"POLITE": False}]


def test_a_large_dataset_keeps_its_order(world: World, out: Path) -> None:
    for number in range(1200):
        if number % 400 == 0:
            world.answer({"text": "row 0", "label": f"L{number}"}, view="classification")
        if number < 30 or number > 1170:
            world.answer(task(f"row {number}"))
    run(world, out)
    assert [each["text"] for each in lines(out)][:3] == ["row 0", "row 1", "row 2"]
    assert len(lines(out)[0]["cats"]) == 3


def test_texts_that_were_typed_in_are_exported_and_compared(world: World, out: Path) -> None:
    for who, typed in (("anna", "links"), ("omar", "rechts"), ("li", "rechts")):
        world.answer({"text": TEXT, "user_input": typed}, view="text_input", who=who)
    with pytest.raises(ExportError, match="content 1"):
        run(world, out)
    run(world, out, resolve="majority")
    assert [each["user_input"] for each in lines(out)] == ["rechts"]
    run(world, out.with_name("anna"), resolve="annotator=anna")
    assert [each["user_input"] for each in lines(out.with_name("anna"))] == ["links"]


def test_texts_that_were_only_accepted_are_exported(world: World, out: Path) -> None:
    world.answer({"text": TEXT}, view="text")
    world.answer({"text": TEXT, "meta": {"n": 1}}, view="text", who="omar")
    run(world, out)
    assert [each["text"] for each in lines(out)] == [TEXT]


@pytest.mark.parametrize("to", ["doccano", "label-studio"])
def test_an_empty_list_of_spans_is_never_written_for_a_text_nobody_was_asked_about(
    world: World, out: Path, to: str
) -> None:
    world.answer({"text": TEXT}, view="text")
    world.answer({"text": "Acme came", "spans": [{"start": 0, "end": 4, "label": "ORG"}]},
                 view="ner")  # fmt: skip
    with pytest.raises(ExportError, match=r"no-spans 1, incomplete 1"):
        run(world, out, to)


def chosen(world: World, who: str, **content: Any) -> None:
    world.answer({"text": TEXT, **content}, who=who, view="")


def test_what_others_chose_was_not_chosen_where_no_options_are_shown(
    world: World, out: Path
) -> None:
    # Other programs write the classes that were chosen, and not those that could have been.
    chosen(world, "anna", accept=["good"])
    chosen(world, "omar", accept=["bad"])
    chosen(world, "ida", accept=["good"])
    report = run(world, out.with_name("side by side"), "label-studio")
    assert report.counts.conflicts == {"labels": 1}
    run(world, out, "jsonl", resolve="majority")
    (found,) = lines(out)
    assert found["cats"] == {"good": True, "bad": False}


def test_of_several_fields_only_those_that_were_answered_count(world: World, out: Path) -> None:
    chosen(world, "anna", mood=["good"], cats={"mood: good": True})
    chosen(world, "omar", mood=["bad"], cats={"mood: bad": True})
    chosen(world, "ida", mood=["good"], topic=["x"], cats={"mood: good": True, "topic: x": True})
    run(world, out, "jsonl", resolve="majority")
    (found,) = lines(out)
    assert found["cats"] == {"mood: good": True, "mood: bad": False, "topic: x": True}


def test_people_who_agree_stand_side_by_side_too(world: World, out: Path) -> None:
    for who in ("anna", "omar"):
        world.answer(task(TEXT, ORG), who=who)
    run(world, out, "argilla")
    (found,) = json.loads(out.read_text())
    assert [each["user_id"] for each in found["responses"]["spans"]] == ["anna", "omar"]
