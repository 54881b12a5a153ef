"""Expedite: pay a premium, and take away a part of every minute of delay."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimization.actions.action import BOTH, Context, Proposal, proposal
from optimization.assumptions import assumed

ARRIVED = "X1"
"""X12 1650, arrived at delivery: there is nothing left to speed up."""


@dataclass(frozen=True)
class Expedite:
    """Premium freight. Possible for a shipment with a planned delivery that has not yet arrived."""

    kind: str = "expedite"

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """One candidate for every shipment that is still on its way."""
        code = cases["stage"].str.replace("@.*", "", regex=True)
        rows = np.flatnonzero(context.timed & (code != ARRIVED).to_numpy(bool))
        delays = context.delays[rows]
        faster = delays - assumed("expedite_removed") * np.maximum(delays, 0)
        price = cases["price"].to_numpy(float)[rows]
        priced = ~np.isnan(price)
        premium = np.where(priced, context.costs.expedite_share * price, context.costs.expedite)
        used = {"expedite_removed", "expedite_handling_min", "costs.handling_per_min"}
        used |= {"costs.expedite_share"} if priced.any() else set()
        used |= {"costs.expedite"} if (~priced).any() else set()
        return proposal(
            rows,
            context.risk(rows, faster),
            basis=BOTH,
            assumed=frozenset(used if len(rows) else ()),
            direct_cost=premium,
            handling_min=assumed("expedite_handling_min"),
            premium=premium,
        )
