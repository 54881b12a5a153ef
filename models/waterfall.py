"""The waterfall: a load offered to one carrier after another until one accepts, time runs out, or spot takes it.

Time left until the load must be covered is cut into steps. An offer to carrier i at its k-th price, made with t steps
left after d refusals, is refused with probability p[d, t, i, k]; an acceptance comes after w steps with probability
a[i, w], a refusal with r[i, w]. Whom to ask next, and at what price, is a dynamic programme over (carriers asked so
far, steps left) (Bellman 1957): exact for the law it is given, 2ⁿ · T states.
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
    accepts, refuses
        Shape (n, W + 1): of a carrier's acceptances, and of its refusals, the share that comes after so many steps, at
        least one; what is missing to 1 comes later than that.
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
    accepts: Array
    refuses: Array
    spot: Array
    handling: float = 0.0
    step_min: float = 15.0

    def __post_init__(self) -> None:
        n, prices = self.prices.shape
        if not 1 <= n <= MOST_CARRIERS:
            raise LanewiseError(f"a waterfall has 1 to {MOST_CARRIERS} carriers, but {n} came")
        wanted = (n, self.spot.size, n, prices)
        if self.p_fail.shape != wanted or self.accepts.shape != self.refuses.shape or len(self.accepts) != n:
            raise LanewiseError(
                f"p_fail must have shape {wanted}, but has {self.p_fail.shape}; accepts and refuses must have one "
                f"shape with {n} rows, but have {self.accepts.shape} and {self.refuses.shape}"
            )
        if not ((self.p_fail >= 0) & (self.p_fail <= 1)).all():
            raise LanewiseError("p_fail must be probabilities, from 0 to 1")
        for when in (self.accepts, self.refuses):
            if (when.sum(axis=1) > 1 + 1e-9).any() or (when[:, 0] != 0).any() or not (when >= 0).all():
                raise LanewiseError(
                    "accepts and refuses must be probabilities that sum to 1 at most for each carrier, none for 0 steps"
                )

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
        left, fails = np.arange(self.spot.size), self.p_fail[depth, :, carrier]
        taken = (1.0 - fails) * self._in_time[0][carrier][:, None]
        lapses = 1.0 - taken - fails * self._in_time[1][carrier][:, None]
        follows = self._refused_by[carrier] @ refused
        follows[:, STEPS] += self._waited[1][carrier]
        made: Array = fails[..., None] * follows[:, None]
        made[..., COST] += self.handling + taken * self.prices[carrier] + lapses * self.spot[0]
        made[..., COVERED] += taken
        made[..., OFFERS] += 1.0
        made[..., STEPS] += (1.0 - fails) * self._waited[0][carrier][:, None] + lapses * left[:, None]
        return made

    @cached_property
    def _within(self) -> Array:
        """Shares of acceptances and refusals by steps waited, as far as there is time: shape (2, n, T + 1)."""
        told = np.zeros((2, len(self.prices), self.spot.size))
        some = min(self.accepts.shape[1], self.spot.size)
        told[0, :, :some], told[1, :, :some] = self.accepts[:, :some], self.refuses[:, :some]
        return told

    @cached_property
    def _in_time(self) -> Array:
        """Probability that an acceptance or a refusal comes within so many steps, shape (2, n, T + 1)."""
        return np.asarray(self._within.cumsum(axis=2))

    @cached_property
    def _waited(self) -> Array:
        """Expected steps waited for one that comes within so many steps, 0 for one that does not; (2, n, T + 1)."""
        return np.asarray((self._within * np.arange(self.spot.size)).cumsum(axis=2))

    @cached_property
    def _refused_by(self) -> Array:
        """Probability that a refusal leaves t′ of t steps, shape (n, T + 1, T + 1)."""
        steps = np.arange(self.spot.size)
        waits = steps[:, None] - steps
        return np.asarray(np.where(waits > 0, self._within[1][:, np.maximum(waits, 0)], 0.0))


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
        """The offers as they follow one another when each refusal takes its carrier's median time."""
        left, made = self.waterfall.steps, list[Offer]()
        while left >= 0 and len(made) < len(self.waterfall.prices):
            offer = self.next_offer([one.carrier for one in made], left)
            if offer is None:
                break
            made.append(offer)
            left -= int(np.searchsorted(np.cumsum(self.waterfall.refuses[offer.carrier]), 0.5))
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
