"""How good predictions were, by the honest measure of each model; by slice, never only pooled."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, f1_score

from domain.codes import Severity as SeverityClass
from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.impact import Impacts
from models.model import Model
from models.severity import Severity, severity_class
from training.slices import cut

ECE_BINS = 15
CLASS_COLUMNS = [f"p_{name}" for name in SeverityClass]
Figures = dict[str, float]


def binary_figures(y: NDArray[np.float64], p: NDArray[np.float64]) -> Figures:
    """AUC, average precision, Brier score, log loss and calibration error of n probabilities."""
    q, order = np.clip(p, 1e-9, 1 - 1e-9), np.argsort(p, kind="stable")
    figures = {"n": float(y.size), "base_rate": float(y.mean()), "brier": float(np.mean((p - y) ** 2))}
    figures["log_loss"] = float(-np.log(np.where(y > 0, q, 1 - q)).mean())
    figures["ece"] = _calibration_error(y, p, order)
    if 0 < y.mean() < 1:
        figures |= _ranking(y[order], p[order])
    return figures


def calibration_error(y: NDArray[np.float64], p: NDArray[np.float64]) -> float:
    """Expected calibration error over equal-mass bins: Σ share · |mean p − mean y|."""
    return _calibration_error(y, p, np.argsort(p, kind="stable"))


def _calibration_error(y: NDArray[np.float64], p: NDArray[np.float64], order: NDArray[np.int64]) -> float:
    bins = np.array_split(order, ECE_BINS)
    return float(sum(abs(p[rows].sum() - y[rows].sum()) for rows in bins if rows.size) / y.size)


def _ranking(y: NDArray[np.float64], p: NDArray[np.float64]) -> Figures:
    """AUC, the Mann–Whitney statistic with ties as halves, and average precision, of rows by rising probability."""
    ends = np.flatnonzero(np.append(p[1:] != p[:-1], True))
    cases = np.diff(np.cumsum(y)[ends], prepend=0.0)
    others = np.diff(ends + 1.0, prepend=0.0) - cases
    found, looked_at = (np.cumsum(of[::-1])[::-1] for of in (cases, cases + others))
    below = np.cumsum(others) - others / 2
    auc = float((cases * below).sum() / (cases.sum() * others.sum()))
    return {"auc": auc, "average_precision": float((cases * found / looked_at).sum() / cases.sum())}


def eta_risk_figures(outcome: pd.DataFrame, predicted: pd.DataFrame) -> Figures:
    """The binary figures of being late; pinball loss (minutes), coverage of the 80 and 90 % bands, median error."""
    delay = outcome["value"].to_numpy()
    quantiles = predicted[[quantile_column(level) for level in QUANTILE_LEVELS]].to_numpy()
    above = delay[:, None] - quantiles
    levels = np.array(QUANTILE_LEVELS)
    figures = binary_figures(outcome["late"].to_numpy(), predicted["p_late"].to_numpy())
    figures["pinball_min"] = float(np.mean(np.maximum(levels * above, (levels - 1) * above)))
    for name, low, high in (("coverage_80", "q10", "q90"), ("coverage_90", "q05", "q95")):
        inside = (delay >= predicted[low].to_numpy()) & (delay <= predicted[high].to_numpy())
        figures[name] = float(inside.mean())
    figures["median_error_min"] = float(np.mean(np.abs(delay - predicted["q50"].to_numpy())))
    return figures


def predicted_class(predicted: pd.DataFrame) -> NDArray[np.int64]:
    """The median class, the worst that is reached with more than an even chance; it minimises the expected distance."""
    above = predicted[CLASS_COLUMNS].to_numpy()[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.asarray((above[:, 1:] > 0.5).sum(axis=1), dtype=np.int64)


def severity_figures(outcome: pd.DataFrame, predicted: pd.DataFrame, thresholds: tuple[float, ...]) -> Figures:
    """Quadratic-weighted kappa, macro-F1, log loss, cost-weighted error; AUC, AP and Brier above each threshold."""
    impact = outcome["value"].to_numpy()
    actual, said = severity_class(impact, thresholds), predicted_class(predicted)
    p = predicted[CLASS_COLUMNS].to_numpy()
    figures = {
        "n": float(actual.size),
        "kappa": float(cohen_kappa_score(actual, said, weights="quadratic", labels=range(len(CLASS_COLUMNS)))),
        "macro_f1": float(f1_score(actual, said, average="macro", labels=np.unique(actual), zero_division=0)),
        "log_loss": float(-np.mean(np.log(np.clip(p[np.arange(actual.size), actual], 1e-9, 1)))),
        "impact_error": float(np.mean(np.abs(impact - predicted["expected_impact"].to_numpy()))),
    }
    for k, threshold in enumerate(thresholds, start=1):
        above = binary_figures((impact > threshold).astype(np.float64), p[:, k:].sum(axis=1))
        figures |= {f"{name}_over_{k}": value for name, value in above.items() if name != "n"}
    return figures


def predicted_and_measured(model: Model, frame: pd.DataFrame, outcome: pd.DataFrame) -> tuple[pd.DataFrame, Figures]:
    """Predictions; and of severity what its whole distribution is worth: of others that is among their figures."""
    if not isinstance(model, Severity):
        return model.predict(frame), {}
    told = model.distribution(frame)
    return model.read_from(told, frame.index), impact_figures(told, outcome["value"].to_numpy(np.float64))


def impact_figures(told: Impacts, impact: NDArray[np.float64]) -> Figures:
    """CRPS in the impact's unit, and coverage of the middle 80 and 90 %.

    An impact of many equals lies in a band with the share of its step that does: the mean of a randomised PIT (Czado,
    Gneiting & Held 2009), without drawing.
    """
    low, high = told.before(impact), told.at(impact)
    figures = {"crps": float(told.crps(impact).mean())}
    for name, tail in (("coverage_80", 0.10), ("coverage_90", 0.05)):
        inside = np.clip(np.minimum(high, 1 - tail) - np.maximum(low, tail), 0.0, None)
        point = (low >= tail) & (low <= 1 - tail)
        figures[name] = float(np.where(high > low, inside / np.where(high > low, high - low, 1.0), point).mean())
    return figures


def figures_of(
    model: ModelName, outcome: pd.DataFrame, predicted: pd.DataFrame, thresholds: tuple[float, ...]
) -> Figures:
    """The figures of one model on n subjects; ``thresholds`` cut severity's classes."""
    if model is ModelName.ETA_RISK:
        return eta_risk_figures(outcome, predicted)
    if model is ModelName.TENDER_FAILURE:
        return binary_figures(outcome["value"].to_numpy(), predicted["p_fail"].to_numpy())
    return severity_figures(outcome, predicted, thresholds)


def slices_of(model: ModelName, subjects: pd.DataFrame, frame: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Rows of each slice to report, shape (n,), of n subjects."""
    return cut(model, subjects, frame).rows


def constant_figures(model: ModelName, train: pd.DataFrame, test: pd.DataFrame) -> Figures:
    """Brier score of saying the training part's base rate to everyone, for binary outcomes."""
    if model is ModelName.SEVERITY:
        return {}
    column = "late" if model is ModelName.ETA_RISK else "value"
    return {"brier_constant": float(np.mean((test[column] - train[column].mean()) ** 2))}


def flat(figures: Mapping[str, float]) -> Figures:
    """Figures rounded for reports: ten significant digits, so that they do not depend on the order of a sum."""
    return {name: float(f"{value:.10g}") for name, value in figures.items()}
