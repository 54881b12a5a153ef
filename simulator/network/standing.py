"""What an offer is worth to a carrier for what lane and carrier are, the day's market and books left out."""

import numpy as np

from simulator.network.carriers import Carriers
from simulator.network.lanes import Lanes
from simulator.network.noise import Floats, Ints
from simulator.network.sites import Centres

WILLING = 2.18
FOR_HARD_LANES = 1.0
FOR_LEVEL = 0.55
"""Loss of utility per unit of the market's level."""
FOR_EQUIPMENT = np.array([0.0, 0.84, 1.08])
FOR_PRICE = 2.5
FOR_LEAD, LEAD_MIDDLE_H = 0.22, 48.0
AT_HOME = 0.12
BROKER_ON_VOLATILE = 0.98


def standing_utility(
    lanes: Lanes, centres: Centres, carriers: Carriers, lane: Ints, carrier: Ints, log_price: Floats,
    lead_h: Floats | float = LEAD_MIDDLE_H, change: Floats | float = 0.0, calendar: Floats | float = 0.0,
) -> Floats:  # fmt: skip
    """Utility in standard deviations of the answer's chance.

    Parameters
    ----------
    log_price
        Logarithm of the price over the fair price.
    lead_h
        Hours from offer to pickup.
    change, calendar
        What the carrier's willingness has changed by, and what holidays and weekdays take away.
    """
    value = WILLING + carriers.willing[carrier] + change
    value = value + FOR_PRICE * log_price + FOR_LEAD * np.log(lead_h / LEAD_MIDDLE_H)
    value = value - FOR_HARD_LANES * lanes.hard[lane] - FOR_EQUIPMENT[lanes.equipment[lane]] - calendar
    value = value + AT_HOME * (carriers.home[carrier] == centres.region[lanes.centre[lane]])
    return value + BROKER_ON_VOLATILE * (carriers.broker[carrier] & (lanes.volatility[lane] > 0))
