"""Every module of Prodigy that recipe files import, with its names and what each is here.

One row a module. A name that is not listed is a stand-in, which says what there is instead
(`absent.INSTEAD`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, TypeAlias

from tui_annotate.compat.absent import Absent

Names: TypeAlias = dict[str, Callable[[], Any]]
"""The names of a module, each with what gives its value once the module is imported."""

PACKAGE = "tui_annotate"
VERSION = "1.18.4"
"""The version of Prodigy whose public names the alias follows."""


def names_of(module: str, *same: str, **renamed: str) -> Names:
    """Return names that stand in one of our modules.

    Args:
        module: The module, below `tui_annotate`.
        same: Names that are the same here.
        renamed: Prodigy's name for each of ours.
    """
    ours = {**{each: each for each in same}, **renamed}
    return {name: partial(_attribute, module, own) for name, own in ours.items()}


def recipes(*same: str, of: str = "", **renamed: str) -> Names:
    """Return built-in recipes as functions, named as behind the dot, as in `ner.manual`.

    Args:
        same: Names that are the same here.
        of: What stands in front of the dot.
        renamed: Prodigy's name for each of ours.
    """
    ours = {**{each: each for each in same}, **renamed}
    full = {name: f"{of}.{own}" if of else own for name, own in ours.items()}
    return {
        name: partial(_call, "recipes.prodigy_call", "function", each)
        for name, each in full.items()
    }


def commands(**names: str) -> Names:
    """Return commands as functions that take their options by name."""
    return {name: partial(_command, each) for name, each in names.items()}


def refused(**views: str) -> Names:
    """Return what a terminal cannot do, by the view that says why not."""
    return {
        name: partial(_call, "recipes.unsupported", "refused", view) for name, view in views.items()
    }


def values(**names: Any) -> Names:
    """Return values that are nowhere else."""
    return {name: partial(_itself, value) for name, value in names.items()}


def _attribute(module: str, name: str) -> Any:
    return getattr(import_module(f"{PACKAGE}.{module}"), name)


def _call(module: str, name: str, argument: str) -> Any:
    return _attribute(module, name)(argument)


def _command(name: str) -> Any:
    return partial(_attribute("api", "call_command"), name)


def _itself(value: Any) -> Any:
    return value


_RECIPE_NAMES: Names = {
    **names_of("job", "Arg", "Controller"),
    **names_of("api", "get_config"),
    **names_of("recipes.shared_arguments", recipe_args="DESCRIBED"),
    **names_of("recipes.prodigy_call", get_recipe="recipe_function"),
    **names_of("recipes.registry", "recipe", "set_recipe"),
}
"""What both `prodigy` and `prodigy.core` have."""

_READ = ("coref", "ner", "parser", "senter", "spancat", "tagger", "textcat")
"""The components whose datasets plugins read."""

_HASHES = names_of("recipes.prodigy_helpers", "get_hash", "set_hashes")
_GET_STREAM = names_of("stream.loaders", get_stream="read_stream")
_CONNECT = names_of("api", connect="open_database")

MODULES: dict[str, Names] = {
    "prodigy": {
        **_RECIPE_NAMES,
        **_HASHES,
        **_GET_STREAM,
        **values(__version__=VERSION),
        **names_of("api", "serve"),
        **names_of("editors.schemas", "get_schema"),
        **names_of("recipes.printer", "log"),
        **names_of("recipes.types", "ControllerComponentsDict"),
    },
    "prodigy.about": values(__version__=VERSION),
    "prodigy.app": {
        **names_of("api", server="serve_controller"),
        **values(app=Absent("prodigy.app.app")),
    },
    "prodigy.components": {},
    "prodigy.components.db": {
        **_CONNECT,
        **names_of("api", get_db="open_database"),
        **names_of("store.database_api", "Database"),
    },
    "prodigy.components.decorators": names_of("stream.stream", "support_both_streams"),
    "prodigy.components.filters": names_of(
        "stream.filters",
        "filter_duplicates",
        "filter_empty",
        "filter_inputs",
        "filter_seen_before",
        "filter_tasks",
    ),
    "prodigy.components.loaders": {
        **_GET_STREAM,
        **names_of(
            "stream.loaders",
            "CSV",
            "JSON",
            "JSONL",
            "TXT",
            "ImageServer",
            "Images",
            "Parquet",
            "get_loader",
        ),
        **refused(Audio="audio", AudioServer="audio", Video="video", VideoServer="video"),
    },
    # A terminal has no use for its style sheet.
    "prodigy.components.openai": values(GLOBAL_STYLE=""),
    "prodigy.components.preprocess": {
        **names_of("recipes.spacy_helpers", "make_raw_doc", "tokenize_example"),
        **names_of("recipes.prodigy_helpers", "get_llm_task", "get_token", "set_hashes"),
        **names_of("recipes.printer", "msg"),
        **names_of(
            "recipes.stream_helpers",
            "add_answer",
            "add_label_options",
            "add_label_options_to_stream",
            "add_labels_to_stream",
            "add_tokens",
            "fetch_images",
            "fetch_media",
            "fetch_task_media",
            "make_ner_suggestions",
            "make_spancat_suggestions",
            "make_textcat_suggestions",
            "resolve_labels",
            "split_sentences",
            "split_spans",
        ),
    },
    "prodigy.components.printers": {
        **names_of("cli.print_tasks", "pretty_print", "pretty_print_ner", "pretty_print_tc"),
        **names_of("recipes.prodigy_helpers", "get_compare_printer"),
    },
    "prodigy.components.routers": {
        **names_of("recipes.prodigy_helpers", "log_router"),
        **names_of("session.sharing", "full_overlap", "no_overlap", "route_average_per_task"),
    },
    "prodigy.components.session": names_of("session.recipe_code", Session="SessionProgress"),
    "prodigy.components.sorters": names_of(
        "stream.sorters",
        "Probability",
        "prefer_high_scores",
        "prefer_low_scores",
        "prefer_uncertain",
    ),
    "prodigy.components.stream": {
        **_GET_STREAM,
        **names_of("stream.stream", "Stream"),
        **names_of("recipes.prodigy_helpers", _source_is_dataset="source_is_dataset"),
    },
    "prodigy.components.validate": {
        **names_of("editors.schemas", "get_schema"),
        **names_of("recipes.prodigy_helpers", validate="check"),
    },
    "prodigy.core": {
        **_RECIPE_NAMES,
        **_CONNECT,
        **names_of("recipes.registry", list_recipes="recipe_names"),
    },
    "prodigy.errors": names_of("errors", ProdigyError="TuiAnnotateError", RecipeError="Refused"),
    "prodigy.models": {},
    "prodigy.models.matcher": {
        **names_of("recipes.types", "PatternType"),
        **names_of("suggest.scoring_matcher", PatternMatcher="ScoringMatcher"),
    },
    "prodigy.models.ner": {
        **names_of("recipes.model_updates", "EntityRecognizer"),
        **names_of("recipes.prodigy_helpers", "guess_batch_size"),
        **names_of("suggest.load_for_commands", "ensure_sentencizer", "merge_spans"),
    },
    "prodigy.models.textcat": {
        **names_of("recipes.spacy_helpers", "infer_exclusive"),
        **names_of("recipes.model_updates", "TextClassifier"),
    },
    "prodigy.protocols": names_of(
        "recipes.types", "ControllerComponentsDict", "RecipeEventHookProtocol"
    ),
    "prodigy.recipes": {},
    "prodigy.recipes.audio": refused(manual="audio_manual", transcribe="audio"),
    "prodigy.recipes.commands": commands(
        db_in="db-in", db_out="db-out", db_merge="db-merge", drop="drop", stats="stats"
    ),
    "prodigy.recipes.compare": recipes("compare"),
    "prodigy.recipes.coref": recipes("manual", of="coref"),
    "prodigy.recipes.data_utils": {
        **names_of("recipes.prodigy_helpers", "split_evals"),
        **names_of(
            "compat.data_utils",
            "create_merged_corpus",
            "get_datasets_from_cli",
            "get_datasets_from_cli_eval",
            "merge_corpus",
            **{f"create_{each}_reader": "create_reader" for each in _READ},
        ),
    },
    "prodigy.recipes.dep": recipes("correct", "teach", of="dep"),
    "prodigy.recipes.generic": recipes("mark", "match"),
    "prodigy.recipes.image": refused(image_manual="image_manual", manual="image_manual"),
    "prodigy.recipes.ner": {
        **recipes(
            "manual",
            "correct",
            "teach",
            of="ner",
            eval_ab="eval-ab",
            make_gold="correct",
            silver_to_gold="silver-to-gold",
        ),
        **names_of("recipes.spacy_helpers", "get_labels_from_ner", "remove_tokens"),
        **names_of("recipes.prodigy_helpers", "preprocess_stream"),
    },
    "prodigy.recipes.pos": recipes("correct", "teach", of="pos", make_gold="correct"),
    "prodigy.recipes.rel": recipes("manual", of="rel"),
    "prodigy.recipes.review": recipes("review"),
    "prodigy.recipes.sent": recipes("correct", "teach", of="sent"),
    "prodigy.recipes.spans": recipes("manual", "correct", of="spans"),
    "prodigy.recipes.terms": recipes("teach", of="terms"),
    "prodigy.recipes.textcat": recipes("manual", "correct", "teach", of="textcat"),
    "prodigy.recipes.train": {
        **commands(train_curve="train-curve", data_to_spacy="data-to-spacy"),
        **names_of("api", "train"),
        **names_of(
            "recipes.prodigy_helpers", "set_log_level", "setup_gpu", RECIPE_ARGS="TRAIN_ARGUMENTS"
        ),
    },
    "prodigy.structured_types": names_of(
        "recipes.prodigy_helpers", "get_input_hash", "get_task_hash"
    ),
    "prodigy.types": {
        **names_of(
            "recipes.prodigy_helpers",
            "ChoiceExample",
            "DepExample",
            "Example",
            "NerExample",
            "PosExample",
            "RelationsExample",
            "SpansExample",
            "TextClsExample",
        ),
        **names_of(
            "recipes.types",
            "ExistingDatasetsType",
            "LabelsType",
            "PathInputType",
            "RecipeSettingsType",
            "ScoredStreamType",
            "SourceType",
            "StreamType",
            "TaskType",
            "ViewId",
        ),
    },
    "prodigy.util": {
        **_HASHES,
        **names_of("api", "get_config"),
        **names_of("recipes.spacy_helpers", "copy_nlp"),
        **names_of(
            "recipes.file_helpers",
            "b64_uri_to_bytes",
            "ensure_path",
            "file_to_b64",
            "get_labels",
            "get_timestamp_session_id",
            "img_to_b64_uri",
            "read_json",
            "read_jsonl",
            "split_string",
            "write_json",
            "write_jsonl",
        ),
        **names_of(
            "recipes.prodigy_helpers",
            "EVAL_PREFIX",
            "color",
            "get_print",
            "split_evals",
            COREF_DEFAULT_PREFIX="COREF_PREFIX",
            DEFAULT_LLM_BATCH_SIZE="LLM_BATCH_SIZE",
            SPANCAT_DEFAULT_KEY="SPANCAT_KEY",
        ),
        **names_of("recipes.printer", "log", "msg", "prints"),
        **names_of("suggest.models", "combine_models"),
        **names_of(
            "task.schema",
            ANNOTATOR_ID_ATTR="ANNOTATOR_ID",
            BINARY_ATTR="BINARY",
            INPUT_HASH_ATTR="INPUT_HASH",
            SESSION_ID_ATTR="SESSION_ID",
            TASK_HASH_ATTR="TASK_HASH",
            TIMESTAMP_ATTR="TIMESTAMP",
            VIEW_ID_ATTR="VIEW_ID",
        ),
        # Under which key of `doc.spans` what is no entity stands for training.
        **values(NER_DEFAULT_INCORRECT_KEY="incorrect_spans"),
    },
}
"""The modules, each after its package."""
