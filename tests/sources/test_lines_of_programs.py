"""Lines in a `.txt` that other programs wrote: read for what they are, or it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.test_files_of_others import read

pytestmark = pytest.mark.quick

SAID = {
    "AMR": ("# ::id 1\n# ::snt Ada left.\n(l / leave-01\n  :ARG0 (p / person))\n", "AMR"),
    "CCGbank": ("ID=w.1 PARSER=GOLD NUMPARSE=1\n(<T S 0 2> (<L NP N N Ada NP>))\n", "CCG"),
    "bAbI": ("1 Ada went home.\n2 Where is Ada? \thome\t1\n", "bAbI"),
    "subtitles": ("1\n00:00:01,000 --> 00:00:02,000\nAda left.\n", "subtitles"),
    "MUC": ("0.  MESSAGE: ID      TST1\n1.  MESSAGE: TEMPLATE   1\n", "MUC"),
    "VW": ("1 |text i love it\n-1 'id2 |text bad thing\n", "before `|`"),
    "CoNLL-2005": ("The     (A1*\nhouse     *)\nfell    (V*)\n", "brackets stand behind"),
    "CMeEE": ("Ada left|||0    3    per|||\nnone|||\n", "`|||`"),
    "SGML": ("<DOC>\n<TEXT>\nAda left.\n</TEXT>\n</DOC>\n", "--loader inline-xml"),
}


@pytest.mark.parametrize("program", SAID)
def test_lines_that_are_no_texts_are_said(tmp_path: Path, program: str) -> None:
    content, sign = SAID[program]
    _, _, told = read(tmp_path / "a.txt", content)
    assert sign in told
    assert "each line is read as one text" in told


PLAIN = """Ada went home. Where is she? At home, 1 of 2.
1. MESSAGE: read me first
<3 is a heart, and a|b is a choice
Is it so?
00:30 is half past midnight
"""


def test_nothing_is_said_of_plain_lines_that_have_one_such_sign(tmp_path: Path) -> None:
    found, _, told = read(tmp_path / "a.txt", PLAIN)
    assert len(found) == 5
    assert told == ""


def test_names_in_elements_in_a_txt_are_spans(tmp_path: Path) -> None:
    lines = '<ENAMEX TYPE="PERSON">Ada</ENAMEX> left.\nBo came.\n'
    found, _, told = read(tmp_path / "a.txt", lines)
    assert found == [{"text": "Ada left.", "spans": ["Ada:PERSON"]}, {"text": "Bo came."}]
    assert told.startswith("read as inline-xml")


def test_pairs_of_sentences_in_a_txt_are_a_table(tmp_path: Path) -> None:
    lines = "gold_label\tsentence1\tsentence2\tgenre\nneutral\tAda left\tShe is out\tslate\n"
    found, _, told = read(tmp_path / "dev.txt", lines)
    assert found == [{"text": "Ada left\nShe is out", "accept": ["neutral"]}]
    assert told.startswith("read as tsv")


def test_xml_of_values_is_no_text(tmp_path: Path) -> None:
    boxes = "<a><file>a.jpg</file><size><w>10</w><h>20</h></size></a>"
    found, reading, _ = read(tmp_path / "a.xml", f'<?xml version="1.0"?>{boxes}')
    assert found == []
    assert "hold values and no text" in reading.bad[0][1]
    triples = "<a><b>\n<c>Ada | home | Bonn</c>\n<d>Ada lives in Bonn.</d>\n<e>1</e>\n</b></a>"
    found, reading, _ = read(tmp_path / "c.xml", f'<?xml version="1.0"?>{triples}')
    assert found == []
    words = "<s><np><dt>The</dt> <nn>house</nn></np> <vp><v>fell</v></vp></s>"
    assert read(tmp_path / "b.xml", words)[0][0]["text"] == "The house fell"


FIRST = """#id=1
#text=Bell Labs in New York left .
1\tBell\t_\tNNP\tB_ORGpart|B_ORG|B_PER\t2\tNAME\t_\t_
2\tLabs\t_\tNNP\tI_ORGpart|I_ORG\t6\tSBJ\t_\t_
3\tin\t_\tIN\tO\t2\tADV\t_\t_
4\tNew\t_\tNNP\tB_LOC\t5\tNAME\t_\t_
5\tYork\t_\tNNP\tI_LOC\t3\tPMOD\t_\t_
6\tleft\t_\tVBD\tO\t0\tROOT\t_\t_
7\t.\t_\t.\tO\t6\tP\t_\t_

"""
SECOND = """# webanno.custom.Name | value
#id=1
#text=Ada met Bo Li .
1-1\tAda\tPER
1-2\tmet\tO
1-3\tBo\tPER
1-4\tLi\tPER
1-5\t.\tO

"""


@pytest.mark.parametrize(
    ("content", "spans"),
    [(FIRST, ["Bell Labs:ORG", "Bell Labs:ORGpart", "Bell:PER", "New York:LOC"]),
     (SECOND, ["Ada:PER", "Bo Li:PER"])],
)  # fmt: skip
def test_the_first_versions_of_webannos_tables_are_read(
    tmp_path: Path, content: str, spans: list[str]
) -> None:
    found, reading, _ = read(tmp_path / "a.tsv", content)
    assert not reading.bad
    assert found[0]["spans"] == spans


def test_tags_of_small_letters_behind_each_word_are_said(tmp_path: Path) -> None:
    _, _, told = read(tmp_path / "a.txt", "Ada/nr left/v ./w\nBo/nr came/v\n")
    assert "tag behind it" in told
