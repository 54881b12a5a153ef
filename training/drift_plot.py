"""A picture of drift: which columns were distributed otherwise in the later data than in learning, and how."""

from textwrap import shorten

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.frame_checks import DRIFT_PSI
from training.frame_report import ColumnCheck, FrameReport

BARS, PANELS = 12, 4
BINS, MOST_VALUES = 30, 8
EDGE = 0.01
THEN, LATER, CALM = "#7d8b99", "#c8553d", "#b9c4cd"
INCHES = (10.6, 5.2)


def drift_plot(learned: pd.DataFrame, later: pd.DataFrame, report: FrameReport, title: str) -> Figure:
    """Stability indices of the columns that moved most, and both distributions of the foremost of them.

    Parameters
    ----------
    learned, later
        Rows of the training and of the test part, as many as one likes; shares are compared, not counts.
    """
    moved = sorted(report.columns, key=lambda column: (-column.psi, column.name))[:BARS]
    figure = Figure(figsize=INCHES)
    figure.suptitle(title, fontsize="medium")
    _bars(figure.add_axes((0.24, 0.1, 0.22, 0.78)), moved)
    shown = [column for column in moved if column.name in learned and column.name in later][:PANELS]
    for place, column in enumerate(shown):
        axes = figure.add_axes((0.545 + 0.245 * (place % 2), 0.58 - 0.48 * (place // 2), 0.195, 0.3))
        _panel(axes, column.name, learned[column.name], later[column.name])
        if place == 0:
            axes.legend(fontsize=7, frameon=False)
    return figure


def _bars(axes: "matplotlib.axes.Axes", moved: list[ColumnCheck]) -> None:
    colours = [LATER if column.drifted else CALM for column in moved]
    axes.barh(range(len(moved)), [column.psi for column in moved], color=colours, height=0.65)
    axes.axvline(DRIFT_PSI, color="0.4", linewidth=1, linestyle="--")
    axes.set_yticks(range(len(moved)), [shorten(column.name, 34, placeholder="…") for column in moved], fontsize=8)
    axes.set_ylim(len(moved) - 0.4, -0.6)
    axes.set_xlabel(f"stability index (PSI); dashed: {DRIFT_PSI:g}; in red: drifted", fontsize=8)
    _plain(axes)


def _panel(axes: "matplotlib.axes.Axes", name: str, learned: pd.Series, later: pd.Series) -> None:
    if pd.api.types.is_string_dtype(learned):
        _categories(axes, learned, later)
    else:
        _numbers(axes, learned.to_numpy(np.float64), later.to_numpy(np.float64))
    axes.set_title(shorten(name, 34, placeholder="…"), fontsize=8, weight="bold")
    _plain(axes)


def _numbers(axes: "matplotlib.axes.Axes", learned: NDArray[np.float64], later: NDArray[np.float64]) -> None:
    """Shares of the rows with a value, in bins that both share; the outermost ones hold what lies beyond."""
    both = np.concatenate([learned, later])
    both = both[~np.isnan(both)]
    low, high = np.quantile(both, [EDGE, 1 - EDGE]) if both.size else (0.0, 1.0)
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    for values, colour, name in ((learned, THEN, "learned from"), (later, LATER, "later")):
        there = np.clip(values[~np.isnan(values)], edges[0], edges[-1])
        weights = np.full(there.size, 100 / max(there.size, 1))
        axes.hist(there, list(edges), weights=weights, histtype="stepfilled", alpha=0.45, color=colour, label=name)
    axes.set_ylabel("% of rows", fontsize=7.5)


def _categories(axes: "matplotlib.axes.Axes", learned: pd.Series, later: pd.Series) -> None:
    """Shares of the categories that are the most frequent in both together."""
    shares = [100 * part.value_counts(normalize=True) for part in (learned, later)]
    names = shares[0].add(shares[1], fill_value=0).sort_index().sort_values(ascending=False, kind="stable").index
    rows = np.arange(min(len(names), MOST_VALUES))
    for share, colour, off, name in ((shares[0], THEN, -0.2, "learned from"), (shares[1], LATER, 0.2, "later")):
        axes.barh(rows + off, share.reindex(names[rows]).fillna(0), 0.38, color=colour, alpha=0.7, label=name)
    axes.set_yticks(rows, [shorten(str(one), 16, placeholder="…") for one in names[rows]])
    axes.invert_yaxis()
    axes.set_xlabel("% of rows", fontsize=7.5)


def _plain(axes: "matplotlib.axes.Axes") -> None:
    axes.tick_params(labelsize=7.5)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
