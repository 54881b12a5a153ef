"""What a solver answers, and the Protocol every solver meets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from optimization.problem import Problem


@dataclass(frozen=True)
class Solution:
    """One action for each case, with its certificate.

    Attributes
    ----------
    choice
        case_id → action_id, ordered by case_id.
    objective
        Cost in cents of the choice, penalties of soft rows included, summed as integers.
    bound
        Cents below which no choice can cost; certified by the solver.
    steps
        Effort spent, see :mod:`optimization.effort`.
    wanted_gap
        The gap at which the solver was allowed to stop.
    problem_fingerprint
        SHA-256 of the problem that was solved.
    prices
        resource_id → shadow price, cents per unit, of resources whose price is not 0: above 0 where
        more is wanted than there is, below 0 where a floor is hard to reach. See ``priced_bound``.
    exclusion_prices
        (action_id_1, action_id_2) → the same of exclusions.
    priced_bound
        Cents below which no choice can cost, by the prices alone: L(prices) over the candidates that
        presolve keeps. Over all candidates L may be lower, because impossible ones look cheap.
    stopped_by
        Why the search ended: ``gap``, ``best`` (proven), ``effort``, ``clock`` or ``search`` (nothing
        more was found to gain).
    """

    choice: Mapping[str, str]
    objective: int
    bound: int
    steps: int
    wanted_gap: float
    problem_fingerprint: str
    prices: Mapping[str, float] = field(default_factory=dict)
    exclusion_prices: Mapping[tuple[str, str], float] = field(default_factory=dict)
    priced_bound: int = -(2**62)
    stopped_by: str = "best"

    @property
    def gap(self) -> float:
        """(objective − bound) / max(1, |objective|), a fraction."""
        return (self.objective - self.bound) / max(1, abs(self.objective))

    @property
    def gap_reached(self) -> bool:
        """Whether the gap that was asked for is certified."""
        return self.gap <= self.wanted_gap

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the problem and the choice."""
        content = json.dumps([self.problem_fingerprint, sorted(self.choice.items())])
        return hashlib.sha256(content.encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """The solution as ``lanewise solve`` writes it."""
        return {
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "wanted_gap": self.wanted_gap,
            "gap_reached": self.gap_reached,
            "steps": self.steps,
            "stopped_by": self.stopped_by,
            "fingerprint": self.fingerprint,
            "priced_bound": self.priced_bound,
            "prices": dict(self.prices),
            "exclusion_prices": [[one, other, price] for (one, other), price in self.exclusion_prices.items()],
            "choice": dict(self.choice),
        }


class Solver(Protocol):
    """Problem in, plan with bound and gap out; the same bytes for the same input on every run."""

    def __call__(self, problem: Problem, gap: float = 0.0, effort: int = 50_000) -> Solution:
        """Solve until the relative ``gap`` is certified or the effort is spent."""
        ...
