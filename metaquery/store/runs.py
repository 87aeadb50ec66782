"""Which generations of a part can be rewritten as one: those between which no snapshot needs to tell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["joined", "split"]

Names = tuple[str, ...]
"""Names of generations that follow each other."""


def split(free: Sequence[Names], held: Sequence[Names]) -> Callable[[Names], list[Names]]:
    """Return what splits a chain into runs, each of which can become one generation for every chain that has it.

    Parameters
    ----------
    free
        Chains whose snapshots may name other generations.
    held
        Chains whose generations have to stay.
    """
    before: dict[str, set[str | None]] = {}
    after: dict[str, set[str | None]] = {}
    for chain in (*free, *held):
        for name, following in zip((None, *chain), (*chain, None), strict=True):
            if following is not None:
                before.setdefault(following, set()).add(name)
            if name is not None:
                after.setdefault(name, set()).add(following)
    fixed = {name for chain in held for name in chain}

    def runs(chain: Names) -> list[Names]:
        found: list[Names] = [chain[:1]]
        for name, following in pairwise(chain):
            apart = after[name] != {following} or before[following] != {name} or {name, following} & fixed
            if apart:
                found.append((following,))
            else:
                found[-1] += (following,)
        return found

    return runs


def joined(chain: Names, compacted: Iterable[tuple[Names, str, bool]]) -> Names:
    """Return a chain with generations that were compacted for another chain already named by what they became.

    A prune that was killed, or a snapshot that was open, leaves such chains; they come together again here.

    Parameters
    ----------
    chain
        Names of generations.
    compacted
        Of each generation: what it replaces, its name, and whether it begins a chain.
    """
    for replaced, name, first in compacted:
        size = len(replaced)
        for at in range(len(chain) - size + 1) if size else ():
            if chain[at : at + size] == tuple(replaced) and first == (at == 0):
                chain = (*chain[:at], name, *chain[at + size :])
                break
    return chain
