"""Streams of outcomes in the order they became known: what history is made of.

A stream has a row for every time an outcome became known or was corrected: ``known_at``, ``first_known_at`` (when
the fact first became known), ``count`` (1, or 0 for a correction), the values' changes, and entity columns.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from domain.codes import DELIVERED, DEPARTED_PICKUP, FAILED_OUTCOMES, X12_STATUS, TenderOutcome
from domain.facts import FACTS
from domain.predictions import ModelName
from features.describe import describe
from features.family import minutes_between
from features.outcomes import lateness_allowed
from store.dataset import Dataset

CORRECTION_HORIZON_DAYS = 90
"""A correction older than this changes the record but no longer the running aggregates."""
DELAY_SCALE_MIN = 15.0


def softened(minutes: pd.Series) -> pd.Series:
    """asinh(minutes / 15): linear near plan, logarithmic far from it, so that one wreck does not drown a mean."""
    return pd.Series(np.arcsinh(minutes / DELAY_SCALE_MIN), index=minutes.index)


def deliveries(dataset: Dataset) -> pd.DataFrame:
    """Deliveries as they became known: ``late`` (0/1) and ``delay`` (softened)."""
    reached = _reached(dataset, DELIVERED)
    delay = minutes_between(reached["occurred_at"], reached["planned_delivery_at"])
    late = (delay > lateness_allowed(dataset, reached)).astype("float64").where(delay.notna())
    return _stream(reached, {"late": late, "delay": softened(delay)}, FACTS["milestones"].key)


def departures(dataset: Dataset) -> pd.DataFrame:
    """Departures from pickup as they became known: ``departure`` (softened lateness against plan)."""
    reached = _reached(dataset, DEPARTED_PICKUP)
    planned = reached["planned_at"].fillna(reached["planned_pickup_at"])
    lateness = softened(minutes_between(reached["occurred_at"], planned))
    return _stream(reached, {"departure": lateness}, FACTS["milestones"].key)


def answers(dataset: Dataset) -> pd.DataFrame:
    """Answers to tenders as they became known: ``failed`` (0/1)."""
    tenders = dataset.table("tenders")
    failed = tenders["outcome"].isin([str(code) for code in FAILED_OUTCOMES])
    decided = tenders[failed | (tenders["outcome"] == TenderOutcome.ACCEPTED)]
    moments = _latest(decided, "outcome_known_at")
    subjects = decided[["tender_id"]].assign(as_of=moments, known_at=moments)
    described = _with_record(dataset, ModelName.TENDER_FAILURE, subjects)
    return _stream(described, {"failed": failed[decided.index].astype("float64")}, ("tender_id",))


def resolutions(dataset: Dataset) -> pd.DataFrame:
    """Impacts of exceptions as they became known: ``impact`` (log1p) and ``over_k``, impact above threshold k (0/1)."""
    exceptions = dataset.table("exceptions")
    resolved = exceptions[exceptions["impact"].notna()]
    moments = _latest(resolved, "resolved_known_at")
    subjects = resolved[["exception_id"]].assign(as_of=moments, known_at=moments)
    described = _with_record(dataset, ModelName.SEVERITY, subjects)
    values = {"impact": pd.Series(np.log1p(resolved["impact"].clip(lower=0.0)), index=resolved.index)}
    for k, threshold in enumerate(dataset.manifest.severity.thresholds, start=1):
        values[f"over_{k}"] = (resolved["impact"] > threshold).astype("float64")
    return _stream(described, values, ("exception_id",))


STREAMS: dict[str, Callable[[Dataset], pd.DataFrame]] = {
    "deliveries": deliveries,
    "departures": departures,
    "answers": answers,
    "resolutions": resolutions,
}


def _reached(dataset: Dataset, code: str) -> pd.DataFrame:
    """Each version of a milestone with the shipment's record as known at that moment."""
    milestones = dataset.table("milestones")
    rows = milestones[(milestones["code_list"] == X12_STATUS) & (milestones["code"] == code)]
    described = describe(dataset, ModelName.ETA_RISK, rows[["shipment_id"]].assign(as_of=rows["known_at"]))
    return described.join(rows[["code_list", "code", "stop", "known_at", "occurred_at", "planned_at"]])


def _latest(rows: pd.DataFrame, second_known: str) -> pd.Series:
    """When a version's second half was known: never before the version itself."""
    return rows["known_at"].where(~(rows[second_known] > rows["known_at"]), rows[second_known])


def _with_record(dataset: Dataset, model: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
    described = describe(dataset, model, subjects.drop(columns="known_at"))
    return described.assign(known_at=subjects["known_at"])


def _stream(rows: pd.DataFrame, values: dict[str, pd.Series], key: tuple[str, ...]) -> pd.DataFrame:
    """Order by knowledge; a later version of a fact becomes the change against the one before."""
    made = rows.drop(columns=list(values), errors="ignore").assign(**values)
    made = made.dropna(subset=list(values)).sort_values("known_at", kind="stable")
    grouped = made.groupby(list(key), dropna=False, sort=False)
    made["first_known_at"] = grouped["known_at"].transform("first")
    made["count"] = (grouped.cumcount() == 0).astype("float64")
    if not made["count"].all():
        for name in values:
            made[name] = made[name] - grouped[name].shift().fillna(0.0)
        named = [name for name in made if name not in (*values, *key, "known_at", "first_known_at", "count")]
        # The change belongs to the entities that the first version counted for.
        first = made.groupby(list(key), dropna=False, sort=False)[named].head(1)
        place = grouped.ngroup()
        made[named] = first.set_index(place[first.index]).reindex(place).set_axis(made.index)
    fresh = made["known_at"] - made["first_known_at"] <= pd.Timedelta(days=CORRECTION_HORIZON_DAYS)
    return made[fresh].reset_index(drop=True)
