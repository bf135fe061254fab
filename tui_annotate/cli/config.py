"""`tui-annotate config`, what is in force and where it came from; and `trust`, which has a file
obeyed that another user could have written, as it is now.
"""

from __future__ import annotations

from pathlib import Path

import click

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.console import say
from tui_annotate.cli.setting_table import SETTINGS
from tui_annotate.cli.settings import PREFIX, load_settings
from tui_annotate.data_paths import database_path, is_server_name, store_path
from tui_annotate.text.safe import safe_line
from tui_annotate.trust import trust


@click.command("config")
def command() -> None:
    """Print the settings in force, where each comes from, and the files that were looked for."""
    settings = load_settings()
    places = {"db": str(database_path()), "annotator": annotator_name(None)}
    width = max(map(len, SETTINGS))
    for key, setting in SETTINGS.items():
        found = settings.found.get(key)
        if found is None:
            default = places.get(key) or setting.default
            value = f"{default}  by default" if default else "-"
            _say(f"{key:<{width}}  {value}  ({setting.help})")
        else:
            value = "is set" if setting.secret else repr(_shown(key, found.value))
            _say(f"{key:<{width}}  {value}  from {found.origin}")
    _say("")
    for path, there in settings.looked:
        _say(f"{'read' if there else 'not there'}: {path}")
    _say(f"variables: {PREFIX}KEY, such as {PREFIX}BATCH_SIZE")
    for line in settings.refused:
        _say(f"not obeyed: {line}")
    for key, path in settings.ignored:
        _say(f"no meaning here: {key!r} in {path}")


def _shown(key: str, value: object) -> object:
    """Return a value as it may be shown: the name of a server without its password."""
    return str(store_path(str(value))) if key == "db" and is_server_name(str(value)) else value


def _say(text: str) -> None:
    click.echo(safe_line(text))


@click.command("trust")
@click.argument("file", type=click.Path(path_type=Path))
def trust_command(file: Path) -> None:
    """Obey FILE, settings or recipes of another user, until its owner or content changes.

    Read it first: a recipe file runs with your rights, and settings say where answers go.
    """
    say(f"{trust(file)} is obeyed as it is now; after a change you are asked again")
