"""How long the two side problems take: generated sites and fleets, one worker, effort in deterministic time."""

import time

import numpy as np

from optimization.cpsat import Budget, SideCertificate
from optimization.docks.problem import Appointment, Booking, DockProblem, Door, slots_every
from optimization.docks.resequence import resequence
from optimization.fleet.problem import Demand, Driver, FleetProblem, Site, Vehicle
from optimization.fleet.shift_fleet import shift_fleet
from optimization.spans import Span

HEAD = (
    "| problem | CPU s | deterministic time | steps of HiGHS | status | cost | bound | gap |\n"
    "|---|---|---|---|---|---|---|---|"
)
EFFORT = Budget()


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


def wide_fleet(sites: int, shifts: int, vehicles: int, drivers: int | None, seed: int = 1) -> FleetProblem:
    """Sites within a day's drive, shifts of 8 hours around the clock, vehicles where demand is not."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 900, (sites, 2))
    km = np.hypot(*(place[:, None] - place[None, :]).transpose(2, 0, 1)) * 1.2
    drive, money = (tuple(tuple(int(v) for v in row) for row in km * by) for by in (60 / 80, 140.0))
    names = [f"S{k:02d}" for k in range(sites)]
    regions = {name: str(rng.choice(["east", "west"])) for name in names}
    homes = rng.choice(names[: sites // 2 + 2], vehicles)
    licence = [frozenset({regions[str(home)]}) if rng.random() < 0.2 else frozenset[str]() for home in homes]
    return FleetProblem(
        tuple(Site(name, regions[name]) for name in names),
        tuple(Span(480 * k, 480 * (k + 1)) for k in range(shifts)),
        drive,
        money,
        tuple(
            Vehicle(f"V{k:02d}", str(home), regions=licence[k], maintenance=_workshop(rng))
            if drivers is not None
            else Vehicle(f"V{k:02d}", str(home), max_moves=shifts)
            for k, home in enumerate(homes)
        ),
        tuple(
            Demand(name, k, tuple(sorted(rng.integers(5_000, 90_000, rng.integers(2, 8)).tolist(), reverse=True)))
            for name in names
            for k in range(shifts)
        ),
        None if drivers is None else tuple(Driver(f"D{k:03d}", str(rng.choice(names))) for k in range(drivers)),
        None if drivers is None else tuple(tuple(value // 5 for value in row) for row in money),
    )


def _workshop(rng: np.random.Generator) -> tuple[Span, ...]:
    begin = int(rng.integers(0, 2_400))
    return (Span(begin, begin + 240),) if rng.random() < 0.1 else ()


def _row(name: str, seconds: float, told: SideCertificate) -> str:
    cost, bound = told.objective_cents / 100, told.bound_cents / 100
    spent = f"{seconds:.1f} | {told.deterministic_time:.1f} | {told.steps:,}"
    return f"| {name} | {spent} | {told.status} | {cost:,.2f} | {bound:,.2f} | {told.gap:.2%} |"


def main() -> None:
    """Print the table."""
    print("### Side problems, generated\n")
    print(HEAD)
    for appointments, doors in ((40, 6), (200, 12)):
        begun = time.process_time()
        told = resequence(busy_site(appointments, doors), EFFORT).certificate
        name = f"docks, {appointments} appointments × {doors} doors"
        print(_row(name, time.process_time() - begun, told), flush=True)
    for drivers in (None, 90):
        begun = time.process_time()
        told = shift_fleet(wide_fleet(12, 6, 60, drivers), EFFORT).certificate
        crew = "a min-cost flow" if drivers is None else f"{drivers} drivers"
        name = f"fleet, 12 sites × 6 shifts × 60 vehicles, {crew}"
        print(_row(name, time.process_time() - begun, told), flush=True)


if __name__ == "__main__":
    main()
