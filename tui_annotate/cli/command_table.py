"""The commands that there are; each is loaded when it is called."""

from __future__ import annotations

from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.recipes.missing_commands import OTHER_NAMES
from tui_annotate.recipes.registry import is_custom


class CommandEntry(NamedTuple):
    """A command.

    Attributes:
        place: The module in `cli/` whose `command` it is, or `module:name` for another name.
        help: Its line in `--help`.
        contained: It shows nothing but the program itself: restricted sessions have no other
            commands, and recipes that say so of themselves.
    """

    place: str
    help: str
    contained: bool = False


COMMANDS: dict[str, CommandEntry] = {
    "agreement": CommandEntry("agreement", "Say how far annotators agree, and where they do not."),
    "assign": CommandEntry("team:assign", "Hand what somebody has left on to somebody else."),
    "audit": CommandEntry("audit", "List who opened which tasks, and when."),
    "backup": CommandEntry(
        "store:backup_command", "Copy the database while annotators are at work."
    ),
    "check": CommandEntry("check", "List the answers that are worth a second look."),
    "check-project": CommandEntry(
        "project_commands:check_project", "Say what is wrong with a project's file."
    ),
    "config": CommandEntry("config", "Print the settings in force, and where they come from."),
    "man": CommandEntry("man_page", "Print the manual page."),
    "completion": CommandEntry("completion", "Print what a shell reads to complete command lines."),
    "dashboard": CommandEntry("dashboard", "Show the figures of a dataset while people work."),
    "data-to-spacy": CommandEntry(
        "data_to_spacy", "Write .spacy files and a config for `spacy train`."
    ),
    "datasets": CommandEntry("store_lists:list_datasets", "List the datasets with their counts."),
    "db-in": CommandEntry("db_in", "Add answers from a file or a prodigy.db to a dataset."),
    "db-merge": CommandEntry("db_merge", "Add the answers of datasets to another one."),
    "db-out": CommandEntry("db_out", "Write a dataset's answers as JSON lines to stdout."),
    "demo": CommandEntry("demo", "Try it: opens the demo data in a store of its own."),
    "doctor": CommandEntry("doctor", "Look the database over, and repair it."),
    "drop": CommandEntry("drop", "Delete datasets or sessions."),
    "drops": CommandEntry("store_lists:list_drops", "List the rows that were not asked, and why."),
    "export": CommandEntry("export", "Write a dataset in the format of another program."),
    "filter-by-patterns": CommandEntry(
        "patterns:filter_by_patterns", "Write the rows of a source that match patterns."
    ),
    "find": CommandEntry("find", "Find answers by text, by what they mark, or by who gave them."),
    "formats": CommandEntry(
        "formats", "List the formats that are read or written, with what they hold."
    ),
    "init": CommandEntry("project_commands:init", "Write the file of a project into this folder."),
    "invite": CommandEntry(
        "ssh_key:invite", "Print what to mail to an annotator who shall log in by SSH."
    ),
    "labels": CommandEntry("labels", "Rename, merge, split or delete labels of a dataset."),
    "metric.iaa.binary": CommandEntry("agreement:binary", "Agreement on yes/no questions."),
    "metric.iaa.doc": CommandEntry("agreement:doc", "Agreement on classes of texts."),
    "metric.iaa.span": CommandEntry("agreement:span", "Agreement on spans."),
    "ner.llm.fetch": CommandEntry(
        "llm_fetch:ner", "Write what a language model marks as entities to a file."
    ),
    "ner.model-annotate": CommandEntry(
        "model_annotate:ner", "Add the entities that a pipeline finds as its own answers."
    ),
    "print-dataset": CommandEntry("print_tasks", "Print answers for people to read."),
    "print-stream": CommandEntry("print_stream", "Print what a pipeline predicts."),
    "progress": CommandEntry("progress", "Count answers by day, week, month or year."),
    "purge": CommandEntry(
        "drop:purge_command", "Remove a dataset from every place, so that no bytes of it remain."
    ),
    "recipes": CommandEntry("about:recipes", "List the recipes, one line each.", contained=True),
    "report": CommandEntry("report", "Write the figures of a dataset as one page for a browser."),
    "restore": CommandEntry("store:restore_command", "Put a backup in the place of the database."),
    "sessions": CommandEntry("store_lists:list_sessions", "List the sessions with their counts."),
    "run": CommandEntry(
        "recipe_file_options:run", "Run a script that serves by itself, with our alias of prodigy."
    ),
    "help": CommandEntry(
        "about:show_help", "Show the help of the program, or of a command.", contained=True
    ),
    "spans.llm.fetch": CommandEntry(
        "llm_fetch:spans", "Write what a language model marks as spans to a file."
    ),
    "spans.model-annotate": CommandEntry(
        "model_annotate:spans", "Add the spans that a pipeline finds as its own answers."
    ),
    "ssh-key": CommandEntry("ssh_key", "Let annotators in by SSH, each to the own session alone."),
    "spacy-config": CommandEntry(
        "data_to_spacy:spacy_config", "Write a config of spaCy that suits datasets."
    ),
    "store": CommandEntry(
        "store", "Make the store on a PostgreSQL server, or bring it up to date."
    ),
    "stats": CommandEntry("stats", "Print the figures of a dataset, or the counts of all."),
    "team": CommandEntry("team", "Say what each person did, how fast, with how much agreement."),
    "terms.llm.fetch": CommandEntry(
        "llm_fetch:terms", "Write terms that a language model lists to a file."
    ),
    "terms.to-patterns": CommandEntry(
        "patterns:terms_to_patterns", "Write the accepted terms as match patterns."
    ),
    "textcat.llm.fetch": CommandEntry(
        "llm_fetch:textcat", "Write the classes that a language model gives to a file."
    ),
    "textcat.model-annotate": CommandEntry(
        "model_annotate:textcat", "Add the classes that a pipeline gives as its own answers."
    ),
    "trust": CommandEntry("config:trust_command", "Obey a file of another user as it is now."),
    "train": CommandEntry("train", "Train a spaCy pipeline on datasets; prints scores."),
    "train-curve": CommandEntry("train_curve", "Train on growing shares: do more answers help?"),
    "tutorial": CommandEntry("tutorial", "Learn to annotate in five minutes, by doing it."),
    "version": CommandEntry("about:version", "Print the version.", contained=True),
    "who": CommandEntry("who", "List who is at work, since when, and how fast."),
}
"""The commands by name. A new one is a module in `cli/` and a line here."""


def find_command(name: str) -> CommandEntry | None:
    """Return the command of a name, its own or another one that means the same; None where a recipe
    goes by it, as one of a file goes before a command."""
    return None if is_custom(name) else COMMANDS.get(OTHER_NAMES.get(name, name))
