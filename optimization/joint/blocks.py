"""Blocks: cases that fight over the same scarce rows, to be solved exactly and apart.

A row belongs to a block if every case that would reach for it, were all scarce rows of few users
free, is in that block. Other users lie so far from wanting it that the bound loses nothing when
they may have it for nothing. Rows that no block owns keep their price for everybody, so that

    bound = Σ_blocks min { Σ (c_a + Σ_{r unowned} p_r w_ra) x_a : the block's own rows } − Σ_{r unowned} p_r capacity_r

holds however cases are put together, and is no weaker than the prices' own bound (Lagrangian
decomposition, Guignard & Kim 1987). Blocks grow until they hold ``largest`` cases.
"""

from dataclasses import dataclass

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import NONE, Arrays, Flags, Ints, Places
from optimization.incidence import add_priced
from optimization.joint.bound import Priced
from optimization.joint.state import wide_rows

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Blocks:
    """Cases in blocks, and which block owns which row.

    Attributes
    ----------
    block
        (C,) block of each case, 0 to B − 1.
    owner
        (R,) block that owns each row, or NOBODY: the row keeps its price.
    """

    block: Ints
    owner: Ints

    @property
    def count(self) -> int:
        """Number of blocks B."""
        return int(self.block.max(initial=-1)) + 1


def partition(arrays: Arrays, priced: Priced, chosen: Ints, largest: int) -> Blocks:
    """Put cases together that compete for scarce rows.

    Parameters
    ----------
    chosen
        (C,) a plan; a row that nobody reaches for goes to a block of those who have it.
    largest
        Most cases that joining may put in one block.
    """
    if arrays.cases <= largest:
        return Blocks(np.zeros(arrays.cases, np.int64), np.zeros(arrays.rows, np.int64))
    wide = wide_rows(arrays)
    reaching = _reaching(arrays, priced, wide)
    order = _order(arrays, reaching, priced.price, wide)
    root = _join(order, arrays.row_start, arrays.row_action, arrays.case, reaching, arrays.cases, largest)
    block = np.unique(root, return_inverse=True)[1].astype(np.int64)
    holds = np.zeros(len(arrays.cost), bool)
    holds[chosen] = True
    owner = _owners(arrays.row_start, arrays.row_action, arrays.case, block, reaching, holds)
    shared = _shared(arrays, block, owner)
    return Blocks(block, np.where(wide | (shared & (arrays.lo > -NONE)), NOBODY, owner))


def _reaching(arrays: Arrays, priced: Priced, wide: Flags) -> Flags:
    """(n,) whether a candidate would be its case's cheapest if rows of few users cost nothing.

    It then costs less than the lowest reduced cost, or is the one that has it.
    """
    narrow = np.where(wide, 0, np.maximum(priced.price, 0))
    free = priced.reduced.copy()
    add_priced(free, arrays.by_candidate, -narrow)
    return np.asarray(free < priced.lowest[arrays.case])


def _order(arrays: Arrays, reaching: Flags, price: Ints, wide: Flags) -> Ints:
    """Rows that join cases, those that few reach for first."""
    wanted = np.repeat(reaching, np.diff(arrays.use_start))
    reachers = np.bincount(arrays.use_row[wanted], minlength=arrays.rows)
    rows = np.flatnonzero((price > 0) & ~wide & (reachers > 1))
    return rows[np.argsort(reachers[rows], kind="stable")]


@compiled
def _join(
    order: Ints, row_start: Ints, row_action: Places, case: Ints, reaching: Flags, cases: int, largest: int
) -> Ints:
    """(C,) root of each case after joining those that reach for the same row, within ``largest``."""
    parent, size = np.arange(cases), np.ones(cases, np.int64)
    for row in order:
        total, seen = 0, -1
        roots = np.empty(row_start[row + 1] - row_start[row], np.int64)
        count = 0
        for i in range(row_start[row], row_start[row + 1]):
            if not reaching[row_action[i]] or case[row_action[i]] == seen:
                continue
            seen = case[row_action[i]]
            root = _root(parent, seen)
            known = False
            for k in range(count):
                known |= roots[k] == root
            if not known:
                roots[count] = root
                count += 1
                total += size[root]
        if total <= largest:
            for k in range(1, count):
                parent[roots[k]] = roots[0]
                size[roots[0]] += size[roots[k]]
    for c in range(cases):
        parent[c] = _root(parent, c)
    return parent


@within
def _root(parent: Ints, case: int) -> int:
    at = case
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


@compiled
def _owners(row_start: Ints, row_action: Places, case: Ints, block: Ints, reaching: Flags, holds: Flags) -> Ints:
    """(R,) the one block whose cases reach for each row; of rows nobody reaches for, one that has it."""
    owner = np.full(len(row_start) - 1, NOBODY)
    for row in range(len(owner)):
        reached, held, split = NOBODY, NOBODY, False
        for i in range(row_start[row], row_start[row + 1]):
            where = block[case[row_action[i]]]
            if reaching[row_action[i]]:
                split |= reached not in (NOBODY, where)
                reached = where
            elif holds[row_action[i]] and held == NOBODY:
                held = where
        if not split:
            owner[row] = reached if reached != NOBODY else held
    return owner


def _shared(arrays: Arrays, block: Ints, owner: Ints) -> Flags:
    """(R,) whether a row has users outside of its owner."""
    of_candidate, users = block.astype(np.int32)[arrays.case], np.diff(arrays.row_start)
    outside = of_candidate[arrays.row_action] != np.repeat(owner.astype(np.int32), users)
    shared = np.zeros(arrays.rows, bool)
    shared[np.repeat(np.arange(arrays.rows, dtype=np.int32), users)[outside]] = True
    return shared
