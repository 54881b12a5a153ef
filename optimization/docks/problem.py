"""The docks of a site as data: doors with their shifts, appointments with what each start would cost.

Minutes count from an origin of the caller's choice (midnight, say). Money is integer cents.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import BadProblem
from optimization.cpsat import LARGEST_COST
from optimization.spans import Span


@dataclass(frozen=True)
class Door:
    """A door.

    Attributes
    ----------
    open
        Shifts in which it is staffed; a load is finished within the one it begins in.
    equipment
        What it can serve; empty = anything.
    """

    door_id: str
    open: tuple[Span, ...]
    equipment: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Booking:
    """A door and the minute at which loading (or unloading) begins."""

    door_id: str
    start_min: int


@dataclass(frozen=True)
class Appointment:
    """A truck to be loaded or unloaded.

    Attributes
    ----------
    load_min
        Minutes at the door.
    windows
        Spans in which it may begin, as agreed with carrier and customer; empty = whenever a door is open.
    cut_off_min
        Must be finished by then.
    equipment
        What the door must be able to serve.
    doors
        Only these; empty = any that fits.
    present
        The booking as it stands.
    move_cents
        Cost of beginning at another minute than the present one. Another door costs nothing.
    postpone_cents
        Cost of having no slot at all in this plan; ``None``: it must have one.
    """

    appointment_id: str
    load_min: int
    windows: tuple[Span, ...] = ()
    cut_off_min: int | None = None
    equipment: str | None = None
    doors: frozenset[str] = frozenset()
    present: Booking | None = None
    move_cents: int = 0
    postpone_cents: int | None = None


@dataclass(frozen=True)
class DockProblem:
    """A checked problem of n appointments.

    Attributes
    ----------
    slots
        Minutes at which an appointment may begin, ascending; present starts are among them.
    cost_cents
        (n, slots) expected cost of lateness if the appointment begins at the slot.
    turn_min
        Minutes between two loads at one door.

    Raises
    ------
    BadProblem
        Naming what contradicts itself.
    """

    doors: tuple[Door, ...]
    appointments: tuple[Appointment, ...]
    slots: tuple[int, ...]
    cost_cents: tuple[tuple[int, ...], ...]
    turn_min: int = 0

    def __post_init__(self) -> None:
        _refuse_twice("door", (door.door_id for door in self.doors))
        _refuse_twice("appointment", (one.appointment_id for one in self.appointments))
        self._check_slots()
        for one in self.appointments:
            self._check(one)
        if self.turn_min < 0:
            raise BadProblem(f"turn_min must be 0 or more, but is {self.turn_min}")

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the appointments, sorted."""
        return tuple(sorted(one.appointment_id for one in self.appointments))

    def _check_slots(self) -> None:
        if list(self.slots) != sorted(set(self.slots)):
            raise BadProblem("slots must ascend, each minute once")
        if len(self.cost_cents) != len(self.appointments):
            raise BadProblem(
                f"{len(self.appointments)} appointments need as many rows of costs, not {len(self.cost_cents)}"
            )
        for one, row in zip(self.appointments, self.cost_cents, strict=True):
            if len(row) != len(self.slots):
                name, slots = one.appointment_id, len(self.slots)
                raise BadProblem(f"appointment {name!r} needs a cost for each of {slots} slots, not {len(row)}")
        dearest = sum(max(map(abs, row), default=0) for row in self.cost_cents)
        if dearest + sum(one.move_cents + (one.postpone_cents or 0) for one in self.appointments) > LARGEST_COST:
            raise BadProblem("the costs of the appointments add up to more than 2^50 cents")

    def _check(self, one: Appointment) -> None:
        name, known = f"appointment {one.appointment_id!r}", {door.door_id for door in self.doors}
        if one.load_min <= 0:
            raise BadProblem(f"{name} must take 1 minute or more at a door, but takes {one.load_min}")
        if one.move_cents < 0 or (one.postpone_cents or 0) < 0:
            raise BadProblem(f"{name} has a negative cost of being moved or postponed")
        if unknown := sorted(one.doors - known):
            raise BadProblem(f"{name} asks for door {unknown[0]!r}, which the site does not have")
        if one.present and one.present.door_id not in known:
            raise BadProblem(f"{name} is booked at door {one.present.door_id!r}, which the site does not have")
        if one.present and one.present.start_min not in self.slots:
            raise BadProblem(
                f"{name} is booked for minute {one.present.start_min}, which is no slot; add it to the slots"
            )


def slots_every(span: Span, every_min: int, appointments: Iterable[Appointment] = ()) -> tuple[int, ...]:
    """Every so many minutes of a span, and each present start."""
    present = {one.present.start_min for one in appointments if one.present}
    return tuple(sorted({*range(span.from_min, span.until_min, every_min), *present}))


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadProblem(f"{what} {twice[0]!r} is there more than once")
