"""One token a line, sentences separated by blank lines: CoNLL in all its shapes, and CoNLL-U."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from tui_annotate.errors import SourceError, TaskError
from tui_annotate.sources.base import DEFAULT_LIMITS, START, Limits, Position, Source, left_out
from tui_annotate.sources.blank_line_records import BlockSource, LineRecord
from tui_annotate.sources.conll_columns import DOCUMENT, LAYERS, Shape, find_shape
from tui_annotate.sources.relation_links import relation_of
from tui_annotate.sources.tag_schemes import OUTSIDE, Scheme
from tui_annotate.sources.tagged_words import are_tags
from tui_annotate.sources.text_field import Fields
from tui_annotate.sources.token_tasks import (
    bracket_spans,
    bracketed_mentions,
    join,
    numbered_spans,
    place,
    spans_of,
)
from tui_annotate.task.jsonio import loads_value

_COMMENT = re.compile(r"# ?([A-Za-z_][\w. ]*?) ?= ?(.*)")
# As MultiCoNER has it: `# id 5239d808  domain=en`.
_NAMED_ID = re.compile(r"# ?id[ \t]+(\S+)[ \t]+(\w+)=(\S+)[ \t]*")
_MARK = re.compile(r"#(?:begin|end) document\b.*")
_RELATION = r"\d{1,9};\d{1,9};\d{1,9};\d{1,9};[^|;]+"
_RELATIONS = re.compile(rf"{_RELATION}(?:\|{_RELATION})*")
_UNKNOWN = "_"
_NAMES = {2: "lemma", 3: "pos", 4: "tag", 5: "morph", 7: "dep"}
_COLUMNS = 10
_PLUS = "# global.columns"
_TEN = "ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC"
_LOOKED_AT = 1 << 20
"""Bytes from the start of a file that tell its shape."""

_SENTENCES = 200
"""Sentences of a pipe that tell its shape; they are kept until they are read."""

Surface = list[tuple[list[str], list[list[str]]]]
"""For each word its line, and the lines of the words inside it."""

_ENTITY, _ENTITY_FIELDS = "entity", "global.Entity"
_TAG_NAMES = ("ne", "ner", "name", "nertag", "ner_tag", "bio", "iob", "")
_OTHER_COLUMNS = (4, 8, 3, 5)
_GLUED = re.compile(r"(?:^|\|)(?:SpaceAfter=No|NoSpaceAfter)(?:\||$)")


class ConllSource(BlockSource):
    """Reads a token a line, in columns whose shape is found once from the first lines.

    A comment `# text = ...` gives the text itself; otherwise tokens are joined by spaces. Other
    comments of this form go to `meta` by their names, all others to `meta.comment`.

    Raises:
        SourceError: The shape is not known, or no column holds tags.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fields: Fields | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, fields, limits)
        self._shape: Shape | None = None
        if self.seekable:
            self._shape = self._find(_first(super().blocks(START)))

    @property
    def told(self) -> str:
        """What people should know of how the file is read; empty for nothing."""
        if self._shape is None:
            return ""
        bare = any(scheme == "bare" for _, scheme in self._shape.tags)
        return self._shape.told or ("its tags have no label; ENTITY is taken" if bare else "")

    def blocks(self, start: Position) -> Iterator[LineRecord]:
        """Yield the sentences; those of a pipe are looked at first."""
        blocks = super().blocks(start)
        if self._shape is None:
            kept = list(islice(blocks, _SENTENCES))
            self._shape = self._find(kept)
            blocks = chain(kept, blocks)
        return blocks

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return a sentence; None for the mark between documents."""
        shape = self._shape
        assert shape is not None
        comments, rows = _lines(block, shape)
        if shape.counter is not None:
            surface = _surface(rows, notices, shape)
        else:
            surface = [(row, []) for row in rows]
        kept = [each for each in surface if _has_token(each[0], shape)]
        if not kept:
            return None
        words = [shape.word(row) for row, _ in kept]
        text = comments.pop("text", None)
        tokens = place(words, text, [bool(_GLUED.search(row[-1])) for row, _ in kept])
        task: dict[str, Any] = {"text": join(tokens) if text is None else text, "tokens": tokens}
        spans: list[dict[str, Any]] = []
        for at, scheme in shape.tags:
            tags = [_tag(row, inside, at) for row, inside in kept]
            if scheme == "numbered":
                cells = [
                    ";".join(each[at].strip() for each in (row, *within)) for row, within in kept
                ]
                spans += numbered_spans(cells, tokens)
            elif scheme == "brackets":
                spans += bracket_spans(tags, tokens)
            elif scheme == "chains":
                spans += bracketed_mentions([tag.replace("|", "") for tag in tags], tokens, ())
            else:
                spans += spans_of(tags, tokens, scheme)
        task["spans"] = _sorted(spans)
        _take_relations(task, comments, notices)
        return _with_meta(task, comments)

    def _find(self, blocks: Iterable[LineRecord]) -> Shape:
        lines = [[line.decode("utf-8", "replace") for line in block.lines] for block in blocks]
        return find_shape(lines, self.fields.tag_columns, self.name)


class ConlluSource(BlockSource):
    """Reads CoNLL-U. Tokens carry lemma, pos, tag, morph and dep.

    MISC gives spans as `NE=B-PER` or `name=B-PER`, or as mentions of `Entity=(e1-person-1)`, and
    `SpaceAfter=No`; where it has no tags, another column may. Comments `# text_json` and
    `# label`, as JSON strings, give a text of several lines and chosen labels, `# meta_json` an
    object for `meta`.
    """

    entity_fields: tuple[str, ...] = ()
    """What the parts of an `Entity` are called, as the file's first sentence says."""

    def parse(self, block: list[str], notices: list[str]) -> dict[str, Any] | None:
        """Return a sentence; None for a block of comments."""
        comments: dict[str, str] = {}
        lines = [row.split("\t") for row in block if not _take_comment(row, comments)]
        if not lines:
            return None
        _check_columns(lines, notices)
        surface = _surface(lines, notices)
        task = _text_and_tokens(surface, comments)
        spans = self._spans(surface, task["tokens"])
        if spans is not None:
            task["spans"] = spans
        chosen = _chosen(comments)
        if chosen is not None:
            task["accept"] = chosen
        _take_relations(task, comments, notices)
        return _with_meta(task, comments)

    def _spans(self, surface: Surface, tokens: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """Return the spans of a sentence, of tags and of entities; None where it has neither."""
        tags = _named_tags(surface)
        entities = [_entity(line, inside) for line, inside in surface]
        has_entities = any(entities) or bool(self.entity_fields)
        found: list[dict[str, Any]] = []
        if tags:
            scheme: Scheme = "prefixed" if any("-" in tag for tag in tags) else "labels"
            found = spans_of([tag or "O" for tag in tags], tokens, scheme)
        if has_entities:
            return _sorted([*found, *bracketed_mentions(entities, tokens, self.entity_fields)])
        return found if tags else None


def _check_columns(lines: list[list[str]], notices: list[str]) -> None:
    """Raise for a line with fewer than ten columns, and remark on those behind the tenth."""
    for line in lines:
        if len(line) < _COLUMNS:
            what = f"{len(line)} columns, not {_COLUMNS}, in {chr(9).join(line)[:40]!r}"
            raise TaskError(what, reason="not-conllu")
    filled = {at for line in lines for at, cell in enumerate(line) if cell}
    further = sum(at >= _COLUMNS for at in filled)
    if further:
        # As PropBank's files have them, for each predicate of a sentence.
        notices.append(f"its {further} columns behind the tenth are left out")


def _text_and_tokens(surface: Surface, comments: dict[str, str]) -> dict[str, Any]:
    """Return the text of a sentence, which a comment may say, and its tokens; the comment goes."""
    text = comments.pop("text", None)
    if "text_json" in comments:
        text = _string(comments.pop("text_json"))
    glued = [_misc(line[9]).get("spaceafter") == "No" for line, _ in surface]
    tokens = place([line[1] for line, _ in surface], text, glued)
    for token, (line, _) in zip(tokens, surface, strict=True):
        token.update({_NAMES[at]: line[at] for at in _NAMES if line[at] != _UNKNOWN})
    return {"text": join(tokens) if text is None else text, "tokens": tokens}


def _chosen(comments: dict[str, str]) -> list[str] | None:
    """Return the labels that comments say were chosen; None where they say nothing. They go."""
    if all(_is_string(each) for each in comments.get("label", "-").split("\n")):
        return [_string(each) for each in comments.pop("label").split("\n")]
    if comments.get("labels") == "[]":
        del comments["labels"]
        return []
    return None


def open_conllu(path: str, fields: Fields, limits: Limits) -> Source:
    """Open a file of CoNLL-U, or of CoNLL-U Plus, whose first line names other columns.

    Raises:
        SourceError: The file cannot be read, or names no column of tags.
    """
    source = ConlluSource(path, fields, limits)
    if not source.seekable:
        return source
    first = next(iter(source.blocks(START)), None)
    lines = [line.decode("utf-8", "replace") for line in first.lines] if first else []
    named = [line for line in lines if line.startswith(_PLUS)]
    plus = bool(named) and named[0].partition("=")[2].split() != _TEN.split()
    if plus or fields.tag_columns:
        return ConllSource(path, fields, limits)
    for line in lines:
        said = _COMMENT.fullmatch(line)
        if said is not None and said[1] == _ENTITY_FIELDS:
            source.entity_fields = tuple(said[2].split("-"))
    if not any(line.count("\t") >= _COLUMNS - 1 for line in lines):
        # Many files of other columns have this ending.
        with suppress(SourceError):
            return ConllSource(path, fields, limits)
    return source


def _first(blocks: Iterable[LineRecord]) -> Iterator[LineRecord]:
    """Yield the blocks at the start of a file."""
    for block in blocks:
        yield block
        if block.end.offset > _LOOKED_AT:
            return


def _lines(block: list[str], shape: Shape) -> tuple[dict[str, str], list[list[str]]]:
    """Return the comments of a sentence by name, and the cells of its tokens.

    A comment begins with `#`, stands before the first token and has no token's columns. Between
    tokens it has to be of the form `# name = value`, or a mark of CoNLL-2012:

        # text = Ada left
        #begin document (bc/cctv/00); part 000
        # just a remark

    Raises:
        TaskError: `bad-columns`: a line has another number of columns.
    """
    comments: dict[str, str] = {}
    rows: list[list[str]] = []
    for line in block:
        cells = shape.cells(line)
        says_layers = line.lstrip().startswith((DOCUMENT, LAYERS))
        if says_layers or tuple(cells) == shape.header:
            continue
        # WebAnno TSV 2 has its layers behind ` # `.
        unindented = line[1:] if line.startswith(" #") else line
        # A token may begin with `#` too; only its columns tell it from a comment.
        if unindented.startswith("#") and not shape.is_token_line(cells):
            line = unindented
            is_named = _COMMENT.fullmatch(line) or _MARK.fullmatch(line)
            # Behind tokens a bare `#` is rather a token whose tag is missing, which is told.
            if (is_named or not rows) and _take_comment(line, comments):
                continue
        if not shape.fits(cells):
            is_blank_token = line[:1] in " \t" and len(cells) == shape.width - 1
            if is_blank_token and OUTSIDE.issuperset(cells):
                continue
            what = f"{len(cells)} columns, not {shape.width}, in {line[:40]!r}"
            raise TaskError(what, reason="bad-columns")
        rows.append(cells)
    comments.pop("global.columns", None)
    return comments, rows


def _take_comment(line: str, comments: dict[str, str]) -> bool:
    """Put a line that begins with `#` among the comments; tell whether it is one."""
    if not line.startswith("#"):
        return False
    named = _NAMED_ID.fullmatch(line)
    if named is not None:
        comments |= {"id": named[1], named[2]: named[3]}
        return True
    found = _COMMENT.fullmatch(line)
    name, value = (found[1], found[2]) if found else ("comment", line[1:].strip())
    if value or found:
        comments[name] = f"{comments[name]}\n{value}" if name in comments else value
    return True


def _has_token(row: list[str], shape: Shape) -> bool:
    """Tell whether a line has a token; one of white space that is in no span is left out.

    Raises:
        TaskError: `bad-tag`: there is no token, but a tag.
    """
    if row[shape.token].strip():
        return True
    tags = [row[at].strip() for at, _ in shape.tags]
    if not OUTSIDE.issuperset(tags) and set(tags) != {"*"}:
        raise TaskError(f"the tag {tags[0][:40]!r} has no token", reason="bad-tag")
    return False


def _surface(lines: list[list[str]], notices: list[str], shape: Shape | None = None) -> Surface:
    """Return the words as they stand in the text: a range in place of the words inside it.

    Returns:
        For each word its line, and the lines of the words inside it.
    """
    found: Surface = []
    token = shape.token if shape else 1
    last_inside = 0
    for line in lines:
        first, _, last = line[0].strip().partition("-")
        try:
            if "." in line[0]:
                continue
            number = int(first)
            if last:
                last_inside = int(last)
                notices.append(f"the words of {line[token][:40]!r} are read as one token")
                found.append((line, []))
            elif 0 < number <= last_inside:
                found[-1][1].append(line)
            else:
                found.append((line, []))
        except ValueError:
            raise TaskError(f"{line[0][:40]!r} is no token id", reason="not-conllu") from None
    return found


def _tag(row: list[str], inside: list[list[str]], at: int) -> str:
    """Return the tag of a word, or of the first word inside it that has one."""
    tags = [each[at].strip() for each in (row, *inside)]
    return next((tag for tag in tags if tag not in OUTSIDE), tags[0])


def _named_tags(surface: Surface) -> list[str]:
    """Return the tags of words, or of the first word inside each that has one; none for no tags.

    They stand in MISC under a usual name, under any name or without one where they all are tags,
    or alone in another column.
    """
    misc = [[_misc(each[9]) for each in (line, *inside)] for line, inside in surface]
    names = [*_TAG_NAMES, *dict.fromkeys(key for group in misc for each in group for key in each)]
    for name in names:
        if name == _ENTITY:
            continue
        cells = [[each.get(name, "") for each in group] for group in misc]
        tags = [_first_tag(each) for each in cells]
        tagged = [tag for tag in tags if tag]
        # A name that is not known for it has a tag at every word: `O` is written out then.
        usual = name in _TAG_NAMES or len(tagged) == len(tags)
        if tagged and usual and (name in _TAG_NAMES[:2] or are_tags(tagged)):
            return tags
    for at in _OTHER_COLUMNS:
        tags = [_first_tag([each[at] for each in (line, *inside)]) for line, inside in surface]
        if are_tags(tags):
            return tags
    return []


def _first_tag(cells: list[str]) -> str:
    return next((cell for cell in cells if cell not in OUTSIDE), cells[0])


def _entity(line: list[str], inside: list[list[str]]) -> str:
    """Return what a word, or the words inside it, open and close of mentions."""
    return "".join(_misc(each[9]).get(_ENTITY, "") for each in (line, *inside))


def _sorted(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the spans of all columns in order, equal ones once."""
    found = sorted(spans, key=lambda span: (span["start"], -span["end"], span["label"]))
    return [span for number, span in enumerate(found) if number == 0 or span != found[number - 1]]


def _take_relations(task: dict[str, Any], comments: dict[str, str], notices: list[str]) -> None:
    """Make relations of a comment `# relations = 7;7;1;2;founded_by`, as Flair has it: first and
    last word of the head, those of the child, counted from 1, and the label. Those between other
    things than spans are counted."""
    said = _RELATIONS.fullmatch(comments.get("relations", ""))
    if said is None:
        return
    spans = {(span["token_start"], span["token_end"]): span for span in task.get("spans", ())}
    links = []
    listed = comments.pop("relations").split("|")
    for each in listed:
        *places, label = each.split(";", 4)
        first, last, other, end = (int(number) - 1 for number in places)
        head, child = spans.get((first, last)), spans.get((other, end))
        if head is not None and child is not None:
            links.append(relation_of(head, child, label))
    task["relations"] = links
    if len(links) < len(listed):
        notices.append(left_out(len(listed) - len(links), "relations without two entities"))


def _is_string(text: str) -> bool:
    """Tell whether a comment holds JSON of a string, as our own exports do."""
    try:
        return isinstance(loads_value(text), str)
    except TaskError:
        return False


def _string(text: str) -> str:
    value = loads_value(text)
    return value if isinstance(value, str) else text


def _misc(text: str) -> dict[str, str]:
    """Return the pairs of a MISC column, their names in lower case; a tag that stands there alone
    has an empty one."""
    parts = (part.partition("=") for part in text.split("|"))
    return {key.lower() if mark else "": value if mark else key for key, mark, value in parts}


def _with_meta(task: dict[str, Any], comments: dict[str, str]) -> dict[str, Any]:
    """Put the comments into `meta`, under what a comment `meta_json` holds."""
    meta = loads_value(comments.pop("meta_json", "{}"))
    found = {**comments, **meta} if isinstance(meta, dict) else comments
    return task | {"meta": found} if found else task
