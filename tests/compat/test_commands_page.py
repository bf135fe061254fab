"""The page that lists every command of Prodigy says what is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import click
import pytest

from tests.support.environment import ROOT
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.main import cli
from tui_annotate.recipes.missing_commands import (
    EVERYWHERE,
    INSTEAD,
    OPTIONS_INSTEAD,
    OTHER_NAMES,
    PLUGINS,
    instead_of,
    option_hint,
)
from tui_annotate.recipes.registry import recipe_names

pytestmark = pytest.mark.quick

PAGE = (ROOT / "docs" / "prodigy-commands.md").read_text("utf-8")
PRESENT, _, REST = PAGE.partition("## Not here")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PRESENT.splitlines()
    if line.startswith("| `")
]
ABSENT = re.findall(r"`([\w.-]+)`", "".join(re.findall(r"^\| (.*?) \|", REST, re.M)))
GONE = [name for name in ABSENT if not name.startswith("PRODIGY")]


def find(name: str) -> click.Command | None:
    return cli.get_command(click.Context(cli), name)


@pytest.mark.parametrize(("name", "where", "options", "lacking"), ROWS, ids=lambda text: text[:24])
def test_a_command_that_is_here_has_the_options(
    name: str, where: str, options: str, lacking: str
) -> None:
    known = known_to(name.strip("`"))
    assert {each for each in re.findall(r"`(-[\w-]+)`", options) if each not in known} == set()
    for option in lacking_in(lacking):
        assert option not in known
        hint = option_hint(name.strip("`"), option, sorted(known))
        assert option == "--coref" or (hint and "Did you mean" not in hint)
    if where.startswith("as "):
        assert OTHER_NAMES[name.strip("`")] == where.removeprefix("as ").strip("`")
    else:
        assert where == "yes"


def known_to(name: str) -> set[str]:
    """Return the options of a command, but for those that only say why they are not here."""
    command = find(name)
    assert command is not None
    here = [
        item
        for item in command.params
        if not (isinstance(item, click.Option) and (item.help or "").startswith("Not here"))
    ]
    return {each for item in here for each in (*item.opts, *item.secondary_opts)}


def lacking_in(text: str) -> list[str]:
    """Return the options before the colons of `--a`, `--b`: why; `--c`: why."""
    parts = [part.partition(":") for part in text.split("; ")]
    return [
        each for names, colon, _ in parts if colon for each in re.findall(r"`(--[\w-]+)`", names)
    ]


COMMON = "--loader -lo --label -l --exclude -e"
CORRECT = f"{COMMON} --update -UP --component -c"
TRAINING = (
    "--ner -n --textcat -tc --textcat-multilabel -tcm --tagger -t --parser -p --senter -s --spancat"
    " -sc --coref -co --eval-split -es --config -c --base-model -m --lang -l --verbose -V"
)
OPENAI = (
    "--lang --segment -S --model -m --prompt-path -p --examples-path -e --max-examples -n"
    " --batch-size -b --verbose -v --label --loader -lo"
)
PUBLIC = {
    "ner.manual": f"{COMMON} --patterns -pt --highlight-chars -C --edit-text",
    "ner.correct": f"{CORRECT} --unsegmented -U",
    "ner.teach": f"{COMMON} --patterns -pt --unsegmented -U",
    "ner.silver-to-gold": "--label -l",
    "ner.eval-ab": f"{COMMON} --unsegmented -U",
    "ner.model-annotate": "--loader -lo --labels -l --component -c",
    "ner.openai.correct": OPENAI,
    "ner.openai.fetch": f"{OPENAI} --resume -r",
    "ner.llm.correct": "--segment -S --loader -lo --component",
    "ner.llm.fetch": "--segment -S --loader -lo --component --resume -r",
    "spans.manual": f"{COMMON} --patterns -pt --highlight-chars -C --suggester -sg --edit-text",
    "spans.correct": CORRECT,
    "spans.model-annotate": "--loader -lo --labels -l --component -c",
    "spans.llm.correct": "--segment -S --loader -lo --component",
    "spans.llm.fetch": "--segment -S --loader -lo --component --resume -r",
    "textcat.manual": f"{COMMON} --exclusive -E --accept-empty -ace",
    "textcat.correct": f"{CORRECT} --threshold -t",
    "textcat.teach": f"{COMMON} --patterns -pt --init-tok2vec --long-text",
    "textcat.model-annotate": "--loader -lo --labels -l --component -c --threshold",
    "textcat.openai.correct": f"{OPENAI} --exclusive-classes -E",
    "textcat.openai.fetch": f"{OPENAI} --exclusive-classes -E --resume -r",
    "textcat.llm.correct": "--loader -lo --component",
    "textcat.llm.fetch": "--loader -lo --component --resume -r",
    "pos.correct": f"{COMMON} --unsegmented -U --fine-grained -FG",
    "pos.teach": f"{COMMON} --unsegmented -U --tag-map",
    "sent.correct": "--loader -lo --exclude -e",
    "sent.teach": "--loader -lo --exclude -e",
    "dep.correct": f"{COMMON} --update -UP --wrap -W --unsegmented -U",
    "dep.teach": f"{COMMON} --unsegmented -U",
    "rel.manual": f"{COMMON} --span-label -sl --patterns -pt --disable-patterns -dpt --add-ents -AE"
    " --add-nps -AN --wrap -W --hide-arrow-heads -HA",
    "coref.manual": f"{COMMON} --pos-tags --poss-pron-tags --ner-labels --show-arrow-heads -AH",
    "terms.teach": "--seeds -se --resume -R",
    "terms.to-patterns": "--label -l --spacy-model -m --case-sensitive -CS",
    "terms.openai.fetch": "--seeds -s --n -n --model -m --prompt-path -p --verbose --resume -r"
    " --progress --temperature --max-tokens",
    "terms.llm.fetch": "--resume -r --n-requests --auto-accept",
    "match": f"{COMMON} --patterns -pt --label-task -LT --label-span -LS --combine-matches -C",
    "mark": f"{COMMON} --view-id -v",
    "compare": "--no-random -NR --diff -D",
    "review": "--view-id -v --label -l --auto-accept -A --accept-single -AS --show-skipped -S"
    " --fetch-media",
    "ab.openai.tournament": "--model -m --batch-size -b --resume -r --no-random --verbose",
    "ab.llm.tournament": "--resume -r --no-random -NR",
    "train": f"{TRAINING} --label-stats -L --silent -S --gpu-id -g --output --n-iter --dropout",
    "train-curve": f"{TRAINING} --gpu-id -g --n-samples -ns --show-plot -P",
    "data-to-spacy": TRAINING,
    "spacy-config": f"{TRAINING} --silent -S",
    "db-in": "--loader -l --answer -a --overwrite -o --rehash -rh --dry -D",
    "db-out": "--answer -A --flagged-only -F --dry -D",
    "db-merge": "--rehash -rh --dry -D",
    "drop": "--batch-size -n",
    "stats": "--list-datasets -l --list-sessions -ls --no-format -nf",
    "progress": "--interval -i",
    "filter-by-patterns": "--patterns -pt --label -l --loader -lo",
    "print-stream": "--loader -lo",
    "print-dataset": "--style -s",
    "metric.iaa.binary": "--labels -l --annotators -a",
    "metric.iaa.doc": "--labels -l --annotators -a",
    "metric.iaa.span": "--labels -l --annotators -a --partial -P",
}
"""Commands and their options as public documentation has them, typed off without the page."""


def test_every_public_command_and_option_stands_on_the_page() -> None:
    rows = {name.strip("`"): f"{options} {lacking}" for name, _, options, lacking in ROWS}
    assert set(rows) == set(PUBLIC)
    lost = {
        name: [each for each in options.split() if f"`{each}`" not in rows[name]]
        for name, options in PUBLIC.items()
    }
    assert {name: each for name, each in lost.items() if each} == {}


def test_every_option_that_is_explained_stands_on_the_page() -> None:
    rows: dict[str, set[str]] = {}
    for name, _, _, lacking in ROWS:
        plain = name.strip("`")
        rows.setdefault(OTHER_NAMES.get(plain, plain), set()).update(lacking_in(lacking))
    assert {name: set(found) - rows[name] for name, found in OPTIONS_INSTEAD.items()} == {
        name: set() for name in OPTIONS_INSTEAD
    }
    assert all(f"`{option}`" in PAGE for option in EVERYWHERE)


@pytest.mark.parametrize(("part", "package"), PLUGINS.items())
def test_recipes_of_plugins_say_which_package_they_belong_to(part: str, package: str) -> None:
    assert f"({package})" in PAGE
    assert f"package {package};" in instead_of(
        f"textcat{part}manual" if part[0] == "." else part, []
    )


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--lable", "Did you mean '--label'?"),
        ("--pat", "Did you mean '--patterns'?"),
        ("--list", "Did you mean '--list-datasets' or '--list-sessions'?"),
        ("--zzz", ""),
        ("-X", ""),
    ],
)
def test_the_nearest_options_are_named(option: str, hint: str) -> None:
    known = ["--loader", "--label", "--patterns", "--list-datasets", "--list-sessions", "-l"]
    assert option_hint("anything", option, known) == hint


@pytest.mark.parametrize("name", GONE)
def test_a_command_that_is_not_here_says_what_to_use(name: str) -> None:
    assert find(name) is None
    assert name in INSTEAD


def test_every_former_name_stands_on_the_page() -> None:
    assert len(ROWS) > 50
    assert set(INSTEAD) == set(GONE)
    named = {row[0].strip("`") for row in ROWS}
    assert {name for name in OTHER_NAMES if name.startswith(("ner", "textcat", "terms"))} <= named


HEAVY = ("recipes", "demo", "doctor", "tutorial", "ner.llm.fetch", "ner.correct", "review")


def test_the_help_of_no_command_loads_the_screen_or_spacy() -> None:
    """All of them in one process, and the heaviest ones against `recipes --help`."""
    names = sorted({row[0].strip("`") for row in ROWS} | set(COMMANDS) | {*recipe_names()})
    loaded = loaded_by(names)
    assert not {"spacy", "textual"} & loaded
    counts = {name: len(loaded_by([name])) for name in HEAVY}
    base = counts["recipes"]
    assert {name: count for name, count in counts.items() if count > 1.5 * base} == {}


def loaded_by(names: list[str]) -> set[str]:
    """Return the modules that `--help` of some commands loads."""
    code = (
        "import contextlib, io, json, sys\n"
        "from tui_annotate.cli.main import run\n"
        "for name in json.loads(sys.argv[1]):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        run([name, '--help'])\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    words = [sys.executable, "-c", code, json.dumps(names)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))
