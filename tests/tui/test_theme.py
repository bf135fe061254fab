"""Themes: every role has a style, and label colours can be told apart and read."""

from __future__ import annotations

import itertools
import math

import pytest
from rich.color import Color
from rich.style import Style

from tui_annotate.errors import ConfigError, RecipeError
from tui_annotate.tui.theme import NAMES, Role, Theme, color_count, theme, theme_for
from tui_annotate.view_settings import LABEL_COLORS, checked

pytestmark = pytest.mark.quick

RGB = tuple[float, float, float]
# Machado, Oliveira and Fernandes 2009, severity 1.0
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# What two common terminals make of the 16 colours.
TERMINALS = {
    "xterm": "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5"
    " 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    "vga": "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa"
    " 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
}
LOOKS = [
    (name, terminal, colors)
    for name in ("dark", "light", "neutral", "high-contrast")
    for terminal in TERMINALS
    for colors in (16, 256)
]
# Black, white, the two of Solarized, and what common terminals come with. With 16 colours a ground
# belongs to the palette, so there it is the terminal's own black or white.
GROUNDS = {
    "dark": "000000 002b36 1e1e1e 282a36 300a24",
    "light": "ffffff fdf6e3 eeeeee",
    "neutral": "000000 002b36 ffffff fdf6e3",
    "high-contrast": "000000 002b36",
    "monochrome": "000000 ffffff",
}


def seen(color: Color | None, terminal: str) -> RGB:
    """Return what a terminal shows for a colour."""
    assert color is not None
    if color.number is None or color.number > 15:
        return linear(color)
    return linear(Color.parse("#" + TERMINALS[terminal].split()[color.number]))


def linear(color: Color | None) -> RGB:
    assert color is not None
    return tuple(  # type: ignore[return-value]
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in color.get_truecolor())
    )


def luminance(rgb: RGB) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def contrast(one: RGB, two: RGB) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: RGB, kind: str) -> RGB:
    matrix = DEFICIENCIES[kind]
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in matrix)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("colors", [0, 16, 256, 1 << 24])
@pytest.mark.parametrize("name", NAMES)
def test_every_role_has_a_style(name: str, colors: int) -> None:
    look = theme(name, colors=colors)
    assert isinstance(look, Theme)
    assert all(isinstance(look[role], Style) for role in Role)
    assert look[Role.CURSOR].reverse
    assert look[Role.FOCUS].reverse
    assert look[Role.CURSOR] != look[Role.SELECTION]
    assert look.base in {"ansi-dark", "ansi-light"}
    assert look.label(0) == look.label(len(look.labels))
    assert all(label.fill for label in look.labels), "a labelled text never looks unlabelled"


Apart = tuple[float, str]


def distances(fills: list[RGB], kind: str) -> tuple[Apart, Apart]:
    """Return how far any two fills lie apart at least, and any two neighbours, in CIELAB, and which
    two they are."""
    points = [lab(fill, kind) for fill in fills]
    places = range(len(points))

    def apart(one: int, two: int) -> Apart:
        names = f"the colours of the labels {label_name(one)} and {label_name(two)}"
        return math.dist(points[one], points[two]), names

    every = min(apart(one, two) for one, two in itertools.combinations(places, 2))
    return every, min(apart(one, two) for one, two in itertools.pairwise([*places, 0]))


def label_name(at: int) -> str:
    """Return the number of a label colour, and its name where it has one in every theme."""
    name = LABEL_COLORS[at] if at < len(LABEL_COLORS) else ""
    return f"{at + 1} ({name})" if name else f"{at + 1}"


@pytest.mark.parametrize("kind", DEFICIENCIES)
@pytest.mark.parametrize(("name", "terminal", "colors"), LOOKS)
def test_label_colours_can_be_told_apart(name: str, terminal: str, colors: int, kind: str) -> None:
    """2.3 is what can just be noticed side by side; the letters in the lane tell the rest."""
    fills = [seen(label.fill.bgcolor, terminal) for label in theme(name, colors=colors).labels]
    (every, two), (neighbours, side_by_side) = distances(fills, kind)
    assert every > 9, f"{two} look alike"
    assert neighbours > 30, f"{side_by_side}, which stand side by side, look alike"


@pytest.mark.parametrize("kind", DEFICIENCIES)
@pytest.mark.parametrize(("name", "terminal", "colors"), LOOKS)
def test_the_selection_looks_like_no_label(
    name: str, terminal: str, colors: int, kind: str
) -> None:
    look = theme(name, colors=colors)
    fills = [look[Role.SELECTION], *(label.fill for label in look.labels)]
    selected, *labels = [lab(seen(fill.bgcolor, terminal), kind) for fill in fills]
    for at, label in enumerate(labels):
        assert math.dist(selected, label) > 20, f"label {label_name(at)} looks like the selection"


def test_without_colours_cursor_and_selection_are_seen_on_every_label() -> None:
    look = theme("monochrome")
    for fill in (Style(), *(label.fill for label in look.labels)):
        selected = fill + look[Role.SELECTION]
        cursor = (fill + look[Role.CURSOR], selected + look[Role.CURSOR] + look[Role.LABELLED])
        assert all(selected.reverse and each.reverse for each in cursor)
        assert not selected.bold
        assert all(each.bold for each in cursor)


@pytest.mark.parametrize(("name", "terminal", "colors"), LOOKS)
def test_labels_can_be_read(name: str, terminal: str, colors: int) -> None:
    for at, label in enumerate(theme(name, colors=colors).labels):
        fill = [seen(color, terminal) for color in (label.fill.color, label.fill.bgcolor)]
        least = 7 if name == "high-contrast" else 4.5
        assert contrast(*fill) >= least, f"the text on label {label_name(at)} is too faint"


@pytest.mark.parametrize(("name", "terminal", "colors"), LOOKS)
def test_every_text_can_be_read_on_the_grounds_that_a_theme_is_for(
    name: str, terminal: str, colors: int
) -> None:
    look = theme(name, colors=colors)
    styles = {f"the role {role.name}": style for role, style in look.roles.items()}
    styles |= {f"the line of label {label_name(n)}": e.line for n, e in enumerate(look.labels)}
    grounds = GROUNDS[name].split()[: None if colors == 256 else 1]
    for what, style in styles.items():
        assert not style.dim, f"{what}: each terminal shows dim text in a way of its own"
        if style.color is None or style.bgcolor is not None:
            continue  # the terminal's own foreground, or a ground of its own
        for ground in grounds:
            text = seen(style.color, terminal)
            readable = contrast(text, linear(Color.parse(f"#{ground}"))) >= 4.5
            assert readable, f"{what} cannot be read on the ground #{ground}"


@pytest.mark.parametrize(("colors", "labels"), [(16, 8), (256, 12), (1 << 24, 12)])
@pytest.mark.parametrize("name", ["dark", "light", "neutral"])
def test_so_many_labels_have_a_style_of_their_own(name: str, colors: int, labels: int) -> None:
    look = theme(name, colors=colors)
    assert len({look.label(at).fill for at in range(labels)}) == labels


def test_a_background_chooses_the_theme() -> None:
    assert [theme_for(ground) for ground in ("dark", "light", None)] == ["dark", "light", "neutral"]


@pytest.mark.parametrize(("name", "terminal", "colors"), LOOKS)
def test_the_selection_can_be_read(name: str, terminal: str, colors: int) -> None:
    style = theme(name, colors=colors)[Role.SELECTION]
    text, ground = (seen(color, terminal) for color in (style.color, style.bgcolor))
    assert contrast(text, ground) >= (6.5 if name == "high-contrast" else 4.5)


@pytest.mark.parametrize("name", ["dark", "light", "neutral", "high-contrast"])
def test_sixteen_colours_use_the_terminals_own(name: str) -> None:
    look = theme(name)
    colors = [
        color
        for style in [*look.roles.values(), *(s for label in look.labels for s in label_of(label))]
        for color in (style.color, style.bgcolor)
        if color is not None
    ]
    assert all(color.number is not None and color.number < 16 for color in colors)
    assert len({label.fill.bgcolor for label in look.labels}) == len(look.labels)


def label_of(label: object) -> list[Style]:
    return [getattr(label, "fill"), getattr(label, "line")]  # noqa: B009


def test_monochrome_has_no_colour() -> None:
    look = theme("monochrome", colors=256)
    styles = [*look.roles.values(), *(s for label in look.labels for s in label_of(label))]
    assert all(style.color is None and style.bgcolor is None for style in styles)
    assert theme("dark", colors=0).roles == look.roles


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(ConfigError, match="high-contrast"):
        theme("solarized")


def test_color_count() -> None:
    assert [color_count(name) for name in (None, "standard", "256", "truecolor")] == [
        0,
        16,
        256,
        1 << 24,
    ]


@pytest.mark.parametrize("colors", [0, 16, 256])
@pytest.mark.parametrize("name", NAMES)
def test_labels_have_the_colours_that_are_chosen_for_them(name: str, colors: int) -> None:
    look = theme(name, colors=colors)
    labels = ("A", "B", "C")
    chosen = look.with_label_colors(labels, {"C": "orange", "B": "sky blue", "GONE": "green"})
    assert chosen.label(2) == look.label(0) and chosen.label(1) == look.label(1)
    if len(look.labels) > 2:
        assert len({chosen.label(place) for place in range(3)}) == 3, "A has one that is left"
    assert set(chosen.labels) <= set(look.labels), "nothing that cannot be read"
    every = look.with_label_colors(labels, dict.fromkeys(labels, "blue"))
    assert {every.label(place) for place in range(3)} == {look.label(6)}


def test_a_colour_has_a_style_of_its_own_and_another_name_is_refused() -> None:
    look = theme("dark", colors=256)
    assert len(look.labels) == len(LABEL_COLORS)
    job = {"labels": ["A"], "label_colors": {"A": "pink"}}
    with pytest.raises(RecipeError, match="a table of labels and colours, which are orange, sky"):
        checked("mine", job)
    assert checked("mine", {**job, "label_colors": {"A": "olive"}})
