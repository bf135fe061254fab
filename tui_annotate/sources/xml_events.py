"""XML as a stream of events, without what makes XML dangerous.

Nothing is fetched, no entity is declared, and what a file says of its encoding is never used to
read its markup in another way than its text: a declared 8-bit encoding is decoded first.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from tui_annotate.errors import TaskError
from tui_annotate.fast_namedtuple import NamedTuple

REASON = "bad-xml"
_CHUNK = 64 * 1024
_DEEPEST = 200
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


class Event(NamedTuple):
    """One event: the start of an element, its end, or text.

    Attributes:
        kind: `start`, `end` or `text`.
        name: The element's name as it stands there, or the text.
        attributes: Of the element, at its start.
        size: Bytes that were read until then.
    """

    kind: str
    name: str
    attributes: Mapping[str, str] = MappingProxyType({})
    size: int = 0


def events(reader: BinaryIO) -> Iterator[Event]:
    """Yield the events of a file.

    Args:
        reader: The file, in UTF-8 or in the encoding that its first line declares.

    Raises:
        TaskError: `bad-xml`: it is not well-formed, or declares or uses entities of its own;
            `not-utf8`; `too-deep`.
    """
    found: list[Event] = []
    parser = _parser(found)
    first = reader.read(_CHUNK)
    decoder = _decoder(first)
    size, chunk = 0, first
    while True:
        size += len(chunk)
        try:
            parser.Parse(decoder.decode(chunk, final=not chunk).encode(), not chunk)
        except UnicodeDecodeError as error:
            raise TaskError(f"not valid {error.encoding}", reason="not-utf8") from None
        except expat.ExpatError as error:
            what = expat.errors.messages.get(error.code, "an error")
            place = f"line {error.lineno}, column {error.offset + 1}"
            raise TaskError(f"not well-formed XML ({what}, {place})", reason=REASON) from None
        yield from (each._replace(size=size) for each in found)
        found.clear()
        if not chunk:
            return
        chunk = reader.read(_CHUNK)


def _decoder(start: bytes) -> codecs.IncrementalDecoder:
    """Return what decodes a file: by its declaration where that names an 8-bit encoding."""
    declared = _DECLARED.match(start)
    name = declared[1].decode("ascii") if declared is not None else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        raise TaskError(f"the encoding {name!r} is not known", reason="not-utf8") from None
    # UTF-16 was decoded already, by its mark; UTF-7 and its like can hide markup.
    is_plain = known.startswith(("iso8859", "cp", "koi8", "ascii", "mac"))
    return codecs.getincrementaldecoder(known if is_plain else "utf-8")()


def _parser(found: list[Event]) -> Any:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise TaskError(f"elements lie more than {_DEEPEST} deep", reason="too-deep")
        found.append(Event("start", name, attributes))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        found.append(Event("end", name))

    def doctype(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:
            raise TaskError("it declares entities or elements of its own", reason=REASON)

    def refuse(*_: Any) -> Any:
        raise TaskError("it uses an entity that is declared elsewhere", reason=REASON)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: found.append(Event("text", text))
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = refuse
    parser.SkippedEntityHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


def elements(found: Iterator[Event], name: str, most: int) -> Iterator[Element]:
    """Yield each element of a name with all that is in it, as it is read.

    Args:
        found: The events of the file.
        name: The name.
        most: Bytes of the file that one element may be of.

    Raises:
        TaskError: As `events` does; `too-long` for an element of more bytes.
    """
    builder: TreeBuilder | None = None
    depth, since = 0, 0
    for kind, text, attributes, size in found:
        if builder is None:
            if kind != "start" or text != name:
                since = size
                continue
            builder = TreeBuilder()
        if size - since > most + _CHUNK:
            raise TaskError(f"longer than {most:,} bytes", reason="too-long")
        if kind == "start":
            depth += 1
            builder.start(text, dict(attributes))
        elif kind == "text":
            builder.data(text)
        else:
            depth -= 1
            builder.end(text)
            if depth == 0:
                yield builder.close()
                builder, since = None, size


def safe_xml(data: bytes) -> bytes:
    """Return a file in UTF-8 without its declaration, for libraries with a parser of their own.

    Raises:
        TaskError: As `events` does; `bad-xml` for any document type, too.
    """
    for _ in events(io.BytesIO(data)):
        pass
    text = _decoder(data).decode(data, final=True).lstrip("\ufeff")
    if "<!DOCTYPE" in text:
        raise TaskError("it names a document type, which is not read", reason=REASON)
    return re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL).encode()
