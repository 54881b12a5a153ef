"""Selection: a carrier is seen on the lanes that it was tendered, and there again and again.

Of an offer to carrier c on lane l the weight is √(s / π): s is the carrier's share of all offers, π its share of the
lane's, pulled towards s where the lane had few. With s / π the rows weigh as if carriers had been asked without
regard to the lane (stabilised inverse-propensity weights; Robins, Hernán & Brumback 2000), which is what a question
about a carrier new to a lane asks; the root keeps half of that on the logarithmic scale, for a fraction of its
variance (decision 0018). Refusals so far are features: depth is conditioned on, not weighted.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LANE, CARRIER, REFUSALS = ("origin_id", "destination_id"), "carrier_id", "offers_failed"
PRIOR_OFFERS = 10.0
"""Offers of the whole network's kind that each lane is taken to have had besides its own."""
CLIP = (0.2, 5.0)
"""Least and most of s / π."""


def offer_weights(frame: pd.DataFrame) -> NDArray[np.float64] | None:
    """Weights of n offers, shape (n,), mean 1; ``None`` where the data name no lanes or no carriers.

    Nor is anything weighed where no load ever went on to another carrier: then nobody chooses among carriers, and
    nobody asks about one that was not tendered.
    """
    if not {*LANE, CARRIER, REFUSALS} <= set(frame) or not (frame[REFUSALS] > 0).any():
        return None
    lane = _codes(frame[LANE[0]]) * (len(frame) + 1) + _codes(frame[LANE[1]])
    carrier = _codes(frame[CARRIER])
    share = _often(carrier) / len(frame)
    both = _often(pd.factorize(lane)[0] * (len(frame) + 1) + carrier)
    propensity = (both + PRIOR_OFFERS * share) / (_often(lane) + PRIOR_OFFERS)
    weights = np.sqrt(np.clip(share / propensity, *CLIP))
    return np.asarray(weights / weights.mean())


def _codes(column: pd.Series) -> NDArray[np.int64]:
    """A number for each value, one for those that are missing."""
    return np.asarray(pd.factorize(column)[0] + 1, dtype=np.int64)


def _often(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many rows have the same value as each."""
    _, which, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return np.asarray(counts[which], dtype=np.float64)
