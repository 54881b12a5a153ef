"""Policies to compare with: doing nothing, the static routing guide, and rules as a spreadsheet would have them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import NOBODY
from simulator.flow.promises import LATE_AFTER_MIN, PLANNED_UNLOADING_MIN
from simulator.network.clock import HOUR
from simulator.whatif.actions import COSTS, EXPEDITE, NOTIFY, Action, raise_price, retender, skip
from simulator.whatif.seen import Decisions, Seen, SeenLoads
from simulator.whatif.steering import SPOT


@dataclass(frozen=True)
class DoNothing:
    """The first offer goes out by itself; what is refused waits for an emergency purchase shortly before pickup."""

    name: str = "do nothing"
    left_alone: bool = True

    def decide(self, seen: Seen) -> Decisions:
        """Nothing."""
        return Decisions.of([])


@dataclass(frozen=True)
class StaticGuide:
    """Refused loads go on down the routing guide, then to the spot market: what the history does."""

    name: str = "routing guide"
    left_alone: bool = False

    def decide(self, seen: Seen) -> Decisions:
        """Nothing beyond the guide."""
        return Decisions.of([])


@dataclass(frozen=True)
class Rules:
    """Threshold rules.

    Attributes
    ----------
    spot_below_h
        A load nobody has is bought on the spot market when its pickup is nearer than this.
    raise_at, raise_by
        After so many refusals the price of further offers is raised, by this share.
    skip_below, skip_from
        Carriers of the guide that took a smaller share of the lane's offers, of at least so many, are passed over.
    slack_h
        Loads of customers of tier A that would be delivered with less slack than this are expedited, where the fine
        is more than the premium.
    notify_from_min
        Customers are told of a delivery that one reckons so much after plan.
    """

    name: str = "threshold rules"
    left_alone: bool = False
    spot_below_h: float = 6.0
    raise_at: int = 3
    raise_by: float = 0.10
    skip_below: float = 0.25
    skip_from: int = 8
    slack_h: float = 0.0
    notify_from_min: float = LATE_AFTER_MIN

    def decide(self, seen: Seen) -> Decisions:
        """Every rule on every open load."""
        loads = seen.loads
        soon = loads.ready_at - seen.as_of < self.spot_below_h * HOUR
        late_min = loads.expected_at + PLANNED_UNLOADING_MIN - loads.planned_delivery_at
        critical = (loads.tier == 0) & loads.on_road & (late_min > -HOUR * self.slack_h) & ~loads.expedited
        critical &= loads.fine > COSTS.expedite_share * loads.price
        told = loads.on_road & (late_min > self.notify_from_min) & ~loads.notified
        return Decisions.of(
            [
                *self._skipped(loads),
                *_each(
                    loads,
                    loads.uncovered & (loads.refusals >= self.raise_at) & (loads.markup == 1),
                    raise_price(self.raise_by),
                ),
                *_each(loads, loads.uncovered & soon & (loads.refusals > 0), retender(SPOT)),
                *_each(loads, critical, EXPEDITE),
                *_each(loads, told & ~critical, NOTIFY),
            ]
        )

    def _skipped(self, loads: SeenLoads) -> list[tuple[int, Action]]:
        """Carriers with a bad record on the lane, where others of the guide have a better one."""
        bad = (loads.asked >= self.skip_from) & (loads.taken < self.skip_below * loads.asked)
        bad &= (loads.guide_carrier != NOBODY) & loads.uncovered[:, None]
        bad &= ((loads.guide_carrier != NOBODY) & ~bad).any(axis=1)[:, None]
        rows, entries = np.nonzero(bad & ~loads.skipped)
        who = loads.guide_carrier[rows, entries]
        return [(int(load), skip(int(one))) for load, one in zip(loads.load[rows], who, strict=True)]


def _each(loads: SeenLoads, rows: NDArray[np.bool_], action: Action) -> list[tuple[int, Action]]:
    return [(int(load), action) for load in loads.load[rows]]
