"""How tight a simulated joint-plan problem is: which rows refuse somebody in a plain greedy plan.

``python -m benchmarks.plan_tightness FOLDER...`` prints one line a folder. Cases come in order of what is at stake
(do nothing − cheapest); each takes its cheapest candidate that fits under the hard upper limits. A row binds when it
refused a candidate that the case would have preferred.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
import pyarrow.parquet as pq

from benchmarks.plan_load import NONE, Ints, Loaded, load, load_seconds

GLOBAL = ("review_min", "premium_budget", "without_review")


@dataclass(frozen=True, eq=False)
class Greedy:
    """A plan, what it uses of each row (R,), and how often each row refused a candidate (R,)."""

    chosen: Ints
    used: Ints
    refusals: Ints


def greedy(problem: Loaded) -> Greedy:
    """Insert cases by stake."""
    cases = np.flatnonzero(np.diff(problem.case, prepend=-1))
    worst, best = (reduce.reduceat(problem.cost, cases) for reduce in (np.maximum, np.minimum))
    hard = (problem.limits[:, 1] != NONE) & (problem.limits[:, 3] == NONE)
    left = np.where(hard, problem.limits[:, 1], np.iinfo(np.int64).max)
    uses = np.searchsorted(problem.by_action[:, 0], np.arange(len(problem.cost) + 1))
    cheapest = np.lexsort((problem.cost, problem.case))
    order = np.argsort(best - worst, kind="stable")
    chosen, refusals = _insert(order, np.append(cases, len(problem.cost)), cheapest, uses, problem.by_action, left)
    taken = np.isin(problem.by_action[:, 0], chosen)
    used = np.zeros(len(left), np.int64)
    np.add.at(used, problem.by_action[taken, 1], problem.by_action[taken, 2])
    return Greedy(chosen, used, refusals)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _insert(order: Ints, starts: Ints, cheapest: Ints, uses: Ints, by_action: Ints, left: Ints) -> tuple[Ints, Ints]:
    chosen, refusals = np.full(order.size, -1), np.zeros(left.size, np.int64)
    for case in order:
        for k in range(starts[case], starts[case + 1]):
            action, fits = cheapest[k], True
            for use in range(uses[action], uses[action + 1]):
                if by_action[use, 2] > left[by_action[use, 1]]:
                    refusals[by_action[use, 1]] += 1
                    fits = False
            if fits:
                chosen[case] = action
                for use in range(uses[action], uses[action + 1]):
                    left[by_action[use, 1]] -= by_action[use, 2]
                break
    return chosen, refusals


def lines(folder: Path) -> Iterator[str]:
    """Sizes, the share of binding rows by family, and the seconds of a load."""
    problem, plan = load(folder), greedy(load(folder))
    cases = int(problem.case[-1]) + 1
    yield (
        f"{folder}: {cases:,} cases, {len(problem.cost):,} candidates ({len(problem.cost) / cases:.2f} a case), "
        f"{len(problem.by_action):,} uses, {len(problem.limits):,} rows, {len(problem.exclusions):,} exclusions; "
        f"greedy {problem.cost[plan.chosen].sum() / 100:,.0f}; load {load_seconds(folder):.2f} s"
    )
    names = np.sort(np.asarray(pq.read_table(folder / "resources.parquet")["resource_id"].to_pylist()))
    family = np.char.partition(names, ":")[:, 0]
    for one in np.unique(family):
        yield f"  {_family(one, problem, plan, family == one)}"
    local = ~np.isin(family, [*GLOBAL, "commitment"])
    yield f"  local rows that bind: {(plan.refusals[local] > 0).mean():.1%}"


def _family(name: str, problem: Loaded, plan: Greedy, rows: Ints) -> str:
    binding, limits = plan.refusals[rows] > 0, problem.limits[rows]
    short = (limits[:, 0] != NONE) & (plan.used[rows] < limits[:, 0])
    long = (limits[:, 1] != NONE) & (plan.used[rows] > limits[:, 1])
    return (
        f"{name}: {rows.sum():,} rows, {binding.mean():.1%} refuse, {short.mean():.1%} below a soft floor, "
        f"{long.mean():.1%} above a soft ceiling; mean upper limit {limits[limits[:, 1] != NONE, 1].mean():,.1f}"
    )


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(*lines(Path(argument)), sep="\n")
