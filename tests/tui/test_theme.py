"""Themes: every role has a style, and label colours can be told apart and read."""

from __future__ import annotations

import itertools
import math

import pytest
from rich.color import Color
from rich.style import Style

from tui_annotate.errors import ConfigError
from tui_annotate.tui.theme import NAMES, Role, Theme, color_count, theme

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


@pytest.mark.parametrize("kind", DEFICIENCIES)
@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_label_colours_can_be_told_apart(name: str, kind: str) -> None:
    fills = [label.fill.bgcolor for label in theme(name, colors=256).labels]
    distances = [
        math.dist(lab(linear(one), kind), lab(linear(two), kind))
        for one, two in itertools.combinations(fills, 2)
    ]
    assert min(distances) > 9


@pytest.mark.parametrize(("name", "ground"), [("dark", 0.0), ("light", 1.0)])
def test_labels_can_be_read(name: str, ground: float) -> None:
    for label in theme(name, colors=256).labels:
        assert contrast(linear(label.fill.color), linear(label.fill.bgcolor)) >= 4.5
        assert contrast(linear(label.line.color), (ground,) * 3) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
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
    assert theme("dark", colors=0) == look


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
