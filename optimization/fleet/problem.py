"""A shared fleet as data: sites and roads, shifts, vehicles, drivers, and what one more vehicle is worth where.

Minutes count from an origin of the caller's choice. Money is integer cents.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import BadProblem
from optimization.cpsat import LARGEST_COST
from optimization.fleet.hours import US, HoursOfService
from optimization.spans import Span

Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Site:
    """A distribution centre, in a region whose rules hold there."""

    site_id: str
    region: str = ""


@dataclass(frozen=True)
class Unit:
    """What vehicles and drivers have in common.

    Attributes
    ----------
    at
        Where it is now; empty = at home.
    regions
        Regions it is licensed for; empty = all.
    free_from_min
        Free from then on: for a driver, the daily rest included.
    max_moves
        Relocations over the horizon.
    home_by_end
        Must be at home when the last shift ends.
    """

    unit_id: str
    home: str
    at: str = ""
    regions: frozenset[str] = frozenset()
    free_from_min: int = 0
    max_moves: int = 2
    home_by_end: bool = False

    @property
    def place(self) -> str:
        """Where it is now."""
        return self.at or self.home


@dataclass(frozen=True)
class Vehicle(Unit):
    """A vehicle; in its ``maintenance`` it stands at home and cannot be used."""

    maintenance: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Driver(Unit):
    """A driver; ``duty_used_min`` of the running period are spent already."""

    home_by_end: bool = True
    duty_used_min: int = 0


@dataclass(frozen=True)
class Demand:
    """What a first, second, … vehicle at a site in a shift saves, in cents, never increasing."""

    site_id: str
    shift: int
    values_cents: tuple[int, ...]


@dataclass(frozen=True)
class FleetProblem:
    """A checked problem of S sites and T shifts.

    Attributes
    ----------
    shifts
        Ascending, without overlap.
    drive_min, move_cents
        (S, S) minutes at the wheel and cost of driving a vehicle from a site to another.
    ride_cents
        (S, S) cost of a driver's ride without a vehicle, which takes as long; ``None``: there is none.
    drivers
        ``None``: there is always one at hand.
    work_driving_min
        At the wheel in a shift that is worked.

    Raises
    ------
    BadProblem
        Naming what contradicts itself.
    """

    sites: tuple[Site, ...]
    shifts: tuple[Span, ...]
    drive_min: Matrix
    move_cents: Matrix
    vehicles: tuple[Vehicle, ...]
    demand: tuple[Demand, ...]
    drivers: tuple[Driver, ...] | None = None
    ride_cents: Matrix | None = None
    hours: HoursOfService = US
    work_driving_min: int = 0

    def __post_init__(self) -> None:
        _refuse_twice("site", (site.site_id for site in self.sites))
        _refuse_twice("unit", (unit.unit_id for unit in self.units))
        _refuse_twice("demand of", (f"{one.site_id} in shift {one.shift}" for one in self.demand))
        self._check_shifts()
        for name in ("drive_min", "move_cents", "ride_cents"):
            self._check_matrix(name)
        for unit in self.units:
            self._check_unit(unit)
        for one in self.demand:
            self._check_demand(one)
        if self.most_cents > LARGEST_COST:
            raise BadProblem("what moves may cost and vehicles save adds up to more than 2^50 cents")

    @property
    def units(self) -> tuple[Unit, ...]:
        """Vehicles, then drivers."""
        return (*self.vehicles, *(self.drivers or ()))

    @property
    def regions(self) -> dict[str, str]:
        """site_id → region."""
        return {site.site_id: site.region for site in self.sites}

    @property
    def most_cents(self) -> int:
        """More than any plan can cost."""
        dearest = max((max(row, default=0) for row in (*self.move_cents, *(self.ride_cents or ()))), default=0)
        return dearest * len(self.units) * len(self.shifts) + sum(sum(one.values_cents) for one in self.demand)

    def _check_shifts(self) -> None:
        for one, other in zip(self.shifts, self.shifts[1:], strict=False):
            if other.from_min < one.until_min:
                raise BadProblem(f"shifts must follow one another, but {other} begins before {one} ends")
        if not self.shifts:
            raise BadProblem("a fleet is planned over one shift at least")
        longest = max(shift.minutes for shift in self.shifts)
        if self.drivers is not None and longest > self.hours.max_duty_min:
            raise BadProblem(f"a shift of {longest} min is longer than a duty may be ({self.hours.max_duty_min} min)")
        if not 0 <= self.work_driving_min <= self.hours.max_driving_min:
            most = self.hours.max_driving_min
            raise BadProblem(f"work_driving_min must be from 0 to {most}, but is {self.work_driving_min}")

    def _check_matrix(self, name: str) -> None:
        matrix, size = getattr(self, name), len(self.sites)
        if matrix is None:
            return
        if len(matrix) != size or any(len(row) != size for row in matrix):
            raise BadProblem(f"{name} must have {size} rows and columns, one for each site")
        if any(value < 0 for row in matrix for value in row):
            raise BadProblem(f"{name} must be 0 or more")

    def _check_unit(self, unit: Unit) -> None:
        for site in (unit.home, unit.place):
            if site not in self.regions:
                raise BadProblem(f"unit {unit.unit_id!r} belongs to site {site!r}, which is not among the sites")
        if unit.regions and self.regions[unit.place] not in unit.regions:
            region = self.regions[unit.place]
            raise BadProblem(
                f"unit {unit.unit_id!r} stands at {unit.place!r}, but has no licence for region {region!r}"
            )
        if unit.max_moves < 0:
            raise BadProblem(f"unit {unit.unit_id!r} may be moved {unit.max_moves} times; 0 or more is needed")

    def _check_demand(self, one: Demand) -> None:
        name = f"demand of {one.site_id!r} in shift {one.shift}"
        if one.site_id not in self.regions or not 0 <= one.shift < len(self.shifts):
            raise BadProblem(f"{name}: there is no such site or shift")
        if list(one.values_cents) != sorted(one.values_cents, reverse=True) or min(one.values_cents, default=0) < 0:
            raise BadProblem(f"{name}: values must be 0 or more and never increase, but are {one.values_cents}")


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadProblem(f"{what} {twice[0]!r} is there more than once")
