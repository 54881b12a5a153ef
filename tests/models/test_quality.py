"""Behaviour on data whose law is known: calibrated, of nominal coverage, in the right direction."""

from itertools import pairwise

import numpy as np
import pytest

from models.eta_risk import fit_eta_risk
from models.tender_failure import fit_tender_failure
from tests.models.synthetic import SMALL, answer_outcome, delay_outcome, delays_of, frame_of, true_probability
from training.measures import calibration_error

LATER = frame_of(4000, seed=21)


@pytest.fixture(scope="module")
def delays():
    frame = frame_of(4000, seed=20)
    return fit_eta_risk(frame, delay_outcome(frame), 15.0, SMALL)


@pytest.fixture(scope="module")
def answers():
    frame = frame_of(4000, seed=20)
    return fit_tender_failure(frame, answer_outcome(frame), SMALL)


def test_probabilities_are_calibrated(answers, delays):
    """Expected calibration error below 0.04 on later draws of the same law."""
    p = answers.predict(LATER)["p_fail"].to_numpy()
    assert calibration_error(answer_outcome(LATER, seed=8)["value"].to_numpy(), p) < 0.04
    assert np.mean(np.abs(p - true_probability(LATER))) < 0.06
    p_late = delays.predict(LATER)["p_late"].to_numpy()
    assert calibration_error(delay_outcome(LATER, seed=8)["late"].to_numpy(), p_late) < 0.04


BANDS = [("q10", "q90", 0.8), ("q05", "q95", 0.9), ("q25", "q75", 0.5)]


def covered(delays, low, high):
    told, fell = delays.predict(LATER), delays_of(LATER, seed=8)
    return (fell >= told[low]) & (fell <= told[high])


@pytest.mark.parametrize(("low", "high", "nominal"), BANDS)
def test_bands_cover_what_they_say(delays, low, high, nominal):
    """Within 0.04 of nominal on later draws of the very law; within 0.12 where the spread is small and large."""
    inside = covered(delays, low, high)
    assert inside.mean() == pytest.approx(nominal, abs=0.04)
    for rows in (LATER["load"] > 0, LATER["load"] <= 0):
        assert inside[rows].mean() == pytest.approx(nominal, abs=0.12)


def test_the_spread_is_learned(delays):
    """Where delays scatter thrice as much, the band is at least half as wide again."""
    told = delays.predict(LATER)
    width = told["q90"] - told["q10"]
    assert width[LATER["load"] > 0.5].mean() > 1.5 * width[LATER["load"] < -0.5].mean()


def test_more_lateness_so_far_is_not_better(delays):
    """The same shipments with more lateness so far: p_late and the median do not fall, for nearly all."""
    told = [delays.predict(LATER.assign(last_lateness_min=late)) for late in (-40.0, -10.0, 10.0, 40.0)]
    for less, more in pairwise(told):
        assert more["p_late"].mean() > less["p_late"].mean()
        assert (more["p_late"] >= less["p_late"] - 0.02).mean() > 0.97
        assert (more["q50"] >= less["q50"] - 1.0).mean() > 0.97


def test_a_later_tolerance_is_less_often_exceeded(delays):
    """P(delay > x) falls with x: the levels rise, and tell most shipments' minutes apart."""
    levels = (0.1, 0.3, 0.5, 0.7, 0.9)
    minutes = delays.quantiles(LATER, levels)
    assert (np.diff(minutes, axis=1) >= 0).all()
    assert (np.diff(minutes, axis=1) > 0).mean() > 0.95


def test_the_model_beats_a_constant(answers):
    """Brier score below that of the base rate, close to that of the truth."""
    y, p = answer_outcome(LATER, seed=8)["value"].to_numpy(), answers.predict(LATER)["p_fail"].to_numpy()
    brier, constant = np.mean((p - y) ** 2), np.mean((y.mean() - y) ** 2)
    best = np.mean((true_probability(LATER) - y) ** 2)
    assert best < brier < best + 0.3 * (constant - best)
