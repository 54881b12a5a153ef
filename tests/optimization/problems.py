"""Random small problems with every kind of row; :func:`brute_force` knows their optimum."""

import numpy as np
import pandas as pd

from optimization.problem import Problem, build_problem
from tests.optimization.brute_force import brute_force

__all__ = ["brute_force", "random_problem"]


def random_problem(seed: int) -> Problem:
    """1 to 5 cases, 1 to 4 candidates each, 0 to 3 resources with hard, soft and absent bounds, exclusions."""
    rng = np.random.default_rng(seed)
    candidates, usage = [], []
    resources = int(rng.integers(0, 4))
    for case in range(rng.integers(1, 6)):
        for k in range(rng.integers(1, 5)):
            action = f"a{case}-{k}"
            candidates.append((f"c{case}", action, int(rng.integers(-5, 20)) * int(rng.choice([1, 1, 10_000]))))
            for row in range(resources):
                if rng.random() < 0.6:
                    usage.append((action, f"r{row}", int(rng.integers(0, 6))))
    names = [action for _, action, _ in candidates]
    pairs = {tuple(sorted(rng.choice(names, 2, replace=False))) for _ in range(rng.integers(0, 3)) if len(names) > 1}
    return build_problem(
        pd.DataFrame(candidates, columns=["case_id", "action_id", "cost_cents"]),
        pd.DataFrame(usage, columns=["action_id", "resource_id", "amount"]),
        pd.DataFrame(
            [(f"r{row}", *_bounds(rng)) for row in range(resources)],
            columns=["resource_id", "lo", "hi", "penalty_lo_cents", "penalty_hi_cents"],
        ),
        pd.DataFrame(sorted(pairs), columns=["action_id_1", "action_id_2"]),
    )


def _bounds(rng: np.random.Generator) -> tuple[int | None, int | None, int | None, int | None]:
    hi = int(rng.integers(0, 12)) if rng.random() < 0.8 else None
    lo = int(rng.integers(0, 1 + (6 if hi is None else hi))) if rng.random() < 0.5 else None
    soft_lo, soft_hi = rng.random() < 0.7, rng.random() < 0.4
    return lo, hi, int(rng.integers(0, 9)) if soft_lo else None, int(rng.integers(0, 9)) if soft_hi else None
