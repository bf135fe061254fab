"""What the docs say of the loaders is what the tables have."""

from __future__ import annotations

import re

import pytest

from tests.support.environment import ROOT
from tui_annotate.errors import SourceError
from tui_annotate.sources.registry import LOADERS, find_loader
from tui_annotate.stream.store_sources import ORIGINS

pytestmark = pytest.mark.quick

DOCS = (ROOT / "docs" / "sources.md").read_text()


def test_the_docs_have_every_loader_and_what_it_does() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) ?\| (.+) \| (seeks|reads again) \|$", DOCS, re.M)
    documented = {
        name: (tuple(re.findall(r"`(\.\w+)`", endings)), text, how == "seeks")
        for name, endings, text, how in rows
    }
    expected = {
        loader.name: (
            loader.extensions,
            loader.help + (f" (`[{loader.extra}]`)" if loader.extra else ""),
            loader.seeks,
        )
        for loader in LOADERS.values()
    }
    assert documented == expected
    assert list(documented) == list(LOADERS)


def test_the_docs_have_every_origin() -> None:
    for origin in ORIGINS.values():
        assert f"| `{origin.form}` | {origin.help} |" in DOCS


def test_no_ending_belongs_to_two_loaders() -> None:
    endings = [ending for loader in LOADERS.values() for ending in loader.extensions]
    assert len(endings) == len(set(endings))


@pytest.mark.parametrize(
    ("name", "hint"), [("a.zip", "Unpack it"), ("a.xlsx", "as CSV"), ("a.arrow", "Parquet"),
                       ("a.docx", "txt-file")],
)  # fmt: skip
def test_files_that_no_loader_reads_say_what_helps(name: str, hint: str) -> None:
    with pytest.raises(SourceError) as caught:
        find_loader(name)
    assert hint in str(caught.value)
