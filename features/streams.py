"""Streams of facts in the order they became known: what the memory is made of.

Each function takes the past apart into what one stream is told; :func:`events` turns that into changes of sums.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.codes import DELIVERED, DEPARTED_PICKUP, FAILED_OUTCOMES, TenderOutcome
from domain.facts import FACTS
from domain.predictions import ModelName
from features.compiled import compiled
from features.known import Moment
from features.memory import MICROSECONDS_PER_DAY, Events
from features.order import in_order, in_order_of
from features.records import MINUTE, NO_MOMENT, Columns, Described, Floats, Moments, Names

if TYPE_CHECKING:
    from features.past import Past

CORRECTION_HORIZON_DAYS = 90
"""A correction older than this changes the record but no longer the running aggregates."""
STALE_DAYS = 30
"""After so many days beyond its plan a shipment of which nothing is heard no longer counts as open."""
DELAY_SCALE_MIN = 15.0
SPARSE = 4
"""Facts whose numbers go no further than so many times their count are not numbered anew."""
FAILED_WORDS = tuple(map(str, FAILED_OUTCOMES))


@dataclass(frozen=True)
class Told:
    """Facts with values, in the order of knowledge.

    Attributes
    ----------
    known
        Shape (n,), microseconds.
    facts
        Shape (n,): the same number for versions of one fact.
    values
        Shape (n, values); a row with NaN says nothing.
    who
        Whom it concerns, as known then.
    counts
        Shape (n,): which of them say something at all; by default every one.
    """

    known: Moments
    facts: NDArray[np.int64]
    values: Floats
    who: Columns
    counts: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Stays:
    """What counts for a while: from ``begin`` to ``end``, shape (n,), microseconds; nothing where it ended before."""

    begin: Moments
    end: Moments
    who: Columns


@compiled
def softened(minutes: float) -> float:
    """asinh(minutes / 15): linear near plan, logarithmic far from it, so that one wreck does not drown a mean."""
    return float(np.arcsinh(minutes / DELAY_SCALE_MIN))


@compiled
def delivery_values(occurred: Moments, planned: Moments, allowed: Floats) -> Floats:
    """``late`` (beyond the minutes allowed), ``delay`` and its square, shape (n, 3)."""
    values = np.full((occurred.size, 3), np.nan)
    for row in range(occurred.size):
        if occurred[row] != NO_MOMENT and planned[row] != NO_MOMENT:
            delay = (occurred[row] - planned[row]) / MINUTE
            soft = softened(delay)
            values[row, 0] = 1.0 if delay > allowed[row] else 0.0
            values[row, 1] = soft
            values[row, 2] = soft * soft
    return values


@compiled
def departure_values(occurred: Moments, planned: Moments, pickup: Moments) -> Floats:
    """``departure``: softened lateness against the milestone's plan, else the shipment's; shape (n, 1)."""
    values = np.full((occurred.size, 1), np.nan)
    for row in range(occurred.size):
        plan = pickup[row] if planned[row] == NO_MOMENT else planned[row]
        if occurred[row] != NO_MOMENT and plan != NO_MOMENT:
            values[row, 0] = softened((occurred[row] - plan) / MINUTE)
    return values


@compiled
def impact_values(impact: Floats, thresholds: Floats) -> Floats:
    """``impact``, log(1 + impact) and 0 below 0, and ``over_k``: shape (n, 1 + thresholds)."""
    values = np.empty((impact.size, 1 + thresholds.size))
    for row in range(impact.size):
        values[row, 0] = np.log1p(max(impact[row], 0.0))
        for k in range(thresholds.size):
            values[row, 1 + k] = 1.0 if impact[row] > thresholds[k] else 0.0
    return values


@compiled
def lead_values(pickup: Moments, released: Moments) -> Floats:
    """``lead``: softened minutes from release to planned pickup; shape (n, 1)."""
    values = np.full((pickup.size, 1), np.nan)
    for row in range(pickup.size):
        if pickup[row] != NO_MOMENT and released[row] != NO_MOMENT:
            values[row, 0] = softened((pickup[row] - released[row]) / MINUTE)
    return values


@compiled
def price_values(price: Floats) -> Floats:
    """``log_price``, NaN where nothing is paid; shape (n, 1)."""
    values = np.full((price.size, 1), np.nan)
    for row in range(price.size):
        if price[row] > 0.0:
            values[row, 0] = np.log(price[row])
    return values


def lateness_allowed(late_after_min: float, record: Columns) -> Floats:
    """Minutes after plan from which a delivery is late: the shipment's own, else the data set's."""
    own = record.number("late_after_min")
    return np.where(np.isnan(own), late_after_min, own)


def deliveries(past: "Past") -> Told:
    """Deliveries as they became known."""
    rows, occurred, who = _reached(past, DELIVERED)
    allowed = lateness_allowed(past.manifest.late_after_min, who)
    values = delivery_values(occurred, who.moment("planned_delivery_at"), allowed)
    return Told(past.records("milestones").moment("known_at")[rows], past.milestone_facts[rows], values, who)


def departures(past: "Past") -> Told:
    """Departures from pickup as they became known."""
    rows, occurred, who = _reached(past, DEPARTED_PICKUP)
    milestones = past.records("milestones")
    values = departure_values(occurred, milestones.moment("planned_at")[rows], who.moment("planned_pickup_at"))
    return Told(milestones.moment("known_at")[rows], past.milestone_facts[rows], values, who)


def answers(past: "Past") -> Told:
    """Answers to tenders as they became known: ``failed`` (0/1)."""
    failed = past.among("tenders", "outcome", FAILED_WORDS)
    return _answered(past, failed, lambda rows: failed[rows].astype(np.float64)[:, None])


def prices(past: "Past") -> Told:
    """What was offered, as it became known how it was answered; so no offer's own price is among the usual ones."""
    failed, offered = past.among("tenders", "outcome", FAILED_WORDS), past.records("tenders").number("price")
    return _answered(past, failed, lambda rows: price_values(offered[rows]))


def leads(past: "Past") -> Told:
    """Lead time of each shipment as planned, as it became known."""
    shipments = past.records("shipments")
    values = lead_values(shipments.moment("planned_pickup_at"), shipments.moment("released_at"))
    names = shipments.text("shipment_id").astype(np.int64)
    return Told(shipments.moment("known_at"), names, values, shipments.all())


def resolutions(past: "Past") -> Told:
    """Impacts of exceptions as they became known."""
    exceptions = past.records("exceptions")
    rows, known = _second_halves(past, "exceptions", ~np.isnan(exceptions.number("impact")))
    names = exceptions.text("exception_id")[rows]
    values = impact_values(exceptions.number("impact")[rows], np.array(past.manifest.severity.thresholds))
    who = past.described(ModelName.SEVERITY, names, known)
    return Told(known, names.astype(np.int64), values, who)


def open_shipments(past: "Past") -> Stays:
    """Each version of a shipment's record from when it was known until it was replaced, ended or went stale."""
    shipments = past.records("shipments")
    known = shipments.moment("known_at")
    ended = past.first_moment(past.ended, shipments.text("shipment_id"))
    until = np.minimum(past.superseded("shipments"), ended)
    return Stays(known, np.minimum(until, stale_at(known, shipments.moment("planned_delivery_at"))), shipments.all())


def opened(past: "Past") -> Told:
    """Each of them when it begins."""
    return _begun(open_shipments(past))


def offers(past: "Past") -> Told:
    """Each tender when it was first known."""
    names, known = past.first_known("tenders", "tender_id")
    who = past.described(ModelName.TENDER_FAILURE, names, known)
    return Told(known, names.astype(np.int64), np.empty((names.size, 0)), who)


def unanswered(past: "Past") -> Stays:
    """Each tender from when it was first known until its first answer was, or it went stale."""
    told = offers(past)
    names = told.facts.astype(np.int32)
    rows, moments = _second_halves(past, "tenders", ~past.among("tenders", "outcome", (str(TenderOutcome.OPEN),)))
    answered = past.first_moment(Moment(past.records("tenders").text("tender_id")[rows], moments), names)
    return Stays(told.known, np.minimum(answered, stale_at(told.known, told.known)), told.who)


MAKERS: dict[str, Callable[["Past"], Told | Stays]] = {
    "deliveries": deliveries,
    "departures": departures,
    "answers": answers,
    "resolutions": resolutions,
    "leads": leads,
    "prices": prices,
    "open": open_shipments,
    "opened": opened,
    "planned": open_shipments,
    "offers": offers,
    "unanswered": unanswered,
}


def stale_at(known: Moments, planned: Moments) -> Moments:
    """When something that is not heard of again no longer counts; ``planned`` may be unknown."""
    return np.maximum(known, planned) + STALE_DAYS * MICROSECONDS_PER_DAY


def _begun(stays: Stays) -> Told:
    """What counts for a while as facts without values."""
    size = len(stays.begin)
    return Told(stays.begin, np.arange(size), np.empty((size, 0)), stays.who, stays.begin <= stays.end)


def events(told: Told | Stays, slots: Names) -> Events:
    """What a stream's memory learns, in the order of knowledge; ``slots`` has shape (n, entities)."""
    return _counted(told, slots) if isinstance(told, Stays) else _summed(told, slots)


def _counted(stays: Stays, slots: Names) -> Events:
    some = np.flatnonzero(stays.begin <= stays.end)
    known = np.concatenate([stays.begin[some], stays.end[some]])
    changes = np.repeat([1.0, -1.0], some.size)[:, None]
    order, known = in_order(known)
    return Events(known, known, changes[order], np.tile(slots[some], (2, 1))[order])


def _summed(told: Told, slots: Names) -> Events:
    """A later version of a fact becomes the change against the one before; it belongs to whom the first counted for."""
    missing = np.isnan(told.values).any(axis=1)
    said = np.flatnonzero(~missing if told.counts is None else ~missing & told.counts)
    known, slots = told.known[said], slots[said]
    changes = np.column_stack([np.ones(said.size), told.values[said]])
    facts, different = _dense(told.facts[said])
    if different == said.size:
        return Events(known, known, changes, slots)
    moments, changes, slots = _corrected(facts, known, changes, slots)
    fresh = np.flatnonzero(known - moments <= CORRECTION_HORIZON_DAYS * MICROSECONDS_PER_DAY)
    return Events(known[fresh], moments[fresh], changes[fresh], slots[fresh])


def _dense(facts: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Facts as numbers that leave few out, and how many differ."""
    if facts.size and facts.min() >= 0 and facts.max() < SPARSE * facts.size:
        return facts, int(np.count_nonzero(np.bincount(facts)))
    codes, unique = pd.factorize(facts)
    return codes.astype(np.int64), unique.size


@compiled
def _corrected(facts: NDArray[np.int64], known: Moments, values: Floats, slots: Names) -> tuple[Moments, Floats, Names]:
    """When each fact was first known, what each version changes (count 0 after the first), and the first's slots."""
    first = np.full(facts.max() + 1, -1, np.int64)
    last = np.full(facts.max() + 1, -1, np.int64)
    moments, changes, owners = known.copy(), values.copy(), slots.copy()
    for row in range(facts.size):
        fact = facts[row]
        if first[fact] < 0:
            first[fact] = row
        else:
            changes[row] = values[row] - values[last[fact]]
            moments[row] = known[first[fact]]
            owners[row] = slots[first[fact]]
        last[fact] = row
    return moments, changes, owners


def _reached(past: "Past", code: str) -> tuple[NDArray[np.int64], Moments, Described]:
    """Each version of a milestone: its row, when it occurred, and the shipment's record as known at that moment."""
    rows = np.flatnonzero(past.is_code((code,)))
    milestones = past.records("milestones")
    names, known = milestones.text("shipment_id")[rows], milestones.moment("known_at")[rows]
    return rows, milestones.moment("occurred_at")[rows], past.described(ModelName.ETA_RISK, names, known)


def _answered(past: "Past", failed: NDArray[np.bool_], values: Callable[[NDArray[np.int64]], Floats]) -> Told:
    """What some rows of tenders say, as it became known that they were accepted or failed."""
    decided = failed | past.among("tenders", "outcome", (str(TenderOutcome.ACCEPTED),))
    rows, known = _second_halves(past, "tenders", decided)
    names = past.records("tenders").text("tender_id")[rows]
    return Told(known, names.astype(np.int64), values(rows), past.described(ModelName.TENDER_FAILURE, names, known))


def _second_halves(past: "Past", table: str, which: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Moments]:
    """Rows whose second half is told, by when it was known (never before the row itself), then by fact key.

    Of one instant, those told with their rows come before those of earlier rows, as in the total order. That of a row
    which was superseded before is not told: nobody takes it for the answer any more.
    """
    fact, records = FACTS[table], past.records(table)
    assert fact.second is not None
    begun = records.moment("known_at")
    told = np.maximum(begun, records.moment(fact.second.known))
    rows = np.flatnonzero(which & (told < past.superseded(table)))
    known, ranks = told[rows], past.ranks(fact.key[0])[records.text(fact.key[0])[rows]]
    order = in_order_of(ranks, (known != begun[rows]).astype(np.int64), known)
    return rows[order], known[order]
