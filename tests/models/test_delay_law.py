"""Laws of the distribution: whatever its parts are, it is a distribution that agrees with the late head."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.delay import DelayShape, Scale, error_quantiles
from models.delay_law import DelayLaw
from models.shares import AS_SAID, LEVELS, ShareMap, Sides, rising

ASKED = np.concatenate([[1e-6, 0.001], np.arange(1, 40) / 40, [0.999, 1 - 1e-6]])


@st.composite
def laws(draw: Any) -> DelayLaw:
    """Any centre, spread, errors, threshold, probability, time that has passed, and way to put shares right."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    errors = error_quantiles(random.standard_t(draw(st.sampled_from([1.5, 3.0, 30.0])), 400))
    centre, spread = draw(st.floats(-3, 3)), draw(st.floats(0.02, 2))
    shape = DelayShape(Scale(draw(st.sampled_from([1.0, 20.0, 500.0]))), *map(one, (centre, spread)), errors)
    bent = [ShareMap(rising(np.sort(random.normal(0, draw(st.floats(0.1, 5)), LEVELS.size)))) for _ in range(2)]
    passed = draw(st.one_of(st.just(-np.inf), st.floats(-500, 500)))
    p = draw(st.one_of(st.sampled_from([0.0, 1.0, 1e-9]), st.floats(0, 1)))
    threshold = draw(st.floats(-200, 200))
    return DelayLaw(shape, one(threshold), one(p), one(passed), Sides(*bent))


def one(value: float) -> np.ndarray:
    return np.array([value])


@given(laws())
@settings(max_examples=300, deadline=None)
def test_quantiles_never_cross(law):
    """They are finite, rise with the level, and none lies before what has passed."""
    made = law.given_overdue().quantiles(ASKED)[0]
    assert np.isfinite(made).all()
    assert (np.diff(made) >= 0).all()
    assert (made >= law.passed[0]).all()


@given(laws())
@settings(max_examples=300, deadline=None)
def test_the_probability_of_being_late_is_the_heads(law):
    """P(delay > t) is p to the last bit until plan, 1 beyond t; and it falls with the minutes, from 1 to 0."""
    given_now, t = law.given_overdue(), law.threshold[0]
    expected = law.p_above[0] if law.passed[0] <= 0 else given_now.p_above[0]
    if law.passed[0] <= t:
        assert given_now.above(np.array([[t]]))[0, 0] == expected
    else:
        assert given_now.p_above[0] == (1.0 if law.passed[0] > 0 else expected)
    minutes = np.sort(np.append(np.linspace(-2000, 2000, 81), t))[None, :]
    above = given_now.above(minutes)[0]
    assert ((above >= 0) & (above <= 1)).all()
    assert (np.diff(above) <= 1e-12).all()


@given(laws(), st.floats(0.02, 0.98))
@settings(max_examples=300, deadline=None)
def test_a_quantile_is_exceeded_as_often_as_it_says(law, level):
    """P(delay > q(u)) = 1 − u, where the distribution has no jump."""
    law = law.given_overdue()
    q = law.quantiles(np.array([level]))
    t = law.threshold[0]
    if q[0, 0] != t and q[0, 0] > law.passed[0] and abs(q[0, 0] - t) > 1e-6 * max(1.0, abs(t)):
        assert law.above(q)[0, 0] == pytest.approx(1 - level, abs=1e-5)


def test_shares_are_put_right_and_back():
    """said(true(x)) = x inside the levels and far out; as said, nothing changes."""
    bent = ShareMap(rising(np.sort(np.random.default_rng(3).normal(0, 4, LEVELS.size))))
    x = np.linspace(-40, 40, 401)
    np.testing.assert_allclose(bent.said(bent.true(x)), x, atol=1e-8)
    np.testing.assert_allclose(AS_SAID.below.true(x), x, atol=1e-12)


def test_neither_tail_is_lost_to_rounding():
    """Far in the tails a quantile is still exceeded as often as it says, to a thousandth of that."""
    errors = error_quantiles(np.random.default_rng(1).normal(size=10_000))
    law = DelayLaw(DelayShape(Scale(30.0), one(0.0), one(0.5), errors), one(15.0), one(0.3), one(-np.inf))
    tails = np.array([1e-9, 1e-6, 1e-3])
    q = law.quantiles(np.concatenate([tails, 1 - tails]))
    above = law.above(q)[0]
    np.testing.assert_allclose(above[3:], tails, rtol=1e-3)
    np.testing.assert_allclose(1 - above[:3], tails, rtol=1e-3)
