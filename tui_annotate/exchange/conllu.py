"""CoNLL-U: ten columns; the exact text in comments and `SpacesAfter`, spans in MISC as `NE=`."""

from __future__ import annotations

from pathlib import Path

from tui_annotate.errors import TaskError
from tui_annotate.exchange.document import Document
from tui_annotate.exchange.tasks import text_classes
from tui_annotate.exchange.token_tags import described_span, tags, written_tokens
from tui_annotate.exchange.writers import FormatSettings, TextWriter
from tui_annotate.task.jsonio import dumps
from tui_annotate.task.tokenize import Tokens

_ESCAPES = {" ": "\\s", "\t": "\\t", "\r": "\\r", "\n": "\\n", "|": "\\p", "\\": "\\\\"}


def open_conllu(path: Path, _settings: FormatSettings) -> TextWriter:
    """Write one sentence for each document."""
    return TextWriter(path, sentence)


def sentence(document: Document) -> str:
    """Return a document as one sentence, the empty line at its end included.

    `# text` has the text where it is one line, `# text_json` where it is not.

    Raises:
        TaskError: It has no tokens, or its spans do not fit them.
    """
    tokens = written_tokens(document)
    if not len(tokens):
        raise TaskError("it has no tokens", reason="no-tokens")
    spans = document.layers.spans or ()
    for span in spans:
        if "|" in span.label:
            raise TaskError(f"the label of {described_span(span)} holds a |", reason="bad-label")
    found = tags(spans, tokens, "iob2")
    return "".join([*_comments(document), *_words(document.text, tokens, found), "\n"])


def _comments(document: Document) -> list[str]:
    text = document.text
    one_line = text.split() == text.split(" ") and len(text.splitlines()) == 1
    lines = [f"# sent_id = {document.key.hex()}\n"]
    lines.append(f"# text = {text}\n" if one_line else f"# text_json = {dumps(text)}\n")
    if document.layers.cats:
        labels = text_classes(document)
        lines += [f"# label = {dumps(label)}\n" for label in labels] or ["# labels = []\n"]
    meta = document.answers[0].content.get("meta")
    if isinstance(meta, dict) and meta:
        lines.append(f"# meta_json = {dumps(meta)}\n")
    return lines


def _words(text: str, tokens: Tokens, tags_: list[str]) -> list[str]:
    following = [*list(tokens.starts)[1:], len(text)]
    lines = []
    for number, ((start, end), next_, tag) in enumerate(
        zip(tokens, following, tags_, strict=True), 1
    ):
        # Also where it is O: what is in no span was asked about as well.
        misc = [f"NE={tag}"]
        if number == 1 and start:
            misc.append(f"SpacesBefore={_escaped(text[:start])}")
        gap = text[end:next_]
        if number == len(tags_):
            gap = gap or " "
        if not gap:
            misc.append("SpaceAfter=No")
        elif gap != " ":
            misc.append(f"SpacesAfter={_escaped(gap)}")
        columns = f"{number}\t{text[start:end]}" + "\t_" * 7
        lines.append(f"{columns}\t{'|'.join(misc)}\n")
    return lines


def _escaped(space: str) -> str:
    return "".join(
        _ESCAPES.get(each) or (each if each.isprintable() else f"\\u{ord(each):04x}")
        for each in space
    )
