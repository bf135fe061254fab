"""`report`: one file that needs nothing else, with the figures of `stats --json`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tui_annotate.cli.main import run

EVIL = '<script>alert(1)</script>"&\x1b[31m'
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class Reader(HTMLParser):
    """Collects the figures, the tags and the addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, int] = {}
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.addresses += [key for key in ("src", "href", "action", "data") if key in given]
        if place := given.get("data-figure"):
            self.figures[place] = int(given["data-value"] or "")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    rows = [
        {"text": f"Ada {n // 2} of Rome", "spans": [{"start": 0, "end": 3, "label": label}],
         "answer": "reject" if n == 7 else "accept", "_view_id": "ner_manual",
         "_annotator_id": f"ann{n % 2}", "_session_id": f"news-ann{n % 2}"}
        for n, label in enumerate(["PER"] * 30 + [EVIL] * 3)
    ]  # fmt: skip
    Path("rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    assert run(["db-in", "news", "rows.jsonl"]) == 0
    assert run(["report", "news", "-o", "report.html"]) == 0
    return tmp_path / "report.html"


def at(found: Any, place: str) -> Any:
    for key in place.split("."):
        found = found[int(key)] if isinstance(found, list) else found[key]
    return found


@pytest.mark.quick
def test_the_figures_are_those_of_stats(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = Reader()
    read.feed(page.read_text("utf-8"))
    capsys.readouterr()
    assert run(["stats", "news", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {place: at(figures, place) for place in read.figures} == read.figures
    for key, each in (("labels", "n"), ("days", "answers"), ("people", "answers"),
                      ("together", "same")):  # fmt: skip
        assert figures[key], key
        assert {f"{key}.{n}.{each}" for n in range(len(figures[key]))} <= read.figures.keys()
    assert {f"answers.{each}" for each in figures["answers"]} <= read.figures.keys()
    assert len(figures["labels"]) == 2 and figures["labels"][0]["n"] == 29


@pytest.mark.quick
def test_it_asks_for_nothing_and_runs_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    read = Reader()
    read.feed(text)
    assert "svg" in read.tags and not {"script", "link", "img", "iframe", "object"} & {*read.tags}
    assert not read.addresses and "\x1b" not in text
    assert not re.search(r"https?:|url\(|@import|\son\w+=", text)
    assert "&lt;script&gt;" in text


@pytest.mark.quick
def test_a_file_that_is_there_is_kept(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = page.read_bytes()
    assert run(["report", "news", "-o", "report.html"]) == 1
    assert page.read_bytes() == before
    assert run(["report", "news", "-o", "report.html", "--overwrite"]) == 0
    assert run(["report", "news", "-o", "report.txt"]) == 2
    assert "end in .html" in capsys.readouterr().err


@pytest.fixture
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no headless browser is installed; looked for {', '.join(BROWSERS)}")
    return found


def shown(browser: str, page: Path) -> tuple[str, list[str], list[str]]:
    """Return what a page is once a browser has loaded it, the addresses that it has asked for, and
    what was said on the browser's console. There is no network: no name is resolved, and nothing
    listens where the proxy should be."""
    log = page.parent / "net.json"
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
         "--enable-logging=stderr", "--v=0", f"--log-net-log={log}",
         f"--user-data-dir={page.parent / 'browser'}", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    asked = [
        each["params"]["url"]
        for each in json.loads(log.read_text("utf-8"))["events"]
        # What the browser asks for of its own accord is from no origin.
        if each.get("params", {}).get("initiator", _BROWSER) != _BROWSER
    ]
    return done.stdout, asked, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


_BROWSER = "not an origin"


def test_a_browser_shows_it_without_a_network(
    page: Path, browser: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dom, asked, said = shown(browser, page)
    assert (asked, said) == ([], [])
    read = Reader()
    read.feed(dom)
    capsys.readouterr()
    assert run(["stats", "news", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert read.figures == {place: at(figures, place) for place in read.figures}
    assert read.figures["answers.reject"] == 1 and read.tags.count("svg") > 5

    other = page.with_name("other.html")  # what this would not miss
    other.write_text("<img src='http://elsewhere.example/a.png'><script>console.error(1)</script>")
    _, asked, said = shown(browser, other)
    assert asked == ["http://elsewhere.example/a.png"] and said
