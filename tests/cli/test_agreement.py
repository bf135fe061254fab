"""`agreement` and `metric.iaa.*` as people run them, on answers that several people gave."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunsHeadless

TEXTS = [f"Ada met Bo in Ulm on day {n}." for n in range(6)]
ADA, BO, ULM = (0, 3, "PER"), (8, 10, "PER"), (14, 17, "LOC")


def span_row(text: str, spans: list[tuple[int, int, str]]) -> dict[str, Any]:
    made = [{"start": s, "end": e, "label": label} for s, e, label in spans]
    return {"text": text, "spans": made, "answer": "accept", "_view_id": "ner_manual"}


def choice_row(text: str, *accept: str) -> dict[str, Any]:
    options = [{"id": each, "text": each} for each in ("1", "2", "3")]
    return {
        "text": text,
        "options": options,
        "accept": list(accept),
        "answer": "accept",
        "_view_id": "choice",
    }


def label_row(text: str, answer: str) -> dict[str, Any]:
    return {"text": text, "label": "SPORT", "answer": answer, "_view_id": "classification"}


@pytest.fixture
def given(tmp_path: Path, headless: RunsHeadless) -> Any:
    """Put rows into a dataset as somebody's."""

    def put(dataset: str, who: str, rows: list[dict[str, Any]]) -> None:
        path = tmp_path / f"{dataset}-{who}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        done = headless("db-in", dataset, str(path), "--as", who)
        assert done.returncode == 0, done.stderr

    return put


def report(headless: RunsHeadless, *arguments: str) -> dict[str, Any]:
    done = headless(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_spans(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [span_row(text, [ADA, BO, ULM]) for text in TEXTS])
    given("set", "ann2", [span_row(text, [ADA, (8, 10, "ORG")]) for text in TEXTS[:4]])
    found = report(headless, "agreement", "set")
    assert found["kind"] == "span"
    assert found["units"] == 6 and found["units with two answers or more"] == 4
    assert found["answers missing"] == 2
    assert found["annotators"] == {"ann1": 6, "ann2": 4}
    assert found["measures"]["F1 exact"] == pytest.approx(8 / 20)
    assert found["labels"]["PER"]["F1 exact"] == pytest.approx(8 / 12)
    assert found["labels"]["LOC"]["F1 exact"] == 0
    assert {"one": "ORG", "other": "PER", "count": 4} in found["confusions"]
    assert {"one": "(none)", "other": "LOC", "count": 4} in found["confusions"]
    assert found["worst"][0]["said"] == {
        "ann1": "Ada PER, Bo PER, Ulm LOC",
        "ann2": "Ada PER, Bo ORG",
    }
    assert report(headless, "metric.iaa.span", "dataset:set", "-l", "PER")["units"] == 6
    shown = headless("metric.iaa.span", "set", "--partial").stdout
    assert shown.index("F1 partial") < shown.index("F1 exact")
    assert "Ulm LOC" in shown


def test_classes_with_numbers_and_intervals(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [choice_row(t, v) for t, v in zip(TEXTS, "112233", strict=True)])
    given("set", "ann2", [choice_row(t, v) for t, v in zip(TEXTS, "112232", strict=True)])
    found = report(headless, "metric.iaa.doc", "set", "multiclass", "--intervals")
    assert found["measures"]["percent agreement"] == pytest.approx(5 / 6)
    low, high = found["measures"]["percent agreement interval"]
    assert low < 5 / 6 <= high
    assert {"alpha, ordinal", "alpha, interval", "Gwet's AC2"} <= found["measures"].keys()
    assert set(found["labels"]) == {"1", "2", "3"}
    assert report(headless, "agreement", "set")["kind"] == "multiclass"
    rows = list(csv.DictReader(io.StringIO(headless("agreement", "set", "--csv").stdout)))
    of_pair = [row for row in rows if row["scope"] == "pair"]
    assert {row["measure"] for row in of_pair} >= {"both answered", "Cohen's kappa"}


def test_several_classes(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [choice_row(t, "1", "2") for t in TEXTS])
    given("set", "ann2", [choice_row(t, "1") for t in TEXTS])
    found = report(headless, "agreement", "set")
    assert found["kind"] == "multilabel" and found["units"] == 18
    assert found["labels"]["1"]["percent agreement"] == 1
    assert found["labels"]["2"]["percent agreement"] == 0


def test_yes_and_no(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [label_row(t, "accept") for t in TEXTS])
    given("set", "ann2", [label_row(t, "reject") for t in TEXTS[:3]])
    found = report(headless, "metric.iaa.binary", "set")
    assert found["measures"]["percent agreement"] == 0
    assert "Cohen's kappa" in found["measures"]
    assert report(headless, "agreement", "set")["kind"] == "binary"


def test_yes_and_no_of_a_label_against_right_answers(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [label_row(t, "accept") for t in TEXTS])
    given("right", "lead", [label_row(t, "accept" if t < TEXTS[4] else "reject") for t in TEXTS])
    news = [{**label_row(t, "accept"), "label": "NEWS"} for t in TEXTS]
    given("set", "ann1", news)
    given("right", "lead", news)
    command = ("metric.iaa.binary", "set", "--against", "right")
    assert report(headless, *command, "-l", "SPORT")["against"]["ann1"]["right"] == 4
    assert report(headless, *command, "-l", "NEWS")["against"]["ann1"]["right"] == 6
    assert "accept as reject" not in headless(*command, "-l", "SPORT", "--csv").stdout
    assert "Right, as right has it" in headless(*command, "-l", "SPORT,NEWS").stdout


def test_against_right_answers_and_between_datasets(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [span_row(text, [ADA]) for text in TEXTS])
    given("right", "lead", [span_row(text, [ADA, ULM]) for text in TEXTS])
    alone = headless("agreement", "set")
    assert alone.returncode == 2 and "only ann1 answered" in alone.stderr
    found = report(headless, "agreement", "set", "--against", "right")
    assert found["pairs"][0]["annotators"] == ["ann1", "right"]
    assert found["pairs"][0]["recall"] == 0.5
    assert report(headless, "agreement", "dataset:set", "--against", "dataset:right") == found
    given("other", "ann1", [span_row(text, [ADA]) for text in TEXTS])
    both = report(headless, "agreement", "set,other")
    assert list(both["annotators"]) == ["other/ann1", "set/ann1"]
    assert both["measures"]["F1 exact"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["agreement", "sett"], "Did you mean 'set'?"),
        (["agreement", "set", "-a", "ann3"], "there is no session 'ann3'"),
        (["agreement", "set", "--kind", "multiclass"], "no answers of the kind multiclass"),
        (["agreement", "set", "--against", "nowhere"], "there is no dataset 'nowhere'"),
        (["metric.iaa.doc", "set", "spans"], "multiclass"),
        (["agreement", ","], "the dataset is missing"),
    ],
)
def test_mistakes(arguments: list[str], says: str, given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [span_row(text, [ADA]) for text in TEXTS[:2]])
    given("set", "ann2", [span_row(text, [ADA]) for text in TEXTS[:2]])
    done = headless(*arguments)
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_annotators_go_by_their_short_names(tmp_path: Path, headless: RunsHeadless) -> None:
    """As in exports: a session `set-ann1` goes by `ann1`, as does whoever is called like it."""
    path = tmp_path / "set.jsonl"
    rows = [
        {**span_row(text, [ADA]), "_session_id": f"set-{who}", "_annotator_id": f"set-{who}"}
        for who in ("ann1", "ann2", "ann3")
        for text in TEXTS
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert headless("db-in", "set", str(path)).returncode == 0
    for names in ("ann1,ann2", "ann1,set-ann2"):
        found = report(headless, "agreement", "set", "-a", names)
        assert list(found["annotators"]) == ["ann1", "ann2"]


def test_one_person_against_a_review(given: Any, headless: RunsHeadless) -> None:
    given("set", "ann1", [span_row(text, [ADA, (8, 10, "ORG")]) for text in TEXTS])
    given("set", "model", [span_row(text, []) for text in TEXTS])
    given("final", "lead", [span_row(text, [ADA, BO]) for text in TEXTS])
    found = report(headless, "agreement", "set", "--annotator", "ann1", "--against", "final")
    assert list(found["annotators"]) == ["ann1", "final"]
    own = found["against"]["ann1"]
    assert (own["right"], own["answered"]) == (0, 6)
    assert own["confusions"] == [{"right": "PER", "said": "ORG", "count": 6}]
    assert len(own["again"]) == 6 and own["again"][0]["right"] == "Ada PER, Bo PER"
    shown = headless("agreement", "set", "--without", "model", "--against", "final").stdout
    assert "ann1: 0 of 6 right (0 %), below 80 %" in shown and "model" not in shown
    assert "To look at again: ann1" in shown
    assert "below" not in headless("agreement", "set", "--against", "final", "--limit", "0").stdout
    rows = headless("agreement", "set", "--against", "final", "--csv").stdout
    assert "against,ann1,PER said as ORG,6" in rows


def test_a_task_worth_discussing_is_opened_by_its_number(
    given: Any, headless: RunsHeadless
) -> None:
    long = f"{TEXTS[0]} {'More of it. ' * 20}"
    given("set", "ann1", [span_row(long, [ADA])])
    given("set", "ann2", [span_row(long, [])])
    assert long not in headless("agreement", "set").stdout
    shown = headless("agreement", "set", "--open", "1").stdout
    assert long.strip() in shown and "Ada PER" in shown
    done = headless("agreement", "set", "--open", "2")
    assert done.returncode == 2 and "people differ on 1 task" in done.stderr


def test_a_figure_that_is_undefined_says_why_below_its_table(
    given: Any, headless: RunsHeadless
) -> None:
    given("set", "ann1", [span_row(text, []) for text in TEXTS])
    given("set", "ann2", [span_row(text, []) for text in TEXTS])
    assert "-  neither marked anything" in headless("agreement", "set").stdout


def test_people_against_what_the_source_brought_along(
    given: Any, headless: RunsHeadless, tmp_path: Path
) -> None:
    given("set", "ann1", [span_row(text, [ADA, ULM]) for text in TEXTS])
    rows = [{"text": text, "spans": span_row(text, [ADA])["spans"]} for text in TEXTS[:4]]
    rows += [
        {"text": TEXTS[4], "spans": []},
        {"text": TEXTS[5]},
        {"text": "Nobody's.", "spans": []},
    ]
    source = tmp_path / "texts.jsonl"
    source.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = report(headless, "agreement", "set", "--against", str(source))
    assert found["annotators"] == {"ann1": 6, str(source): 5}, "a row without spans says nothing"
    assert found["measures"]["F1 exact"] == pytest.approx(2 * 4 / (10 + 4))
    own = found["against"]["ann1"]
    assert (own["answered"], own["right"]) == (5, 0)
    assert headless("agreement", "set", "--against", "none.jsonl").returncode == 2
    (tmp_path / "bare.jsonl").write_text(json.dumps({"text": TEXTS[0]}) + "\n")
    done = headless("agreement", "set", "--against", str(tmp_path / "bare.jsonl"))
    assert (
        done.returncode == 2 and "it marks nothing on the texts that were answered" in done.stderr
    )


def test_classes_against_the_column_of_a_table(
    given: Any, headless: RunsHeadless, tmp_path: Path
) -> None:
    given("set", "ann1", [choice_row(text, "1") for text in TEXTS])
    source = tmp_path / "texts.csv"
    lines = [f"{text},{1 if number < 4 else 2}" for number, text in enumerate(TEXTS)]
    source.write_text("\n".join(["body,label", *lines]))
    found = report(headless, "agreement", "set", "--against", str(source), "--text-field", "body")
    assert found["kind"] == "multiclass"
    assert found["measures"]["percent agreement"] == pytest.approx(4 / 6)
    assert found["against"]["ann1"]["right"] == 4


def test_labels_that_everybody_only_accepted_are_classes(
    tmp_path: Path, headless: RunsHeadless
) -> None:
    """A row for each person with the label that it chose: yes and no would say that all agree."""
    table = tmp_path / "crowd.csv"
    chosen = {"w1": "aab", "w2": "abb", "w3": "aaa"}
    lines = [f"{text},{labels[n]},{who}" for who, labels in chosen.items() for n, text in
             enumerate(TEXTS[:3])]  # fmt: skip
    table.write_text("\n".join(["text,label,worker", *lines]) + "\n")
    rows = [dict(zip(("text", "label", "_annotator_id"), line.split(","), strict=True)) for line in
            lines]  # fmt: skip
    (tmp_path / "crowd.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    for dataset, file, more in (
        ("table", table, ("--annotator-from", "worker")),
        ("lines", tmp_path / "crowd.jsonl", ()),
    ):
        done = headless("db-in", dataset, str(file), *more)
        assert done.returncode == 0, done.stderr
        found = report(headless, "agreement", dataset)
        assert (found["kind"], found["units"]) == ("multiclass", 3)
        assert found["annotators"] == {"w1": 3, "w2": 3, "w3": 3}
        assert found["measures"]["percent agreement"] == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)


def test_of_many_people_only_pairs_with_something_in_common_are_compared(
    given: Any, headless: RunsHeadless
) -> None:
    for number in range(10):
        texts = TEXTS[:3] if number < 9 else TEXTS[3:]
        given("set", f"w{number}", [choice_row(text, "1") for text in texts])
    given("gold", "lead", [choice_row(text, "1") for text in TEXTS])
    found = report(headless, "agreement", "set")
    assert len(found["pairs"]) == 36  # nobody answered what the tenth did
    assert {pair["both answered"] for pair in found["pairs"]} == {3}
    shown = headless("agreement", "set").stdout
    assert "These are the 30 of 36 pairs with most in common" in shown
    assert "w0, w1" in shown


def test_relations_and_scores_of_each_pair(given: Any, headless: RunsHeadless) -> None:
    def related(*labels: str) -> dict[str, Any]:
        spans = [{"start": s, "end": e, "label": name} for s, e, name in (ADA, BO, ULM)]
        head, child = spans[0], spans[2]
        return {
            "text": TEXTS[0],
            "spans": spans,
            "relations": [
                {"head": 0, "child": 3, "label": name, "head_span": head, "child_span": child}
                for name in labels
            ],
            "answer": "accept",
            "_view_id": "relations",
        }

    given("set", "ann1", [related("LIVES", "SAW")])
    given("set", "ann2", [related("SAW")])
    found = report(headless, "agreement", "set")
    assert found["measures"]["F1 of relations"] == pytest.approx(2 / 3)
    (pair,) = found["pairs"]
    assert pair["F1 relations"] == pytest.approx(2 / 3)
    assert pair["precision partial"] == pair["recall type"] == pair["F1 exact"] == 1
    assert "precision partial" not in headless("agreement", "set").stdout
