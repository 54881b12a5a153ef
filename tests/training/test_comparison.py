"""A figure has one interval, wherever it is told."""

import pytest

from domain.predictions import ModelName
from tests.training.synthetic import OF_OTHERS
from training.comparison import compare
from training.evidence import ALL

pytestmark = pytest.mark.filterwarnings(*OF_OTHERS)


@pytest.mark.parametrize("name", list(ModelName))
def test_the_table_tells_the_interval_that_is_judged(home, monkeypatch, name) -> None:
    """Of each proper score, overall; only calibration error, which has no formula, is resampled."""
    found = compare(home.dataset, home.registry, name)
    overall = {one.score: (one.low, one.high) for one in found.judged if one.where == ALL}
    assert {score: found.intervals[score] for score in overall} == {
        score: pytest.approx(interval, rel=1e-6, abs=1e-12) for score, interval in overall.items()
    }
    monkeypatch.setattr("training.evaluation.DRAWS", 20)
    again = compare(home.dataset, home.registry, name)
    other = {figure for figure in found.intervals if found.intervals[figure] != again.intervals[figure]}
    assert other
    assert all(figure.startswith("ece") for figure in other)
    assert set(found.intervals) == set(found.differences)


def test_a_figure_of_too_few_subjects_says_so(home, monkeypatch) -> None:
    """In place of the interval; as JSON it is left out."""
    monkeypatch.setattr("training.evaluation.DRAWS", 3)
    monkeypatch.setattr("training.influence.MIN_SUBJECTS", 10**9)
    found = compare(home.dataset, home.registry, ModelName.TENDER_FAILURE)
    (line,) = [line for line in found.summary().splitlines() if line.startswith("  log_loss ")]
    assert line.endswith("too few subjects for an interval")
    assert "log_loss" not in found.as_json()["intervals"]
