"""Perfect calibration keeps to its band and has no excess; what is wrong by a few points does not, and is found."""

import numpy as np
import pytest

from training.measures import calibration_error
from training.reliability import BINS, ENOUGH_ROWS, calibration_excess, reliability_by_slice, reliability_of


def kept(rows: int, seed: int, copies: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, probabilities, subjects: ``copies`` rows a subject with one outcome, each probability kept."""
    random = np.random.default_rng(seed)
    p = np.repeat(random.beta(1, 3, rows), copies)
    whose = np.repeat([f"s{k}" for k in range(rows)], copies)
    return (np.repeat(random.random(rows), copies) < p).astype(float), p, whose


def test_the_error_is_the_one_that_is_reported_elsewhere():
    """Where every bin has as many rows, it is the calibration error of the figures."""
    y, p, _ = kept(BINS * 100, 3)
    assert reliability_of(y, p).error == pytest.approx(calibration_error(y, p), abs=1e-12)


@pytest.mark.parametrize("copies", [1, 4])
def test_perfect_calibration_stays_inside_and_has_no_excess(copies):
    """Of 60 data sets at most 3 leave the band of 99 %, excesses average 0; also where subjects have several rows."""
    found = [reliability_of(*kept(800, seed, copies)) for seed in range(60)]
    assert sum(not one.inside for one in found) <= 3
    excesses = np.array([one.excess for one in found])
    assert abs(excesses.mean()) < 3 * excesses.std() / np.sqrt(60)


def test_rows_of_one_subject_taken_for_many_leave_the_band():
    """Ignoring that four rows share an outcome makes chance look like miscalibration."""
    told = [reliability_of(*kept(800, seed, 4)[:2]) for seed in range(20)]
    assert sum(not one.inside for one in told) > 5


def test_the_chance_is_that_of_a_simulation():
    """Its mean agrees with an independent one, drawn and counted row by row."""
    _, p, _ = kept(300, 5)
    random = np.random.default_rng(99)
    drawn = [calibration_error((random.random(300) < p).astype(float), p) for _ in range(4000)]
    told = reliability_of(np.zeros(300), p)
    assert told.by_chance == pytest.approx(np.mean(drawn), rel=0.08)


def by_definition(y, p, whose, draws=1_000):
    """Error, its mean by chance and the widest bin's band in deviations, row by row and with draws of its own."""
    bins = np.array_split(np.argsort(p, kind="stable"), BINS)
    numbers = {one: k for k, one in enumerate(dict.fromkeys(whose))}
    of = np.array([numbers[one] for one in whose])
    chance = np.random.default_rng(77).random((draws, len(numbers)))
    happened = np.array([[(one[of[rows]] < p[rows]).sum() for rows in bins] for one in chance])
    expected, seen = (np.array([part[rows].sum() for rows in bins]) for part in (p, y))
    error, by_chance = np.abs(seen - expected).sum(), np.abs(happened - expected).sum(axis=1).mean()
    return error / y.size, by_chance / y.size, float((np.abs(seen - expected) / happened.std(axis=0)).max())


@pytest.mark.parametrize("copies", [1, 10])
@pytest.mark.parametrize("exaggerated", [1.0, 2.0])
def test_error_chance_and_band_are_those_of_the_definition(copies, exaggerated):
    """The same error; chance and band as far as draws differ: fifteen bins share 1 %, which is 3.4 deviations each."""
    y, p, whose = kept(4_500 // copies, 4, copies)
    said = 1 / (1 + ((1 - p) / p) ** exaggerated)
    told, (error, by_chance, deviations) = reliability_of(y, said, whose), by_definition(y, said, whose)
    assert told.error == pytest.approx(error, abs=1e-12)
    assert told.by_chance == pytest.approx(by_chance, rel=0.1)
    assert told.inside == (deviations < 3.4)
    assert told.inside == (exaggerated == 1.0)
    found = max(abs(one.came - one.said) / (one.high - one.said) for one in told.bins)
    assert found == pytest.approx(deviations / 3.4, rel=0.2)


def test_a_base_rate_that_is_off_is_found():
    """Five points too much for everybody: bias and excess say so, and the band is left."""
    y, p, _ = kept(20_000, 7)
    told = reliability_of(y, np.clip(p + 0.05, 0, 1))
    assert told.bias == pytest.approx(0.05, abs=0.01)
    assert calibration_excess(y, np.clip(p + 0.05, 0, 1)) == pytest.approx(0.045, abs=0.01)
    assert not told.inside


def test_small_slices_are_not_held_to_a_band():
    """A slice needs so many rows; what is told of one is what its rows alone give."""
    y, p, _ = kept(ENOUGH_ROWS + 1000, 9)
    first = np.arange(y.size) < ENOUGH_ROWS
    told = reliability_by_slice(y, p, {"large": first, "small": ~first})
    assert set(told) == {"large"}
    assert told["large"] == reliability_of(y[first], p[first])


@pytest.mark.parametrize("rows", [1, 7, 15, 16])
def test_a_handful_of_rows_is_told(rows):
    """Bins are as many as rows at most, and hold them all."""
    y, p, _ = kept(rows, 1)
    told = reliability_of(y, p)
    assert sum(one.rows for one in told.bins) == rows
    assert len(told.bins) == min(rows, BINS)
    assert np.isfinite([told.error, told.by_chance]).all()
