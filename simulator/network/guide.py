"""The routing guide: which carriers a lane is offered to, in which order, at which contract price."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.network.carriers import Carriers
from simulator.network.lanes import Lanes
from simulator.network.market import Market
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.sites import Centres

DEPTH = 6
"""Most carriers in a lane's guide."""
FIXED_PRICE = 320.0
PER_KM = np.array([1.12, 1.34, 1.42])
"""Fair contract price a kilometre, by equipment, in the market's middle."""
COMMITTED_SHARE = 0.8
NOT_KEEN = 0.15
"""What carriers add to the logarithm of the price of a lane that they do not want."""


@dataclass(frozen=True)
class Guide:
    """Routing guides of all lanes.

    Attributes
    ----------
    carrier
        (lanes, DEPTH); -1 where the guide is shorter.
    price
        (lanes, DEPTH): contract price a load in a quarter of index 1.
    weekly
        (lanes,): weekly loads promised to the first carrier.
    """

    carrier: Ints
    price: Floats
    weekly: Floats

    @cached_property
    def length(self) -> Ints:
        """Carriers in each lane's guide."""
        return np.asarray((self.carrier >= 0).sum(axis=1))


def fair_price(lanes: Lanes, lane: Ints) -> Floats:
    """What a load of a lane is worth in the market's middle."""
    return FIXED_PRICE + PER_KM[lanes.equipment[lane]] * lanes.km[lane]


def make_guide(noise: Noise, lanes: Lanes, centres: Centres, carriers: Carriers) -> Guide:
    """Award each lane to carriers of its equipment, cheapest first among a handful that bid."""
    who = np.arange(len(lanes))
    chosen = np.full((len(lanes), DEPTH), -1)
    price = np.full((len(lanes), DEPTH), np.nan)
    for block in np.array_split(who, max(1, len(who) // 2_000)):
        bids = _bids(noise, block, lanes, centres, carriers)
        ranks = np.argsort(bids, axis=1, kind="stable")[:, :DEPTH]
        rows = np.arange(len(block))[:, None]
        found = np.isfinite(bids[rows, ranks]) & (np.arange(DEPTH) < _wanted(noise, block, lanes)[:, None])
        chosen[block] = np.where(found, ranks, -1)
        fair = fair_price(lanes, block)[:, None]
        price[block] = np.where(found, np.round(fair * np.exp(bids[rows, ranks]), 2), np.nan)
    weekly = np.where(lanes.sporadic, 0.0, np.floor(COMMITTED_SHARE * lanes.a_day * 7.0))
    return Guide(chosen, price, weekly)


def _bids(noise: Noise, block: Ints, lanes: Lanes, centres: Centres, carriers: Carriers) -> Floats:
    """Logarithm of price over fair price, (lanes of the block, carriers); infinite where a carrier does not bid."""
    who = np.arange(len(carriers))
    origin = centres.region[lanes.centre[block]][:, None]
    at_home = carriers.home[None, :] == origin
    bids = carriers.cost[None, :] + 0.05 * noise.normal("bid", block[:, None], who[None, :]) - 0.05 * at_home
    # Who is big bids on more lanes.
    keen = noise.uniform("bids at all", block[:, None], who[None, :]) < np.clip(carriers.size * len(who), 0.15, 1) * 0.4
    suits = carriers.drives[:, lanes.equipment[block]].T
    # Two carriers bid on everything, dearly where they are not keen, so that no lane goes without.
    bids = np.where(keen, bids, bids + NOT_KEEN)
    return np.where((keen | (who[None, :] < 2)) & suits, bids, np.inf)


def _wanted(noise: Noise, block: Ints, lanes: Lanes) -> Ints:
    usual = 4 + noise.chosen("guide length", np.ones(3), block)
    return np.where(lanes.sporadic[block], 2 + noise.chosen("short guide", np.ones(2), block), usual)


def contract_price(guide: Guide, market: Market, lane: Ints, rank: Ints, day: Ints) -> Floats:
    """Contract price of an entry on a day: the rate as last renegotiated."""
    return np.round(guide.price[lane, rank] * market.contract_index[day], 2)
