"""What is remembered of earlier sessions: the choices of an annotator, and the jobs that were
opened last.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tui_annotate.data_paths import state_folder
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.private_file import read_private, remove_unfinished, write_private

FACES = ("screen", "plain")
"""What an annotator can work on, as the preference `face` has it."""


class Preferences:
    """The choices of one annotator, in one file for all annotators of a user.

    Remembering is a convenience: a file that cannot be read or written is passed over.

    Args:
        annotator: Whose.
        folder: Where the file lies; the state folder if not given.
    """

    def __init__(self, annotator: str, folder: Path | None = None) -> None:
        self._annotator = annotator
        self._file = (folder or state_folder()) / "preferences.json"

    def get(self, name: str, allowed: Sequence[str] | None = None) -> str | None:
        """Return a choice, None where there is none or it is not among those allowed."""
        value = self._mine(self._read()).get(name)
        known = isinstance(value, str) and (allowed is None or value in allowed)
        return value if isinstance(value, str) and known else None

    def set(self, name: str, value: str) -> None:
        """Remember a choice."""
        everything = self._read()
        everything[self._annotator] = {**self._mine(everything), name: value}
        with suppress(OSError):
            write_private(self._file, json.dumps(everything, indent=1))

    def _mine(self, everything: dict[str, object]) -> dict[str, object]:
        mine = everything.get(self._annotator)
        return mine if isinstance(mine, dict) else {}

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(read_private(self._file))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


MOST = 20
"""How many jobs are kept."""


class RecentJob(NamedTuple):
    """A job that was started.

    Attributes:
        arguments: What stood behind `tui-annotate`.
        folder: The working folder.
        dataset: Where its answers are saved.
        at: When it was started last, in seconds since 1970.
    """

    arguments: tuple[str, ...]
    folder: str
    dataset: str
    at: int


class Offer(NamedTuple):
    """Something that can be opened from the start screen.

    Attributes:
        name: What it is.
        about: How far it is, or what it is about.
        arguments: What stands behind `tui-annotate`.
        folder: Where it runs; the working folder where empty.
        recipe: Of a job, its recipe.
        share: Of a job, which part of it is done, from 0 to 1; None where nobody knows.
        at: Of a job, when it was opened last, in seconds since 1970; None where it was not.
    """

    name: str
    about: str
    arguments: tuple[str, ...]
    folder: str = ""
    recipe: str = ""
    share: float | None = None
    at: int | None = None

    @property
    def command(self) -> str:
        """The command that it runs."""
        return shlex.join(("tui-annotate", *self.arguments))


def recent_jobs(folder: Path | None = None) -> list[RecentJob]:
    """Return the jobs started last, newest first; none where the file cannot be read, or where
    others could have written it: a job is started by one key."""
    try:
        found = json.loads(read_private(_jobs_file(folder)))
    except (OSError, ValueError, RecursionError):
        return []
    return [job for each in (found if isinstance(found, list) else []) if (job := _read(each))]


def remember(arguments: Sequence[str], dataset: str, folder: Path | None = None) -> None:
    """Note that a job was started here and now; a file that cannot be written is passed over."""
    new = RecentJob(tuple(arguments), str(Path.cwd()), dataset, int(time.time()))
    others = [
        each
        for each in recent_jobs(folder)
        if (each.arguments, each.folder) != (new.arguments, new.folder)
    ]
    with suppress(OSError):
        _write([new, *others][:MOST], folder)


def naming(dataset: str, folder: Path | None = None) -> list[RecentJob]:
    """Return the jobs that save to a dataset, or name it in their arguments, newest first."""
    return [each for each in recent_jobs(folder) if _names(each, dataset)]


def forget(dataset: str, folder: Path | None = None) -> None:
    """Remove the jobs that `naming` returns.

    Raises:
        OSError: The file cannot be written.
    """
    jobs = recent_jobs(folder)
    kept = [each for each in jobs if not _names(each, dataset)]
    if len(kept) < len(jobs):
        _write(kept, folder)
    remove_unfinished(_jobs_file(folder))


def _names(job: RecentJob, dataset: str) -> bool:
    words = [word for each in job.arguments for word in re.split("[,:=]", each)]
    return dataset in (job.dataset, *job.arguments, *words)


def _write(jobs: Sequence[RecentJob], folder: Path | None) -> None:
    # Command lines are nobody else's matter, whatever the folder's rights are.
    write_private(_jobs_file(folder), json.dumps([each._asdict() for each in jobs], indent=1))


def _jobs_file(folder: Path | None) -> Path:
    return (folder or state_folder()) / "recent.json"


def _read(found: Any) -> RecentJob | None:
    try:
        arguments = tuple(map(str, found["arguments"]))
        return RecentJob(arguments, str(found["folder"]), str(found["dataset"]), int(found["at"]))
    except (KeyError, TypeError, ValueError):
        return None
