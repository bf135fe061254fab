"""Tab-separated values with a header; quoted fields may hold tabs and newlines."""

from __future__ import annotations

from tui_annotate.sources.csv import CsvSource


class TsvSource(CsvSource):
    """Reads CSV with tabs, however many commas the header has, if it has a tab at all."""

    preferred = "\t"
