"""Restricted sessions: nothing but the job, whatever is on the command line or in the variables."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.proof.server import Server, missing
from tests.session.support import write_rows
from tests.support.environment import ROOT, annotate_argv, clean_environment, run_headless
from tests.terminal.support import Job
from tui_annotate.cli.command_table import COMMANDS
from tui_annotate.cli.settings import load_settings
from tui_annotate.commands.table import ACTIONS, BY_ID
from tui_annotate.errors import UsageError
from tui_annotate.recipes.registry import BUILT_IN, get_recipe, recipe
from tui_annotate.restricted import CLIENT_COMMAND, check_words, clean

SECRET = "nobody is to read this"

RECIPE = """
import tui_annotate as ta
@ta.recipe("mine")
def mine():
    print("my code has run")
"""


# What there is, and what says that it may be there


def test_only_what_says_so_is_contained() -> None:
    contained = {name for name, entry in COMMANDS.items() if entry.contained}
    assert contained == {"help", "recipes", "version"}
    assert {action.id for action in ACTIONS if not action.contained} == {"event"}
    sends_texts = {name for name in BUILT_IN if ".llm." in name}
    assert sends_texts == {name for name in BUILT_IN if not get_recipe(name).contained}


@pytest.mark.quick
def test_a_recipe_of_somebody_is_not_contained_unless_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui_annotate.recipes.registry._registered", {})
    recipe("somebodys.own")(lambda dataset: None)
    assert not get_recipe("somebodys.own").contained
    recipe("somebodys.own", contained=True)(lambda dataset: None)
    assert get_recipe("somebodys.own").contained


EACH = """
import sys
from tui_annotate.cli.main import run
for name in sys.argv[1:]:
    code = run(["--restricted", "--", name, "some_set", "--yes", "out.jsonl"])
    print(name, code, file=sys.stderr)
"""


@pytest.mark.quick
def test_every_other_command_is_refused_in_one_line(home: Path) -> None:
    refused = [name for name, entry in COMMANDS.items() if not entry.contained]
    done = run_headless([sys.executable, "-c", EACH, *refused], home)
    assert not done.stdout
    said = [line for line in done.stderr.splitlines() if "ignored in a restricted" not in line]
    hint = "It runs only the job that whoever set it up has named"
    for name in refused:
        what = f"the command {name} is not available in a restricted session"
        assert said[:2] == [f"tui-annotate: {what}. {hint}", f"{name} 2"]
        del said[:2]
    assert not said


# The words of a command line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is no start screen in a restricted session"),
        (("mine", "-F", "mine.py"), "no recipe file is loaded in a restricted session"),
        (("-F", "mine.py", "mine"), "no recipe file is loaded in a restricted session"),
        (("--no-compat", "-F", "mine.py", "help"), "no recipe file is loaded"),
        (("--", "mine", "-F", "mine.py"), "there is no command 'mine'"),
        (("mark", "s", "a.jsonl", "--", "-F", "mine.py"), "are too many arguments"),
        (("mark", "s", "a.jsonl", "--db", "other.db"), "No such option"),
        (("--db", "other.db", "mark", "s", "a.jsonl"), "No such option"),
        (("export", "s", "-o", "x"), "the command export is not available"),
        (("demo",), "the command demo is not available"),
    ],
)
def test_no_way_out_by_the_command_line(
    arguments: tuple[str, ...], said: str, home: Path, headless: RunsHeadless
) -> None:
    home.mkdir(exist_ok=True)
    (home / "mine.py").write_text(RECIPE)
    write_rows(home / "a.jsonl", ["One."])
    done = headless("--restricted", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "my code has run" not in done.stdout
    assert "Traceback" not in done.stderr
    assert not (home / "other.db").exists()


@pytest.mark.parametrize("before", [("mark", "--restricted"), ("mark", "s", "x", "--restricted")])
def test_the_option_may_stand_anywhere_before_two_dashes(
    before: tuple[str, ...], headless: RunsHeadless
) -> None:
    assert "in a restricted session" in headless(*before, "-F", "mine.py").stderr


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ("mark s /etc/passwd", True),
        ("/etc/passwd", True),
        ("/etc/pass*", True),
        ("/etc/[p]asswd", True),
        ("s /e*", True),
        ("*", True),
        ("mark s /etc/shadow", False),
        ("sh -c 'cat /etc/passwd'", False),
        ("* * * * * *", False),
        ("", False),
        ("  ", False),
        ("*" * 5000 + "b", False),
    ],
)
def test_words_of_the_client_are_known_in_a_command_line(asked: str, holds: bool) -> None:
    arguments = ["--restricted", "mark", "s", "/etc/passwd"]
    if holds:
        with pytest.raises(UsageError, match="the words that the client has sent"):
            check_words(arguments, {CLIENT_COMMAND: asked})
    else:
        check_words(arguments, {CLIENT_COMMAND: asked})


def test_a_whole_command_of_the_client_in_one_word_is_known() -> None:
    with pytest.raises(UsageError):
        check_words(["--restricted", "mark s x"], {CLIENT_COMMAND: "mark s x"})


# Variables and settings


def test_variables_that_say_where_answers_go_are_ignored() -> None:
    given = {
        "HOME": "/home/a",
        "XDG_DATA_HOME": "/elsewhere",
        "TUI_ANNOTATE_DB": "/elsewhere.db",
        "TUI_ANNOTATE_ANNOTATOR": "bob",
        "TEXTUAL_LOG": "/home/a/.profile",
        "TEXTUAL_DRIVER": "mine:Driver",
        "_TUI_ANNOTATE_COMPLETE": "bash_source",
        "LANG": "C.UTF-8",
    }
    here = dict(given)
    said = clean(here)
    assert here == {"HOME": "/home/a", "XDG_DATA_HOME": "/elsewhere", "LANG": "C.UTF-8"}
    assert said == ["ignored in a restricted session: TUI_ANNOTATE_ANNOTATOR, TUI_ANNOTATE_DB"]
    sent = dict.fromkeys(
        (
            *("XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "TMPDIR", "SQLITE_TMPDIR", "SSLKEYLOGFILE"),
            *("PGHOSTADDR", "PGSERVICEFILE", "PGOPTIONS", "PYTHONPATH", "TERMINFO", "HF_HOME"),
        ),
        "/elsewhere",
    )
    kept = {"LC_ALL": "C", "PGPASSWORD": "x", "TERM": "xterm", "SSH_CONNECTION": "::1 1 ::1 22"}
    over_ssh = {**given, **sent, **kept, CLIENT_COMMAND: "scp -f x\x1b[2J"}
    said = clean(over_ssh)
    assert over_ssh == {"HOME": "/home/a", "LANG": "C.UTF-8", **kept}
    assert "PGHOSTADDR, PGOPTIONS, PGSERVICEFILE" in said[0]
    assert "XDG_DATA_HOME" in said[0]
    assert "the command of the client, scp -f x" in said[1]


@pytest.mark.parametrize("yes", ["project", "user", "variable"])
def test_what_switches_it_on_cannot_be_taken_back(yes: str, tmp_path: Path) -> None:
    user = tmp_path / ".config" / "tui-annotate" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text(f"restricted = {'true' if yes == 'user' else 'false'}\n")
    project = f"restricted = {'true' if yes == 'project' else 'false'}\n"
    (tmp_path / "tui-annotate.toml").write_text(project)
    variables = {"TUI_ANNOTATE_RESTRICTED": "yes" if yes == "variable" else "no"}
    found = load_settings(tmp_path, {"HOME": str(tmp_path), **variables})
    assert found.found["restricted"].value is True


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"TUI_ANNOTATE_RESTRICTED": "no"},
        {"TUI_ANNOTATE_PROJECT": "/dev/null"},
        {"TUI_ANNOTATE_PROJECT": "other.toml"},
        {"TUI_ANNOTATE_RESTRICTED": "0", "XDG_CONFIG_HOME": "/nowhere"},
    ],
)
def test_no_variable_hides_a_project_file_that_restricts(
    variables: dict[str, str], home: Path, headless: RunsHeadless
) -> None:
    home.mkdir(exist_ok=True)
    (home / "tui-annotate.toml").write_text("restricted = true\n")
    (home / "other.toml").write_text("restricted = false\n")
    done = headless("datasets", env=variables)
    assert done.returncode == 2
    assert (
        done.stderr.rstrip()
        .splitlines()[-1]
        .startswith("tui-annotate: the command datasets is not available")
    )


@pytest.mark.parametrize("flag", ["-i", "PYTHONINSPECT"])
def test_no_interpreter_is_left_behind(flag: str, home: Path) -> None:
    argv = annotate_argv("--restricted", "version")
    environment = clean_environment(home, {"PYTHONINSPECT": "1"} if flag[0] == "P" else {})
    if flag == "-i":
        argv.insert(1, flag)
    script = "print('an interpreter answers', 6 * 7)\n"
    done = subprocess.run(
        argv, input=script, env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert "42" not in done.stdout
    assert "does not begin under" in done.stderr


IN_A_PROCESS = """
import os, subprocess, sys
from pathlib import Path
from tui_annotate import restricted
restricted.restrict()
restricted.confine([sys.argv[1], "dataset:x", "own:pictures"])
refused = 0
for start in (
    lambda: subprocess.run(["true"]),
    lambda: os.system("true"),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    lambda: os.spawnv(os.P_WAIT, "/bin/true", ["true"]),
    lambda: os.popen("true"),
    lambda: os.fork(),
    lambda: __import__("pty").spawn("/bin/true"),
):
    try:
        start()
    except PermissionError:
        refused += 1
inside = Path(sys.argv[1]).parent
print(refused, *(
    restricted.may_open(path)
    for path in (
        inside / "a.png", inside / "deep" / "a.png", inside / ".." / "a.png",
        inside / "link.png", Path("a.png"), Path("/etc/passwd"),
    )
))
"""


def test_no_program_is_started_and_pictures_lie_with_the_source(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "link.png").symlink_to("/etc/passwd")
    argv = [sys.executable, "-c", IN_A_PROCESS, str(folder / "a.jsonl")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["8", "True", "True", "False", "False", "False", "False"]


# In a terminal


@pytest.mark.terminal
def test_answers_go_where_the_command_line_says(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    env = {"TUI_ANNOTATE_DB": str(home / "mine.db"), "TUI_ANNOTATE_ANNOTATOR": "somebody"}
    with annotate("--restricted", *job.arguments, "--as", "ann", env=env) as screen:
        screen.wait_for("2 to go")
        screen.press("ctrl+z")
        screen.wait_for("there is no shell to go back to")
        screen.press("a")
        screen.wait_for("1 done")
        screen.type("q q")
        assert screen.wait_exit() == 0
    assert not (home / "mine.db").exists()
    assert [each["_annotator_id"] for each in job.answers()] == ["ann"]
    assert not (home / "state" / "tui-annotate" / "recent.json").exists()


@pytest.mark.terminal
def test_line_by_line_there_is_no_shell_either(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 2)
    with terminal("/bin/sh", "-i", env={"PS1": "shell> "}) as shell:
        shell.wait_for("shell>")
        shell.send(shlex.join(annotate_argv("--restricted", *job.arguments, "--plain")) + "\r")
        shell.wait_for("Row 1 of them.")
        shell.press("ctrl+z")
        shell.send("!sh\r")
        shell.wait_for(re.compile("I do not know|Write help"))
        shell.send("event x\r")
        shell.wait_for("event is not available in a restricted session")
        shell.send("a\r")
        shell.wait_for("Row 2 of them.")
        assert shell.screen_text().count("shell>") == 1
        shell.send("q\r")
        shell.wait_for("1 answer saved")


@pytest.mark.terminal
def test_no_picture_from_elsewhere_is_looked_at(
    tmp_path: Path, home: Path, annotate: StartsTerminal
) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    outside = tmp_path / "secret.gif"
    outside.write_bytes(b"GIF89a" + (77).to_bytes(2, "little") + (55).to_bytes(2, "little") + b"0")
    inside = folder / "own.gif"
    inside.write_bytes(outside.read_bytes())
    source = folder / "a.jsonl"
    rows = [{"image": str(outside)}, {"image": str(inside)}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with annotate("--restricted", "mark", "s", source, "--view-id", "image") as screen:
        assert "77 x 55" not in screen.wait_for("its size is not known here")
        screen.press("a")
        screen.wait_for("77 x 55")


def test_an_event_says_that_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_annotate.commands.table.is_restricted", lambda: True)
    assert BY_ID["event"].refusal == "event is not available in a restricted session"
    assert not BY_ID["accept"].refusal


WATCHED = """
import atexit, os, sys
from pathlib import Path
found = set()
def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        found.add(os.path.abspath(os.fsdecode(arguments[0])))
    elif event.startswith(("os.exec", "os.fork", "os.posix_spawn", "os.system", "subprocess.")):
        found.add(f"PROGRAM {event} {arguments}")
sys.addaudithook(watch)
log = Path(sys.argv[1])
atexit.register(lambda: log.write_text("\\n".join(sorted(found))))
sys.argv[0] = "tui-annotate"
from tui_annotate.cli.main import run
sys.exit(run(sys.argv[2:]))
"""

LEAVES = {"q", "Q"}
"""Keys that end a session, or the menu and the list of older answers."""


@pytest.mark.terminal
def test_no_key_and_nothing_in_the_menu_opens_another_file(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 400)
    log = tmp_path / "opened"
    argv = [sys.executable, "-c", WATCHED, str(log), "--restricted", *job.arguments]
    typed = [chr(code) for code in range(33, 127) if chr(code) not in LEAVES]
    controls = [chr(code) for code in range(1, 32) if code != 27]
    functions = [f"\x1b[{n}~" for n in (2, 3, 5, 6, *range(11, 25))] + ["\x1bOP", "\x1b[1;5A"]
    hostile = "/etc/passwd\x1b]52;c;AAAA\x07\x1b[2J!sh\r:e /etc/passwd\r"
    menu = [f"m{action.label}\r" for action in ACTIONS if not action.keys]
    with terminal(*argv) as screen:
        screen.wait_for("400 to go")
        for key in [*controls, *functions]:
            screen.send(key)
            time.sleep(0.02)
        # A comment, a search and a name to be typed take what looks like a path or a command.
        for key in [*typed, *menu, "c" + hostile, "/" + hostile, "t/etc\r"]:
            if key != "L":  # without a screen it is tried elsewhere
                screen.send(key)
                time.sleep(0.02)
                screen.send("\x1b")
                time.sleep(0.02)
        screen.settle()
        assert screen.running
        screen.signal(signal.SIGTERM)
        assert screen.wait_exit() == 143
    own = [sys.prefix, sys.base_prefix, *sys.path, str(home), str(tmp_path), str(ROOT)]
    roots = tuple(str(Path(each).resolve()) for each in own if each)
    system = ("/proc/", "/dev/", "/usr/share/zoneinfo", "/usr/lib/locale", "/etc/localtime")
    opened = log.read_text().splitlines()
    assert str(job.source) in opened
    assert [each for each in opened if not each.startswith((*roots, *system))] == []


# A forced command of a real server


FORMS = {
    "a whole recipe line": ("--restricted {job}", "Row 1 of them."),
    "no recipe": ("--restricted", "there is no start screen in a restricted session"),
    "a pager": ("--restricted print-dataset my_set", "print-dataset is not available"),
    "the words of the client": (
        "--restricted $SSH_ORIGINAL_COMMAND",
        "the command line holds the words",
    ),
}


@pytest.mark.terminal
@pytest.mark.skipif(bool(missing()), reason=missing() or "there is a server")
def test_every_form_of_a_forced_command(
    tmp_path: Path, home: Path, terminal: StartsTerminal
) -> None:
    job = Job(tmp_path, home, 3)
    secret = write_rows(tmp_path / "secret.jsonl", [SECRET])
    asked = f"mark my_set {secret}"
    with Server(tmp_path / "server") as server:
        for form, shown in FORMS.values():
            line = shlex.join(annotate_argv()) + " " + form.format(job=shlex.join(job.arguments))
            variables = shlex.join(f"{k}={v}" for k, v in clean_environment(home).items())
            passed = 'SSH_ORIGINAL_COMMAND="$SSH_ORIGINAL_COMMAND" SSH_CONNECTION="x"'
            script = f"cd {shlex.quote(str(home))}; exec env -i {variables} {passed} {line}"
            server.force(script)
            client = [*server.client([], home, tmp_path)[:-1], asked]
            with terminal(*client, home=tmp_path / "client") as screen:
                screen.wait_for(shown)
                if "Row" in shown:
                    screen.press("ctrl+z")
                    screen.press("a")
                    screen.wait_for("1 done")
                    screen.type("q q")
                screen.wait_exit()
                assert SECRET not in screen.raw.decode("utf-8", "replace")
    # Over the network the variables say nothing about where answers go: HOME does.
    assert not job.database.exists()
    job.database = home / ".local" / "share" / "tui-annotate" / "annotations.db"
    assert len(job.answers()) == 1
    assert os.listdir(tmp_path / "client") == []  # noqa: PTH208 - names alone
