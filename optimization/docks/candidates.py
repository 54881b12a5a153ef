"""What a new sequence offers the joint plan: for each shipment that moves, a candidate ``rebook_dock``.

Doors are gross: a shipment that stays takes the door it has, one that is re-booked takes the new one instead. So a
place that one leaves can be another's, and every choice of the joint plan, not only "all as the sequence says", fits
the doors. Amounts are never negative, and what is no candidate is taken off the room (docs/decisions/0029).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from optimization.dock_hours import REBOOK_DOCK
from optimization.docks.options import Options, find_options
from optimization.docks.problem import Appointment, Booking, DockProblem
from optimization.docks.solution import DockPlan
from optimization.joining import Extra
from optimization.problem import Problem


@dataclass(frozen=True)
class Rebooking:
    """An appointment that the sequence moves.

    Attributes
    ----------
    now, new
        Its booking; ``None``: it has none.
    cost_cents
        Expected cost of lateness at the new slot and of the move, or of being postponed.
    uses_now, uses_new
        Rows of doors at moments that each booking takes one of.
    """

    appointment_id: str
    now: Booking | None
    new: Booking | None
    cost_cents: int
    uses_now: frozenset[str]
    uses_new: frozenset[str]


@dataclass(frozen=True)
class DockOffer:
    """Everything that a sequence moves, and the room that is left to it: resource_id → doors."""

    rebookings: tuple[Rebooking, ...]
    room: Mapping[str, int]


def offer(problem: DockProblem, plan: DockPlan, site_id: str) -> DockOffer:
    """Say what a plan moves and what the doors of a site then have room for."""
    doors = _Rows(problem, plan, find_options(problem), site_id)
    moved = [one for one in problem.appointments if _changes(one, plan.bookings[one.appointment_id])]
    rebookings = tuple(_rebooking(problem, plan, doors, one) for one in moved)
    names = {one.appointment_id for one in moved}
    stay = Counter(
        row for one in problem.appointments if one.appointment_id not in names for row in doors.taken(one, one.present)
    )
    present = Counter(row for one in rebookings for row in one.uses_now)
    # Where the present bookings are too many already, none may be added to them.
    return DockOffer(rebookings, {row: max(most - stay[row], present[row]) for row, most in doors.most.items()})


def to_extra(joint: Problem, made: DockOffer, case_of: Mapping[str, str], handling_cents: int) -> Extra:
    """Build the candidates for the cases of a joint problem.

    Parameters
    ----------
    case_of
        appointment_id → case_id, for every appointment that the sequence moves.
    handling_cents
        Of a person's work on one re-booking.
    """
    actions: dict[str, list[str]] = defaultdict(list)
    for case, action in joint.candidates[["case_id", "action_id"]].itertuples(index=False):
        actions[case].append(action)
    candidates, uses = [], []
    for one in made.rebookings:
        case = case_of[one.appointment_id]
        action = f"{case}/{REBOOK_DOCK}:{'postponed' if one.new is None else one.new.start_min}"
        candidates.append((case, action, one.cost_cents + handling_cents))
        uses += [(action, row, 1) for row in sorted(one.uses_new)]
        uses += [(other, row, 1) for other in actions[case] for row in sorted(one.uses_now)]
    return Extra(tuple(candidates), tuple(uses), made.room)


def _changes(one: Appointment, new: Booking | None) -> bool:
    now = one.present
    return (now and now.start_min) != (new and new.start_min)


def _rebooking(problem: DockProblem, plan: DockPlan, doors: "_Rows", one: Appointment) -> Rebooking:
    new = plan.bookings[one.appointment_id]
    cost = one.postpone_cents or 0
    if new is not None:
        row, slot = problem.appointments.index(one), problem.slots.index(new.start_min)
        cost = problem.cost_cents[row][slot] + (one.move_cents if one.present else 0)
    return Rebooking(
        one.appointment_id,
        one.present,
        new,
        cost,
        frozenset(doors.taken(one, one.present)),
        frozenset(doors.taken(one, new)),
    )


class _Rows:
    """A row for each class of doors and moment at which a booking of it begins: ``dock:<site>:<class>@<minute>``."""

    def __init__(self, problem: DockProblem, plan: DockPlan, options: Options, site_id: str) -> None:
        self._turn, self._site = problem.turn_min, site_id
        self._class = {door.door_id: alike for alike in options.classes for door in alike.doors}
        booked = [one.present for one in problem.appointments] + list(plan.bookings.values())
        self._starts: dict[str, set[int]] = defaultdict(set)
        for at in booked:
            if at is not None:
                self._starts[self._class[at.door_id].name].add(at.start_min)
        self.most = {
            self._name(alike.name, start): len(alike.doors)
            for alike in options.classes
            for start in sorted(self._starts[alike.name])
        }

    def taken(self, one: Appointment, at: Booking | None) -> Iterator[str]:
        """Rows that a booking takes one door of."""
        if at is None:
            return
        name = self._class[at.door_id].name
        for start in sorted(self._starts[name]):
            if at.start_min <= start < at.start_min + one.load_min + self._turn:
                yield self._name(name, start)

    def _name(self, door_class: str, start: int) -> str:
        return f"dock:{self._site}:{door_class}@{start}"
