"""Labels that change over a whole dataset, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.store.support import identity, new_world
from tui_annotate.store.database import open_store
from tui_annotate.store.records import DraftKey, NewWaiting, StoredDraft
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.labels import labels_of, relabel

TASK: dict[str, Any] = {
    "text": "Ada of Bank One saw Bo",
    "label": "TOPIC",
    "spans": [
        {"start": 0, "end": 3, "label": "PER", "score": 0.5},
        {"start": 7, "end": 15, "label": "ORG"},
        {"start": 20, "end": 22, "label": "PERSON"},
    ],
    "relations": [{"head": 0, "child": 2, "label": "SAW"}],
    "options": [{"id": "A", "text": "A"}, {"id": "B", "text": "Bee"}],
    "accept": ["A", "B"],
}


def copied() -> dict[str, Any]:
    return loads_strict(json.dumps(TASK))


@pytest.mark.quick
def test_labels_are_counted_wherever_they_stand() -> None:
    assert labels_of(TASK) == dict.fromkeys(("TOPIC", "PER", "ORG", "PERSON", "SAW", "A", "B"), 1)


@pytest.mark.quick
def test_a_label_is_renamed_wherever_it_stands() -> None:
    task = copied()
    assert relabel(task, lambda label, _: f"x{label}")
    assert labels_of(task) == {f"x{label}": n for label, n in labels_of(TASK).items()}
    assert task["options"] == [{"id": "xA", "text": "xA"}, {"id": "xB", "text": "Bee"}]
    assert "score" not in task["spans"][0]
    same = copied()
    assert not relabel(same, lambda label, _: label)
    assert same == TASK


@pytest.mark.quick
def test_the_ends_of_relations_have_the_labels_of_their_spans() -> None:
    task = copied()
    head, child = task["spans"][0], task["spans"][1]
    task["relations"][0] |= {"head_span": dict(head), "child_span": dict(child)}
    names = {"PER": "HUMAN", "ORG": None}
    assert relabel(task, lambda label, _: names.get(label, label))
    [relation] = task["relations"]
    assert relation["label"] == "SAW"
    assert relation["head_span"] == head | {"label": "HUMAN"}
    assert relation["child_span"] == child | {"label": None}


@pytest.mark.quick
def test_pages_are_tasks_of_their_own() -> None:
    book: dict[str, Any] = {"pages": [copied(), {"text": "no labels"}], "answer": "accept"}
    assert labels_of(book) == labels_of(TASK)
    assert relabel(book, lambda label, _: "LAST" if label == "PERSON" else label)
    assert book["pages"][0]["spans"][2]["label"] == "LAST"
    assert not relabel(book, lambda label, _: label)


@pytest.mark.quick
def test_what_becomes_equal_becomes_one_and_what_has_no_label_goes() -> None:
    task = copied()
    task["spans"].append({"start": 0, "end": 3, "label": "X"})
    names = {"PER": "X", "B": "A", "SAW": None, "TOPIC": None}
    assert relabel(task, lambda label, _: names.get(label, label))
    assert [span["label"] for span in task["spans"]] == ["X", "ORG", "PERSON"]
    assert task["accept"] == ["A"]
    assert [option["id"] for option in task["options"]] == ["A"]
    assert task["relations"] == []
    assert task["label"] == "TOPIC"


@pytest.fixture
def store(home: Path) -> Path:
    """A store whose dataset `set` has answers, a waiting task and a draft of an old answer."""
    path = home / "data" / "tui-annotate" / "annotations.db"
    with new_world(path) as world, world.store.write_txn():
        for number in range(3):
            content = json.dumps({**TASK, "text": f"{TASK['text']} {number}"})
            answer = world.answer(identity(number), content=content, label="TOPIC")
            world.store.answers.record(answer)
        waiting = NewWaiting(world.queue, "later", identity(9), json.dumps(TASK))
        world.store.progress.waiting_add(waiting)
        key = DraftKey(world.session.id, world.cursor.key.job_id, identity(0))
        draft = StoredDraft(key, json.dumps(TASK), "{}", answer_id=1)
        world.store.progress.save_draft(draft)
    return path


def contents(path: Path) -> dict[str, Any]:
    with open_store(path) as store:
        dataset = store.admin.find_dataset("set")
        assert dataset is not None
        answers = list(store.answers.iterate(dataset.id))
        draft = store._connection.read("SELECT content, answer_id FROM drafts")[0]
        waiting = store._connection.read("SELECT content FROM waiting")[0]
        assert store.admin.check(full=True) == []
        assert draft[1] in [answer.id for answer in answers]
        return {
            "answers": {
                a.record.identity.input_hash: loads_strict(a.record.content) for a in answers
            },
            "times": {a.record.answered_at for a in answers},
            "draft": loads_strict(draft[0]),
            "waiting": loads_strict(waiting[0]),
            "history": len(list(store.answers.iterate(dataset.id, revisions=True))),
            "counts": store.answers.counts(dataset.id),
        }


def test_rename_asks_changes_everything_and_is_undone(headless: RunsHeadless, store: Path) -> None:
    before = contents(store)
    dry = headless("labels", "rename", "set", "ORG", "COMPANY", "--dry")
    assert dry.returncode == 0
    assert "3 answers, 1 waiting task and 1 draft change" in dry.stderr
    assert "  ORG: 3 -> 0" in dry.stderr
    assert "e.g. 'Bank One': ORG -> COMPANY" in dry.stderr
    assert headless("labels", "rename", "set", "ORG", "COMPANY").returncode == 2
    assert contents(store) == before

    done = headless("labels", "rename", "set", "ORG", "COMPANY", "--yes")
    assert "5 records changed" in done.stderr
    after = contents(store)
    for task in (*after["answers"].values(), after["draft"], after["waiting"]):
        assert labels_of(task)["COMPANY"] == 1
        assert labels_of(task)["ORG"] == 0
    assert after["history"] == 6
    assert after["counts"] == before["counts"]
    assert after["times"] == before["times"]

    undone = headless("labels", "undo", "set")
    assert "undone: rename ORG COMPANY; 5 put back" in undone.stderr
    again = contents(store)
    assert again | {"history": 0} == before | {"history": 0}
    assert again["history"] == 9
    assert headless("labels", "undo", "set").returncode == 1


def test_changes_are_undone_one_after_another_but_not_what_was_edited_since(
    headless: RunsHeadless, store: Path
) -> None:
    headless("labels", "merge", "set", "PER,PERSON", "HUMAN", "-y")
    headless("labels", "split", "set", "ORG", "BANK", "--match", "bank", "-y")
    found = json.loads(headless("labels", "list", "set", "--json").stdout)
    assert (found["HUMAN"], found["BANK"]) == (6, 3)
    assert "ORG" not in found
    with new_world(store) as world, world.store.write_txn():
        newest = next(iter(world.store.answers.current(world.dataset.id)))
        edited = world.answer(
            newest.record.identity, content='{"text":"edited"}', supersedes=newest.id
        )
        world.store.answers.record(edited)
    undone = headless("labels", "undo", "set")
    assert "undone: split ORG BANK --match bank; 4 put back" in undone.stderr
    assert "1 were changed again since" in undone.stderr
    assert "undone: merge" in headless("labels", "undo", "set").stderr
    found = json.loads(headless("labels", "list", "set", "--json").stdout)
    assert (found["PER"], found["PERSON"], found["ORG"]) == (2, 2, 2)


def test_delete_and_what_is_refused(headless: RunsHeadless, store: Path) -> None:
    headless("labels", "delete", "set", "ORG", "--yes")
    assert labels_of(contents(store)["waiting"])["ORG"] == 0
    used = headless("labels", "rename", "set", "PER", "PERSON", "-y")
    assert used.returncode == 2
    assert "labels merge set PER PERSON" in used.stderr
    missing = headless("labels", "rename", "set", "PERS", "X", "-y")
    assert "Did you mean 'PER" in missing.stderr
    typo = headless("labels", "merge", "set", "PER,PRESON", "X", "-y")
    assert typo.returncode == 2
    assert "no answer has the label 'PRESON'. Did you mean 'PERSON'?" in typo.stderr
    assert labels_of(contents(store)["waiting"])["X"] == 0
    wrong = headless("labels", "split", "set", "PER", "X", "--match", "(", "-y")
    assert wrong.returncode == 2


@pytest.mark.terminal
def test_a_change_is_made_after_a_yes_only(annotate: StartsTerminal, store: Path) -> None:
    terminal = annotate("labels", "rename", "set", "ORG", "COMPANY")
    terminal.wait_for("Change this? [y/N]")
    terminal.send("n\r")
    assert terminal.wait_exit() == 1
    assert labels_of(contents(store)["waiting"])["ORG"] == 1


def test_labels_that_were_added_are_listed_renamed_and_merged_along(
    headless: RunsHeadless, store: Path
) -> None:
    with new_world(store) as world, world.store.write_txn():
        for name in ("TIME", "ORG"):
            world.store.dataset_labels.add(world.dataset.id, "labels", name, "anna")
    assert json.loads(headless("labels", "list", "set", "--json").stdout)["TIME"] == 0
    taken = headless("labels", "rename", "set", "PER", "TIME", "-y")
    assert taken.returncode == 2 and "the label 'TIME' is in use" in taken.stderr
    headless("labels", "split", "set", "ORG", "BANK", "--match", ".*", "-y")
    renamed = headless("labels", "rename", "set", "TIME", "WHEN", "-y")
    assert "1 label of those that annotators have added" in renamed.stderr

    def offered(dataset: str) -> list[str]:
        with open_store(store) as opened:
            found = opened.admin.find_dataset(dataset)
            assert found is not None
            return [each.label for each in opened.dataset_labels.of(found.id)]

    assert offered("set") == ["WHEN", "ORG"]
    headless("db-merge", "set", "other")
    assert offered("other") == ["WHEN", "ORG"]
    headless("labels", "undo", "set")
    assert offered("set") == ["TIME", "ORG"]
