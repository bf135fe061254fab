"""Recipes that number the tasks they make go on with the next number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recipes.support import opened, write_jsonl
from tui_annotate.job import Job
from tui_annotate.recipes.recipe_files import load_file, numbers_tasks
from tui_annotate.recipes.registry import get_recipe
from tui_annotate.stream.stream import Stream, get_stream

pytestmark = pytest.mark.quick

LOOP = "def tasks(stream):\n    for n, task in enumerate(stream):\n        "
NESTED = (
    "def tasks(stream):\n    for task in stream:\n        for n, s in enumerate(task['spans']):\n"
)
FILES = {
    f"{LOOP}task['n'] = n\n        yield task": True,
    f"{LOOP}if n:\n            yield task": True,
    "def tasks(stream):\n    return ({**t, 'n': n} for n, t in enumerate(stream, 1))": True,
    "def tasks(stream):\n    return [{'id': n, 'text': t} for n, t in enumerate('ab')]": False,
    "def tasks(stream):\n    return max(n for n, t in enumerate('ab'))": False,
    f"{NESTED}            yield {{**task, 'n': n}}": False,
    f"{LOOP}print(n)": False,
    "def tasks(stream):\n    yield from stream  # no enumerate": False,
}


@pytest.mark.parametrize(("code", "numbers"), FILES.items(), ids=range(len(FILES)))
def test_it_is_read_from_the_file(tmp_path: Path, code: str, numbers: bool) -> None:
    path = tmp_path / "recipe.py"
    end = "\n\n\n@ta.recipe('my.numbered')\ndef run(dataset):\n    return False\n"
    path.write_text(f"import tui_annotate as ta\n\n\n{code}{end}")
    load_file(str(path))
    assert numbers_tasks(get_recipe("my.numbered").function) is numbers


@pytest.mark.parametrize("numbers", [True, False])
def test_a_resume_goes_on_with_the_next_number(tmp_path: Path, numbers: bool) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": text} for text in "abcdef"])

    def tasks(stream: Stream) -> Iterator[dict[str, Any]]:
        for number, task in enumerate(stream):
            yield {**task, "number": number}

    def job() -> Job:
        stream = get_stream(path)
        components = {"dataset": "my_set", "view_id": "text", "stream": tasks(stream)}
        made = Job.from_components("my.recipe", components, streams=[stream])
        made.numbers_tasks = numbers
        return made

    found, said = [], []
    for _ in range(3):
        session = opened(job(), tmp_path / "a.db")
        item = session.start()
        said.append(session.opened.ledger.resume.how)
        for _ in range(2):
            assert item is not None
            found.append((item.task["text"], item.task["number"]))
            session.decide("accept", item.task)
            item = session.advance()
        session.close()
    assert [text for text, _ in found] == [*"abcdef"]
    again = [0, 1, 2, 3, 4, 5] if numbers else [0, 1, 0, 1, 0, 1]
    assert [number for _, number in found] == again
    assert said == (["", "numbered", "numbered"] if numbers else ["", "", ""])
