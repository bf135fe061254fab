"""Parquet, and the Arrow schema that Hugging Face datasets share with it.

Such datasets are Arrow files in a folder that `datasets.load_from_disk` opens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tui_annotate.exchange.document import Document
from tui_annotate.exchange.table import COLUMNS, Row, as_row
from tui_annotate.exchange.writers import FormatSettings, need
from tui_annotate.task.jsonio import dumps

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


WHAT = "the format hf"
_STREAM = "rows"


class HfWriter(ArrowWriter):
    """Writes rows to a stream first, and a dataset from that at the end; in constant memory.

    Args:
        path: An empty folder.
        settings: What offsets count.
    """

    def __init__(self, path: Path, settings: FormatSettings) -> None:
        need("datasets", "hf", what=WHAT)
        pyarrow = need("pyarrow", "hf", what=WHAT)
        self._folder = path
        schema = arrow_schema()
        # In a folder of its own: a dataset refuses to be saved over the file that it is read from.
        self._stream = path / _STREAM / "rows.arrow"
        self._stream.parent.mkdir()
        super().__init__(settings, schema, pyarrow.ipc.new_stream(str(self._stream), schema))

    def close(self) -> None:
        """Turn the stream into a dataset."""
        super().close()
        datasets = need("datasets", "hf", what=WHAT)
        datasets.disable_progress_bars()
        found = datasets.Dataset.from_file(str(self._stream))
        empty = not len(found)
        if not empty or not self._settings.parts:
            found.save_to_disk(str(self._folder))
        del found
        self._stream.unlink()
        self._stream.parent.rmdir()
        if self._settings.parts:
            self._index(empty)

    def _index(self, empty: bool) -> None:
        """List the parts side by side; one without rows has no folder, it could not be opened."""
        if empty:
            self._folder.rmdir()
        folder = self._folder.parent
        parts = [each for each in self._settings.parts if (folder / each / "state.json").exists()]
        (folder / "dataset_dict.json").write_text(dumps({"splits": parts}))
