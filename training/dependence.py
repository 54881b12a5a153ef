"""Pictures of what a model looks at: the importance of columns, and how its margin depends on the foremost ones.

A panel of dependence shows every explained row's contribution against its value (SHAP dependence, Lundberg et al.
2020), the mean along the values, and where the rows of the whole test part lie: a mean where hardly a row lies means
little.
"""

from collections.abc import Sequence
from textwrap import fill, shorten
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from features.family import Description
from training.families import described
from training.importance import LookedAt

BARS, PANELS, ACROSS = 15, 6, 3
STEPS = 8
"""Parts of about as many explained rows each, whose mean contribution is drawn."""
MIN_STEP_ROWS = 5
"""With fewer rows a part's mean is not drawn."""
EDGE = 0.01
"""Share of rows on either side that lies beyond the drawing: a few far values would press the others into a line."""
MOST_VALUES = 7
"""Categories that are drawn by name, the most frequent ones."""
FEW_STAGES = 6
BINS = 40
COLOUR, DARK, PALE = "#1f6f8b", "#14213d", "#d3dee6"
OTHERS, MISSING = "all others", "missing"
INCHES_WIDE = 10.6


def importance_plot(looked: LookedAt, title: str) -> Figure:
    """Mean size of the contributions of the foremost columns, in the catalogue's words."""
    places = looked.foremost(BARS)
    high = 1.0 + 0.38 * max(len(places), 3)
    figure = Figure(figsize=(INCHES_WIDE, high))
    figure.subplots_adjust(left=0.53, right=0.97, bottom=0.5 / high, top=1 - 0.38 / high)
    axes = figure.subplots()
    axes.barh(range(len(places)), looked.importance[places], color=COLOUR, height=0.6)
    for row, (place, line) in enumerate(zip(places, described(looked.columns[k] for k in places), strict=True)):
        axes.text(looked.importance[place], row, f" {looked.share[place]:.0%}", va="center", fontsize=8, color="0.35")
        _say(axes, row, line)
    axes.set(xlabel="mean |contribution|, log-odds; share of all columns'", yticks=[])
    axes.set_ylim(len(places) - 0.4, -0.6)
    axes.margins(x=0.1)
    _plain(axes)
    figure.suptitle(title, fontsize="medium")
    return figure


def dependence_plot(looked: LookedAt, title: str) -> Figure:
    """Contributions of the foremost columns against their values, a panel each."""
    places = looked.foremost(PANELS)
    down = -(-max(len(places), 1) // ACROSS)
    high = 0.85 + 3.1 * down
    figure = Figure(figsize=(INCHES_WIDE, high))
    figure.subplots_adjust(left=0.12, right=0.985, bottom=0.5 / high, top=1 - 1.15 / high, wspace=0.6, hspace=0.62)
    panels = figure.subplots(down, ACROSS, squeeze=False).ravel()
    colours = _colours(looked)
    for panel, place, line in zip(panels, places, described(looked.columns[k] for k in places), strict=False):
        _panel(panel, looked, place, line, colours)
    for unused in panels[len(places) :]:
        unused.set_axis_off()
    _legend(figure, looked, colours)
    figure.suptitle(title, fontsize="medium", y=1 - 0.08 / high, va="top")
    return figure


def _say(axes: "matplotlib.axes.Axes", row: int, line: Description) -> None:
    """The column's name beside its bar, and what it is below the name."""
    at: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right"}
    unit = f" [{line.unit}]" if line.unit else ""
    axes.annotate(line.name, (0, row), (-6, 0.5), va="bottom", fontsize=8.5, weight="bold", **at)
    axes.annotate(
        shorten(line.meaning, 92, placeholder=" …") + unit, (0, row), (-6, -0.5), va="top", fontsize=7.5, **at
    )


def _panel(
    axes: "matplotlib.axes.Axes", looked: LookedAt, place: int, line: Description, colours: NDArray[np.str_]
) -> None:
    values, moved = looked.values(place), looked.contributions[:, place]
    meaning = fill(shorten(line.meaning, 84, placeholder=" …"), 44)
    axes.set_title(meaning, fontsize=7.5)
    axes.annotate(line.name, (0.5, 1), (0, 9 + 10 * (1 + meaning.count("\n"))), xycoords="axes fraction",
                  textcoords="offset points", ha="center", fontsize=8.5, weight="bold")  # fmt: skip
    if pd.api.types.is_string_dtype(values):
        _by_category(axes, values, looked.drawn, moved, colours)
        axes.set_xlabel("contribution, log-odds", fontsize=8)
    else:
        _by_number(axes, values.to_numpy(np.float64), looked.drawn, moved, colours)
        axes.set(xlabel=line.unit, ylabel="contribution, log-odds")
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)
    axes.tick_params(labelsize=7.5)
    _plain(axes)


def _by_number(
    axes: "matplotlib.axes.Axes",
    values: NDArray[np.float64],
    drawn: NDArray[np.int64],
    moved: NDArray[np.float64],
    colours: NDArray[np.str_],
) -> None:
    """Dots, their mean in steps, the density of all values below; rows without a value stand apart on the left."""
    there = values[~np.isnan(values)]
    low, high = np.quantile(there, [EDGE, 1 - EDGE]) if there.size else (0.0, 1.0)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    x, known = values[drawn], ~np.isnan(values[drawn])
    apart = low - 0.12 * (high - low)
    axes.axhline(0, color="0.7", linewidth=1)
    axes.scatter(np.where(known, x, apart), moved, s=7, c=list(colours), alpha=0.55, linewidths=0)
    _steps(axes, x[known], moved[known])
    if not known.all():
        axes.plot([apart], [moved[~known].mean()], marker="D", markersize=5, color=DARK)
    _density(axes, there, low, high)
    gone = 1 - there.size / max(values.size, 1)
    if gone > 0:
        axes.text(apart, 1.0, f"{MISSING} {gone:.0%}", transform=axes.get_xaxis_transform(), fontsize=7, va="top",
                  ha="left", color="0.35")  # fmt: skip
    axes.set_xlim((apart if gone > 0 else low) - 0.05 * (high - low), high + 0.05 * (high - low))


def _steps(axes: "matplotlib.axes.Axes", x: NDArray[np.float64], moved: NDArray[np.float64]) -> None:
    """Means of parts of about as many rows; equal values lie in one part."""
    if x.size:
        distinct = np.unique(x)
        edges = distinct if distinct.size <= STEPS else np.unique(np.quantile(x, np.arange(STEPS + 1) / STEPS))
        _, part = np.unique(np.searchsorted(edges, x), return_inverse=True)
        rows = np.bincount(part)
        means = np.array([np.bincount(part, x) / rows, np.bincount(part, moved) / rows])
        axes.plot(*means[:, rows >= MIN_STEP_ROWS], color=DARK, linewidth=1.6, marker="o", markersize=3)


def _density(axes: "matplotlib.axes.Axes", values: NDArray[np.float64], low: float, high: float) -> None:
    """How many rows lie where, as bars along the foot, a fifth of the panel high at most."""
    counts, edges = np.histogram(values, BINS, (low, high))
    if counts.any():
        axes.bar(edges[:-1], 0.18 * counts / counts.max(), np.diff(edges), align="edge", color=PALE, zorder=0,
                 transform=axes.get_xaxis_transform())  # fmt: skip


def _by_category(
    axes: "matplotlib.axes.Axes",
    values: pd.Series,
    drawn: NDArray[np.int64],
    moved: NDArray[np.float64],
    colours: NDArray[np.str_],
) -> None:
    """A row of dots for each frequent category with their mean, and the share of all rows that are of it."""
    spoken = values.astype("object").where(values.notna(), MISSING).astype("str")
    frequent = [name for name in spoken.value_counts().index if name != MISSING][:MOST_VALUES]
    named = spoken.where(spoken.isin([*frequent, MISSING]), OTHERS).to_numpy()
    shown = [name for name in (*frequent, OTHERS, MISSING) if (named == name).any()]
    spread = np.random.default_rng(0).uniform(-0.28, 0.28, drawn.size)
    axes.axvline(0, color="0.7", linewidth=1)
    for row, name in enumerate(shown):
        rows = named[drawn] == name
        axes.scatter(moved[rows], row + spread[rows], s=7, c=list(colours[rows]), alpha=0.55, linewidths=0)
        if rows.any():
            axes.plot([moved[rows].mean()] * 2, [row - 0.38, row + 0.38], color=DARK, linewidth=2)
    labels = [f"{shorten(name, 22, placeholder='…')}  {(named == name).mean():.0%}" for name in shown]
    axes.set_yticks(range(len(shown)), labels)
    axes.set_ylim(len(shown) - 0.4, -0.6)


def _stages(looked: LookedAt) -> list[str]:
    """Stages that have a colour of their own, the most frequent ones; none where there is but one."""
    counts = looked.frame["stage"].astype("str").value_counts()
    return list(counts.index[:FEW_STAGES]) if len(counts) > 1 else []


def _palette(count: int) -> list[str]:
    return [matplotlib.colors.to_hex(matplotlib.colormaps["tab10"](place)) for place in range(count)]


def _colours(looked: LookedAt) -> NDArray[np.str_]:
    """Colour of each explained row: its stage's, where there are several."""
    stages, asked = _stages(looked), looked.frame["stage"].astype("str").to_numpy()[looked.drawn]
    if not stages:
        return np.full(asked.size, COLOUR)
    found = dict(zip(stages, _palette(len(stages)), strict=True))
    return np.array([found.get(stage, "#999999") for stage in asked])


def _legend(figure: Figure, looked: LookedAt, colours: NDArray[np.str_]) -> None:
    """Which colour is which stage."""
    stages: Sequence[str] = _stages(looked)
    dots = [
        matplotlib.lines.Line2D([], [], marker="o", linestyle="", color=colour, markersize=5, label=stage)
        for stage, colour in zip(stages, _palette(len(stages)), strict=False)
    ]
    if dots:
        y = 1 - 0.3 / figure.get_figheight()
        figure.legend(handles=dots, loc="upper center", bbox_to_anchor=(0.5, y), ncols=len(dots), fontsize=8,
                      frameon=False, title_fontsize=8)  # fmt: skip


def _plain(axes: "matplotlib.axes.Axes") -> None:
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
