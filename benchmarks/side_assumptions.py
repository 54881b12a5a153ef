"""What the catalogue assumes of re-booking and of own vehicles, beside what the simulated network says (simulated)."""

import numpy as np
from numpy.typing import NDArray

from optimization.assumptions import assumed
from simulator.network.clock import HOUR
from simulator.network.params import SimulationParams
from simulator.whatif.actions import DO_NOTHING, SHIFT_CAPACITY, Action, Actions, rebook
from simulator.whatif.answer import answers
from simulator.whatif.history import History, joined, lived_through
from simulator.whatif.outcomes import Outcomes

LATE_AFTER_MIN = 30.0
AHEAD_H = 10
"""Hours before the pickup at which something is done."""
Floats = NDArray[np.float64]


def both(history: History, action: Action) -> tuple[Outcomes, Outcomes]:
    """The same loads with nothing done and with an action, both delivered, the action done."""
    loads = joined(history.finished)
    as_of = loads.ready_at - AHEAD_H * HOUR
    rows = np.flatnonzero(~loads.spot_only & (loads.released_at > 3 * 1440) & (as_of > loads.released_at))
    now, then = (
        answers(history, loads.key[rows], Actions.of([one] * len(rows)), as_of[rows]) for one in (DO_NOTHING, action)
    )
    kept = np.flatnonzero(then.done & now.delivered & then.delivered)
    return now[kept], then[kept]


def lateness(delay_min: Floats) -> float:
    """Mean minutes beyond the limit."""
    return float(np.maximum(delay_min - LATE_AFTER_MIN, 0.0).mean())


def rebooked(history: History, hours: int) -> str:
    """One row: loads whose pickup was moved and whose carrier stayed."""
    now, then = both(history, rebook(hours))
    moved = then.loads.ready_at - now.loads.ready_at
    same = np.flatnonzero((moved != 0) & (now.loads.carrier == then.loads.carrier))
    before, after, by = now.delay_min[same], then.delay_min[same], moved[same]
    told = lateness(before + assumed("rebook_passed_on") * by)
    late = " | ".join(f"{minutes:.1f}" for minutes in (lateness(before), lateness(after), told))
    return f"| {hours:+d} h | {len(same):,} | {by.mean():+.0f} | {late} |"


def shifted(history: History, seed: int) -> str:
    """One row: what of the delay of late loads an own vehicle takes away."""
    now, then = both(history, SHIFT_CAPACITY)
    late = now.delay_min > LATE_AFTER_MIN
    share = 1 - np.maximum(then.delay_min[late], 0.0).mean() / now.delay_min[late].mean()
    told, then_late = assumed("own_vehicle_removed"), then.delay_min > LATE_AFTER_MIN
    return f"| {seed} | {len(late):,} | {late.mean():.1%} | {then_late.mean():.1%} | {share:.0%} | {told:.0%} |"


def main() -> None:
    """Print both tables."""
    history = lived_through(SimulationParams(shipments=6_000, days=200, seed=11))
    print("### Pickups re-booked, simulated, seed 11: mean minutes late beyond 30\n")
    print("| asked for | loads | moved by, min | nothing done | re-booked | as assumed |\n|---|---|---|---|---|---|")
    for hours in (-6, -4, -2, -1, 1, 2, 4):
        print(rebooked(history, hours), flush=True)
    print("\n### Own vehicles, simulated\n")
    print(
        "| seed | loads | late | late with one | delay of late loads removed | as assumed |\n|---|---|---|---|---|---|"
    )
    for seed in (11, 12):
        again = history if seed == 11 else lived_through(SimulationParams(shipments=6_000, days=200, seed=seed))
        print(shifted(again, seed), flush=True)


if __name__ == "__main__":
    main()
