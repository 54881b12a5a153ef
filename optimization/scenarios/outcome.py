"""What comes of a scenario, as values that are written as they are. Money is integer cents."""

from collections.abc import Mapping
from dataclasses import dataclass

from optimization.assumptions import Assumption
from optimization.scenarios.scenario import Told


@dataclass(frozen=True)
class Service:
    """What customers get of a choice; ``None`` and 0 where the problem is no plan's.

    Attributes
    ----------
    expected_late
        Σ P(late) of the chosen actions.
    timed
        Cases of which P(late) is known.
    direct_cents, handling_cents, failure_cents
        The parts of the cost.
    """

    expected_late: float | None = None
    timed: int = 0
    direct_cents: int | None = None
    handling_cents: int | None = None
    failure_cents: int | None = None


@dataclass(frozen=True)
class CaseChange:
    """A case that gets another action than in the base; costs are those of each in its own situation."""

    case_id: str
    before: str
    after: str
    cost_before_cents: int
    cost_after_cents: int


@dataclass(frozen=True)
class Binding:
    """A resource that binds: its bound has a price, or nothing of it is left.

    Attributes
    ----------
    price_cents
        What one unit more is worth at the margin; below 0 what a floor costs for each unit. 0 where there is
        just enough.
    """

    resource_id: str
    used: int
    lo: int | None
    hi: int | None
    price_cents: float


@dataclass(frozen=True)
class AtRisk:
    """A case with much at risk, and what could be done instead.

    Attributes
    ----------
    risk_cents
        Expected cost of failure after the chosen action; where the problem is no plan's, the action's cost.
    fallback
        The cheapest other action that there is room for with the rest of the plan as it is.
    fallback_more_cents
        What it costs more.
    """

    case_id: str
    action: str
    risk_cents: int
    p_late: float | None
    fallback: str | None
    fallback_more_cents: int | None


@dataclass(frozen=True)
class Played:
    """One scenario solved, or the base itself.

    Attributes
    ----------
    told
        What each change did.
    objective_cents, bound_cents, gap
        Cost of the choice, and what no choice can cost less than.
    at_once_cents
        The bound that the base's prices prove without solving again.
    steps, stopped_by, fingerprint
        Of the solution, see :class:`optimization.solution.Solution`.
    actions
        Kind of action → cases; empty where the problem is no plan's.
    changed
        Cases of both with another action than in the base, those whose cost changes most first.
    moves
        ``before → after`` by kind of action → cases; empty where the problem is no plan's.
    added, removed
        Cases that the base has not, and those that only it has.
    binding
        Resources that bind, dearest first: price × what is used.
    at_risk
        Cases with most at risk.
    """

    name: str
    note: str
    told: tuple[Told, ...]
    assumptions: tuple[Assumption, ...]
    cases: int
    objective_cents: int
    bound_cents: int
    at_once_cents: int
    gap: float
    gap_reached: bool
    steps: int
    stopped_by: str
    fingerprint: str
    problem_fingerprint: str
    service: Service
    actions: Mapping[str, int]
    changed: tuple[CaseChange, ...]
    moves: Mapping[str, int]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    binding: tuple[Binding, ...]
    at_risk: tuple[AtRisk, ...]


@dataclass(frozen=True)
class Impossible:
    """A scenario in which the hard rows cannot be met, or were not within the effort; ``reason`` says which."""

    name: str
    note: str
    told: tuple[Told, ...]
    reason: str


@dataclass(frozen=True)
class Difference:
    """What a scenario costs more than the base.

    Attributes
    ----------
    cost_cents
        Between the two choices.
    at_least_cents, at_most_cents
        Between the two optima, certified by both bounds; 0 where the problem is the same.
    """

    cost_cents: int
    at_least_cents: int
    at_most_cents: int


@dataclass(frozen=True)
class Comparison:
    """Scenarios beside their base.

    Attributes
    ----------
    again
        The base solved again without a change, with the effort that each scenario had: what is to be put down to
        that and not to a scenario. ``None`` where the base is proven best.
    impossible
        Scenarios that have no plan.
    """

    base: Played
    scenarios: tuple[Played, ...]
    again: Played | None = None
    impossible: tuple[Impossible, ...] = ()

    @property
    def columns(self) -> tuple[Played, ...]:
        """All that stand side by side."""
        return (self.base, *([] if self.again is None else [self.again]), *self.scenarios)

    def difference(self, one: Played) -> Difference:
        """What a scenario costs more than the base."""
        base = self.base
        if one.problem_fingerprint == base.problem_fingerprint:
            return Difference(one.objective_cents - base.objective_cents, 0, 0)
        return Difference(
            one.objective_cents - base.objective_cents,
            one.bound_cents - base.objective_cents,
            one.objective_cents - base.bound_cents,
        )
