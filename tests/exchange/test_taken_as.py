"""What a row without a view is taken for, who answered it, and to which question."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tui_annotate.errors import SourceError
from tui_annotate.exchange.annotation_layers import may_judge_one_span, view_of
from tui_annotate.exchange.import_sources import Options, RowReading, from_source, open_answers
from tui_annotate.exchange.imported_answer import arrival
from tui_annotate.store.answered_inputs import AnswerOnInput
from tui_annotate.store.database import open_store
from tui_annotate.task.hashing import identify, set_hashes

Row = dict[str, Any]

ADA: Row = {"start": 0, "end": 3, "label": "PER"}
BO: Row = {"start": 8, "end": 10, "label": "PER"}
TEXT = "Ada met Bo."


def written(path: Path, *rows: Row) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def exported(headless: RunsHeadless, *options: str) -> list[Row]:
    done = headless("export", "set", "-", "--to", "jsonl", *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# What a row is taken for


@pytest.mark.quick
@pytest.mark.parametrize(
    ("row", "view"),
    [
        ({"spans": [ADA]}, ""),
        ({"spans": []}, ""),
        ({"spans": [{**ADA, "score": 0.9}]}, ""),
        ({"spans": [{**ADA, "answer": "accept"}]}, "ner"),
        ({"spans": [ADA], "_is_binary": True}, "ner"),
        ({"spans": [ADA], "_is_binary": False}, "ner_manual"),
        ({"spans": [{**ADA, "pattern": 3}], "label": "NEWS"}, "classification"),
        ({"spans": [{"start": 0, "end": 3}], "label": "NEWS"}, "classification"),
        ({"spans": [{**ADA, "answer": "perhaps"}]}, ""),
        ({"spans": "none", "_is_binary": True}, ""),
    ],
)
def test_signs_in_a_row_tell_its_view(row: Row, view: str) -> None:
    assert view_of("", {"text": TEXT, **row}) == view
    assert view_of("spans_manual", {"text": TEXT, **row}) == "spans_manual"


@pytest.mark.quick
def test_where_a_span_comes_from_is_no_sign() -> None:
    assert may_judge_one_span({"spans": [{**ADA, "rank": 1}]})
    assert not may_judge_one_span({"spans": [{**ADA, "source": "en_core_web_sm"}]})
    assert not may_judge_one_span({"spans": [{**ADA, "score": 1.0}, BO]})


def test_yes_to_one_name_says_nothing_about_the_next(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    path = written(
        tmp_path / "old.jsonl",
        {"text": TEXT, "spans": [{**ADA, "score": 0.95, "answer": "accept"}], "answer": "accept"},
    )
    done = headless("db-in", "set", path)
    assert "1 row names no view, taken as yes and no on single spans" in done.stderr
    tags = headless("export", "set", "-", "--to", "iob2")
    assert tags.returncode == 1
    assert "O" not in tags.stdout
    (row,) = exported(headless)
    assert row["_view_id"] == "ner"


def test_rejected_names_are_kept_as_wrong(headless: RunsHeadless, tmp_path: Path) -> None:
    rows = [
        {"text": TEXT, "spans": [{**ADA, "rank": 0, "score": 0.4}], "answer": "accept"},
        {"text": TEXT, "spans": [{**BO, "rank": 1, "score": 0.4}], "answer": "reject"},
        {"text": "Oslo", "spans": [{"start": 0, "end": 4, "label": "PER", "score": 0.5}],
         "answer": "reject"},
    ]  # fmt: skip
    done = headless("db-in", "set", written(tmp_path / "old.jsonl", *rows))
    assert "3 rows name no view, taken as yes and no on single spans" in done.stderr
    both, wrong = exported(headless)
    assert [(each["start"], each["answer"]) for each in both["spans"]] == [
        (0, "accept"),
        (8, "reject"),
    ]
    assert wrong["answer"] == "reject"
    # What was exported comes back as the same: the wrong one is no name.
    headless("db-in", "again", written(tmp_path / "again.jsonl", both))
    back = headless("export", "again", "-", "--to", "jsonl").stdout
    assert json.loads(back)["spans"] == both["spans"]


def test_one_row_with_a_score_proves_nothing(headless: RunsHeadless, tmp_path: Path) -> None:
    row = {"text": TEXT, "spans": [{**ADA, "score": 0.95}], "answer": "accept"}
    done = headless("db-in", "set", written(tmp_path / "one.jsonl", row))
    assert "taken as all spans of their texts (ner_manual)" in done.stderr
    assert headless("export", "set", "-", "--to", "iob2").stdout.startswith("Ada\tB-PER\nmet\tO\n")


def test_one_row_of_another_form_makes_the_file_complete_texts(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    rows = [{"text": f"{n} Ada", "spans": [{"start": 2, "end": 5, "label": "P", "score": 1.0}]}
            for n in range(4)]  # fmt: skip
    rows.append({"text": TEXT, "spans": []})
    headless("db-in", "set", written(tmp_path / "corrected.jsonl", *rows))
    tags = headless("export", "set", "-", "--to", "iob2")
    assert tags.stdout.count("\tO\n") == 4 + 4


def test_the_view_can_be_said_for_all(headless: RunsHeadless, tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", {"text": TEXT, "spans": [ADA], "answer": "reject"})
    done = headless("db-in", "set", path, "--view", "ner")
    assert "taken as" not in done.stderr
    assert exported(headless)[0]["answer"] == "reject"
    wrong = headless("db-in", "set", path, "--view", "ner_manul")
    assert (wrong.returncode, "ner_manual" in wrong.stderr) == (2, True)


# The question, and who answered


def test_the_question_for_all_spans_is_the_input() -> None:
    one = arrival({"text": TEXT, "spans": [ADA], "answer": "accept"}).identity
    other = arrival({"text": TEXT, "spans": [], "answer": "accept"}).identity
    assert one.question_key == other.question_key
    assert one.task_hash != other.task_hash
    assert one.task_hash == set_hashes({"text": TEXT, "spans": [ADA]})["_task_hash"]
    by_view = arrival({"text": TEXT, "spans": [ADA], "_view_id": "spans_manual"}).identity
    assert by_view.question_key != one.question_key
    label = {"text": TEXT, "label": "A", "_view_id": "classification"}
    assert arrival(label).identity.question_key != one.question_key
    carried = set_hashes({"text": TEXT, "spans": [ADA]})
    assert arrival(dict(carried)).identity.question_key is None
    assert arrival(dict(carried)).identity.task_hash == carried["_task_hash"]


def test_an_emptied_text_has_no_old_span(headless: RunsHeadless, tmp_path: Path) -> None:
    rows: list[Row] = [{"text": TEXT, "spans": [ADA, BO]}, {"text": TEXT, "spans": []}]
    headless("db-in", "set", written(tmp_path / "a.jsonl", *rows))
    assert exported(headless)[0]["spans"] == []


def test_two_peoples_files_are_two_people(headless: RunsHeadless, tmp_path: Path) -> None:
    for who, spans in (("ann1", [ADA]), ("ann2", [ADA, BO])):
        written(tmp_path / "users" / f"{who}.jsonl", {"text": TEXT, "spans": spans})
    one = headless("db-in", "set", tmp_path / "users" / "ann1.jsonl", "--as", "ann1")
    assert one.returncode == 0, one.stderr
    headless("db-in", "set", tmp_path / "users" / "ann2.jsonl", "--annotator-from", "file")
    by_name = headless("export", "set", "-", "--to", "jsonl", "--resolve", "annotator=ann2")
    chosen = json.loads(by_name.stdout)
    assert len(chosen["spans"]) == 2
    assert chosen["_annotator_id"] == "ann2", "what one person says is not said to be all people's"
    assert headless("export", "set", "-", "--to", "jsonl").returncode == 1
    again = headless("db-in", "set", tmp_path / "users" / "ann2.jsonl", "--as", "ann2")
    assert "0 answers added to set; 1 there already" in again.stderr


def test_names_come_from_folders_and_keys_too(headless: RunsHeadless, tmp_path: Path) -> None:
    for who, label in (("ann1", "PER"), ("ann2", "ORG")):
        folder = tmp_path / "brat" / who
        folder.mkdir(parents=True)
        (folder / "doc.txt").write_text(TEXT)
        (folder / "doc.ann").write_text(f"T1\t{label} 0 3\tAda\n")
    done = headless("db-in", "set", tmp_path / "brat", "--annotator-from", "folder", "--json")
    assert json.loads(done.stdout)[0]["sessions"] == ["set-ann1", "set-ann2"], done.stderr
    rows: list[Row] = [
        {"text": "a", "spans": [], "meta": {"by": "ann3"}},
        {"text": "b", "spans": []},
    ]
    path = written(tmp_path / "rows.jsonl", *rows)
    inner = headless("db-in", "set", path, "--annotator-from", "by")
    assert "1 answer added" in inner.stderr
    named = headless("db-in", "set", path, "--annotator-from", "meta.by")
    assert named.returncode == 1
    assert "its `meta.by` names nobody" in named.stderr
    both = headless("db-in", "set", path, "--annotator-from", "meta.by", "--as", "ann1")
    assert both.returncode == 2


def test_equal_rows_of_a_file_are_told_apart_from_what_is_there(
    headless: RunsHeadless, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.jsonl", *[{"text": TEXT, "spans": []}] * 3)
    first = headless("db-in", "set", path)
    assert "1 answer added to set; 2 equal to another row of it" in first.stderr
    assert "there already" not in first.stderr
    second = headless("db-in", "set", path)
    assert "0 answers added to set; 3 there already" in second.stderr


def test_what_was_imported_before_is_there_already(
    headless: RunsHeadless, home: Path, tmp_path: Path
) -> None:
    path = written(
        tmp_path / "a.jsonl", {"text": TEXT, "spans": [ADA]}, {"text": TEXT, "spans": []}
    )
    headless("db-in", "set", path)
    change = "UPDATE answers SET question_key = ? WHERE id = ?"
    with open_store(home / "data" / "tui-annotate" / "annotations.db") as store, store.write_txn():
        # As an import before had it: the question was taken of the spans.
        for number in (1, 2):
            store._connection.write(change, (bytes([number]) * 16, number))
    again = headless("db-in", "set", path)
    assert "0 answers added to set; 2 there already" in again.stderr


def test_a_row_that_was_imported_as_it_is_is_not_asked_again(
    headless: RunsHeadless, home: Path, tmp_path: Path
) -> None:
    row: Row = {"text": TEXT, "spans": [ADA]}
    headless("db-in", "set", written(tmp_path / "a.jsonl", row))
    with open_store(home / "data" / "tui-annotate" / "annotations.db") as store:
        dataset = store.admin.find_dataset("set")
        assert dataset is not None
        assert store.answers.known([dataset.id], identify(dict(row)))
        assert not store.answers.known([dataset.id], identify({"text": TEXT, "spans": [BO]}))
        (stored,) = store.answers.iterate(dataset.id)
        own = stored.record.identity
        kept = AnswerOnInput(own.question_key, own.task_hash, stored.record.session_id, 1, None)
        assert kept.is_to(identify(dict(row)))
        assert not kept.is_to(identify({"text": TEXT, "spans": [BO]}))


def test_what_offsets_count_can_be_said(headless: RunsHeadless, tmp_path: Path) -> None:
    spans = [{"start": 3, "end": 6, "label": "PER"}]
    path = written(tmp_path / "a.jsonl", {"text": "👍 Ada left", "spans": spans})
    headless("db-in", "set", path, "--offset-unit", "utf16")
    assert [(each["start"], each["end"]) for each in exported(headless)[0]["spans"]] == [(2, 5)]
    again = headless("export", "set", "-", "--to", "jsonl", "--offsets", "utf16").stdout
    back = written(tmp_path / "b.jsonl", json.loads(again))
    headless("db-in", "other", back)
    other = headless("export", "other", "-", "--to", "jsonl").stdout
    assert [(each["start"], each["end"]) for each in json.loads(other)["spans"]] == [(2, 5)]


def test_a_span_behind_its_text_is_never_stored(headless: RunsHeadless, tmp_path: Path) -> None:
    row = {"text": "Ada", "spans": [ADA, {"start": 1, "end": 9, "label": "PER"}]}
    done = headless("db-in", "set", written(tmp_path / "a.jsonl", row))
    assert "a span from 1 to 9 is out of the text" in done.stderr
    assert exported(headless)[0]["spans"] == [ADA]


def test_people_whose_names_nobody_reads_are_said(headless: RunsHeadless, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"text": TEXT, "label": "A", "coder": "ada"},
        {"text": TEXT, "label": "B", "coder": 7},
    ]
    path = written(tmp_path / "two.jsonl", *rows)
    done = headless("db-in", "set", path)
    assert "under `coder`; --annotator-from coder tells them apart" in done.stderr
    named = headless("db-in", "other", path, "--annotator-from", "coder")
    assert "tells them apart" not in named.stderr
    alone = written(tmp_path / "one.jsonl", rows[0], {**rows[1], "coder": "ada"})
    assert "tells them apart" not in headless("db-in", "third", alone).stderr


@pytest.mark.quick
def test_rows_before_an_error_of_their_file_come_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_answers(written(tmp_path / "a.jsonl", {"text": TEXT, "label": "A"}))
    (row,) = source.rows()

    def rows() -> Iterator[Any]:
        yield row
        raise SourceError("the file ends here")

    monkeypatch.setattr(source, "rows", rows)
    answers = from_source(source, Options(), RowReading())
    assert json.loads(next(answers).body)["text"] == TEXT
    with pytest.raises(SourceError):
        next(answers)
