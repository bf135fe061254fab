"""What is not asked, and what a recipe promises about the order of its tasks."""

from __future__ import annotations

from typing import Literal

from tui_annotate.fast_namedtuple import NamedTuple

ExcludeBy = Literal["task", "input"]


class Policy(NamedTuple):
    """How a ledger treats rows and tasks.

    Attributes:
        exclude_by: Whether two tasks count as the same by their question (`task`) or already by
            their input. By `input` suits recipes that ask one task of each input.
        auto_exclude: Do not ask what this dataset has already.
        keep_duplicates: Ask equal rows of the source each time they occur.
        ordered: The recipe yields tasks in the order of their rows, so a row without a task is
            known to be filtered as soon as a later row has given one. Otherwise that is known
            at the end of the stream only, and the cursor waits for it.
        scattered: The recipe may yield tasks of a row after tasks of other rows, so no row is done
            before the end of the stream. Otherwise the tasks of a row come together.
        strict: Stop at the first bad row.
        rehash: Take hashes that rows carry anew.
    """

    exclude_by: ExcludeBy = "task"
    auto_exclude: bool = True
    keep_duplicates: bool = False
    ordered: bool = False
    scattered: bool = False
    strict: bool = False
    rehash: bool = False
