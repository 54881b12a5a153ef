"""A solution's names as places of a problem's arrays, and back."""

import numpy as np
import pandas as pd

from optimization.arrays import Floats, Ints
from optimization.joint.state import FREE
from optimization.problem import Problem
from optimization.solution import Solution


def recall(problem: Problem, solution: Solution) -> tuple[Floats, Ints]:
    """Read a solution, of this problem or of a similar one.

    Returns
    -------
    tuple
        (R,) price of each row, 0 where the solution knows none; (C,) candidate of each case, FREE
        where the solution's is no candidate of the case here.
    """
    names = problem.resources["resource_id"]
    of_resource = names.map(dict(solution.prices)).to_numpy(float, na_value=0.0)
    pairs = zip(problem.exclusions["action_id_1"].tolist(), problem.exclusions["action_id_2"].tolist(), strict=True)
    of_pair = np.array([solution.exclusion_prices.get(pair, 0.0) for pair in pairs], float)
    return np.concatenate([of_resource, of_pair]), _choice(problem, solution)


def _choice(problem: Problem, solution: Solution) -> Ints:
    case = pd.Series(problem.case_ids, dtype="str").map(dict(solution.choice))
    place = pd.Index(problem.candidates["action_id"]).get_indexer(case)
    found = np.where(place >= 0, place, FREE)
    right = problem.places.case[np.maximum(found, 0)] == np.arange(problem.cases)
    return np.where((found != FREE) & right, found, FREE)


def named_prices(problem: Problem, prices: Floats) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Prices (R,) that are not 0, by resource_id and by pair of exclusive actions."""
    names = problem.resources["resource_id"].tolist()
    rows = np.flatnonzero(prices).tolist()
    pairs = problem.exclusions.itertuples(index=False, name=None)
    named = dict(enumerate(pairs, len(names)))
    of_resource = {names[row]: float(prices[row]) for row in rows if row < len(names)}
    return of_resource, {named[row]: float(prices[row]) for row in rows if row >= len(names)}
