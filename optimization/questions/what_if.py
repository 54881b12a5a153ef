"""What if there were more, or less? A certified bound at once.

By the prices alone, L(p, b + Δb) = L(p, b) − Σ p Δb: a limit that a price belongs to moves the bound by its
price a unit, other limits not at all. A price above 0 belongs to the upper limit, one below 0 to the
lower one. Two things besides are seen to: a candidate that was impossible becomes possible under a higher limit and may
lower its case's least; and where a limit is taken away, its price must go to 0, so all who pay it are looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np

from domain.money import Money
from optimization.arrays import NONE, Arrays
from optimization.joint.bound import priced
from optimization.joint.presolve import impossible_ones, too_large_uses
from optimization.questions.answer import Answer, counted
from optimization.questions.desk import Desk, possible_only
from optimization.questions.limits import Limits, changed_arrays, rows_of


@dataclass(frozen=True)
class Broken:
    """A hard limit that the present plan would not meet."""

    resource: str
    used: int
    limit: int


@dataclass(frozen=True)
class WhatIf(Answer):
    """What is known at once of other limits.

    Attributes
    ----------
    changes
        As asked.
    bound_cents
        Certified: no plan under them costs less.
    by_prices_cents
        How much the prices' own bound moves: an estimate of what the best plan's cost moves by.
    cost_cents
        What the present plan would cost under them; ``None`` where it breaks one.
    broken
        Which, and by how much.
    """

    changes: tuple[Limits, ...]
    bound_cents: int
    by_prices_cents: Fraction
    cost_cents: int | None
    broken: tuple[Broken, ...]

    def sentence(self, money: Money) -> str:
        """The bound, and whether the plan still holds."""
        sign = "dearer" if self.by_prices_cents >= 0 else "cheaper"
        start = (
            f"with {counted(len(self.changes), 'limit')} changed no plan costs less than {money(self.bound_cents)}, "
            f"and the best one is about {money(abs(self.by_prices_cents))} {sign} by shadow prices"
        )
        if self.cost_cents is not None:
            return f"{start}; the present plan still holds, for {money(self.cost_cents)}"
        first = self.broken[0]
        where = f"{first.resource} is used {first.used:,} times and its limit would be {first.limit:,}"
        also = f", and {counted(len(self.broken) - 1, 'other limit')}" if len(self.broken) > 1 else ""
        return f"{start}; the present plan no longer holds: {where}{also}"


def what_if(desk: Desk, changes: Sequence[Limits]) -> WhatIf:
    """Tell a certified bound under other limits, in microseconds a change.

    It is the prices' own; where limits only become tighter it is at least the desk's bound. Penalties stay as
    they are: a limit that is new is soft where the resource has a penalty for it, else hard.

    Raises
    ------
    NotThere
        If a resource is unknown.
    BadProblem
        If one is named twice, or a lower limit lies above its upper one.
    """
    rows = rows_of(desk, changes)
    arrays, used = changed_arrays(desk, rows, changes), {row: int(desk.used[row]) for row in rows}
    value = _value(desk, arrays, rows)
    tighter = all(arrays.lo[row] >= desk.arrays.lo[row] and arrays.hi[row] <= desk.arrays.hi[row] for row in rows)
    broken = tuple(one for row in rows for one in _broken(arrays, row, used[row], desk.names.row_ids[row]))
    penalties = sum(_penalty(arrays, row, used[row]) - _penalty(desk.arrays, row, used[row]) for row in rows)
    return WhatIf(
        changes=tuple(changes),
        bound_cents=max(ceil(value), desk.bound) if tighter else ceil(value),
        by_prices_cents=value - desk.priced.value,
        cost_cents=None if broken else desk.solution.objective + penalties,
        broken=broken,
    )


def _value(desk: Desk, arrays: Arrays, rows: list[int]) -> Fraction:
    """What the prices prove under other limits, cents."""
    price = desk.priced.price
    if any(_out_of_box(arrays, row, int(price[row])) for row in rows):
        everything = priced(arrays, desk.priced.cents)
        return possible_only(arrays, everything, impossible_ones(arrays, too_large_uses(arrays))).value
    side = [(row, "hi" if price[row] > 0 else "lo") for row in rows if price[row]]
    moves = [(row, int(getattr(arrays, at)[row]) - int(getattr(desk.arrays, at)[row])) for row, at in side]
    parts = sum(int(price[row]) * change for row, change in moves)
    return desk.priced.value - desk.cents(parts + _fall(desk, arrays, rows))


def _out_of_box(arrays: Arrays, row: int, price: int) -> bool:
    """Whether a limit was taken away that a row's price belongs to."""
    return bool(price > 0 and arrays.hi[row] >= NONE) or bool(price < 0 and arrays.lo[row] <= -NONE)


def _fall(desk: Desk, arrays: Arrays, rows: list[int]) -> int:
    """By how much the least of all cases falls because candidates become possible, 1/scale cents."""
    least: dict[int, int] = {}
    for row in rows:
        if arrays.hi[row] > desk.arrays.hi[row]:
            for candidate in _once_too_large(desk, row):
                case, reduced = int(arrays.case[candidate]), int(desk.priced.reduced[candidate])
                least[case] = min(least.get(case, reduced), reduced)
    return sum(max(0, int(desk.priced.lowest[case]) - reduced) for case, reduced in least.items())


def _once_too_large(desk: Desk, row: int) -> list[int]:
    """Candidates that alone needed more of a row than there was; whether other rows stop them is not asked."""
    first, last = np.searchsorted(desk.too_large, desk.arrays.row_start[row : row + 2])
    found: list[int] = desk.arrays.row_action[desk.too_large[first:last]].tolist()
    return found


def _broken(arrays: Arrays, row: int, used: int, name: str) -> list[Broken]:
    if arrays.hard_hi[row] and used > arrays.hi[row]:
        return [Broken(name, used, int(arrays.hi[row]))]
    if arrays.hard_lo[row] and used < arrays.lo[row]:
        return [Broken(name, used, int(arrays.lo[row]))]
    return []


def _penalty(arrays: Arrays, row: int, used: int) -> int:
    """Cents for what lies outside of a row's soft limits."""
    short, beyond = max(0, int(arrays.lo[row]) - used), max(0, used - int(arrays.hi[row]))
    return int(arrays.under[row]) * short + int(arrays.over[row]) * beyond
