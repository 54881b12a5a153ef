"""Which models a data set can train, and what the others lack."""

from domain.codes import DELIVERED, X12_STATUS
from domain.predictions import ModelName
from features.past import past_of
from store.dataset import Dataset


def missing_for(dataset: Dataset, model: ModelName) -> str | None:
    """What the data set lacks for a model, in words; ``None`` where it lacks nothing."""
    return {
        ModelName.ETA_RISK: _missing_for_eta_risk,
        ModelName.TENDER_FAILURE: _missing_for_tender_failure,
        ModelName.SEVERITY: _missing_for_severity,
    }[model](dataset)


def _missing_for_eta_risk(dataset: Dataset) -> str | None:
    if not dataset.has("shipments"):
        return "the table shipments is absent or empty"
    if "planned_delivery_at" not in dataset.types("shipments"):
        return "shipments has no planned_delivery_at"
    if not past_of(dataset).is_code((DELIVERED,)).any():
        return f"milestones has no delivery (code {DELIVERED} of {X12_STATUS})"
    return None


def _missing_for_tender_failure(dataset: Dataset) -> str | None:
    return None if dataset.has("tenders") else "the table tenders is absent or empty"


def _missing_for_severity(dataset: Dataset) -> str | None:
    if not dataset.has("exceptions"):
        return "the table exceptions is absent or empty"
    if "impact" not in dataset.types("exceptions"):
        return "exceptions has no impact"
    return None
