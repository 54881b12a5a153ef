"""Small histories that several tests ask."""

from functools import lru_cache

import numpy as np

from simulator.flow.loads import Loads
from simulator.network.noise import Floats
from simulator.network.params import SimulationParams
from simulator.whatif.actions import Action, Actions
from simulator.whatif.answer import answers
from simulator.whatif.closed_loop import Start, start_after_warm_up
from simulator.whatif.history import History, joined, lived_through
from simulator.whatif.outcomes import Outcomes

SMALL = SimulationParams(shipments=3_000, days=35, seed=5)


@lru_cache
def history() -> History:
    return lived_through(SMALL)


@lru_cache
def ended() -> Loads:
    """All loads of the history as they ended, by key."""
    return joined(history().finished + history().cancelled)


@lru_cache
def done_to_all(action: Action, hours: float | None = None) -> Outcomes:
    """The same action on every load, so many hours after its release."""
    loads = ended()
    as_of: Floats | None = None if hours is None else loads.released_at + 60.0 * hours
    return answers(history(), loads.key, Actions.of([action] * len(loads)), as_of)


@lru_cache
def start(seed: int = 5, days: int = 10) -> Start:
    return start_after_warm_up(SimulationParams(shipments=3_000, days=35, seed=seed), days)


def differing(one: Loads, other: Loads) -> set[str]:
    """Names of columns that are not equal bit by bit."""
    names = one.__dataclass_fields__
    return {name for name in names if not same(getattr(one, name), getattr(other, name))}


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
