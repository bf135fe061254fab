"""Recipes and commands with a language model, against a server on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.llm_jobs import TEXTS, Starts, job, marked, spans
from tests.recipes.llm_server import LlmServer, Reply, text_of
from tests.recipes.support import asked, job_of, opened, write_jsonl
from tui_annotate.errors import UsageError
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database
from tui_annotate.suggest.llm_cache import FETCHED, cache_file


@pytest.mark.parametrize(
    ("name", "view"), [("ner.llm.correct", "ner_manual"), ("spans.openai.correct", "spans_manual")]
)
def test_spans_are_proposed_where_the_model_quotes_them(
    name: str, view: str, place: Path, served: Starts
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    made = job(name, place, server)
    assert (made.view_id, made.policy.exclude_by, made.labels) == (view, "input", ("PER", "LOC"))
    found = asked(made, place / "a.db")
    assert [task["text"] for task in found] == TEXTS
    assert all(marked(task) == [("Ilse", "PER"), ("Cork", "LOC")] for task in found)
    assert made.farewell == ["m was asked 6 times"]
    assert asked(job(name, place, server), place / "a.db") == []
    assert len(server.requests) == 6


def test_flagged_answers_become_examples(place: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    made = job("ner.llm.correct", place, server, batch_size=1)
    made.config.update(batch_size=1, history_size=0)
    session = opened(made, place / "a.db")
    item = session.start()
    while item is not None:
        content = {**item.task, "spans": item.task["spans"][:1]}
        flagged = item.task["text"] in TEXTS[:2]
        session.decide("accept", {**content, "flagged": True} if flagged else content)
        item = session.advance()
    session.close()
    last = server.prompts[-1]
    ideal = 'Answer:\n{"spans": [{"label": "PER", "text": "Ilse"}]}'
    assert last.count(ideal) == 2
    assert TEXTS[0] in last
    server.requests.clear()
    write_jsonl(place / "data.jsonl", [{"text": "A new one in Cork."}])
    asked(job("ner.llm.correct", place, server, max_examples=1), place / "a.db")
    (prompt,) = server.prompts
    assert prompt.count(ideal) == 1
    assert TEXTS[1] in prompt


def test_examples_and_prompts_in_files(place: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    odd = [{"start": "0"}, {"label": "PER"}]
    example = {"text": "Orla left.", "spans": [{"start": 0, "end": 4, "label": "PER"}, *odd]}
    write_jsonl(place / "examples.jsonl", [example])
    (place / "prompt.txt").write_text("$examples|$labels|$text")
    values = {"examples_path": str(place / "examples.jsonl")}
    made = job("ner.llm.correct", place, server, prompt_path=str(place / "prompt.txt"), **values)
    asked(made, place / "a.db", limit=1)
    assert server.prompts[0] == (
        'Text:\nOrla left.\n\nAnswer:\n{"spans": [{"label": "PER", "text": "Orla"}]}\n\n'
        f"|PER, LOC|{TEXTS[0]}"
    )
    (place / "examples.jsonl").write_text("1\n")
    with pytest.raises(UsageError, match="no list of answered tasks"):
        job("ner.llm.correct", place, server, **values)
    lacking: list[dict[str, Any]] = [{"text": "Orla left."}, {"spans": []}]
    for wrong in lacking:
        write_jsonl(place / "examples.jsonl", [example, wrong])
        with pytest.raises(UsageError, match="example 2: it has no"):
            job("ner.llm.correct", place, server, **values)


QUOTED = """
- text: Orla left.
  entities:
    PER: [Orla]
"""
TOLD = """
- text: Orla left.
  spans:
    - {text: Orla, is_entity: true, label: PER, reason: is a person}
    - {text: left, is_entity: false, label: ==NONE==, reason: is a verb}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps([{"text": "Orla left.", "entities": {"PER": "Orla"}}])),
        ("a.yml", QUOTED),
        ("a.yaml", TOLD),
    ],
)
def test_examples_in_the_forms_of_other_programs(
    place: Path, served: Starts, name: str, text: str
) -> None:
    if not name.endswith("json"):
        pytest.importorskip("yaml", reason="PyYAML is not installed")
    server = served(lambda prompt, _: Reply(spans()))
    (place / name).write_text(text)
    made = job("ner.llm.correct", place, server, examples_path=str(place / name))
    asked(made, place / "a.db", limit=1)
    ideal = 'Orla left.\n\nAnswer:\n{"spans": [{"label": "PER", "text": "Orla"}]}\n'
    assert ideal in server.prompts[0]


def test_classes_of_examples_may_stand_where_decisions_do(place: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply(json.dumps({"labels": []})))
    write_jsonl(place / "examples.jsonl", [{"text": "It rains.", "answer": "PER, LOC"}])
    values = {"examples_path": str(place / "examples.jsonl")}
    asked(job("textcat.llm.correct", place, server, **values), place / "a.db", limit=1)
    assert 'It rains.\n\nAnswer:\n{"labels": ["PER", "LOC"]}' in server.prompts[0]


def test_what_is_no_yaml_is_said_with_its_line(place: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    pytest.importorskip("yaml", reason="PyYAML is not installed")
    (place / "a.yml").write_text("- text: a\n  spans: [1\n")
    with pytest.raises(UsageError, match=r"a\.yml:3: it is no YAML"):
        job("ner.llm.correct", place, server, examples_path=str(place / "a.yml"))


def test_classes_are_chosen_beforehand_with_the_reason(place: Path, served: Starts) -> None:
    answer = json.dumps({"labels": ["B", "A"], "reason": "So."})
    server = served(lambda prompt, _: Reply(answer))
    made = job("textcat.llm.correct", place, server, label="A,B")
    found = asked(made, place / "a.db")
    assert made.view_id == "choice"
    assert [task["accept"] for task in found] == [["B", "A"]] * 6
    assert found[0]["meta"] == {"reason": "So."}
    assert [each["id"] for each in found[0]["options"]] == ["A", "B"]
    single = job("textcat.openai.correct", place, server, label="A,B", exclusive_classes=True)
    assert single.config["choice_style"] == "single"
    (task, *_) = asked(single, place / "b.db")
    assert task["accept"] == ["B"]
    assert "1 further class" in task["meta"]["note"]


def test_one_class_is_yes_or_no_and_asks_as_by_hand(place: Path, served: Starts) -> None:
    server = served(lambda prompt, n: Reply(json.dumps({"labels": ["A"] if n else []})))
    made = job("textcat.llm.correct", place, server, label="A", batch_size=1)
    found = asked(made, place / "a.db")
    assert made.view_id == "classification"
    assert [task["meta"]["model"] for task in found[:2]] == ["reject", "accept"]
    by_hand = job_of("textcat.manual", dataset="t", source=str(place / "data.jsonl"), label="A")
    mine = asked(by_hand, place / "a.db")
    assert [t["_task_hash"] for t in mine] == [t["_task_hash"] for t in found]


def test_prompt_and_answer_stand_below_the_text_when_asked_for(place: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    made = job("ner.llm.correct", place, server, verbose=True)
    assert made.view_id == "blocks"
    (task,) = asked(made, place / "a.db", limit=1)
    assert task["llm"]["response"] == spans()
    assert TEXTS[0] in task["llm"]["prompt"]


def test_sentences(place: Path, served: Starts) -> None:
    pytest.importorskip("spacy")
    write_jsonl(place / "data.jsonl", [{"text": "Ilse left. Orla stayed."}])
    server = served(lambda prompt, _: Reply('{"spans": []}'))
    found = asked(job("ner.llm.correct", place, server, segment=True), place / "a.db")
    assert [task["text"] for task in found] == ["Ilse left.", "Orla stayed."]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"label": None}, "no labels"),
        ({"model": None}, "there is no model"),
        ({"timeout": "0"}, "seconds above 0"),
        ({"labels": "setup.cfg"}, "Write it first: setup.cfg"),
    ],
)
def test_mistakes_are_one_line(
    values: dict[str, Any], said: str, place: Path, served: Starts
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    with pytest.raises(UsageError, match=said):
        job("ner.llm.correct", place, server, **values)
    assert server.requests == []


@pytest.mark.terminal
def test_three_answers_and_a_resume_at_the_same_task(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path, served: Starts
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    write_jsonl(home / "data.jsonl", [{"text": text} for text in TEXTS])
    options = ("-l", "PER,LOC", "--endpoint", server.url, "-m", "m")
    arguments = ("ner.llm.correct", "set", "data.jsonl", *options)
    screen = annotate(*arguments)
    for number in range(3):
        screen.wait_for(TEXTS[number])
        screen.settle()
        assert "LOC" in screen.screen_text()
        screen.press("a")
    screen.wait_for(TEXTS[3])
    screen.settle()
    screen.type("q q")
    assert screen.wait_exit() == 0
    assert "m was asked" in screen.screen_text()
    asked_before = len(server.requests)
    again = annotate(*arguments)
    again.wait_for(TEXTS[3])
    again.settle()
    again.type("q q")
    assert again.wait_exit() == 0
    assert len(server.requests) - asked_before < asked_before, "what is known is not asked again"
    done = headless("db-out", "set")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["text"], marked(row)) for row in rows] == [
        (text, [("Ilse", "PER"), ("Cork", "LOC")]) for text in TEXTS[:3]
    ]


@pytest.mark.terminal
def test_who_leaves_does_not_wait_for_the_model(
    annotate: StartsTerminal, home: Path, served: Starts
) -> None:
    server = served(lambda prompt, n: Reply(spans(), delay=60 if n else 0))
    write_jsonl(home / "data.jsonl", [{"text": text} for text in TEXTS])
    options = ("PER,LOC", "--endpoint", server.url, "-m", "m")
    screen = annotate("ner.openai.correct", "set", "data.jsonl", *options)
    screen.wait_for(TEXTS[0])
    screen.settle()
    screen.press("a")
    screen.wait_for("waiting for m")
    screen.press("q")
    assert screen.wait_exit(timeout=20) == 0, screen.screen_text()
    assert "1 answer saved" in screen.screen_text()


@pytest.mark.parametrize("name", ["ner.llm.correct", "textcat.llm.correct"])
def test_odd_rows_are_asked_as_well(name: str, place: Path, served: Starts) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "Ilse", "meta": "a text"},
        {"text": "Ilse \ud800", "meta": [1], "tokens": 3},
    ]
    write_jsonl(place / "data.jsonl", rows)
    server = served(lambda prompt, _: Reply('{"reason": "So.", "labels": ["X"], "spans": [1]}'))
    found = asked(job(name, place, server), place / "a.db")
    assert [task["text"] for task in found] == [row["text"] for row in rows]
    assert [task["meta"]["meta"] for task in found] == ["a text", [1]]
    assert all("left out" in task["meta"]["note"] for task in found)


# To files


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def fetch(headless: RunsHeadless, home: Path) -> Callable[..., Any]:
    write_jsonl(home / "data.jsonl", [{"text": text} for text in TEXTS])

    def run(name: str, server: LlmServer, *options: str) -> Any:
        first = () if name.startswith("terms") else ("data.jsonl",)
        return headless(name, *first, *options, "--endpoint", server.url, "-m", "m")

    return run


@pytest.mark.parametrize("name", ["ner.llm.fetch", "spans.openai.fetch"])
def test_rows_are_written_in_their_order(
    name: str, fetch: Callable[..., Any], home: Path, served: Starts
) -> None:
    server = served(lambda prompt, n: Reply(spans(), delay=0.05 * (n % 2)))
    done = fetch(name, server, "out.jsonl", "PER,LOC", "-b", "3")
    assert done.returncode == 0, done.stderr
    assert [row["text"] for row in rows_of(home / "out.jsonl")] == TEXTS
    assert all(len(row["spans"]) == 2 for row in rows_of(home / "out.jsonl"))
    again = fetch(name, server, "-", "PER,LOC", "--resume")
    assert len(server.requests) == 6
    assert again.stdout == (home / "out.jsonl").read_text()


def test_what_failed_is_left_out_said_once_and_asked_again(
    fetch: Callable[..., Any], home: Path, served: Starts
) -> None:
    server = served(
        lambda prompt, _: Reply(raw=b"?") if text_of(prompt) in TEXTS[3:5] else Reply(spans())
    )
    done = fetch("ner.llm.fetch", server, "out.jsonl", "PER,LOC")
    assert done.returncode == 1
    assert done.stderr.count("failed") == 1
    assert "2 rows left out" in done.stderr
    assert [row["text"] for row in rows_of(home / "out.jsonl")] == [*TEXTS[:3], TEXTS[5]]
    server.answers = lambda prompt, _: Reply(spans())
    assert fetch("ner.llm.fetch", server, "out.jsonl", "PER,LOC").returncode == 0
    assert [row["text"] for row in rows_of(home / "out.jsonl")] == TEXTS
    assert len(server.requests) == 8


def test_an_endpoint_that_never_answers_writes_no_file(
    fetch: Callable[..., Any], home: Path, served: Starts
) -> None:
    server = served(lambda *_: Reply(status=404))
    done = fetch("ner.llm.fetch", server, "out.jsonl", "PER")
    assert done.returncode == 1
    assert "status 404" in done.stderr
    assert done.stderr.splitlines()[0] == f"asking m at {server.url}/chat/completions"
    assert len(done.stderr.splitlines()) == 2
    assert len(server.requests) == 1
    assert not (home / "out.jsonl").exists()


def test_classes_go_to_a_file(fetch: Callable[..., Any], home: Path, served: Starts) -> None:
    server = served(lambda prompt, _: Reply('{"labels": ["A"]}'))
    assert fetch("textcat.llm.fetch", server, "out.jsonl", "-l", "A,B").returncode == 0
    assert [row["accept"] for row in rows_of(home / "out.jsonl")] == [["A"]] * 6


def test_terms_are_asked_for_until_there_are_enough(
    fetch: Callable[..., Any], home: Path, served: Starts
) -> None:
    def answers(_: str, number: int) -> Reply:
        names = [f"term {number}{letter}" for letter in "abc"]
        return Reply(json.dumps({"terms": [*names, "Apple", names[0].upper()]}))

    server = served(answers)
    done = fetch("terms.llm.fetch", server, "fruit", "out.jsonl", "-n", "8", "-s", "apple")
    assert done.returncode == 0, done.stderr
    texts = [row["text"] for row in rows_of(home / "out.jsonl")]
    assert texts == [f"term {n}{letter}" for n in range(3) for letter in "abc"][:8]
    assert "apple, term 0a, term 0b" in server.prompts[1]
    nothing = served(lambda *_: Reply("no"))
    done = fetch("terms.openai.fetch", nothing, "stars", "out.jsonl")
    assert done.returncode == 1
    assert "has listed no more" in done.stderr
    assert len(nothing.requests) == 2


def test_offline_and_restricted_send_nothing(
    headless: RunsHeadless, home: Path, served: Starts
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    write_jsonl(home / "data.jsonl", [{"text": "Cork"}])
    arguments = ("data.jsonl", "out.jsonl", "LOC", "--endpoint", server.url, "-m", "m")
    (home / "tui-annotate.toml").write_text("offline = true\n")
    done = headless("ner.llm.fetch", *arguments)
    assert (done.returncode, "`offline` forbids" in done.stderr) == (2, True)
    (home / "tui-annotate.toml").write_text("")
    for name in ("ner.llm.fetch", "ner.openai.fetch", "ner.openai.correct"):
        done = headless("--restricted", name, *arguments)
        assert (done.returncode, "not available in a restricted" in done.stderr) == (2, True)
    assert server.requests == []


def test_purge_removes_what_models_have_said(
    place: Path, headless: RunsHeadless, served: Starts, home: Path
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    asked(job("ner.llm.correct", place, server), place / "a.db")
    cache_file(FETCHED).write_text('{"key": "k", "answer": "Ilse"}\n')
    kept = cache_file("another")
    kept.write_text("{}\n")
    assert cache_file("set").exists()
    with Database(open_store(place / "a.db")) as db:
        assert "set" in db
    variables = {
        "TUI_ANNOTATE_DB": str(place / "a.db"),
        "XDG_CACHE_HOME": str(place / "cache"),
    }
    dry = headless("purge", "set", "--dry", env=variables)
    assert "answers of language models" in dry.stderr
    assert headless("purge", "set", "--yes", env=variables).returncode == 0
    assert not cache_file("set").exists()
    assert not cache_file(FETCHED).exists()
    assert kept.exists()


CONFIG = """
[nlp]
lang = "en"
pipeline = ["llm"]

[components]

[components.llm]
factory = "llm"
save_io = true

[components.llm.task]
@llm_tasks = "spacy.NER.v3"
labels = ["PER", "LOC"]

[components.llm.task.examples]
@misc = "spacy.FewShotReader.v1"
path = "examples.yml"

[components.llm.model]
@llm_models = "spacy.GPT-3-5.v2"
name = "gpt-3.5-turbo"
config = {"temperature": 0.3, "max_tokens": 50}
"""


@pytest.mark.parametrize("name", ["ner.llm.correct", "ner.openai.correct"])
def test_a_configuration_of_spacy_llm_names_labels_and_model(
    name: str, place: Path, served: Starts, capsys: pytest.CaptureFixture[str]
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    (place / "own.cfg").write_text(CONFIG)
    source = str(place / "data.jsonl")
    made = job_of(
        name, dataset="set", source=str(place / "own.cfg"), labels=source, endpoint=server.url
    )
    task = asked(made, place / "a.db", limit=1)[0]
    assert made.labels == ("PER", "LOC")
    assert marked(task) == [("Ilse", "PER"), ("Cork", "LOC")]
    _, _, request = server.requests[0]
    assert (request["model"], request["temperature"]) == ("gpt-3.5-turbo", 0.3)
    assert request["max_tokens"] == 50
    assert "its examples is not read; --examples-path FILE" in capsys.readouterr().err


def test_fetch_takes_a_configuration_before_the_source(
    place: Path, served: Starts, headless: RunsHeadless
) -> None:
    server = served(lambda prompt, _: Reply(spans()))
    (place / "own.cfg").write_text(CONFIG)
    words = [str(place / each) for each in ("own.cfg", "data.jsonl", "out.jsonl")]
    more = ("--endpoint", server.url, "-m", "another", "--temperature", "0")
    done = headless("ner.llm.fetch", *words, *more)
    assert done.returncode == 0, done.stderr
    assert {body["temperature"] for _, _, body in server.requests} == {0}
    rows = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [marked(row) for row in rows] == [[("Ilse", "PER"), ("Cork", "LOC")]] * len(TEXTS)
    assert {body["model"] for _, _, body in server.requests} == {"another"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("spacy.NER.v3", "spacy.TextCat.v3", "for the recipes textcat.llm.correct"),
        ("spacy.NER.v3", "spacy.Lemma.v1", "its task spacy.Lemma.v1 is not here"),
        ("@llm_tasks", "task", "no configuration of spacy-llm"),
        ("[nlp]", "nlp", "no configuration of spacy-llm"),
    ],
)
def test_what_a_configuration_cannot_be_is_said(place: Path, old: str, new: str, said: str) -> None:
    (place / "own.cfg").write_text(CONFIG.replace(old, new, 1))
    values = {"source": str(place / "own.cfg"), "labels": str(place / "data.jsonl")}
    with pytest.raises(UsageError, match=said):
        job_of("ner.llm.correct", dataset="set", endpoint="http://127.0.0.1:1/v1", **values)
