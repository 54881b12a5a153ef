"""Small random sites, and a brute force that knows their optimum without any solver."""

import itertools

import numpy as np

from optimization.docks.problem import Appointment, Booking, DockProblem, Door, slots_every
from optimization.spans import Span

EQUIPMENT = ("van", "reefer")


def door(name: str, *shifts: tuple[int, int], equipment: frozenset[str] = frozenset()) -> Door:
    return Door(name, tuple(Span(*shift) for shift in shifts), equipment)


def random_site(seed: int, doors: int = 2, appointments: int = 4, postponable: bool = True) -> DockProblem:
    """A morning at a few doors: shifts, windows, cut-offs, equipment, present bookings that may clash."""
    rng = np.random.default_rng(seed)
    site = tuple(_door(rng, f"D{k}") for k in range(doors))
    trucks = tuple(_truck(rng, f"A{k}", site, postponable) for k in range(appointments))
    slots = slots_every(Span(0, 180), 30, trucks)
    cost = tuple(tuple(int(c) for c in rng.integers(0, 50, len(slots)).cumsum()) for _ in trucks)
    return DockProblem(site, trucks, slots, cost, turn_min=int(rng.choice([0, 10])))


def _door(rng: np.random.Generator, name: str) -> Door:
    shifts = [(0, 240)] if rng.random() < 0.6 else [(0, 90), (120, 240)]
    return door(name, *shifts, equipment=frozenset({"van"}) if rng.random() < 0.4 else frozenset())


def _truck(rng: np.random.Generator, name: str, doors: tuple[Door, ...], postponable: bool) -> Appointment:
    begin = int(rng.integers(0, 120))
    present = Booking(str(rng.choice([one.door_id for one in doors])), begin) if rng.random() < 0.8 else None
    return Appointment(
        name,
        load_min=int(rng.choice([25, 40, 60])),
        windows=(Span(int(rng.integers(0, 60)), int(rng.integers(90, 200))),) if rng.random() < 0.5 else (),
        cut_off_min=int(rng.integers(120, 240)) if rng.random() < 0.4 else None,
        equipment=str(rng.choice(EQUIPMENT)),
        doors=frozenset({doors[0].door_id}) if rng.random() < 0.2 else frozenset(),
        present=present,
        move_cents=int(rng.integers(0, 20)),
        postpone_cents=int(rng.integers(50, 300)) if postponable or rng.random() < 0.3 else None,
    )


def brute_force(problem: DockProblem) -> int | None:
    """Least cost over every combination of doors and minutes; ``None`` where none is allowed."""
    every = [_ways(problem, row) for row in range(len(problem.appointments))]
    costs = [sum(cost for cost, *_ in ways) for ways in itertools.product(*every) if not _clash(ways)]
    return min(costs, default=None)


Way = tuple[int, str, int, int]
"""Cost, door, from, until (with the turn); no door: postponed."""


def _ways(problem: DockProblem, row: int) -> list[Way]:
    one = problem.appointments[row]
    ways: list[Way] = [] if one.postpone_cents is None else [(one.postpone_cents, "", 0, 0)]
    for at, (begin, cost) in itertools.product(problem.doors, zip(problem.slots, problem.cost_cents[row], strict=True)):
        minutes = set(range(begin, begin + one.load_min))
        may = not one.doors or at.door_id in one.doors
        equipped = not at.equipment or one.equipment in at.equipment
        staffed = any(minutes <= set(range(shift.from_min, shift.until_min)) for shift in at.open)
        agreed = not one.windows or any(begin in range(w.from_min, w.until_min) for w in one.windows)
        in_time = one.cut_off_min is None or max(minutes) < one.cut_off_min
        if may and equipped and staffed and agreed and in_time:
            moved = one.present is not None and begin != one.present.start_min
            ways.append((cost + moved * one.move_cents, at.door_id, begin, begin + one.load_min + problem.turn_min))
    return ways


def _clash(ways: tuple[Way, ...]) -> bool:
    return any(
        one[1] and one[1] == other[1] and one[2] < other[3] and other[2] < one[3]
        for one, other in itertools.combinations(ways, 2)
    )
