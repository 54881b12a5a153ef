"""Neighbourhood search: a few hundred cases are set free, all others stay, and the exact best for them is found.

What the others use is taken off every row's bounds, so whatever comes back meets all rows, wide
ones too, and costs no more than before (large neighbourhood search, Shaw 1998). Only candidates
with small regret at the prices compete.
"""

from dataclasses import dataclass

import numpy as np

from optimization.arrays import Arrays, Floats, Ints
from optimization.highs import run_highs
from optimization.joint.part import candidates_of, part_of
from optimization.mip import best_of_each, exact_model


@dataclass(frozen=True, eq=False)
class Search:
    """Where the search stands; ``chosen`` and ``used`` move in place.

    Attributes
    ----------
    arrays
        The problem.
    regret
        (n,) cents above each case's lowest reduced cost.
    chosen
        (C,) a plan that meets all rows.
    used
        (R,) what it takes.
    """

    arrays: Arrays
    regret: Floats
    chosen: Ints
    used: Ints

    def free(
        self, cases: Ints, tolerance: float, max_nodes: int, gap: float, seconds: float | None = None
    ) -> tuple[int, int]:
        """Choose anew for some cases (ascending), among candidates within ``tolerance`` cents of regret.

        Parameters
        ----------
        seconds
            After which it is given up.

        Returns
        -------
        tuple
            Cents gained, and nodes and simplex iterations spent.
        """
        candidate = self._near(cases, tolerance)
        if len(candidate) == len(cases):
            return 0, 0
        part, rows = part_of(self.arrays, self.chosen, self.used, cases, candidate)
        answer = run_highs(exact_model(part), max_nodes=max_nodes, absolute_gap=gap, seconds=seconds)
        if answer.values is None:
            return 0, answer.steps
        before = np.searchsorted(candidate, self.chosen[cases])
        after = best_of_each(part, answer.values)
        gain = part.objective(before) - part.objective(after) if part.feasible(after) else 0
        if gain > 0:
            self.used[rows] += part.used(after) - part.used(before)
            self.chosen[cases] = candidate[after]
        return max(gain, 0), answer.steps

    def _near(self, cases: Ints, tolerance: float) -> Ints:
        arrays = self.arrays
        every = candidates_of(arrays, cases)
        kept = self.regret[every] <= tolerance
        kept |= self.chosen[arrays.case[every]] == every
        near: Ints = every[kept]
        return near
