"""Commands over a source that no session runs: what a pipeline predicts, what patterns match."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import RunsHeadless

MESSY = (
    b'\xef\xbb\xbf{"text": "Acme left", "meta": {"id": 7}}\r\n\r\n{"txt": "no"}\r\n{"text": 5}\r\n'
    b'{"text": "Caf\xe9"}\r\n{"text": "Bo met Acme \xf0\x9f\x91\x8d"}\r\n{"text": "neither"}'
)
PATTERNS = '{"label": "ORG", "pattern": "Acme"}\n{"label": "PER", "pattern": [{"lower": "bo"}]}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pytest.importorskip("spacy")
    (tmp_path / "p.jsonl").write_text(PATTERNS)
    path = tmp_path / "messy.jsonl"
    path.write_bytes(MESSY)
    return path


def test_rows_that_match_are_written_and_bad_ones_named(
    headless: RunsHeadless, source: Path
) -> None:
    out, patterns = source.with_name("out.jsonl"), source.with_name("p.jsonl")
    done = headless("filter-by-patterns", source, out, "--patterns", patterns)
    assert (done.returncode, done.stdout) == (1, "")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(row["text"], row["spans"]) for row in rows] == [
        ("Acme left", [{"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "ORG"}]),
        (
            "Bo met Acme 👍",
            [
                {"start": 0, "end": 2, "token_start": 0, "token_end": 0, "label": "PER"},
                {"start": 7, "end": 11, "token_start": 2, "token_end": 2, "label": "ORG"},
            ],
        ),
    ]
    assert rows[0]["meta"] == {"id": 7}
    for place in ("messy.jsonl:3: no `text`", ":4: `text` is not a string", ":5: not valid UTF-8"):
        assert place in done.stderr
    assert done.stderr.endswith(f"2 rows written to {out}\n3 rows of {source} left out: no tasks\n")


def test_matches_of_one_label_go_to_stdout(headless: RunsHeadless, source: Path) -> None:
    texts = source.with_name("t.txt")
    texts.write_text("Bo met Acme\nAcme\n")
    arguments: list[str | Path] = ["--patterns", source.with_name("p.jsonl"), "--label", "PER"]
    done = headless("filter-by-patterns", texts, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["Bo met Acme"]
    renamed = headless("filter-by-patterns", texts, "-", *arguments[:2], "--loader", "txt-file")
    assert json.loads(renamed.stdout)["text"] == "Bo met Acme\nAcme\n"


def test_a_source_without_a_session_is_read_as_asked(headless: RunsHeadless, source: Path) -> None:
    table = source.with_name("t.csv")
    table.write_text("words,kind\nBo met Acme,good\n")
    named = ["--text-field", "words", "--label-field", "kind"]
    patterns = source.with_name("p.jsonl")
    done = headless("filter-by-patterns", table, "-", "--patterns", patterns, *named)
    assert json.loads(done.stdout)["accept"] == ["good"]
    lines = source.with_name("t.conll")
    lines.write_text("Bo B-PER B-X\nmet O O\nAcme O B-X\n")
    columns = ["--tag-column", "3"]
    done = headless("filter-by-patterns", lines, "-", "--patterns", patterns, *columns)
    assert json.loads(done.stdout)["text"] == "Bo met Acme", done.stderr
    for command in ("print-stream", "ner.llm.fetch", "textcat.model-annotate"):
        helped = headless(command, "--help").stdout
        assert "--label-field" in helped and "--tag-column" in helped, command


@pytest.mark.parametrize(
    ("patterns", "more", "said"),
    [
        (PATTERNS, ["--label", "LOC"], "no patterns for LOC"),
        ("{}", [], "p.jsonl:1: a pattern needs a `label`"),
        ('{"label": "A", "pattern": [{"lowr": 1}]}', [], "spaCy refuses a pattern"),
        (None, [], "no such file"),
    ],
)
def test_patterns_that_cannot_be_used_are_said(
    headless: RunsHeadless, source: Path, patterns: str | None, more: list[str], said: str
) -> None:
    path = source.with_name("p.jsonl")
    path.unlink()
    if patterns is not None:
        path.write_text(patterns)
    done = headless("filter-by-patterns", source, "-", "--patterns", path, *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_pipeline_predicts_is_printed(headless: RunsHeadless, source: Path) -> None:
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Acme"}])
    model = source.with_name("model")
    nlp.to_disk(model)
    done = headless("print-stream", model, source)
    assert done.returncode == 1
    assert "Acme" in done.stdout and "ORG" in done.stdout and "neither" in done.stdout
    assert "3 rows of" in done.stderr
    missing = headless("print-stream", "no_such_model", source)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "there is no spaCy pipeline" in missing.stderr


def test_a_dry_db_in_makes_no_store(headless: RunsHeadless, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    done = headless("db-in", "news", path, "--dry")
    assert (done.returncode, done.stderr) == (0, "1 answer would be added to news\n")
    assert not list(home.rglob("*.db*"))


def test_a_table_that_was_exported_comes_in_again(headless: RunsHeadless, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "Acme 👍", "spans": [{"start": 5, "end": 6, "label": "E"}], "x": 1}\n'
    )
    headless("db-in", "news", path)
    out = tmp_path / "out.db"
    headless("export", "news", out, "--to", "sqlite", "--offsets", "utf8")
    assert "1 answer added to copy" in headless("db-in", "copy", f"sqlite:{out}").stderr
    assert headless("db-out", "copy").stdout == headless("db-out", "news").stdout
    assert f"sqlite:{out}?table=NAME" in headless("db-in", "copy", out).stderr


def test_what_comes_in_has_to_be_a_file(headless: RunsHeadless, tmp_path: Path) -> None:
    copied = headless("db-in", "copy", "dataset:news")
    assert (copied.returncode, copied.stdout) == (2, "")
    assert "db-merge news copy" in copied.stderr
    merged = headless("db-merge", "news", "--from", tmp_path / "no.db")
    assert (merged.returncode, merged.stdout) == (2, "")
    assert "no.db: there is no such file" in merged.stderr
