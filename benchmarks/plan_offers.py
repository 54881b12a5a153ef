"""Candidates of the simulated joint-plan problems: what each kind of action costs, and what it takes of which rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.plan_world import DAYS, FIRST_HOUR, HOURS, NONE, Ints, Loads, Rows, World, shift_of

MOST_ROWS = 7
"""Rows that one candidate uses at most."""
KINDS = ("do_nothing", "escalate", "expedite", "notify", "re_route", "rebook_dock", "retender", "shift_vehicle",
         "split_load")  # fmt: skip
"""Action kinds in the order of their names."""
Use = tuple[Ints, Ints]
"""Rows and amounts, (k,) each; an amount of 0 is no use."""


@dataclass(frozen=True, eq=False)
class Offers:
    """Candidates: k of them.

    Attributes
    ----------
    case, kind, first, second
        (k,) case, index into :data:`KINDS`, and what tells equal kinds apart (carriers, an hour; −1 for none).
    cost
        (k,) cents.
    rows, amounts
        (k, 7) rows used and how much; an amount of 0 is no use.
    """

    case: Ints
    kind: Ints
    first: Ints
    second: Ints
    cost: Ints
    rows: Ints
    amounts: Ints

    def take(self, which: Ints) -> "Offers":
        """Return some of them."""
        return Offers(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def all_offers(loads: Loads, world: World, rows: Rows, rng: np.random.Generator) -> Offers:
    """Propose everything, in the order of (case, kind, what tells apart)."""
    parts = list(Desk(loads, world, rows, rng).families())
    together = Offers(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Offers.__dataclass_fields__)
    )
    return together.take(np.lexsort((together.second, together.first, together.kind, together.case)))


@dataclass(frozen=True, eq=False)
class Desk:
    """Where actions are proposed: the loads, the network, its rows, and the dice."""

    loads: Loads
    world: World
    rows: Rows
    rng: np.random.Generator

    def families(self) -> Iterator[Offers]:
        """One family of candidates after the other."""
        everybody = np.arange(len(self.loads.lane))
        yield self._offers("do_nothing", everybody, 0 * everybody, 100, ())
        yield from (self._notify(), self._expedite(), self._re_route(), self._rebook(1, 0.65, 45))
        yield from (self._rebook(3, 0.4, 60), self._shift_vehicle(), self._escalate(), self._retender(), self._split())

    def _notify(self) -> Offers:
        """A customer who knows fines a little less."""
        who = self._some(0.85)
        return self._offers("notify", who, 0 * who + 3, 92, (self._unseen(who),))

    def _expedite(self) -> Offers:
        """Nearly safe, at the price of another transport from the unit's premium budget."""
        who = self._some(0.45)
        money = self.world.price[self.loads.lane[who]] * self.rng.choice([30, 40, 60, 90], len(who)) // 100
        budget = self.rows.one("premium_budget", self.loads.unit[who]), 100 * money
        uses = (budget, self._drivers(who), self._seen(who, 8))
        return self._offers("expedite", who, money, 6, uses)

    def _re_route(self) -> Offers:
        """Through one of the two next sites, some hours later: its dock, vehicle and driver."""
        who, loads = self._some(0.3), self.loads
        site = (loads.site[who] + self.rng.integers(1, max(2, min(3, self.world.sites)), len(who))) % self.world.sites
        hour = np.minimum(loads.hour[who] + self.rng.integers(1, 4, len(who)), HOURS - 1)
        shift = shift_of(loads.day[who], hour)
        uses = (
            (self.rows.dock(site, loads.day[who], hour), loads.size[who]),
            (self.rows.vehicles(site, shift, loads.equipment[who]), loads.size[who]),
            (self.rows.drivers(site, shift), 1 + loads.lane[who] % 2),
            self._seen(who, 6),
        )
        return self._offers("re_route", who, 60 + self.world.price[loads.lane[who]] * 12 // 100, 35, uses)

    def _rebook(self, hours: int, share: float, left_pct: int) -> Offers:
        """Another hour at the own dock; what is larger takes longer to load."""
        who, loads = self._some(share), self.loads
        hour = (loads.hour[who] + hours) % HOURS
        slot = self.rows.dock(loads.site[who], loads.day[who], hour), loads.size[who]
        return self._offers("rebook_dock", who, 0 * who + 25, left_pct, (slot, self._unseen(who)), FIRST_HOUR + hour)

    def _shift_vehicle(self) -> Offers:
        """A vehicle of the load's size class, with its drivers."""
        who = self._some(0.3)
        money = 80 + 10 * self.rng.integers(0, 8, len(who))
        uses = (self._vehicles(who, self.loads.size[who]), self._drivers(who), self._unseen(who))
        return self._offers("shift_vehicle", who, money, 22, uses)

    def _escalate(self) -> Offers:
        """10 to 30 minutes of a planner."""
        who = self._some(0.35)
        return self._offers(
            "escalate", who, 0 * who + 25, 55, (self._seen(who, 5 * self.rng.integers(2, 7, len(who))),)
        )

    def _retender(self) -> Offers:
        """To each carrier of the lane that answers: one in five a day later; half of them miss the slot they had."""
        loads, world, rows = self.loads, self.world, self.rows
        guide = world.carriers[loads.lane]
        who, place = np.nonzero((guide != NONE) & (self.rng.random(guide.shape) < 0.79))
        later = ((self.rng.random(len(who)) < 0.2) & (loads.day[who] < DAYS - 1)).astype(np.int64)
        lane, carrier, day = loads.lane[who], guide[who, place], loads.day[who] + later
        missed = loads.size[who] * np.maximum(later, self.rng.random(len(who)) < 0.25)
        extra = world.extra_pct[lane, place] * world.price[lane] // 100
        careful = (loads.tier[who] == 0) | (extra >= 150)
        uses = (
            (rows.lane_day(lane, place, day), 1 + 0 * who),
            (rows.one("commitment", carrier), loads.pallets[who]),
            (rows.dock(loads.site[who], day, (loads.hour[who] + 2) % HOURS), missed),
            self._seen(who, 3 * careful),
            (self._unseen(who)[0], 1 - careful),
        )
        return self._offers("retender", who, 15 + extra, world.left_pct[carrier] + 10 * later, uses, carrier)

    def _split(self) -> Offers:
        """Large loads over the first two carriers of the lane, half the pallets each, and a van between."""
        loads, world, rows = self.loads, self.world, self.rows
        who = self._some(0.4)
        who = who[loads.pallets[who] >= 16]
        lane, day = loads.lane[who], loads.day[who]
        one, other = world.carriers[lane, 0], world.carriers[lane, 1]
        half = loads.pallets[who] // 2
        uses = (
            *((rows.lane_day(lane, place, day), 1 + 0 * who) for place in (0, 1)),
            (rows.one("commitment", one), half),
            (rows.one("commitment", other), loads.pallets[who] - half),
            self._vehicles(who, 1 + 0 * who),
            self._seen(who, 10),
        )
        extra = (world.extra_pct[lane, :2].sum(axis=1) + 10) * world.price[lane] // 200
        return self._offers("split_load", who, 40 + extra, 18, uses, one, other)

    def _some(self, share: float) -> Ints:
        """Cases for which an action is possible."""
        return np.flatnonzero(self.rng.random(len(self.loads.lane)) < share)

    def _vehicles(self, who: Ints, size: Ints) -> Use:
        loads = self.loads
        return self.rows.vehicles(loads.site[who], loads.shift[who], loads.equipment[who]), size

    def _drivers(self, who: Ints) -> Use:
        """Two on every second lane: too long for one driver's hours."""
        return self.rows.drivers(self.loads.site[who], self.loads.shift[who]), 1 + self.loads.lane[who] % 2

    def _seen(self, who: Ints, minutes: Ints | int) -> Use:
        """Minutes of the planners' shift in which the load leaves."""
        return self.rows.one("review_min", self.loads.shift[who]), minutes + 0 * who

    def _unseen(self, who: Ints) -> Use:
        return self.rows.one("without_review", 0 * who), 1 + 0 * who

    def _offers(
        self,
        kind: str,
        who: Ints,
        money: Ints,
        left_pct: Ints | int,
        uses: tuple[Use, ...],
        first: Ints | None = None,
        second: Ints | None = None,
    ) -> Offers:
        """Price candidates: direct money + fine × what is left of the probability of failing."""
        fails = self.loads.fails_pct[who] * left_pct // 100
        rows, amounts = np.zeros((2, len(who), MOST_ROWS), np.int64)
        for column, (row, amount) in enumerate(uses):
            rows[:, column], amounts[:, column] = row, amount
        none = np.full(len(who), NONE)
        return Offers(
            case=who,
            kind=np.full(len(who), KINDS.index(kind)),
            first=none if first is None else first,
            second=none if second is None else second,
            cost=100 * money + self.loads.fine[who] * fails,
            rows=rows,
            amounts=amounts,
        )
