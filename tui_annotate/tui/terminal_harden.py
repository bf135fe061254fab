"""Changes to Textual's terminal driver that a bad link needs. Imports Textual."""

from __future__ import annotations

import codecs
import os
import signal
from contextlib import suppress
from functools import partial
from queue import Empty
from typing import Any

from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver

from tui_annotate.tui.terminal import STDERR, STDIN, STDOUT


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

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size of the terminal that is drawn on, whatever standard output is."""
        for descriptor in (STDERR, STDIN, STDOUT):
            with suppress(OSError):
                width, height = os.get_terminal_size(descriptor)
                if width > 0 and height > 0:
                    return width, height
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

    def _run_input_thread(self) -> None:
        """Read keys; hand a failure to the app as the exception that it is."""
        try:
            self.run_input_thread()
        except Exception as error:
            self._app.call_later(self._app._handle_exception, error)

    def start_application_mode(self) -> None:
        """Take the screen, and keep a terminal that can be told so from reordering its lines."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write("\x1b[8l")

    def stop_application_mode(self) -> None:
        """Leave the screen; frames that nobody will see are not waited for."""
        self.write("\x1b[8h")
        writer = self._writer_thread
        if writer is not None and not writer.is_alive():
            with suppress(Empty):
                while True:
                    writer._queue.get_nowait()
        super().stop_application_mode()


def _lenient_decoder(encoding: str) -> Any:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def harden() -> type[LinuxDriver]:
    """Make input and output survive bad bytes and a lost terminal; return the driver to use.

    An invalid byte from the wire becomes U+FFFD instead of ending the input thread. Calling it
    twice changes nothing more.
    """
    names = vars(linux_driver)
    names["getincrementaldecoder"] = _lenient_decoder
    names["WriterThread"] = SteadyWriter
    return SteadyDriver


def suspend() -> None:
    """Stop this process as `ctrl+z` does; `fg` brings it back."""
    os.kill(os.getpid(), signal.SIGTSTP)
