"""UIMA CAS as INCEpTION exports it, made by dkpro-cassis."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.support import document
from tui_annotate.exchange.cas import CasWriter
from tui_annotate.sources.base import BadRow, Row, told_of
from tui_annotate.sources.registry import open_source

cassis = pytest.importorskip("cassis")

TEXT = "👍 Ada met\r\nBo."


def made() -> tuple[Any, Any]:
    system = cassis.TypeSystem()
    annotation = "uima.tcas.Annotation"
    entity = system.create_type("de.x.NamedEntity", supertypeName=annotation)
    system.create_feature(entity, "value", "uima.cas.String")
    system.create_feature(entity, "identifier", "uima.cas.String")
    lemma = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Lemma"
    system.create_feature(
        system.create_type(lemma, supertypeName=annotation), "value", "uima.cas.String"
    )
    relation = system.create_type("custom.Knows", supertypeName=annotation)
    system.create_feature(relation, "Governor", entity)
    system.create_feature(relation, "Dependent", entity)
    cas = cassis.Cas(system)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    ada = system.get_type("de.x.NamedEntity")(begin=2, end=5, value="PER", identifier="Q1")
    bo = system.get_type("de.x.NamedEntity")(begin=11, end=13, value="PER")
    cas.add_all([ada, bo, system.get_type(lemma)(begin=6, end=9, value="meet")])
    cas.add(system.get_type("custom.Knows")(begin=11, end=13, Governor=ada, Dependent=bo))
    return cas, system


def check(row: Row | BadRow) -> None:
    assert isinstance(row, Row), row
    task = row.data
    assert task["text"] == TEXT
    assert [(TEXT[s["start"] : s["end"]], s["label"]) for s in task["spans"]] == [
        ("Ada", "PER"), ("Bo", "PER"),
    ]  # fmt: skip
    assert task["spans"][0]["attributes"] == {"identifier": "Q1"}
    assert [each["label"] for each in task["relations"]] == ["Knows"]
    assert any("Lemma are left out" in each for each in row.notices)


def test_annotations_without_a_layer_are_spans(tmp_path: Path) -> None:
    cas = cassis.Cas()
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    cas.add(cas.typesystem.get_type("uima.tcas.Annotation")(begin=2, end=5))
    cas.to_json(tmp_path / "a.json")
    (row,) = open_source(tmp_path / "a.json").rows()
    (span,) = row.data["spans"]  # type: ignore[union-attr]
    assert (TEXT[span["start"] : span["end"]], span["label"]) == ("Ada", "Annotation")


def test_json_xmi_and_a_zip(tmp_path: Path) -> None:
    cas, system = made()
    cas.to_json(tmp_path / "a.json")
    source = open_source(tmp_path / "a.json")
    assert "read as uima-cas" in told_of(source)
    check(*source.rows())
    (row,) = open_source(tmp_path / "a.json", tag_column="Lemma").rows()
    assert isinstance(row, Row)
    assert [each["label"] for each in row.data["spans"]] == ["meet"]
    folder = tmp_path / "x"
    folder.mkdir()
    cas.to_xmi(folder / "a.xmi")
    (bad,) = open_source(folder / "a.xmi").rows()
    assert isinstance(bad, BadRow)
    assert "TypeSystem.xml" in bad.detail
    system.to_xml(folder / "TypeSystem.xml")
    check(*open_source(folder / "a.xmi").rows())
    check(*open_source(folder).rows())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(folder / "a.xmi", "anna.xmi")
        archive.write(folder / "TypeSystem.xml", "TypeSystem.xml")
    check(*open_source(tmp_path / "a.zip", loader="uima-cas").rows())


@pytest.mark.parametrize("kind", ["xmi", "json"])
def test_a_long_document_is_written_and_read_without_comparing_all_with_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    words = ["Ada", "met", "Bo", "in", "Cork", "."] * 250
    starts = [sum(len(each) + 1 for each in words[:6]) * (n // 6) for n in range(0, 1500, 6)]
    spans = [{"start": at, "end": at + 3, "label": "PER"} for at in starts]
    links = [
        {"head_span": one, "child_span": other, "head": 0, "child": 0, "label": "then"}
        for one, other in pairwise(spans)
    ]
    task = {"text": " ".join(words), "spans": spans, "relations": links}
    writer = CasWriter(tmp_path, kind)
    writer.write(document(task, "relations"))
    writer.close()

    def compared(one: object, other: object) -> bool:
        raise AssertionError("feature structures compare all that they hold and refer to")

    monkeypatch.setattr(cassis.typesystem.FeatureStructure, "__eq__", compared)
    (path,) = tmp_path.glob(f"[0-9a-f]*.{kind}")
    (row,) = open_source(path).rows()
    assert isinstance(row, Row), row
    assert [(s["start"], s["end"], s["label"]) for s in row.data["spans"]] == [
        (at, at + 3, "PER") for at in starts
    ]
    assert len(row.data["relations"]) == len(starts) - 1


@pytest.mark.parametrize("where", ["a.xmi", "TypeSystem.xml"])
def test_entities_are_refused(tmp_path: Path, where: str) -> None:
    cas, system = made()
    cas.to_xmi(tmp_path / "a.xmi")
    system.to_xml(tmp_path / "TypeSystem.xml")
    file = tmp_path / where
    text = file.read_text().split("?>", 1)[1]
    file.write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + text)
    (row,) = open_source(tmp_path / "a.xmi").rows()
    assert isinstance(row, BadRow)
    assert row.reason == "bad-xml"


@pytest.mark.parametrize("layer", ["custom.Follows", "Dependency"])
def test_relations_between_tokens(tmp_path: Path, layer: str) -> None:
    system = cassis.TypeSystem()
    annotation = "uima.tcas.Annotation"
    segmentation = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
    token = system.create_type(f"{segmentation}.Token", supertypeName=annotation)
    syntax = "de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency"
    name = syntax if layer == "Dependency" else layer
    relation = system.create_type(name, supertypeName=annotation)
    for feature, kind in (("Governor", token), ("Dependent", token), ("value", "uima.cas.String")):
        system.create_feature(relation, feature, kind)
    cas = cassis.Cas(system)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    made_of = system.get_type(f"{segmentation}.Token")
    words = [made_of(begin=a, end=b) for a, b in ((0, 1), (2, 5), (6, 9), (11, 13), (13, 14))]
    cas.add_all(words)
    between = system.get_type(name)
    cas.add(between(begin=2, end=5, Governor=words[2], Dependent=words[1], value="subj"))
    cas.add(between(begin=6, end=9, Governor=words[2], Dependent=words[2], value="root"))
    cas.to_json(tmp_path / "a.json")
    asked = "Dependency" if layer == "Dependency" else None
    (row,) = open_source(tmp_path / "a.json", tag_column=asked).rows()
    assert isinstance(row, Row), row
    (found,) = row.data["relations"]
    assert (found["head"], found["child"], found["label"]) == (2, 1, "subj")
    assert found["head_span"] == {
        "start": 6, "end": 9, "token_start": 2, "token_end": 2, "label": None,
    }  # fmt: skip
    assert [each["text"] for each in row.data["tokens"]] == ["👍", "Ada", "met", "Bo", "."]
    assert row.notices == ("1 relation of a token with itself is left out",)
