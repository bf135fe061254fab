"""Draw the pictures in `docs/pictures/`: `python -m tools.pictures [NAME ...]`.

Each is the screen of the real program in a pseudo-terminal, after some keys, as an SVG. A test
draws some of them again and compares their text with that in the files.

`python -m tools.pictures --sheets [NAME ...]` draws a sheet of each of the twelve screens that are
used most: in four looks, at four sizes. `--before FOLDER` draws them by the program that lies in
another folder, such as an earlier version of this repository, into `docs/pictures/before/`.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from pyte.screens import Char

from tests.support.environment import ROOT, annotate_argv, clean_environment
from tests.support.screen import Screen
from tests.support.terminal import Terminal, TerminalTimeout
from tui_annotate.text.width import cell_width

FOLDER = ROOT / "docs" / "pictures"
"""Where the pictures lie."""

_PROGRAM: dict[str, str] = {}
"""Variables that say which program is drawn: nothing for the one of this folder."""

MINUTES = (
    "spans.manual minutes minutes.jsonl --label PERSON,ORG,PLACE,ROLE,TERM,LAW",
    "v l l l l 4 escape home v l l l 2 escape n 1 n 2 escape l",
)
NEWS = "ner.manual news news.jsonl --label PERSON,ORG,LOC,DATE"
TICKETS = (
    "textcat.manual tickets tickets.jsonl --label billing,refund,login,shipping,damaged,cancel,"
    "upgrade,bug,feature,praise,complaint,other"
)
LINKS = (
    "rel.manual links links.jsonl --label WORKS_FOR,STUDIES_AT --span-label PERSON,ORG,PLACE",
    "l v l 1 escape l l l v l 2 escape h h h h r l l l l 1",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen of the program.

    Attributes:
        name: That of its file.
        command: What stands behind `tui-annotate`; empty for the start screen.
        keys: What is typed then, names of keys separated by blanks.
        columns, rows: The size of the terminal.
        look: The theme; also `16` for one of 16 colours and `none` for `NO_COLOR`.
        before: Commands that run first, each with the keys that are typed in it.
    """

    name: str
    command: str
    keys: str = ""
    columns: int = 80
    rows: int = 24
    look: str = "dark"
    before: tuple[tuple[str, str], ...] = ()


PICTURES: tuple[Picture, ...] = (
    Picture("spans", *MINUTES),
    Picture("spans-40x12", *MINUTES, 40, 12),
    Picture("spans-120x40", *MINUTES, 120, 40),
    Picture("spans-200x60", *MINUTES, 200, 60),
    Picture("spans-light", *MINUTES, look="light"),
    Picture("spans-16", *MINUTES, look="16"),
    Picture("spans-none", *MINUTES, look="none"),
    Picture("first-task", NEWS),
    Picture("label-by-name", MINUTES[0], "t p"),
    Picture("options", TICKETS, "2 6"),
    Picture("options-40x12", TICKETS, "2 6", 40, 12),
    Picture("options-120x40", TICKETS, "2 6", 120, 40),
    Picture("comparison", "compare answers ours.jsonl theirs.jsonl"),
    Picture("comparison-120x40", "compare answers ours.jsonl theirs.jsonl", "", 120, 40),
    Picture("relations", *LINKS),
    Picture("relations-120x40", *LINKS, 120, 40),
    Picture("review", "review final minutes-ann1,minutes-ann2"),
    Picture("menu", NEWS, "m"),
    Picture("menu-40x12", NEWS, "m", 40, 12),
    Picture("help", NEWS, "?"),
    Picture("answers", NEWS, "1 l l 2 a n 1 a x space n 2 a o"),
    Picture("end", NEWS.replace("news.jsonl", "short.jsonl"), "1 a x n 1 a"),
    Picture("start", "", before=((MINUTES[0], "1 a q"), (NEWS, "1 a x q"), (TICKETS, "1 a q"))),
    Picture("tutorial", "tutorial"),
)
"""Every picture, with the file that it comes to."""

SHEETS: tuple[Picture, ...] = (
    Picture("first-task", NEWS),
    Picture("spans", *MINUTES),
    Picture("options", TICKETS, "2 6"),
    Picture("comparison", "compare answers ours.jsonl theirs.jsonl"),
    Picture("relations", *LINKS),
    Picture("review", "review final minutes-ann1,minutes-ann2"),
    Picture("menu", NEWS, "m"),
    Picture("help", NEWS, "?"),
    Picture("answers", NEWS, "1 l l 2 a n 1 a x space n 2 a o"),
    Picture("end", NEWS.replace("news.jsonl", "short.jsonl"), "1 a x n 1 a"),
    Picture("start", "", before=((MINUTES[0], "1 a q"), (NEWS, "1 a x q"), (TICKETS, "1 a q"))),
    Picture("tutorial", "tutorial"),
)
"""The twelve screens that are used most: each is drawn in every look and at every size."""

LOOKS = ("dark", "light", "16", "none")
_PLACES = {(200, 60): (0, 0), (120, 40): (202, 0), (80, 24): (202, 41), (40, 12): (283, 41)}
"""The sizes, and where each stands on a sheet, in cells: as close as they can."""
_PANEL = (324, 67)
"""Cells of all sizes in one look."""

_CELL = (8.4, 18)  # pixels of a cell at a font size of 14
_GROUNDS = {"dark": ("#d8d8d8", "#14161a"), "light": ("#20242a", "#ffffff")}
_COLOURS = {
    "black": "#000000",
    "red": "#cd3131",
    "green": "#0dbc79",
    "brown": "#b5ba25",
    "blue": "#2472c8",
    "magenta": "#bc3fbc",
    "cyan": "#11a8cd",
    "white": "#e5e5e5",
    "brightblack": "#666666",
    "brightred": "#f14c4c",
    "brightgreen": "#23d18b",
    "brightbrown": "#f5f543",
    "brightblue": "#3b8eea",
    "brightmagenta": "#d670d6",
    "brightcyan": "#29b8db",
    "brightwhite": "#ffffff",
}
_FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


def drawn(
    picture: Picture,
    folder: Path,
    sizes: Sequence[tuple[int, int]] = (),
    taken: Callable[[Screen], None] = lambda _: None,
) -> Screen:
    """Start the program, type the keys and return the screen.

    Args:
        picture: What is to be seen.
        folder: An empty folder for its sources and its store.
        sizes: Columns and rows that the terminal takes afterwards, one after the other.
        taken: Is given the screen at each of these sizes.
    """
    _write_sources(folder)
    for command, keys in picture.before:
        _shown(Picture("", command, keys), folder)
    if picture.name.startswith("review"):
        for name in ("ann1", "ann2"):
            argv = annotate_argv("db-in", f"minutes-{name}", f"{name}.jsonl")
            environment = clean_environment(folder, _PROGRAM)
            subprocess.run(argv, cwd=folder, env=environment, check=True, capture_output=True)
    return _shown(picture, folder, sizes, taken)


def sheet(picture: Picture) -> str:
    """Return one screen in every look and at every size, as a picture."""
    across, down = _PANEL
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * across * 8} {2 * down * 17}"'
        f' font-family="{_FONT}" font-size="13.28">',
        f'<rect width="{2 * across * 8}" height="{2 * down * 17}" fill="#7a7f87"/>',
    ]
    for number, look in enumerate(LOOKS):
        origin = (number % 2) * across, (number // 2) * down
        with tempfile.TemporaryDirectory() as folder:

            def take(screen: Screen, look: str = look, at: tuple[int, int] = origin) -> None:
                place = _PLACES[screen.columns, screen.rows]
                parts.extend(_panel(screen, look, (at[0] + place[0], at[1] + place[1])))

            drawn(replace(picture, look=look), Path(folder), tuple(_PLACES), take)
    return "\n".join([*parts, "</svg>", ""])


def _panel(screen: Screen, look: str, place: tuple[int, int]) -> Iterator[str]:
    """Yield what draws a screen on a sheet; `place` is its first cell."""
    fore, back = _GROUNDS.get(look, _GROUNDS["dark"])
    yield f'<g transform="translate({place[0] * 8 + 8} {place[1] * 17 + 8})" fill="{fore}">'
    yield f'<rect width="{screen.columns * 8}" height="{screen.rows * 17}" fill="{back}"/>'
    for row in range(screen.rows):
        cells = [screen.cell(row, column) for column in range(screen.columns)]
        column, texts = 0, []
        for style, run in groupby(cells, key=lambda cell: cell._replace(data="")):
            text = "".join(cell.data for cell in run)
            width = cell_width(text)
            ink, ground = _pair(style, fore, back)
            if ground != back:
                yield (
                    f'<rect x="{column * 8}" y="{row * 17}" width="{width * 8}" height="17"'
                    f' fill="{ground}"/>'
                )
            if text.strip():
                more = ' font-weight="bold"' if style.bold else ""
                more += ' text-decoration="underline"' if style.underscore else ""
                more += f' fill="{ink}"' if ink != fore else ""
                lead = len(text) - len(text.lstrip())
                shown = html.escape(text.strip())
                texts.append(f'<tspan x="{(column + lead) * 8}"{more}>{shown}</tspan>')
            column += width
        if texts:
            yield f'<text xml:space="preserve" y="{row * 17 + 13}">{"".join(texts)}</text>'
    yield "</g>"


def _shown(
    picture: Picture,
    folder: Path,
    sizes: Sequence[tuple[int, int]] = (),
    taken: Callable[[Screen], None] = lambda _: None,
) -> Screen:
    light = {"COLORFGBG": "0;15", "TUI_ANNOTATE_THEME": "light"}
    looks = {"light": light, "16": {"TERM": "xterm"}, "none": {"NO_COLOR": "1"}}
    env = looks.get(picture.look, {"TUI_ANNOTATE_THEME": "dark"})
    argv = annotate_argv(*picture.command.split())
    with Terminal(
        argv, home=folder, columns=picture.columns, rows=picture.rows, env={**env, **_PROGRAM}
    ) as terminal:
        terminal.settle(0.5)
        terminal.type(picture.keys)
        terminal.settle(0.3)
        for columns, rows in sizes:
            before = len(terminal.raw)
            terminal.resize(columns, rows)
            terminal.wait_for(partial(_has_written, terminal, before))
            terminal.settle(0.5)
            taken(terminal.screen)
        return terminal.screen


def _has_written(terminal: Terminal, before: int, _text: str) -> bool:
    return len(terminal.raw) > before


def svg(screen: Screen, look: str = "dark") -> str:
    """Return a screen as a picture.

    Args:
        screen: What a terminal shows.
        look: `light` for a white ground, else a dark one.
    """
    fore, back = _GROUNDS.get(look, _GROUNDS["dark"])
    width, height = screen.columns * _CELL[0] + 16, screen.rows * _CELL[1] + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}"'
        f' font-family="{_FONT}" font-size="14">',
        f'<rect width="{width:g}" height="{height}" rx="6" fill="{back}"/>',
    ]
    for row in range(screen.rows):
        parts += _row(screen, row, fore, back)
    return "\n".join([*parts, "</svg>", ""])


def _row(screen: Screen, row: int, fore: str, back: str) -> Iterator[str]:
    """Yield what draws a row: fills, and its text in one line of the file."""
    spans, column, y = [], 0, 8 + row * _CELL[1]
    cells = [screen.cell(row, column) for column in range(screen.columns)]
    for style, run in groupby(cells, key=lambda cell: cell._replace(data="")):
        text = "".join(cell.data for cell in run)
        cells_of_it, x = cell_width(text), 8 + column * _CELL[0]
        ink, ground = _pair(style, fore, back)
        if ground != back:
            yield (
                f'<rect x="{x:g}" y="{y}" width="{cells_of_it * _CELL[0]:g}" height="{_CELL[1]}"'
                f' fill="{ground}"/>'
            )
        more = ' font-weight="bold"' if style.bold else ""
        more += ' text-decoration="underline"' if style.underscore else ""
        if ink != fore:
            more += f' fill="{ink}"'
        spans.append(f'<tspan x="{x:g}"{more}>{html.escape(text)}</tspan>')
        column += cells_of_it
    if "".join(cell.data for cell in cells).strip():
        yield f'<text xml:space="preserve" y="{y + 13}" fill="{fore}">{"".join(spans)}</text>'
    else:
        yield "<text/>"


def _pair(style: Char, fore: str, back: str) -> tuple[str, str]:
    ink = fore if style.fg == "default" else _COLOURS.get(style.fg, f"#{style.fg}")
    ground = back if style.bg == "default" else _COLOURS.get(style.bg, f"#{style.bg}")
    return (ground, ink) if style.reverse else (ink, ground)


def text_of(picture: str) -> str:
    """Return the text in an SVG that `svg` made, as `Screen.text` has it."""
    rows = re.findall(r"<text/>|<text [^>]*>(.*?)</text>", picture)
    plain = (html.unescape(re.sub(r"<[^>]*>", "", row)).rstrip() for row in rows)
    return "\n".join(plain).rstrip()


def _write_sources(folder: Path) -> None:
    """Write the sources of the pictures: invented texts, and those of the demo."""
    demo = ROOT / "demo_data"
    text = json.loads((demo / "long.jsonl").read_text("utf-8").split("\n")[0])["text"]
    first = text.split("\n")[0]
    board = "The Water Board would buy the Upper Teal Reservoir from Teal Valley Estate."
    keeper = "Dr Amadou Keffer of the Caldrey Institute has spent twenty years counting eels."
    ours = (
        "To reset, click 'Forgot password' on the log-in page. Do not share the link.\n\n"
        "1. Open the log-in page\n2. Click the link\n3. Check your inbox"
    )
    theirs = (
        "Go to Settings, then Security, and choose Reset password. You get a mail with a link "
        "that is valid for one hour."
    )
    asked = "Please cancel my subscription and refund the last month, I never used it."
    news = (demo / "news.jsonl").read_text("utf-8").splitlines()
    rows: dict[str, list[dict[str, Any]]] = {
        "minutes": [
            {"text": f"{first}{' ' * number}", "meta": {"source": "demo", "id": number + 1}}
            for number in range(20)
        ],
        "tickets": [
            {"text": f"{asked}{' ' * number}", "meta": {"ticket": 4000 + number, "via": "mail"}}
            for number in range(30)
        ],
        "links": [{"text": keeper}, {"text": board}],
        "ours": [_reply(ours)],
        "theirs": [_reply(theirs)],
        "ann1": [_answer(board, ("Water Board", "ORG"), ("Upper Teal Reservoir", "PLACE"))],
        "ann2": [_answer(board, ("Water Board", "ORG"), ("the Upper Teal Reservoir", "PLACE"))],
        "news": [json.loads(line) for line in news],
        "short": [json.loads(line) for line in news[:3]],
    }
    for name, tasks in rows.items():
        lines = "".join(f"{json.dumps(task, ensure_ascii=False)}\n" for task in tasks)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")


def _reply(text: str) -> dict[str, Any]:
    asked = {"text": "How do I reset my password?"}
    return {"id": 1, "input": asked, "output": {"text": text}}


def _answer(text: str, *names: tuple[str, str]) -> dict[str, Any]:
    starts = [(text.index(name), name, label) for name, label in names]
    spans = [{"start": at, "end": at + len(name), "label": label} for at, name, label in starts]
    return {"text": text, "spans": spans, "answer": "accept", "_view_id": "spans_manual"}


def _draw_sheets(names: list[str], folder: Path) -> None:
    _check(names, SHEETS)
    folder.mkdir(exist_ok=True)
    for picture in SHEETS:
        if not names or picture.name in names:
            try:
                drawn_sheet = sheet(picture)
            except TerminalTimeout as error:  # another version may not have this screen
                print(f"{picture.name} is left out: {error}", file=sys.stderr)
                continue
            (folder / f"{picture.name}.svg").write_text(drawn_sheet, "utf-8")
            print(picture.name)


def _check(names: list[str], pictures: Sequence[Picture]) -> None:
    known = [picture.name for picture in pictures]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"there is no picture {', '.join(unknown)}; there are {', '.join(known)}")


def main(arguments: list[str]) -> None:
    """Draw the pictures with these names; all of them where there are none.

    Raises:
        SystemExit: There is no picture of a name; none is drawn then.
    """
    names = list(arguments)
    if names[:1] == ["--before"] and len(names) > 1:
        _PROGRAM["PYTHONPATH"] = str(Path(names[1]).resolve())
        _draw_sheets(names[2:], FOLDER / "before")
        return
    if names[:1] == ["--sheets"]:
        _draw_sheets(names[1:], FOLDER / "sheets")
        return
    _check(names, PICTURES)
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        if not names or picture.name in names:
            with tempfile.TemporaryDirectory() as folder:
                screen = drawn(picture, Path(folder))
            (FOLDER / f"{picture.name}.svg").write_text(svg(screen, picture.look), "utf-8")
            print(picture.name)


if __name__ == "__main__":
    main(sys.argv[1:])
