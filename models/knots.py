"""Where an impact lies between the thresholds that were asked about: at knots, by scores that are there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from models.boosted import Array
from models.head import MIN_CASES
from models.impact import HALF_A_ROW, Baseline, Impacts, learn_baseline
from models.stacked import Weights, fit_weights

LEVELS = (*(k / 16 for k in range(1, 16)), 0.97, 0.99)
"""Shares of the training impacts up to a knot. On rolling folds of two data sets 32 said no more than 16."""


@dataclass(frozen=True)
class Knots:
    """The shape of the impact's distribution.

    Attributes
    ----------
    baseline
        The impacts of training.
    at
        Shape (K,), rising; the thresholds are among them.
    above
        For each knot the log-odds of an impact above it.
    """

    baseline: Baseline
    at: Array
    above: tuple[Weights, ...]

    def impacts(self, scores: Array, thresholds: tuple[float, ...], upto: Array) -> Impacts:
        """Distributions with the masses up to each threshold that somebody else knows better.

        Parameters
        ----------
        scores
            Shape (n, k).
        upto
            Shape (n, thresholds), rising along each row: P(impact ≤ t).
        """
        own = self._own(scores)
        return Impacts(self.baseline, self.at, _agreed(own, np.searchsorted(self.at, thresholds), upto))

    def _own(self, scores: Array) -> Array:
        """P(impact ≤ knot), shape (n, K), rising along each row.

        Where what was learned knot by knot does not rise it is sorted, which brings it nearer to any distribution
        that it may estimate (rearrangement; Chernozhukov, Fernández-Val & Galichon 2010).
        """
        said = np.column_stack([expit(-one.log_odds(scores)) for one in self.above])
        return np.sort(said, axis=1)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        above = [[list(one.weights), one.intercept] for one in self.above]
        return {"baseline": self.baseline.as_json(), "at": self.at.tolist(), "above": above}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Knots":
        """Read back what :meth:`as_json` gave."""
        above = tuple(Weights(tuple(weights), intercept) for weights, intercept in document["above"])
        return cls(Baseline.from_json(document["baseline"]), np.array(document["at"]), above)


def fit_knots(impact: Array, thresholds: tuple[float, ...], judged: Array, owners: Sequence[int]) -> Knots:
    """Learn what scores say of an impact between thresholds, from rows that they had not seen.

    Parameters
    ----------
    impact
        Shape (n,).
    judged
        Shape (n, 1 + len(owners)): a score that belongs to no threshold, then one of each owner; NaN where not judged.
    owners
        Places of the thresholds that the scores belong to. A knot listens to those beside it.
    """
    at = _places(impact, thresholds)
    rows = ~np.isnan(judged).any(axis=1)
    scores = judged[rows]
    above = []
    for knot in at:
        z = (impact > knot).astype(np.float64)
        heard = [0, *(1 + k for k in _beside(knot, np.array(thresholds)[list(owners)]))]
        above.append(_weights(scores, z[rows], heard) or _constant(z, scores.shape[1]))
    return Knots(learn_baseline(impact, at), at, tuple(above))


def _places(impact: Array, thresholds: tuple[float, ...]) -> Array:
    """Thresholds and impacts at :data:`LEVELS`, with some impact between an impact and its neighbour."""
    ranked = np.sort(impact)
    wanted = np.unique(np.quantile(ranked, LEVELS, method="inverted_cdf"))
    taken = [*np.searchsorted(ranked, thresholds, side="right"), ranked.size]
    return np.union1d(wanted[~np.isin(np.searchsorted(ranked, wanted, side="right"), taken)], thresholds)


def _beside(knot: float, thresholds: Array) -> list[int]:
    """Places of the thresholds next to a knot: itself, or the one below and the one above."""
    place = int(np.searchsorted(thresholds, knot))
    if place < thresholds.size and thresholds[place] == knot:
        return [place]
    return [k for k in (place - 1, place) if 0 <= k < thresholds.size]


def _weights(scores: Array, z: Array, heard: list[int]) -> Weights | None:
    """Weights of the scores that are heard, of others 0; none where hardly a case was judged."""
    if min(z.sum(), (1 - z).sum()) < MIN_CASES:
        return None
    found = fit_weights(scores[:, heard], z)
    weights = dict(zip(heard, found.weights, strict=True))
    return Weights(tuple(weights.get(k, 0.0) for k in range(scores.shape[1])), found.intercept)


def _constant(z: Array, scores: int) -> Weights:
    return Weights((0.0,) * scores, float(logit((z.sum() + HALF_A_ROW) / (z.size + 2 * HALF_A_ROW))))


def _agreed(own: Array, places: NDArray[np.int64], upto: Array) -> Array:
    """``own``, shape (n, K), with the mass ``upto`` at ``places``; between them shared out as ``own`` shares it.

    Mass is reweighted between thresholds, not tilted as a whole (docs/decisions/0004).
    """
    ends = np.zeros((len(own), 1)), np.ones((len(own), 1))
    mine, agreed = (np.hstack([ends[0], of, ends[1]]) for of in (own[:, places], upto))
    after = np.searchsorted(places, np.arange(own.shape[1]), side="left")
    low, width = mine[:, after], mine[:, after + 1] - mine[:, after]
    share = np.where(width > 0, (own - low) / np.where(width > 0, width, 1.0), 1.0)
    made = agreed[:, after] + np.clip(share, 0.0, 1.0) * (agreed[:, after + 1] - agreed[:, after])
    made[:, places] = upto
    return np.asarray(made)
