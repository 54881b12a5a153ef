"""Presolve: what can be left out of a problem without leaving out its optimum.

- a candidate that alone needs more of a row than the row's hard upper bound allows;
- a candidate that another one of its case beats: no dearer, and of no row does it take more (of a
  row with a lower bound: takes exactly as much);
- rows that no choice can break.
"""

from dataclasses import dataclass

import numpy as np

from features.compiled import compiled
from optimization.arrays import NONE, Arrays, Flags, Floats, Ints, indexed
from optimization.incidence import Listing


@dataclass(frozen=True, eq=False)
class Presolved:
    """The smaller problem.

    Attributes
    ----------
    arrays
        Kept candidates and rows.
    candidate
        (kept,) each candidate's place in the problem that was given.
    row
        (kept,) the same of each row.
    """

    arrays: Arrays
    candidate: Ints
    row: Ints

    def row_values(self, values: Floats, rows: int) -> Floats:
        """(rows,) values of kept rows at their old places, 0 elsewhere."""
        spread = np.zeros(rows)
        spread[self.row] = values
        return spread


def presolve(arrays: Arrays) -> Presolved:
    """Leave out what cannot be in a best plan; a case none of whose candidates is possible keeps them all."""
    possible = _possible(arrays)
    kept = possible & ~_beaten(arrays, possible, arrays.lo > -NONE)
    rows = _can_break(arrays, kept)
    return _restricted(arrays, kept, rows)


def too_large_uses(arrays: Arrays) -> Ints:
    """Uses (places in the order of rows) that alone are more than a hard upper bound allows."""
    most = np.where(arrays.hard_hi, arrays.hi, NONE)
    return np.flatnonzero(arrays.row_amount > np.repeat(most, np.diff(arrays.row_start)))


def impossible_ones(arrays: Arrays, too_large: Ints) -> Flags:
    """(n,) whether a candidate has such a use: no plan has it."""
    impossible = np.zeros(len(arrays.cost), bool)
    impossible[arrays.row_action[too_large]] = True
    return impossible


def _possible(arrays: Arrays) -> Flags:
    """(n,) whether each use fits alone under the hard upper bounds."""
    possible = ~impossible_ones(arrays, too_large_uses(arrays))
    hopeless = ~np.logical_or.reduceat(possible, arrays.starts[:-1]) if arrays.cases else possible
    return np.asarray(possible | hopeless[arrays.case])


@compiled
def _beaten(arrays: Arrays, possible: Flags, floored: Flags) -> Flags:
    """(n,) whether another possible candidate of the case is as good in everything; of equals the first stays."""
    starts, cost = arrays.starts, arrays.cost
    beaten = np.zeros(len(cost), np.bool_)
    for c in range(len(starts) - 1):
        for b in range(starts[c], starts[c + 1]):
            for a in range(starts[c], starts[c + 1]):
                if a == b or beaten[a] or not possible[a] or cost[a] > cost[b]:
                    continue
                if _takes_no_more(arrays, a, b, floored) and (a < b or not _same(arrays, a, b)):
                    beaten[b] = True
                    break
    return beaten


@compiled
def _takes_no_more(arrays: Arrays, a: int, b: int, floored: Flags) -> bool:
    """Whether ``a`` uses no row more than ``b``, and rows with a lower bound exactly as much."""
    start, row, amount = arrays.use_start, arrays.use_row, arrays.use_amount
    i, j = start[a], start[b]
    while i < start[a + 1] or j < start[b + 1]:
        if j == start[b + 1] or (i < start[a + 1] and row[i] < row[j]):
            return False
        if i == start[a + 1] or row[j] < row[i]:
            if floored[row[j]]:
                return False
            j += 1
        else:
            if amount[i] > amount[j] or (floored[row[i]] and amount[i] != amount[j]):
                return False
            i += 1
            j += 1
    return True


@compiled
def _same(arrays: Arrays, a: int, b: int) -> bool:
    """Whether ``b``, which uses all that ``a`` uses and costs no less, is its equal."""
    start, amount = arrays.use_start, arrays.use_amount
    if arrays.cost[a] != arrays.cost[b] or start[a + 1] - start[a] != start[b + 1] - start[b]:
        return False
    same = True
    for k in range(start[a + 1] - start[a]):
        same &= amount[start[a] + k] == amount[start[b] + k]
    return same


def _can_break(arrays: Arrays, kept: Flags) -> Flags:
    """(R,) whether the kept candidates could leave a row's bounds."""
    least, most = _reach(arrays, kept)
    return np.asarray(((arrays.hi < NONE) & (most > arrays.hi)) | ((arrays.lo > -NONE) & (least < arrays.lo)))


@compiled
def _reach(arrays: Arrays, kept: Flags) -> tuple[Ints, Ints]:
    """(R,), (R,) the least and the most that all cases together can take of each row."""
    case, starts, row_start = arrays.case, arrays.starts, arrays.row_start
    rows = len(arrays.lo)
    least, most = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    count = np.zeros(len(starts) - 1, np.int64)
    for a in range(len(case)):
        count[case[a]] += kept[a]
    for r in range(rows):
        i, end = row_start[r], row_start[r + 1]
        while i < end:
            c, users, low, high = case[arrays.row_action[i]], 0, np.int64(NONE), np.int64(0)
            while i < end and case[arrays.row_action[i]] == c:
                if kept[arrays.row_action[i]]:
                    users += 1
                    low, high = min(low, arrays.row_amount[i]), max(high, arrays.row_amount[i])
                i += 1
            most[r] += high
            least[r] += low if users == count[c] else 0
    return least, most


def _restricted(arrays: Arrays, kept: Flags, rows: Flags) -> Presolved:
    candidate, new_row = np.flatnonzero(kept), np.cumsum(rows, dtype=np.int32) - 1
    use = np.repeat(kept, np.diff(arrays.use_start)) & rows[arrays.use_row]
    uses = Listing(
        start=_starts(use, arrays.use_start, candidate),
        other=new_row[arrays.use_row[use]],
        amount=arrays.use_amount[use],
    )
    case = arrays.case[candidate]
    starts = np.searchsorted(case, np.arange(arrays.cases + 1))
    smaller = indexed(case, starts, arrays.cost[candidate], uses, arrays.bounds(rows))
    return Presolved(smaller, candidate, np.flatnonzero(rows))


def _starts(use: Flags, start: Ints, candidate: Ints) -> Ints:
    """(kept + 1,) where each kept candidate's kept uses begin."""
    before = np.concatenate([np.zeros(1, np.int32), np.cumsum(use, dtype=np.int32)])
    starts: Ints = before[np.append(start[candidate], start[-1])].astype(np.int64)
    return starts
