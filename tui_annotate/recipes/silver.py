"""`ner.silver-to-gold`: from yes and no on single entities to complete annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tui_annotate.errors import UsageError
from tui_annotate.job import Arg
from tui_annotate.recipes.common import DATASET, LABEL, MODEL, components, labels_of, names
from tui_annotate.recipes.registry import recipe
from tui_annotate.stream.store_sources import check_answers_open, open_answers
from tui_annotate.suggest import spacy_docs
from tui_annotate.suggest.models import load_pipeline
from tui_annotate.task.schema import BINARY, INPUT_HASH, VIEW_ID, Decision, Task
from tui_annotate.task.span_verdicts import spans_with

if TYPE_CHECKING:
    from tui_annotate.store.database_api import Database  # the engine, which help does not need

Key = tuple[int, int, str]


@recipe(
    "ner.silver-to-gold",
    contained=True,
    cosmetic=(),
    dataset=DATASET,
    silver=Arg(help="Datasets with yes and no on single entities, with commas"),
    model=MODEL,
    label=LABEL,
)
def silver_to_gold(
    dataset: str, silver: str, model: str, label: str | None = None
) -> dict[str, Any]:
    """Complete the texts of a dataset of yes and no: accepted entities stand, the rest is proposed.

    The pipeline proposes what was not asked about; what was rejected is not proposed.
    """
    check_answers_open(f"ner.silver-to-gold {silver}")
    nlp = load_pipeline(model, needs="ner")
    labels = labels_of(label, nlp.get_pipe("ner").labels, f" in {model!r}")
    with open_answers() as db:
        answers = _silver_answers(db, names(silver), dataset)
    tasks = CompletedTexts(answers, nlp, labels)
    config = {"labels": labels, "exclude_by": "input"}
    return components(dataset, "ner_manual", tasks, None, **config)


def _silver_answers(db: Database, sets: list[str], dataset: str) -> list[Task]:
    """Return the answers of the datasets with yes and no.

    Raises:
        UsageError: There is none of that name, or they hold complete answers and `dataset` those
            with yes and no: the two were exchanged.
    """
    known = {each: db.get_dataset_examples(each, []) for each in (*sets, dataset)}
    answers = [answer for each in sets for answer in known[each]]
    if not any(map(_is_binary, answers)) and any(map(_is_binary, known[dataset])):
        hint = "Write first the dataset that is saved to, and then those with yes and no"
        what = f"it is {dataset!r} that holds yes and no on single entities, and not this dataset"
        raise UsageError(what, where=",".join(sets), hint=hint)
    # A name that does not exist is said with those that do.
    return answers or [each for name in sets for each in db.get_dataset_examples(name)]


def _is_binary(answer: Task) -> bool:
    return bool(answer.get(BINARY)) or answer.get(VIEW_ID) in ("ner", "spans")


class CompletedTexts:
    """The texts of the answers, each once, with the best spans that are known.

    Args:
        answers: Answers with their hashes.
        nlp: A pipeline with `ner`.
        labels: Which of its entities are proposed.
    """

    def __init__(self, answers: list[Task], nlp: Any, labels: list[str]) -> None:
        self._texts: dict[int, list[Task]] = {}
        for answer in answers:
            if isinstance(answer.get("text"), str):
                self._texts.setdefault(answer[INPUT_HASH], []).append(answer)
        self._nlp = nlp
        self._labels = labels

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Task]:
        for group in self._texts.values():
            yield self._complete(group)

    def _complete(self, group: list[Task]) -> Task:
        doc = self._nlp(group[0]["text"])
        accepted, rejected = _spans(group, "accept"), _spans(group, "reject")
        spans = {key: spacy_docs.char_span(doc, _as_dict(key)) for key in sorted(accepted)}
        kept = [span for span in spans.values() if span is not None]
        for entity in doc.ents:
            key = (entity.start_char, entity.end_char, entity.label_)
            free = all(entity.end <= s.start or s.end <= entity.start for s in kept)
            if free and key not in rejected and entity.label_ in self._labels:
                kept.append(entity)
        task: Task = {key: group[0][key] for key in ("text", "meta") if key in group[0]}
        found = [spacy_docs.span_of(span, doc) for span in sorted(kept, key=lambda s: s.start)]
        return {**task, "tokens": spacy_docs.tokens_of(doc), "spans": found}


def _spans(group: list[Task], decision: Decision) -> set[Key]:
    """Return the spans of some answers that are right (`accept`) or wrong (`reject`)."""
    return {
        (span["start"], span["end"], span["label"])
        for answer in group
        for span in spans_with(answer.get("spans"), decision, answer["answer"])
        if "label" in span
    }


def _as_dict(key: Key) -> dict[str, Any]:
    return {"start": key[0], "end": key[1], "label": key[2]}
