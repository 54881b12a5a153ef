"""A site is closed, by weather or otherwise: nothing is moved through it for a time."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pandas as pd

from domain.errors import LanewiseError
from domain.moment import format_moment, parse_moment
from domain.predictions import STAGE_RELEASE, STAGE_TENDERED
from optimization.assumptions import CATALOGUE
from optimization.scenarios.amount import Amount
from optimization.scenarios.capacity import HI, LO, with_bound
from optimization.scenarios.carrier_down import failure_factor
from optimization.scenarios.change import Step, counted, expect
from optimization.scenarios.exact import plain
from optimization.scenarios.situation import Rows, Situation
from optimization.scenarios.where import Patterns, column, matching

ASSUMED = CATALOGUE["site_closed_failure_scale"]
MOVES_NOTHING = ("do_nothing", "notify", "escalate")
"""Actions that a closed site does not hinder."""
ARRIVED_PICKUP = "X3"
"""X12 1650: at its pickup, not yet gone."""
PARTS_OF_ID = re.compile(r"[:/|]")


@dataclass(frozen=True)
class SiteClosed:
    """``site_closed``: a place through which nothing moves.

    It concerns loads not yet under way whose planned pickup there (at the origin), and loads whose planned
    delivery there (at the destination) falls into the time; a re-booking counts with its new pickup. Actions
    that would move them then cannot be chosen; for the others the expected cost of failure rises by a factor,
    and P(late) with it, up to 1. Limits of the site whose period begins in the time are 0, but for the places
    of loads that wait.

    Attributes
    ----------
    site
        Which.
    begin, end
        From when (``from``) until when (``until``); an absent end is open.
    failure_scale
        The factor, 1 or more; without it the catalogue's assumption, which is told.
    """

    kind: ClassVar[str] = "site_closed"
    needs_plan: ClassVar[bool] = True
    site: Patterns
    begin: datetime | None = field(default=None, metadata={"key": "from"})
    end: datetime | None = field(default=None, metadata={"key": "until"})
    failure_scale: Decimal | None = None

    def __post_init__(self) -> None:
        ordered = self.begin is None or self.end is None or self.begin < self.end
        expect(ordered, "until", f"after from ({_said(self.begin)})", _said(self.end))
        expect(self.failure_scale is None or self.failure_scale >= 1, "failure_scale", "1 or more", self.failure_scale)

    def apply(self, situation: Situation) -> Step:
        """Take what would move through it away, let the loads wait, and leave none of its capacity."""
        table = situation.candidates
        pickup = table["pickup_at"].fillna(table["planned_pickup_at"])
        loading = self._at(situation, "origin", pickup) & ~_has_left(table["stage"])
        concerned = loading | self._at(situation, "destination", table["planned_delivery_at"])
        limits = self._limits(situation)
        if not (concerned.any() or limits.any()):
            return Step(situation, f"no load is picked up or delivered at {self.text}, and no limit names it", 0)
        still = situation.candidates["action"].isin(MOVES_NOTHING).to_numpy(bool)
        factor = failure_factor(self.failure_scale, ASSUMED.value)
        waiting = _emptied(situation, limits).failing(concerned & still, factor)
        closed = waiting.without(concerned & ~still).with_room_to_wait()
        cases = situation.candidates.loc[concerned, "case_id"].nunique()
        moves = counted(int((concerned & ~still).sum()), "candidate")
        told = (
            f"{self.text} is closed: {counted(cases, 'case')} there, {moves} that would move a load cannot be chosen, "
            f"expected failure × {plain(factor)}; {counted(int(limits.sum()), 'limit')} set to 0"
        )
        touched = int(concerned.sum() + limits.sum())
        return Step(closed, told, touched, () if self.failure_scale is not None else (ASSUMED,))

    @property
    def text(self) -> str:
        """The site and the time in words."""
        begins = f" from {_said(self.begin)}" if self.begin else ""
        return " or ".join(self.site) + begins + (f" until {_said(self.end)}" if self.end else "")

    def _at(self, situation: Situation, end: str, planned: pd.Series) -> Rows:
        """Candidates of loads that are to be at the site in the time; a load without a plan may be there any time."""
        moment = pd.to_datetime(planned, utc=True, format="ISO8601")
        return np.asarray(
            matching(column(situation, end), self.site) & (np.asarray(moment.isna(), bool) | self._during(moment))
        )

    def _during(self, moment: pd.Series) -> Rows:
        begun = np.ones(len(moment), bool) if self.begin is None else (moment >= self.begin).to_numpy(bool)
        over = np.zeros(len(moment), bool) if self.end is None else (moment >= self.end).to_numpy(bool)
        return np.asarray(begun & ~over)

    def _limits(self, situation: Situation) -> Rows:
        """Resources whose id names the site, and whose period, where the id says one, begins in the time."""
        names = [name.partition("@") for name in situation.resources["resource_id"]]
        parts = pd.DataFrame([(part, begins) for name, _, begins in names for part in PARTS_OF_ID.split(name)])
        of = np.repeat(np.arange(len(names)), [len(PARTS_OF_ID.split(name)) for name, _, _ in names])
        rows = np.zeros(len(names), bool)
        if len(parts):
            named = np.unique(of[matching(parts[0], self.site)])
            rows[named] = [self._begins_in_time(names[place][2]) for place in named]
        return rows

    def _begins_in_time(self, begins: str) -> bool:
        """Whether a period that an id names begins while the site is closed; what names no period always is."""
        try:
            moment = parse_moment(begins)
        except LanewiseError:
            return True
        return (self.begin is None or moment >= self.begin) and (self.end is None or moment < self.end)


def _emptied(situation: Situation, rows: Rows) -> Situation:
    """Nothing is there, and nothing has to be used."""
    floored = rows & situation.resources[LO].notna().to_numpy(bool)
    none = Amount(set=Decimal())
    return with_bound(with_bound(situation, floored, LO, none), rows, HI, none)


def _has_left(stage: pd.Series) -> Rows:
    """(n,) whether a load is under way: its latest stage lies beyond the arrival at its pickup."""
    before = stage.isna() | stage.isin([STAGE_RELEASE, STAGE_TENDERED]) | stage.str.split("@").str[0].eq(ARRIVED_PICKUP)
    return np.asarray(~before.astype(bool))


def _said(moment: datetime | None) -> str:
    return "nothing" if moment is None else format_moment(moment)
