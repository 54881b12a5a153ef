"""Small problems from a seed, a family for each way in which a solver of joint plans may be wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from optimization.problem import Problem, build_problem

Row = tuple[int | None, int | None, int | None, int | None]
"""lo, hi, cents a unit below lo and above hi; ``None`` for no bound and for a hard one."""


COLUMNS = {
    "candidates": ("case_id", "action_id", "cost_cents"),
    "usage": ("action_id", "resource_id", "amount"),
    "resources": ("resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"),
    "exclusions": ("action_id_1", "action_id_2"),
}


@dataclass
class Draft:
    """Tables in the making: costs of each case's candidates, and what they use."""

    costs: list[list[int]]
    rows: list[Row] = field(default_factory=list)
    uses: dict[tuple[int, int, int], int] = field(default_factory=dict)
    """(case, candidate, row) → amount."""
    pairs: set[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=set)

    @property
    def actions(self) -> list[tuple[int, int]]:
        """(case, candidate) of all candidates."""
        return [(case, k) for case, costs in enumerate(self.costs) for k in range(len(costs))]

    def problem(self) -> Problem:
        """Build the problem."""
        content = {
            "candidates": [(f"c{case}", f"a{case}-{k}", self.costs[case][k]) for case, k in self.actions],
            "usage": [(f"a{case}-{k}", f"r{row}", amount) for (case, k, row), amount in self.uses.items()],
            "resources": [(f"r{row}", *bounds) for row, bounds in enumerate(self.rows)],
            "exclusions": [(f"a{a}-{j}", f"a{b}-{k}") for (a, j), (b, k) in sorted(self.pairs)],
        }
        frames = {name: _frame(rows, COLUMNS[name]) for name, rows in content.items()}
        return build_problem(**frames)


def _frame(rows: Sequence[tuple[Any, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Python integers stay what they are: a column with nulls would become floats."""
    return pd.DataFrame(rows, columns=list(columns), dtype=object)


Random = np.random.Generator


def small_problem(seed: int) -> tuple[str, Problem]:
    """The family whose turn it is by the seed, and its problem of at most a few thousand combinations."""
    names = list(FAMILIES)
    name = names[seed % len(names)]
    return name, FAMILIES[name](np.random.default_rng([seed, 2026])).problem()


MOST_COMBINATIONS = 4096


def _costs(rng: Random, low: int = 0, high: int = 30, fewest: int = 2, most: int = 4) -> list[list[int]]:
    """Costs of two to seven cases with up to ``most`` candidates, as many cases as all combinations allow."""
    costs: list[list[int]] = []
    combinations = 1
    for candidates in rng.integers(1, most + 1, rng.integers(fewest, 8)).tolist():
        combinations *= candidates + 1
        if combinations <= MOST_COMBINATIONS:
            costs.append(rng.integers(low, high + 1, candidates).tolist())
    return costs


def _fill(rng: Random, draft: Draft, low: int, high: int, share: float = 0.6, free: bool = False) -> Draft:
    """Random amounts; where ``free``, the first candidate of each case uses nothing and so always fits."""
    for case, k in draft.actions:
        for row in range(len(draft.rows)):
            if rng.random() < share and not (free and k == 0):
                draft.uses[case, k, row] = int(rng.integers(low, high + 1))
    return draft


def _bound(rng: Random, most: int) -> Row:
    """Any kind of row: bounds on either side, both or none, each hard or soft, penalties of 0 among them."""
    hi = int(rng.integers(0, most + 1)) if rng.random() < 0.8 else None
    lo = int(rng.integers(0, 1 + (most if hi is None else hi))) if rng.random() < 0.5 else None
    short = int(rng.integers(0, 12)) if rng.random() < 0.7 else None
    over = int(rng.integers(0, 12)) if rng.random() < 0.4 else None
    return lo, hi, short, over


def _mixed(rng: Random) -> Draft:
    rows = [_bound(rng, 12) for _ in range(rng.integers(0, 5))]
    return _pair(rng, _fill(rng, Draft(_costs(rng), rows), 0, 5), int(rng.integers(0, 3)))


def _pair(rng: Random, draft: Draft, count: int) -> Draft:
    """Exclusions between any two candidates, of the same case too."""
    for _ in range(count if len(draft.actions) > 1 else 0):
        one, other = rng.choice(len(draft.actions), 2, replace=False)
        draft.pairs.add((draft.actions[min(one, other)], draft.actions[max(one, other)]))
    return draft


def _tight(rng: Random) -> Draft:
    """Hard upper bounds of 0 to 2 units, the free candidate dear."""
    costs = [[int(rng.integers(20, 90)), *one] for one in _costs(rng, most=3)]
    rows = [(None, int(rng.integers(0, 3)), None, None) for _ in range(rng.integers(1, 5))]
    return _fill(rng, Draft(costs, rows), 1, 2, 0.7, free=True)


def _soft_floors(rng: Random) -> Draft:
    """Commitments: floors beside hard bounds, a penalty below, about and above what candidates differ by."""
    costs = _costs(rng, 0, 40)
    rows = [
        (lo, lo + int(rng.integers(0, 4)) if rng.random() < 0.5 else None, int(rng.choice([0, 1, 5, 20, 100])), None)
        for lo in rng.integers(0, 10, rng.integers(1, 4)).tolist()
    ]
    return _fill(rng, Draft(costs, rows), 1, 4, 0.5, free=True)


def _soft_ceilings(rng: Random) -> Draft:
    """Overtime: ceilings that may be passed at a price, some below zero, some the floor at once."""
    rows = []
    for hi in rng.integers(-2, 6, rng.integers(1, 4)).tolist():
        lo = hi if rng.random() < 0.3 else None
        rows.append((lo, hi, int(rng.integers(0, 9)), int(rng.choice([0, 1, 4, 15]))))
    return _fill(rng, Draft(_costs(rng), rows), 0, 3, 0.6)


def _equalities(rng: Random) -> Draft:
    """lo = hi, hard: what some combination uses, or as often one unit more."""
    draft = _fill(rng, Draft(_costs(rng), [(None, None, None, None)] * int(rng.integers(1, 3))), 0, 3, 0.6)
    chosen = [(case, int(rng.integers(0, len(costs)))) for case, costs in enumerate(draft.costs)]
    for row in range(len(draft.rows)):
        used = sum(draft.uses.get((*action, row), 0) for action in chosen) + int(rng.integers(0, 2))
        draft.rows[row] = (used, used, None, None)
    return draft


def _hard_floors(rng: Random) -> Draft:
    """Floors that must be met, which draw cases to dear candidates."""
    rows = [(int(rng.integers(1, 8)), None, None, None) for _ in range(rng.integers(1, 3))]
    return _fill(rng, Draft(_costs(rng, 0, 50), rows), 0, 4, 0.7)


def _big_amounts(rng: Random) -> Draft:
    """A budget in cents: amounts of millions, a bound that a few units more or less decide."""
    costs = [[int(rng.integers(10**6, 10**8)), *one] for one in _costs(rng, 0, 10**7, most=3)]
    draft = _fill(rng, Draft(costs, [(None, 0, None, None)]), 10**5, 10**7, 0.9, free=True)
    amounts = list(draft.uses.values()) or [0]
    near = sum(rng.permutation(amounts)[: 1 + len(amounts) // 3].tolist())
    soft = int(rng.integers(1, 4)) if rng.random() < 0.3 else None
    draft.rows = [(None, max(0, near + int(rng.integers(-1, 2))), None, soft)]
    return draft


def _negative_costs(rng: Random) -> Draft:
    """Savings: every cost below zero, or about zero, so that the objective may be 0."""
    high = int(rng.choice([-1, 3]))
    rows = [_bound(rng, 8) for _ in range(rng.integers(1, 4))]
    return _fill(rng, Draft(_costs(rng, -20, high), rows), 0, 4)


def _ties(rng: Random) -> Draft:
    """Everything costs 0 or 1 and takes 1; half of the cases can do without."""
    rows = [(None, int(rng.integers(0, 4)), None, None) for _ in range(rng.integers(1, 4))]
    return _fill(rng, Draft(_costs(rng, 0, 1), rows), 1, 1, 0.7, free=rng.random() < 0.5)


def _exclusions(rng: Random) -> Draft:
    """Many pairs: chains, stars, triangles, with a row or none."""
    rows = [(None, int(rng.integers(1, 6)), None, None) for _ in range(rng.integers(0, 2))]
    draft = _fill(rng, Draft(_costs(rng), rows), 0, 3)
    return _pair(rng, draft, int(rng.integers(1, 2 * len(draft.actions) + 1)))


def _infeasible(rng: Random) -> Draft:
    """Every candidate takes something of a row that is too small, or cannot reach its floor."""
    draft = _fill(rng, Draft(_costs(rng), [(None, None, None, None)]), 2, 4, 1.0)
    cases = len(draft.costs)
    least = 2 * cases
    draft.rows = [(None, least - 1, None, None) if rng.random() < 0.5 else (4 * cases + 1, None, None, None)]
    return draft


def _single(rng: Random) -> Draft:
    """Cases with one candidate, which the others have to make room for."""
    rows = [(None, int(rng.integers(3, 10)), None, None) for _ in range(rng.integers(1, 3))]
    costs = [one[: 1 if rng.random() < 0.5 else 4] for one in _costs(rng, fewest=4)]
    return _fill(rng, Draft(costs, rows), 0, 2, 0.8)


def _knapsack(rng: Random) -> Draft:
    """Savings in proportion to what is taken: the LP takes fractions of everything, and prices say nothing."""
    sizes = rng.integers(2, 30, rng.integers(4, 9)).tolist()
    costs = [[10 * size, int(rng.integers(0, 2))] for size in sizes]
    uses = {(case, 1, 0): size for case, size in enumerate(sizes)}
    return Draft(costs, [(None, int(sum(sizes) * rng.uniform(0.3, 0.7)), None, None)], uses)


def _one_too_big(rng: Random) -> Draft:
    """The cheapest candidates take more than half: only one fits, where the LP fits nearly two."""
    hi = int(rng.integers(4, 12))
    prices = [(50, 60), (20, 30), (0, 10)]
    costs = [[int(rng.integers(*price)) for price in prices] for _ in range(rng.integers(2, 7))]
    uses = {(case, 2, 0): hi // 2 + 1 for case in range(len(costs))}
    uses |= {(case, 1, 0): int(rng.integers(1, 1 + hi // 2)) for case in range(len(costs))}
    uses |= {(0, 2, 0): hi + 1} if rng.random() < 0.3 else {}
    return Draft(costs, [(None, hi, None, None)], uses)


def _nobody_uses(rng: Random) -> Draft:
    """Rows without use: a soft floor costs its whole penalty, a hard one cannot be met; and amounts of 0."""
    rows: list[Row] = [(None, 0, None, None), (int(rng.integers(0, 5)), None, int(rng.integers(0, 9)), None)]
    rows.append((int(rng.random() < 0.1), None, None, None))
    rows.append((None, int(rng.integers(0, 4)), None, None))
    draft = _fill(rng, Draft(_costs(rng), rows), 1, 2, 0.5)
    draft.uses = {use: amount if use[2] == 3 else 0 for use, amount in draft.uses.items() if use[2] in (0, 3)}
    return draft


def _components(rng: Random) -> Draft:
    """Groups of cases that share nothing, one of them without any row."""
    rows: list[Row] = [(None, int(rng.integers(0, 4)), None, None), (int(rng.integers(0, 3)), 3, 7, 9)]
    draft = Draft(_costs(rng, fewest=4), rows)
    for case, k in draft.actions:
        if case % 3 < 2 and rng.random() < 0.8:
            draft.uses[case, k, case % 3] = int(rng.integers(1, 3))
    return draft


def _shared_row(rng: Random) -> Draft:
    """A global row over local ones, as review minutes lie over loads of carriers."""
    costs = [[int(rng.integers(60, 99)), *one] for one in _costs(rng, 0, 50, most=3)]
    local: list[Row] = [(None, int(rng.integers(1, 3)), None, None) for _ in range(2)]
    draft = Draft(costs, [*local, (None, int(rng.integers(3, 40)), None, None)])
    for case, k in draft.actions:
        if k:
            draft.uses[case, k, int(rng.integers(0, 2))] = 1
            draft.uses[case, k, 2] = int(rng.integers(1, 20))
    return draft


FAMILIES: dict[str, Callable[[Random], Draft]] = {
    "mixed": _mixed,
    "tight": _tight,
    "soft floors": _soft_floors,
    "soft ceilings": _soft_ceilings,
    "equalities": _equalities,
    "hard floors": _hard_floors,
    "big amounts": _big_amounts,
    "negative costs": _negative_costs,
    "ties": _ties,
    "exclusions": _exclusions,
    "infeasible": _infeasible,
    "single": _single,
    "knapsack": _knapsack,
    "one too big": _one_too_big,
    "nobody uses": _nobody_uses,
    "components": _components,
    "shared row": _shared_row,
}


# --- Large numbers ------------------------------------------------------------------------------------------------


def large_problem(family: str, size: int, seed: int) -> Problem:
    """A problem of costs or amounts about ``size``."""
    rng = np.random.default_rng([seed, size, 2026])
    return LARGE[family](rng, size).problem()


def _large_costs(rng: Random, size: int) -> Draft:
    """Costs about the size, over rows of a few units."""
    costs = [[int(rng.integers(size // 2, size)) * (k + 1) // 3 for k in range(3)] for _ in range(6)]
    draft = Draft(costs, [(None, int(rng.integers(3, 9)), None, None), (2, 8, size // 7, None)])
    return _fill(rng, draft, 1, 5, 0.6, free=True)


def _large_amounts(rng: Random, size: int) -> Draft:
    """Amounts of some sizes and a few units; a ceiling, a soft floor, or both, that a unit decides."""
    draft = Draft(_costs(rng, fewest=4), [(None, None, None, None)] * 2)
    for case, k in draft.actions:
        for row in range(2):
            if k and rng.random() < 0.7:
                draft.uses[case, k, row] = int(rng.integers(0, 6)) * size + int(rng.integers(0, 9))
    used = [_of_some_choice(rng, draft, row) + int(rng.integers(-1, 2)) for row in range(2)]
    draft.rows = [(None, max(0, used[0]), None, None), (max(0, used[1] // 2), max(0, used[1]), 1, None)]
    return draft


def _large_equalities(rng: Random, size: int) -> Draft:
    """lo = hi, hard: what some combination uses of large amounts."""
    draft = _fill(rng, Draft(_costs(rng, fewest=4), [(None, None, None, None)]), size // 2, size, 0.8)
    used = _of_some_choice(rng, draft, 0)
    draft.rows = [(used, used, None, None)]
    return draft


def _large_both(rng: Random, size: int) -> Draft:
    """Large costs and a soft row of large amounts whose units cost little."""
    costs = [[int(rng.integers(0, 20)) * size + int(rng.integers(0, size)) for _ in range(3)] for _ in range(5)]
    draft = _fill(rng, Draft(costs, [(None, None, None, None)]), size // 2, 5 * size, 0.7)
    draft.rows = [(_of_some_choice(rng, draft, 0), None, int(rng.integers(1, 4)), None)]
    return draft


def _of_some_choice(rng: Random, draft: Draft, row: int) -> int:
    """What a random choice takes of a row."""
    chosen = [(case, int(rng.integers(0, len(costs)))) for case, costs in enumerate(draft.costs)]
    return sum(draft.uses.get((*action, row), 0) for action in chosen)


LARGE: dict[str, Callable[[Random, int], Draft]] = {
    "costs": _large_costs,
    "amounts": _large_amounts,
    "equalities": _large_equalities,
    "both": _large_both,
}
