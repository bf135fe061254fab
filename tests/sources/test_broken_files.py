"""Some hundred mutated files of every loader; `benchmarks/loaders.py` reads thousands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.loaders import fuzz, seeds
from tests.sources.test_entity_json import SPAN_ROWS
from tests.sources.test_shapes import FAMILIES
from tui_annotate.errors import TuiAnnotateError
from tui_annotate.exchange.import_sources import open_answers
from tui_annotate.sources.base import BadRow, Row
from tui_annotate.sources.jsonfile import JsonSource
from tui_annotate.sources.recognise import SIGNS, Start
from tui_annotate.sources.registry import LOADERS, open_source


@pytest.mark.filterwarnings("default")
def test_no_broken_file_crashes_hides_a_row_or_moves_a_span(tmp_path: Path) -> None:
    findings = fuzz(400, seed=7, folder=tmp_path)
    assert findings.examples == []
    assert sum(each.files for each in findings.accounts.values()) == 400
    assert sum(each.bad for each in findings.accounts.values()) > 50
    untried = {each.name for each in LOADERS.values() if each.extra} | {"hf"}
    assert set(LOADERS) - set(findings.accounts) <= untried


@pytest.mark.quick
def test_what_stands_behind_a_list_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"text": "a"}]) + '\n{"text": "b"}\n')
    rows = list(open_source(path).rows())
    assert [type(each) for each in rows] == [Row, Row]
    path.write_text(json.dumps([{"text": "a"}]) + "\n}]")
    assert [type(each) for each in open_source(path).rows()] == [Row, BadRow]
    path.write_text(json.dumps([{"text": "a"}]) + " \n\n")
    assert [type(each) for each in open_source(path).rows()] == [Row]


@pytest.mark.quick
@pytest.mark.parametrize(
    "text",
    [
        '[{"text": "a"}',
        '[{"text": "a"},\n',
        '{"data": [{"text": "a"}',
        '{"data": [{"text": "a"}]',
        '{"first": {"text": "a"}, "second": {"text": "b"}',
    ],
)
def test_a_file_that_was_cut_between_its_rows_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    *rows, cut = open_source(path).rows()
    assert all(isinstance(each, Row) for each in rows)
    assert isinstance(cut, BadRow)
    assert "ends before its list does" in cut.detail
    assert list(open_source(path).rows(rows[-1].end)) == [cut], "also where reading goes on"


@pytest.mark.quick
def test_rows_before_a_bad_byte_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"text": "a"}, {"text": "b"}, {"text": "\xe4"}, {"text": "c"}]')
    *rows, bad = open_source(path).rows()
    assert [each.data["text"] for each in rows if isinstance(each, Row)] == ["a", "b"]
    assert isinstance(bad, BadRow)
    assert bad.reason == "not-utf8"


@pytest.mark.quick
def test_a_range_of_three_offsets_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    tags = '<NAME id="N0" spans="0~1~2" text=""/>'
    path.write_text(f"<M><TEXT>Bob ran</TEXT><TAGS>{tags}</TAGS></M>")
    (row,) = open_source(path).rows()
    assert isinstance(row, BadRow)
    assert row.reason == "bad-spans"


@pytest.mark.quick
def test_a_comment_of_others_about_a_label_is_no_class(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    columns = "\t_" * 8
    path.write_text(f"# label = greeting\n1\tHi{columns}\n\n")
    (row,) = open_source(path).rows()
    assert isinstance(row, Row)
    assert row.data["meta"] == {"label": "greeting"}
    assert "accept" not in row.data


@pytest.mark.quick
def test_a_file_without_a_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"classes": ["A"], "annotations": [null]}')
    (row,) = open_source(path, loader="ner-annotator").rows()
    assert isinstance(row, BadRow)
    assert row.reason == "empty-input"
    (tmp_path / "b.xml").write_text("<doc><p> </p></doc>")
    (row,) = open_source(tmp_path / "b.xml").rows()
    assert isinstance(row, BadRow)


OTHERS: tuple[Any, ...] = (
    None, True, 0, -1, 3, 1.5, 10**25, "", "x", "0", [], ["a"], [3], [[0, 1]], [[0, 1, "c"]],
    [None], {}, {"x": None}, {"x": [3]}, [{}], [{"x": 1}],
)  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all values in a value of JSON."""
    yield at
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(each, (*at, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a value of JSON with another value at a place in it."""
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


@cache
def json_files() -> dict[str, tuple[Any, Any]]:
    """Return readers of JSON, each with what stands in a good file, by what they are called."""
    good: dict[tuple[str, str], bytes] = {}
    for name, row in SPAN_ROWS.items():
        good["entity-json", f"{name}.json"] = json.dumps(row).encode()
    for family, table in FAMILIES.items():
        loader = {"doccano": "doccano", "Label Studio": "label-studio"}.get(family, "entity-json")
        for name, (file, content, _) in table.items():
            good[loader, f"{name} {file}"] = content.encode()
    found = {}
    with TemporaryDirectory() as folder:
        for each in seeds(Path(folder), (".json", ".jsonl")):
            good[each.loader, next(iter(each.files))] = next(iter(each.files.values()))
        for (loader, file), content in good.items():
            path = Path(folder) / "a.json"
            path.write_bytes(content)
            source: Any = open_source(path, loader=loader) if ".json" in file else None
            if isinstance(source, JsonSource):
                rows = content.splitlines() if file.endswith(".jsonl") else [content]
                for number, row in enumerate(rows):
                    found[f"{loader} {file} {number}"] = source, json.loads(row)
    return found


@pytest.mark.quick
@settings(max_examples=300)
@given(data=st.data())
def test_a_value_of_another_kind_is_a_bad_row_at_most(data: st.DataObject) -> None:
    source, whole = json_files()[data.draw(st.sampled_from(sorted(json_files())))]
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(list(paths(whole))))
        whole = put(whole, path, data.draw(st.sampled_from(OTHERS)))
    text = json.dumps(whole)
    for sign in SIGNS:
        if "json" in sign.of:
            sign.test(Start(text))
    for element in whole if isinstance(whole, list) and source.opens_list(text) else [whole]:
        try:
            for task in source.expand(source.load(json.dumps(element), []), []):
                if isinstance(task, dict):
                    source.fields.apply(task, [])
        except TuiAnnotateError:
            continue


LONG = "9" * 5_000


@pytest.mark.quick
@pytest.mark.parametrize(
    ("loader", "content"),
    [
        ("json", f'[{{"text": "a"}}, {{"text": "b", "n": {LONG}}}]'),
        ("pubtator", "1|t|a b\n1|a|x\n1\t\u00b2\t3\tb\tX\n"),
        ("pubtator", f"1|t|a b\n1|a|x\n1\t2\t{LONG}\tb\tX\n"),
        ("webanno", f"#FORMAT=WebAnno TSV 3.3\n\n\n#Text=a\n1-1\t0-{LONG}\ta\t\n"),
        (
            "inline-xml",
            f"<?xml version='1.0'?><s><text>a b</text><X term='a' from='0' to='{LONG}'/></s>",
        ),
        ("spacy-tuples", '[["a b", {"entities": [[0, 1, null]]}]]'),
        ("pubannotation", '{"text": "a", "denotations": [{"span": {"begin": 0, "end": 1}}]}'),
        ("jsonl", '{"tokens": ["a", null], "ner_tags": ["B-X", "O"]}\n'),
    ],
)
def test_numbers_that_are_none_and_names_that_are_missing(
    tmp_path: Path, loader: str, content: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content)
    assert isinstance(list(open_source(path, loader=loader).rows())[-1], BadRow | Row)
    spans = [
        span
        for row in open_source(path, loader=loader).rows()
        if isinstance(row, Row)
        for span in row.data.get("spans", ())
    ]
    assert spans == []


@pytest.mark.quick
def test_denotations_with_one_id_or_none_are_all_kept(tmp_path: Path) -> None:
    marks = [
        {"id": name, "span": {"begin": at, "end": at + 1}, "obj": "X"}
        for at, name in enumerate([None, None, "T", "T"])
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"text": "abcd", "denotations": marks}))
    (row,) = open_source(path, loader="pubannotation").rows()
    assert isinstance(row, Row)
    assert [span["start"] for span in row.data["spans"]] == [0, 1, 2, 3]


@pytest.mark.quick
def test_labels_of_fasttext_end_at_any_white_space(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("__label__pos\tGreat  movie \t__label__b\n")
    (row,) = open_source(path, loader="fasttext").rows()
    assert isinstance(row, Row)
    assert row.data == {"text": "Great  movie", "accept": ["pos", "b"]}


@pytest.mark.quick
def test_comments_before_a_text_are_passed_over_once(tmp_path: Path) -> None:
    # With a pattern that may end each comment anywhere this would take years.
    path = tmp_path / "a.xml"
    path.write_text("<!--x-->" * 400 + "\nplain\n")
    assert len(list(open_source(path, loader="inline-xml").rows())) == 2


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(
    "value", ["9" * 6000, "-" + "1" * 5000, "[" * 6000, '{"a":' * 6000, "9" * 6000 + "x"]
)
def test_a_first_value_that_no_number_can_hold_is_a_bad_row(
    tmp_path: Path, name: str, value: str
) -> None:
    path = tmp_path / name
    rows = [f'{{"text":"a","n":{value}}}', '{"text":"b"}']
    path.write_text("\n".join(rows) if name.endswith("l") else f"[{','.join(rows)}]")
    try:
        found = list(open_answers(str(path)).rows())
    except TuiAnnotateError as error:
        assert str(path) in str(error)
    else:
        assert isinstance(found[0], BadRow)
