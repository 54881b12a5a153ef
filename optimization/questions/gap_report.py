"""Where the distance between cost and bound comes from: an identity, exact to the last part of a cent.

    cost − L(p) = Σ_c (reduced cost of what was chosen − the lowest of the case)
                + Σ_r p_r (bound_r − used_r) + penalty_r

with the bound that the price belongs to. The first sum is what cases regret, the second what is paid
for and not used: no term is below 0. What refinement proved beyond the prices, bound − L(p), closes
a part of it.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from domain.money import Money
from optimization.arrays import Ints
from optimization.problem_checks import exact_sum
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk

LARGEST = 10
"""Cases and resources named."""


@dataclass(frozen=True)
class CaseGap:
    """A case that did not get what is cheapest for it at the prices."""

    case_id: str
    action_id: str
    regret_cents: Fraction


@dataclass(frozen=True)
class RowGap:
    """A resource that has a price and is not used up, or whose soft bound is broken at more than its price.

    Attributes
    ----------
    bound
        The bound that its price belongs to; ``None`` where it has no price.
    unused_cents
        Price × (bound − used): below 0 of a soft bound that is broken.
    penalty_cents
        What breaking soft bounds costs; both together are never below 0.
    """

    resource: str
    used: int
    bound: int | None
    price_cents: Fraction
    unused_cents: Fraction
    penalty_cents: int

    @property
    def gap_cents(self) -> Fraction:
        """Its part of the distance."""
        return self.unused_cents + self.penalty_cents


@dataclass(frozen=True)
class GapReport(Answer):
    """A plan's distance from its bound, taken apart.

    Attributes
    ----------
    cost_cents, bound_cents
        What the plan costs, and what none costs less than.
    priced_cents
        L(p): what the prices alone prove.
    regret_cents, unused_cents, penalty_cents
        ``cost_cents − priced_cents = regret_cents + unused_cents + penalty_cents``, exactly.
    closed_cents
        bound − L(p), what was proven beyond the prices.
    open_cents
        cost − bound, what nobody knows.
    cases, resources
        How many have a part in it; ``largest_cases`` and ``largest_resources`` name some.
    """

    cost_cents: int
    bound_cents: int
    priced_cents: Fraction
    regret_cents: Fraction
    unused_cents: Fraction
    penalty_cents: int
    closed_cents: Fraction
    open_cents: int
    cases: int
    resources: int
    largest_cases: tuple[CaseGap, ...]
    largest_resources: tuple[RowGap, ...]

    def sentence(self, money: Money) -> str:
        """The parts of the distance."""
        if self.cost_cents == self.priced_cents:
            return "the plan costs exactly what the shadow prices prove: there is no better one"
        return (
            f"the plan costs {money(self.cost_cents - self.priced_cents)} more than the shadow prices prove: "
            f"{money(self.regret_cents)} is regretted by {counted(self.cases, 'case')}, "
            f"{money(self.unused_cents + self.penalty_cents)} lies in {counted(self.resources, 'resource')} paid for "
            f"but not used, or beyond a soft bound; {money(self.closed_cents)} of it is proven to be unavoidable, "
            f"{money(self.open_cents)} is open"
        )


def gap_report(desk: Desk, largest: int = LARGEST) -> GapReport:
    """Take the distance between cost and bound apart, naming the ``largest`` parts."""
    priced, chosen = desk.priced, desk.chosen
    regret = priced.reduced[chosen] - priced.lowest
    unused, penalty = unused_values(desk)
    rows = np.flatnonzero((unused != 0) | (penalty != 0))
    return GapReport(
        cost_cents=desk.solution.objective,
        bound_cents=desk.bound,
        priced_cents=priced.value,
        regret_cents=desk.cents(exact_sum(regret)),
        unused_cents=desk.cents(sum(unused.tolist())),
        penalty_cents=exact_sum(penalty),
        closed_cents=desk.bound - priced.value,
        open_cents=desk.solution.objective - desk.bound,
        cases=int(np.count_nonzero(regret)),
        resources=len(rows),
        largest_cases=tuple(_case(desk, int(case)) for case in _largest(regret, largest)),
        largest_resources=_largest_rows(desk, rows.tolist(), unused, penalty, largest),
    )


def unused_values(desk: Desk) -> tuple[npt.NDArray[np.object_], Ints]:
    """(R,) price × (bound − used) in 1/scale cents, as Python integers; (R,) penalties in cents."""
    arrays, used, price = desk.arrays, desk.used, desk.priced.price
    short = np.where(arrays.under > 0, np.maximum(arrays.lo - used, 0), 0)
    beyond = np.where(arrays.over > 0, np.maximum(used - arrays.hi, 0), 0)
    unused = np.zeros(arrays.rows, object)
    bound = np.where(price > 0, arrays.hi, arrays.lo)
    for row in np.flatnonzero(price).tolist():
        unused[row] = int(price[row]) * int(bound[row] - used[row])
    return unused, arrays.under * short + arrays.over * beyond


def _largest(values: Ints, count: int) -> list[int]:
    """Places of the largest, above 0, the first of equals first."""
    order = np.argsort(-values, kind="stable")[:count]
    found: list[int] = order[values[order] > 0].tolist()
    return found


def _case(desk: Desk, case: int) -> CaseGap:
    chosen = int(desk.chosen[case])
    return CaseGap(desk.names.case_ids[case], desk.names.action(chosen), desk.regret(chosen))


def _largest_rows(
    desk: Desk, rows: list[int], unused: npt.NDArray[np.object_], penalty: Ints, count: int
) -> tuple[RowGap, ...]:
    found = [_row(desk, row, unused[row], int(penalty[row])) for row in rows]
    return tuple(sorted(found, key=lambda one: (-one.gap_cents, one.resource))[:count])


def _row(desk: Desk, row: int, unused: int, penalty: int) -> RowGap:
    price = int(desk.priced.price[row])
    bound = None if not price else int(desk.arrays.hi[row] if price > 0 else desk.arrays.lo[row])
    return RowGap(desk.names.row_ids[row], int(desk.used[row]), bound, desk.price(row), desk.cents(unused), penalty)
