"""The snippets that people bring along, each run as they have it, in a process of its own."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless, StartsTerminal
from tests.recipes.support import write_jsonl
from tests.support.environment import run_headless
from tests.support.terminal import Terminal

pytestmark = pytest.mark.terminal
needs_spacy = pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed")

INSTALL = "import tui_annotate.compat; tui_annotate.compat.install()\n"


def answers(headless: RunsHeadless, dataset: str = "my_set") -> list[dict[str, Any]]:
    done = headless("db-out", dataset)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def python(home: Path, code: str, *, seed: str = "0") -> str:
    (home / "script.py").write_text(INSTALL + code)
    done = run_headless(
        [sys.executable, str(home / "script.py")], home, env={"PYTHONHASHSEED": seed}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def answer_all(screen: Terminal, texts: list[str], key: str = "a") -> None:
    for text in texts:
        screen.wait_for(text)
        screen.settle()
        screen.press(key)
    screen.wait_for("All done.")
    leave(screen)


def leave(screen: Terminal) -> None:
    screen.settle()
    for _ in range(3):
        if screen.running:
            screen.press("q")
            screen.settle()
    assert screen.wait_exit() == 0, screen.screen_text()


MODEL = """
import random, spacy
from spacy.training import Example
spacy.util.fix_random_seed(0)
nlp = spacy.blank("en")
nlp.add_pipe("ner").add_label("FRUIT")
made = [
    Example.from_dict(
        nlp.make_doc(f"We ate {name} today"), {"entities": [(7, 7 + len(name), "FRUIT")]}
    )
    for name in ("figs", "plums", "limes", "dates")
]
nlp.initialize(lambda: made)
for _ in range(15):
    nlp.update(made)
nlp.to_disk("model")
"""

TEACH = """
import prodigy
from prodigy.recipes import ner
from prodigy.util import TASK_HASH_ATTR


@prodigy.recipe(
    "custom.teach",
    dataset=("Dataset", "positional", None, str),
    spacy_model=("Model", "positional", None, str),
    source=("Source", "positional", None, str),
)
def custom_teach(dataset, spacy_model, source):
    components = ner.teach(dataset=dataset, spacy_model=spacy_model, source=source, label=["FRUIT"])
    components["config"]["auto_exclude_current"] = False  # so that the filter alone does it

    def on_load(ctrl):
        done = ctrl.db.get_task_hashes(dataset)
        stream = components["stream"]
        components["stream"] = (
            {**eg, "seen_by": "filter"} for eg in stream if eg[TASK_HASH_ATTR] not in done
        )

    components["on_load"] = on_load
    return components
"""


@needs_spacy
def test_1_a_custom_recipe_replaces_the_stream_of_ner_teach(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    python(home, MODEL)
    (home / "recipe.py").write_text(TEACH)
    rows = [{"text": f"We ate {name} today"} for name in ("figs", "kiwis")]
    write_jsonl(home / "data.jsonl", rows)
    arguments = ("-F", "recipe.py", "custom.teach", "my_set", "./model", "data.jsonl")
    screen = annotate(*arguments)
    screen.wait_for("We ate")
    screen.settle()
    screen.press("a")
    screen.settle()
    leave(screen)
    assert "import prodigy" in screen.screen_text()
    (first,) = answers(headless)
    assert first["seen_by"] == "filter"
    assert first["_is_binary"] is True
    screen = annotate(*arguments, "--as", "another")
    for _ in range(20):
        screen.settle()
        if "All done." in screen.screen_text():
            break
        screen.press("x")
    leave(screen)
    given = answers(headless)
    assert len(given) > 1
    assert {each["_annotator_id"] for each in given} == {"tester", "another"}
    assert len({each["_task_hash"] for each in given}) == len(given)


def test_2_hashes_do_not_depend_on_the_order_of_keys(home: Path) -> None:
    code = """
import random, sys
from prodigy import set_hashes
span = {"start": 0, "end": 3, "label": "A", "token_start": 0}
eg = {"text": "one two", "label": "X", "spans": [span], "meta": {"a": 1, "b": 2}}
def shuffled(value):
    if isinstance(value, dict):
        keys = list(value)
        random.Random(int(sys.flags.hash_randomization) + SEED).shuffle(keys)
        return {key: shuffled(value[key]) for key in keys}
    return [shuffled(each) for each in value] if isinstance(value, list) else value
eg = set_hashes(shuffled(eg), task_keys=("spans", "label"))
print(eg["_input_hash"], eg["_task_hash"])
"""
    found = {python(home, code.replace("SEED", str(seed)), seed=str(seed)) for seed in (1, 2)}
    assert len(found) == 1


def test_3_hashes_by_hand_are_those_of_set_hashes(home: Path) -> None:
    code = """
from prodigy import set_hashes
from prodigy.util import get_hash
task = {"text": "one", "label": "X", "spans": []}
input_hash = get_hash(task, ("text", "image", "html", "input"))
task_hash = get_hash(task, ("spans", "label"), input_hash)
eg = set_hashes(dict(task), task_keys=("spans", "label"))
print((eg["_input_hash"], eg["_task_hash"]) == (input_hash, task_hash))
"""
    assert python(home, code) == "True\n"


@needs_spacy
def test_4_ner_teach_excludes_its_own_and_other_datasets(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    python(home, MODEL)
    write_jsonl(home / "data.jsonl", [{"text": "We ate figs today"}])
    own = ("ner.teach", "my_set", "./model", "data.jsonl")
    screen = annotate(*own, "--exclude", "my_set")
    screen.wait_for("We ate figs")
    for _ in range(20):
        screen.settle()
        if "All done." in screen.screen_text():
            break
        screen.press("a")
    leave(screen)
    count = len(answers(headless))
    assert count > 0
    screen = annotate(*own, "--exclude", "my_set")
    screen.wait_for("All done.")
    leave(screen)
    write_jsonl(home / "more.jsonl", [{"text": "Nothing else here"}])
    screen = annotate("mark", "third", "more.jsonl")
    answer_all(screen, ["Nothing else here"])
    other = ("ner.teach", "other_set", "./model", "data.jsonl", "--exclude", "my_set,third")
    screen = annotate(*other)
    assert "1 excluded" in screen.wait_for("There is nothing to do here.")
    leave(screen)
    assert not answers(headless, "other_set")


def test_5_hashes_of_one_dataset_among_many_answers(home: Path) -> None:
    code = """
from prodigy.components.db import connect
from prodigy import set_hashes
db = connect()
db.add_dataset("other")
db.add_dataset("my_set")
def egs(n, name):
    return [set_hashes({"text": f"{name} {i}", "answer": "accept"}) for i in range(n)]
db.add_examples(egs(8000, "other"), datasets=["other"])
db.add_examples(egs(5, "mine"), datasets=["my_set"])
db.close()
db = connect()
print(len(db.get_task_hashes("my_set")), len(db.get_input_hashes("my_set")))
print(len(db.get_task_hashes("my_set", "other")), db.count_dataset("other"), db.get_hashes("none"))
"""
    assert python(home, code) == "5 5\n8005 8000 set()\n"


POSITIONAL = """
import prodigy
from prodigy.components.db import connect
stream = [{"text": f"Own text {n}."} for n in range(4)]
db = connect()
db.add_examples([{"text": "Own text 1.", "answer": "reject"}], datasets=["done_before"])
db.close()
code = prodigy.serve("mark", "my_set", STREAM, "text", exclude=["done_before"], port=9090)
print("script:", code)
"""

STRING = """
import prodigy
from prodigy.components.db import connect

@prodigy.recipe("own.stream", dataset=("Dataset", "positional", None, str),
    exclude=("Datasets", "option", "e", prodigy.util.split_string))
def own_stream(dataset, exclude=None):
    stream = [{"text": f"Own text {n}."} for n in range(4)]
    return {"dataset": dataset, "view_id": "text", "stream": stream, "exclude": exclude}

db = connect()
db.add_examples([{"text": "Own text 1.", "answer": "reject"}], datasets=["done_before"])
db.close()
print("script:", prodigy.serve("own.stream my_set COMMAND", **GIVEN))
"""


@pytest.mark.parametrize(
    "code",
    [
        POSITIONAL.replace("STREAM", "stream"),
        POSITIONAL.replace("STREAM", "(eg for eg in stream)"),
        STRING.replace("COMMAND", "-e done_before").replace("GIVEN", "{'port': 8081}"),
        STRING.replace("COMMAND", "").replace("GIVEN", "{'exclude': ['done_before']}"),
    ],
    ids=["list", "generator", "string", "string-and-list"],
)
def test_6_own_tasks_without_hashes_are_served_from_a_script(
    code: str, terminal: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    code = code.replace("import prodigy\n", "import prodigy, prodigy.util\n", 1)
    (home / "script.py").write_text(INSTALL + code)
    screen = terminal(sys.executable, home / "script.py")
    answer_all(screen, ["Own text 0.", "Own text 2.", "Own text 3."])
    assert "script: 0" in screen.screen_text()
    given = answers(headless)
    assert [each["text"] for each in given] == ["Own text 0.", "Own text 2.", "Own text 3."]
    assert all(isinstance(each["_task_hash"], int) for each in given)


TIMES = """
import prodigy

@prodigy.recipe("three.times", dataset=("Dataset", "positional", None, str))
def three_times(dataset):
    return {"dataset": dataset, "view_id": "text", "stream": ({"text": f"T{n}."} for n in range(2))}
"""

BY_HAND = """
import prodigy
from prodigy import set_hashes

@prodigy.recipe("three.times", dataset=("Dataset", "positional", None, str))
def three_times(dataset):
    def stream():
        for turn in range(3):
            for n in range(2):
                eg = {"text": f"T{n}.", "turn": turn}
                yield set_hashes(eg, input_keys=("text",), task_keys=("turn",))
    return {"dataset": dataset, "view_id": "text", "stream": stream()}
"""


@pytest.mark.parametrize(
    ("code", "options"), [(TIMES, ["--repeat", "3"]), (BY_HAND, [])], ids=["repeat", "by-hand"]
)
def test_7_the_same_stream_three_times_over(
    code: str,
    options: list[str],
    annotate: StartsTerminal,
    headless: RunsHeadless,
    home: Path,
) -> None:
    (home / "recipe.py").write_text(code)
    screen = annotate("-F", "recipe.py", "three.times", "my_set", *options)
    answer_all(screen, ["T0.", "T1."] * 3)
    assert [each["text"] for each in answers(headless)] == ["T0.", "T1."] * 3


MARK = """
import prodigy
from prodigy.components.loaders import JSONL
stream = (eg for eg in JSONL("data.jsonl") if eg["keep"])
prodigy.serve("mark", "my_set", stream, view_id="ner_manual", label=["A", "B"])
"""


def test_8_mark_with_a_filtered_stream_goes_on_where_it_was(
    terminal: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    rows = [{"text": f"Row {n} here.", "keep": n % 2 == 0} for n in range(8)]
    write_jsonl(home / "data.jsonl", rows)
    (home / "script.py").write_text(INSTALL + MARK)
    screen = terminal(sys.executable, home / "script.py")
    for text in ("Row 0 here.", "Row 2 here."):
        screen.wait_for(text)
        screen.settle()
        screen.press("a")
    screen.wait_for("Row 4 here.")
    leave(screen)
    screen = terminal(sys.executable, home / "script.py")
    screen.wait_for("Row 4 here.")
    screen.settle()
    screen.press("2")
    answer_all(screen, ["Row 4 here.", "Row 6 here."])
    given = answers(headless)
    assert [each["text"] for each in given] == [f"Row {n} here." for n in (0, 2, 4, 6)]
    assert {each["_view_id"] for each in given} == {"ner_manual"}
    assert [each["label"] for each in given[2]["spans"]] == ["B"]


INPUTS = """
import prodigy
from prodigy.components.db import connect
from prodigy.components.filters import filter_inputs
from prodigy.components.loaders import get_stream

@prodigy.recipe("by.input", dataset=("D", "positional"), source=("S", "positional"))
def by_input(dataset, source):
    done = connect().get_input_hashes("done_before")
    stream = filter_inputs(get_stream(source), done)
    return {"dataset": dataset, "view_id": "classification", "stream": stream}
"""


def test_9_filtering_by_input_hash_only(
    annotate: StartsTerminal, headless: RunsHeadless, home: Path
) -> None:
    before = {"text": "Known.", "label": "ANOTHER", "answer": "reject"}
    python(
        home,
        "from prodigy.components.db import connect\n"
        f"connect().add_examples([{before!r}], datasets=['done_before'])",
    )
    rows = [{"text": "Known.", "label": "GOOD"}, {"text": "Fresh.", "label": "GOOD"}]
    write_jsonl(home / "data.jsonl", rows)
    (home / "recipe.py").write_text(INPUTS)
    screen = annotate("-F", "recipe.py", "by.input", "my_set", "data.jsonl")
    answer_all(screen, ["Fresh."])
    assert [each["text"] for each in answers(headless)] == ["Fresh."]
