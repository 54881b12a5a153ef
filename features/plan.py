"""The plan as known: durations, slack, speed, size, price."""

import numpy as np
import pandas as pd

from features.family import Asked, Description, minutes_between

NUMBERS = {
    "distance_km": ("km", "planned distance"),
    "weight_kg": ("kg", "weight"),
    "volume_m3": ("m³", "volume"),
    "value": ("money", "value of the goods"),
    "late_after_min": ("min", "lateness the shipment tolerates"),
    "late_penalty": ("money", "penalty for being late"),
    "sequence": ("rank", "place in the routing guide"),
    "price": ("money", "price offered"),
    "contract": ("0/1", "contract rate rather than spot"),
}


class Plan:
    """Numbers of the plan itself and what follows from them at ``as_of``."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Recorded numbers first, derived ones after."""
        recorded = tuple(Description(name, unit, text, (name,)) for name, (unit, text) in NUMBERS.items())
        pickup, delivery = "planned_pickup_at", "planned_delivery_at"
        return (
            *recorded,
            Description("planned_duration_min", "min", "planned pickup to planned delivery", (pickup, delivery)),
            Description("to_pickup_min", "min", "as_of to planned pickup: the lead time left", (pickup,)),
            Description("to_delivery_min", "min", "as_of to planned delivery", (delivery,)),
            Description("answer_time_min", "min", "as_of to the moment an answer is due", ("respond_by",)),
            Description("planned_speed_kmh", "km/h", "speed that the plan implies", (pickup, delivery, "distance_km")),
            Description("price_per_km", "money/km", "price for each kilometre", ("price", "distance_km")),
        )

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Floats; NaN where an input is unknown."""
        d = asked.described
        made = {name: pd.to_numeric(d[name]).astype("float64") for name in NUMBERS if name in d}
        duration = minutes_between(d["planned_delivery_at"], d["planned_pickup_at"])
        made["planned_duration_min"] = duration
        made["to_pickup_min"] = minutes_between(d["planned_pickup_at"], asked.as_of)
        made["to_delivery_min"] = minutes_between(d["planned_delivery_at"], asked.as_of)
        made["planned_speed_kmh"] = _ratio(made["distance_km"] * 60.0, duration)
        if "price" in d:
            made["answer_time_min"] = minutes_between(d["respond_by"], asked.as_of)
            made["price_per_km"] = _ratio(made["price"], made["distance_km"])
        return pd.DataFrame(made, index=asked.subjects.index)


def _ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    return above / below.where(below > 0, np.nan)
