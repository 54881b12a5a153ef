"""Notify the customer: the delay stays, a part of its cost does not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimization.actions.action import BOTH, Context, Proposal, proposal
from optimization.assumptions import assumed


@dataclass(frozen=True)
class Notify:
    """Tell the customer in time. Possible for every case."""

    kind: str = "notify"

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """One candidate for every case."""
        rows = np.arange(len(cases))
        return proposal(
            rows,
            context.risk(rows, context.delays, relief=assumed("notify_relief")),
            basis=BOTH,
            assumed=frozenset({"notify_relief", "notify_handling_min", "costs.notify", "costs.handling_per_min"}),
            direct_cost=context.costs.notify,
            handling_min=assumed("notify_handling_min"),
        )
