"""Pictures of a prediction that one wants to look at.

Of a probability, of one model or of several: reliability, lift, ROC, precision and recall. Of quantiles: coverage.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

BINS, FEW_BINS, ACROSS = 15, 8, 4
MOST_POINTS = 1_000
"""Points of a curve that are drawn; more would not be seen."""


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


def reliability_panels(parts: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]], title: str) -> Figure:
    """The same of each slice in a panel of its own, in fewer bins; slices on one scale.

    Parameters
    ----------
    parts
        Name of a slice → outcomes and probabilities of its rows.
    """
    down = -(-len(parts) // ACROSS)
    high = 0.7 + 2.6 * down
    figure = Figure(figsize=(10.6, high))
    figure.suptitle(title, fontsize="medium")
    figure.subplots_adjust(left=0.065, right=0.985, bottom=0.5 / high, top=1 - 0.72 / high, wspace=0.22, hspace=0.42)
    panels = figure.subplots(down, ACROSS, squeeze=False).ravel()
    top = max(_reliability(axes, y, p, "", FEW_BINS) for axes, (y, p) in zip(panels, parts.values(), strict=False))
    for axes, (name, (y, _)) in zip(panels, parts.items(), strict=False):
        axes.plot([0, top], [0, top], color="0.6", linewidth=1)
        axes.set_title(f"{name}, {y.size:,} rows", fontsize=8)
        axes.set(xlim=(0, top * 1.05), ylim=(0, top * 1.05))
        axes.tick_params(labelsize=7.5)
        axes.grid(alpha=0.3)
    for unused in panels[len(parts) :]:
        unused.set_axis_off()
    figure.supxlabel("predicted probability", fontsize=8)
    figure.supylabel("observed rate", fontsize=8)
    return figure


def lift_plot(y: NDArray[np.float64], said: Mapping[str, NDArray[np.float64]], title: str) -> Figure:
    """Share of all cases found when the riskiest share of subjects is looked at; parameters as above."""
    figure, axes = _axes(title)
    looked = np.linspace(0, 1, y.size + 1)
    for name, p in said.items():
        found = np.concatenate([[0], np.cumsum(y[np.argsort(-p, kind="stable")]) / y.sum()])
        axes.plot(_few(looked), _few(found), label=name)
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="by chance")
    axes.set(xlabel="share of subjects looked at", ylabel="share of cases found", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="lower right")
    return figure


def roc_plot(y: NDArray[np.float64], said: Mapping[str, NDArray[np.float64]], title: str) -> Figure:
    """Share of cases against share of the others, of those above each probability; parameters as above."""
    figure, axes = _axes(title)
    for name, p in said.items():
        cases, others = _above(y, p)
        axes.plot(_few(others / others[-1]), _few(cases / cases[-1]), label=name)
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="by chance")
    axes.set(xlabel="share of the others above", ylabel="share of cases above", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend(loc="lower right")
    return figure


def precision_plot(y: NDArray[np.float64], said: Mapping[str, NDArray[np.float64]], title: str) -> Figure:
    """Precision against recall; parameters as above."""
    figure, axes = _axes(title)
    for name, p in said.items():
        cases, others = _above(y, p)
        met = cases + others > 0
        recall, precision = (cases / cases[-1])[met], cases[met] / (cases + others)[met]
        axes.plot(_few(np.append(0.0, recall)), _few(np.append(precision[0], precision)), label=name)
    axes.axhline(float(y.mean()), color="0.6", linewidth=1, label="by chance")
    axes.set(xlabel="recall: share of cases above", ylabel="precision: cases among those above", xlim=(0, 1))
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper right")
    return figure


def coverage_plot(
    levels: Sequence[float], below: Mapping[str, NDArray[np.float64]], half: NDArray[np.float64], title: str
) -> Figure:
    """How far the share of outcomes below each quantile is from its level, in percentage points.

    Parameters
    ----------
    levels
        The k levels, 0 to 1.
    below
        What the rows are called in the legend → their share below each quantile, shape (k,); the first is all rows.
    half
        Shape (k,): half of the 95 % interval of the first.
    """
    figure, axes = _axes(title)
    places, wanted = np.arange(len(levels)), np.array(levels)
    for k, (name, shares) in enumerate(below.items()):
        off = 100 * (shares - wanted)
        if k == 0:
            axes.errorbar(places, off, yerr=100 * half, color="black", linewidth=2, capsize=3, zorder=3, label=name)
        else:
            axes.plot(places, off, linewidth=1, alpha=0.8, label=name)
    axes.axhline(0, color="0.6", linewidth=1)
    axes.set_xticks(places, [f"{level:.0%}" for level in levels])
    axes.set(xlabel="quantile", ylabel="outcomes below it, less its level, points")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    axes.legend(loc="upper center", fontsize="small", ncols=3)
    return figure


def _above(y: NDArray[np.float64], p: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cases and others with a probability of at least each that occurs, from none to all."""
    found, place = np.unique(-p, return_inverse=True)
    counts = [np.bincount(place, weights=weights, minlength=found.size) for weights in (y, 1 - y)]
    cases, others = (np.concatenate([[0.0], np.cumsum(count)]) for count in counts)
    return cases, others


def _few(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most :data:`MOST_POINTS` of a curve's points, its ends among them."""
    places = np.linspace(0, values.size - 1, min(values.size, MOST_POINTS)).round().astype(int)
    return np.asarray(values[places])


def _reliability(
    axes: "matplotlib.axes.Axes", y: NDArray[np.float64], p: NDArray[np.float64], name: str, count: int = BINS
) -> float:
    """Draw one model; return the largest rate drawn."""
    bins = [rows for rows in np.array_split(np.argsort(p, kind="stable"), count) if rows.size]
    said = np.array([p[rows].mean() for rows in bins])
    seen = np.array([y[rows].mean() for rows in bins])
    low, high = np.array([_wilson(y[rows]) for rows in bins]).T
    axes.errorbar(said, seen, yerr=[seen - low, high - seen], fmt="o", markersize=4, alpha=0.8, label=name)
    return float(max(said.max(), high.max()))


def _axes(title: str) -> tuple[Figure, "matplotlib.axes.Axes"]:
    figure = Figure(figsize=(5.2, 4.6))
    figure.subplots_adjust(left=0.14, right=0.97, bottom=0.11, top=0.93)
    axes = figure.subplots()
    axes.set_title(title, fontsize="medium")
    axes.grid(alpha=0.3)
    return figure, axes


def _wilson(y: NDArray[np.float64], z: float = 1.96) -> tuple[float, float]:
    """Interval of a rate (Wilson 1927)."""
    n, rate = y.size, float(y.mean())
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(middle - half, rate)), min(1.0, max(middle + half, rate))
