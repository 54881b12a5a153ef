"""The user's own columns (``x_…``) and the categories of the plan, as they are.

Numbers stay numbers. Text stays text: whether the model takes it as a category or as words is
decided where it is encoded, on the training part.
"""

from features.family import Asked, Description, Made, Text
from features.records import Floats, minutes_between

CATEGORIES = (
    "carrier_id",
    "origin_id",
    "destination_id",
    "customer_id",
    "business_unit",
    "mode",
    "equipment",
    "service_level",
    "customer_tier",
    "lane_class",
    "kind",
    "site_id",
    "shift",
)
PREFIX = "x_"


class Attributes:
    """Stage, categories of the plan, and every ``x_…`` column."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Stage, each category, and one line for all of the user's own."""
        named = tuple(Description(name, "category", f"{name} as planned or recorded", (name,)) for name in CATEGORIES)
        return (
            Description("stage", "category", "stage at which the question is asked", ("stage",)),
            *named,
            Description("x_*", "as recorded", "the user's own attributes", ("x_*",)),
        )

    def columns(self, asked: Asked) -> Made:
        """Text for categories and words, floats for numbers, minutes before ``as_of`` for moments."""
        record = asked.record
        named = [name for name in CATEGORIES if name in record.names]
        own = sorted(name for name in record.names if name.startswith(PREFIX))
        made: dict[str, Floats | Text] = {"stage": asked.stage}
        made |= {name: Text(record.text(name), asked.words(name)) for name in named}
        return made | {name: _plain(asked, name) for name in own}


def _plain(asked: Asked, name: str) -> Floats | Text:
    if asked.record.is_text(name):
        return Text(asked.record.text(name), asked.words(name))
    if asked.record.is_moment(name):
        return minutes_between(asked.as_of, asked.record.moment(name))
    return asked.record.number(name)
