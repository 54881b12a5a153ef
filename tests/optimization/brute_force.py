"""An oracle in plain Python: every combination of candidates, with its own reckoning of cost and feasibility."""

import itertools
from typing import Any

import pandas as pd

from optimization.problem import Problem


def brute_force(problem: Problem) -> int | None:
    """Cents of the best of all combinations, or ``None`` where none meets the hard rows and exclusions."""
    cases: dict[str, list[tuple[str, int]]] = {}
    for case, action, cost in _plain(problem.candidates):
        cases.setdefault(case, []).append((action, cost))
    amounts = {(action, resource): amount for action, resource, amount in _plain(problem.usage)}
    rows, pairs = _plain(problem.resources), _plain(problem.exclusions)
    told = (_cents(dict(chosen), amounts, rows, pairs) for chosen in itertools.product(*cases.values()))
    return min((cents for cents in told if cents is not None), default=None)


def combinations(problem: Problem) -> int:
    """How many there are."""
    count = 1
    for candidates in problem.candidates.groupby("case_id").size().tolist():
        count *= candidates
    return count


def _cents(
    chosen: dict[str, int], amounts: dict[tuple[str, str], int], rows: list[Any], pairs: list[Any]
) -> int | None:
    """What a combination costs, penalties included; ``None`` where it breaks what is hard."""
    if any(one in chosen and other in chosen for one, other in pairs):
        return None
    cents = sum(chosen.values())
    for resource, lo, hi, short_cents, over_cents in rows:
        used = sum(amounts.get((action, resource), 0) for action in chosen)
        for missing, price in ((_beyond(lo, used), short_cents), (_beyond(used, hi), over_cents)):
            if missing and price is None:
                return None
            cents += missing * price if missing else 0
    return cents


def _beyond(larger: int | None, smaller: int | None) -> int:
    return 0 if larger is None or smaller is None else max(0, larger - smaller)


def _plain(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows as Python values, null as ``None``."""
    columns = [[None if pd.isna(value) else value for value in frame[name].tolist()] for name in frame]
    return list(zip(*columns, strict=True))
