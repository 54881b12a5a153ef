"""A problem as index arrays, for solvers.

n candidates, C cases, R resources, m uses, e exclusions; candidates are grouped by case.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimization.problem import Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BOUNDS = ["lo", "hi", "penalty_lo_cents", "penalty_hi_cents"]


@dataclass(frozen=True, eq=False)
class Arrays:
    """Index arrays over the canonical order of a problem.

    Attributes
    ----------
    case
        (n,) case of each candidate, ascending.
    cost
        (n,) cents.
    use_action, use_resource, use_amount
        (m,) uses, sorted by (resource, action).
    lo, hi
        (R,) bounds as floats, ∓∞ where there is none.
    under, over
        (R,) cents per unit below lo or above hi; ∞ where the bound is hard.
    rows
        The same four of each resource as exact integers, ``None`` where there is none.
    exclusions
        (e, 2) candidates that exclude each other.
    """

    case: Ints
    cost: Ints
    use_action: Ints
    use_resource: Ints
    use_amount: Ints
    lo: Floats
    hi: Floats
    under: Floats
    over: Floats
    rows: tuple[tuple[int | None, int | None, int | None, int | None], ...]
    exclusions: Ints

    @property
    def starts(self) -> Ints:
        """(C,) first candidate of each case."""
        return np.flatnonzero(np.r_[True, self.case[1:] != self.case[:-1]])

    def used(self, chosen: Ints) -> Ints:
        """(R,) units of each resource that the chosen candidates take."""
        taken = np.zeros(len(self.cost), np.int64)
        taken[chosen] = 1
        total = np.zeros(len(self.rows), np.int64)
        np.add.at(total, self.use_resource, self.use_amount * taken[self.use_action])
        return total

    def objective(self, chosen: Ints) -> int:
        """Cents of the chosen candidates with the penalties of soft rows, exact."""
        cents: int = sum(self.cost[chosen].tolist())
        for (lo, hi, under, over), used in zip(self.rows, self.used(chosen).tolist(), strict=True):
            cents += under * max(0, lo - used) if under is not None and lo is not None else 0
            cents += over * max(0, used - hi) if over is not None and hi is not None else 0
        return cents

    def feasible(self, chosen: Ints) -> bool:
        """Whether the chosen candidates meet every hard row and exclusion, exactly."""
        for (lo, hi, under, over), used in zip(self.rows, self.used(chosen).tolist(), strict=True):
            if (under is None and lo is not None and used < lo) or (over is None and hi is not None and used > hi):
                return False
        return not np.isin(self.exclusions, chosen).all(axis=1).any()


def to_arrays(problem: Problem) -> Arrays:
    """Index a problem's canonical tables."""
    candidates, resources = problem.candidates, problem.resources
    action = pd.Index(candidates["action_id"])
    resource = pd.Index(resources["resource_id"])
    use_action = action.get_indexer(problem.usage["action_id"])
    use_resource = resource.get_indexer(problem.usage["resource_id"])
    order = np.lexsort((use_action, use_resource))
    pairs = [action.get_indexer(problem.exclusions[name]) for name in ("action_id_1", "action_id_2")]
    return Arrays(
        case=pd.factorize(candidates["case_id"])[0].astype(np.int64),
        cost=candidates["cost_cents"].to_numpy(np.int64),
        use_action=use_action[order].astype(np.int64),
        use_resource=use_resource[order].astype(np.int64),
        use_amount=problem.usage["amount"].to_numpy(np.int64)[order],
        lo=_floats(resources["lo"], -np.inf),
        hi=_floats(resources["hi"], np.inf),
        under=_floats(resources["penalty_lo_cents"], np.inf),
        over=_floats(resources["penalty_hi_cents"], np.inf),
        rows=tuple(_exact(row) for row in resources[BOUNDS].astype(object).itertuples(index=False)),
        exclusions=np.column_stack(pairs).astype(np.int64).reshape(-1, 2),
    )


def _exact(row: tuple[object, ...]) -> tuple[int | None, int | None, int | None, int | None]:
    lo, hi, under, over = (None if pd.isna(value) else int(value) for value in row)  # type: ignore[call-overload]
    return lo, hi, under, over


def _floats(column: pd.Series, missing: float) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(np.float64, na_value=missing), np.float64)
