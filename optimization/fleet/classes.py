"""Units that are alike are one class with one network: a flow of so many units through it is a path for each."""

from collections import defaultdict
from dataclasses import dataclass, replace

from optimization.fleet.network import Network, build_network, duty_left_min, first_shift, most_duty_min
from optimization.fleet.problem import Driver, FleetProblem, Unit


@dataclass(frozen=True, eq=False)
class UnitClass:
    """Units that are alike, by id; ``duty_left_min`` where the running period's limit may bind (then one unit)."""

    units: tuple[Unit, ...]
    network: Network
    duty_left_min: int | None = None

    @property
    def drives(self) -> bool:
        """Whether these are drivers."""
        return isinstance(self.units[0], Driver)


def find_classes(problem: FleetProblem) -> tuple[UnitClass, ...]:
    """Group the units, vehicles first."""
    alike: dict[object, list[Unit]] = defaultdict(list)
    networks: dict[object, Network] = {}
    for unit in problem.units:
        key = _key(problem, unit)
        networks.setdefault(key, build_network(problem, unit))
        alike[key].append(unit)
    made = []
    for key, units in alike.items():
        units.sort(key=lambda unit: unit.unit_id)
        made += _split(problem, networks[key], units)
    return tuple(made)


def _key(problem: FleetProblem, unit: Unit) -> object:
    """A unit without its name; a moment of being free counts by the shift it is free for."""
    free = first_shift(problem, unit.free_from_min)
    return type(unit), replace(unit, unit_id="", at=unit.place, free_from_min=free)


def _split(problem: FleetProblem, network: Network, units: list[Unit]) -> list[UnitClass]:
    """Drivers whose period may end within the horizon are each a class, so that each one's duty can be summed."""
    first = units[0]
    if isinstance(first, Driver) and most_duty_min(network) > duty_left_min(problem, first):
        return [UnitClass((unit,), network, duty_left_min(problem, first)) for unit in units]
    return [UnitClass(tuple(units), network)]
