"""Arguments that many recipe files share, described once, as they take them from `recipe_args`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from tui_annotate.recipes.file_helpers import get_labels, split_string

Described: TypeAlias = tuple[str, str, str | None, Any]

DESCRIBED: dict[str, Described] = {
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
    "entity_label": ("Labels with commas, or a file with one a line", "option", "l", get_labels),
    "patterns": ("A file of patterns, JSON lines", "option", "pt", str),
    "seeds": ("Terms with commas, or a file with one a line", "option", "se", get_labels),
    "exclude": ("Datasets with commas, whose tasks are not asked", "option", "e", split_string),
    "memorize": ("Without effect", "flag", "M", bool),
    "resume": ("Go on with what the dataset has", "flag", "R", bool),
    "unsegmented": ("Do not split texts into sentences", "flag", "U", bool),
    "lang": ("The language", "option", "la", str),
    "silent": ("Say less", "flag", "S", bool),
}
"""(help, kind, short option, converter), by name."""
