"""Small helpers that recipe files import from Prodigy, by the names that they have there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from tui_annotate.editors import schemas
from tui_annotate.errors import TaskError, UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.printer import log
from tui_annotate.recipes.stream_helpers import add_tokens, split_sentences
from tui_annotate.task import hash_body, hashing
from tui_annotate.task.schema import INPUT_HASH, TASK_HASH, Task

SPANCAT_KEY = "sc"
"""Under which key of `doc.spans` spaCy's spancat keeps its spans, unless it is told another one."""

COREF_PREFIX = "coref_clusters"
"""How the keys of `doc.spans` begin under which clusters of mentions are kept."""

EVAL_PREFIX = "eval:"
"""What stands before the name of a dataset that is only evaluated on."""

_MANY = 1000
"""Tasks from which on a fifth of them is enough to evaluate on."""

LLM_BATCH_SIZE = 10
"""How many texts one request to a language model has."""

TRAIN_ARGUMENTS: dict[str, Arg] = {
    **{
        name: Arg(f"--{name.replace('_', '-')}", *short, help=f"Datasets with commas: {about}")
        for name, short, about in (
            ("ner", ("-n",), "entities"),
            ("spancat", ("-sc",), "spans that may overlap"),
            ("textcat", ("-tc",), "classes that exclude each other"),
            ("textcat_multilabel", ("-tcm",), "classes that do not"),
            ("tagger", ("-t",), "tags of words"),
            ("parser", ("-p",), "dependencies"),
            ("senter", ("-s",), "sentences"),
            ("coref", ("-co",), "mentions of the same"),
        )
    },
    "eval_split": Arg("--eval-split", "-es", help="Share to evaluate on", converter=float),
    "config": Arg("--config", "-c", help="spaCy's configuration file"),
    "base_model": Arg("--base-model", "-m", help="Pipeline to begin with"),
    "lang": Arg("--lang", "-l", help="Code of the language"),
    "label_stats": Arg("--label-stats", "-L", help="Scores of each label", kind="flag"),
    "verbose": Arg("--verbose", "-V", help="Say more", kind="flag"),
    "silent": Arg("--silent", "-S", help="Say nothing", kind="flag"),
    "gpu_id": Arg("--gpu-id", "-g", help="Number of the GPU, -1 for the CPU", converter=int),
}
"""The arguments of recipes that train or evaluate, by name."""


class Example(dict[str, Any]):
    """A task of one kind, in type hints and for `check`."""

    view_id: ClassVar[str] = "text"


class NerExample(Example):
    """A text with entities."""

    view_id = "ner"


class SpansExample(Example):
    """A text with spans that may overlap."""

    view_id = "spans"


class PosExample(Example):
    """A text with a tag for each word."""

    view_id = "pos"


class DepExample(Example):
    """A text with its dependencies."""

    view_id = "dep"


class TextClsExample(Example):
    """A text with the label in question."""

    view_id = "classification"


class ChoiceExample(Example):
    """A text with options."""

    view_id = "choice"


class RelationsExample(Example):
    """A text with relations."""

    view_id = "relations"


def check(
    kind: str | type[Example] | Task, task: Task | str, error_msg: str | None = None, **_: Any
) -> Task:
    """Check that a task has what its kind needs, and return it.

    Args:
        kind: One of the types of tasks above, or a view. It may stand behind the task.
        task: The task.
        error_msg: What to say instead of what is wrong.

    Raises:
        TaskError: Something is missing, or of another type.
        RecipeError: There is no such view.
    """
    if isinstance(kind, Mapping):
        kind, task = task, kind
    view_id = kind if isinstance(kind, str) else getattr(kind, "view_id", "text")
    if not isinstance(task, Mapping):
        raise TaskError("it is no object", reason="wrong-type")
    try:
        schemas.validate(dict(task), view_id)
    except TaskError as error:
        raise TaskError(error_msg or error.what, reason=error.reason) from None
    return dict(task)


def set_hashes(
    task: Task,
    input_keys: Iterable[str] | None = hash_body.INPUT_KEYS,
    task_keys: Iterable[str] | None = hash_body.TASK_KEYS,
    ignore: Iterable[str] | None = hash_body.IGNORE,
    overwrite: bool = False,
    **settings: Any,
) -> Task:
    """Set `_input_hash` and `_task_hash` on a task and return it.

    Keys are also taken from one string, as in `("text")`, where a tuple was meant: recipe files do
    so, and each of its characters is a key then, as it is in Prodigy, so that hashes agree.

    Raises:
        TaskError: A value has no JSON form.
    """
    return hashing.set_hashes(
        task,
        tuple(hash_body.INPUT_KEYS if input_keys is None else input_keys),
        tuple(hash_body.TASK_KEYS if task_keys is None else task_keys),
        tuple(hash_body.IGNORE if ignore is None else ignore),
        overwrite,
        **settings,
    )


def get_hash(task: Task, keys: Iterable[str], *args: Any, **settings: Any) -> int:
    """Return the signed 32-bit hash of a task over some keys, which `set_hashes` explains."""
    return hashing.get_hash(task, tuple(keys), *args, **settings)


def get_input_hash(task: Task) -> int:
    """Return the input hash that a task carries, else the one that it would be given."""
    return int(set_hashes(dict(task))[INPUT_HASH])


def get_task_hash(task: Task) -> int:
    """Return the task hash that a task carries, else the one that it would be given."""
    return int(set_hashes(dict(task))[TASK_HASH])


def log_router(hash_name: str, item_hash: int, annotators: Sequence[str]) -> None:
    """Write to the log to whom a router gives a task."""
    log(f"ROUTER: Routing item with {hash_name}={item_hash} -> {list(annotators)}")


def source_is_dataset(source: Any, loader: str | None = None) -> bool:
    """Return whether a source names a dataset, as in `dataset:NAME`."""
    named = isinstance(source, str) and source.startswith("dataset:")
    return named or loader == "dataset"


def split_evals(
    names: Iterable[str] | str | Sequence[Task], eval_split: float | None = None
) -> Any:
    """Return the datasets to train on, and those to evaluate on, which begin with `eval:`.

    Of tasks, as in older versions: those to train on, those to evaluate on, and the share that the
    latter are, by default half of fewer than 1,000 tasks, else a fifth.
    """
    given: list[Any] = names.split(",") if isinstance(names, str) else list(names)
    # No names have a share, so that one tells that none of some tasks are meant.
    if (given and isinstance(given[0], Mapping)) or (not given and eval_split is not None):
        share = eval_split
        if share is None:
            share = 0.5 if len(given) < _MANY else 0.2
        held_count = int(len(given) * share)
        return given[held_count:], given[:held_count], share
    train = [each for each in given if not each.startswith(EVAL_PREFIX)]
    held = [each.removeprefix(EVAL_PREFIX) for each in given if each.startswith(EVAL_PREFIX)]
    return train, held


def get_print(silent: bool = False) -> Callable[..., None]:
    """Return what prints, or does nothing if `silent`."""
    return (lambda *_args, **_settings: None) if silent else print


def color(text: object, *_args: Any, **_settings: Any) -> str:
    """Return a text as it is: colours of what a recipe prints are left out."""
    return str(text)


def get_compare_printer(before: str = "A", after: str = "B") -> Callable[[Any], str]:
    """Return an `on_exit` that says which of two versions was chosen how often.

    Args:
        before: What the version called A is.
        after: What the version called B is.
    """

    def on_exit(ctrl: Any) -> str:
        counts = {"A": 0, "B": 0, "ignore": 0}
        newest = {task[TASK_HASH]: task for task in ctrl.db.iter_dataset_examples(ctrl.dataset)}
        for task in newest.values():
            sides = {side: name for name, side in (task.get("mapping") or {}).items()}
            counts[sides.get(task["answer"], "ignore")] += 1
        said = f"{before} (A) was chosen {counts['A']} times, {after} (B) {counts['B']} times"
        return f"{said}; ignored: {counts['ignore']}"

    return on_exit


def guess_batch_size(length: int) -> int:
    """Return how many examples one update should have: a tenth of all, 1 to 32."""
    return max(1, min(32, length // 10))


def get_token(token: Any, number: int) -> dict[str, Any]:
    """Return a spaCy token as a task holds it.

    Args:
        token: The token.
        number: Its place in the task, from 0.
    """
    return {
        "text": token.text,
        "start": token.idx,
        "end": token.idx + len(token.text),
        "id": number,
        "ws": bool(token.whitespace_),
    }


def get_llm_task(nlp: Any, component: str = "llm") -> Any:
    """Return the task of a component of spacy-llm.

    Raises:
        UsageError: The pipeline has no such component, or it has no task.
    """
    known = component in nlp.pipe_names
    found = getattr(nlp.get_pipe(component), "_task", None) if known else None
    if found is None:
        hint = f"It has: {', '.join(nlp.pipe_names) or 'none'}"
        raise UsageError(
            f"the pipeline has no component {component!r} with a task of spacy-llm", hint=hint
        )
    return found


def preprocess_stream(
    stream: Iterable[Task], nlp: Any, *_args: Any, unsegmented: bool = False, **_settings: Any
) -> Iterator[Task]:
    """Yield the sentences of the tasks, unless they are to stay whole, with their tokens."""
    if hasattr(stream, "pipe_names"):
        stream, nlp = nlp, stream
    return add_tokens(nlp, stream if unsegmented else split_sentences(nlp, stream))


def setup_gpu(use_gpu: int = -1, silent: bool = False, **_settings: Any) -> None:
    """Have spaCy use a GPU by its number, the CPU for -1.

    Raises:
        ValueError: There is no such GPU.
    """
    spacy = import_module("spacy")
    if use_gpu >= 0:
        spacy.require_gpu(use_gpu)
    else:
        spacy.require_cpu()
    if not silent:
        log(f"using the {'GPU' if use_gpu >= 0 else 'CPU'}")


def set_log_level(verbose: bool = False, silent: bool = False, **_settings: Any) -> None:
    """Set how much loggers of spaCy say."""
    level = logging.INFO
    if silent:
        level = logging.ERROR
    elif verbose:
        level = logging.DEBUG
    logging.getLogger("spacy").setLevel(level)
