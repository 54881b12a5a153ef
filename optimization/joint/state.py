"""A choice in the making: who has what, and what is used of each row.

Costs here are *price-adjusted*: cents of a candidate plus, for the hard rows that very many cases
share (*wide* rows), the shadow price of what it takes of them. Wide rows are not kept by every step:
prices keep them nearly, :mod:`optimization.joint.repair` exactly.

The innermost compiled steps take the few arrays they need instead of a tuple of all: handing many
arrays from function to function costs more than what such a function does.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.compiled import compiled, within
from optimization.arrays import NONE, Arrays, Flags, Floats, Ints, Places
from optimization.joint.prices import reduced_costs

FREE = -1
"""No candidate yet; as a row: none is overfull."""
SHORT = -2
"""In place of a row: the move leaves a hard lower bound."""
UNSERVED = 1e15
"""Cents that a case without a candidate counts as costing."""
WIDE_USERS = 500
"""A hard row with more users, and more than WIDE_PART of all candidates, is wide."""
WIDE_PART = 0.005

USED, LEAST, MOST, LO, HI, UNDER, OVER, KIND = range(8)
"""Columns of :attr:`State.rows`: units used; hard bounds that every step keeps; the bounds; penalties; kind."""
NARROW, SOFT, WIDE = range(3)
"""Kinds of rows: hard with few users, soft, hard with very many."""


class Board(NamedTuple):
    """What compiled steps hand on to one another: arrays of a :class:`State` and of its problem, by their names."""

    starts: Ints
    case: Ints
    row_start: Ints
    row_action: Places
    by_reduced: Ints
    reduced: Floats
    choice: Ints
    rows: Ints
    use_start: Ints
    uses: Ints
    adjusted: Floats


@dataclass(frozen=True, eq=False)
class State:
    """A choice and what follows from it.

    Attributes
    ----------
    arrays
        The problem.
    choice
        (C,) candidate of each case, or FREE.
    rows
        (R, 8) each row's use and bounds, a line of memory each.
    uses
        (m, 2) row and amount of each use, by candidate.
    adjusted
        (n,) cents of each candidate with the prices of wide rows.
    reduced
        (n,) cents of each candidate with the prices of all rows.
    by_reduced
        (n,) candidates of each case by reduced cost, cheapest first.
    prices
        (R,) cents per unit.
    wide
        (R,) hard rows that prices keep.
    """

    arrays: Arrays
    choice: Ints
    rows: Ints
    uses: Ints
    adjusted: Floats
    reduced: Floats
    by_reduced: Ints
    prices: Floats
    wide: Flags

    @property
    def board(self) -> Board:
        """The arrays that compiled steps need."""
        arrays = self.arrays
        return Board(
            arrays.starts,
            arrays.case,
            arrays.row_start,
            arrays.row_action,
            self.by_reduced,
            self.reduced,
            self.choice,
            self.rows,
            arrays.use_start,
            self.uses,
            self.adjusted,
        )

    @property
    def complete(self) -> bool:
        """Whether every case has a candidate."""
        return bool((self.choice != FREE).all())

    @property
    def lowest(self) -> Floats:
        """(C,) the lowest reduced cost of each case."""
        return np.minimum.reduceat(self.reduced, self.arrays.starts[:-1])

    @property
    def second_regret(self) -> float:
        """Cents that a case loses on average with its second-best candidate."""
        starts, ordered = self.arrays.starts, self.reduced[self.by_reduced]
        best = starts[:-1][np.diff(starts) > 1]
        return float(np.mean(ordered[best + 1] - ordered[best])) if len(best) else 0.0


def start(arrays: Arrays, prices: Floats, choice: Ints | None = None, keep_wide: bool = False) -> State:
    """A state at given prices (R,), empty or at an earlier choice (C,).

    Parameters
    ----------
    keep_wide
        Whether every step keeps the wide rows too; the choice must meet them then.
    """
    wide = np.zeros(arrays.rows, bool) if keep_wide else wide_rows(arrays)
    reduced = reduced_costs(arrays, prices)
    return State(
        arrays=arrays,
        choice=np.full(arrays.cases, FREE) if choice is None else choice.copy(),
        rows=_rows(arrays, wide, choice),
        uses=_uses(arrays),
        adjusted=reduced_costs(arrays, np.where(wide, prices, 0.0)),
        reduced=reduced,
        by_reduced=np.lexsort((reduced, arrays.case)),
        prices=prices,
        wide=wide,
    )


def wide_rows(arrays: Arrays) -> Flags:
    """(R,) hard rows with so many users that looking through them costs too much."""
    many = np.diff(arrays.row_start) > max(WIDE_USERS, WIDE_PART * len(arrays.cost))
    return np.asarray(many & (arrays.hard_hi | arrays.hard_lo))


def _uses(arrays: Arrays) -> Ints:
    uses = np.empty((len(arrays.use_row), 2), np.int64)
    uses[:, 0], uses[:, 1] = arrays.use_row, arrays.use_amount
    return uses


def _rows(arrays: Arrays, wide: Flags, choice: Ints | None) -> Ints:
    rows = np.empty((arrays.rows, 8), np.int64)
    rows[:, USED] = 0 if choice is None else arrays.used(choice)
    rows[:, LEAST] = np.where(arrays.hard_lo & ~wide, arrays.lo, -NONE)
    rows[:, MOST] = np.where(arrays.hard_hi & ~wide, arrays.hi, NONE)
    rows[:, LO], rows[:, HI], rows[:, UNDER], rows[:, OVER] = arrays.lo, arrays.hi, arrays.under, arrays.over
    soft = (arrays.under > 0) | (arrays.over > 0)
    rows[:, KIND] = np.where(wide_rows(arrays), WIDE, np.where(soft, SOFT, NARROW))
    return rows


@compiled
def put(choice: Ints, rows: Ints, use_start: Ints, uses: Ints, case: int, candidate: int) -> None:
    """Give a case another candidate, or FREE."""
    old = choice[case]
    if old != FREE:
        for i in range(use_start[old], use_start[old + 1]):
            rows[uses[i, 0], USED] -= uses[i, 1]
    choice[case] = candidate
    if candidate != FREE:
        for i in range(use_start[candidate], use_start[candidate + 1]):
            rows[uses[i, 0], USED] += uses[i, 1]


@within
def amount_of(candidate: int, row: int, use_start: Ints, uses: Ints) -> int:
    """What a candidate takes of a row."""
    amount = 0
    for i in range(use_start[candidate], use_start[candidate + 1]):
        if uses[i, 0] == row:
            amount = uses[i, 1]
    return amount


@within
def penalty(rows: Ints, row: int, used: int) -> int:
    """Cents for what ``used`` lies outside of a row's soft bounds."""
    short, beyond = max(0, rows[row, LO] - used), max(0, used - rows[row, HI])
    cents = 0
    if rows[row, UNDER] > 0:
        cents += rows[row, UNDER] * short
    if rows[row, OVER] > 0:
        cents += rows[row, OVER] * beyond
    return cents


@compiled
def weigh_move(rows: Ints, use_start: Ints, uses: Ints, adjusted: Floats, new: int, old: int) -> tuple[int, float]:
    """What putting ``new`` in place of ``old`` would do.

    Returns
    -------
    tuple
        A row that would be overfull, SHORT where a hard lower bound would be left (or left
        further), else FREE; and the change in price-adjusted cents, soft penalties included.
    """
    blocked, cents = FREE, adjusted[new] - (UNSERVED if old == FREE else adjusted[old])
    i, i_end = use_start[new], use_start[new + 1]
    j, j_end = (0, 0) if old == FREE else (use_start[old], use_start[old + 1])
    while i < i_end or j < j_end:
        if j == j_end or (i < i_end and uses[i, 0] < uses[j, 0]):
            row, change = uses[i, 0], uses[i, 1]
            i += 1
        elif i == i_end or uses[j, 0] < uses[i, 0]:
            row, change = uses[j, 0], -uses[j, 1]
            j += 1
        else:
            row, change = uses[i, 0], uses[i, 1] - uses[j, 1]
            i += 1
            j += 1
        now = rows[row, USED]
        then = now + change
        if rows[row, UNDER] + rows[row, OVER] > 0:
            cents += penalty(rows, row, then) - penalty(rows, row, now)
        if change > 0 and then > rows[row, MOST]:
            blocked = row
        elif change < 0 and then < rows[row, LEAST]:
            return SHORT, cents
    return blocked, cents
