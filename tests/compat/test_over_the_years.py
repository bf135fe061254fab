"""Recipe files in the styles of several years, by keys to saved answers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.compat.conftest import Runs

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed"),
]

# A form of three questions, divided by a router, with a progress of its own.
FORM = """
from typing import Iterator
import spacy
from prodigy import log, set_hashes
from prodigy.components.preprocess import tokenize_example
from prodigy.components.stream import get_stream
from prodigy.core import Arg, Controller, recipe
from prodigy.types import RecipeSettingsType, SourceType, StreamType

def with_tokens(stream: StreamType) -> Iterator[StreamType]:
    nlp = spacy.blank("en")
    for eg in stream:
        yield tokenize_example(eg, nlp(eg["text"]))

def with_hashes(stream):
    for eg in stream:
        yield set_hashes(eg, input_keys=("text",), task_keys=("spans", "options"), overwrite=True)

@recipe("form", dataset=Arg(help="Dataset"), source=Arg(help="Source"))
def form(dataset: str, source: SourceType) -> RecipeSettingsType:
    log("RECIPE: form", locals())
    options = [{"id": "tree", "text": "A tree"}, {"id": "other", "text": "Something else"}]
    blocks = [
        {"view_id": "html", "html_template": "<h2>About {{text}}</h2>"},
        {"view_id": "ner_manual", "labels": ["THING"]},
        {"view_id": "html", "html": "<hr><b>Which kind?</b>"},
        {"view_id": "choice", "text": None, "options": options},
        {"view_id": "html", "html": "<hr><b>Why?</b>"},
        {"view_id": "text_input", "field_rows": 3},
    ]
    def progress(ctrl: Controller, session, answers, update_return_value):
        return session.total_annotated / 4
    def task_router(ctrl: Controller, session_id: str, item: dict) -> list:
        prefix = ctrl.get_session_name("")
        return [each for each in ctrl.session_ids if each.startswith(prefix)]
    def validate_answer(eg):
        if not eg.get("accept"):
            raise ValueError("Say which kind it is")
    stream = get_stream(source)
    stream.apply(with_tokens, stream)
    stream.apply(with_hashes, stream)
    return {
        "dataset": dataset, "stream": stream, "view_id": "blocks", "progress": progress,
        "task_router": task_router, "validate_answer": validate_answer,
        "config": {"blocks": blocks, "buttons": ["accept", "reject"], "show_flag": True},
    }
"""

# Captions that a model proposes, corrected by hand, and counted at the end.
CAPTIONS = """
import prodigy
from prodigy.components.loaders import Images

@prodigy.recipe("captions")
def captions(dataset, images_path="pictures"):
    blocks = [{"view_id": "image"}, {"view_id": "text_input", "field_id": "caption"}]
    counts = {"changed": 0, "unchanged": 0}
    def get_stream():
        for eg in Images(images_path):
            eg["caption"] = eg["orig_caption"] = "a tree"
            yield eg
    def update(answers):
        for eg in answers:
            counts["unchanged" if eg["caption"] == eg["orig_caption"] else "changed"] += 1
    def on_exit(ctrl):
        print(counts["changed"], "changed,", counts["unchanged"], "unchanged")
    return {
        "dataset": dataset, "stream": get_stream(), "update": update, "on_exit": on_exit,
        "view_id": "blocks", "config": {"blocks": blocks},
    }
"""

# Letters instead of tokens, every text asked whether a pattern matches or not, and a check.
LETTERS = """
from functools import partial
from typing import Iterable, List, Optional, Union
import spacy
from prodigy.components.loaders import get_stream
from prodigy.components.preprocess import add_tokens
from prodigy.core import recipe
from prodigy.models.matcher import PatternMatcher
from prodigy.recipes.ner import remove_tokens
from prodigy.util import get_labels, msg, split_string

def check(answer, *, least):
    if len(answer["spans"]) < least:
        raise ValueError("You marked less than expected.")

@recipe(
    "letters",
    dataset=("Dataset", "positional", None, str),
    spacy_model=("Pipeline", "positional", None, str),
    source=("Source", "positional", None, str),
    loader=("Loader", "option", "lo", str),
    label=("Labels", "option", "l", get_labels),
    patterns=("Patterns", "option", "pt", str),
    exclude=("Exclude", "option", "e", split_string),
    highlight_chars=("Letters", "flag", "C", bool),
)
def letters(dataset: str, spacy_model: str, source: Union[str, Iterable[dict]],
            loader: Optional[str] = None, label: Optional[List[str]] = None,
            patterns: Optional[str] = None, exclude: Optional[List[str]] = None,
            highlight_chars: bool = False):
    nlp = spacy.load(spacy_model)
    if not label:
        msg.fail("No --label", exits=1)
    stream = get_stream(source, None, loader, rehash=True, dedup=True, input_key="text")
    matcher = PatternMatcher(nlp, combine_matches=True, all_examples=True).from_disk(patterns)
    stream = (eg for _, eg in matcher(stream))
    return {
        "view_id": "ner_manual", "dataset": dataset, "exclude": exclude,
        "stream": add_tokens(nlp, stream, use_chars=highlight_chars),
        "validate_answer": partial(check, least=1),
        "before_db": remove_tokens if highlight_chars else None,
        "config": {"labels": label, "exclude_by": "input",
                   "ner_manual_highlight_chars": highlight_chars},
    }
"""


def test_a_form_of_blocks(runs: Runs) -> None:
    keys = "1 a tab 2 tab enter y escape a"
    said = runs(FORM, "form", "my_set", "data.jsonl", keys=keys, shows="About Ann saw")
    first = said.partition("Why?")[0]
    assert first.index("About") < first.index("Which kind?") < first.index("A tree")
    assert "Say which kind it is" in said
    (given,) = runs.answers()
    assert [each["label"] for each in given["spans"]] == ["THING"]
    assert (given["accept"], given["user_input"]) == (["other"], "y")


def test_captions_are_corrected(runs: Runs, home: Path) -> None:
    (home / "pictures").mkdir()
    for name in ("a.png", "b.png"):
        (home / "pictures" / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    # The only thing to do is to write, so each picture begins in its field.
    keys = "enter s escape a escape a"
    said = runs(CAPTIONS, "captions", "my_set", "pictures", keys=keys, shows="a.png")
    assert "1 changed, 1 unchanged" in said
    given = [(each["meta"]["file"], each["caption"]) for each in runs.answers()]
    assert given == [("a.png", "a trees"), ("b.png", "a tree")]


def test_letters_are_marked_in_every_text(runs: Runs) -> None:
    words = ["my_set", "blank:en", "data.jsonl", "-pt", "patterns.jsonl", "-l", "A,B", "-C"]
    said = runs(LETTERS, "letters", *words, keys="a a 2 a", shows="Ann saw one oak.")
    assert "You marked less than expected." in said
    first, second = runs.answers()
    assert [(each["start"], each["label"]) for each in first["spans"]] == [(12, "TREE")]
    assert second["spans"] == [{"start": 0, "end": 1, "label": "B"}]
    assert "tokens" not in second
