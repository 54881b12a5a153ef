"""Who is asked about, at which stage, as of when (the table of predictions in the design of the domain).

A frame of subjects has ``subject_id``, ``stage``, ``as_of`` and the id column of its table.
"""

import pandas as pd

from domain.codes import ENDING_CODES, X12_STATUS, TenderOutcome
from domain.predictions import (
    ID_COLUMNS,
    STAGE_OFFER,
    STAGE_RAISED,
    STAGE_RELEASE,
    STAGE_TENDERED,
    ModelName,
)
from store.dataset import Dataset

COLUMNS = ("subject_id", "stage", "as_of")


def all_subjects(dataset: Dataset, model: ModelName) -> pd.DataFrame:
    """Every subject and stage of a model that the data set holds, ordered by (as_of, subject, stage order)."""
    if model is ModelName.ETA_RISK:
        return _shipment_stages(dataset)
    if model is ModelName.TENDER_FAILURE:
        return _first_known(dataset, "tenders", "tender_id", "offered_at", STAGE_OFFER)
    return _first_known(dataset, "exceptions", "exception_id", "known_at", STAGE_RAISED)


def answered_at(dataset: Dataset, model: ModelName) -> pd.Series:
    """When it first became known what came of each subject, or that it was called off; index: the subject's id.

    Subjects of which nothing came yet are absent.
    """
    if model is ModelName.ETA_RISK:
        return _ended(dataset).set_index("shipment_id")["ended_at"]
    if model is ModelName.TENDER_FAILURE:
        tenders = dataset.table("tenders")
        return _first_answer(tenders[tenders["outcome"] != TenderOutcome.OPEN], "tender_id", "outcome_known_at")
    exceptions = dataset.table("exceptions")
    return _first_answer(exceptions[exceptions["impact"].notna()], "exception_id", "resolved_known_at")


def _first_answer(answered: pd.DataFrame, key: str, known: str) -> pd.Series:
    """An answer is known no earlier than the version of the record that holds it."""
    moment = answered["known_at"].where(~(answered[known] > answered["known_at"]), answered[known])
    return moment.groupby(answered[key]).min()


def _first_known(dataset: Dataset, table: str, key: str, moment: str, stage: str) -> pd.DataFrame:
    first = dataset.table(table).drop_duplicates(key, keep="first")
    return _ordered(_stage(first, key, stage, first[moment]), key)


def _shipment_stages(dataset: Dataset) -> pd.DataFrame:
    released = _released(dataset)
    stages = pd.concat([released, _tendered(dataset), *_reached(dataset)], ignore_index=True)
    ended = _ended(dataset)
    before = stages.merge(ended, on="shipment_id", how="left")
    before = before[before["ended_at"].isna() | (before["as_of"] < before["ended_at"])]
    known = before.merge(released[["shipment_id", "as_of"]].rename(columns={"as_of": "released"}), on="shipment_id")
    return _ordered(known[known["as_of"] >= known["released"]], ID_COLUMNS[ModelName.ETA_RISK])


def _released(dataset: Dataset) -> pd.DataFrame:
    first = dataset.table("shipments").drop_duplicates("shipment_id", keep="first")
    moment = first["released_at"].where(first["released_at"] > first["known_at"], first["known_at"])
    return _stage(first, "shipment_id", STAGE_RELEASE, moment)


def _tendered(dataset: Dataset) -> pd.DataFrame:
    tenders = dataset.table("tenders")
    accepted = tenders[(tenders["outcome"] == TenderOutcome.ACCEPTED) & tenders["shipment_id"].notna()]
    accepted = accepted.sort_values("outcome_known_at", kind="stable").drop_duplicates("shipment_id")
    return _stage(accepted, "shipment_id", STAGE_TENDERED, accepted["outcome_known_at"])


def _reached(dataset: Dataset) -> list[pd.DataFrame]:
    milestones = dataset.table("milestones")
    milestones = milestones[~_ends(milestones)]
    first = milestones.drop_duplicates(["shipment_id", "code_list", "code", "stop"], keep="first")
    return [_stage(first, "shipment_id", stage_names(first), first["known_at"])] if len(first) else []


def stage_names(milestones: pd.DataFrame) -> pd.Series:
    """Stage that each milestone opens: ``<code>``, or ``<code>@<stop>`` where it has a stop."""
    stop = milestones["stop"]
    return milestones["code"].where(stop.isna(), milestones["code"] + "@" + stop.astype("str"))


def _ends(milestones: pd.DataFrame) -> pd.Series:
    return (milestones["code_list"] == X12_STATUS) & milestones["code"].isin(ENDING_CODES)


def _ended(dataset: Dataset) -> pd.DataFrame:
    milestones = dataset.table("milestones")
    ends = milestones[_ends(milestones)].drop_duplicates("shipment_id", keep="first")
    return ends[["shipment_id", "known_at"]].rename(columns={"known_at": "ended_at"})


def _stage(rows: pd.DataFrame, key: str, stage: str | pd.Series, as_of: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({key: rows[key], "stage": stage, "as_of": as_of})


def _ordered(stages: pd.DataFrame, key: str) -> pd.DataFrame:
    stages = stages.dropna(subset=["as_of"]).assign(subject_id=stages[key])
    ordered = stages.sort_values(["as_of", "subject_id"], kind="stable").reset_index(drop=True)
    return ordered[[*COLUMNS, key]]
