"""Labels that annotators add: they belong to the dataset, and every later session offers them."""

from __future__ import annotations

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.new_labels import read_new_label, widen
from tui_annotate.session.context import Opened, writing
from tui_annotate.store.database import Store
from tui_annotate.store.write_lock import Wait


class Added(NamedTuple):
    """A label that was added.

    Attributes:
        label: Its name as the dataset has it.
        offered: All labels that were added under the same setting, in their order.
        sentence: What is to be said.
    """

    label: str
    offered: tuple[str, ...]
    sentence: str


def offer_added(store: Store, job: Job, dataset_id: int) -> None:
    """Let a job offer what was added to its dataset, where it allows new labels."""
    if job.allows_new_labels:
        for each in store.dataset_labels.of(dataset_id):
            widen(job.config, each.setting, (each.label,))


def add_label(opened: Opened, setting: str, label: str, wait: Wait | None = None) -> Added:
    """Add a label to the dataset, durably; the session offers it, and what others have added.

    Args:
        opened: The session.
        setting: The key of the configuration that it adds to.
        label: Its name. Where somebody else has added it meanwhile, it is theirs.
        wait: Told for whom the transaction waits.

    Raises:
        UsageError: The job allows no new labels, or the name can be none.
        WriteConflict: The session only looks on.
        StoreError: It could not be written; nothing was added.
    """
    read = read_new_label(label, ())
    if not opened.job.allows_new_labels:
        hint = "Start it with --allow-new-labels"
        raise UsageError("this job allows no new labels", where=opened.job.dataset, hint=hint)
    if read.objection:
        raise UsageError(read.objection, where=opened.job.dataset)
    store, dataset = opened.store, opened.dataset.id
    with writing(opened, wait):
        before = len(store.dataset_labels.of(dataset))
        name = store.dataset_labels.add(dataset, setting, read.name, opened.session.annotator)
        found = store.dataset_labels.of(dataset)
    offered = tuple(each.label for each in found if each.setting == setting)
    for config in (opened.job.config, opened.ctrl.config):
        widen(config, setting, offered)
    if len(found) > before:
        return Added(name, offered, f"{name} is a new label of this dataset")
    by = next(each.annotator for each in found if (each.setting, each.label) == (setting, name))
    return Added(name, offered, f"{by} has added {name} to this dataset already")
