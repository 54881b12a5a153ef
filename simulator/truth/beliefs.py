"""What everybody's record tells of hidden things: carriers' moods, crews of the day, and how awkward a load is.

Left out, since each moves a probability by less than a hundredth: that the market of the day in question is published
only the next morning when past answers are judged, that two carriers' moods are entangled through a load that both
refused, the notes of other loads, and what a truck tells by still standing at the dock.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from simulator.flow.conditions import CREW_SPREAD, MOOD_SPREAD, carrier_loads_a_day, day_ahead
from simulator.flow.docks import LOADING_SPREAD
from simulator.flow.tendering import (
    ACCEPTED,
    AWKWARD_FROM,
    CANCELLED,
    EXPIRED,
    FOR_HARD_LOADS,
    FOR_LOAD,
    GIVEN_BACK,
    GIVEN_BACK_FOR_HARD,
    GIVEN_BACK_FOR_LEVEL,
    LOAD_FROM,
    REASONS,
    SHORT_LEAD_MIN,
    known_utility,
    reason_named,
)
from simulator.network.clock import DAY
from simulator.network.noise import Floats, Ints
from simulator.network.standing import FOR_LEVEL
from simulator.record.reporting import gives_no_reason
from simulator.truth.hardness import GRID, Belief, believed, by_record, lead_moments
from simulator.truth.past import Past
from simulator.truth.running import Running, summed

MOODS = np.linspace(-4.0, 4.0, 33) * MOOD_SPREAD
"""Values of a mood on which beliefs are laid out."""
BLOCK = 50_000


@dataclass(frozen=True)
class Beliefs:
    """What may be known of a run's hidden things from its record, as of any moment."""

    past: Past

    @cached_property
    def span_min(self) -> float:
        """More minutes than the run has."""
        return 2.0 * DAY * self.past.world.clock.laid_out

    @cached_property
    def weeks(self) -> int:
        """Weeks laid out."""
        return self.past.world.clock.laid_out // 7 + 1

    @cached_property
    def appeal(self) -> Floats:
        """Utility of every offer without the carrier's mood and the load's hardness."""
        past, offers = self.past, self.past.offers
        world, day = past.world, past.world.clock.day(offers.offered_at)
        known = known_utility(world, offers, offers.carrier, offers.price, offers.contract, offers.offered_at)
        market = world.market.tightness(day, world.origin_region(offers.lane))
        ahead = day_ahead(world.clock.day(offers.ready_at), day)
        booked = past.carrier_books[np.minimum(day, len(past.carrier_books) - 1), offers.carrier, ahead]
        busy = booked / carrier_loads_a_day(world)[offers.carrier]
        return known - FOR_LEVEL * market - FOR_LOAD * np.clip(busy - LOAD_FROM, 0.0, 2.0)

    def _hardness_offered(self) -> tuple[Floats, Floats]:
        """Mean and variance of the hardness of every offer's load, by lead time and the answers before.

        Each answer moves them to the moments of the exact posterior (assumed density filtering, Opper 1998): a load
        that others refused is harder than one fresh from the planner.
        """
        past, offers = self.past, self.past.offers
        mean, variance = (values.copy() for values in lead_moments(past.world, past.released))
        load, found = past.released.rows(offers.key), np.empty((2, len(offers)))
        sign = np.where(offers.outcome == ACCEPTED, 1.0, -1.0)
        for sequence in range(1, int(np.max(offers.sequence, initial=0)) + 1):
            row = np.flatnonzero(offers.sequence == sequence)
            before, doubt = mean[load[row]], variance[load[row]]
            found[:, row] = before, doubt
            spread = np.sqrt(1 + MOOD_SPREAD**2 + FOR_HARD_LOADS**2 * doubt)
            z = sign[row] * (self.appeal[row] - FOR_HARD_LOADS * before) / spread
            pull = np.exp(-(z**2) / 2 - log_ndtr(z)) / np.sqrt(2 * np.pi)
            mean[load[row]] = before - sign[row] * FOR_HARD_LOADS * doubt * pull / spread
            variance[load[row]] = doubt - (FOR_HARD_LOADS * doubt / spread) ** 2 * pull * (z + pull)
        return found[0], found[1]

    @cached_property
    def _moods(self) -> Running:
        """Mean and spread of every carrier's mood in every week, after each answer."""
        past, offers = self.past, self.past.offers
        rows = np.flatnonzero(offers.outcome != CANCELLED)
        week = past.world.clock.day(offers.offered_at[rows]) // 7
        group = offers.carrier[rows] * self.weeks + week
        mean, variance = self._hardness_offered()
        centre = self.appeal[rows] - FOR_HARD_LOADS * mean[rows]
        spread = np.sqrt(1 + FOR_HARD_LOADS**2 * variance[rows])
        sign = np.where(offers.outcome[rows] == ACCEPTED, 1.0, -1.0)
        known = np.stack([sign * centre / spread, sign / spread], axis=1)
        answers = Running.as_is(group, past.answered_at[rows], known, self.span_min)
        parts = []
        for block in _blocks(answers.group):
            chance = log_ndtr(answers.values[block, :1] + answers.values[block, 1:] * MOODS)
            parts.append(_moments(summed(answers.group[block], chance)))
        return replace(answers, values=np.concatenate([np.zeros((0, 2)), *parts]))

    def mood(self, carrier: Ints, day: Ints, as_of: Floats) -> tuple[Floats, Floats]:
        """Mean and spread of a carrier's mood in the week of a day."""
        row, found = self._moods.until(carrier * self.weeks + day // 7, as_of)
        if not len(self._moods.code):
            return np.zeros(np.shape(row)), np.full(np.shape(row), MOOD_SPREAD)
        known = self._moods.values[row]
        return found * known[..., 0], np.where(found > 0, known[..., 1], MOOD_SPREAD)

    @cached_property
    def _crews(self) -> Running:
        """Number and sum of the surprises of every centre's day."""
        seen = self.past.loadings
        group = seen.centre * self.past.world.clock.laid_out + seen.day
        evidence = np.stack([np.ones(len(group)), seen.surprise], axis=1)
        return Running.of(group, seen.known_at, evidence, self.span_min)

    def crew(self, centre: Ints, day: Ints, as_of: Floats) -> tuple[Floats, Floats]:
        """Mean and spread of what the crew of a day does to the logarithm of loading time (conjugate Gaussian)."""
        row, found = self._crews.until(centre * self.past.world.clock.laid_out + day, as_of)
        count, total = (self._crews.values[row] * found[:, None]).T if len(self._crews.code) else (found, found)
        precision = CREW_SPREAD**-2 + count * LOADING_SPREAD**-2
        return total * LOADING_SPREAD**-2 / precision, precision**-0.5

    def hardness(self, key: Ints, as_of: Floats, offers_told: Ints | None = None) -> Belief:
        """Hardness of loads, each as of its own moment: lead time, note, and its own answers and reasons so far.

        Parameters
        ----------
        offers_told
            How many first answers of each load are known besides, though not their reasons.
        """
        implied = np.zeros(len(key), dtype=np.int64) if offers_told is None else offers_told
        released = self.past.released
        log_weight = by_record(self.past.world, released[released.rows(key)])
        for nth, (row, there) in enumerate(self.past.offers_in_turn(key)):
            told = self.past.told_at[row] <= as_of
            answered = self.past.answered_at[row] <= as_of
            some = np.flatnonzero(there & (answered | (nth < implied)))
            if len(some):
                log_weight[some] += self._answer(row[some], told[some])
                back = some[self.past.handed_back_at[row[some]] <= as_of[some]]
                log_weight[back] += self._handed_back(row[back])
        return believed(log_weight)

    def _answer(self, row: Ints, told: NDArray[np.bool_]) -> Floats:
        """Logarithm of the likelihood of answers, and of reasons where they are told, over hardness, (rows, grid)."""
        offers = self.past.offers
        day = self.past.world.clock.day(offers.offered_at[row])
        mood, spread = self.mood(offers.carrier[row], day, offers.offered_at[row])
        value = (self.appeal[row] + mood)[:, None] - FOR_HARD_LOADS * GRID
        sign = np.where(offers.outcome[row] == ACCEPTED, 1.0, -1.0)[:, None]
        said = log_ndtr(sign * value / np.sqrt(1 + spread**2)[:, None])
        return np.where(
            (offers.outcome[row] == CANCELLED)[:, None], 0.0, said + np.where(told[:, None], self._reason(row), 0.0)
        )

    def _handed_back(self, row: Ints) -> Floats:
        """Logarithm of the likelihood of being handed back after acceptance, (rows, grid)."""
        level = self.past.world.market.level[self.past.world.clock.day(self.past.offers.outcome_at[row])]
        chance = (GIVEN_BACK + GIVEN_BACK_FOR_LEVEL * level)[:, None] + GIVEN_BACK_FOR_HARD * GRID
        return np.asarray(log_ndtr(chance))

    def _reason(self, row: Ints) -> Floats:
        """Logarithm of the probability of the reason that is on record; 0 where there is none."""
        offers = self.past.offers
        silent = gives_no_reason(self.past.world, offers.key[row], offers.sequence[row])
        told = ~silent & (offers.outcome[row] != ACCEPTED) & (offers.outcome[row] != EXPIRED)
        hurried = (offers.ready_at[row] - offers.offered_at[row] < SHORT_LEAD_MIN).astype(np.int64)
        law = REASON_LAW[hurried, :, np.maximum(offers.reason[row], 0)]
        chance = np.where(GRID > AWKWARD_FROM, law[:, 1:2], law[:, 0:1])
        return np.where(told[:, None], np.log(np.maximum(chance, 1e-6)), 0.0)


def _reason_law() -> Floats:
    """Probability of each reason, (hurried, hard, reasons), read off the behaviour itself."""
    chance = (np.arange(10_000) + 0.5) / 10_000
    law = np.empty((2, 2, len(REASONS)))
    for hurried in (0, 1):
        for hard in (0, 1):
            named = reason_named(chance, np.full(len(chance), bool(hurried)), np.full(len(chance), bool(hard)))
            law[hurried, hard] = np.bincount(named, minlength=len(REASONS)) / len(chance)
    return law


REASON_LAW = _reason_law()


def accepted(belief: Belief, value: Floats, spread: Floats) -> Floats:
    """Probability of a yes where ``value`` lacks hardness alone and has so much Gaussian doubt, (offers,)."""
    chance = ndtr((value[:, None] - FOR_HARD_LOADS * GRID) / np.sqrt(1 + spread**2)[:, None])
    return np.asarray((belief.weight * chance).sum(axis=1))


def _moments(log_chance: Floats) -> Floats:
    """Mean and spread of a mood for sums of log-likelihoods over :data:`MOODS`, (entries, 2)."""
    log_weight = log_chance - (MOODS / MOOD_SPREAD) ** 2 / 2
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ MOODS
    return np.stack([mean, np.sqrt(np.maximum(weight @ MOODS**2 - mean**2, 1e-9))], axis=1)


def _blocks(group: Ints) -> list[slice]:
    """Slices of whole groups, of about :data:`BLOCK` entries."""
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.zeros(0, dtype=np.int64)
    chosen = starts[np.r_[True, np.diff(starts // BLOCK) > 0]] if len(starts) else starts
    return [slice(a, b) for a, b in zip(chosen, np.r_[chosen[1:], len(group)], strict=True)]
