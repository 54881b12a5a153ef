"""Money in words: cents as a person reads them."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Money:
    """Writes cents in a currency.

    Attributes
    ----------
    currency
        As the data set names it; empty where it is not known.
    """

    currency: str = ""

    def __call__(self, cents: int | float | Fraction) -> str:
        """Two digits and the currency: ``1,234.50 EUR``."""
        whole = round(cents)
        text = f"{abs(whole) // 100:,}.{abs(whole) % 100:02d}"
        return f"{'-' if whole < 0 else ''}{text} {self.currency}".rstrip()

    def more(self, cents: int | float | Fraction) -> str:
        """A difference: ``3.00 EUR more``, ``3.00 EUR less``."""
        return f"{self(cents)} more" if cents >= 0 else f"{self(-cents)} less"
