"""`tui-annotate data-to-spacy` and `spacy-config`: what spaCy trains with, or its config alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import watched
from tui_annotate.cli.export import tell
from tui_annotate.cli.export_filters import choosing, make_choice, resolving, session_names
from tui_annotate.cli.find_datasets import (
    AnswerSelection,
    existing_store,
    find_answers,
    sessions_of,
)
from tui_annotate.cli.output import print_json
from tui_annotate.cli.stream_options import with_params
from tui_annotate.errors import UsageError
from tui_annotate.exchange.documents import DocumentAssembler
from tui_annotate.exchange.training import (
    COMPONENTS,
    ComponentData,
    TrainingPlan,
    write_config,
    write_corpus,
)
from tui_annotate.exchange.training_config import BaseConfig
from tui_annotate.text.safe import safe_line, shell_command

if TYPE_CHECKING:
    from tui_annotate.exchange.export_job import ExportReport
    from tui_annotate.exchange.training_config import CorpusFacts
    from tui_annotate.store.database import Store


NAMES = "Datasets, with commas; eval:NAME is held out"
_SPAN_CELLS = 40


def _no_coref(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        what = "spaCy itself has no component that learns coreference"
        export = shell_command(("tui-annotate", "export", "--to", "jsonl"), (value,))
        instead = export or "tui-annotate export DATASET --to jsonl"
        hint = f"Write the relations for another program: {instead}"
        raise UsageError(what, where="--coref", hint=hint)


def learning(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is learned from which datasets."""
    options = (
        click.option("-n", "--ner", metavar="SETS", help=f"Entities. {NAMES}"),
        click.option("-sc", "--spancat", metavar="SETS", help="Spans that may overlap"),
        click.option("-tc", "--textcat", metavar="SETS", help="Exactly one label for a text"),
        click.option("-tcm", "--textcat-multilabel", metavar="SETS", help="Any number of labels"),
        click.option("-t", "--tagger", metavar="SETS", help="Tags of words, as spans"),
        click.option("-p", "--parser", metavar="SETS", help="Dependencies, as relations"),
        click.option("-s", "--senter", metavar="SETS", help="Spans S that begin sentences"),
        click.option("-co", "--coref", metavar="SETS", callback=_no_coref, expose_value=False,
                     help="Not here: spaCy itself has no component for coreference"),
        click.option("-c", "--config", metavar="FILE",
                     type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help="A config to train with, instead of a new one"),
        click.option("-m", "--base-model", metavar="NAME|FOLDER",
                     help="A trained pipeline to train further"),
        click.option("-l", "--lang", metavar="CODE",
                     help="Language (default: that of the base or config, else en)"),
        click.option("-es", "--eval-split", default=0.2, show_default=True,
                     type=click.FloatRange(0, 1, max_open=True),
                     help="Share of the inputs to evaluate on; with 0 all are for training"),
        click.option("--skip-invalid", metavar="FILE", type=click.Path(path_type=Path),
                     help="Put what spaCy cannot hold into FILE, and write the rest"),
        click.option("-S", "--silent", is_flag=True, help="Say nothing but errors"),
    )  # fmt: skip
    return choosing(with_params(options)(function))


@click.command("data-to-spacy")
@click.argument("places", metavar="OUT", nargs=-1, required=True, type=click.Path(path_type=Path))
@learning
@click.option(
    "-V", "--verbose", is_flag=True, expose_value=False, help="Taken for Prodigy's sake: no effect"
)
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON")
def command(places: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Write train.spacy, dev.spacy and config.cfg to the new folder OUT.

    An input is one document with the layers of all its datasets, and stays in train or dev as the
    data grows. With --eval-split 0 there is a dev.spacy only of the datasets eval:NAME.
    """
    out, *more = places
    if more:
        hint = "OUT is one folder, for train.spacy and dev.spacy; datasets go to --ner and so on"
        raise UsageError(f"{str(more[0])!r} is one name too many", where="data-to-spacy", hint=hint)
    report, seen = make_corpus(out, given)
    if not given["silent"] and not report.documents["dev"]:
        sys.stderr.write("There is no dev.spacy: spacy train needs one, named by --paths.dev\n")
    elif not given["silent"]:
        train = ("python", "-m", "spacy", "train", str(out / "config.cfg"), "--output", "MODEL")
        if now := shell_command(train):
            sys.stderr.write(f"now: {now}\n")
    if as_json:
        labels = {component: dict(found) for component, found in seen.labels.items()}
        account = {**report.as_dict(), "labels": labels, "off_tokens": seen.off_tokens}
        print_json(account, indent=None)


def make_corpus(out: Path, given: dict[str, Any]) -> tuple[ExportReport, CorpusFacts]:
    """Write the corpus to the new folder `out`, and say on stderr what became of the answers."""
    with existing_store() as store:
        course = _course(store, out, given)
        with nullcontext() if given["silent"] else watched("making a corpus"):
            report, seen = write_corpus(store, course)
    if not given["silent"]:
        tell(report, f"to {out}")
        tell_seen(seen)
    return report, seen


def check_evaluated(given: dict[str, Any], where: str) -> None:
    """Raise `UsageError` where a command that trains would have nothing to evaluate on."""
    if given["eval_split"] == 0 and not any("eval:" in (given[each] or "") for each in COMPONENTS):
        hint = "Leave it out, or name a dataset to evaluate on: --ner NAME,eval:OTHER"
        what = f"{where} needs texts to evaluate on, and keeps the pipeline that scores best"
        raise UsageError(what, where="--eval-split", hint=hint)


def make_config(out: Path, given: dict[str, Any]) -> CorpusFacts:
    """Write only the config to the new file `out`, and say on stderr what it rests on."""
    with existing_store() as store:
        course = _course(store, out, given)
        with nullcontext() if given["silent"] else watched("making a config"):
            _, seen = write_config(store, course)
    if not given["silent"]:
        tell_seen(seen)
    return seen


def tell_seen(seen: CorpusFacts) -> None:
    """Say on stderr which labels were found, and what was decided about the config."""
    for component, labels in seen.labels.items():
        named = ", ".join(f"{label} {count}" for label, count in labels.most_common())
        sys.stderr.write(safe_line(f"{component}: {named}") + "\n")
    if seen.off_tokens:
        sys.stderr.write(safe_line(_off_tokens(seen)) + "\n")
    for note in seen.notes:
        sys.stderr.write(safe_line(note) + "\n")


def _off_tokens(seen: CorpusFacts) -> str:
    first = safe_line(seen.first_off, _SPAN_CELLS)
    if seen.off_tokens == 1:
        what = f'1 span, "{first}", does not fit the tokens that the pipeline makes'
        return f"{what}: it cannot learn from it"
    what = f'{seen.off_tokens:,} spans, "{first}" first, do not fit the tokens'
    return f"{what} that the pipeline makes: it cannot learn from them"


def _course(store: Store, out: Path, given: dict[str, Any]) -> TrainingPlan:
    named = {each: _named(store, given[each]) for each in COMPONENTS if given[each]}
    lessons = tuple(
        ComponentData(each, *(tuple(one.dataset for one in place) for place in places))
        for each, places in named.items()
    )
    if not lessons:
        raise UsageError("nothing to learn", hint="Name datasets with --ner, --textcat, --tagger")
    if given["textcat"] and given["textcat_multilabel"]:
        what = "--textcat and --textcat-multilabel would share their labels"
        raise UsageError(what, hint="Make two pipelines")
    if given["config"] and given["base_model"]:
        what = "--config says already where its components come from"
        raise UsageError(what, where="--base-model", hint="Leave one of the two out")
    datasets = [each for lesson in lessons for each in (*lesson.train, *lesson.held_out)]
    places = [place for both in named.values() for place in both]
    _check_sessions(places)
    chosen = sessions_of(store, [each for place in places for each in place])
    sessions = session_names(store, datasets, (*given["sessions"], *chosen))
    resolve = resolving(store, datasets, given)
    return TrainingPlan(
        lessons,
        out,
        DocumentAssembler(make_choice(given, sessions), resolve),
        BaseConfig(given["lang"], given["base_model"], given["config"]),
        given["eval_split"],
        given["skip_invalid"],
    )


def _named(store: Store, names: str) -> tuple[list[AnswerSelection], list[AnswerSelection]]:
    """Return what is named to learn from, and to evaluate on: datasets or sessions."""
    wanted = [name for name in names.split(",") if name]
    held_out = [name.removeprefix("eval:") for name in wanted if name.startswith("eval:")]
    train = [name for name in wanted if not name.startswith("eval:")]
    return [find_answers(store, name) for name in train], [
        find_answers(store, name) for name in held_out
    ]


def _check_sessions(places: list[list[AnswerSelection]]) -> None:
    """Refuse to learn from one session of a dataset and from another one elsewhere: sessions are
    chosen once, for all components, for training and evaluation.

    Args:
        places: What is named for each of them.

    Raises:
        UsageError: Two of them name different sessions of one dataset.
    """
    chosen: dict[str, set[str]] = {}
    for place in places:
        here: dict[str, set[str]] = {}
        for each in place:
            here.setdefault(each.dataset.name, set()).add(each.name)
        for name, sessions in here.items():
            if chosen.setdefault(name, sessions) != sessions:
                what = f"different sessions of {name} are named in two places"
                raise UsageError(what, hint="Make a dataset of each with db-merge, and name those")


@click.command("spacy-config")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path, allow_dash=True))
@learning
@click.option(
    "-V", "--verbose", is_flag=True, expose_value=False, help="Taken for Prodigy's sake: no effect"
)
def spacy_config(out: Path, **given: Any) -> None:
    """Write a config of spaCy to the new file OUT, to be edited; `-` is standard output.

    It suits the answers of the datasets: spans as long as theirs, refused entities, rare labels.
    `train --config OUT` trains with it, with the same datasets.
    """
    if str(out) == "-":
        _print(given)
        return
    make_config(out, given)
    if not given["silent"]:
        sets = [word for name in COMPONENTS if given[name] for word in _option(name, given)]
        words = ("tui-annotate", "train", "MODEL", "--config", str(out), *sets)
        if now := shell_command(words):
            sys.stderr.write(f"now: {now}\n")


def _option(name: str, given: dict[str, Any]) -> tuple[str, str]:
    return f"--{name.replace('_', '-')}", given[name]


def _print(given: dict[str, Any]) -> None:
    if given["base_model"]:
        hint = "Name a file: a pipeline that gets new labels is saved beside it"
        raise UsageError("a config with a base does not go to standard output", hint=hint)
    with TemporaryDirectory(prefix="tui-annotate-config-") as folder:
        file = Path(folder) / "config.cfg"
        make_config(file, given)
        click.echo(file.read_text(encoding="utf-8"))
