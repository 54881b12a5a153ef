"""The benchmark of calibration says what is so: of forecasters that know, that exaggerate, and that say the rate."""

import numpy as np
import pytest

from benchmarks.calibrated import closed, kept, loss

DRAW = np.random.default_rng(5)


def test_who_knows_is_kept_and_who_exaggerates_is_not() -> None:
    """4,000 subjects: the truth lies in its band with next to no error beyond chance; logits doubled do not."""
    logits = DRAW.normal(-1, 1, 4_000)
    truth, doubled = (1 / (1 + np.exp(-k * logits)) for k in (1.0, 2.0))
    y = (DRAW.random(truth.size) < truth).astype(float)
    whose = np.arange(truth.size)
    assert kept(y, truth, whose).inside
    assert abs(kept(y, truth, whose).excess) < 0.01
    assert not kept(y, doubled, whose).inside
    assert kept(y, doubled, whose).excess > 0.03


def test_rows_of_a_subject_count_as_one_chance() -> None:
    """Each subject ten times: what chance alone brings about is about √10 times as much, and is allowed for."""
    truth = DRAW.uniform(0.1, 0.5, 300)
    inside = 0
    for _ in range(40):
        y = (DRAW.random(300) < truth).astype(float)
        inside += kept(np.repeat(y, 10), np.repeat(truth, 10), np.repeat(np.arange(300), 10)).inside
    assert inside >= 36


def test_the_share_closed_is_between_constant_and_ideal() -> None:
    """0 of who says the rate, 1 of who says what the ideal says, and half way by hand."""
    assert closed(np.array([0.6, 0.4]), np.array([0.5, 0.3]), np.array([0.3, 0.3])) == pytest.approx(0.5)
    came, ideal = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    constant = np.tile([1 / 3, 2 / 3], (3, 1))
    assert closed(loss(came, constant), loss(came, ideal), loss(came, ideal)) == pytest.approx(1.0)
    assert closed(loss(came, constant), loss(came, constant), loss(came, ideal)) == pytest.approx(0.0)
    assert loss(came, ideal).tolist() == pytest.approx((-np.log([0.9, 0.8, 0.6])).tolist())
