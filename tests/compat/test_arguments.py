"""Arguments of recipe files and of built-in recipes: by place, by name, on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.compat.support import name
from tests.recipes.support import job_of
from tests.support.environment import annotate_argv, run_headless
from tui_annotate.api import open_database
from tui_annotate.errors import NothingToAsk, UsageError
from tui_annotate.recipes.prodigy_call import arguments_of
from tui_annotate.recipes.recipe_files import load_file
from tui_annotate.recipes.registry import (
    BUILT_IN,
    get_built_in,
    get_recipe,
    recipe,
)

pytestmark = [pytest.mark.quick, pytest.mark.usefixtures("installed")]

RECIPES = """
import prodigy
from prodigy.core import recipe_args
from prodigy.components.db import connect

@prodigy.recipe("count", dataset=recipe_args["dataset"])
def count(dataset):
    print(len(connect().get_dataset(dataset) or ()), "answers")

@prodigy.recipe("nothing", dataset=prodigy.recipe_args["dataset"])
def nothing(dataset):
    return False

@prodigy.recipe("patterns", db_host=("Host", "option", None, str), n=("Count", "option", "n", int))
def patterns(dataset, db_host="here", n=2):
    return [{"label": db_host, "pattern": dataset}] * n

@prodigy.recipe("scores")
def scores(dataset):
    return {"ents_f": 1.0}

@prodigy.recipe("bare")
def bare(dataset, source="data.jsonl", n=3):
    stream = list(prodigy.get_stream(source))[:n]
    return {"dataset": dataset, "view_id": "text", "stream": stream}
"""


def test_a_recipe_may_be_a_command(home: Path) -> None:
    (home / "recipe.py").write_text(RECIPES)
    done = run_headless(annotate_argv("-F", "recipe.py", "count", "my_set"), home)
    assert (done.returncode, done.stdout) == (0, "0 answers\n")
    done = run_headless(annotate_argv("-F", "recipe.py", "bare", "my_set", "x.jsonl"), home)
    assert done.returncode != 0
    assert "x.jsonl" in done.stderr, "an argument that is not described has its place"
    load_file(str(home / "recipe.py"))
    with pytest.raises(NothingToAsk):
        job_of("nothing", dataset="my_set")
    for command, returned in (("patterns", "list"), ("scores", "dict")):
        done = run_headless(annotate_argv("-F", "recipe.py", command, "my_set"), home)
        assert done.returncode == 0, done.stderr
        assert (
            f"{command} returned {returned} and no components: so it was a command" in done.stderr
        )


def test_an_option_without_a_short_form_may_have_one_dash(home: Path) -> None:
    code = RECIPES.replace("    return [{", "    print(db_host, n)\n    return [{")
    (home / "recipe.py").write_text(code)
    for words in (("-db-host", "there"), ("--db-host=there",), ("-db-host=there",)):
        argv = annotate_argv("-F", "recipe.py", "patterns", "my_set", *words, "-n", "3")
        done = run_headless(argv, home)
        assert (done.returncode, done.stdout) == (0, "there 3\n"), done.stderr


def test_a_converter_that_refuses_is_told(tmp_path: Path) -> None:
    @recipe("picky", size=("Size", "option", "s", {"big": 1}.__getitem__))
    def picky(dataset: str, size: int = 0) -> Any:
        return {"dataset": dataset, "view_id": "text", "stream": []}

    with pytest.raises(UsageError, match=r"--size: 'small' does not fit \(KeyError"):
        job_of("picky", dataset="my_set", size="small")
    assert job_of("picky", dataset="my_set", size="big").dataset == "my_set"


def test_arguments_that_recipe_args_lacks_are_what_their_default_says() -> None:
    described = name("recipe_args")

    @recipe("own.described", diff=described["diff"], many=described["many"], deep=described["deep"])
    def own(diff: bool = False, many: int = 3, deep: bool = False) -> None:
        """Do nothing."""

    found = {item.name: item for item in get_recipe("own.described").parameters}
    assert (found["diff"].kind, found["diff"].options) == ("flag", ("-D", "--diff"))
    assert (found["many"].kind, found["many"].options) == ("option", ("--many",))
    assert found["deep"].kind == "flag"


def test_the_places_of_arguments_are_those_of_the_function() -> None:
    @recipe("half", model=("Pipeline", "positional"), dataset=("Dataset", "positional"))
    def _half(dataset: str, source: str, model: str) -> dict[str, Any]:
        return {"dataset": dataset, "view_id": source, "stream": [model]}

    assert [each.name for each in get_recipe("half").parameters] == ["dataset", "source", "model"]
    manual = [each.name for each in get_built_in("ner.manual").parameters]
    assert manual[:3] == ["dataset", "model", "source"], "a tokenizer may be left out"


def test_an_option_that_a_tuple_describes_may_be_left_out() -> None:
    @recipe(
        "own.lacking", where=("Where", "positional", None, str), label=("L", "option", "l", str)
    )
    def own(where: str, label: str) -> None:
        """Do nothing."""

    found = {item.name: item.required for item in get_recipe("own.lacking").parameters}
    assert found == {"where": True, "label": False}


def test_commands_are_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert name("recipes.commands.db_in")("my_set", "data.jsonl", answer="reject") == 0
    with open_database() as database:
        assert {row["answer"] for row in database.get_dataset_examples("my_set")} == {"reject"}
    with pytest.raises(UsageError, match="nowhere"):
        name("recipes.commands.db_in")("my_set", "data.jsonl", nowhere=True)


FIRST = ("dataset", "model", "source")
ORDERS: dict[str, tuple[tuple[str, Any], ...]] = {
    "ner.manual": (("loader", "x"), ("label", "x"), ("patterns", "x"), ("exclude", "x")),
    "spans.manual": (("loader", "x"), ("label", "x"), ("patterns", "x"), ("exclude", "x")),
    "ner.teach": (
        *(("loader", "x"), ("label", "x"), ("patterns", "x"), ("exclude", "x")),
        ("unsegmented", True),
    ),
    "textcat.teach": (("loader", "x"), ("label", "x"), ("patterns", "x"), ("exclude", "x")),
    "match": (("loader", "x"), ("label", "x"), ("patterns", "x"), ("exclude", "x")),
    "ner.correct": (("loader", "x"), ("label", "x"), ("exclude", "x"), ("unsegmented", True)),
    "spans.correct": (("loader", "x"), ("label", "x"), ("exclude", "x")),
    "textcat.correct": (("loader", "x"), ("label", "x"), ("exclude", "x")),
    "pos.correct": (("loader", "x"), ("label", "x"), ("exclude", "x"), ("unsegmented", True)),
    "dep.correct": (("loader", "x"), ("label", "x"), ("exclude", "x"), ("unsegmented", True)),
    "pos.teach": (("loader", "x"), ("label", "x"), ("exclude", "x"), ("unsegmented", True)),
    "dep.teach": (("loader", "x"), ("label", "x"), ("exclude", "x"), ("unsegmented", True)),
    "sent.correct": (("loader", "x"), ("exclude", "x")),
    "sent.teach": (("loader", "x"), ("exclude", "x")),
    "coref.manual": (("loader", "x"), ("label", "x"), ("exclude", "x")),
    "rel.manual": (
        *(("loader", "x"), ("label", "x"), ("span_label", "x"), ("patterns", "x")),
        *(("disable_patterns", "x"), ("add_ents", True), ("add_nps", True), ("wrap", True)),
        *(("exclude", "x"), ("hide_arrow_heads", True)),
    ),
}
"""What follows the dataset, the pipeline and the source."""

OTHER_ORDERS: dict[str, tuple[tuple[str, Any], ...]] = {
    "textcat.manual": (
        *(("dataset", "d"), ("source", "s"), ("loader", "x"), ("label", "A")),
        *(("exclusive", True), ("exclude", "x")),
    ),
    "ner.eval-ab": (
        *(("dataset", "d"), ("model_a", "a"), ("model_b", "b"), ("source", "s")),
        *(("loader", "x"), ("label", "A"), ("exclude", "x")),
    ),
    "ner.silver-to-gold": (("dataset", "d"), ("silver", "s"), ("model", "m"), ("label", "A")),
    "compare": (
        *(("dataset", "d"), ("a_file", "a"), ("b_file", "b")),
        *(("no_random", True), ("diff", False)),
    ),
    "mark": (
        *(("dataset", "d"), ("source", "s"), ("view_id", "text"), ("label", "A")),
        *(("loader", "x"), ("exclude", "x")),
    ),
    "review": (("dataset", "d"), ("in_sets", "a,b"), ("view_id", "ner"), ("label", "A")),
    "terms.teach": (("dataset", "d"), ("vectors", "v"), ("seeds", "a,b"), ("resume", True)),
    "ner.llm.correct": (("dataset", "d"), ("source", "s"), ("labels", "A")),
    "spans.llm.correct": (("dataset", "d"), ("source", "s"), ("labels", "A")),
    "textcat.llm.correct": (("dataset", "d"), ("source", "s"), ("labels", "A")),
    "ab.llm.tournament": (("dataset", "d"), ("inputs", "i"), ("display", "t"), ("prompts", "p")),
}
EVERY = {
    **{name: (*((each, each) for each in FIRST), *rest) for name, rest in ORDERS.items()},
    **OTHER_ORDERS,
}


@pytest.mark.parametrize("recipe_name", sorted(EVERY))
def test_built_in_recipes_take_values_by_place_and_by_name(recipe_name: str) -> None:
    spec = get_built_in(recipe_name)
    given = dict(EVERY[recipe_name])
    for count in range(3, len(given) + 1):
        some = dict(list(given.items())[:count])
        if all(item.name in some for item in spec.parameters if item.required):
            assert arguments_of(spec, list(some.values()), {}) == some
            assert arguments_of(spec, (), some) == some


def test_every_built_in_recipe_has_its_order_tested() -> None:
    assert set(EVERY) == set(BUILT_IN)


@pytest.mark.parametrize(
    ("recipe_name", "further"),
    [
        ("ner.correct", ("unsegmented", "component")),
        ("spans.correct", ("component",)),
        ("textcat.correct", ("threshold", "component")),
        ("dep.correct", ("wrap", "unsegmented")),
    ],
)
def test_a_switch_before_what_is_excluded_is_the_newer_order(
    recipe_name: str, further: tuple[str, ...]
) -> None:
    spec = get_built_in(recipe_name)
    values = {"unsegmented": True, "component": "c", "threshold": 0.5, "wrap": True}
    last = [values[each] for each in further]
    found = arguments_of(spec, ["d", "m", "s", None, ["A"], True, ["other"], *last], {})
    assert (found["update"], found["exclude"]) == (True, ["other"])
    assert [found[each] for each in further] == last


@pytest.mark.parametrize(
    ("recipe_name", "named"),
    [
        ("ner.silver-to-gold", {"silver_dataset": "s", "gold_dataset": "g", "spacy_model": "m"}),
        ("ner.silver-to-gold", {"dataset": "g", "silver_sets": ["s"], "spacy_model": "m"}),
        ("ner.eval-ab", {"dataset": "d", "before_model": "a", "after_model": "b", "source": "s"}),
        ("review", {"dataset": "d", "input_sets": ["a", "b"], "fetch_media": True}),
        ("textcat.teach", {"dataset": "d", "spacy_model": "m", "source": "s", "long_text": True}),
    ],
)
def test_names_of_arguments_as_recipe_files_have_them(
    recipe_name: str, named: dict[str, Any]
) -> None:
    found = arguments_of(get_built_in(recipe_name), (), named)
    assert not set(found) - {item.name for item in get_built_in(recipe_name).parameters}
