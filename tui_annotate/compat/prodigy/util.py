"""`prodigy.util`."""

from __future__ import annotations

from tui_annotate.api import get_config
from tui_annotate.recipes.documents import copy_nlp
from tui_annotate.recipes.file_helpers import (
    b64_uri_to_bytes,
    ensure_path,
    file_to_b64,
    get_labels,
    get_timestamp_session_id,
    img_to_b64_uri,
    read_json,
    read_jsonl,
    split_string,
    write_json,
    write_jsonl,
)
from tui_annotate.recipes.older_names import COREF_PREFIX as COREF_DEFAULT_PREFIX
from tui_annotate.recipes.older_names import (
    EVAL_PREFIX,
    color,
    get_hash,
    get_print,
    set_hashes,
    split_evals,
)
from tui_annotate.recipes.older_names import LLM_BATCH_SIZE as DEFAULT_LLM_BATCH_SIZE
from tui_annotate.recipes.older_names import SPANCAT_KEY as SPANCAT_DEFAULT_KEY
from tui_annotate.recipes.printer import log, msg, prints
from tui_annotate.suggest.two_models import combine_models
from tui_annotate.task.schema import (
    ANNOTATOR_ID as ANNOTATOR_ID_ATTR,
)
from tui_annotate.task.schema import (
    BINARY as BINARY_ATTR,
)
from tui_annotate.task.schema import (
    INPUT_HASH as INPUT_HASH_ATTR,
)
from tui_annotate.task.schema import (
    SESSION_ID as SESSION_ID_ATTR,
)
from tui_annotate.task.schema import (
    TASK_HASH as TASK_HASH_ATTR,
)
from tui_annotate.task.schema import (
    TIMESTAMP as TIMESTAMP_ATTR,
)
from tui_annotate.task.schema import (
    VIEW_ID as VIEW_ID_ATTR,
)

NER_DEFAULT_INCORRECT_KEY = "incorrect_spans"
"""Under which key of `doc.spans` what is no entity stands for training."""

__all__ = [
    "ANNOTATOR_ID_ATTR",
    "BINARY_ATTR",
    "COREF_DEFAULT_PREFIX",
    "DEFAULT_LLM_BATCH_SIZE",
    "EVAL_PREFIX",
    "INPUT_HASH_ATTR",
    "NER_DEFAULT_INCORRECT_KEY",
    "SESSION_ID_ATTR",
    "SPANCAT_DEFAULT_KEY",
    "TASK_HASH_ATTR",
    "TIMESTAMP_ATTR",
    "VIEW_ID_ATTR",
    "b64_uri_to_bytes",
    "color",
    "combine_models",
    "copy_nlp",
    "ensure_path",
    "file_to_b64",
    "get_config",
    "get_hash",
    "get_labels",
    "get_print",
    "get_timestamp_session_id",
    "img_to_b64_uri",
    "log",
    "msg",
    "prints",
    "read_json",
    "read_jsonl",
    "set_hashes",
    "split_evals",
    "split_string",
    "write_json",
    "write_jsonl",
]
