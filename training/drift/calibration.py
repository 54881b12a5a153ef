"""Calibration as outcomes become known: what the evidence says, stream by stream, in money first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from domain.params import DriftParams
from training.drift.betting import Books, Tolerance, open_books
from training.drift.decision import Decision
from training.drift.shift import Shift, shift_of
from training.drift.slices import Stream, centres_of, members, stage_places, streams_of
from training.drift.tolerance import bounds_of
from training.drift.watch import Evidence, Spell, began, spells_of, watch
from training.drift.watched import DAY, Watched

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cost:
    """Money a day that is lost by deciding after shifted probabilities; bounds follow from those of the shift.

    ``changed`` counts the decisions a day that would be others.
    """

    value: float
    low: float
    high: float
    changed: float


@dataclass(frozen=True)
class Finding:
    """What outcomes say of one stream's predictions over some days.

    Attributes
    ----------
    days, n
        On how many days outcomes became known, of whatever stream, and how many of this one did.
    predicted, observed
        Mean probability and share that came true; NaN without outcomes.
    shift
        Of the log-odds.
    tolerated
        Shifts down and up within which the money lost does not matter; infinite = none does.
    log_e
        Log e-value against "never shifted by more than is tolerated", over all days.
    """

    stream: Stream
    days: int
    n: int
    predicted: float
    observed: float
    shift: Shift
    cost: Cost
    tolerated: tuple[float, float]
    log_e: float


@dataclass(frozen=True)
class Alarm:
    """Evidence that predictions are off by more than can be tolerated.

    Attributes
    ----------
    since, until
        Day at whose end it was raised, and the last one on which it stood; ``None`` = it stands.
    began
        The likeliest first day of its cause.
    finding
        Of the stream that raised it, from ``began`` to the end of the alarm, its last days where that is long.
    """

    since: pd.Timestamp
    began: pd.Timestamp
    until: pd.Timestamp | None
    finding: Finding


@dataclass(frozen=True)
class Calibration:
    """All findings of a model, its alarms, and its evidence day by day.

    Attributes
    ----------
    findings
        Every stream over the last days on which outcomes became known.
    levels
        Log of the detector at the end of each day; an alarm is raised where it reaches ``threshold``.
    """

    findings: tuple[Finding, ...]
    alarms: tuple[Alarm, ...]
    days: tuple[pd.Timestamp, ...]
    levels: tuple[float, ...]
    threshold: float

    @property
    def standing(self) -> Alarm | None:
        """The alarm that stands, if one does."""
        return next((one for one in self.alarms if one.until is None), None)

    @property
    def worst(self) -> Finding:
        """What costs most: of whole stages, and of what an alarm stands for."""
        standing = [self.standing.finding] if self.standing else []
        return max([*standing, *(one for one in self.findings if one.stream.whole)], key=lambda one: one.cost.value)


def judge(seen: Watched, decision: Decision, stakes: tuple[Array, Array], params: DriftParams) -> Calibration:
    """Follow a model's outcomes in the order in which they became known.

    Parameters
    ----------
    stakes
        Money that a failure costs, of the subjects before and of those after.
    """
    streams = streams_of(seen.before.frame)
    course = _course(seen, decision, streams, stakes, params)
    spells = spells_of(course.evidence)
    begin = course.latest(course.count, params.window_days)
    return Calibration(
        tuple(course.finding(place, begin, course.count) for place in range(len(streams))),
        tuple(_alarm(seen, course, spell, params.window_days) for spell in spells),
        tuple(seen.first_day + day * DAY for day in range(course.count)),
        tuple(float(level) for level in course.evidence.overall),
        course.evidence.threshold,
    )


@dataclass(frozen=True)
class _Course:
    """Judged outcomes with the streams they belong to, and the evidence of their days."""

    streams: Sequence[Stream]
    decision: Decision
    margin: Array
    happened: Array
    failure: Array
    day: NDArray[np.int64]
    member: NDArray[np.bool_]
    bounds: Tolerance
    books: Books
    evidence: Evidence

    @property
    def count(self) -> int:
        """Days."""
        return int(self.books.expected.shape[1])

    def latest(self, end: int, many: int) -> int:
        """First of the latest ``many`` days before ``end`` on which outcomes became known; others tell nothing."""
        told = np.unique(self.day[self.day < end])[-many:]
        return int(told[0]) if told.size else 0

    def finding(self, place: int, first: int, end: int) -> Finding:
        """What outcomes of the days from ``first`` to before ``end`` say of a stream."""
        inside = (self.day >= first) & (self.day < end)
        rows, days = self.member[place] & inside, max(np.unique(self.day[inside]).size, 1)
        m, y = self.margin[rows], self.happened[rows]
        swing = float(self.evidence.swing[place, end - 1])
        shift = shift_of(m, y, swing, days)
        predicted, observed = (float(values.mean()) if len(values) else float("nan") for values in (expit(m), y))
        return Finding(
            self.streams[place],
            days,
            len(m),
            predicted,
            observed,
            shift,
            cost_of(self.decision, m, self.failure[rows], shift, days),
            (float(self.bounds.down[place]), float(self.bounds.up[place])),
            float(self.evidence.wealth[place, end - 1]),
        )


def cost_of(decision: Decision, margin: Array, failure: Array, shift: Shift, days: int) -> Cost:
    """Money a day lost on n subjects of some days by deciding after their predictions, were they off by a shift."""
    said = expit(margin)

    def lost(by: float) -> float:
        return float(decision.regret(said, shift.right(margin, by), failure).sum()) / days

    value, ends = lost(shift.value), [lost(shift.low), lost(shift.high)]
    inside = [lost(0.0)] if shift.low <= 0 <= shift.high else []
    changed = decision.changed(said, shift.right(margin), failure).sum() / days
    return Cost(value, min(value, *ends, *inside), max(value, *ends), float(changed))


def _course(
    seen: Watched, decision: Decision, streams: Sequence[Stream], stakes: tuple[Array, Array], params: DriftParams
) -> _Course:
    rows, count = seen.judged, seen.days
    margin, happened, day = seen.after.margin[rows], seen.happened[rows], seen.known_day
    before = seen.before
    bounds = bounds_of(decision, streams, before.frame, before.margin, stakes[0], params.tolerated_share)
    member = members(streams, seen.after.frame[rows])
    weight = np.array([stream.weight for stream in streams])
    centre = centres_of(streams, before.frame, before.margin)
    books = open_books(bounds, weight, centre, stage_places(streams), margin, day, member, count)
    evidence = watch(books, happened, params.alarm_every_days)
    return _Course(streams, decision, margin, happened, stakes[1][rows], day, member, bounds, books, evidence)


def _alarm(seen: Watched, course: _Course, spell: Spell, window_days: int) -> Alarm:
    first = began(course.books, course.happened, course.evidence, spell)
    stands = spell.last == course.count - 1
    since, began_on, last = (seen.first_day + day * DAY for day in (spell.first, first, spell.last))
    end = spell.last + 1
    told = course.finding(spell.stream, max(first, course.latest(end, window_days)), end)
    return Alarm(since, began_on, None if stands else last, told)
