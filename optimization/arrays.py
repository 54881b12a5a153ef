"""A problem as index arrays, for solvers: by candidate and by row.

n candidates, C cases, m uses. The R rows are the resources in their order, then one row with
capacity 1 for each exclusion: both of its candidates use 1 of it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimization.incidence import Listing, listed, turned
from optimization.problem import Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
NONE = 2**62
"""A bound that is not there: hi = NONE, lo = −NONE."""


class Arrays(NamedTuple):
    """Index arrays over the canonical order of a problem.

    Attributes
    ----------
    case
        (n,) case of each candidate, ascending.
    starts
        (C + 1,) first candidate of each case.
    cost
        (n,) cents.
    use_start, use_row, use_amount
        (n + 1,), (m,), (m,) what each candidate uses, rows ascending; amounts above 0.
    row_start, row_action, row_amount
        (R + 1,), (m,), (m,) who uses each row, candidates ascending.
    lo, hi
        (R,) bounds, ∓NONE where there is none.
    under, over
        (R,) cents for each unit below lo or above hi where that is soft, else 0.
    hard_lo, hard_hi
        (R,) whether a bound is there and hard.
    """

    case: Ints
    starts: Ints
    cost: Ints
    use_start: Ints
    use_row: Places
    use_amount: Ints
    row_start: Ints
    row_action: Places
    row_amount: Ints
    lo: Ints
    hi: Ints
    under: Ints
    over: Ints
    hard_lo: Flags
    hard_hi: Flags

    @property
    def cases(self) -> int:
        """Number of cases C."""
        return len(self.starts) - 1

    @property
    def rows(self) -> int:
        """Number of rows R."""
        return len(self.lo)

    @property
    def by_candidate(self) -> Listing:
        """The uses of each candidate."""
        return Listing(self.use_start, self.use_row, self.use_amount)

    @property
    def user(self) -> Places:
        """(m,) candidate of each use in the order of ``use_row``."""
        return np.repeat(np.arange(len(self.cost), dtype=np.int32), np.diff(self.use_start))

    def used(self, chosen: Ints) -> Ints:
        """(R,) units of each row that the chosen candidates take, exact; a negative place is none."""
        taken = np.zeros(len(self.cost), bool)
        taken[chosen[chosen >= 0]] = True
        counts = taken[self.user]
        total = np.zeros(self.rows, np.int64)
        np.add.at(total, self.use_row[counts], self.use_amount[counts])
        return total

    def objective(self, chosen: Ints) -> int:
        """Cents of the chosen candidates with the penalties of soft rows, exact."""
        return int(self.cost[chosen].sum() + self.penalties(self.used(chosen)).sum())

    def penalties(self, used: Ints) -> Ints:
        """(R,) cents for what is used (R,) outside of soft bounds."""
        short = np.where(self.under > 0, np.maximum(0, self.lo - used), 0)
        beyond = np.where(self.over > 0, np.maximum(0, used - self.hi), 0)
        return np.asarray(self.under * short + self.over * beyond)

    def bounds(self, rows: Ints | Flags | Places) -> tuple[Ints, Ints, Ints, Ints]:
        """lo, hi, under, over of some rows as :func:`arranged` takes them: −1 in the last two is hard."""
        under, over = np.where(self.hard_lo, -1, self.under), np.where(self.hard_hi, -1, self.over)
        return self.lo[rows], self.hi[rows], under[rows], over[rows]

    def feasible(self, chosen: Ints) -> bool:
        """Whether the chosen candidates meet every hard row, exactly."""
        used = self.used(chosen)
        return not ((self.hard_lo & (used < self.lo)) | (self.hard_hi & (used > self.hi))).any()


def to_arrays(problem: Problem) -> Arrays:
    """Index a problem's tables."""
    case, cost = problem.places.case, problem.candidates["cost_cents"].to_numpy(np.int64)
    pairs, bounds = len(problem.exclusions), problem.resources
    one, none, soft = np.ones(pairs, np.int64), np.full(pairs, -NONE), np.zeros(pairs, np.int64)
    lo = np.r_[_integers(bounds["lo"], -NONE), none]
    hi = np.r_[_integers(bounds["hi"], NONE), one]
    under = np.r_[_integers(bounds["penalty_lo_cents"], -1), soft - 1]
    over = np.r_[_integers(bounds["penalty_hi_cents"], -1), soft - 1]
    starts = np.r_[np.flatnonzero(np.r_[True, case[1:] != case[:-1]]), len(case)] if len(case) else np.zeros(1, int)
    return indexed(case, starts, cost, turned(_by_row(problem), len(cost)), (lo, hi, under, over))


def arranged(
    case: Ints,
    starts: Ints,
    cost: Ints,
    uses: tuple[Ints | Places, Ints | Places, Ints],
    bounds: tuple[Ints, Ints, Ints, Ints],
) -> Arrays:
    """Index uses both ways.

    Parameters
    ----------
    uses
        Candidate, row and amount of each use, in any order.
    bounds
        lo, hi, under, over of each row; −1 in the last two makes the bound hard.
    """
    action, row, amount = uses
    rough = listed(row.astype(np.int32, copy=False), action.astype(np.int32, copy=False), amount, len(bounds[0]))
    return indexed(case, starts, cost, turned(rough, len(cost)), bounds)


def indexed(case: Ints, starts: Ints, cost: Ints, by_action: Listing, bounds: tuple[Ints, Ints, Ints, Ints]) -> Arrays:
    """The same of uses that are listed by candidate already, rows ascending."""
    lo, hi, under, over = bounds
    by_row = turned(by_action, len(lo))
    return Arrays(
        case=case.astype(np.int64, copy=False),
        starts=starts.astype(np.int64, copy=False),
        cost=cost,
        use_start=by_action.start,
        use_row=by_action.other,
        use_amount=by_action.amount,
        row_start=by_row.start,
        row_action=by_row.other,
        row_amount=by_row.amount,
        lo=lo,
        hi=hi,
        under=np.where(lo > -NONE, np.maximum(under, 0), 0),
        over=np.where(hi < NONE, np.maximum(over, 0), 0),
        hard_lo=(lo > -NONE) & (under < 0),
        hard_hi=(hi < NONE) & (over < 0),
    )


def _by_row(problem: Problem) -> Listing:
    """Who uses each resource, and then each of the rows that exclusions are."""
    places, some = problem.places, problem.amount > 0
    excluded = places.exclusions.astype(np.int32).T.ravel()
    pair = len(problem.resources) + np.arange(len(places.exclusions), dtype=np.int32)
    return listed(
        np.concatenate([places.use_resource[some], pair, pair]),
        np.concatenate([places.use_action[some], excluded]),
        np.concatenate([problem.amount[some], np.ones(len(excluded), np.int64)]),
        len(problem.resources) + len(pair),
    )


def _integers(column: pd.Series, missing: int) -> Ints:
    return np.asarray(column.to_numpy(np.int64, na_value=missing), np.int64)
