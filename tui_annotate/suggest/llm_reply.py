"""What the reply of an endpoint says: the model's text, or why there is none."""

from __future__ import annotations

import json
import re
import time
import urllib.error
from http.client import HTTPException
from typing import Any

from tui_annotate.errors import EndpointError

LONGEST_WAIT = 60.0
"""Seconds between two attempts at the most, whatever the endpoint asks for."""


class PassingFailure(Exception):
    """A failure after which the same request may succeed.

    Args:
        what: What has happened, in words.
        wait: After how many seconds the endpoint wants to be asked again; None if it does not say.
        nobody: There is nobody at the address, as far as one can see.
        busy: It is there, and wants fewer requests.
    """

    def __init__(
        self, what: str, wait: float | None = None, *, nobody: bool = False, busy: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.wait = wait
        self.nobody = nobody
        self.busy = busy


class EmptyReply(Exception):
    """An answer of the protocol in which the model says nothing.

    Args:
        what: Why, as far as the answer tells.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class UnsupportedSetting(Exception):
    """The model does not take one of the settings.

    Args:
        name: Which one.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def seconds_to_wait(headers: Any) -> float | None:
    """Return how many seconds the endpoint wants to be left alone; None if it does not say."""
    given = headers.get("Retry-After") or ""
    try:
        found = float(given)
    except ValueError:
        # Only an endpoint that names a time instead of a number of seconds.
        from email.utils import parsedate_to_datetime

        try:
            found = parsedate_to_datetime(given).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, found) if -LONGEST_WAIT < found < float("inf") else None


def error_in(error: urllib.error.HTTPError) -> tuple[str, str]:
    """Return the code of an error, and the setting that it is about; both may be empty.

    Only what stands where the protocol has it, and not much of it: an endpoint may repeat the key,
    or the text.
    """
    try:
        data = json.loads(error.read(20_000))
    except (OSError, HTTPException, ValueError, RecursionError):
        return "", ""
    return _code_in(data), _word(_field(_field(data, "error"), "param"))


def _code_in(data: Any) -> str:
    found = _field(data, "error")
    return _word(_field(found, "code")) or _word(_field(found, "type"))


def _field(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[\w.\- ]{1,60}", value) else ""


def answer_in(data: bytes, url: str) -> tuple[str, bool]:
    """Return the text of an answer, and whether it is whole.

    Raises:
        EndpointError: It is none of the protocol.
        EmptyReply: It is one, without a text.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise _foreign(_kind_of(data), url) from None
    choices = _field(found, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = _field(choice, "message")
    if not isinstance(message, dict):
        if _field(found, "error") is not None:
            code = _code_in(found)
            raise PassingFailure(f"an error in place of an answer{f', {code}' if code else ''}")
        raise _foreign("JSON without `choices`", url)
    text, finish = _text_in(message.get("content")), _field(choice, "finish_reason")
    if text is None and not {"content", "tool_calls", "refusal"} & message.keys():
        raise _foreign("a message without `content`", url)
    if not (text or "").strip():
        raise EmptyReply(_why_nothing(message, finish))
    return str(text), finish != "length"


def _foreign(what: str, url: str) -> EndpointError:
    hint = "It has to speak the protocol of OpenAI's chat completions"
    return EndpointError(f"its answer is none of the protocol, but {what}", where=url, hint=hint)


def _kind_of(data: bytes) -> str:
    """Return what an answer is that is no JSON."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower()
    if not start:
        return "empty"
    if start.startswith(b"<"):
        return "a page of HTML or XML"
    if start.startswith((b"data:", b"event:")):
        return "a stream of events, which was not asked for"
    return "no whole JSON" if start.startswith((b"{", b"[")) else "no JSON"


def _text_in(content: Any) -> str | None:
    """Return a text, or the texts of a list of parts, as some endpoints give them."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else None
    texts = [_field(part, "text") for part in content]
    return "".join(each for each in texts if isinstance(each, str))


def _why_nothing(message: dict[str, Any], finish: Any) -> str:
    if message.get("refusal") or finish == "content_filter":
        return "the model has refused to answer"
    if message.get("tool_calls") or message.get("function_call"):
        return "the model has called a tool instead of answering"
    if finish == "length":
        return "the model has written nothing within its longest answer, --max-tokens"
    return "the model has written nothing"
