"""The simulated network behind the joint-plan problems: sites, lanes, carriers, loads at risk, and rows to share.

Everything is drawn at once by numpy. What the numbers are meant to look like stands in :mod:`benchmarks.plan_problems`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Strings: TypeAlias = pa.Array

CASES_PER_SITE, SITES_PER_REGION = 510, 10
LANES, LANE_CARRIERS, NATIONAL, REGIONAL = 5, 5, 8, 3
DAYS, HOURS, FIRST_HOUR, SHIFTS = 3, 14, 6, 2
SITE_SHIFTS = DAYS * SHIFTS
"""Shifts of a site, and of the planners, within the days of the plan."""
UNITS, EQUIPMENT = 8, 3
"""Business units, and kinds of vehicle that cannot stand in for one another."""
SIZE_SHARE, SIZE_FACTOR = (0.45, 0.35, 0.2), np.array([0.6, 1.0, 1.7])
"""Of the three size classes: how many loads, and what a fine is multiplied with."""
FEWEST_PALLETS = np.array([3, 12, 22])
LANE_SHARE = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
"""Of a site's loads, those on each of its lanes."""
EQUIPMENT_SHARE = np.array([0.5, 0.3, 0.2])
LADDER = np.array([250, 400, 600, 1_000, 1_600, 2_500])
"""Fines that contracts name, money."""
TIER_FACTOR, TIER_SHARE = np.array([3.0, 1.5, 1.0]), (0.15, 0.35, 0.5)
LARGEST_FINE = 60_000
LEFT_PCT = np.array([15, 25, 40])
NONE = -1
"""No carrier, no row."""


@dataclass(frozen=True, eq=False)
class World:
    """Sites, lanes (five a site) and carriers.

    Attributes
    ----------
    weight
        (sites,) share of the cases.
    price
        (lanes,) money of a load, in steps of 50.
    carriers
        (lanes, 5) carrier of each place in the routing guide, −1 for none.
    extra_pct
        (lanes, 5) what that carrier asks above the contract, per cent of the price, in steps of 2.
    left_pct
        (carriers,) probability of failing left after a re-tender, per cent of what it was; one of three grades.
    """

    weight: Floats
    price: Ints
    carriers: Ints
    extra_pct: Ints
    left_pct: Ints

    @property
    def sites(self) -> int:
        """Number of distribution centres."""
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class Loads:
    """Loads at risk, one a case; all of shape (N,). Fines are money, ``hour`` counts from the first of the day."""

    lane: Ints
    day: Ints
    hour: Ints
    tier: Ints
    unit: Ints
    size: Ints
    equipment: Ints
    pallets: Ints
    fine: Ints
    fails_pct: Ints

    @property
    def site(self) -> Ints:
        """(N,) distribution centre that the load leaves."""
        return self.lane // LANES

    @property
    def shift(self) -> Ints:
        """(N,) shift in which it leaves, of all days of the plan."""
        return shift_of(self.day, self.hour)


def shift_of(day: Ints, hour: Ints) -> Ints:
    """Shift of all days of the plan."""
    return day * SHIFTS + hour // (HOURS // SHIFTS)


def world_of(sites: int, rng: np.random.Generator) -> World:
    """Each lane draws three to five carriers from the eight national ones and the three of its region."""
    regions = -(-sites // SITES_PER_REGION)
    carriers, lanes = NATIONAL + REGIONAL * regions, sites * LANES
    region = np.arange(lanes) // LANES // SITES_PER_REGION
    own = NATIONAL + REGIONAL * region[:, None] + np.arange(REGIONAL)
    pool = np.hstack([np.broadcast_to(np.arange(NATIONAL), (lanes, NATIONAL)), own])
    guide = rng.permuted(pool, axis=1)[:, :LANE_CARRIERS]
    guide[np.arange(LANE_CARRIERS) >= rng.integers(3, LANE_CARRIERS + 1, lanes)[:, None]] = NONE
    dear = 2 * rng.integers(1, 10, carriers)
    grade = np.clip((20 - dear) // 7 + rng.integers(-1, 2, carriers), 0, 2)
    weight = rng.lognormal(0, 0.6, sites)
    return World(
        weight=weight / weight.sum(),
        price=50 * rng.integers(6, 40, lanes),
        carriers=guide,
        extra_pct=dear[guide] + 2 * rng.integers(0, 3, guide.shape),
        left_pct=LEFT_PCT[grade],
    )


def loads_of(cases: int, world: World, rng: np.random.Generator) -> Loads:
    """Draw loads: the first lanes of a site carry most of them."""
    site = rng.choice(world.sites, cases, p=world.weight)
    tier = rng.choice(len(TIER_SHARE), cases, p=TIER_SHARE)
    size = rng.choice(3, cases, p=SIZE_SHARE)
    return Loads(
        lane=site * LANES + rng.choice(LANES, cases, p=LANE_SHARE),
        day=rng.integers(0, DAYS, cases),
        hour=rng.integers(0, HOURS, cases),
        tier=tier,
        unit=rng.choice(UNITS, cases, p=np.arange(UNITS, 0, -1) / (UNITS * (UNITS + 1) // 2)),
        size=size + 1,
        equipment=rng.choice(EQUIPMENT, cases, p=EQUIPMENT_SHARE),
        pallets=FEWEST_PALLETS[size] + rng.integers(0, 9, cases),
        fine=np.rint(_fines(cases, rng) * TIER_FACTOR[tier] * SIZE_FACTOR[size]).astype(np.int64),
        fails_pct=np.rint(100 * np.clip(rng.beta(2.0, 1.6, cases), 0.1, 0.97)).astype(np.int64),
    )


def _fines(cases: int, rng: np.random.Generator) -> Floats:
    """A contract's fine for 60 %; else log-normal, one in fifty with a Pareto tail. Money, before the tier."""
    tail = np.where(rng.random(cases) < 0.02, 3 + rng.pareto(1.8, cases), 1)
    free = np.minimum(600 * rng.lognormal(0, 0.9, cases) * tail, LARGEST_FINE)
    return np.where(rng.random(cases) < 0.6, rng.choice(LADDER, cases), free)


@dataclass(frozen=True)
class Rows:
    """Numbers of the rows of each family; a family's block begins where the one before it ends."""

    sites: int
    carriers: int

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Family → rows, empty places of routing guides included."""
        return {
            "carrier_lane_day": self.sites * LANES * LANE_CARRIERS * DAYS,
            "dock_slot": self.sites * DAYS * HOURS,
            "vehicles": self.sites * SITE_SHIFTS * EQUIPMENT,
            "drivers": self.sites * SITE_SHIFTS,
            "commitment": self.carriers,
            "review_min": SITE_SHIFTS,
            "premium_budget": UNITS,
            "without_review": 1,
        }

    @cached_property
    def count(self) -> int:
        """Rows of all families."""
        return sum(self.sizes.values())

    @cached_property
    def starts(self) -> dict[str, int]:
        """Family → its first row."""
        ends = np.cumsum(list(self.sizes.values())).tolist()
        return {family: end - size for (family, size), end in zip(self.sizes.items(), ends, strict=True)}

    def block(self, family: str) -> slice:
        """Where a family's rows stand."""
        return slice(self.starts[family], self.starts[family] + self.sizes[family])

    def lane_day(self, lane: Ints, place: Ints | int, day: Ints) -> Ints:
        """A carrier (by its place in the lane's guide) on a lane and day."""
        return self.starts["carrier_lane_day"] + (lane * LANE_CARRIERS + place) * DAYS + day

    def dock(self, site: Ints, day: Ints, hour: Ints) -> Ints:
        """The dock of a site in an hour."""
        return self.starts["dock_slot"] + (site * DAYS + day) * HOURS + hour

    def vehicles(self, site: Ints, shift: Ints, equipment: Ints) -> Ints:
        """Vehicles of a kind in a site's shift."""
        return self.starts["vehicles"] + (site * SITE_SHIFTS + shift) * EQUIPMENT + equipment

    def drivers(self, site: Ints, shift: Ints) -> Ints:
        """Drivers of a site's shift."""
        return self.starts["drivers"] + site * SITE_SHIFTS + shift

    def one(self, family: str, place: Ints) -> Ints:
        """The row of a carrier, a planners' shift or a business unit."""
        return self.starts[family] + place


def row_names(world: World, rows: Rows) -> Strings:
    """(count,) name of every row; those of empty places are never used."""
    place = {family: np.arange(size) for family, size in rows.sizes.items()}
    lane, day = np.divmod(place["carrier_lane_day"], DAYS)
    site_day, hour = np.divmod(place["dock_slot"], HOURS)
    site_shift, equipment = np.divmod(place["vehicles"], EQUIPMENT)
    carrier = world.carriers.ravel()[lane]
    destination = lane // LANE_CARRIERS % LANES
    names = (
        joined("carrier_lane_day:K", carrier, ":D", lane // LANE_CARRIERS // LANES, "-Z", destination, "@", day),
        joined("dock_slot:D", site_day // DAYS, "@", site_day % DAYS, "T", hour + FIRST_HOUR),
        joined("vehicles:D", site_shift // SITE_SHIFTS, "-E", equipment, "@", site_shift % SITE_SHIFTS),
        joined("drivers:D", place["drivers"] // SITE_SHIFTS, "@", place["drivers"] % SITE_SHIFTS),
        joined("commitment:K", place["commitment"]),
        joined("review_min:", place["review_min"]),
        joined("premium_budget:U", place["premium_budget"]),
        pa.array(["without_review"]),
    )
    return pa.concat_arrays(names)


def joined(*parts: str | Ints | Strings, width: int = 3) -> Strings:
    """Words and numbers (padded to a width, so that they sort as numbers) side by side."""
    told = [
        pc.utf8_lpad(pc.cast(pa.array(part), pa.string()), width, "0") if isinstance(part, np.ndarray) else part
        for part in parts
    ]
    return pc.binary_join_element_wise(*told, "")
