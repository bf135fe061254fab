"""Changes to Textual's terminal driver that a bad link needs. Imports Textual."""

from __future__ import annotations

import codecs
import os
import select
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from queue import Empty
from typing import Any

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_annotate.commands.byte_filter import ByteFilter, PassedBytes
from tui_annotate.commands.pasted_keys import TOGETHER
from tui_annotate.tui.terminal.signals import has_shell
from tui_annotate.tui.terminal.startup import STDERR, STDIN, STDOUT

LOOK_EVERY = 0.1
"""Seconds between two looks whether input is to end."""

_MODES_OFF = "\x1b[?9;1000;1001;1002;1003;1004;1005;1006;1015;1016l"
"""Reports of the mouse and of focus, which an earlier program may have left on."""


MOST_COLUMNS, MOST_ROWS = 1000, 500
"""The size up to which a screen is drawn on. Whoever logs in may claim any, and each cell of it
takes memory of the host."""

REPEATED = "repeated"
"""The attribute of a key event of which the terminal itself says that the key is held down."""


FOLLOWED = "followed"
"""The attribute of a key event behind which the same read has brought another key."""

BEFORE = "before"
"""The attribute of a key event that says how many keys came before it without a pause of
`TOGETHER`: too fast for a person, whatever screens they went to."""


_RUN = "run"
"""The attribute of a key event that says which run it belongs to."""


class TerminalReply(Message):
    """A terminal has answered with an OSC string.

    Args:
        body: What it says, without introducer and end.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body


class ByteReader:
    """Makes Textual's messages of the bytes that a terminal sends.

    Args:
        escape_delay: Seconds for which the rest of a sequence is waited for behind an ESC.
    """

    def __init__(self, escape_delay: float = constants.ESCAPE_DELAY) -> None:
        self._filter = ByteFilter(escape_delay)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._parser = XTermParser()
        self._runs = 0
        self._run = 0  # keys of reads without a pause of `TOGETHER` between them
        self._last_read = float("-inf")  # when bytes came last that were keys, or may be

    def feed(self, data: bytes, now: float) -> list[Message]:
        """Return what bytes say, as they were read at a time of the clock `time.monotonic`. Keys
        that came together have the same time, however long it takes to tell them apart."""
        messages = self._read(self._filter.feed(data, now))
        if self.is_undecided or any(isinstance(message, events.Key) for message in messages):
            if now - self._last_read > TOGETHER:
                self._runs, self._run = self._runs + 1, 0
            self._last_read = now
        return self._stamped(messages)

    def tick(self, now: float) -> list[Message]:
        """Return what need not be waited for any longer."""
        messages = self._read(self._filter.tick(now))
        return self._stamped(messages + self._parsed(self._parser.tick))

    @property
    def is_undecided(self) -> bool:
        """Whether bytes are kept back of which it is not known yet whether they are keys."""
        return self._filter.deadline is not None or self._parser._timeout_time is not None

    def follows(self, key: events.Key | None) -> bool:
        """Tell whether more has come right behind a key: other keys, or what may be one."""
        is_of_last_run = getattr(key, _RUN, 0) == self._runs
        return self.is_undecided or (is_of_last_run and getattr(key, BEFORE, 0) + 1 < self._run)

    def _stamped(self, messages: list[Message]) -> list[Message]:
        """Write on keys when they were read, and what came before and behind them."""
        keys = [message for message in messages if isinstance(message, events.Key)]
        for key in keys:
            key.time = self._last_read
            setattr(key, BEFORE, self._run)
            setattr(key, _RUN, self._runs)
            self._run += 1
        for key in keys[:-1]:
            setattr(key, FOLLOWED, True)
        return messages

    def patience(self, now: float) -> float:
        """Return for how many seconds at the most nothing has to be done without a byte."""
        deadline = self._filter.deadline
        return LOOK_EVERY if deadline is None else min(LOOK_EVERY, max(0.0, deadline - now))

    def _read(self, pieces: Iterable[PassedBytes]) -> list[Message]:
        messages: list[Message] = []
        for piece in pieces:
            text = self._decoder.decode(piece.data)
            found = self._parsed(lambda text=text: self._parser.feed(text)) if text else []
            if piece.complete and self._parser._timeout_time is not None:
                self._parser._timeout_time = 0.0  # it would wait once more for the rest
                found += self._parsed(self._parser.tick)
            messages += [_of_its_own(message, repeated=piece.repeat) for message in found]
        messages += map(TerminalReply, self._filter.take_replies())
        return messages

    def _parsed(self, step: Any) -> list[Message]:
        """Return what the parser makes of something; a code that no key has ends the parser."""
        messages: list[Message] = []
        try:
            messages.extend(step())
        except (ValueError, OverflowError, StopIteration, RuntimeError):
            self._parser = XTermParser()
        return messages


def _of_its_own(message: Message, *, repeated: bool) -> Message:
    """Return a key as an event of its own, because the parser gives the same one again for equal
    codes; and a size that the terminal says of itself as one that can be drawn on.
    """
    if isinstance(message, events.Resize):
        return events.Resize.from_dimensions(_drawable(*message.size), message.pixel_size)
    if not isinstance(message, events.Key):
        return message
    key = events.Key(message.key, message.character)
    if repeated:
        setattr(key, REPEATED, True)
    return key


def _drawable(width: int, height: int) -> tuple[int, int]:
    """Return the part of a screen that is drawn on; 80 by 24 where its size is not known."""
    if width <= 0 or height <= 0:
        return 80, 24
    return min(width, MOST_COLUMNS), min(height, MOST_ROWS)


class SteadyWriter(WriterThread):
    """Output that outlives its terminal.

    The stock thread ends with the first failed write. Its queue then fills up, and the event loop
    waits for ever at the next write, the one that should take the screen down.
    """

    def run(self) -> None:
        """Write what is queued; once the terminal is gone, throw it away."""
        alive = True
        while True:
            text = self._queue.get()
            if text is None:
                break
            if alive:
                try:
                    self._file.write(text)
                    if self._queue.qsize() == 0:
                        self._file.flush()
                except (OSError, ValueError):
                    alive = False
        if alive:
            with suppress(OSError, ValueError):
                self._file.flush()


class SteadyDriver(LinuxDriver):
    """The stock driver, made safe against stray signals, bad bytes and odd sizes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._reader: ByteReader | None = None

    def follows(self, key: events.Key | None) -> bool:
        """Tell whether more has been read right behind a key: other keys, or what may be one."""
        return self._reader is not None and self._reader.follows(key)

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size of the terminal that is drawn on, whatever standard output is."""
        for descriptor in (STDERR, STDIN, STDOUT):
            with suppress(OSError):
                width, height = os.get_terminal_size(descriptor)
                if width > 0 and height > 0:
                    return _drawable(width, height)
        return 80, 24

    def _sigcont_application(self, *_: Any) -> None:
        """Resume after a stop of our own; after a foreign one only repaint.

        A hang-up, `kill -CONT` and `kill -STOP` all end in SIGCONT. Starting up once more would
        add a second reader of keys and take the raw modes for those to be restored.
        """
        if self._must_signal_resume or not self._auto_restart:
            super()._sigcont_application()
        else:
            self.send_message(self.SignalResume())

    def _sigtstp_application(self, *arguments: Any) -> None:
        """Stop, unless nobody could bring the program back."""
        if has_shell():
            super()._sigtstp_application(*arguments)

    def _run_input_thread(self) -> None:
        """Read keys; hand a failure to the app as the exception that it is."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        """Read keys until the screen is given back."""
        reader = self._reader = ByteReader()
        while not self.exit_event.is_set():
            patience = reader.patience(time.monotonic())
            if select.select([self.fileno], [], [], patience)[0]:
                data = os.read(self.fileno, 4096)
                if not data:  # the terminal has gone, which `TerminalApp` notices
                    time.sleep(LOOK_EVERY)
                self._process(reader.feed(data, time.monotonic()))
            self._process(reader.tick(time.monotonic()))

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def start_application_mode(self) -> None:
        """Take the screen, and keep a terminal that can be told so from reordering its lines.

        Mouse and focus are not reported: nothing here asks for them.
        """
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(f"\x1b[8l{_MODES_OFF}")

    def stop_application_mode(self) -> None:
        """Leave the screen; frames that nobody will see are not waited for."""
        self.write("\x1b[8h")
        writer = self._writer_thread
        if writer is not None and not writer.is_alive():
            with suppress(Empty):
                while True:
                    writer._queue.get_nowait()
        super().stop_application_mode()


def harden() -> type[LinuxDriver]:
    """Make input and output survive bad bytes and a lost terminal; return the driver to use.

    Calling it twice changes nothing more.
    """
    vars(linux_driver)["WriterThread"] = SteadyWriter
    return SteadyDriver


def suspend() -> None:
    """Stop this process as `ctrl+z` does; `fg` brings it back."""
    os.kill(os.getpid(), signal.SIGTSTP)
