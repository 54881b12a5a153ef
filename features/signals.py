"""Outside readings at the place, latest known: weather, a market index."""

from features.family import Asked, Description, Made

PLACES = {"origin": "origin_id", "destination": "destination_id", "site": "site_id"}


class Signals:
    """For each kind of reading, its latest value known at the origin, destination and site."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line a place; the kinds of reading follow from the data."""
        return tuple(
            Description(f"{place}_signal_*", "as recorded", f"latest reading known at the {place}", ("signals",))
            for place in PLACES
        )

    def columns(self, asked: Asked) -> Made:
        """Floats; NaN where no reading was known."""
        return {
            f"{place}_signal_{name}": asked.source.reading(name, asked.record.text(column), asked.as_of)
            for name in asked.source.readings()
            for place, column in PLACES.items()
            if column in asked.record.names
        }
