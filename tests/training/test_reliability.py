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
