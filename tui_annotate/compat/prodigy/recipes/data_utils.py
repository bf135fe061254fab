"""`prodigy.recipes.data_utils`: its readers for spaCy are the command `data-to-spacy`."""

from __future__ import annotations

from tui_annotate.recipes.older_names import split_evals

__all__ = ["split_evals"]
