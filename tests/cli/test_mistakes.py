"""Every mistake of a user is one clear line and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.session.support import write_rows
from tui_annotate.cli.main import run
from tui_annotate.store.database import open_store
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.tui.terminal import startup


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with files of every kind, and a terminal that is never drawn on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "annotations.db"))
    monkeypatch.setenv("TUI_ANNOTATE_ANNOTATOR", "tester")
    monkeypatch.setattr(startup, "prepare", lambda *_: startup.Prepared())
    write_rows(tmp_path / "good.jsonl", ["One.", "Two."])
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "twice.txt").write_text("ORG\nLOC\nORG\n")
    (tmp_path / "blank.txt").write_text("\n \n")
    (tmp_path / "latin.txt").write_bytes(b"CAF\xe9\n")
    (tmp_path / "data.rtf").write_text("<a/>")
    return tmp_path


def manual(*arguments: str, label: str = "ORG,LOC") -> list[str]:
    return ["ner.manual", *arguments, "--label", label]


@pytest.mark.quick
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["ner.manuel"], 2, "there is no command 'ner.manuel'. Did you mean 'ner.manual', '"),
        (["dbout"], 2, "there is no command 'dbout'. Did you mean 'db-out', '"),
        (["zzz"], 2, "there is no command 'zzz'. Did you mean '"),
        (["--nonsense"], 2, "No such option"),
        (["ner.manual", "s", "good.jsonl"], 2, "Missing option"),
        (manual(), 2, "ner.manual: DATASET is missing. Usage: ner.manual DATASET [MODEL] SOURCE"),
        (manual("s"), 2, "ner.manual: SOURCE is missing. Usage: "),
        (manual("s", "a", "b", "c"), 2, "ner.manual: 4 are too many arguments. Usage: "),
        (manual("s", "good.jsonl", "--labels", "A"), 2, "No such option"),
        (manual("s", "missing.jsonl"), 1, "missing.jsonl: there is no such file. Check the path"),
        (manual("s", "empty.jsonl"), 1, "empty.jsonl: the file is empty"),
        (manual("s", "folder.jsonl"), 1, "folder.jsonl: this is a directory without a file that"),
        (manual("s", "good.jsonl/x.jsonl"), 1, "good.jsonl/x.jsonl: there is no such file"),
        (manual("s", "data.rtf"), 1, "data.rtf: no loader for files ending in '.rtf'. Save its"),
        (manual("s", "good.jsonl", "--loader", "jsonk"), 1, "there is no loader 'jsonk'. Did you"),
        (manual("s", "good.jsonl", label="no/such.txt"), 2, "no/such.txt: the label file cannot"),
        (manual("s", "good.jsonl", label="labels.txt"), 2, "labels.txt: the label file cannot be"),
        (manual("s", "good.jsonl", label="ORG,LOC,ORG"), 2, "--label: the label 'ORG' is given"),
        (manual("s", "good.jsonl", label="twice.txt"), 2, "twice.txt: the label 'ORG' is given"),
        (manual("s", "good.jsonl", label=" , "), 2, "--label: no label given. Write --label "),
        (manual("s", "good.jsonl", label="blank.txt"), 2, "blank.txt: no label given."),
        (manual("s", "good.jsonl", label="latin.txt"), 2, "latin.txt: not valid UTF-8 at byte 3"),
        (manual("s", "good.jsonl", "--as", " "), 2, "--as: the annotator's name is blank or"),
        (manual("s", "good.jsonl", "--as", ""), 2, "--as: the annotator's name is blank or"),
        (manual("s", "good.jsonl", "--as", "a\x1bb"), 2, "--as: the annotator's name is blank or"),
        (manual("", "good.jsonl"), 1, "the component 'dataset' must be a name"),
        (manual("a\x1b[2J", "good.jsonl"), 2, r"the dataset's name 'a\x1b[2J' holds control"),
        (manual("s", "blanc:en", "good.jsonl"), 2, "no spaCy pipeline 'blanc:en'. Write blank:"),
        (["db-out", "s"], 1, "annotations.db: there is no such database. A first annotation job"),
        (["stats", "s"], 1, "annotations.db: there is no such database. A first annotation job"),
        (["db-out"], 2, "Missing argument"),
        (["db-out", "s", "--answer", "yes"], 2, "'yes' is not one of"),
        (["demo", "films"], 2, "'films' is not one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_one_line_says_what_where_and_what_to_do(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    assert run(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("tui-annotate: ")
    assert err.count("\n") == 1
    assert err[:-1].isprintable()


@pytest.mark.quick
def test_an_unknown_dataset_gets_the_nearest_name(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(here / "annotations.db") as store, store.write_txn():
        store.admin.dataset("my_set")
    for command in ("db-out", "stats"):
        assert run([command, "my_sett"]) == 2
        message = capsys.readouterr().err
        assert "there is no dataset or session 'my_sett'. Did you mean 'my_set'?" in message


@pytest.mark.quick
def test_a_file_without_permission(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: Any, *arguments: Any, **options: Any) -> int:
        """Refuse the file, also to root, who may read everything."""
        if str(path) == "good.jsonl":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    assert run(manual("s", "good.jsonl")) == 1
    assert "good.jsonl: it may not be read (no permission)" in capsys.readouterr().err


@pytest.mark.quick
def test_an_error_of_ours_is_one_line_and_a_file_without_text(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the annotator's text")

    monkeypatch.setenv("XDG_STATE_HOME", str(here / "state"))
    monkeypatch.setattr("tui_annotate.cli.find_datasets.open_store", fail)
    assert run(["datasets"]) == 1
    out, err = capsys.readouterr()
    (file,) = (here / "state" / "tui-annotate").glob("crash-*.txt")
    assert (out, err.count("\n")) == ("", 1)
    assert "internal error, ZeroDivisionError at " in err
    assert str(file) in err
    assert "annotator's text" not in err + file.read_text()
    assert "cli/store_lists.py" in file.read_text()


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["ner.manual", "--help"], ["-h"], ["stats", "-h"], [], ["labels"]],
)
def test_help_is_no_mistake(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Usage: tui-annotate")
    assert err == ""


# Without a terminal


def test_without_a_terminal_it_ends_at_once(headless: RunsHeadless, tmp_path: Path) -> None:
    source = write_rows(tmp_path / "rows.jsonl", ["One."])
    for arguments in (
        ("ner.manual", "s", source, "--label", "A"),
        ("ner.manual", "s", tmp_path / "missing.jsonl", "--label", "A"),
        ("demo",),
    ):
        done = headless(*arguments, stdin=b"aaaa")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "tui-annotate: there is no terminal to draw on. Run it in a terminal; over SSH with"
            " `ssh -t`, in a container with `-it`.\n"
        )
    assert not list(tmp_path.rglob("*.db")), "nothing was made"


@pytest.mark.terminal
@pytest.mark.parametrize(("term", "login"), [("dumb", False), (None, False), ("dumb", True)])
def test_terminals_that_cannot_draw_are_refused(
    annotate: StartsTerminal, tmp_path: Path, term: str | None, login: bool
) -> None:
    source = write_rows(tmp_path / "rows.jsonl", ["One."])
    env = {"TERM": term, "SSH_CONNECTION": "127.0.0.1 1 127.0.0.1 22" if login else None}
    words = ("--restricted",) if login else ()
    terminal = annotate(*words, "ner.manual", "s", source, "--label", "A", env=env)
    assert terminal.wait_exit() == 2
    assert b"\x1b" not in terminal.raw
    said = terminal.raw.replace(b"\r\n", b"")
    # Who logs in to a session of the own has no command line to add it to.
    how = b"Ask whoever let you in to add" if login else b"Add"
    assert how + b" --plain to work line by line" in said
    assert terminal.left_sane()


# What shows only when the rows are read


def in_terminal(
    annotate: StartsTerminal, folder: Path, *arguments: str | Path, code: int = 1
) -> str:
    """Run to the end in a terminal; return what was said, which must be one line, on stderr."""
    log = folder / "log"
    terminal = annotate(*arguments, stderr=log, cwd=folder)
    assert terminal.wait_exit() == code
    assert terminal.left_sane()
    said = log.read_text()
    assert said.startswith("tui-annotate: ")
    assert said[:-1].isprintable()
    return said


def rows_of(line: str, times: int) -> str:
    return (line + "\n") * times


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (
            rows_of('{"id": 1, "content": "Some text of a row.", "created": "now"}', 150),
            (),
            "data.jsonl: no `text` in 100 rows; keys: id, content, created."
            " Try `--text-field content`",
        ),
        (rows_of("no json", 3), (), "data.jsonl: All 3 rows cannot be read: "),
        ("\n\n", (), "data.jsonl: there are no rows in it"),
        ('{"text": "One."}\n[1]\n', ("--strict",), "data.jsonl:2: "),
        ('[1]\n{"text": "One."}\n', ("--strict",), "data.jsonl:1: "),
    ],
    ids=["no text", "no json", "blank", "strict later", "strict at once"],
)
def test_rows_that_cannot_be_read(
    annotate: StartsTerminal, tmp_path: Path, data: str, options: tuple[str, ...], message: str
) -> None:
    (tmp_path / "data.jsonl").write_text(data)
    arguments = ("ner.manual", "s", "data.jsonl", "--label", "A", *options)
    if message == "data.jsonl:2: ":
        terminal = annotate(*arguments, cwd=tmp_path, stderr=tmp_path / "log")
        terminal.wait_for("One.")
        terminal.press("a")
        assert terminal.wait_exit() == 1
        said = (tmp_path / "log").read_text().splitlines()
        assert message in said[0]
        assert said[1].startswith("1 answer saved to s in ")
        return
    assert message in in_terminal(annotate, tmp_path, *arguments)


@pytest.mark.terminal
def test_a_dataset_with_other_hash_keys(annotate: StartsTerminal, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", ["One."])
    database = tmp_path / "home" / "data" / "tui-annotate" / "annotations.db"
    with open_store(database) as store, store.write_txn():
        store.admin.dataset("s", HashSettings(input_keys=("html",)))
    said = in_terminal(annotate, tmp_path, "ner.manual", "s", "rows.jsonl", "--label", "A", code=2)
    assert "s" in said
    assert "hash" in said
