"""A subject's own record: which table it lies in, and what of it may be asked about."""

from domain.predictions import ModelName

OWN_TABLE = {
    ModelName.ETA_RISK: "shipments",
    ModelName.TENDER_FAILURE: "tenders",
    ModelName.SEVERITY: "exceptions",
}
NOT_PLANNED = frozenset(
    {
        "known_at",
        *("outcome", "outcome_at", "outcome_known_at", "reason", "reason_list"),
        *("impact", "resolved_at", "resolved_by", "resolved_known_at"),
    }
)
"""Columns of a record that are no part of what is asked about."""
