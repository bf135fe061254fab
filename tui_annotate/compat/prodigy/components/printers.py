"""`prodigy.components.printers`."""

from __future__ import annotations

from tui_annotate.cli.print_api import pretty_print, pretty_print_ner, pretty_print_tc

__all__ = ["pretty_print", "pretty_print_ner", "pretty_print_tc"]
