"""The programs that our files are for read them: where they are installed."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from tests.exchange.support import document, marks, task, tasks
from tui_annotate.exchange.conllu import sentence
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.registry import FORMATS
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.task.schema import Task

frugal = settings(max_examples=50)

EXAMPLES = [
    task("Acme of  Berlin\nleft 👍🏽 東京.", (0, 4, "ORG"), (9, 15, "LOC"), (24, 26, "LOC")),
    task("  nothing "),
    task("naïve 𝒳", (0, 7, "X")),
]


def write(name: str, path: Path, documents: list[Document], **options: Any) -> None:
    writer = FORMATS[name].open(path, FormatSettings(**options))
    for each in documents:
        writer.write(each)
    writer.close()


@frugal
@given(tasks())
def test_spacy_gives_back_text_and_spans(content: Task) -> None:
    spacy = pytest.importorskip("spacy")
    from tui_annotate.exchange.spacy import make_doc

    vocab = spacy.blank("xx").vocab
    doc = make_doc(vocab, document(content), None)
    assert doc.text == content["text"]
    assert [(e.start_char, e.end_char, e.label_) for e in doc.ents] == marks(content)
    grouped = make_doc(vocab, document(content), "sc")
    assert [(s.start_char, s.end_char, s.label_) for s in grouped.spans["sc"]] == marks(content)


def test_spacy_reads_the_file(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    path = tmp_path / "out.spacy"
    write("spacy", path, [document(each) for each in EXAMPLES])
    docs = list(
        pytest.importorskip("spacy.tokens")
        .DocBin()
        .from_disk(path)
        .get_docs(spacy.blank("en").vocab)
    )
    assert [doc.text for doc in docs] == [each["text"] for each in EXAMPLES]
    found = [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in docs]
    assert found == [marks(each) for each in EXAMPLES]


def test_what_nobody_was_asked_is_missing_in_spacy() -> None:
    spacy = pytest.importorskip("spacy")
    from tui_annotate.exchange.spacy import make_doc

    one = document(task("Acme of Berlin", (0, 4, "ORG")), view="ner")
    doc = make_doc(spacy.blank("en").vocab, one, None)
    assert [token.ent_iob for token in doc] == [3, 0, 0]


@frugal
@given(tasks())
def test_the_conllu_library_reads_the_words_and_tags(content: Task) -> None:
    conllu = pytest.importorskip("conllu")
    (found,) = conllu.parse(sentence(document(content)))
    assert [each["form"] for each in found] == [each["text"] for each in content["tokens"]]
    begun = sum(((each["misc"] or {}).get("NE") or "O").startswith("B-") for each in found)
    assert begun == len(content["spans"])
    if "text" in found.metadata:
        assert found.metadata["text"] == content["text"].strip()
    else:
        assert json.loads(found.metadata["text_json"]) == content["text"]


def test_pyarrow_reads_the_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    write("parquet", path, [document(each) for each in EXAMPLES])
    rows = parquet.read_table(path).to_pylist()
    assert [row["text"] for row in rows] == [each["text"] for each in EXAMPLES]
    assert [marks(row) for row in rows] == [marks(each) for each in EXAMPLES]
    assert [row["tokens"] for row in rows] == [each["tokens"] for each in EXAMPLES]


@pytest.mark.filterwarnings("default")
def test_datasets_loads_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    path = tmp_path / "out"
    path.mkdir()
    write("hf", path, [document(each) for each in EXAMPLES])
    found = datasets.load_from_disk(str(path))
    assert [marks({"spans": each}) for each in found["spans"]] == [marks(e) for e in EXAMPLES]


@pytest.mark.filterwarnings("default")
def test_datasets_loads_a_split(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    parts = ("train", "dev", "test")
    for part in parts:
        (tmp_path / part).mkdir()
    written = {"train": EXAMPLES[:2], "dev": [], "test": EXAMPLES[2:]}
    for part in parts:
        write("hf", tmp_path / part, [document(e) for e in written[part]], parts=parts)
    found = datasets.load_from_disk(str(tmp_path))
    assert {part: len(rows) for part, rows in found.items()} == {"train": 2, "test": 1}


CONFIG = """<View>
  <Labels name="label" toName="text">
    <Label value="ORG"/><Label value="LOC"/><Label value="X"/>
  </Labels>
  <Text name="text" value="$text"/>
</View>"""


@pytest.mark.filterwarnings("default")
def test_label_studios_converter_reads_the_list(tmp_path: Path) -> None:
    converter = pytest.importorskip("label_studio_sdk.converter")
    source = tmp_path / "in.json"
    write("label-studio", source, [document(each) for each in EXAMPLES])
    converter.Converter(CONFIG, str(tmp_path)).convert_to_json_min(
        str(source), str(tmp_path / "min"), is_dir=False
    )
    (file,) = (tmp_path / "min").iterdir()
    found = json.loads(file.read_text())
    assert [each["text"] for each in found] == [each["text"] for each in EXAMPLES]
    spans = [
        [(s["start"], s["end"], s["labels"][0]) for s in each.get("label", [])] for each in found
    ]
    assert spans == [marks(each) for each in EXAMPLES]


@pytest.mark.filterwarnings("default")
@settings(max_examples=5, deadline=None)
@given(tasks())
def test_label_studios_converter_reads_any_task(content: Task) -> None:
    converter = pytest.importorskip("label_studio_sdk.converter")
    with TemporaryDirectory() as folder:
        source = Path(folder, "in.json")
        write("label-studio", source, [document(content)])
        config = CONFIG.replace('"X"', '"X"/><Label value="PER"/><Label value="地名"')
        converter.Converter(config, folder).convert_to_json_min(
            str(source), f"{folder}/min", is_dir=False
        )
        (file,) = Path(folder, "min").iterdir()
        (found,) = json.loads(file.read_text())
    spans = [(s["start"], s["end"], s["labels"][0]) for s in found.get("label", [])]
    assert (found["text"], sorted(spans)) == (content["text"], sorted(marks(content)))


@pytest.mark.parametrize("name", ["cas-xmi", "cas-json"])
@settings(max_examples=10, deadline=None)
@given(tasks())
def test_cassis_reads_text_and_spans(name: str, content: Task) -> None:
    cassis = pytest.importorskip("cassis")
    with TemporaryDirectory() as folder:
        write(name, Path(folder), [document(content)])
        ending = "*.xmi" if name == "cas-xmi" else "*.json"
        (file,) = Path(folder).glob(ending)
        if name == "cas-xmi":
            types = cassis.load_typesystem(Path(folder, "TypeSystem.xml").read_text("utf-8"))
            cas = cassis.load_cas_from_xmi(file.read_text("utf-8"), typesystem=types)
        else:
            cas = cassis.load_cas_from_json(file.read_text("utf-8"))
    assert cas.sofa_string == content["text"]
    found = [(each.begin, each.end, each.label) for each in cas.select("webanno.custom.Span")]
    assert sorted(found) == sorted(marks(content))
