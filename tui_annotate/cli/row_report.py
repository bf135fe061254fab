"""The account of every row as `stats` says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_annotate.store.row_accounting import Account


def account_to_dict(account: Account) -> dict[str, Any]:
    """Return an account as JSON values."""
    found = account._asdict()
    found["pass"] = found.pop("pass_")
    rows = account.rows
    found["to_go"] = None if rows is None else max(0, rows - account.read)
    return found


def account_lines(found: Mapping[str, Any]) -> list[str]:
    """Return what `account_to_dict` gave in words: the sum, why rows were dropped, what is left."""
    over = f", pass {found['pass']}" if found["pass"] > 1 else ""
    lines = [f"{found['source']} ({found['session']}, {found['recipe']}{over})", f"  {_sum(found)}"]
    if found["dropped"]:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in sorted(found["dropped"].items()))
        lines.append(f"  dropped: {reasons}")
    if found["to_go"] is not None:
        lines.append(f"  {found['to_go']:,} rows to go")
    elif found["rows_left"] is not None:
        lines.append(f"  about {found['rows_left']:,} rows to go, not counted yet")
    return lines


def _sum(found: Mapping[str, Any]) -> str:
    parts = [
        f"{found['answered']:,} answered",
        f"{found['waiting']:,} waiting",
        f"{found['in_hand']:,} in hand",
        f"{sum(found['dropped'].values()):,} dropped",
    ]
    total = f"{found['read']:,} rows read = {' + '.join(parts)}"
    if found["not_met"]:
        total += f" - {found['not_met']:,} settled earlier and not met again"
    return total
