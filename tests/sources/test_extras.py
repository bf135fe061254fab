"""Sources that need packages of an extra; each test is left out where its package is not there."""

from __future__ import annotations

import gzip
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.sources.test_formats import check_resuming, covered, good
from tui_annotate.errors import MissingExtra, SourceError
from tui_annotate.exchange.import_sources import (
    Options,
    RowReading,
    from_source,
    open_answers,
)
from tui_annotate.sources import numbered_source
from tui_annotate.sources.base import told_of
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields

ROWS: list[dict[str, Any]] = [
    {
        "text": f"Ada {number} 🙂 日本",
        "spans": [{"start": 0, "end": 3, "label": "PER", "token_start": 0 if number % 2 else None}],
        "score": float("nan") if number == 1 else number / 2,
    }
    for number in range(700)
]


def test_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=300)
    source = open_source(path)
    tasks = good(source)
    assert [task["text"] for task in tasks] == [row["text"] for row in ROWS]
    assert tasks[0]["spans"] == [{"start": 0, "end": 3, "label": "PER"}]
    assert tasks[1]["spans"][0]["token_start"] == 0
    assert "score" not in tasks[1]
    assert source.count() == source.size() == 700
    rows = list(source.rows())
    for number in (0, 298, 299, 300, 555, 699):
        assert list(open_source(path).rows(rows[number].end)) == rows[number + 1 :]
    path.write_bytes(b"PAR1 nonsense")
    with pytest.raises(SourceError, match="no whole Parquet file"):
        open_source(path)


def test_docbin(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
    tokens = pytest.importorskip("spacy.tokens", reason="spaCy is not installed")
    nlp = spacy.blank("en")
    doc = nlp("Ada saw Bo 🙂.")
    doc.set_ents([tokens.Span(doc, 0, 1, "PER")])
    doc.cats = {"A": 1.0, "B": 0.2}
    other = nlp("New York City")
    other.spans["sc"] = [tokens.Span(other, 0, 2, "X"), tokens.Span(other, 0, 3, "Y")]
    path = tmp_path / "a.spacy"
    tokens.DocBin(docs=[doc, other, nlp("plain")], store_user_data=True).to_disk(path)
    first, second, third = good(open_source(path))
    assert first["text"] == "Ada saw Bo 🙂."
    assert covered(first) == [("Ada", "PER")]
    assert first["accept"] == ["A"]
    assert first["tokens"][0] == {"text": "Ada", "start": 0, "end": 3, "id": 0, "ws": True}
    assert covered(second) == [("New York", "X"), ("New York City", "Y")]
    assert "accept" not in third
    check_resuming(lambda: open_source(path))
    path.write_bytes(b"nonsense")
    with pytest.raises(SourceError, match="no DocBin"):
        open_source(path)


def test_hugging_face_datasets_on_disk(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    datasets.disable_progress_bars()
    made = datasets.Dataset.from_list(ROWS[:5])
    made.save_to_disk(str(tmp_path / "one"))
    source = open_source(tmp_path / "one")
    assert [task["text"] for task in good(source)] == [row["text"] for row in ROWS[:5]]
    assert good(source)[0]["spans"] == [{"start": 0, "end": 3, "label": "PER"}]
    check_resuming(lambda: open_source(tmp_path / "one"))
    datasets.DatasetDict({"train": made, "test": made}).save_to_disk(str(tmp_path / "two"))
    with pytest.raises(SourceError, match="splits test, train"):
        open_source(tmp_path / "two")
    assert open_source(tmp_path / "two" / "train").count() == 5


def test_remote_files() -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    name = f"memory://{uuid.uuid4()}/a.jsonl"
    data = "".join(f'{{"text": "row {number}"}}\n' for number in range(9))
    with fsspec.open(name, "w") as file:
        file.write(data)
    assert [task["text"] for task in good(open_source(name))] == [f"row {n}" for n in range(9)]
    check_resuming(lambda: open_source(name))
    packed = f"{name}.gz"
    with fsspec.open(packed, "wb") as file:
        file.write(gzip.compress(data.encode()))
    assert good(open_source(packed)) == good(open_source(name))
    check_resuming(lambda: open_source(packed))
    with pytest.raises(SourceError, match="no such file"):
        open_source("memory://nowhere/a.jsonl")
    with pytest.raises((SourceError, MissingExtra)):
        open_source("nonsense://a.jsonl")


def test_a_remote_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "a.parquet"
    rows = pyarrow.table({"text": [f"row {number}" for number in range(9)]})
    pyarrow.parquet.write_table(rows, path, row_group_size=4)
    name = f"file://{path}"
    assert good(open_source(name)) == good(open_source(path))
    check_resuming(lambda: open_source(name))


@pytest.mark.quick
def test_a_package_that_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'tui-annotate\[parquet\]'"):
        numbered_source.need("no_such_package", "parquet", "a.parquet")


def read_answers(path: Path, **fields: Any) -> tuple[list[dict[str, Any]], RowReading]:
    """Return the answers of a table, and how it was read."""
    reading = RowReading()
    found = from_source(open_answers(path, None, Fields(**fields)), Options(), reading)
    return [json.loads(each.body) for each in found], reading


def spans_of(task: dict[str, Any]) -> list[tuple[str, str]]:
    text = task["text"]
    return [(text[each["start"] : each["end"]], each["label"]) for each in task["spans"]]


@pytest.mark.parametrize("kind", ["parquet", "folder"])
def test_rows_of_other_programs_are_the_same_in_tables_as_in_json(
    tmp_path: Path, kind: str
) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    datasets.disable_progress_bars()
    value, names = datasets.Value, datasets.ClassLabel(names=["PER", "LOC"])
    text = "Ada met Bo in Bonn."
    place = {"start": value("int32"), "end": value("int32"), "label": names}
    spot = datasets.Sequence(value("int32"))
    known = [{"db_name": value("string"), "db_id": value("string")}]
    part = {"id": value("string"), "type": value("string"),
            "text": datasets.Sequence(value("string")), "offsets": [spot]}  # fmt: skip
    link = {"type": value("string"), "arg1_id": value("string"), "arg2_id": value("string")}
    tables: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "entities with numbers of classes": (
            {"text": value("string"), "entities": [place]},
            {"text": text, "entities": [{"start": 0, "end": 3, "label": 0},
                                        {"start": 14, "end": 18, "label": 1}]}),
        "questions": (
            {"context": value("string"), "question": value("string"),
             "answers": datasets.Sequence({"text": value("string"),
                                           "answer_start": value("int32")})},
            {"context": text, "question": "Who?",
             "answers": {"text": ["Ada"], "answer_start": [0]}}),
        "two sentences": (
            {"premise": value("string"), "hypothesis": value("string"),
             "label": datasets.ClassLabel(names=["yes", "no"])},
            {"premise": text, "hypothesis": "Bo met Ada.", "label": 0}),
        "passages": (
            {"document_id": value("string"), "passages": [part],
             "entities": [{**part, "normalized": known}], "relations": [link]},
            {"document_id": "d", "passages": [
                {"id": "p", "type": "a", "text": ["Ada met Bo"], "offsets": [[0, 10]]},
                {"id": "q", "type": "b", "text": ["in Bonn."], "offsets": [[11, 19]]}],
             "entities": [
                 {"id": "e", "type": "PER", "text": ["Ada", "Bo"], "offsets": [[0, 3], [8, 10]],
                  "normalized": []},
                 {"id": "f", "type": "LOC", "text": ["Bonn"], "offsets": [[14, 18]],
                  "normalized": [{"db_name": "MESH", "db_id": "D1"}]}],
             "relations": [{"type": "in", "arg1_id": "e", "arg2_id": "f"}]}),
    }  # fmt: skip
    found = {}
    for name, (features, row) in tables.items():
        path = tmp_path / f"{name}{'.parquet' if kind == 'parquet' else ''}"
        made = datasets.Dataset.from_list([row], features=datasets.Features(features))
        if kind == "parquet":
            made.to_parquet(str(path))
        else:
            made.save_to_disk(str(path))
        (found[name],), reading = read_answers(path)
        assert (reading.bad, reading.remarks) == ([], []), name
        assert told_of(open_source(path)).startswith("its rows are read as those of"), name
    assert spans_of(found["entities with numbers of classes"]) == [("Ada", "PER"), ("Bonn", "LOC")]
    assert spans_of(found["questions"]) == [("Ada", "ANSWER")]
    assert found["questions"]["input"] == "Who?"
    assert found["two sentences"]["accept"] == ["yes"]
    assert found["passages"]["text"] == text
    assert spans_of(found["passages"]) == [("Ada met Bo", "PER"), ("Bonn", "LOC")]
    assert found["passages"]["spans"][0]["pieces"] == [[0, 3], [8, 10]]
    assert found["passages"]["spans"][1]["attributes"] == {"MESH": "D1"}
    assert [each["label"] for each in found["passages"]["relations"]] == ["in"]


def test_a_column_of_classes_may_be_named_and_empty(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    path = tmp_path / "a.parquet"
    kind = pa.array(["x", None]).dictionary_encode()
    texts = pa.array(["a b", "c d"], pa.large_string())
    parquet.write_table(pa.table({"text": texts, "kind": kind}), path)
    found, reading = read_answers(path, label_fields=("kind",))
    assert [each.get("accept") for each in found] == [["x"], None]
    assert reading.bad == []


def test_a_row_whose_class_has_no_name_is_not_answered(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    datasets.disable_progress_bars()
    names = datasets.ClassLabel(names=["neg", "pos"])
    made = datasets.Dataset.from_dict(
        {"text": ["good", "none"], "label": [1, -1]},
        features=datasets.Features({"text": datasets.Value("string"), "label": names}),
    )
    path = tmp_path / "a.parquet"
    made.to_parquet(str(path))
    found, reading = read_answers(path)
    assert found == [{"text": "good", "label": "pos"}]
    assert [why for _, why in reading.bad] == ["nobody has answered it yet"]
    assert [task["text"] for task in good(open_source(path))] == ["good", "none"]


def test_a_type_that_pyarrow_does_not_know_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": ["a"]}), path)

    def refuse(*_: Any, **__: Any) -> Any:
        raise pa.ArrowNotImplementedError("Integers not in cstdint are not implemented")

    monkeypatch.setattr(parquet, "ParquetFile", refuse)
    with pytest.raises(SourceError, match="Integers not in cstdint"):
        open_source(path)
