"""The independent verifier of dock plans: plain Python, sharing nothing with options, model or doors."""

from collections import defaultdict
from itertools import pairwise

from domain.errors import PlanRejected
from optimization.docks.problem import Appointment, Booking, DockProblem
from optimization.docks.solution import DockPlan


def verify_docks(problem: DockProblem, plan: DockPlan) -> None:
    """Recompute the cost, and check every booking against every rule.

    Raises
    ------
    PlanRejected
        Naming the appointment, or the doors' conflict, or the misstated cost.
    """
    if {one.appointment_id for one in problem.appointments} != set(plan.bookings):
        raise PlanRejected("the plan books other appointments than the problem has")
    cost = 0
    for row, one in enumerate(problem.appointments):
        booking = plan.bookings[one.appointment_id]
        if booking is None:
            cost += _postponed(one)
        else:
            _check(problem, one, booking)
            cost += _cost(problem, row, booking)
    _check_doors(problem, plan)
    certificate = plan.certificate
    if cost != certificate.objective_cents:
        raise PlanRejected(f"the dock plan states {certificate.objective_cents} cents but costs {cost}")
    if certificate.bound_cents > cost:
        raise PlanRejected(f"the bound of {certificate.bound_cents} cents lies above the cost of {cost}")


def _postponed(one: Appointment) -> int:
    if one.postpone_cents is None:
        raise PlanRejected(f"appointment {one.appointment_id!r} has no slot but must have one")
    return one.postpone_cents


def _cost(problem: DockProblem, row: int, booking: Booking) -> int:
    one = problem.appointments[row]
    lateness = dict(zip(problem.slots, problem.cost_cents[row], strict=True))[booking.start_min]
    stays = one.present is None or one.present.start_min == booking.start_min
    return lateness if stays else lateness + one.move_cents


def _check(problem: DockProblem, one: Appointment, booking: Booking) -> None:
    begin, end = booking.start_min, booking.start_min + one.load_min
    door = {door.door_id: door for door in problem.doors}.get(booking.door_id)
    broken = {
        "a door that the site does not have": door is None,
        "a minute that is no slot": begin not in set(problem.slots),
        "a door that it may not use": bool(one.doors) and booking.door_id not in one.doors,
        f"a door without {one.equipment!r}": bool(
            door and door.equipment and one.equipment is not None and one.equipment not in door.equipment
        ),
        "a door that is closed then": bool(
            door and not [shift for shift in door.open if shift.from_min <= begin and end <= shift.until_min]
        ),
        "a minute outside its windows": bool(one.windows)
        and not [window for window in one.windows if window.from_min <= begin < window.until_min],
        "a minute too late for its cut-off": one.cut_off_min is not None and end > one.cut_off_min,
    }
    for what, is_so in broken.items():
        if is_so:
            raise PlanRejected(f"appointment {one.appointment_id!r} is booked at {what}: {booking}")


def _check_doors(problem: DockProblem, plan: DockPlan) -> None:
    at_door: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for one in problem.appointments:
        booking = plan.bookings[one.appointment_id]
        if booking is not None:
            until = booking.start_min + one.load_min + problem.turn_min
            at_door[booking.door_id].append((booking.start_min, until, one.appointment_id))
    for door, loads in at_door.items():
        loads.sort()
        for (_, until, first), (begin, _, second) in pairwise(loads):
            if begin < until:
                raise PlanRejected(
                    f"door {door!r} holds {first!r} until minute {until}, but {second!r} begins at {begin}"
                )
