"""What binds? The dearest resources, and the price of one unit more and of one less of each."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from domain.money import Money
from optimization.arrays import Arrays, Ints
from optimization.questions.answer import Answer
from optimization.questions.desk import Desk
from optimization.questions.marginal import Demand, best_value, demand_of
from optimization.questions.nearby import NOTHING, Revised, best_known, choose, nearest

DEAREST = 10
"""Resources told about."""


@dataclass(frozen=True)
class Step:
    """A limit moved by some units.

    Attributes
    ----------
    limit
        The new limit.
    price_cents
        Cents a unit that the prices' bound falls (a looser limit) or rises (a tighter one): an estimate of what the
        plan gains or loses.
    at_least_cents
        Certified: no plan under the new limit costs less; ``None`` if it is proven that there is none.
    at_most_cents
        Cost of a plan under it, found by moving cases nearby and summed up again; ``None`` where none was found.
    """

    limit: int
    price_cents: Fraction
    at_least_cents: int | None
    at_most_cents: int | None


@dataclass(frozen=True)
class Scarce:
    """A resource with a price.

    Attributes
    ----------
    side
        ``hi``: more of it is wanted than there is; ``lo``: a floor is hard to reach.
    limit, used
        That bound, and what the plan uses.
    price_cents
        Shadow price of a unit: below 0 of a floor. One of many that are right.
    rent_cents
        |price| × limit: what its scarcity comes to in this plan.
    looser, tighter
        One unit more of an upper limit, or a floor one lower, and the opposite; ``None`` where the
        limit would contradict the other one or be negative.
    known_cents
        Cost of the best plan known under the limit as it is: the desk's, or one that moves cases nearby.
    """

    resource: str
    side: str
    limit: int
    used: int
    price_cents: Fraction
    rent_cents: Fraction
    looser: Step | None
    tighter: Step | None
    known_cents: int

    def words(self, money: Money) -> str:
        """``one unit more of dock is worth about 12.00 EUR, one less costs about 14.00 EUR``."""
        more, less = f"one unit more of {self.resource}", "one less"
        if self.side == "lo":
            more, less = f"one unit less to reach of {self.resource}", "one more"
        worth = [] if self.looser is None else [f"{more} is worth about {money(self.looser.price_cents)}"]
        costs = [] if self.tighter is None else [f"{less} costs about {money(self.tighter.price_cents)}"]
        return ", ".join(worth + costs) or f"{self.resource} is at {money(self.price_cents)} a unit"


@dataclass(frozen=True)
class Binding(Answer):
    """The dearest resources.

    Attributes
    ----------
    scarce
        How many resources have a price.
    dearest
        Those whose scarcity comes to most.
    """

    scarce: int
    dearest: tuple[Scarce, ...]

    def sentence(self, money: Money) -> str:
        """How many are scarce, and the dearest."""
        if not self.dearest:
            return "nothing is scarce: every case has what is cheapest for it"
        scarce = "1 resource is" if self.scarce == 1 else f"{self.scarce:,} resources are"
        return f"{scarce} scarce; of the dearest, {self.dearest[0].words(money)}"


def binding(desk: Desk, count: int = DEAREST, units: int = 1) -> Binding:
    """Tell about the dearest resources.

    *Certified* is ``at_least_cents`` of either side: a price of this resource is looked for again under
    the new limit, all other prices kept, and proves its bound whatever it is. ``at_most_cents`` is the
    cost of a plan that is there. *Estimated* are the prices: marginal values of the prices' bound.
    Where that bound is the plan's cost they are certain too: one unit more then saves no more than its
    price, and one less costs no less than its own.

    Parameters
    ----------
    units
        By how much limits are moved; prices are a unit all the same.
    """
    arrays, price = desk.arrays, desk.priced.price
    rows = np.flatnonzero(price[: len(desk.names.rows)])
    limit = np.where(price > 0, arrays.hi, arrays.lo)
    rents = {row: abs(int(price[row]) * int(limit[row])) for row in rows.tolist()}
    dearest = sorted(rents, key=lambda row: (-rents[row], row))[:count]
    return Binding(len(rows), tuple(_scarce(desk, row, rents[row], units) for row in dearest))


def _scarce(desk: Desk, row: int, rent: int, units: int) -> Scarce:
    arrays, upper = desk.arrays, bool(desk.priced.price[row] > 0)
    limit = int(arrays.hi[row] if upper else arrays.lo[row])
    demand, cases = demand_of(desk, row), nearest(desk, [row])
    now = best_value(desk, demand, int(arrays.lo[row]), int(arrays.hi[row]))
    assert now is not None, "the desk's own plan meets the limits"
    looser, tighter = (_revised(desk, row, limit + step if upper else limit - step, cases) for step in (units, -units))
    known = best_known(desk, cases, Revised(None, None) if tighter is None else tighter[1])[1]
    return Scarce(
        resource=desk.names.row_ids[row],
        side="hi" if upper else "lo",
        limit=limit,
        used=int(desk.used[row]),
        price_cents=desk.price(row),
        rent_cents=desk.cents(rent),
        looser=None if looser is None else _step(desk, demand, now, *looser, NOTHING, units),
        tighter=None if tighter is None else _step(desk, demand, now, *tighter, desk.bound, units),
        known_cents=known,
    )


def _revised(desk: Desk, row: int, limit: int, cases: Ints) -> tuple[Arrays, Revised] | None:
    """The problem with a limit moved, and a plan for it; ``None`` where the limit makes no sense."""
    arrays, upper = desk.arrays, bool(desk.priced.price[row] > 0)
    if limit < 0 or (limit < arrays.lo[row] if upper else limit > arrays.hi[row]):
        return None
    bounds = (arrays.hi if upper else arrays.lo).copy()
    bounds[row] = limit
    other = arrays._replace(hi=bounds) if upper else arrays._replace(lo=bounds)
    return other, choose(desk, other, cases)


def _step(desk: Desk, demand: Demand, now: Fraction, arrays: Arrays, revised: Revised, floor: int, units: int) -> Step:
    """A limit moved; ``floor`` is a bound that holds for other reasons."""
    row, upper = demand.row, bool(desk.priced.price[demand.row] > 0)
    then = best_value(desk, demand, int(arrays.lo[row]), int(arrays.hi[row]))
    return Step(
        limit=int(arrays.hi[row] if upper else arrays.lo[row]),
        price_cents=Fraction(0) if then is None else abs(then - now) / units,
        at_least_cents=None if then is None or revised.impossible else max(ceil(then), floor, revised.bound),
        at_most_cents=revised.cost,
    )
