"""Shipments on their way through the network, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.network.columns import Columns
from simulator.network.noise import Floats, Ints

NOBODY = -1


@dataclass
class Loads(Columns):
    """Loads, one entry each in every array. Times are minutes since the start; NaN is "not (yet)".

    Attributes
    ----------
    key
        Identity, and the key of all of a load's chance.
    lane
        Index into the lanes.
    hard
        How awkward the load is, standard normal, known to nobody but the planner who feels it.
    weight_kg, pallets, value
        What is carried.
    hint
        What its note says: index into :data:`simulator.flow.orders.HINTS`.
    spot_only
        Never offered under contract.
    ordered_at, released_at, pickup_at, window_from, window_until
        Order, release to carriers, pickup appointment, requested delivery window.
    cancels_at
        When the shipper cancels it.
    rank
        Next entry of the routing guide to be offered; ``sequence`` counts the offers made.
    next_at
        When the next offer is due; infinite once covered.
    carrier, price, contract, covered_at
        Who took it, for how much, under contract or not, and when.
    gives_back_at
        When the carrier that took it hands it back.
    expedited_at, notified_at
        When somebody paid for speed, or told the customer.
    ready_at
        Pickup appointment as it stands.
    arrived_at, departed_at, halfway_at, reached_at, delivered_at
        Milestones X3, AF, X6, X1, D1.
    agreed_until
        End of the delivery appointment as last agreed.
    broken_min, storm, crowd
        Minutes lost to a breakdown, mean strength of storms on the way, load of the dock.
    short
        Delivered less than ordered.
    """

    key: Ints
    lane: Ints
    hard: Floats
    weight_kg: Floats
    pallets: Floats
    value: Floats
    hint: Ints
    spot_only: NDArray[np.bool_]
    ordered_at: Floats
    released_at: Floats
    pickup_at: Floats
    window_from: Floats
    window_until: Floats
    cancels_at: Floats
    rank: Ints
    sequence: Ints
    next_at: Floats
    carrier: Ints
    price: Floats
    contract: NDArray[np.bool_]
    covered_at: Floats
    gives_back_at: Floats
    expedited_at: Floats
    notified_at: Floats
    ready_at: Floats
    arrived_at: Floats
    departed_at: Floats
    halfway_at: Floats
    reached_at: Floats
    delivered_at: Floats
    agreed_until: Floats
    broken_min: Floats
    storm: Floats
    crowd: Floats
    short: NDArray[np.bool_]

    @property
    def loads_from(self) -> Floats:
        """When the dock is the truck's: at the appointment, or on arrival after it."""
        return np.maximum(self.arrived_at, self.ready_at)

    @property
    def unloads_from(self) -> Floats:
        """When the customer receives it: as the window opens, or on arrival after that."""
        return np.maximum(self.reached_at, self.window_from)


def never(count: int) -> Floats:
    """Times that have not come."""
    return np.full(count, np.nan)
