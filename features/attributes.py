"""The user's own columns (``x_…``) and the categories of the plan, as they are.

Numbers stay numbers. Text stays text: whether the model takes it as a category or as words is
decided where it is encoded, on the training part.
"""

import pandas as pd

from features.family import Asked, Description

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


def own_attributes(described: pd.DataFrame) -> list[str]:
    """Names of the user's own columns, in order."""
    return sorted(name for name in described.columns if name.startswith(PREFIX))


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

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Text for categories and words, floats for numbers, minutes before ``as_of`` for moments."""
        described = asked.described
        named = [name for name in CATEGORIES if name in described and described[name].notna().any()]
        own = {name: _plain(described[name], asked.as_of) for name in own_attributes(described)}
        made = {"stage": asked.subjects["stage"], **{name: described[name] for name in named}, **own}
        return pd.DataFrame(made, index=asked.subjects.index)


def _plain(column: pd.Series, as_of: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return (as_of - column) / pd.Timedelta(minutes=1)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return column.astype("str")
