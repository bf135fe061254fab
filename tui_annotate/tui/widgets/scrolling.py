"""Where the text view stands in its lines, and where it goes to keep the cursor on screen."""

from __future__ import annotations

from tui_annotate.tui.widgets.lanes import LineMap


def last_top(lines: LineMap, height: int) -> int:
    """Return the first line of the last page of `height` lines."""
    return aligned(lines, max(0, lines.total - height))


def aligned(lines: LineMap, line: int) -> int:
    """Return the first line at or after `line` that is a row's text, if there is one."""
    place = lines.locate(line)
    if place is None or place[1] == 0:
        return line
    following = lines.line_of(place[0]) + lines.height_of(place[0])
    return following if following < lines.total else lines.line_of(place[0])


def follow(lines: LineMap, top: int, height: int, row: int, end: int) -> int:
    """Return the line at the top so that a row and its lanes are on screen.

    Scrolls by a third of a page, so that most moves redraw two rows and not a screen. Of what goes
    on to the row `end` and is taller than the screen, any part will do.
    """
    first = lines.line_of(row)
    if first <= top <= _last_top_of(lines, height, end):
        return top
    last = first + min(lines.height_of(row), max(1, height)) - 1
    if first < top:
        return min(first, aligned(lines, max(0, first - height // 3)))
    if last >= top + height:
        wanted = aligned(lines, last - height + 1 + height // 3)
        return min(last_top(lines, height), wanted, first)
    return top


def turned(lines: LineMap, top: int, height: int, rows: tuple[int, int], pages: int) -> int:
    """Return the line at the top some pages further on, within a first to a last row; `top` itself
    where they fit on the screen, or nothing of them lies beyond it."""
    first = lines.line_of(rows[0])
    last = _last_top_of(lines, height, rows[1])
    inside = first < last and (top < last if pages > 0 else top > first)
    return min(max(first, aligned(lines, max(0, top + pages * height))), last) if inside else top


def _last_top_of(lines: LineMap, height: int, row: int) -> int:
    """Return the line at the top from which a row and its lanes are at the bottom; where these are
    taller than the screen, the line of the row's text."""
    first = lines.line_of(row)
    return min(first, aligned(lines, max(0, first + lines.height_of(row) - height)))
