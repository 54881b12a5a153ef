"""An oracle in plain Python: what every choice of a small problem costs."""

import itertools
from typing import Any

import pandas as pd

from optimization.problem import Problem


def every_cost(problem: Problem) -> dict[tuple[str, ...], int]:
    """The cents of every combination of actions, in the order of cases, that meets hard rows and exclusions."""
    cost = dict(zip(problem.candidates["action_id"], problem.candidates["cost_cents"].tolist(), strict=True))
    groups = problem.candidates.groupby("case_id", sort=True)["action_id"].apply(list).tolist()
    amounts = {(action, resource): amount for action, resource, amount in problem.usage.itertuples(index=False)}
    rows = [[None if pd.isna(value) else value for value in row] for row in problem.resources.itertuples(index=False)]
    pairs = list(problem.exclusions.itertuples(index=False, name=None))
    costs = {}
    for actions in itertools.product(*groups):
        penalties = [_penalty(row, sum(amounts.get((action, row[0]), 0) for action in actions)) for row in rows]
        if None not in penalties and not any(one in actions and other in actions for one, other in pairs):
            costs[actions] = int(sum(cost[action] for action in actions) + sum(filter(None, penalties)))
    return costs


def _penalty(row: list[Any], used: int) -> int | None:
    """Cents of what lies outside of a row's bounds; ``None`` where that is hard."""
    _, lo, hi, under, over = row
    cents = 0
    for beyond, price in ((0 if lo is None else lo - used, under), (0 if hi is None else used - hi, over)):
        if beyond > 0:
            if price is None:
                return None
            cents += beyond * price
    return cents
