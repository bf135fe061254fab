"""`tui-annotate train-curve`: scores of pipelines that learned from growing shares of datasets.

Where the last step still gains, more answers are likely to help.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import click

from tui_annotate.cli.data_to_spacy import check_evaluated, learning, make_corpus
from tui_annotate.cli.output import print_json
from tui_annotate.cli.train import check_gpu, gpu, read_scores, run_spacy, split_words
from tui_annotate.errors import ExportError, UsageError
from tui_annotate.exchange.training import share_corpus
from tui_annotate.exchange.training_config import check_settings
from tui_annotate.text.safe import safe_line

Step: TypeAlias = dict[str, Any]
"""One share: `share` (above 0 up to 1), `documents` learned from, and `scores` as `train` has them,
empty where nothing could be learned from so few."""

_BAR = 40
"""Columns of a bar that stands for 100 %."""


@click.command("train-curve", context_settings={"ignore_unknown_options": True})
@click.argument("words", metavar="", nargs=-1, type=click.UNPROCESSED)
@learning
@click.option(
    "-ns",
    "--n-samples",
    type=click.IntRange(2, 20),
    default=4,
    show_default=True,
    help="How many shares: 4 are 25, 50, 75 and 100 %",
)
@click.option("-P", "--show-plot", is_flag=True, help="Draw the curve below the table")
@click.option("-V", "--verbose", is_flag=True, help="Show what spaCy prints")
@gpu
@click.option("--json", "as_json", is_flag=True, help="Print the steps as JSON")
def command(
    words: tuple[str, ...],
    n_samples: int,
    show_plot: bool,
    verbose: bool,
    gpu_id: int,
    as_json: bool,
    **given: Any,
) -> None:
    """Train on growing shares of datasets, and print how the scores grow.

    Every share is scored on the same inputs, and nothing is kept. Settings of the config are given
    as --training.max_steps 2000, and --code FILE goes to `spacy train`.
    """
    out, further = split_words(words, "train-curve")
    if out is not None:
        hint = "Datasets go to --ner, --textcat and so on; `train` keeps a pipeline"
        what = f"nothing is kept, so there is no folder {str(out)!r} to write to"
        raise UsageError(what, where="train-curve", hint=hint)
    check_evaluated(given, "train-curve")
    check_gpu(gpu_id)
    further += ["--gpu-id", str(gpu_id)]
    with TemporaryDirectory(prefix="tui-annotate-curve-") as made:
        folder = Path(made)
        make_corpus(folder / "corpus", given)
        check_settings(folder / "corpus" / "config.cfg", further)
        steps = [
            _step(folder, number / n_samples, further, show=verbose, silent=given["silent"])
            for number in range(1, n_samples + 1)
        ]
    if not any(step["scores"] for step in steps):
        hint = "Annotate more, or see what spaCy says: --verbose"
        raise ExportError("nothing could be learned, not even from all answers", hint=hint)
    if as_json:
        print_json(steps)
        return
    for line in table(steps):
        click.echo(safe_line(line))
    if show_plot:
        for line in plot(steps):
            click.echo(safe_line(line))
    click.echo(safe_line(verdict(steps)))


def _step(folder: Path, share: float, further: Sequence[str], *, show: bool, silent: bool) -> Step:
    """Train on one share and return its scores; `show` has spaCy speak, `silent` us be quiet."""
    part, out = folder / "part.spacy", folder / f"model-{share:.3f}"
    count = share_corpus(folder / "corpus", part, share)
    what = f"training on {_percent(share)} of the documents ({count})"
    if not silent:
        sys.stderr.write(f"{what}\n")
        sys.stderr.flush()
    words = ["--paths.train", str(part), *further]
    try:
        run_spacy(out, words, silent=not show, corpus=folder / "corpus", quiet=share < 1)
        scores = read_scores(out / "model-best" / "meta.json")
    except ExportError as error:
        if share == 1:
            raise
        few = "there may be too few of them"
        sys.stderr.write(f"{safe_line(f'{what}: {error.what}')}; {few}\n")
        scores = {}
    return {"share": share, "documents": count, "scores": scores}


def _f(step: Step, component: str) -> float | None:
    found: Mapping[str, Any] = step["scores"].get(component, {}).get("ALL", {})
    value = found.get("f")
    return None if value is None else float(value)


def _components(steps: Sequence[Step]) -> list[str]:
    return list(dict.fromkeys(name for step in steps for name in step["scores"]))


def table(steps: Sequence[Step]) -> list[str]:
    """Return the lines of a table: F (accuracy of a tagger) of each component at each share."""
    names = _components(steps)
    width = max(8, *map(len, names))
    lines = [
        "".join((f"{'share':>6}  {'documents':>9}", *(f"  {name:>{width}}" for name in names)))
    ]
    before: dict[str, float] = {}
    for step in steps:
        cells = [f"{_percent(step['share']):>6}  {step['documents']:>9}"]
        for name in names:
            value = _f(step, name)
            cells.append(f"  {_cell(value, before.get(name)):>{width}}")
            if value is not None:
                before[name] = value
        lines.append("".join(cells))
    return lines


def _cell(value: float | None, before: float | None) -> str:
    if value is None:
        return "-  "
    sign = " "
    if before is not None and value != before:
        sign = "+" if value > before else "-"
    return f"{100 * value:.1f} {sign}"


def plot(steps: Sequence[Step]) -> list[str]:
    """Return the lines of a bar chart, 40 columns for an F of 100 %; ASCII alone."""
    lines = []
    for name in _components(steps):
        lines.append("")
        lines.append(name)
        for step in steps:
            value = _f(step, name)
            bar = "" if value is None else "#" * round(value * _BAR)
            said = "-" if value is None else f"{100 * value:.1f}"
            lines.append(f"{_percent(step['share']):>6} |{bar:<{_BAR}}| {said:>5}")
    return lines


def verdict(steps: Sequence[Step]) -> str:
    """Return a sentence that says for which components the last step has gained."""
    gained = []
    for name in _components(steps):
        last, former = (_f(step, name) for step in (steps[-1], steps[-2]))
        if last is not None and (former is None or last > former):
            gained.append(name)
    if not any(_f(steps[-1], name) for name in _components(steps)):
        return "Nothing has been learned yet: more answers, or a longer training, are needed first."
    if not gained:
        return "The last step has gained nothing: more answers of this kind may not help."
    return f"The last step has gained for {', '.join(gained)}: more answers are likely to help."


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"
