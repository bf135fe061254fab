"""Parquet, a row group at a time (`[parquet]`, pyarrow)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from tui_annotate.errors import SourceError
from tui_annotate.sources.base import DEFAULT_LIMITS, Limits
from tui_annotate.sources.class_labels import names_in_schema
from tui_annotate.sources.numbered_source import NumberedSource, named_record, need, openable
from tui_annotate.sources.text_field import Fields

_BATCH = 256
_BROKEN = (OSError, ValueError, NotImplementedError)
"""What pyarrow raises for a file that is broken, or holds a type that it does not know."""


class ParquetSource(NumberedSource):
    """Reads a Parquet file. Row groups before a position are not read.

    Raises:
        MissingExtra: pyarrow is not installed.
        SourceError: It is no Parquet file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        need("pyarrow", "parquet", self.name)
        file = self._open()
        self._class_names = names_in_schema(file.schema_arrow.metadata)
        self._count = int(file.metadata.num_rows)
        self.look_at_columns(file.schema_arrow.names)

    def records(self, start: int) -> Iterator[dict[str, Any]]:
        """Yield the rows from number `start` on."""
        file = self._open()
        passed = 0
        for group in range(file.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            if passed + size > start:
                yield from self._group(file, group, max(0, start - passed))
            passed += size

    def count(self) -> int | None:
        """Return the number of rows, from the file's own footer."""
        return self._count

    def _group(self, file: Any, group: int, skip: int) -> Iterator[dict[str, Any]]:
        came, said = 0, file.metadata.row_group(group).num_rows
        try:
            for batch in file.iter_batches(_BATCH, row_groups=[group]):
                came += batch.num_rows
                if skip >= batch.num_rows:
                    skip -= batch.num_rows
                    continue
                for row in batch.slice(skip).to_pylist():
                    yield named_record(row, self._class_names, self.fields)
                skip = 0
            if came != said:
                raise ValueError(f"{came:,} rows where its footer says {said:,}")
        except _BROKEN as error:
            raise self._failure(error) from None

    def _open(self) -> Any:
        try:
            return import_module("pyarrow.parquet").ParquetFile(openable(self.file))
        except _BROKEN as error:
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> SourceError:
        shown = " ".join(str(error).split())[:200]
        return SourceError(f"it is no whole Parquet file ({shown})", where=self.name)
