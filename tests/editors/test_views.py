"""Every view, by the examples of its documentation: the task, the keys, the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.support.environment import ROOT
from tui_annotate.commands.keymap import Keymap, KeyPress
from tui_annotate.editors.base import Editor
from tui_annotate.editors.form import FormEditor
from tui_annotate.editors.registry import check_views, open_task
from tui_annotate.editors.span.editor import SpanEditor
from tui_annotate.errors import RecipeError
from tui_annotate.task.schema import Decision
from tui_annotate.view_settings import problems
from tui_annotate.views import find_view, view_ids

pytestmark = pytest.mark.quick

PAGE = Path(ROOT / "docs" / "views.md").read_text("utf-8")
KEYMAP = Keymap()
FIELD_KEYS = {
    "escape": "cancel",
    "enter": "confirm",
    "backspace": "rub_out",
    "tab": "complete",
    "shift+tab": "complete_back",
}


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each view of the page with its task, config, keys and answer."""
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        blocks = dict(re.findall(r"```json (\w+)\n(.*?)```", part, re.DOTALL))
        found: dict[str, Any] = {name: json.loads(text) for name, text in blocks.items()}
        keys = re.search(r"^Keys: `(.*)`$", part, re.MULTILINE)
        found["keys"] = keys[1].split() if keys else []
        yield part.split("\n", 1)[0], found


EXAMPLES = dict(sections())


def press(editor: Editor, key: str) -> Decision | None:
    """Carry out a key as a screen does, and return the decision that it was."""
    if "typing" in editor.context():
        editor.apply(FIELD_KEYS.get(key, "type"), key)
        return None
    name = {"-": "minus"}.get(key, key)
    action = KEYMAP.lookup(KeyPress(name, key), editor.context())
    assert action is not None, (key, editor.context())
    if action.decision:
        decision: Decision = action.id  # type: ignore[assignment]
        return editor.decided(decision) if isinstance(editor, FormEditor) else decision
    editor.apply(action.name, action.argument)
    return None


def test_every_view_is_documented() -> None:
    assert {title.split()[0] for title in EXAMPLES} == set(view_ids())


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_documented_keys_give_the_documented_answer(title: str) -> None:
    example = EXAMPLES[title]
    task = example["task"]
    before = json.dumps(task)
    editor, notes = open_task(task, title.split()[0], example.get("config", {}))
    assert notes == ()
    decisions = [press(editor, key) for key in example["keys"]]
    if isinstance(editor, FormEditor) and editor.finished:
        decisions[-1] = editor.decided("accept")
    assert decisions[:-1] == [None] * (len(decisions) - 1)
    expected = {**task, **example["answer"]}
    assert {**editor.content(), "answer": decisions[-1]} == expected
    assert json.dumps(task) == before, "the task itself was changed"


@pytest.mark.parametrize("title", EXAMPLES)
def test_everything_can_be_undone_and_redone(title: str) -> None:
    example = EXAMPLES[title]
    config = example.get("config", {})
    editor, _ = open_task(example["task"], title.split()[0], config)
    given = editor.content()
    for key in example["keys"][:-1]:
        press(editor, key)
    if isinstance(editor, FormEditor):
        press(editor, "f")
    edited = editor.content()
    steps = 0
    while editor.can("undo") and steps < 50:
        editor.apply("undo")
        steps += 1
    assert editor.content() == given
    while editor.can("redo") and steps:
        editor.apply("redo")
        steps -= 1
    assert editor.content() == edited


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_draft_comes_back_with_its_history(title: str) -> None:
    example = EXAMPLES[title]
    config, view = example.get("config", {}), title.split()[0]
    editor, _ = open_task(example["task"], view, config)
    given = editor.content()
    for key in example["keys"][:-1]:
        press(editor, key)
    stored = json.loads(json.dumps([editor.edits(), editor.state()]))
    again, _ = open_task(example["task"], view, config)
    again.restore({**example["task"], **stored[0]}, stored[1])
    assert again.content() == editor.content()
    assert again.edited == editor.edited
    if isinstance(editor, FormEditor) and isinstance(again, FormEditor):
        assert again.sheet() == editor.sheet()
    assert not [note for note in again.notes if "draft" in note]
    for _ in range(50):
        if again.can("undo"):
            again.apply("undo")
    assert again.content() == given


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_draft_that_does_not_fit_keeps_its_content(title: str) -> None:
    example = EXAMPLES[title]
    config, view = example.get("config", {}), title.split()[0]
    editor, _ = open_task(example["task"], view, config)
    for key in example["keys"][:-1]:
        press(editor, key)
    again, _ = open_task(example["task"], view, config)
    again.restore({**example["task"], **editor.edits()}, {"v": 99})
    assert again.content() == editor.content()


def test_a_task_may_carry_its_own_view_and_configuration() -> None:
    task = {"text": "a", "view_id": "ner_manual", "config": {"labels": ["OWN"]}}
    editor, notes = open_task(task, "text", {"labels": ["JOB"]})
    assert notes == ()
    assert not isinstance(editor, FormEditor)
    assert editor.labels == ("OWN",)


@pytest.mark.parametrize(
    ("task", "view", "note"),
    [
        ({"text": "a", "view_id": "nerd"}, "text", "'nerd' is unknown: shown as text"),
        ({"text": "a"}, "choice", "no options, so it cannot be shown as choice"),
        ({"html": "a"}, "ner_manual", "no text, so it cannot be shown as ner_manual"),
        ({"label": "a"}, "pages", "no parts, so it cannot be shown as pages"),
    ],
)
def test_a_task_that_does_not_fit_its_view_is_shown_and_says_so(
    task: dict[str, Any], view: str, note: str
) -> None:
    editor, notes = open_task(task, view, {})
    assert note in notes[0]
    assert isinstance(editor, FormEditor)
    assert editor.sheet()
    assert editor.content() == task


def test_a_setting_of_the_wrong_kind_in_a_task_is_left_out_and_said() -> None:
    task = {"text": "Ilse left", "config": {"labels": "PERSON", "highlight_chars": True}}
    editor, notes = open_task(task, "ner_manual", {"labels": ["LOC"]})
    assert isinstance(editor, SpanEditor)
    assert editor.labels == ("LOC",)
    assert len(editor.tokens) == len(task["text"])
    assert notes[0].startswith("the task's config is not used: 'labels' is 'PERSON', not a list")


def test_an_unknown_view_of_a_job_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError, match="Did you mean 'ner_manual'"):
        find_view("ner_manuall")
    with pytest.raises(RecipeError, match="Did you mean 'choice'"):
        check_views("blocks", {"blocks": [{"view_id": "text"}, {"view_id": "choise"}]})


def texts(editor: FormEditor) -> list[str]:
    return [paragraph.prefix + paragraph.text for paragraph in editor.sheet()]


def form(task: Mapping[str, Any], view: str, **config: Any) -> FormEditor:
    editor, _ = open_task(dict(task), view, config)
    assert isinstance(editor, FormEditor)
    return editor


@pytest.mark.parametrize("view", sorted(set(view_ids()) - {"blocks", "pages"}))
@pytest.mark.parametrize("wrong", [99, True, 2.5, "x", {"start": 0}, [None, 3, "x"]])
def test_whatever_stands_where_a_list_should_be_a_task_is_shown(view: str, wrong: Any) -> None:
    keys = ("spans", "arcs", "relations", "tokens", "options", "llm")
    task = {"text": "Ilse left", "label": "A", **dict.fromkeys(keys, wrong)}
    editor, notes = open_task(task, view, {"labels": ["A"]})
    if isinstance(editor, FormEditor) and view != "llm_io":
        assert "Ilse left" in texts(editor)
    assert editor.content()["text"] == "Ilse left"
    assert notes


@pytest.mark.parametrize("view", ["classification", "compare", "image", "llm_io", "choice"])
def test_a_task_without_what_its_view_needs_is_shown_and_says_so(view: str) -> None:
    editor, notes = open_task({"text": "Ilse left"}, view, {})
    assert isinstance(editor, FormEditor)
    assert texts(editor) == ["Ilse left"]
    assert re.fullmatch(rf"the task has no \w+, so it cannot be shown as {view}", notes[0])


def test_spans_that_do_not_fit_are_said_where_nothing_can_be_edited() -> None:
    spans = [{"start": 0, "end": 4, "label": "A"}, {"start": 4, "end": 99, "label": "A"}]
    _, notes = open_task({"text": "Ilse left", "spans": spans}, "ner", {})
    assert notes == ("1 of its spans do not fit the text: they are not shown",)


def test_relations_without_tokens_take_no_keys() -> None:
    editor = form({"text": "Ilse", "tokens": []}, "relations", labels=["A"])
    for key in ["r", "1", "-", "j", "escape"]:
        press(editor, key)
    assert editor.content()["relations"] == []


def test_a_field_that_corrects_the_text_begins_with_it() -> None:
    blocks = [{"view_id": "choice"}, {"view_id": "text_input", "field_id": "text"}]
    task = {"text": "teh mill", "options": [{"id": 1}]}
    editor = form(task, "blocks", blocks=blocks)
    assert editor.content()["text"] == "teh mill"
    for key in ["tab", "enter", "!"]:
        press(editor, key)
    assert editor.content()["text"] == "teh mill!"
    again = form(task, "blocks", blocks=blocks)
    again.restore({**task, **editor.edits()}, editor.state())
    assert again.content() == editor.content()
    alone = form({"text": "teh mill"}, "text_input", field_id="text")
    assert texts(alone) == ["> teh mill "]


def test_the_block_at_hand_is_marked() -> None:
    blocks = [{"view_id": "choice"}, {"view_id": "text_input", "field_id": "why"}]
    task = {"text": "x", "options": [{"id": "A"}]}
    editor = form(task, "blocks", blocks=blocks)
    marks = [["> 1 ( ) A", "  enter to write"], ["  1 ( ) A", ">"]]
    for expected in (*marks, marks[0]):
        assert [each.rstrip() for each in texts(editor)][2:5:2] == expected
        press(editor, "tab")


class TestHtml:
    @pytest.mark.parametrize(
        ("html", "shown"),
        [
            ("<p>a</p><p>b</p>", "a\nb"),
            ("a<br>b", "a\nb"),
            ("<script>alert(1)</script><!-- no -->a &lt;b&gt;", "a <b>"),
            ("<ul><li>a<li>b</ul>", "* a\n* b"),
            ("<a href='https://example.org'>here</a>", "here <https://example.org>"),
            ("<img src=x alt='a mill'>", "[picture: a mill]"),
            ("<pre>a\n  b</pre>", "a\n  b"),
        ],
    )
    def test_is_readable(self, html: str, shown: str) -> None:
        assert texts(form({"html": html}, "html")) == [shown]

    def test_a_template_is_filled_with_text_and_not_with_html(self) -> None:
        editor = form({"a": {"b": "<b>x</b>"}}, "html", html_template="<i>{{a.b}}</i> {{{a.b}}}")
        assert texts(editor) == ["<b>x</b> x"]


class TestChoice:
    options = tuple({"id": number, "text": f"option {number}"} for number in range(30))

    def test_any_number_of_options_by_name(self) -> None:
        editor = form({"options": list(self.options)}, "choice")
        editor.apply("label", "option 27")
        assert editor.content()["accept"] == [27]
        assert "label" not in editor.apply("label", "no such").message
        assert editor.content()["accept"] == [27]

    def test_a_single_choice_is_exchanged_and_taken_back(self) -> None:
        editor = form({"options": list(self.options)}, "choice")
        editor.apply("label", 0)
        editor.apply("label", 1)
        assert editor.content()["accept"] == [1]
        editor.apply("label", 1)
        assert editor.content()["accept"] == []

    def test_auto_accept_finishes_with_a_choice_and_not_with_a_move(self) -> None:
        editor = form({"options": list(self.options)}, "choice", choice_auto_accept=True)
        editor.apply("option_down")
        assert not editor.finished
        editor.apply("toggle")
        assert editor.finished
        assert editor.content()["accept"] == [1]
        editor.apply("label", 1)
        assert editor.finished, "the same key again answers too"

    def test_several_choices_do_not_answer(self) -> None:
        config = {"choice_auto_accept": True, "choice_style": "multiple"}
        editor = form({"options": list(self.options)}, "choice", **config)
        editor.apply("label", 1)
        assert not editor.finished

    def test_equal_names_are_told_apart(self) -> None:
        options = [{"id": "a", "text": "same"}, {"id": "b", "text": "same"}]
        editor = form({"options": options}, "choice")
        assert editor.names == ("same (a)", "same (b)")

    def test_ten_on_a_scale_from_one_is_zero(self) -> None:
        editor = form({"text": "x"}, "choice", choice_style="scale", scale_max=10)
        editor.apply("label", 9)
        assert editor.content()["accept"] == [10]
        editor = form({"text": "x"}, "choice", choice_style="scale", scale_min=0, scale_max=10)
        editor.apply("label", 9)
        assert editor.content()["accept"] == [0]


class TestInput:
    def test_a_line_is_edited_by_graphemes(self) -> None:
        editor = form({"text": "x"}, "text_input", field_autofocus=True)
        for letter in ("a", "e\u0301", "z"):
            editor.apply("type", letter)
        editor.apply("caret_left")
        editor.apply("rub_out")
        assert editor.content()["user_input"] == "az"

    def test_pasted_lines_become_one_in_a_field_of_one_line(self) -> None:
        editor = form({"text": "x"}, "text_input", field_autofocus=True)
        editor.apply("type", "a\nb")
        assert editor.content()["user_input"] == "a b"
        many = form({"text": "x"}, "text_input", field_autofocus=True, field_rows=3)
        many.apply("type", "a")
        many.apply("confirm")
        many.apply("type", "b")
        assert many.content()["user_input"] == "a\nb"

    def test_what_is_written_at_once_is_one_step(self) -> None:
        editor = form({"text": "x"}, "text_input")
        editor.apply("begin")
        for letter in "abc":
            editor.apply("type", letter)
        editor.apply("cancel")
        editor.apply("undo")
        assert "user_input" not in editor.content(), "it is given back as it came"

    def test_suggestions_come_one_after_the_other(self) -> None:
        config = {"field_suggestions": ["yes", "yesterday", "no"], "field_autofocus": True}
        editor = form({"text": "x"}, "text_input", **config)
        editor.apply("type", "y")
        found = []
        for _ in range(3):
            editor.apply("complete")
            found.append(editor.content()["user_input"])
        assert found == ["yes", "yesterday", "yes"]


class TestRelations:
    @property
    def task(self) -> dict[str, Any]:
        return {"text": "Ilse met Orla", "spans": [{"start": 0, "end": 4, "label": "PER"}]}

    def test_rules_say_which_labels_may_link_which(self) -> None:
        rules = {"MET": [["PER", "PER"]]}
        config = {"labels": ["MET"], "relations_span_labels": ["PER"], "relations_rules": rules}
        editor = form(self.task, "relations", **config)
        for key in ["r", "l", "l", "1"]:
            press(editor, key)
        assert editor.content()["relations"] == []
        for key in ["escape", "1"]:
            press(editor, key)
        for key in ["r", "h", "h", "1"]:
            press(editor, key)
        assert [each["label"] for each in editor.content()["relations"]] == ["MET"]

    def test_a_relation_that_a_changed_span_forbids_is_named_and_not_accepted(self) -> None:
        rules = {"IN": [["PER", "LOC"]]}
        config = {
            "labels": ["IN"],
            "relations_span_labels": ["PER", "LOC"],
            "relations_rules": rules,
        }
        editor = form(self.task, "relations", **config)
        for key in ["l", "l", "2", "h", "h", "r", "l", "l", "1"]:
            press(editor, key)
        assert [each["label"] for each in editor.content()["relations"]] == ["IN"]
        assert editor.objection == ""
        press(editor, "1")
        assert editor.objection == "IN may not link PER with PER"
        assert "> Ilse --IN--> Orla (IN may not link PER with PER)" in texts(editor)
        whole = form(self.task, "blocks", blocks=[{"view_id": "relations"}], **config)
        whole.parts[0] = editor  # type: ignore[attr-defined]
        assert whole.objection == editor.objection
        press(editor, "u")
        assert editor.objection == ""

    def test_a_relation_stays_with_its_token_when_the_span_goes(self) -> None:
        config = {"labels": ["MET"], "relations_span_labels": ["PER"]}
        editor = form(self.task, "relations", **config)
        for key in ["r", "l", "l", "1", "h", "h", "d"]:
            press(editor, key)
        (relation,) = editor.content()["relations"]
        assert relation["head_span"]["label"] is None
        assert (relation["head"], relation["child"]) == (0, 2)

    def test_unlink_takes_the_newest_relation_at_the_cursor(self) -> None:
        editor = form(self.task, "relations", labels=["A"])
        for key in ["r", "l", "1", "r", "l", "1", "-"]:
            press(editor, key)
        assert [each["head"] for each in editor.content()["relations"]] == [0]

    def test_an_existing_relation_keeps_its_other_keys(self) -> None:
        given = {"head": 0, "child": 2, "label": "A", "color": "red"}
        editor = form({**self.task, "relations": [given]}, "relations", labels=["A"])
        (relation,) = editor.content()["relations"]
        assert relation["color"] == "red"

    def test_a_relation_that_does_not_fit_leaves_a_note(self) -> None:
        task = {**self.task, "relations": [{"head": 0, "child": 9, "label": "A"}]}
        _, notes = open_task(task, "relations", {})
        assert notes == ("relation 1 does not fit the tokens: it is set aside",)

    def test_chains_join_what_is_linked_through_others(self) -> None:
        relations = [{"head": 0, "child": 1, "label": "C"}, {"head": 2, "child": 1, "label": "C"}]
        editor = form({**self.task, "relations": relations}, "coref", labels=["C"])
        assert texts(editor)[-1] == "1 Ilse · met · Orla"


class TestLlm:
    long = "\n".join(f"line {number}" for number in range(40))

    def test_long_parts_are_folded_until_they_are_opened(self) -> None:
        editor = form({"llm": {"prompt": self.long, "response": "Cork"}}, "llm_io")
        shown = [each.text for each in editor.sheet()]
        assert shown[1] == "line 0\nline 1\nline 2"
        assert "more characters: 1 opens it" in shown[2]
        assert "Cork" in shown
        press(editor, "1")
        assert self.long in [each.text for each in editor.sheet()]
        press(editor, "enter")
        assert [each.text for each in editor.sheet()] == shown
        assert not editor.edited

    def test_keys_of_blocks_begin_where_there_is_something_to_answer(self) -> None:
        task = {"llm": {"prompt": self.long}, "options": [{"id": "A"}]}
        blocks = [{"view_id": "llm_io"}, {"view_id": "choice", "text": None}]
        editor = form(task, "blocks", blocks=blocks)
        press(editor, "1")
        assert editor.content()["accept"] == ["A"]
        press(editor, "tab")
        press(editor, "1")
        assert self.long in [each.text for each in editor.sheet()]
        assert editor.content()["accept"] == ["A"]


def blocks_of(*blocks: dict[str, Any], **config: Any) -> dict[str, str]:
    return problems({"blocks": list(blocks), **config})


class TestBlocksTogether:
    @pytest.mark.parametrize(
        "blocks",
        [
            ({"view_id": "compare"}, {"view_id": "choice"}),
            ({"view_id": "ner_manual"}, {"view_id": "text_input", "field_id": "text"}),
            ({"view_id": "text_input", "field_id": "text"}, {"view_id": "relations"}),
            ({"view_id": "ner"}, {"view_id": "text_input", "field_id": "text"}),
            ({"view_id": "llm_io"}, {"view_id": "text_input", "field_id": "llm"}),
            ({"view_id": "choice"}, {"view_id": "choice"}),
            (
                {"view_id": "choice", "choice_style": "scale"},
                {"view_id": "choice", "field_id": "b"},
            ),
        ],
    )
    def test_nobody_writes_what_another_reads(self, blocks: tuple[dict[str, Any], ...]) -> None:
        assert blocks_of(*blocks)["blocks"].startswith("'blocks': ")

    @pytest.mark.parametrize(
        "blocks",
        [
            ({"view_id": "compare"}, {"view_id": "choice", "field_id": "why"}),
            ({"view_id": "choice"}, {"view_id": "text_input", "field_id": "text"}),
            ({"view_id": "choice", "field_id": "a"}, {"view_id": "choice", "field_id": "b"}),
            ({"view_id": "ner_manual"}, {"view_id": "choice"}, {"view_id": "text_input"}),
        ],
    )
    def test_and_the_others_stand_side_by_side(self, blocks: tuple[dict[str, Any], ...]) -> None:
        assert blocks_of(*blocks) == {}

    @pytest.mark.parametrize("field", ["spans", "answer", "_input_hash", "tokens", 3])
    def test_a_field_has_no_key_with_a_meaning_of_its_own(self, field: Any) -> None:
        assert "field_id" in problems({"field_id": field})
        editor = form({"text": "x", "field_id": field}, "text_input")
        press(editor, "y")
        assert editor.content()["user_input"] == "y"

    def test_two_choices_have_two_keys(self) -> None:
        options = [{"id": "A"}, {"id": "B"}]
        blocks = [
            {"view_id": "choice", "options": options},
            {"view_id": "choice", "options": options, "field_id": "tone"},
            {"view_id": "text_input"},
        ]
        editor = form({"text": "x"}, "blocks", blocks=blocks, field_id="why")
        for key in ("1", "tab", "2", "tab", "s", "o"):
            press(editor, key)
        assert editor.content() == {"text": "x", "accept": ["A"], "tone": ["B"], "why": "so"}
        again = form({"text": "x"}, "blocks", blocks=blocks, field_id="why")
        again.restore({"text": "x", **editor.edits()}, editor.state())
        assert again.content() == editor.content()


VALUES = [3, 2.5, 0, False, None, {"a": [1]}, [], ["x"], "", "text", 10**20]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("view", ["text_input", "choice", "blocks"])
def test_what_nobody_has_touched_is_given_back_as_it_came(view: str, value: Any) -> None:
    task = {
        "text": "x",
        "options": [{"id": "x"}, {"id": "y"}],
        "why": value,
        "accept": value,
        "_comment": value,
        "flagged": value,
    }
    blocks = [{"view_id": "choice"}, {"view_id": "text_input", "field_id": "why"}]
    config = {"blocks": blocks} if view == "blocks" else {"field_id": "why"}
    editor, _ = open_task(task, view, config)
    before = json.dumps(editor.content())
    assert before == json.dumps(task)
    press(editor, "escape")
    for key in ("f", "u"):
        press(editor, key)
    assert json.dumps(editor.content()) == before


@pytest.mark.parametrize("value", VALUES)
def test_what_was_written_and_taken_back_is_as_it_came(value: Any) -> None:
    task = {"text": "x", "why": value}
    editor = form(task, "text_input", field_id="why")
    for key in ("!", "backspace", "escape"):
        press(editor, key)
    assert json.dumps(editor.content()) == json.dumps(task)
    again = form(task, "text_input", field_id="why")
    again.restore({**task, **editor.edits()}, editor.state())
    assert json.dumps(again.content()) == json.dumps(task)


class TestOnlyAField:
    @pytest.mark.parametrize("view", ["text_input", "blocks"])
    def test_letters_are_text_from_the_start(self, view: str) -> None:
        blocks = [{"view_id": "text"}, {"view_id": "text_input"}]
        config = {"blocks": blocks} if view == "blocks" else {}
        editor, _ = open_task({"text": "x"}, view, config)
        assert [press(editor, key) for key in "fax"] == [None] * 3
        content = editor.content()
        assert content["user_input"] == "fax" and not content.get("flagged")

    def test_enter_first_is_no_way_out(self) -> None:
        editor = form({"text": "x"}, "text_input")
        for key in ("enter", "f", "a", "x", "enter"):
            press(editor, key)
        assert editor.content()["user_input"] == "fax"
        assert press(editor, "a") == "accept"

    def test_a_job_may_leave_it_to_enter(self) -> None:
        editor = form({"text": "x"}, "text_input", field_autofocus=False)
        assert press(editor, "a") == "accept"

    def test_tab_goes_through_the_fields_of_a_form(self) -> None:
        blocks = [{"view_id": "text_input", "field_id": name} for name in ("a", "b", "c")]
        editor = form({"text": "x"}, "blocks", blocks=blocks)
        for key in ("1", "tab", "2", "tab", "3", "shift+tab", "!"):
            press(editor, key)
        assert editor.content() == {"text": "x", "a": "1", "b": "2!", "c": "3"}


class TestLanguageModels:
    ROW: ClassVar[dict[str, Any]] = {
        "prompt": [{"role": "user", "content": "Name a port."}],
        "chosen": [{"role": "assistant", "content": "Cork"}],
        "rejected": [{"role": "assistant", "content": "Rome"}],
    }

    @pytest.mark.parametrize("view", ["text", "choice", "text_input", "classification"])
    def test_a_conversation_is_readable_in_views_of_texts(self, view: str) -> None:
        task = {
            "messages": [*self.ROW["prompt"], *self.ROW["chosen"]],
            "label": "GOOD",
            "options": [{"id": 1}],
        }
        editor, notes = open_task(task, view, {})
        assert notes == () and isinstance(editor, FormEditor)
        shown = texts(editor)
        at = shown.index("user")
        assert shown[at : at + 4] == ["user", "Name a port.", "assistant", "Cork"]

    def test_a_pair_is_compared_and_says_which_was_better(self) -> None:
        for number in range(20):
            task = {**self.ROW, "chosen": f"Cork {number}"}
            editor, notes = open_task(task, "compare", {})
            assert notes == () and isinstance(editor, FormEditor)
            shown = texts(editor)
            assert shown[:2] == ["user", "Name a port."]
            a_is_better = any("Cork" in line for line in shown[4:5])
            assert a_is_better == (editor.content()["mapping"]["A"] == "accept")
            assert editor.decided("accept") == ("accept" if a_is_better else "reject")
        mappings = {
            json.dumps(
                open_task({**self.ROW, "chosen": f"{n}"}, "compare", {})[0].content()["mapping"]
            )
            for n in range(20)
        }
        assert len(mappings) == 2, "the better one must not always be A"

    @pytest.mark.parametrize(("key", "tie"), [("1", "both good"), ("2", "both bad")])
    def test_a_tie_answers_and_a_later_answer_takes_it_away(self, key: str, tie: str) -> None:
        task = {"accept": {"text": "a"}, "reject": {"text": "b"}}
        editor = form(task, "compare")
        press(editor, key)
        assert editor.finished and editor.decided("accept") == "ignore"
        content = editor.content()
        assert content == {**task, "tie": tie}
        again = form(content, "compare")
        assert f"so far: {tie}" in texts(again)
        assert again.content() == task and again.decided("reject") == "reject"


class TestAttributesAndPieces:
    SPAN: ClassVar[dict[str, Any]] = {
        "start": 0,
        "end": 14,
        "label": "LOC",
        "attributes": {"certain": False, "year": 1920},
        "pieces": [[0, 4], [8, 14]],
    }

    @pytest.mark.parametrize(
        "view", ["ner_manual", "spans_manual", "pos_manual", "relations", "coref", "ner", "spans"]
    )
    def test_every_editor_keeps_them(self, view: str) -> None:
        task = {"text": "Port of Dublin now", "spans": [self.SPAN]}
        editor, _ = open_task(task, view, {"labels": ["LOC", "ORG"]})
        kept = editor.content()["spans"][0]
        assert {key: kept[key] for key in self.SPAN} == self.SPAN

    def test_another_label_keeps_them_and_another_extent_fits_the_pieces(self) -> None:
        task = {"text": "Port of Dublin now", "spans": [self.SPAN]}
        editor, _ = open_task(task, "ner_manual", {"labels": ["LOC", "ORG"]})
        for key in ("tab", "2"):
            press(editor, key)
        span = editor.content()["spans"][0]
        assert (span["label"], span["attributes"], span["pieces"]) == (
            "ORG",
            self.SPAN["attributes"],
            self.SPAN["pieces"],
        )
        press(editor, "2")
        span = editor.content()["spans"][0]
        assert span["end"] == 18 and span["pieces"] == [[0, 4], [8, 18]]


class TestRelationsOfOneEnd:
    def link(self, *, config: dict[str, Any]) -> FormEditor:
        editor = form({"text": "Ilse left"}, "relations", labels=["A"], **config)
        for key in ("r", "1"):
            press(editor, key)
        return editor

    def test_a_job_may_link_a_token_to_itself(self) -> None:
        assert self.link(config={}).content()["relations"] == []
        editor = self.link(config={"relations_self": True})
        assert [(r["head"], r["child"]) for r in editor.content()["relations"]] == [(0, 0)]
        assert editor.sheet()[0].arcs == () and "> Ilse --A--> Ilse" in texts(editor)

    def test_the_picked_head_is_told_until_it_is_linked(self) -> None:
        editor = form({"text": "Ilse left"}, "relations", labels=["A"])
        press(editor, "r")
        press(editor, "l")
        assert texts(editor)[-1].startswith("from Ilse: ")
        press(editor, "1")
        assert not any(line.startswith("from ") for line in texts(editor))
        assert editor.apply("unlink").message == "no longer Ilse --A--> left"


def test_a_corrected_text_takes_its_spans_with_it() -> None:
    span = {"start": 9, "end": 13, "label": "LOC"}
    task = {"text": "Ile left Cork", "spans": [{"start": 0, "end": 3, "label": "PER"}, span]}
    for view in ("text_input", "blocks"):
        blocks = {"blocks": [{"view_id": "text_input", "field_id": "text"}]}
        editor, _ = open_task(
            task, view, {"field_id": "text", **(blocks if view == "blocks" else {})}
        )
        for key in ("end", *["backspace"] * 13, *"Ilse left Cork!"):
            if key != "end":
                press(editor, key if key != " " else " ")
        content = editor.content()
        assert content["text"] == "Ilse left Cork!"
        found = [content["text"][each["start"] : each["end"]] for each in content["spans"]]
        assert found == ["Ilse", "Cork"]
        assert editor.apply("cancel").message == ""


def test_the_key_bar_says_what_tab_does_in_a_field() -> None:
    task = {"text": "one", "options": [{"id": 1, "text": "a"}]}
    alone = form(task, "text_input")
    assert alone.tab_in_field == ""
    assert form(task, "text_input", field_suggestions=["yes"]).tab_in_field == "suggestion"
    field = {"view_id": "text_input", "field_id": "why"}
    for beside, does in (({"view_id": "choice"}, "next part"), ({"view_id": "text"}, "")):
        editor = form(task, "blocks", blocks=[beside, field])
        if not editor.typing:
            editor.apply("next_part")
            editor.apply("begin")
        assert editor.tab_in_field == does, beside


def test_numbers_are_suggested_as_text() -> None:
    config = {"field_suggestions": [1, 2, 10], "field_autofocus": True}
    assert not problems(config)
    assert form({"text": "x"}, "text_input", **config).suggestions == ["1", "2", "10"]


def test_a_block_that_its_view_cannot_show_says_why() -> None:
    tokens = [{"text": "b", "start": 2, "end": 3, "id": 1}]
    task = {"text": "a b", "tokens": tokens}
    config = {"blocks": [{"view_id": "relations"}, {"view_id": "text_input"}], "labels": ["R"]}
    _, notes = open_task(task, "blocks", config)
    assert notes == ("token 0 has another id, so it cannot be shown as relations",)
    assert open_task(task, "relations", config)[1] == notes
