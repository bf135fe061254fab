"""`tui-annotate ssh-key` and `invite`: annotators who log in by SSH, to their own session alone."""

from __future__ import annotations

import getpass
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tui_annotate.cli.authorized_keys import (
    PublicKey,
    add_line,
    check_name,
    key_line,
    lines_of_ours,
    read_lines,
    read_public_key,
    remove_lines,
    server_problems,
)
from tui_annotate.cli.console import print_rows, say
from tui_annotate.cli.setting_table import PROJECT_FILE
from tui_annotate.cli.settings import load_settings
from tui_annotate.data_paths import is_server_name
from tui_annotate.errors import ConfigError, UsageError
from tui_annotate.interpreter import program_command
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.text.amounts import plural
from tui_annotate.text.safe import safe_line
from tui_annotate.whole_files import real_path

HOST_KEYS = Path("/etc/ssh")
"""Where the server of this host keeps its own keys."""

_SAYS_WHO = ("--as", "--annotator")
_FILE = click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The authorized_keys; else ~/.ssh/authorized_keys",
)


@click.group("ssh-key")
def command() -> None:
    """Let annotators in by SSH: each key opens its annotator's session, and nothing else.

    All of them use the account that the file belongs to. See docs/security.md.
    """


@command.command("add")
@click.argument("name")
@click.argument("key_file")
@click.argument("job", nargs=-1, type=click.UNPROCESSED)
@click.option("--write", is_flag=True, help="Add the line to the file, instead of printing it")
@_FILE
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="The folder that the job begins in; else this one",
)
def add(
    name: str, key_file: str, job: tuple[str, ...], write: bool, file: Path | None, folder: Path
) -> None:
    """Let NAME in by the public key of KEY_FILE, to annotate JOB.

    \b
    JOB stands behind `--`, as after `tui-annotate`:
    tui-annotate ssh-key add ann1 ann1.pub -- ner.manual my_set data.jsonl --label PERSON,ORG
    Without one it is the job of the project in the folder.
    """
    check_name(name)
    key = read_public_key(key_file)
    line = key_line(name, key, _forced(name, job, real_path(folder)))
    for problem in server_problems():
        say(f"not safe yet: {problem}")
    if not write:
        sys.stdout.write(line + "\n")
        return
    target = file or _usual_file()
    add_line(target, line, key)
    say(f"{name} is let in by {key.type} {key.fingerprint}")
    say(f"written to {target}; `tui-annotate invite {name}` prints what to send")


@command.command("list")
@_FILE
def list_(file: Path | None) -> None:
    """List who is let in, by which key, and to which job."""
    found = list(lines_of_ours(read_lines(file or _usual_file())))
    print_rows((each.name, each.key.type, each.key.fingerprint, each.command) for each in found)
    if not found:
        say("nobody is let in by a line of `ssh-key add`")


@command.command("remove")
@click.argument("name")
@_FILE
def remove(name: str, file: Path | None) -> int:
    """Let NAME in no more; whoever is logged in stays until the session ends."""
    count = remove_lines(file or _usual_file(), name)
    say(f"{plural(count, 'key')} of {name} removed" if count else f"{name} has no key there")
    return 0 if count else 1


def _usual_file() -> Path:
    return Path.home() / ".ssh" / "authorized_keys"


def _forced(name: str, job: Sequence[str], folder: Path) -> str:
    """Return the shell's command line that a login of this annotator runs.

    Raises:
        UsageError: The job is none for a restricted session, or says itself who annotates.
    """
    if not job:
        _check_project(name, folder)
        words = [*program_command(), "--restricted", "--as", name]
        return f"cd {shlex.quote(str(folder))} && exec {shlex.join(words)}"
    recipe = job[0]
    if recipe.startswith("-"):
        raise UsageError("the job begins with a recipe, and not with an option", where=recipe)
    if not get_recipe(recipe).contained:
        hint = "The recipes for it come with the program; `tui-annotate recipes` lists them"
        what = "this recipe is not available in the restricted session of a login"
        raise UsageError(what, where=recipe, hint=hint)
    said = [each for each in job if each.partition("=")[0] in _SAYS_WHO]
    if said:
        what = "the login says who annotates"
        raise UsageError(what, where=said[0], hint="Leave it out of the job")
    if "--" in job:
        raise UsageError("options of the session could not stand behind it", where="--")
    if os.environ.get("TUI_ANNOTATE_DB"):
        say(
            "TUI_ANNOTATE_DB does not reach the session of a login: name the database by `db` in"
            f" {folder / PROJECT_FILE}"
        )
    words = [*program_command(), "--restricted", *job, "--as", name]
    return f"cd {shlex.quote(str(folder))} && exec {shlex.join(words)}"


def _check_project(name: str, folder: Path) -> None:
    """Raise `UsageError` where a project's file does not let the key of a login say who it is."""
    where = str(folder / PROJECT_FILE)
    if not Path(where).is_file():
        hint = "Write the job behind `--`, or make a project with `tui-annotate init`"
        raise UsageError("there is no project, and no job is named", where=where, hint=hint)
    try:
        project = load_settings(folder).project
    except ConfigError as error:
        what = f"the project's file names no job, or cannot be read ({error.what})"
        hint = "`tui-annotate check-project` says more"
        raise UsageError(what, where=where, hint=hint) from None
    if project is None:
        hint = "Write the job behind `--`, or name `recipe` and `dataset` there"
        raise UsageError("it names no job", where=where, hint=hint)
    if project.identity != "key":
        what = "in this project a login's key does not say who annotates"
        raise UsageError(what, where=where, hint='Add the line: identity = "key"')
    if project.people and name not in project.people:
        hint = f"Add {name} to `people`"
        raise UsageError(f"{name} is not among the people of the project", where=where, hint=hint)


@click.command("invite")
@click.argument("name")
@click.option("--host", help="The name of this host, as it is reached from outside")
@click.option("--port", type=click.IntRange(1, 65535), help="Where its SSH server listens")
@click.option("--user", help="The account that annotators share")
def invite(name: str, host: str | None, port: int | None, user: str | None) -> None:
    """Print a card to mail to NAME: how to make a key, and how to log in."""
    check_name(name)
    # Of a lead who is logged in by SSH: client address and port, then those of the server.
    link = os.environ.get("SSH_CONNECTION", "").split()
    port = port or (int(link[3]) if len(link) == 4 and link[3].isdigit() else 22)
    card = _card(name, host or socket.gethostname(), port, user or getpass.getuser())
    sys.stdout.write("\n".join(map(safe_line, card)) + "\n")


def _card(name: str, host: str, port: int, user: str) -> list[str]:
    number = "" if port == 22 else f" -p {port}"
    prints = [f"    {kind}: {each}" for kind, each in _host_fingerprints()]
    if not prints:
        prints = ["    (ask whoever runs the host for them)"]
    return [
        f"Annotating as {name}",
        "",
        "You need a terminal and a key. Nothing is installed, and your work is saved after every",
        "answer: if the connection breaks, log in again, and you are at the same task.",
        "",
        "1. Make a key, once.",
        "   Linux, macOS, Windows Terminal:  ssh-keygen -t ed25519",
        "   Send the file that ends in .pub. Never send the other one.",
        "   PuTTY: start PuTTYgen, choose EdDSA, generate, save both. Send the public one.",
        "",
        "2. Log in, when you are told that your key is known.",
        f"   Linux, macOS, Windows Terminal:  ssh{number} {user}@{host}",
        f"   PuTTY: host {host}, port {port}; under Connection, Data: the user {user};",
        "   under Connection, SSH, Auth, Credentials: your private key;",
        "   under Window, Translation: UTF-8.",
        "",
        "3. The first time you are asked whether the host is the right one. It is, if one of",
        "   these is shown:",
        *prints,
        "",
        "4. `?` shows the keys, `q` leaves.",
        *_blindness(),
    ]


def _blindness() -> list[str]:
    """Return the lines about who reads whose answers, in the folder of a project."""
    try:
        project = load_settings().project
    except ConfigError:
        return []
    if project is None or not project.blind:
        return []
    others = "whoever can write its database file"
    if is_server_name(project.bound["db"]):
        others = "whoever leads its database server"
    return [
        "",
        "You see your own answers only, and the other annotators do not see yours. Whoever leads",
        f"the project, and {others}, reads all of them.",
    ]


def _host_fingerprints() -> list[tuple[str, str]]:
    """Return kind and fingerprint of each key of this host's SSH server that can be read."""
    found = []
    for file in sorted(HOST_KEYS.glob("ssh_host_*_key.pub")):
        try:
            key: PublicKey = read_public_key(str(file))
        except UsageError:
            continue
        found.append((key.type, key.fingerprint))
    return found
