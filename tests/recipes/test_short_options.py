"""Short options: those that people know from Prodigy's recipes are taken by the recipes here."""

from __future__ import annotations

import pytest

from tui_annotate.cli.recipe_command import _OWN, make_command
from tui_annotate.recipes.registry import BUILT_IN, get_recipe

pytestmark = pytest.mark.quick

SOURCE = {"-lo": "loader", "-e": "exclude"}
LABEL = {**SOURCE, "-l": "label"}
LLM = {
    **LABEL,
    "-m": "model",
    "-p": "prompt_path",
    "-n": "max_examples",
    "-S": "segment",
    "-b": "batch_size",
    "-v": "verbose",
}

SHORT: dict[str, dict[str, str]] = {
    "ner.manual": {**LABEL, "-pt": "patterns", "-C": "highlight_chars"},
    "ner.correct": {**LABEL, "-UP": "update", "-U": "unsegmented", "-c": "component"},
    "ner.teach": {**LABEL, "-pt": "patterns", "-U": "unsegmented"},
    "ner.eval-ab": {**LABEL, "-U": "unsegmented"},
    "ner.silver-to-gold": {"-l": "label"},
    "spans.manual": {**LABEL, "-pt": "patterns", "-C": "highlight_chars", "-sg": "suggester"},
    "spans.correct": {**LABEL, "-UP": "update", "-c": "component"},
    "textcat.manual": {**LABEL, "-E": "exclusive", "-ace": "accept_empty"},
    "textcat.correct": {**LABEL, "-UP": "update", "-t": "threshold", "-c": "component"},
    "textcat.teach": {**LABEL, "-pt": "patterns", "-c": "component"},
    "pos.correct": {**LABEL, "-U": "unsegmented", "-FG": "fine_grained"},
    "dep.correct": {**LABEL, "-UP": "update", "-U": "unsegmented", "-W": "wrap"},
    "sent.correct": SOURCE,
    "pos.teach": {**LABEL, "-U": "unsegmented", "-FG": "fine_grained"},
    "dep.teach": {**LABEL, "-U": "unsegmented"},
    "sent.teach": SOURCE,
    "rel.manual": {
        **LABEL,
        "-sl": "span_label",
        "-pt": "patterns",
        "-dpt": "disable_patterns",
        "-AE": "add_ents",
        "-AN": "add_nps",
        "-W": "wrap",
        "-HA": "hide_arrow_heads",
    },
    "coref.manual": {
        **LABEL,
        "-ps": "pos_tags",
        "-pp": "poss_pron_tags",
        "-nl": "ner_labels",
        "-AH": "show_arrow_heads",
    },
    "match": {
        **LABEL,
        "-pt": "patterns",
        "-LT": "label_task",
        "-LS": "label_span",
        "-C": "combine_matches",
    },
    "mark": {**LABEL, "-v": "view_id"},
    "ab.llm.tournament": {
        **SOURCE,
        "-m": "model",
        "-b": "batch_size",
        "-NR": "no_random",
        "-r": "resume",
    },
    "ner.llm.correct": LLM,
    "spans.llm.correct": LLM,
    "textcat.llm.correct": {**LLM, "-E": "exclusive_classes"},
    "terms.teach": {"-s": "seeds", "-se": "seeds", "-R": "resume", "-e": "exclude"},
    "review": {
        "-l": "label",
        "-v": "view_id",
        "-A": "auto_accept",
        "-AS": "accept_single",
        "-S": "show_skipped",
        "-a": "all_",
    },
    "compare": {"-D": "diff", "-NR": "no_random", "-e": "exclude"},
}


def test_every_recipe_is_in_the_table() -> None:
    assert SHORT.keys() == BUILT_IN.keys()


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_short_options_mean_what_they_mean_there(name: str) -> None:
    spec = get_recipe(name)
    found = {
        option: item.name
        for item in spec.parameters
        for option in item.options
        if not option.startswith("--")
    }
    assert found == SHORT[name]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_short_options_are_read_from_a_command_line(name: str) -> None:
    """Those of several letters are whole options, and not several of one letter each."""
    spec = get_recipe(name)
    kinds = {item.name: item.kind for item in spec.parameters}
    command = make_command(spec)
    for option, argument in SHORT[name].items():
        is_flag = kinds[argument] == "flag"
        value = "0.5" if argument == "threshold" else "some"
        given = ["set", option] if is_flag else ["set", option, value]
        context = command.make_context(name, given, resilient_parsing=True)
        assert context.params[_OWN + argument] == (True if is_flag else value), option
