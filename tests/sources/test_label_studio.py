"""Label Studio's exports: full JSON, JSON_MIN and CSV, as it writes them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless
from tui_annotate.sources.base import BadRow, Row
from tui_annotate.sources.registry import open_source

TEXT = "👍 Ada left Bonn"


def region(start: int, end: int, text: str, label: str, id_: str = "r1") -> dict[str, Any]:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def element(*results: dict[str, Any], text: Any = TEXT, **more: Any) -> dict[str, Any]:
    annotation = {"id": 1, "completed_by": 3, "was_cancelled": False, "result": list(results)}
    return {"id": 7, "data": {"text": text}, "annotations": [annotation], **more}


def rows(path: Path, data: Any, loader: str | None = "label-studio") -> list[Row]:
    path.write_text(json.dumps(data))
    found = list(open_source(path, loader=loader).rows())
    assert not [each for each in found if isinstance(each, BadRow)]
    return [each for each in found if isinstance(each, Row)]


def covered(row: Row) -> list[tuple[str, str]]:
    text = row.data["text"]
    return [(text[each["start"] : each["end"]], each["label"]) for each in row.data["spans"]]


def test_offsets_of_a_browser_cover_what_they_say(tmp_path: Path) -> None:
    data = [element(region(3, 6, "Ada", "PER"), region(12, 16, "Bonn", "LOC", "r2"))]
    (row,) = rows(tmp_path / "a.json", data)
    assert covered(row) == [("Ada", "PER"), ("Bonn", "LOC")]
    assert not row.notices


def test_each_region_is_placed_by_itself_where_they_count_differently(tmp_path: Path) -> None:
    data = [element(region(3, 6, "Ada", "PER"), region(11, 15, "Bonn", "LOC", "r2"))]
    (row,) = rows(tmp_path / "a.json", data)
    assert covered(row) == [("Ada", "PER"), ("Bonn", "LOC")]


def test_a_region_that_lies_nowhere_is_left_out_with_both_texts(tmp_path: Path) -> None:
    data = [element(region(3, 6, "Ada", "PER"), region(0, 4, "Oslo", "LOC", "r2"))]
    (row,) = rows(tmp_path / "a.json", data)
    assert covered(row) == [("Ada", "PER")]
    (notice,) = row.notices
    assert "'Oslo'" in notice
    assert "'👍 Ad'" in notice


def test_what_is_said_of_a_region_is_no_class_of_the_text(tmp_path: Path) -> None:
    sure = {
        "id": "r1", "from_name": "certainty", "to_name": "text", "type": "choices",
        "value": {"start": 3, "end": 6, "text": "Ada", "choices": ["sure"]},
    }  # fmt: skip
    note = {
        "id": "r1", "from_name": "norm", "type": "textarea",
        "value": {"start": 3, "end": 6, "text": ["Ada Lovelace"]},
    }  # fmt: skip
    (row,) = rows(tmp_path / "a.json", [element(region(3, 6, "Ada", "PER"), sure, note)])
    assert "accept" not in row.data
    (span,) = row.data["spans"]
    assert span["attributes"] == {"certainty": "sure", "norm": "Ada Lovelace"}


def test_two_fields_of_choices_stay_two(tmp_path: Path) -> None:
    results = [
        {"id": "a", "from_name": name, "type": "choices", "value": {"choices": chosen}}
        for name, chosen in (("sentiment", ["positive"]), ("topic", ["news", "sport"]))
    ]
    (row,) = rows(tmp_path / "a.json", [element(*results)])
    assert row.data["sentiment"] == ["positive"]
    assert row.data["topic"] == ["news", "sport"]
    assert row.data["cats"] == {"sentiment: positive": True, "topic: news": True,
                                "topic: sport": True}  # fmt: skip
    (alone,) = rows(tmp_path / "b.json", [element(results[1])])
    assert alone.data["accept"] == ["news", "sport"]


def test_predictions_are_begun_with_and_are_no_answer(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    predictions = [
        {"score": 0.2, "result": [region(3, 6, "Ada", "ORG")]},
        {"score": 0.9, "result": [region(3, 6, "Ada", "PER")]},
    ]
    waiting = {"id": 8, "data": {"text": TEXT}, "annotations": [], "predictions": predictions}
    (row,) = rows(tmp_path / "a.json", [waiting])
    assert covered(row) == [("Ada", "PER")]
    (tmp_path / "a.json").write_text(json.dumps([waiting, element(region(3, 6, "Ada", "PER"))]))
    done = headless("db-in", "set", tmp_path / "a.json", "--loader", "label-studio")
    assert "1 answer added" in done.stderr
    assert "nobody has answered it yet" in done.stderr


def test_html_and_dialogues_are_read_by_their_offsets(tmp_path: Path) -> None:
    html = "<p>Ada <b>left</b> Bonn</p>"
    value = {
        "start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 3,
        "globalOffsets": {"start": 0, "end": 3}, "text": "Ada", "hypertextlabels": ["PER"],
    }  # fmt: skip
    (shown,) = rows(tmp_path / "a.json", [element({"id": "h", "value": value}, text=html)])
    assert shown.data["text"] == "Ada left Bonn"
    assert covered(shown) == [("Ada", "PER")]
    turns = [{"author": "A", "text": "Hello Bo"}, {"author": "B", "text": "Ada left"}]
    turn = {
        "start": "1", "end": "1", "startOffset": 0, "endOffset": 3, "text": "Ada",
        "paragraphlabels": ["PER"],
    }  # fmt: skip
    (said,) = rows(tmp_path / "b.json", [element({"id": "p", "value": turn}, text=turns)])
    assert said.data["text"] == "A: Hello Bo\nB: Ada left"
    assert covered(said) == [("Ada", "PER")]


def test_html_whose_places_are_unknown_is_told(tmp_path: Path) -> None:
    value = {"start": "/p[1]", "end": "/p[1]", "hypertextlabels": ["PER"], "text": "Ada"}
    (row,) = rows(tmp_path / "a.json", [element({"id": "h", "value": value}, text="<p>Ada</p>")])
    assert row.data["spans"] == []
    assert "left out" in row.notices[0]


MIN = {
    "text": "Ada left Bonn", "origin": "wire", "id": 5,
    "label": [{"start": 0, "end": 3, "text": "Ada", "labels": ["PER"]}],
    "mood": "positive", "annotator": 2, "annotation_id": 9, "created_at": "2024-01-31T10:00:00Z",
    "updated_at": "2024-01-31T10:00:00Z", "lead_time": 3.5,
}  # fmt: skip


def test_json_min(tmp_path: Path) -> None:
    (row,) = rows(tmp_path / "a.json", [MIN])
    assert covered(row) == [("Ada", "PER")]
    assert row.data["accept"] == ["positive"]
    assert row.data["meta"] == {"id": 5, "origin": "wire"}
    assert row.data["_annotator_id"] == "2"


@pytest.mark.parametrize("chosen", ["positive", {"choices": ["positive", "calm"]}])
def test_csv(tmp_path: Path, chosen: Any) -> None:
    values = {**MIN, "sentiment": chosen}
    del values["mood"]
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, sorted(values), quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        cells = {
            k: v if isinstance(v, (str, int, float)) else json.dumps(v) for k, v in values.items()
        }
        writer.writerow(cells)
        writer.writerow({"text": "Nobody.", "id": 6})
    first, second = (each for each in open_source(path).rows() if isinstance(each, Row))
    assert covered(first) == [("Ada", "PER")]
    assert first.data["accept"] == (["positive"] if isinstance(chosen, str) else chosen["choices"])
    assert first.data["meta"]["origin"] == "wire"
    assert "spans" not in second.data


def test_a_table_of_classes_says_nothing_about_spans(tmp_path: Path) -> None:
    about = {key: MIN[key] for key in ("text", "id", "annotator", "annotation_id", "lead_time")}
    path = tmp_path / "a.csv"
    for column, cells in (("tone", ("calm", "harsh")), ("marks", (json.dumps(MIN["label"]), ""))):
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, sorted([*about, column]))
            writer.writeheader()
            writer.writerows({**about, column: cell} for cell in cells)
        _, second = (each for each in open_source(path).rows() if isinstance(each, Row))
        assert second.data.get("spans") == (None if column == "tone" else [])


def of_people(text: str, *results: list[dict[str, Any]]) -> dict[str, Any]:
    people = [{"completed_by": n, "result": each} for n, each in enumerate(results, 1)]
    return {"id": 1, "annotations": people, "predictions": [], "data": {"text": text}}


def tasks_of(path: Path, content: str) -> list[dict[str, Any]]:
    path.write_text(content)
    return [row.data for row in open_source(path).rows() if isinstance(row, Row)]


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_what_was_cancelled_is_ignored_in_tables_too(tmp_path: Path, name: str) -> None:
    rows = [
        {"annotation_id": n, "annotator": n, "id": 4, "lead_time": 1.0, "sentiment": "pos",
         "text": "Ada.", "was_cancelled": n == 2}
        for n in (1, 2)
    ]  # fmt: skip
    table = "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)])
    found = tasks_of(tmp_path / name, table if name == "a.csv" else json.dumps(rows))
    assert [each["answer"] for each in found] == ["accept", "ignore"]
    assert all("was_cancelled" not in each["meta"] for each in found)


def test_who_found_no_span_was_asked_for_them_too(tmp_path: Path) -> None:
    choice = {"from_name": "mood", "to_name": "text", "type": "choices",
              "value": {"choices": ["good"]}}  # fmt: skip
    rows = [
        of_people("Bo.", [choice]),
        of_people("Ada.", [region(0, 3, "Ada", "PER"), choice], [choice]),
    ]
    found = tasks_of(tmp_path / "a.json", json.dumps(rows))
    assert [len(each["spans"]) for each in found] == [0, 1, 0]
    marked = region(0, 3, "Ada", "PER")
    marked["value"]["hypertextlabels"] = marked["value"].pop("labels")
    html = [
        of_people("<p>Bo.</p>", []),
        of_people("<p>Ada.</p>", [marked], []),
    ]
    found = tasks_of(tmp_path / "a.json", json.dumps(html))
    assert [each["text"] for each in found] == ["Bo.", "Ada.", "Ada."]


def test_a_region_over_several_turns_keeps_its_place(tmp_path: Path) -> None:
    value = {"start": "0", "end": "1", "startOffset": 2, "endOffset": 2, "text": "Ada\n\nBo",
             "paragraphlabels": ["PER"]}  # fmt: skip
    turns = [{"author": "x", "text": "a Ada"}, {"author": "y", "text": "Bo here"}]
    row = of_people("", [{"type": "paragraphlabels", "value": value, "id": "r"}])
    row["data"] = {"dialogue": turns}
    (task,) = tasks_of(tmp_path / "a.json", json.dumps([row]))
    (span,) = task["spans"]
    assert task["text"][span["start"] : span["end"]] == "Ada\ny: Bo"


def test_what_is_about_a_region_is_no_answer_about_the_whole_text(tmp_path: Path) -> None:
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    place = {"start": 0, "end": 3, "text": "Ada"}
    results = [
        {"id": "a", "from_name": "f", "type": "rating", "value": {**place, "rating": 3}},
        {"id": "b", "from_name": "g", "type": "textarea", "value": {**box, "text": ["sign"]}},
        {"id": "b", "from_name": "h", "type": "textarea", "value": {"text": ["bare"]}},
        {"id": [], "from_name": "i", "type": "polygon", "value": {"points": [], "number": 1}},
        {"from_name": "j", "type": "choices", "value": {**box, "choices": ["c"]}},
    ]
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps([{"data": {"text": "Ada left"}, "annotations": [{"result": results}]}])
    )
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert row.data == {"text": "Ada left", "answer": "accept"}
    assert row.notices[0].endswith("choice or relation: 5 results")


def test_a_rating_of_a_region_is_its_attribute(tmp_path: Path) -> None:
    place = {"start": 0, "end": 3, "text": "Ada"}
    results = [
        {"id": "a", "from_name": "f", "type": "labels", "value": {**place, "labels": ["PER"]}},
        {"id": "a", "from_name": "sure", "type": "rating", "value": {**place, "rating": 3}},
    ]
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps([{"data": {"text": "Ada left"}, "annotations": [{"result": results}]}])
    )
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert [span["attributes"] for span in row.data["spans"]] == [{"sure": 3}]


def test_a_note_on_a_region_without_an_id_stays_its_own(tmp_path: Path) -> None:
    noted = region(0, 2, TEXT[0:2], "A")
    other = region(3, 5, TEXT[3:5], "B")
    noted["meta"] = {"text": ["unsure"]}
    del noted["id"], other["id"]
    (row,) = rows(tmp_path / "a.json", [element(noted, other)])
    first, second = row.data["spans"]
    assert first["attributes"] == {"note": "unsure"}
    assert "attributes" not in second


def test_elements_that_are_their_data_and_pictures_without_a_text(tmp_path: Path) -> None:
    chosen = {"type": "choices", "value": {"choices": ["Cat"]}, "from_name": "c", "to_name": "i"}
    elements = [
        {"text": "plain", "source": "x"},
        {"data": {"image": "https://x/pets.jpg", "n": 1}, "annotations": [{"result": [chosen]}]},
        {"data": {"one": "https://x/a.png", "other": "https://x/b.png"}, "annotations": []},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(elements))
    first, second, third = open_source(path).rows()
    assert isinstance(first, Row)
    assert first.data == {"text": "plain", "meta": {"source": "x"}}
    assert isinstance(second, Row)
    assert (second.data["image"], second.data["accept"]) == ("https://x/pets.jpg", ["Cat"])
    assert second.data["meta"] == {"n": 1}
    assert isinstance(third, BadRow)
