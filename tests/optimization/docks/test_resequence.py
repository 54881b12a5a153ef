"""Dock re-sequencing against a brute force, its own verifier, and inputs that contradict themselves."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadProblem, PlanRejected
from optimization.cpsat import Budget, SideCertificate, Status
from optimization.docks.problem import Appointment, Booking, DockProblem, slots_every
from optimization.docks.resequence import resequence
from optimization.docks.solution import DockPlan
from optimization.docks.verify import verify_docks
from optimization.spans import Span
from tests.optimization.docks.sites import brute_force, door, random_site


def site(*trucks: Appointment, every: int = 30, cost: int = 1, **more: object) -> DockProblem:
    """One door open for two hours; every minute of waiting costs so many cents."""
    slots = slots_every(Span(0, 120), every, trucks)
    return DockProblem(
        (door("D1", (0, 120)),), trucks, slots, tuple(tuple(s * cost for s in slots) for _ in trucks), **more
    )  # type: ignore[arg-type]


def truck(name: str, load_min: int = 30, **more: object) -> Appointment:
    return Appointment(name, load_min, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(50))
def test_no_sequence_is_cheaper(seed: int) -> None:
    """The proven optimum is the brute force's, or both find none."""
    problem = random_site(seed, postponable=seed % 2 == 0)
    best = brute_force(problem)
    if best is None:
        with pytest.raises(BadProblem, match="cannot"):
            resequence(problem)
        return
    certificate = resequence(problem).certificate
    assert (best, best, Status.OPTIMAL) == (certificate.objective_cents, certificate.bound_cents, certificate.status)


@pytest.mark.parametrize("seed", [*range(20), 259])
def test_large_costs_are_proven_to_the_cent(seed: int) -> None:
    """Costs of some 10^11 cents, no two alike: seed 259 once had a bound a cent above its cost."""
    plain, rng = random_site(seed, postponable=seed % 2 == 0), np.random.default_rng(seed)

    def dear(cents: int) -> int:
        return cents and cents * 1_988_465_300 + int(rng.integers(0, 600_000_000))

    trucks = tuple(
        replace(one, move_cents=dear(one.move_cents), postpone_cents=one.postpone_cents and dear(one.postpone_cents))
        for one in plain.appointments
    )
    problem = replace(plain, cost_cents=tuple(tuple(map(dear, row)) for row in plain.cost_cents), appointments=trucks)
    best = brute_force(problem)
    if best is not None:
        certificate = resequence(problem).certificate
        assert (best, best) == (certificate.objective_cents, certificate.bound_cents)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), doors=st.integers(1, 4), appointments=st.integers(1, 10))
def test_every_sequence_passes_the_verifier(seed: int, doors: int, appointments: int) -> None:
    """Larger sites, where nobody can enumerate: verified, and no bound above the cost."""
    plan = resequence(random_site(seed, doors, appointments))
    assert plan.certificate.gap >= 0


def test_the_same_site_gives_the_same_bytes() -> None:
    problem = random_site(7, doors=3, appointments=12)
    first, second = (json.dumps(resequence(problem).document()) for _ in range(2))
    assert first == second


def test_the_dearer_truck_goes_first() -> None:
    """Two trucks booked the wrong way round change places, which costs two moves."""
    slow = truck("slow", present=Booking("D1", 0), move_cents=5)
    dear = truck("dear", present=Booking("D1", 30), move_cents=5)
    problem = DockProblem((door("D1", (0, 60)),), (slow, dear), (0, 30), ((0, 10), (0, 100)))
    plan = resequence(problem)
    assert plan.certificate.objective_cents == 10 + 5 + 5
    assert {name: at and at.start_min for name, at in plan.bookings.items()} == {"dear": 0, "slow": 30}
    assert set(plan.moved(problem)) == {"dear", "slow"}


def test_a_load_does_not_run_over_the_end_of_a_shift() -> None:
    """60 minutes do not fit into the 45 before the break: the load begins after it, at 60."""
    problem = DockProblem((door("D1", (0, 45), (60, 150)),), (truck("A", 60),), (0, 30, 60), ((0, 30, 60),))
    assert resequence(problem).bookings["A"] == Booking("D1", 60)


def test_a_door_turns_before_the_next_load() -> None:
    """Two loads of 30 minutes with 10 to turn: the second begins at the first slot from 40 on."""
    plan = resequence(site(truck("A"), truck("B"), every=10, turn_min=10))
    assert sorted(at.start_min for at in plan.bookings.values() if at) == [0, 40]


def test_who_may_be_postponed_is_when_it_is_cheaper() -> None:
    plan = resequence(site(truck("A", 120), truck("B", 120, postpone_cents=7)))
    assert plan.bookings["B"] is None
    assert plan.certificate.objective_cents == 7


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Span(5, 5), "a span must end after it begins"),
        (lambda: site(truck("A"), truck("A")), "appointment 'A' is there more than once"),
        (lambda: site(truck("A", 0)), "must take 1 minute or more at a door, but takes 0"),
        (lambda: site(truck("A", doors=frozenset({"D9"}))), "asks for door 'D9', which the site does not have"),
        (lambda: site(truck("A", present=Booking("D9", 0))), "booked at door 'D9'"),
        (lambda: replace(site(truck("A")), slots=(60, 0)), "slots must ascend"),
        (
            lambda: replace(site(truck("A", present=Booking("D1", 10))), slots=(0, 1, 2, 3, 4)),
            "minute 10, which is no slot",
        ),
        (lambda: replace(site(truck("A")), cost_cents=((1, 2),)), "needs a cost for each of 4 slots, not 2"),
        (lambda: replace(site(truck("A")), cost_cents=()), "1 appointments need as many rows of costs, not 0"),
        (lambda: site(truck("A", move_cents=-1)), "negative cost"),
        (lambda: site(truck("A"), cost=2**50), "more than 2^50 cents"),
        (lambda: site(truck("A"), turn_min=-1), "turn_min must be 0 or more"),
        (lambda: Budget(0.0), "effort must be above 0"),
    ],
)
def test_a_site_that_contradicts_itself_is_refused(made: object, said: str) -> None:
    with pytest.raises(BadProblem, match=re.escape(said)):
        made()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (site(truck("A", 130)), "'A' cannot have a slot: no door that fits is open for 130 min"),
        (site(truck("A", windows=(Span(200, 300),))), "no slot lies in its windows"),
        (
            site(truck("A", cut_off_min=20)),
            "with 30 min at the door none of its slots ends by its cut-off at minute 20",
        ),
        (
            DockProblem(
                (door("D1", (0, 60), equipment=frozenset({"van"})),), (truck("A", equipment="reefer"),), (0,), ((0,),)
            ),
            "no door takes 'reefer'",
        ),
        (site(truck("A", 100), truck("B", 100)), "1 of 2 are left over"),
    ],
)
def test_what_cannot_be_met_is_named(problem: DockProblem, said: str) -> None:
    with pytest.raises(BadProblem, match=re.escape(said)):
        resequence(problem)


def test_too_little_effort_is_said() -> None:
    """A site of 30 trucks without present bookings within next to nothing."""
    trucks = [truck(f"A{k}", 60) for k in range(30)]
    slots = tuple(range(0, 900, 15))
    big = DockProblem(tuple(door(f"D{k}", (0, 960)) for k in range(2)), tuple(trucks), slots, (slots,) * 30)
    with pytest.raises(BadProblem, match="allow more effort"):
        resequence(big, Budget(1e-9, steps=0))


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_the_second_solver_proves_what_the_first_could_not(seed: int) -> None:
    """With next to no time for CP-SAT the optimum is the same, found and proven by the joint plan's solver."""
    problem = random_site(seed)
    certificate = resequence(problem, Budget(1e-9)).certificate
    assert brute_force(problem) == certificate.objective_cents == certificate.bound_cents


@pytest.mark.parametrize(
    ("bookings", "cents", "said"),
    [
        ({"A": Booking("D1", 0)}, 0, "other appointments"),
        ({"A": Booking("D1", 0), "B": None}, 0, "must have one"),
        ({"A": Booking("D9", 0), "B": Booking("D1", 30)}, 30, "does not have"),
        ({"A": Booking("D1", 0), "B": Booking("D1", 31)}, 31, "no slot"),
        ({"A": Booking("D1", 0), "B": Booking("D1", 0)}, 0, "holds 'A' until minute 30"),
        ({"A": Booking("D1", 0), "B": Booking("D1", 30)}, 29, "states 29 cents but costs 30"),
        ({"A": Booking("D1", 0), "B": Booking("D1", 60)}, 60, "outside its windows"),
    ],
)
def test_the_verifier_finds_what_is_wrong(bookings: dict[str, Booking | None], cents: int, said: str) -> None:
    problem = site(truck("A"), truck("B", windows=(Span(0, 60),)))
    plan = DockPlan(bookings, SideCertificate(cents, 0))
    with pytest.raises(PlanRejected, match=said):
        verify_docks(problem, plan)


def test_a_bound_above_the_cost_is_refused() -> None:
    plan = DockPlan({"A": Booking("D1", 0)}, SideCertificate(0, 1))
    with pytest.raises(PlanRejected, match="bound of 1 cents lies above"):
        verify_docks(site(truck("A")), plan)
