"""Recipe files as people have them, from the command line to a saved answer."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.compat.conftest import Runs
from tests.conftest import RunsHeadless

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed"),
]

# An option for everything that a session has an option for itself, and what is printed at the end.
OWN_OPTIONS = """
import prodigy
from collections import Counter
from prodigy.util import split_string

@prodigy.recipe(
    "own.options",
    dataset=("Dataset", "positional", None, str),
    strict=("Strict", "flag", "s", bool),
    theme=("Theme", "option", "t", str),
    plain=("Plain", "flag", None, bool),
    keymap=("Keymap", "option", None, str),
    annotator=("Who", "option", "a", str),
    arguments=("More", "option", None, str),
    exclude=("Datasets", "option", "e", split_string),
    repeat=("Times", "option", "r", int),
)
def own_options(dataset, strict=False, theme="", plain=False, keymap="", annotator="",
                arguments="", exclude=None, repeat=1):
    given = [strict, theme, plain, keymap, annotator, arguments, exclude, repeat]
    def on_exit(ctrl):
        examples = ctrl.db.get_dataset_examples(dataset)
        print("\\x1b[32mGiven\\x1b[0m:", dict(Counter(eg["answer"] for eg in examples)))
        prodigy.util.msg.warn("Not saved:", ctrl.total_annotated - len(examples))
    stream = [{"text": " ".join(map(str, given))}]
    return {"dataset": dataset, "view_id": "text", "stream": stream, "on_exit": on_exit}
"""

TYPED = """
from pathlib import Path
from typing import List, Optional
from prodigy import get_stream, log
from prodigy.core import Arg, recipe
from prodigy.types import LabelsType, RecipeSettingsType, SourceType, StreamType
from prodigy.util import get_labels

@recipe(
    "typed",
    dataset=Arg(help="Dataset"),
    source=Arg(help="Source"),
    label=Arg("--label", "-l", help="Labels", converter=get_labels),
    n=Arg("--number", "-n", help="How many"),
    folder=Arg("--folder", "-f", help="A folder"),
    exclusive=Arg("--exclusive", "-E", help="One only"),
)
def typed(dataset: str, source: SourceType, label: Optional[LabelsType] = None, n: int = 2,
          folder: Optional[Path] = None, exclusive: bool = False) -> RecipeSettingsType:
    log("RECIPE: typed", locals())
    stream = get_stream(source, rehash=True, dedup=True, input_key="text")
    def add_options(stream: StreamType) -> StreamType:
        for _, eg in zip(range(n), stream):
            eg["options"] = [{"id": each, "text": each} for each in label]
            eg["name"] = folder.name
            yield eg
    stream.apply(add_options, stream=stream)
    config = {"choice_style": "single" if exclusive else "multiple", "choice_auto_accept": True}
    return {"dataset": dataset, "view_id": "choice", "stream": stream, "config": config}
"""

BLOCKS = """
import prodigy
from prodigy.components.loaders import JSONL

@prodigy.recipe("blocks.all", dataset=("D", "positional"), source=("S", "positional"))
def blocks_all(dataset, source):
    template = "<h2>{{text}}</h2>{{#seen}}<p>seen by {{by}}</p>{{/seen}}<script>go()</script>"
    blocks = [
        {"view_id": "html", "html_template": template},
        {"view_id": "choice", "text": None, "options": [{"id": 1, "text": "Yes"}]},
        {"view_id": "text_input", "field_rows": 3, "field_label": "Why?", "field_id": "why"},
    ]
    stream = ({**eg, "seen": [{"by": "Cid"}, {"by": "Dee"}]} for eg in JSONL(source))
    config = {"blocks": blocks}
    return {"dataset": dataset, "view_id": "blocks", "stream": stream, "config": config}
"""

# The name of a built-in recipe and of a command, and modules that nothing has imported.
OVERRIDES = """
import prodigy

@prodigy.recipe("ner.manual", dataset=("D", "positional"), source=("S", "positional"))
def manual(dataset, source):
    components = prodigy.recipes.ner.manual(dataset, "blank:en", source, None, None, ["A"])
    components["config"]["labels"].append("B")
    return components

@prodigy.recipe("progress", dataset=("D", "positional"))
def progress(dataset):
    done = prodigy.components.db.connect().get_task_hashes(dataset)
    stream = [{"text": f"{len(done)} done so far."}]
    return {"dataset": dataset, "view_id": "text", "stream": stream}
"""

LEARNS = """
import copy, spacy
import prodigy
from prodigy.components.loaders import JSONL
from prodigy.components.preprocess import add_tokens
from prodigy.components.sorters import prefer_uncertain
from prodigy.models.matcher import PatternMatcher
from prodigy.util import combine_models, set_hashes

class Model:
    seen = 0
    def __call__(self, stream):
        for eg in stream:
            eg = copy.deepcopy(eg)
            eg["spans"] = [{"start": 0, "end": 3, "label": "WHO", "source": "model"}]
            yield 0.9, set_hashes(eg, overwrite=True)
    def update(self, answers):
        self.seen += len(answers)
        return 0.5

@prodigy.recipe("learns", dataset=("D", "positional"), source=("S", "positional"))
def learns(dataset, source):
    nlp, model = spacy.blank("en"), Model()
    matcher = PatternMatcher(nlp, prior_correct=5.0, prior_incorrect=5.0, label_span=True)
    matcher = matcher.from_disk("patterns.jsonl")
    predict, update = combine_models(model, matcher)
    stream = prefer_uncertain(predict(JSONL(source)), algorithm="probability", bias=0.0)
    return {
        "dataset": dataset, "view_id": "ner", "stream": add_tokens(nlp, stream), "update": update,
        "on_exit": lambda ctrl: print("The model saw", model.seen),
        "config": {"batch_size": 1, "instant_submit": True, "lang": "en"},
    }
"""

CONTROLLED = """
import prodigy
from prodigy.components.loaders import JSONL

@prodigy.recipe("controlled", dataset=("D", "positional"), source=("S", "positional"))
def controlled(dataset, source):
    seen, kept = [], []
    def look(where, ctrl):
        seen.append(where)
        assert dataset in ctrl.db and ctrl.dataset == dataset
        assert ctrl.session_id in ctrl.session_ids
        assert ctrl.config["own"] == 1
        assert ctrl.progress in (None, 0.25)
        assert all(isinstance(eg, dict) for eg in ctrl.get_questions())
        iter(ctrl.stream)
    def on_load(ctrl):
        look("on_load", ctrl)
        kept.append(ctrl)
    def update(answers):
        look("update", kept[0])
        kept[0].reset_stream(iter([{"text": "Another stream."}]))
    def progress(ctrl, update_return_value):
        look("progress", ctrl)
        return 0.25
    def task_router(ctrl, session_id, eg):
        look("router", ctrl)
        return ctrl.session_ids
    def hook(ctrl, eg):
        look("hook", ctrl)
        ctrl.receive_answers([{"text": "By the hook.", "answer": "reject"}])
    def on_exit(ctrl):
        look("on_exit", ctrl)
        print("Called:", *sorted(set(seen)))
    return {
        "dataset": dataset, "view_id": "text", "stream": JSONL(source), "on_load": on_load,
        "update": update, "progress": progress, "task_router": task_router, "on_exit": on_exit,
        "event_hooks": {"hook": hook},
        "config": {"own": 1, "instant_submit": True, "batch_size": 1},
    }
"""


def test_a_recipes_options_win_and_ours_go_by_another_name(runs: Runs) -> None:
    theirs = [
        "-s",
        "-t",
        "topic",
        "--plain",
        "--keymap",
        "k",
        "-a",
        "me",
        "--arguments",
        "x",
        "-e",
        "p,q",
        "--repeat",
        "3",
    ]
    ours = ["--as", "ann", "--tui-keymap", "vim", "--tui-theme", "light", "--tui-repeat", "2"]
    shown = "True topic True k me x ['p', 'q'] 3"
    said = runs(OWN_OPTIONS, "own.options", "my_set", *theirs, *ours, keys="a a", shows=shown)
    assert "Given: {'accept': 2}" in said, "what `on_exit` prints is seen"
    assert "warning: Not saved:" in said
    assert [each["_annotator_id"] for each in runs.answers()] == ["ann", "ann"]


def test_the_help_names_both_options(headless: RunsHeadless, home: Path) -> None:
    (home / "recipe.py").write_text(OWN_OPTIONS)
    text = headless("-F", "recipe.py", "own.options", "--help").stdout
    assert "-t, --theme" in text
    assert "--tui-theme" in text
    assert "the recipe has a --theme of its own" in " ".join(text.split())
    assert "--tui-as" not in text


def test_typed_arguments(runs: Runs) -> None:
    words = ["my_set", "data.jsonl", "-l", "YES,NO", "-n", "2", "-f", "a/pictures", "-E"]
    runs(TYPED, "typed", *words, keys="1 2", shows="YES")
    given = runs.answers()
    assert [(each["accept"], each["name"]) for each in given] == [
        (["YES"], "pictures"),
        (["NO"], "pictures"),
    ]


def test_blocks_show_the_input_once(runs: Runs) -> None:
    said = runs(BLOCKS, "blocks.all", "my_set", "data.jsonl", keys="1 a", shows="Why?")
    first = said.partition("Why?")[0]
    assert first.count("Ann saw one oak.") == 1
    assert "seen by Cid" in first
    assert "seen by Dee" in first
    (given,) = runs.answers()
    assert (given["accept"], given["text"]) == ([1], "Ann saw one oak.")
    assert "why" not in given, "nobody wrote into that field"


def test_a_file_overrides_built_in_recipes_and_commands(runs: Runs) -> None:
    runs(OVERRIDES, "ner.manual", "my_set", "data.jsonl", keys="2 a", shows="2 B")
    (given,) = runs.answers()
    assert [each["label"] for each in given["spans"]] == ["B"]
    runs(OVERRIDES, "progress", "my_set", keys="x", shows="1 done so far.")
    assert runs.answers()[1]["answer"] == "reject"


def test_two_models_learn_from_answers(runs: Runs) -> None:
    said = runs(LEARNS, "learns", "my_set", "data.jsonl", keys="a x a", shows="score 0.5")
    given = runs.answers()
    assert given[0]["spans"][0]["label"] == "TREE", "0.5 is nearer to the middle than 0.9"
    assert [each["answer"] for each in given] == ["accept", "reject", "accept"]
    assert "The model saw 3" in said


def test_the_controller_in_every_callback(runs: Runs) -> None:
    words = ("controlled", "my_set", "data.jsonl")
    said = runs(CONTROLLED, *words, keys="! h enter a a a", shows="Ann saw one oak.")
    assert "Called: hook on_exit on_load progress router update" in said
    texts = [each["text"] for each in runs.answers()]
    assert texts[:2] == ["By the hook.", "Ann saw one oak."]
    assert texts[-1] == "Another stream."
