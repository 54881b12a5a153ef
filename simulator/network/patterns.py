"""Recurring delays that are planted: a lane, a customer, a warehouse shift, a carrier."""

from dataclasses import dataclass, replace

import numpy as np

from simulator.network.carriers import Carriers
from simulator.network.guide import Guide
from simulator.network.lanes import Lanes
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.sites import SHIFTS, Centres, Customers

LANE_SLOW = 0.15
CUSTOMER_SLOW = 0.55
SHIFT_SLOW = 0.45
SHIFT_SHORT = 0.15
CARRIER_LATE_MIN = 75.0
CARRIER_PACE = 0.06


@dataclass(frozen=True)
class Patterns:
    """What was planted, by index.

    Attributes
    ----------
    lane
        Driving takes ``LANE_SLOW`` longer (logarithm).
    customer
        Unloading takes ``CUSTOMER_SLOW`` longer (logarithm).
    centre, shift
        Loading takes ``SHIFT_SLOW`` longer (logarithm) and picks come up short more often.
    carrier
        Arrives ``CARRIER_LATE_MIN`` later and drives ``CARRIER_PACE`` slower (logarithm).
    shift_slow
        Effect on the logarithm of loading time, (centres, shifts).
    shift_short
        Extra share of short picks, (centres, shifts).
    """

    lane: int
    customer: int
    centre: int
    shift: int
    carrier: int
    shift_slow: Floats
    shift_short: Floats


def plant(
    noise: Noise, centres: Centres, lanes: Lanes, customers: Customers, carriers: Carriers, guide: Guide
) -> tuple[Patterns, Lanes, Customers, Carriers]:
    """Choose one of each among those with enough volume to be found, and work the delay into it."""
    lane = _one_of(noise, "planted lane", lanes.a_day)
    customer = _one_of(noise, "planted customer", np.bincount(lanes.customer, lanes.a_day, len(customers)))
    carrier = _one_of(noise, "planted carrier", np.bincount(guide.carrier[:, 0], lanes.a_day, len(carriers)))
    centre, shift = _one_of(noise, "planted centre", np.bincount(lanes.centre, lanes.a_day, len(centres))), 1
    slow = np.zeros((len(centres), len(SHIFTS)))
    slow[centre, shift] += SHIFT_SLOW
    short = np.zeros_like(slow)
    short[centre, shift] = SHIFT_SHORT
    return (
        Patterns(lane, customer, centre, shift, carrier, slow, short),
        replace(lanes, slow=_added(lanes.slow, lane, LANE_SLOW)),
        replace(customers, slow=_added(customers.slow, customer, CUSTOMER_SLOW)),
        replace(
            carriers,
            late_min=_added(carriers.late_min, carrier, CARRIER_LATE_MIN),
            pace=_added(carriers.pace, carrier, CARRIER_PACE),
        ),
    )


def _one_of(noise: Noise, stream: str, volume: Floats | Ints) -> int:
    """One of the ten with most volume."""
    candidates = np.argsort(-volume, kind="stable")[:10]
    return int(candidates[noise.chosen(stream, np.ones(len(candidates)), 0)[0]])


def _added(values: Floats, index: int, extra: float) -> Floats:
    changed = values.copy()
    changed[index] += extra
    return changed
