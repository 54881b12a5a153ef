"""A sequence of the docks: who is where and when, and its certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimization.cpsat import SideCertificate
from optimization.docks.problem import Booking, DockProblem


@dataclass(frozen=True)
class DockPlan:
    """A booking for each appointment, ordered by id; ``None``: postponed."""

    bookings: Mapping[str, Booking | None]
    certificate: SideCertificate

    def moved(self, problem: DockProblem) -> tuple[str, ...]:
        """Appointments that begin at another minute than they do at present."""
        return tuple(
            one.appointment_id
            for one in problem.appointments
            if one.present and (new := self.bookings[one.appointment_id]) and new.start_min != one.present.start_min
        )

    def document(self) -> dict[str, Any]:
        """Return the plan as plain values; the same for the same problem on every run."""
        certificate = self.certificate
        return {
            "bookings": {
                name: None if at is None else [at.door_id, at.start_min] for name, at in self.bookings.items()
            },
            "objective_cents": certificate.objective_cents,
            "bound_cents": certificate.bound_cents,
            "status": certificate.status.value,
            "deterministic_time": certificate.deterministic_time,
            "steps": certificate.steps,
        }
