"""A shipment that is overdue already: what has passed without a delivery is certain."""

import numpy as np
import pytest

from domain.predictions import DENSE_LEVELS
from models.delay import LEVELS, DelayShape, Scale, error_quantiles
from models.eta_risk import _given_overdue

TOLERATED = 15.0


@pytest.fixture
def shape() -> DelayShape:
    """Three shipments whose delays are normal about 0, 20 and 60 minutes on the model's scale."""
    normal = error_quantiles(np.random.default_rng(1).normal(size=200_000))
    scale = Scale(30.0)
    return DelayShape(scale, scale.of(np.array([0.0, 20.0, 60.0])), np.full(3, 0.8), normal)


P_LATE = np.array([0.2, 0.55, 0.9])


def given(shape: DelayShape, overdue: float, levels: tuple[float, ...] = DENSE_LEVELS):
    return _given_overdue(shape, levels, np.full(3, TOLERATED), P_LATE.copy(), np.full(3, overdue))


def test_before_plan_nothing_is_certain(shape: DelayShape) -> None:
    """Not yet due: P(late) and quantiles are those of the distribution itself."""
    p_late, made = given(shape, -30.0)
    np.testing.assert_array_equal(p_late, P_LATE)
    np.testing.assert_array_equal(made, shape.quantiles(np.array(DENSE_LEVELS), np.full(3, TOLERATED), P_LATE))


def test_overdue_beyond_tolerance_is_late(shape: DelayShape) -> None:
    """Three hours after plan and not delivered: late for certain, and every quantile is above three hours."""
    p_late, made = given(shape, 180.0)
    np.testing.assert_array_equal(p_late, 1.0)
    assert (made >= 180.0).all()
    assert (np.diff(made, axis=1) >= 0).all()


def test_the_share_above_is_that_of_a_fine_grid(shape: DelayShape) -> None:
    """P(delay > x) of the formula equals the share of finely spaced quantiles above x."""
    fine = np.linspace(0.0005, 0.9995, 1000)
    minutes = shape.quantiles(fine, np.full(3, TOLERATED), P_LATE)
    for x in (-20.0, 5.0, 15.0, 40.0, 120.0):
        share = (minutes > x).mean(axis=1)
        np.testing.assert_allclose(shape.above(np.full(3, x), np.full(3, TOLERATED), P_LATE), share, atol=0.002)


def test_overdue_within_tolerance_conditions_on_it(shape: DelayShape) -> None:
    """Five minutes after plan: quantiles and P(late) are those of delays above five minutes, by plain counting."""
    fine = np.linspace(0.0005, 0.9995, 1000)
    p_late, made = given(shape, 5.0, (0.25, 0.5, 0.75))
    minutes = shape.quantiles(fine, np.full(3, TOLERATED), P_LATE)
    for row in range(3):
        left = minutes[row][minutes[row] > 5.0]
        assert p_late[row] == pytest.approx((left > TOLERATED).mean(), abs=0.005)
        np.testing.assert_allclose(made[row], np.quantile(left, [0.25, 0.5, 0.75]), rtol=0.02, atol=0.5)
    assert LEVELS.size == shape.errors.size
