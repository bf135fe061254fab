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
from tui_annotate.recipes.printer import log, msg, prints
from tui_annotate.suggest.two_models import combine_models
from tui_annotate.task.hashing import get_hash, set_hashes
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

__all__ = [
    "ANNOTATOR_ID_ATTR",
    "BINARY_ATTR",
    "INPUT_HASH_ATTR",
    "SESSION_ID_ATTR",
    "TASK_HASH_ATTR",
    "TIMESTAMP_ATTR",
    "VIEW_ID_ATTR",
    "b64_uri_to_bytes",
    "combine_models",
    "copy_nlp",
    "ensure_path",
    "file_to_b64",
    "get_config",
    "get_hash",
    "get_labels",
    "get_timestamp_session_id",
    "img_to_b64_uri",
    "log",
    "msg",
    "prints",
    "read_json",
    "read_jsonl",
    "set_hashes",
    "split_string",
    "write_json",
    "write_jsonl",
]
