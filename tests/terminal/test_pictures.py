"""The pictures in the documentation show what the program shows; some are drawn again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.screen import Screen
from tools.pictures import FOLDER, LOOKS, PICTURES, SHEETS, drawn, main, svg, text_of

pytestmark = pytest.mark.terminal

DRAWN_AGAIN = ("spans", "options-40x12", "menu")
"""A whole start for each, so few; together they have the frame, a low screen and another page."""


@pytest.mark.parametrize("name", DRAWN_AGAIN)
def test_a_picture_shows_what_the_program_shows(tmp_path: Path, name: str) -> None:
    [picture] = [each for each in PICTURES if each.name == name]
    now = drawn(picture, tmp_path).text()
    file = FOLDER / f"{name}.svg"
    assert text_of(file.read_text("utf-8")) == now, (
        "a screen has changed: draw the pictures again (`python -m tools.pictures`)"
    )


@pytest.mark.quick
def test_every_picture_is_there_and_is_shown_by_the_documentation() -> None:
    assert {each.name for each in PICTURES} == {path.stem for path in FOLDER.glob("*.svg")}
    page = (ROOT / "docs" / "screens.md").read_text("utf-8")
    for each in PICTURES:
        assert f"pictures/{each.name}.svg" in page, each.name
    assert "docs/pictures/spans.svg" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.quick
def test_a_name_that_no_picture_has_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="there is no picture spams; there are spans, "):
        main(["menu", "spams"])
    assert not capsys.readouterr().out, "nothing is drawn"


@pytest.mark.quick
def test_a_picture_holds_every_cell_and_nothing_of_it_is_markup() -> None:
    screen = Screen(20, 4)
    screen.feed(
        "\x1b[1;31m<b>&\x1b[0m 東京 \x1b[7mx\x1b[0m\r\n\r\n\x1b[48;5;74mfill\x1b[0m".encode()
    )
    picture = svg(screen)
    assert text_of(picture) == screen.text() == "<b>& 東京 x\n\nfill"
    assert "<b>" not in picture and 'font-weight="bold" fill="#cd3131"' in picture
    assert '<rect x="8" y="44" width="33.6" height="18" fill="#5fafd7"/>' in picture
    assert svg(screen, "light") != picture


@pytest.mark.quick
@pytest.mark.parametrize("folder", ["sheets", "before"])
def test_a_sheet_has_each_screen_in_every_look_at_every_size(folder: str) -> None:
    page = (ROOT / "docs" / "screens.md").read_text("utf-8")
    pictures = [each for each in SHEETS if (folder, each.name) != ("before", "tutorial")]
    assert {each.name for each in pictures} == {path.stem for path in (FOLDER / folder).glob("*")}
    for each in pictures:
        assert f"pictures/{folder}/{each.name}.svg" in page, each.name
        file = (FOLDER / folder / f"{each.name}.svg").read_text("utf-8")
        ground = r'<rect width="(\d+)" height="(\d+)" fill="#(?!7a7f87)\w+"/>'
        panels = re.findall(rf"{ground}\n(<\w+)", file)
        sizes = [(int(width) // 8, int(height) // 17) for width, height, _ in panels]
        assert sorted(sizes) == sorted([(40, 12), (80, 24), (120, 40), (200, 60)] * len(LOOKS))
        assert all(first in ("<rect", "<text") for *_, first in panels), "no screen is empty"
