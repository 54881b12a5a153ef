"""Escalate: a person takes the case up, for a part of the planners' time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimization.actions.action import BOTH, Context, Proposal, proposal
from optimization.assumptions import assumed


@dataclass(frozen=True)
class Escalate:
    """Hand the case to a person. Possible for every case, as far as the planners' minutes reach."""

    kind: str = "escalate"

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """One candidate for every case."""
        rows = np.arange(len(cases))
        return proposal(
            rows,
            context.risk(rows, context.delays, relief=assumed("escalate_relief")),
            basis=BOTH,
            assumed=frozenset({"escalate_relief", "costs.escalate_min", "costs.handling_per_min"}),
            handling_min=context.costs.escalate_min,
            person_min=context.costs.escalate_min,
        )
