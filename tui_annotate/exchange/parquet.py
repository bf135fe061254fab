"""Parquet, and the Arrow schema that Hugging Face datasets share with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.optional_packages import need
from tui_annotate.exchange.table import COLUMNS, Row, as_row
from tui_annotate.exchange.writers import FormatSettings

BATCH = 1000
"""How many rows are held in memory, and make a row group."""


class ArrowWriter:
    """Writes batches of rows.

    Args:
        settings: What offsets count.
        schema: Of the rows.
        sink: What takes record batches: its `write_batch` and `close`.
    """

    def __init__(self, settings: FormatSettings, schema: Any, sink: Any) -> None:
        self._settings, self._schema, self._sink = settings, schema, sink
        self._rows: list[Row] = []

    def write(self, document: Document) -> None:
        """Take one document.

        Raises:
            TaskError: It holds what the columns cannot.
        """
        self._rows.append(as_row(document, self._settings.offsets))
        if len(self._rows) >= BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left."""
        self._flush()
        self._sink.close()

    def _flush(self) -> None:
        pyarrow = need("pyarrow", "parquet", what="this format")
        if self._rows:
            self._sink.write_batch(pyarrow.RecordBatch.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def open_parquet(path: Path, settings: FormatSettings) -> ArrowWriter:
    """Write one file, a row group for each 1,000 rows."""
    need("pyarrow", "parquet", what="the format parquet")
    parquet = need("pyarrow.parquet", "parquet", what="the format parquet")
    schema = arrow_schema()
    return ArrowWriter(settings, schema, parquet.ParquetWriter(path, schema))


def arrow_schema() -> Any:
    """Return the Arrow schema of `COLUMNS`."""
    pa = need("pyarrow", "parquet", what="this format")
    span = {"start": pa.int64(), "end": pa.int64(), "label": pa.string(),
            "token_start": pa.int64(), "token_end": pa.int64()}  # fmt: skip
    token = {"text": pa.string(), "start": pa.int64(), "end": pa.int64(), "id": pa.int64(),
             "ws": pa.bool_()}  # fmt: skip
    special = {
        "labels": pa.list_(pa.string()),
        "spans": pa.list_(pa.struct(list(span.items()))),
        "tokens": pa.list_(pa.struct(list(token.items()))),
        **dict.fromkeys(("answer_id", "answered_at", "input_hash", "task_hash"), pa.int64()),
    }
    return pa.schema([(name, special.get(name, pa.string())) for name in COLUMNS])
