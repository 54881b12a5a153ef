"""Distribution centres and customers' sites: where loads are made and taken."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.network.metros import BORDER, DEMAND, METROS, REGION, ZONE
from simulator.network.noise import Floats, Ints, Noise

MOST_CENTRES = 12
OPENS_MIN, CLOSES_MIN = 6 * 60, 22 * 60
"""Local minutes between which docks give appointments."""
SHIFTS = ("day", "evening", "night")
SHIFT_ENDS_MIN = np.array([14 * 60, 22 * 60])
"""Local minutes at which the day and the evening shift end; a day starts with the night's second half."""
NIGHT_ENDS_MIN = 6 * 60
PICK_RATE = np.array([40.0, 36.0, 30.0])
"""Usual pallets an hour by shift."""
DOOR_LOADS_AN_HOUR = 0.45
"""Loads that one door turns in an hour when all goes well."""

TIERS = ("A", "B", "C")
TIER_SHARE = np.array([0.2, 0.35, 0.45])
WINDOW_MIN = np.array([60.0, 120.0, 240.0])
"""Width of the appointment window by tier: who matters most waits least."""


@dataclass(frozen=True)
class Placed:
    """What stands in a metropolitan area, one entry each.

    Attributes
    ----------
    metro
        Index into :data:`simulator.network.metros.METROS`.
    """

    metro: Ints

    def __len__(self) -> int:
        return len(self.metro)

    @property
    def zone(self) -> Ints:
        """Index into the clock's zones."""
        return ZONE[self.metro]


@dataclass(frozen=True)
class Centres(Placed):
    """Distribution centres, one entry each.

    Attributes
    ----------
    doors
        Docks.
    pick_rate
        Pallets an hour by shift, (3, centres).
    """

    doors: Ints
    pick_rate: Floats

    @property
    def region(self) -> Ints:
        """Index into the regions."""
        return REGION[self.metro]


@dataclass(frozen=True)
class Customers(Placed):
    """Customers, each with one site.

    Attributes
    ----------
    tier
        0 matters most.
    window_min
        Width of the delivery window.
    slow
        Effect on the logarithm of unloading time.
    fine_share
        Fine for a delivery that is late or short, as a share of the goods' value.
    late_per_min
        Money for a minute of lateness.
    """

    tier: Ints
    window_min: Floats
    slow: Floats
    fine_share: Floats
    late_per_min: Floats

    @property
    def border(self) -> NDArray[np.bool_]:
        """Whether goods pass customs there."""
        return np.asarray(BORDER[self.metro])


def make_centres(noise: Noise, loads_a_year: float) -> Centres:
    """Centres where demand is greatest, with docks for their share of the volume."""
    count = int(np.clip(round(4 + loads_a_year / 10_000), 4, MOST_CENTRES))
    metro = np.arange(count)
    loads_an_hour = loads_a_year / 365.0 * centre_share(metro) / 16.0
    doors = np.maximum(3, np.ceil(loads_an_hour * 2.0 / DOOR_LOADS_AN_HOUR)).astype(np.int64)
    rate = PICK_RATE[:, None] * (0.9 + 0.2 * noise.uniform("pick rate", metro))
    return Centres(metro, doors, rate)


def centre_share(metro: Ints) -> Floats:
    """Share of the volume that starts at each centre."""
    return np.asarray(np.sqrt(DEMAND[metro]) / np.sqrt(DEMAND[metro]).sum())


def make_customers(noise: Noise, count: int) -> Customers:
    """Customers scattered by demand; the important ones have narrow windows and dear penalties."""
    who = np.arange(count)
    tier = noise.chosen("customer tier", TIER_SHARE, who)
    return Customers(
        metro=noise.chosen("customer metro", DEMAND, who) % len(METROS),
        tier=tier,
        window_min=WINDOW_MIN[tier],
        slow=0.16 * noise.normal("customer slow", who),
        fine_share=np.where(tier == 0, 0.03, 0.0),
        late_per_min=np.array([1.5, 0.8, 0.4])[tier] * (0.7 + 0.6 * noise.uniform("customer penalty", who)),
    )


def shift_of(local_minute: Floats) -> Ints:
    """Index into :data:`SHIFTS` of a local minute of the day."""
    shift = np.searchsorted(SHIFT_ENDS_MIN, local_minute, side="right")
    return np.where(local_minute < NIGHT_ENDS_MIN, 2, shift)
