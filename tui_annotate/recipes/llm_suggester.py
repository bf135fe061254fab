"""Asks a language model about tasks, with flagged answers as examples; counts what is left out."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import EndpointError, TaskError, UsageError
from tui_annotate.recipes.file_helpers import read_json, read_jsonl
from tui_annotate.stream.store_sources import stored_answers
from tui_annotate.suggest import llm_tasks
from tui_annotate.suggest.llm_tasks import Problems, PromptTemplate
from tui_annotate.task.schema import DECISIONS, FLAG, Task, meta_of

if TYPE_CHECKING:
    from tui_annotate.suggest.llm_client import LlmClient

Judge = Callable[[Any, Task], tuple[dict[str, Any], Problems]]
"""What a task gets of the JSON of an answer, and what was left out of that."""

Ideal = Callable[[Task], Any]
"""The answer that a model should have given, of an answered task."""


class LlmSuggester:
    """Asks a model about tasks, and counts what comes of it.

    Args:
        client: The model.
        template: The prompt.
        values: What stands in the prompt's places beside the text and the examples.
        judge: Makes an answer into what a task gets.
        ideal: Makes an answered task into an example.
        most: Examples in the prompt at the most; the newest ones.
        verbose: Tasks carry the prompt and the answer as `llm`.
    """

    def __init__(
        self,
        client: LlmClient,
        template: PromptTemplate,
        values: Mapping[str, str],
        judge: Judge,
        ideal: Ideal,
        *,
        most: int = 2,
        verbose: bool = False,
    ) -> None:
        self.client = client
        self._template, self._values = template, values
        self._judge, self._ideal = judge, ideal
        self._verbose = verbose
        self._examples: deque[tuple[str, Any]] = deque(maxlen=max(0, most))
        self._lock = threading.Lock()
        self.problems: Problems = Counter()
        self.failed = 0
        self._why = ""

    def learn(self, answers: Iterable[Task]) -> None:
        """Show accepted answers that are flagged in the prompts from now on, the newest ones."""
        with self._lock:
            for answer in answers:
                wanted = answer.get(FLAG) and answer.get("answer", "accept") == "accept"
                if wanted and isinstance(answer.get("text"), str):
                    self._examples.append((answer["text"], self._ideal(answer)))

    def suggest(self, task: Task) -> Task:
        """Return a task with what the model says about its text, and with a note of what was wrong.

        Raises:
            EndpointError: The endpoint has never answered, or every request would fail.
        """
        made = self.suggest_or_none(task)
        if made is not None:
            return made
        return _noted({**task, **self._judge(None, task)[0]}, "the model gave no answer")

    def suggest_or_none(self, task: Task) -> Task | None:
        """Return the same; None where the model gave no answer.

        Raises:
            EndpointError: The endpoint has never answered, or every request would fail.
        """
        with self._lock:
            examples = llm_tasks.examples_text(self._examples)
        values = {**self._values, "text": str(task["text"]), "examples": examples}
        prompt = self._template.filled(values)
        try:
            answer = self.client.ask(prompt)
        except EndpointError as error:
            if error.lasting or not self.client.reached:
                raise
            with self._lock:
                self.failed += 1
                self._why = error.what
            return None
        try:
            added, problems = self._judge(llm_tasks.answer_json(answer), task)
        except TaskError:
            added, problems = self._judge(None, task)
        with self._lock:
            self.problems += problems
        made = _noted({**task, **added}, llm_tasks.note_of(problems))
        return {**made, "llm": {"prompt": prompt, "response": answer}} if self._verbose else made

    def said(self) -> str:
        """Return how often the model was asked and what was wrong, for people; may be empty."""
        client = self.client
        if not (client.reached or client.known):
            return ""  # that nobody answers has been said already
        asked = f"asked {_times(client.asked)}" if client.asked else "not asked"
        parts = [f"{client.endpoint.model} was {asked}"]
        if client.known:
            parts.append(f"{_times(client.known)} its answer was known already")
        if self.failed:
            parts.append(f"{_times(self.failed)} it failed, the last time: {self._why}")
        if client.cut_short:
            parts.append(f"{_times(client.cut_short)} its answer was cut off at its longest")
        if client.left_out:
            parts.append(f"it does not take {' and '.join(client.left_out)}")
        if self.problems:
            parts.append(llm_tasks.said_of(self.problems))
        return "; ".join(parts)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _noted(task: Task, note: str) -> Task:
    """Return a task with a note in its meta line; one that it brings stays."""
    if not note:
        return task
    meta = meta_of(task)
    return {**task, "meta": {**meta, "model" if "note" in meta else "note": note}}


def span_suggester(
    dataset: str, labels: list[str], given: Mapping[str, Any], *, overlap: bool
) -> LlmSuggester:
    """Return what asks a model for spans.

    Args:
        dataset: Where the answers go; empty for a file.
        labels: The labels that there are.
        given: The values of `MODEL_OPTIONS` and `EXAMPLE_OPTIONS`, and `verbose`.
        overlap: Spans may overlap.

    Raises:
        UsageError: A value is wrong, or connections are forbidden.
    """

    def judge(answer: Any, task: Task) -> tuple[dict[str, Any], Problems]:
        spans, problems = llm_tasks.spans_of(answer, task, labels, overlap=overlap)
        return {"spans": spans}, problems

    def ideal(task: Task) -> Any:
        found: dict[tuple[str, str], None] = {}
        for span in task.get("spans") or ():
            label, start, end = (span.get(key) for key in ("label", "start", "end"))
            # An example comes from a file of anybody's: what is no span is none here.
            if isinstance(start, int) and isinstance(end, int):
                quote = task["text"][start:end]
            else:
                quote = span.get("text")
            if isinstance(label, str) and isinstance(quote, str):
                found[label, quote] = None
        return {"spans": [{"label": label, "text": quote} for label, quote in found]}

    values = {"labels": ", ".join(labels)}
    return _suggester(dataset, given, llm_tasks.SPANS_PROMPT, values, judge, ideal)


def class_suggester(
    dataset: str, labels: list[str], given: Mapping[str, Any], *, exclusive: bool
) -> LlmSuggester:
    """Return what asks a model for classes; `span_suggester` says more.

    Args:
        dataset: Where the answers go; empty for a file.
        labels: The labels that there are. One is yes or no, and the answer stands in `meta`.
        given: The values of `MODEL_OPTIONS` and `EXAMPLE_OPTIONS`, and `verbose`.
        exclusive: One class at the most.

    Raises:
        UsageError: A value is wrong, or connections are forbidden.
    """

    def judge(answer: Any, task: Task) -> tuple[dict[str, Any], Problems]:
        found, reason, problems = llm_tasks.classes_of(answer, labels, exclusive=exclusive)
        meta = meta_of(task) | ({"reason": reason} if reason else {})
        if len(labels) > 1:
            return {"accept": found, "meta": meta}, problems
        usable = answer is not None and not problems[llm_tasks.NO_JSON]
        says = {"model": "accept" if found else "reject"} if usable else {}
        return {"meta": {**meta, **says}}, problems

    def ideal(task: Task) -> Any:
        chosen = task.get("accept")
        return {"labels": list(chosen) if isinstance(chosen, list) else [task.get("label")]}

    exactly = "exactly one" if exclusive else "any number"
    values = {
        "labels": ", ".join(labels),
        "how_many": exactly if len(labels) > 1 else "it, or none",
    }
    return _suggester(dataset, given, llm_tasks.CLASSES_PROMPT, values, judge, ideal)


def make_client(dataset: str, given: Mapping[str, Any]) -> LlmClient:
    """Return a client of the model that options name, with the answers that are kept.

    Raises:
        UsageError: A value is wrong, or connections are forbidden.
    """
    # What opens connections is loaded for this only, so that help stays quick.
    from tui_annotate.suggest.llm_client import client_of, make_endpoint

    endpoint = make_endpoint(
        given["endpoint"],
        given["model"],
        key_variable=given["key_variable"],
        timeout=given["timeout"],
        temperature=0.0 if given["temperature"] is None else given["temperature"],
        max_tokens=given["max_tokens"],
    )
    return client_of(endpoint, dataset)


def _suggester(
    dataset: str,
    given: Mapping[str, Any],
    prompt: str,
    values: Mapping[str, str],
    judge: Judge,
    ideal: Ideal,
) -> LlmSuggester:
    template = PromptTemplate.read(given["prompt_path"], prompt, ["text", "examples", *values])
    most = given["max_examples"]
    verbose = bool(given.get("verbose"))
    client = make_client(dataset, given)
    made = LlmSuggester(client, template, values, judge, ideal, most=most, verbose=verbose)
    if given["examples_path"]:
        made.learn({**each, FLAG: True} for each in _read_examples(given["examples_path"]))
    made.learn(_flagged(dataset))
    return made


def _read_examples(path: str) -> list[Task]:
    if path.endswith((".yml", ".yaml")):
        found = _read_yaml(path)
    else:
        found = read_json(path) if path.endswith(".json") else list(read_jsonl(path))
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise UsageError("it holds no list of answered tasks", where=path)
    return [_answered(each, f"{path}, example {n}") for n, each in enumerate(found, 1)]


def _read_yaml(path: str) -> Any:
    try:
        yaml = import_module("yaml")
    except ImportError:
        hint = "Install it (pip install pyyaml), or write JSON lines, as db-out gives them"
        raise UsageError("examples in YAML need PyYAML", where=path, hint=hint) from None
    try:
        return yaml.safe_load(Path(path).read_bytes())
    except OSError as error:
        raise UsageError(f"it cannot be read ({error.strerror})", where=path) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = path if mark is None else f"{path}:{mark.line + 1}"
        raise UsageError("it is no YAML", where=where) from None


def _answered(row: Mapping[str, Any], where: str) -> Task:
    """Return an example as an answered task, also where it has the form of Prodigy's recipes for
    language models or of spacy-llm: quotes by their labels, or classes in place of the decision.

        {"text": "Ada left", "entities": {"PER": ["Ada"]}}
        {"text": "Ada left", "spans": [{"text": "Ada", "label": "PER", "is_entity": true}]}
        {"text": "Ada left", "answer": "leaving, people"}

    Raises:
        UsageError: It has no text, or nothing that it is an example of.
    """
    if not isinstance(row.get("text"), str):
        raise UsageError("it has no text", where=where)
    task = {**row}
    entities, decision = task.pop("entities", None), row.get("answer")
    if isinstance(entities, dict):
        task["spans"] = [
            {"label": label, "text": quote}
            for label, quotes in entities.items()
            for quote in ([quotes] if isinstance(quotes, str) else quotes or ())
        ]
    elif isinstance(task.get("spans"), list):
        task["spans"] = [
            span for span in task["spans"] if isinstance(span, dict) and span.get("is_entity", True)
        ]
    if isinstance(decision, str) and decision not in DECISIONS:
        chosen = [each.strip() for each in decision.split(",")]
        task |= {"accept": [each for each in chosen if each], "answer": "accept"}
    if not {"spans", "accept", "label"} & task.keys():
        what = "it has no spans, entities, classes or label, so it is an example of nothing"
        raise UsageError(what, where=where)
    return task


def _flagged(dataset: str) -> list[Task]:
    """Return the answers of a dataset that are flagged, the oldest first."""
    if not dataset:
        return []
    return [task for task in stored_answers(dataset, "accept") if task.get(FLAG)]
