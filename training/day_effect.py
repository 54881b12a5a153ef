"""What outcomes of one day have in common beyond their probabilities: weather, strikes, a market's mood.

Whether something comes true is decided by a normal variable that falls below Φ⁻¹(p). It is made of the day's part and
of the subject's own, √ρ · D + √(1 − ρ) · S, so that each row keeps its probability, rows of one day tend to the same
side, and rows of one subject share what is its own (a Gaussian copula; Li 2000, in credit risk Vasicek 2002). ρ is
found from outcomes before those that are judged: the covariance of two rows of one day is

    Φ₂(a, b; ρ) − Φ(a) Φ(b) = φ(a) φ(b) Σₖ ρᵏ⁺¹ / (k + 1)! · Heₖ(a) Heₖ(b)        (Mehler; Pearson 1900),

so over all pairs of a day it is a power series in ρ whose coefficients are sums over rows.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import eval_hermitenorm
from scipy.stats import norm

Array = NDArray[np.float64]
ORDERS = 12
"""Terms of the series that are summed; with ρ up to :data:`MOST` the next one is below a hundredth of the first."""
MOST = 0.6
"""Largest ρ that is told: days that share more than this are all but one outcome."""
ENOUGH_ROWS = 1_000
"""Rows from which a group has a ρ of its own."""
LEAST_P = 1e-6
"""Probabilities are no nearer to 0 or 1, so that what decides has a finite threshold."""


@dataclass(frozen=True)
class Ties:
    """What n rows have in common.

    Attributes
    ----------
    subject, day
        Shape (n,): their numbers from 0 on.
    rho
        Shape (n,): the day's share of what decides.
    """

    subject: NDArray[np.int64]
    day: NDArray[np.int64]
    rho: Array

    def decided(self, random: np.random.Generator) -> Array:
        """What decides each row, shape (n,), standard normal; it comes true where this lies below Φ⁻¹(p)."""
        of_day = random.standard_normal(int(self.day.max()) + 1)[self.day]
        own = random.standard_normal(int(self.subject.max()) + 1)[self.subject]
        return np.asarray(np.sqrt(self.rho) * of_day + np.sqrt(1 - self.rho) * own)


def threshold(p: Array) -> Array:
    """Φ⁻¹(p), shape as ``p``."""
    return np.asarray(norm.ppf(np.clip(p, LEAST_P, 1 - LEAST_P)))


def learn_rho(y: Array, p: Array, day: NDArray[np.int64]) -> float:
    """The day's share ρ of what decides, from n rows of different subjects; 0 where days have nothing in common.

    Parameters
    ----------
    y, p
        Shape (n,): outcomes, 0 or 1, and probabilities that were said of them before.
    day
        Shape (n,): any numbers.
    """
    _, days = np.unique(day, return_inverse=True)
    seen, terms = _pairs(y - p, days), _terms(threshold(p), days)
    if seen <= 0:
        return 0.0

    def beyond(rho: float) -> float:
        return float(terms @ rho ** np.arange(1, ORDERS + 1)) - seen

    return MOST if beyond(MOST) < 0 else float(brentq(beyond, 0.0, MOST))


def learn_rho_by(y: Array, p: Array, day: NDArray[np.int64], groups: NDArray[Any]) -> "Rho":
    """ρ of each group of rows, in which no subject occurs twice on a day; of all in the mean, by rows."""
    names, rows = np.unique(groups, return_counts=True)
    found = [learn_rho(*(of[groups == one] for of in (y, p, day))) for one in names]
    own = {str(name): rho for name, rho, many in zip(names, found, rows, strict=True) if many >= ENOUGH_ROWS}
    return Rho(own, float(np.average(found, weights=rows)))


@dataclass(frozen=True)
class Rho:
    """The day's share of what decides: of groups with rows enough, and of the others."""

    own: Mapping[str, float]
    others: float

    def of(self, groups: NDArray[Any]) -> Array:
        """Of n rows, shape (n,)."""
        return np.array([self.own.get(str(one), self.others) for one in groups.tolist()])


def _terms(at: Array, days: NDArray[np.int64]) -> Array:
    """Coefficients of ρ, ρ², …: sums over pairs of one day, shape (ORDERS,)."""
    density = norm.pdf(at)
    powers = [density * eval_hermitenorm(k, at) for k in range(ORDERS)]
    return np.array([_pairs(of, days) / math.factorial(k + 1) for k, of in enumerate(powers)])


def _pairs(of: Array, days: NDArray[np.int64]) -> float:
    """Σ over days of the products of two different rows."""
    return float((np.bincount(days, of) ** 2).sum() - (of**2).sum())
