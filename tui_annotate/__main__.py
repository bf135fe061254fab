"""The entry point: one line for every error that a user can cause, never a traceback."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if os.name != "posix":
        sys.stderr.write(
            "tui-annotate runs on Linux, macOS and WSL; here it cannot. On Windows, use WSL.\n"
        )
        sys.exit(1)
    # Loading makes many objects that live for ever; looking through them again and again while they
    # come would take a tenth of the start.
    gc.set_threshold(100_000)
    # Before anything is loaded from the working folder.
    from tui_annotate.interpreter import leave_working_folder

    leave_working_folder()
    # Only now: until then a file in the working folder could stand in the place of a module.
    import signal

    # While modules are loaded ctrl-c ends the program without a word, as it ends any other one:
    # how far the loading has come is nobody's matter.
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Only now that ctrl-c ends the loading without a word.
    from tui_annotate.cli.main import run

    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, handler)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
