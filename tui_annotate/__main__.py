"""The entry point: one line for every error that a user can cause, never a traceback."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    if os.name != "posix":
        sys.stderr.write(
            "tui-annotate runs on Linux, macOS and WSL; here it cannot. On Windows, use WSL.\n"
        )
        sys.exit(1)
    from tui_annotate.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
