"""Lanes: a centre, a customer, a kind of trailer; a few carry most of the freight."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simulator.network.columns import Columns
from simulator.network.metros import road_km
from simulator.network.noise import Floats, Ints, Noise
from simulator.network.sites import Centres, Customers, centre_share

LOADS_A_LANE = 52.0
"""Mean yearly loads of a lane, over all."""
SPORADIC_SHARE = 0.66
"""Share of lanes with fewer than 12 loads a year."""
EQUIPMENT_SHARE = np.array([0.78, 0.15, 0.07])
BUSINESS_UNITS = ("grocery", "industrial", "retail")
MODES = ("truckload", "intermodal")
CLASSES = ("regular", "volatile", "sporadic")
VOLATILE_FROM = 0.35
"""Swing from which a lane is volatile."""
MOST_DRAWS = 200
INTERMODAL_FROM_KM = 1_600.0


@dataclass(frozen=True)
class Lanes(Columns):
    """Lanes, one entry each.

    Attributes
    ----------
    centre, customer
        Ends.
    equipment, mode, unit
        Indices into the names of trailers, :data:`MODES`, :data:`BUSINESS_UNITS`.
    km
        Road distance.
    a_day
        Loads a day to expect.
    swing
        Standard deviation of the logarithm of a week's volume: how volatile the lane is.
    hard
        How unattractive carriers find it; planners know and give such lanes more lead time.
    sporadic
        Fewer than 12 loads a year to expect.
    slow
        Effect on the logarithm of driving time (a planted pattern; 0 elsewhere).
    """

    centre: Ints
    customer: Ints
    equipment: Ints
    mode: Ints
    unit: Ints
    km: Floats
    a_day: Floats
    swing: Floats
    hard: Floats
    sporadic: NDArray[np.bool_]
    slow: Floats

    @cached_property
    def volatility(self) -> Ints:
        """Index into :data:`CLASSES`."""
        return np.where(self.sporadic, 2, np.where(self.swing > VOLATILE_FROM, 1, 0))


def make_lanes(noise: Noise, loads_a_year: float, centres: Centres, customers: Customers) -> Lanes:
    """Lanes of a network with the long tail of volumes that shippers have."""
    who = np.arange(max(20, round(loads_a_year / LOADS_A_LANE)))
    sporadic = noise.uniform("sporadic", who) < SPORADIC_SHARE
    a_day = _volumes(noise, loads_a_year, sporadic)
    # The few lanes that carry most are as to trailers and luck like the others.
    kind = noise.dealt("equipment", np.argsort(a_day, kind="stable"))
    equipment = np.searchsorted(np.cumsum(EQUIPMENT_SHARE)[:-1], kind)
    centre, customer = _ends(noise, centre_share(centres.metro), equipment, len(customers))
    km = road_km(centres.metro[centre], customers.metro[customer]) * (0.95 + 0.15 * noise.uniform("lane km", who))
    rail = (km > INTERMODAL_FROM_KM) & (equipment == 0) & (noise.uniform("lane mode", who) < 0.35) & ~sporadic
    hard = np.abs(0.7 * ndtri(noise.dealt("lane hard", np.lexsort((a_day, equipment, centre)))))
    swing = np.where(sporadic, 0.3, 0.15 + 0.5 * noise.uniform("swing", who) ** 2)
    return Lanes(
        centre=centre,
        customer=customer,
        equipment=equipment,
        mode=rail.astype(np.int64),
        unit=noise.chosen("unit", np.array([0.4, 0.25, 0.35]), who),
        km=km,
        a_day=a_day,
        swing=swing,
        hard=hard + np.where(sporadic, 0.8, 0.0),
        sporadic=sporadic,
        slow=np.zeros(len(who)),
    )


def _ends(noise: Noise, shares: Floats, equipment: Ints, customers: int) -> tuple[Ints, Ints]:
    """Centre and customer of each lane, no two the same for the same equipment as far as there are enough."""
    who = np.arange(len(equipment))
    centre = noise.chosen("lane centre", shares, who)
    customer = noise.chosen("lane customer", np.ones(customers), who, 0)
    for attempt in range(1, MOST_DRAWS):
        lane = (centre * customers + customer) * len(EQUIPMENT_SHARE) + equipment
        again = np.ones(len(who), dtype=bool)
        again[np.unique(lane, return_index=True)[1]] = False
        if not again.any():
            break
        customer = np.where(again, noise.chosen("lane customer", np.ones(customers), who, attempt), customer)
        if attempt > MOST_DRAWS // 2:  # a centre that serves every customer already has no room for another lane
            centre = np.where(again, noise.chosen("lane centre", shares, who, attempt), centre)
    return centre, customer


def _volumes(noise: Noise, loads_a_year: float, sporadic: NDArray[np.bool_]) -> Floats:
    """Loads a day: 1 to 8 a year on sporadic lanes, a lognormal tail on the others."""
    who = np.arange(len(sporadic))
    rare = 1.0 + 7.0 * noise.uniform("rare volume", who)
    usual = np.exp(1.1 * noise.normal("lane volume", who))
    left = max(1.0, loads_a_year - rare[sporadic].sum())
    usual = 16.0 + usual * max(0.0, left - 16.0 * (~sporadic).sum()) / max(usual[~sporadic].sum(), 1e-9)
    return np.where(sporadic, rare, usual) / 365.0
