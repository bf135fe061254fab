"""Names of sessions where commands take a dataset, names as files, and options of training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.session.support import Place
from tui_annotate.cli.main import run

pytestmark = pytest.mark.quick


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A dataset in which anna has answered two tasks and ben the first one."""
    monkeypatch.chdir(tmp_path)
    found = Place(tmp_path, ["One.", "Two."])
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(found.database))
    for annotator, number in (("anna", 2), ("ben", 1)):
        with found.session(annotator=annotator, config={"feed_overlap": True}) as session:
            for _ in range(number):
                assert session.item is not None
                session.decide("accept", session.item.task)
                session.advance()
    return found


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(list(arguments)) == code, capsys.readouterr().err
    out, err = capsys.readouterr()
    return out if code == 0 else err


def test_a_session_is_named_as_a_dataset_is(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    def texts(name: str) -> list[str]:
        rows = said(capsys, "db-out", name).splitlines()
        return [json.loads(row)["_session_id"] for row in rows]

    assert len(texts("my_set")) == 3
    assert texts("my_set-anna") == ["my_set-anna"] * 2
    assert texts("my_set-ben") == ["my_set-ben"]
    assert said(capsys, "print-dataset", "my_set-ben").count("One.") == 1
    assert "Two." not in said(capsys, "print-dataset", "my_set-ben")
    report = json.loads(said(capsys, "stats", "my_set-anna", "--json"))
    assert (report["session"], report["annotator"]) == ("my_set-anna", "anna")
    assert report["answers"]["accept"] == 2
    exported = said(capsys, "export", "my_set-anna", "-", "--to", "jsonl", "--each")
    assert len(exported.splitlines()) == 2
    both = said(capsys, "export", "my_set-anna,my_set", "-", "--to", "jsonl", "--each")
    assert len(both.splitlines()) == 3
    wrong = said(capsys, "db-out", "my_set-bent", code=2)
    assert "there is no dataset or session 'my_set-bent'. Did you mean 'my_set-ben'?" in wrong


def test_sessions_are_merged_and_where_only_a_dataset_goes_that_is_said(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "db-merge", "my_set-ben", "first")
    assert len(said(capsys, "db-out", "first").splitlines()) == 1
    said(capsys, "db-merge", "my_set-anna,my_set-ben", "both")
    assert len(said(capsys, "db-out", "both").splitlines()) == 3
    wrong = said(capsys, "drops", "my_set-ben", code=2)
    assert "'my_set-ben' is a session, and only whole datasets can be named here" in wrong
    assert "Name my_set, and the session with --session if the command has it" in wrong
    for places in (("-n", "my_set-anna,eval:my_set-ben"), ("-n", "my_set-anna", "-tc", "my_set")):
        wrong = said(capsys, "data-to-spacy", "out", *places, code=2)
        assert "different sessions of my_set are named in two places" in wrong
        assert not Path("out").exists()


@pytest.mark.parametrize("name", ["a/b", "a_b", "a\\b", "a%2Fb", ".", "..", "%2E"])
def test_no_two_datasets_are_written_to_one_file(
    name: str, place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    names = ["a/b", "a_b", "a\\b", "a%2Fb", ".", "..", "%2E"]
    with place.session(dataset=name) as session:
        assert session.item is not None
        session.decide("accept", session.item.task)
    assert run(["db-out", name, str(tmp_path / "out")]) == 0
    (path,) = (tmp_path / "out").iterdir()
    from tui_annotate.cli.db_out import _file_name

    assert path.name == f"{_file_name(name)}.jsonl"
    assert len({_file_name(each) for each in names}) == len(names)


def test_a_new_name_is_refused_wherever_it_is_made(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in.jsonl").write_text('{"text": "a", "answer": "accept"}\n')
    assert "holds control characters" in said(capsys, "db-in", "a\x1b[2J", "in.jsonl", code=2)
    assert "holds control characters" in said(capsys, "db-merge", "my_set", "a\nb", code=2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-x", "my_set"], "neither this command nor spacy train has the option '-x'"),
        (["stray", "--ner", "my_set"], "'stray' is one name too many"),
        (["--ner", "my_set", "--training.max_steps"], "the value of --training.max_steps is"),
        (["--ruler", "my_set"], "neither this command nor spacy train has the option '--ruler'"),
    ],
)
def test_training_swallows_no_option(
    words: list[str], message: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in said(capsys, "train", "out", *words, code=2)
    assert not Path("out").exists()


@pytest.mark.parametrize("option", ["-n", "-sc", "-tc", "-tcm"])
def test_the_short_options_name_datasets(
    option: str, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "'no_set'" in said(capsys, "data-to-spacy", "out", option, "no_set", code=2)
