"""Names of Prodigy's commands that there are not here, with what there is instead."""

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


def instead_of(name: str, names: Sequence[str]) -> str:
    """Return the hint for an unknown command: what there is instead, or the three nearest.

    Args:
        name: What somebody has typed.
        names: All commands and recipes.
    """
    if name.lower() in INSTEAD:
        return INSTEAD[name.lower()]
    first, second, third = closest(name.lower(), names, 3, least=0.0)
    return f"Did you mean {first!r}, {second!r} or {third!r}? tui-annotate help lists all"
