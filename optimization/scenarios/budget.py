"""Another premium-freight budget."""

from dataclasses import dataclass, field
from typing import ClassVar

from optimization.resources import PREMIUM
from optimization.scenarios.amount import Amount, need_one
from optimization.scenarios.capacity import HI, resource_step, with_bound
from optimization.scenarios.change import Step
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Patterns, matching

CENTS = 100
"""Budgets are kept in cents, and written in money."""


@dataclass(frozen=True)
class Budget:
    """``budget``: change what business units may spend on premium freight.

    Attributes
    ----------
    amount
        The change, in money.
    business_unit
        Units whose own budget it is; by default every budget, the common one of all other units too.
    """

    kind: ClassVar[str] = "budget"
    needs_plan: ClassVar[bool] = False
    amount: Amount = field(default_factory=Amount)
    business_unit: Patterns = ("*",)

    def __post_init__(self) -> None:
        need_one(self.amount)

    def apply(self, situation: Situation) -> Step:
        """Change the budgets."""
        budgets = tuple(f"{PREMIUM}:{unit}" for unit in self.business_unit)
        rows = matching(situation.resources["resource_id"], budgets)
        changed = with_bound(situation, rows, HI, self.amount, CENTS)
        return resource_step(situation, changed, rows, budgets, f"budget {self.amount.text}", CENTS)
