"""Labels that annotators have added to a dataset while they worked on it."""

from __future__ import annotations

import json
import time

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.store.connection import Connection, text

_SELECT = "SELECT rowid, setting, label, annotator, added_at FROM dataset_labels"


class AddedLabel(NamedTuple):
    """One label.

    Attributes:
        id: Grows in the order in which labels were added.
        setting: The key of the configuration that it adds to: `labels`, or
            `relations_span_labels`.
        label: Its name.
        annotator: Who added it.
        added_at: When, in seconds since 1970.
    """

    id: int
    setting: str
    label: str
    annotator: str
    added_at: int

    def as_json(self) -> str:
        """Return it as JSON without its id, for `from_json`."""
        return json.dumps([self.setting, self.label, self.annotator, self.added_at])

    @classmethod
    def from_json(cls, id_: int, kept: str) -> AddedLabel:
        """Return what `as_json` wrote."""
        setting, label, annotator, added_at = json.loads(kept)
        return cls(id_, setting, label, annotator, added_at)


class DatasetLabels:
    """The added labels of one store. What writes is called inside `store.write_txn()`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, dataset_id: int) -> list[AddedLabel]:
        """Return the labels of a dataset in the order in which they were added."""
        rows = self._connection.read(
            f"{_SELECT} WHERE dataset_id = ? ORDER BY rowid", (dataset_id,)
        )
        return [AddedLabel(*row) for row in rows]

    def add(
        self, dataset_id: int, setting: str, label: str, annotator: str, at: int | None = None
    ) -> str:
        """Add a label, unless the dataset has it, whatever the case it is written in.

        Args:
            dataset_id: Which dataset.
            setting: The key of the configuration that it adds to.
            label: Its name.
            annotator: Who adds it.
            at: When, in seconds since 1970; now if None.

        Returns:
            The name as the dataset has it now.
        """
        folded = label.casefold()
        for known in self.of(dataset_id):
            if known.setting == setting and known.label.casefold() == folded:
                return known.label
        now = int(time.time()) if at is None else at
        self._connection.write(
            "INSERT INTO dataset_labels (dataset_id, setting, label, annotator, added_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (dataset_id, text(setting), text(label), text(annotator), now),
        )
        return label

    def rename(self, id_: int, label: str) -> None:
        """Give a label another name; where the dataset has that one too, the two become one."""
        changed = self._connection.write(
            "UPDATE dataset_labels SET label = ?1 WHERE rowid = ?2 AND NOT EXISTS (SELECT 1"
            " FROM dataset_labels other WHERE other.dataset_id = dataset_labels.dataset_id"
            " AND other.setting = dataset_labels.setting AND other.label = ?1"
            " AND other.rowid <> ?2)",
            (text(label), id_),
        )
        if not changed:
            self.delete(id_)

    def delete(self, id_: int) -> None:
        """Take a label away."""
        self._connection.write("DELETE FROM dataset_labels WHERE rowid = ?", (id_,))

    def put_back(self, dataset_id: int, label: AddedLabel, after: str) -> bool:
        """Undo a change of a label, as far as nothing was changed since.

        Args:
            dataset_id: Which dataset.
            label: The label as it was.
            after: What it had become; empty where it was taken away.

        Returns:
            Whether it is as it was.
        """
        if any(each.setting == label.setting and each.label == label.label
               for each in self.of(dataset_id)):  # fmt: skip
            return False
        row = self._connection.first(f"{_SELECT} WHERE rowid = ?", (label.id,))
        if row is not None and AddedLabel(*row)._replace(label=label.label) == label:
            if row[2] == after:
                self.rename(label.id, label.label)
            return bool(row[2] == after)
        # Its place may have been given to another one; then it comes behind that.
        place, values = (", rowid", (label.id,)) if row is None else ("", ())
        self._connection.write(
            f"INSERT INTO dataset_labels (dataset_id, setting, label, annotator, added_at{place})"  # noqa: S608
            f" VALUES (?, ?, ?, ?, ?{', ?' if place else ''})",
            (dataset_id, *label[1:], *values),
        )
        return True
