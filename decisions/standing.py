"""How every candidate of a solved problem stands beside the one that was chosen for its case."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimization.alternatives import FITS
from optimization.questions.desk import Desk


@dataclass(frozen=True)
class Standing:
    """One candidate.

    Attributes
    ----------
    rank
        0 for the smallest opportunity cost of its case, the chosen one included.
    opportunity_cents
        To the cent.
    fits
        Whether it could replace the chosen one with the rest of the plan as it is.
    """

    rank: int
    opportunity_cents: int
    fits: bool


def standings(desk: Desk) -> Mapping[str, Standing]:
    """Every candidate of the problem by its action_id."""
    found, arrays = desk.alternatives, desk.arrays
    rank = np.empty(len(arrays.cost), np.int64)
    rank[found.ranked] = np.arange(len(arrays.cost)) - arrays.starts[:-1][arrays.case]
    cents = np.rint(found.opportunity / desk.priced.scale).astype(np.int64)
    rows = zip(rank.tolist(), cents.tolist(), (found.swaps.blocked == FITS).tolist(), strict=True)
    return dict(zip(desk.names.actions.to_pylist(), (Standing(*row) for row in rows), strict=True))
