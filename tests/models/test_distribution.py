"""One distribution: probabilities, quantiles, means and costs of it agree, and agree with the plan's."""

import numpy as np
import pytest

from domain.penalty import PenaltyCurve, PenaltyPiece
from domain.predictions import DENSE_LEVELS
from models.distribution import TOP
from optimization.cost import LatenessTerms, expected_lateness_cost
from tests.models.synthetic import delay_outcome, delays_of, frame_of

NEW = frame_of(60, seed=9, stages=("release", "AF", "X6")).assign(
    mode=["road", "rail"] * 30, to_delivery_min=np.where(np.arange(60) % 3 == 0, 20.0, np.nan)
)
FINE = (np.arange(20_000) + 0.5) / 20_000
TERMS = PenaltyCurve((PenaltyPiece(0, 20, 0.5), PenaltyPiece(25, 90, 2.0), PenaltyPiece(60, 160)))


@pytest.fixture(scope="module")
def delays(fitted):
    return fitted["eta_risk"].distribution(NEW)


@pytest.fixture(scope="module")
def sampled(delays):
    """Finely spaced quantiles, shape (60, 20 000), the rarest held at the outermost one that a cost reckons with."""
    return np.minimum(delays.quantiles(FINE), delays.quantiles([TOP]))


@pytest.mark.parametrize("curve", [PenaltyCurve.by_minute(15.0, 4.0), PenaltyCurve.fixed(15.0, 300.0), TERMS])
def test_an_expected_cost_is_that_of_many_draws(delays, sampled, curve):
    """The mean cost of 2,000 evenly spaced quantiles, one by one through the curve; to a thousandth of its sums."""
    expected = [np.mean([curve.cost(delay) for delay in row[::10]]) for row in sampled]
    np.testing.assert_allclose(delays.expected_cost(curve), expected, rtol=0.01, atol=0.4)


def test_the_mean_beyond_is_integrated_closely(delays, sampled):
    """One number for all or one a row: to a five-hundredth of the sum over 20,000 quantiles."""
    at = np.linspace(-60, 90, 60)
    np.testing.assert_allclose(
        delays.mean_beyond(at), np.maximum(sampled - at[:, None], 0).mean(axis=1), rtol=2e-3, atol=0.02
    )
    np.testing.assert_allclose(delays.mean_beyond(15.0), delays.mean_beyond(np.full(60, 15.0)))


def test_a_plan_reckons_with_nearly_the_same_cost(delays):
    """Its few quantiles, straight in between, give the cost within 3 % and a thirtieth of the sum."""
    few = delays.quantiles(DENSE_LEVELS)
    for terms, curve in [
        (LatenessTerms(np.full(60, 15.0), np.full(60, np.nan), np.full(60, 4.0)), PenaltyCurve.by_minute(15.0, 4.0)),
        (LatenessTerms(np.full(60, 15.0), np.full(60, 300.0), np.full(60, 4.0)), PenaltyCurve.fixed(15.0, 300.0)),
    ]:
        np.testing.assert_allclose(expected_lateness_cost(few, terms), delays.expected_cost(curve), rtol=0.03, atol=10)


def test_one_number_one_a_row_and_several_a_row_are_the_same_question(fitted):
    """The answers agree, and with the share of finely spaced quantiles above."""
    model = fitted["eta_risk"]
    asked = np.array([-20.0, 5.0, 40.0])
    several = model.exceedance(NEW, np.tile(asked, (60, 1)))
    for k, minutes in enumerate(asked):
        np.testing.assert_array_equal(several[:, k], model.exceedance(NEW, float(minutes)))
        np.testing.assert_array_equal(several[:, k], model.exceedance(NEW, np.full(60, minutes)))
        share = (model.quantiles(NEW, tuple(FINE[::10])) > minutes).mean(axis=1)
        np.testing.assert_allclose(several[:, k], share, atol=1e-3)


def test_exceeding_what_is_tolerated_is_being_late(fitted):
    """P(delay > late_after_min) is p_late to the last bit, each shipment's own tolerance first."""
    model, allowed = fitted["eta_risk"], NEW["late_after_min"].fillna(15.0).to_numpy()
    np.testing.assert_array_equal(model.exceedance(NEW, allowed), model.predict(NEW)["p_late"])


def test_places_in_the_distribution_are_uniform(fitted):
    """Of 4,000 later delays each tenth holds a tenth, within 4 points though few were learned from."""
    frame = frame_of(4000, seed=21, stages=("release", "AF"))
    outcome = delay_outcome(frame, seed=8)
    places = fitted["eta_risk"].pit(frame, outcome, seed=3)
    assert ((places >= 0) & (places <= 1)).all()
    assert np.abs(np.bincount((places * 10).astype(int).clip(0, 9), minlength=10) / 4000 - 0.1).max() < 0.04
    np.testing.assert_array_equal(places, fitted["eta_risk"].pit(frame, outcome, seed=3))


def test_a_place_is_the_probability_of_less(fitted):
    """Delays told to any fraction of a minute have one place each: 1 − P(delay > x)."""
    frame = frame_of(100, seed=5)
    outcome = delay_outcome(frame)
    places = fitted["eta_risk"].pit(frame, outcome)
    np.testing.assert_allclose(places, 1 - fitted["eta_risk"].exceedance(frame, delays_of(frame)), atol=1e-12)
