from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.quick

DEMO = Path(__file__).resolve().parents[1] / "demo_data"
SETS = ("news", "reviews", "long")
MIN_ROWS = {"news": 150, "reviews": 100, "long": 20}
EXTRA_META = {
    "news": set[str](),
    "reviews": {"product", "stars"},
    "long": {"language", "topic"},
}
SENTENCE_END = re.compile(r"(?<=[.!?؟।])[\"'”’»)]*\s+|(?<=[。！？])[”’」]*|\n+")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
ZWJ = "\u200d"


def rows(name: str) -> list[dict[str, Any]]:
    with (DEMO / f"{name}.jsonl").open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def labels(name: str) -> list[str]:
    return (DEMO / "labels" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def guideline(name: str) -> str:
    return (DEMO / f"{name}.md").read_text(encoding="utf-8")


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def sentences(text: str) -> list[str]:
    """Sentences; splinters an abbreviation leaves behind ("Mr.") are too short to count."""
    parts = (folded(part) for part in SENTENCE_END.split(text))
    return [part for part in parts if len(part) >= 8]


def script_count(text: str, script: str) -> int:
    return sum(unicodedata.name(char, "").startswith(script) for char in text)


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


@pytest.mark.parametrize("name", SETS)
class TestEverySet:
    def test_file_is_clean_lines_of_utf8(self, name: str) -> None:
        data = (DEMO / f"{name}.jsonl").read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"}\n")
        assert b"\r" not in data
        assert b"\n\n" not in data
        data.decode("utf-8", errors="strict")

    def test_rows_have_text_and_running_ids(self, name: str) -> None:
        found = rows(name)
        assert len(found) >= MIN_ROWS[name]
        assert [row["meta"]["id"] for row in found] == list(range(1, len(found) + 1))
        for row in found:
            assert row.keys() == {"text", "meta"}
            assert row["meta"].keys() == {"source", "id"} | EXTRA_META[name]
            assert row["meta"]["source"] == "demo"

    def test_texts_are_trimmed_and_safe_to_show(self, name: str) -> None:
        for row in rows(name):
            text = row["text"]
            assert text == text.strip() != ""
            assert text == unicodedata.normalize("NFC", text)
            assert "  " not in text
            odd = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn"}}
            assert odd <= {"\n", ZWJ}, (row["meta"]["id"], odd)
            assert "\ufffd" not in text

    def test_no_text_occurs_twice(self, name: str) -> None:
        assert repeated([folded(row["text"]) for row in rows(name)]) == []

    def test_no_sentence_occurs_twice(self, name: str) -> None:
        assert repeated([part for row in rows(name) for part in sentences(row["text"])]) == []

    def test_labels_are_plain_and_explained(self, name: str) -> None:
        found = labels(name)
        assert repeated(found) == []
        page = guideline(name)
        for number, label in enumerate(found, 1):
            assert re.fullmatch(r"[A-Z]+", label)
            assert f"- **{label}** (`{number}`):" in page

    def test_guideline_names_the_keys(self, name: str) -> None:
        page = guideline(name)
        assert page.startswith("# ")
        assert 30 <= len(page.splitlines()) <= 60
        keys = page[page.index("## Keys") :]
        assert f"`1` to `{len(labels(name))}`" in keys
        for key, word in {
            "a": "accept", "x": "reject", "space": "ignore", "s": "later", "u": "undo"
        }.items():  # fmt: skip
            assert f"`{key}` {word}" in keys

    def test_guideline_quotes_the_data(self, name: str) -> None:
        quotes = [line[2:] for line in guideline(name).splitlines() if line.startswith("> ")]
        texts = "\n".join(row["text"] for row in rows(name))
        assert len(quotes) >= 3
        assert [quote for quote in quotes if quote not in texts] == []


class TestNews:
    def test_rows_are_short_and_on_one_line(self) -> None:
        for row in rows("news"):
            assert 20 <= len(row["text"]) <= 240
            assert "\n" not in row["text"]
            assert 1 <= len(sentences(row["text"])) <= 3

    def test_some_rows_leave_ascii(self) -> None:
        texts = [row["text"] for row in rows("news")]
        assert sum(not text.isascii() for text in texts) >= 8
        assert any(script_count(text, "CJK UNIFIED") >= 3 for text in texts)
        assert sum(EMOJI.search(text) is not None for text in texts) >= 2
        assert sum(script_count(text, "LATIN") > len(re.findall("[A-Za-z]", text))
                   for text in texts) >= 5  # fmt: skip

    def test_openings_vary(self) -> None:
        openings = Counter(tuple(row["text"].split()[:2]) for row in rows("news"))
        assert max(openings.values()) <= 4


class TestReviews:
    def test_every_number_of_stars_is_there(self) -> None:
        stars = Counter(row["meta"]["stars"] for row in rows("reviews"))
        assert set(stars) == {1, 2, 3, 4, 5}
        assert min(stars.values()) >= 10

    def test_products_vary(self) -> None:
        products = Counter(row["meta"]["product"] for row in rows("reviews"))
        assert len(products) >= 40
        assert max(products.values()) <= 3

    def test_reviews_have_one_to_four_sentences(self) -> None:
        for row in rows("reviews"):
            assert "\n" not in row["text"]
            assert len(row["text"]) <= 300
            ends = [part for part in SENTENCE_END.split(row["text"]) if part]
            assert 1 <= len(ends) <= 4


class TestLong:
    def test_documents_are_long(self) -> None:
        for row in rows("long"):
            assert len(row["text"]) >= 3000, row["meta"]
            assert row["text"].count("\n\n") >= 5

    def test_topics_differ(self) -> None:
        found = rows("long")
        assert repeated([row["meta"]["topic"] for row in found]) == []

    @pytest.mark.parametrize(
        ("language", "script"), [("zh", "CJK UNIFIED"), ("ar", "ARABIC"), ("hi", "DEVANAGARI")]
    )
    def test_each_language_is_written_in_its_script(self, language: str, script: str) -> None:
        texts = [row["text"] for row in rows("long") if row["meta"]["language"] == language]
        assert len(texts) == 2
        for text in texts:
            assert script_count(text, script) >= 2500
            assert not re.search("[A-Za-z]", text)

    def test_english_documents_are_latin(self) -> None:
        texts = [row["text"] for row in rows("long") if row["meta"]["language"] == "en"]
        assert len(texts) >= 12
        for text in texts:
            assert script_count(text, "LATIN") >= 2500

    def test_emoji_of_every_build_are_woven_in(self) -> None:
        texts = [row["text"] for row in rows("long") if row["meta"]["language"] == "en+emoji"]
        assert len(texts) == 2
        for text in texts:
            assert len(EMOJI.findall(text)) >= 20
            assert ZWJ in text
            assert "\ufe0f" in text
            assert re.search("[\U0001f3fb-\U0001f3ff]", text)

    def test_names_are_nested(self) -> None:
        first = rows("long")[0]["text"]
        assert first.startswith("North Harbour Water Board chair Ana Ruiz's Water Board plan")
        assert first.count("Water Board") > first.count("North Harbour Water Board") >= 3
