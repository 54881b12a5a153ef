"""The desk: a problem, its solution and what follows from both, built once, so that questions are answered at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from domain.errors import BadProblem, PlanRejected
from optimization.alternatives import Alternatives, find_alternatives
from optimization.arrays import NONE, Arrays, Flags, Ints, to_arrays
from optimization.joint.bound import Priced, priced
from optimization.joint.presolve import impossible_ones, too_large_uses
from optimization.joint.state import FREE
from optimization.problem import Problem
from optimization.problem_checks import exact_sum
from optimization.questions.holders import Holders, find_holders
from optimization.questions.ledger import Ledger
from optimization.questions.names import Names
from optimization.recall import recall
from optimization.solution import Solution


@dataclass(frozen=True, eq=False)
class Desk:
    """A plan to ask about. Prices and reduced costs are whole multiples of 1/scale cents, every sum is exact.

    Attributes
    ----------
    problem, solution
        As given.
    arrays, names
        The problem by place, and its ids.
    priced
        The problem at the solution's prices; ``lowest`` and ``value`` leave out impossible candidates.
    impossible
        (n,) candidates that alone need more than a hard upper bound allows.
    too_large
        Their uses that do, ascending, as places in ``arrays.row_action``.
    chosen, used
        (C,) candidate of each case; (R,) units the plan takes.
    alternatives
        What every case could do instead.
    holders
        Who has what.
    ledger
        What is reserved on top of the plan.
    """

    problem: Problem
    solution: Solution
    arrays: Arrays
    names: Names
    priced: Priced
    impossible: Flags
    too_large: Ints
    chosen: Ints
    used: Ints
    alternatives: Alternatives
    holders: Holders
    ledger: Ledger

    @property
    def bound(self) -> int:
        """Cents below which no plan costs: the solution's bound, or the prices' own if that is higher."""
        return max(self.solution.bound, self.priced.bound)

    def cents(self, parts: int) -> Fraction:
        """1/scale cents as cents."""
        return Fraction(int(parts), self.priced.scale)

    def of_case(self, case: int) -> range:
        """The candidates of a case."""
        return range(int(self.arrays.starts[case]), int(self.arrays.starts[case + 1]))

    def candidate(self, case: int, action_id: str) -> int:
        """The place of a case's action; ``NotThere`` lists those it has."""
        own = self.of_case(case)
        return self.names.candidate(action_id, own.start, own.stop)

    def uses(self, candidate: int) -> Iterator[tuple[int, int]]:
        """Row and amount of what a candidate takes."""
        own = slice(self.arrays.use_start[candidate], self.arrays.use_start[candidate + 1])
        return zip(self.arrays.use_row[own].tolist(), self.arrays.use_amount[own].tolist(), strict=True)

    def price(self, row: int) -> Fraction:
        """Cents a unit."""
        return self.cents(self.priced.price[row])

    def regret(self, candidate: int) -> Fraction:
        """Cents of reduced cost above the lowest of the candidate's case; negative of impossible ones only."""
        lowest = self.priced.lowest[self.arrays.case[candidate]]
        return self.cents(int(self.priced.reduced[candidate]) - int(lowest))


def open_desk(problem: Problem, solution: Solution) -> Desk:
    """Prepare to be asked about a solution.

    Raises
    ------
    BadProblem
        If the solution is of another problem.
    PlanRejected
        If its choice breaks a row, or costs something else than it says.
    """
    if solution.problem_fingerprint != problem.fingerprint:
        raise BadProblem("the solution was made for another problem (fingerprints differ)")
    arrays, (prices, chosen) = to_arrays(problem), recall(problem, solution)
    _check(arrays, chosen, solution)
    used, too_large = arrays.used(chosen), too_large_uses(arrays)
    impossible = impossible_ones(arrays, too_large)
    at_prices = possible_only(arrays, priced(arrays, prices), impossible)
    alternatives = find_alternatives(arrays, at_prices.reduced, chosen, used)
    names = Names.of(problem)
    return Desk(
        problem=problem,
        solution=solution,
        arrays=arrays,
        names=names,
        priced=at_prices,
        impossible=impossible,
        too_large=too_large,
        chosen=chosen,
        used=used,
        alternatives=alternatives,
        holders=find_holders(arrays, chosen, alternatives),
        ledger=Ledger(arrays, names, used),
    )


def _check(arrays: Arrays, chosen: Ints, solution: Solution) -> None:
    if (chosen == FREE).any() or not arrays.feasible(chosen):
        raise PlanRejected("the solution leaves a case without an action, or breaks a hard row")
    if arrays.objective(chosen) != solution.objective:
        raise PlanRejected(f"the solution states {solution.objective} cents but costs {arrays.objective(chosen)}")


def possible_only(arrays: Arrays, everything: Priced, impossible: Flags) -> Priced:
    """The same with the lowest of possible candidates: no plan has another one, so the bound may rise."""
    if not impossible.any():
        return everything
    possible = np.where(impossible, NONE, everything.reduced)
    lowest = np.minimum.reduceat(possible, arrays.starts[:-1])
    risen = exact_sum(lowest - everything.lowest)
    return replace(everything, lowest=lowest, value=everything.value + Fraction(risen, everything.scale))
