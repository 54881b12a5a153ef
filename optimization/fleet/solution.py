"""A plan of the fleet: what each unit does in each shift, and its certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimization.cpsat import SideCertificate


@dataclass(frozen=True)
class Step:
    """What a unit does from a shift on: stay, work, move or ride; ``to_site_id`` is where it is then."""

    kind: str
    shift: int
    site_id: str
    to_site_id: str


@dataclass(frozen=True)
class Served:
    """Vehicles at work at a site in a shift."""

    site_id: str
    shift: int
    vehicles: int


@dataclass(frozen=True)
class FleetPlan:
    """What each unit does, by unit_id, in the order of time; who serves where; what it costs."""

    itineraries: Mapping[str, tuple[Step, ...]]
    served: tuple[Served, ...]
    certificate: SideCertificate

    @property
    def moves(self) -> tuple[tuple[str, Step], ...]:
        """Units that change their site, with the step in which they do."""
        return tuple(
            (unit, step) for unit, steps in self.itineraries.items() for step in steps if step.kind in ("move", "ride")
        )

    def document(self) -> dict[str, Any]:
        """Return the plan as plain values; the same for the same problem on every run."""
        certificate = self.certificate
        return {
            "itineraries": {
                unit: [[step.kind, step.shift, step.site_id, step.to_site_id] for step in steps]
                for unit, steps in self.itineraries.items()
            },
            "served": [[one.site_id, one.shift, one.vehicles] for one in self.served],
            "objective_cents": certificate.objective_cents,
            "bound_cents": certificate.bound_cents,
            "status": certificate.status.value,
            "deterministic_time": certificate.deterministic_time,
        }
