"""CP-SAT for the small side problems: one worker, a fixed seed, effort in deterministic time, never on a clock.

Deterministic time counts the solver's own operations, so the same input gives the same answer on every run. A
solver's word is not enough: each side problem re-checks the answer by a verifier of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ortools.sat.python import cp_model

from domain.errors import BadProblem, PlanRejected

LARGEST_COST = 2**50
"""Cents that the costs of a side problem may add up to: doubles, in which an objective is told, are exact beyond it."""


@dataclass(frozen=True)
class Budget:
    """How much a side problem may cost.

    Attributes
    ----------
    deterministic_time
        Of CP-SAT; a unit takes about a second on one core.
    steps
        Steps (:mod:`optimization.effort`) of a second solver that proves what CP-SAT could not, where there is one.
    seed
        Of CP-SAT.
    """

    deterministic_time: float = 2.0
    steps: int = 20_000
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.deterministic_time > 0 or self.steps < 0 or self.seed < 0:
            raise BadProblem(f"effort must be above 0, steps and seed 0 or more, but are {self}")


class Status(StrEnum):
    """How far a solver came."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True)
class SideCertificate:
    """Proof of a side problem's answer: its cost, a bound that none can undercut, and the effort spent."""

    objective_cents: int
    bound_cents: int
    deterministic_time: float = 0.0
    steps: int = 0

    @property
    def status(self) -> Status:
        """Whether the bound proves that nothing is cheaper."""
        return Status.OPTIMAL if self.bound_cents == self.objective_cents else Status.FEASIBLE

    @property
    def gap(self) -> float:
        """(objective − bound) / max(1, |objective|), a fraction."""
        return (self.objective_cents - self.bound_cents) / max(1, abs(self.objective_cents))


@dataclass(frozen=True, eq=False)
class Found:
    """A feasible answer: ``value`` of every variable or expression, and its certificate."""

    value: Callable[[Any], int]
    certificate: SideCertificate


@dataclass(frozen=True)
class NoneFound:
    """No answer: proven impossible, or the effort ended before one was found."""

    impossible: bool


def run_cpsat(model: cp_model.CpModel, effort: Budget) -> Found | NoneFound:
    """Minimise a model whose objective is in whole cents; the bound is taken as counted, in integers.

    Raises
    ------
    PlanRejected
        If the solver calls the model invalid: a defect, not a user's mistake.
    """
    solver = solver_with(effort)
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise PlanRejected(f"the solver refused the model: {model.validate()}")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return NoneFound(impossible=status == cp_model.INFEASIBLE)
    certificate = SideCertificate(
        objective_cents=round(solver.objective_value),
        bound_cents=int(solver.response_proto.inner_objective_lower_bound) + int(model.proto.objective.offset),
        deterministic_time=round(solver.response_proto.deterministic_time, 6),
    )
    return Found(lambda variable: int(solver.value(variable)), certificate)


def solver_with(effort: Budget) -> cp_model.CpSolver:
    """CP-SAT with one worker, that ends by its own count of operations."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2  # these models are near linear: the relaxation guides the search
    solver.parameters.random_seed = effort.seed
    solver.parameters.max_deterministic_time = effort.deterministic_time
    return solver
