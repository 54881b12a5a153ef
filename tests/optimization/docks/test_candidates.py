"""A new sequence in the joint plan: every choice fits the doors, and the best of all subsets is found."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from optimization.docks.candidates import offer, to_extra
from optimization.docks.problem import Appointment, Booking, DockProblem
from optimization.docks.resequence import resequence
from optimization.joining import extended
from optimization.problem import Problem, build_problem
from optimization.solve import solve
from optimization.verify import verify
from tests.optimization.docks.sites import door, random_site

HANDLING = 3


def booked_site(seed: int) -> DockProblem:
    """A site whose present bookings fit (they were the best once), and whose costs are others today."""
    once = random_site(seed, doors=2, appointments=4)
    rng = np.random.default_rng(seed)
    plan = resequence(once)
    today = tuple(replace(one, present=plan.bookings[one.appointment_id]) for one in once.appointments)
    cost = tuple(tuple(int(c) for c in rng.integers(0, 200, len(once.slots))) for _ in today)
    return replace(once, appointments=today, cost_cents=cost)


def joint_of(problem: DockProblem) -> Problem:
    """Each appointment a case: do nothing, or tell the customer for 20, which saves a fifth."""
    rows = []
    for row, one in enumerate(problem.appointments):
        now = _cost(problem, row, one.present)
        rows += [(one.appointment_id, f"{one.appointment_id}/do_nothing", now)]
        rows += [(one.appointment_id, f"{one.appointment_id}/notify", now * 4 // 5 + 20)]
    return build_problem(pd.DataFrame(rows, columns=["case_id", "action_id", "cost_cents"]))


def _cost(problem: DockProblem, row: int, at: Booking | None) -> int:
    one = problem.appointments[row]
    return (one.postpone_cents or 0) if at is None else problem.cost_cents[row][problem.slots.index(at.start_min)]


def can_stand(problem: DockProblem, bookings: list[tuple[Appointment, Booking | None]]) -> bool:
    """Whether some way of dealing out doors has no two loads at one door at once."""
    served = [(one, at) for one, at in bookings if at is not None]
    every = [[d.door_id for d in problem.doors if _alike(problem, d.door_id, at.door_id)] for _, at in served]
    return any(
        not any(
            first == second
            and a[1].start_min < b[1].start_min + b[0].load_min + problem.turn_min
            and b[1].start_min < a[1].start_min + a[0].load_min + problem.turn_min
            for (first, a), (second, b) in itertools.combinations(zip(doors, served, strict=True), 2)
        )
        for doors in itertools.product(*every)
    )


def _alike(problem: DockProblem, one: str, other: str) -> bool:
    """Doors of a site here differ by hours, by equipment, or because somebody asks for the first."""
    doors = {door.door_id: door for door in problem.doors}
    named = any(appointment.doors for appointment in problem.appointments)
    vans = {appointment.equipment for appointment in problem.appointments} == {"van"}
    same = doors[one].open == doors[other].open and (vans or doors[one].equipment == doors[other].equipment)
    return one == other or (same and not named)


@pytest.mark.parametrize("seed", range(40))
def test_the_joint_plan_is_the_best_of_every_subset(seed: int) -> None:
    """Brute force: move any of those the sequence moves, if doors can be dealt out; the rest as is cheapest."""
    problem = booked_site(seed)
    plan, joint = resequence(problem), joint_of(problem)
    made = offer(problem, plan, "X")
    extra = to_extra(joint, made, {name: name for name in problem.names}, HANDLING)
    both = extended(joint, [extra])
    solution = solve(both)
    verify(both, solution)
    moved = {one.appointment_id: one for one in made.rebookings}
    stays = joint.candidates.groupby("case_id")["cost_cents"].min().to_dict()
    best = []
    for chosen in itertools.product([False, True], repeat=len(moved)):
        goes = {name for name, is_chosen in zip(moved, chosen, strict=True) if is_chosen}
        bookings = [
            (one, plan.bookings[one.appointment_id] if one.appointment_id in goes else one.present)
            for one in problem.appointments
        ]
        if can_stand(problem, bookings):
            cost = sum(moved[name].cost_cents + HANDLING for name in goes)
            best.append(cost + sum(cents for name, cents in stays.items() if name not in goes))
    assert min(best) == solution.objective
    assert solution.objective <= sum(stays.values())


def test_a_place_that_one_leaves_is_anothers() -> None:
    """One door, two trucks that change places: neither can move alone, both can."""
    slow = Appointment("slow", 30, present=Booking("D1", 0))
    dear = Appointment("dear", 30, present=Booking("D1", 30))
    problem = DockProblem((door("D1", (0, 60)),), (slow, dear), (0, 30), ((0, 10), (0, 500)))
    joint = joint_of(problem)
    extra = to_extra(joint, offer(problem, resequence(problem), "X"), {"slow": "slow", "dear": "dear"}, HANDLING)
    solution = solve(extended(joint, [extra]))
    assert dict(solution.choice) == {"dear": "dear/rebook_dock:0", "slow": "slow/rebook_dock:30"}
    assert solution.objective == 10 + 2 * HANDLING


def test_doors_that_are_too_full_already_get_no_fuller() -> None:
    """Three trucks at one minute of one door stay as they are if nobody moves; the room is what they take."""
    trucks = tuple(Appointment(f"A{k}", 30, present=Booking("D1", 0)) for k in range(3))
    problem = DockProblem((door("D1", (0, 90)),), trucks, (0, 30, 60), ((0, 1, 2),) * 3)
    made = offer(problem, resequence(problem), "X")
    assert made.room["dock:X:D1@0"] == 2
    assert sorted(one.new.start_min for one in made.rebookings if one.new) == [30, 60]
