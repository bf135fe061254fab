"""`tui-annotate config`: what is in force, and where it came from."""

from __future__ import annotations

import click

from tui_annotate.cli.paths import annotator_name, database_path
from tui_annotate.cli.setting_table import SETTINGS
from tui_annotate.cli.settings import PREFIX, load_settings
from tui_annotate.data_paths import is_server_name, store_path
from tui_annotate.text.safe import safe_line


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
