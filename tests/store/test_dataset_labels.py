"""Labels that were added to a dataset: kept in order, each once, renamed and put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.support import World, new_world
from tests.support.engines import open_store
from tui_annotate.exchange.relabel_dataset import change
from tui_annotate.store.dataset_labels import AddedLabel
from tui_annotate.store.recover import recover

pytestmark = pytest.mark.quick


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with new_world(tmp_path / "store.db") as world:
        with world.store.write_txn():
            for at, name in enumerate(("Zeit", "Art", "Ort"), 100):
                world.store.dataset_labels.add(world.dataset.id, "labels", name, "anna", at)
        yield world


def of(world: World) -> list[AddedLabel]:
    return world.store.dataset_labels.of(world.dataset.id)


def names(world: World) -> list[str]:
    return [each.label for each in of(world)]


def test_labels_are_kept_once_in_their_order_with_who_and_when(world: World) -> None:
    with world.store.write_txn():
        labels = world.store.dataset_labels
        assert labels.add(world.dataset.id, "labels", "ZEIT", "ben", 1) == "Zeit"
        assert labels.add(world.dataset.id, "relations_span_labels", "zeit", "ben", 1) == "zeit"
    assert of(world)[0][1:] == ("labels", "Zeit", "anna", 100)
    assert [(each.setting, each.label) for each in of(world)] == [
        ("labels", "Zeit"), ("labels", "Art"), ("labels", "Ort"),
        ("relations_span_labels", "zeit"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        (["Art"], "KIND", ["Zeit", "KIND", "Ort"]),
        (["Art", "Zeit"], "Ort", ["Ort"]),
        (["Art", "Zeit"], "X", ["X", "Ort"]),
        (["Zeit"], None, ["Art", "Ort"]),
    ],
)
def test_changes_of_labels_change_what_is_offered_and_are_undone(
    old: list[str], new: str | None, after: list[str], world: World
) -> None:
    before = of(world)
    store = world.store
    assert change(store, world.dataset, "w", lambda label, _: new if label in old else label)
    assert sorted(names(world)) == sorted(after)
    with store.write_txn():
        last = store.relabel.last(world.dataset.id)
        assert last is not None
        assert store.relabel.undo(last) == (len(old), 0)
    assert of(world) == before


def test_what_was_changed_again_since_is_left(world: World) -> None:
    store = world.store
    change(store, world.dataset, "w", lambda label, _: "KIND" if label == "Art" else label)
    with store.write_txn():
        store.dataset_labels.rename(of(world)[1].id, "Sort")
        last = store.relabel.last(world.dataset.id)
        assert last is not None
        assert store.relabel.undo(last) == (0, 1)
    assert names(world) == ["Zeit", "Sort", "Ort"]


@pytest.mark.files_only
def test_they_are_recovered_and_go_with_their_dataset(world: World, tmp_path: Path) -> None:
    recover(world.store.path, tmp_path / "new.db")
    with open_store(tmp_path / "new.db") as store:
        assert store.dataset_labels.of(world.dataset.id) == of(world)
    with world.store.write_txn():
        world.store.removal.dataset(world.dataset.id)
    assert of(world) == []
