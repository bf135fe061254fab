"""Small files of marks with their texts beside them, for the run over broken files."""

from __future__ import annotations

from collections.abc import Iterator

_NOTE = "👍 No fever.\nAda met Bo in Bonn.\n"
_BESIDE = {
    "knowtator": {
        "a.txt.knowtator.xml": "<annotations textSource='a.txt'><annotation><mention id='1'/>"
        "<span start='3' end='8'/><spannedText>fever</spannedText></annotation><classMention"
        " id='1'><hasSlotMention id='s'/><mentionClass id='X'/></classMention><stringSlotMention"
        " id='s'><mentionSlot id='n'/><stringSlotMentionValue value='1'/></stringSlotMention>"
        "</annotations>",
        "a.txt": _NOTE,
    },
    "anafora": {
        "a.T.Bo.completed.xml": "<data><schema>T</schema><annotations><entity><id>1</id><span>5,10"
        ";12,15</span><type>E</type><properties><A>2</A></properties></entity><entity><id>2</id>"
        "<span>12,15</span><type>P</type></entity><relation><id>3</id><type>R</type><properties>"
        "<S>1</S><T>2</T></properties></relation></annotations></data>",
        "a": _NOTE,
    },
    "i2b2": {
        "a.con": 'c="fever." 1:2 1:2||t="problem"\nc="ada met" 2:0 2:1||t="x"\n',
        "a.txt": _NOTE,
        "a.rel": 'c="fever." 1:2 1:2||r="R"||c="ada met" 2:0 2:1\n',
    },
}
"""Files of marks, each with the text beside it."""


def marks_beside() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield each loader with its files; the first one is opened."""
    for loader, files in _BESIDE.items():
        yield loader, {name: content.encode() for name, content in files.items()}
