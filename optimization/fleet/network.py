"""A unit's days as paths through a time-expanded network: every path keeps every rule on that unit alone.

A node is a site, a shift at whose beginning the unit is free there, and the moves it has made. What a unit does in a
shift is an arc: it stays, works (drivers), is moved, or rides. An arc leads to the first shift that begins once the
unit is free again: on arrival, and for a driver after a daily rest. So rests, breaks, licences, maintenance, the
number of moves and the return home are in the network's shape, and need no constraint.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import BadProblem
from optimization.fleet.problem import Driver, FleetProblem, Unit, Vehicle
from optimization.spans import Span


class Kind(StrEnum):
    """What a unit does."""

    STAY = "stay"
    WORK = "work"
    MOVE = "move"
    RIDE = "ride"


@dataclass(frozen=True, order=True)
class Node:
    """Free at a site (its position) when a shift begins, after so many moves; shift T is the end."""

    site: int
    shift: int
    moves: int


@dataclass(frozen=True)
class Arc:
    """What a unit does in the shift of its tail, and where and when it is free after it."""

    kind: Kind
    tail: Node
    head: Node
    cost_cents: int = 0
    duty_min: int = 0


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs on a way from the source to a sink, in the order of time; none if the unit is free too late for any."""

    source: Node
    arcs: tuple[Arc, ...]


def build_network(problem: FleetProblem, unit: Unit) -> Network:
    """Build the network of a unit.

    Raises
    ------
    BadProblem
        If no path keeps the unit's rules.
    """
    ends = len(problem.shifts)
    source = Node(_position(problem, unit.place), first_shift(problem, unit.free_from_min), 0)
    home = _position(problem, unit.home)
    reached, arcs = {source}, []
    for shift in range(source.shift, ends):
        for node in sorted(node for node in reached if node.shift == shift):
            made = list(_arcs(problem, unit, node))
            arcs += made
            reached |= {arc.head for arc in made}
    good = {node for node in reached if node.shift == ends and (node.site == home or not unit.home_by_end)}
    kept = []
    for arc in reversed(arcs):
        if arc.head in good:
            good.add(arc.tail)
            kept.append(arc)
    if source not in good:
        raise BadProblem(
            f"unit {unit.unit_id!r} at {unit.place!r} cannot keep its rules: no way has it home for its maintenance "
            "or by the end; give it more moves or time, or loosen a rule"
        )
    return Network(source, tuple(reversed(kept)))


def first_shift(problem: FleetProblem, minute: int) -> int:
    """The first shift that does not begin before a minute; T where none does."""
    later = (k for k, shift in enumerate(problem.shifts) if shift.from_min >= minute)
    return next(later, len(problem.shifts))


def most_duty_min(network: Network) -> int:
    """Minutes on duty of the path that has most."""
    most: dict[Node, int] = defaultdict(int)
    for arc in network.arcs:
        most[arc.head] = max(most[arc.head], most[arc.tail] + arc.duty_min)
    return max(most.values(), default=0)


def _arcs(problem: FleetProblem, unit: Unit, node: Node) -> Iterator[Arc]:
    if isinstance(unit, Vehicle):
        yield from _vehicle_stays(problem, unit, node)
    else:
        yield Arc(Kind.STAY, node, Node(node.site, node.shift + 1, node.moves))
        yield _work(problem, node)
    if node.moves < unit.max_moves:
        for site in range(len(problem.sites)):
            if site != node.site and _licensed(problem, unit, site):
                yield from _journeys(problem, unit, node, site)


def _vehicle_stays(problem: FleetProblem, vehicle: Vehicle, node: Node) -> Iterator[Arc]:
    """A vehicle stays until the next shift begins, unless it should be at home for maintenance meanwhile."""
    span = Span(_begins(problem, node.shift), _begins(problem, node.shift + 1))
    if problem.sites[node.site].site_id == vehicle.home or not in_maintenance(vehicle, span):
        yield Arc(Kind.STAY, node, Node(node.site, node.shift + 1, node.moves))


def _begins(problem: FleetProblem, shift: int) -> int:
    """When a shift begins; T is the end of the last."""
    return problem.shifts[shift].from_min if shift < len(problem.shifts) else problem.shifts[-1].until_min


def in_maintenance(vehicle: Vehicle, span: Span) -> bool:
    """Whether a vehicle is being maintained in some minute of a span."""
    return any(span.meets(one) for one in vehicle.maintenance)


def _work(problem: FleetProblem, node: Node) -> Arc:
    shift = problem.shifts[node.shift]
    free = first_shift(problem, shift.until_min + problem.hours.rest_min)
    return Arc(Kind.WORK, node, Node(node.site, free, node.moves), duty_min=shift.minutes)


def _journeys(problem: FleetProblem, unit: Unit, node: Node, site: int) -> Iterator[Arc]:
    """The move of a vehicle, the drive of its driver, the ride of a driver alone."""
    depart, driving = problem.shifts[node.shift].from_min, problem.drive_min[node.site][site]
    arrive = depart + max(1, problem.hours.elapsed_min(driving))
    if arrive > problem.shifts[-1].until_min:
        return
    if isinstance(unit, Vehicle):
        head = Node(site, first_shift(problem, arrive), node.moves + 1)
        comes_home = problem.sites[site].site_id == unit.home
        if not in_maintenance(unit, Span(depart, arrive if comes_home else _begins(problem, head.shift))):
            yield Arc(Kind.MOVE, node, head, problem.move_cents[node.site][site])
        return
    head = Node(site, first_shift(problem, arrive + problem.hours.rest_min), node.moves + 1)
    duty = problem.hours.duty_min(driving)
    yield Arc(Kind.MOVE, node, head, duty_min=duty)
    if problem.ride_cents is not None:
        yield Arc(Kind.RIDE, node, head, problem.ride_cents[node.site][site], duty)


def _licensed(problem: FleetProblem, unit: Unit, site: int) -> bool:
    return not unit.regions or problem.sites[site].region in unit.regions


def _position(problem: FleetProblem, site_id: str) -> int:
    return [site.site_id for site in problem.sites].index(site_id)


def duty_left_min(problem: FleetProblem, driver: Driver) -> int:
    """Minutes that a driver may still be on duty in the running period."""
    return max(0, problem.hours.max_period_duty_min - driver.duty_used_min)
