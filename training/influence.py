"""How far each row moves a figure, from which the figure's interval follows without drawing anything.

A figure's variance is Σ over subjects of (Σ of the influences of a subject's rows)²: the infinitesimal jackknife (Efron
1982) with the rows of one subject kept together. For the AUC these are the placements of DeLong et al. (1988), summed
by subject as Obuchowski (1997) does. 200 bootstrap draws say the same and take a hundred times as long.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.severity import severity_class
from training.measures import CLASS_COLUMNS, predicted_class

Array = NDArray[np.float64]
Interval = tuple[float, float]
Z_95 = 1.959963984540054
MIN_SUBJECTS = 30
"""With fewer subjects no interval is told: it would be a guess."""
STEP = 1e-4
"""Share of the rows by which a confusion matrix is moved to learn how a figure follows."""


def influences_of(
    model: ModelName, outcome: pd.DataFrame, predicted: pd.DataFrame, thresholds: tuple[float, ...]
) -> dict[str, Array]:
    """Influence of each of n rows on the figures of ``training.measures``, each of shape (n,) and summing to 0.

    Calibration error, which chance alone keeps above 0, has none.
    """
    if model is ModelName.ETA_RISK:
        return _eta_risk(outcome, predicted)
    if model is ModelName.TENDER_FAILURE:
        return _binary(outcome["value"].to_numpy(np.float64), predicted["p_fail"].to_numpy())
    return _severity(outcome, predicted, thresholds)


def numbered(subjects: pd.Series) -> NDArray[np.int64]:
    """The number of each row's subject, shape (n,), by which rows of one are kept together."""
    return np.asarray(pd.factorize(subjects)[0], dtype=np.int64)


def half_width(influence: Array, subjects: NDArray[np.int64], z: float = Z_95) -> float:
    """Half of the interval of a figure.

    Parameters
    ----------
    influence
        Shape (n,), of each row.
    subjects
        Shape (n,): number of the row's subject.
    z
        Standard normal quantile of the interval.

    Returns
    -------
    float
        NaN with fewer than :data:`MIN_SUBJECTS` subjects.
    """
    met = np.bincount(subjects) > 0
    many = int(met.sum())
    if many < MIN_SUBJECTS:
        return float("nan")
    moved = np.bincount(subjects, weights=influence)[met]
    return float(z * np.sqrt((moved**2).sum() * many / (many - 1)))


def _eta_risk(outcome: pd.DataFrame, predicted: pd.DataFrame) -> dict[str, Array]:
    delay = outcome["value"].to_numpy(np.float64)
    levels = np.array(QUANTILE_LEVELS)
    above = delay[:, None] - predicted[[quantile_column(level) for level in QUANTILE_LEVELS]].to_numpy()
    said = {name: predicted[name].to_numpy() for name in ("q05", "q10", "q50", "q90", "q95")}
    means = {
        "pinball_min": np.maximum(levels * above, (levels - 1) * above).mean(axis=1),
        "coverage_80": (delay >= said["q10"]) & (delay <= said["q90"]),
        "coverage_90": (delay >= said["q05"]) & (delay <= said["q95"]),
        "median_error_min": np.abs(delay - said["q50"]),
    }
    binary = _binary(outcome["late"].to_numpy(np.float64), predicted["p_late"].to_numpy())
    return binary | {name: _of_mean(values) for name, values in means.items()}


def _severity(outcome: pd.DataFrame, predicted: pd.DataFrame, thresholds: tuple[float, ...]) -> dict[str, Array]:
    impact, p = outcome["value"].to_numpy(np.float64), predicted[CLASS_COLUMNS].to_numpy()
    actual, said = severity_class(impact, thresholds), predicted_class(predicted)
    made = {
        "kappa": _of_table(kappa_of, actual, said, len(CLASS_COLUMNS)),
        "macro_f1": _of_table(macro_f1_of, actual, said, len(CLASS_COLUMNS)),
        "log_loss": _of_mean(-np.log(np.clip(p[np.arange(actual.size), actual], 1e-9, 1))),
        "impact_error": _of_mean(np.abs(impact - predicted["expected_impact"].to_numpy())),
    }
    for k, threshold in enumerate(thresholds, start=1):
        above = _binary((impact > threshold).astype(np.float64), p[:, k:].sum(axis=1))
        made |= {f"{name}_over_{k}": values for name, values in above.items()}
    return made


def _binary(y: Array, p: Array) -> dict[str, Array]:
    q = np.clip(p, 1e-9, 1 - 1e-9)
    made = {
        "base_rate": _of_mean(y),
        "brier": _of_mean((p - y) ** 2),
        "log_loss": _of_mean(-np.where(y > 0, np.log(q), np.log1p(-q))),
    }
    if 0 < y.mean() < 1:
        _, place = np.unique(p, return_inverse=True)
        made |= {"auc": _of_auc(y, place), "average_precision": _of_average_precision(y, place)}
    return made


def _of_mean(values: NDArray[np.generic]) -> Array:
    numbers = values.astype(np.float64)
    return np.asarray((numbers - numbers.mean()) / max(numbers.size, 1))


def _of_auc(y: Array, place: NDArray[np.int64]) -> Array:
    """Placements less their mean: of one where it happened among the others, and the other way round.

    ``place`` ranks the rows' probabilities, equal ones alike.
    """
    cases = np.bincount(place, weights=y)
    below, above = np.bincount(place) - cases, cases
    beats = (2 * np.cumsum(below) - below)[place] / (2 * below.sum())
    beaten = 1 - (2 * np.cumsum(above) - above)[place] / (2 * above.sum())
    auc = beats[y > 0].mean()
    return np.asarray(np.where(y > 0, (beats - auc) / above.sum(), (beaten - auc) / below.sum()))


def _of_average_precision(y: Array, place: NDArray[np.int64]) -> Array:
    """Derivative of Σ yᵢ Aᵢ / Bᵢ / Σ yᵢ by a row's weight; of the Bᵢ rows that score no less than i, Aᵢ are cases."""
    cases, rows = np.bincount(place, weights=y), np.bincount(place)
    A, B = cases[::-1].cumsum()[::-1], rows[::-1].cumsum()[::-1]
    precision = A / B
    average = (cases * precision).sum() / y.sum()
    helped, harmed = np.cumsum(cases / B)[place], np.cumsum(cases * A / B**2)[place]
    return np.asarray((y * (precision[place] - average) + y * helped - harmed) / y.sum())


def kappa_of(table: Array) -> float:
    """Quadratic-weighted kappa of a confusion matrix, shape (k, k): actual × said (Cohen 1968)."""
    places = np.arange(len(table))
    weights = (places[:, None] - places[None, :]) ** 2
    by_chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    expected = float((weights * by_chance).sum())
    return 1 - float((weights * table).sum()) / expected if expected > 0 else float("nan")


def macro_f1_of(table: Array) -> float:
    """Mean F1 over the classes that occur."""
    both = table.sum(axis=1) + table.sum(axis=0)
    occurs = table.sum(axis=1) >= 1
    return float((2 * np.diag(table)[occurs] / both[occurs]).mean())


def _of_table(figure: Callable[[Array], float], actual: NDArray[np.int64], said: NDArray[np.int64], k: int) -> Array:
    """Influence of each row through the cell it lies in."""
    cells = actual * k + said
    table = np.bincount(cells, minlength=k * k).astype(np.float64)
    slopes, step = np.zeros(k * k), STEP * max(table.sum(), 1)
    for cell in np.unique(cells):
        moved = np.eye(k * k)[cell] * step
        slopes[cell] = (figure((table + moved).reshape(k, k)) - figure((table - moved).reshape(k, k))) / (2 * step)
    return np.asarray(slopes[cells])
