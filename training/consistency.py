"""Reliability against a band that knows that outcomes of one day go together.

The band of :mod:`training.reliability` takes subjects to be independent. Where days share their weather, perfectly
calibrated probabilities leave it in far more than 1 of 100 data sets. Here outcomes are drawn with their day's part
(:mod:`training.day_effect`), and the band is the one that the bins of a slice leave together in 1 of 100 of the draws:
the largest deviation on either side, in standard deviations of each bin. Bins of like days rise and fall together, so
that no more is given away for their number than it costs.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.day_effect import Ties, threshold
from training.reliability import ENOUGH_ROWS, LEAST_DEVIATION, LEVEL, Binned, Reliability

Array = NDArray[np.float64]
DRAWS = 1_000


def reliability_with_days(
    y: Array, p: Array, slices: Mapping[str, NDArray[np.bool_]], ties: Ties, seed: int = 1
) -> dict[str, Reliability]:
    """Reliability of every slice that has rows enough, all judged by the same draws.

    Parameters
    ----------
    y, p
        Outcomes (0 or 1) and probabilities, shape (n,).
    slices
        Name → rows, shape (n,).
    """
    rows = {name: np.flatnonzero(chosen) for name, chosen in slices.items() if int(chosen.sum()) >= ENOUGH_ROWS}
    binned = {name: Binned.of(y[chosen], p[chosen]) for name, chosen in rows.items()}
    random, at = np.random.default_rng(seed), threshold(p)
    drawn: dict[str, list[Array]] = {name: [] for name in rows}
    for _ in range(DRAWS):
        came = (ties.decided(random) < at).astype(np.float64)
        for name, chosen in rows.items():
            drawn[name].append(binned[name].sums(came[chosen]))
    return {name: _told(one, np.array(drawn[name])) for name, one in binned.items()}


def _told(binned: Binned, drawn: Array) -> Reliability:
    spread = np.maximum(drawn.std(axis=0), LEAST_DEVIATION)
    beyond = (drawn - binned.expected) / spread
    above, below = (np.quantile(one.max(axis=1), (1 + LEVEL) / 2) for one in (beyond, -beyond))
    return binned.told(drawn, below * spread, above * spread)
