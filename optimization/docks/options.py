"""Where and when each appointment could be: doors that are alike taken together, starts that every rule admits."""

from collections import defaultdict
from dataclasses import dataclass

from domain.errors import BadProblem
from optimization.docks.problem import Appointment, DockProblem, Door


@dataclass(frozen=True)
class DoorClass:
    """Doors that are open at the same times and can serve the same appointments; any of them will do."""

    doors: tuple[Door, ...]
    serves: frozenset[str]

    @property
    def name(self) -> str:
        """The first door's id."""
        return self.doors[0].door_id


@dataclass(frozen=True)
class Start:
    """An appointment begins at a slot at a door of a class: positions of the three, and what it costs."""

    appointment: int
    door_class: int
    slot: int
    cost_cents: int


@dataclass(frozen=True, eq=False)
class Options:
    """The classes of doors and every admissible start, in the order of (appointment, class, slot)."""

    classes: tuple[DoorClass, ...]
    starts: tuple[Start, ...]


def find_options(problem: DockProblem) -> Options:
    """Find every start that the rules on a single appointment admit.

    Raises
    ------
    BadProblem
        If an appointment that must have a slot has no admissible start, with the rule that leaves none.
    """
    classes = _classes(problem)
    starts = [
        Start(row, group, slot, _cost(problem, row, slot))
        for row, one in enumerate(problem.appointments)
        for group, alike in enumerate(classes)
        if one.appointment_id in alike.serves
        for slot in _admissible(problem, one, alike.doors[0])
    ]
    served = {start.appointment for start in starts}
    for row, one in enumerate(problem.appointments):
        if row not in served and one.postpone_cents is None:
            raise BadProblem(f"appointment {one.appointment_id!r} cannot have a slot: {_why_none(problem, one)}")
    return Options(classes, tuple(starts))


def fits(door: Door, one: Appointment) -> bool:
    """Whether a door can serve an appointment at all."""
    equipped = not door.equipment or one.equipment is None or one.equipment in door.equipment
    return equipped and (not one.doors or door.door_id in one.doors)


def _classes(problem: DockProblem) -> tuple[DoorClass, ...]:
    alike: dict[tuple[object, ...], list[Door]] = defaultdict(list)
    for door in problem.doors:
        serves = frozenset(one.appointment_id for one in problem.appointments if fits(door, one))
        alike[tuple(sorted(door.open)), serves].append(door)
    return tuple(DoorClass(tuple(doors), key[1]) for key, doors in alike.items())  # type: ignore[arg-type]


def _admissible(problem: DockProblem, one: Appointment, door: Door) -> list[int]:
    return [
        slot
        for slot, start in enumerate(problem.slots)
        if in_window(one, start)
        and in_time(one, start)
        and any(shift.holds(start, start + one.load_min) for shift in door.open)
    ]


def in_window(one: Appointment, start: int) -> bool:
    """Whether an appointment may begin at a minute."""
    return not one.windows or any(window.holds(start, start + 1) for window in one.windows)


def in_time(one: Appointment, start: int) -> bool:
    """Whether it is finished by its cut-off."""
    return one.cut_off_min is None or start + one.load_min <= one.cut_off_min


def _cost(problem: DockProblem, row: int, slot: int) -> int:
    one = problem.appointments[row]
    moved = one.present is not None and one.present.start_min != problem.slots[slot]
    return problem.cost_cents[row][slot] + (one.move_cents if moved else 0)


def _why_none(problem: DockProblem, one: Appointment) -> str:
    doors = [door for door in problem.doors if fits(door, one)]
    if not doors:
        return f"no door takes {one.equipment!r}" + (f" among {', '.join(sorted(one.doors))}" if one.doors else "")
    starts = [start for start in problem.slots if in_window(one, start)]
    if not starts:
        return "no slot lies in its windows"
    if not any(in_time(one, start) for start in starts):
        return f"with {one.load_min} min at the door none of its slots ends by its cut-off at minute {one.cut_off_min}"
    return f"no door that fits is open for {one.load_min} min from one of its slots on"
