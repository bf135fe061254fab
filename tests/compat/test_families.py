"""Recipes of every family, written the way the public documentation writes them, run here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import asked, job_of, write_jsonl
from tui_annotate import compat
from tui_annotate.recipes.recipe_files import load_file

pytestmark = pytest.mark.quick

NER = """
import prodigy
from prodigy.recipes.ner import manual

@prodigy.recipe("fam.ner", dataset=("Dataset", "positional", None, str))
def ner(dataset, source="data.jsonl"):
    labels = ["TREE", "PLACE"]
    components = manual(dataset, "blank:en", source, label=labels, patterns="patterns.jsonl")
    def before_db(examples):
        return [{k: v for k, v in eg.items() if k != "tokens"} for eg in examples]
    return {**components, "before_db": before_db}
"""

TEXTCAT = """
import prodigy
from prodigy.components.loaders import JSONL
from prodigy.components.preprocess import add_label_options_to_stream

@prodigy.recipe("fam.textcat", dataset=("Dataset", "positional", None, str))
def textcat(dataset, source="data.jsonl"):
    stream = add_label_options_to_stream(JSONL(source), ["TREES", "OTHER"])
    config = {"choice_style": "single", "choice_auto_accept": True, "exclude_by": "input"}
    return {"dataset": dataset, "view_id": "choice", "stream": list(stream), "config": config}
"""

BINARY = """
import prodigy
from prodigy.components.preprocess import add_labels_to_stream
from prodigy.components.stream import get_stream

@prodigy.recipe("fam.binary", dataset=("Dataset", "positional", None, str))
def binary(dataset, source="data.jsonl"):
    stream = get_stream(source, rehash=True, dedup=True, input_key="text")
    stream.apply(add_labels_to_stream, labels=["A", "B"])
    return {"dataset": dataset, "view_id": "classification", "stream": stream}
"""

MATCH = """
import prodigy
from prodigy.components.loaders import get_stream
from prodigy.components.sorters import prefer_uncertain
from prodigy.models.matcher import PatternMatcher

@prodigy.recipe("fam.match", dataset=("Dataset", "positional", None, str))
def match(dataset, source="data.jsonl"):
    matcher = PatternMatcher(None, label_span=True, label_task=False).from_disk("patterns.jsonl")
    stream = prefer_uncertain(matcher(get_stream(source)), bias=0.3, algorithm="ema")
    return {
        "dataset": dataset, "view_id": "ner", "stream": stream, "update": matcher.update,
        "config": {"batch_size": 1, "instant_submit": True},
    }
"""

BLOCKS = """
import prodigy
from prodigy.components.loaders import JSONL
from prodigy.components.preprocess import add_tokens

@prodigy.recipe("fam.blocks", dataset=prodigy.Arg(help="Dataset"))
def blocks(dataset, source="data.jsonl"):
    blocks = [
        {"view_id": "ner_manual", "labels": ["TREE"]},
        {"view_id": "text_input", "field_id": "why", "field_label": "Why?"},
    ]
    def validate_answer(eg):
        assert "text" in eg, "there must be a text"
    return {
        "dataset": dataset, "view_id": "blocks", "stream": add_tokens(None, JSONL(source)),
        "config": {"blocks": blocks}, "validate_answer": validate_answer,
    }
"""

IMAGES = """
import prodigy
from prodigy.components.loaders import Images

@prodigy.recipe("fam.images", dataset=("Dataset", "positional", None, str))
def images(dataset, source="pictures"):
    def add(stream):
        for eg in stream:
            yield {**eg, "options": [{"id": "A", "text": "a"}, {"id": "B", "text": "b"}]}
    return {"dataset": dataset, "view_id": "choice", "stream": add(Images(source))}
"""

ROUTED = """
import prodigy
from prodigy.components.routers import route_average_per_task

@prodigy.recipe("fam.routed", dataset=("Dataset", "positional", None, str))
def routed(dataset):
    return {
        "dataset": dataset, "view_id": "html",
        "stream": ({"html": f"<b>{n}</b>"} for n in range(3)),
        "task_router": route_average_per_task(1.5),
        "progress": lambda ctrl, update_return_value: 0.5,
    }
"""

RELATIONS = """
import prodigy
from prodigy.components.loaders import JSONL
from prodigy.components.decorators import support_both_streams
from prodigy.types import StreamType

@support_both_streams(stream_arg="stream")
def prepare(stream: StreamType, label: str) -> StreamType:
    for eg in stream:
        yield {**eg, "relations": [], "meta": {"label": label}}

@prodigy.recipe("fam.relations", dataset=("Dataset", "positional", None, str))
def relations(dataset, source="data.jsonl"):
    stream = prepare(JSONL(source), label="OF")
    config = {"labels": ["OF"]}
    return {"dataset": dataset, "view_id": "relations", "stream": stream, "config": config}
"""

FAMILIES: dict[str, tuple[str, int]] = {
    "ner": (NER, 2),
    "textcat": (TEXTCAT, 2),
    "binary": (BINARY, 4),
    "match": (MATCH, 2),
    "blocks": (BLOCKS, 2),
    "images": (IMAGES, 1),
    "routed": (ROUTED, 3),
    "relations": (RELATIONS, 2),
}


@pytest.fixture(autouse=True)
def _prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    write_jsonl(tmp_path / "data.jsonl", [{"text": "An oak in Cork."}, {"text": "The oak fell."}])
    write_jsonl(tmp_path / "patterns.jsonl", [{"label": "TREE", "pattern": "oak"}])
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "oak.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    compat.install()
    yield
    compat.uninstall()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_recipe_of_every_family_runs(family: str, tmp_path: Path) -> None:
    code, count = FAMILIES[family]
    if family == "blocks" and find_spec("spacy") is None:
        pytest.skip("spaCy is not installed")
    code = code.replace("add_tokens(None, ", "add_tokens(spacy.blank('en'), ")
    code = (
        code.replace("import prodigy\n", "import prodigy, spacy\n", 1) if "spacy." in code else code
    )
    (tmp_path / "recipe.py").write_text(code)
    load_file(str(tmp_path / "recipe.py"))
    found: list[Any] = asked(job_of(f"fam.{family}", dataset="my_set"), tmp_path / "a.db")
    assert len(found) == count
    again = asked(job_of(f"fam.{family}", dataset="my_set"), tmp_path / "a.db")
    assert again == []
    if family in ("ner", "match"):
        assert all(each["spans"][0]["label"] == "TREE" for each in found)
    if family == "images":
        assert found[0]["image"].endswith("oak.png")
