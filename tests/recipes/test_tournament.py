"""`ab.llm.tournament`: blind duels of prompts and models, and their ratings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recipes.llm_server import LlmServer, Reply
from tests.recipes.support import asked, job_of, opened, write_jsonl
from tui_annotate.errors import UsageError
from tui_annotate.recipes.tournament import Rating, played, ratings

pytestmark = pytest.mark.quick


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(lambda prompt, _: Reply(f"Output of {prompt}")) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "a.db"))
    (tmp_path / "prompts").mkdir()
    for name, text in (("a.txt", "Kind: $topic"), ("b.txt", "$topic?"), ("c.md", "$topic!")):
        (tmp_path / "prompts" / name).write_text(text)
    (tmp_path / "prompts" / "notes.csv").write_text("no prompt")
    rows = [{"id": 1, "prompt_args": {"topic": "tea"}}, {"id": 2, "topic": "$wine"}]
    write_jsonl(tmp_path / "inputs.jsonl", rows)
    return tmp_path


def job(place: Path, server: LlmServer, **more: Any) -> Any:
    values = {"prompts": str(place / "prompts"), "model": "m", **more}
    inputs = str(place / "inputs.jsonl")
    return job_of(
        "ab.openai.tournament", dataset="set", inputs=inputs, endpoint=server.url, **values
    )


def test_each_plays_against_each_with_every_row(place: Path, server: LlmServer) -> None:
    made = job(place, server)
    assert made.view_id == "choice"
    found = asked(made, place / "a.db")
    assert [task["text"] for task in found] == ["topic: tea"] * 3 + ["topic: $wine"] * 3
    pairs = [sorted(each["id"] for each in task["options"]) for task in found]
    assert pairs == [["a.txt", "b.txt"], ["a.txt", "c.md"], ["b.txt", "c.md"]] * 2
    texts = {each["id"]: each["text"] for task in found[3:] for each in task["options"]}
    assert texts == {
        "a.txt": "Output of Kind: $wine",
        "b.txt": "Output of $wine?",
        "c.md": "Output of $wine!",
    }
    assert len(server.requests) == 6
    assert asked(job(place, server), place / "a.db") == []


def test_each_row_is_settled_by_its_own_duels(place: Path, server: LlmServer) -> None:
    asked(job(place, server), place / "a.db", limit=4)
    session = opened(job(place, server), place / "a.db")
    assert session.start() is not None
    assert session.counts().to_go == 1
    session.close()


def test_the_order_is_left_to_chance_and_is_the_same_again(place: Path, server: LlmServer) -> None:
    write_jsonl(place / "inputs.jsonl", [{"topic": f"tea {n}"} for n in range(12)])

    def orders(store: str, **more: Any) -> list[list[str]]:
        found = asked(job(place, server, **more), place / store)
        return [[each["id"] for each in task["options"]] for task in found]

    first = orders("a.db")
    assert first == orders("b.db")
    assert first != [sorted(each) for each in first]
    assert all(each == sorted(each) for each in orders("c.db", no_random=True))


def test_it_goes_on_at_the_same_duel_and_says_the_ratings(place: Path, server: LlmServer) -> None:
    def win(limit: int) -> tuple[Any, Any]:
        made = job(place, server)
        session = opened(made, place / "a.db")
        seen, item = 0, session.start()
        while item is not None and seen < limit:
            seen += 1
            ids = [each["id"] for each in item.task["options"]]
            best = "b.txt" if "b.txt" in ids else "a.txt"
            session.decide("accept", {**item.task, "accept": [best]})
            item = session.advance()
        next_one = item.task["options"] if item is not None else None
        session.close()
        assert seen
        return next_one, made.farewell

    at, _ = win(2)
    again = opened(job(place, server), place / "a.db")
    item = again.start()
    assert item is not None
    assert item.task["options"] == at
    again.close()
    _, (said,) = win(100)
    assert said.index("b.txt") < said.index("a.txt") < said.index("c.md")
    assert "won 4 of 4" in said
    assert "won 0 of 4" in said


def test_models_play_as_well_and_a_template_shows_the_row(place: Path, server: LlmServer) -> None:
    (place / "display.txt").write_text("About $topic")
    values = {"prompts": str(place / "prompts" / "a.txt"), "model": "m1,m2"}
    server.answers = lambda prompt, n: Reply(f"{n}")
    found = asked(job(place, server, display=str(place / "display.txt"), **values), place / "a.db")
    assert [task["text"] for task in found] == ["About tea", "About $wine"]
    assert {each["id"] for each in found[0]["options"]} == {"a.txt at m1", "a.txt at m2"}
    assert [body["model"] for _, _, body in server.requests] == ["m1", "m2", "m1", "m2"]


def test_what_is_missing_or_equal_is_no_duel(place: Path, server: LlmServer) -> None:
    server.answers = lambda prompt, n: Reply("same") if n < 3 else Reply(raw=b"?")
    made = job(place, server)
    assert asked(made, place / "a.db") == []
    assert made.farewell == ["3 outputs are missing, because a model gave no answer"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompts": "a.txt"}, "needs two prompts or two models"),
        ({"prompts": "none", "model": "a,b"}, "cannot be read"),
        ({"model": None}, "there is no model"),
        ({"display": "bad.txt"}, r"a \$ stands alone"),
        ({"display": "jinja.txt"}, "template of jinja2"),
    ],
)
def test_mistakes_are_one_line(
    change: dict[str, Any], said: str, place: Path, server: LlmServer, monkeypatch: Any
) -> None:
    monkeypatch.chdir(place / "prompts")
    (place / "prompts" / "bad.txt").write_text("5 $ each")
    (place / "prompts" / "jinja.txt").write_text("{{topic}}")
    if "display" in change:
        change = {"prompts": "a.txt", "model": "a,b", **change}
    with pytest.raises(UsageError, match=said):
        job(place, server, **change)


def test_a_field_that_a_row_lacks_is_named(place: Path, server: LlmServer) -> None:
    write_jsonl(place / "inputs.jsonl", [{"subject": "tea"}])
    session = opened(job(place, server), place / "a.db")
    with pytest.raises(UsageError, match=r"no 'topic', which this prompt names.*It has: subject"):
        session.start()
    session.close()


def test_ratings_are_those_of_the_method() -> None:
    # Two new players, 1500 with a deviation of 350 each.
    found = ratings([("A", "B")])
    assert found["A"].value == pytest.approx(1662.2, abs=0.1)
    assert found["B"].value == pytest.approx(1337.8, abs=0.1)
    assert found["A"].deviation == pytest.approx(290.2, abs=0.1)


@given(st.lists(st.sampled_from([("A", "B"), ("B", "C"), ("A", "C"), ("C", "A")]), max_size=30))
def test_ratings_never_grow_less_certain(duels: list[tuple[str, str]]) -> None:
    found = ratings(duels)
    assert all(0 < each.deviation < Rating().deviation for each in found.values())
    assert sum(each.played for each in found.values()) == 2 * len(duels)
    assert sum(each.won for each in found.values()) == len(duels)


def test_answers_that_chose_nothing_are_no_duel() -> None:
    options = [{"id": "a"}, {"id": "b"}]
    answers: list[dict[str, Any]] = [
        {"options": options, "accept": ["b"]},
        {"options": options, "accept": []},
        {"options": options, "accept": ["x"]},
        {"options": options[:1], "accept": ["a"]},
        {"accept": {"text": "a"}},
        {},
    ]
    assert list(played(answers)) == [("b", "a")]
