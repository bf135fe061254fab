"""`ner.llm.fetch`, `spans.llm.fetch`, `textcat.llm.fetch`, `terms.llm.fetch`: a language model's
answers as a file, for `mark`, `ner.manual` and other recipes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tui_annotate.cli.console import BadRowReporter, Bar, say
from tui_annotate.cli.db_out import write_result
from tui_annotate.cli.stream_options import SOURCE_OPTIONS, read_as, with_params
from tui_annotate.data_paths import database_path
from tui_annotate.errors import TaskError
from tui_annotate.recipes.common import texts
from tui_annotate.recipes.llm import class_view, labels_given, split
from tui_annotate.recipes.llm_config import take_config
from tui_annotate.recipes.llm_suggester import (
    LlmSuggester,
    class_suggester,
    make_client,
    span_suggester,
)
from tui_annotate.sources.label_lists import read_terms
from tui_annotate.stream.preprocess import add_hashes
from tui_annotate.stream.store_sources import use_store
from tui_annotate.stream.stream import Stream
from tui_annotate.suggest.llm_cache import FETCHED
from tui_annotate.suggest.llm_tasks import TERMS_PROMPT, PromptTemplate, answer_json, terms_of
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.schema import Task
from tui_annotate.text.amounts import plural
from tui_annotate.thread_calls import CallThread

if TYPE_CHECKING:
    from tui_annotate.suggest.llm_client import LlmClient  # what opens connections: not for help

_MODEL = (
    click.option("-m", "--model", help="The model's name at the endpoint"),
    click.option(
        "--endpoint", help="Address, as http://127.0.0.1:8000/v1; else $OPENAI_BASE_URL"
    ),
    click.option(
        "--key-variable", help="Variable that holds the key; else OPENAI_API_KEY, if it is set"
    ),
    click.option("-p", "--prompt-path", help="File with the prompt"),
    click.option("--timeout", type=float, default=60.0, show_default=True,
                 help="Seconds for one answer"),
    click.option("--temperature", type=float, help="0, the default, for the likeliest answer"),
    click.option("--max-tokens", type=int, help="The longest answer, in tokens"),
    click.option("-r", "--resume", is_flag=True,
                 help="Taken for Prodigy's sake: answers that are known are not asked for again"),
)  # fmt: skip
_TEXTS = (
    click.argument("source"),
    click.argument("output_file"),
    click.argument("labels", required=False),
    click.option("-l", "--label", help="Labels with commas, or a file with one a line"),
    *_MODEL,
    click.option("-e", "--examples-path", help="File of answered tasks that the prompt shows"),
    click.option("-n", "--max-examples", type=click.IntRange(0), default=2, show_default=True,
                 help="Examples in the prompt at the most"),
    click.option("-S", "--segment", is_flag=True, help="Split texts into sentences; needs spaCy"),
    click.option("--lang", default="en", show_default=True, help="Language, for --segment"),
    click.option("-b", "--batch-size", type=click.IntRange(1, 64), default=4, show_default=True,
                 help="Texts that are asked about at the same time"),
    click.option("-v", "--verbose", is_flag=True, help="Write prompt and answer, as `llm`"),
    *SOURCE_OPTIONS,
)  # fmt: skip


@click.command("ner.llm.fetch")
@with_params(_TEXTS)
def ner(**given: Any) -> int:
    """Have a language model mark entities in SOURCE, and write the rows to OUTPUT_FILE.

    OUTPUT_FILE is replaced when all is written; `-` is stdout. Answers are kept, so the same
    command goes on where it was left. Exit code 1 where a row was no task, or a request failed:
    these rows are left out.
    """
    return _fetch_spans(given, overlap=False)


@click.command("spans.llm.fetch")
@with_params(_TEXTS)
def spans(**given: Any) -> int:
    """Have a language model mark spans in SOURCE, which may overlap; see ner.llm.fetch."""
    return _fetch_spans(given, overlap=True)


@click.command("textcat.llm.fetch")
@with_params(_TEXTS)
@click.option("-E", "--exclusive-classes", is_flag=True, help="Exactly one label is right")
def textcat(exclusive_classes: bool, **given: Any) -> int:
    """Have a language model give classes to SOURCE; see ner.llm.fetch.

    The rows are those of `choice`: `options` and `accept`; of one label those of `classification`.
    """
    given = take_config(
        {**given, "exclusive_classes": exclusive_classes}, "textcat", output="output_file"
    )
    exclusive = given["exclusive_classes"]
    names = labels_given(given["label"], given["labels"], given["source"])
    suggester = class_suggester(FETCHED, names, given, exclusive=exclusive)
    return _fetch(suggester, given, lambda stream: class_view(stream, names, exclusive=exclusive))


def _fetch_spans(given: dict[str, Any], *, overlap: bool) -> int:
    given = take_config(given, "spans" if overlap else "ner", output="output_file")
    names = labels_given(given["label"], given["labels"], given["source"])
    return _fetch(span_suggester(FETCHED, names, given, overlap=overlap), given, lambda _: None)


def _fetch(suggester: LlmSuggester, given: dict[str, Any], prepare: Callable[[Stream], Any]) -> int:
    use_store(database_path())
    read_as(given)
    source, output = given["source"], given["output_file"]
    stream = texts(source, given["loader"], given["text_field"], given["id_field"])
    stream.refused = refused = BadRowReporter(source)
    if given["segment"]:
        split(stream, given["lang"])
    prepare(stream)
    stream.apply(add_hashes)
    _say_to_whom(suggester.client)
    bar = Bar(f"asking {suggester.client.endpoint.model}", stream.source.count(), lambda: done)
    done = failed = 0

    def lines() -> Iterator[str]:
        nonlocal done, failed
        for task in _asked(suggester, stream, given["batch_size"]):
            done += 1
            bar.step(done)
            if task is None:
                failed += 1
            else:
                yield dumps(task) + "\n"

    try:
        write_result(output, lines())
    except (KeyboardInterrupt, SystemExit):
        bar.end()
        say(f"left after {plural(done, 'row')}; nothing was written to {output}, and the same"
            " command goes on with the answers that are kept")  # fmt: skip
        raise
    finally:
        suggester.client.close()
    bar.end()
    say(suggester.said())
    if failed:
        say(f"{plural(failed, 'row')} left out, because the model gave no answer")
    if output != "-":
        say(f"{plural(done - failed, 'row')} written to {output}")
    return 1 if refused.tell() or failed else 0


def _asked(suggester: LlmSuggester, tasks: Iterable[Task], width: int) -> Iterator[Task | None]:
    """Yield what a model says about each task, in order; None where it gave no answer.

    Args:
        suggester: Asks the model.
        tasks: The tasks.
        width: How many requests are under way at the same time.
    """
    # Threads of our own: whoever leaves does not wait for requests that are under way.
    threads = [CallThread(f"llm {number}") for number in range(width)]
    under_way: deque[Future[Task | None]] = deque()
    for number, task in enumerate(tasks):
        # Until there was an answer, one request at a time finds out whether there is anybody.
        while under_way and (len(under_way) >= width or not suggester.client.reached):
            yield under_way.popleft().result()
        call = partial(suggester.suggest_or_none, task)
        under_way.append(threads[number % width].submit(call))
    while under_way:
        yield under_way.popleft().result()


def _say_to_whom(client: LlmClient) -> None:
    """Say who gets the texts; the first answer may take a while."""
    say(f"asking {client.endpoint.model} at {client.endpoint.url}")


@click.command("terms.llm.fetch")
@click.argument("topic")
@click.argument("output_file")
@click.option("-s", "--seeds", help="Terms with commas, or a file, that are known already")
@click.option("-n", "--n", "count", type=click.IntRange(1, 10_000), default=100, show_default=True,
              help="Terms that are wanted")  # fmt: skip
@with_params(_MODEL)
def terms(topic: str, output_file: str, seeds: str | None, count: int, **given: Any) -> int:
    """Have a language model list terms about TOPIC, and write them to OUTPUT_FILE.

    Each is a row with `text`, for `mark` or `db-in`; `-` is stdout. The model is asked again, with
    what it has listed already, until there are enough or nothing new comes.
    """
    known = read_terms(seeds, "--seeds") if seeds else []
    places = ["topic", "count", "known"]
    template = PromptTemplate.read(given["prompt_path"], TERMS_PROMPT, places)
    client = make_client(FETCHED, given)
    _say_to_whom(client)
    bar = Bar(f"asking {client.endpoint.model}", None, lambda: 0)
    found: list[str] = []
    for term in _new_terms(client, template, topic, known, count):
        found.append(term)
        bar.step(len(found))
    bar.end()
    rows = ({"text": term, "meta": {"topic": topic}} for term in found)
    write_result(output_file, (dumps(row) + "\n" for row in rows))
    if output_file != "-":
        say(f"{plural(len(found), 'term')} written to {output_file}")
    if len(found) < count:
        say(f"{client.endpoint.model} has listed no more than that")
    return 0 if found else 1


_AT_ONCE = 50
"""Terms that one prompt asks for."""

_IN_VAIN = 2
"""Answers without a new term after which the model is not asked again."""


def _new_terms(
    client: LlmClient, template: Any, topic: str, known: list[str], count: int
) -> Iterator[str]:
    seen = {term.casefold() for term in known}
    listed = list(known)
    in_vain = given = 0
    while given < count and in_vain < _IN_VAIN:
        wanted = str(min(_AT_ONCE, count - given))
        shown = ", ".join(listed) or "none"
        prompt = template.filled({"topic": topic, "count": wanted, "known": shown})
        answer = client.ask(prompt, again=in_vain)
        try:
            found = terms_of(answer_json(answer)) or []
        except TaskError:
            found = []
        before = given
        for term in found:
            if term.casefold() not in seen and given < count:
                seen.add(term.casefold())
                listed.append(term)
                given += 1
                yield term
        in_vain = in_vain + 1 if given == before else 0
