"""What shall be proposed from here on is kept for the annotator, and goes with the dataset."""

from __future__ import annotations

from pathlib import Path

from tests.session.support import Place
from tests.support.engines import open_store
from tui_annotate.session.context import propose


def test_what_is_proposed_outlives_the_program_and_not_the_dataset(tmp_path: Path) -> None:
    place = Place(tmp_path, ["Acme left."])
    with place.session() as session:
        for text, label in (("Acme", "LOC"), ("Acme", "ORG"), ("\ud800 x", "ORG")):
            propose(session.opened, text, label)
    with place.session() as again:
        assert again.opened.proposed["Acme"] == "ORG"
        assert len(again.opened.proposed) == 2
        propose(again.opened, "\ud800 x", "")
    with place.session() as again:
        assert again.opened.proposed == {"Acme": "ORG"}
    other = place.open(annotator="ben")
    assert other.opened.proposed == {}
    other.close()
    with open_store(place.database) as store, store.write_txn():
        dataset = store.admin.find_dataset("my_set")
        assert dataset is not None
        store.removal.dataset(dataset.id)
    with place.session() as anew:
        assert anew.opened.proposed == {}
