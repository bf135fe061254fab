"""Every built-in recipe on a real file, driven by keys on the screen to the answers it saves."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import job_of, write_jsonl
from tests.recipes.test_driven import CASES as IN_A_TERMINAL
from tests.session.support import Place
from tests.tui.app_support import Driver, make_app
from tui_annotate.errors import UsageError
from tui_annotate.recipes.registry import BUILT_IN
from tui_annotate.store.database import open_store
from tui_annotate.store.database_api import Database

TEXT = "Ilse left Cork."
TOKENS = [
    {"text": "Ilse", "start": 0, "end": 4, "id": 0, "ws": True},
    {"text": "left", "start": 5, "end": 9, "id": 1, "ws": True},
    {"text": "Cork", "start": 10, "end": 14, "id": 2, "ws": False},
    {"text": ".", "start": 14, "end": 15, "id": 3, "ws": False},
]
KNOWN_TEXT = "Orla left Galway."
KNOWN_TOKENS = [
    {"text": "Orla", "start": 0, "end": 4, "id": 0, "ws": True},
    {"text": "left", "start": 5, "end": 9, "id": 1, "ws": True},
    {"text": "Galway", "start": 10, "end": 16, "id": 2, "ws": False},
    {"text": ".", "start": 16, "end": 17, "id": 3, "ws": False},
]
ORLA = {"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "PER"}
GALWAY = {"start": 10, "end": 16, "token_start": 2, "token_end": 2, "label": "LOC"}
PRIVATE = ("_input_hash", "_task_hash", "_timestamp", "_session_id", "_annotator_id")

Answer = dict[str, Any]
Drives = Callable[..., Any]


def choice(*chosen: str, **more: Any) -> Answer:
    options = [{"id": name, "text": name} for name in ("PEOPLE", "THINGS")]
    return {"options": options, "accept": list(chosen), "_view_id": "choice", **more}


def without_scores(answer: Answer) -> Answer:
    """Take out the scores, which are probabilities, and what says when and by whom."""
    found = {key: value for key, value in answer.items() if key not in PRIVATE}
    for part in (found, *found.get("spans", ()), *found.get("options", ())):
        meta = part.get("meta", {})
        for place in (part, meta):
            if "score" in place:
                assert 0 <= float(place.pop("score")) <= 1
        if "meta" in part and not meta:
            del part["meta"]
    return found


async def drive(place: Place, keys: str, recipe: str, **values: Any) -> list[Answer]:
    """Run a recipe on the screen until all is done, and return what it saved."""
    job = job_of(recipe, dataset="my_set", **values)
    app = make_app(place, job)
    async with app.run_test(size=(80, 24)) as pilot:
        driver = Driver(app, pilot)
        await driver.idle()
        await driver.type(keys)
        assert "All done." in driver.text, driver.text
        app.leave()
    with Database(open_store(place.database, readonly=True)) as database:
        found = database.get_dataset_examples("my_set")
    return [without_scores(each) for each in found]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("TUI_ANNOTATE_DB", str(tmp_path / "annotations.db"))
    return Place(tmp_path, [KNOWN_TEXT])


# With a pipeline: its fixture, arguments, keys, the answer.
MODELS: dict[str, tuple[str, dict[str, Any], str, list[Answer]]] = {
    "ner.correct": (
        "model",
        {"label": "PER,LOC"},
        "tab d a",
        [{"spans": [GALWAY], "_view_id": "ner_manual", "tokens": KNOWN_TOKENS}],
    ),
    "spans.correct": (
        "model",
        {"label": "PER,LOC"},
        "2 a",
        [
            {
                "spans": [{**ORLA, "label": "LOC"}, ORLA, GALWAY],
                "_view_id": "spans_manual",
                "tokens": KNOWN_TOKENS,
            }
        ],
    ),
    "textcat.correct": ("model", {}, "2 a", [choice("PEOPLE", "THINGS")]),
    "textcat.teach": (
        "model",
        {"label": "PEOPLE"},
        "x",
        [{"label": "PEOPLE", "answer": "reject", "_view_id": "classification"}],
    ),
    "ner.teach": (
        "model",
        {"label": "LOC", "unsegmented": True},
        "x",
        [
            {
                "spans": [GALWAY],
                "answer": "reject",
                "tokens": KNOWN_TOKENS,
                "_is_binary": True,
                "_view_id": "ner",
            }
        ],
    ),
    "sent.correct": (
        "model",
        {},
        "l 1 a",
        [
            {
                "spans": [
                    {**ORLA, "label": "S"},
                    {"start": 5, "end": 9, "token_start": 1, "token_end": 1, "label": "S"},
                ],
                "tokens": KNOWN_TOKENS,
                "_view_id": "pos_manual",
            }
        ],
    ),
    "pos.correct": (
        "rules",
        {"label": "PROPN,VERB"},
        "l l 1 a",
        [
            {
                "spans": [{**GALWAY, "label": "PROPN"}],
                "tokens": KNOWN_TOKENS,
                "_view_id": "pos_manual",
            }
        ],
    ),
}


@pytest.mark.parametrize("recipe", MODELS)
async def test_a_recipe_with_a_pipeline(
    recipe: str, place: Place, request: pytest.FixtureRequest
) -> None:
    fixture, values, keys, expected = MODELS[recipe]
    values = {"model": request.getfixturevalue(fixture), "source": str(place.source), **values}
    found = await drive(place, keys, recipe, **values)
    assert found == [{"text": KNOWN_TEXT, "answer": "accept", **each} for each in expected]


async def test_dep_correct(place: Place, parser: str, tmp_path: Path) -> None:
    source = str(write_jsonl(tmp_path / "a.jsonl", [{"text": TEXT}]))
    values = {"model": parser, "source": source, "label": "nsubj,dobj"}
    (answer,) = await drive(place, "minus a", "dep.correct", **values)
    assert answer.pop("tokens") == TOKENS
    (relation,) = answer.pop("relations")
    assert {key: relation[key] for key in ("head", "child", "label")} == {
        "head": 1,
        "child": 2,
        "label": "dobj",
    }
    assert (answer["text"], answer["answer"]) == (TEXT, "accept")
    assert answer["_view_id"] == "relations"


async def test_silver_to_gold(place: Place, model: str) -> None:
    with Database(open_store(place.database)) as database:
        no = {"text": KNOWN_TEXT, "spans": [GALWAY], "answer": "reject"}
        database.add_examples([no], ["silver"])
    values = {"silver": "silver", "model": model, "label": "PER,LOC"}
    found = await drive(place, "l l 1 a", "ner.silver-to-gold", **values)
    assert found == [
        {
            "text": KNOWN_TEXT,
            "tokens": KNOWN_TOKENS,
            "spans": [ORLA, {**GALWAY, "label": "PER"}],
            "answer": "accept",
            "_view_id": "ner_manual",
        }
    ]


async def test_eval_ab_says_who_was_better(
    place: Place, model: str, rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {"model_a": model, "model_b": rules, "source": str(place.source)}
    (answer,) = await drive(place, "1", "ner.eval-ab", **values)
    options = {each["id"]: each for each in answer["options"]}
    assert options["A"] == {"id": "A", "text": KNOWN_TEXT, "spans": [ORLA, GALWAY]}
    assert options["B"] == {"id": "B", "text": KNOWN_TEXT, "spans": []}
    assert answer["accept"] == [answer["options"][0]["id"]]
    assert (answer["answer"], answer["_view_id"]) == ("accept", "choice")


@pytest.mark.parametrize(
    ("labels", "keys", "expected", "flags"),
    [
        ("PEOPLE", "x", {"label": "PEOPLE", "answer": "reject"}, {}),
        ("PEOPLE,THINGS", "2 1 a", choice("PEOPLE", "THINGS"), {}),
        ("PEOPLE,THINGS", "2", choice("THINGS"), {"exclusive": True}),
        ("PEOPLE,THINGS", "a", choice(), {"accept_empty": True}),
    ],
)
async def test_textcat_manual(
    place: Place, labels: str, keys: str, expected: Answer, flags: dict[str, bool]
) -> None:
    values = {"source": str(place.source), "label": labels, **flags}
    found = await drive(place, keys, "textcat.manual", **values)
    defaults = {"text": KNOWN_TEXT, "answer": "accept", "_view_id": "classification"}
    assert found == [{**defaults, **expected}]


async def test_a_suggester_says_which_spans_are_possible(place: Place, rules: str) -> None:
    registry = import_module("spacy").registry
    one_token = registry.misc.get("spacy.ngram_suggester.v1")
    registry.misc("tests.one_token.v1", func=lambda: one_token(sizes=[1]))
    values = {"model": rules, "source": str(place.source), "label": "PER,LOC"}
    values["suggester"] = "tests.one_token.v1"
    job = job_of("spans.manual", dataset="my_set", **values)
    async with make_app(place, job).run_test(size=(80, 24)) as pilot:
        driver = Driver(pilot.app, pilot)  # type: ignore[arg-type]
        await driver.idle()
        await driver.type("1 1 a")
        assert "does not suggest 'Orla left'" in driver.text
        assert driver.spans == [("Orla left", "PER")]
        await driver.type("d 1 a")
        assert "All done." in driver.text
        pilot.app.leave()  # type: ignore[attr-defined]


def test_an_unknown_suggester_is_one_line(place: Place, rules: str) -> None:
    values = {"model": rules, "source": str(place.source), "label": "PER"}
    with pytest.raises(UsageError, match=r"--suggester: 'no\.such' cannot be used"):
        job_of("spans.manual", dataset="my_set", suggester="no.such", **values)


async def test_mark(place: Place) -> None:
    values = {"source": str(place.source), "view_id": "classification", "label": "SAD"}
    found = await drive(place, "space", "mark", **values)
    assert found == [
        {"text": KNOWN_TEXT, "label": "SAD", "answer": "ignore", "_view_id": "classification"}
    ]


@pytest.mark.parametrize(
    ("flags", "view", "label", "spans"),
    [
        ({}, "ner", None, [None]),
        ({"label_span": True}, "ner", None, ["LOC"]),
        ({"label_task": True}, "classification", "LOC", [None]),
        ({"combine_matches": True, "label_span": True}, "spans", None, ["PER", "LOC"]),
    ],
)
async def test_match(
    place: Place,
    tmp_path: Path,
    flags: dict[str, bool],
    view: str,
    label: str | None,
    spans: list[str | None],
) -> None:
    known = [{"label": "PER", "pattern": "Orla"}, {"label": "LOC", "pattern": "Galway"}]
    wanted = known if "combine_matches" in flags else known[1:]
    patterns = str(write_jsonl(tmp_path / "patterns.jsonl", wanted))
    values = {"source": str(place.source), "patterns": patterns, **flags}
    (answer,) = await drive(place, "a", "match", **values)
    assert answer["_view_id"] == view
    assert answer.get("label") == label
    assert [span.get("label") for span in answer["spans"]] == spans
    assert answer["meta"] == {"pattern": ", ".join(str(n) for n in range(len(wanted)))}


def test_no_recipe_is_left_out() -> None:
    here = {"dep.correct", "ner.silver-to-gold", "ner.eval-ab", "textcat.manual", "mark", "match"}
    here |= {"review"}  # tests/terminal/test_review.py
    # Of their own files: test_syntax_teach, test_terms, test_llm_recipes, test_tournament.
    here |= {"pos.teach", "sent.teach", "dep.teach", "terms.teach", "ab.llm.tournament"}
    here |= {"ner.llm.correct", "spans.llm.correct", "textcat.llm.correct"}
    assert {*IN_A_TERMINAL, *MODELS, *here} == set(BUILT_IN)
