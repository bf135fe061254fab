"""Prodigy's commands that do not exist here, each with what there is instead."""

from __future__ import annotations

from collections.abc import Sequence

from tui_annotate.errors import closest

_TRAIN = "Training is `train` now; it writes the scores of each label"
_CURVE = "It is `train-curve` now, with --ner, --textcat and so on"
_BOXES = "A terminal draws no boxes on pictures; the views `image` and `text` show such tasks"
_SOUND = "A terminal plays no sound and no films; the view `text` shows such tasks as text"

INSTEAD: dict[str, str] = {
    "ner.match": "It is `match` now",
    "ner.make-gold": "It is `ner.correct` now",
    "ner.mark": "Mark entities with `ner.manual`",
    "ner.batch-train": _TRAIN,
    "ner.train-curve": _CURVE,
    "ner.print-stream": "It is `print-stream` now",
    "ner.print-dataset": "It is `print-dataset` now",
    "ner.gold-to-spacy": "It is `data-to-spacy` now",
    "ner.iob-to-gold": "Files of IOB tags are sources, and `db-in` reads them",
    "textcat.batch-train": _TRAIN,
    "textcat.train-curve": _CURVE,
    "textcat.print-stream": "It is `print-stream` now",
    "textcat.print-dataset": "It is `print-dataset` now",
    "pos.make-gold": "It is `pos.correct` now",
    "pos.batch-train": _TRAIN,
    "pos.train-curve": _CURVE,
    "dep.batch-train": _TRAIN,
    "dep.train-curve": _CURVE,
    "ab.openai.prompts": "It is `ab.llm.tournament` with a folder of two prompts",
    "ner.eval": "Compare two pipelines with `ner.eval-ab`; `train` prints the scores of one",
    "ner.print-best": "`print-stream` shows what a pipeline predicts",
    "ner.pipe": "`ner.model-annotate` adds what a pipeline predicts to a dataset",
    "textcat.eval": "`train` prints scores; annotate an evaluation set with `textcat.manual`",
    "textcat.print-best": "`print-stream` shows what a pipeline predicts",
    "terms.train-vectors": "Train vectors with a package for it; `terms.teach` uses a pipeline's",
    "pipe": "`db-out` writes a dataset as JSON lines; files are sources as they are",
    "dataset": "A dataset is made by its first answer; `datasets` lists them",
    "image.manual": _BOXES,
    "image.test": _BOXES,
    "audio.manual": _SOUND,
    "audio.transcribe": _SOUND,
    "video.manual": _SOUND,
}
"""Name -> a sentence without its full stop that says what to use, or why there is nothing."""

OTHER_NAMES: dict[str, str] = {
    f"{task}.openai.{what}": f"{task}.llm.{what}"
    for task in ("ner", "spans", "textcat")
    for what in ("correct", "fetch")
}
OTHER_NAMES["terms.openai.fetch"] = "terms.llm.fetch"
OTHER_NAMES["ab.openai.tournament"] = "ab.llm.tournament"
"""Names that mean the same as another one, which lists show."""


PLUGINS: dict[str, str] = {
    "sense2vec.": "sense2vec",
    "hf.": "prodigy-hf",
    "evaluate.": "prodigy-evaluate",
    "pdf.": "prodigy-pdf",
    "segment.": "prodigy-segment",
    "whisper.": "prodigy-whisper",
    "ann.": "prodigy-ann",
    ".ann.": "prodigy-ann",
    "lunr.": "prodigy-lunr",
    ".lunr.": "prodigy-lunr",
}
"""Parts of the names of plugins' recipes, at their beginning or between dots -> the package."""

_OLDER = "It is of older versions of Prodigy: leave it out"
_BINARY = "Yes and no are told from complete answers without it: leave it out"

OPTIONS_INSTEAD: dict[str, dict[str, str]] = {
    **{
        f"{task}.llm.{what}": {"--component": "A configuration has one component `llm` here"}
        for task in ("ner", "spans", "textcat")
        for what in ("correct", "fetch")
    },
    "textcat.teach": {"--init-tok2vec": _OLDER, "--long-text": _OLDER},
    "pos.teach": {"--tag-map": _OLDER},
    "terms.llm.fetch": {
        "--progress": "Progress is always shown: leave it out",
        "--verbose": "The terms are what is written: leave it out",
        "--n-requests": "It asks until there are --n terms",
        "--auto-accept": "The terms go to a file, which `db-in` takes in as accepted",
    },
    "ab.llm.tournament": {"--verbose": "The outputs are what is shown: leave it out"},
    "review": {"--fetch-media": "Media are shown by their paths: leave it out"},
    "train": {
        "--output": "The folder stands alone: train OUT --ner DATASET",
        "--n-iter": "Write --training.max_epochs",
        "--dropout": "Write --training.dropout",
        "--init-tok2vec": "Write --initialize.init_tok2vec",
        "--binary": _BINARY,
        "--ner-missing": _BINARY,
    },
    "train-curve": {
        "--n-iter": "Write --training.max_epochs",
        "--dropout": "Write --training.dropout",
        "--init-tok2vec": "Write --initialize.init_tok2vec",
    },
}
"""Command -> an option that Prodigy has or had and it has not -> what there is instead, or why
there is nothing, as a sentence without its full stop."""

EVERYWHERE: dict[str, str] = {
    "--api": "Sources on the web were taken out of Prodigy too: write them to a file",
    "--memorize": _OLDER,
}
"""The same for options that many commands have had."""

_NEAR = 2
"""Options that a hint names at the most."""


def option_hint(command: str, option: str, known: Sequence[str]) -> str:
    """Return the hint for an option that a command does not have; empty where there is none.

    Args:
        command: The command, by any of its names.
        option: What somebody has typed, such as `--lable`.
        known: The options that there are.
    """
    instead = OPTIONS_INSTEAD.get(OTHER_NAMES.get(command, command), {})
    if option in instead or option in EVERYWHERE:
        return f"{instead.get(option) or EVERYWHERE[option]}."
    long = [each for each in known if each.startswith("--")]
    near = closest(option, long, _NEAR, least=0.7)
    if option.startswith("--"):  # Prodigy takes the beginning of a name for the whole
        near = [each for each in long if each.startswith(option)] or near
    return f"Did you mean {' or '.join(map(repr, near[:_NEAR]))}?" if near else ""


def instead_of(name: str, names: Sequence[str]) -> str:
    """Return the hint for an unknown command: what there is instead, or the three nearest.

    Args:
        name: What somebody has typed.
        names: All commands and recipes.
    """
    if name.lower() in INSTEAD:
        return INSTEAD[name.lower()]
    for part, package in PLUGINS.items():
        if name.lower().startswith(part) or (part.startswith(".") and part in name.lower()):
            return f"It is a recipe of the package {package}; where that is installed, it is found"
    first, second, third = closest(name.lower(), names, 3, least=0.0)
    return f"Did you mean {first!r}, {second!r} or {third!r}? tui-annotate help lists all"
