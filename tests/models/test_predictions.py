"""What every fitted model promises of its predictions."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from domain.predictions import DENSE_LEVELS, PREDICTED_COLUMNS, QUANTILE_LEVELS, ModelName
from tests.models.synthetic import frame_of

MODELS = [str(name) for name in ModelName]
NEW = frame_of(400, seed=9, stages=("release", "AF", "X6"))


@pytest.mark.parametrize("name", MODELS)
def test_predictions_have_the_columns_of_the_domain(fitted, name):
    """Their columns, in order; the frame's index; finite numbers; probabilities from 0 to 1."""
    told = fitted[name].predict(NEW.set_axis(range(7, 407), axis=0))
    assert tuple(told) == PREDICTED_COLUMNS[ModelName(name)]
    assert told.index.equals(pd.RangeIndex(7, 407))
    assert np.isfinite(told.to_numpy()).all()
    chances = told[[column for column in told if column.startswith("p_")]]
    assert ((chances >= 0) & (chances <= 1)).all(axis=None)


def read_off(model) -> tuple[np.ndarray, np.ndarray]:
    """1 − F(late_after_min) read off a fine grid of quantiles, and p_late; where neither is next to 0 or 1."""
    levels = tuple(np.round(np.arange(0.002, 1, 0.002), 3))
    minutes = model.quantiles(NEW, levels)
    allowed = NEW["late_after_min"].fillna(15.0).to_numpy()
    read = np.array([1 - np.interp(t, row, levels) for t, row in zip(allowed, minutes, strict=True)])
    p_late = model.predict(NEW)["p_late"].to_numpy()
    inside = (p_late > 0.03) & (p_late < 0.97)
    return read[inside], p_late[inside]


def test_a_probability_of_lateness_is_that_of_the_quantiles(fitted):
    """p_late = 1 − F(late_after_min) of the same distribution for every shipment, its own tolerance first."""
    read, p_late = read_off(fitted["eta_risk"])
    assert read.size > 100
    np.testing.assert_allclose(read, p_late, atol=0.003)


def test_quantiles_never_cross(fitted):
    """They rise along each row, for rows as learned, for noise, and where nothing at all is known."""
    random = np.random.default_rng(4)
    wild = NEW.assign(load=random.normal(0, 1e6, 400), last_lateness_min=random.normal(0, 1e6, 400))
    nothing = NEW[["stage"]]
    for frame in (NEW, wild, nothing, NEW.assign(late_after_min=-1e5), NEW.assign(late_after_min=1e5)):
        minutes = fitted["eta_risk"].quantiles(frame, DENSE_LEVELS)
        assert minutes.shape == (400, len(DENSE_LEVELS))
        assert (np.diff(minutes, axis=1) >= 0).all()
        assert np.isfinite(minutes).all()


def test_predicted_quantiles_are_those_of_the_distribution(fitted):
    """``predict`` and ``quantiles`` say the same, and tell the levels apart."""
    told = fitted["eta_risk"].predict(NEW).drop(columns="p_late").to_numpy()
    np.testing.assert_array_equal(told, fitted["eta_risk"].quantiles(NEW, QUANTILE_LEVELS))
    assert (told[:, 0] < told[:, -1]).all()


@pytest.mark.parametrize("name", MODELS)
def test_contributions_sum_to_the_margin_and_calibration_to_the_probability(fitted, name):
    """base + Σ contributions = margin; margin + calibration = logit(probability); to 1e-9."""
    why = fitted[name].explain(NEW)
    assert why.values.shape == (len(NEW), len(why.columns))
    np.testing.assert_allclose(why.base + why.values.sum(axis=1), why.margin, atol=1e-9)
    np.testing.assert_allclose(why.margin + why.calibration, logit(why.probability), atol=1e-9)


@pytest.mark.parametrize(("name", "column"), [("eta_risk", "p_late"), ("tender_failure", "p_fail")])
def test_what_is_explained_is_what_was_predicted(fitted, name, column):
    """The probability of the explanation is the prediction, bit for bit."""
    np.testing.assert_array_equal(fitted[name].explain(NEW).probability, fitted[name].predict(NEW)[column])


def test_the_explained_severity_is_the_predicted_one(fitted):
    """P(impact above the middle threshold) = p_major + p_critical."""
    told = fitted["severity"].predict(NEW)
    explained = fitted["severity"].explain(NEW).probability
    np.testing.assert_allclose(explained, told["p_major"] + told["p_critical"], atol=1e-12)


def test_severity_classes_sum_to_one_and_exceedance_falls(fitted):
    """Σ p = 1, and P(impact > t) falls with t; expected impact and interval lie within what was seen."""
    told = fitted["severity"].predict(NEW)
    classes = told[["p_minor", "p_moderate", "p_major", "p_critical"]].to_numpy()
    np.testing.assert_allclose(classes.sum(axis=1), 1, atol=1e-12)
    assert (classes >= -1e-15).all()
    above = fitted["severity"].exceedance(NEW)
    assert (np.diff(above, axis=1) <= 0).all()
    np.testing.assert_allclose(above[:, 0], 1 - classes[:, 0], atol=1e-12)
    seen = fitted["severity"].knots.baseline.values
    assert told[["expected_impact", "q10", "q90"]].min(axis=None) >= seen[0] - 1e-9
    assert told[["expected_impact", "q10", "q90"]].max(axis=None) <= seen[-1] + 1e-9
    assert (told["q10"] <= told["q90"]).all()


@pytest.mark.parametrize("name", MODELS)
def test_the_unknown_does_not_crash(fitted, name):
    """Categories never seen, stages never seen, columns that are missing, rows that are none, columns too many."""
    model = fitted[name]
    strange = NEW.assign(carrier_id="never seen", customer_id="never seen", x_note="neue Wörter", stage="never seen")
    assert np.isfinite(model.predict(strange).to_numpy()).all()
    missing = NEW.assign(carrier_id=pd.Series([None] * 400, dtype="str"))
    assert np.isfinite(model.predict(missing).to_numpy()).all()
    assert np.isfinite(model.predict(NEW[["stage"]]).to_numpy()).all()
    assert np.isfinite(model.explain(NEW[["stage"]]).values).all()
    pd.testing.assert_frame_equal(model.predict(NEW.assign(x_more="more")), model.predict(NEW), check_exact=True)


@pytest.mark.parametrize("name", MODELS)
def test_nobody_asked_is_no_crash(fitted, name):
    """No rows in, no rows out, with the columns of the domain."""
    assert tuple(fitted[name].predict(NEW.iloc[:0])) == PREDICTED_COLUMNS[ModelName(name)]


@pytest.mark.parametrize("name", MODELS)
def test_the_order_of_rows_and_who_else_is_asked_do_not_matter(fitted, name):
    """The same rows shuffled, and one row alone, get the same predictions."""
    model, whole = fitted[name], fitted[name].predict(NEW)
    shuffled = NEW.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(model.predict(shuffled).sort_index(), whole, check_exact=True)
    # A sum over one row may round otherwise than the same sum among many.
    pd.testing.assert_frame_equal(model.predict(NEW.iloc[[13]]), whole.iloc[[13]], rtol=1e-13)
    pd.testing.assert_frame_equal(model.predict(NEW[NEW.columns[::-1]]), whole, check_exact=True)
