"""The names of what a network has few of."""

from dataclasses import dataclass

import pyarrow as pa

from simulator.network.world import World
from simulator.record.names import numbered


@dataclass(frozen=True)
class Labels:
    """Names by index: centres and customers' sites are places; a customer and its site have two names."""

    centres: pa.Array
    customers: pa.Array
    customer_sites: pa.Array
    carriers: pa.Array


def labels_of(world: World) -> Labels:
    """Name everything of a world."""
    return Labels(
        numbered("DC", len(world.centres)),
        numbered("CUSTOMER", len(world.customers)),
        numbered("SITE", len(world.customers)),
        numbered("CARRIER", len(world.carriers)),
    )
