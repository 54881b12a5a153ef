"""Intervals follow outcomes since training: in every group, the latest most, and little from a few."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from models.conformal import FOLLOWED, follow_sides, then
from models.groups import EVERYBODY, nearest
from models.shares import AS_SAID, LEVELS, LOG_ODDS, ShareMap, Sides


def fell(stages: list[str], narrow: float, rows: int = 4_000, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of each stage in turn, and log-odds of shares that are ``narrow`` times as far from the middle as said."""
    said = logit(np.random.default_rng(seed).random(rows)) * narrow
    return pd.DataFrame({"stage": np.resize(stages, rows)}), said


def covered(sides: Sides, said: np.ndarray) -> float:
    """Share of outcomes between the fifth and the ninety-fifth hundredth, below the threshold."""
    share = expit(sides.below.true(said))
    return float(((share > 0.05) & (share <= 0.95)).mean())


@pytest.mark.parametrize("narrow", [0.6, 1.0, 1.6])
def test_coverage_comes_back(narrow):
    """Bands that were too wide or too narrow cover nine tenths of later outcomes."""
    frame, said = fell(["A", "B"], narrow)
    made = follow_sides(frame, said, np.zeros(said.size, bool), np.ones(said.size))
    later = fell(["A", "B"], narrow, seed=2)[1]
    assert covered(made[("A",)], later) == pytest.approx(0.9, abs=0.02)
    assert abs(covered(AS_SAID, later) - 0.9) > 0.03 or narrow == 1.0
    assert made[("A",)].above.quantiles.tolist() == AS_SAID.above.quantiles.tolist()


def test_groups_follow_their_own():
    """One stage widens, the other narrows."""
    frame, said = fell(["A", "B"], 1.0)
    said = np.where(frame["stage"] == "A", said * 1.6, said * 0.6)
    made = follow_sides(frame, said, np.zeros(said.size, bool), np.ones(said.size))
    assert covered(made[("A",)], fell(["A"], 1.6, seed=2)[1]) == pytest.approx(0.9, abs=0.03)
    assert covered(made[("B",)], fell(["B"], 0.6, seed=2)[1]) == pytest.approx(0.9, abs=0.03)


def test_a_few_outcomes_move_little_and_what_faded_less():
    """Ten outcomes weigh ten in two hundred and ten; a thousand that count a hundredth weigh as ten do."""
    frame, said = fell(["A"], 3.0, 1_000)
    late = np.zeros(said.size, bool)
    few = follow_sides(frame.iloc[:10], said[:10], late[:10], np.ones(10))[EVERYBODY]
    faded = follow_sides(frame, said, late, np.full(said.size, 0.01))[EVERYBODY]
    all_of_them = follow_sides(frame, said, late, np.ones(said.size))[EVERYBODY]
    assert FOLLOWED == 200
    assert max(few.farthest, faded.farthest) < 0.5 < 2 < all_of_them.farthest


def test_what_is_put_right_further_is_put_right_after():
    """then() is the one map after the other, for each group the nearest of either."""
    first = Sides(ShareMap(LOG_ODDS * 2), ShareMap(LOG_ODDS))
    second = Sides(ShareMap(LOG_ODDS + 0.5), ShareMap(LOG_ODDS))
    both = then({EVERYBODY: first, ("A",): AS_SAID}, {EVERYBODY: second})
    x = np.linspace(-3, 3, 13)
    np.testing.assert_allclose(nearest(("B",), both).below.true(x), second.below.true(first.below.true(x)), atol=1e-9)
    np.testing.assert_allclose(nearest(("A",), both).below.true(x), second.below.true(x), atol=1e-9)
    assert then({EVERYBODY: first}, {}) == {EVERYBODY: first}


def test_the_farthest_is_of_the_middle_nine_tenths():
    """What happens beyond the 5 and 95 % levels is not told of, and no map is none."""
    moved = LOG_ODDS + np.where((LEVELS < 0.05) | (LEVELS > 0.95), 9.0 * np.sign(LOG_ODDS), 0.25)
    assert Sides(ShareMap(LOG_ODDS), ShareMap(moved)).farthest == pytest.approx(0.25)
    assert AS_SAID.farthest == 0
