"""Data that no model can be learned from, or hardly."""

import numpy as np
import pandas as pd
import pytest

from domain.errors import CannotTrain
from models.eta_risk import fit_eta_risk
from models.severity import fit_severity, severity_class
from models.tender_failure import fit_tender_failure
from tests.models.synthetic import SMALL, delay_outcome, frame_of, impact_outcome

FRAME = frame_of(600)
THRESHOLDS = (30.0, 90.0, 240.0)


@pytest.mark.parametrize(("answer", "word"), [(0.0, "accepted"), (1.0, "failed")])
def test_one_class_of_answers_cannot_train(answer, word):
    """All tenders accepted, or all failed: the message says how many, which, and what is needed."""
    with pytest.raises(CannotTrain, match=rf"all 600 known outcomes are '{word}'.*some 'failed' and some 'accepted'"):
        fit_tender_failure(FRAME, pd.DataFrame({"value": np.full(600, answer)}), SMALL)


def test_one_class_of_delays_cannot_train():
    """Nothing is ever late: the message says so."""
    outcome = delay_outcome(FRAME).assign(late=0.0)
    with pytest.raises(CannotTrain, match="all 600 known outcomes are 'on time'"):
        fit_eta_risk(FRAME, outcome, 15.0, SMALL)


def test_one_class_of_impacts_cannot_train():
    """All impacts minor: the message names the thresholds and the range of the impacts."""
    with pytest.raises(CannotTrain, match=r"\[30\.0, 90\.0, 240\.0\] against impacts from 1 to 1"):
        fit_severity(FRAME, pd.DataFrame({"value": np.ones(600)}), THRESHOLDS, SMALL)


@pytest.mark.parametrize("failures", [1, 5, 25])
def test_few_failures_give_a_low_but_possible_probability(failures):
    """A handful among hundreds: near the base rate, never 0."""
    outcome = pd.DataFrame({"value": np.zeros(600)})
    outcome.loc[np.linspace(3, 597, failures).astype(int), "value"] = 1.0
    told = fit_tender_failure(FRAME, outcome, SMALL).predict(FRAME)["p_fail"]
    assert told.min() > 0
    assert told.mean() == pytest.approx(failures / 600, abs=0.02)


def test_a_severity_class_never_seen_is_possible():
    """No critical impact in training: its probability is small and above 0, and costs what it begins at."""
    outcome = impact_outcome(FRAME)
    outcome["value"] = outcome["value"].clip(upper=200)
    model = fit_severity(FRAME, outcome, THRESHOLDS, SMALL)
    told = model.predict(FRAME)
    assert 0 < told["p_critical"].max() < 0.02
    assert model.knots.baseline.values[-1] == np.nextafter(240.0, np.inf)


def test_thresholds_are_inclusive():
    """minor ≤ 30 < moderate ≤ 90 < major ≤ 240 < critical."""
    impacts = np.array([-5, 30, 30.1, 90, 90.1, 240, 240.1])
    assert severity_class(impacts, THRESHOLDS).tolist() == [0, 0, 1, 1, 2, 2, 3]
