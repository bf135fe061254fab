"""Tables of platforms on which many people answer: what was shown and what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.test_files_of_others import read

pytestmark = pytest.mark.quick

TURK = (
    '"HITId","Title","WorkerId","Input.id","Input.text","Answer.sentiment"\n'
    '"H1","Which mood?","W1","1","I love it","positive"\n'
    '"H1","Which mood?","W2","1","I love it","neutral"\n'
)
ELEMENTS = (
    '"HITId","Title","WorkerId","Input.tweet","Answer.sentiment.label","Answer.note"\n'
    '"H1","Which mood?","W1","I love it","good","a note that somebody wrote about it, at length"\n'
)
BOXES = (
    '"Title","WorkerId","Input.text","Answer.good","Answer.bad"\n'
    '"Which mood?","W1","I love it","true","false"\n'
)
LISTS = (
    '"Title","WorkerId","Input.text","Answer.taskAnswers"\n'
    '"Which mood?","W1","I love it","[{""mood"":{""label"":""good""}}]"\n'
)
TOLOKA = (
    "INPUT:id\tINPUT:text\tGOLDEN:result\tOUTPUT:result\tASSIGNMENT:worker_id\n"
    "1\tI love it\t\tgood\tw1\n"
)


@pytest.mark.parametrize(
    ("name", "content", "accept", "told"),
    [
        ("a.csv", TURK, ["positive"], "`Answer.sentiment` is the class"),
        ("a.csv", ELEMENTS, ["good"], "`Answer.sentiment.label`"),
        ("a.csv", BOXES, ["Answer.good"], "`Answer.good`, `Answer.bad`"),
        ("a.csv", LISTS, None, "no class is taken from `Answer.taskAnswers`"),
        ("a.tsv", TOLOKA, ["good"], "`OUTPUT:result` is the class"),
    ],
)
def test_what_was_shown_is_the_text_and_what_was_said_the_class(
    tmp_path: Path, name: str, content: str, accept: list[str] | None, told: str
) -> None:
    found, _, said = read(tmp_path / name, content)
    assert found[0]["text"] == "I love it"
    assert found[0].get("accept") == accept
    assert told in said
    assert "--annotator-from" in said
