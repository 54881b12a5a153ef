"""The subject's own record as known at ``as_of``: what every family starts from."""

import pandas as pd

from domain.predictions import ID_COLUMNS, ModelName
from features.known import look_up
from store.dataset import Dataset

OWN_TABLE = {
    ModelName.ETA_RISK: "shipments",
    ModelName.TENDER_FAILURE: "tenders",
    ModelName.SEVERITY: "exceptions",
}
NOT_PLANNED = {"known_at", "outcome", "outcome_at", "outcome_known_at", "impact", "resolved_at", "resolved_by",
               "resolved_known_at", "reason", "reason_list"}  # fmt: skip
"""Columns of a record that are no part of what is asked about."""


def describe(dataset: Dataset, model: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
    """Planned columns and attributes of each subject, the asker's own values winning over recorded ones.

    A subject's ``shipment_id`` brings the shipment's columns along for tenders and exceptions. Columns
    that no table gave are null, so that a subject may also be described wholly by its asker.
    """
    given = subjects.drop(columns=["subject_id", "stage"], errors="ignore")
    described = _filled(given, dataset, OWN_TABLE[model], ID_COLUMNS[model])
    if model is not ModelName.ETA_RISK:
        described = _filled(described, dataset, "shipments", "shipment_id")
    described["lane"] = described["origin_id"] + "→" + described["destination_id"]
    return described.drop(columns="as_of")


def _filled(given: pd.DataFrame, dataset: Dataset, table: str, key: str) -> pd.DataFrame:
    """``given`` with the columns of the keyed record beside it, where it does not say them itself."""
    record = dataset.table(table)
    if key not in given or given[key].isna().all():
        found = record.iloc[:0].reindex(given.index).drop(columns=[key])
    else:
        found = look_up(given, dataset, table, by=[key])
    found = found.drop(columns=[name for name in found.columns if name in NOT_PLANNED])
    asked = [name for name in found.columns if name in given]
    kept = given.assign(**{name: given[name].where(given[name].notna(), found[name]) for name in asked})
    return kept.join(found.drop(columns=asked))
