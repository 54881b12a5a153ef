"""An offer against what its lane is used to: its price, and how early the load was released.

A carrier looks at a price for the lane it is paid for, so 2,000 say little until one knows what the lane usually costs.
Lead time is the same story told twice: planners release early what they know to be hard lanes, and late what they put
off. The lane's usual lead time carries the first, the difference from it the second, and what is left is the effect.
"""

import numpy as np

from domain.predictions import ModelName
from features.entities import LEADS, LONG_DAYS, PRICES, Stream
from features.family import Asked, Description, Made, ratio
from features.records import Floats
from features.streams import lead_values, price_values

LANE = ("origin_id", "destination_id")
USED_BY = (ModelName.TENDER_FAILURE,)
"""Models that look at it: only an offer has a price, and only who is asked to come minds how late."""


class Usual:
    """Columns of the lane's usual lead time and of the offer's differences from what is usual."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line each; all fade with the same half-life."""
        lead = ("planned_pickup_at", "released_at", *LANE)
        return (
            Description("price_vs_lane", "log ratio", "price over what the lane's answered tenders usually offered",
                        ("price", *LANE, PRICES.name), ("lane",), LONG_DAYS),
            Description("lane_lead", "asinh(min / 15)", "usual time from release to planned pickup on the lane",
                        (*lead, LEADS.name), ("lane",), LONG_DAYS),
            Description("lead_vs_lane", "asinh(min / 15)", "time from release to planned pickup, less the lane's usual",
                        (*lead, LEADS.name), ("lane",), LONG_DAYS),
        )  # fmt: skip

    def columns(self, asked: Asked) -> Made:
        """Floats; NaN where the lane was never seen or the offer does not say."""
        if asked.model not in USED_BY:
            return {}
        made: dict[str, Floats] = {}
        if (usual := _mean(asked, PRICES)) is not None:
            made["price_vs_lane"] = price_values(asked.record.number("price"))[:, 0] - usual
        if (usual := _mean(asked, LEADS)) is not None:
            own = lead_values(asked.record.moment("planned_pickup_at"), asked.record.moment("released_at"))
            made |= {"lane_lead": usual, "lead_vs_lane": own[:, 0] - usual}
        return made


def _mean(asked: Asked, stream: Stream) -> Floats | None:
    """Decayed mean of a lane's values, shape (n,); none where the stream was never told anything."""
    if asked.source.layout(stream.name) is None:
        return None
    count, total = asked.source.recall(stream.name, asked.record, asked.as_of, _count_and_sum)
    return ratio(total, count)


def _count_and_sum(answers: Floats) -> Floats:
    return np.asarray(answers[:, 0, 0, :])
