"""How every theme, view and script looks, on small screens.

A changed look is taken up with `pytest tests/tui/test_looks.py --snapshot-update`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.editors.test_views import EXAMPLES
from tests.session.support import Place, make_job
from tests.tui.app_support import Driver, make_app
from tui_annotate.tui.theme import NAMES, Theme, theme
from tui_annotate.tui.widgets.cells import CellWidget

Snapshot = Callable[..., bool]
Looks = Callable[..., bool]

SCRIPTS = {
    "latin": "Łukasz Çelik met Zoë in Århus.",
    "cjk": "東京タワーは日本の首都にある。王小明去了北京。",
    "arabic": "التقى أحمد بن علي في القاهرة يوم الثلاثاء.",
    "hebrew": "דוד בן־גוריון נולד בפולין בשנת 1886.",
    "devanagari": "नरेन्द्र मोदी नई दिल्ली में मिले।",
    "thai": "สมชายเดินทางไปกรุงเทพมหานคร",
    "emoji": "👩‍👩‍👧‍👦 flew 🇩🇪 to 🇯🇵 with 👍🏽 and 1️⃣ bag ❤️.",
}
OVERLAPPING = {
    "text": "The Bank of England in London raised rates on Thursday.",
    "spans": [
        {"start": 4, "end": 19, "label": "ORG"},
        {"start": 12, "end": 19, "label": "LOC"},
        {"start": 4, "end": 29, "label": "PLACE"},
        {"start": 23, "end": 29, "label": "LOC"},
        {"start": 46, "end": 54, "label": "DATE"},
    ],
}
LABELS = ["ORG", "LOC", "PLACE", "DATE"]


@pytest.fixture
def looks(snap_compare: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Compare the screen of one task, after some keys, with the picture of it."""
    monkeypatch.chdir(tmp_path)
    place = Place(tmp_path, ["a row"])
    place.source = Path("rows.jsonl")

    def compare(
        task: dict[str, Any],
        keys: str,
        size: tuple[int, int],
        *,
        look: Theme | None = None,
        **components: Any,
    ) -> bool:
        job = make_job(place.source, lambda rows: (dict(task) for _ in rows), **components)
        app = make_app(place, job, look=look)

        async def type_keys(pilot: Pilot[Any]) -> None:
            driver = Driver(app, pilot)
            await driver.idle()
            await driver.type(keys)
            await pilot.pause()
            driver.screen.refresh_lines()  # the sheet is laid out by now
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=type_keys)

    return compare


@pytest.mark.parametrize("colors", [16, 256])
@pytest.mark.parametrize("name", NAMES)
def test_themes(looks: Looks, name: str, colors: int) -> None:
    if name == "monochrome" and colors > 16:
        pytest.skip("it has no colours")
    shown = {"view_id": "spans_manual", "config": {"labels": LABELS}}
    assert looks(OVERLAPPING, "tab tab", (40, 16), look=theme(name, colors=colors), **shown)


STATES = {
    "selecting": "l l v l l l",
    "hits": "/ n enter",
    "letters": "g",
    "margin": "z tab tab",
    "list": "z z tab tab",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", NAMES)
def test_states(looks: Looks, name: str, state: str) -> None:
    shown = {"view_id": "spans_manual", "config": {"labels": LABELS}}
    assert looks(OVERLAPPING, STATES[state], (40, 16), look=theme(name, colors=256), **shown)


BLANKS = (
    "Two  blanks, a\ttab, trailing   \n"
    "no\u00a0break, thin\u2009blank\u3000\n\n\tindented\t\n \nlast  "
)


@pytest.mark.parametrize("keys", ["l", "# l l", "# 1 l l 1 j v l"])
def test_blanks(looks: Looks, keys: str) -> None:
    assert looks({"text": BLANKS}, keys, (40, 20))


@pytest.mark.parametrize("title", EXAMPLES)
def test_views(looks: Looks, title: str) -> None:
    example = EXAMPLES[title]
    shown = {"view_id": title.split()[0], "config": example.get("config", {})}
    assert looks(example["task"], "", (50, 16), **shown)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts(looks: Looks, script: str) -> None:
    assert looks({"text": SCRIPTS[script]}, "1 1 l 2 l l 1", (40, 12))


MARKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "menu": ("m down", {}, "reject"),
    "older answers": ("a o", {}, "> accept  The Bank of England"),
    "label by name": ("t right", {}, "LOC"),
    "focused label": ("1", {}, "ORG"),
    "option": ("j", {"view_id": "choice"}, "> 2 ( ) "),
    "relation": ("r l 1", {"view_id": "relations"}, "ORG"),
    "letters": ("g", {}, "f"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", MARKED)
async def test_what_is_marked_is_reversed_in_every_theme(
    tmp_path: Path, what: str, name: str
) -> None:
    keys, components, text = MARKED[what]
    place = Place(tmp_path, ["The Bank of England in London raised rates on Thursday."])
    if components.get("view_id") == "choice":
        task = {
            "text": "Cold soup",
            "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
        }
        place.source.write_text(json.dumps(task) + "\n", "utf-8")
    app = make_app(place, make_job(place.source, **components), look=theme(name, colors=256))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        await driver.type(keys)
        await pilot.pause(0.1)
        widgets = [each for each in app.screen.query(CellWidget) if each.display]
        rows = [each.build_line(y) for each in widgets for y in range(each.size.height)]
        reversed_ = [run.text for row in rows for run in row.runs if run.style.reverse]
        assert any(each.startswith(text) for each in reversed_), reversed_
        app.leave()


@pytest.mark.parametrize("view", ["spans_manual", "relations"])
async def test_another_theme_is_taken_everywhere(tmp_path: Path, view: str) -> None:
    place = Place(tmp_path, ["The Bank of England in London"])
    config = {"relations_span_labels": ["ORG", "LOC"]}
    app = make_app(place, make_job(place.source, view_id=view, config=config))
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        await driver.type("z z 1 l 2 f")
        for name in ("light", "high-contrast", "monochrome"):
            await driver.type("%")
            look = theme(name)
            widgets = [each for each in app.screen.query(CellWidget) if each.display]
            rows = [each.build_line(y) for each in widgets for y in range(each.size.height)]
            found = {run.style.color for row in rows for run in row.runs} - {None}
            styles = [*look.roles.values(), *(part for label in look.labels for part in label)]
            assert found <= {style.color for style in styles}, name
        app.leave()
