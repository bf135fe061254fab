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

KEY_VARIABLE = "OPENAI_API_KEY"
ENDPOINT_VARIABLE = "OPENAI_BASE_URL"

_PATH = "/chat/completions"
_LARGEST = 8_000_000
"""Bytes that an answer may have."""

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed."""

_LASTING = frozenset({400, 401, 402, 403, 404, 405, 422})

_LONGEST_WAIT = 60.0
"""Seconds between two attempts at the most, whatever the endpoint asks for."""

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
    """

    def __init__(self, endpoint: Endpoint, cache: AnswerCache) -> None:
        self.endpoint = endpoint
        self.asked = self.known = 0
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
        answer, whole = self._send(json.dumps(body).encode())
        self._reached = True
        if whole:
            self._cache.put(key, answer)
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

    def _send(self, data: bytes) -> tuple[str, bool]:
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
                found = _answer_in(self._post(data), self.endpoint.url)
            except _Passing as error:
                if attempt == tries or (error.nobody and not self._reached):
                    self._failing = True
                    raise self._error(error.what) from None
                self._closed.wait(min(error.wait or wait, _LONGEST_WAIT))
                wait *= 2
            else:
                self._failing = False
                return found
        raise AssertionError("there is at least one attempt")

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
            raise _Passing(_reason(cause), nobody=nobody) from None

    def _read(self, response: Any, until: float) -> bytes:
        """Read an answer piece by piece, for as long as one may take in all."""
        parts, size = [], 0
        while part := response.read1(1 << 16):
            parts.append(part)
            size += len(part)
            if size > _LARGEST:
                raise self._error(f"its answer has more than {_LARGEST:,} bytes")
            if time.monotonic() > until:
                raise _Passing("it has not answered in time")
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and size < int(expected):
            raise _Passing("it has closed the connection in the midst of an answer")
        return b"".join(parts)

    def _refused(self, error: urllib.error.HTTPError) -> Exception:
        said = _message(error)
        if error.code in _AGAIN:
            return _Passing(f"status {error.code}{said}", _seconds(error.headers))
        hints = {
            401: f"The key is that of {KEY_VARIABLE}, or of the variable that --key-variable names",
            403: "The key does not allow it",
            404: "Look at --endpoint and --model",
        }
        return EndpointError(
            f"it refuses with status {error.code}{said}",
            where=self.endpoint.url,
            hint=hints.get(error.code),
            lasting=error.code in _LASTING or 300 <= error.code < 400,
        )

    def _error(self, what: str) -> EndpointError:
        hint = "Look whether it is running, and at --endpoint and --timeout"
        return EndpointError(f"no answer ({what})", where=self.endpoint.url, hint=hint)


class _Passing(Exception):
    """A failure after which the same request may succeed.

    Args:
        what: What has happened, in words.
        wait: After how many seconds the endpoint wants to be asked again; None if it does not say.
        nobody: There is nobody at the address, as far as one can see.
    """

    def __init__(self, what: str, wait: float | None = None, *, nobody: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait
        self.nobody = nobody


def _seconds(headers: Any) -> float | None:
    """Return how many seconds the endpoint wants to be left alone; None if it does not say."""
    try:
        found = float(headers.get("Retry-After", ""))
    except (TypeError, ValueError):
        return None
    return found if 0 <= found < float("inf") else None


def _reason(cause: Any) -> str:
    """Return why there was no connection, in words."""
    if isinstance(cause, TimeoutError) or "timed out" in str(cause):
        return "it has not answered in time"
    if isinstance(cause, (HTTPException, ConnectionResetError)):
        return "it has closed the connection"
    text = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(text)[:120].lower()


def _message(error: urllib.error.HTTPError) -> str:
    """Return what the endpoint says of an error, in brackets.

    Only what stands where the protocol has it, and not much of it: an endpoint may repeat the key,
    or the text.
    """
    try:
        data = json.loads(error.read(20_000))
        found = data["error"]
        code = found.get("code") or found.get("type") if isinstance(found, dict) else None
    except (
        OSError,
        HTTPException,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        code = None
    if isinstance(code, str) and re.fullmatch(r"[\w.\- ]{1,60}", code):
        return f", {code}"
    return ""


def _answer_in(data: bytes, url: str) -> tuple[str, bool]:
    """Return the text of an answer, and whether it is whole.

    Raises:
        EndpointError: It is none of the protocol.
    """
    try:
        choice = json.loads(data)["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        text = None
    if not isinstance(text, str):
        hint = "It has to speak the protocol of OpenAI's chat completions"
        raise EndpointError("its answer is none of the protocol", where=url, hint=hint)
    return text, choice.get("finish_reason") != "length"
