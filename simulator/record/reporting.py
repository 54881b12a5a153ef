"""How the shipper comes to know: late by source, sometimes twice, sometimes wrong at first, sometimes never.

What happens to a report depends on its channel and on chance alone, never on what it reports.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Floats, Ints
from simulator.network.world import World

MEAN_MIN = np.array([5.0, 15.0, 40.0])
"""Mean minutes from an event to the report, by channel: EDI, portal, phone."""
STRAGGLER_SHARE, STRAGGLER_MIN = 0.01, 0.5 * DAY
LOST = {"X3": 0.03, "AF": 0.02, "X6": 0.12, "X1": 0.04, "D1": 0.004, "CA": 0.0}
"""Share of reports of a milestone that never arrive."""
TWICE_SHARE, TWICE_MIN = 0.02, 6 * HOUR
WRONG_SHARE, WRONG_MIN, RIGHTED_MIN = 0.02, 45.0, 1.5 * DAY
"""Share of times that are reported wrong at first, the spread of the error, and mean time to the correction."""
NO_REASON_SHARE = 0.25
"""Share of refusals whose reason nobody gives."""
MILESTONES = ("X3", "AF", "X6", "X1", "D1", "CA")


def delay(world: World, stream: str, channel: Ints, *keys: ArrayLike) -> Floats:
    """Minutes from an event to its report, to the second, at least one."""
    minutes = MEAN_MIN[channel] * world.noise.exponential(stream + " delay", *keys)
    late = world.noise.uniform(stream + " straggles", *keys) < STRAGGLER_SHARE
    minutes = minutes + np.where(late, STRAGGLER_MIN * world.noise.exponential(stream + " straggle", *keys), 0.0)
    return np.ceil(minutes * 60.0 + 1.0) / 60.0


def known_at(world: World, code: str, key: Ints, carrier: Ints, occurred_at: Floats) -> Floats:
    """When a milestone was first reported; NaN where it never was."""
    told = to_second(occurred_at) + delay(world, code, world.carriers.channel[carrier], key)
    lost = world.noise.uniform(code + " lost", key) < LOST[code]
    return np.where(lost, np.nan, told)


def answer_known_at(world: World, key: Ints, sequence: Ints, carrier: Ints, answered_at: Floats) -> Floats:
    """When the answer to an offer was on record."""
    return to_second(answered_at) + delay(world, "answer", world.carriers.channel[carrier], key, sequence)


def gives_no_reason(world: World, key: Ints, sequence: Ints) -> NDArray[np.bool_]:
    """Whether a refusal of an offer comes without its reason."""
    return np.asarray(world.noise.uniform("no reason", key, sequence) < NO_REASON_SHARE)


def raised_known_at(world: World, key: Ints, nth: Ints, raised_at: Floats) -> Floats:
    """When an exception was on record: told by the fastest channel."""
    return to_second(raised_at) + delay(world, "raised", np.zeros(len(key), dtype=np.int64), key, nth)


def moved_known_at(world: World, key: Ints, carrier: Ints, halfway_at: Floats) -> Floats:
    """When an appointment that was moved half way was on record."""
    return halfway_at + delay(world, "moved", world.carriers.channel[carrier], key)


def first_told(world: World, code: str, key: Ints, occurred_at: Floats) -> Floats:
    """The time that the first report of a milestone gives: wrong for a few."""
    error = WRONG_MIN * np.abs(world.noise.normal(code + " error", key))
    return to_second(np.where(is_wrong(world, code, key), occurred_at - error, occurred_at))


def is_wrong(world: World, code: str, key: Ints) -> NDArray[np.bool_]:
    """Whether the first report gives a wrong time."""
    return np.asarray(world.noise.uniform(code + " wrong", key) < WRONG_SHARE)


def righted_at(world: World, code: str, key: Ints, known: Floats) -> Floats:
    """When a second report came: the correction of a wrong one, or the same again; NaN for most."""
    wrong, again = is_wrong(world, code, key), world.noise.uniform(code + " twice", key) < TWICE_SHARE
    wait = np.where(wrong, RIGHTED_MIN, TWICE_MIN) * world.noise.exponential(code + " second", key)
    return np.where(wrong | again, known + np.ceil(wait * 60 + 1) / 60, np.nan)


def to_second(minutes: Floats) -> Floats:
    """Minutes rounded to whole seconds, as clocks of systems record them."""
    return np.round(minutes * 60.0) / 60.0
