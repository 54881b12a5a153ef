"""The benchmark of calibration says what is so: the library's calibration, and the share of the gap that is closed."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibrated import Told, calibration_rows, closed, earlier, loss
from domain.predictions import ModelName
from features.frame import FeatureFrames
from tests.training.synthetic import OF_OTHERS, PARAMS, small
from training.fitting import fit_model
from training.reliability import report_of


@pytest.mark.filterwarnings(*OF_OTHERS)
def test_calibration_is_the_librarys(tmp_path: Path) -> None:
    """The error beyond chance that the model's `reliability.json` has, and every slice of rows enough in its band."""
    dataset = small(tmp_path / "data")
    frames = FeatureFrames(dataset)
    fitted = fit_model(frames, ModelName.TENDER_FAILURE, PARAMS)
    thresholds, end = dataset.manifest.severity.thresholds, dataset.manifest.cut_off
    told = Told.of(frames, fitted, end)
    before = earlier(frames, ModelName.TENDER_FAILURE, PARAMS, fitted.split.test_from)
    assert before.since.part.outcome["known_at"].max() < fitted.split.test_from
    overall, alone, tied = calibration_rows(told, before.rho(thresholds), thresholds)
    report = report_of(fitted, thresholds)
    assert overall.trained == f"{report.overall.excess:+.4f}"
    assert overall.rows == f"{report.overall.rows:,}"
    assert int(alone.rows) == int(tied.rows) >= len(report.by_slice)
    assert (alone.kept, tied.kept) == (None, True)


def test_the_share_closed_is_between_constant_and_ideal() -> None:
    """0 of who says the rate, 1 of who says what the ideal says, and half way by hand."""
    assert closed(np.array([0.6, 0.4]), np.array([0.5, 0.3]), np.array([0.3, 0.3])) == pytest.approx(0.5)
    came, ideal = np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    constant = np.tile([1 / 3, 2 / 3], (3, 1))
    assert closed(loss(came, constant), loss(came, ideal), loss(came, ideal)) == pytest.approx(1.0)
    assert closed(loss(came, constant), loss(came, constant), loss(came, ideal)) == pytest.approx(0.0)
    assert loss(came, ideal).tolist() == pytest.approx((-np.log([0.9, 0.8, 0.6])).tolist())
