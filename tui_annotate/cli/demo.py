"""`tui-annotate demo`: the demo data in a store of its own, or a check of the installation."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import click

from tui_annotate.cli.demo_check import check_installation
from tui_annotate.cli.paths import command_line, data_folder
from tui_annotate.cli.recipe_command import build_job
from tui_annotate.cli.run import SessionOptions, run_job
from tui_annotate.errors import SourceError
from tui_annotate.job import Job
from tui_annotate.recipes.registry import get_recipe

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
