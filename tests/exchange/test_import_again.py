"""What is exported is read again as a source: the same texts, spans, labels and relations."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.support import document, marks, task, tasks
from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.relation_ends import RelationEnds
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.sources.base import Row
from tui_annotate.sources.registry import open_source
from tui_annotate.sources.text_field import Fields
from tui_annotate.stream.sqlite_source import open_table
from tui_annotate.task.offsets import Unit
from tui_annotate.task.schema import Task

TABLES = ("jsonl", "json", "csv", "parquet", "hf", "sqlite")
"""Formats that hold every key of a task."""
OFFSETS = (*TABLES, "label-studio")
"""Formats that say what their offsets count."""
TEXTS = (
    "conllu", "brat", "label-studio", "doccano", "spacy", "spacy-tuples", "ner-annotator",
    "argilla", "ner-tags", "webanno", "cas-xmi", "cas-json",
)  # fmt: skip
"""Formats that hold a text exactly."""
RELATED = ("brat", "label-studio", "doccano", "webanno", "cas-xmi", "cas-json")
"""Formats that hold relations between spans."""
CHOICES = ("label-studio", "doccano", "spacy", "spacy-tuples", "argilla")
"""Formats that hold labels of a text, with spans and without."""
TAGS = ("ner-tags-parquet", "ner-tags-hf")
"""Formats of words with numbers for their tags."""
LABELLED = ("fasttext", "doccano-csv")
"""Formats of texts with their labels alone."""
WORDS = ("conll2003", "iob2", "bilou")
"""Formats of words and tags: white space between words is lost, all else is not."""
NEVER: dict[str, str] = {}
"""Formats that nothing can read back, such as one of labels alone, each with the reason."""
WITHIN = tuple(
    name
    for name, each in FORMATS.items()
    if each.overlaps and "spans" in each.holds and name not in NEVER
)
"""Formats that hold spans within and across others, and are read back."""
EXTRAS = {
    "hf": "datasets",
    "parquet": "pyarrow",
    "spacy": "spacy",
    "ner-tags-parquet": "datasets",
    "ner-tags-hf": "datasets",
    "cas-xmi": "cassis",
    "cas-json": "cassis",
}

few = settings(max_examples=12, deadline=None)


def read(name: str, documents: list[Document], unit: Unit = "codepoints") -> list[Task]:
    """Export documents and read them again, by the loader that has the format's name."""
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
    with TemporaryDirectory() as folder:
        path = Path(folder, f"out{FORMATS[name].ending}")
        if FORMATS[name].folder:
            path.mkdir()
        writer = FORMATS[name].open(path, FormatSettings(offsets=unit))
        with closing(writer):
            for each in documents:
                writer.write(each)
        if name == "sqlite":
            found = list(open_table(str(path), Fields()).rows())
        else:
            found = list(open_source(path, loader=FORMATS[name].loader or name).rows())
    assert [row for row in found if not isinstance(row, Row)] == []
    return [row.data for row in found if isinstance(row, Row)]


def again(name: str, contents: list[Task], view: str, unit: Unit = "codepoints") -> list[Task]:
    """Export tasks and read them again, in their order."""
    documents = [document(each, view, number + 1) for number, each in enumerate(contents)]
    found = read(name, documents, unit)
    by_text = {each["text"]: each for each in found}
    assert len(found) == len(by_text) == len(contents)
    # brat's files are named by keys, so their order is another one.
    return [by_text[each["text"]] for each in contents] if name not in WORDS else found


def arcs(content: Task) -> list[tuple[Any, ...]]:
    """Return each relation as its label and the places of its ends."""
    found = []
    for each in content["relations"]:
        places = [(each[end]["start"], each[end]["end"]) for end in ("head_span", "child_span")]
        found.append((each["label"], *places))
    return sorted(found)


def words(content: Task) -> list[tuple[str, list[str]]]:
    """Return each span as its label and its words."""
    text = content["text"]
    tokens = [(each["start"], each["end"]) for each in content["tokens"]]
    return [
        (label, [text[s:e] for s, e in tokens if start <= s and e <= end])
        for start, end, label in marks(content)
    ]


def several(strategy: st.SearchStrategy[Task]) -> st.SearchStrategy[list[Task]]:
    return st.lists(strategy, min_size=1, max_size=3, unique_by=lambda each: str(each["text"]))


META = st.fixed_dictionaries(
    {}, optional={"id": st.integers(), "text": st.just("x"), "名": st.just("👍"), "a": st.just([1])}
)


@st.composite
def with_meta(draw: st.DrawFn) -> Task:
    return {**draw(tasks()), "meta": draw(META)}


@st.composite
def with_choices(draw: st.DrawFn) -> Task:
    """Tasks of which options were chosen, or none."""
    ids = draw(st.lists(st.sampled_from(("NEWS", "地名", "a b", "1")), min_size=1, unique=True))
    chosen = [each for each in ids if draw(st.booleans())]
    found = {key: value for key, value in draw(tasks()).items() if key != "spans"}
    return {**found, "options": [{"id": each, "text": each} for each in ids], "accept": chosen}


@st.composite
def with_relations(draw: st.DrawFn) -> Task:
    """Tasks with relations between their spans."""
    found = draw(tasks())
    spans = found["spans"]
    pairs = st.tuples(st.sampled_from(spans), st.sampled_from(spans)) if spans else st.nothing()
    links = draw(st.lists(pairs, max_size=3)) if spans else []
    return {
        **found,
        "relations": [
            {"head": head["token_end"], "child": child["token_end"], "head_span": head,
             "child_span": child, "label": f"R{number}"}
            for number, (head, child) in enumerate(links)
        ],
    }  # fmt: skip


@st.composite
def with_spans_across_others(draw: st.DrawFn) -> Task:
    """Tasks with spans that lie within and across others, some of several pieces, some with
    attributes."""
    found = draw(tasks())
    tokens = found["tokens"]
    numbers = st.integers(0, len(tokens) - 1)
    spans: dict[tuple[int, int, str], dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 4))):
        first, last = sorted((draw(numbers), draw(numbers)))
        start, end = tokens[first]["start"], tokens[last]["end"]
        label = draw(st.sampled_from(("PER", "x-y", "名")))
        span: dict[str, Any] = {"start": start, "end": end, "label": label}
        span |= {"token_start": first, "token_end": last}
        if last - first > 1 and draw(st.booleans()):
            ends = (tokens[first], tokens[last])
            span["pieces"] = [[each["start"], each["end"]] for each in ends]
        if draw(st.booleans()):
            values = st.sampled_from(("no", "a b", "x|y", "3", "_", "*", "[1]", "👍", "a;b:c\\n"))
            names = st.sampled_from(("sure", "Art"))
            span["attributes"] = draw(st.dictionaries(names, values, min_size=1))
        spans[span["start"], span["end"], span["label"]] = span
    return {**found, "spans": [*spans.values()]}


@pytest.mark.filterwarnings("default")
@few
@given(several(with_spans_across_others()))
@pytest.mark.parametrize("name", WITHIN)
def test_spans_across_others_come_back_with_what_their_format_keeps(
    name: str, contents: list[Task]
) -> None:
    kept = [
        key for key, kind in (("pieces", "discontinuous"), ("attributes", "attributes"))
        if kind in FORMATS[name].keeps
    ]  # fmt: skip

    def known(content: Task) -> list[tuple[Any, ...]]:
        listed = [
            (
                each["start"],
                each["end"],
                each["label"],
                *(json.dumps(each.get(key), sort_keys=True) for key in kept),
            )
            for each in content["spans"]
        ]
        return sorted(listed)

    found = again(name, contents, "spans_manual")
    assert [known(each) for each in found] == [known(each) for each in contents]


def test_every_format_is_read_again() -> None:
    listed = {*TABLES, *TEXTS, *TAGS, *LABELLED, *WORDS, *NEVER}
    wrong = ", ".join(sorted(listed ^ set(FORMATS)))
    assert not wrong, (
        f"a list above has each format by what it can hold, or `NEVER` has it: {wrong}"
    )


@pytest.mark.filterwarnings("default")
@few
@given(several(st.one_of(with_meta(), with_choices(), with_relations())))
@pytest.mark.parametrize("name", TABLES)
def test_tables_give_back_every_key(name: str, contents: list[Task]) -> None:
    # Without a view nothing says what was asked, so that all that is there counts.
    found = again(name, contents, "")
    for each, original in zip(found, contents, strict=True):
        assert {key: each.get(key) for key in original} == original


@pytest.mark.filterwarnings("default")
@few
@given(several(tasks()))
@pytest.mark.parametrize("unit", ["utf8", "utf16"])
@pytest.mark.parametrize("name", OFFSETS)
def test_offsets_in_other_units_are_read_as_what_they_count(
    name: str, unit: Unit, contents: list[Task]
) -> None:
    found = again(name, contents, "ner_manual", unit)
    assert [marks(each) for each in found] == [marks(each) for each in contents]
    assert all("offset_unit" not in each or each["offset_unit"] == "codepoints" for each in found)


@pytest.mark.parametrize("unit", ["utf8", "utf16"])
@pytest.mark.parametrize("name", OFFSETS)
def test_offsets_that_cover_the_same_words_in_two_units_are_read_in_theirs(
    name: str, unit: Unit
) -> None:
    # In UTF-16 the first word begins where code points have the second, and so it is in UTF-8
    # with other words before it.
    before = "\U0001f600" * 3 if unit == "utf16" else "\xe9\xe9\xe9"
    text = f"{before} ab ab"
    content: Task = {"text": text, "spans": [{"start": 4, "end": 6, "label": "A"}]}
    assert text[7:9] == text[4:6]
    (found,) = again(name, [content], "ner_manual", unit)
    assert marks(found) == [(4, 6, "A")]


@pytest.mark.filterwarnings("default")
@few
@given(several(with_meta()))
@pytest.mark.parametrize("name", TEXTS)
def test_texts_and_spans_come_back(name: str, contents: list[Task]) -> None:
    found = again(name, contents, "ner_manual")
    assert [marks(each) for each in found] == [marks(each) for each in contents]
    assert not any("accept" in each for each in found)
    if name in ("conllu", "label-studio", "doccano"):
        for each, original in zip(found, contents, strict=True):
            assert {key: each.get("meta", {})[key] for key in original["meta"]} == original["meta"]


@pytest.mark.filterwarnings("default")
@few
@given(several(with_choices()))
@pytest.mark.parametrize("name", CHOICES)
def test_choices_come_back(name: str, contents: list[Task]) -> None:
    found = again(name, contents, "choice")
    assert [each["accept"] for each in found] == [each["accept"] for each in contents]
    assert not any("spans" in each for each in found)


@few
@given(several(with_choices()), st.data())
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ["conllu", *CHOICES])
def test_spans_and_choices_of_one_text_come_back(
    name: str, contents: list[Task], data: st.DataObject
) -> None:
    both = [{**each, "spans": []} for each in contents]
    for each in both:
        if data.draw(st.booleans()):
            first = each["tokens"][0]
            each["spans"] = [{"start": first["start"], "end": first["end"], "label": "X"}]
    found = again(name, both, "")
    assert [each["accept"] for each in found] == [each["accept"] for each in both]
    assert [marks(each) for each in found] == [marks(each) for each in both]


@few
@given(several(with_relations()))
@pytest.mark.parametrize(
    "name", ["brat", "label-studio", "doccano", "webanno", "cas-xmi", "cas-json"]
)
def test_relations_come_back(name: str, contents: list[Task]) -> None:
    found = again(name, contents, "relations")
    for each, original in zip(found, contents, strict=True):
        assert marks(each) == marks(original)
        assert arcs({"relations": [], **each}) == arcs(original)
        # They count by the tokens that came with them, so they can be exported once more.
        whole = RelationEnds(document(each, "relations"))
        for relation in each.get("relations") or ():
            bare = {key: relation[key] for key in ("head", "child", "label")}
            assert whole.of(bare) == whole.of(relation)


@few
@given(several(tasks()))
@pytest.mark.parametrize("name", WORDS)
def test_words_and_spans_come_back(name: str, contents: list[Task]) -> None:
    documents = [document(each, number=number + 1) for number, each in enumerate(contents)]
    found = read(name, documents)
    assert [[t["text"] for t in each["tokens"]] for each in found] == [
        [t["text"] for t in each["tokens"]] for each in contents
    ]
    assert [words({**each, "spans": each.get("spans") or []}) for each in found] == [
        words(each) for each in contents
    ]


@pytest.mark.parametrize("name", ["csv", "sqlite"])
def test_spans_without_tokens_stay_so(name: str) -> None:
    content = task("Acme left", (0, 2, "X"), tokens=False)
    assert again(name, [content], "ner_manual")[0]["spans"] == content["spans"]


def test_what_several_answers_came_to_is_read_as_that() -> None:
    content = task("Acme left", (0, 4, "ORG"))
    merged = {**content, "cats": {"NEWS": True, "SPORT": False}, "_annotators": ["a", "b"]}
    for name in ("jsonl", "csv", "sqlite"):
        (found,) = again(name, [merged], "")
        layers = document(found, "").layers
        assert (layers.cats, len(layers.spans or ())) == (merged["cats"], 1)


@pytest.mark.parametrize("name", ["jsonl", "csv", "sqlite"])
def test_spans_and_tokens_keep_what_has_no_column(name: str) -> None:
    content = task("Acme left", (0, 4, "ORG"))
    content["spans"][0]["source"] = "patterns"
    content["spans"].append({"start": 5, "end": 7, "label": "X"})
    content["tokens"][0]["pos"] = "PROPN"
    (found,) = again(name, [content], "ner_manual")
    assert (found["spans"], found["tokens"]) == (content["spans"], content["tokens"])


LINES = st.lists(st.sampled_from(("naïve", "👍🏽", "#", "a\u0301", "東京", ",", '"')), min_size=1)


@few
@given(st.lists(LINES.map(" ".join), min_size=1, max_size=4, unique=True), st.data())
@pytest.mark.parametrize("name", LABELLED)
def test_texts_with_labels_come_back(name: str, texts: list[str], data: st.DataObject) -> None:
    ids = ("NEWS", "地名", "B")
    contents: list[Task] = [
        {
            "text": text,
            "options": [{"id": each, "text": each} for each in ids],
            "accept": data.draw(st.lists(st.sampled_from(ids), unique=True)),
        }
        for text in texts
    ]
    found = again(name, contents, "choice")
    for each, original in zip(found, contents, strict=True):
        assert sorted(each["accept"]) == sorted(original["accept"])


@pytest.mark.filterwarnings("default")
@settings(max_examples=5, deadline=None)
@given(several(tasks()))
@pytest.mark.parametrize("name", TAGS)
def test_texts_come_back_where_tags_are_numbers(name: str, contents: list[Task]) -> None:
    found = again(name, contents, "ner_manual")
    assert [marks(each) for each in found] == [marks(each) for each in contents]


@pytest.mark.parametrize("name", TAGS)
def test_tags_are_classes_with_names(name: str, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    contents = [task("Acme  of Bonn", (0, 4, "ORG"), (9, 13, "LOC")), task("no # 👍")]
    assert [marks(each) for each in again(name, contents, "ner_manual")] == [
        marks(each) for each in contents
    ]
    path = tmp_path / "out"
    path.mkdir()
    writer = FORMATS["ner-tags-hf"].open(path, FormatSettings())
    for each in contents:
        writer.write(document(each))
    writer.close()
    data = datasets.load_from_disk(str(path))
    names = data.features["ner_tags"].feature.names
    assert names == ["O", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
    assert data[0]["ner_tags"] == [1, 0, 3]


def test_a_line_refuses_what_it_cannot_hold() -> None:
    for text, label in (("a\nb", "X"), ("__label__x b", "X"), ("a", "X Y")):
        content = {"text": text, "options": [{"id": label}], "accept": [label]}
        with pytest.raises(TaskError):
            read("fasttext", [document(content, "choice")])


@pytest.mark.parametrize(
    "name", ["webanno", "cas-xmi", "cas-json", "ner-tags", "ner-tags-parquet", "ner-tags-hf"]
)
def test_tokens_with_blanks_and_labels_with_marks_come_back(name: str) -> None:
    text = "in New York # \u0301x\r\nAda"
    places = [(0, 2), (3, 11), (12, 13), (14, 16), (18, 21)]
    labels = ["LOC", "H_#", "X|Y"]
    content: Task = {
        "text": text,
        "tokens": [
            {"text": text[start:end], "start": start, "end": end, "id": number, "ws": True}
            for number, (start, end) in enumerate(places)
        ],
        "spans": [
            {"start": start, "end": end, "label": label}
            for (start, end), label in zip([(3, 11), (12, 13), (14, 21)], labels, strict=True)
        ],
    }
    (found,) = read(name, [document(content)])
    assert found["text"] == text
    assert marks(found) == marks(content)
    assert [each["text"] for each in found["tokens"]] == [text[a:b] for a, b in places]


@st.composite
def overlapping(draw: st.DrawFn) -> Task:
    """Tasks with spans within and across others, each between the ends of tokens."""
    content = draw(tasks())
    tokens = content["tokens"]
    places = st.tuples(st.integers(0, len(tokens) - 1), st.integers(0, len(tokens) - 1))
    spans = [
        {
            "start": tokens[min(pair)]["start"], "end": tokens[max(pair)]["end"],
            "token_start": min(pair), "token_end": max(pair), "label": label,
        }
        for pair, label in draw(
            st.lists(st.tuples(places, st.sampled_from(("A", "地名"))), max_size=5, unique=True)
        )
    ]  # fmt: skip
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for span in spans:
        seen.setdefault((span["start"], span["end"], span["label"]), span)
    return {**content, "spans": list(seen.values())}


@pytest.mark.filterwarnings("default")
@few
@given(several(overlapping()))
@pytest.mark.parametrize(
    "name",
    [name for name in WITHIN if name not in ("sqlite", "hf", "parquet")],
)
def test_spans_across_others_come_back(name: str, contents: list[Task]) -> None:
    found = again(name, contents, "spans_manual")
    assert [sorted(marks(each)) for each in found] == [sorted(marks(each)) for each in contents]
