"""The impact's distribution: what training saw, bent for each subject until it says what the subject's scores say.

With F₀ the distribution of the training impacts and t₁ < … < t_K knots, F(x) = h(F₀(x)), where h is the piecewise
linear function through (0, 0), (F₀(t_k), F(t_k)) and (1, 1). So F is a distribution whatever is said at the knots, as
long as that rises; between two knots, and beyond the outermost, impacts are spread as in training, atoms included.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.compiled import compiled

Array = NDArray[np.float64]
MOST_CELLS = 400
"""Values by which a baseline is told at most, but for the cuts that are asked for."""
HALF_A_ROW = 0.5
"""What is believed of a stretch between cuts where no impact was seen."""


@dataclass(frozen=True)
class Baseline:
    """The training impacts as a distribution of m values.

    Attributes
    ----------
    values
        Shape (m,), rising.
    upto
        Shape (m,): F₀ at them; the last is 1.
    """

    values: Array
    upto: Array

    def at(self, impact: Array) -> Array:
        """F₀, shape as ``impact``."""
        return np.asarray(np.append(0.0, self.upto)[np.searchsorted(self.values, impact, side="right")])

    def before(self, impact: Array) -> Array:
        """What lies below, the impact itself not included; shape as ``impact``."""
        return np.asarray(np.append(0.0, self.upto)[np.searchsorted(self.values, impact, side="left")])

    def value(self, level: Array) -> Array:
        """The least value up to which ``level`` of the mass lies, shape as ``level``."""
        return np.asarray(self.values[np.minimum(np.searchsorted(self.upto, level), self.values.size - 1)])

    def means(self, cuts: Array) -> Array:
        """Mean value of each stretch between cuts, shape (len(cuts) + 1,); each must hold some mass."""
        stretch, mass = np.searchsorted(cuts, self.values, side="left"), np.diff(self.upto, prepend=0.0)
        return np.asarray(np.bincount(stretch, mass * self.values) / np.bincount(stretch, mass))

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"values": self.values.tolist(), "upto": self.upto.tolist()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Baseline":
        """Read back what :meth:`as_json` gave."""
        return cls(np.array(document["values"]), np.array(document["upto"]))


def learn_baseline(impact: Array, cuts: Array) -> Baseline:
    """Of n impacts, with some mass in every stretch between ``cuts`` (rising, inclusive upper bounds).

    Every distinct impact has its own value where they are few. Otherwise they are put together in cells of about equal
    mass, of less towards either end, where a few impacts make most of the money; a cell's value is its mean.
    """
    bounds = np.union1d(_bounds(impact), cuts)
    cell = np.searchsorted(bounds, impact, side="left")
    mass, total = (np.bincount(cell, of, minlength=bounds.size + 1) for of in (np.ones(impact.size), impact))
    unseen = _unseen(impact, cuts)
    # Rounding must not lift a mean over the bound that it lies under.
    means = np.minimum(total[mass > 0] / mass[mass > 0], np.append(bounds, np.inf)[mass > 0])
    values = np.concatenate([means, unseen])
    mass = np.concatenate([mass[mass > 0], np.full(unseen.size, HALF_A_ROW)])
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(mass[order]) / mass.sum()
    upto[-1] = 1.0
    return Baseline(values[order], upto)


def _bounds(impact: Array) -> Array:
    """Upper bounds of cells: every distinct impact, or levels that are evenly spaced on the arcsine scale."""
    distinct = np.unique(impact)
    if distinct.size <= MOST_CELLS:
        return distinct
    levels = np.sin(np.linspace(0, np.pi / 2, MOST_CELLS + 1)[1:-1]) ** 2
    return np.unique(np.quantile(impact, levels, method="inverted_cdf"))


def _unseen(impact: Array, cuts: Array) -> Array:
    """A value for each stretch without an impact: what it begins at, or 0 (no more than its end) for the lowest."""
    starts = np.append(min(0.0, cuts[0]), np.nextafter(cuts, np.inf))
    seen = np.bincount(np.searchsorted(cuts, impact, side="left"), minlength=starts.size)
    return np.asarray(starts[seen == 0])


@dataclass(frozen=True)
class Impacts:
    """The impacts of n subjects, each as a distribution.

    Attributes
    ----------
    baseline
        The distribution that is bent.
    knots
        Shape (K,), rising.
    upto
        Shape (n, K): F at the knots, rising along each row.
    """

    baseline: Baseline
    knots: Array
    upto: Array

    def at(self, impact: Array | float) -> Array:
        """P(impact ≤ x), shape (n,), for one x or one of each subject."""
        return self._bent(self.baseline.at(np.broadcast_to(impact, len(self.upto))))

    def before(self, impact: Array | float) -> Array:
        """P(impact < x), shape (n,); with :meth:`at` the step in which a randomised PIT falls."""
        return self._bent(self.baseline.before(np.broadcast_to(impact, len(self.upto))))

    def above(self, thresholds: tuple[float, ...]) -> Array:
        """P(impact > t), shape (n, thresholds), falling along each row."""
        return np.column_stack([1 - self.at(threshold) for threshold in thresholds])

    def classes(self, thresholds: tuple[float, ...]) -> Array:
        """Probability of each class, shape (n, thresholds + 1); the thresholds are inclusive upper bounds."""
        return np.diff(np.column_stack([self.at(t) for t in thresholds]), prepend=0.0, append=1.0, axis=1)

    def mean(self) -> Array:
        """Expected impact, shape (n,)."""
        mass = np.diff(self.upto, prepend=0.0, append=1.0, axis=1)
        # Summed column by column: BLAS rounds a row differently according to how many there are.
        return np.asarray(sum(mass[:, k] * mean for k, mean in enumerate(self.baseline.means(self.knots))))

    def quantiles(self, levels: tuple[float, ...]) -> Array:
        """The least impact up to which each level of the mass lies, shape (n, levels)."""
        return np.column_stack([self.baseline.value(self._straightened(level)) for level in levels])

    def crps(self, impact: Array) -> Array:
        """∫ (F(x) − 1{impact ≤ x})² dx, shape (n,): 0 at best (Matheson & Winkler 1976)."""
        flat, bent = self._corners()
        levels = self.baseline.upto[:-1]
        after = np.clip(np.searchsorted(flat, levels, side="left"), 1, flat.size - 1)
        share = (levels - flat[after - 1]) / (flat[after] - flat[after - 1])
        return np.asarray(_crps(self.baseline.values, after, share, bent, np.asarray(impact, np.float64)))

    def _corners(self) -> tuple[Array, Array]:
        """Corners of h: F₀, shape (K + 2,), and F, shape (n, K + 2)."""
        ends = np.zeros((len(self.upto), 1)), np.ones((len(self.upto), 1))
        return np.concatenate([[0.0], self.baseline.at(self.knots), [1.0]]), np.hstack([ends[0], self.upto, ends[1]])

    def _bent(self, level: Array) -> Array:
        """h of one level of F₀ for each subject, shape (n,)."""
        flat, bent = self._corners()
        after = np.clip(np.searchsorted(flat, level, side="left"), 1, flat.size - 1)
        rows = np.arange(len(bent))
        share = (level - flat[after - 1]) / (flat[after] - flat[after - 1])
        low, high = bent[rows, after - 1], bent[rows, after]
        return np.asarray(np.where(share == 1, high, low + share * (high - low)))

    def _straightened(self, level: float) -> Array:
        """The level of F₀ that becomes ``level``, shape (n,): the inverse of h."""
        flat, bent = self._corners()
        after = np.clip((bent < level).sum(axis=1), 1, flat.size - 1)
        rows = np.arange(len(bent))
        low, high = bent[rows, after - 1], bent[rows, after]
        share = (level - low) / np.where(high > low, high - low, 1.0)
        return np.asarray(flat[after - 1] + np.clip(share, 0.0, 1.0) * (flat[after] - flat[after - 1]))


@compiled
def _crps(values: Array, after: NDArray[np.int64], share: Array, bent: Array, impact: Array) -> Array:
    """CRPS of n subjects: F is constant between values; of each it is a share of the way between corners of h."""
    found = np.empty(impact.size)
    for row in range(impact.size):
        x = impact[row]
        total = max(values[0] - x, 0.0) + max(x - values[-1], 0.0)
        for k in range(after.size):
            low, high = bent[row, after[k] - 1], bent[row, after[k]]
            reached, width = low + share[k] * (high - low), values[k + 1] - values[k]
            below = min(max(x - values[k], 0.0), width)
            total += reached * reached * below + (1.0 - reached) * (1.0 - reached) * (width - below)
        found[row] = total
    return found
