"""A job: what a recipe returned, checked, with the settings it was called with.

A recipe is a function that returns a dictionary of components. `Job.from_components` checks their
names and kinds as soon as it returns, so that a typo is an error before the first task and not a
setting that silently does nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Literal

from tui_annotate.errors import RecipeError
from tui_annotate.recipe_components import (
    CODE,
    check_components,
    kept,
    with_view_of_review,
)
from tui_annotate.stream.records import Policy
from tui_annotate.stream.stream import Stream
from tui_annotate.task.hash_body import HashSettings
from tui_annotate.task.hashing import Identity, blake2b
from tui_annotate.view_settings import checked

if TYPE_CHECKING:
    from tui_annotate.store.database_api import Database

ArgKind = Literal["positional", "option", "flag"]


class Arg:
    """One argument of a recipe: `label=Arg("--label", "-l", help="Labels, with commas")`.

    Args:
        names: Nothing for a positional argument; else the long and the short option.
        help: One line for `--help`.
        converter: Turns the text of the command line into the value; raises `ValueError`.
        kind: `positional`, `option` or `flag`; guessed from `names` and the default where absent.
    """

    __slots__ = ("converter", "help", "kind", "names")

    def __init__(
        self,
        *names: str,
        help: str = "",
        converter: Callable[[str], Any] | None = None,
        kind: ArgKind | None = None,
    ) -> None:
        self.names = names
        self.help = help
        self.converter = converter
        self.kind = kind


@dataclass(eq=False, repr=False, slots=True)
class Controller:
    """What a recipe's callbacks are told about the session.

    Attributes:
        recipe, dataset, view_id: As the recipe returned them.
        config: The job's configuration; changing it has no effect on the session.
        session_id: The session's name, `{dataset}-{annotator}`.
        session_ids: The names of all sessions of the dataset, this one's included, sorted.
        home: The folder of the database.
        connect: Opens `db`, the database, when a callback asks for it; None where there is none.
        total_annotated: Answers of the dataset that stand.
        session_annotated: Answers given since the session was opened.
        stream: The tasks; where another stream is put here, the next task comes from it.
        progress: What the recipe's `progress` said last.
        upcoming: Gives copies of the task at hand and of those already looked for.
        components: What the recipe returned, where a script made the controller.
    """

    recipe: str
    dataset: str
    view_id: str
    config: dict[str, Any]
    session_id: str
    session_ids: tuple[str, ...] = ()
    home: str = ""
    connect: Callable[[], Database] | None = None
    total_annotated: int = 0
    session_annotated: int = 0
    stream: Iterable[dict[str, Any]] = ()
    progress: float | None = None
    upcoming: Callable[[], list[dict[str, Any]]] = list
    components: Mapping[str, Any] | None = None
    _db: Database | None = None

    @property
    def db(self) -> Database | None:
        """The database; None before the session is open."""
        if self._db is None and self.connect is not None:
            self._db = self.connect()
        return self._db

    def disconnect(self) -> None:
        """Close what the database has opened for the thread that this is called on."""
        if self._db is not None:
            self._db.close_other()

    @classmethod
    def from_components(
        cls, recipe: str, components: Mapping[str, Any], config: Mapping[str, Any] | None = None
    ) -> Controller:
        """Return the controller of what a recipe returned, for a script that serves it.

        Raises:
            RecipeError: A component is missing, unknown or of the wrong kind.
        """
        given = check_components(recipe, components)
        return cls(
            recipe=recipe,
            dataset=given["dataset"],
            view_id=given["view_id"],
            config={**(given.get("config") or {}), **(config or {})},
            session_id=str(given["dataset"]),
            stream=given["stream"],
            components=given,
        )

    @property
    def all_session_ids(self) -> tuple[str, ...]:
        """The names of all sessions of the dataset, sorted."""
        return self.session_ids

    @property
    def batch_size(self) -> int:
        """How many answers `update` gets at a time."""
        return int(self.config.get("batch_size") or 10)

    @property
    def target_annotated(self) -> int:
        """How many answers are wanted, as `total_examples_target` says; 0 where it does not."""
        return int(self.config.get("total_examples_target") or 0)

    @property
    def total_annotated_by_session(self) -> dict[str, int]:
        """How many answers of each session of the dataset stand."""
        db = self.db
        if db is None:
            return dict.fromkeys(self.session_ids, 0)
        return {each: db.count_dataset(each, session=True) for each in self.session_ids}

    @property
    def session_annotated_by_session(self) -> dict[str, int]:
        """How many answers were given since the session was opened; it is the only one here."""
        return {self.session_id: self.session_annotated}

    @property
    def exclude_by(self) -> str:
        """What makes two tasks the same one: `task` or `input`."""
        return str(self.config.get("exclude_by") or "task")

    def get_session_name(self, name: str) -> str:
        """Return the name of the session of an annotator."""
        return f"{self.dataset}-{name}"

    def get_questions(self, *_args: Any, **_kwargs: Any) -> list[dict[str, Any]]:
        """Return the tasks that come next, as far as they are known; none is taken away."""
        return self.upcoming()

    def receive_answers(self, answers: list[dict[str, Any]], session_id: str | None = None) -> None:
        """Save answers that were not given on the screen, under this session or another one."""
        db = self.db
        assert db is not None
        name = db.add_dataset(session_id or self.session_id, session=True)
        db.add_examples(answers, [self.dataset, name])
        self.total_annotated += len(answers)

    def reset_stream(self, stream: Iterable[dict[str, Any]], **_kwargs: Any) -> None:
        """Take the tasks after the one at hand from another stream."""
        self.stream = stream


@dataclass(eq=False, repr=False, slots=True)
class Job:
    """What is about to run.

    Attributes:
        recipe: The recipe's name.
        dataset: Where answers are saved.
        view_id: How tasks are shown and edited.
        stream: The tasks.
        streams: What `get_stream` made while the recipe was called.
        config: What the recipe sets for the view and the session.
        exclude: Other datasets whose tasks are not asked.
        exclude_annotators: People whose tasks, wherever they answered them, are not asked.
        policy: What is not asked again.
        repeat: How many times over the same annotator answers every task.
        renew: Makes the same job anew, with a stream that has not been read.
        hash_settings: What the hashes are taken of.
        digest: 16 bytes that name the recipe and the settings that shape the stream.
        settings: Those settings, for people.
        given: What the recipe returned beside these, checked, by the name of the component: its
            callbacks, and values. What `on_load` has left counts.
        direct: Its stream and callbacks never make anybody wait, so they need no thread.
        numbers_tasks: Its code numbers the tasks that it makes, which must not begin anew in the
            midst of the source.
        farewell: What `on_exit` returned, to be said when the screen is given back.
        components: The dictionary that the recipe returned, which its `on_load` may change.
        notices: Sentences that are said at the start of the session.
        teach: In a training, what is shown after an answer, line by line; it is given who the task
            is and the answer. The session ends by itself where nothing is left.
        silent: Input keys of tasks with known answers that are mixed in; everybody gets all of
            them, and nothing on the screen tells them apart.
    """

    recipe: str
    dataset: str
    view_id: str
    stream: Iterable[dict[str, Any]]
    streams: tuple[Stream, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    exclude_annotators: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    repeat: int = 1
    renew: Callable[[], Job] | None = None
    hash_settings: HashSettings = field(default_factory=HashSettings)
    digest: bytes = b""
    settings: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    direct: bool = False
    numbers_tasks: bool = False
    farewell: list[str] = field(default_factory=list)
    components: Mapping[str, Any] | None = None
    notices: tuple[str, ...] = ()
    teach: Callable[[Identity, Mapping[str, Any]], tuple[str, ...]] | None = None
    silent: frozenset[bytes] = frozenset()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the view, in the order of their keys."""
        return tuple(self.config.get("labels") or ())

    @property
    def event_hooks(self) -> Mapping[str, Callable[..., Any]]:
        """What the annotator can call from the screen, by name."""
        found: Mapping[str, Callable[..., Any]] = self.given.get("event_hooks", {})
        return found

    @property
    def has_code(self) -> bool:
        """Whether the recipe has code that is called while the session runs."""
        return not self.given.keys().isdisjoint(CODE)

    @property
    def reviews(self) -> bool:
        """Whether its tasks settle what several people said, each with their `versions`."""
        return self.config.get("review") is True

    @property
    def reviews_blind(self) -> bool:
        """Whether a review shows its versions without the names of who gave them."""
        return self.config.get("review_blind") is True

    @property
    def records_openings(self) -> bool:
        """Whether it is recorded who opens which task."""
        return self.config.get("audit") is True

    @property
    def allows_new_labels(self) -> bool:
        """Whether labels may be added to the dataset while it is annotated."""
        return self.config.get("allow_new_labels") is True

    def description(self, label: str) -> str:
        """Return what a label is for, as `label_descriptions` has it; empty where it is not."""
        found = self.config.get("label_descriptions")
        text = found.get(label, "") if isinstance(found, Mapping) else ""
        return text if isinstance(text, str) else ""

    @property
    def described(self) -> list[str]:
        """What the labels are for, one a line."""
        told = ((each, self.description(each)) for each in self.labels)
        return [f"{label}: {about}" for label, about in told if about]

    @property
    def instructions(self) -> str:
        """The guidelines, in Markdown; empty where there are none."""
        found = self.config.get("instructions")
        return found if isinstance(found, str) else ""

    @property
    def guidelines(self) -> list[str]:
        """What the labels are for, and the guidelines, line by line; empty where there are none."""
        found, own = self.described, self.instructions.splitlines()
        return [*found, *([""] if found and own else []), *own]

    @classmethod
    def from_components(
        cls,
        recipe: str,
        components: Any,
        settings: Mapping[str, Any] | None = None,
        streams: Iterable[Stream] = (),
    ) -> Job:
        """Check what a recipe returned.

        Args:
            recipe: The recipe's name.
            components: What it returned.
            settings: The arguments that shape the stream, for the job's digest.
            streams: What `get_stream` made meanwhile.

        Raises:
            RecipeError: Where a component is missing, unknown or of the wrong kind.
        """
        given = with_view_of_review(check_components(recipe, components))
        config = checked(recipe, given.get("config") or {})
        shape = dict(settings or {})
        return cls(
            recipe=recipe,
            dataset=given["dataset"],
            view_id=given["view_id"],
            stream=given["stream"],
            streams=tuple(streams),
            config=config,
            exclude=tuple(given.get("exclude") or ()),
            policy=Policy(
                exclude_by=_choice(recipe, config, "exclude_by", ("task", "input"), "task"),
                auto_exclude=bool(config.get("auto_exclude_current", True)),
                keep_duplicates=bool(config.get("keep_duplicates", False)),
                ordered=bool(config.get("ordered", False)),
                scattered=bool(config.get("scattered", False)),
                rehash=bool(config.get("rehash", False)),
            ),
            digest=job_digest(recipe, shape),
            settings=shape,
            given=kept(given),
        )


def job_digest(recipe: str, settings: Mapping[str, Any]) -> bytes:
    """Return 16 bytes that are equal for equal recipes with equal stream settings."""
    text = json.dumps([recipe, settings], sort_keys=True, default=str)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _choice(
    recipe: str, config: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str
) -> Any:
    value = config.get(key, default)
    if value not in allowed:
        raise RecipeError(
            f"config {key!r} is {value!r}", where=recipe, hint=f"It is one of {', '.join(allowed)}"
        )
    return value


class RecipeExit(SystemExit):
    """What `msg.fail(..., exits=1)` raises: it leaves the program, or fails the call of a session.

    Args:
        code: The exit code.
        title: What was printed.
        text: More about it.
    """

    def __init__(self, code: int, title: object = "", text: object = "") -> None:
        super().__init__(int(code))
        self.words = one_line(title, text)


def one_line(*texts: object) -> str:
    """Return texts on one line, without the full stop at the end."""
    lines = [" ".join(str(each).split()) for each in texts]
    return ": ".join(line.rstrip(".:") for line in lines if line)


def failure(recipe: str, what: str, error: BaseException, about: str = "") -> RecipeError:
    """Return the error for what the code of a recipe has raised, with its line there.

    Where a recipe leaves the program (`sys.exit`, `msg.fail(..., exits=1)`), it has its own words.

    Args:
        recipe: The recipe's name.
        what: What was called, such as `update`.
        error: What it raised.
        about: What it was called with, such as ` on the task 'One.'`; may be empty.
    """
    if not isinstance(error, SystemExit):
        said = f"failed{about} with {type(error).__name__}: {error}"
    elif words := _words_of_exit(error):
        said = f"gave up{about}: {words}"
    else:
        said = f"gave up{about} with exit code {error.code or 0}"
    return RecipeError(f"{what} {said}{place(error)}", where=recipe)


def _words_of_exit(error: SystemExit) -> str:
    """Return what a recipe said when it left; empty where it gave only a number."""
    if isinstance(error, RecipeExit):
        return error.words
    if isinstance(error.code, str):
        return one_line(error.code)
    for frame, _ in walk_tb(error.__traceback__):
        # wasabi, in which many recipes speak, prints where nobody sees it and then leaves.
        if frame.f_globals.get("__name__") == "wasabi.printer" and "title" in frame.f_locals:
            return one_line(frame.f_locals["title"], frame.f_locals.get("text") or "")
    return ""


_LIBRARIES = (f"{Path(os.__file__).parent}{os.sep}", f"{os.sep}site-packages{os.sep}")
_HERE = f"{Path(__file__).parent}{os.sep}"


def place(error: BaseException) -> str:
    """Return the file and line that an exception came from, as ` (recipe.py:12)`: the innermost
    line of the recipe's own code, else the innermost one."""
    found, own = "", False
    for frame, line in walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        is_own = not name.startswith((_HERE, "<")) and not any(part in name for part in _LIBRARIES)
        if is_own or not own:
            found, own = f" ({Path(name).name}:{line})", is_own
    return found
