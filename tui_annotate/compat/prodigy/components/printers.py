"""`prodigy.components.printers`."""

from __future__ import annotations

from tui_annotate.cli.print_api import pretty_print, pretty_print_ner, pretty_print_tc
from tui_annotate.recipes.older_names import get_compare_printer

__all__ = ["get_compare_printer", "pretty_print", "pretty_print_ner", "pretty_print_tc"]
