"""From flows of units that are alike to one path for each: arcs are used up in a fixed order."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from optimization.fleet.network import Arc, Node
from optimization.fleet.problem import FleetProblem
from optimization.fleet.solution import Step


def deal_paths(
    problem: FleetProblem, sources: Mapping[str, Node], flow: Mapping[Arc, int]
) -> dict[str, tuple[Step, ...]]:
    """Give each unit a path of the flow from where it begins (a network of time has no cycles).

    Parameters
    ----------
    sources
        unit_id → node at which the unit is first free.
    flow
        Units on each arc.
    """
    left, leaving = Counter(flow), defaultdict(list)
    for arc in flow:
        leaving[arc.tail].append(arc)
    return {unit: tuple(_path(problem, source, leaving, left)) for unit, source in sources.items()}


def _path(problem: FleetProblem, node: Node, leaving: Mapping[Node, Sequence[Arc]], left: Counter[Arc]) -> list[Step]:
    steps = []
    while arc := next((arc for arc in leaving.get(node, ()) if left[arc] > 0), None):
        left[arc] -= 1
        here, there = (problem.sites[end.site].site_id for end in (arc.tail, arc.head))
        steps.append(Step(arc.kind.value, arc.tail.shift, here, there))
        node = arc.head
    return steps
