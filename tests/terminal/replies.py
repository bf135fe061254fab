"""What terminals send that is no key: answers to questions, and reports of mouse and focus."""

from __future__ import annotations

import re

_ST, _BEL = "\x1b\\", "\x07"

_BODIES = (
    "]11;rgb:1e1e/1e1e/2e2e", "]10;rgb:ffff/ffff/ffff", "]12;rgb:aaaa/0000/1111",
    "]4;1;rgb:cdcd/0000/0000", "]52;c;YSB4IDEgMiBxIGE=", "]1337;ReportCellSize=18.0;9.0;2.0",
    "]lax tasks", "]Lax tasks", "]133;A", "]99;i=1:p=?;title,body",
    "P1$r0;1m", "P0$r", "P1+r544e=787465726d2d6b697474792d61", "P0+r544e", "P>|XTerm(388)",
    "P>|tmux 3.4 a x", "P!|7E565445", "P1$u0;1;1;1;@;A;0a1x", "P2$u9/17/25", "P1!~A1B2", "P0!u%5",
    "_Gi=31;OK", "_Gi=1,p=2;ENOENT: a x", "^a private message 1 a x", "Xa string 1 a x",
)  # fmt: skip

STRINGS = tuple(f"\x1b{body}{end}" for body in _BODIES for end in (_ST, _BEL))
"""Control strings: OSC, DCS, APC, PM and SOS."""

MOUSE = ("\x1b[M a1", "\x1b[Mxx!", "\x1b[M#aa", "\x1b[<0;10;10M", "\x1b[<64;1;1m", "\x1b[32;7;9M",
         "\x1b[M \xc9a", "\x1b[M \x85\xa0")  # fmt: skip
"""Reports of the mouse in its forms; far to the right and below they are no ASCII."""

REPORTS = (
    "\x1b[I", "\x1b[O", "\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29c",
    "\x1b[0n", "\x1b[?0u", "\x1b[8;24;80t", "\x1b[4;600;800t", "\x1b[2;1;1;128;128;1;0x",
    "\x1b[4;2$y", "\x1b[?997;1n", "\x1b[?1;0;256S", "\x1b[1;2;3;4;5&w", "\x1b[1;1;80;24;1$w",
    "\x1b[>4;2m", "\x1b[0;1;1T", "\x1b[3;0;0t",
)  # fmt: skip
"""Answers without a string."""

REPLIES = (*STRINGS, *MOUSE, *REPORTS)
"""All of them."""


def with_single_controls(reply: str) -> str:
    """Return a reply as a terminal sends it whose controls are one character, U+0080 to U+009F."""
    return re.sub(r"\x1b([\[O\]P_^X\\])", lambda found: chr(ord(found[1]) + 0x40), reply)


def cut(reply: str, number: int) -> tuple[str, str]:
    """Return a reply in two pieces; another number cuts it at another byte behind its ESC."""
    place = 2 + number % max(1, len(reply) - 2)
    return reply[:place], reply[place:]
