"""A configuration of spacy-llm as arguments of our recipes: its labels, model and settings.

Only what has a meaning here is read. Nothing of the file is run, and no package is needed.
"""

from __future__ import annotations

import json
from configparser import ConfigParser
from configparser import Error as ParserError
from pathlib import Path
from typing import Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.printer import msg
from tui_annotate.trust import read_obeyed

ENDING = ".cfg"

_TASKS = {"ner": "NER", "spans": "SpanCat", "textcat": "TextCat"}
"""Our recipes, and how the names of the tasks of spacy-llm that fit them begin."""

_OPENAI = {
    "spacy.GPT-3-5": "gpt-3.5-turbo",
    "spacy.GPT-4": "gpt-4",
    "spacy.Davinci": "davinci-002",
    "spacy.OpenAI": "",
}
"""How models of spacy-llm that speak OpenAI's protocol are called there, and at the endpoint."""

_CHAT = "/chat/completions"

LABELS_BY_PLACE = Arg(
    help="Labels with commas, or a file; or --label. The source, where SOURCE is a .cfg file",
    kind="positional",
)


def take_config(given: dict[str, Any], kind: str, *, output: str | None = None) -> dict[str, Any]:
    """Return the arguments of a recipe or command, with those of a configuration in its place.

    `DATASET CONFIG SOURCE`, and `CONFIG SOURCE OUTPUT` of a command that writes a file, are told
    from our own order by the ending of the file. What stands on the command line wins.

    Args:
        given: The arguments by name: `source`, `labels`, `label`, `model` and so on.
        kind: `ner`, `spans` or `textcat`.
        output: The argument between the source and the labels, where there is one.

    Raises:
        UsageError: The file is no such configuration, or it is for another task.
    """
    path = str(given["source"])
    if not path.endswith(ENDING):
        return given
    # The configuration stands in the place of the source, so each argument is one further on.
    between = [output] if output is not None else []
    places = ["source", *between, "labels"]
    moved = dict(zip(places, [given[name] for name in places[1:]], strict=False))
    if not moved["source"] or None in moved.values():
        what = "the source is missing" if not moved["source"] else "the file to write is missing"
        raise UsageError(what, where=path, hint="Write it behind the configuration")
    found = _read(path, kind)
    taken = {**given, **moved, "labels": None}
    for name, value in found.items():
        # 0 is a value that somebody has given; what was not given is None, or a flag that is off.
        if name in taken and (taken[name] is None or taken[name] is False):
            taken[name] = value
    return taken


def _read(path: str, kind: str) -> dict[str, Any]:
    """Return what a configuration says, by the names of our arguments."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(read_obeyed(Path(path).expanduser(), by=path).decode())
    except (ParserError, UnicodeDecodeError) as error:
        first = str(error).split("\n", 1)[0]
        raise UsageError(f"it is no configuration of spacy-llm ({first})", where=path) from None
    task = next((each for each in parser.sections() if "@llm_tasks" in parser[each]), None)
    if task is None:
        hint = "Its section [components.llm.task] would name a task with @llm_tasks"
        raise UsageError("it is no configuration of spacy-llm", where=path, hint=hint)
    values = {key: _value(each) for key, each in parser[task].items()}
    _check_task(path, str(values["@llm_tasks"]), kind)
    labels = values.get("labels")
    model_section = f"{task.rpartition('.')[0]}.model"
    model = _section(parser, model_section)
    settings = {**_as_dict(model.get("config")), **_section(parser, f"{model_section}.config")}
    _say_passed_over(path, parser, task, values)
    return {
        "label": ",".join(map(str, labels)) if isinstance(labels, list) else labels,
        "exclusive_classes": values.get("exclusive_classes") is True,
        "model": _model_name(path, model),
        "endpoint": str(model.get("endpoint") or "").removesuffix(_CHAT) or None,
        "temperature": settings.get("temperature"),
        "max_tokens": settings.get("max_tokens"),
    }


def _section(parser: ConfigParser, name: str) -> dict[str, Any]:
    if not parser.has_section(name):
        return {}
    return {key: _value(each) for key, each in parser[name].items()}


def _value(text: str) -> Any:
    """Return a value, which is written as JSON; a text that is none as it is."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _check_task(path: str, name: str, kind: str) -> None:
    for other, begin in _TASKS.items():
        if name.removeprefix("spacy.").startswith(f"{begin}."):
            if other != kind:
                hint = f"It is for the recipes {other}.llm.correct and {other}.llm.fetch"
                raise UsageError(f"its task is {name}", where=path, hint=hint)
            return
    hint = f"There are: {', '.join(f'spacy.{each}' for each in _TASKS.values())}"
    raise UsageError(f"its task {name} is not here", where=path, hint=hint)


def _model_name(path: str, model: dict[str, Any]) -> str | None:
    """Return the name of the model at the endpoint; None to leave it to the command line."""
    registered = str(model.get("@llm_models", ""))
    known = next((own for each, own in _OPENAI.items() if registered.startswith(each)), None)
    name = model.get("name")
    if known is None and registered:
        what = f"its model {registered} does not speak OpenAI's protocol here"
        msg.info(f"{path}: {what}: name one with --model and --endpoint")
        return None
    return str(name) if name else (known or None)


def _say_passed_over(path: str, parser: ConfigParser, task: str, values: dict[str, Any]) -> None:
    """Say what of the task has a meaning there and none here."""
    instead = {"examples": "--examples-path FILE", "template": "--prompt-path FILE"}
    for name, option in instead.items():
        if values.get(name) or parser.has_section(f"{task}.{name}"):
            msg.info(f"{path}: its {name} is not read; {option} has the same use here")
