"""Lead time in the record, and what it does."""

import numpy as np
import pytest

from simulator.flow.engine import Network
from simulator.flow.tendering import ACCEPTED
from simulator.whatif.lead_effect import lead_time_both_ways
from tests.simulator.lived import ended, history


def test_more_lead_time_makes_carriers_willing() -> None:
    """The effect is above nothing for a day more, and grows with the hours."""
    day, hours = lead_time_both_ways(history(), 24.0), lead_time_both_ways(history(), 6.0)
    assert day.effect.low > 0
    assert day.effect.value > hours.effect.value > 0


def test_the_raw_slope_is_that_of_the_record() -> None:
    """Worked out a second way, from the offers of history by least squares."""
    found = lead_time_both_ways(history())
    loads = ended()
    loads = loads[np.flatnonzero((loads.released_at > 2 * 1440) & ~loads.spot_only)]
    first = {int(k) for one in _first_accepted() for k in one}
    accepted = np.array([key in first for key in loads.key.tolist()], dtype=float)
    slope = np.polyfit(np.log((loads.pickup_at - loads.released_at) / 60), accepted, 1)[0]
    assert found.raw.value == pytest.approx(slope)
    assert found.raw.low < slope < found.raw.high


def _first_accepted() -> list[np.ndarray]:
    """Keys of loads whose first offer was accepted, by a history lived through once more."""
    network, keys = Network(history().world), []
    for day in range(history().world.params.days + 20):
        for one in network.next_day(day, orders=day < history().world.params.days).rounds:
            keys.append(one.offers.key[(one.offers.sequence == 1) & (one.offers.outcome == ACCEPTED)])
    return keys
