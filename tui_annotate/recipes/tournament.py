"""`ab.llm.tournament`: prompts and models against each other, blind, two at a time."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, combinations
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import EndpointError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Arg
from tui_annotate.recipes.common import DATASET, EXCLUDE, LOADER, components, names, without_hashes
from tui_annotate.recipes.llm import AHEAD, MODEL_OPTIONS
from tui_annotate.recipes.llm_suggester import make_client
from tui_annotate.recipes.registry import recipe
from tui_annotate.stream.stream import get_stream
from tui_annotate.suggest.llm_tasks import read_prompt
from tui_annotate.suggest.model_thread import ModelThread
from tui_annotate.task.schema import Task
from tui_annotate.whole_files import is_folder

if TYPE_CHECKING:
    from tui_annotate.suggest.llm_client import LlmClient

_PROMPTS = (".txt", ".md", ".prompt")
"""Endings of files in a folder that are prompts."""

OPTIONS = {name: arg for name, arg in MODEL_OPTIONS.items() if name not in ("model", "prompt_path")}
MODELS = Arg("--model", "-m", help="The models' names at the endpoint, with commas")


@recipe(
    "ab.llm.tournament",
    contained=False,
    cosmetic=("batch_size", "no_random", *OPTIONS),
    dataset=DATASET,
    inputs=Arg(help="A file of rows whose fields, or `prompt_args`, fill the prompts"),
    display=Arg(help="A template of what you see of a row; may be left out", kind="positional"),
    prompts=Arg(help="A folder of prompts (.txt), or one prompt and several models"),
    model=MODELS,
    **OPTIONS,
    batch_size=AHEAD,
    no_random=Arg("--no-random", "-NR", help="Always the same prompt first"),
    resume=Arg("--resume", "-r", help="Taken for Prodigy's sake: a session always goes on"),
    loader=LOADER,
    exclude=EXCLUDE,
)
def tournament(
    dataset: str,
    inputs: str,
    prompts: str,
    display: str | None = None,
    model: str | None = None,
    endpoint: str | None = None,
    key_variable: str | None = None,
    timeout: float = 60.0,
    temperature: float | None = None,
    max_tokens: int | None = None,
    batch_size: int = 2,
    no_random: bool = False,
    resume: bool = False,
    loader: str | None = None,
    exclude: str | None = None,
) -> dict[str, Any]:
    """Choose the better of two outputs, without knowing which prompt or model is whose.

    Every row is a round in which each plays against each. The end says the ratings so far.
    """
    given = locals()
    players = _players(dataset, prompts, names(model), given)
    shown = _template(display) if display else None
    duels = Duels(players, shown, shuffled=not no_random)
    stream = get_stream(inputs, loader)
    thread = ModelThread(max(0, batch_size - 1), 1, "waiting for the models")
    stream.apply(thread.ahead, predict=duels.of_rows)
    stream.apply(chain.from_iterable)
    config = {"choice_style": "single", "choice_auto_accept": True, "exclude_by": "task"}
    found = components(dataset, "choice", stream, exclude, ordered=True, **config)
    return {**found, "on_exit": partial(_leave, dataset, duels, thread)}


class Player(NamedTuple):
    """A prompt at a model, and what it is called in answers."""

    name: str
    prompt: Template
    client: LlmClient


class Duels:
    """Makes the duels of rows.

    Args:
        players: Who plays.
        shown: What the annotator sees of a row; None for its fields.
        shuffled: Which of the two comes first is left to chance, the same in every session.
    """

    def __init__(self, players: list[Player], shown: Template | None, *, shuffled: bool) -> None:
        self.players = players
        self._shown, self._shuffled = shown, shuffled
        self.failed = 0

    def of_rows(self, rows: list[Task]) -> list[list[Task]]:
        """Return the duels of each row; those of equal outputs, or without one, are left out.

        Raises:
            UsageError: A row lacks a field that a prompt names.
            EndpointError: The endpoint has never answered, or every request would fail.
        """
        return [list(self._of_row(row)) for row in rows]

    def _of_row(self, row: Task) -> Iterator[Task]:
        fields = _fields(row)
        shown = _filled(self._shown, fields, "display") if self._shown else _listed(fields)
        outputs: dict[str, str] = {}
        for player in self.players:
            prompt = _filled(player.prompt, fields, player.name)
            try:
                outputs[player.name] = player.client.ask(prompt).strip()
            except EndpointError as error:
                if error.lasting or not player.client.reached:
                    raise
                self.failed += 1
        # What begins with an underscore says, among other things, which row it is made of.
        kept = without_hashes(row).items()
        rest: Task = {k: v for k, v in kept if k in ("id", "meta") or k.startswith("_")}
        for pair in combinations(sorted(outputs), 2):
            if outputs[pair[0]] == outputs[pair[1]]:
                continue
            options = [{"id": name, "text": outputs[name]} for name in pair]
            if self._shuffled:
                random.Random(f"{shown}\n{pair}").shuffle(options)  # noqa: S311 - no secret
            yield {**rest, "text": shown, "options": options}


def _players(
    dataset: str, prompts: str, models: list[str], given: Mapping[str, Any]
) -> list[Player]:
    """Return each prompt at each model.

    Raises:
        UsageError: There are fewer than two, or something of them is wrong.
    """
    path = Path(prompts).expanduser()
    files = [path]
    if is_folder(path):
        files = sorted(each for each in path.iterdir() if each.suffix in _PROMPTS)
    if len(files) * max(1, len(models)) < 2:
        hint = f"Put prompts ({', '.join(_PROMPTS)}) into the folder, or name models with commas"
        raise UsageError("a tournament needs two prompts or two models", where=prompts, hint=hint)
    clients = {each: make_client(dataset, {**given, "model": each}) for each in models or [""]}
    found = []
    for file in files:
        template = _template(str(file))
        for model, client in clients.items():
            name = file.name if len(clients) == 1 else f"{file.name} at {model}"
            found.append(Player(name, template, client))
    return found


def _template(path: str) -> Template:
    template = Template(read_prompt(path, "name"))
    if not template.is_valid():
        raise UsageError("a $ stands alone, which is written $$", where=path)
    return template


def _fields(row: Task) -> dict[str, str]:
    """Return what fills the places of a prompt: texts and numbers of the row or its arguments."""
    given = row.get("prompt_args")
    source = given if isinstance(given, dict) else row
    kinds = (str, int, float)
    return {k: str(v) for k, v in source.items() if isinstance(v, kinds) and not k.startswith("_")}


def _filled(template: Template, fields: Mapping[str, str], where: str) -> str:
    try:
        return template.substitute(fields)
    except KeyError as error:
        what = f"a row has no {error.args[0]!r}, which this prompt names"
        raise UsageError(what, where=where, hint=f"It has: {', '.join(fields) or 'none'}") from None


def _listed(fields: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in fields.items() if name != "id") or "-"


class Rating(NamedTuple):
    """How strong a player is: the rating, its standard deviation, duels won and played."""

    value: float = 1500.0
    deviation: float = 350.0
    won: int = 0
    played: int = 0


_Q = math.log(10) / 400


def ratings(duels: Iterable[tuple[str, str]]) -> dict[str, Rating]:
    """Return the ratings after some duels, the strongest player first.

    The method is that of Glickman (1999), "Parameter estimation in large dynamic paired comparison
    experiments", each duel a rating period of its own.

    Args:
        duels: Winner and loser of each, the oldest first.
    """
    found: dict[str, Rating] = {}
    for winner, loser in duels:
        one, other = found.get(winner, Rating()), found.get(loser, Rating())
        found[winner], found[loser] = _after(one, other, 1), _after(other, one, 0)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].value, pair[0])))


def _after(own: Rating, other: Rating, score: int) -> Rating:
    weight = 1 / math.sqrt(1 + 3 * (_Q * other.deviation / math.pi) ** 2)
    expected = 1 / (1 + 10 ** (-weight * (own.value - other.value) / 400))
    precision = 1 / own.deviation**2 + (_Q * weight) ** 2 * expected * (1 - expected)
    value = own.value + _Q / precision * weight * (score - expected)
    return Rating(value, math.sqrt(1 / precision), own.won + score, own.played + 1)


def played(answers: Iterable[Task]) -> Iterator[tuple[str, str]]:
    """Yield winner and loser of the answers that chose one of two options."""
    for answer in answers:
        options = [each.get("id") for each in answer.get("options") or () if isinstance(each, dict)]
        chosen = answer.get("accept")
        if len(options) == 2 and isinstance(chosen, list) and len(chosen) == 1:
            losers = [each for each in options if each != chosen[0]]
            if len(losers) == 1:
                yield str(chosen[0]), str(losers[0])


def _leave(dataset: str, duels: Duels, thread: ModelThread, ctrl: Any) -> str:
    for player in duels.players:
        player.client.close()
    thread.finish()
    answers = ctrl.db.iter_dataset_examples(dataset, answer="accept")
    parts = [
        f"{name}: {each.value:.0f} ± {1.96 * each.deviation:.0f}, won {each.won} of {each.played}"
        for name, each in ratings(played(answers)).items()
    ]
    if duels.failed:
        parts.append(f"{duels.failed:,} outputs are missing, because a model gave no answer")
    return "; ".join(parts)
