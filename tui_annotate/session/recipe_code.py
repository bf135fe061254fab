"""A recipe's code while its session runs: it is called on a thread of its own, one call at a time,
so that no key waits; and what it changes, its components after `on_load` and the stream later, is
taken up.

What it raises comes back as a `RecipeError` that says where.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, ClassVar, TypeVar

from tui_annotate.errors import RecipeError, TuiAnnotateError, UsageError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.job import Controller, Job, failure
from tui_annotate.recipe_components import check_components, kept
from tui_annotate.stream.stream import collect_streams
from tui_annotate.task.schema import Task
from tui_annotate.thread_calls import CallThread
from tui_annotate.waiting import here, use


def call_recipe(job: Job, name: str, function: Any, *args: Any, task: Task | None = None) -> Any:
    """Call a recipe's callback; what it raises becomes a `RecipeError` that names it and the task.

    Args:
        job: Whose callback it is.
        name: The component's name.
        function: The callback.
        args: What it gets.
        task: The task that it is about, if it is about one.
    """
    try:
        return function(*args)
    except TuiAnnotateError:
        raise
    except (Exception, SystemExit) as error:
        about = f" on the task {excerpt(task)!r}" if task is not None else ""
        raise failure(job.recipe, name, error, about) from error


def excerpt(task: Task, length: int = 40) -> str:
    """Return the beginning of what a task is about, on one line."""
    shown = task.get("text") or task.get("html") or task.get("label") or task.get("_task_hash")
    words = " ".join(str(shown)[: 4 * length].split())
    return words if len(words) <= length else words[: length - 1] + "…"


_T = TypeVar("_T")


class RecipeCode:
    """Runs a recipe's stream and its callbacks, in the order in which they are asked for.

    Args:
        recipe: The recipe's name.
        direct: Run everything where it is asked for: for recipes that never make anybody wait.
    """

    LEAVING: ClassVar[float] = 2.0
    """Seconds for which a session that ends waits for a stream."""

    def __init__(self, recipe: str, *, direct: bool) -> None:
        self.direct = direct
        self._recipe = recipe
        self._thread = CallThread("recipe")
        self._waiting = here()
        self._patient = False
        self._timer: threading.Timer | None = None

    def begin(self, function: Callable[[], _T], *, patient: bool = False) -> Future[_T]:
        """Have `function` run when its turn comes.

        Args:
            function: What to run.
            patient: Who leaves waits for it, however long it takes.
        """
        if not self.direct:
            return self._thread.submit(lambda: self._run(function, patient))
        future: Future[_T] = Future()
        try:
            future.set_result(function())
        except (Exception, SystemExit) as error:
            future.set_exception(error)
        return future

    def run(self, function: Callable[[], _T], *, patient: bool = False) -> _T:
        """Run `function` when its turn comes, and return its result or raise what it raises.

        Raises:
            RecipeError: The session ends, and what runs before it does not.
        """
        if self.direct:
            return function()
        return self.begin(function, patient=patient).result()

    def hurry(self) -> None:
        """The session is about to end: whatever runs by then is given up. Safe on any thread."""
        if self._timer is None and not self.direct:
            self._timer = threading.Timer(self.LEAVING, self._lose_patience)
            self._timer.daemon = True
            self._timer.start()

    def give_up(self) -> None:
        """Wait for nothing any more."""
        self._thread.give_up(
            RecipeError(
                f"its stream did not return within {self.LEAVING:.0f} s, so the end of the session"
                " was not told to it (`update`, `on_exit`)",
                where=self._recipe,
                hint="Every answer is saved",
            )
        )

    def close(self) -> None:
        """Nothing more will be asked."""
        if self._timer is not None:
            self._timer.cancel()
        self._thread.close()

    def _run(self, function: Callable[[], _T], patient: bool) -> _T:
        self._patient = patient
        use(self._waiting)
        try:
            return function()
        except (Exception, SystemExit):
            raise
        except BaseException as error:
            # Nobody presses ctrl-c on this thread: a recipe has raised `KeyboardInterrupt`,
            # `CancelledError` or their like, which would end the program that gets it.
            raise failure(self._recipe, "its code", error) from error
        finally:
            self._patient = False

    def _lose_patience(self) -> None:
        if not self._patient:
            self.give_up()


def run_on_load(job: Job, ctrl: Controller) -> None:
    """Call `on_load`, and take up what it has put into the components.

    Raises:
        RecipeError: It failed, or has left wrong components.
    """
    function = job.given.get("on_load")
    if function is None:
        return
    before = dict(job.components or {})
    with collect_streams() as streams:
        call_recipe(job, "on_load", function, ctrl)
    job.streams = (*job.streams, *streams)
    now = job.components
    if now is None or all(now.get(key) is before.get(key) for key in {*now, *before}):
        return
    _take(job, ctrl, check_components(job.recipe, now), before)


def _take(job: Job, ctrl: Controller, now: dict[str, Any], before: dict[str, Any]) -> None:
    """Take up what differs. A stream that `on_load` gave the controller wins."""
    if now["stream"] is not before["stream"]:
        ctrl.stream = now["stream"]
    if now.get("exclude") is not before.get("exclude"):
        job.exclude = tuple(now.get("exclude") or ())
    job.given = kept(now)


def ask_progress(job: Job, ctrl: Controller, result: Any) -> Any:
    """Return what the recipe's `progress` says: `progress(ctrl, update_return_value)`, in the
    older form `progress(session=0, total=0, loss=0)`, or with `ctrl` and `session` by their names,
    where `session` has `id` and `total_annotated`, and perhaps `answers`, of which there are none.
    """
    function = job.given.get("progress")
    if function is None:
        return None
    names = _parameters(function)
    if names.keys().isdisjoint(("session", "total", "loss")):
        return call_recipe(job, "progress", function, ctrl, result)
    told: dict[str, Any] = {"session": ctrl.session_annotated, "total": ctrl.total_annotated}
    told["loss"] = result or 0
    if "ctrl" in names:
        stands = ctrl.db.count_dataset(ctrl.session_id, session=True) if ctrl.db else 0
        session = SessionProgress(ctrl.session_id, stands)
        told = {"ctrl": ctrl, "session": session, "answers": [], "update_return_value": result}
    found = {name: value for name, value in told.items() if name in names}
    return call_recipe(job, "progress", lambda: function(**found))


class SessionProgress(NamedTuple):
    """The annotator's session, as `progress` is told about it, with its earlier starts."""

    id: str
    total_annotated: int


MEANS_THE_TASK = frozenset({"task", "example", "eg", "ex", "answer", "content"})
"""Names by which event hooks ask for the whole task."""

_TYPED: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float}
"""Kinds of values that an annotator can type, by the name of their type."""


def ask_hook(
    function: Callable[..., Any],
    ctrl: Controller,
    task: Task,
    typed: Mapping[str, str] | None = None,
) -> Any:
    """Call an event hook with the arguments that it names.

    Arguments after the controller that are called as a task usually is get the task, others that
    are called as a key of it get that value, and what is left gets what the annotator has typed.
    An only argument that says nothing of its type gets the task under any name.

    Args:
        function: The hook.
        ctrl: What the hook gets first.
        task: The task as edited.
        typed: What `asked_of` has named, as the annotator has typed it.

    Raises:
        UsageError: Something that was typed is not of the kind that the hook wants.
    """
    words = dict(typed or {})
    given: dict[str, Any] = {}
    positional: list[Any] = []
    for item in _arguments(function):
        if item.name in words:
            value = _read(item, words[item.name])
        elif _is_task(function, item, task):
            value = task
        elif item.name in task:
            value = task[item.name]
        else:
            continue
        if item.kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            given[item.name] = value
    if not given and not positional and not _has_signature(function):
        positional.append(task)
    return function(ctrl, *positional, **given)


def asked_of(function: Callable[..., Any], task: Task) -> tuple[str, ...]:
    """Return the names of what the annotator has to type for an event hook, in their order."""
    return tuple(
        item.name
        for item in _arguments(function)
        if item.default is inspect.Parameter.empty
        and item.name not in task
        and not _is_task(function, item, task)
    )


def _is_task(function: Callable[..., Any], item: inspect.Parameter, task: Task) -> bool:
    """Tell whether an argument is to get the whole task."""
    if item.name.strip("_") in MEANS_THE_TASK:
        return True
    kind = item.annotation
    known = getattr(kind, "__name__", str(kind)) in _TYPED
    only = len(_arguments(function)) == 1
    keyword = item.kind is inspect.Parameter.KEYWORD_ONLY
    if only and not keyword and not known and item.name not in task:
        return True
    return getattr(kind, "__name__", str(kind)).lower().startswith(("dict", "tasktype"))


def _read(item: inspect.Parameter, text: str) -> Any:
    """Return what was typed for an argument, as what it says that it is."""
    kind = getattr(item.annotation, "__name__", str(item.annotation))
    try:
        return _TYPED.get(kind, str)(text)
    except ValueError:
        raise UsageError(f"{item.name} is to be a number, not {text!r}") from None


def _arguments(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the arguments of a hook behind the controller."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [item for item in found if item.kind not in several][1:]


def _has_signature(function: Callable[..., Any]) -> bool:
    """Tell whether a function says what it takes, and takes no rest that may be the task."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(item.kind is not inspect.Parameter.VAR_POSITIONAL for item in found)


def _parameters(function: Any) -> dict[str, Any]:
    """Return the names of a function's parameters, each with its kind; none where it tells none."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: item.kind for name, item in found.items()}
