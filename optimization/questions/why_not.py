"""Why not that action? What it would cost more, what it lacks, and who holds that."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from domain.money import Money
from optimization.alternatives import swaps_of
from optimization.questions.answer import Answer
from optimization.questions.desk import Desk
from optimization.questions.holders import NOWHERE
from optimization.questions.taken import Taken, in_words, taken

SHOWN = 5
"""Holders named for each resource, the cheapest to move first."""
SAID = 3
"""Of these, those who are said in words."""


@dataclass(frozen=True)
class Holder:
    """A case that holds a resource, and its cheapest way of holding less.

    Attributes
    ----------
    moves_to
        The action that takes less; ``None`` where the case has none.
    frees
        Units that are free then.
    cost_cents
        What the plan's cost would change by, were nothing else moved.
    fits
        Whether that action fits the plan as it stands; where not, others would have to move in turn.
    """

    case_id: str
    action_id: str
    moves_to: str | None
    frees: int
    cost_cents: int
    fits: bool


@dataclass(frozen=True)
class Lack:
    """A resource of which too little is left.

    Attributes
    ----------
    needs, left
        Units beyond what the case itself gives back; units that are free, reservations taken off.
    price_cents
        Shadow price of a unit.
    holders
        Some that could give way, the cheapest a unit first; none of a lower bound that would be left.
    """

    resource: str
    needs: int
    left: int
    price_cents: Fraction
    holders: tuple[Holder, ...]

    def sentence(self, money: Money) -> str:
        """Who could do with less, the cheapest first, each judged alone; of a floor how far it would be missed."""
        if self.needs < 0:
            return f"{self.resource} would be {self.left - self.needs:,} below its minimum"
        ways = [
            f"{one.action_id} → {one.moves_to} frees {one.frees:,} for {money(one.cost_cents)}"
            + ("" if one.fits else ", but has no room either")
            for one in self.holders
            if one.moves_to is not None
        ]
        if not ways:
            return f"nobody else could do with less of {self.resource}"
        return f"cheapest to move from {self.resource}: {'; '.join(ways[:SAID])}"


@dataclass(frozen=True)
class TooMuch:
    """More of a resource than there is, needed by one action alone."""

    resource: str
    needs: int
    limit: int

    @property
    def words(self) -> str:
        """That no plan can have it."""
        return (
            f"it alone needs {self.needs:,} of {self.resource}, of which there are {self.limit:,}: no plan can have it"
        )


@dataclass(frozen=True)
class WhyNot(Answer):
    """An action that was not chosen.

    Attributes
    ----------
    chosen
        What the case does instead.
    difference_cents
        Direct: cost of the action − cost of the chosen one.
    opportunity_cents
        The same when both pay the prices for what they take.
    change_cents
        What the plan's cost would change by, were nothing else moved: soft rows included.
    takes
        What it would take, and at what prices.
    lacks
        What is in its way; empty where it fits.
    too_much
        What makes it impossible in any plan.
    """

    case_id: str
    action_id: str
    chosen: str
    difference_cents: int
    opportunity_cents: Fraction
    change_cents: int
    takes: tuple[Taken, ...]
    lacks: tuple[Lack, ...]
    too_much: TooMuch | None

    @property
    def fits(self) -> bool:
        """Whether it could be taken now, with all others as they are."""
        return not self.lacks

    def sentence(self, money: Money) -> str:
        """The difference, directly and at the prices, and what is in the way."""
        if self.action_id == self.chosen:
            return f"{self.action_id} is what {self.case_id} takes"
        start = f"{self.action_id} costs {money.more(self.difference_cents)} than {self.chosen}"
        if self.too_much:
            return f"{start}, but {self.too_much.words}"
        priced = f"{money.more(self.opportunity_cents)} at shadow prices"
        return f"{start}, {priced} ({in_words(self.takes, money)}), and {self._room(money)}"

    def _room(self, money: Money) -> str:
        if self.fits:
            return "it fits"
        lack = self.lacks[0]
        if lack.needs < 0:
            return f"does not fit: without {self.chosen} {lack.sentence(money)}"
        missing = f"does not fit: it needs {lack.needs:,} of {lack.resource}, of which {lack.left:,} are left"
        if not lack.holders or lack.holders[0].moves_to is None:
            return missing
        first = lack.holders[0]
        return f"{missing}; cheapest to move is {first.case_id} to {first.moves_to} for {money(first.cost_cents)}"


def why_not(desk: Desk, case_id: str, action_id: str) -> WhyNot:
    """Say why a case did not get an action, in microseconds.

    Holders are judged one by one with all others as they are; what insisting really costs is for
    :func:`~optimization.questions.overrule.overrule` to say.

    Raises
    ------
    NotThere
        If there is no such case, or it has no such action.
    """
    case = desk.names.case(case_id)
    asked, chosen = desk.candidate(case, action_id), int(desk.chosen[case])
    swap = swaps_of(desk.arrays, desk.chosen, desk.ledger.used, asked, asked + 1)
    return WhyNot(
        case_id=case_id,
        action_id=action_id,
        chosen=desk.names.action(chosen),
        difference_cents=int(desk.arrays.cost[asked]) - int(desk.arrays.cost[chosen]),
        opportunity_cents=desk.cents(desk.alternatives.opportunity[asked]),
        change_cents=int(swap.cents[0]),
        takes=taken(desk, desk.uses(asked)),
        lacks=tuple(_lack(desk, case, row, needs) for row, needs in lacking(desk, asked)),
        too_much=_too_much(desk, asked),
    )


def _too_much(desk: Desk, asked: int) -> TooMuch | None:
    """The first of the hard limits that a candidate alone would break."""
    arrays = desk.arrays
    for row, amount in desk.uses(asked):
        if arrays.hard_hi[row] and amount > arrays.hi[row]:
            return TooMuch(desk.names.row_ids[row], amount, int(arrays.hi[row]))
    return None


def lacking(desk: Desk, asked: int) -> list[tuple[int, int]]:
    """Rows that would be broken if a candidate replaced its case's chosen one, and its net need of each."""
    arrays, used = desk.arrays, desk.ledger.used
    net = dict(desk.uses(asked))
    for row, amount in desk.uses(int(desk.chosen[arrays.case[asked]])):
        net[row] = net.get(row, 0) - amount
    return [
        (row, change)
        for row, change in sorted(net.items())
        if (change > 0 and arrays.hard_hi[row] and used[row] + change > arrays.hi[row])
        or (change < 0 and arrays.hard_lo[row] and used[row] + change < arrays.lo[row])
    ]


def _lack(desk: Desk, case: int, row: int, needs: int) -> Lack:
    used = int(desk.ledger.used[row])
    left = int(desk.arrays.hi[row]) - used if needs > 0 else int(desk.arrays.lo[row]) - used
    holders = _holders(desk, case, row) if needs > 0 else ()
    return Lack(desk.names.row_ids[row], needs, left, desk.price(row), holders)


def _holders(desk: Desk, asking: int, row: int) -> tuple[Holder, ...]:
    """Those of a row that could give way, without the case that asks."""
    holders = desk.holders
    all_of = holders.of(row)
    places = (at for at in range(all_of.start, all_of.stop) if holders.case[at] != asking)
    return tuple(_holder(desk, at) for at in islice(places, SHOWN))


def _holder(desk: Desk, at: int) -> Holder:
    holders, case = desk.holders, int(desk.holders.case[at])
    way = int(holders.candidate[at])
    return Holder(
        case_id=desk.names.case_ids[case],
        action_id=desk.names.action(int(desk.chosen[case])),
        moves_to=None if way == NOWHERE else desk.names.action(way),
        frees=0 if way == NOWHERE else int(holders.freed[at]),
        cost_cents=0 if way == NOWHERE else int(holders.cents[at]),
        fits=bool(holders.fits[at]) and way != NOWHERE,
    )
