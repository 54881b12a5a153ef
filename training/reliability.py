"""Are probabilities kept? Reliability by bins of equal mass, against what perfect calibration would show by chance.

Even perfectly calibrated probabilities show a calibration error, because outcomes are drawn. What is told is therefore
the *excess*, the error above its mean under perfect calibration, and whether the curve lies in the *consistency band*,
in which perfectly calibrated probabilities keep it in 99 of 100 data sets (Bröcker & Smith 2007, Increasing the
Reliability of Reliability Diagrams; here for all bins at once).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from features.compiled import compiled
from training.fitting import Fitted
from training.influence import numbered
from training.question import question_of

Array = NDArray[np.float64]
BINS, DRAWS, LEVEL = 15, 200, 0.99
LEAST_DEVIATION = 0.5
"""Of a bin's outcomes, where hardly any is to be expected."""
ENOUGH_ROWS = 2_000
"""Rows from which a slice is held to its band."""


@dataclass(frozen=True)
class Bin:
    """Rows of like probability: mean probability, observed rate, and the band around the former."""

    rows: int
    said: float
    came: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether the observed rate lies in the band."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True)
class Reliability:
    """How n probabilities were kept.

    Attributes
    ----------
    rows
        n.
    bins
        Of equal mass, by rising probability.
    error
        Expected calibration error Σ share · |mean p − rate|.
    by_chance
        Its mean over draws of outcomes from the probabilities themselves.
    """

    rows: int
    bins: tuple[Bin, ...]
    error: float
    by_chance: float

    @property
    def excess(self) -> float:
        """Calibration error beyond what chance gives; below 0 where it is smaller than usual."""
        return self.error - self.by_chance

    @property
    def bias(self) -> float:
        """Mean probability − observed rate."""
        return float(sum(one.rows * (one.said - one.came) for one in self.bins) / self.rows)

    @property
    def inside(self) -> bool:
        """Whether the whole curve lies in its consistency band."""
        return all(one.inside for one in self.bins)

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        derived = {"excess": self.excess, "bias": self.bias, "inside": self.inside}
        return {**asdict(self), "bins": [asdict(one) for one in self.bins], **derived}


@dataclass(frozen=True)
class Binned:
    """Rows in bins of equal mass.

    Attributes
    ----------
    order
        Shape (n,): places of the rows by rising probability.
    edges
        Shape (bins + 1,): where in that order each bin begins, last n.
    expected, actual
        Shape (bins,): sums of probabilities and of outcomes.
    """

    order: NDArray[np.int64]
    edges: NDArray[np.int64]
    expected: Array
    actual: Array

    @classmethod
    def of(cls, y: Array, p: Array) -> "Binned":
        """n outcomes and probabilities, n > 0."""
        order = np.argsort(p, kind="stable")
        edges = np.unique(np.linspace(0, y.size, min(BINS, y.size) + 1).round().astype(np.int64))
        expected, actual = (np.add.reduceat(part[order], edges[:-1]) for part in (p, y))
        return cls(order, edges, expected, actual)

    def sums(self, came: Array) -> Array:
        """Of outcomes of the n rows, by bin, shape (bins,)."""
        return np.asarray(np.add.reduceat(came[self.order], self.edges[:-1]))

    def told(self, drawn: Array, below: Array, above: Array) -> Reliability:
        """What is told of the bins.

        Parameters
        ----------
        drawn
            Shape (draws, bins): outcomes that bins sum to under perfect calibration.
        below, above
            Shape (bins,): how far the band reaches from what is expected, in outcomes.
        """
        sizes, rows = np.diff(self.edges), int(self.edges[-1])
        of_rows = (self.expected, self.actual, self.expected - below, self.expected + above)
        columns = (sizes.tolist(), *((one / sizes).tolist() for one in of_rows))
        bins = tuple(Bin(*one) for one in zip(*columns, strict=True))
        errors = np.abs(np.vstack([self.actual, drawn]) - self.expected).sum(axis=1) / rows
        return Reliability(rows, bins, float(errors[0]), float(errors[1:].mean()))


def reliability_of(y: Array, p: Array, whose: NDArray[Any] | None = None, seed: int = 1) -> Reliability:
    """Reliability of n probabilities, n > 0.

    Parameters
    ----------
    y, p
        Outcomes (0 or 1) and probabilities, shape (n,).
    whose
        Shape (n,): rows of one subject have their outcomes drawn together, with one chance; by default each is alone.
    """
    binned = Binned.of(y, p)
    numbers = np.arange(y.size) if whose is None else _numbers(whose)
    drawn = _drawn(p, numbers, binned, seed)
    half = _half_widths(drawn)
    return binned.told(drawn, half, half)


def reliability_by_slice(
    y: Array, p: Array, slices: Mapping[str, NDArray[np.bool_]], whose: NDArray[Any] | None = None, seed: int = 1
) -> dict[str, Reliability]:
    """Reliability of every slice that has rows enough to be held to its band."""
    kept = {name: rows for name, rows in slices.items() if int(rows.sum()) >= ENOUGH_ROWS}
    return {
        name: reliability_of(y[rows], p[rows], None if whose is None else whose[rows], seed)
        for name, rows in kept.items()
    }


def calibration_excess(y: Array, p: Array, whose: NDArray[Any] | None = None, seed: int = 1) -> float:
    """:attr:`Reliability.excess` of n probabilities."""
    return reliability_of(y, p, whose, seed).excess


@dataclass(frozen=True)
class ReliabilityReport:
    """How a model's answers to its yes-or-no question were kept: overall, and in each slice of rows enough."""

    question: str
    overall: Reliability
    by_slice: dict[str, Reliability]

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        sliced = {name: one.as_json() for name, one in self.by_slice.items()}
        return {"question": self.question, "overall": self.overall.as_json(), "by_slice": sliced}


def report_of(fitted: Fitted, thresholds: tuple[float, ...]) -> ReliabilityReport:
    """The reliability of a fitted model on its test part; ``thresholds`` cut severity's classes."""
    test = fitted.split.test
    asked = question_of(fitted.model.name, test.outcome, fitted.predicted, thresholds)
    whose = numbered(test.subjects["subject_id"])
    by_slice = reliability_by_slice(asked.y, asked.p, fitted.slices.rows, whose)
    return ReliabilityReport(asked.words, reliability_of(asked.y, asked.p, whose), by_slice)


def _drawn(said: Array, whose: NDArray[np.int64], binned: Binned, seed: int) -> Array:
    """Outcomes a bin sums to under perfect calibration, shape (DRAWS, bins)."""
    random, subjects, sizes = np.random.default_rng(seed), int(whose.max()) + 1, np.diff(binned.edges)
    bins = np.empty(said.size, np.int64)
    bins[binned.order] = np.repeat(np.arange(sizes.size), sizes)
    sums = np.zeros((DRAWS, sizes.size))
    for draw in sums:
        _sum_up(random.random(subjects), whose, said, bins, draw)
    return sums


@compiled
def _sum_up(chance: Array, whose: NDArray[np.int64], said: Array, bins: NDArray[np.int64], sums: Array) -> None:
    """Add each row, to the sum of its bin, whose subject's chance lies below what was said of it.

    Rows go in the order of time, in which those of a subject, and with them its chance, lie near to one another.
    """
    for row in range(said.size):
        sums[bins[row]] += 1.0 if chance[whose[row]] < said[row] else 0.0


def _half_widths(drawn: Array) -> Array:
    """Half the band of each bin, in outcomes: deviations of the draws, widened for the number of bins (Bonferroni)."""
    each = float(norm.isf((1 - LEVEL) / (2 * drawn.shape[1])))
    return np.asarray(each * np.maximum(drawn.std(axis=0), LEAST_DEVIATION))


def _numbers(whose: NDArray[Any]) -> NDArray[np.int64]:
    """Subjects as numbers from 0 on, in the order in which they come."""
    return np.asarray(pd.factorize(whose)[0], np.int64)
