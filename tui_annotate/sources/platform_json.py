"""JSON of platforms on which several people mark texts: LightTag, Kili, Labelbox, MedCATtrainer,
UBIAI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tui_annotate.errors import TaskError
from tui_annotate.sources.base import left_out
from tui_annotate.sources.json_helpers import (
    Row,
    entries,
    is_text,
    name_of,
    objects,
    place_span,
    remark,
    table,
    text_task,
)
from tui_annotate.sources.relation_links import RelationLink
from tui_annotate.sources.standoff_marks import Mark, put_spans, scalars, spans_of_marks
from tui_annotate.sources.text_field import UNANSWERED
from tui_annotate.sources.token_tasks import NO_LABEL
from tui_annotate.task.foreign_spans import FileRegion
from tui_annotate.task.schema import ANNOTATOR_ID, Task

# LightTag, with several people's marks side by side


def is_lighttag(row: Row) -> bool:
    """Return whether an object has the form of a file of LightTag's."""
    found = objects(row.get("examples"))
    return bool(found) and isinstance(found[0].get("content"), str) and "annotations" in found[0]


def lighttag(row: Row) -> Iterator[Task | TaskError]:
    """Yield a task for each example and person; who has seen it and marked nothing is one too.

    {"examples": [{"content": "Ada left", "seen_by": [{"annotator": "bo"}],
      "annotations": [{"start": 0, "end": 3, "tag": "PER", "annotated_by":
                       [{"annotator": "cy"}]}],
      "classifications": [{"classname": "good", "annotated_by": [{"annotator": "cy"}]}]}]}
    """
    left = [left_out(len(row["relations"]), "relations")] if row.get("relations") else []
    for example in entries(row, "examples"):
        try:
            tasks = _lighttag_tasks(example)
        except TaskError as error:
            yield error
            continue
        for task in tasks:
            remark(task, *left)
            left = []
            yield task


def _lighttag_tasks(example: Row) -> list[Task]:
    """Return a task for each person of an example; one for an example without any."""
    classes: dict[str, list[Any]] = {}
    for each in entries(example, "classifications"):
        for name in _annotators(each):
            classes.setdefault(name, []).append(each.get("classname"))
    # A class that nobody in particular has chosen holds for all people.
    of_all = classes.pop("", [])
    spans: dict[str, list[dict[str, Any]]] = {name: [] for name in classes}
    for each in entries(example, "annotations"):
        span = place_span(each.get("start"), each.get("end"), each.get("tag"))
        for name in _annotators(each):
            spans.setdefault(name, []).append(dict(span))
    for who in entries(example, "seen_by"):
        if name := str(who.get("annotator", "")):
            spans.setdefault(name, [])
    return [
        text_task(example.get("content"), marked, [*classes.get(name, ()), *of_all] or None)
        | ({ANNOTATOR_ID: name} if name else {})
        for name, marked in (spans or {"": []}).items()
    ]


def _annotators(each: Row) -> list[str]:
    """Return who has made an annotation; an empty name if it names nobody."""
    return [str(who.get("annotator", "")) for who in entries(each, "annotated_by") or [{}]]


# Kili, with the answers of each job under its name


def is_kili(row: Row) -> bool:
    """Return whether an object has the form of an asset of Kili's with its labels."""
    labels = objects(row.get("labels"))
    answered = isinstance(row.get("jsonResponse"), dict) or any("jsonResponse" in x for x in labels)
    return answered and ("content" in row or "externalId" in row)


def kili(row: Row) -> Iterator[Task]:
    """Yield a task for each person's label of an asset; predictions are what one begins with.

    {"content": "Ada left", "externalId": "7", "labels": [
      {"author": {"email": "a@x.org"}, "labelType": "DEFAULT", "isLatestLabelForUser": true,
       "jsonResponse": {...}}]}
    """
    text = _own_text(row.get("content"), "content")
    labels = objects(row.get("labels"))
    if not labels and isinstance(row.get("latestLabel"), dict):
        labels = [row["latestLabel"]]
    labels = labels or [{"jsonResponse": row["jsonResponse"]}]
    answers = [
        each for each in labels
        if each.get("labelType") not in _NO_ANSWERS
        # An export of all versions has what a person said before, too.
        and each.get("isLatestLabelForUser") is not False
    ]  # fmt: skip
    predictions = [each for each in labels if each.get("labelType") in _OF_PROGRAMS]
    left = len(labels) - len(answers) - len(predictions)
    for each in answers or predictions[-1:] or [{}]:
        task = _kili_task(text, table(each.get("jsonResponse")))
        who = table(each.get("author")).get("email")
        if isinstance(who, str) and answers:
            task[ANNOTATOR_ID] = who
        if not answers:
            task[UNANSWERED] = True
        if left:
            remark(task, f"{left} drafts and earlier labels are left out")
            left = 0
        yield _with_id(task, row, ("externalId", "external_id"))


_OF_PROGRAMS = frozenset(("PREDICTION", "INFERENCE"))
_NO_ANSWERS = frozenset(("PREDICTION", "INFERENCE", "AUTOSAVE"))


def _kili_task(text: str, response: Row) -> Task:
    """Return a text with what one label of Kili's says: a job of its may have classes, a typed
    text, or annotations, which are entities or relations between them.

        {"NER": {"annotations": [
           {"mid": "1", "beginOffset": 0, "content": "Ada", "categories": [{"name": "PER"}]},
           {"startEntities": [{"mid": "1"}], "endEntities": [{"mid": "2"}],
            "categories": [{"name": "knows"}]}]},
         "TOPIC": {"categories": [{"name": "good"}]}, "WHY": {"text": "She left."}}

    Args:
        text: The text of the asset.
        response: Job -> what was said.

    Raises:
        TaskError: `bad-spans`: an entity has no place.
    """
    marks: list[Mark] = []
    links: list[RelationLink] = []
    chosen: dict[str, list[str]] = {}
    typed: dict[str, Any] = {}
    for job, said in response.items():
        if not isinstance(said, dict):
            continue
        if objects(said.get("categories")):
            chosen[job] = [name_of(each.get("name"), "a class") for each in said["categories"]]
        if isinstance(said.get("text"), str):
            typed[job] = said["text"]
        for each in entries(said, "annotations"):
            names = [str(one.get("name") or NO_LABEL) for one in objects(each.get("categories"))]
            if "startEntities" in each or "endEntities" in each:
                links += [
                    RelationLink(head.get("mid"), child.get("mid"), label)
                    for label in names or [NO_LABEL]
                    for head in entries(each, "startEntities")
                    for child in entries(each, "endEntities")
                ]
                continue
            start, covered = each.get("beginOffset"), each.get("content")
            end = each.get("endOffset")
            if type(start) is not int or (type(end) is not int and not isinstance(covered, str)):
                raise TaskError("an annotation of Kili's has no place", reason="bad-spans")
            words = covered if isinstance(covered, str) else None
            # An export may lack `endOffset`; then the words say how long the annotation is.
            last = end if type(end) is int else start + len(words or "")
            region = FileRegion(((start, last),), words)
            marks += [Mark(each.get("mid"), label, region) for label in names or [NO_LABEL]]
    return _with_classes(_marked(text, marks, links), chosen, typed)


# Labelbox, whose ends are those of last characters, counted in UTF-16


def is_labelbox(row: Row) -> bool:
    """Return whether an object has the form of a data row that Labelbox exports, or imports."""
    return (
        (isinstance(row.get("data_row"), dict) and isinstance(row.get("projects"), dict))
        or ("Labeled Data" in row and "Label" in row)
        or (isinstance(row.get("dataRow"), dict) and ("location" in row or "answer" in row))
    )


def labelbox(row: Row) -> Iterator[Task]:
    """Yield a task for each label of a data row, in whatever project it was given."""
    if "dataRow" in row:
        what = "it is an annotation of Labelbox without its text, as that imports it"
        raise TaskError(what, reason="no-input")
    labels: list[Row] = []
    if "Labeled Data" in row:
        text = _own_text(row["Labeled Data"], "Labeled Data")
        if isinstance(row["Label"], dict):
            by = {"created_by": row.get("Created By")}
            labels = [{"annotations": row["Label"], "label_details": by}]
    else:
        text = _own_text(row["data_row"].get("row_data"), "row_data")
        for held in row["projects"].values():
            labels += entries(table(held), "labels")
    for each in labels or [{}]:
        task = _labelbox_task(text, table(each.get("annotations")))
        who = table(each.get("label_details")).get("created_by")
        if isinstance(who, str):
            task[ANNOTATOR_ID] = who
        if not labels:
            task[UNANSWERED] = True
        yield _with_id(task, row.get("data_row", row), ("external_id", "External ID", "id"))


def _labelbox_task(text: str, said: Row) -> Task:
    """Return a text with what one label of Labelbox's says: objects are spans, relationships
    relations, and classifications classes or typed texts.

        {"objects": [{"feature_id": "f1", "name": "PER",
                      "location": {"start": 0, "end": 2, "token": "Ada"}}],
         "classifications": [{"name": "topic", "radio_answer": {"name": "good"}},
                             {"name": "why", "text_answer": {"content": "She left."}}],
         "relationships": [{"name": "knows", "unidirectional_relationship":
                            {"source": "f1", "target": "f2"}}]}

    Args:
        text: The text of the data row.
        said: What Labelbox calls the annotations of the label.
    """
    marks: list[Mark] = []
    left: Counter[str] = Counter()
    for each in entries(said, "objects"):
        held = table(each.get("data"))
        place = table(each.get("location") or held.get("location") or held)
        start, last = place.get("start"), place.get("end")
        if type(start) is not int or type(last) is not int:
            left["objects that are no places in the text"] += 1
            continue
        about: dict[str, Any] = {}
        for one in entries(each, "classifications"):
            about[str(one.get("name", one.get("title")))] = ", ".join(_answers(one))
        covered = place.get("token")
        if not isinstance(covered, str):
            covered = _covered(text, start, last + 1)
        # Labelbox names the last code point, not the one behind it.
        region = FileRegion(((start, last + 1),), covered)
        label = str(each.get("name", each.get("title")) or NO_LABEL)
        marks.append(Mark(each.get("feature_id"), label, region, scalars(about)))
    links = []
    for each in entries(said, "relationships"):
        ends = table(each.get("unidirectional_relationship") or each.get("relationship"))
        label = str(each.get("name") or NO_LABEL)
        links.append(RelationLink(ends.get("source"), ends.get("target"), label))
    chosen: dict[str, list[str]] = {}
    typed: dict[str, Any] = {}
    for each in entries(said, "classifications"):
        name = str(each.get("name", each.get("title")))
        words = table(each.get("text_answer")).get("content")
        if isinstance(words, str):
            typed[name] = words
        else:
            chosen[name] = _answers(each)
    task = _with_classes(_marked(text, marks, links), chosen, typed)
    remark(task, *(f"{count} {what} are left out" for what, count in left.items()))
    return task


def _answers(said: Row) -> list[str]:
    """Return the names of what was chosen, in each of the forms that Labelbox has had."""
    single = said.get("radio_answer") or said.get("answer")
    several = objects(said.get("checklist_answers")) or objects(said.get("answers"))
    if isinstance(single, str):
        return [single]
    found = [single] if isinstance(single, dict) else several
    return [name_of(each.get("name", each.get("title")), "a class") for each in found]


def _covered(text: str, start: int, end: int) -> str:
    """Return what lies in a range that is counted in UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-le", "replace")


# MedCATtrainer, with concepts that people have confirmed or taken back


def is_medcat(row: Row) -> bool:
    """Return whether an object has the form of an export of MedCATtrainer's."""
    documents = [each for project in objects(row.get("projects"))
                 for each in objects(project.get("documents"))]  # fmt: skip
    return bool(documents) and "annotations" in documents[0] and "text" in documents[0]


def medcat(row: Row) -> Iterator[Task | TaskError]:
    """Yield a task for each document and person; spans are called by their concept (`cui`)."""
    for project in entries(row, "projects"):
        for document in entries(project, "documents"):
            try:
                yield from _medcat_tasks(document, project.get("name"))
            except TaskError as error:
                yield error


def _medcat_tasks(document: Row, project: Any) -> list[Task]:
    """Return a task for each person who has marked concepts in a document; one for a document
    without any.

    Args:
        document: The document.
        project: What its project is called.

    Raises:
        TaskError: `no-input`: it has no text; or a concept has no place.
    """
    text = document.get("text")
    if not isinstance(text, str):
        raise TaskError("a document has no text", reason="no-input")
    held = document.get("annotations")
    given = [*held.values()] if isinstance(held, dict) else entries(document, "annotations")
    marks: dict[str, list[Mark]] = {}
    left: Counter[str] = Counter()
    for each in given:
        if any(each.get(key) is True for key in _TAKEN_BACK) or each.get("correct") is False:
            left["concepts that were taken back"] += 1
            continue
        span = place_span(each.get("start"), each.get("end"), str(each.get("cui")))
        covered = each.get("value")
        # MedCAT may say the words in another case, which is no sign of a wrong place.
        words = text[span["start"] : span["end"]]
        same = isinstance(covered, str) and covered.casefold() == words.casefold()
        region = FileRegion(((span["start"], span["end"]),), words if same else covered)
        about = {name: said.get("value") for name, said in table(each.get("meta_anns")).items()
                 if isinstance(said, dict)}  # fmt: skip
        mark = Mark(each.get("id"), span["label"], region, scalars(about))
        marks.setdefault(str(each.get("user") or ""), []).append(mark)
    links = [RelationLink(each.get("start_entity"), each.get("end_entity"),
                          str(each.get("relation") or NO_LABEL))
             for each in entries(document, "relations")]  # fmt: skip
    about = {"id": document.get("name") or document.get("id"), "project": project}
    meta = {key: value for key, value in about.items() if value not in (None, "")}
    tasks = []
    for who, found in (marks or {"": []}).items():
        # A relation belongs to each person who marked both ends; `_marked` leaves the others out.
        task = _marked(text, found, links)
        if who:
            task[ANNOTATOR_ID] = who
        remark(task, *(f"{count} {what} are left out" for what, count in left.items()))
        left.clear()
        tasks.append({**task, "meta": meta} if meta else task)
    return tasks


_TAKEN_BACK = ("deleted", "killed", "irrelevant")


# What they have in common


def _own_text(value: Any, key: str) -> str:
    """Return the text of a row.

    Raises:
        TaskError: There is none, or the place of one.
    """
    if isinstance(value, str) and is_text(value):
        return value
    what = f"`{key}` has no text" if value is None else f"`{key}` is the place of its text"
    raise TaskError(f"{what}, and places in it are all that it has", reason="no-input")


def _marked(text: str, marks: list[Mark], links: Iterable[RelationLink]) -> Task:
    remarks: list[str] = []
    spans = spans_of_marks(text, marks, remarks)
    task = put_spans({"text": text}, spans, links, remarks)
    remark(task, *remarks)
    return task


def _with_classes(task: Task, chosen: dict[str, list[str]], typed: dict[str, Any]) -> Task:
    """Put the classes of a task's questions into it; of several each stands behind its name."""
    if not task["spans"] and (chosen or typed):
        del task["spans"]
    if chosen:
        several = len(chosen) > 1
        task["accept"] = [f"{name}: {each}" if several else each
                          for name, found in chosen.items() for each in found]  # fmt: skip
    if typed:
        task["meta"] = typed
    return task


def _with_id(task: Task, row: Row, keys: Iterable[str]) -> Task:
    name = next((row[key] for key in keys if isinstance(row.get(key), str | int)), None)
    if name is not None:
        task["meta"] = {"id": name, **task.get("meta", {})}
    return task


# UBIAI, with entities among its tokens


def is_ubiai(row: Row) -> bool:
    """Return whether an object has the form of UBIAI's."""
    tokens = objects(row.get("tokens"))
    return isinstance(row.get("document"), str) and any("entityLabel" in each for each in tokens)


def ubiai(row: Row) -> Iterator[Task]:
    """Yield the document."""
    marked = [each for each in entries(row, "tokens") if each.get("entityLabel")]
    spans = [place_span(e.get("start"), e.get("end"), e["entityLabel"]) for e in marked]
    task = text_task(row["document"], spans)
    name = row.get("documentName")
    if row.get("relations"):
        remark(task, left_out(len(row["relations"]), "relations"))
    yield {**task, "meta": {"id": name}} if name else task
