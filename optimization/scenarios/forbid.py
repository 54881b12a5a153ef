"""Actions that are not to be had."""

from dataclasses import dataclass, field
from typing import ClassVar

from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Where


@dataclass(frozen=True)
class Forbid:
    """``forbid``: candidates that cannot be chosen.

    Attributes
    ----------
    where
        Which; at least one key.
    """

    kind: ClassVar[str] = "forbid"
    needs_plan: ClassVar[bool] = False
    where: Where = field(default_factory=Where)

    def __post_init__(self) -> None:
        expect(bool(self.where.given), "forbid", "told which candidates", "told none: everything would go")

    def apply(self, situation: Situation) -> Step:
        """Take the candidates away."""
        rows = self.where.rows(situation)
        if not rows.any():
            return Step(situation, self.where.missed(situation), 0)
        cases = situation.candidates.loc[rows, "case_id"].nunique()
        told = (
            f"{self.where.text}: {counted(int(rows.sum()), 'candidate')} of {counted(cases, 'case')} cannot be chosen"
        )
        return Step(situation.without(rows), told, int(rows.sum()))
