from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_annotate.text.characters import (
    _APART,
    boundaries,
    grapheme_start,
    next_boundary,
    previous_boundary,
    split,
)

pytestmark = pytest.mark.quick

STICKY = "a \r\n\t\u0301\u200d\ufe0f👩🏽❤🇩🇪ᄀ\u1161\u11a8가각क\u094dष\u093e\u0600\u0d4eກ\u0eb3中"
sticky_text = st.text(alphabet=st.one_of(st.sampled_from(STICKY), st.characters()), max_size=30)


@pytest.mark.parametrize(
    ("text", "graphemes"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("a\r\n\nb\r", ["a", "\r\n", "\n", "b", "\r"]),
        ("e\u0301é", ["e\u0301", "é"]),
        ("👨\u200d👩\u200d👧👨", ["👨\u200d👩\u200d👧", "👨"]),
        ("🇩🇪🇫🇷🇮", ["🇩🇪", "🇫🇷", "🇮"]),
        ("क्षत्रि", ["क्ष", "त्रि"]),
        ("각\u1100\u1161", ["각", "\u1100\u1161"]),
        ("1\ufe0f\u20e31", ["1\ufe0f\u20e3", "1"]),
    ],
)
def test_examples(text: str, graphemes: list[str]) -> None:
    assert split(text) == graphemes
    starts = list(boundaries(text))
    assert [text[a:b] for a, b in pairwise(starts)] == graphemes


@settings(max_examples=200)
@given(sticky_text)
def test_steps_agree_with_the_boundaries_of_the_whole_text(text: str) -> None:
    marks = list(boundaries(text))
    assert marks == sorted(set(marks))
    assert (marks[0], marks[-1]) == (0, len(text))
    assert "".join(split(text)) == text
    for offset in range(-1, len(text) + 2):
        assert next_boundary(text, offset) == min([m for m in marks if m > offset] or [len(text)])
        assert previous_boundary(text, offset) == max([m for m in marks if m < offset] or [0])
        held = max([m for m in marks if m <= offset] or [0])
        assert grapheme_start(text, offset) == held


def test_characters_that_are_parted_without_regex_are_graphemes_of_their_own() -> None:
    apart = [each for each in map(chr, range(0x3000)) if _APART.fullmatch(each)]
    assert {*"aé–…→─▏"} < {*apart}
    text = "".join(apart)
    assert regex.findall(r"\X", text + text[::-1]) == [*apart, *reversed(apart)]
    # By their kind nothing can cling to them but what is not among them.
    alone = regex.compile(r"[\p{GCB=Other}\p{GCB=LF}]")
    assert not [each for each in apart if alone.fullmatch(each) is None]


def test_flags_are_paired_from_the_start_of_their_run() -> None:
    text = "x" + "🇩🇪" * 5
    assert [next_boundary(text, offset) for offset in range(1, 11)] == [
        3, 3, 5, 5, 7, 7, 9, 9, 11, 11,
    ]  # fmt: skip


def test_ascii_does_without_the_regex_package() -> None:
    program = (
        "import sys\n"
        "from tui_annotate.task.tokenize import characters, tokenize\n"
        "from tui_annotate.text.characters import boundaries, next_boundary\n"
        "from tui_annotate.text.safe import safe_line\n"
        "from tui_annotate.text.wrap import Layout\n"
        "text = 'A line,\\r\\nand \\x1b another.'\n"
        "boundaries(text), next_boundary(text, 7), safe_line(text, 9), tokenize(text)\n"
        "characters(text), Layout(text, 5)[0]\n"
        "assert 'regex' not in sys.modules\n"
        "boundaries('e\\u0301')\n"
        "assert 'regex' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
