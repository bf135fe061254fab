"""Chains: tokens that are linked, directly or through others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui_annotate.editors.sheet import BLANK, Paragraph, Sheet, heading


def chains(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the groups that links make, each sorted, in the order of their first tokens."""
    parent: dict[int, int] = {}

    def root(token: int) -> int:
        parent.setdefault(token, token)
        while parent[token] != token:
            parent[token] = parent[parent[token]]
            token = parent[token]
        return token

    for head, child in links:
        one, other = root(head), root(child)
        parent[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for token in sorted(parent):
        groups.setdefault(root(token), []).append(token)
    return [groups[first] for first in sorted(groups)]


def chain_sheet(links: Iterable[tuple[int, int]], name: Callable[[int], str]) -> Sheet:
    """Return the chains one a line, under a heading; nothing where there are none.

    Args:
        links: Pairs of tokens.
        name: Says the words of a token.
    """
    lines = [" · ".join(map(name, each)) for each in chains(links)]
    shown = (Paragraph(line, prefix=f"{n} ") for n, line in enumerate(lines, 1))
    return (BLANK, heading("chains"), *shown) if lines else ()
