"""A site of which only hours are known, each turning so many loads, as a dock problem: one door a load and hour."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimization.docks.problem import Appointment, Booking, DockProblem, Door
from optimization.spans import Span

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SiteHours:
    """H hours of a site, and k shipments that may be moved between them.

    Attributes
    ----------
    begins, ends
        (H,) minutes, ascending.
    amount, booked
        (H,) loads that the docks turn, and that are booked, those of the k shipments included.
    present
        (k,) hour of each shipment.
    may
        (k, H) hours it may have, the present one among them.
    cost_cents
        (k, H) expected cost of lateness.
    move_cents
        Cost of moving one.
    """

    begins: Ints
    ends: Ints
    amount: npt.NDArray[np.float64]
    booked: Ints
    present: Ints
    may: npt.NDArray[np.bool_]
    cost_cents: Ints
    move_cents: int

    def to_problem(self) -> DockProblem:
        """Build the problem; the appointments are named by their position."""
        hours = [Span(int(begin), int(end)) for begin, end in zip(self.begins, self.ends, strict=True)]
        slots = tuple(self.begins.tolist())
        costs = tuple(tuple(row) for row in self.cost_cents.tolist())
        return DockProblem(self._doors(hours), self._appointments(hours), slots, costs)

    def _doors(self, hours: list[Span]) -> tuple[Door, ...]:
        """As many doors in an hour as it has room for these shipments; never fewer than they hold now."""
        own = np.bincount(self.present, minlength=len(hours))
        room = np.maximum(np.floor(self.amount).astype(np.int64) - (self.booked - own), own)
        return tuple(
            Door(f"turn{k}", tuple(hour for hour, most in zip(hours, room, strict=True) if most > k))
            for k in range(int(room.max()))
        )

    def _appointments(self, hours: list[Span]) -> tuple[Appointment, ...]:
        turn, taken, made = min(hour.minutes for hour in hours), np.zeros(len(hours), np.int64), []
        for k, hour in enumerate(self.present.tolist()):
            windows = tuple(span for span, is_free in zip(hours, self.may[k], strict=True) if is_free)
            present = Booking(f"turn{taken[hour]}", hours[hour].from_min)
            made.append(Appointment(f"{k}", turn, windows, present=present, move_cents=self.move_cents))
            taken[hour] += 1
        return tuple(made)
