"""Severity as one distribution of a fitted model: at thresholds it was trained with, and at any others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from models.artifact import Provenance, load_model, save_model
from models.knots import fit_knots
from models.severity import fit_severity, normal_scores
from models.stacked import fit_weights
from tests.models.synthetic import SMALL, frame_of, impact_outcome

LEARNED = (30.0, 90.0, 240.0)
OTHER = (12.0, 55.0, 700.0)
CLASSES = ["p_minor", "p_moderate", "p_major", "p_critical"]
NEW = frame_of(300, seed=9, stages=("release", "AF", "X6"))
THREE = st.lists(st.floats(-100, 5_000), min_size=3, max_size=3, unique=True).map(sorted).map(tuple)


@settings(max_examples=20, deadline=None)
@given(THREE)
def test_other_thresholds_cut_the_same_distribution(fitted, thresholds):
    """Classes sum to 1 and are differences of the one distribution; expected impact and interval do not move."""
    model = fitted["severity"]
    told, moved = model.predict(NEW), model.with_thresholds(thresholds).predict(NEW)
    classes = moved[CLASSES].to_numpy()
    np.testing.assert_allclose(classes.sum(axis=1), 1, atol=1e-12)
    assert (classes >= -1e-12).all()
    whole = model.distribution(NEW)
    np.testing.assert_allclose(classes.cumsum(axis=1)[:, :3], np.column_stack([whole.at(t) for t in thresholds]))
    pd.testing.assert_frame_equal(told.drop(columns=CLASSES), moved.drop(columns=CLASSES), check_exact=True)


def test_at_its_own_thresholds_the_heads_are_right(fitted):
    """P(impact > t) is what the head of t says, sorted should two heads contradict one another."""
    model = fitted["severity"]
    X, stages = model.encoder.matrix(NEW), NEW["stage"].to_numpy()
    said = np.column_stack([head.probability(X, stages) for head in model.above])
    np.testing.assert_allclose(model.exceedance(NEW), -np.sort(-said, axis=1), atol=1e-12)


def test_a_loaded_model_remembers_what_it_was_trained_with(fitted, tmp_path):
    """Other thresholds are a way of asking: saved and loaded, the model answers as trained, and still to any."""
    asked = fitted["severity"].with_thresholds(OTHER)
    save_model(asked, Provenance("small", "", "", "", "", 5), tmp_path / "one")
    loaded, _ = load_model(tmp_path / "one")
    assert loaded.thresholds == LEARNED
    pd.testing.assert_frame_equal(loaded.predict(NEW), fitted["severity"].predict(NEW), check_exact=True)
    pd.testing.assert_frame_equal(loaded.with_thresholds(OTHER).predict(NEW), asked.predict(NEW), check_exact=True)


@settings(max_examples=20, deadline=None)
@given(THREE)
def test_an_explanation_adds_up_at_any_threshold(fitted, thresholds):
    """base + Σ contributions = margin, and margin + last step = the log-odds of what is predicted there."""
    model = fitted["severity"].with_thresholds(thresholds)
    why = model.explain(NEW)
    np.testing.assert_allclose(why.base + why.values.sum(axis=1), why.margin, atol=1e-9)
    np.testing.assert_allclose(why.margin + why.calibration, logit(why.probability), atol=1e-9)
    np.testing.assert_allclose(why.probability, model.predict(NEW)[CLASSES[2:]].sum(axis=1), atol=1e-11)
    assert f"{thresholds[1]:g}" in why.question


@pytest.mark.parametrize("moved", [-500.0, 0.0])
def test_impacts_below_zero_and_many_alike(moved):
    """Rounded to tens, half of them one value, some negative: a distribution with about the mean of the impacts."""
    frame = frame_of(900)
    value = np.round(impact_outcome(frame)["value"].clip(upper=900), -1) + moved
    value[::2] = value.median()
    thresholds = tuple(float(np.quantile(value, level)) + k for k, level in enumerate((0.3, 0.6, 0.9)))
    told = fit_severity(frame, pd.DataFrame({"value": value}), thresholds, SMALL).predict(frame)
    assert np.isfinite(told.to_numpy()).all()
    assert told["expected_impact"].mean() == pytest.approx(value.mean(), abs=0.15 * value.std())


def test_the_unit_of_an_impact_plays_no_part():
    """The same in cents, thresholds too: the same probabilities, and a hundred times the money."""
    frame = frame_of(700)
    outcome = impact_outcome(frame).round(2)
    euros = fit_severity(frame, outcome, LEARNED, SMALL).predict(frame)
    cents = fit_severity(frame, (outcome * 100).round(), tuple(100 * t for t in LEARNED), SMALL).predict(frame)
    np.testing.assert_allclose(cents[CLASSES], euros[CLASSES], atol=1e-9)
    np.testing.assert_allclose(cents[["expected_impact", "q10", "q90"]], 100 * euros[["expected_impact", "q10", "q90"]])


def test_normal_scores_keep_order_and_share_places():
    """Symmetric about 0; equal impacts have one score."""
    np.testing.assert_allclose(normal_scores(np.array([5.0, 1, 9])), [0, -0.967421566, 0.967421566])
    np.testing.assert_allclose(normal_scores(np.array([3.0, 3, 3])), 0, atol=1e-15)


def test_a_score_that_counts_against_its_answer_is_left_out():
    """Of a score that says the truth and its opposite, the truth is kept; of its opposite alone, nothing."""
    random = np.random.default_rng(1)
    score = random.normal(size=4_000)
    outcome = (random.random(4_000) < 1 / (1 + np.exp(-1.5 * score - 0.5))).astype(float)
    found = fit_weights(np.column_stack([score, -score + random.normal(size=4_000)]), outcome)
    assert found.weights == pytest.approx((1.5, 0.0), abs=0.12)
    assert found.intercept == pytest.approx(0.5, abs=0.12)
    assert fit_weights(-score[:, None], outcome).weights == (0.0,)


def test_masses_handed_to_the_knots_stand_and_the_inside_is_shared_out():
    """With other masses at the thresholds every inner knot keeps its share of the stretch that it lies in."""
    random = np.random.default_rng(2)
    impact = random.lognormal(4, 1, 2_000)
    scores = np.log(impact)[:, None] + random.normal(size=(2_000, 1))
    thresholds = (30.0, 90.0, 240.0)
    knots = fit_knots(impact, thresholds, scores, ())
    own = knots.impacts(scores[:50], thresholds, np.column_stack([np.full(50, p) for p in (0.2, 0.5, 0.8)]))
    twice = knots.impacts(scores[:50], thresholds, np.column_stack([np.full(50, p) for p in (0.1, 0.4, 0.9)]))
    np.testing.assert_array_equal(twice.above(thresholds), np.tile([0.9, 0.6, 1 - 0.9], (50, 1)))
    inside = (own.knots > 30) & (own.knots < 90)
    assert inside.sum() > 2
    np.testing.assert_allclose((own.upto[:, inside] - 0.2) / 0.3, (twice.upto[:, inside] - 0.1) / 0.3, atol=1e-12)
    assert (np.diff(twice.upto, axis=1) >= -1e-12).all()


def test_a_threshold_hardly_ever_exceeded_has_a_constant_head():
    """Five impacts above 240: its head knows the rate only, the model still tells the other classes apart."""
    frame = frame_of(600)
    value = impact_outcome(frame)["value"].clip(upper=200)
    value.iloc[:5] = 900.0
    model = fit_severity(frame, pd.DataFrame({"value": value}), LEARNED, SMALL)
    assert model.above[2].score is None
    told = model.predict(frame)
    assert told["p_minor"].std() > 0.1
    why = replace(model, thresholds=(1.0, 240.0, 900.0)).explain(frame)
    assert (why.values == 0).all()
