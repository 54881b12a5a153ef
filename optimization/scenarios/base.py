"""What scenarios are held against."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from optimization.problem import Problem
from optimization.scenarios.situation import Situation
from optimization.solution import Solution
from optimization.solve import solve


@dataclass(frozen=True, eq=False)
class Base:
    """A situation and its solution, with prices."""

    situation: Situation
    solution: Solution

    @cached_property
    def problem(self) -> Problem:
        """The problem that was solved."""
        return self.situation.build()


def with_prices(problem: Problem, solution: Solution) -> Solution:
    """The solution with prices found again, where it was kept without; they take no step of a search."""
    if solution.priced_bound > -(2**62):
        return solution
    priced = solve(problem, inf, 0, verified=False)
    return replace(
        solution,
        prices=priced.prices,
        exclusion_prices=priced.exclusion_prices,
        priced_bound=priced.priced_bound,
    )
