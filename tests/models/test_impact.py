"""The distribution of an impact: whatever is said at the knots, it is one distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.impact import MOST_CELLS, Baseline, Impacts, learn_baseline

INTEGERS = st.integers(-40, 400).map(float)
CONTINUOUS = st.floats(-1e4, 1e6, width=32).map(float)
"""Minutes have atoms and zeros, money has neither; both may be below 0."""
RISING = st.lists(INTEGERS | CONTINUOUS, min_size=1, max_size=6, unique=True).map(sorted)


@st.composite
def impacts(draw: st.DrawFn) -> Impacts:
    """Any training impacts, any knots, and for three subjects anything that rises at them."""
    values = st.lists(INTEGERS, min_size=1, max_size=60) | st.lists(CONTINUOUS, min_size=1, max_size=60)
    knots = np.array(draw(RISING))
    said = st.lists(st.floats(0, 1), min_size=knots.size, max_size=knots.size).map(sorted)
    upto = np.array([draw(said) for _ in range(3)])
    return Impacts(learn_baseline(np.array(draw(values)), knots), knots, upto)


def masses(told: Impacts, row: int) -> list[tuple[float, float]]:
    """Value and mass of every atom of one subject, by a loop that shares nothing with the code: stretch by stretch."""
    ends = [-np.inf, *told.knots, np.inf]
    reached = [0.0, *told.upto[row], 1.0]
    weights = np.diff([0.0, *told.baseline.upto])
    made = []
    for k in range(len(ends) - 1):
        inside = [(v, w) for v, w in zip(told.baseline.values, weights, strict=True) if ends[k] < v <= ends[k + 1]]
        total = sum(w for _, w in inside)
        made += [(float(v), float((reached[k + 1] - reached[k]) * w / total)) for v, w in inside]
    return made


@given(impacts(), RISING)
def test_classes_under_any_thresholds_are_differences_of_one_distribution(told, thresholds):
    """Σ p = 1, no p is below 0, p of a class is the mass between its thresholds, and P(above) falls."""
    classes, above = told.classes(tuple(thresholds)), told.above(tuple(thresholds))
    np.testing.assert_allclose(classes.sum(axis=1), 1, atol=1e-12)
    assert (classes >= -1e-12).all()
    assert (np.diff(above, axis=1) <= 1e-12).all()
    ends = [-np.inf, *thresholds, np.inf]
    for row in range(3):
        atoms = masses(told, row)
        for k in range(len(ends) - 1):
            expected = sum(p for v, p in atoms if ends[k] < v <= ends[k + 1])
            assert classes[row, k] == pytest.approx(expected, abs=1e-9)


@given(impacts())
def test_what_is_said_at_a_knot_stands(told):
    """P(impact ≤ knot) is what was handed in, to the bit."""
    for k, knot in enumerate(told.knots):
        np.testing.assert_array_equal(told.at(knot), told.upto[:, k])


@given(impacts())
def test_the_expected_impact_is_the_integral(told):
    """E = Σ value · mass of the atoms, summed one by one."""
    for row, expected in enumerate(told.mean()):
        atoms = masses(told, row)
        size = max(abs(v) for v, _ in atoms)
        assert expected == pytest.approx(sum(v * p for v, p in atoms), abs=1e-9 * max(1.0, size))


@given(impacts(), st.floats(0.01, 0.49))
def test_an_interval_holds_its_mass_and_no_value_to_spare(told, tail):
    """P(low ≤ impact ≤ high) is at least what was asked; below ``low`` and above ``high`` lies no more than a tail."""
    low, high = told.quantiles((tail, 1 - tail)).T
    assert (low <= high).all()
    assert (told.at(high) - told.before(low) >= 1 - 2 * tail - 1e-9).all()
    assert (told.before(low) <= tail + 1e-9).all()
    assert (1 - told.at(high) <= tail + 1e-9).all()


@given(impacts(), INTEGERS)
def test_crps_is_that_of_the_atoms(told, impact):
    """E|X − y| − ½ E|X − X'| (Gneiting & Raftery 2007, eq. 21), over all pairs of atoms."""
    found = told.crps(np.full(3, impact))
    for row in range(3):
        values, p = map(np.array, zip(*masses(told, row), strict=True))
        apart = np.abs(values[:, None] - values)
        expected = (p * np.abs(values - impact)).sum() - (p[:, None] * p * apart).sum() / 2
        assert found[row] == pytest.approx(expected, abs=1e-8 * max(1.0, np.abs(values).max()))


def test_what_training_saw_comes_back_where_nothing_is_known():
    """With F₀ at every knot each subject has the training impacts' own distribution, mean and quantiles."""
    impact = np.array([0.0, 0, 0, 5, 5, 12, 30, 30, 30, 200])
    knots = np.array([5.0, 30.0])
    baseline = learn_baseline(impact, knots)
    told = Impacts(baseline, knots, np.tile(baseline.at(knots), (2, 1)))
    np.testing.assert_allclose(told.mean(), impact.mean())
    np.testing.assert_allclose(told.at(0.0), 0.3)
    np.testing.assert_allclose(told.before(30.0), 0.6)
    np.testing.assert_array_equal(told.quantiles((0.1, 0.5, 0.95)), [[0, 5, 200]] * 2)


def test_many_impacts_are_put_together_and_keep_their_mean():
    """No more values than cells and cuts; the mean stays, a share between cuts is exact, the largest hardly shrinks."""
    impact = np.random.default_rng(3).lognormal(5, 1.2, 50_000)
    cuts = np.array([150.0, 400.0, 1000.0])
    made = learn_baseline(impact, cuts)
    assert made.values.size <= MOST_CELLS + cuts.size
    assert (np.diff(made.values) > 0).all()
    mass = np.diff(made.upto, prepend=0.0)
    assert (made.values * mass).sum() == pytest.approx(impact.mean(), rel=1e-9)
    np.testing.assert_allclose(made.at(cuts), [(impact <= cut).mean() for cut in cuts], atol=1e-12)
    assert made.values[-1] > 0.9 * impact.max()


@pytest.mark.parametrize(
    ("impact", "cuts", "unseen"),
    [
        ([1.0, 2.0], [5.0, 9.0], [np.nextafter(5.0, np.inf), np.nextafter(9.0, np.inf)]),
        ([50.0], [10.0, 20.0], [0.0, np.nextafter(10.0, np.inf)]),
        ([50.0], [-10.0, 20.0], [-10.0, np.nextafter(-10.0, np.inf)]),
    ],
)
def test_a_stretch_never_seen_is_possible(impact, cuts, unseen):
    """It is worth what it begins at, the lowest 0 or less, and half a row of mass."""
    made = learn_baseline(np.array(impact), np.array(cuts))
    assert made.values.tolist() == sorted([*impact, *unseen])
    mass = np.diff(made.upto, prepend=0.0)[np.isin(made.values, unseen)]
    np.testing.assert_allclose(mass, 0.5 / (len(impact) + 1))


def test_a_baseline_comes_back_from_json():
    """To the bit."""
    made = learn_baseline(np.array([0.1, 0.2, 0.1, 7.3]), np.array([0.15]))
    back = Baseline.from_json(made.as_json())
    np.testing.assert_array_equal(back.values, made.values)
    np.testing.assert_array_equal(back.upto, made.upto)
