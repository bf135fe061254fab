"""What each role looks like: themes for dark and light backgrounds, and for those nobody knows.

Nothing is said by colour alone: labels stand in letters, the cursor is reversed, and the
monochrome theme loses no information. Label colours follow the Okabe-Ito palette, which people
with the common colour-vision deficiencies can tell apart, and five more that keep away from it; on
terminals with 256 colours they come from the fixed part of the palette, so that no terminal theme
can spoil them. What is less important is grey there, with a contrast of 4.5 to 1 as all text; the
attribute that terminals call faint is not used, as each shows it in a way of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style

from tui_annotate.errors import ConfigError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.view_settings import LABEL_COLORS

if TYPE_CHECKING:
    from tui_annotate.job import Job


class Role(StrEnum):
    """What a piece of the screen is for."""

    TEXT = "text"
    FAINT = "faint"
    STRONG = "strong"
    KEY = "key"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    CURSOR = "cursor"
    SELECTION = "selection"
    FOCUS = "focus"
    OVERLAP = "overlap"
    POINT = "point"
    LABELLED = "labelled"
    PROPOSED = "proposed"
    DISABLED = "disabled"


class LabelStyle(NamedTuple):
    """How a label looks: `fill` on the text of a span, `line` in its lane."""

    fill: Style
    line: Style


class Theme:
    """Styles by role, and one style per label that repeats after the last.

    Attributes:
        name: What users call it.
        base: The theme of Textual's that it builds on.
    """

    def __init__(
        self, name: str, base: str, roles: Mapping[Role, Style], labels: tuple[LabelStyle, ...]
    ) -> None:
        self.name = name
        self.base = base
        self.roles = roles
        self.labels = labels

    def with_text(self, style: Style) -> Theme:
        """Return the same styles, but for text."""
        return Theme(self.name, self.base, {**self.roles, Role.TEXT: style}, self.labels)

    def with_label_colors(self, labels: Sequence[str], chosen: Mapping[str, str]) -> Theme:
        """Return the same styles with the colours that were chosen for labels; the others share
        those that are left, in their order.

        Args:
            labels: The labels in the order of their places.
            chosen: Names of `LABEL_COLORS` by label.
        """
        count = len(self.labels)
        places = {label: LABEL_COLORS.index(color) % count for label, color in chosen.items()}
        taken = {places[label] for label in labels if label in places}
        left = [place for place in range(count) if place not in taken] or list(range(count))
        rest = itertools.cycle(left)
        order = [places[label] if label in places else next(rest) for label in labels]
        order += [next(rest) for _ in range(count)]  # for labels that only a task has
        styles = tuple(self.labels[place] for place in order)
        return Theme(self.name, self.base, self.roles, styles)

    def __getitem__(self, role: Role) -> Style:
        return self.roles[role]

    def label(self, index: int) -> LabelStyle:
        """Return the style of the label at `index` in the job's list."""
        return self.labels[index % len(self.labels)]


def _style(text: str = "", fore: int | None = None, back: int | None = None) -> Style:
    """Return a style of attribute names and numbers in the 256-colour palette."""
    attributes = dict.fromkeys(text.split(), True)
    return Style(
        color=None if fore is None else Color.from_ansi(fore),
        bgcolor=None if back is None else Color.from_ansi(back),
        **attributes,  # type: ignore[arg-type]
    )


BLACK, WHITE = 0, 15

# orange, sky blue, yellow, green, vermillion, purple, blue, olive, violet, pale green, dark red,
# turquoise, so that neighbours differ most: text colour, fill, line on a dark and line on a light
# background
_OKABE_ITO = (
    (BLACK, 214, 214, 94),
    (BLACK, 74, 74, 24),
    (BLACK, 227, 227, 58),
    (BLACK, 36, 36, 23),
    (BLACK, 166, 202, 124),
    (BLACK, 175, 175, 89),
    (WHITE, 25, 111, 25),
    (BLACK, 143, 143, 237),
    (WHITE, 129, 171, 93),
    (BLACK, 156, 156, 22),
    (WHITE, 124, 209, 88),
    (BLACK, 49, 49, 60),
)
# Without dark yellow: it is brown on one terminal and pale on the next, so no text suits it.
# Without dark blue: that is the selection.
_SIXTEEN = (
    (BLACK, 6, 6, 0),
    (WHITE, 1, 9, 1),
    (BLACK, 13, 13, 5),
    (BLACK, 2, 2, 0),
    (WHITE, 5, 13, 5),
    (BLACK, 14, 14, 4),
    (BLACK, 9, 9, 1),
    (BLACK, 11, 11, 0),
)
# Text and fill only: lanes keep the terminal's own foreground.
_HIGH_CONTRAST_FILLS = (
    (BLACK, 50),
    (WHITE, 21),
    (BLACK, 220),
    (WHITE, 53),
    (BLACK, 107),
    (WHITE, 88),
    (BLACK, 207),
)
_HIGH_CONTRAST_SIXTEEN = ((BLACK, 11), (WHITE, 4), (BLACK, 14))

# The selection of 256 colours: no label is grey, whatever colours one can see.
_GREY = _style("", WHITE, 240)

_COMMON = {
    Role.TEXT: _style(),
    Role.STRONG: _style("bold"),
    Role.KEY: _style("bold"),
    Role.CURSOR: _style("reverse"),
    Role.FOCUS: _style("reverse"),
    Role.OVERLAP: _style("underline"),
    Role.POINT: _style("bold underline"),
    Role.LABELLED: _style("underline"),
    Role.PROPOSED: _style(),
    Role.DISABLED: _style("strike"),
}
_DARK = {
    **_COMMON,
    Role.FAINT: _style(),
    Role.GOOD: _style("bold", 2),
    Role.BAD: _style("bold", 9),
    Role.WARNING: _style("bold", 11),
    Role.SELECTION: _style("", WHITE, 4),
}
_LIGHT = {
    **_COMMON,
    Role.FAINT: _style(),
    Role.GOOD: _style("bold", 4),
    Role.BAD: _style("bold", 1),
    Role.WARNING: _style("bold", 5),
    Role.SELECTION: _style("", WHITE, 4),
}
# In the terminal's own foreground: that can be read on any background.
_NEUTRAL = {
    **_COMMON,
    Role.FAINT: _style(),
    Role.GOOD: _style("bold"),
    Role.BAD: _style("bold reverse"),
    Role.WARNING: _style("bold underline"),
    Role.SELECTION: _style("", WHITE, 4),
    Role.PROPOSED: _style("underline"),
}
_HIGH_CONTRAST = {
    **_COMMON,
    Role.FAINT: _style(),
    Role.GOOD: _style("bold"),
    Role.BAD: _style("bold reverse"),
    Role.WARNING: _style("bold underline"),
    Role.CURSOR: _style("bold reverse"),
    Role.SELECTION: _style("bold", BLACK, 13),
    Role.PROPOSED: _style("underline"),
}
_MONOCHROME = {
    **_COMMON,
    Role.FAINT: _style(),
    Role.GOOD: _style("bold"),
    Role.BAD: _style("bold"),
    Role.WARNING: _style("bold"),
    # Of the two, each takes away what the other has: either is seen on a label of any style.
    Role.CURSOR: Style(reverse=True, bold=True, underline=False),
    Role.SELECTION: Style(reverse=True, bold=False, underline=True),
    Role.OVERLAP: _style("bold"),
    Role.POINT: _style("bold"),
    Role.PROPOSED: _style("bold"),
}
# With 256 colours: fixed ones, as what a terminal shows for its own 16 is up to it.
_MANY = {
    "dark": {
        Role.FAINT: _style("", 248),
        Role.DISABLED: _style("", 248),
        Role.GOOD: _style("bold", 78),
        Role.BAD: _style("bold", 210),
        Role.WARNING: _style("bold", 221),
    },
    "light": {
        Role.FAINT: _style("", 241),
        Role.DISABLED: _style("", 241),
        Role.GOOD: _style("bold", 22),
        Role.BAD: _style("bold", 124),
        Role.WARNING: _style("bold", 94),
    },
}
_COLORED = {
    "dark": (_DARK, "ansi-dark"),
    "light": (_LIGHT, "ansi-light"),
    "neutral": (_NEUTRAL, "ansi-dark"),
    "high-contrast": (_HIGH_CONTRAST, "ansi-dark"),
}
_MONOCHROME_LABELS = (
    LabelStyle(_style("underline"), _style()),
    LabelStyle(_style("bold underline"), _style("bold")),
)

NAMES = ("dark", "light", "high-contrast", "monochrome", "neutral")
"""The themes in the order in which a key goes through them. `neutral` writes nothing but fills in
colour, for backgrounds that nobody knows."""


def theme_for(ground: str | None) -> str:
    """Return the name of the theme for a background: `dark`, `light`, or None for not known."""
    return ground if ground in ("dark", "light") else "neutral"


def theme(name: str = "dark", *, colors: int = 16) -> Theme:
    """Return a theme.

    Args:
        name: One of `NAMES`.
        colors: How many colours the terminal has; 256 and more give the fixed label colours,
            fewer than 16 the monochrome theme.

    Raises:
        ConfigError: There is no such theme.
    """
    if name not in NAMES:
        raise ConfigError(f"there is no theme {name!r}", hint=f"The themes are {', '.join(NAMES)}.")
    if name == "monochrome" or colors < 16:
        return Theme("monochrome", "ansi-dark", _MONOCHROME, _MONOCHROME_LABELS)
    roles, base = _COLORED[name]
    many = colors >= 256
    if many:
        grey = {Role.SELECTION: roles[Role.SELECTION] + _GREY}
        roles = {**roles, **_MANY.get(name, {}), **grey}
    if name == "high-contrast":
        labels = _strong_labels(_HIGH_CONTRAST_FILLS if many else _HIGH_CONTRAST_SIXTEEN)
    else:
        labels = _labels(_OKABE_ITO if many else _SIXTEEN, name)
    return Theme(name, base, roles, labels)


def theme_of(job: Job, name: str, *, colors: int) -> Theme:
    """Return a theme with the colours that a job's labels are given.

    Args:
        job: The job; `label_colors` of its configuration names them.
        name: As for `theme`.
        colors: As for `theme`.
    """
    look, chosen = theme(name, colors=colors), job.config.get("label_colors")
    if not chosen:
        return look
    more = job.config.get("relations_span_labels") or ()
    return look.with_label_colors(tuple(dict.fromkeys((*job.labels, *more))), chosen)


def _labels(palette: tuple[tuple[int, int, int, int], ...], name: str) -> tuple[LabelStyle, ...]:
    """Return fills, and lines for the background that a theme is for."""
    styles = []
    for text, fill, on_dark, on_light in palette:
        line = {"dark": on_dark, "light": on_light}.get(name)
        styles.append(LabelStyle(_style("", text, fill), _style("", line)))
    return tuple(styles)


def _strong_labels(fills: tuple[tuple[int, int], ...]) -> tuple[LabelStyle, ...]:
    """Return labels whose lanes keep the terminal's own foreground: the most contrast it has."""
    return tuple(LabelStyle(_style("bold", text, fill), _style("bold")) for text, fill in fills)


def color_count(color_system: str | None) -> int:
    """Return the number of colours that Rich's name of a colour system stands for."""
    return {"standard": 16, "windows": 16, "256": 256, "truecolor": 1 << 24}.get(
        color_system or "", 0
    )
