"""Language models behind an endpoint that speaks OpenAI's protocol of chat completions.

vLLM, Ollama, llama.cpp and others do, also on a machine of one's own. Plain HTTP of the standard
library is used. What is sent is the prompt, the name of the model and the key; nobody is sent on to
another address, and nothing is logged.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from socket import gaierror
from ssl import CertificateError
from typing import IO, Any
from urllib.parse import urlsplit

from tui_annotate.errors import EndpointError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.offline import is_offline
from tui_annotate.suggest.llm_cache import AnswerCache
from tui_annotate.suggest.llm_reply import (
    LONGEST_WAIT,
    EmptyReply,
    PassingFailure,
    UnsupportedSetting,
    answer_in,
    error_in,
    seconds_to_wait,
)

KEY_VARIABLE = "OPENAI_API_KEY"
ENDPOINT_VARIABLE = "OPENAI_BASE_URL"

_PATH = "/chat/completions"
_LARGEST = 8_000_000
"""Bytes that an answer may have."""

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed."""

_LASTING = frozenset({401, 402, 403, 404})
"""Statuses that every request would have."""

_OF_THE_REQUEST = frozenset({400, 405, 413, 422})
"""Statuses that every request would have only where none has succeeded: later on, they are about
one text, such as one that is too long for the model."""

_OF_THE_TEXT = frozenset(
    {"context_length_exceeded", "string_above_max_length", "content_filter", "content_policy"}
)
"""Codes of errors that are about one text, also of the first request."""

_OTHERWISE = {"temperature": None, "max_tokens": "max_completion_tokens"}
"""Settings that some models refuse, and what they take instead."""

_SHORTEST_KEY = 12
"""Shorter keys are no secrets, such as `none` or `ollama`; they may be words of a text."""

_LOCAL = ("localhost", "127.0.0.1", "::1")


class Endpoint(NamedTuple):
    """Where a model is, and how it is asked.

    Attributes:
        url: The address of the chat completions.
        model: The model's name there.
        key: The key; empty for none. It is part of no message.
        timeout: Seconds for one answer.
        tries: How often a request is sent at the most.
        temperature: 0 for the likeliest answer; more for other ones.
        max_tokens: The longest answer; None to leave that to the endpoint.
        first_wait: Seconds before the second attempt; each further one waits twice as long.
    """

    url: str
    model: str
    key: str = ""
    timeout: float = 60.0
    tries: int = 5
    temperature: float = 0.0
    max_tokens: int | None = None
    first_wait: float = 1.0


def make_endpoint(
    address: str | None,
    model: str | None,
    *,
    key_variable: str | None = None,
    timeout: float = 60.0,
    temperature: float = 0.0,
    max_tokens: int | None = None,
) -> Endpoint:
    """Return an endpoint of the command line.

    Args:
        address: Such as `http://127.0.0.1:8000/v1`; else `$OPENAI_BASE_URL`.
        model: The model's name there.
        key_variable: The variable that holds the key; else `OPENAI_API_KEY`, which may be unset.
        timeout: Seconds for one answer.
        temperature: 0 for the likeliest answer.
        max_tokens: The longest answer.

    Raises:
        UsageError: Something is missing or wrong, or connections are forbidden.
    """
    if is_offline():
        raise UsageError(
            "no language model is asked, because the setting `offline` forbids connections",
            where="--endpoint",
            hint="Set offline = false",
        )
    given = address or os.environ.get(ENDPOINT_VARIABLE, "")
    if not given:
        raise UsageError(
            "there is no endpoint",
            where="--endpoint",
            hint=f"Write --endpoint http://127.0.0.1:8000/v1, or set {ENDPOINT_VARIABLE}",
        )
    if not model:
        raise UsageError("there is no model", where="--model", hint="Write --model NAME")
    if timeout <= 0:
        raise UsageError("it is a number of seconds above 0", where="--timeout")
    key = _key(key_variable)
    return Endpoint(_url(given), model, key, timeout, 5, temperature, max_tokens)


def _url(given: str) -> str:
    """Return the address of the chat completions, of an address that may end before that."""
    try:
        parts = urlsplit(given.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https") or not given.strip().isascii():
        hint = "Write http:// or https://, a host, and most often /v1"
        raise UsageError("this is no address of an endpoint", where="--endpoint", hint=hint)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        hint = f"The key comes from a variable, {KEY_VARIABLE} or the one that --key-variable names"
        raise UsageError("the address may hold no key", where="--endpoint", hint=hint)
    if re.search(r"[\x00-\x20\x7f]", given.strip()):
        raise UsageError("the address holds blanks or control characters", where="--endpoint")
    path = parts.path.rstrip("/")
    if not path.endswith(_PATH):
        path = f"{path or '/v1'}{_PATH}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _key(variable: str | None) -> str:
    """Return the key of a variable; its value, and what was given as its name, are never shown."""
    if variable is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        hint = "Put the key into a variable and name that"
        raise UsageError("it is the name of a variable", where="--key-variable", hint=hint)
    key = os.environ.get(variable or KEY_VARIABLE, "").strip()
    if variable is not None and not key:
        raise UsageError("this variable is not set", where="--key-variable")
    if not key.isascii() or not key.isprintable():
        what = "the key holds characters that no key has"
        raise UsageError(what, where=variable or KEY_VARIABLE)
    return key


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Texts and the key go to the address that was named, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing: the status is an error then."""


class LlmClient:
    """Asks one model; for any thread.

    Args:
        endpoint: Where it is.
        cache: Answers that are known.

    Attributes:
        asked: How many questions went to the endpoint.
        known: How many the cache has answered.
        cut_short: How many answers ended at the longest that the model may give.
        left_out: Settings that the model does not take, so that they were not sent again.
    """

    def __init__(self, endpoint: Endpoint, cache: AnswerCache) -> None:
        self.endpoint = endpoint
        self.asked = self.known = self.cut_short = 0
        self.left_out: dict[str, None] = {}
        self._cache = cache
        self._closed = threading.Event()
        self._reached = False
        self._failing = False
        local = urlsplit(endpoint.url).hostname in _LOCAL
        proxies = urllib.request.ProxyHandler({} if local else None)
        self._opener = urllib.request.build_opener(_NoRedirect, proxies)

    @property
    def reached(self) -> bool:
        """Whether the endpoint has ever given an answer."""
        return self._reached

    def close(self) -> None:
        """Ask no more: who waits for the next attempt gives up."""
        self._closed.set()

    def ask(self, prompt: str, *, again: int = 0) -> str:
        """Return the answer to a prompt, from the cache if it is known.

        Args:
            prompt: What is asked, as the one message of a user.
            again: Another answer to the same prompt is wanted: which one, from 1.

        Raises:
            EndpointError: There is none.
        """
        body = self._body(prompt)
        key = AnswerCache.key({**body, "again": again})
        found = self._cache.get(key)
        if found is not None:
            self.known += 1
            return found
        self.asked += 1
        answer, whole = self._send(body)
        self._reached = True
        if whole:
            self._cache.put(key, answer)
        else:
            self.cut_short += 1
        return answer

    def _body(self, prompt: str) -> dict[str, Any]:
        # A lone surrogate, which JSON can hold and UTF-8 cannot, would be refused.
        text = prompt.encode("utf-8", "replace").decode()
        body: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": [{"role": "user", "content": text}],
            "temperature": self.endpoint.temperature,
        }
        if self.endpoint.max_tokens is not None:
            body["max_tokens"] = self.endpoint.max_tokens
        return body

    def _send(self, body: dict[str, Any]) -> tuple[str, bool]:
        """Send a request, without the settings that the model turns out not to take."""
        while True:
            taken = {name: value for name, value in body.items() if name not in self.left_out}
            for name in self.left_out:
                other = _OTHERWISE[name]
                if other and name in body:
                    taken[other] = body[name]
            try:
                return self._try(json.dumps(taken).encode())
            except UnsupportedSetting as error:
                if error.name not in taken:
                    raise self._refusal(400, f", {error.name} is not supported", "") from None
                self.left_out[error.name] = None

    def _try(self, data: bytes) -> tuple[str, bool]:
        """Send a request as often as it is worth it.

        Once all attempts of one have failed, the next ones have a single one each until one
        succeeds: nobody waits a minute for every text of an endpoint that is down.
        """
        tries = 1 if self._failing else max(1, self.endpoint.tries)
        wait = self.endpoint.first_wait
        for attempt in range(1, tries + 1):
            if self._closed.is_set():
                raise EndpointError("it is not asked any more", where=self.endpoint.url)
            try:
                text, whole = answer_in(self._post(data), self.endpoint.url)
            except EmptyReply as error:
                # The endpoint speaks the protocol: only this question has no answer.
                self._reached, self._failing = True, False
                raise EndpointError(error.what, where=self.endpoint.url) from None
            except PassingFailure as error:
                if attempt == tries or (error.nobody and not self._reached):
                    self._failing = True
                    raise self._error(error.what, busy=error.busy) from None
                self._closed.wait(min(error.wait or wait, LONGEST_WAIT))
                wait *= 2
            else:
                self._failing = False
                return self._without_key(text), whole
        raise AssertionError("there is at least one attempt")

    def _without_key(self, text: str) -> str:
        """Return an answer without the key: an endpoint may repeat it, and answers are kept."""
        key = self.endpoint.key
        return text.replace(key, "[key]") if len(key) >= _SHORTEST_KEY else text

    def _post(self, data: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "User-Agent": "tui-annotate"}
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        request = urllib.request.Request(self.endpoint.url, data, headers)  # noqa: S310 - checked
        until = time.monotonic() + self.endpoint.timeout
        try:
            with self._opener.open(request, timeout=self.endpoint.timeout) as response:
                return self._read(response, until)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from None
        except (OSError, HTTPException) as error:
            cause = getattr(error, "reason", error)
            nobody = isinstance(cause, (ConnectionRefusedError, gaierror, CertificateError))
            raise PassingFailure(_reason(cause), nobody=nobody) from None

    def _read(self, response: Any, until: float) -> bytes:
        """Read an answer piece by piece, for as long as one may take in all."""
        parts, size = [], 0
        while part := response.read1(1 << 16):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise self._error(f"its answer has more than {_LARGEST:,} bytes")
            if time.monotonic() > until:
                raise PassingFailure("it has not answered in time")
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and size < int(expected):
            raise PassingFailure("it has closed the connection in the midst of an answer")
        return b"".join(parts)

    def _refused(self, error: urllib.error.HTTPError) -> Exception:
        code, param = error_in(error)
        said = f", {code}" if code else ""
        if error.code in _AGAIN:
            wait = seconds_to_wait(error.headers)
            return PassingFailure(f"status {error.code}{said}", wait, busy=error.code == 429)
        if error.code == 400 and param in _OTHERWISE:
            return UnsupportedSetting(param)
        return self._refusal(error.code, said, code)

    def _refusal(self, status: int, said: str, code: str) -> EndpointError:
        """Return the error of a status after which the same request would fail again."""
        if code in _OF_THE_TEXT:
            self._reached = True
        lasting = status in _LASTING or (status in _OF_THE_REQUEST and not self._reached)
        hints = {
            401: f"The key is that of {KEY_VARIABLE}, or of the variable that --key-variable names",
            403: "The key does not allow it",
            404: "Look at --endpoint and --model",
        }
        what = f"it refuses with status {status}{said}"
        hint = hints.get(status)
        if 300 <= status < 400:
            what = f"it redirects to another address (status {status}), which is not followed"
            hint, lasting = "Name the address itself with --endpoint", True
        return EndpointError(what, where=self.endpoint.url, hint=hint, lasting=lasting)

    def _error(self, what: str, *, busy: bool = False) -> EndpointError:
        hint = "Look whether it is running, and at --endpoint and --timeout"
        if busy:
            hint = "It wants fewer requests: try again later, or with --batch-size 1"
        return EndpointError(f"no answer ({what})", where=self.endpoint.url, hint=hint)


def _reason(cause: Any) -> str:
    """Return why there was no connection, in words."""
    if isinstance(cause, TimeoutError) or "timed out" in str(cause):
        return "it has not answered in time"
    if isinstance(cause, (HTTPException, ConnectionResetError)):
        return "it has closed the connection"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(text)[:120].lower()


def client_of(endpoint: Endpoint, dataset: str) -> LlmClient:
    """Return a client of a model, with the answers that are kept for a dataset."""
    return LlmClient(endpoint, AnswerCache(dataset))
