"""Questions with options of which one is right: ARC, CommonsenseQA, RACE, SWAG, COPA, MMLU and
others; and questions whose answer needs several texts: HotpotQA, MuSiQue, QAngaroo, DROP, CoQA."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple
from tui_annotate.sources.json_helpers import Row, entries, objects, remark, table
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.task.schema import DECISIONS, Task

_TEXTS = (
    *("article", "passage", "context", "ctx", "supports", "text", "premise", "sent1", "goal"),
    *("sentence", "question", "question_stem", "query", "startphrase", "sent2"),
)
"""Keys of what is read before the options, in this order."""
_LISTS = ("choices", "options", "endings", "candidates", "answers")
_NUMBERED = ("choice", "option", "ending", "sol", "answer", "op", "choice_", "option_", "ending_")
OF_MEDMCQA = "cop"
"""The key of the right option of MedMCQA: a number from 1 in its own files, from 0 in copies."""
COUNTS_FROM = "_counts_from"
"""A key that a reader adds to a row of MedMCQA: from which number its file counts."""
_RIGHT = (
    *("answerKey", "answer_idx", "answer_index", "correct_option", "correct", "gold", "label"),
    *("answer", "target", OF_MEDMCQA),
)
"""Keys of the right option, those first that are a letter or a number where others say it again."""
_OPTIONS_FOR_CERTAIN = frozenset(("choices", "options", "endings"))
"""Keys that hold the options of a question even where nothing says which is right."""
_FROM_ONE = frozenset(("answerA", "answerB"))
"""Options of which the label counts from 1, as in SIQA."""
_LETTERS = string.ascii_uppercase
_MOST = 100
_DIGITS = 4000
"""Of a number at most: Python refuses to read one that is not much longer."""
_TWO = 2


class OptionsQuestion(NamedTuple):
    """A question with options.

    Attributes:
        text: What is read before them.
        options: The options, by their ids.
        right_key: The key that says which is right; empty for none.
        chosen: The ids of those that are right; None where what stands there is no option.
        used: The keys that are in the text or in the options.
    """

    text: str
    options: dict[str, str]
    right_key: str
    chosen: list[str] | None
    used: frozenset[str]


def is_question(row: Row) -> bool:
    """Return whether an object is a question with options, or an article with several."""
    return question_of(row) is not None or _is_article(row)


def questions(row: Row) -> Iterator[Task | TaskError]:
    """Yield a task for each question, with the right option chosen where it is known."""
    if not _is_article(row):
        yield question_task(row)
        return
    lists = [row[key] for key in ("questions", "options", "answers")]
    rest = {key: row[key] for key in row if key not in ("questions", "options", "answers")}
    if len({len(each) for each in lists}) > 1:
        what = "it has other numbers of questions, options and answers"
        raise TaskError(what, reason="bad-choice")
    for question, options, answer in zip(*lists, strict=True):
        yield question_task({**rest, "question": question, "options": options, "answer": answer})


def _is_article(row: Row) -> bool:
    """Return whether an object is an article of RACE with all its questions."""
    lists = [row.get(key) for key in ("questions", "options", "answers")]
    return isinstance(row.get("article"), str) and all(
        isinstance(each, list) and bool(each) for each in lists
    )


def question_task(row: Row, notices: list[str] | None = None) -> Task:
    """Return a question as a task.

    Args:
        row: The question.
        notices: Gets a remark; without them the task has it.

    Raises:
        TaskError: `bad-choice`: it is none.
    """
    found = question_of(row)
    if found is None:
        raise TaskError("it is no question with options", reason="bad-choice")
    inner = {
        key: value
        for key, value in table(row.get("question")).items()
        if key not in ("stem", "choices")
    }
    meta = {key: value for key, value in {**row, **inner}.items()
            if key not in found.used and value not in (None, "", [])}  # fmt: skip
    task: Task = {
        "text": found.text,
        "options": [{"id": name, "text": each} for name, each in found.options.items()],
    }
    if found.chosen:
        task["accept"] = found.chosen
    else:
        task[UNANSWERED] = True
        if found.chosen is None:
            said = f"`{found.right_key}` is none of its options, so none is chosen"
            if found.right_key == OF_MEDMCQA:
                said = "`cop` may count from 0 or from 1, so none of its options is chosen"
            task[UNANSWERED] = said
            if notices is None:
                remark(task, said)
            else:
                notices.append(said)
    return {**task, "meta": meta} if meta else task


def question_of(row: Row) -> OptionsQuestion | None:
    """Return the question that an object asks, with its options; None for any other object.

    Data sets differ in where its parts stand. Some of many forms:

        {"question": "Where?", "choices": {"label": ["A", "B"], "text": ["in", "out"]},
         "answerKey": "A"}
        {"question": {"stem": "Where?", "choices": [{"label": "A", "text": "in"}, ...]},
         "answerKey": "A"}
        {"ctx": "She opens the door and", "endings": ["goes.", "sings."], "label": 0}
        {"context": "Ada left.", "question": "Why?", "answerA": "...", "answerB": "...", "label": 1}
    """
    if row.get("answer") in DECISIONS:  # then it is a task that somebody has decided on
        return None
    inner = table(row.get("question"))
    asked: Row = {**row, **inner, "question": inner.get("stem", "")} if inner else row
    options, option_keys = _options(asked)
    text_keys, repeated_keys = _text_keys(asked, option_keys)
    parts = [_words(asked[key]) for key in text_keys]
    if not _TWO <= len(options) <= _MOST or not any(parts):
        return None
    used = {*option_keys, *text_keys, *repeated_keys}
    # `answer`, for one, may be an option here and what is right there.
    right_key = next((key for key in _RIGHT if key in asked and key not in used), "")
    # A list called `candidates` or texts called `A` and `B` may be anything, and are options only
    # if something says which of them is right.
    if not right_key and _OPTIONS_FOR_CERTAIN.isdisjoint(option_keys):
        return None
    right = asked.get(right_key)
    counts_from_one = right_key == "label" and not _FROM_ONE.isdisjoint(option_keys)
    if right_key == OF_MEDMCQA:
        used.add(COUNTS_FROM)
        counts_from_one = asked.get(COUNTS_FROM) == 1
        # Without the file's other rows nobody knows what a number counts from.
        right = right if COUNTS_FROM in asked or not _is_count(right) else _UNKNOWN
    chosen = _chosen(right, options, from_one=counts_from_one)
    # A list called `answers` rather has all that is right, unless a number picks one of them.
    picks_one = bool(chosen) and str(right).isdigit()
    if "answers" in option_keys and not picks_one:
        return None
    if inner:
        used.add("question")
    return OptionsQuestion(
        "\n\n".join(filter(None, parts)), options, right_key, chosen, frozenset(used)
    )


_UNKNOWN = object()


def _is_count(value: Any) -> bool:
    return str(value).isdigit()


def counts_from(rows: Sequence[Row]) -> int | None:
    """Return from which number the right options of MedMCQA count in a file, by its first rows;
    None where they do not tell."""
    said = {str(row[OF_MEDMCQA]) for row in rows if OF_MEDMCQA in row}
    if "0" in said:
        return 0
    return 1 if "4" in said else None


def _text_keys(asked: Row, option_keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the keys of what is read before the options, and those that repeat parts of it.

    Args:
        asked: The object, with the keys of a question in it among its own.
        option_keys: The keys that hold the options.
    """
    text_keys = [key for key in _TEXTS if key in asked and key not in option_keys]
    repeated_keys: list[str] = []
    if "ctx" in text_keys:
        # HellaSwag has its context as a whole and in two parts.
        text_keys = [key for key in text_keys if key != "context"]
        repeated_keys += ["ctx_a", "ctx_b"]
    if "startphrase" in text_keys and {"sent1", "sent2"} <= asked.keys():
        # SWAG has its two sentences apart and as one.
        text_keys.remove("startphrase")
        repeated_keys.append("startphrase")
    return text_keys, repeated_keys


def _words(value: Any) -> str:
    """Return a text, or several as paragraphs; an empty one for anything else."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n\n".join(value)
    return value if isinstance(value, str) else ""


def _options(row: Row) -> tuple[dict[str, str], list[str]]:
    """Return the options of an object by their ids, and the keys that hold them.

    {"choices": ["in", "out"]}
    {"A": "in", "B": "out"}
    {"option1": "in", "option2": "out"}
    {"ending0": "in", "ending1": "out"}
    """
    for key in _LISTS:
        value = row.get(key)
        found = _listed(value) if value else {}
        if found:
            return found, [key]
    letters = [key for key in "ABCDE" if isinstance(row.get(key), str) and row[key]]
    if len(letters) >= _TWO:
        return {key: row[key] for key in letters}, letters
    for name in _NUMBERED:
        ends = [key.removeprefix(name) for key in row if key.startswith(name)]
        ends = sorted(end for end in ends if _is_number(end) and _is_said(row[name + end]))
        if len(ends) >= _TWO:
            # What counts from 0, or has letters, is called by letters.
            names = ends if ends[0] == "1" else [_LETTERS[at] for at in range(len(ends))]
            return {one: row[name + end] for one, end in zip(names, ends, strict=True)}, [
                name + end for end in ends
            ]
    return {}, []


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(end: str) -> bool:
    return end in tuple("0123456789ABCDEabcde")


def _listed(value: Any) -> dict[str, str]:
    """Return options that stand in one value, by their ids; none where it holds anything else.

    {"label": ["A", "B"], "text": ["in", "out"]}
    {"A": "in", "B": "out"}
    [{"label": "A", "text": "in"}, {"label": "B", "text": "out"}]
    ["in", "out"]
    """
    if isinstance(value, Mapping) and isinstance(value.get("text"), list):
        names, texts = value.get("label"), value["text"]
        if isinstance(names, list) and len(names) == len(texts):
            return _named([*map(str, names)], texts)
    if isinstance(value, Mapping):
        is_lettered = all(len(str(key)) == 1 for key in value)
        return _named([*map(str, value)], [*value.values()]) if is_lettered else {}
    found = objects(value)
    if found and len(found) == len(value) and all("label" in each for each in found):
        return _named([str(each["label"]) for each in found], [each.get("text") for each in found])
    if isinstance(value, list) and not found:
        names = [*_LETTERS] if len(value) <= len(_LETTERS) else [*map(str, range(1, _MOST + 1))]
        return _named(names[: len(value)], value)
    return {}


def _named(names: list[str], texts: list[Any]) -> dict[str, str]:
    fits = len(names) == len(texts) and len({*names}) == len(names)
    return dict(zip(names, texts, strict=True)) if fits and all(
        isinstance(each, str) and each for each in texts
    ) else {}  # fmt: skip


def _chosen(said: Any, options: dict[str, str], *, from_one: bool) -> list[str] | None:
    """Return the ids of the options that a value names: by id, letter, number or text.

    Of the options `{"1": "red", "2": "blue"}`, each of `"1"`, `"red"`, `"A"`, `0` and `["1"]` names
    the first.

    Args:
        said: What stands under the key of the right option.
        options: The options, by their ids.
        from_one: Whether numbers count from 1. Then a text is read as a number only, even if an
            option has it as its id or its text.

    Returns:
        An empty list where nothing is said, None where it is none of them.
    """
    if said in (None, "", -1, "-1", "?", []):  # as where what is right is kept from people
        return []
    if isinstance(said, list):
        several = [_chosen(each, options, from_one=from_one) for each in said]
        found = [name for each in several for name in each or ()]
        return found if found and None not in several else None
    # Before numbers: the id `"1"` may be that of the first option, where numbers count from 0.
    named = _named_by_text(said, options) if isinstance(said, str) and not from_one else None
    if named is not None:
        return [named]
    number = _whole_number(said)
    if number is None:
        return None
    at = number - from_one
    return [[*options][at]] if 0 <= at < len(options) else None


def _named_by_text(said: str, options: dict[str, str]) -> str | None:
    """Return the id of the option that has a text as its id, its text or its letter."""
    for name, text in options.items():
        if said.strip() in (name, text):
            return name
    if len(said) != 1:
        return None
    letter = said.upper()
    if letter in options:
        return letter
    # ARC has the letter of an option's place in the key where ids are numbers.
    at = _LETTERS[: len(options)].find(letter)
    return [*options][at] if at >= 0 else None


def _whole_number(said: Any) -> int | None:
    """Return a whole number, which may stand as text; None for anything else."""
    is_digits = isinstance(said, str) and said.isascii() and said.isdigit()
    if is_digits and len(said) > _DIGITS:
        return None
    is_number = isinstance(said, int) and not isinstance(said, bool)
    return int(said) if is_digits or is_number else None


# Questions over several texts


def is_hops(row: Row) -> bool:
    """Return whether an object is a question over several paragraphs with titles."""
    return isinstance(row.get("question"), str) and bool(_paragraphs(row))


def hops(row: Row) -> Iterator[Task]:
    """Yield the paragraphs as text with the sentences, or whole paragraphs, that support the
    answer as spans `SUPPORT`; the question is `input`, the answer `response`."""
    text, spans = "", []
    for title, sentences, supports in _paragraphs(row):
        text += f"{title}\n" if title else ""
        for at, sentence in enumerate(sentences):
            blank = len(sentence) - len(sentence.lstrip())
            if at in supports and sentence.strip():
                end = len(text) + len(sentence.rstrip())
                spans.append({"start": len(text) + blank, "end": end, "label": "SUPPORT"})
            text += sentence
        text += "\n\n"
    text = text.removesuffix("\n\n")
    known = ("question", "answer", "context", "paragraphs", "supporting_facts")
    task = _asked(text, row["question"], row, known)
    if "supporting_facts" in row or "paragraphs" in row:
        task["spans"] = spans
    else:
        task[UNANSWERED] = True
    yield task


def _asked(text: str, question: str, row: Row, known: tuple[str, ...]) -> Task:
    """Return a task about a text, with the question and whatever else the row says."""
    rest = {key: value for key, value in row.items()
            if key not in known and value not in (None, "", [])}  # fmt: skip
    task: Task = {"text": text, "input": question}
    if row.get("answer") not in (None, ""):
        task["response"] = row["answer"]
    return {**task, "meta": {"question": question, **rest}}


def _paragraphs(row: Row) -> list[tuple[str, list[str], set[int]]]:
    """Return title, sentences and numbers of those that support the answer, by paragraph."""
    held = _columns(row.get("context"), "title", "sentences")
    facts = _columns(row.get("supporting_facts"), "title", "sent_id")
    if held and all(map(_is_paragraph, held)):
        named = [each for each in facts if isinstance(each, list) and len(each) == _TWO]
        return [
            (title, sentences,
             {at for name, at in named if name == title and isinstance(at, int)})
            for title, sentences in held
        ]  # fmt: skip
    found = objects(row.get("paragraphs"))
    if found and all(isinstance(each.get("paragraph_text"), str) for each in found):
        return [
            (str(each.get("title") or ""), [each["paragraph_text"]],
             {0} if each.get("is_supporting") is True else set())
            for each in found
        ]  # fmt: skip
    return []


def _columns(value: Any, *names: str) -> list[Any]:
    """Return a list as it is, and a table with these columns as a list of its rows; an empty list
    for anything else."""
    if isinstance(value, Mapping):
        columns = [value.get(name) for name in names]
        lists = [each for each in columns if isinstance(each, list)]
        return [[*each] for each in zip(*lists, strict=False)] if len(lists) == len(names) else []
    return value if isinstance(value, list) else []


def _is_paragraph(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == _TWO and isinstance(value[0], str)
        and isinstance(value[1], list) and all(isinstance(each, str) for each in value[1])
    )  # fmt: skip


def is_pairs(row: Row) -> bool:
    """Return whether an object is a passage of DROP's, or a story of CoQA's, with its questions."""
    drop = isinstance(row.get("passage"), str) and bool(objects(row.get("qa_pairs")))
    coqa = isinstance(row.get("story"), str) and bool(objects(row.get("questions")))
    return drop or coqa


def pairs(row: Row) -> Iterator[Task | TaskError]:
    """Yield a task for each question about a text, with its answer as `response`."""
    if "passage" in row:
        rest = {key: value for key, value in row.items() if key not in ("passage", "qa_pairs")}
        for each in entries(row, "qa_pairs"):
            yield _of_drop(row["passage"], each, rest)
        return
    rest = {key: value for key, value in row.items()
            if key not in ("story", "questions", "answers", "additional_answers")}  # fmt: skip
    answers = entries(row, "answers")
    for at, each in enumerate(entries(row, "questions")):
        answer = answers[at] if at < len(answers) else {}
        asked = {**rest, "turn": each.get("turn_id", at + 1), "answer": answer.get("input_text")}
        task = _asked(row["story"], str(each.get("input_text", "")), asked, ("answer",))
        start, end = answer.get("span_start"), answer.get("span_end")
        if type(start) is int and type(end) is int and 0 <= start < end <= len(row["story"]):
            task["spans"] = [{"start": start, "end": end, "label": "ANSWER"}]
        elif not answer:
            task[UNANSWERED] = True
        if row.get("additional_answers") and not at:
            remark(task, "the answers of further people (`additional_answers`) are left out")
        yield task


def _of_drop(passage: str, each: Row, rest: Row) -> Task:
    answer = table(each.get("answer"))
    date = " ".join(str(part) for part in table(answer.get("date")).values() if part)
    spans = [str(part) for part in answer.get("spans") or ()]
    said = "; ".join(spans) or str(answer.get("number") or "") or date
    about = {key: value for key, value in each.items() if key != "question"}
    row = {**rest, **about, "answer": said}
    task = _asked(passage, str(each.get("question", "")), row, ("answer",))
    return task if said else {**task, UNANSWERED: True}
