"""The counts of the index for searches are the same whichever way the answers came into it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_annotate.errors import StoreUnavailable
from tui_annotate.store.answer_index import AnswerIndex, IndexQuery, forget_index, index_file
from tui_annotate.store.answer_index_filling import IndexEntry, Surface

pytestmark = pytest.mark.quick

COUNTS = {
    "periods": "SELECT * FROM periods ORDER BY 1, 2, 3",
    "labels": "SELECT * FROM label_counts ORDER BY 1, 2",
    "forms": "SELECT f.surface, f.form, f.label, x.session, c.decision, c.flagged, c.n FROM forms f"
    " LEFT JOIN form_counts c ON c.form = f.id LEFT JOIN sessions x ON x.id = c.session"
    " ORDER BY 1, 2, 3, 4, 5, 6",
    "marked": "SELECT f.form, f.label, s.entry, s.n FROM surfaces s JOIN forms f ON f.id = s.form"
    " ORDER BY 1, 2, 3",
    "pairs": "SELECT * FROM pairs ORDER BY 1, 2",
    "guidelines": "SELECT * FROM guidelines ORDER BY 1",
    "given": "SELECT * FROM labels ORDER BY 1, 2",
    "contradicted": "SELECT * FROM contradicted ORDER BY 1",
}

answers = st.tuples(
    st.integers(0, 3),  # input
    st.sampled_from([b"yes", b"no", None]),
    st.integers(0, 2),  # session
    st.sampled_from(["accept", "reject", "ignore"]),
    st.booleans(),
    st.integers(0, 4000),
    st.none() | st.integers(1, 500),
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("XY")), max_size=4),
    st.none() | st.integers(1, 2),  # version of the guidelines
    st.none() | st.integers(0, 9),  # which of the answers that stand it takes the place of
)


def entry(number: int, answer: tuple) -> IndexEntry:  # type: ignore[type-arg]
    question, said, session, decision, flagged, at, ms, marks, guideline, _ = answer
    labels = {label: sum(each[1] == label for each in marks) for _, label in marks}
    return IndexEntry(
        number, bytes([question]), b"q", said, f"s{session}", f"ann{session}", decision, flagged,
        at, ms, ms, bool(ms and ms < 100), f"text {number}", labels,
        tuple(Surface(form, label, form) for form, label in marks), guideline,
    )  # fmt: skip


def counts(index: AnswerIndex) -> dict[str, list[tuple[object, ...]]]:
    return {name: index._db.execute(sql).fetchall() for name, sql in COUNTS.items()}


searches = st.builds(
    IndexQuery,
    text=st.sampled_from(["", "text", "text 7", "other"]),
    surface=st.sampled_from([None, None, "a", "b", "c"]),
    labels=st.sampled_from([(), (), ("X",), ("X", "Y"), ("Z",)]),
    sessions=st.sampled_from([(), (), ("s0",), ("s1", "s2"), ("s9",)]),
    decisions=st.sampled_from([(), (), ("accept",), ("reject", "ignore")]),
    flagged=st.booleans(),
    disagree=st.booleans(),
)


def is_wanted(each: IndexEntry, wanted: IndexQuery, every: Collection[IndexEntry]) -> bool:
    marked = [
        mark
        for mark in each.surfaces
        if mark.folded == wanted.surface and mark.label in (wanted.labels or "XY")
    ]
    contradicted = any(
        other.input == each.input and other.said is not None and other.said != each.said
        and other.annotator != each.annotator
        for other in every
    )  # fmt: skip
    return (
        wanted.text in each.text
        and (bool(marked) if wanted.surface is not None else
             not wanted.labels or any(label in each.labels for label in wanted.labels))
        and (not wanted.sessions or each.session in wanted.sessions)
        and (not wanted.decisions or each.decision in wanted.decisions)
        and (not wanted.flagged or each.flagged)
        and (not wanted.disagree or (each.said is not None and contradicted))
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    given=st.lists(answers, max_size=25),
    wanted=st.lists(searches, min_size=4, max_size=4),
    few=st.sampled_from([0, 3, 1000]),
)
def test_a_search_finds_what_is_wanted_whichever_way_it_looks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Sequence[tuple],  # type: ignore[type-arg]
    wanted: Sequence[IndexQuery],
    few: int,
) -> None:
    monkeypatch.setattr("tui_annotate.store.answer_index._FEW", few)
    monkeypatch.setattr("tui_annotate.store.answer_index_filling._PART", 5)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget_index(tmp_path / "a.db", "set")
    with closing(AnswerIndex(tmp_path / "a.db", "set")) as index:
        entries = [entry(number, answer) for number, answer in enumerate(given, 1)]
        index.add(entries, [], len(entries), b"", after=0)
        index.complete()
        for each in wanted:
            meant = [one.id for one in reversed(entries) if is_wanted(one, each, entries)]
            found = list(index.search(each))
            if each.text == "text 7":  # the end of what is looked for may go on in the text
                assert set(meant) <= set(found), each
            else:
                assert found == meant, each


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(given=st.lists(answers, max_size=25), batch=st.integers(1, 6), late=st.booleans())
def test_adding_and_taking_away_counts_as_one_look_at_what_stands(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Sequence[tuple],  # type: ignore[type-arg]
    batch: int,
    late: bool,
) -> None:
    monkeypatch.setattr("tui_annotate.store.answer_index_filling._PART", 5)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    stand: dict[int, IndexEntry] = {}
    for name in ("by-and-by", "at-once"):
        forget_index(tmp_path / "a.db", name)
    # One session after the other is numbered, so that both indexes number them alike.
    every = [IndexEntry(n + 1, bytes([9, n]), b"q", None, f"s{n}", f"ann{n}", "accept", False,
                        0, None, None, False, "", {}, ()) for n in range(3)]  # fmt: skip
    with (
        closing(AnswerIndex(tmp_path / "a.db", "by-and-by")) as index,
        closing(AnswerIndex(tmp_path / "a.db", "at-once")) as fresh,
    ):
        index.add(every, [], 3, b"", after=0)
        if not late:
            index.complete()
        entries: list[IndexEntry] = []
        gone: list[int] = []
        for number, answer in enumerate(given, 4):
            if answer[-1] is not None and answer[-1] < len(stand):
                gone.append(list(stand)[answer[-1]])
                del stand[gone[-1]]
            stand[number] = entry(number, answer)
            entries.append(stand[number])
            if number % batch == 0:
                assert index.add(entries, gone, number, b"", after=index.last[0])
                entries, gone = [], []
        assert index.add(entries, gone, 100, b"", after=index.last[0])
        index.complete()
        fresh.add([*every, *stand.values()], [], 100, b"", after=0)
        fresh.complete()
        assert counts(index) == counts(fresh)
        assert list(index.search(IndexQuery("text"))) == sorted(stand, reverse=True)
        for table, _ in index._filling.word_tables():
            index._db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")


def test_an_index_of_an_older_version_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with closing(AnswerIndex(tmp_path / "a.db", "old")) as index:
        for sql in (
            "CREATE VIRTUAL TABLE words USING fts5(text, content='texts')",
            "UPDATE state SET value = '2' WHERE name = 'version'",
            "DROP TABLE parts",
            "INSERT INTO state VALUES ('last', 7), ('digest', x'00')",
        ):
            index._db.execute(sql)
    with closing(AnswerIndex(tmp_path / "a.db", "old")) as index:
        assert index.is_empty
        index.add(
            [entry(1, (0, b"yes", 0, "accept", False, 0, 1, [], 1, None))], [], 1, b"", after=0
        )
        assert list(index.search(IndexQuery("text"))) == [1]
        assert "words" not in index._filling._tables()


def one(number: int, form: str) -> IndexEntry:
    marks = [(form, "X")]
    return entry(number, (0, b"yes", 0, "accept", False, 0, 1, marks, None, None))


def test_of_two_searches_at_once_one_goes_on_where_the_other_has_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with (
        AnswerIndex(tmp_path / "a.db", "set") as mine,
        AnswerIndex(tmp_path / "a.db", "set") as its,
    ):
        assert mine.add([one(1, "a")], [], 1, b"", after=0)
        assert its.add([one(2, "b")], [], 2, b"", after=1)
        assert not mine.add([one(2, "b"), one(3, "c")], [], 3, b"", after=1)
        # What the other takes away, and what it numbers anew, is not remembered here.
        assert its.add([], [1], 3, b"", after=2)
        assert its.add([one(4, "new")], [], 4, b"", after=3)
        assert mine.add([one(5, "a")], [], 5, b"", after=4)
        assert counts(mine)["marked"] == [("a", "X", 5, 1), ("b", "X", 2, 1), ("new", "X", 4, 1)]


def test_a_search_that_was_cut_short_remembers_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with AnswerIndex(tmp_path / "a.db", "set") as index:
        twice = [one(1, "a"), one(1, "a")]
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            index.add(twice, [], 1, b"", after=0)
        assert index.add([one(1, "a")], [], 1, b"", after=0)
        assert counts(index)["marked"] == [("a", "X", 1, 1)]


def test_an_index_that_cannot_be_kept_is_made_for_one_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = index_file(tmp_path / "a.db", "set")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database at all" * 100)
    Path(f"{file}-journal").mkdir()
    with AnswerIndex(tmp_path / "a.db", "set") as index:
        assert not index.kept
        assert index.add([one(1, "a")], [], 1, b"", after=0)
        assert list(index.search(IndexQuery("text"))) == [1]


def test_damage_behind_the_first_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with AnswerIndex(tmp_path / "a.db", "set") as index:
        every = [one(number, f"a{number}") for number in range(1, 400)]
        assert index.add(every, [], 400, b"", after=0)
    file = index_file(tmp_path / "a.db", "set")
    whole = file.read_bytes()
    sound = len(whole) // 2
    file.write_bytes(whole[:sound] + b"\xff" * (len(whole) - sound))
    with (
        pytest.raises(StoreUnavailable, match=r"index for searches .* delete that file"),
        AnswerIndex(tmp_path / "a.db", "set") as index,
    ):
        assert not index.is_empty
        counts(index)
