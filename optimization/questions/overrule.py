"""What does it cost to insist on an action? At least, at most, and who has to make way."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from domain.money import Money
from optimization.arrays import Ints
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk
from optimization.questions.moved import Moved, moved, without_needless
from optimization.questions.nearby import Revised, best_known, insist


@dataclass(frozen=True)
class Overruled(Answer):
    """A plan in which a case gets an action that a person insists on.

    Money is against the best plan known: the desk's, or one that moves a few cases nearby and is better.

    Attributes
    ----------
    at_least_cents
        Certified: no plan with the action costs less than this more. It is negative as far as
        the best plan known is not proven to be the best there is.
    at_most_cents
        What a plan with it costs more, that was found and summed up again; ``None`` where none was found.
    by_prices_cents
        An estimate: the difference at shadow prices.
    displaced
        Other cases that this plan moves.
    penalty_cents
        Change of what soft rows cost: with ``own_cents`` and the differences of ``displaced`` it makes
        up ``at_most_cents``.
    own_cents
        What the case itself pays more than in the best plan known.
    bettered_cents
        How much less than the desk's the best plan known costs.
    impossible
        Whether it is proven that no plan with the action meets all hard rows.
    """

    case_id: str
    action_id: str
    at_least_cents: int
    at_most_cents: int | None
    by_prices_cents: Fraction
    displaced: tuple[Moved, ...]
    penalty_cents: int
    own_cents: int
    bettered_cents: int
    impossible: bool

    def sentence(self, money: Money) -> str:
        """Both ends, and who has to make way."""
        start = f"to insist on {self.action_id}"
        if self.impossible:
            return f"{start} is impossible: no plan with it meets all hard limits"
        if self.at_most_cents is None:
            return f"{start}: no plan with it was found by moving cases nearby; {self._least(money)}"
        if self.at_least_cents == self.at_most_cents:
            return f"{start} costs {money(self.at_most_cents)}, which is certain; {self._who(money)}"
        about = f"about {money(self.by_prices_cents)} by shadow prices"
        return f"{start} costs at most {money(self.at_most_cents)}, {about}; {self._least(money)}; {self._who(money)}"

    def _least(self, money: Money) -> str:
        if self.at_least_cents >= 0:
            return f"it is certain to cost {money(self.at_least_cents)} at least"
        return f"all that is certain is that it saves no more than {money(-self.at_least_cents)}"

    def _who(self, money: Money) -> str:
        if not self.displaced:
            return "nobody else has to move"
        first = self.displaced[0]
        also = f" and {counted(len(self.displaced) - 1, 'other case')}" if len(self.displaced) > 1 else ""
        return f"{first.case_id} moves to {first.after} ({money(first.difference_cents)}){also}"


def overrule(desk: Desk, case_id: str, action_id: str) -> Overruled:
    """Say what insisting on an action costs.

    Certified is ``at_least_cents``: by the prices (L(p) + the action's regret), by the desk's bound, and by
    the solver's own where the problem is small enough to be chosen anew as a whole. ``at_most_cents`` is
    the cost of a plan that is there to be used.

    Raises
    ------
    NotThere
        If there is no such case, or it has no such action.
    """
    case = desk.names.case(case_id)
    asked = desk.candidate(case, action_id)
    if asked == desk.chosen[case]:
        return _told(desk, asked, desk.chosen, desk.chosen, desk.solution.objective, Revised(None, None))
    if desk.impossible[asked]:
        revised = Revised(None, None, impossible=True)
        return _told(desk, asked, desk.chosen, None, desk.solution.objective, revised)
    cases, revised = insist(desk, asked)
    known, cost = best_known(desk, cases, revised)
    after = None if revised.chosen is None else without_needless(desk.arrays, known, revised.chosen, case)
    return _told(desk, asked, known, after, cost, revised)


def _told(desk: Desk, asked: int, known: Ints, after: Ints | None, cost: int, revised: Revised) -> Overruled:
    """The two plans side by side; ``cost`` is that of the one known."""
    case = int(desk.arrays.case[asked])
    moves = () if after is None else moved(desk, known, after)
    at_most = None if after is None else desk.arrays.objective(after) - cost
    least = max(desk.bound, ceil(desk.priced.value + desk.regret(asked)), revised.bound)
    own = int(desk.arrays.cost[asked] - desk.arrays.cost[known[case]])
    displaced = tuple(one for one in moves if one.case_id != desk.names.case_ids[case])
    return Overruled(
        case_id=desk.names.case_ids[case],
        action_id=desk.names.action(asked),
        at_least_cents=least - cost,
        at_most_cents=at_most,
        by_prices_cents=desk.cents(desk.alternatives.opportunity[asked]),
        displaced=displaced,
        penalty_cents=0 if at_most is None else at_most - own - sum(one.difference_cents for one in displaced),
        own_cents=own,
        bettered_cents=desk.solution.objective - cost,
        impossible=revised.impossible,
    )
