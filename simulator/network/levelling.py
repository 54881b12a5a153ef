"""Networks of all seeds and sizes are refused alike in the same market: carriers' willingness is set to a common level.

Prices are negotiated until a routing guide works. Without this, chance in who won the few lanes that carry most would
move a network's rejections more than the market does.
"""

from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from simulator.network.carriers import Carriers
from simulator.network.guide import Guide, fair_price
from simulator.network.lanes import Lanes
from simulator.network.market import Market
from simulator.network.noise import Floats
from simulator.network.sites import Centres
from simulator.network.standing import FOR_LEVEL, standing_utility

FIRST_NOT_ACCEPTED = 0.166
"""Share of first offers not accepted when the market is at its middle, nobody is busy and lead time is usual."""
SPREAD = 1.15
"""Standard deviation of what is left out: the answer's chance, the load's hardness, the carrier's mood."""
WIDEST, BISECTIONS = 2.0, 40


def levelled(carriers: Carriers, lanes: Lanes, centres: Centres, guide: Guide, market: Market) -> Carriers:
    """Carriers as willing as the guide's first entries must be, by volume."""
    utility = first_utility(carriers, lanes, centres, guide, market)
    volume = lanes.a_day / lanes.a_day.sum()
    low, high = -WIDEST, WIDEST
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        too_few = float(volume @ ndtr(-(utility + middle) / SPREAD)) < FIRST_NOT_ACCEPTED
        low, high = (low, middle) if too_few else (middle, high)
    return replace(carriers, willing=carriers.willing + low)


def first_utility(carriers: Carriers, lanes: Lanes, centres: Centres, guide: Guide, market: Market) -> Floats:
    """Utility of each lane's first entry in the market's middle."""
    lane = np.arange(len(lanes))
    price = np.log(guide.price[:, 0] / fair_price(lanes, lane))
    standing = standing_utility(lanes, centres, carriers, lane, guide.carrier[:, 0], price)
    return standing - FOR_LEVEL * market.region_mean[centres.region[lanes.centre]]
