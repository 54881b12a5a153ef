"""Why this action? Its cost, what it takes from others and at what prices, and what else the case could do."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from domain.money import Money
from optimization.alternatives import FITS, swaps_of
from optimization.questions.answer import Answer
from optimization.questions.desk import Desk
from optimization.questions.taken import NOTHING, Taken, in_words, taken


@dataclass(frozen=True)
class Alternative:
    """Another action of the case.

    Attributes
    ----------
    opportunity_cents
        What it costs more than the chosen one when both pay the prices for what they take.
    change_cents
        What the plan's cost would change by, were nothing else moved.
    fits
        Whether it could be taken now, with all others, and what quotes reserved, as they are.
    blocked_by
        What is in the way of that.
    impossible
        Whether no plan at all has it, because it alone needs more of something than there is.
    """

    action_id: str
    cost_cents: int
    opportunity_cents: Fraction
    change_cents: int
    fits: bool
    blocked_by: str | None
    impossible: bool


@dataclass(frozen=True)
class Explained(Answer):
    """A case's action, explained.

    Attributes
    ----------
    cost_cents
        Of the action alone.
    takes
        Its shared resources, the dearest part first.
    priced_cents
        Cost + prices of what it takes: its reduced cost.
    regret_cents
        How far that lies above the least of the case; what this case adds to the distance between cost and bound.
    cheapest
        The action that has the least.
    alternatives
        All other actions, the smallest opportunity cost first.
    """

    case_id: str
    action_id: str
    cost_cents: int
    takes: tuple[Taken, ...]
    priced_cents: Fraction
    regret_cents: Fraction
    cheapest: str
    alternatives: tuple[Alternative, ...]

    def sentence(self, money: Money) -> str:
        """Cost, price of what it takes, and how it stands among the others."""
        pays = f"{money(self.priced_cents - self.cost_cents)} at shadow prices ({in_words(self.takes, money)})"
        scarce = any(one.price_cents for one in self.takes)
        used = f"{self.case_id} takes {self.action_id} for {money(self.cost_cents)} and {pays if scarce else NOTHING}"
        if round(self.regret_cents) <= 0:
            return f"{used}; at these prices none of its {self._others()} is cheaper"
        return f"{used}; at these prices {self.cheapest} would be {money(self.regret_cents)} cheaper{self._but(money)}"

    def _others(self) -> str:
        """How many there are to choose from; those that no plan can have are told apart."""
        impossible = sum(one.impossible for one in self.alternatives)
        possible = f"{len(self.alternatives) - impossible} other actions"
        return possible + (f" (of {impossible} more there is not enough in any plan)" if impossible else "")

    def _but(self, money: Money) -> str:
        """Why the cheapest at the prices was not chosen: no room, or what is left would be of no use to others."""
        other = next(one for one in self.alternatives if one.action_id == self.cheapest)
        if other.blocked_by:
            return f", but {other.blocked_by} does not allow it"
        return f", but were nothing else moved the plan would cost {money(other.change_cents)} more"


def explain(desk: Desk, case_id: str) -> Explained:
    """Say why a case got its action, in microseconds.

    Raises
    ------
    NotThere
        If there is no such case.
    """
    case = desk.names.case(case_id)
    chosen = int(desk.chosen[case])
    own = desk.of_case(case)
    possible = np.where(desk.impossible[own.start : own.stop], 2**62, desk.priced.reduced[own.start : own.stop])
    return Explained(
        case_id=case_id,
        action_id=desk.names.action(chosen),
        cost_cents=int(desk.arrays.cost[chosen]),
        takes=taken(desk, desk.uses(chosen)),
        priced_cents=desk.cents(desk.priced.reduced[chosen]),
        regret_cents=desk.regret(chosen),
        cheapest=desk.names.action(own.start + int(possible.argmin())),
        alternatives=tuple(one for one in ranked(desk, case) if one.action_id != desk.names.action(chosen)),
    )


def ranked(desk: Desk, case: int) -> tuple[Alternative, ...]:
    """All actions of a case by opportunity cost, the chosen one included; what is reserved has no room."""
    own, arrays = desk.of_case(case), desk.arrays
    swaps = swaps_of(arrays, desk.chosen, desk.ledger.used, own.start, own.stop)
    order = desk.alternatives.ranked[own.start : own.stop].tolist()
    return tuple(
        Alternative(
            action_id=desk.names.action(place),
            cost_cents=int(arrays.cost[place]),
            opportunity_cents=desk.cents(desk.alternatives.opportunity[place]),
            change_cents=int(swaps.cents[place - own.start]),
            fits=(row := int(swaps.blocked[place - own.start])) == FITS,
            blocked_by=None if row == FITS else desk.names.row_ids[row],
            impossible=bool(desk.impossible[place]),
        )
        for place in order
    )
