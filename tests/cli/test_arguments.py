"""How what was written becomes a job: positional arguments, what shapes it, who annotates."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.session.support import write_rows
from tui_annotate import restricted
from tui_annotate.cli.annotator_name import annotator_name, command_line
from tui_annotate.cli.recipe_command import build_job, match_positional
from tui_annotate.cli.run import farewell, how_to_continue
from tui_annotate.commands.end_page import end_page
from tui_annotate.errors import RecipeError, UsageError
from tui_annotate.job import Arg, Job
from tui_annotate.recipes.registry import RecipeSpec, get_recipe, recipe
from tui_annotate.session.types import Ending, SessionCounts
from tui_annotate.sources.base import BadRow, Position
from tui_annotate.stream.row_reader import hint_for

pytestmark = pytest.mark.quick


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ["Anna met Ben."])


def manual(source: Path, **values: object) -> Job:
    given = {"dataset": "s", "source": str(source), "label": "ORG,LOC", **values}
    return build_job(get_recipe("ner.manual"), given)


def matched(*given: str) -> dict[str, str]:
    positional = [p for p in get_recipe("ner.manual").parameters if p.kind == "positional"]
    return match_positional("ner.manual", positional, given)


def test_the_tokenizer_may_be_left_out() -> None:
    assert matched("set", "file") == {"dataset": "set", "source": "file"}
    assert matched("set", "blank:en", "file") == {
        "dataset": "set",
        "model": "blank:en",
        "source": "file",
    }
    for given in ((), ("set",), ("set", "model", "file", "more")):
        with pytest.raises(UsageError, match=r"Usage: ner.manual DATASET \[MODEL\] SOURCE"):
            matched(*given)


def test_a_blank_pipeline_needs_no_extra(source: Path) -> None:
    tasks = list(manual(source, model="blank:en").stream)
    assert [task["text"] for task in tasks] == ["Anna met Ben."]


def test_labels_are_cosmetic_and_the_tokenizer_is_not(source: Path) -> None:
    plain = manual(source)
    assert plain.digest == manual(source, label="A").digest
    assert plain.digest == manual(source, dataset="other").digest
    assert plain.digest != manual(source, model="blank:en").digest
    assert plain.digest != manual(source, text_field="content").digest
    assert manual(source, label="A,B").labels == ("A", "B")


def test_a_label_file_has_one_label_a_line(source: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("\ufeffPERSON\n\n GREAT THING \r\n")
    assert manual(source, label=str(tmp_path / "labels.txt")).labels == ("PERSON", "GREAT THING")


@pytest.fixture
def spec() -> RecipeSpec:
    """A recipe that fails, or converts, as its arguments say."""

    @recipe("test.arguments", number=Arg("--number", "-n", converter=int), how=Arg("--how"))
    def made(dataset: str, number: int = 3, how: str = "") -> object:
        """Fail."""
        if how == "raise":
            raise KeyError("labels")
        extra = {how: 1} if how else {}
        return {"dataset": dataset, "view_id": "ner_manual", "stream": [number], **extra}

    return get_recipe("test.arguments")


def test_arguments_are_converted(spec: RecipeSpec) -> None:
    with pytest.raises(UsageError, match="--number: 'four' does not fit"):
        build_job(spec, {"dataset": "s", "number": "four"})
    assert build_job(spec, {"dataset": "s", "number": "4"}).settings == {"number": 4, "how": ""}
    assert build_job(spec, {"dataset": "s"}).settings == {"number": 3, "how": ""}
    with pytest.raises(RecipeError, match=r"test.arguments: it failed with KeyError: 'labels'"):
        build_job(spec, {"dataset": "s", "how": "raise"})
    with pytest.raises(RecipeError, match=r"component 'streem'. Did you mean 'stream'"):
        build_job(spec, {"dataset": "s", "how": "streem"})


def test_who_annotates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_ANNOTATE_ANNOTATOR", "from-environment")
    assert annotator_name("given ") == "given"
    assert annotator_name(None) == "from-environment"
    monkeypatch.setenv("TUI_ANNOTATE_ANNOTATOR", "")
    assert annotator_name(None)
    for bad in ("", " ", "a\nb", "\udcff"):
        with pytest.raises(UsageError, match="--as"):
            annotator_name(bad)


def test_the_last_line_says_what_is_saved_and_how_to_go_on(source: Path, tmp_path: Path) -> None:
    job, store = manual(source, dataset="my set"), tmp_path / "a.db"
    assert farewell(job, store, "CMD", 1, None) == [
        f"1 answer saved to 'my set' in {store}",
        "Continue with: CMD",
    ]
    assert farewell(job, store, "CMD", 2, "went wrong") == [
        "went wrong",
        f"2 answers saved to 'my set' in {store}",
        "Continue with: CMD",
    ]
    assert farewell(job, store, "CMD", 0, None)[0].startswith("0 answers saved")
    assert farewell(job, store, "CMD", 0, "went wrong") == ["went wrong"]
    assert farewell(job, store, "CMD", None, "went wrong") == ["went wrong"]
    said = farewell(job, store, "", 1, None)  # it holds what cannot be copied from a screen
    assert said[-1] == "The same command continues"


def test_commands_that_are_printed_hold_what_a_shell_takes_as_it_is(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "it's $(touch x)"
    monkeypatch.setattr("sys.argv", ["tui-annotate", "mark", bad])
    assert shlex.split(command_line()) == ["tui-annotate", "mark", bad]
    monkeypatch.setattr("sys.argv", ["tui-annotate", "mark", "a\x07b"])
    assert command_line() == ""
    row = BadRow("no-input", "", Position(0, 0), Position(0, 0), guess=bad)
    assert shlex.split(str(hint_for(row)).strip("Try `")) == ["--text-field", bad]
    page = end_page(
        manual(source, dataset=bad), SessionCounts(dropped={"answered": 1}), Ending("x")
    )
    shown = "\n".join(page)
    assert f"drops {shlex.quote(bad)}" in shown and f"db-out {shlex.quote(bad)} >" in shown


def test_the_export_that_is_proposed_overwrites_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "news.jsonl"  # which has the name that is proposed for the dataset
    source.write_text('{"text": "Anna met Ben"}\n')

    def proposed() -> str:
        page = end_page(manual(source, dataset="news"), SessionCounts(), Ending("x"))
        (line,) = [each.strip() for each in page if "export:" in each]
        return line.removeprefix("export: ")

    assert proposed() == "tui-annotate db-out news > news-answers.jsonl"
    (tmp_path / "news-answers.jsonl").symlink_to("nowhere")
    assert proposed() == "tui-annotate db-out news > news-answers2.jsonl"
    source.rename(tmp_path / "other.jsonl")
    source = tmp_path / "other.jsonl"
    assert proposed() == "tui-annotate db-out news > news.jsonl"


def test_who_has_no_shell_is_told_of_no_command(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = SessionCounts(dropped={"answered": 1}, remarks=2)
    assert "tui-annotate" in "\n".join(end_page(manual(source), counts, Ending("x")))
    assert how_to_continue("tui-annotate mark x") == "Continue with: tui-annotate mark x"
    monkeypatch.setitem(restricted._state, "restricted", True)
    assert how_to_continue("CMD") == "Continue with: CMD", "somebody's own shell has called it"
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5 10.0.0.2 22")
    assert how_to_continue("CMD") == "Log in again to continue"
    page = "\n".join(end_page(manual(source), counts, Ending("x")))
    assert "tui-annotate" not in page and "1 not asked" in page and "source: x" in page


def test_the_demo_data_makes_jobs() -> None:
    from tui_annotate.cli.demo import SETS, demo_job

    for name in SETS:
        job = demo_job(name)
        assert job.labels
        assert json.dumps(next(iter(job.stream)))
        assert "#" in job.config["instructions"]
