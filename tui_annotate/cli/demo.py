"""`tui-annotate demo`: the demo data in a store of its own, or a check of the installation."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import click

from tui_annotate.cli.annotator_name import command_line
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.cli.run import run_job
from tui_annotate.cli.stream_options import SessionOptions
from tui_annotate.data_paths import data_folder
from tui_annotate.errors import SourceError, TuiAnnotateError
from tui_annotate.interpreter import isolated_environment, module_command
from tui_annotate.job import Job
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.store.database import open_store

PATIENCE = 60.0
"""Seconds until something that should happen is given up."""


class _Child:
    """The demo in a pseudo-terminal of 80x24; its output is read and thrown away.

    Args:
        store: The database that it uses.
    """

    def __init__(self, store: Path) -> None:
        environment = {
            **isolated_environment(),
            "TERM": "xterm-256color",
            "TUI_ANNOTATE_DEMO_DB": str(store),
        }
        self.output = b""
        self._code: int | None = None
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            arguments = module_command("tui_annotate", "demo", "--as", "check")
            os.execve(sys.executable, arguments, environment)  # noqa: S606
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)

    def read(self, seconds: float) -> None:
        """Read what comes within a time."""
        if select.select([self._terminal], [], [], seconds)[0]:
            try:
                self.output += os.read(self._terminal, 65536)
            except OSError:
                time.sleep(seconds)

    def press(self, key: str) -> None:
        """Type a key."""
        os.write(self._terminal, key.encode())

    def exit_code(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self._code is None:
            process, status = os.waitpid(self._process, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if process else None
        return self._code

    def end(self) -> None:
        """End it, if it still runs."""
        if self.exit_code() is None:
            os.kill(self._process, 9)
            os.waitpid(self._process, 0)


def check_installation() -> int:
    """Answer a demo task by keys, find the answer in the store, say so, and return 0.

    Raises:
        TuiAnnotateError: Something did not happen in time.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "check.db"
        child = _Child(store)
        try:
            _wait(child, lambda: b"PERSON" in child.output, "the first task on screen")
            _wait_quiet(child)
            child.press("2")
            _wait_quiet(child)
            child.press("a")
            _wait(child, lambda: _answers(store) == 1, "the answer in the store")
            _wait_quiet(child)
            for _ in range(2):
                child.press("q")
                _wait_quiet(child)
            _wait(child, lambda: child.exit_code() is not None, "the end of the program")
        finally:
            child.end()
        if child.exit_code() != 0:
            code = child.exit_code()
            raise TuiAnnotateError(f"the demo ended with exit code {code}", where="demo --check")
    sys.stdout.write("demo --check: a task was answered by keys and its answer is in the store\n")
    return 0


def _wait(child: _Child, happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        child.read(0.05)
        if time.monotonic() > end:
            raise TuiAnnotateError(f"{what} did not come in {PATIENCE:.0f} s", where="demo --check")


def _wait_quiet(child: _Child, seconds: float = 0.3) -> None:
    """Read until nothing has come for a while: the frame is complete."""
    before = -1
    while len(child.output) != before:
        before = len(child.output)
        child.read(seconds)


def _answers(store: Path) -> int:
    if not store.exists():
        return 0
    try:
        with open_store(store, create=False, readonly=True) as found:
            dataset = found.admin.find_dataset("demo_news")
            return sum(found.answers.counts(dataset.id).values()) if dataset else 0
    except TuiAnnotateError:
        return 0  # it is just being made


SETS = ("news", "reviews", "long")
"""The demos, by the names of their files."""

_RECIPES = {"news": "ner.manual", "reviews": "textcat.manual", "long": "spans.manual"}


@click.command("demo")
@click.argument("name", type=click.Choice(SETS), default="news")
@click.option("--check", is_flag=True, help="Answer one task by itself and look it up; then exit")
@click.option("--as", "annotator", metavar="NAME", help="Who annotates (else the login name)")
@click.option("--keymap", metavar="NAME|FILE.toml", help="default, prodigy, vim, or a file")
@click.option("--theme", metavar="NAME", help="dark, light, high-contrast, monochrome or neutral")
@click.option(
    "--plain/--no-plain", default=None, help="Line by line, for screen readers; no screen"
)
def command(
    name: str,
    check: bool,
    annotator: str | None,
    keymap: str | None,
    theme: str | None,
    plain: bool | None,
) -> int:
    """Try it on demo data; answers go to a store of their own.

    NAME is news (entities, the default), reviews (classes) or long (overlapping terms).
    """
    if check:
        return check_installation()
    store = Path(os.environ.get("TUI_ANNOTATE_DEMO_DB") or data_folder() / "demo.db")
    options = SessionOptions(
        annotator, keymap=keymap, theme=theme, plain=plain, command=command_line(), store=store
    )
    return run_job(lambda: demo_job(name), options)


def demo_job(name: str) -> Job:
    """Return the job of a demo, with its guidelines."""
    folder = demo_folder()
    values = {
        "dataset": f"demo_{name}",
        "source": str(folder / f"{name}.jsonl"),
        "label": str(folder / "labels" / f"{name}.txt"),
    }
    job = build_job(get_recipe(_RECIPES[name]), values)
    job.config["instructions"] = (folder / f"{name}.md").read_text("utf-8")
    return job


def demo_folder() -> Path:
    """Return where the demo data lies: in the package, or beside it in a source tree.

    Raises:
        SourceError: It is in neither place.
    """
    package = Path(str(files("tui_annotate")))
    for folder in (package / "demo_data", package.parent / "demo_data"):
        if (folder / "news.jsonl").is_file():
            return folder
    raise SourceError(
        "the demo data is missing", where=str(package / "demo_data"), hint="Install it again"
    )
