"""Train, dev and test: by the input's key, so that an input stays where it is as the data grows."""

from __future__ import annotations

from itertools import accumulate

from tui_annotate.errors import UsageError

NAMES = ("train", "dev", "test")


class Split:
    """Shares of the inputs.

    Args:
        shares: Any positive numbers, two or three: train and dev, or train, dev and test.
    """

    def __init__(self, shares: tuple[float, ...]) -> None:
        self.names = NAMES[: len(shares)]
        total = sum(shares)
        self._ends = [int((1 << 64) * (end / total)) for end in accumulate(shares)]
        self._ends[-1] = 1 << 64

    def of(self, key: bytes) -> str:
        """Return the part that an input belongs to.

        Args:
            key: The input's key: 16 bytes, evenly spread.
        """
        place = int.from_bytes(key[:8], "big")
        return next(name for name, end in zip(self.names, self._ends, strict=True) if place < end)


def parse_split(value: str) -> Split:
    """Read `80,10,10` or `80,20`.

    Raises:
        UsageError: It is something else.
    """
    try:
        shares = tuple(float(part) for part in value.split(","))
    except ValueError:
        shares = ()
    if len(shares) not in (2, 3) or not all(0 <= share < 1e9 for share in shares) or not shares[0]:
        raise UsageError(
            f"{value!r} are no shares", where="--split", hint="Write 80,10,10 or 80,20"
        )
    return Split(shares)
