"""What is said between thresholds, where the truth is known; and two scores as one."""

import json

import numpy as np
import pytest
from scipy.special import ndtr
from sklearn.linear_model import LogisticRegression

from models.knots import Knots, fit_knots
from models.stacked import fit_weights

THRESHOLDS = (30.0, 90.0, 240.0)
SPREAD = 0.8


def drawn(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Where an impact lies, and the impact: its logarithm is normal about that."""
    random = np.random.default_rng(seed)
    centre = random.normal(4, 1, rows)
    return centre, np.exp(centre + SPREAD * random.normal(size=rows))


def truly_upto(centre: np.ndarray, thresholds: tuple[float, ...]) -> np.ndarray:
    """P(impact ≤ t), shape (n, thresholds)."""
    return ndtr((np.log(thresholds) - centre[:, None]) / SPREAD)


@pytest.fixture(scope="module")
def learned() -> Knots:
    """From a centre and a score for each threshold that says no more; a fifth of the rows was never judged."""
    centre, impact = drawn(8_000, 1)
    judged = np.column_stack([centre, *[centre * 1.7 - 3] * 3])
    judged[:1_600] = np.nan
    return fit_knots(impact, THRESHOLDS, judged, (0, 1, 2))


def told(knots: Knots, centre: np.ndarray):
    scores = np.column_stack([centre, *[centre * 1.7 - 3] * 3])
    return knots.impacts(scores, THRESHOLDS, truly_upto(centre, THRESHOLDS))


def test_what_is_known_better_at_thresholds_stays(learned):
    """To the last bit, whatever was learned knot by knot; and all rises."""
    centre, _ = drawn(400, 2)
    found = told(learned, centre)
    np.testing.assert_array_equal(found.above(THRESHOLDS), 1 - truly_upto(centre, THRESHOLDS))
    assert (np.diff(found.upto, axis=1) >= 0).all()
    assert ((found.upto >= 0) & (found.upto <= 1)).all()


def test_between_thresholds_it_is_near_the_truth(learned):
    """At levels that nobody asked for in training: two per cent off on average."""
    centre, _ = drawn(4_000, 3)
    asked = (12.0, 45.0, 60.0, 150.0, 500.0)
    off = told(learned, centre).above(asked) - (1 - truly_upto(centre, asked))
    assert np.abs(off).mean(axis=0).max() < 0.02
    assert np.abs(off.mean(axis=0)).max() < 0.01


def test_an_interval_of_eight_in_ten_holds_as_many(learned):
    """Of impacts that nobody learned from; and their mean is the expected one."""
    centre, impact = drawn(6_000, 4)
    found = told(learned, centre)
    low, high = found.quantiles((0.1, 0.9)).T
    assert ((impact >= low) & (impact <= high)).mean() == pytest.approx(0.8, abs=0.025)
    assert found.mean().mean() == pytest.approx(impact.mean(), rel=0.06)


def test_without_a_case_that_was_judged_a_knot_is_the_base_rate():
    """Scores of hardly a row: everybody gets the impacts of training."""
    centre, impact = drawn(500, 5)
    judged = np.full((500, 1), np.nan)
    judged[-10:, 0] = centre[-10:]
    knots = fit_knots(impact, THRESHOLDS, judged, ())
    assert all(one.weights == (0.0,) for one in knots.above)
    shares = (impact <= np.array(THRESHOLDS)[:, None]).mean(axis=1)
    found = knots.impacts(np.array([[-50.0], [50.0]]), THRESHOLDS, np.tile(shares, (2, 1)))
    np.testing.assert_array_equal(found.upto[0], found.upto[1])
    middle = np.median(impact)
    np.testing.assert_allclose(found.at(middle), 0.5, atol=0.01)


@pytest.mark.parametrize("impact", [np.repeat([0.0, 100.0], 200), np.tile([-20.0, 0.0, 35.0, 35.0, 400.0], 80)])
def test_atoms_are_no_knots_twice(impact):
    """Knots rise strictly, with mass between them, where most quantiles are one value."""
    scores = np.random.default_rng(0).normal(size=(400, 1))
    knots = fit_knots(impact, THRESHOLDS, scores, ())
    assert (np.diff(knots.at) > 0).all()
    assert set(THRESHOLDS) <= set(knots.at.tolist())
    assert (np.diff(knots.baseline.at(knots.at)) > 0).all()


def test_knots_read_back_say_the_same(learned):
    """To the last bit, through JSON's text."""
    read = Knots.from_json(json.loads(json.dumps(learned.as_json())))
    centre, _ = drawn(100, 6)
    np.testing.assert_array_equal(told(read, centre).upto, told(learned, centre).upto)


def test_weights_are_those_of_a_logistic_regression():
    """Of two scores that each know something, by another's solver."""
    random = np.random.default_rng(7)
    scores = random.normal(size=(5_000, 2))
    outcome = (random.random(5_000) < 1 / (1 + np.exp(0.5 - 1.2 * scores[:, 0] - 0.6 * scores[:, 1]))).astype(float)
    found = fit_weights(scores, outcome)
    other = LogisticRegression(C=np.inf).fit(scores, outcome)
    np.testing.assert_allclose(found.weights, other.coef_[0], atol=0.01)
    assert found.intercept == pytest.approx(other.intercept_[0], abs=0.01)


def test_a_score_that_counts_against_its_answer_is_left_out():
    """And the other weighs what it would alone."""
    random = np.random.default_rng(8)
    scores = random.normal(size=(3_000, 2))
    outcome = (random.random(3_000) < 1 / (1 + np.exp(scores[:, 1] - scores[:, 0]))).astype(float)
    found, alone = fit_weights(scores, outcome), fit_weights(scores[:, :1], outcome)
    assert found.weights == (alone.weights[0], 0.0)
    assert found.intercept == alone.intercept
