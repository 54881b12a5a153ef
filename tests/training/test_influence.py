"""Intervals from influences are those that resampling the subjects gives."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from domain.predictions import IMPACT_LEVELS, PREDICTED_COLUMNS, QUANTILE_LEVELS, ModelName
from training.influence import MIN_SUBJECTS, half_width, influences_of, kappa_of, macro_f1_of
from training.measures import figures_of

THRESHOLDS = (30.0, 90.0, 240.0)
ROWS = 1200


def made(name: ModelName, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Outcomes, predictions with ties, and subjects of three rows each that share their luck."""
    draw = np.random.default_rng(seed)
    subjects = np.arange(ROWS) // 3
    luck = draw.normal(size=ROWS // 3)[subjects]
    if name is ModelName.SEVERITY:
        p = draw.dirichlet([2, 1, 1, 0.5], ROWS)
        impact = np.exp(3 + luck + 2 * p[:, 2] + 3 * p[:, 3])
        said = np.tile([impact.mean(), *np.quantile(impact, IMPACT_LEVELS)], (ROWS, 1))
        predicted = pd.DataFrame(np.column_stack([p, said]), columns=PREDICTED_COLUMNS[name])
        return pd.DataFrame({"value": impact}), predicted, subjects
    p = np.round(draw.beta(1, 3, ROWS), 2)
    y = ((draw.random(ROWS) + 0.3 * luck) < p).astype(float)
    if name is ModelName.TENDER_FAILURE:
        return pd.DataFrame({"value": y}), pd.DataFrame({"p_fail": p}), subjects
    quantiles = np.quantile(draw.normal(size=500), QUANTILE_LEVELS) * 40
    predicted = pd.DataFrame(np.column_stack([p, np.tile(quantiles, (ROWS, 1))]), columns=PREDICTED_COLUMNS[name])
    return pd.DataFrame({"value": 40 * luck, "late": y}), predicted, subjects


@pytest.mark.parametrize("name", list(ModelName))
def test_a_figure_moves_with_a_rows_weight_as_its_influence_says(name: ModelName) -> None:
    """Against the figure itself with one row twice: for every figure, to first order."""
    outcome, predicted, _ = made(name)
    influence, before = (
        influences_of(name, outcome, predicted, THRESHOLDS),
        figures_of(name, outcome, predicted, THRESHOLDS),
    )
    for row in (0, 7, 500, 1199):
        rows = np.append(np.arange(ROWS), row)
        after = figures_of(name, outcome.iloc[rows], predicted.iloc[rows], THRESHOLDS)
        for figure, values in influence.items():
            scale = np.abs(values).max()
            assert after[figure] - before[figure] == pytest.approx(values[row], abs=0.02 * scale), figure


@pytest.mark.parametrize("name", list(ModelName))
def test_influences_sum_to_nothing(name: ModelName) -> None:
    """More of everything changes no figure."""
    for figure, values in influences_of(name, *made(name)[:2], THRESHOLDS).items():
        assert values.sum() == pytest.approx(0, abs=1e-3 * np.abs(values).sum()), figure


@pytest.mark.parametrize("name", list(ModelName))
def test_half_an_interval_is_that_of_the_bootstrap_over_subjects(name: ModelName) -> None:
    """1.96 standard deviations of 150 draws of subjects, each with its three rows; within a quarter."""
    outcome, predicted, subjects = made(name)
    draw, drawn = np.random.default_rng(5), []
    for _ in range(150):
        rows = (draw.integers(0, ROWS // 3, ROWS // 3)[:, None] * 3 + np.arange(3)).ravel()
        drawn.append(figures_of(name, outcome.iloc[rows], predicted.iloc[rows], THRESHOLDS))
    for figure, values in influences_of(name, outcome, predicted, THRESHOLDS).items():
        wanted = 1.96 * np.std([one[figure] for one in drawn])
        assert half_width(values, subjects) == pytest.approx(wanted, rel=1 / 4), figure


def test_too_few_subjects_have_no_interval() -> None:
    """However many rows they have."""
    influence = np.random.default_rng(1).normal(size=1000)
    assert np.isnan(half_width(influence, np.arange(1000) % (MIN_SUBJECTS - 1)))
    assert half_width(influence, np.arange(1000) % MIN_SUBJECTS) > 0


def test_kappa_and_f1_are_scikit_learns() -> None:
    """Of a confusion matrix in which a class never occurs."""
    draw = np.random.default_rng(2)
    actual, said = draw.integers(0, 3, 300), draw.integers(0, 4, 300)
    table = np.zeros((4, 4))
    np.add.at(table, (actual, said), 1)
    assert kappa_of(table) == pytest.approx(cohen_kappa_score(actual, said, weights="quadratic", labels=range(4)))
    wanted = f1_score(actual, said, average="macro", labels=np.unique(actual), zero_division=0)
    assert macro_f1_of(table) == pytest.approx(wanted)
