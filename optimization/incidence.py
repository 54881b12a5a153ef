"""Who uses what, listed from one side and from the other: a sparse matrix by candidate and by row.

A listing of m uses from one side is (start, other, amount): of place k the uses ``start[k]`` to ``start[k + 1]``, each
with its place on the other side. One listing is turned into the other by counting, which keeps the order of places
and needs no room but the result's.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.compiled import compiled

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]


class Listing(NamedTuple):
    """Uses from one side.

    Attributes
    ----------
    start
        (k + 1,) first use of each place on this side.
    other, amount
        (m,) place on the other side, and units.
    """

    start: Ints
    other: Places
    amount: Ints


@compiled
def listed(side: Places, other: Places, amount: Ints, size: int) -> Listing:
    """List uses that come in any order by their place on one side, of ``size`` places; equal ones stay in order."""
    start = np.zeros(size + 1, np.int64)
    for place in side:
        start[place + 1] += 1
    at = np.cumsum(start)
    start[:] = at
    others, amounts = np.empty(len(side), np.int32), np.empty(len(side), np.int64)
    for use in range(len(side)):
        to = at[side[use]]
        others[to], amounts[to] = other[use], amount[use]
        at[side[use]] = to + 1
    return Listing(start, others, amounts)


@compiled
def turned(given: Listing, size: int) -> Listing:
    """The same uses from the other side, of ``size`` places, each with this side's places ascending."""
    start = np.zeros(size + 1, np.int64)
    for place in given.other:
        start[place + 1] += 1
    at = np.cumsum(start)
    start[:] = at
    others, amounts = np.empty(len(given.other), np.int32), np.empty(len(given.other), np.int64)
    for place in range(len(given.start) - 1):
        for use in range(given.start[place], given.start[place + 1]):
            to = at[given.other[use]]
            others[to], amounts[to] = place, given.amount[use]
            at[given.other[use]] = to + 1
    return Listing(start, others, amounts)


@compiled
def add_priced(total: Floats | Ints, by_candidate: Listing, price: Floats | Ints) -> None:
    """Add price × amount of what each candidate uses to ``total`` (n,), use by use, in place."""
    start, row, amount = by_candidate
    for candidate in range(len(start) - 1):
        for use in range(start[candidate], start[candidate + 1]):
            total[candidate] += price[row[use]] * amount[use]
