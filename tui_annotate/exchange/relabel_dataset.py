"""Changes labels in a whole dataset: a preview, the change in one transaction, and its undoing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tui_annotate.store.database import Store
from tui_annotate.store.records import Dataset, StoredAnswer
from tui_annotate.store.relabel import Kind, LabelChange
from tui_annotate.task.labels import Rename, labels_of, relabel
from tui_annotate.task.stored_tokens import dumps_content, loads_content

SAMPLES = 5
_KINDS: tuple[Kind, ...] = ("waiting", "draft")


@dataclass(slots=True)
class Preview:
    """What a change would do.

    Attributes:
        before, after: How often each label stands in the answers, before and after.
        met: How often each label was met at all, in waiting tasks, drafts and options too.
        answers, waiting, draft: How many of each would change.
        added: How many labels that were added to the dataset would.
        samples: Text, label before and label after of the first few.
    """

    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    waiting: int = 0
    draft: int = 0
    added: int = 0
    samples: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How much would change in all."""
        return self.answers + self.waiting + self.draft + self.added


def preview(store: Store, dataset: Dataset, rename: Rename, *, offered: bool = True) -> Preview:
    """Return what a change would do; nothing is written. `offered` is as in `change`."""
    found = Preview()
    noting = _noting(rename, found)
    for stored in store.relabel.answers(dataset.id):
        task = loads_content(stored.record.content)
        found.before.update(labels_of(task))
        found.answers += relabel(task, noting)
        found.after.update(labels_of(task))
    for kind in _KINDS:
        count = sum(
            relabel(loads_content(content), noting)
            for _, content in store.relabel.contents(dataset.id, kind)
        )
        if kind == "waiting":
            found.waiting = count
        else:
            found.draft = count
    for label in store.dataset_labels.of(dataset.id):
        found.met[label.label] += 1
        found.added += offered and rename(label.label, "") != label.label
    return found


def change(
    store: Store, dataset: Dataset, what: str, rename: Rename, *, offered: bool = True
) -> int:
    """Change the labels of answers, waiting tasks, drafts and the dataset, in one transaction.

    Args:
        store: The database.
        dataset: Whose.
        what: The change in words, for the history.
        rename: From label and text to the new label.
        offered: Whether labels that annotators have added to the dataset change too.

    Returns:
        How many answers, waiting tasks, drafts and added labels were changed.
    """
    with store.write_txn():
        begun = store.relabel.begin(dataset.id, what)
        count = store.relabel.supersede(begun, _changed(store, dataset, rename))
        for kind in _KINDS:
            count += _rewrite(store, begun, kind, rename)
        for label in store.dataset_labels.of(dataset.id) if offered else ():
            name = rename(label.label, "")
            if name != label.label:
                store.relabel.rename_added(begun, label, name)
                count += 1
        store.relabel.end(begun)
    return count


def _changed(
    store: Store, dataset: Dataset, rename: Rename
) -> Iterator[tuple[StoredAnswer, str, str | None]]:
    for stored in store.relabel.answers(dataset.id):
        task = loads_content(stored.record.content)
        if relabel(task, rename):
            label = task.get("label")
            yield stored, dumps_content(task), label if isinstance(label, str) else None


def _rewrite(store: Store, begun: LabelChange, kind: Kind, rename: Rename) -> int:
    count = 0
    for row_id, before in store.relabel.contents(begun.dataset_id, kind):
        task = loads_content(before)
        if relabel(task, rename):
            store.relabel.rewrite(begun, kind, row_id, before, dumps_content(task))
            count += 1
    return count


def _noting(rename: Rename, found: Preview) -> Rename:
    def noting(label: str, text: str) -> str | None:
        name = rename(label, text)
        found.met[label] += 1
        if name != label and len(found.samples) < SAMPLES:
            found.samples.append((text, label, name))
        return name

    return noting
