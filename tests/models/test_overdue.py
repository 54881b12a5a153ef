"""What has passed without a delivery is certain, before plan and after."""

import numpy as np
import pytest

from domain.predictions import DENSE_LEVELS
from models.delay import LEVELS, DelayShape, Scale, error_quantiles
from models.delay_law import DelayLaw

TOLERATED = 15.0
P_LATE = np.array([0.2, 0.55, 0.9])
FINE = np.linspace(0.0005, 0.9995, 1000)


@pytest.fixture
def shape() -> DelayShape:
    """Three shipments whose delays are normal about 0, 20 and 60 minutes on the model's scale."""
    normal = error_quantiles(np.random.default_rng(1).normal(size=200_000))
    scale = Scale(30.0)
    return DelayShape(scale, scale.of(np.array([0.0, 20.0, 60.0])), np.full(3, 0.8), normal)


def law(shape: DelayShape, passed: float = -np.inf) -> DelayLaw:
    return DelayLaw(shape, np.full(3, TOLERATED), P_LATE, np.full(3, passed)).given_overdue()


def test_before_plan_the_late_heads_word_stands(shape: DelayShape) -> None:
    """Half an hour to go: P(late) is the head's; no quantile lies before now."""
    asked = law(shape, -30.0)
    np.testing.assert_array_equal(asked.p_above, P_LATE)
    made = asked.quantiles(np.array(DENSE_LEVELS))
    assert (made >= -30.0).all()
    assert (np.diff(made, axis=1) >= 0).all()


def test_long_before_plan_nothing_is_certain(shape: DelayShape) -> None:
    """Two days to go: quantiles are those of nothing known, to a hundredth of a minute."""
    made = law(shape, -2880.0).quantiles(np.array(DENSE_LEVELS))
    np.testing.assert_allclose(made, law(shape).quantiles(np.array(DENSE_LEVELS)), atol=0.01)


def test_overdue_beyond_tolerance_is_late(shape: DelayShape) -> None:
    """Three hours after plan and not delivered: late for certain, and every quantile is above three hours."""
    asked = law(shape, 180.0)
    np.testing.assert_array_equal(asked.p_above, 1.0)
    made = asked.quantiles(np.array(DENSE_LEVELS))
    assert (made >= 180.0).all()
    assert (np.diff(made, axis=1) >= 0).all()


def test_the_share_above_is_that_of_a_fine_grid(shape: DelayShape) -> None:
    """P(delay > x) of the formula equals the share of finely spaced quantiles above x, whatever has passed."""
    for passed in (-np.inf, -30.0, 5.0, 60.0):
        minutes = law(shape, passed).quantiles(FINE)
        for x in (-20.0, 5.0, 15.0, 40.0, 120.0):
            share = (minutes > x).mean(axis=1)
            np.testing.assert_allclose(law(shape, passed).above(np.full((3, 1), x))[:, 0], share, atol=0.002)


def test_overdue_within_tolerance_conditions_on_it(shape: DelayShape) -> None:
    """Five minutes after plan: quantiles and P(late) are those of delays above five minutes, by plain counting."""
    asked, minutes = law(shape, 5.0), law(shape).quantiles(FINE)
    made = asked.quantiles(np.array([0.25, 0.5, 0.75]))
    for row in range(3):
        left = minutes[row][minutes[row] > 5.0]
        assert asked.p_above[row] == pytest.approx((left > TOLERATED).mean(), abs=0.005)
        np.testing.assert_allclose(made[row], np.quantile(left, [0.25, 0.5, 0.75]), rtol=0.02, atol=0.5)
    assert LEVELS.size == shape.errors.size
