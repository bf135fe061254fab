"""HTML as readable text. The original stays in the task; this is only what is shown."""

from __future__ import annotations

import re
from html import unescape

from tui_annotate.waiting import here

_NAMES = """
address article aside blockquote dd details div dl dt fieldset figcaption figure footer form h1 h2
h3 h4 h5 h6 header hr li main nav ol p pre section summary table tr ul
"""
_BLOCKS = frozenset(_NAMES.split())
_NOT_SHOWN = frozenset({"script", "style", "template", "head", "title", "noscript"})
_VOID_NAMES = """
area base basefont bgsound br col command embed frame hr image img input isindex keygen link
menuitem meta nextid param source spacer track wbr
"""
_VOID = frozenset(_VOID_NAMES.split())
"""Elements that hold nothing: they end where they begin."""

_LEFT_OUT = {"<!--": "-->", "<![CDATA[": "]]>"}
"""What is left out to a sign of its own, and that sign; all else that begins so ends with `>`."""

_RAW = frozenset({"script", "style"})
"""Elements in which nothing is a tag but their own end."""

_TAG = re.compile(r"""<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*+)>""")
_BROKEN_TAG = re.compile(r"<([a-zA-Z][^\s/>]*)([^>]*)>")
_END_TAG = re.compile(r"</([a-zA-Z][^\s/>]*)[^>]*>")
_ATTRIBUTE = re.compile(r"""([^\s=/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s]*))?""")

_BLANKS = re.compile(r"\s+")

_BATCH = 1 << 10
"""Tags between which the work can be given up."""


def readable(html: str) -> str:
    """Return the text of HTML: one paragraph a block, bullets for items, cells apart.

    Entities are resolved; what a browser would not show (scripts, styles, comments) is left out;
    pictures give their `alt` text, links their address where that is not what they show. What is
    not closed ends with what it stands in, however deep.

    Raises:
        Abandoned: Nobody waits for it any more.
    """
    reader = _Reader(html)
    waiting = here()
    with waiting.on("reading HTML", of=len(html), unit="characters"):
        while reader.goes_on:
            waiting.at(reader.position)
            reader.read(_BATCH)
    return reader.text()


class _Reader:
    """Writes down what is shown of HTML while it is read; nothing is kept of its tree.

    Args:
        html: What is read.

    Attributes:
        position: Up to where it is read.
    """

    def __init__(self, html: str) -> None:
        self._html = html
        self._last_end = html.rfind(">")
        self.position = 0
        self._parts: list[str] = []
        self._data: list[str] = []
        self._open: list[str] = []
        self._counts: dict[str, int] = {}
        self._links: list[tuple[str, int, int]] = []
        self._shown: list[str] = []
        self._length = self._hidden = 0

    @property
    def goes_on(self) -> bool:
        """Whether there is more to be read."""
        return self.position < len(self._html)

    def read(self, tags: int) -> None:
        """Read as far as some tags go."""
        for _ in range(tags):
            if self._html.startswith("<", self.position):
                self.position = self._markup(self.position)
            else:
                found = self._html.find("<", self.position)
                end = len(self._html) if found < 0 else found
                self._data.append(unescape(self._html[self.position : end]))
                self.position = end
            if not self.goes_on:
                return

    def _markup(self, at: int) -> int:
        """Read what begins with `<`; return where it ends."""
        html = self._html
        # No tag ends behind here. To look for the end of each `<` all the same would take a time
        # that grows with the square of their number.
        if at > self._last_end:
            self._data.append(unescape(html[at:]))
            return len(html)
        if html.startswith(("<!", "<?"), at):
            self._write_data()  # as all that is left out, it parts the text around it
            begins = next((each for each in _LEFT_OUT if html.startswith(each, at)), "<!")
            ends = _LEFT_OUT.get(begins, ">")
            end = html.find(ends, at + len(begins))
            return len(html) if end < 0 else end + len(ends)
        if match := _END_TAG.match(html, at):
            self._end(match[1].lower())
            return match.end()
        # A quote that is never closed would take all that follows into the tag.
        match = _TAG.match(html, at) or _BROKEN_TAG.match(html, at)
        if match is None:
            self._data.append("<")
            return at + 1
        tag, rest = match[1].lower(), match[2]
        self._start(tag, rest)
        if rest.endswith("/"):
            self._end(tag)
        elif tag in _RAW:
            # Its end tag is read as one with the next call; what stands before it is no text.
            found = re.compile(f"</{tag}", re.IGNORECASE).search(html, match.end())
            return len(html) if found is None else found.start()
        return match.end()

    def text(self) -> str:
        """Return what was written down, without blanks around lines and blocks."""
        self._close_down_to(0)
        text = "".join(self._parts)
        lines = [line.strip(" \t") if "\x00" not in line else line for line in text.split("\n")]
        joined = "\n".join(lines).replace("\x00", " ")
        return re.sub(r"\n{3,}", "\n\n", joined).strip("\n")

    def _start(self, tag: str, rest: str) -> None:
        """Begin an element."""
        self._write_data()
        given = _attributes(rest) if tag in ("a", "img") else {}
        if not self._hidden:
            self._begin(tag, given)
        if tag in _VOID:
            return
        self._open.append(tag)
        self._hidden += tag in _NOT_SHOWN
        self._counts[tag] = self._counts.get(tag, 0) + 1
        if tag == "a":
            self._links.append((given.get("href", ""), self._length, len(self._shown)))

    def _end(self, tag: str) -> None:
        """End an element, and those in it that were not ended; what was not begun is nothing."""
        self._write_data()
        if self._counts.get(tag):
            at = len(self._open) - 1
            while self._open[at] != tag:
                at -= 1
            self._close_down_to(at)

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "br":
            self._parts.append("\n")
        elif tag == "img":
            name = given.get("alt") or given.get("src") or "without a name"
            self._parts.append(f"[picture: {name}]")
        elif tag in _BLOCKS:
            self._new_line()
            if tag == "li":
                self._parts.append("* ")

    def _close_down_to(self, depth: int) -> None:
        self._write_data()
        while len(self._open) > depth:
            tag = self._open.pop()
            self._counts[tag] -= 1
            self._hidden -= tag in _NOT_SHOWN
            link = self._links.pop() if tag == "a" else None
            if self._hidden or tag in _NOT_SHOWN:
                continue
            if tag in ("td", "th"):
                self._parts.append("\x00\x00")
            if link is not None:
                self._write_address(*link)
            if tag in _BLOCKS:
                self._new_line()

    def _write_address(self, href: str, length: int, first: int) -> None:
        if not href.startswith(("http://", "https://")):
            return
        same = self._length - length == len(href) and "".join(self._shown[first:]) == href
        if not same:
            self._parts.append(f" <{href}>")

    def _write_data(self) -> None:
        if not self._data:
            return
        text, self._data = "".join(self._data), []
        if self._hidden:
            return
        if self._links:
            self._shown.append(text)
            self._length += len(text)
        elif self._shown:
            self._shown = []
        as_it_is = self._counts.get("pre")
        self._parts.append(text.replace(" ", "\x00") if as_it_is else _BLANKS.sub(" ", text))

    def _new_line(self) -> None:
        last = next((part for part in reversed(self._parts[-3:]) if part), "\n")
        if not last.endswith("\n"):
            self._parts.append("\n")


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes that stand in a tag; of equal ones the first."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        bare = value[1:-1] if value[:1] in ('"', "'") else value
        found.setdefault(name.lower(), unescape(bare))
    return found
