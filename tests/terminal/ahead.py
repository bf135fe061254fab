"""A program with a recipe that reads 256 rows before it gives one: `... SET FILE --label A`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from tui_annotate import Arg, get_stream, recipe
from tui_annotate.cli.recipe_command import make_command
from tui_annotate.recipes.registry import get_recipe

WINDOW = 256


def ahead(tasks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    rows = iter(tasks)
    while window := list(islice(rows, WINDOW)):
        yield from window


@recipe("test.ahead", dataset=Arg(help="Set"), source=Arg(help="File"), label=Arg("--label"))
def made(dataset: str, source: str, label: str) -> dict[str, Any]:
    """Read ahead."""
    stream = get_stream(source)
    stream.apply(ahead)
    config = {"labels": label.split(",")}
    return {"dataset": dataset, "view_id": "ner_manual", "stream": stream, "config": config}


if __name__ == "__main__":
    command = make_command(get_recipe("test.ahead"))
    sys.exit(command.main(sys.argv[1:], standalone_mode=False))
