"""The rest of a load's way, lived many times over: what is known stays, all else is drawn afresh.

Every replica gets a weight: the probability that what it drew would not have been known by the moment asked about.
Unloading, the last chance, is not drawn but integrated: each replica adds probabilities, not noughts and ones
(Rao-Blackwell).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from simulator.flow.docks import UNLOADING_SPREAD, arrive, load_trucks, squeezed_min, unloading_mean
from simulator.flow.engine import agree_again
from simulator.flow.loads import NOBODY, Loads
from simulator.flow.promises import LATE_AFTER_MIN, planned_delivery_at
from simulator.flow.tendering import Offers
from simulator.flow.transit import (
    broken_down_min,
    drive_for,
    drive_min,
    driving_min,
    fits_in,
    on_duty_min,
    storms_on_the_way,
)
from simulator.flow.waterfall import rounds, settle
from simulator.network.clock import DAY, HOUR
from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.record.reporting import WRONG_MIN, WRONG_SHARE
from simulator.truth.hearing import ARRIVED, DELIVERED, DEPARTED, HALFWAY, REACHED, Facts, Hearing
from simulator.truth.lattice import BLOCK, replica_keys
from simulator.truth.past import Past
from simulator.truth.surroundings import Ensemble

MOST_DAYS = 14
"""Days after which a replica that has found no carrier is dropped: nor has the load itself been delivered then."""
LEAST_WEIGHT = 1e-12


@dataclass(frozen=True)
class Chances(Columns):
    """Estimated probabilities, one entry each, and their Monte-Carlo standard errors."""

    p: Floats
    se: Floats


def replicas(loads: Loads, draws: int) -> Loads:
    """Each load so many times, with keys of their own."""
    rows = np.repeat(np.arange(len(loads)), draws)
    made = loads[rows]
    made.key = replica_keys(loads.key, draws)
    return made


def resume(past: Past, loads: Loads, facts: Facts) -> Loads:
    """Loads as they were known to stand at their moments, not yet cancelled by the shipper.

    Who is known to be under way has its carrier; of others the last answer known says where their tendering is.
    """
    count = len(loads)
    released = past.released.pickup_at[past.released.rows(loads.key)]
    open_still = replace(
        loads, rank=np.zeros(count, dtype=np.int64), sequence=np.zeros(count, dtype=np.int64),
        next_at=np.maximum(loads.released_at + 5.0, facts.as_of), carrier=np.full(count, NOBODY),
        covered_at=np.full(count, np.nan), gives_back_at=np.full(count, np.inf), ready_at=released.copy(),
        cancels_at=np.full(count, np.inf),
    )  # fmt: skip
    settled = loads[np.arange(count)]
    settled.next_at, settled.cancels_at = np.full(count, np.inf), np.full(count, np.inf)
    open_still.put(np.flatnonzero(facts.under_way), settled[facts.under_way])
    return open_still


def last_answer(past: Past, hearing: Hearing, key: Ints, as_of: Floats) -> Ints:
    """Row of the last offer of each load whose answer is known; -1 where there is none."""
    last = np.full(len(key), -1)
    known = hearing.answered_at(past.answered_at, past.offers.outcome_at)
    for row, there in past.offers_in_turn(key):
        last = np.where(there & (known[row] <= as_of), row, last)
    return last


def find_carriers(world: World, at: Ensemble, rows: Loads, offers: Offers, last: Ints, as_of: Floats) -> Floats:
    """Go on with tendering after the last answers known (rows of ``offers``); returns the weights of the rows."""
    some = np.flatnonzero(last >= 0)
    weight = np.ones(len(rows))
    if len(some):
        answered = offers[last[some]]
        known = rows[some]
        known.ready_at = answered.ready_at.copy()
        settle(world, known, answered)
        gone = np.isfinite(known.covered_at) & (known.next_at <= as_of[some])
        weight[some] = np.where(gone, LEAST_WEIGHT, 1.0)
        known.next_at = np.maximum(known.next_at, as_of[some])
        rows.put(some, known)
    _tender_on(world, at, rows, world.clock.day(as_of))
    return np.where(_dropped(rows), 0.0, weight)


def _dropped(rows: Loads) -> NDArray[np.bool_]:
    """Rows without a carrier that keeps them; they go on all the same, so that there are times to reckon with."""
    lost = (rows.carrier < 0) | np.isfinite(rows.next_at)
    rows.carrier = np.where(lost, 0, rows.carrier)
    rows.covered_at = np.where(lost, rows.released_at, rows.covered_at)
    return lost


def _tender_on(world: World, at: Ensemble, rows: Loads, today: Ints) -> None:
    """Day by day until every row has a carrier that keeps it."""
    for days in range(MOST_DAYS):
        due = np.flatnonzero(rows.next_at < (today + days + 1) * DAY)
        if len(due):
            some = rows[due]
            rounds(world, at.later(days), some, today[due] + days)
            rows.put(due, some)
        if not np.isfinite(rows.next_at).any():
            return


@dataclass
class Way:
    """Rows on their way, and how well each agrees with what is known.

    Attributes
    ----------
    load
        The load of each row, as an index into ``facts``.
    weight
        Updated step by step.
    """

    world: World
    hearing: Hearing
    facts: Facts
    rows: Loads
    load: Ints
    weight: Floats

    def go(self, at: Ensemble) -> None:
        """Arrive, be loaded, drive, agree on a later appointment: all milestones but the last."""
        rows, world = self.rows, self.world
        arrive(world, rows)
        rows.arrived_at = self._known_or(ARRIVED, rows.arrived_at)
        load_trucks(world, at.with_bookings(rows.covered_at), rows)
        rows.departed_at = self._known_or(DEPARTED, rows.departed_at)
        rows.storm = storms_on_the_way(world, at, rows, rows.departed_at)
        rows.broken_min = broken_down_min(world, rows)
        halfway = self._told(HALFWAY)
        drive_for(world, rows, self._driving(halfway))
        rows.halfway_at = self._known_or(HALFWAY, rows.halfway_at, halfway)
        rows.reached_at = self._known_or(REACHED, rows.reached_at)
        self._agree()

    def _told(self, code: int) -> Floats:
        """What is known of a milestone, doubted where it may be wrong; NaN where nothing is."""
        told, sure = self.facts.told[code][self.load], self.facts.sure[code][self.load]
        noise, key = self.world.noise, self.rows.key
        wrong = ~sure & (noise.uniform("doubted", key, code) < WRONG_SHARE)
        return told + np.where(wrong, WRONG_MIN * np.abs(noise.normal("doubt", key, code)), 0.0)

    def _known_or(self, code: int, drawn: Floats, told: Floats | None = None) -> Floats:
        """What is known of a milestone, or what was drawn, weighed by how likely it is not to be known."""
        told = self._told(code) if told is None else told
        unknown = np.isnan(told)
        as_of = self.facts.as_of[self.load]
        chance = self.hearing.unheard(self.world, code, self.rows.carrier, drawn, as_of)
        self.weight = self.weight * np.where(unknown, chance, 1.0)
        return np.where(unknown, drawn, told)

    def _driving(self, halfway: Floats) -> Floats:
        """Minutes at the wheel: drawn, or twice what fits into the first half where that is known."""
        rows, lanes = self.rows, self.world.lanes
        half = fits_in(lanes, rows.lane, halfway - rows.departed_at, on_duty_min(rows))
        least = 0.2 * drive_min(lanes, rows.lane)
        return np.where(np.isfinite(half), np.maximum(2 * half, least), driving_min(self.world, rows))

    def _agree(self) -> None:
        """Appointments agreed half way: as known, or drawn and weighed likewise."""
        rows, known = self.rows, self.facts.agreed_until[self.load]
        agree_again(self.world, rows)
        moved = np.isnan(known) & (rows.agreed_until > rows.window_until)
        as_of = self.facts.as_of[self.load]
        chance = self.hearing.appointment_unheard(self.world, rows.carrier, rows.halfway_at, as_of)
        self.weight = self.weight * np.where(moved, chance, 1.0)
        rows.agreed_until = np.where(np.isnan(known), rows.agreed_until, known)

    def late(self) -> Chances:
        """Probability of a late delivery for each load, unloading integrated.

        With G the probability that unloading runs over the time left, a row counts G times the chance that a late
        delivery, and (1 − G) times the chance that one on time, would not be known yet.
        """
        start = self.rows.unloads_from + squeezed_min(self.world, self.rows)
        mean = unloading_mean(self.world, self.rows)
        left_h = (planned_delivery_at(self.rows) + LATE_AFTER_MIN - start) / HOUR
        over = 1.0 - ndtr((np.log(np.maximum(left_h, 1e-9)) - mean) / UNLOADING_SPREAD)
        chance = self.world.noise.uniform("last chance", self.rows.key)
        late = over * self._undelivered(start, mean, 1.0 - chance * over)
        on_time = (1.0 - over) * self._undelivered(start, mean, chance * (1.0 - over))
        return self._known_outcome(ratio(self.weight * late, self.weight * (late + on_time), len(self.facts.as_of)))

    def _undelivered(self, start: Floats, mean: Floats, chance: Floats) -> Floats:
        """Probability that a delivery whose unloading is a quantile of its law is not known."""
        quantile = ndtri(np.clip(chance, 1e-12, 1 - 1e-12))
        delivered = start + HOUR * np.exp(mean + UNLOADING_SPREAD * quantile)
        as_of = self.facts.as_of[self.load]
        return self.hearing.unheard(self.world, DELIVERED, self.rows.carrier, delivered, as_of)

    def _known_outcome(self, chances: Chances) -> Chances:
        """Where the delivery is known, so is whether it was late."""
        told, one = self.facts.told[DELIVERED], self._first_rows()
        due = planned_delivery_at(self.rows)[one] + LATE_AFTER_MIN
        known = np.isfinite(told)
        return Chances(np.where(known, told > due, chances.p), np.where(known, 0.0, chances.se))

    def _first_rows(self) -> Ints:
        return np.arange(len(self.facts.as_of)) * (len(self.load) // len(self.facts.as_of))


def ratio(above: Floats, below: Floats, loads: int) -> Chances:
    """Ratio of the sums over each load's rows, and its standard error (delta method over independent blocks)."""
    above, below = above.reshape(loads, -1) + LEAST_WEIGHT**2 / 2, below.reshape(loads, -1) + LEAST_WEIGHT**2
    total = below.sum(axis=1)
    p = above.sum(axis=1) / total
    rest = above - p[:, None] * below
    if rest.shape[1] % BLOCK == 0:
        rest = rest.reshape(loads, -1, BLOCK).sum(axis=2)
    blocks = rest.shape[1]
    return Chances(p, np.sqrt((rest**2).sum(axis=1) * blocks / max(1, blocks - 1)) / total)
