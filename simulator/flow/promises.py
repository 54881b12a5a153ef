"""What customers are promised, and from when on a promise is broken."""

import numpy as np
from numpy.typing import NDArray

from simulator.flow.loads import Loads
from simulator.network.noise import Floats

PLANNED_UNLOADING_MIN = 120.0
LATE_AFTER_MIN = 30.0
"""Minutes after the planned delivery from which a delivery is late."""

MOVED_MIN = 480.0
"""Minutes by which a customer moves an appointment when told ahead that a delivery will be late."""
TOLD_AHEAD_MIN = 120.0
"""Least notice, before the window ends, at which the customer can move it."""


def moved(loads: Loads) -> NDArray[np.bool_]:
    """Loads whose customer was told in time, and moved the appointment."""
    return np.asarray(loads.notified_at <= loads.window_until - TOLD_AHEAD_MIN)


def planned_delivery_at(loads: Loads) -> Floats:
    """End of the requested window and the usual unloading."""
    return loads.window_until + PLANNED_UNLOADING_MIN


def delay_min(loads: Loads) -> Floats:
    """Minutes of delivery after plan; negative when early, NaN when not delivered."""
    return loads.delivered_at - planned_delivery_at(loads)
