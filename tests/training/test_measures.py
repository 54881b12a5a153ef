"""Measures against figures worked out by hand and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    log_loss,
    mean_pinball_loss,
    roc_auc_score,
)

from domain.predictions import QUANTILE_LEVELS, ModelName, quantile_column
from models.impact import Impacts, learn_baseline
from training.evaluation import intervals, resamples
from training.influence import MIN_SUBJECTS
from training.measures import (
    binary_figures,
    calibration_error,
    constant_figures,
    eta_risk_figures,
    figures_of,
    flat,
    impact_figures,
    predicted_class,
    severity_figures,
)

RANDOM = np.random.default_rng(7)
P = RANDOM.random(500)
Y = (RANDOM.random(500) < P).astype(float)
THRESHOLDS = (30.0, 90.0, 240.0)


def test_binary_figures_are_scikit_learns():
    """AUC, average precision, Brier score and log loss of random probabilities."""
    found = binary_figures(Y, P)
    assert found["auc"] == pytest.approx(roc_auc_score(Y, P))
    assert found["average_precision"] == pytest.approx(average_precision_score(Y, P))
    assert found["brier"] == pytest.approx(brier_score_loss(Y, P))
    assert found["log_loss"] == pytest.approx(log_loss(Y, P))
    assert (found["n"], found["base_rate"]) == (500, Y.mean())


def test_binary_figures_by_hand():
    """Answers 1, 0 with .8 and .4: Brier (.04 + .16) / 2 = .1, perfect order."""
    found = binary_figures(np.array([1.0, 0.0]), np.array([0.8, 0.4]))
    assert found["brier"] == pytest.approx(0.1)
    assert found["auc"] == found["average_precision"] == 1.0
    assert found["log_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)


def test_one_class_has_no_order():
    """Where only one answer occurs there is no AUC, and no crash; a certain error has a finite log loss."""
    found = binary_figures(np.zeros(3), np.array([0.1, 1.0, 0.2]))
    assert "auc" not in found
    assert np.isfinite(found["log_loss"])


def test_calibration_error_by_hand():
    """Fifteen bins of two: each says .5 and sees 1, so the error is .5; where each sees one of two it is 0."""
    assert calibration_error(np.ones(30), np.full(30, 0.5)) == pytest.approx(0.5)
    p = np.repeat(np.linspace(0.1, 0.9, 15), 2)
    assert calibration_error(np.tile([0.0, 1.0], 15), np.full(30, 0.5)) == pytest.approx(0)
    assert calibration_error(p, p) == pytest.approx(0)
    wanted = sum(abs(p[k : k + 2].mean() - 1) * 2 / 30 for k in range(0, 30, 2))
    assert calibration_error(np.ones(30), p) == pytest.approx(wanted)


def test_calibration_error_of_few_rows():
    """Fewer rows than bins: one bin a row."""
    assert calibration_error(np.array([1.0, 0.0]), np.array([0.7, 0.2])) == pytest.approx((0.3 + 0.2) / 2)


def test_figures_of_a_distribution():
    """Pinball loss is scikit-learn's mean over the levels; coverage and median error by hand."""
    delay = RANDOM.normal(0, 20, 200)
    names = [quantile_column(level) for level in QUANTILE_LEVELS]
    predicted = pd.DataFrame(np.sort(RANDOM.normal(0, 20, (200, len(names))), axis=1), columns=names)
    predicted["p_late"] = 0.3
    outcome = pd.DataFrame({"value": delay, "late": (delay > 15).astype(float)})
    found = eta_risk_figures(outcome, predicted)
    losses = [mean_pinball_loss(delay, predicted[n], alpha=a) for n, a in zip(names, QUANTILE_LEVELS, strict=True)]
    assert found["pinball_min"] == pytest.approx(np.mean(losses))
    inside = [(q <= d <= r) for d, q, r in zip(delay, predicted["q10"], predicted["q90"], strict=True)]
    assert found["coverage_80"] == pytest.approx(np.mean(inside))
    assert found["median_error_min"] == pytest.approx(np.mean(np.abs(delay - predicted["q50"])))


def _classes(rows):
    return pd.DataFrame(rows, columns=["p_minor", "p_moderate", "p_major", "p_critical"], dtype=float)


def test_the_predicted_class_is_the_median():
    """Sure ones are themselves; otherwise the class at which half of the chance is passed."""
    rows = [[1, 0, 0, 0], [0, 0, 0, 1], [0.4, 0.6, 0, 0], [0.6, 0, 0, 0.4], [0.3, 0.15, 0.35, 0.2], [0.45, 0, 0, 0.55]]
    assert predicted_class(_classes(rows)).tolist() == [0, 3, 1, 0, 2, 3]


def test_severity_figures_by_hand():
    """Impacts 10, 50, 100, 500 told surely and rightly: kappa and F1 1, log loss 0; the error is that of the impact."""
    predicted = _classes(np.eye(4)).assign(expected_impact=[10, 50, 110, 480])
    outcome = pd.DataFrame({"value": [10.0, 50.0, 100.0, 500.0]})
    found = severity_figures(outcome, predicted, THRESHOLDS)
    assert (found["kappa"], found["macro_f1"]) == (1.0, 1.0)
    assert found["log_loss"] == pytest.approx(0, abs=1e-8)
    assert found["impact_error"] == pytest.approx(30 / 4)
    assert found["brier_over_2"] == pytest.approx(0)
    assert found["base_rate_over_1"] == 0.75


def test_kappa_is_quadratic():
    """Against scikit-learn, on random classes."""
    p = _classes(RANDOM.dirichlet(np.ones(4), 300))
    impact = RANDOM.choice([10.0, 50.0, 100.0, 500.0], 300)
    found = severity_figures(pd.DataFrame({"value": impact}), p.assign(expected_impact=50.0), THRESHOLDS)
    actual = np.digitize(impact, THRESHOLDS, right=True)
    wanted = cohen_kappa_score(actual, predicted_class(p), weights="quadratic")
    assert found["kappa"] == pytest.approx(wanted)
    above = binary_figures((impact > 90).astype(float), (p["p_major"] + p["p_critical"]).to_numpy())
    assert found["auc_over_2"] == pytest.approx(above["auc"])


def test_the_constant_says_the_base_rate_of_training():
    """Training rate 1/4, test answers 0, 1: (1/16 + 9/16) / 2 = 5/16."""
    train, test = pd.DataFrame({"value": [1.0, 0, 0, 0]}), pd.DataFrame({"value": [0.0, 1.0]})
    assert constant_figures(ModelName.TENDER_FAILURE, train, test) == {"brier_constant": 5 / 16}


def test_each_model_has_its_figures():
    """The tenders' figures are the binary ones; reports are rounded to ten digits."""
    outcome, predicted = pd.DataFrame({"value": Y}), pd.DataFrame({"p_fail": P})
    assert figures_of(ModelName.TENDER_FAILURE, outcome, predicted, THRESHOLDS) == binary_figures(Y, P)
    assert flat({"a": 1 / 3}) == {"a": 0.3333333333}


def test_figures_of_a_distribution_count_atoms_by_their_share():
    """Half the impacts 0, half uniform, said rightly to all: 80 and 90 % bands hold what they say, atoms included."""
    random = np.random.default_rng(6)
    impact = np.where(random.random(4_000) < 0.5, 0.0, random.uniform(0, 100, 4_000))
    knots = np.array([20.0, 60.0])
    baseline = learn_baseline(impact, knots)
    told = Impacts(baseline, knots, np.tile(baseline.at(knots), (4_000, 1)))
    found = impact_figures(told, impact)
    assert found["coverage_80"] == pytest.approx(0.8, abs=0.01)
    assert found["coverage_90"] == pytest.approx(0.9, abs=0.01)
    drawn = random.choice(impact, (4_000, 2))
    expected = np.abs(drawn[:, 0] - impact).mean() - np.abs(drawn[:, 0] - drawn[:, 1]).mean() / 2
    assert found["crps"] == pytest.approx(expected, abs=1.0)
    sure = Impacts(baseline, knots, np.tile([0.0, 0.0], (4_000, 1)))
    assert impact_figures(sure, impact)["coverage_80"] < 0.25


def test_too_few_subjects_are_not_resampled() -> None:
    """Whose figures then have no interval, rather than one without width."""
    few = pd.Series([f"s{number}" for number in range(MIN_SUBJECTS - 1)]).repeat(3)
    assert resamples(few) == []
    drawn = resamples(pd.Series([f"s{number}" for number in range(MIN_SUBJECTS)]))
    assert intervals([{"n": 3.0, "base_rate": float(rows.mean())} for rows in drawn]).keys() == {"base_rate"}
