"""Jobs that ask a language model on loopback, and what is expected of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.recipes.llm_server import Answers, LlmServer
from tests.recipes.support import job_of

TEXTS = [f"Ilse lives in Cork {n}." for n in range(6)]
SPANS = [{"label": "PER", "text": "Ilse"}, {"label": "LOC", "text": "Cork"}]


def spans(*more: dict[str, str]) -> str:
    return json.dumps({"spans": [*SPANS, *more]})


Starts = Callable[[Answers], LlmServer]


def job(name: str, place: Path, server: LlmServer, **more: Any) -> Any:
    values = {"label": "PER,LOC", "model": "m", **more}
    source = str(place / "data.jsonl")
    return job_of(name, dataset="set", source=source, endpoint=server.url, **values)


def marked(task: dict[str, Any]) -> list[tuple[str, str]]:
    return [(task["text"][s["start"] : s["end"]], s["label"]) for s in task["spans"]]
