"""Planners are ill, or help has come: other minutes for reviewing."""

from dataclasses import dataclass, field
from typing import ClassVar

from optimization.resources import REVIEW
from optimization.scenarios.amount import Amount, need_one
from optimization.scenarios.capacity import HI, resource_step, with_bound
from optimization.scenarios.change import Step
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import matching


@dataclass(frozen=True)
class Planners:
    """``planners``: change the minutes that planners have.

    Attributes
    ----------
    amount
        The change, in minutes.
    """

    kind: ClassVar[str] = "planners"
    needs_plan: ClassVar[bool] = False
    amount: Amount = field(default_factory=Amount)

    def __post_init__(self) -> None:
        need_one(self.amount)

    def apply(self, situation: Situation) -> Step:
        """Change the minutes."""
        rows = matching(situation.resources["resource_id"], (REVIEW,))
        changed = with_bound(situation, rows, HI, self.amount)
        return resource_step(situation, changed, rows, (REVIEW,), f"minutes {self.amount.text}")
