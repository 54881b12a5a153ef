"""From a solved problem to decisions: every option of a case ranked, judged, and checked for room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from decisions.plan import ApprovalNeeded, Deferred, Limit, Option, PlanCase, Ruling
from decisions.standing import Standing
from domain.moment import format_moment
from governance.judge import Outcome, Verdict
from optimization.resources import REVIEW, Shared

FACTS = (
    *("stage", "exception_kind", "carrier_id", "origin_id", "destination_id", "customer_id", "customer_tier"),
    *("business_unit", "mode", "planned_pickup_at", "planned_delivery_at"),
)
DIGITS = 6
"""Digits kept of probabilities and minutes."""


class Room:
    """What a plan leaves free, and whether one case could swap its action."""

    def __init__(self, shared: Shared, chosen: set[str]) -> None:
        self.uses: dict[str, dict[str, int]] = defaultdict(dict)
        for action, resource, amount in shared.usage[["action_id", "resource_id", "amount"]].itertuples(index=False):
            self.uses[action][resource] = int(amount)
        available = dict(zip(shared.resources["resource_id"].tolist(), shared.resources["hi"].tolist(), strict=True))
        used: dict[str, int] = dict.fromkeys(available, 0)
        for action in sorted(chosen):
            for resource, amount in self.uses.get(action, {}).items():
                used[resource] += amount
        self.limits = tuple(
            Limit(name, shared.units[name], int(available[name]), used[name]) for name in sorted(available)
        )
        self._free = {limit.resource_id: limit.available - limit.used for limit in self.limits}

    def blocked(self, action: str, instead_of: str) -> tuple[str, ...]:
        """Limits that are too full for an action to replace another; all limits are upper bounds."""
        freed = self.uses.get(instead_of, {})
        return tuple(
            sorted(
                name
                for name, amount in self.uses.get(action, {}).items()
                if amount > self._free[name] + freed.get(name, 0)
            )
        )


@dataclass(frozen=True, eq=False)
class Solved:
    """What was chosen, and how all candidates stand beside it.

    Attributes
    ----------
    choice
        case_id → action_id.
    room
        What the plan leaves free.
    standing
        By action_id, of every candidate that is not forbidden.
    prices
        resource_id → cents a unit.
    """

    choice: Mapping[str, str]
    room: Room
    standing: Mapping[str, Standing]
    prices: Mapping[str, float]

    def value(self, action_id: str) -> float:
        """Cents that what an action takes is worth at the prices."""
        uses = self.room.uses.get(action_id, {})
        return sum(amount * self.prices.get(name, 0.0) for name, amount in uses.items())


def decide_cases(candidates: pd.DataFrame, verdicts: Sequence[Verdict], solved: Solved) -> tuple[PlanCase, ...]:
    """Build the decision of every case, most at stake first.

    Parameters
    ----------
    candidates
        The candidate table of the open cases, sorted by (case_id, cost, label).
    verdicts
        One per candidate.
    """
    rows: dict[str, list[tuple[dict[str, Any], Verdict]]] = defaultdict(list)
    for record, verdict in zip(candidates.to_dict("records"), verdicts, strict=True):
        rows[record["case_id"]].append(({str(key): value for key, value in record.items()}, verdict))
    cases = [_case(group, solved.choice[case_id], solved) for case_id, group in rows.items()]
    return tuple(sorted(cases, key=lambda case: (-case.stake_cents, case.case_id)))


def _case(group: list[tuple[dict[str, Any], Verdict]], chosen_id: str, solved: Solved) -> PlanCase:
    chosen = next(record for record, _ in group if record["action_id"] == chosen_id)
    now = next(record for record, _ in group if record["action"] == "do_nothing")
    options = tuple(_option(record, verdict, chosen, solved) for record, verdict in group)
    best = next(option for option in options if option.verdict.outcome != Outcome.FORBIDDEN)
    return PlanCase(
        case_id=chosen["case_id"],
        kind=chosen["case_kind"],
        facts={name: text for name in FACTS if (text := _text(chosen[name])) is not None},
        cost_now_cents=int(now["cost_cents"]),
        stake_cents=int(now["cost_cents"]) - best.cost_cents,
        chosen=chosen["label"],
        propensity=1.0,
        deferred=_deferred(best, int(chosen["cost_cents"])),
        options=options,
        out_of_support=_text(now["out_of_support"]),
        alternatives=_alternatives(group, chosen_id, solved),
    )


def _alternatives(group: list[tuple[dict[str, Any], Verdict]], chosen_id: str, solved: Solved) -> tuple[str, ...]:
    """Labels of what is neither chosen nor forbidden, by opportunity cost."""
    ids = {record["action_id"]: record["label"] for record, _ in group if record["action_id"] in solved.standing}
    ranked = sorted(ids, key=lambda one: solved.standing[one].rank)
    return tuple(ids[one] for one in ranked if one != chosen_id)


def _deferred(best: Option, cost: int) -> Deferred | None:
    """Set where the best action is not taken and only the review minutes are in its way."""
    if best.cost_cents < cost and best.blocked_by == (REVIEW,):
        return Deferred(best.action, cost - best.cost_cents)
    return None


def _option(record: dict[str, Any], verdict: Verdict, chosen: dict[str, Any], solved: Solved) -> Option:
    action_id, room = record["action_id"], solved.room
    standing = solved.standing.get(action_id)
    blocked = () if action_id == chosen["action_id"] else room.blocked(action_id, chosen["action_id"])
    return Option(
        action=record["label"],
        kind=record["action"],
        carrier_id=_text(record["new_carrier_id"]),
        **{f"{name}_cents": int(record[f"{name}_cents"]) for name in ("cost", "direct", "handling", "failure")},
        difference_cents=int(record["cost_cents"]) - int(chosen["cost_cents"]),
        p_late=_number(record["p_late"]),
        expected_delay_min=_number(record["expected_delay_min"]),
        p_refused=_number(record["p_refused"]),
        basis=record["basis"],
        uses=dict(sorted(room.uses.get(action_id, {}).items())),
        verdict=to_ruling(verdict),
        fits=standing is not None and standing.fits,
        blocked_by=blocked,
        out_of_support=_text(record["out_of_support"]),
        pickup_at=_text(record["new_pickup_at"]),
        depot_id=_text(record["from_depot_id"]),
        opportunity_cents=_opportunity(record, chosen, solved),
    )


def _opportunity(record: dict[str, Any], chosen: dict[str, Any], solved: Solved) -> int:
    """The difference at the prices, to the cent; of what is forbidden too, so that one sees what the rule costs."""
    standing = solved.standing.get(record["action_id"])
    if standing is not None:
        return standing.opportunity_cents
    difference = int(record["cost_cents"]) - int(chosen["cost_cents"])
    return round(difference + solved.value(record["action_id"]) - solved.value(chosen["action_id"]))


def to_ruling(verdict: Verdict) -> Ruling:
    """A verdict as a plan keeps it."""
    approvals = tuple(
        ApprovalNeeded(one.role, one.people, one.within_min, one.then_to, one.review_min) for one in verdict.approvals
    )
    return Ruling(verdict.outcome.value, verdict.effect.value, verdict.level.value, verdict.rules, approvals)


def _number(value: float) -> float | None:
    return None if pd.isna(value) else round(float(value), DIGITS)


def _text(value: Any) -> str | None:
    if pd.isna(value):
        return None
    return format_moment(value.to_pydatetime()) if isinstance(value, pd.Timestamp) else str(value)
