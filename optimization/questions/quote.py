"""What would one new case cost, now? Answered from the stored prices, in time that grows with its actions only.

The price of an action is its cost and, at shadow prices, what it takes from those who are planned and
those who may still come (bid prices: Talluri & van Ryzin 1998). Until the next plan, what was promised
is reserved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from domain.errors import BadProblem
from domain.money import Money
from optimization.questions.answer import Answer
from optimization.questions.desk import Desk
from optimization.questions.ledger import Reservation
from optimization.questions.taken import Taken, in_words, taken


@dataclass(frozen=True)
class NewAction:
    """An action of a case that the plan does not know.

    Attributes
    ----------
    cost_cents
        Its cost alone.
    uses
        resource_id → amount, 0 or more.
    """

    action_id: str
    cost_cents: int
    uses: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource, amount in self.uses.items():
            if amount < 0:
                raise BadProblem(f"{self.action_id} uses {amount} of {resource!r}; an amount must be 0 or more")


@dataclass(frozen=True)
class Offer:
    """An action at its price.

    Attributes
    ----------
    takes
        What it would take, and at what prices.
    priced_cents
        Cost + prices of what it takes.
    change_cents
        What the plan's cost would grow by, were nothing moved: cost and penalties of soft rows.
    fits
        Whether all it takes is there now, reservations taken off.
    blocked_by
        What is in the way of that.
    """

    action_id: str
    cost_cents: int
    takes: tuple[Taken, ...]
    priced_cents: Fraction
    change_cents: int
    fits: bool
    blocked_by: str | None


@dataclass(frozen=True)
class Quote(Answer):
    """A new case's actions at their prices.

    Attributes
    ----------
    offers
        The cheapest at the prices first.
    least_cents
        Certified: by the prices, the best plan with the case costs no less than this.
    """

    offers: tuple[Offer, ...]
    least_cents: int

    @property
    def best(self) -> Offer | None:
        """The cheapest at the prices of those that fit; ``None`` where none does."""
        return next((offer for offer in self.offers if offer.fits), None)

    def sentence(self, money: Money) -> str:
        """The best action that fits, and what it takes."""
        best = self.best
        if best is None:
            blocked = ", ".join(sorted({offer.blocked_by for offer in self.offers if offer.blocked_by}))
            return f"none of the {len(self.offers)} actions fits now: {blocked} has no room"
        return (
            f"{best.action_id} at {money(best.priced_cents)}: {money(best.cost_cents)} itself, "
            f"and what it takes from others at shadow prices ({in_words(best.takes, money)})"
        )


def quote(desk: Desk, actions: Sequence[NewAction]) -> Quote:
    """Price the actions of one new case.

    Raises
    ------
    BadProblem
        If there are none, an id is there twice, or an amount is negative.
    NotThere
        If a resource is unknown.
    """
    ids = [action.action_id for action in actions]
    if not ids or len(set(ids)) < len(ids):
        raise BadProblem(f"a case to be quoted needs actions with different ids, but has {ids}")
    offers = sorted((_offer(desk, action) for action in actions), key=lambda one: (one.priced_cents, one.action_id))
    return Quote(tuple(offers), ceil(desk.priced.value + offers[0].priced_cents))


def reserve(desk: Desk, offer: Offer) -> Reservation:
    """Hold what an offer takes, all of it or nothing; several threads may ask at once.

    Raises
    ------
    NoRoom
        If others were quicker.
    """
    return desk.ledger.reserve(offer.action_id, tuple((one.resource, one.amount) for one in offer.takes))


def _offer(desk: Desk, action: NewAction) -> Offer:
    uses = [(desk.names.row(resource), amount) for resource, amount in action.uses.items() if amount]
    takes = taken(desk, uses)
    change, blocked = _room(desk, uses)
    return Offer(
        action_id=action.action_id,
        cost_cents=action.cost_cents,
        takes=takes,
        priced_cents=action.cost_cents + sum((one.value_cents for one in takes), Fraction(0)),
        change_cents=action.cost_cents + change,
        fits=blocked is None,
        blocked_by=blocked,
    )


def _room(desk: Desk, uses: list[tuple[int, int]]) -> tuple[int, str | None]:
    """What taking all of it changes of penalties, and a resource that has no room for it."""
    arrays, change, blocked = desk.arrays, 0, None
    for row, amount in uses:
        now, lo, hi = int(desk.ledger.used[row]), int(arrays.lo[row]), int(arrays.hi[row])
        change += int(arrays.under[row]) * (max(0, lo - now - amount) - max(0, lo - now))
        change += int(arrays.over[row]) * (max(0, now + amount - hi) - max(0, now - hi))
        if arrays.hard_hi[row] and now + amount > hi:
            blocked = desk.names.row_ids[row]
    return change, blocked
