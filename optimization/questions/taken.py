"""What a candidate takes of shared resources, and what that is worth at the prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from domain.money import Money
from optimization.questions.desk import Desk

NOTHING = "nothing that is scarce"


@dataclass(frozen=True)
class Taken:
    """Units of one resource.

    Attributes
    ----------
    resource
        Its id; of an exclusion, both actions.
    amount
        Units.
    price_cents
        Shadow price of a unit: below 0 where taking it helps to reach a floor.
    """

    resource: str
    amount: int
    price_cents: Fraction

    @property
    def value_cents(self) -> Fraction:
        """Price × amount."""
        return self.price_cents * self.amount

    def words(self, money: Money) -> str:
        """``3 of dock at 12.00 EUR``."""
        return f"{self.amount:,} of {self.resource} at {money(self.price_cents)}"


def taken(desk: Desk, uses: Iterable[tuple[int, int]]) -> tuple[Taken, ...]:
    """Price rows and amounts; what costs most comes first."""
    found = [Taken(desk.names.row_ids[row], amount, desk.price(row)) for row, amount in uses]
    return tuple(sorted(found, key=lambda one: (-one.value_cents, one.resource)))


def in_words(takes: tuple[Taken, ...], money: Money) -> str:
    """Those that have a price."""
    priced = [one.words(money) for one in takes if one.price_cents]
    return ", ".join(priced) or NOTHING
