"""`tui-annotate train`: a spaCy pipeline from datasets, with its scores for each label."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from tui_annotate.cli.data_to_spacy import learning, make_corpus
from tui_annotate.cli.output import print_json
from tui_annotate.errors import ExportError, UsageError
from tui_annotate.exchange.optional_packages import need
from tui_annotate.interpreter import isolated_environment, module_command
from tui_annotate.text.safe import safe_line

PER_LABEL = {
    "ents_per_type": ("ner", "ents_p", "ents_r", "ents_f"),
    "spans_sc_per_type": ("spancat", "spans_sc_p", "spans_sc_r", "spans_sc_f"),
    "cats_f_per_type": ("textcat", "cats_micro_p", "cats_micro_r", "cats_micro_f"),
}
"""Where spaCy keeps the scores of each label, whose they are, and the scores of all labels."""


@click.command("train", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@learning
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON")
@click.pass_context
def command(context: click.Context, /, out: Path, as_json: bool, **given: Any) -> None:
    """Train a pipeline on datasets: the corpus to OUT/corpus, the pipeline to OUT/model-best.

    Further options go to `spacy train`: --training.max_steps 2000, --gpu-id 0.
    """
    _check_further(context.args)
    need("spacy", "spacy", what="training")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"it cannot be made ({error.strerror})"
        raise ExportError(what, where=str(out), hint="Name a new folder") from None
    make_corpus(out / "corpus", given)
    _run_spacy(out, list(context.args))
    scores = read_scores(out / "model-best" / "meta.json")
    if as_json:
        print_json(scores)
        return
    for line in _lines(scores):
        click.echo(safe_line(line))


_FLAGS = ("--verbose", "-V", "-VV")
_VALUED = ("--gpu-id", "-g", "--code", "-c")


def _check_further(words: list[str]) -> None:
    """Refuse words that `spacy train` has no use for, before a corpus is made.

    Raises:
        UsageError: A word is no option of `spacy train`; the message names it.
    """
    left = iter(words)
    for word in left:
        name, _, value = word.partition("=")
        is_setting = name.startswith("--") and "." in name
        if not (is_setting or name in _FLAGS or name in _VALUED):
            hint = "Datasets go to --ner, --spancat, --textcat or --textcat-multilabel"
            what = f"neither this command nor spacy train has the option {name!r}"
            raise UsageError(what, where="train", hint=hint)
        if name not in _FLAGS and not value and next(left, None) is None:
            raise UsageError(f"the value of {name} is missing", where="train")


def _run_spacy(out: Path, further: list[str]) -> None:
    """Run `spacy train`, with what it prints on stderr.

    Raises:
        ExportError: It failed.
    """
    config = out / "corpus" / "config.cfg"
    argv = module_command("spacy", "train", str(config), "--output", str(out), *further)
    sys.stderr.flush()
    environment = isolated_environment()
    done = subprocess.run(argv, stdout=sys.stderr, env=environment, check=False)  # noqa: S603
    if done.returncode:
        raise ExportError(f"spacy train failed with exit code {done.returncode}", where=str(config))


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
