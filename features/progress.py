"""How far it has come: lateness at what was reached, silence since, earlier refusals."""

import numpy as np
import pandas as pd

from domain.codes import FAILED_OUTCOMES
from features.family import Asked, Description, minutes_between
from features.known import known_pairs


class Progress:
    """Milestones known at ``as_of``, and earlier tenders of the same shipment."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Seven columns."""
        reached, offers = ("milestones",), ("tenders",)
        return (
            Description("milestones_known", "count", "milestones reached so far", reached),
            Description("last_lateness_min", "min", "lateness of the last milestone against its plan", reached),
            Description("worst_lateness_min", "min", "largest lateness of any milestone so far", reached),
            Description("mean_lateness_min", "min", "mean lateness of the milestones so far", reached),
            Description("silence_min", "min", "since the last milestone became known", reached),
            Description(
                "projected_delay_min",
                "min",
                "delay if the last lateness stays and nothing is made up",
                reached,
            ),
            Description("offers_failed", "count", "earlier tenders of this shipment that failed", offers),
        )

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Floats; counts are 0 and lateness NaN where nothing was reached."""
        rows = len(asked.subjects)
        made = pd.DataFrame(index=range(rows))
        if "shipment_id" in asked.described:
            made = made.join(_milestones(asked)).join(_refusals(asked))
        for count in ("milestones_known", "offers_failed"):
            made[count] = made[count].fillna(0.0) if count in made else 0.0
        made["projected_delay_min"] = _projected(asked, made)
        return made.astype("float64").set_axis(asked.subjects.index, axis=0)


def _milestones(asked: Asked) -> pd.DataFrame:
    pairs = known_pairs(asked.described.assign(as_of=asked.as_of), asked.dataset, "milestones", "shipment_id")
    pairs["lateness"] = minutes_between(pairs["occurred_at"], pairs["planned_at"])
    pairs["silence"] = minutes_between(pairs["as_of"], pairs["known_at"])
    grouped = pairs.groupby("_row")
    return pd.DataFrame(
        {
            "milestones_known": grouped.size().astype("float64"),
            "last_lateness_min": grouped["lateness"].last(),
            "worst_lateness_min": grouped["lateness"].max(),
            "mean_lateness_min": grouped["lateness"].mean(),
            "silence_min": grouped["silence"].last(),
        }
    )


def _refusals(asked: Asked) -> pd.DataFrame:
    if not asked.dataset.has("tenders"):
        return pd.DataFrame({"offers_failed": []})
    pairs = known_pairs(asked.described.assign(as_of=asked.as_of), asked.dataset, "tenders", "shipment_id")
    if "tender_id" in asked.subjects:
        own = asked.subjects["tender_id"].to_numpy()[pairs["_row"]]
        pairs = pairs[(pairs["tender_id"] != own).to_numpy()]
    failed = pairs["outcome"].isin([str(outcome) for outcome in FAILED_OUTCOMES]).astype("float64")
    return failed.groupby(pairs["_row"]).sum().rename("offers_failed").to_frame()


def _projected(asked: Asked, made: pd.DataFrame) -> pd.Series:
    """The last lateness, or how long the delivery is overdue already, whichever is more."""
    overdue = -minutes_between(asked.described["planned_delivery_at"], asked.as_of).reset_index(drop=True)
    last = made.get("last_lateness_min", pd.Series(np.nan, index=made.index))
    return last.fillna(0.0).clip(lower=overdue)
