"""Figures of scenarios in words, for the terminal and for the page."""

from dataclasses import dataclass

from decisions.what_if import WhatIf
from optimization.scenarios.outcome import AtRisk, Binding, Played

CENTS = "cents"


@dataclass(frozen=True)
class Words:
    """How the figures of one answer are said."""

    answer: WhatIf

    @property
    def currency(self) -> str:
        """Of the plan; a problem folder counts cents of it knows not what."""
        data = self.answer.asked.data
        return CENTS if data is None else data.currency

    def money(self, cents: int) -> str:
        """Money without its currency."""
        return f"{cents:,}" if self.currency == CENTS else f"{cents / 100:,.2f}"

    def signed(self, cents: int) -> str:
        """The same with its sign, where it is not 0."""
        return ("+" if cents > 0 else "") + self.money(cents)

    def late(self, one: Played) -> str:
        """Expected late cases; empty where nothing tells them."""
        return "" if one.service.expected_late is None else f"{one.service.expected_late:,.1f}"

    def failure(self, one: Played) -> str:
        """Expected cost of failure; empty where nothing tells it."""
        return "" if one.service.failure_cents is None else self.money(one.service.failure_cents)

    def used(self, one: Binding) -> str:
        """How much of a resource is used, of how much there is or has to be used."""
        unit = self.answer.asked.units.get(one.resource_id, "")
        floored = one.price_cents < 0 or one.hi is None
        bound = one.lo if floored else one.hi
        shown = self._amount(one.used, unit)
        if bound is not None:
            shown += f"{', at least' if floored else ' of'} {self._amount(bound, unit)}"
        return f"{shown} {self.currency if unit == CENTS else unit}".rstrip()

    def worth(self, one: Binding) -> str:
        """The shadow price; of a floor what it costs to meet it."""
        if not one.price_cents:
            return "nothing is left, and nothing lacks"
        unit = self.answer.asked.units.get(one.resource_id, "")
        # Of a budget a unit is a cent: its price is money for money.
        price = abs(one.price_cents) / (1 if unit == CENTS or self.currency == CENTS else 100)
        return f"shadow price {price:,.2f} {self.currency} for 1 {self.currency if unit == CENTS else unit or 'unit'}"

    def risk(self, one: AtRisk) -> str:
        """What is at risk in a case."""
        if self.answer.asked.data is None:
            return f"costs {self.money(one.risk_cents)}"
        late = "" if one.p_late is None else f", P(late) {one.p_late:.0%}"
        return f"expected failure {self.money(one.risk_cents)}{late}"

    def fallback(self, one: AtRisk) -> str:
        """What could be done instead."""
        if one.fallback is None or one.fallback_more_cents is None:
            return "nothing else fits"
        return f"{one.fallback} ({self.signed(one.fallback_more_cents)})"

    def _amount(self, value: int, unit: str) -> str:
        return f"{value / 100:,.2f}" if unit == CENTS and self.currency != CENTS else f"{value:,}"
