"""The pipelines of the tests with a model; each is trained once."""

from __future__ import annotations

import pytest

from tests.recipes import pipelines


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
