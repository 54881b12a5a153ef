"""Reservations: what quoted cases were promised on top of a plan, so that nothing is promised twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock

import numpy as np

from domain.errors import NoRoom
from optimization.arrays import Arrays, Ints
from optimization.questions.names import Names


@dataclass(frozen=True)
class Reservation:
    """Units that are held until they are released.

    Attributes
    ----------
    number
        Unique at the desk.
    name
        What they are held for.
    uses
        resource_id and amount, each above 0.
    """

    number: int
    name: str
    uses: tuple[tuple[str, int], ...]


class Ledger:
    """What a plan and the reservations on top of it take; several threads may reserve at once.

    Attributes
    ----------
    used
        (R,) units taken at present, to be read only.
    """

    def __init__(self, arrays: Arrays, names: Names, used: Ints) -> None:
        self.used = used.copy()
        self._most = np.where(arrays.hard_hi, arrays.hi, 2**63 - 1)
        self._names = names
        self._lock = Lock()
        self._numbers = count(1)
        self._open: dict[int, Reservation] = {}

    def reserve(self, name: str, uses: Sequence[tuple[str, int]]) -> Reservation:
        """Hold all units, or none.

        Raises
        ------
        NoRoom
            If a hard upper bound leaves too little of a resource; the message says which and how much.
        """
        rows = [(self._names.row(resource), amount) for resource, amount in uses]
        with self._lock:
            for row, amount in rows:
                self._check(name, row, amount)
            for row, amount in rows:
                self.used[row] += amount
            held = Reservation(next(self._numbers), name, tuple(uses))
            self._open[held.number] = held
        return held

    def release(self, reservation: Reservation) -> None:
        """Give all units back; a second time changes nothing."""
        with self._lock:
            if self._open.pop(reservation.number, None) is None:
                return
            for resource, amount in reservation.uses:
                self.used[self._names.row(resource)] -= amount

    @property
    def open(self) -> tuple[Reservation, ...]:
        """Reservations that are held, the oldest first."""
        with self._lock:
            return tuple(self._open.values())

    def _check(self, name: str, row: int, amount: int) -> None:
        left = int(self._most[row]) - int(self.used[row])
        if amount > left:
            raise NoRoom(
                f"{name} needs {amount:,} of {self._names.row_ids[row]}, of which {max(0, left):,} are left; "
                "ask for another quote, or make a new plan"
            )
