"""A server on loopback that speaks the protocol of chat completions, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    Attributes:
        content: The text of the model's answer.
        status, headers: Those of the reply.
        raw: The whole body, in place of one of the protocol.
        delay: Seconds before it.
        close: Close the connection after so many bytes of the body; 0 for before the status line.
        finish: Why the model has ended.
    """

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay: float = 0.0
    close: int | None = None
    finish: str = "stop"

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        message = {"role": "assistant", "content": self.content}
        return json.dumps(
            {"choices": [{"message": message, "finish_reason": self.finish}]}
        ).encode()


Answers = Callable[[str, int], Reply]
"""Makes a reply of the prompt and of the number of the request, from 0."""


class LlmServer:
    """Runs until the end of its block; `requests` has path, headers and body of each request."""

    def __init__(self, answers: Answers) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers = answers
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    number = len(outer.requests)
                    outer.requests.append((self.path, dict(self.headers), body))
                reply = outer.answers(body["messages"][0]["content"], number)
                time.sleep(reply.delay)
                self._send(reply)

            def do_GET(self) -> None:
                with lock:
                    outer.requests.append((self.path, dict(self.headers), {}))
                self._send(Reply(status=404))

            def _send(self, reply: Reply) -> None:
                self.close_connection = True
                if reply.close == 0:
                    return
                data = reply.body()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: reply.close])

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def prompts(self) -> list[str]:
        return [body["messages"][0]["content"] for _, _, body in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def text_of(prompt: str) -> str:
    """Return the text that a prompt is about: the last one; others are examples."""
    return prompt.rsplit("Text:\n", 1)[-1].split("\n\nAnswer:")[0]
