"""Every key that files and the environment may set: its kind, its default, what it is for; and the
record of a value that one of them gives."""

from __future__ import annotations

from typing import Any, Literal

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.view_settings import CHOICE_STYLES, DIFF_STYLES, VIEW_SETTINGS

Kind = Literal[
    "number",
    "yes or no",
    "text",
    "path",
    "name or path",
    "list of names",
    "list of words",
    "table of texts",
    "table of numbers",
    "table of commands",
    "table of lists",
    "setting of views",
]
Scope = Literal["job", "place", "option", "start", "process", "project"]


class Setting(NamedTuple):
    """One key.

    Attributes:
        kind: What its value is.
        help: One line for people.
        choices: The values that there are, where there are only a few.
        scope: What it is a matter of: `job` for what a recipe may set as well, `place` for where
            something lies or who annotates, `option` for what the option of the same name says
            where it is not given, `start` for the start screen, `process` for the whole program,
            `project` for what only the `tui-annotate.toml` of a project has.
        default: What is so where nothing sets it, in words; empty where it is nothing.
        secret: Its value is never shown.
    """

    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    scope: Scope = "job"
    default: str = ""
    secret: bool = False


class SettingValue(NamedTuple):
    """A value, and the file or variable that it came from."""

    value: Any
    origin: str


PROJECT_FILE = "tui-annotate.toml"
"""The name of a project's file."""

KEYMAP_TABLE = "keymap table"
"""The key under which a `keymap` is kept that is a table of keys, as Prodigy's own is."""

_OWN: dict[str, Setting] = {
    "db": Setting("path", "the database", scope="place"),
    "annotator": Setting("text", "who annotates", scope="place"),
    "allow_new_labels": Setting("yes or no", "labels may be added while annotating", default="no"),
    "audit": Setting(
        "yes or no", "record who opens which task; cannot be taken back", default="no"
    ),
    "auto_exclude_current": Setting("yes or no", "do not ask what the dataset has", default="yes"),
    "batch_size": Setting("number", "answers that `update` gets at once", default="10"),
    "choice_auto_accept": Setting("yes or no", "a choice answers the task", default="no"),
    "choice_style": Setting("text", "how many options", CHOICE_STYLES, default="single"),
    "diff_style": Setting("text", "what is compared", DIFF_STYLES, default="words"),
    "edit_text": Setting("yes or no", "the text under spans may be changed", default="no"),
    "exclude": Setting("list of names", "datasets whose tasks are not asked", scope="option"),
    "exclude_annotator": Setting(
        "list of names", "people whose tasks are not asked", scope="option"
    ),
    "exclude_by": Setting("text", "what counts as the same", ("task", "input"), default="task"),
    "feed_overlap": Setting("yes or no", "every annotator gets every task", default="no"),
    "follow": Setting("yes or no", "at the end, wait for added rows", scope="option", default="no"),
    "history_size": Setting(
        "number", "newest answers that `update` does not get yet", default="10"
    ),
    "html_template": Setting("text", "HTML with {{fields}} of the task"),
    "instant_submit": Setting("yes or no", "`update` gets every answer at once", default="no"),
    "instructions": Setting("path", "guidelines, shown by `i` `i`"),
    "jobs": Setting("table of commands", "jobs by name for the start screen", scope="start"),
    "keep_duplicates": Setting("yes or no", "ask equal rows each time", default="no"),
    "keymap": Setting("name or path", "which key does what", scope="option", default="default"),
    "label_descriptions": Setting("table of texts", "what labels are for, shown by `i`"),
    "lock_after": Setting(
        "number", "seconds without a key until the screen is locked", default="never"
    ),
    "lock_key": Setting("text", "what is typed to open the locked screen", secret=True),
    "offline": Setting("yes or no", "open no connection", scope="process", default="no"),
    "plain": Setting(
        "yes or no",
        "line by line, no screen",
        scope="option",
        default="no, or as the annotator went on last",
    ),
    "restricted": Setting(
        "yes or no", "nothing but the job; cannot be taken back", scope="process", default="no"
    ),
    "rehash": Setting("yes or no", "take the hashes that rows carry anew", default="no"),
    "repeat": Setting("number", "how often every task is answered", scope="option", default="1"),
    "show_stats": Setting("yes or no", "how many were accepted, rejected, ignored", default="no"),
    "strict": Setting(
        "yes or no", "stop at a row that cannot be read", scope="option", default="no"
    ),
    "theme": Setting(
        "text",
        "how it looks",
        ("dark", "light", "high-contrast", "monochrome", "neutral"),
        "option",
        default="what suits the terminal's background, or the last one chosen with %",
    ),
    "verify": Setting("yes or no", "compare the whole source", scope="option", default="no"),
}

_PROJECT: dict[str, Setting] = {
    "recipe": Setting("text", "the recipe of the project's job", scope="project"),
    "dataset": Setting("text", "where the project's answers go", scope="project"),
    "source": Setting("text", "what the project annotates", scope="project"),
    "options": Setting("list of words", "further words of the job", scope="project"),
    "people": Setting(
        "list of names", "who may annotate", scope="project", default="everybody who can log in"
    ),
    "blind": Setting(
        "yes or no", "annotators see their own answers only", scope="project", default="yes"
    ),
    "quota": Setting(
        "number", "how many answers each person is to give", scope="project", default="no limit"
    ),
    "quotas": Setting("table of numbers", "the same by name", scope="project"),
    "cohorts": Setting(
        "table of lists", "groups of people; a row's `cohort` names its group", scope="project"
    ),
    "identity": Setting(
        "text", "what says who annotates", ("login", "key"), "project", default="login"
    ),
}
"""Keys of the project's file alone."""

SETTINGS: dict[str, Setting] = {
    **_OWN,
    **_PROJECT,
    **{
        key: Setting("setting of views", item.help, default=item.default)
        for key, item in VIEW_SETTINGS.items()
        if key not in _OWN
    },
    KEYMAP_TABLE: Setting("table of lists", "`keymap` as a table, for the keymap prodigy"),
}
"""Every key that files and the environment may set; those of views are what recipes may set."""
