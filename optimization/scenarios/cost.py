"""Actions become dearer or cheaper."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pandas as pd

from domain.errors import BadScenario
from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.exact import plain, scaled, to_cents
from optimization.scenarios.situation import Situation
from optimization.scenarios.where import Where

TOTAL = "total"
PARTS = (TOTAL, "direct", "handling", "failure")


@dataclass(frozen=True)
class Cost:
    """``cost``: change what candidates cost.

    Attributes
    ----------
    where
        Which; by default all.
    scale, add
        One of them: a factor, or money.
    part
        ``total``, or of a plan ``direct``, ``handling`` or ``failure`` alone. A scaled total scales its parts.
    """

    kind: ClassVar[str] = "cost"
    needs_plan: ClassVar[bool] = False
    where: Where = field(default_factory=Where)
    scale: Decimal | None = None
    add: Decimal | None = None
    part: str = TOTAL

    def __post_init__(self) -> None:
        came = "both" if self.scale is not None else "neither"
        expect((self.scale is None) != (self.add is None), "the cost", "changed by one of scale and add", came)
        expect(self.scale is None or self.scale >= 0, "scale", "0 or more", self.scale)
        expect(self.part in PARTS, "part", f"one of {', '.join(PARTS)}", repr(self.part))

    def apply(self, situation: Situation) -> Step:
        """Change the costs."""
        if self.part != TOTAL and not situation.of_plan:
            raise BadScenario(f"part is known of plans only; in a problem folder it must be {TOTAL}")
        rows = self.where.rows(situation)
        if not rows.any():
            return Step(situation, self.where.missed(situation), 0)
        told = f"{self.where.text}: {self.part} cost {self._by} for {counted(int(rows.sum()), 'candidate')}"
        return Step(replace(situation, candidates=self._changed(situation, rows)), told, int(rows.sum()))

    @property
    def _by(self) -> str:
        """The factor, or what comes to it in money and in the cents that a problem folder counts."""
        if self.add is None:
            return f"× {plain(self.scale or Decimal(0))}"
        return f"{self.add:+f} ({to_cents(self.add):+,} cents)"

    def _changed(self, situation: Situation, rows: np.ndarray) -> pd.DataFrame:
        """Parts first, then the total with them; what is added to the total of a plan is a direct cost."""
        table = situation.candidates
        if not situation.of_plan:
            return table.assign(cost_cents=self._moved(table["cost_cents"], rows))
        named = PARTS[1:] if self.part == TOTAL and self.scale is not None else (self._named,)
        parts = {f"{part}_cents": self._moved(table[f"{part}_cents"], rows) for part in named}
        more = sum((after - table[name] for name, after in parts.items()), start=0)
        return table.assign(**parts, cost_cents=table["cost_cents"] + more)

    @property
    def _named(self) -> str:
        return "direct" if self.part == TOTAL else self.part

    def _moved(self, cents: pd.Series, rows: np.ndarray) -> pd.Series:
        if self.add is not None:
            return cents.mask(rows, cents + to_cents(self.add))
        after = cents.copy()
        assert self.scale is not None
        after[rows] = scaled(cents[rows], self.scale)
        return after
