"""The waterfall: a load offered to one carrier after another until one accepts, time runs out, or spot takes it.

Time left until the load must be covered is cut into steps. An offer to carrier i at its k-th price, made with t steps
left after d refusals, is refused with probability p[d, t, i, k]; the answer comes after w steps with probability
a[i, w]. Whom to ask next, and at what price, is a dynamic programme over (carriers asked so far, steps left) (Bellman
1957): exact for the law it is given, 2ⁿ · T states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from domain.errors import LanewiseError

Array = NDArray[np.float64]
MOST_CARRIERS = 8
STOP = -1
"""In place of a choice: ask nobody further and go to the spot market."""
COST, COVERED, OFFERS, STEPS = range(4)


@dataclass(frozen=True)
class Waterfall:
    """Carriers that may be asked, and what is known of their answers.

    Attributes
    ----------
    prices
        Shape (n, K): prices at which each of n carriers may be asked, money.
    p_fail
        Shape (n, T + 1, n, K): probability of a refusal after so many refusals, with so many steps left.
    answers
        Shape (n, W + 1): probability that a carrier's answer comes after so many steps; at least one.
    spot
        Shape (T + 1,): cost of the spot market with so many steps left, money.
    handling
        Cost of making an offer, money.
    step_min
        Minutes of a step.

    Raises
    ------
    LanewiseError
        If shapes do not fit, probabilities are none, or there are more than :data:`MOST_CARRIERS` carriers.
    """

    prices: Array
    p_fail: Array
    answers: Array
    spot: Array
    handling: float = 0.0
    step_min: float = 15.0

    def __post_init__(self) -> None:
        n, prices = self.prices.shape
        if not 1 <= n <= MOST_CARRIERS:
            raise LanewiseError(f"a waterfall has 1 to {MOST_CARRIERS} carriers, but {n} came")
        wanted = (n, self.spot.size, n, prices)
        if self.p_fail.shape != wanted or len(self.answers) != n:
            raise LanewiseError(f"p_fail must have shape {wanted}, but has {self.p_fail.shape}")
        if not ((self.p_fail >= 0) & (self.p_fail <= 1)).all():
            raise LanewiseError("p_fail must be probabilities, from 0 to 1")
        if not np.allclose(self.answers.sum(axis=1), 1) or (self.answers[:, 0] > 0).any() or (self.answers < 0).any():
            raise LanewiseError("answers must be probabilities that sum to 1 for each carrier, none for 0 steps")

    @property
    def steps(self) -> int:
        """Steps left at the start, T."""
        return self.spot.size - 1

    @cached_property
    def settled(self) -> Array:
        """Figures of going to spot now, shape (T + 1, 4)."""
        made = np.zeros((self.spot.size, 4))
        made[:, COST] = self.spot
        return made

    def asked(self, carrier: int, depth: int, refused: Array) -> Array:
        """Figures of asking a carrier next, shape (T + 1, K, 4).

        Parameters
        ----------
        depth
            Refusals so far.
        refused
            Shape (T + 1, 4): figures of what follows a refusal, by steps left then.
        """
        when, left = self.answers[carrier], np.arange(self.spot.size)
        made = np.zeros((left.size, self.prices.shape[1], 4))
        in_time, follows = np.zeros(left.size), np.zeros((left.size, 4))
        for w in range(1, min(when.size, left.size)):
            in_time[w:] += when[w]
            follows[w:] += when[w] * (refused[:-w] + np.array([0.0, 0.0, 0.0, w]))
        waited = sum(when[w] * w * (left >= w) for w in range(when.size))
        fails, lapses = self.p_fail[depth, :, carrier], 1.0 - in_time
        taken = (1.0 - fails) * in_time[:, None]
        made[..., COST] = self.handling + taken * self.prices[carrier] + (lapses * self.spot[0])[:, None]
        made[..., COVERED] = taken
        made[..., OFFERS] = 1.0
        made[..., STEPS] = (1.0 - fails) * waited[:, None] + (lapses * left)[:, None]
        return made + fails[..., None] * follows[:, None]


@dataclass(frozen=True)
class Figures:
    """What a waterfall comes to.

    Attributes
    ----------
    cost
        Expected cost, handling and the spot market included, money.
    p_covered
        Probability that a carrier accepts in time.
    depth
        Expected number of offers.
    hours_lost
        Expected hours until a carrier accepts or spot is turned to.
    """

    cost: float
    p_covered: float
    depth: float
    hours_lost: float


@dataclass(frozen=True)
class Offer:
    """One step of a waterfall: carrier and price by their place, and how likely a refusal is then."""

    carrier: int
    price: int
    p_fail: float


@dataclass(frozen=True)
class Plan:
    """Whom to ask next, whatever has happened so far.

    Attributes
    ----------
    choices
        Shape (2ⁿ, T + 1): carrier · K + price by the set of carriers asked (a bit each) and steps left, or
        :data:`STOP`.
    figures
        What it comes to from the start.
    """

    waterfall: Waterfall
    choices: NDArray[np.int64]
    figures: Figures

    def next_offer(self, asked: Sequence[int], left: int) -> Offer | None:
        """Whom to ask after some carriers refused, with so many steps left; ``None``: go to spot."""
        choice = int(self.choices[sum(1 << one for one in asked), left])
        if choice == STOP:
            return None
        carrier, price = divmod(choice, self.waterfall.prices.shape[1])
        return Offer(carrier, price, float(self.waterfall.p_fail[len(asked), left, carrier, price]))

    def order(self) -> tuple[Offer, ...]:
        """The offers as they follow one another when each answer takes its carrier's median time."""
        left, made = self.waterfall.steps, list[Offer]()
        while left >= 0 and len(made) < len(self.waterfall.prices):
            offer = self.next_offer([one.carrier for one in made], left)
            if offer is None:
                break
            made.append(offer)
            left -= int(np.searchsorted(np.cumsum(self.waterfall.answers[offer.carrier]), 0.5))
        return tuple(made)


def best_plan(waterfall: Waterfall) -> Plan:
    """The plan of least expected cost: next carrier and price by who was asked and how much time is left."""
    n, prices = waterfall.prices.shape
    steps = np.arange(waterfall.spot.size)
    found = np.repeat(waterfall.settled[None], 1 << n, axis=0)
    choices = np.full((1 << n, steps.size), STOP)
    for asked in range((1 << n) - 2, -1, -1):
        for carrier in (one for one in range(n) if not asked >> one & 1):
            offered = waterfall.asked(carrier, asked.bit_count(), found[asked | 1 << carrier])
            price = offered[..., COST].argmin(axis=1)
            best = offered[steps, price]
            better = best[:, COST] < found[asked, :, COST]
            found[asked, better] = best[better]
            choices[asked, better] = carrier * prices + price[better]
    return Plan(waterfall, choices, _figures(waterfall, found[0]))


def follow(waterfall: Waterfall, order: Sequence[int], price: int = 0) -> Figures:
    """What a fixed order comes to, each carrier at its price of that place; spot takes what nobody accepts."""
    follows = waterfall.settled
    for depth, carrier in reversed(list(enumerate(order))):
        offered = waterfall.asked(carrier, depth, follows)[:, price]
        follows = np.concatenate([waterfall.settled[:1], offered[1:]])
    return _figures(waterfall, follows)


def _figures(waterfall: Waterfall, found: Array) -> Figures:
    cost, covered, offers, steps = found[-1].tolist()
    return Figures(cost, covered, offers, steps * waterfall.step_min / 60.0)
