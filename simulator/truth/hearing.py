"""What is known of a load's way at a moment: as its reports have it, or as it is."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import Loads
from simulator.network.noise import Floats, Ints
from simulator.network.world import World
from simulator.record.reporting import (
    LOST,
    MEAN_MIN,
    STRAGGLER_MIN,
    STRAGGLER_SHARE,
    first_told,
    known_at,
    moved_known_at,
    righted_at,
    to_second,
)

CODES = ("X3", "AF", "X6", "X1", "D1")
ARRIVED, DEPARTED, HALFWAY, REACHED, DELIVERED = range(5)


@dataclass(frozen=True)
class Facts:
    """What is known of some loads, each as of its own moment.

    Attributes
    ----------
    as_of
        (loads,).
    told
        (5, loads): when each of :data:`CODES` came about; NaN where that is not known.
    sure
        (5, loads): whether such a time is beyond doubt.
    agreed_until
        (loads,): end of the delivery appointment as agreed half way; NaN where nothing is known of it.
    """

    as_of: Floats
    told: Floats
    sure: NDArray[np.bool_]
    agreed_until: Floats

    @property
    def under_way(self) -> NDArray[np.bool_]:
        """Whether a truck is known to have come."""
        return np.asarray(np.isfinite(self.told).any(axis=0))


class Hearing(Protocol):
    """A way to know of loads."""

    def facts(self, world: World, loads: Loads, as_of: Floats) -> Facts:
        """What is known of loads whose whole way is given."""
        ...

    def unheard(self, world: World, code: int, carrier: Ints, occurred_at: Floats, as_of: Floats) -> Floats:
        """Probability that what came about at a time is not yet known at another; ``code`` counts :data:`CODES`."""
        ...

    def appointment_unheard(self, world: World, carrier: Ints, halfway_at: Floats, as_of: Floats) -> Floats:
        """The same for an appointment that was moved half way."""
        ...

    def answered_at(self, told_at: Floats, outcome_at: Floats) -> Floats:
        """When the answer to an offer, given at one time and told at another, is known."""
        ...


def moments_of(loads: Loads) -> Floats:
    """When each of :data:`CODES` came about, (5, loads)."""
    return np.stack([loads.arrived_at, loads.departed_at, loads.halfway_at, loads.reached_at, loads.delivered_at])


@dataclass(frozen=True)
class ByReport:
    """Known is what has been reported: late, sometimes wrong, sometimes never."""

    def facts(self, world: World, loads: Loads, as_of: Floats) -> Facts:
        """What was on record."""
        told, sure = np.full((len(CODES), len(loads)), np.nan), np.zeros((len(CODES), len(loads)), dtype=bool)
        for code, at in enumerate(moments_of(loads)):
            known = known_at(world, CODES[code], loads.key, loads.carrier, at)
            sure[code] = righted_at(world, CODES[code], loads.key, known) <= as_of
            first = first_told(world, CODES[code], loads.key, at)
            told[code] = np.where(known <= as_of, np.where(sure[code], to_second(at), first), np.nan)
        moved = self._appointment(world, loads, as_of)
        # Who knows when it left and what was agreed knows what was told half way.
        implied = np.isfinite(moved) & np.isnan(told[HALFWAY]) & np.isfinite(told[DEPARTED])
        told[HALFWAY] = np.where(implied, loads.halfway_at, told[HALFWAY])
        sure[HALFWAY] |= implied
        return Facts(as_of, told, sure, moved)

    def _appointment(self, world: World, loads: Loads, as_of: Floats) -> Floats:
        told = moved_known_at(world, loads.key, loads.carrier, loads.halfway_at)
        return np.where((loads.agreed_until > loads.window_until) & (told <= as_of), loads.agreed_until, np.nan)

    def unheard(self, world: World, code: int, carrier: Ints, occurred_at: Floats, as_of: Floats) -> Floats:
        """Lost, or not yet told."""
        waiting = not_yet_told(MEAN_MIN[world.carriers.channel[carrier]], as_of - occurred_at)
        return np.asarray(LOST[CODES[code]] + (1 - LOST[CODES[code]]) * waiting)

    def appointment_unheard(self, world: World, carrier: Ints, halfway_at: Floats, as_of: Floats) -> Floats:
        """Not yet told."""
        return not_yet_told(MEAN_MIN[world.carriers.channel[carrier]], as_of - halfway_at)

    def answered_at(self, told_at: Floats, outcome_at: Floats) -> Floats:
        """When it was told."""
        return told_at


def not_yet_told(mean_min: Floats, passed_min: Floats) -> Floats:
    """Probability that :func:`simulator.record.reporting.delay` exceeds so many minutes, not rounded to seconds."""
    passed = np.maximum(0.0, passed_min)
    usual, late = np.exp(-passed / mean_min), np.exp(-passed / STRAGGLER_MIN)
    straggling = (STRAGGLER_MIN * late - mean_min * usual) / (STRAGGLER_MIN - mean_min)
    return np.asarray((1 - STRAGGLER_SHARE) * usual + STRAGGLER_SHARE * straggling)


@dataclass(frozen=True)
class BySight:
    """Known is what has happened."""

    def facts(self, world: World, loads: Loads, as_of: Floats) -> Facts:
        """All that has come about."""
        moments = moments_of(loads)
        told = np.where(moments <= as_of, moments, np.nan)
        agreed = np.where(np.isfinite(told[HALFWAY]), loads.agreed_until, np.nan)
        return Facts(as_of, told, np.ones(told.shape, dtype=bool), agreed)

    def unheard(self, world: World, code: int, carrier: Ints, occurred_at: Floats, as_of: Floats) -> Floats:
        """1 for what is still to come, 0 for what is past."""
        return (occurred_at > as_of) * 1.0

    def appointment_unheard(self, world: World, carrier: Ints, halfway_at: Floats, as_of: Floats) -> Floats:
        """The same."""
        return (halfway_at > as_of) * 1.0

    def answered_at(self, told_at: Floats, outcome_at: Floats) -> Floats:
        """When it was given."""
        return outcome_at
