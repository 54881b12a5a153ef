"""A choice of one candidate for each case, and what is proven of it."""

from dataclasses import dataclass

from optimization.arrays import Ints


@dataclass(frozen=True, eq=False)
class Choice:
    """What was found.

    Attributes
    ----------
    chosen
        (C,) candidate of each case, meets every hard row; ``None`` where no such choice was found.
    bound
        In 1/scale cents, or ``None`` where nothing was proven.
    steps
        Effort, see :mod:`optimization.effort`.
    impossible
        Whether it is proven that no choice meets the hard rows.
    """

    chosen: Ints | None
    bound: int | None
    steps: int
    impossible: bool = False
