"""`tui-annotate train`: a spaCy pipeline from datasets, with its scores for each label."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, suppress
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import click

from tui_annotate.cli.data_to_spacy import check_evaluated, learning, make_corpus
from tui_annotate.cli.output import print_json
from tui_annotate.errors import ExportError, TuiAnnotateError, UsageError
from tui_annotate.exchange.training import COMPONENTS
from tui_annotate.exchange.training_config import check_settings
from tui_annotate.exchange.writers import need
from tui_annotate.interpreter import isolated_environment, module_command
from tui_annotate.recipes.missing_commands import option_hint
from tui_annotate.text.safe import safe_line, shell_command

PER_LABEL = {
    "ents_per_type": ("ner", "ents_p", "ents_r", "ents_f"),
    "spans_sc_per_type": ("spancat", "spans_sc_p", "spans_sc_r", "spans_sc_f"),
    "cats_f_per_type": ("textcat", "cats_micro_p", "cats_micro_r", "cats_micro_f"),
    "dep_las_per_type": ("parser", "", "", "dep_las"),
}
"""Where spaCy keeps the scores of each label, whose they are, and the scores of all labels."""

WHOLE = {
    "tagger": {"f": "tag_acc"},
    "senter": {"p": "sents_p", "r": "sents_r", "f": "sents_f"},
}
"""Components that spaCy keeps no scores of labels of; of a tagger F is its share of right tags."""


gpu = click.option(
    "-g",
    "--gpu-id",
    type=click.IntRange(min=-1),
    default=-1,
    metavar="NUMBER",
    help="Which GPU to train on (default: none)",
)
"""The option of commands that train."""

_REFUSED = "✘"
"""How spaCy begins what is wrong with its input."""

_RAISED = re.compile(r"[\w.]*(?:Error|Exception|Warning|Exit)\b.*:")
"""The last line of a traceback."""

_LONGEST_CAUSE = 300

_SAVING = 30.0
"""Seconds that spaCy may take to write its pipeline after ctrl+c."""


@click.command("train", context_settings={"ignore_unknown_options": True})
@click.argument("words", metavar="[OUT]", nargs=-1, type=click.UNPROCESSED)
@learning
@click.option(
    "-L",
    "--label-stats",
    is_flag=True,
    expose_value=False,
    help="Taken for Prodigy's sake: scores of each label are always printed",
)
@click.option("-V", "--verbose", is_flag=True, help="Have spaCy say more")
@gpu
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON")
def command(
    words: tuple[str, ...], verbose: bool, gpu_id: int, as_json: bool, **given: Any
) -> None:
    """Train a pipeline on datasets: the corpus to OUT/corpus, the pipeline to OUT/model-best.

    Without OUT nothing is kept, and the scores are printed. Settings of the config are given as
    --training.max_steps 2000, and --code FILE goes to `spacy train`.
    """
    kept, further = split_words(words, "train")
    check_evaluated(given, "train")
    check_gpu(gpu_id)
    further += ["--gpu-id", str(gpu_id), *(["--verbose"] if verbose else [])]
    with ExitStack() as folders:
        # Without a folder of the user's, all is made in one that is removed behind the scores.
        out = kept
        if out is None:
            out = Path(folders.enter_context(TemporaryDirectory(prefix="tui-annotate-train-")))
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"it cannot be made ({error.strerror})"
            raise ExportError(what, where=str(out), hint="Name a new folder") from None
        make_corpus(out / "corpus", given)
        try:
            check_settings(out / "corpus" / "config.cfg", further)
            run_spacy(out, further, silent=given["silent"])
        except TuiAnnotateError:
            _take_back(out)
            raise
        except KeyboardInterrupt:
            # spaCy has saved the best pipeline so far, which may be all that was wanted.
            if kept is not None and (kept / "model-best" / "meta.json").is_file():
                best = safe_line(f"Stopped. The best pipeline so far is in {kept / 'model-best'}")
                sys.stderr.write(f"\n{best}\n")
            raise
        found = read_scores(out / "model-best" / "meta.json")
    # What a base model has besides was not learned, and cannot be scored on these answers.
    learned = {name.removesuffix("_multilabel") for name, sets in given.items() if sets}
    scores = {name: each for name, each in found.items() if name in learned}
    if as_json:
        print_json(scores)
        return
    for line in _lines(scores):
        click.echo(safe_line(line))
    if kept is not None:
        best = safe_line(f"The best pipeline is in {kept / 'model-best'}; the scores are its own")
        sys.stderr.write(f"{best}\n")


def check_gpu(gpu_id: int) -> None:
    """Check that spaCy is there, and the GPU that was asked for.

    Raises:
        MissingExtra: spaCy is not installed.
        UsageError: There is no such GPU, or what spaCy needs for it is not installed.
    """
    spacy = need("spacy", "spacy", what="training")
    if gpu_id < 0:
        return
    try:
        spacy.require_gpu(gpu_id)
    except Exception as error:  # what drivers raise is of no known kind
        what = f"this GPU cannot be used ({safe_line(str(error), 100)})"
        hint = "Leave it out to train on the processor"
        raise UsageError(what, where="--gpu-id", hint=hint) from None


def _take_back(out: Path) -> None:
    """Remove the corpus of a training that has left no pipeline, so that the same folder can be
    named again."""
    if any((out / name).exists() for name in ("model-best", "model-last")):
        return
    shutil.rmtree(out / "corpus", ignore_errors=True)
    with suppress(OSError):  # it holds something of somebody's own
        out.rmdir()


def split_words(words: tuple[str, ...], where: str) -> tuple[Path | None, list[str]]:
    """Return the folder, and the words that go to `spacy train`.

    Args:
        words: What is no option of the command `where`.
        where: The command, for errors.

    Raises:
        UsageError: A word is no option of `spacy train`, a value is missing, or there are several
            folders; the message names it.
    """
    _refuse_older_form(words, where)
    folder, further = None, []
    left = iter(words)
    for word in left:
        name, equals, _ = word.partition("=")
        if not name.startswith("-"):
            if folder is not None:
                hint = "The folder comes alone; datasets go to --ner, --textcat and so on"
                raise UsageError(f"{word!r} is one name too many", where=where, hint=hint)
            folder = Path(word)
            continue
        # As spaCy's own command: settings are named by their section, `--training.max_steps`.
        is_setting = name.startswith("--") and "." in name
        if not is_setting and name != "--code":
            help_of = f"tui-annotate {where} --help lists those that there are"
            hint = f"{option_hint(where, name, _options())} {help_of}".lstrip()
            what = f"neither this command nor spacy train has the option {name!r}"
            raise UsageError(what, where=where, hint=hint)
        further.append(word)
        if not equals:
            value = next(left, None)
            if value is None:
                raise UsageError(f"the value of {name} is missing", where=where)
            further.append(value)
    return folder, further


def _refuse_older_form(words: tuple[str, ...], where: str) -> None:
    """Refuse `train ner DATASET PIPELINE`, and say it as it is written today."""
    names = list(takewhile(lambda word: not word.startswith("-"), words))
    if len(names) < 2 or names[0] not in COMPONENTS:
        return
    component = names[0].replace("_", "-")
    rest = shell_command((f"--{component}", names[1])) or f"--{component} DATASET"
    base = " --base-model PIPELINE" if len(names) > 2 else ""
    place = "" if where == "train-curve" else " OUT"
    hint = f"Write: tui-annotate {where}{place} {rest}{base}"
    raise UsageError("this is the form of older versions of Prodigy", where=where, hint=hint)


def _options() -> list[str]:
    """Return the long options of the command at hand, and that of `spacy train`."""
    known = click.get_current_context().command.params
    return ["--code", *(each for item in known for each in item.opts if each.startswith("--"))]


def run_spacy(
    out: Path, further: list[str], *, silent: bool, corpus: Path | None = None, quiet: bool = False
) -> None:
    """Run `spacy train`, with what it prints on stderr; if silent, only where it fails.

    Args:
        out: The folder for the pipelines.
        further: More words for `spacy train`.
        silent: Whether it says nothing unless it fails.
        corpus: The folder with `config.cfg`; by default `corpus` in `out`.
        quiet: Whether it says nothing even then; the error has the cause in one line.

    Raises:
        ExportError: It failed.
    """
    config = (corpus or out / "corpus") / "config.cfg"
    argv = module_command("spacy", "train", str(config), "--output", str(out), *further)
    sys.stderr.flush()
    environment = isolated_environment()
    with TemporaryFile() as kept:
        where = kept if silent else sys.stderr
        code = wait_for(subprocess.Popen(argv, stdout=where, stderr=where, env=environment))  # noqa: S603
        kept.seek(0)
        told = kept.read().decode(errors="replace")
    if code and silent and not quiet:
        sys.stderr.write(told)
    if code:
        cause = cause_of(told)
        because = f" ({cause})" if quiet and cause else ""
        what = f"spacy train failed with exit code {code}{because}"
        raise ExportError(what, where=str(config))


def wait_for(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a process; ctrl+c, which it hears too, lets it save what it has.

    Raises:
        KeyboardInterrupt: Somebody has pressed ctrl+c; the process has ended.
    """
    try:
        return process.wait()
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(_SAVING)
        process.kill()
        process.wait()
        raise


def cause_of(told: str) -> str:
    """Return in one line why `spacy train` failed; empty where it does not say so.

    Args:
        told: What it printed.
    """
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if line.startswith(_REFUSED):  # what is wrong with the config stands on the next line
            said = [line.removeprefix(_REFUSED).strip(), *lines[number + 1 : number + 2]]
            return ": ".join(said)[:_LONGEST_CAUSE]
    raised = [line for line in lines if _RAISED.match(line)]
    return (raised or lines or [""])[-1][:_LONGEST_CAUSE]


def read_scores(meta: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return component -> label -> `p`, `r`, `f` (0 to 1); `ALL` has those of all labels.

    Args:
        meta: The `meta.json` of a pipeline.

    Raises:
        ExportError: There is none.
    """
    try:
        performance = json.loads(meta.read_text())["performance"]
    except (OSError, ValueError, KeyError):
        raise ExportError("spaCy left no scores", where=str(meta)) from None
    found: dict[str, dict[str, dict[str, float]]] = {}
    for key, (component, *total) in PER_LABEL.items():
        if performance.get(key):
            whole = {name: performance.get(each) for name, each in zip("prf", total, strict=True)}
            found[component] = {**dict(sorted(performance[key].items())), "ALL": whole}
    for component, names in WHOLE.items():
        whole = {name: performance.get(key) for name, key in names.items()}
        if any(value is not None for value in whole.values()):
            found[component] = {"ALL": whole}
    return found


def _lines(scores: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    lines = []
    for component, labels in scores.items():
        width = max(5, *map(len, labels))
        lines.append(f"{component:<{width}}  {'P':>6}  {'R':>6}  {'F':>6}")
        for label, values in labels.items():
            numbers = "  ".join(_percent(values.get(name)) for name in "prf")
            lines.append(f"{label:<{width}}  {numbers}")
    return lines


def _percent(value: float | None) -> str:
    return f"{'-':>6}" if value is None else f"{100 * value:6.1f}"
