"""Days that share their weather: the band that knows it holds, the other is left; what is wrong is found."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import multivariate_normal, norm

from training.consistency import reliability_with_days
from training.day_effect import MOST, Rho, Ties, learn_rho, learn_rho_by, threshold
from training.reliability import reliability_of

DAYS, A_DAY = 40, 80


def year(seed: int, rho: float, days: int = DAYS) -> tuple[np.ndarray, np.ndarray, Ties]:
    """Outcomes of perfectly kept probabilities, two stages a subject, all of a day tied by ``rho``."""
    random, n = np.random.default_rng(seed), days * A_DAY
    subject, day = np.repeat(np.arange(n // 2), 2), np.repeat(np.arange(days), A_DAY)
    p = random.beta(1, 4, n)
    ties = Ties(subject, day, np.full(n, rho))
    return (ties.decided(random) < threshold(p)).astype(float), p, ties


def inside(seed: int, rho: float, said=lambda p: p) -> tuple[bool, bool]:
    """Whether a slice of all rows lies in its band: with days, by a ρ learned from other days; and without them."""
    y, p, ties = year(seed, rho)
    told, first = said(p), ties.subject[1:] != ties.subject[:-1]
    y_before, p_before, before = year(10_000 + seed, rho)
    one_each = np.append(True, first)
    learned = learn_rho(*(of[one_each] for of in (y_before, p_before, before.day)))
    with_days = Ties(ties.subject, ties.day, np.full(p.size, learned))
    found = reliability_with_days(y, told, {"all": np.ones(p.size, bool)}, with_days)["all"]
    alone = reliability_of(y, told, ties.subject)
    assert found.error == pytest.approx(alone.error)
    return found.inside, alone.inside


def test_the_band_holds_where_days_go_together_and_that_of_independence_does_not():
    """Of 30 perfectly calibrated data sets at most 2 leave it; the other is left by more than 4."""
    found = np.array([inside(seed, 0.2) for seed in range(30)])
    assert (~found[:, 0]).sum() <= 2
    assert (~found[:, 1]).sum() > 4


def test_where_days_share_nothing_it_is_the_other_band():
    """Of 10 data sets at most one leaves either band."""
    found = np.array([inside(seed, 0.0) for seed in range(10)])
    assert (~found).sum(axis=0).max() <= 1


@pytest.mark.parametrize(
    "said", [lambda p: np.clip(p + 0.12, 0, 1), lambda p: expit(2 * logit(np.clip(p, 1e-9, 1 - 1e-9)) + 1.5)]
)
def test_what_is_wrong_is_found_all_the_same(said):
    """Twelve points too much, or twice as sure as is right: every data set leaves the band."""
    found = [inside(seed, 0.1, said)[0] for seed in range(5)]
    assert sum(found) == 0


@pytest.mark.parametrize("rho", [0.0, 0.05, 0.3])
def test_rho_is_found(rho):
    """In the mean over data sets of 200 days, within a fifth and a hundredth."""
    learned = []
    for seed in range(5):
        y, p, ties = year(seed, rho, 200)
        learned.append(learn_rho(y[::2], p[::2], ties.day[::2]))
    assert np.mean(learned) == pytest.approx(rho, rel=0.2, abs=0.01)


def test_the_series_is_the_normal_distribution_in_two_dimensions():
    """One pair a day: ρ̂ is where the covariance that was seen is that of Φ₂."""
    p, rho, days = np.array([0.1, 0.6]), 0.35, 4_000
    at = norm.ppf(p)
    both = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf(at)
    # Outcomes in the exact shares that Φ₂ gives to yes-yes, yes-no, no-yes and no-no.
    counts = np.round(days * np.array([both, p[0] - both, p[1] - both, 1 - p.sum() + both])).astype(int)
    y = np.repeat(np.array([[1, 1], [1, 0], [0, 1], [0, 0]], float), counts, axis=0)
    day = np.repeat(np.arange(len(y)), 2)
    assert learn_rho(y.ravel(), np.tile(p, len(y)), day) == pytest.approx(rho, abs=0.01)


def test_days_that_are_all_one_outcome_are_told_as_the_most():
    """And rows that go against each other as nothing."""
    day = np.repeat(np.arange(50), 10)
    assert learn_rho((day % 2).astype(float), np.full(500, 0.5), day) == MOST
    assert learn_rho(np.tile([0.0, 1.0], 250), np.full(500, 0.5), day) == 0.0


def test_groups_with_few_rows_are_told_the_mean():
    """A stage with 20 rows has none of its own."""
    y, p, ties = year(1, 0.2)
    stage = np.array(["AF"] * (p.size - 20) + ["X1"] * 20)
    told = learn_rho_by(y, p, ties.day, stage)
    assert set(told.own) == {"AF"}
    assert told.of(np.array(["AF", "X1"])).tolist() == [told.own["AF"], told.others]
    assert Rho({}, 0.1).of(np.array(["X"])).tolist() == [0.1]


def test_a_row_keeps_its_probability_and_a_subject_its_own_part():
    """Over many draws each row comes true as often as it says; without days rows of a subject are decided alike."""
    ties = Ties(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0.3, 0.1, 0.0]))
    random, p = np.random.default_rng(4), np.array([0.2, 0.5, 0.7])
    at = threshold(p)
    came = np.mean([ties.decided(random) < at for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(came, p, atol=0.012)
    alike = Ties(ties.subject, ties.day, np.zeros(3)).decided(random)
    assert alike[0] == alike[1] != alike[2]
