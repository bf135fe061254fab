"""Hugging Face datasets on disk: a folder that `datasets.load_from_disk` opens."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.exchange.optional_packages import need
from tui_annotate.exchange.parquet import ArrowWriter, arrow_schema
from tui_annotate.exchange.writers import FormatSettings
from tui_annotate.task.jsonio import dumps

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
