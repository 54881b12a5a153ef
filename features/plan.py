"""The plan as known: durations, slack, speed, size, price."""

from features.family import Asked, Description, Made, ratio
from features.records import minutes_between

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
DRIVING_KMH = 80.0


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
            Description(
                "slack_min",
                "min",
                f"planned duration less the time that distance_km takes at {DRIVING_KMH:g} km/h",
                (pickup, delivery, "distance_km"),
            ),
            Description("planned_speed_kmh", "km/h", "speed that the plan implies", (pickup, delivery, "distance_km")),
            Description("price_per_km", "money/km", "price for each kilometre", ("price", "distance_km")),
        )

    def columns(self, asked: Asked) -> Made:
        """Floats; NaN where an input is unknown."""
        record = asked.record
        made = {name: record.number(name) for name in NUMBERS if name in record.names}
        pickup, delivery = record.moment("planned_pickup_at"), record.moment("planned_delivery_at")
        duration = minutes_between(delivery, pickup)
        made["planned_duration_min"] = duration
        made["to_pickup_min"] = minutes_between(pickup, asked.as_of)
        made["to_delivery_min"] = minutes_between(delivery, asked.as_of)
        made["slack_min"] = duration - record.number("distance_km") * (60.0 / DRIVING_KMH)
        made["planned_speed_kmh"] = ratio(record.number("distance_km") * 60.0, duration)
        if "price" in record.names:
            made["answer_time_min"] = minutes_between(record.moment("respond_by"), asked.as_of)
            made["price_per_km"] = ratio(record.number("price"), record.number("distance_km"))
        return made
