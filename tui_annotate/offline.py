"""`offline = true`: no Python code of this process opens a connection to the network.

The interpreter's own audit events are used, which see every socket that Python makes, whichever
library asks for it, a recipe's included. They cannot be taken back while the process lives.
"""

from __future__ import annotations

import os
import sys

from tui_annotate.errors import UsageError

_LOCAL = 1
"""`AF_UNIX`, by its number: what programs of one machine talk through, such as an event loop."""

_ASKS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
"""Events of a question about a name, which goes over the network without a socket of Python's."""

_OFF = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""What libraries that open sockets beneath Python obey."""

_state = {"forbidden": False}


def go_offline() -> None:
    """Forbid every socket but local ones from here on; a second call does nothing."""
    if _state["forbidden"]:
        return
    _state["forbidden"] = True
    os.environ.update(_OFF)
    sys.addaudithook(_refuse)


def is_offline() -> bool:
    """Return whether connections are forbidden in this process."""
    return _state["forbidden"]


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    # A socket that is made from a descriptor names its family as -1, until it is known.
    opened = event == "socket.__new__" and arguments[1] not in (_LOCAL, -1)
    if opened or event in _ASKS:
        raise UsageError(
            "no connection is opened, because the setting `offline` forbids it",
            hint="Name a file on this machine, or set offline = false",
        )
