"""Fixtures for all tests: a clean home, programs in terminals, headless commands."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import settings

from tests.support import engines
from tests.support.command_server import client_argv
from tests.support.environment import (
    FOREIGN,
    annotate_argv,
    clean_environment,
    run_headless,
)
from tests.support.server import Server, running
from tests.support.terminal import Terminal
from tui_annotate.cli import main
from tui_annotate.stream.store_sources import _store

# No time limits for single examples: a loaded machine is no failure.
settings.register_profile("default-here", deadline=None)
settings.register_profile(
    "ci-here", deadline=None, derandomize=True, database=None, print_blob=True
)
settings.load_profile("ci-here" if os.environ.get("CI") else "default-here")

_OURS = "TEXTUAL_SNAPSHOT_TEMPDIR"  # where processes that share the tests put pictures
for _name in [name for name in os.environ if name.startswith(FOREIGN) and name != _OURS]:
    del os.environ[_name]
os.environ["TERM"] = "xterm-256color"
os.environ["TEXTUAL_ANIMATIONS"] = "none"


WORKERS = 4
"""How many processes share the tests: much of a run is waiting for programs and disks, so two cores
are busy with four of them."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Share folders of tests among processes; a file or a single test needs none beside its own."""
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    return WORKERS if any(path.is_dir() for path in named) else 0


class StartsTerminal(Protocol):
    """What the fixtures `terminal` and `annotate` are."""

    def __call__(self, *arguments: str | Path, **options: Any) -> Terminal:
        """Start a program; `options` are those of `Terminal`."""
        ...


class RunsHeadless(Protocol):
    """What the fixture `headless` is."""

    def __call__(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run `tui-annotate ARGUMENTS`; `options` are those of `run_headless`."""
        ...


@pytest.fixture(autouse=True, scope="session")
def _no_home_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever a test forgets to say, nothing reads or writes the user's own files."""
    with pytest.MonkeyPatch.context() as patch:
        clean = clean_environment(tmp_path_factory.mktemp("home"))
        for name in ("HOME", *(name for name in clean if name.startswith("XDG_"))):
            patch.setenv(name, clean[name])
        yield


@pytest.fixture(autouse=True)
def _no_store_of_another_test() -> Iterator[None]:
    """A test that says which store `dataset:` means says it for itself alone."""
    yield
    _store.set(None)


@pytest.fixture(autouse=True)
def _no_settings_of_another_test() -> Iterator[None]:
    """A command that runs in this process leaves what its files say in the environment, for the
    programs that it starts."""
    before = {name: value for name, value in os.environ.items() if name.startswith("TUI_ANNOTATE_")}
    yield
    for name in [name for name in os.environ if name.startswith("TUI_ANNOTATE_")]:
        del os.environ[name]
    os.environ.update(before)


MOST_FILES = 200
"""Open files of a test process from which on dead sessions are looked for: `select` takes 1,024."""


@pytest.fixture(autouse=True)
def _no_files_of_dead_sessions() -> Iterator[None]:
    """The program takes what its start has made out of the collector's sight (`gc.freeze`), and its
    process ends with its session. Here one process has hundreds of sessions after another."""
    yield
    descriptors = Path("/proc/self/fd")
    if descriptors.is_dir() and sum(1 for _ in descriptors.iterdir()) > MOST_FILES:
        gc.unfreeze()
        gc.collect()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of a process; skipped where there is none."""
    with running() as started:
        yield started


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for `any_engine` on files and on a server, if it is not only about files."""
    if "any_engine" not in metafunc.fixturenames:
        return
    definition = metafunc.definition
    if definition.get_closest_marker("files_only") is not None:
        return
    marks = [pytest.mark.server]
    if definition.get_closest_marker("server_on_request") is not None:
        marks.append(pytest.mark.slow)
    params = [pytest.param("postgresql", marks=marks)]
    if definition.get_closest_marker("server") is None:
        params.insert(0, pytest.param("sqlite"))
    metafunc.parametrize("any_engine", params, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a server where certain tests are asked for, such as the quick ones."""
    asked = str(config.option.markexpr)
    if asked != "not slow" and "server" not in asked:
        left_out = [each for each in items if each.get_closest_marker("server") is not None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if each.get_closest_marker("server") is None]


@pytest.fixture
def any_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let a test's stores be on files, or on a server with an empty store for each file's name."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    server: Server = request.getfixturevalue("server")
    made: dict[Path, Path] = {}

    def elsewhere(path: Path) -> Path:
        if path not in made:
            made[path] = server.store()
        return made[path]

    engines.elsewhere = elsewhere
    yield
    engines.elsewhere = None
    engines.names.clear()
    server.empty()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder; programs that the other fixtures start live in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def terminal(home: Path) -> Iterator[StartsTerminal]:
    """Start any command in a terminal of its own; all are ended with the test."""
    with ExitStack() as running:

        def start(*arguments: str | Path, **options: Any) -> Terminal:
            return running.enter_context(Terminal(arguments, **{"home": home, **options}))

        yield start


@pytest.fixture
def annotate(terminal: StartsTerminal) -> StartsTerminal:
    """Start `tui-annotate ARGUMENTS` in a terminal of its own."""

    def start(*arguments: str | Path, **options: Any) -> Terminal:
        return terminal(*annotate_argv(*arguments), **options)

    return start


@pytest.fixture
def in_process(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> RunsHeadless:
    """Do what `headless` does, but in this process: for commands whose packages take seconds to
    load."""
    for name, value in clean_environment(home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home)

    def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        assert not options, "these need a process of their own"
        capfd.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        words = [str(each) for each in arguments]
        code = main.run(words)
        sys.stdout.flush()
        said = capfd.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return call


@pytest.fixture
def headless(home: Path) -> RunsHeadless:
    """Run `tui-annotate ARGUMENTS` to its end without any terminal, in a fork of a process that has
    loaded the program."""

    def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        env: Mapping[str, str | None] = options.pop("env", None) or {}
        # What an interpreter reads when it starts takes one of its own.
        started = any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env)
        argv = annotate_argv(*arguments) if started else client_argv(*arguments)
        return run_headless(argv, home, env=env, **options)

    return run
