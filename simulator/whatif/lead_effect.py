"""Lead time both ways: what one sees in the record, and what it does.

Planners release lanes they know to be hard early, and put off loads they feel to be awkward. So the record mixes what
lead time does with whom it is given to; :func:`simulator.whatif.answer.answers` takes the two apart.
"""

from dataclasses import dataclass

import numpy as np

from simulator.flow.loads import Loads
from simulator.network.clock import DAY, HOUR
from simulator.network.noise import Floats
from simulator.whatif.actions import DO_NOTHING, Action, Actions, release_earlier
from simulator.whatif.answer import answers
from simulator.whatif.history import History, joined

SURE = 1.96
"""Standard errors on either side of an interval of 95 %."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval of 95 %."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


@dataclass(frozen=True)
class LeadTime:
    """Lead time and the acceptance of first tenders under contract.

    Attributes
    ----------
    loads
        Loads asked about.
    raw
        Slope of acceptance on the logarithm of lead time, over all loads on record.
    effect
        Change of acceptance when each load is released ``hours`` earlier, all else as it was.
    """

    loads: int
    hours: float
    raw: Estimate
    effect: Estimate


def lead_time_both_ways(history: History, hours: float = 24.0) -> LeadTime:
    """Raw association and effect on the same loads; those that could not have been released earlier are left out."""
    ended = joined(history.finished + history.cancelled)
    loads = ended[np.flatnonzero((ended.released_at > HOUR * hours + DAY) & ~ended.spot_only)]
    usual, earlier = (_accepted(history, loads, action) for action in (DO_NOTHING, release_earlier(hours)))
    lead = np.log((loads.pickup_at - loads.released_at) / HOUR)
    return LeadTime(len(loads), hours, _slope(lead, usual), _mean(earlier - usual))


def _accepted(history: History, loads: Loads, action: Action) -> Floats:
    return answers(history, loads.key, Actions.of([action] * len(loads))).first_accepted.astype(float)


def _slope(x: Floats, y: Floats) -> Estimate:
    """Least squares, with errors that allow for unequal spreads (White 1980)."""
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    error = float(np.sqrt(x**2 @ (y - slope * x) ** 2) / (x @ x))
    return Estimate(slope, slope - SURE * error, slope + SURE * error)


def _mean(values: Floats) -> Estimate:
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    return Estimate(mean, mean - SURE * error, mean + SURE * error)
