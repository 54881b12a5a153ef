"""The measures of a model card: figures with intervals, overall and by slice, and what chance alone would give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.codes import STATUS_MEANINGS, Severity
from domain.predictions import ModelName
from training.card import Grid
from training.fitting import Fitted
from training.influence import Z_95, half_width, influences_of, numbered
from training.measures import CLASS_COLUMNS, ECE_BINS, Figures
from training.slices import AND

SHARES = ("auc", "average_precision", "base_rate", "coverage_80", "coverage_90", "macro_f1", "ece")
"""Figures between 0 and 1, whose interval ends there."""
SIGNED = ("kappa",)
"""Figures that may be below 0."""


@dataclass(frozen=True)
class Figure:
    """How a figure is shown: in words, written by ``text``, and what is good."""

    words: str
    text: Callable[[float], str]
    good: str


def _plain(value: float) -> str:
    return f"{value:.4f}"


def _brief(value: float) -> str:
    return f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _amount(value: float) -> str:
    return f"{value:,.1f}"


SHOWN = {
    "base_rate": Figure("base rate", _percent, "–"),
    "auc": Figure("AUC", _plain, "higher"),
    "average_precision": Figure("average precision", _plain, "higher"),
    "brier": Figure("Brier score", _plain, "lower"),
    "log_loss": Figure("log loss", _plain, "lower"),
    "ece": Figure("calibration error (ECE)", _plain, "lower"),
    "pinball_min": Figure("pinball loss, min", _amount, "lower"),
    "coverage_80": Figure("coverage of the 80 % band", _percent, "80 %"),
    "coverage_90": Figure("coverage of the 90 % band", _percent, "90 %"),
    "median_error_min": Figure("mean error of the median, min", _amount, "lower"),
    "kappa": Figure("quadratic-weighted kappa", _plain, "higher"),
    "macro_f1": Figure("macro F1", _plain, "higher"),
    "impact_error": Figure("mean error of the expected impact", _amount, "lower"),
}
BY_SLICE = {
    ModelName.ETA_RISK: ("base_rate", "auc", "log_loss", "ece", "coverage_90"),
    ModelName.TENDER_FAILURE: ("base_rate", "auc", "log_loss", "ece"),
    ModelName.SEVERITY: ("kappa", "log_loss", "impact_error"),
}
CROSSED = {
    ModelName.ETA_RISK: ("log_loss", "coverage_90"),
    ModelName.TENDER_FAILURE: ("log_loss", "base_rate"),
    ModelName.SEVERITY: ("log_loss",),
}
"""Figures shown of slices by two things."""
ABOVE = ("base_rate", "auc", "average_precision", "brier", "ece")
"""Figures shown of every threshold of the impact."""


@dataclass(frozen=True)
class Measures:
    """Figures of one set of rows, half the 95 % interval of those that have one, and what others are by chance."""

    figures: Figures
    half: Mapping[str, float]
    chance: Mapping[str, float]

    def text(self, name: str, shown: Figure | None = None) -> str:
        """A figure with its interval, in few digits."""
        if name not in self.figures:
            return "–"
        shown = shown or SHOWN[name]
        brief = replace(shown, text=_brief) if shown.text is _plain else shown
        beside = f"[{brief.text(self.chance[name])} by chance]" if name in self.chance else self.interval(name, brief)
        return f"{brief.text(self.figures[name])} {beside}".strip()

    def interval(self, name: str, shown: Figure | None = None) -> str:
        """The interval of a figure; nothing where there is none."""
        half, value = self.half.get(name, float("nan")), self.figures.get(name, float("nan"))
        if not np.isfinite(half) or not np.isfinite(value):
            return ""
        low, high, of = value - half, value + half, name.partition("_over_")[0]
        low = low if of in SIGNED else max(low, 0.0)
        high = min(high, 1.0) if of in SHARES else high
        write = (shown or SHOWN[name]).text
        return f"[{write(low)}, {write(high)}]"


@dataclass(frozen=True)
class AllMeasures:
    """Measures of a test part: overall, and of each slice that is told of; rows of those with ``few`` are counted."""

    overall: Measures
    sliced: Mapping[str, Measures]
    few: Mapping[str, int]

    def table(self) -> pd.DataFrame:
        """Every figure of every slice, a row each, with the ends of its 95 % interval; NaN where there is none."""
        made = []
        for where, one in {"all": self.overall, **self.sliced}.items():
            for name, value in one.figures.items():
                half = one.half.get(name, float("nan"))
                made.append((where, name, value, value - half, value + half))
        return pd.DataFrame(made, columns=["slice", "measure", "value", "low", "high"])


def measures_of(fitted: Fitted, thresholds: tuple[float, ...]) -> AllMeasures:
    """Figures of the test part with intervals: overall, and of each slice."""
    name, test = fitted.model.name, fitted.split.test
    codes = numbered(test.subjects["subject_id"])

    def half(rows: NDArray[np.bool_]) -> dict[str, float]:
        moved = influences_of(name, test.outcome[rows], fitted.predicted[rows], thresholds)
        return {figure: half_width(influence, codes[rows], Z_95) for figure, influence in moved.items()}

    def measured(figures: Figures, rows: NDArray[np.bool_]) -> Measures:
        return Measures(figures, half(rows), calibration_by_chance(name, fitted.predicted[rows]))

    sliced = {key: measured(fitted.by_slice[key], rows) for key, rows in fitted.slices.rows.items()}
    return AllMeasures(measured(fitted.figures, np.ones(len(test), dtype=bool)), sliced, fitted.slices.few)


def overall_grid(overall: Measures) -> Grid:
    """Every figure with its interval, and what whoever knows the base rate only would reach."""
    reference = _references(overall)
    rows = tuple(
        (shown.words, shown.good, shown.text(overall.figures[name]), overall.interval(name), reference.get(name, ""))
        for name, shown in SHOWN.items()
        if name in overall.figures
    )
    return Grid(("measure", "good is", "value", "95 % interval", "without a model"), rows, numbers_from=2)


def above_grid(overall: Measures, thresholds: tuple[float, ...]) -> Grid:
    """Figures of the probability that the impact exceeds each threshold."""
    classes = list(Severity)[1:]
    rows = [
        (
            f"{name}{' or worse' if k < len(classes) else ''} (over {threshold:g})",
            *(overall.text(f"{figure}_over_{k}", SHOWN[figure]) for figure in ABOVE),
        )
        for k, (name, threshold) in enumerate(zip(classes, thresholds, strict=True), start=1)
    ]
    return Grid(("class", *(SHOWN[figure].words for figure in ABOVE)), tuple(rows))


def slices_grid(model: ModelName, sliced: Mapping[str, Measures]) -> Grid:
    """The chief figures of every slice by one thing."""
    names = BY_SLICE[model]
    rows = [
        (slice_words(key), f"{one.figures['n']:,.0f}", *(one.text(name) for name in names))
        for key, one in sliced.items()
        if AND not in key
    ]
    return Grid(("slice", "rows", *(SHOWN[name].words for name in names)), tuple(rows))


def crossed_grids(model: ModelName, sliced: Mapping[str, Measures]) -> list[Grid]:
    """One table for each chief figure of slices by two things: the first down, the second across."""
    crossed = {tuple(key.split(AND)) for key in sliced if AND in key}
    down, across = ([key for key in sliced if key in {pair[side] for pair in crossed}] for side in (0, 1))
    if not down or not across:
        return []
    kinds = " and ".join(_kind(one[0]) for one in (down, across))
    return [
        Grid(
            (f"{SHOWN[name].words} by {kinds}", *(slice_words(one).partition(": ")[2] for one in across)),
            tuple((slice_words(one), *(_cell(sliced, one, further, name) for further in across)) for one in down),
        )
        for name in CROSSED[model]
    ]


def _kind(key: str) -> str:
    """By what a slice is cut, in words."""
    return slice_words(key).partition(":")[0]


def _cell(sliced: Mapping[str, Measures], one: str, further: str, name: str) -> str:
    key = one + AND + further
    return sliced[key].text(name) if key in sliced else "–"


def slice_words(key: str) -> str:
    """A slice in words: ``hours_to_go=72-inf`` → hours to go: 72 and more; ``stage=AF`` → departed pickup (AF)."""
    if AND in key:
        return AND.join(map(slice_words, key.split(AND)))
    what, _, value = key.partition("=")
    if meaning := STATUS_MEANINGS.get(value.partition("@")[0]) if what == "stage" else None:
        return f"stage: {meaning} ({value})"
    spoken = value.removesuffix("-inf") + " and more" if value.endswith("-inf") else value
    return f"{what.replace('_', ' ')}: {spoken}"


def ece_by_chance(p: NDArray[np.float64]) -> float:
    """Mean calibration error of n perfectly calibrated probabilities, were the outcomes independent.

    A bin's Σ(y − p) is all but normal with variance Σp(1 − p), so its mean absolute value is √(2/π) of the deviation.
    """
    bins = np.array_split(np.sort(p), ECE_BINS)
    return float(sum(np.sqrt(2 / np.pi * (part * (1 - part)).sum()) for part in bins) / max(p.size, 1))


def calibration_by_chance(model: ModelName, predicted: pd.DataFrame) -> dict[str, float]:
    """:func:`ece_by_chance` of a model's probabilities, by the name of the figure."""
    if model is ModelName.SEVERITY:
        p = predicted[CLASS_COLUMNS].to_numpy()
        return {f"ece_over_{k}": ece_by_chance(p[:, k:].sum(axis=1)) for k in range(1, p.shape[1])}
    return {"ece": ece_by_chance(predicted["p_late" if model is ModelName.ETA_RISK else "p_fail"].to_numpy())}


def _references(overall: Measures) -> dict[str, str]:
    figures = overall.figures
    made = {"ece": f"{overall.chance['ece']:.4f} by chance"} if "ece" in overall.chance else {}
    made |= {"auc": "0.5000"}
    made |= {"average_precision": _plain(figures["base_rate"])} if "base_rate" in figures else {}
    made |= {"brier": f"{_plain(figures['brier_constant'])}, base rate"} if "brier_constant" in figures else {}
    return made | ({"kappa": "0.0000"} if "kappa" in figures else {})
