"""The master side of a pseudo-terminal: a thread that reads, draws, answers and sends."""

from __future__ import annotations

import heapq
import os
import select
import threading
import time

from tests.support.screen import Screen

_PAUSE = 0.002
"""Seconds of silence after which what has come is drawn."""

_MOST_PIECES = 32


class Line:
    """Keeps a program's output flowing to a screen, and keys and answers flowing to the program.

    Args:
        master: The descriptor of the master side; the line owns it from now on.
        screen: Where the output is drawn.
        answering: Whether questions of the program are answered.
        reply_delay: Seconds by which answers come late.

    Attributes:
        changed: Guards everything here and the screen; notified when output has been drawn.
        raw: Every byte that has come.
        chunks: When each piece came (`time.perf_counter`), and how long `raw` was with it.
        last_event: When a byte last went through in either direction.
    """

    def __init__(self, master: int, screen: Screen, *, answering: bool, reply_delay: float) -> None:
        self.screen = screen
        self.answering = answering
        self.reply_delay = reply_delay
        self.changed = threading.Condition()
        self.raw = bytearray()
        self.chunks: list[tuple[float, int]] = []
        self.last_event = time.perf_counter()
        self._outbox: list[tuple[float, int, bytes]] = []
        self._posted = 0
        self._failure: BaseException | None = None
        self._open = True
        self._master = master
        os.set_blocking(master, False)
        self._wake_reader, self._wake_writer = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="terminal", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether the line has not been closed."""
        return self._open

    def post(self, data: bytes, delay: float = 0.0) -> None:
        """Queue bytes for the program. What is due first goes first, equals in their order."""
        with self.changed:
            self._posted += 1
            heapq.heappush(self._outbox, (time.perf_counter() + delay, self._posted, data))
            if self._open:
                os.write(self._wake_writer, b"!")

    def due(self) -> bool:
        """Return whether there are bytes that should have gone to the program by now."""
        with self.changed:
            return bool(self._outbox) and self._outbox[0][0] <= time.perf_counter()

    def check(self) -> None:
        """Raise a RuntimeError where the line itself has failed."""
        if self._failure:
            raise RuntimeError("the terminal itself has failed") from self._failure

    def close(self) -> None:
        """Close the master side; the system hangs up on the program."""
        with self.changed:
            if not self._open:
                return
            self._open = False
            os.write(self._wake_writer, b"!")
        self._thread.join()
        for descriptor in (self._master, self._wake_reader, self._wake_writer):
            os.close(descriptor)

    def _serve(self) -> None:
        """Do what there is to do until the line is closed."""
        try:
            while self._open:
                self._turn()
        except BaseException as error:
            with self.changed:
                self._failure = error
                self.changed.notify_all()

    def _turn(self) -> None:
        """Wait for one event and deal with it."""
        readers, writers, pause = [self._master, self._wake_reader], [], None
        with self.changed:
            if self.due():
                writers = [self._master]
            elif self._outbox:
                pause = max(0.0, self._outbox[0][0] - time.perf_counter())
        readable, writable, _ = select.select(readers, writers, [], pause)
        if self._wake_reader in readable:
            os.read(self._wake_reader, 4096)
        if writable:
            self._write()
        if self._master in readable:
            self._read()

    def _read(self) -> None:
        pieces = self._pieces()
        with self.changed:
            for now, data in pieces:
                self.raw += data
                self.chunks.append((now, len(self.raw)))
                self.last_event = now
            answers = self.screen.feed(b"".join(data for _, data in pieces))
            self.changed.notify_all()
        for answer in answers if self.answering else ():
            self.post(answer, self.reply_delay)

    def _pieces(self) -> list[tuple[float, bytes]]:
        """Read what comes without a pause. Drawing is slow here, and the system keeps 4 kB only: a
        program that has more to write would wait for the drawing, as for no real terminal."""
        pieces: list[tuple[float, bytes]] = []
        while len(pieces) < _MOST_PIECES and select.select([self._master], [], [], _PAUSE)[0]:
            data = os.read(self._master, 1 << 16)
            pieces.append((time.perf_counter(), data))
        return pieces

    def _write(self) -> None:
        with self.changed:
            due, order, data = heapq.heappop(self._outbox)
            sent = os.write(self._master, data)
            if sent < len(data):
                heapq.heappush(self._outbox, (due, order, data[sent:]))
            self.last_event = time.perf_counter()
