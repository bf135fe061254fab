"""A store with answers in it, and documents that hypothesis makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tui_annotate.exchange.annotation_layers import read_layers
from tui_annotate.exchange.document import Answer, Document, Version
from tui_annotate.store.database import Store, open_store
from tui_annotate.store.records import Dataset, NewAnswer, StoredAnswer
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Decision, Task
from tui_annotate.task.tokenize import tokenize

NOON = 1_700_000_000


def task(text: str, *spans: tuple[int, int, str], tokens: bool = True, **rest: Any) -> Task:
    """Return a task with spans (start, end, label) and the built-in tokenizer's tokens."""
    found = tokenize(text)
    dicts = []
    for start, end, label in spans:
        ends = found.covering(start, end) if tokens else None
        places = {"token_start": ends[0], "token_end": ends[1]} if ends else {}
        dicts.append({"start": start, "end": end, **places, "label": label})
    with_tokens = {"tokens": found.to_dicts(text)} if tokens else {}
    return {"text": text, **with_tokens, "spans": dicts, **rest}


class World:
    """A store to which answers are added.

    Args:
        store: An open store.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def dataset(self, name: str = "set") -> Dataset:
        """Return a dataset, made where it is missing."""
        with self.store.write_txn():
            return self.store.admin.dataset(name)

    def answer(
        self,
        content: Task,
        decision: Decision = "accept",
        *,
        who: str = "anna",
        view: str = "ner_manual",
        at: int = NOON,
        dataset: str = "set",
        supersedes: int | None = None,
        row: int | None = None,
    ) -> int:
        """Record an answer and return its id."""
        store = self.store
        with store.write_txn():
            found = store.admin.dataset(dataset)
            session = store.admin.session(found.id, f"{dataset}-{who}", who)
            question = {key: value for key, value in content.items() if key != "spans"}
            record = NewAnswer(
                found.id, session.id, identify(question), dumps(content), decision, view, at,
                supersedes=supersedes, row=row,
            )  # fmt: skip
            return store.answers.record(record)


@contextmanager
def new_world(path: Path) -> Iterator[World]:
    """Open a store of its own."""
    with open_store(path) as store:
        yield World(store)


def document(content: Task, view: str = "ner_manual", number: int = 1) -> Document:
    """Return an accepted task as the document that is written."""
    identity = identify(dict(content))
    record = NewAnswer(1, 1, identity, dumps(content), "accept", view, NOON, row=number)
    answer = Answer(StoredAnswer(number, record, "set-anna", "anna"), content, "set")
    layers = read_layers(answer)
    assert not isinstance(layers, str)
    return Document(content["text"], layers, (answer,), (Version("anna", layers),))


LABELS = ("PERSON", "ORG", "地名", "X-Y")

PIECES = (
    "Acme", "von", "Berlin", "3.5", "U.S.", "naïve", "東京", "日本語", "한국", "שלום", "مرحبا",
    "👍🏽",     "👩‍👩‍👧", "é", "𝒳", "don't", ",", ".", "#", "-", "\"", "O",
)  # fmt: skip
GAPS = (" ", " ", " ", "", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000")


@st.composite
def texts(draw: st.DrawFn, gaps: Sequence[str] = GAPS) -> str:
    """Texts in many scripts that have at least one token."""
    words = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
    return "".join(word + draw(st.sampled_from(gaps)) for word in words)


@st.composite
def tasks(draw: st.DrawFn, gaps: Sequence[str] = GAPS) -> Task:
    """Tasks with spans on tokens that do not overlap."""
    text = draw(texts(gaps))
    tokens = tokenize(text)
    cuts = sorted(draw(st.sets(st.integers(0, len(tokens)), max_size=6)))
    spans = [
        (tokens.starts[first], tokens.ends[last - 1], draw(st.sampled_from(LABELS)))
        for first, last in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return task(text, *spans)


def marks(content: Task) -> list[tuple[int, int, str]]:
    """Return a task's spans as start, end and label."""
    return [(each["start"], each["end"], each["label"]) for each in content["spans"]]
