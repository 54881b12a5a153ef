"""How long the two side problems take: generated sites and fleets, one worker, effort in deterministic time."""

import time

import numpy as np

from optimization.cpsat import Effort, SideCertificate
from optimization.docks.problem import Appointment, Booking, DockProblem, Door, slots_every
from optimization.docks.resequence import resequence
from optimization.spans import Span

HEAD = (
    "| problem | seconds | deterministic time | steps of HiGHS | status | cost | bound | gap |\n"
    "|---|---|---|---|---|---|---|---|"
)
EFFORT = Effort()


def busy_site(appointments: int, doors: int, seed: int = 1) -> DockProblem:
    """A site whose doors are booked for nine tenths of two shifts, and whose trucks fear lateness unequally."""
    rng = np.random.default_rng(seed)
    site = tuple(
        Door(f"D{k:02d}", (Span(360, 840), Span(840, 1320)), frozenset({"van"}) if k % 4 == 3 else frozenset())
        for k in range(doors)
    )
    usual = 0.9 * doors * 960 / appointments
    trucks = []
    for k in range(appointments):
        present = int(rng.integers(24, 84)) * 15
        trucks.append(
            Appointment(
                f"A{k:03d}",
                load_min=int(max(20, rng.normal(usual, 0.3 * usual))),
                windows=(Span(max(360, present - 240), present + 240),),
                cut_off_min=1320 if rng.random() < 0.7 else min(1320, present + 300),
                equipment="reefer" if rng.random() < 0.2 else "van",
                present=Booking(site[k % doors].door_id, present),
                move_cents=500,
                postpone_cents=60_000,
            )
        )
    slots = slots_every(Span(360, 1320), 15, trucks)
    return DockProblem(site, tuple(trucks), slots, tuple(_fears(rng, one, slots) for one in trucks), turn_min=10)


def _fears(rng: np.random.Generator, one: Appointment, slots: tuple[int, ...]) -> tuple[int, ...]:
    """Expected cost of lateness: nearly nothing before a minute of its own, then so much a minute."""
    assert one.present is not None
    slack, per_min = rng.normal(60, 90), rng.choice([20, 60, 150])
    late = np.logaddexp(0, (np.asarray(slots) - one.present.start_min - slack) / 45) * 45
    return tuple(np.rint(per_min * late).astype(int).tolist())


def _row(name: str, seconds: float, told: SideCertificate) -> str:
    cost, bound = told.objective_cents / 100, told.bound_cents / 100
    spent = f"{seconds:.1f} | {told.deterministic_time:.1f} | {told.steps:,}"
    return f"| {name} | {spent} | {told.status} | {cost:,.2f} | {bound:,.2f} | {told.gap:.2%} |"


def main() -> None:
    """Print the table."""
    print("### Side problems, generated\n")
    print(HEAD)
    for appointments, doors in ((40, 6), (200, 12)):
        begun = time.perf_counter()
        told = resequence(busy_site(appointments, doors), EFFORT).certificate
        name = f"docks, {appointments} appointments × {doors} doors"
        print(_row(name, time.perf_counter() - begun, told), flush=True)


if __name__ == "__main__":
    main()
