"""How a number changes: set, scaled, or added to."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from optimization.scenarios.change import expect
from optimization.scenarios.exact import plain


@dataclass(frozen=True)
class Amount:
    """One of three ways to change a number of 0 or more.

    Attributes
    ----------
    set
        The new number.
    scale
        Factor; 0.5 leaves half.
    add
        What comes to it; below 0 takes away, and less than nothing is nothing.
    """

    set: Decimal | None = None
    scale: Decimal | None = None
    add: Decimal | None = None

    def __post_init__(self) -> None:
        expect(self.count <= 1, "the amount", "one of set, scale and add", "several of them")
        for key in ("set", "scale"):
            value = getattr(self, key)
            expect(value is None or value >= 0, key, "0 or more", value)

    @property
    def count(self) -> int:
        """How many of the three are given."""
        return sum(one is not None for one in (self.set, self.scale, self.add))

    @property
    def text(self) -> str:
        """The change in words."""
        if self.set is not None:
            return f"set to {plain(self.set)}"
        return f"× {plain(self.scale)}" if self.scale is not None else f"{self.add:+f}"

    def of(self, before: int, unit: int = 1) -> int:
        """The number after it, rounded down; ``set`` and ``add`` count in units of ``unit``."""
        if self.set is not None:
            return floor(Fraction(self.set) * unit)
        if self.scale is not None:
            return floor(Fraction(self.scale) * before)
        return max(0, floor(before + Fraction(self.add or 0) * unit))


def need_one(amount: Amount) -> None:
    """Refuse an amount that says nothing."""
    expect(amount.count == 1, "the amount", "one of set, scale and add", "none of them")
