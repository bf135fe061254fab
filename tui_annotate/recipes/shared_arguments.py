"""Arguments that many recipe files share, described once, as they take them from `recipe_args`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.recipes.file_helpers import get_labels, split_string

Described: TypeAlias = tuple[str, str | None, str | None, Any]


class Descriptions(dict[str, Described]):
    """Arguments by name; of one that is not known, what the function's signature says."""

    def __missing__(self, name: str) -> Described:
        """Describe an argument by nothing, so that its default decides what it is."""
        return (name.replace("_", " "), None, None, None)


DESCRIBED = Descriptions(
    {
        "dataset": ("Where answers are saved", "positional", None, str),
        "spacy_model": ("A spaCy pipeline: its name or folder", "positional", None, str),
        "source": ("A file of tasks", "positional", None, str),
        "source_file": ("A file of tasks", "positional", None, str),
        "output_file": ("The file to write", "positional", None, Path),
        "output_model": ("The folder to write a pipeline to", "positional", None, Path),
        "view": ("The view", "option", "v", str),
        "api": ("Without effect", "option", "a", str),
        "loader": ("Loader, where the file's ending does not tell", "option", "lo", str),
        "label": ("The label", "option", "l", str),
        "label_set": ("Labels with commas, or a file with one a line", "option", "l", get_labels),
        "entity_label": (
            "Labels with commas, or a file with one a line",
            "option",
            "l",
            get_labels,
        ),
        "patterns": ("A file of patterns, JSON lines", "option", "pt", str),
        "seeds": ("Terms with commas, or a file with one a line", "option", "se", get_labels),
        "exclude": ("Datasets with commas, whose tasks are not asked", "option", "e", split_string),
        "memorize": ("Without effect", "flag", "M", bool),
        "resume": ("Go on with what the dataset has", "flag", "R", bool),
        "unsegmented": ("Do not split texts into sentences", "flag", "U", bool),
        "lang": ("The language", "option", "la", str),
        "silent": ("Say less", "flag", "S", bool),
        "diff": ("Show what differs", "flag", "D", bool),
        "whole_text": ("Ask about whole texts", "flag", None, bool),
        "output": ("The folder to write to", "option", "o", Path),
        "factor": ("The share of the answers to learn from", "option", None, float),
        "dropout": ("The share of values that are dropped while learning", "option", None, float),
        "n_iter": ("How many times to learn from all answers", "option", "n", int),
        "batch_size": ("How many answers make a batch", "option", None, int),
        "beam_width": ("How many readings of a text are compared", "option", None, int),
        "eval_id": ("The dataset to evaluate on", "option", None, str),
        "eval_split": ("The share of the answers to evaluate on", "option", "es", float),
    }
)
"""(help, kind, short option, converter), by name."""
