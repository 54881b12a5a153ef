"""What a scenario changes: a problem's tables and, where they come from a plan, what is known of each candidate."""

from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimization.dock_hours import DOCK_HOUR
from optimization.problem import Problem, build_problem
from optimization.scenarios.exact import scaled

Rows = npt.NDArray[np.bool_]

FACTS: dict[str, str] = {
    "label": "name of the action, unique in its case: the kind, with :<carrier> for a re-tender",
    "action": "kind of the action",
    "new_carrier_id": "carrier that a re-tender goes to",
    "p_late": "probability of being late after the action; null where nothing tells it",
    "p_refused": "probability that the new carrier refuses and the present one keeps the load; else null",
    "pickup_at": "the pickup appointment after the action, where it moves it",
    "depot_id": "depot of the own vehicle that takes the load, where one does",
    "direct_cents": "what the action costs at once",
    "handling_cents": "what the work on it costs",
    "failure_cents": "expected cost of failure after it",
    "carrier_id": "carrier that moves the load now",
    "origin_id": "start of the lane",
    "destination_id": "end of the lane",
    "customer_id": "customer",
    "customer_tier": "tier of the customer",
    "business_unit": "unit that pays",
    "mode": "mode of transport",
    "stage": "latest stage reached",
    "exception_kind": "kind of the open exception",
    "planned_pickup_at": "UTC",
    "planned_delivery_at": "UTC",
}
"""Column → meaning: what a plan knows of a candidate besides the problem's own columns."""


@dataclass(frozen=True, eq=False)
class Situation:
    """A problem's tables on their way through the changes of a scenario.

    Attributes
    ----------
    candidates
        ``case_id, action_id, cost_cents``, and :data:`FACTS` where the problem is a plan's.
    usage, resources, exclusions
        As in :class:`optimization.problem.Problem`.
    """

    candidates: pd.DataFrame
    usage: pd.DataFrame
    resources: pd.DataFrame
    exclusions: pd.DataFrame

    @property
    def of_plan(self) -> bool:
        """Whether more than ids is known."""
        return "label" in self.candidates

    def build(self) -> Problem:
        """Build the problem, checked.

        Raises
        ------
        BadProblem
            If the tables contradict each other.
        """
        return build_problem(self.candidates, self.usage, self.resources, self.exclusions)

    def without(self, rows: Rows) -> "Situation":
        """The situation in which some candidates, a flag each, cannot be chosen."""
        kept = self.candidates[~rows].reset_index(drop=True)
        left = set(kept["action_id"])
        pairs = self.exclusions
        return replace(
            self,
            candidates=kept,
            usage=self.usage[self.usage["action_id"].isin(left)].reset_index(drop=True),
            exclusions=pairs[pairs["action_id_1"].isin(left) & pairs["action_id_2"].isin(left)].reset_index(drop=True),
        )

    def with_room_to_wait(self) -> "Situation":
        """The situation of a plan in which all loads can wait, as they can in every plan.

        A load that can be re-booked holds a place of its dock's hour also when nothing is done
        (docs/decisions/0029). An hour that has fewer is given as many.
        """
        if not self.of_plan:
            return self
        waiting = self.candidates.loc[self.candidates["action"] == "do_nothing", "action_id"]
        held = self.usage[self.usage["action_id"].isin(waiting)].groupby("resource_id")["amount"].sum()
        names, hi = self.resources["resource_id"], self.resources["hi"].astype("Int64")
        wanted = names.map(held).astype("Int64").where(names.str.startswith(f"{DOCK_HOUR}:"))
        short = (hi < wanted).fillna(False).astype(bool)
        return replace(self, resources=self.resources.assign(hi=hi.mask(short, wanted)))

    def failing(self, rows: Rows, factor: Decimal) -> "Situation":
        """The situation in which some candidates of a plan fail more: cost of failure and P(late) × factor."""
        before, late = self.candidates["failure_cents"], self.candidates["p_late"]
        after = before.copy()
        after[rows] = scaled(before[rows], factor)
        return self.with_risk(after, late.mask(rows, (late * float(factor)).clip(upper=1.0)))

    def with_risk(self, failure_cents: pd.Series, p_late: pd.Series) -> "Situation":
        """The situation of a plan with other costs of failure and P(late), (n,) each."""
        more = failure_cents - self.candidates["failure_cents"]
        cost = self.candidates["cost_cents"] + more
        return replace(
            self, candidates=self.candidates.assign(failure_cents=failure_cents, cost_cents=cost, p_late=p_late)
        )


def bare(problem: Problem) -> Situation:
    """A problem of which only ids are known."""
    return Situation(problem.candidates, problem.usage, problem.resources, problem.exclusions)
