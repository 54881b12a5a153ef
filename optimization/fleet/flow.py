"""Vehicles alone, all alike: a min-cost flow on the time-expanded network gives the optimum at once.

Where no driver is short and no vehicle has a rule of its own, only sites and shifts tell vehicles apart. A vehicle
that stays flows through an arc of capacity 1 that earns a value, or through a free one; values never increase, so
the dearest is earned first (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapter 9).
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
from ortools.graph.python import min_cost_flow

from domain.errors import BadProblem, PlanRejected
from optimization.cpsat import SideCertificate
from optimization.fleet.itineraries import deal_paths
from optimization.fleet.network import Arc, Kind, Node, first_shift
from optimization.fleet.problem import FleetProblem
from optimization.fleet.solution import FleetPlan, Served
from optimization.fleet.verify import verify_fleet


def suffices(problem: FleetProblem) -> bool:
    """Whether the flow says all: drivers always at hand, vehicles without rules of their own."""
    return problem.drivers is None and not any(
        one.maintenance or one.regions or one.home_by_end or one.max_moves < len(problem.shifts)
        for one in problem.vehicles
    )


def solve_flow(problem: FleetProblem) -> FleetPlan:
    """Find the optimum by one flow; its bound is its cost.

    Raises
    ------
    BadProblem
        If drivers or a vehicle's own rules matter.
    """
    if not suffices(problem):
        raise BadProblem("a min-cost flow holds where vehicles have no rules of their own and drivers are at hand")
    sources = {
        one.unit_id: Node(_position(problem, one.place), first_shift(problem, one.free_from_min), 0)
        for one in sorted(problem.vehicles, key=lambda one: one.unit_id)
    }
    values = {(_position(problem, one.site_id), one.shift): one.values_cents for one in problem.demand}
    flow = _cheapest(problem, sources, values)
    served = tuple(
        Served(one.site_id, one.shift, min(len(one.values_cents), _standing(problem, one.site_id, one.shift, flow)))
        for one in problem.demand
    )
    moved = sum(arc.cost_cents * units for arc, units in flow.items())
    unmet = sum(sum(one.values_cents[at.vehicles :]) for one, at in zip(problem.demand, served, strict=True))
    plan = FleetPlan(deal_paths(problem, sources, flow), served, SideCertificate(moved + unmet, moved + unmet))
    verify_fleet(problem, plan)
    return plan


def _arcs(problem: FleetProblem) -> list[Arc]:
    """What a vehicle can do at each site in each shift; moves need not be counted."""
    made, ends = [], problem.shifts[-1].until_min
    for shift, span in enumerate(problem.shifts):
        for here in range(len(problem.sites)):
            node = Node(here, shift, 0)
            made.append(Arc(Kind.STAY, node, Node(here, shift + 1, 0)))
            for there in range(len(problem.sites)):
                arrive = span.from_min + max(1, problem.hours.elapsed_min(problem.drive_min[here][there]))
                if here != there and arrive <= ends:
                    head = Node(there, first_shift(problem, arrive), 0)
                    made.append(Arc(Kind.MOVE, node, head, problem.move_cents[here][there]))
    return made


def _cheapest(
    problem: FleetProblem, sources: Mapping[str, Node], values: Mapping[tuple[int, int], tuple[int, ...]]
) -> dict[Arc, int]:
    """Vehicles on each arc of a cheapest flow."""
    rows = [(arc, most, cost) for arc in _arcs(problem) for most, cost in _priced(arc, values, len(sources))]
    sites, ends = len(problem.sites), len(problem.shifts)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        np.array([arc.tail.shift * sites + arc.tail.site for arc, *_ in rows]),
        np.array([arc.head.shift * sites + arc.head.site for arc, *_ in rows]),
        np.array([most for _, most, _ in rows]),
        np.array([cost for *_, cost in rows]),
    )
    sink = (ends + 1) * sites
    for site in range(sites):
        solver.add_arc_with_capacity_and_unit_cost(ends * sites + site, sink, len(sources), 0)
    for node, units in Counter(sources.values()).items():
        solver.set_node_supply(node.shift * sites + node.site, units)
    solver.set_node_supply(sink, -len(sources))
    if solver.solve() != solver.OPTIMAL:
        raise PlanRejected("the min-cost flow found no flow, although a vehicle may always stay")
    flow: Counter[Arc] = Counter()
    for row, (arc, *_) in enumerate(rows):
        flow[arc] += solver.flow(row)
    return dict(flow)


def _priced(arc: Arc, values: Mapping[tuple[int, int], tuple[int, ...]], vehicles: int) -> list[tuple[int, int]]:
    """Capacity and cost of the parallel arcs that an arc is made of."""
    if arc.kind is Kind.MOVE:
        return [(vehicles, arc.cost_cents)]
    return [*((1, -value) for value in values.get((arc.tail.site, arc.tail.shift), ())), (vehicles, 0)]


def _standing(problem: FleetProblem, site_id: str, shift: int, flow: Mapping[Arc, int]) -> int:
    at = _position(problem, site_id), shift
    return sum(units for arc, units in flow.items() if arc.kind is Kind.STAY and (arc.tail.site, arc.tail.shift) == at)


def _position(problem: FleetProblem, site_id: str) -> int:
    return [site.site_id for site in problem.sites].index(site_id)
