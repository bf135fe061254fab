"""What benchmarks print is read back for the table of all of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import benchmarks
from benchmarks.__main__ import RUNS, Figure, read_figure, row

pytestmark = pytest.mark.quick


def test_printed_figures_are_read() -> None:
    line = "edited source: of json.loads: 0.1298 (goal >= 0.08)"
    assert read_figure(line) == Figure(
        "edited source: of json.loads", "0.1298", "", ">= 0.08", False
    )
    missed = read_figure("rows a second: 16,794 rows/s (goal 0.08 of json.loads) MISSED")
    assert missed == Figure("rows a second", "16,794", "rows/s", "0.08 of json.loads", True)
    assert read_figure("json.loads: 181,452 rows a second") == Figure(
        "json.loads", "181,452", "rows a second", "", False
    )
    assert read_figure("missed: edited source") is None
    assert read_figure("") is None
    assert missed is not None
    assert row("skip", missed).endswith("| 16,794 rows/s | 0.08 of json.loads | missed |")


def test_every_benchmark_is_run_or_asks_for_files() -> None:
    folder = Path(next(iter(benchmarks.__path__)))
    names = {each.stem for each in folder.glob("[a-z]*.py")}
    assert names == {*RUNS, "effort"}
    assert all(importlib.util.find_spec(f"benchmarks.{each}") for each in names)
