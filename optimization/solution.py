"""What a solver answers, and the Protocol every solver meets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
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
        Branch-and-bound nodes + simplex iterations spent.
    wanted_gap
        The gap at which the solver was allowed to stop.
    problem_fingerprint
        SHA-256 of the problem that was solved.
    """

    choice: Mapping[str, str]
    objective: int
    bound: int
    steps: int
    wanted_gap: float
    problem_fingerprint: str

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
            "gap_reached": self.gap_reached,
            "steps": self.steps,
            "fingerprint": self.fingerprint,
            "choice": dict(self.choice),
        }


class Solver(Protocol):
    """Problem in, plan with bound and gap out; the same bytes for the same input on every run."""

    def __call__(self, problem: Problem, gap: float = 0.0, max_nodes: int = 10_000) -> Solution:
        """Solve until the relative ``gap`` is certified or the effort is spent."""
        ...
