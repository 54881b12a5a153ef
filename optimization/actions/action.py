"""What every action answers of every case: possible? cost at once? resources? and the risk after it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.params import CostParams
from domain.predictions import Scoring
from optimization.cost import Floats, LatenessTerms, expected_lateness_cost, mean_delay, p_late
from optimization.own_fleet import OwnFleet

Rows = npt.NDArray[np.int64]
Reasons = npt.NDArray[np.object_]
"""Why a prediction lies outside what its model was trained on, or ``None``."""

MODEL, ASSUMPTION, BOTH = "model", "assumption", "model and assumption"
"""What the risk after an action rests on."""


@dataclass(frozen=True, eq=False)
class Context:
    """What is known of n cases when actions are proposed.

    Attributes
    ----------
    as_of
        Moment of the plan (UTC).
    costs
        Prices in force.
    scoring
        The models.
    terms
        What lateness costs each case, arrays of shape (n,).
    delays
        (n, L) quantiles of the delay with nothing done; NaN where a case has no such distribution.
    excess
        (n,) money by which the expected impact of a case's open exceptions is above its expected
        cost of lateness: one penalty, counted once.
    carriers
        ``shipment_id, carrier_id, price``: carriers that each shipment may be offered to, price NaN where unknown.
    max_carriers
        Carriers proposed for one re-tender.
    doubts
        (n,) why what was predicted of a case lies outside what the models were trained on; by default of none.
    dock_hours
        Hours of the sites' docks (:data:`optimization.dock_hours.HOUR_COLUMNS`), where they are known.
    own_fleet
        Vehicles and drivers of one's own, where they are known.
    """

    as_of: datetime
    costs: CostParams
    scoring: Scoring
    terms: LatenessTerms
    delays: Floats
    excess: Floats
    carriers: pd.DataFrame
    max_carriers: int = 3
    doubts: Reasons | None = None
    dock_hours: pd.DataFrame | None = None
    own_fleet: OwnFleet | None = None

    @property
    def timed(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a case has a distribution of its delay."""
        return np.asarray(~np.isnan(self.delays).any(axis=1))

    def risk(self, rows: Rows, delays: Floats, relief: float = 0.0) -> "Risk":
        """Risk of some cases under (k, L) delays, with a share ``relief`` of the failure cost avoided."""
        terms = self.terms.take(rows)
        failure = expected_lateness_cost(delays, terms) + self.excess[rows]
        return Risk(failure * (1 - relief), p_late(delays, terms.late_after_min), mean_delay(delays))


@dataclass(frozen=True, eq=False)
class Risk:
    """Expected failure cost (money), P(late) and mean delay (minutes) of k cases; NaN where not defined."""

    failure_cost: Floats
    p_late: Floats
    expected_delay_min: Floats


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips of own vehicles: (k,) their depots, and minutes from the plan's moment at which they leave and return."""

    depot_id: npt.NDArray[np.object_]
    leaves_min: Floats
    returns_min: Floats


@dataclass(frozen=True, eq=False)
class Proposal:
    """Candidates of one kind.

    Attributes
    ----------
    case
        (k,) position of the case of each candidate.
    risk
        After the action.
    direct_cost
        (k,) money paid at once.
    handling_min
        (k,) minutes of a person's work, priced by ``handling_per_min``.
    premium
        (k,) money taken from the premium budget.
    person_min
        (k,) minutes taken from the planners' review time.
    new_carrier_id
        (k,) carrier after the action, where it changes.
    pickup_moved_min
        (k,) minutes by which the pickup is moved (negative: earlier), where the action moves it.
    trips
        The trip of an own vehicle that each takes, where the action takes one.
    basis
        What the risk rests on: a model, a stated assumption, or both.
    assumed
        Names of assumptions, and of prices as ``costs.<name>``, that were used.
    doubts
        (k,) why what was predicted of the action itself lies outside; by default of none.
    p_refused
        (k,) probability that the new carrier refuses and the present one keeps the load; by default not defined.
    """

    case: Rows
    risk: Risk
    direct_cost: Floats
    handling_min: Floats
    premium: Floats
    person_min: Floats
    basis: str = MODEL
    new_carrier_id: npt.NDArray[np.object_] | None = None
    pickup_moved_min: Floats | None = None
    trips: Trips | None = None
    assumed: frozenset[str] = field(default_factory=frozenset)
    doubts: Reasons | None = None
    p_refused: Floats | None = None


def first_reason(*told: Reasons) -> Reasons:
    """Of each case the first reason that there is."""
    made = told[0].copy()
    for more in told[1:]:
        made = np.where(made == None, more, made)  # noqa: E711 - element by element
    return made


class Action(Protocol):
    """One kind of action."""

    @property
    def kind(self) -> str:
        """Its name, as policies and plans use it."""
        ...

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """Propose for those of n cases where it is possible; columns of ``cases``: :mod:`optimization.cases`."""
        ...


def proposal(
    case: Rows, risk: Risk, *, basis: str = MODEL, assumed: frozenset[str] = frozenset(), **costs: Floats | float
) -> Proposal:
    """Build a proposal; costs that are not named are 0, scalars hold for every candidate."""
    names = ("direct_cost", "handling_min", "premium", "person_min")
    direct, handling, premium, person = (
        np.broadcast_to(np.asarray(costs.get(name, 0.0), float), len(case)) for name in names
    )
    return Proposal(case, risk, direct, handling, premium, person, basis=basis, assumed=assumed)
