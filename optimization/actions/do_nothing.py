"""Do nothing: costs nothing at once, leaves the risk as it is, and is always possible."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimization.actions.action import Context, Proposal, proposal


@dataclass(frozen=True)
class DoNothing:
    """Let the case run."""

    kind: str = "do_nothing"

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """One candidate for every case."""
        rows = np.arange(len(cases))
        return proposal(rows, context.risk(rows, context.delays), assumed=_prices(cases, context))


def _prices(cases: pd.DataFrame, context: Context) -> frozenset[str]:
    """Prices that every failure cost rests on."""
    by_minute = context.timed & np.isnan(context.terms.late_penalty)
    used = {"costs.late_per_min"} if by_minute.any() else set()
    return frozenset(used | ({"costs.per_impact_unit"} if (cases["open_exceptions"] > 0).any() else set()))
