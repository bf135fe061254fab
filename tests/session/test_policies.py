"""What is not asked, and what is asked again, by the options of every recipe's command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless
from tests.session.annotator import Annotator, drops_of, make_job, work, write_rows
from tests.support.engines import open_store, place
from tui_annotate.cli.stream_options import Policies, check_job
from tui_annotate.errors import UsageError
from tui_annotate.exchange.jsonl import lines

pytestmark = pytest.mark.quick


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ["a", "b", "a", "c"])


def test_equal_rows_are_asked_once_unless_they_are_kept(tmp_path: Path, rows: Path) -> None:
    assert work(tmp_path, rows) == ["a", "b", "c"]
    assert drops_of(tmp_path) == [("same-task", 3, 3, "")]
    keep = Policies(keep_duplicates=True)
    assert work(tmp_path, rows, dataset="kept", policies=keep) == ["a", "b", "a", "c"]


def test_kept_duplicates_are_counted_across_resumes_and_jobs(tmp_path: Path, rows: Path) -> None:
    keep = Policies(keep_duplicates=True)
    asked = [work(tmp_path, rows, 1, policies=keep) for _ in range(5)]
    assert asked == [["a"], ["b"], ["a"], ["c"], []]
    other = write_rows(tmp_path / "other.jsonl", ["b", "d"])
    assert work(tmp_path, rows, dataset="two", limit=2) == ["a", "b"]
    # The same rows under other policies: each answer counts for the row that it was given to.
    assert work(tmp_path, rows, dataset="two", policies=keep) == ["a", "c"]
    assert work(tmp_path, other, dataset="two") == ["d"]


def test_other_datasets_are_left_out_by_task_or_input(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, write_rows(tmp_path / "first.jsonl", ["a"]), dataset="first")
    work(tmp_path, write_rows(tmp_path / "second.jsonl", ["c"]), dataset="second")
    policies = Policies(exclude=("first", "second"))
    assert work(tmp_path, rows, policies=policies) == ["b"]
    assert drops_of(tmp_path) == [
        ("excluded", 1, 1, "answered in first"),
        ("excluded", 3, 3, "answered in first"),
        ("excluded", 4, 4, "answered in second"),
    ]


@pytest.mark.parametrize(("by", "expected"), [("task", ["a"]), ("input", [])])
def test_the_same_input_with_another_question(tmp_path: Path, by: str, expected: list[str]) -> None:
    plain = write_rows(tmp_path / "plain.jsonl", ["a"])
    work(tmp_path, plain, dataset="first")
    spans = [{"start": 0, "end": 1, "label": "PER"}]
    other = tmp_path / "spans.jsonl"
    other.write_text(json.dumps({"text": "a", "spans": spans}) + "\n")
    policies = Policies(exclude=("first",), exclude_by=by)
    assert work(tmp_path, other, policies=policies) == expected


def test_what_somebody_did_elsewhere(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, write_rows(tmp_path / "x.jsonl", ["a"]), dataset="x", name="berta")
    work(tmp_path, write_rows(tmp_path / "y.jsonl", ["b"]), dataset="y", name="anna")
    assert work(tmp_path, rows, policies=Policies(exclude_annotators=("berta",))) == ["b", "c"]
    anna = Policies(exclude_annotators=("anna",))
    assert work(tmp_path, rows, dataset="two", name="berta", policies=anna) == ["a"]


def test_ask_again_what_this_dataset_has(tmp_path: Path, rows: Path) -> None:
    assert work(tmp_path, rows) == ["a", "b", "c"]
    again = Policies(no_auto_exclude=True)
    assert work(tmp_path, rows, 2, policies=again) == ["a", "b"]
    assert work(tmp_path, rows, policies=again) == ["c"]
    assert work(tmp_path, rows, policies=again) == []
    assert work(tmp_path, write_rows(tmp_path / "more.jsonl", ["b", "d"]), policies=again) == [
        "b",
        "d",
    ]


def test_carried_hashes_are_kept_or_taken_anew(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.jsonl", ["a"])
    with Annotator(tmp_path, rows) as anna:
        assert anna.first is not None
        input_hash = anna.first.identity.input_hash
    carried = {"text": "a", "_input_hash": input_hash, "_task_hash": 7}
    rows.write_text(json.dumps(carried) + "\n")
    for policies, expected in ((Policies(), True), (Policies(rehash=True), False)):
        with Annotator(tmp_path, rows, dataset=f"d{expected}", policies=policies) as anna:
            assert anna.first is not None
            assert (anna.first.identity.task_hash == 7) is expected


class TestPasses:
    def test_every_task_is_asked_n_times_and_each_pass_resumes(
        self, tmp_path: Path, rows: Path
    ) -> None:
        thrice = Policies(repeat=3)
        asked: list[str] = []
        while found := work(tmp_path, rows, 2, policies=thrice):
            asked += found
        assert asked == ["a", "b", "c"] * 3
        with open_store(tmp_path / "a.db") as store:
            dataset = store.admin.find_dataset("my_set")
            assert dataset is not None
            passes = [each.record.pass_ for each in store.answers.iterate(dataset.id)]
            exported = [json.loads(line) for line in lines(store.answers.iterate(dataset.id))]
        assert passes == [1, 1, 1, 2, 2, 2, 3, 3, 3]
        assert "_pass" not in exported[0]

    def test_a_pass_waits_for_what_was_put_off(self, tmp_path: Path, rows: Path) -> None:
        with Annotator(tmp_path, rows, policies=Policies(repeat=2)) as anna:
            anna.session.later(None)
            anna.session.advance()
            assert anna.answer_all() == ["b", "c", "a", "a", "b", "c"]

    def test_rows_that_are_added_go_through_every_pass(self, tmp_path: Path, rows: Path) -> None:
        twice = Policies(repeat=2)
        assert work(tmp_path, rows, 4, policies=twice) == ["a", "b", "c", "a"]
        write_rows(rows, ["a", "b", "a", "c", "d"])
        assert work(tmp_path, rows, policies=twice) == ["d", "b", "c", "d"]

    def test_a_pass_can_be_added_later(self, tmp_path: Path, rows: Path) -> None:
        assert work(tmp_path, rows) == ["a", "b", "c"]
        assert work(tmp_path, rows, policies=Policies(repeat=2)) == ["a", "b", "c"]

    def test_an_old_answer_stays_in_its_pass(self, tmp_path: Path, rows: Path) -> None:
        with Annotator(tmp_path, rows, policies=Policies(repeat=2)) as anna:
            anna.answer_all(3)
            assert anna.session.back()
            anna.answer("reject")
            assert anna.answer_all() == ["a", "b", "c"]
            found = anna.store.answers.current(anna.opened.dataset.id, newest_first=False)
            told = [(each.record.pass_, each.record.answer) for each in found]
        assert told == [(1, "accept")] * 2 + [(1, "reject")] + [(2, "accept")] * 3

    def test_the_export_says_which(
        self, tmp_path: Path, rows: Path, headless: RunsHeadless
    ) -> None:
        work(tmp_path, rows, policies=Policies(repeat=2))
        done = headless("db-out", "my_set", env={"TUI_ANNOTATE_DB": str(place(tmp_path / "a.db"))})
        assert [json.loads(line)["_pass"] for line in done.stdout.splitlines()] == [1] * 3 + [2] * 3


def test_unknown_names_are_errors_with_the_nearest(tmp_path: Path, rows: Path) -> None:
    work(tmp_path, rows)
    database = place(tmp_path / "a.db")
    for policies, words in (
        (Policies(exclude=("my_sett",)), "Did you mean 'my_set'?"),
        (Policies(exclude_annotators=("ana",)), "Did you mean 'anna'?"),
    ):
        with pytest.raises(UsageError) as caught:
            check_job(make_job(rows, "new", policies), database)
        assert words in str(caught.value)
    check_job(make_job(rows, "new", Policies(exclude=("my_set",))), database)


def test_policies_are_part_of_the_job_s_name(rows: Path) -> None:
    plain = make_job(rows).digest
    assert make_job(rows, policies=Policies(repeat=3)).digest == plain
    others = [Policies(no_auto_exclude=True), Policies(exclude=("x",)), Policies(rehash=True)]
    assert len({plain, *(make_job(rows, policies=each).digest for each in others)}) == 4
