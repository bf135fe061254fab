"""The recipes that there are, and what each takes.

`@recipe` is all that a new recipe needs: its command, `--help` and validation follow from the
function's signature and the annotations given here.

Recipes of installed packages are entry points of the groups `tui_annotate.recipes` and
`prodigy_recipes`, in which plugins written for Prodigy stand.

    [project.entry-points."tui_annotate.recipes"]
    "my.recipe" = "my_package.recipes"

The name is the recipe's; the value is the module that defines it, or its function. Nothing of a
package is loaded before its recipe is called, or listed with its line of help.

A type hint or a default value says what a text on a command line becomes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import RecipeError
from tui_annotate.plugins import entry_points_of, package_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

import inspect
from collections.abc import Mapping
from typing import TypeVar, cast

from tui_annotate.errors import UsageError, nearest
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Arg, ArgKind
from tui_annotate.recipes.missing_commands import OTHER_NAMES

_F = TypeVar("_F", bound=Callable[..., Any])

_MODULES: dict[str, tuple[str, ...]] = {
    "ner": ("ner.manual", "spans.manual"),
    "textcat": ("textcat.manual",),
    "generic": ("mark", "match", "compare"),
    "ner_model": ("ner.correct", "ner.teach", "spans.correct"),
    "eval_ab": ("ner.eval-ab",),
    "silver": ("ner.silver-to-gold",),
    "textcat_model": ("textcat.correct", "textcat.teach"),
    "syntax": (
        *("pos.correct", "dep.correct", "sent.correct"),
        *("pos.teach", "dep.teach", "sent.teach"),
    ),
    "terms": ("terms.teach",),
    "tournament": ("ab.llm.tournament",),
    "llm": ("ner.llm.correct", "spans.llm.correct", "textcat.llm.correct"),
    "relations": ("rel.manual", "coref.manual"),
    "review": ("review",),
}

BUILT_IN: dict[str, str] = {
    name: f"tui_annotate.recipes.{module}" for module, names in _MODULES.items() for name in names
}
"""Which module holds which built-in recipe, so that one recipe's help loads one module."""

DIRECT = frozenset({"ner.manual", "spans.manual", "textcat.manual", "mark", "match", "compare"})
"""Built-in recipes that only read their source: nobody waits for them, so they need no thread."""

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

_registered: dict[str, RecipeSpec] = {}
_built_in: dict[str, RecipeSpec] = {}


class Parameter(NamedTuple):
    """One argument of a recipe, as the command line sees it.

    Attributes:
        bare: An option that is not described as one: it may be given by its place as well.
    """

    name: str
    kind: ArgKind
    help: str
    options: tuple[str, ...]
    converter: Callable[[str], Any] | None
    default: Any
    required: bool
    bare: bool = False


class RecipeSpec(NamedTuple):
    """A recipe: its name, its function, its arguments and one line of help.

    Attributes:
        cosmetic: Arguments that do not shape the stream, such as the labels of a manual view.
        contained: It opens no file that its arguments do not name, and runs no code of a person;
            restricted sessions refuse every other recipe.
    """

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    cosmetic: frozenset[str]
    contained: bool = False

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def text(self) -> str:
        """The function's docstring."""
        return inspect.getdoc(self.function) or ""


def recipe(
    name: str,
    *,
    cosmetic: tuple[str, ...] = (),
    contained: bool = False,
    **annotations: Arg | tuple[Any, ...],
) -> Callable[[_F], _F]:
    """Register a function as the recipe `name`.

    Args:
        name: What the command line calls it, such as `ner.manual`.
        cosmetic: Arguments that do not shape the stream.
        contained: It opens no file that its arguments do not name, and runs no code of a person, so
            that `--restricted` allows it.
        annotations: For each argument an `Arg`, or `(help, kind, short, converter)` with kind
            `positional`, `option` or `flag`.

    Raises:
        RecipeError: Where an annotation has no argument of its name.
    """

    def register(function: _F) -> _F:
        built_in = BUILT_IN.get(name) == function.__module__
        parameters = _parameters(name, function, annotations, described_order=built_in)
        place = _built_in if built_in else _registered
        place[name] = RecipeSpec(name, function, parameters, frozenset(cosmetic), contained is True)
        return function

    return register


def set_recipe(name: str, function: Callable[..., Any]) -> None:
    """Register a function, or another one, as the recipe `name`, its arguments undescribed."""
    recipe(name)(function)


def get_recipe(name: str) -> RecipeSpec:
    """Return a recipe by name; one of a file goes before the built-in one.

    Raises:
        UsageError: Where there is none, with the nearest name.
        RecipeError: Where the package that has it cannot be loaded.
    """
    if name in _registered:
        return _registered[name]
    name = OTHER_NAMES.get(name, name)
    if name in BUILT_IN:
        return get_built_in(name)
    if name in plugins():
        load_plugin(name)
    if name not in _registered:
        raise UsageError(f"there is no recipe {name!r}", hint=nearest(name, recipe_names()))
    return _registered[name]


def get_built_in(name: str) -> RecipeSpec:
    """Return a built-in recipe, also where a file has another one of its name."""
    if name not in _built_in:
        import_module(BUILT_IN[name])
    return _built_in[name]


def is_custom(name: str) -> bool:
    """Tell whether a recipe file has registered this name."""
    return name in _registered


def recipe_names() -> list[str]:
    """Return the names of all recipes, sorted."""
    return sorted({*BUILT_IN, *_registered, *plugins()})


def is_recipe(name: str) -> bool:
    """Tell whether there is a recipe of this name; looks at packages only where it must."""
    own = OTHER_NAMES.get(name, name)
    return own in BUILT_IN or name in _registered or name in plugins()


def summary(name: str) -> str:
    """Return a recipe's line of help; of a package that cannot be loaded, why."""
    try:
        return get_recipe(name).summary
    except RecipeError as error:
        return f"cannot be used: {error.what}"


def _parameters(
    recipe_name: str,
    function: Callable[..., Any],
    annotations: Mapping[str, Any],
    *,
    described_order: bool,
) -> tuple[Parameter, ...]:
    signature = inspect.signature(function).parameters
    unknown = set(annotations) - set(signature)
    if unknown:
        raise RecipeError(
            f"the argument {sorted(unknown)[0]!r} is described, but the function has none",
            where=recipe_name,
        )
    # In recipe files not every argument needs a description, and the function's order counts.
    # Built-in recipes describe an optional positional argument before a required one, which
    # Python's own signatures do not allow.
    order = [*annotations, *(name for name in signature if name not in annotations)]
    if not described_order:
        order = list(signature)
    return tuple(
        _parameter(
            name,
            signature[name],
            _as_arg(annotations.get(name)),
            may_lack=isinstance(annotations.get(name), tuple),
        )
        for name in order
        if signature[name].kind in _NAMED
    )


def _as_arg(annotation: Arg | tuple[Any, ...] | None) -> Arg:
    if isinstance(annotation, Arg):
        return annotation
    if annotation is None:
        return Arg()
    text, kind, short, converter = (*annotation, None, None, None)[:4]
    names = (f"-{short}",) if short else ()
    return Arg(*names, help=str(text or ""), converter=converter, kind=cast(ArgKind, kind))


def _parameter(
    name: str, item: inspect.Parameter, arg: Arg, *, may_lack: bool = False
) -> Parameter:
    """Return an argument as the command line sees it.

    Args:
        name: Its name.
        item: What the function's signature has of it.
        arg: Its description.
        may_lack: An option without a default may be left out, and is None then: so it is where a
            tuple describes it.
    """
    required = item.default is inspect.Parameter.empty
    default = None if required else item.default
    kind: ArgKind = arg.kind or _guess_kind(arg, item, default)
    if may_lack and kind == "option":
        required = False
    options: tuple[str, ...] = ()
    if kind != "positional":
        long = f"--{name.replace('_', '-')}"
        options = tuple(dict.fromkeys((*arg.names, *(() if long in arg.names else (long,)))))
    converter = arg.converter or guess_converter(item.annotation, default)
    bare = kind == "option" and not (arg.kind or arg.names or item.kind is item.KEYWORD_ONLY)
    return Parameter(name, kind, arg.help, options, converter, default, required, bare)


def _guess_kind(arg: Arg, item: inspect.Parameter, default: Any) -> ArgKind:
    if isinstance(default, bool):
        return "flag"
    if arg.names or item.kind is item.KEYWORD_ONLY:
        return "option"
    return "positional" if item.default is item.empty else "option"


GROUP = "tui_annotate.recipes"
PRODIGY_GROUP = "prodigy_recipes"
"""The group of packages that import `prodigy`, and get our alias of it."""


@cache
def plugins() -> dict[str, EntryPoint]:
    """Return the entry points by the names of their recipes."""
    return {**entry_points_of(PRODIGY_GROUP), **entry_points_of(GROUP)}


def load_plugin(name: str) -> None:
    """Import the module of a recipe, so that it is registered.

    Raises:
        RecipeError: The package cannot be imported.
    """
    point = plugins()[name]
    try:
        if point.group == PRODIGY_GROUP:
            # By name: the alias lies above the recipes, of which it gives the names.
            import_module("tui_annotate.compat").install()
        found = point.load()
    except (Exception, SystemExit) as error:
        raise RecipeError(
            f"the package {package_of(point)!r} cannot be loaded ({type(error).__name__}: {error})",
            where=name,
        ) from error
    if name not in _registered and callable(found):
        # The entry point may call the function by another name than its decorator does.
        same = next((each for each in _registered.values() if each.function is found), None)
        if same is None:
            recipe(name)(found)
        else:
            _registered[name] = same._replace(name=name)


_OPTIONAL = re.compile(r"Optional\[(.*)\]|Union\[(.*), None\]|(.*?) *\| *None|None *\| *(.*)")
_NOISE = re.compile(r"\b(?:typing|collections\.abc|pathlib(?:\._local)?|spacy(?:\.language)?)\.")
_MANY = re.compile(r"(?:[Ll]ist|[Ss]et|[Tt]uple|Sequence|Collection)\[(\w+)(?:, \.\.\.)?\]")
_ONE_OF = re.compile(r"Literal\[(.*)\]")
_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "Path": Path,
    "Language": lambda text: import_module("tui_annotate.suggest.models").load_pipeline(text),
}
_NAMED_LISTS = {
    "LabelsType": lambda text: _file_helpers().get_labels(text),
    "ExistingDatasetsType": lambda text: _file_helpers().split_string(text),
}


def _file_helpers() -> Any:
    return import_module("tui_annotate.recipes.file_helpers")  # few recipes ask for them


def guess_converter(annotation: Any, default: Any) -> Callable[[str], Any] | None:
    """Return what turns a text into what a hint names, else into what the default is.

    Hints are only read, never evaluated: `int`, `float`, `Path`, a list, set or tuple of one of
    them or of texts (with commas), one of some values (`Literal`), spaCy's `Language` (its name or
    folder), and each of them `Optional`. None stands for text as it is.
    """
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if hasattr(annotation, "__args__"):
        text = str(annotation)  # `list[int]` is a type as well, called list
    text = _NOISE.sub("", text)
    optional = _OPTIONAL.fullmatch(text)
    if optional is not None:
        text = next(group for group in optional.groups() if group is not None)
    many, one_of = _MANY.fullmatch(text), _ONE_OF.fullmatch(text)
    if many is not None and many[1] in (*_CONVERTERS, "str"):
        return _collection(text.lower(), _CONVERTERS.get(many[1], str))
    if one_of is not None:
        return _choice(one_of[1])
    text = text.rpartition(".")[2]  # `pathlib.Path`, which is not to differ from `Path`
    if text in _NAMED_LISTS or text in _CONVERTERS:
        return _NAMED_LISTS.get(text) or _CONVERTERS[text]
    return type(default) if type(default) in (int, float) else None


def _collection(kind: str, convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what makes a list, set or tuple of what stands between commas."""
    made: Callable[[list[Any]], Any] = next(
        (each for each in (set, tuple) if kind.startswith(each.__name__)), list
    )
    return lambda text: made([convert(each.strip()) for each in text.split(",") if each.strip()])


def _choice(written: str) -> Callable[[str], Any] | None:
    """Return what takes one of some values, as a hint writes them."""
    try:
        values = ast.literal_eval(f"[{written}]")
    except (SyntaxError, ValueError):
        return None

    def choose(text: str) -> Any:
        for value in values:
            if text == str(value):
                return value
        raise ValueError(f"it is one of: {', '.join(map(str, values))}")

    return choose
