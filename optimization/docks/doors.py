"""Doors that are alike are dealt out in the order of starts: the present door where it is free, else the first."""

from collections.abc import Sequence

from optimization.docks.options import Options, Start
from optimization.docks.problem import Booking, DockProblem


def deal_out(problem: DockProblem, options: Options, chosen: Sequence[Start]) -> dict[str, Booking]:
    """Name a door for each chosen start.

    Never more than a class has doors are busy at once, so one is free whenever a load begins, whichever doors the
    earlier ones got (colouring of an interval graph).
    """
    free_from = {door.door_id: min(problem.slots, default=0) for door in problem.doors}
    booked = {}
    for one in sorted(chosen, key=lambda one: (problem.slots[one.slot], one.appointment)):
        appointment, begin = problem.appointments[one.appointment], problem.slots[one.slot]
        doors = [door.door_id for door in options.classes[one.door_class].doors]
        free = [door for door in doors if free_from[door] <= begin]
        wanted = appointment.present.door_id if appointment.present else None
        door = wanted if wanted in free else free[0]
        free_from[door] = begin + appointment.load_min + problem.turn_min
        booked[appointment.appointment_id] = Booking(door, begin)
    return booked
