"""How whole screens look, at the sizes that the design names. Nothing of the machine is in them.

A changed look is taken up with `pytest tests/tui/test_snapshots.py --snapshot-update`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.session.support import Place, make_job
from tests.tui.app_support import Driver, make_app
from tui_annotate.cli.demo import demo_folder

SIZES = [(80, 24), (120, 40), (40, 12)]
LABELS = ["PERSON", "ORG", "LOC", "DATE"]

Snapshot = Callable[..., bool]


@pytest.fixture(params=SIZES, ids="{0[0]}x{0[1]}".format)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    found: tuple[int, int] = request.param
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place whose source has a name without a folder, as the end screen shows it."""
    monkeypatch.chdir(tmp_path)
    place = Place(tmp_path, [])
    place.source = Path("rows.jsonl")
    return place


def demo_rows(name: str, *lines: int) -> str:
    """Return lines of a demo set, counted from 1."""
    rows = (demo_folder() / f"{name}.jsonl").read_text("utf-8").splitlines()
    return "".join(rows[line - 1] + "\n" for line in lines)


def look(place: Place, keys: str) -> tuple[Any, Callable[[Pilot[Any]], Awaitable[None]]]:
    """Return the application and what types the keys."""
    app = make_app(place, make_job(place.source, config={"labels": LABELS}))

    async def type_keys(pilot: Pilot[Any]) -> None:
        driver = Driver(app, pilot)
        await driver.idle()
        await driver.type(keys)

    return app, type_keys


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("", id="fresh"),
        pytest.param("2 2 f l l l l l 3 3", id="labelled"),
        pytest.param("l l v l l", id="selecting"),
        pytest.param("t", id="prompt"),
        pytest.param("a", id="receipt"),
        pytest.param("1 x", id="guard"),
        pytest.param("a x a", id="end"),
        pytest.param("m", id="help"),
    ],
)
def test_news(snap_compare: Snapshot, place: Place, size: tuple[int, int], keys: str) -> None:
    place.source.write_text(demo_rows("news", 1, 2, 3), "utf-8")
    app, type_keys = look(place, keys)
    assert snap_compare(app, terminal_size=size, run_before=type_keys)


def test_a_long_document(snap_compare: Snapshot, place: Place, size: tuple[int, int]) -> None:
    rows = map(json.loads, demo_rows("long", *range(1, 21)).splitlines())
    text = next(row["text"] for row in rows if not row["text"].isascii())
    place.source.write_text(json.dumps({"text": text}) + "\n", "utf-8")
    app, type_keys = look(place, "2 2 l l 3 pagedown 1")
    assert snap_compare(app, terminal_size=size, run_before=type_keys)


def test_text_of_every_kind(snap_compare: Snapshot, place: Place, size: tuple[int, int]) -> None:
    text = "東京 👩‍👩‍👧‍👦 met\tin São Paulo\x1b[2J; नमस्ते \u202emarhaba\u202c e\u0301\n\nThe end."
    row = {"text": text, "meta": {"source": "a\x1b[31mb", "id": 7}}
    place.source.write_text(json.dumps(row) + "\n", "utf-8")
    app, type_keys = look(place, "3 l l 1 l l 2 c n o enter")
    assert snap_compare(app, terminal_size=size, run_before=type_keys)
