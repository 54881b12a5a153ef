"""A site of which only hours are known, each turning so many loads, as a dock problem: one door a load and hour."""

import numpy as np
import numpy.typing as npt

from optimization.docks.problem import Appointment, Booking, DockProblem, Door
from optimization.spans import Span

Ints = npt.NDArray[np.int64]


def to_problem(
    begins: Ints,
    ends: Ints,
    amount: npt.NDArray[np.float64],
    booked: Ints,
    present: Ints,
    may: npt.NDArray[np.bool_],
    cost_cents: Ints,
    move_cents: int,
) -> DockProblem:
    """Build the problem of k shipments that may be moved between H hours.

    Parameters
    ----------
    begins, ends
        (H,) minutes, ascending.
    amount, booked
        (H,) loads that the docks turn, and that are booked, those of the k shipments included.
    present
        (k,) hour of each.
    may
        (k, H) hours it may have, the present one among them.
    cost_cents
        (k, H).
    """
    own = np.bincount(present, minlength=len(begins))
    turned = np.maximum(np.floor(amount).astype(np.int64) - (booked - own), own)
    hours = [Span(int(begin), int(end)) for begin, end in zip(begins, ends, strict=True)]
    doors = tuple(
        Door(f"turn{k}", tuple(hour for hour, most in zip(hours, turned, strict=True) if most > k))
        for k in range(int(turned.max()))
    )
    places = np.zeros(len(begins), np.int64)
    appointments = []
    for k, hour in enumerate(present.tolist()):
        appointments.append(
            Appointment(
                f"{k}",
                load_min=min(span.minutes for span in hours),
                windows=tuple(span for span, is_free in zip(hours, may[k], strict=True) if is_free),
                present=Booking(f"turn{places[hour]}", int(begins[hour])),
                move_cents=move_cents,
            )
        )
        places[hour] += 1
    return DockProblem(
        doors, tuple(appointments), tuple(begins.tolist()), tuple(tuple(row) for row in cost_cents.tolist())
    )
