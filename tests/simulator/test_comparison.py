"""Policies side by side: paired by load, with intervals of whole days."""

import numpy as np
import pytest

from simulator.network.params import SimulationParams
from simulator.whatif.closed_loop import Loop, start_after_warm_up
from simulator.whatif.comparison import CLAIRVOYANT, MEASURES, PolicyComparison, compare_policies, interval, measures
from simulator.whatif.policies import DoNothing, StaticGuide

PARAMS = SimulationParams(shipments=2_000, days=30, seed=9)


@pytest.fixture(scope="module")
def compared() -> PolicyComparison:
    return compare_policies(PARAMS, 7, [9, 10])


def test_differences_are_paired_by_load(compared: PolicyComparison) -> None:
    """The mean difference is that of runs made by hand, over both seeds."""
    costs = []
    for seed in (9, 10):
        start = start_after_warm_up(SimulationParams(shipments=2_000, days=30, seed=seed), 7)
        idle, guided = (measures(Loop(start, one).run())[0] for one in (DoNothing(), StaticGuide()))
        costs.append(idle - guided)
    expected = np.concatenate(costs).mean()
    assert compared.report("do nothing").against["cost"].mean == pytest.approx(expected)
    assert compared.loads == sum(map(len, costs))


def test_the_reference_differs_from_itself_by_nothing(compared: PolicyComparison) -> None:
    for measure in MEASURES:
        one = compared.report("routing guide").against[measure]
        assert (one.mean, one.low, one.high) == (0.0, 0.0, 0.0)


def test_pairing_makes_intervals_narrow(compared: PolicyComparison) -> None:
    """Under common chance the difference is known far better than either cost."""
    costs = compared.report("do nothing").against["cost"]
    start = start_after_warm_up(PARAMS, 7)
    alone = measures(Loop(start, DoNothing()).run())[:1]
    low, high = interval(alone, start.orders.key >> 34)
    assert costs.low <= costs.mean <= costs.high
    assert costs.high - costs.low < (high - low)[0]


def test_every_policy_is_in_the_table(compared: PolicyComparison) -> None:
    """Four lines below two of headings, the clairvoyant's without what a bound does not say."""
    lines = compared.table().splitlines()
    assert [line[:22].strip() for line in lines[2:]] == ["do nothing", "routing guide", "threshold rules", CLAIRVOYANT]
    assert "nan" not in compared.table()
    assert compared.report(CLAIRVOYANT).cost < min(one.cost for one in compared.reports[:-1])


def test_intervals_cover_as_often_as_they_say() -> None:
    """Blocks with a common shock: about 95 % of intervals hold the truth, where loads alone would give far fewer."""
    chance = np.random.default_rng(4)
    blocks = np.repeat(np.arange(40), 10)
    held, alone = 0, 0
    for _ in range(150):
        values = (chance.normal(size=40)[blocks] + 0.5 * chance.normal(size=400))[None, :]
        low, high = interval(values, blocks)
        held += int(low[0] <= 0 <= high[0])
        low, high = interval(values, np.arange(400))
        alone += int(low[0] <= 0 <= high[0])
    assert held / 150 > 0.88
    assert alone / 150 < 0.7


def test_intervals_ignore_what_is_not_known() -> None:
    """NaN counts for nothing: the same interval as without those loads."""
    values = np.arange(12.0)[None, :]
    holes = np.concatenate([values, np.full((1, 4), np.nan)], axis=1)
    blocks = np.arange(16) // 2
    low, high = interval(holes[:, :12], blocks[:12])
    padded = interval(np.concatenate([values, [[np.nan] * 4]], axis=1), np.append(blocks[:12], [0, 1, 2, 3]))
    assert (padded[0], padded[1]) == (low, high)
