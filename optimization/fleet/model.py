"""The shared fleet as a CP-SAT model: flows of units through their networks, tied together.

minimise   Σ cost_a f_a + Σ_{d,k} value_dk (1 − y_dk)
subject to f is a flow of the class's units from its source, for every class
           Σ f over vehicles moved s → s' in t = Σ f over drivers driving s → s' in t
           Σ_k y_dk ≤ vehicles usable at the site in the shift of demand d
           Σ_k y_dk = drivers working there
           Σ duty_a f_a ≤ what is left of the period, for drivers whom it may bind
"""

from collections import defaultdict
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimization.fleet.classes import UnitClass, find_classes
from optimization.fleet.network import Arc, Kind, Node, in_maintenance
from optimization.fleet.problem import FleetProblem, Vehicle

Flows = tuple[tuple[cp_model.IntVar, ...], ...]


@dataclass(frozen=True, eq=False)
class FleetModel:
    """The model; ``flows`` of each class arc by arc, ``served`` of each demand value by value."""

    model: cp_model.CpModel
    classes: tuple[UnitClass, ...]
    flows: Flows
    served: Flows


def build_model(problem: FleetProblem) -> FleetModel:
    """Build the model; its objective is what moves cost and what unmet demand would have saved."""
    model, classes = cp_model.CpModel(), find_classes(problem)
    flows = tuple(tuple(model.new_int_var(0, len(one.units), "") for _ in one.network.arcs) for one in classes)
    served = tuple(tuple(model.new_bool_var("") for _ in one.values_cents) for one in problem.demand)
    made = FleetModel(model, classes, flows, served)
    for one, flow in zip(classes, flows, strict=True):
        _conserve(model, one, flow)
    _tie_moves(problem, made)
    _tie_demand(problem, made)
    moved = sum(arc.cost_cents * f for arc, f in _pairs(made) if arc.cost_cents)
    unmet = sum(
        value * (1 - y)
        for one, ys in zip(problem.demand, served, strict=True)
        for value, y in zip(one.values_cents, ys, strict=True)
    )
    model.minimize(moved + unmet)
    _hint(made)
    return made


def usable(problem: FleetProblem, vehicle: Vehicle, arc: Arc) -> bool:
    """Whether a vehicle on an arc can be used at the arc's site and shift."""
    return arc.kind is Kind.STAY and not in_maintenance(vehicle, problem.shifts[arc.tail.shift])


def _pairs(made: FleetModel) -> list[tuple[Arc, cp_model.IntVar]]:
    return [
        pair
        for one, flow in zip(made.classes, made.flows, strict=True)
        for pair in zip(one.network.arcs, flow, strict=True)
    ]


def _conserve(model: cp_model.CpModel, one: UnitClass, flow: tuple[cp_model.IntVar, ...]) -> None:
    out: dict[Node, list[cp_model.IntVar]] = defaultdict(list)
    into: dict[Node, list[cp_model.IntVar]] = defaultdict(list)
    for arc, variable in zip(one.network.arcs, flow, strict=True):
        out[arc.tail].append(variable)
        into[arc.head].append(variable)
    for node, leaving in out.items():
        supply = len(one.units) if node == one.network.source else 0
        model.add(sum(leaving) == sum(into[node]) + supply)
    if one.duty_left_min is not None:
        duty = sum(arc.duty_min * f for arc, f in zip(one.network.arcs, flow, strict=True))
        model.add(duty <= one.duty_left_min)


def _tie_moves(problem: FleetProblem, made: FleetModel) -> None:
    """Every vehicle that is moved has its own driver, who leaves with it."""
    if problem.drivers is None:
        return
    sides: dict[tuple[int, int, int], tuple[list[cp_model.IntVar], list[cp_model.IntVar]]] = defaultdict(
        lambda: ([], [])
    )
    for one, flow in zip(made.classes, made.flows, strict=True):
        for arc, variable in zip(one.network.arcs, flow, strict=True):
            if arc.kind is Kind.MOVE:
                sides[arc.tail.site, arc.head.site, arc.tail.shift][one.drives].append(variable)
    for vehicles, drivers in sides.values():
        made.model.add(sum(vehicles) == sum(drivers))


def _tie_demand(problem: FleetProblem, made: FleetModel) -> None:
    standing: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    working: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
    for one, flow in zip(made.classes, made.flows, strict=True):
        first = one.units[0]
        for arc, variable in zip(one.network.arcs, flow, strict=True):
            at = problem.sites[arc.tail.site].site_id, arc.tail.shift
            if isinstance(first, Vehicle) and usable(problem, first, arc):
                standing[at].append(variable)
            elif arc.kind is Kind.WORK:
                working[at].append(variable)
    met = {(one.site_id, one.shift): sum(ys) for one, ys in zip(problem.demand, made.served, strict=True)}
    for at in met:
        made.model.add(met[at] <= sum(standing[at]))
    for at in sorted({*met, *working}) if problem.drivers is not None else ():
        made.model.add(met.get(at, 0) == sum(working[at]))


def _hint(made: FleetModel) -> None:
    """The search begins with everybody where they are."""
    for one, flow in zip(made.classes, made.flows, strict=True):
        for arc, variable in zip(one.network.arcs, flow, strict=True):
            stays = arc.kind is Kind.STAY and arc.tail.site == one.network.source.site and not arc.tail.moves
            made.model.add_hint(variable, len(one.units) if stays else 0)
