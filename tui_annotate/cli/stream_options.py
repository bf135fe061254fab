"""Options of every recipe's command: who annotates, what is not asked, and how sources are read.

Commands that open no session take those of `SOURCE_OPTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tui_annotate.errors import UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job, job_digest
from tui_annotate.sources.text_field import use_file_options
from tui_annotate.views import find_view

SESSION_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--as", "annotator"], metavar="NAME", help="Who annotates (else the login name)"),
    click.Option(["--keymap"], metavar="NAME|FILE.toml", help="default, prodigy, vim, or a file"),
    click.Option(["--strict"], is_flag=True, help="Stop at the first row that cannot be read"),
    click.Option(
        ["--theme"], metavar="NAME", help="dark, light, high-contrast, monochrome or neutral"
    ),
    click.Option(
        ["--plain/--no-plain"], default=None, help="Line by line, for screen readers; no screen"
    ),
)

POLICY_OPTIONS: tuple[click.Option, ...] = (
    click.Option(
        ["--exclude"],
        metavar="SETS",
        help="Datasets, with commas, whose tasks are not asked",
    ),
    click.Option(
        ["--exclude-by"],
        type=click.Choice(("task", "input")),
        help="What counts as the same: the question, or its input already",
    ),
    click.Option(
        ["--exclude-annotator"],
        metavar="NAMES",
        help="People, with commas, whose tasks in any dataset are not asked",
    ),
    click.Option(["--no-auto-exclude"], is_flag=True, help="Ask again what this dataset has"),
    click.Option(["--keep-duplicates"], is_flag=True, help="Ask equal rows as often as they occur"),
    click.Option(["--rehash"], is_flag=True, help="Take the hashes that rows carry anew"),
    click.Option(
        ["--repeat"],
        type=click.IntRange(1, 100),
        default=1,
        metavar="N",
        help="Answer every task N times over, one pass after the other",
    ),
    click.Option(
        ["--verify"], is_flag=True, help="Compare the whole source with the last --verify"
    ),
    click.Option(
        ["--encoding"],
        metavar="NAME",
        help="What the source is in, such as cp1252; UTF-8, UTF-16 and UTF-32 are found",
    ),
    click.Option(
        ["--tag-column"],
        metavar="COLUMNS",
        help="Which columns of a CoNLL file hold the tags, with commas: numbers from 1, or names",
    ),
    click.Option(
        ["--label-field"],
        metavar="FIELDS",
        help="Field or column that holds the class of the text, or several with commas",
    ),
    click.Option(
        ["--offset-unit"],
        type=click.Choice(("codepoints", "utf8", "utf16")),
        help="What the offsets of the source's spans count, where their own texts do not tell",
    ),
    click.Option(
        ["--allow-new-labels"],
        is_flag=True,
        help="Labels may be added while annotating; every later start offers them",
    ),
    click.Option(["--follow"], is_flag=True, help="At the end, wait for rows added to the file"),
)


NEWCOMER_OPTIONS: tuple[click.Option, ...] = (
    click.Option(
        ["--training"],
        metavar="SET",
        help="First a training with the known answers of this dataset",
    ),
    click.Option(
        ["--pass-mark"],
        type=click.IntRange(0, 100),
        default=80,
        metavar="PERCENT",
        help="With --training: how much of it must be right (80)",
    ),
    click.Option(
        ["--silent-gold"],
        metavar="SET",
        help="Mix in tasks of this dataset, whose answers are known, without saying which",
    ),
    click.Option(
        ["--silent-every"],
        type=click.IntRange(2, 1000),
        default=10,
        metavar="K",
        help="With --silent-gold: on average every K-th task is one (10)",
    ),
)
"""For people who are new to a job, and for how well it goes."""


READING_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--text-field", help="Field that holds the text"),
    click.option("--encoding", metavar="NAME", help="What the source is in, such as cp1252"),
    click.option("--tag-column", metavar="COLUMNS", help="Columns of tags of a CoNLL file"),
    click.option("--label-field", metavar="FIELDS", help="Fields that hold the class of the text"),
    click.option("--offset-unit", type=click.Choice(("codepoints", "utf8", "utf16")),
                 help="What the offsets of spans count"),
)  # fmt: skip
"""How a file is read, whatever it is; `read_as` takes what they say."""

SOURCE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("-lo", "--loader", help="Loader, where the file's ending does not tell"),
    click.option("--id-field", help="Field that names the row"),
    *READING_OPTIONS,
)
"""How the source of a command is read that opens no session."""


def read_as(given: dict[str, Any]) -> None:
    """Say how sources are to be read, by the values of `READING_OPTIONS` among those of a command,
    which are taken out; `text_field` is left in."""
    encoding, tags, unit, labels = (
        given.pop(name) for name in ("encoding", "tag_column", "offset_unit", "label_field")
    )
    use_file_options(encoding, tags, unit, labels)


def with_params(
    params: Iterable[Callable[[Any], Any]],
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that gives a command arguments and options, in their order in its help."""
    listed = list(params)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(listed):
            function = each(function)
        return function

    return decorate


class SessionOptions(NamedTuple):
    """What the command line says about the session, and not about the recipe.

    Attributes:
        annotator: `--as`, if given.
        strict: Stop at the first row that cannot be read.
        verify: Compare the whole source with its digest of the last time.
        follow: At the end, wait for rows that are added to the source.
        keymap: `--keymap`, if given.
        plain: Line by line instead of on a screen; as the annotator went on last if None.
        theme: `--theme`, if given.
        command: The command that continues this session, for the line on leaving.
        store: The database, where it is not the user's own.
        data_from_stdin: Whether the tasks are read from standard input.
        remembered: What stood behind `tui-annotate`, where the start screen shall offer it again.
        own: The recipe comes from a file: it may be a command, which needs no terminal.
    """

    annotator: str | None = None
    strict: bool = False
    verify: bool = False
    follow: bool = False
    keymap: str | None = None
    plain: bool | None = None
    theme: str | None = None
    command: str = "tui-annotate"
    store: Path | None = None
    data_from_stdin: bool = False
    remembered: tuple[str, ...] = ()
    own: bool = False


class Policies(NamedTuple):
    """What the command line says about what is asked; None and False leave it to the recipe."""

    exclude: tuple[str, ...] = ()
    exclude_by: str | None = None
    exclude_annotators: tuple[str, ...] = ()
    no_auto_exclude: bool = False
    keep_duplicates: bool = False
    rehash: bool = False
    repeat: int = 1
    encoding: str | None = None
    tag_column: str | None = None
    label_field: str | None = None
    offset_unit: str | None = None
    allow_new_labels: bool = False

    @classmethod
    def taken_from(cls, given: dict[str, Any]) -> Policies:
        """Take the values of `POLICY_OPTIONS` out of a command's; how to read is left in.

        What a recipe has an option of its own for is missing there.
        """
        return cls(
            exclude=_names("--exclude", given.pop("exclude", None)),
            exclude_by=given.pop("exclude_by", None),
            exclude_annotators=_names("--exclude-annotator", given.pop("exclude_annotator", None)),
            no_auto_exclude=given.pop("no_auto_exclude", False),
            keep_duplicates=given.pop("keep_duplicates", False),
            rehash=given.pop("rehash", False),
            repeat=given.pop("repeat", 1),
            encoding=given.pop("encoding", None),
            tag_column=given.pop("tag_column", None),
            label_field=given.pop("label_field", None),
            offset_unit=given.pop("offset_unit", None),
            allow_new_labels=given.pop("allow_new_labels", False),
        )

    def use(self) -> None:
        """Say how the sources that the recipe opens are to be read."""
        unit: Any = self.offset_unit
        use_file_options(self.encoding, self.tag_column, unit, self.label_field)

    def apply(self, job: Job) -> Job:
        """Return the job under these policies.

        What shapes the stream is part of the job's name, so that a cursor belongs to one set of
        policies; how often it is repeated is not, as each pass has a cursor of its own.

        Raises:
            UsageError: Labels may be added, and the view has none to be given.
        """
        shape = {name: value for name, value in self._shape().items() if value}
        settings = {**job.settings, **shape}
        policy = job.policy
        config = job.config
        if self.allow_new_labels:
            _check_takes_labels(job)
            config = {**config, "allow_new_labels": True}
        return replace(
            job,
            config=config,
            exclude=tuple(dict.fromkeys((*job.exclude, *self.exclude))),
            exclude_annotators=self.exclude_annotators,
            repeat=self.repeat,
            settings=settings,
            digest=job_digest(job.recipe, settings) if shape else job.digest,
            policy=policy._replace(
                exclude_by=self.exclude_by or policy.exclude_by,  # type: ignore[arg-type]
                auto_exclude=policy.auto_exclude and not self.no_auto_exclude,
                keep_duplicates=policy.keep_duplicates or self.keep_duplicates,
                rehash=policy.rehash or self.rehash,
            ),
        )

    def _shape(self) -> dict[str, Any]:
        return {
            "--exclude": sorted(self.exclude),
            "--exclude-by": self.exclude_by,
            "--exclude-annotator": sorted(self.exclude_annotators),
            "--no-auto-exclude": self.no_auto_exclude,
            "--keep-duplicates": self.keep_duplicates,
            "--rehash": self.rehash,
            "--encoding": self.encoding,
            "--tag-column": self.tag_column,
            "--label-field": self.label_field,
            "--offset-unit": self.offset_unit,
        }


def _check_takes_labels(job: Job) -> None:
    if not find_view(job.view_id).takes_labels:
        raise UsageError(
            f"the view {job.view_id} gives no labels to a text: its answers come with the tasks",
            where="--allow-new-labels",
            hint="Leave it out",
        )


def check_job(job: Job, database: Path) -> None:
    """Look up the names that a job excludes, before a screen opens.

    Raises:
        UsageError: One of them is not there; the message has the nearest name.
        StoreError: The database cannot be read.
    """
    # What is annotated itself need not be there yet.
    others = [name for name in job.exclude if name != job.dataset]
    if not (others or job.exclude_annotators):
        return
    if not database.exists():
        missing = (*others, *job.exclude_annotators)[0]
        hint = f"{database} is not there yet: nothing was annotated"
        raise UsageError(f"there is no {missing!r} to be excluded", hint=hint)
    from tui_annotate.session.scope import check_names  # `--help` needs no engine

    check_names(database, job)


def _names(option: str, given: str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    if not names:
        raise UsageError("it names nothing", where=option, hint="Give names, with commas")
    return names
