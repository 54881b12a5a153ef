"""Every combination of a tiny problem, in Python's integers of any size: what no solver's arithmetic can get wrong.

Depth first over the cases that have a choice. A branch ends where a hard row can no longer be met, or where its cost so
far, the cheapest of all later cases and the penalties that no later choice avoids come to no less than the best known.
"""

import math
from itertools import accumulate

import numpy as np

from optimization.arrays import Arrays, Flags, Ints

MOST = 200_000
"""Combinations times rows up to which a problem is tiny."""
DEEPEST = 300
"""Cases of a tiny problem at most: each is a level of recursion."""
NODES = 100
"""Branches looked at in a step."""

Counts = list[int]


def is_tiny(arrays: Arrays) -> bool:
    """Whether all combinations can be tried."""
    combinations: int = math.prod(np.diff(arrays.starts).tolist())
    return combinations * max(1, arrays.rows) <= MOST and arrays.cases <= DEEPEST


def try_all(arrays: Arrays, scale: int) -> tuple[Ints | None, int, int]:
    """Try every combination.

    Parameters
    ----------
    scale
        Costs are in 1/scale cents, penalties in cents.

    Returns
    -------
    tuple
        (C,) the cheapest choice, or ``None`` where none meets the hard rows; its cost in 1/scale cents; the effort.
    """
    tree = _Tree(arrays, scale)
    tree.search(0, 0, [0] * arrays.rows)
    chosen = None if tree.best is None else np.array(tree.best, np.int64)
    return chosen, tree.cost, 1 + tree.nodes // NODES


class _Tree:
    """Branches of a problem: cases in order of their number of candidates, so that the forced ones come first."""

    def __init__(self, arrays: Arrays, scale: int) -> None:
        self.scale, self.nodes, self.cost = scale, 0, 0
        self.best: Counts | None = None
        starts = arrays.starts.tolist()
        cases = sorted(range(arrays.cases), key=lambda case: starts[case + 1] - starts[case])
        self.cases = cases
        self.own = [range(starts[case], starts[case + 1]) for case in cases]
        self.money = arrays.cost.tolist()
        self.uses = [_of(arrays, candidate) for candidate in range(len(arrays.cost))]
        self.bounds = list(zip(*(part.tolist() for part in _bounds(arrays)), strict=True))
        ways = [[_spread(self.uses[one], arrays.rows) for one in own] for own in self.own]
        self.least = _after([[min(each) for each in zip(*way, strict=True)] for way in ways], arrays.rows)
        self.most = _after([[max(each) for each in zip(*way, strict=True)] for way in ways], arrays.rows)
        cheapest = [[min(self.money[one] for one in own)] for own in self.own]
        self.cheapest = [total[0] for total in _after(cheapest, 1)]
        self.path = [0] * arrays.cases

    def search(self, depth: int, cost: int, used: Counts) -> None:
        """Follow every branch below the cases that have chosen."""
        self.nodes += 1
        penalty = self._unavoidable(depth, used)
        if penalty is None:
            return
        least = cost + self.cheapest[depth] + self.scale * penalty
        if self.best is not None and least >= self.cost:
            return
        if depth == len(self.own):
            self.best, self.cost = self.path.copy(), least
            return
        for candidate in self.own[depth]:
            self.path[self.cases[depth]] = candidate
            then = used.copy()
            for row, amount in self.uses[candidate]:
                then[row] += amount
            self.search(depth + 1, cost + self.money[candidate], then)

    def _unavoidable(self, depth: int, used: Counts) -> int | None:
        """Cents of penalty whatever later cases choose; ``None`` where a hard row cannot be met."""
        cents = 0
        later = zip(used, self.least[depth], self.most[depth], self.bounds, strict=True)
        for now, least, most, (lo, hi, under, over, hard_lo, hard_hi) in later:
            short, beyond = lo - now - most, now + least - hi
            if (short > 0 and hard_lo) or (beyond > 0 and hard_hi):
                return None
            cents += (under * short if short > 0 else 0) + (over * beyond if beyond > 0 else 0)
        return cents


def _of(arrays: Arrays, candidate: int) -> list[tuple[int, int]]:
    own = slice(arrays.use_start[candidate], arrays.use_start[candidate + 1])
    return list(zip(arrays.use_row[own].tolist(), arrays.use_amount[own].tolist(), strict=True))


def _spread(uses: list[tuple[int, int]], rows: int) -> Counts:
    """(R,) what a candidate takes of each row."""
    amounts = dict(uses)
    return [amounts.get(row, 0) for row in range(rows)]


def _after(each: list[Counts], rows: int) -> list[Counts]:
    """Sums over this case and all later ones, and zeros at the end."""
    sums = accumulate(
        reversed(each), lambda total, one: [a + b for a, b in zip(total, one, strict=True)], initial=[0] * rows
    )
    return list(sums)[::-1]


def _bounds(arrays: Arrays) -> tuple[Ints | Flags, ...]:
    """(R,) each: lo, hi, under, over, and whether lo and hi are hard."""
    return arrays.lo, arrays.hi, arrays.under, arrays.over, arrays.hard_lo, arrays.hard_hi
