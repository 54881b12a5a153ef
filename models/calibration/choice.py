"""Which calibrator: chosen by log loss on rolling slices of what the folds judged, by default Platt's.

Each candidate is fitted on a slice and judged on the next one. It is taken where it beats Platt's by a standard error,
found from means of blocks of rows that follow one another in time: neighbours share subjects, weather and market.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration.beta import fit_beta
from models.calibration.calibrator import Calibrator
from models.calibration.monotone import fit_monotone
from models.calibration.platt import fit_intercept, fit_platt
from models.calibration.stagewise import fit_stagewise

Array = NDArray[np.float64]
Fit = Callable[[Array, Array, NDArray[Any]], Calibrator]
DEFAULT = "platt"
CANDIDATES: Mapping[str, Fit] = {
    DEFAULT: fit_platt,
    "intercept": fit_intercept,
    "beta": fit_beta,
    "monotone": fit_monotone,
    "stagewise": fit_stagewise,
}
BLOCKS = 20
"""Blocks of one slice whose mean losses are compared."""
MIN_ROWS = 1_000
"""Fewest rows of a slice that has a say: on fewer, one or another beats Platt's by chance."""


def fit_chosen(
    margin: Array,
    outcome: Array,
    stages: NDArray[Any],
    slices: Sequence[NDArray[np.int64]],
    recent: NDArray[np.int64],
) -> Calibrator:
    """Choose on slices of rows, in time order, and fit the chosen one on ``recent`` rows."""
    return CANDIDATES[chosen(margin, outcome, stages, slices)](margin[recent], outcome[recent], stages[recent])


def chosen(margin: Array, outcome: Array, stages: NDArray[Any], slices: Sequence[NDArray[np.int64]]) -> str:
    """Name of the candidate to take; the default where nothing can be judged."""
    rolled = list(pairwise(one for one in slices if one.size >= MIN_ROWS))
    if not rolled:
        return DEFAULT
    blocks = {
        name: np.concatenate([_blocks(fit, margin, outcome, stages, *pair) for pair in rolled])
        for name, fit in CANDIDATES.items()
    }
    best = min(blocks, key=lambda name: float(blocks[name].mean()))
    saved = blocks[DEFAULT] - blocks[best]
    return best if saved.mean() > saved.std() / np.sqrt(saved.size) else DEFAULT


def _blocks(
    fit: Fit,
    margin: Array,
    outcome: Array,
    stages: NDArray[Any],
    earlier: NDArray[np.int64],
    later: NDArray[np.int64],
) -> Array:
    """Mean log loss of each block of the later rows, calibrated by the earlier ones."""
    made = fit(margin[earlier], outcome[earlier], stages[earlier]).log_odds(margin[later], stages[later])
    losses = np.logaddexp(0, made) - outcome[later] * made
    return np.array([block.mean() for block in np.array_split(losses, min(BLOCKS, losses.size))])
