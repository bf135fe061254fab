"""Runs a job in the terminal: checks the terminal first, loads the screen last.

An annotator may go from the screen to the plain face and back: the session stays open.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tui_annotate.cli.annotator_name import annotator_name
from tui_annotate.cli.stream_options import SessionOptions, check_job
from tui_annotate.commands.preferences import FACES, Preferences, remember
from tui_annotate.commands.wait_monitor import WaitMonitor, one_line
from tui_annotate.data_paths import database_path, prodigy_path
from tui_annotate.editors.registry import check_views
from tui_annotate.errors import Abandoned, NoTerminal, NothingToAsk
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Job
from tui_annotate.restricted import confine, is_login, is_restricted
from tui_annotate.sources.files import read_stdin_from
from tui_annotate.stream.store_sources import use_store
from tui_annotate.text.safe import safe_line
from tui_annotate.tui.session_client import Worker
from tui_annotate.tui.terminal import startup
from tui_annotate.waiting import Waiting, use

if TYPE_CHECKING:
    from tui_annotate.commands.keymap import Keymap
    from tui_annotate.commands.lock import Lock
    from tui_annotate.session.face_switch import FaceSwitch
    from tui_annotate.tui.terminal.startup import Prepared
    from tui_annotate.watchdog import Watchdog


_OFTEN = 0.5
"""Seconds between two looks at how far the recipe is, where its line is written anew."""


def run_job(build: Callable[[], Job], options: SessionOptions) -> int:
    """Have a job annotated, on the screen or line by line, and return the exit code.

    Args:
        build: Makes the job; called once the terminal is known to be usable.
        options: The session's settings.

    Raises:
        NoTerminal: At once, where there is no terminal to draw on; after the job is made, where it
            might be that the recipe only does something and asks nothing.
    """
    try:
        return _run(build, options)
    except NothingToAsk as command:
        if command.hint:
            sys.stderr.write(f"tui-annotate: {safe_line(command.hint)}\n")
        return 0


def _run(build: Callable[[], Job], options: SessionOptions) -> int:
    annotator = annotator_name(options.annotator)
    store = options.store or database_path()
    preferences = Preferences(annotator)
    plain = options.plain
    if plain is None:
        plain = preferences.get("face", FACES) == "plain"
    use_store(store)
    prepared = _prepare_face(build, options, plain=plain)
    checked = _checked_job(build, options, store, prepared, plain=plain)
    if checked is None:
        sys.stderr.write("Left before the session began; nothing was stored.\n")
        return 0
    job = checked.job
    # In a restricted session pictures that tasks name lie beside the job's own sources only.
    confine(each.source.identity for each in job.streams)
    if options.store is None and not plain and not is_restricted():
        _offer_prodigy(job, store)
    # What a session needs, behind the checks that may refuse it.
    from tui_annotate.session import face_switch, opening

    reading = opening.SourceReading(options.strict, options.verify, options.follow)
    watchdog = _watch(job, store, options.command)
    session = face_switch.FaceSwitch(job, store, annotator, reading)
    work = _Work(session, checked.keymap, options.theme, options.remembered, checked.lock, watchdog)
    while True:
        ended = work.plain(prepared) if plain else work.screen(prepared)
        if not ended.turned:
            break
        plain = not plain
        preferences.set("face", FACES[int(plain)])
        prepared = _prepare(plain, data_from_stdin=False)
    for line in farewell(job, store, options.command, ended.saved, ended.error):
        sys.stderr.write(safe_line(line) + "\n")
    return ended.code


class _CheckedJob(NamedTuple):
    """A job that can be annotated, and what was read for it."""

    job: Job
    keymap: Keymap | None
    lock: Lock | None


def _prepare_face(build: Callable[[], Job], options: SessionOptions, *, plain: bool) -> Prepared:
    """Prepare the terminal for one face; what was piped in is the data then."""
    try:
        prepared = _prepare(plain, options.data_from_stdin)
    except NoTerminal:
        if options.own:  # a recipe that turns out to be a command ends here, by `NothingToAsk`
            build()
        raise
    if prepared.data is not None:
        read_stdin_from(prepared.data)
    return prepared


def _checked_job(
    build: Callable[[], Job],
    options: SessionOptions,
    store: Path,
    prepared: Prepared,
    *,
    plain: bool,
) -> _CheckedJob | None:
    """Make the job and check it, while somebody is told what takes long; None where they have left
    meanwhile."""
    monitor = _monitor(plain)
    # A recipe from a file may ask something itself, and then the keys are for its question.
    watch = nullcontext() if options.own else monitor.watch("preparing the session")
    try:
        with watch:
            job = build()
            check_views(job.view_id, job.config)
            checked = _CheckedJob(job, _keymap(options.keymap, job), _lock(job))
            check_job(job, store)
    except BaseException as error:
        prepared.release()
        if monitor.left and isinstance(error, (KeyboardInterrupt, Abandoned)):
            return None
        raise
    return checked


def _offer_prodigy(job: Job, store: Path) -> None:
    """Offer what is in a database of Prodigy's, where one lies in its usual place."""
    prodigy = prodigy_path()
    if prodigy.is_file():
        from tui_annotate.cli.prodigy_offer import offer  # few people have one

        offer(job.dataset, store, prodigy)


def _watch(job: Job, store: Path, command: str) -> Watchdog | None:
    """Start what ends the program if code that is not ours keeps it from hearing signals.

    It is started before the database is opened, so that no other process begins with it open.
    """
    if job.direct and "spacy" not in sys.modules:
        return None
    from tui_annotate.watchdog import Watchdog  # jobs without foreign code need none

    kept = f"What was saved is in {store}. {how_to_continue(command)}"
    words = f"tui-annotate: ended by force, because code of {job.recipe!r} did not return. {kept}"
    return Watchdog.start(startup.RESET, safe_line(words))


def _monitor(plain: bool) -> WaitMonitor:
    """Return what says how far the recipe is while it opens models and sources."""
    waiting = Waiting()
    use(waiting)
    if plain:
        from tui_annotate.plain.launch import monitor  # only in the plain face

        return monitor(waiting)
    show, clear = one_line(startup.STDERR)
    return WaitMonitor(waiting, show, every=_OFTEN, keys=startup.STDIN, done=clear)


def _keymap(name: str | None, job: Job) -> Keymap | None:
    if name is None:
        return None
    # Most people use a keymap that comes with the program.
    from tui_annotate.commands.keymap_file import load_keymap

    return load_keymap(name, job.config)


def _lock(job: Job) -> Lock | None:
    if not job.config.get("lock_after"):
        return None
    from tui_annotate.commands.lock import make_lock  # few jobs lock the screen

    return make_lock(job.config)


def _prepare(plain: bool, data_from_stdin: bool) -> Prepared:
    return (startup.prepare_lines if plain else startup.prepare)(data_from_stdin)


class _Ended(NamedTuple):
    """How a face ended: `turned` where the annotator goes on in the other one."""

    code: int
    saved: int | None
    error: str | None
    turned: bool


class _Work(NamedTuple):
    """The two faces on one session."""

    handover: FaceSwitch
    keymap: Keymap | None
    theme: str | None
    remembered: tuple[str, ...]
    lock: Lock | None
    watchdog: Watchdog | None

    def remember(self) -> None:
        """Have the start screen offer this job again, where it shall."""
        if self.remembered and not is_restricted():
            remember(self.remembered, self.handover.job.dataset)

    def plain(self, prepared: Prepared) -> _Ended:
        from tui_annotate.plain.launch import run_plain  # only in the plain face

        self.remember()
        try:
            saved, turned = run_plain(self.handover, startup.no_screen, self.lock)
        except Abandoned:  # somebody has left before there was a task
            return _Ended(0, None, None, False)
        finally:
            prepared.release()
        return _Ended(0, saved, None, turned)

    def screen(self, prepared: Prepared) -> _Ended:
        worker = Worker()
        worker.begin(self.remember)  # both wait for the disk, while Textual is loaded here
        try:
            if self.handover.job.direct:
                _load_session()
                worker.begin(self.handover.begin)
            from tui_annotate.tui.launch import run_screen  # only on a screen: it loads Textual
        except BaseException:
            worker.close()
            self.handover.close()
            raise
        outcome = run_screen(
            self.handover,
            worker=worker,
            prepared=prepared,
            keymap=self.keymap,
            look=self.theme,
            lock=self.lock,
            watchdog=self.watchdog,
        )
        return _Ended(outcome.code, outcome.saved, outcome.error, outcome.to_plain)


def _load_session() -> None:
    """Load what opening a session needs, before two threads load modules at once."""
    import_module("tui_annotate.session.session")
    import_module("tui_annotate.store.database")


def farewell(
    job: Job, store: Path, command: str, saved: int | None, error: str | None
) -> list[str]:
    """Return what is said on leaving: how much is saved where, and the command that continues."""
    found = [*([error] if error else []), *job.farewell]
    if saved or (saved is not None and not error):
        answers = "1 answer" if saved == 1 else f"{saved} answers"
        found.append(f"{answers} saved to {shlex.quote(job.dataset)} in {store}")
        # A line of its own: a path in front of it would have a terminal cut it in two.
        found.append(how_to_continue(command))
    return found


def how_to_continue(command: str) -> str:
    """Return what is said about going on.

    Args:
        command: The command that was called; empty where it cannot be copied from a screen.
    """
    if is_login():
        return "Log in again to continue"
    return f"Continue with: {command}" if command else "The same command continues"
