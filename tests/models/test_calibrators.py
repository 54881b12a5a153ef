"""Every calibrator rises with the margin and is read back as written; each finds the law it is made for."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from models.calibration.beta import fit_beta
from models.calibration.calibrator import KINDS, from_json, to_json
from models.calibration.choice import CANDIDATES, DEFAULT, MIN_ROWS, chosen, fit_chosen
from models.calibration.monotone import fit_monotone
from models.calibration.platt import Platt, fit_platt
from models.calibration.stagewise import fit_stagewise

STAGES = np.array(["release", "AF"])


def drawn(rows: int, law, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Margins, outcomes and stages; ``law`` gives the log-odds of margins at stages."""
    random = np.random.default_rng(seed)
    margin, stages = random.normal(-0.5, 2, rows), random.choice(STAGES, rows)
    return margin, (random.random(rows) < expit(law(margin, stages))).astype(float), stages


def slices(rows: int) -> list[np.ndarray]:
    return np.array_split(np.arange(rows), 3)


def bent(margin, stages):
    """Certain where it says yes, hardly so where it says no."""
    return 0.4 * -np.logaddexp(0, -margin) + 1.8 * np.logaddexp(0, margin)


@pytest.mark.parametrize("name", CANDIDATES)
@given(seed=st.integers(0, 10_000), rows=st.integers(30, 400), slope=st.floats(-1.5, 1.5), ties=st.booleans())
def test_log_odds_rise_strictly_with_the_margin(name, seed, rows, slope, ties):
    """Whatever the sample, also where it ranks the wrong way round or margins are tied; and JSON gives it back."""
    margin, outcome, stages = drawn(rows, lambda margin, stages: slope * margin, seed)
    if ties:
        margin = np.round(margin)
    outcome[:2] = 0, 1
    made = CANDIDATES[name](margin, outcome, stages)
    asked = np.linspace(-30, 30, 400)
    for stage in (*STAGES, "never seen"):
        at = np.full(400, stage)
        told = made.log_odds(asked, at)
        assert (np.diff(told) > 0).all()
        again = from_json(json.loads(json.dumps(to_json(made))))
        assert (again.log_odds(asked, at) == told).all()


def test_every_kind_is_a_candidate():
    """No member of the family is left out of the choice."""
    margin, outcome, stages = drawn(500, lambda margin, stages: margin)
    assert {fit(margin, outcome, stages).kind for fit in CANDIDATES.values()} == set(KINDS)


def test_beta_finds_its_two_slopes():
    """Within 0.1 of those the outcomes were drawn with."""
    margin, outcome, _ = drawn(40_000, bent)
    made = fit_beta(margin, outcome)
    assert (made.yes, made.no, made.intercept) == pytest.approx((0.4, 1.8, 0.0), abs=0.1)


def test_the_monotone_follows_a_law_that_no_line_has():
    """A plateau in the middle: mean error of the probabilities is less than half that of Platt's line."""
    law = lambda margin, stages: np.where(np.abs(margin) < 2, -1.0, 1.5 * margin)  # noqa: E731
    margin, outcome, stages = drawn(20_000, law)
    true = expit(law(margin, stages))
    errors = [
        np.abs(expit(fit(margin, outcome).log_odds(margin, stages)) - true).mean() for fit in (fit_monotone, fit_platt)
    ]
    assert errors[0] < errors[1] / 2


def test_a_stage_of_few_rows_stays_near_the_common_line():
    """Two stages half a unit apart are told apart; one seen four times, always yes, hardly moves."""
    margin, outcome, stages = drawn(20_000, lambda margin, stages: margin + np.where(stages == "AF", 0.25, -0.25))
    rare = np.array(stages, dtype="U20")
    rare[:4], outcome[:4] = "rare", 1.0
    beyond = fit_stagewise(margin, outcome, rare).beyond
    assert beyond["AF"] - beyond["release"] == pytest.approx(0.5, abs=0.1)
    assert 0 < beyond["rare"] < 0.2


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (lambda margin, stages: 0.7 * margin - 1, DEFAULT),
        (lambda margin, stages: margin + np.where(stages == "AF", 0.8, -0.8), "stagewise"),
        (bent, "beta"),
    ],
)
def test_the_choice_follows_the_law(law, expected):
    """Platt's line where it is the truth, another where that is."""
    margin, outcome, stages = drawn(9_000, law, seed=3)
    assert chosen(margin, outcome, stages, slices(9_000)) == expected


def test_few_rows_leave_no_choice():
    """Slices below the least size are not judged: whatever the law, it is Platt's line, fitted on the last slice."""
    rows = 3 * (MIN_ROWS - 1)
    margin, outcome, stages = drawn(rows, bent)
    made = fit_chosen(margin, outcome, stages, slices(rows), slices(rows)[-1])
    last = slices(rows)[-1]
    assert made == fit_platt(margin[last], outcome[last])
    assert isinstance(made, Platt)
