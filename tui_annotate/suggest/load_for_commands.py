"""Loads the spaCy pipelines and the patterns that commands work with, such as `print-stream`.

Answers about the same input are put together here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tui_annotate.errors import MissingExtra, TaskError, UsageError
from tui_annotate.suggest.models import load_tokenizer
from tui_annotate.suggest.patterns import SECONDS, limit_time
from tui_annotate.suggest.spacy_docs import span_of
from tui_annotate.task.hashing import identify
from tui_annotate.task.jsonio import loads_strict
from tui_annotate.task.schema import INPUT_HASH, Task
from tui_annotate.text.timed_pattern import TimeLimit
from tui_annotate.whole_files import read_whole_text

_BATCH = 256


def load_command_pipeline(name: str) -> Any:
    """Return the spaCy pipeline `name`.

    Raises:
        MissingExtra: spaCy is not installed.
        UsageError: There is no such pipeline.
    """
    if find_spec("spacy") is None:
        hint = "Install it with: pip install 'tui-annotate[spacy]'"
        raise MissingExtra(f"the pipeline {name!r} needs spaCy", hint=hint)
    return load_tokenizer(name)


def read_patterns(path: str, labels: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Read match patterns: JSON lines with `label` and `pattern`, a string or a list of tokens.

    Args:
        path: The file.
        labels: Only patterns of these labels; all where there are none.

    Raises:
        UsageError: It cannot be read, or holds something else; the message names the line.
    """
    wanted, found = set(labels), []
    try:
        lines = read_whole_text(Path(path).expanduser()).splitlines()
    except OSError as error:
        what = (error.strerror or "it cannot be read").lower()
        raise UsageError(f"the patterns cannot be read ({what})", where=path) from None
    except UnicodeDecodeError as error:
        what = f"not valid UTF-8 at byte {error.start}"
        raise UsageError(what, where=path, hint="Save it as UTF-8") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            pattern = _pattern(line, f"{path}:{number}")
            if not wanted or pattern["label"] in wanted:
                found.append(pattern)
    if not found:
        shown = f" for {', '.join(sorted(wanted))}" if wanted else ""
        raise UsageError(f"there are no patterns{shown} in it", where=path)
    return found


def matching(
    nlp: Any,
    patterns: list[dict[str, Any]],
    tasks: Iterable[Task],
    too_slow: Callable[[], None],
) -> Iterator[Task]:
    """Yield the tasks that a pattern matches, the matches as their spans; overlaps are resolved.

    Args:
        nlp: A spaCy `Language`; only its tokenizer is used, unless patterns need more.
        patterns: As `read_patterns` gives them.
        tasks: Tasks with `text`.
        too_slow: Called for each task that is left out because patterns take too long on it.

    Raises:
        UsageError: A pattern is none that spaCy knows.
    """
    ruler = import_module("spacy.pipeline").EntityRuler(nlp, overwrite_ents=True)
    try:
        ruler.add_patterns(patterns)
    except (ValueError, TypeError, KeyError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"spaCy refuses a pattern ({what})", where="--patterns") from None
    limit = TimeLimit(SECONDS)
    limit_time(ruler.matcher, limit)
    pairs = ((task["text"], task) for task in tasks)
    for doc, task in nlp.pipe(pairs, as_tuples=True, batch_size=_BATCH):
        doc.set_ents([])
        limit.begin()
        try:
            spans = [span_of(ent, doc) for ent in ruler(doc).ents]
        except TimeoutError:
            too_slow()
            continue
        if spans:
            yield {**task, "spans": spans}


def _pattern(line: str, where: str) -> dict[str, Any]:
    try:
        data = loads_strict(line)
    except TaskError as error:
        raise UsageError(error.what, where=where) from None
    label, pattern = data.get("label"), data.get("pattern")
    if not isinstance(label, str) or not isinstance(pattern, (str, list)) or not pattern:
        raise UsageError(
            "a pattern needs a `label` and a `pattern`",
            where=where,
            hint='Write {"label": "FRUIT", "pattern": [{"lower": "apple"}]}',
        )
    return {"label": label, "pattern": pattern}


def merge_spans(answers: Iterable[Task]) -> list[Task]:
    """Return one task for each input, with the spans of all its answers, each with its `answer`.

    Ignored answers are left out; of spans that were judged twice the last judgement counts.
    """
    merged: dict[int, Task] = {}
    spans: dict[int, dict[tuple[Any, Any, Any], dict[str, Any]]] = {}
    for answer in answers:
        if answer.get("answer") == "ignore":
            continue
        name = answer.get(INPUT_HASH)
        if not isinstance(name, int):
            name = identify(dict(answer)).input_hash
        merged.setdefault(name, dict(answer))
        found = spans.setdefault(name, {})
        for span in answer.get("spans") or ():
            key = (span.get("start"), span.get("end"), span.get("label"))
            found[key] = {**span, "answer": answer.get("answer", "accept")}
    return [{**task, "spans": list(spans[name].values())} for name, task in merged.items()]


def ensure_sentencizer(nlp: Any) -> None:
    """Add a `sentencizer` to a spaCy pipeline where nothing in it marks sentences."""
    if not {"parser", "senter", "sentencizer"} & set(nlp.pipe_names):
        nlp.add_pipe("sentencizer", first=True)
