"""Coverage in every group, by groups that a shape knows nothing of."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from models.conformal import DRAWN, MIN_GROUP_ROWS, learn_grain, learn_sides, within_grain
from models.delay import Scale, error_quantiles
from models.distribution import Shapes, Standing, distribution_of
from models.groups import EVERYBODY, groups_of, nearest
from models.shares import AS_SAID

SPREADS = {"regular": 4.0, "volatile": 25.0, "sporadic": 10.0}
STAGES = {"release": 10.0, "AF": -5.0}


def drawn(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Stages that are off by some minutes, lane classes that scatter differently; 1 in 200 rows of a rare mode."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "stage": pd.Series(random.choice(list(STAGES), rows), dtype="str"),
            "mode": pd.Series(np.where(random.random(rows) < 0.005, "barge", "road"), dtype="str"),
            "lane_class": pd.Series(random.choice(list(SPREADS), rows), dtype="str"),
        }
    )
    delay = frame["stage"].map(STAGES) + frame["lane_class"].map(SPREADS) * random.normal(size=rows)
    return frame, delay.to_numpy(np.float64)


def told_of(frame: pd.DataFrame, p_late: float, sides: dict):
    """What a shape says that takes everybody for the same: normal about 0 with a spread of 10 minutes."""
    normal = error_quantiles(np.random.default_rng(0).normal(size=100_000))
    same = Shapes(Scale(1e3), {EVERYBODY: normal}, np.zeros(len(frame)), np.full(len(frame), 0.01))
    standing = Standing(np.full(len(frame), 15.0), np.full(len(frame), -np.inf))
    return distribution_of(frame, same, standing, np.full(len(frame), p_late), sides)


def learned(rows: int, grain_min: float = 0.0):
    frame, delay = drawn(rows, seed=1)
    delay = np.ceil(delay / grain_min) * grain_min if grain_min else delay
    tolerated = np.full(rows, 15.0)
    shares = told_of(frame, 0.5, {EVERYBODY: AS_SAID}).shares(within_grain(delay, grain_min, tolerated, 4))
    return learn_sides(frame, shares, delay > tolerated)


def coverage(sides: dict, grain_min: float = 0.0) -> dict:
    """Share of later delays within the 90 % interval by group, each told its own true probability of being late."""
    frame, delay = drawn(40_000, seed=2)
    delay = np.ceil(delay / grain_min) * grain_min if grain_min else delay
    found = {}
    for group, rows in groups_of(frame):
        part = frame.iloc[rows]
        places = told_of(part, float((delay[rows] > 15).mean()), sides).pit(delay[rows], grain_min, 7)
        found[group] = float(((places > 0.05) & (places <= 0.95)).mean())
    return found


def test_a_shape_alone_covers_what_it_likes():
    """Without shares put right, volatile lanes are covered far less than regular ones: the rule below can fail."""
    found = coverage({EVERYBODY: AS_SAID})
    assert found["release", "road", "volatile"] < 0.85
    assert found["AF", "road", "regular"] > 0.95


@pytest.mark.parametrize("grain_min", [0.0, 5.0])
def test_every_group_is_covered(grain_min):
    """90 % within 2.5 points in each stage, mode and lane class; also where delays are told in steps of 5 minutes."""
    found = coverage(learned(12_000, grain_min), grain_min)
    common = {group: share for group, share in found.items() if group[1] == "road"}
    assert len(common) == 6
    assert all(abs(share - 0.9) < 0.025 for share in common.values()), common


def test_a_rare_group_is_taken_for_the_one_it_is_part_of():
    """Too few barges are judged for a group of their own: they get their stage's."""
    sides = learned(3_000)
    assert ("AF", "barge") not in sides
    assert nearest(("AF", "barge", "regular"), sides) is sides["AF",]
    assert nearest(("never seen", "road", "regular"), sides) is sides[EVERYBODY]


def test_a_small_group_is_drawn_to_the_larger():
    """A group whose shares are all high is thought to have some low ones, as if DRAWN rows more were of the others."""
    rows = MIN_GROUP_ROWS
    frame = pd.DataFrame({"stage": pd.Series(["a"] * rows + ["b"] * 99 * rows, dtype="str")})
    shares = np.random.default_rng(1).normal(np.where(frame["stage"] == "a", 20.0, -20.0), 1.0)
    sides = learn_sides(frame, shares, np.zeros(100 * rows, dtype=bool))
    low = expit(sides["a",].below.true(np.array([0.0])))[0]
    assert low == pytest.approx(DRAWN / (rows + DRAWN), abs=0.06)
    assert expit(sides["b",].below.true(np.array([0.0])))[0] > 0.98


def test_groups_are_all_rows_once():
    """Unknown words are the empty one, columns that are missing too; nobody asked is no group."""
    frame = pd.DataFrame({"stage": ["b", "a", "b", None], "mode": pd.Series(["x", None, "x", "x"], dtype="str")})
    found = [(group, rows.tolist()) for group, rows in groups_of(frame)]
    assert found == [(("", "x", ""), [3]), (("a", "", ""), [1]), (("b", "x", ""), [0, 2])]
    assert groups_of(frame.iloc[:0]) == []


def test_the_grain_is_the_coarsest_step():
    """Quarters of an hour with a stray minute; minutes; and fractions, which have none."""
    quarters = np.arange(-50, 950) * 15.0
    quarters[7] = 1.0
    assert learn_grain(quarters) == 15.0
    assert learn_grain(np.arange(1000.0)) == 1.0
    assert learn_grain(np.linspace(0, 1, 1000)) == 0.0


def test_within_its_grain_a_delay_stays_on_its_side():
    """Late stays late, on time stays on time, and no delay moves by more than its grain."""
    delay, tolerated = np.repeat([10.0, 15.0, 20.0], 500), np.full(1500, 17.0)
    moved = within_grain(delay, 5.0, tolerated, 3)
    np.testing.assert_array_equal(moved > tolerated, delay > tolerated)
    assert ((delay - moved >= 0) & (delay - moved <= 5.0)).all()
