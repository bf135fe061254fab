"""Asking an endpoint: what is sent, tried again, kept, and never said."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.recipes.llm_server import LlmServer, Reply
from tui_annotate.errors import EndpointError, UsageError
from tui_annotate.suggest.llm_cache import AnswerCache, cache_file, forget_answers
from tui_annotate.suggest.llm_client import Endpoint, LlmClient, make_endpoint
from tui_annotate.suggest.llm_reply import seconds_to_wait

pytestmark = pytest.mark.quick

KEY = "sk-not-to-be-seen"


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    # On loopback no proxy is asked; there is none at this address.
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def server(held: ExitStack, *replies: Reply) -> LlmServer:
    """A server that gives these replies, the last one for ever."""
    return held.enter_context(LlmServer(lambda _, n: replies[min(n, len(replies) - 1)]))


def client(server: LlmServer, dataset: str = "set", **values: object) -> LlmClient:
    known: dict[str, object] = {"key": KEY, "timeout": 5.0, "first_wait": 0.001, **values}
    endpoint = Endpoint(f"{server.url}/chat/completions", "m", **known)  # type: ignore[arg-type]
    return LlmClient(endpoint, AnswerCache(dataset))


def test_prompt_model_and_key_are_sent_and_nothing_else(held: ExitStack) -> None:
    made = server(held, Reply("yes"))
    assert client(made, max_tokens=7).ask("What? \ud800") == "yes"
    ((path, headers, body),) = made.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "What? ?"}],
        "temperature": 0.0,
        "max_tokens": 7,
    }


BUSY = Reply(status=429, headers={"Retry-After": "0.01"})


@pytest.mark.parametrize(
    "bad",
    [
        BUSY,
        Reply(status=500),
        Reply(status=503, raw=b"<html>"),
        Reply(close=0),
        Reply("long " * 50, close=20),
    ],
    ids=["429", "500", "503", "closed at once", "closed in the midst"],
)
def test_what_passes_is_tried_again(bad: Reply, held: ExitStack) -> None:
    made = server(held, bad, bad, Reply("yes"))
    assert client(made).ask("What?") == "yes"
    assert len(made.requests) == 3


def test_a_slow_answer_is_given_up_and_asked_for_again(held: ExitStack) -> None:
    made = server(held, Reply("late", delay=2), Reply("yes"))
    assert client(made, timeout=0.2).ask("What?") == "yes"


def test_an_endpoint_that_is_down_is_tried_once_for_each_further_question(held: ExitStack) -> None:
    made = server(held, Reply(status=500), Reply(status=500), Reply(status=500), Reply("yes"))
    asks = client(made, tries=2)
    for _ in range(2):
        with pytest.raises(EndpointError, match=r"no answer \(status 500\)"):
            asks.ask("What?")
    assert len(made.requests) == 3
    assert asks.ask("What?") == "yes"


def test_nobody_there_is_said_at_once(held: ExitStack) -> None:
    made = server(held, Reply("yes"))
    asks = client(made, first_wait=30.0)
    held.close()
    with pytest.raises(EndpointError, match="connection refused"):
        asks.ask("What?")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_does_not_pass_is_not_tried_again(status: int, held: ExitStack) -> None:
    said = b'{"error": {"message": "wrong key sk-not-to-be-seen", "code": "invalid_api_key"}}'
    made = server(held, Reply(status=status, raw=said))
    with pytest.raises(EndpointError, match="invalid_api_key") as found:
        client(made).ask("Secret text")
    assert len(made.requests) == 1
    assert found.value.lasting
    assert KEY not in str(found.value)
    assert "Secret" not in str(found.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_on_to_another_address(status: int, held: ExitStack) -> None:
    other = server(held, Reply("stolen"))
    made = server(held, Reply(status=status, headers={"Location": other.url}))
    with pytest.raises(EndpointError, match=rf"redirects to another address \(status {status}\)"):
        client(made).ask("What?")
    assert other.requests == []


HTML = b"\n<!DOCTYPE html><html><body>Please log in</body></html>"
CUT = b'{"choices": [{"message": {"content": "ye'
STREAM = b'data: {"choices": [{"delta": {"content": "yes"}}]}\n\ndata: [DONE]\n'


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "empty"),
        (HTML, "a page of HTML"),
        (STREAM, "a stream of events"),
        (CUT, "no whole JSON"),
        (b"none", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "JSON without `choices`"),
        (b'{"choices": []}', "JSON without `choices`"),
        (b'{"choices": {"a": 1}}', "JSON without `choices`"),
        (b'{"choices": [null]}', "JSON without `choices`"),
        (b'{"choices": [{"message": {}}]}', "a message without `content`"),
    ],
)
def test_what_is_none_of_the_protocol_is_an_error(raw: bytes, what: str, held: ExitStack) -> None:
    asks = client(server(held, Reply(raw=raw)))
    with pytest.raises(EndpointError, match=f"none of the protocol, but {what}"):
        asks.ask("What?")
    assert not asks.reached


def reply(content: object, finish: str = "stop", **message: object) -> Reply:
    said = {"role": "assistant", "content": content, **message}
    return Reply(raw=json.dumps({"choices": [{"message": said, "finish_reason": finish}]}).encode())


@pytest.mark.parametrize(
    ("nothing", "why"),
    [
        (reply(None), "has written nothing"),
        (reply(" \n"), "has written nothing"),
        (reply([]), "has written nothing"),
        (reply(None, refusal="No."), "has refused"),
        (reply("", "content_filter"), "has refused"),
        (reply(None, "tool_calls", tool_calls=[{"id": "a"}]), "has called a tool"),
        (reply(None, "length"), "--max-tokens"),
    ],
)
def test_a_model_that_says_nothing_concerns_one_question(
    nothing: Reply, why: str, held: ExitStack
) -> None:
    """The endpoint has answered, so the others are asked; nothing is kept, so it is asked again."""
    made = server(held, nothing, Reply("yes"))
    asks = client(made)
    with pytest.raises(EndpointError, match=why) as found:
        asks.ask("What?")
    assert asks.reached
    assert not found.value.lasting
    assert asks.ask("What?") == "yes"


def test_an_error_in_place_of_an_answer_is_tried_again(held: ExitStack) -> None:
    error = Reply(raw=b'{"error": {"message": "sk-not-to-be-seen", "code": "overloaded"}}')
    assert client(server(held, error, Reply("yes"))).ask("What?") == "yes"
    with pytest.raises(EndpointError, match="an error in place of an answer, overloaded") as found:
        client(server(held, error), tries=1, dataset="other").ask("What?")
    assert KEY not in str(found.value)


def test_an_answer_in_parts_is_put_together(held: ExitStack) -> None:
    parts = [{"type": "text", "text": "ye"}, {"type": "image"}, {"type": "text", "text": "s"}]
    assert client(server(held, reply(parts))).ask("What?") == "yes"


def refusing(code: str, param: str | None = None, status: int = 400) -> Reply:
    said = {"error": {"message": "no", "code": code, "param": param}}
    return Reply(status=status, raw=json.dumps(said).encode())


def test_settings_that_a_model_does_not_take_are_left_out(held: ExitStack) -> None:
    """They are as such models say: one of them has another name there."""

    def answers(_: str, number: int) -> Reply:
        sent = made.requests[number][2]
        for name in ("temperature", "max_tokens"):
            if name in sent:
                return refusing("unsupported_value", name)
        return Reply("yes")

    made = held.enter_context(LlmServer(answers))
    asks = client(made, max_tokens=9)
    assert [asks.ask("A"), asks.ask("B")] == ["yes", "yes"]
    assert list(asks.left_out) == ["temperature", "max_tokens"]
    assert len(made.requests) == 4
    assert {*made.requests[-1][2]} == {"model", "messages", "max_completion_tokens"}
    with pytest.raises(EndpointError, match="temperature is not supported"):
        client(server(held, refusing("unsupported_value", "temperature")), "other").ask("A")


@pytest.mark.parametrize(
    ("replies", "lasting", "reached"),
    [
        ([refusing("invalid_request")], True, False),
        ([refusing("context_length_exceeded")], False, True),
        ([Reply("yes"), refusing("too_long")], False, True),
        ([Reply("yes"), refusing("", status=413)], False, True),
        ([Reply("yes"), refusing("invalid_api_key", status=401)], True, True),
    ],
)
def test_one_text_that_is_refused_does_not_end_the_others(
    replies: list[Reply], lasting: bool, reached: bool, held: ExitStack
) -> None:
    asks = client(server(held, *replies))
    for _ in replies[1:]:
        asks.ask("short")
    with pytest.raises(EndpointError, match="refuses with status") as found:
        asks.ask("long")
    assert (found.value.lasting, asks.reached) == (lasting, reached)


def test_a_time_to_be_asked_again_at_is_kept() -> None:
    later = formatdate(time.time() + 30, usegmt=True)
    assert 25 < (seconds_to_wait({"Retry-After": later}) or 0) <= 30
    assert seconds_to_wait({"Retry-After": "2.5"}) == 2.5
    for odd in ("", "soon", "nan", "-100", "inf", formatdate(0)):
        assert seconds_to_wait({"Retry-After": odd}) is None


def test_a_key_that_the_endpoint_repeats_is_not_kept(held: ExitStack) -> None:
    made = server(held, Reply(f"You are Bearer {KEY}."), Reply("none at all"))
    assert client(made).ask("Who am I?") == "You are Bearer [key]."
    assert KEY not in cache_file("set").read_text()
    # A short one is no secret, and may be a word of an answer.
    assert client(made, key="none").ask("And?") == "none at all"


def test_who_leaves_waits_for_no_further_attempt(held: ExitStack) -> None:
    made = server(held, Reply(status=500))
    asks = client(made, first_wait=60.0)
    asks.close()
    with pytest.raises(EndpointError, match="not asked any more"):
        asks.ask("What?")
    assert made.requests == []


def test_answers_are_kept_by_prompt_model_and_settings(held: ExitStack) -> None:
    made = server(held, *(Reply(f"answer {n}") for n in range(9)))
    assert client(made).ask("A") == "answer 0"
    again = client(made)
    assert (again.ask("A"), again.known, again.asked) == ("answer 0", 1, 0)
    assert again.ask("B") == "answer 1"
    assert client(made, temperature=0.5).ask("A") == "answer 2"
    assert client(made, key="").ask("A") == "answer 0"
    assert client(made, dataset="other").ask("A") == "answer 3"
    assert again.ask("A", again=1) == "answer 4"
    assert cache_file("set").stat().st_mode & 0o077 == 0
    assert cache_file("set").parent.stat().st_mode & 0o077 == 0
    assert KEY.encode() not in cache_file("set").read_bytes()


def test_an_answer_that_was_cut_short_is_not_kept(held: ExitStack) -> None:
    made = server(held, Reply("half", finish="length"), Reply("whole"))
    assert client(made).ask("A") == "half"
    assert client(made).ask("A") == "whole"


def test_half_a_line_and_other_rubbish_in_the_cache_are_passed_over(held: ExitStack) -> None:
    made = server(held, Reply("first"), Reply("second"), Reply("third"))
    client(made).ask("A")
    with cache_file("set").open("ab") as file:
        file.write(b'[1]\n{"key": 1}\n\xff\n{"key": "torn')
    assert client(made).ask("B") == "second"
    assert [client(made).ask(each) for each in "AB"] == ["first", "second"]
    forget_answers("set")
    assert client(made).ask("A") == "third"


def test_a_cache_that_cannot_be_written_is_no_error(held: ExitStack) -> None:
    cache_file("set").parent.parent.mkdir(parents=True)
    cache_file("set").parent.write_text("in the way")
    assert client(server(held, Reply("yes"))).ask("A") == "yes"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/chat/completions"),
        ("http://host/v1/", "http://host/v1/chat/completions"),
        ("https://host/a/chat/completions", "https://host/a/chat/completions"),
        ("http://[::1]:11434/v1", "http://[::1]:11434/v1/chat/completions"),
    ],
)
def test_an_address_may_end_before_the_last_part(given: str, url: str) -> None:
    assert make_endpoint(given, "m").url == url


@pytest.mark.parametrize(
    "given",
    [
        *("", "host", "ftp://host/v1", "file:///etc/passwd", "http://", "http://a:b@host/v1"),
        *("http://host/v1?key=1", "http://host:port/v1", "http://ho st/", "http://h\u00f6st/"),
    ],
)
def test_what_is_no_address_is_one_line(given: str) -> None:
    with pytest.raises(UsageError) as found:
        make_endpoint(given, "m")
    assert found.value.where == "--endpoint"
    assert "a:b" not in str(found.value)


def test_the_key_comes_from_a_variable_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("MINE", "other-key")
    monkeypatch.setenv("ODD", "key\nX-Header: 1")
    assert make_endpoint("http://h", "m").key == KEY
    assert make_endpoint("http://h", "m", key_variable="MINE").key == "other-key"
    for variable in ("UNSET", "ODD", KEY):
        with pytest.raises(UsageError) as found:
            make_endpoint("http://h", "m", key_variable=variable)
        assert KEY not in str(found.value)
        assert "X-Header" not in str(found.value)


def test_a_server_that_never_ends_is_given_up(held: ExitStack) -> None:
    made = server(held, Reply("x" * 9_000_000))
    with pytest.raises(EndpointError, match="more than 8,000,000 bytes"):
        client(made).ask("What?")
