"""Re-book the dock: another hour for the pickup, as the best sequence of its site's docks has it.

The shipments of a site that wait for their pickup are sequenced together: an hour that turns n loads is n doors that
turn one load each. Every minute by which a pickup is moved moves the delay (``rebook_passed_on``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.predictions import STAGE_RELEASE, STAGE_TENDERED
from optimization.actions.action import BOTH, Context, Proposal, Rows, proposal
from optimization.assumptions import assumed
from optimization.cost import expected_lateness_cost
from optimization.dock_hours import REBOOK_DOCK, hour_of

MOST_MOVED_MIN = 480
"""A pickup is moved by at most a shift, earlier or later."""
MOST_AT_A_SITE = 300
"""Shipments of a site that are sequenced, those with most at stake; the others stay where they are."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RebookDock:
    """Another pickup hour. Possible before pickup, where ``capacity`` names the hours of the origin's docks."""

    kind: str = REBOOK_DOCK

    def propose(self, cases: pd.DataFrame, context: Context) -> Proposal:
        """One candidate for each shipment that the best sequence of its site moves."""
        moves = [move for site in _sites(cases, context) for move in site.moves(context)]
        rows = np.array([row for row, _ in moves], np.int64)
        moved = np.array([minutes for _, minutes in moves], float)
        later = context.delays[rows] + assumed("rebook_passed_on") * moved[:, None]
        used = {"rebook_passed_on", "rebook_notice_min", "rebook_handling_min", "costs.handling_per_min"}
        made = proposal(
            rows,
            context.risk(rows, later),
            basis=BOTH,
            assumed=frozenset(used if moves else ()),
            handling_min=assumed("rebook_handling_min"),
        )
        return replace(made, pickup_moved_min=moved)


@dataclass(frozen=True, eq=False)
class _Site:
    """A site's hours within reach, and the shipments that may be moved between them.

    Attributes
    ----------
    hours
        H hours in the order of time.
    cases
        (k,) positions of the cases.
    present
        (k,) position of the hour that each is booked for.
    """

    site_id: str
    hours: pd.DataFrame
    cases: Rows
    present: Ints

    def moves(self, context: Context) -> Iterator[tuple[int, int]]:
        """Each case that the best sequence moves, and by how many minutes."""
        from optimization.docks.resequence import resequence  # CP-SAT takes a second to import
        from optimization.docks.site_hours import SiteHours

        begins = self._begins(context)
        moved = begins[None, :] - begins[self.present][:, None]
        problem = SiteHours(
            begins,
            self._ends(context),
            self.hours["amount"].to_numpy(float),
            self.hours["booked"].to_numpy(np.int64),
            self.present,
            self._may(moved, begins),
            self._cents(moved, context),
            move_cents=round(100 * assumed("rebook_handling_min") * context.costs.handling_per_min),
        ).to_problem()
        bookings = resequence(problem).bookings
        for k, one in enumerate(problem.appointments):
            at = bookings[one.appointment_id]
            if at is not None and one.present is not None and at.start_min != one.present.start_min:
                yield int(self.cases[k]), at.start_min - one.present.start_min

    def _begins(self, context: Context) -> Ints:
        return _minutes(self.hours["from_at"], context)

    def _ends(self, context: Context) -> Ints:
        return _minutes(self.hours["until_at"], context)

    def _may(self, moved: Ints, begins: Ints) -> npt.NDArray[np.bool_]:
        """(k, H) hours that each may have: near enough, with notice, not overbooked; its present one in any case."""
        full = (self.hours["amount"] < self.hours["booked"]).to_numpy(bool)
        free = (begins >= assumed("rebook_notice_min")) & ~full
        return np.asarray((np.abs(moved) <= MOST_MOVED_MIN) & free[None, :] | (moved == 0))

    def _cents(self, moved: Ints, context: Context) -> Ints:
        """(k, H) expected cost of lateness in each hour."""
        terms, delays = context.terms.take(self.cases), context.delays[self.cases]
        shift = assumed("rebook_passed_on") * moved
        cost = [expected_lateness_cost(delays + shift[:, [hour]], terms) for hour in range(moved.shape[1])]
        return np.rint(100 * np.column_stack(cost)).astype(np.int64)


def _sites(cases: pd.DataFrame, context: Context) -> Iterator[_Site]:
    """Sites whose hours are known, with those of their shipments that may be moved."""
    hours = context.dock_hours
    if hours is None or hours.empty or cases.empty:
        return
    hour = hour_of(hours, cases["origin_id"], cases["planned_pickup_at"])
    waiting = cases["stage"].isin([STAGE_RELEASE, STAGE_TENDERED]) & ~cases["picked_up"]
    begins = _minutes(hours["from_at"], context)
    movable = waiting.to_numpy(bool) & context.timed & (hour >= 0)
    movable &= begins[hour] >= assumed("rebook_notice_min")
    stake = expected_lateness_cost(context.delays, context.terms)
    for site_id, group in hours.assign(hour=np.arange(len(hours))).groupby("site_id"):
        rows = np.flatnonzero(movable & np.isin(hour, group["hour"]))
        if len(rows):
            kept = np.sort(rows[np.argsort(-stake[rows], kind="stable")[:MOST_AT_A_SITE]])
            yield _near(str(site_id), group, kept, hour[kept], context)


def _near(site_id: str, group: pd.DataFrame, rows: Rows, hour: Ints, context: Context) -> _Site:
    """A site with the hours that its shipments can reach."""
    begins = _minutes(group["from_at"], context)
    booked = begins[np.isin(group["hour"], hour)]
    near = (begins >= booked.min() - MOST_MOVED_MIN) & (begins <= booked.max() + MOST_MOVED_MIN)
    hours = group[near].sort_values("from_at", ignore_index=True)
    return _Site(site_id, hours, rows, pd.Index(hours["hour"]).get_indexer(hour).astype(np.int64))


def _minutes(moments: pd.Series, context: Context) -> Ints:
    """Whole minutes from the moment of the plan."""
    return np.asarray((moments - pd.Timestamp(context.as_of)) // pd.Timedelta(minutes=1), np.int64)
