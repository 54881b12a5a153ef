"""Who holds what, and what it would cost to move them: for every row, those who have it, the cheapest to move first."""

from dataclasses import dataclass

import numpy as np

from features.compiled import compiled
from optimization.alternatives import FITS, Alternatives
from optimization.arrays import Arrays, Flags, Ints

NOWHERE = -1
"""In place of a candidate: the holder has none that takes less."""


@dataclass(frozen=True, eq=False)
class Holders:
    """h uses of chosen candidates, by row; those of a row whose way out fits first, then by cents a unit.

    Attributes
    ----------
    start
        (R + 1,) first of each row.
    case
        (h,) who holds.
    candidate
        (h,) the holder's cheapest candidate that takes less of the row, or NOWHERE.
    freed
        (h,) units that would be free.
    cents
        (h,) change of the plan's cost, were nothing else moved.
    fits
        (h,) whether the candidate fits the plan as it stands.
    """

    start: Ints
    case: Ints
    candidate: Ints
    freed: Ints
    cents: Ints
    fits: Flags

    def of(self, row: int) -> slice:
        """Where a row's holders stand."""
        return slice(int(self.start[row]), int(self.start[row + 1]))


def find_holders(arrays: Arrays, chosen: Ints, alternatives: Alternatives) -> Holders:
    """List the holders of every row with their cheapest way out."""
    count = int((arrays.use_start[chosen + 1] - arrays.use_start[chosen]).sum())
    case, row, candidate, freed = (np.empty(count, np.int64) for _ in range(4))
    swaps = alternatives.swaps
    _ways_out(arrays, chosen, swaps.cents, swaps.blocked, (case, row, candidate, freed))
    cents, fits = swaps.cents[candidate], swaps.blocked[candidate] == FITS
    order = np.lexsort((cents / freed, ~fits, candidate == NOWHERE, row))
    start = np.searchsorted(row[order], np.arange(arrays.rows + 1))
    return Holders(start, case[order], candidate[order], freed[order], cents[order], fits[order])


@compiled
def _ways_out(arrays: Arrays, chosen: Ints, cents: Ints, blocked: Ints, found: tuple[Ints, Ints, Ints, Ints]) -> None:
    """For each use of a chosen candidate, the case's candidate that takes less: one that fits, the cheapest a unit."""
    of_case, of_row, of_candidate, of_freed = found
    place = 0
    for c in range(len(chosen)):
        for i in range(arrays.use_start[chosen[c]], arrays.use_start[chosen[c] + 1]):
            row, held = arrays.use_row[i], arrays.use_amount[i]
            best, best_freed = NOWHERE, np.int64(1)
            for a in range(arrays.starts[c], arrays.starts[c + 1]):
                freed = held
                for k in range(arrays.use_start[a], arrays.use_start[a + 1]):
                    if arrays.use_row[k] == row:
                        freed = held - arrays.use_amount[k]
                if freed <= 0:
                    continue
                fits, best_fits = blocked[a] == FITS, best != NOWHERE and blocked[best] == FITS
                cheaper = best == NOWHERE or cents[a] / freed < cents[best] / best_freed
                if (fits and not best_fits) or (fits == best_fits and cheaper):
                    best, best_freed = a, freed
            of_case[place], of_row[place], of_candidate[place], of_freed[place] = c, row, best, best_freed
            place += 1
