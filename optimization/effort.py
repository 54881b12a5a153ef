"""Effort in steps: the same on every run, so that a plan does not depend on how fast the machine is.

One step is about a millisecond: 12,000 entries of a matrix that HiGHS's nodes and simplex iterations
look through, 2,000 moves weighed, prices of 50,000 uses moved once, or 90,000 entries of rows' lists
looked at for one that fits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Watch = Callable[[int, int, int], None]
"""Told of steps spent, objective and bound whenever the search gained something."""


def nobody_watches(steps: int, objective: int, bound: int) -> None:
    """The watch that looks away."""


MOVES = 2_000
USES = 50_000
LOOKED = 90_000


@dataclass
class Effort:
    """Steps spent, and how many there are.

    Attributes
    ----------
    limit
        Steps that may be spent.
    seconds
        Wall-clock guard, looked at between steps only; a call of HiGHS that it meets is undone. ``None`` for none.
    clock
        Seconds that go on.
    """

    limit: int
    seconds: float | None = None
    clock: Callable[[], float] = time.monotonic
    spent: int = 0
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def moves(self, count: int) -> None:
        """Count moves weighed."""
        self.spent += -(-count // MOVES)

    def looks(self, count: int) -> None:
        """Count entries of rows' lists looked at."""
        self.spent += -(-count // LOOKED)

    def sweeps(self, uses: int, sweeps: int) -> None:
        """Count prices moved."""
        self.spent += -(-uses * sweeps // USES)

    def solver(self, steps: int) -> None:
        """Count HiGHS's nodes and simplex iterations."""
        self.spent += steps

    @property
    def left(self) -> int:
        """Steps that may still be spent."""
        return max(0, self.limit - self.spent)

    @property
    def seconds_left(self) -> float | None:
        """What is left of the guard's time; ``None`` without a guard."""
        return None if self.seconds is None else max(0.0, self.seconds - (self.clock() - self.began))

    @property
    def timed_out(self) -> bool:
        """Whether the guard's time is over."""
        return self.seconds_left == 0

    @property
    def over(self) -> bool:
        """Whether to stop."""
        return self.left == 0 or self.timed_out
