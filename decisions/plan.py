"""A plan as it is kept: every decision with what it was made from. Money is integer cents."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimization.assumptions import Assumption


@dataclass(frozen=True)
class ModelUsed:
    """A model that a plan asked; it learned only from what was known before ``trained_until``."""

    name: str
    version: str
    hash: str
    trained_until: str


@dataclass(frozen=True)
class DataUsed:
    """The data a plan was made from; ``simulated`` when none of it ever happened."""

    name: str
    currency: str
    fingerprint: str
    simulated: bool = False

    @property
    def title(self) -> str:
        """The name, and whether it is simulated."""
        return f"{self.name} (simulated)" if self.simulated else self.name


@dataclass(frozen=True)
class PolicyUsed:
    """The policy in force: its whole text, and its SHA-256."""

    text: str
    hash: str


@dataclass(frozen=True)
class ExclusionPrice:
    """Shadow price of two actions that exclude each other: cents that having both would save."""

    action_id_1: str
    action_id_2: str
    cents: float


@dataclass(frozen=True)
class Certificate:
    """Proof of a plan's quality: cost, lower bound, steps, and fingerprints of problem and choice.

    Attributes
    ----------
    stopped_by
        Why the search ended: ``gap``, ``best`` (proven), ``effort``, ``clock`` or ``search`` (nothing
        more was found to gain).
    priced_bound_cents
        What the prices alone prove; ``None`` in a plan that was made before prices were kept.
    prices
        resource_id → shadow price, cents a unit, of resources that have one.
    exclusion_prices
        The same of actions that exclude each other.
    """

    objective_cents: int
    bound_cents: int
    gap: float
    gap_wanted: float
    gap_reached: bool
    steps: int
    fingerprint: str
    problem_fingerprint: str
    solver: str
    verified: bool
    stopped_by: str = ""
    priced_bound_cents: int | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    exclusion_prices: tuple[ExclusionPrice, ...] = ()


@dataclass(frozen=True)
class ApprovalNeeded:
    """Whose agreement a verdict asks for (see :class:`governance.policy.Approval`)."""

    role: str
    people: int
    within_min: int
    then_to: str
    review_min: int


@dataclass(frozen=True)
class Ruling:
    """The verdict on an action: forbidden, approve, recommend or auto, and the rules that made it."""

    outcome: str
    effect: str
    level: str
    rules: tuple[str, ...]
    approvals: tuple[ApprovalNeeded, ...]


@dataclass(frozen=True)
class Option:
    """One action of a case.

    Attributes
    ----------
    action
        Its label, unique in the case: the kind, with ``:<carrier>`` for a re-tender, ``:<pickup>`` for a
        re-booking, ``:<depot>`` for an own vehicle.
    cost_cents
        Expected cost = direct + handling + failure.
    difference_cents
        More than the chosen action costs.
    p_late, expected_delay_min
        After the action; ``None`` where the case has no delay.
    p_refused
        Of a re-tender, the probability that the new carrier refuses and the present one keeps the load.
    basis
        What the risk after it rests on: model, assumption, or model and assumption.
    uses
        resource_id → amount, in the unit of the limit.
    fits
        Whether it could be taken instead of the chosen one with the rest of the plan as it is.
    blocked_by
        Limits that are too full for that.
    out_of_support
        Why what was predicted lies outside what the models were trained on; ``None`` where it does not.
    pickup_at
        The pickup appointment after the action, where it moves.
    depot_id
        The depot of the own vehicle that takes the load, where one does.
    opportunity_cents
        What it costs more than the chosen one once both pay the shadow prices for what they take from
        others; ``None`` in a plan that was made before prices were kept.
    """

    action: str
    kind: str
    carrier_id: str | None
    cost_cents: int
    direct_cents: int
    handling_cents: int
    failure_cents: int
    difference_cents: int
    p_late: float | None
    expected_delay_min: float | None
    basis: str
    uses: Mapping[str, int]
    verdict: Ruling
    fits: bool
    blocked_by: tuple[str, ...]
    p_refused: float | None = None
    out_of_support: str | None = None
    pickup_at: str | None = None
    depot_id: str | None = None
    opportunity_cents: int | None = None


@dataclass(frozen=True)
class Deferred:
    """The best action, lost only for want of review minutes, and what that costs."""

    action: str
    at_stake_cents: int


@dataclass(frozen=True)
class PlanCase:
    """One case and the decision on it.

    Attributes
    ----------
    facts
        What a planner reads first: stage, lane, carrier, customer, planned delivery, exception.
    cost_now_cents
        Expected cost of doing nothing.
    stake_cents
        What the best action that is not forbidden would save.
    chosen
        Label of the chosen action.
    propensity
        Probability with which it was chosen; 1 without exploration.
    options
        Every action, cheapest first, the chosen and the forbidden ones included.
    out_of_support
        Why what was predicted of the case as it stands lies outside what the models were trained on.
    alternatives
        Labels of all other actions that are not forbidden, the smallest opportunity cost first.
    """

    case_id: str
    kind: str
    facts: Mapping[str, str]
    cost_now_cents: int
    stake_cents: int
    chosen: str
    propensity: float
    deferred: Deferred | None
    options: tuple[Option, ...]
    out_of_support: str | None = None
    alternatives: tuple[str, ...] = ()

    @property
    def decision(self) -> Option:
        """The chosen option."""
        return self.option(self.chosen)

    def option(self, action: str) -> Option:
        """The option with a label; ``KeyError`` where there is none."""
        return {one.action: one for one in self.options}[action]


@dataclass(frozen=True)
class Limit:
    """A shared resource: how much of it there is and how much the plan uses."""

    resource_id: str
    unit: str
    available: int
    used: int


@dataclass(frozen=True)
class Summary:
    """The plan in figures."""

    cases: int
    cost_now_cents: int
    cost_cents: int
    actions: Mapping[str, int]
    verdicts: Mapping[str, int]
    deferred: int
    left_out: Mapping[str, int]

    @property
    def saving_cents(self) -> int:
        """Expected cost of doing nothing − expected cost of the plan."""
        return self.cost_now_cents - self.cost_cents


@dataclass(frozen=True)
class Plan:
    """The joint plan of one moment."""

    as_of: str
    data: DataUsed
    models: Mapping[str, ModelUsed]
    policy: PolicyUsed
    settings: Mapping[str, Mapping[str, float]]
    assumptions: tuple[Assumption, ...]
    seed: int
    code_version: str
    certificate: Certificate
    summary: Summary
    limits: tuple[Limit, ...]
    cases: tuple[PlanCase, ...]
