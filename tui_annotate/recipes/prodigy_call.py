"""Recipes as functions, called as recipe files written for Prodigy call them.

The order of arguments there is dataset, pipeline, source, loader, label, patterns, exclude, and in
older versions `api` before `loader`. The pipeline is `spacy_model`, a source may be any iterable of
tasks, labels and datasets are lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from tui_annotate.errors import UsageError, nearest
from tui_annotate.recipes.registry import BUILT_IN, RecipeSpec, get_built_in, get_recipe

ALIASES = {
    "spacy_model": "model",
    "nlp": "model",
    "nlp_model": "model",
    "labels": "label",
    "stream": "source",
    "silver_dataset": "silver",
    "silver_sets": "silver",
    "gold_dataset": "dataset",
    "before_model": "model_a",
    "after_model": "model_b",
    "input_sets": "in_sets",
    "vectors_path": "vectors",
}
"""Names of arguments as recipe files write them, where ours are others."""

DROPPED = frozenset(
    ("api", "memorize", "resume", "silent", "segment", "long_text", "init_tok2vec", "tag_map",
     "fetch_media")
)  # fmt: skip
"""Arguments that were taken out of Prodigy, or that have no meaning here."""

_OWN_ORDERS: dict[str, tuple[str, ...]] = {
    "textcat.manual": ("dataset", "source", "loader", "label", "exclusive", "exclude"),
    "ner.eval-ab": ("dataset", "model_a", "model_b", "source", *("loader", "label", "exclude")),
    "compare": ("dataset", "a_file", "b_file", "no_random", "diff"),
    "review": ("dataset", "in_sets", "view_id", "label"),
    "rel.manual": (
        *("dataset", "model", "source", "loader", "label", "span_label", "patterns"),
        *("disable_patterns", "add_ents", "add_nps", "wrap", "exclude", "hide_arrow_heads"),
    ),
    **{
        f"{each}.llm.correct": ("dataset", "source", "labels", "label", "loader", "exclude")
        for each in ("ner", "spans", "textcat")
    },
}
"""Orders that are not the common one."""

_NEWER_ORDERS: dict[str, tuple[str, ...]] = {
    each: ("dataset", "model", "source", "loader", "label", "update", "exclude", *further)
    for each, further in (
        ("ner.correct", ("unsegmented", "component")),
        ("spans.correct", ("component",)),
        ("textcat.correct", ("threshold", "component")),
        ("dep.correct", ("wrap", "unsegmented")),
    )
}
"""Orders since `update` has come, which are taken if switches stand where they have switches."""

_FIRST = ("dataset", "model", "source")
_SECOND = ("loader", "label", "patterns", "exclude", "unsegmented")


def function(name: str) -> Callable[..., dict[str, Any]]:
    """Return a built-in recipe as a function that takes arguments as `arguments_of` says."""
    # Only the name is needed now: what a recipe loads is loaded when it is called.

    def recipe(*args: Any, **kwargs: Any) -> dict[str, Any]:
        spec = get_built_in(name)
        found: dict[str, Any] = spec.function(**arguments_of(spec, args, kwargs))
        return found

    recipe.__name__ = recipe.__qualname__ = name.rpartition(".")[2].replace("-", "_")
    recipe.__doc__ = f"Return the components of the recipe `{name}`, to be changed and returned."
    return recipe


def recipe_function(name: str) -> Callable[..., dict[str, Any]]:
    """Return a recipe's function by its name: a built-in one as `function` does.

    Raises:
        UsageError: There is no such recipe; the message has the nearest name.
    """
    found = get_recipe(name)
    return function(name) if _is_built_in(found) else found.function


def _is_built_in(spec: RecipeSpec) -> bool:
    return BUILT_IN.get(spec.name) == spec.function.__module__


def order(spec: RecipeSpec) -> list[str]:
    """Return the names of a recipe's arguments in the order in which they are given."""
    known = [item.name for item in spec.parameters]
    if not _is_built_in(spec):
        return known
    if spec.name in _OWN_ORDERS:
        first = _OWN_ORDERS[spec.name]
    elif "view_id" in known:
        first = ("dataset", "source", "view_id", "label", "loader", "exclude")
    else:
        first = (*_FIRST, *_SECOND) if "source" in known else ()
    return [*(each for each in first if each in known), *(e for e in known if e not in first)]


def arguments_of(
    spec: RecipeSpec, args: Collection[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a recipe's arguments by name.

    Args:
        spec: The recipe.
        args: Values in the order of `order`; None leaves an argument out.
        kwargs: Values by name, by one of `ALIASES` too.

    Raises:
        UsageError: There are too many, one has no such name, or a required one is missing.
    """
    known = order(spec)
    if _is_built_in(spec):
        args = _without_api(known, list(args))
        known = _order_of(spec, known, list(args))
    if len(args) > len(known):
        hint = f"They are, in this order: {', '.join(known)}"
        raise UsageError(f"{len(args)} are too many arguments", where=spec.name, hint=hint)
    built_in = _is_built_in(spec)
    found = dict(zip(known, args, strict=False))
    for given, value in kwargs.items():
        name = ALIASES.get(given, given) if built_in and given not in known else given
        if name in known:
            found[name] = value
        elif not (built_in and given in DROPPED):
            raise UsageError(
                f"there is no argument {given!r}", where=spec.name, hint=nearest(given, known)
            )
    # A recipe may have passed its own default of None on, which is to count as not given.
    found = {name: value for name, value in found.items() if value is not None}
    if built_in:
        found = {name: _own(name, value) for name, value in found.items()}
    for item in spec.parameters:
        if item.required and item.name not in found:
            raise UsageError(f"{item.name} is missing", where=spec.name)
    return found


def _order_of(spec: RecipeSpec, known: list[str], args: list[Any]) -> list[str]:
    """Return the newer order of a recipe if the values fit only that one, else the usual one."""
    newer = _NEWER_ORDERS.get(spec.name)
    if newer is None or _fits(spec, known, args):
        return known
    other = [*newer, *(each for each in known if each not in newer)]
    return other if _fits(spec, other, args) else known


def _fits(spec: RecipeSpec, names: list[str], args: list[Any]) -> bool:
    """Return whether switches, and only they, are given True or False."""
    kinds = {item.name: item.kind for item in spec.parameters}
    return all(
        value is None or isinstance(value, bool) == (kinds[name] == "flag")
        for name, value in zip(names, args, strict=False)
    )


def _without_api(known: list[str], args: list[Any]) -> list[Any]:
    """Return positional arguments without `api`, which stood before `loader` until Prodigy 1.12.

    It was there if the list of labels comes one place later than it does now.
    """
    label = known.index("label") if "label" in known else len(args)
    late = len(args) > label + 1 and isinstance(args[label + 1], (list, tuple, set, frozenset))
    if late and known[label - 1] == "loader":
        return [*args[: label - 1], *args[label:]]
    return args


def names(given: Iterable[str]) -> set[str]:
    """Return the arguments' names as recipes have them."""
    return {ALIASES.get(each, each) for each in given}


_WHOLE = ("source", "exclude")
"""Arguments that may be lists; a list of names for another one is written with commas."""


def _own(name: str, value: Any) -> Any:
    if name not in _WHOLE and isinstance(value, (list, tuple, set, frozenset)):
        return ",".join(map(str, sorted(value) if isinstance(value, (set, frozenset)) else value))
    return value


__all__ = ["ALIASES", "arguments_of", "function", "names", "order", "recipe_function"]
