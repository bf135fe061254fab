"""A session that is opened before a face asks for it is the one that the face gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.support import Place, make_job
from tests.support.engines import open_store
from tui_annotate.errors import StoreError
from tui_annotate.session.context import SourceReading
from tui_annotate.session.face_switch import FaceSwitch

pytestmark = pytest.mark.quick


def handover(place: Place, database: Path | None = None) -> FaceSwitch:
    return FaceSwitch(make_job(place.source), database or place.database, "anna", SourceReading())


def test_the_face_gets_the_session_that_was_begun_and_is_told_of_waits(tmp_path: Path) -> None:
    place = Place(tmp_path, ["One.", "Two."])
    work = handover(place)
    work.begin()
    told: list[str] = []
    session = work.open(told.append)
    assert work.open(told.append) is session
    item = session.start()
    assert item is not None
    assert item.task["text"] == "One."
    with open_store(place.database) as other, other.write_txn():
        session._store._connection.timeout = 0.5
        with pytest.raises(StoreError):
            session.decide("accept", item.task)
    assert told
    session.close()


def test_what_failed_is_said_to_the_face_once_and_can_be_tried_again(tmp_path: Path) -> None:
    place = Place(tmp_path, ["One."])
    folder = tmp_path / "folder"
    folder.mkdir()
    work = handover(place, folder)
    work.begin()
    for _ in range(2):
        with pytest.raises(StoreError):
            work.open(lambda _: None)
    work.close()


def test_a_session_that_no_face_took_ends_in_order(tmp_path: Path) -> None:
    place = Place(tmp_path, ["One."])
    work = handover(place)
    work.begin()
    work.close()
    with place.store() as store:
        visit = store.visits.newest(1)
    assert visit is not None
    assert visit.closed_at is not None
