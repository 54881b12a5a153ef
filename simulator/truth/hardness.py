"""How awkward a load is, as far as its record tells: the lead time its planner left, its note, refusals so far."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from simulator.flow.orders import (
    CHATTY_SHARE,
    EASY_HINT,
    HINT_WEIGHTS,
    LEAD_FOR_HARD_LOADS,
    LEAD_RANGE_H,
    LEAD_SPREAD,
    TOLD_SPREAD,
    first_pickup,
    lead_mean,
)
from simulator.network.clock import HOUR
from simulator.network.noise import Floats
from simulator.network.world import World
from simulator.truth.past import Released

GRID = np.linspace(-4.0, 4.0, 65)
"""Values of hardness on which beliefs are laid out."""
BISECTIONS = 14


@dataclass(frozen=True)
class Belief:
    """What is believed of loads' hardness: ``weight`` (loads, :data:`GRID`), each row adding up to 1."""

    weight: Floats

    def drawn(self, uniform: Floats) -> Floats:
        """Draws for uniform numbers (loads, draws), straight between the grid's points."""
        ends = np.cumsum(self.weight, axis=1)
        step = GRID[1] - GRID[0]
        drawn = np.empty(uniform.shape)
        for row, chance in enumerate(uniform):
            drawn[row] = np.interp(chance, np.r_[0.0, ends[row]], np.r_[GRID[0] - step / 2, GRID + step / 2])
        return drawn


def believed(log_weight: Floats) -> Belief:
    """Normalised."""
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return Belief(weight / weight.sum(axis=1, keepdims=True))


def by_record(world: World, loads: Released) -> Floats:
    """Logarithm of prior and likelihood of lead time and note over :data:`GRID`, (loads, grid), up to a constant."""
    low, high = log_lead_range(world, loads)
    rest = low[:, None] - LEAD_FOR_HARD_LOADS * GRID, high[:, None] - LEAD_FOR_HARD_LOADS * GRID
    lead = ndtr(rest[1] / LEAD_SPREAD) - ndtr(rest[0] / LEAD_SPREAD)
    told = ndtr((GRID - EASY_HINT) / TOLD_SPREAD)
    named = told + (1 - told) * CHATTY_SHARE * HINT_WEIGHTS[1:].sum()
    note = np.where((loads.hint > 0)[:, None], named, 1 - named)
    return np.asarray(-(GRID**2) / 2 + np.log(np.maximum(lead, 1e-300)) + np.log(note))


def log_lead_range(world: World, loads: Released) -> tuple[Floats, Floats]:
    """Range of the logarithm of lead time over its mean that leads to the pickup appointment on record.

    The appointment never falls as the lead time grows, so each end is found by bisection; what was clipped is open.
    """
    ends = np.log(LEAD_RANGE_H[0]), np.log(LEAD_RANGE_H[1])
    mean = lead_mean(world.lanes, loads.lane, world.market.target[loads.key >> 34])
    found = []
    for beyond, at_end in ((False, ends[0]), (True, ends[1])):
        low, high = np.full(len(mean), ends[0]), np.full(len(mean), ends[1])
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            pickup = first_pickup(world, loads.lane, loads.released_at, loads.released_at + HOUR * np.exp(middle))
            above = pickup > loads.pickup_at if beyond else pickup >= loads.pickup_at
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        width = (ends[1] - ends[0]) / 2**BISECTIONS
        clipped = np.abs((high if beyond else low) - at_end) <= width
        found.append(np.where(clipped, np.inf if beyond else -np.inf, (low + high) / 2) - mean)
    return found[0], found[1]


def lead_moments(world: World, loads: Released) -> tuple[Floats, Floats]:
    """Mean and variance of hardness given lead time alone, its rounding left out (conjugate Gaussian)."""
    low, high = log_lead_range(world, loads)
    middle = np.where(np.isinf(low), high, np.where(np.isinf(high), low, (low + high) / 2))
    total = LEAD_FOR_HARD_LOADS**2 + LEAD_SPREAD**2
    mean = np.where(np.isfinite(middle), middle, 0.0) * LEAD_FOR_HARD_LOADS / total
    return mean, np.full(len(mean), LEAD_SPREAD**2 / total)
