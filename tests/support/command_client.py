"""Hands a command and this process's streams to a `command_server`, and ends as the command ends.

python -I -S command_client.py SOCKET ARGUMENTS...

It loads next to nothing, because it is started instead of a program whose loading takes long.
"""

from __future__ import annotations

import _socket
import os
import sys


def main() -> None:
    """Send the request, wait, end."""
    place, arguments = sys.argv[1], sys.argv[2:]
    umask = os.umask(0)
    os.umask(umask)
    variables = [b"%b=%b" % pair for pair in os.environb.items()]
    # `pathlib` would take as long to load as all the rest.
    here = os.getcwd()  # noqa: PTH109
    words = [os.fsencode(each) for each in (here, str(umask), str(len(arguments)))]
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    server.connect(place)
    streams = b"".join(each.to_bytes(4, sys.byteorder) for each in range(3))
    request = b"\0".join([*words, *map(os.fsencode, arguments), *variables])
    server.sendmsg([request], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    for each in range(3):
        os.close(each)
    code = int(server.recv(32) or b"1")
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
