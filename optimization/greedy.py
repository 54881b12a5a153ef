"""A feasible plan without a solver: insertion by stake.

Cases that would lose most by taking the candidate that uses least go first; each takes its
cheapest candidate that still fits under the hard upper bounds and exclusions.
"""

from collections import defaultdict

import numpy as np

from optimization.arrays import Arrays, Ints


def greedy_choice(arrays: Arrays) -> Ints | None:
    """Choose one candidate per case, shape (C,); ``None`` where insertion does not meet every hard row."""
    uses, partners, left = _uses(arrays), _partners(arrays), _capacity(arrays)
    barred: set[int] = set()
    groups = np.split(np.arange(len(arrays.cost)), arrays.starts[1:]) if len(arrays.cost) else []
    chosen = np.full(len(groups), -1, np.int64)
    for case in _by_stake(arrays, groups, uses):
        cheapest_first = groups[case][np.argsort(arrays.cost[groups[case]], kind="stable")].tolist()
        fits = (
            action
            for action in cheapest_first
            if action not in barred and all(left[row] >= amount for row, amount in uses[action] if row in left)
        )
        taken = next(fits, None)
        if taken is None:
            return None
        chosen[case] = taken
        barred |= partners[taken]
        for row, amount in uses[taken]:
            if row in left:
                left[row] -= amount
    return chosen if arrays.feasible(chosen) else None


def _uses(arrays: Arrays) -> dict[int, list[tuple[int, int]]]:
    uses: dict[int, list[tuple[int, int]]] = defaultdict(list)
    columns = (arrays.use_action, arrays.use_resource, arrays.use_amount)
    for action, row, amount in zip(*(column.tolist() for column in columns), strict=True):
        uses[action].append((row, amount))
    return uses


def _partners(arrays: Arrays) -> dict[int, set[int]]:
    partners: dict[int, set[int]] = defaultdict(set)
    for one, other in arrays.exclusions.tolist():
        partners[one].add(other)
        partners[other].add(one)
    return partners


def _capacity(arrays: Arrays) -> dict[int, int]:
    return {row: hi for row, (_, hi, _, over) in enumerate(arrays.rows) if hi is not None and over is None}


def _by_stake(arrays: Arrays, groups: list[Ints], uses: dict[int, list[tuple[int, int]]]) -> list[int]:
    """Cases by (cost of their least-using candidate − cost of their cheapest), largest first."""

    def stake(case: int) -> int:
        actions = groups[case].tolist()
        least = min(actions, key=lambda action: (sum(amount for _, amount in uses[action]), action))
        return int(arrays.cost[least] - arrays.cost[groups[case]].min())

    return sorted(range(len(groups)), key=lambda case: (-stake(case), case))
