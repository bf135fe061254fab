"""The pipelines of the tests with a model, each trained once, and servers of language models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.recipes import pipelines
from tests.recipes.llm_jobs import TEXTS, Starts
from tests.recipes.llm_server import LlmServer
from tests.recipes.support import write_jsonl


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline with sentences, entities, spans and classes that it knows by heart."""
    pytest.importorskip("spacy", reason="recipes with a model need the extra [spacy]")
    return pipelines.trained(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def parser(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline that finds dependencies."""
    pytest.importorskip("spacy", reason="recipes with a model need the extra [spacy]")
    return pipelines.parsing(tmp_path_factory.mktemp("parser"))


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A pipeline of rules."""
    pytest.importorskip("spacy", reason="recipes with a model need the extra [spacy]")
    return pipelines.ruled(tmp_path_factory.mktemp("rules"))


@pytest.fixture
def served() -> Iterator[Starts]:
    """Start servers that speak the protocol of language models."""
    with ExitStack() as held:
        yield lambda answers: held.enter_context(LlmServer(answers))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, a store and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    write_jsonl(tmp_path / "data.jsonl", [{"text": text} for text in TEXTS])
    return tmp_path
