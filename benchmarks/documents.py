"""What keys cost in documents of a megabyte, beside a short one, in a real pseudo-terminal.

    python -m benchmarks.documents       # about three minutes

Documents of a million characters: English with line breaks and without any, Chinese, Arabic. Each
is scrolled, labelled, undone and gone through, and compared with a short one of its kind. Opening
may take as long as reading does, but keys may not. Milliseconds go from the key to the last byte of
its frame, on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence

from benchmarks._drive import finish, folder, peak_megabytes, report, seconds_until, start
from tests.support.terminal import Reaction, Terminal

LENGTH = 1_000_000
SHORT = 2_000
ENGLISH = "Acme Corporation of Berlin announced on Tuesday that Dr Smith had left the firm in May. "
CHINESE = "北京的王小明在二〇二三年五月访问了上海浦东新区的一家公司，并与李华先生见面。"
ARABIC = "أعلنت شركة أكمي في برلين يوم الثلاثاء أن الدكتور أحمد غادر الشركة في ١٢ مايو. "
DOCUMENTS = {
    "English": (ENGLISH, "\n"),
    "one line": (ENGLISH, ""),
    "Chinese": (CHINESE, "\n"),
    "Arabic": (ARABIC, "\n"),
}
WORK = {
    "move": "l j l k h l j j j j j j j j j j j j j j ",
    "page": "pagedown pageup pagedown pagedown pagedown pageup ",
    "label": "1 l 2 l l 1 l 2 l 1 l ",
    "focus": "tab b tab tab b b ",
    "undo": "u u u , , , u u u ",
    "delete": "1 d l l 2 d ",
    "point": "n n n p n p ",
}
TIMES = 3


def document(kind: str, length: int = LENGTH) -> str:
    """Return a document of a kind; four sentences make a line where it has lines."""
    sentence, line_end = DOCUMENTS[kind]
    lines = -(-length // (4 * len(sentence) + len(line_end)))
    return ("Begin. " + (4 * sentence + line_end) * lines)[:length]


def p95(reactions: Sequence[Reaction]) -> float:
    """Return the 95th percentile of the milliseconds from a key to its last byte."""
    times = sorted(1000 * each.last for each in reactions if each.last is not None)
    return times[min(len(times) - 1, round(0.95 * len(times)))]


def work(terminal: Terminal) -> dict[str, list[Reaction]]:
    """Do everything a few times, somewhere in the document; return the reactions by kind."""
    found: dict[str, list[Reaction]] = {kind: [] for kind in WORK}
    for _ in range(TIMES):
        for kind, keys in WORK.items():
            found[kind] += terminal.type(keys)
    return found


def measure(kind: str, length: int) -> dict[str, float]:
    """Open a document and work in it; return the median milliseconds by kind of key."""
    with folder() as home:
        data = home / "data.jsonl"
        tasks = ({"text": document(kind, length)}, {"text": "the next one"})
        data.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in tasks))
        with start("spans.manual", "documents", data, "--label", "A,B", home=home) as terminal:
            opened = seconds_until(terminal, "lines below")
            terminal.settle()
            if "which reads right" in terminal.screen_text():
                terminal.press("2")
            found = work(terminal)
            memory = peak_megabytes(terminal)
    name = f"{kind}, {length:,} characters"
    everything = [each for reactions in found.values() for each in reactions]
    report(f"{name}: opened", opened, "s", "<= 3", opened <= 3)
    late = p95(everything)
    report(f"{name}: key to last byte p95", late, "ms", "<= 10", late <= 10)
    moved = statistics.median(map(len, found["move"]))
    report(f"{name}: move", moved, "B", "<= 120", moved <= 120)
    report(f"{name}: memory", memory, "MB", "<= 250", memory <= 250)
    return {
        name: statistics.median(1000 * each.last for each in reactions if each.last is not None)
        for name, reactions in found.items()
    }


def main() -> None:
    """Measure all documents; each must be as fast as a short one of its kind, within the noise."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for kind in DOCUMENTS:
        usual = measure(kind, SHORT)
        for name, milliseconds in measure(kind, LENGTH).items():
            share = milliseconds / usual[name]
            text = f"{kind} {name}, {milliseconds:.2g} ms, of the short document's"
            report(text, share, "times", "<= 1.5", share <= 1.5)
    finish()


if __name__ == "__main__":
    main()
