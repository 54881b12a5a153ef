"""From a solved problem to decisions: every option of a case ranked, judged, and checked for room."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from decisions.plan import ApprovalNeeded, Deferred, Limit, Option, PlanCase, Ruling
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


def decide_cases(
    candidates: pd.DataFrame, verdicts: Sequence[Verdict], choice: Mapping[str, str], room: Room
) -> tuple[PlanCase, ...]:
    """Build the decision of every case, most at stake first.

    Parameters
    ----------
    candidates
        The candidate table of the open cases, sorted by (case_id, cost, label).
    verdicts
        One per candidate.
    choice
        case_id → action_id.
    """
    rows: dict[str, list[tuple[dict[str, Any], Verdict]]] = defaultdict(list)
    for record, verdict in zip(candidates.to_dict("records"), verdicts, strict=True):
        rows[record["case_id"]].append(({str(key): value for key, value in record.items()}, verdict))
    cases = [_case(group, choice[case_id], room) for case_id, group in rows.items()]
    return tuple(sorted(cases, key=lambda case: (-case.stake_cents, case.case_id)))


def _case(group: list[tuple[dict[str, Any], Verdict]], chosen_id: str, room: Room) -> PlanCase:
    chosen = next(record for record, _ in group if record["action_id"] == chosen_id)
    now = next(record for record, _ in group if record["action"] == "do_nothing")
    options = tuple(_option(record, verdict, chosen, room) for record, verdict in group)
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
    )


def _deferred(best: Option, cost: int) -> Deferred | None:
    """Set where the best action is not taken and only the review minutes are in its way."""
    if best.cost_cents < cost and best.blocked_by == (REVIEW,):
        return Deferred(best.action, cost - best.cost_cents)
    return None


def _option(record: dict[str, Any], verdict: Verdict, chosen: dict[str, Any], room: Room) -> Option:
    action_id = record["action_id"]
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
        fits=verdict.outcome is not Outcome.FORBIDDEN and not blocked,
        blocked_by=blocked,
        out_of_support=_text(record["out_of_support"]),
        pickup_at=_text(record["new_pickup_at"]),
        depot_id=_text(record["from_depot_id"]),
    )


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
