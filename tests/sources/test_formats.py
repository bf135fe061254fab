"""Formats of other tools: what a file of each gives, and that reading goes on at any place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import START, BadRow, Position, Row, Source, SourceChange
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.row_signs import is_doccano

pytestmark = pytest.mark.quick

CONLL = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP I-MISC
Peter NNP B-NP B-PER

# id = 2
Ada NNP B-NP U-PER
New NNP B-NP B-LOC
York NNP I-NP L-LOC
City NNP I-NP I-LOC
"""

CONLLU = (
    "# sent_id = s1\n# text = Vámonos al mar.\n"
    "1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_\n"
    "2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_\n"
    "3\tal\ta\tADP\t_\t_\t4\tcase\t_\t_\n"
    "4\tmar\tmar\tNOUN\tNN\tGender=Masc\t1\tobl\t_\tSpaceAfter=No|NE=B-LOC\n"
    "5\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_\n\n"
    '# text_json = "a\\nb"\n# label = "X"\n# label = "Y"\n'
    "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n2\tb\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
)

LABEL_STUDIO = [
    {
        "id": 7,
        "data": {"text": "Ada saw Bo.", "origin": "x"},
        "annotations": [
            {
                "completed_by": {"id": 1, "email": "ada@example.org"},
                "result": [
                    {"type": "labels", "value": {"start": 8, "end": 10, "labels": ["PER"]}},
                    {"type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}},
                    {"type": "choices", "value": {"choices": ["news"]}},
                    {"type": "relation", "from_id": "a", "to_id": "b"},
                ],
            },
            {"completed_by": 2, "was_cancelled": True, "result": []},
        ],
    },
    {"id": 8, "data": {"text": "Nobody."}, "annotations": []},
]

DOCCANO = [
    {"id": 1, "text": "Ada saw Bo.", "label": [[8, 10, "PER"], [0, 3, "PER"]], "Comments": []},
    {"id": 2, "text": "good", "label": ["pos"]},
    {
        "text": "Ada",
        "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3}],
        "relations": [],
        "cats": ["x"],
        "meta": {"a": 1},
    },
]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def good(source: Source, start: Position = START) -> list[dict[str, Any]]:
    rows = list(source.rows(start))
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [row.data for row in rows if isinstance(row, Row)]


def covered(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]


def check_resuming(make: Any) -> None:
    """Reading from the end of any row gives the rest, and that place is recognised."""
    source: Source = make()
    rows = list(source.rows())
    assert [row.start.row for row in rows] == list(range(len(rows)))
    assert source.count() == len(rows)
    for number, row in enumerate(rows):
        if row.end == row.start:
            continue
        rest = list(make().rows(row.end))
        assert rest == rows[number + 1 :]
        assert make().compare(source.fingerprint(row.end)) is SourceChange.SAME


def test_conll_2003(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", CONLL)
    first, second = good(open_source(path))
    assert first["text"] == "EU rejects German Peter"
    assert covered(first) == [("EU", "ORG"), ("German", "MISC"), ("Peter", "PER")]
    assert first["tokens"][1] == {"text": "rejects", "start": 3, "end": 10, "id": 1, "ws": True}
    assert first["spans"][0]["token_end"] == 0
    assert second["meta"] == {"id": "2"}
    assert covered(second) == [("Ada", "PER"), ("New York", "LOC"), ("City", "LOC")]
    check_resuming(lambda: open_source(path))


def test_conll_keeps_the_text_that_a_comment_gives(tmp_path: Path) -> None:
    path = write(tmp_path / "a.iob2", "# text = Ada(Bo)\nAda\tB-P\n(\tO\nBo\tB-P\n)\tO\n")
    [task] = good(open_source(path))
    assert task["text"] == "Ada(Bo)"
    assert covered(task) == [("Ada", "P"), ("Bo", "P")]
    assert [token["ws"] for token in task["tokens"]] == [False] * 4


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a B-P\nb XX\n", "bad-tag"),
        ("# text = other\na B-P\n", "bad-text"),
        ("# text = a x b\na O\nb O\n", "bad-text"),
    ],
)
def test_conll_that_does_not_fit_is_a_bad_row(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path / "a.conll", f"{text}\nok O\n")
    bad, fine = open_source(path).rows()
    assert isinstance(bad, BadRow)
    assert bad.reason == reason
    assert isinstance(fine, Row)
    assert fine.data["text"] == "ok"


def test_conllu(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conllu", CONLLU)
    first, second = good(open_source(path))
    assert first["text"] == "Vámonos al mar."
    assert [token["text"] for token in first["tokens"]] == ["Vámonos", "al", "mar", "."]
    assert first["tokens"][2]["pos"] == "NOUN"
    assert covered(first) == [("mar", "LOC")]
    assert first["meta"] == {"sent_id": "s1"}
    assert second["text"] == "a\nb"
    assert second["accept"] == ["X", "Y"]
    check_resuming(lambda: open_source(path))


def test_brat(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Ada saw\nBo 🙂 and Cy.\n")
    marks = "T1\tPER 0 3\tAda\nT2\tLOC 4 7;8 10\tsaw Bo\n"
    marks += "T3\tX 0 1;5 6\tA a\nR1\tr Arg1:T1 Arg2:T2\nR2\tr Arg1:T1 Arg2:T3\n#1\tNote\n"
    path = write(tmp_path / "a.ann", marks)
    for name in ("a.ann", "a.txt"):
        [row] = open_source(tmp_path / name, loader="brat").rows()
        assert isinstance(row, Row)
        assert covered(row.data) == [("Ada sa", "X"), ("Ada", "PER"), ("saw\nBo", "LOC")]
        assert row.data["spans"][0]["pieces"] == [[0, 1], [5, 6]]
        assert "pieces" not in row.data["spans"][2]
        assert row.data["meta"] == {"id": "a"}
        assert row.notices == ("1 attribute or note on something else than a span is left out",)
        one, other = row.data["relations"]
        assert (one["label"], one["head"], one["child"]) == ("r", 0, 2)
        assert (other["child_span"]["start"], other["child_span"]["end"]) == (0, 6)
    check_resuming(lambda: open_source(path))
    write(path, "T1\tPER 0 300\tAda\n")
    [lost] = open_source(path).rows()
    assert isinstance(lost, Row)
    assert lost.data["spans"] == []
    assert "it says that it covers 'Ada'" in lost.notices[0]


def test_what_brat_says_beside_spans_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Ada met Bo in Cork.\n")
    marks = "T1\tPER 0 3\tAda\nT2\tPER 8 10\tBo\nT3\tMeet 4 7\tmet\nT4\tLOC 14 18\tCork\n"
    marks += "E1\tMeet:T3 Who:T1 Whom:T2\nA1\tNegated E1\nA2\tSure T1 high\n"
    marks += (
        "N1\tReference T4 Wikipedia:7\tCork\n#1\tAnnotatorNotes T2\twho is this?\n*\tEquiv T1 T2\n"
    )
    [row] = open_source(write(tmp_path / "a.ann", marks)).rows()
    assert isinstance(row, Row)
    assert not row.notices
    said = {each["label"]: each.get("attributes") for each in row.data["spans"][1:]}
    assert said == {
        "Meet": {"Negated": True},
        "PER": {"note": "who is this?"},
        "LOC": {"Reference": "Wikipedia:7"},
    }
    assert row.data["spans"][0]["attributes"] == {"Sure": "high"}
    links = [(each["label"], each["head"], each["child"]) for each in row.data["relations"]]
    assert links == [("Who", 1, 0), ("Whom", 1, 2), ("Equiv", 0, 2)]


@pytest.mark.parametrize("name", ["a.ann", "a.txt", "."])
def test_an_empty_file_of_marks_is_a_text_without_spans(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.txt", "Nobody.\n")
    write(tmp_path / "a.ann", "")
    [row] = open_source(tmp_path / name, loader=None if name == "." else "brat").rows()
    assert isinstance(row, Row)
    assert row.data["spans"] == []


def test_brat_offsets_are_those_of_what_a_span_covers(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"Ada\r\nsaw\r\nBo.\r\n")
    for bo in ("10 12", "8 10"):
        path = write(tmp_path / "a.ann", f"T1\tPER 0 3\tAda\nT2\tPER {bo}\tBo\n")
        [row] = open_source(path).rows()
        assert isinstance(row, Row)
        assert covered(row.data) == [("Ada", "PER"), ("Bo", "PER")]
    write(path, "T1\tPER 1 4\tAda\n")
    [lost] = open_source(path).rows()
    assert isinstance(lost, Row)
    assert lost.data["spans"] == []
    assert "covers 'Ada', and in its place stands 'da" in lost.notices[0]


def test_label_studio_gives_a_row_for_each_annotation(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps(LABEL_STUDIO, indent=1))
    source = open_source(path, loader="label-studio")
    first, second, third = list(source.rows())
    assert isinstance(first, Row)
    assert covered(first.data) == [("Ada", "PER"), ("Bo", "PER")]
    assert first.data["accept"] == ["news"]
    assert first.data["_annotator_id"] == "ada@example.org"
    assert first.data["meta"] == {"origin": "x", "id": 7}
    assert first.notices == ("left out, as no label, choice or relation: 1 result",)
    assert isinstance(second, Row)
    assert (second.data["answer"], second.data["_annotator_id"]) == ("ignore", "2")
    assert isinstance(third, Row)
    assert third.data == {"text": "Nobody.", "meta": {"id": 8}}
    assert not source.seekable


@pytest.mark.parametrize(("start", "end"), [(5, 7), (5, 11)], ids=["code points", "bytes"])
def test_label_studio_counts_what_its_last_region_tells(
    tmp_path: Path, start: int, end: int
) -> None:
    region = {"start": start, "end": end, "text": "한국", "labels": ["LOC"]}
    task = {"data": {"text": "Acme 한국"}, "annotations": [{"result": [{"value": region}]}]}
    path = write(tmp_path / "a.json", json.dumps([task]))
    (found,) = good(open_source(path, loader="label-studio"))
    assert found["spans"] == [{"start": 5, "end": 7, "label": "LOC"}]


def test_doccano(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "".join(json.dumps(each) + "\n" for each in DOCCANO))
    first, second, third = good(open_source(path, loader="doccano"))
    assert covered(first) == [("Ada", "PER"), ("Bo", "PER")]
    assert first["meta"] == {"id": 1}
    assert second == {"text": "good", "accept": ["pos"], "meta": {"id": 2}}
    assert covered(third) == [("Ada", "PER")]
    assert (third["accept"], third["meta"]) == (["x"], {"a": 1})
    check_resuming(lambda: open_source(path, loader="doccano"))


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("a.jsonl", json.dumps({"text": "Ada left", "label": "news"}), {"accept": ["news"]}),
        ("a.jsonl", json.dumps({"id": 1, "text": "Ada left", "annotation_approver": None,
         "annotations": [{"label": 2, "start_offset": 0, "end_offset": 3, "user": 4}]}),
         {"spans": [{"start": 0, "end": 3, "label": "2"}], "_annotator_id": "4"}),
        ("a.jsonl", json.dumps({"text": "Ada left", "annotations": [{"label": 2, "user": 4}]}),
         {"accept": ["2"]}),
        ("a.json", json.dumps([{"id": 1, "data": "Ada left", "label": [[0, 3, "PER"]]}], indent=1),
         {"spans": [{"start": 0, "end": 3, "label": "PER"}]}),
        ("a.csv", "id,data,label\n1,Ada left,news#sport\n", {"accept": ["news", "sport"]}),
        ("a.csv", "id,data,label\n1,Ada left,\n", {"accept": []}),
    ],
)  # fmt: skip
def test_all_exports_of_doccano(
    tmp_path: Path, name: str, content: str, task: dict[str, Any]
) -> None:
    path = write(tmp_path / name, content)
    [found] = good(open_source(path, loader="doccano"))
    assert found["text"] == "Ada left"
    assert {key: found.get(key) for key in task} == task
    assert found.keys() - {"text", "meta", "_annotator_id"} == task.keys() - {"_annotator_id"}


@pytest.mark.parametrize(
    ("row", "is_its"),
    [
        ({"text": "Ada", "label": [[0, 3, "PER"]]}, True),
        ({"data": "Ada", "labels": [[0, 3, "PER"]]}, True),
        ({"text": "Ada", "entities": [{"start_offset": 0, "end_offset": 3, "label": "P"}]}, True),
        ({"text": "Ada", "label": "PER"}, False),
        ({"text": "Ada", "label": []}, False),
        ({"text": "Ada", "label": ["PER"]}, False),
        ({"text": "Ada", "annotations": [{"start_offset": 0, "end_offset": 3, "label": 1}]}, True),
        ({"text": "Ada", "annotations": [{"label": 1, "user": 2}]}, True),
        ({"text": "Ada", "label": [["a", 3, "PER"]]}, False),
        ({"text": "Ada", "label": [[0, 3, "PER"]], "spans": []}, False),
    ],
)  # fmt: skip
def test_rows_of_doccano_are_known_by_their_form(row: dict[str, Any], is_its: bool) -> None:
    assert is_doccano(row) is is_its


def test_fasttext(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.ft", "__label__news __label__sport Ada  left\nBo left __label__b\nnone\n"
    )
    assert good(open_source(path)) == [
        {"text": "Ada  left", "accept": ["news", "sport"]},
        {"text": "Bo left", "accept": ["b"]},
        {"text": "none", "accept": []},
    ]
    check_resuming(lambda: open_source(path))


SPAN = {"start": 3, "end": 6, "label": "PER", "text": "Ada"}


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("👍 Ada left Bonn", 2, 5),
        ("👍 Ada left Bonn", 3, 6),
        ("👍 Ada left Bonn", 5, 8),
        ("a\r\nAda left", 3, 6),
        ("a\r\nAda left", 2, 5),
        ("👍\r\nAda left", 3, 6),
    ],
    ids=["code points", "UTF-16", "bytes", "CRLF", "CRLF as one", "UTF-16 and CRLF as one"],
)
def test_spans_lie_on_what_they_say_they_cover(
    tmp_path: Path, text: str, start: int, end: int
) -> None:
    row = {"text": text, "spans": [{"start": start, "end": end, "label": "PER", "text": "Ada"}]}
    path = write(tmp_path / "a.jsonl", json.dumps(row))
    [found] = open_source(path).rows()
    assert isinstance(found, Row)
    assert covered(found.data) == [("Ada", "PER")]
    assert not found.notices


def test_a_span_that_lies_nowhere_is_left_out_of_json_lines(tmp_path: Path) -> None:
    spans = [SPAN, {**SPAN, "text": "Bonn"}, {"start": 0, "end": 1, "label": "X"}]
    path = write(tmp_path / "a.jsonl", json.dumps({"text": "👍 Ada left Bonn", "spans": spans}))
    [found] = open_source(path).rows()
    assert isinstance(found, Row)
    assert covered(found.data) == [("Ada", "PER"), ("👍", "X")]
    [notice] = found.notices
    assert "'Bonn'" in notice
    assert "'da '" in notice


def test_paragraphs_and_whole_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "\ufeff\none\ntwo \n\n \n\nthree\n")
    assert [task["text"] for task in good(open_source(path, loader="txt-paragraph"))] == [
        "one\ntwo ",
        "three",
    ]
    check_resuming(lambda: open_source(path, loader="txt-paragraph"))
    [task] = good(open_source(path, loader="txt-file"))
    assert task["text"] == "\none\ntwo \n\n \n\nthree\n"
    check_resuming(lambda: open_source(path, loader="txt-file"))


def test_a_tsv_is_split_at_tabs_whatever_its_header_looks_like(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", 'text\ta,b,c,d\n"x\ty"\t1\nz\t"2\n3"\n')
    assert good(open_source(path)) == [
        {"text": "x\ty", "meta": {"a,b,c,d": "1"}},
        {"text": "z", "meta": {"a,b,c,d": "2\n3"}},
    ]
    check_resuming(lambda: open_source(path))


# JSON

TASKS = st.lists(
    st.fixed_dictionaries({"text": st.text(min_size=1).filter(lambda text: not text.isspace())}),
    min_size=1,
    max_size=5,
)


@given(
    tasks=TASKS, indent=st.sampled_from([None, 0, 2]), listed=st.booleans(), ascii_=st.booleans()
)
@settings(max_examples=60)
def test_json_of_any_layout(
    tmp_path_factory: pytest.TempPathFactory,
    tasks: list[dict[str, Any]],
    indent: int | None,
    listed: bool,
    ascii_: bool,
) -> None:
    tasks = [{"text": each["text"].encode("utf-8", "replace").decode()} for each in tasks]
    dumped = [json.dumps(each, indent=indent, ensure_ascii=ascii_) for each in tasks]
    text = f" [{','.join(dumped)}]\n" if listed else "\n".join(dumped)
    path = write(tmp_path_factory.mktemp("json") / "a.json", text)
    assert good(open_source(path)) == tasks
    check_resuming(lambda: open_source(path))


def test_json_that_breaks_off_is_one_bad_row_at_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '[{"text": "a"},\n {"text": "b"},\n {"text": ]\n')
    first, second, bad = open_source(path).rows()
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert isinstance(bad, BadRow)
    assert (bad.reason, bad.start.line) == ("not-json", 2)


def test_json_elements_that_are_no_tasks_are_left_out_one_by_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '[1, {"text": "a"}, {"content": "b"}, {"text": NaN}, "x"]')
    reasons = [r.reason if isinstance(r, BadRow) else "" for r in open_source(path).rows()]
    assert reasons == ["not-object", "", "no-input", "not-finite", "not-object"]


def test_a_large_json_file_is_read_in_pieces(tmp_path: Path) -> None:
    rows = [{"text": f"número {number} " + "é" * 500} for number in range(600)]
    path = write(tmp_path / "a.json", json.dumps(rows, ensure_ascii=False))
    assert good(open_source(path)) == rows
    source = open_source(path)
    middle = list(source.rows())[299].end
    assert good(source, middle) == rows[300:]


# Many files


def make_folder(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    write(folder / "b.txt", "one\ntwo")
    write(folder / "a.jsonl", '{"text": "zero", "meta": {"file": "own"}}\n')
    write(folder / "c.txt", "Ada left.")
    write(folder / "c.ann", "T1\tPER 0 3\tAda\n")
    write(folder / "sub" / "d.txt", "three\n")
    write(folder / "empty.txt", "")
    write(folder / "notes.md", "not read")
    write(folder / ".hidden.txt", "not read")
    return folder


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data")
    tasks = good(open_source(folder))
    assert [task["text"] for task in tasks] == ["zero", "one", "two", "Ada left.", "three"]
    assert [task["meta"]["file"] for task in tasks] == ["own", "b.txt", "b.txt", "c.txt", "d.txt"]
    assert covered(tasks[3]) == [("Ada", "PER")]
    check_resuming(lambda: open_source(folder))


def test_a_pattern_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data")
    texts = [t["text"] for t in good(open_source(f"{folder}/*.txt", loader="txt"))]
    assert texts == ["one", "two", "Ada left."]
    deep = good(open_source(f"{folder}/**/d.txt"))
    assert [task["text"] for task in deep] == ["three"]
    with pytest.raises(SourceError, match="no file matches"):
        open_source(f"{folder}/*.xyz")


def test_a_folder_that_changes_is_noticed(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "data")
    source = open_source(folder)
    mark = source.fingerprint(list(source.rows())[2].end)
    write(folder / "sub" / "e.txt", "four\n")
    assert open_source(folder).compare(mark) is SourceChange.GROWN
    write(folder / "a.jsonl", '{"text": "another"}\n')
    assert open_source(folder).compare(mark) is SourceChange.CHANGED


def test_a_name_with_wildcards_that_is_a_file_is_that_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a[1].txt", "one\n")
    assert [task["text"] for task in good(open_source(path))] == ["one"]
