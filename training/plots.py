"""Pictures of a binary prediction that one wants to look at: reliability and lift, of one model or of several."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

BINS = 15


def reliability_plot(y: NDArray[np.float64], said: Mapping[str, NDArray[np.float64]], title: str) -> Figure:
    """Observed rate against predicted probability in equal-mass bins, with 95 % Wilson intervals.

    Parameters
    ----------
    y
        Shape (n,): 1 where it happened, else 0.
    said
        What each model is called in the legend → its probabilities, shape (n,).
    """
    figure, axes = _axes(title)
    top = max(_reliability(axes, y, p, name) for name, p in said.items()) * 1.05
    axes.plot([0, top], [0, top], color="0.6", linewidth=1, label="perfect calibration")
    axes.set(xlabel="predicted probability", ylabel="observed rate, 95 % interval", xlim=(0, top), ylim=(0, top))
    axes.legend(loc="upper left")
    return figure


def lift_plot(y: NDArray[np.float64], said: Mapping[str, NDArray[np.float64]], title: str) -> Figure:
    """Share of all cases found when the riskiest share of subjects is looked at; parameters as above."""
    figure, axes = _axes(title)
    looked = np.linspace(0, 1, y.size + 1)
    for name, p in said.items():
        found = np.concatenate([[0], np.cumsum(y[np.argsort(-p, kind="stable")]) / y.sum()])
        axes.plot(looked, found, label=name)
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="by chance")
    axes.set(xlabel="share of subjects looked at", ylabel="share of cases found", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="lower right")
    return figure


def _reliability(axes: "matplotlib.axes.Axes", y: NDArray[np.float64], p: NDArray[np.float64], name: str) -> float:
    """Draw one model; return the largest rate drawn."""
    bins = [rows for rows in np.array_split(np.argsort(p, kind="stable"), BINS) if rows.size]
    said = np.array([p[rows].mean() for rows in bins])
    seen = np.array([y[rows].mean() for rows in bins])
    low, high = np.array([_wilson(y[rows]) for rows in bins]).T
    axes.errorbar(said, seen, yerr=[seen - low, high - seen], fmt="o", markersize=4, alpha=0.8, label=name)
    return float(max(said.max(), high.max()))


def _axes(title: str) -> tuple[Figure, "matplotlib.axes.Axes"]:
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    axes.grid(alpha=0.3)
    return figure, axes


def _wilson(y: NDArray[np.float64], z: float = 1.96) -> tuple[float, float]:
    """Interval of a rate (Wilson 1927)."""
    n, rate = y.size, float(y.mean())
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(middle - half, rate)), min(1.0, max(middle + half, rate))
