"""Expected cost under the whole distribution, against numerical integration."""

import numpy as np
import pytest

from domain.predictions import DENSE_LEVELS
from optimization.cost import (
    Floats,
    LatenessTerms,
    expected_lateness_cost,
    mean_beyond,
    mean_delay,
    p_late,
)

POINTS = (np.arange(400_000) + 0.5) / 400_000


def quantiles(seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    steps = rng.exponential(10, (1, len(DENSE_LEVELS))) * (rng.random((1, len(DENSE_LEVELS))) < 0.8)
    return np.asarray(np.cumsum(steps, axis=1) - 60)


def terms(late_after: float, penalty: float = float("nan"), per_min: float = 2.0) -> LatenessTerms:
    return LatenessTerms(np.array([late_after]), np.array([penalty]), np.array([per_min]))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("late_after", [-80.0, -10.0, 0.0, 15.0, 500.0])
def test_it_is_the_integral_over_the_quantile_function(seed: int, late_after: float) -> None:
    """Per minute, fixed, P(late) and the mean equal a sum over 400 000 points of the interpolated quantiles."""
    delays = quantiles(seed)
    sampled = np.interp(POINTS, DENSE_LEVELS, delays[0])
    beyond, late = np.maximum(sampled - late_after, 0).mean(), (sampled > late_after).mean()
    at = np.array([late_after])
    assert expected_lateness_cost(delays, terms(late_after))[0] == pytest.approx(2 * beyond, abs=1e-3)
    assert expected_lateness_cost(delays, terms(late_after, 300.0))[0] == pytest.approx(300 * late, abs=2e-2)
    assert p_late(delays, at)[0] == pytest.approx(late, abs=5e-5)
    assert mean_beyond(delays, at)[0] == pytest.approx(beyond, abs=5e-4)
    assert mean_delay(delays)[0] == pytest.approx(sampled.mean(), abs=1e-3)


def test_a_certain_delay_costs_its_minutes_or_its_sum() -> None:
    """40 minutes for certain, late after 15: 25 minutes beyond; exactly 15 is not late."""
    certain = np.full((1, len(DENSE_LEVELS)), 40.0)
    assert expected_lateness_cost(certain, terms(15.0)) == pytest.approx([50.0])
    assert expected_lateness_cost(certain, terms(15.0, 300.0)) == pytest.approx([300.0])
    assert expected_lateness_cost(certain, terms(40.0, 300.0)) == pytest.approx([0.0])


def test_more_delay_never_costs_less() -> None:
    delays = quantiles(3)
    costs = [expected_lateness_cost(delays + shift, terms(15.0))[0] for shift in range(0, 200, 10)]
    assert costs == sorted(costs)


def test_without_a_distribution_there_is_no_cost_of_lateness() -> None:
    unknown = np.full((1, len(DENSE_LEVELS)), np.nan)
    assert expected_lateness_cost(unknown, terms(15.0)).tolist() == [0.0]
