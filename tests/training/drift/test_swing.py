"""How much days differ is told by days before, and a shift that stays is not swing."""

import numpy as np
import pytest

from training.drift.swing import LEAST_SWING, spreads, swings


def residuals(random: np.random.Generator, swing: float, shift: float = 0.0, variance: float = 40.0) -> np.ndarray:
    """Σ (y − p) of 200 days in the normal limit: shift and swing in log-odds, chance beside them."""
    days = 200
    return variance * (shift + swing * random.normal(size=days)) + np.sqrt(variance) * random.normal(size=days)


@pytest.mark.parametrize("swing", [0.2, 0.5])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_a_swing_is_told_whatever_the_level(swing, shift):
    """Within a quarter after 200 days, with and without a steady shift."""
    told = [swings(residuals(np.random.default_rng(seed), swing, shift), np.full(200, 40.0))[-1] for seed in range(20)]
    assert np.sqrt(np.mean(told)) == pytest.approx(swing, rel=0.25)


def test_independent_outcomes_have_next_to_no_swing():
    """Below 0.1 log-odds, and never below what is taken for granted."""
    told = [swings(residuals(np.random.default_rng(seed), 0.0), np.full(200, 40.0))[-1] for seed in range(20)]
    assert np.sqrt(np.mean(told)) < 0.1
    assert min(told) >= LEAST_SWING**2


def test_a_day_does_not_tell_its_own_swing():
    """Another outcome of day 50 changes nothing up to day 50, and something after it."""
    made = residuals(np.random.default_rng(1), 0.3)
    other = made.copy()
    other[50] += 60
    one, two = (swings(values, np.full(200, 40.0)) for values in (made, other))
    assert np.array_equal(one[:51], two[:51])
    assert one[51] != two[51]


def test_the_day_of_a_change_hardly_counts():
    """A jump by two units of log-odds raises what is told by less than 0.15."""
    calm = residuals(np.random.default_rng(2), 0.1)
    jumped = calm + np.where(np.arange(200) >= 100, 80.0, 0.0)
    one, two = (np.sqrt(swings(values, np.full(200, 40.0))[110]) for values in (calm, jumped))
    assert two - one < 0.15


def test_days_without_outcomes_tell_nothing():
    """They are passed over; the variance of independent outcomes is multiplied by 1 there."""
    variance = np.where(np.arange(200) % 7 < 5, 40.0, 0.0)
    told = swings(np.where(variance > 0, residuals(np.random.default_rng(3), 0.0), 0.0), variance)
    assert np.isfinite(told).all()
    assert (spreads(told, variance)[variance == 0] == 1).all()
