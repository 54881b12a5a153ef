"""The three predictions: who is asked about, at which stage, and what is said.

Frames are handed between packages as pandas objects; they are ``Any`` here because the
ground floor knows the standard library only.
"""

from enum import StrEnum
from typing import Any, Protocol

from domain.codes import Severity


class ModelName(StrEnum):
    """The models, by what each one says."""

    ETA_RISK = "eta_risk"
    TENDER_FAILURE = "tender_failure"
    SEVERITY = "severity"


QUANTILE_LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""Levels of the delay that ``predict`` writes, as columns ``q05`` … ``q95`` (minutes)."""

IMPACT_LEVELS = (0.10, 0.90)
"""Ends of the interval of an impact, as columns ``q10`` and ``q90`` in the data set's impact unit."""

DENSE_LEVELS = (0.005, 0.02, *(round(0.05 * k, 2) for k in range(1, 20)), 0.98, 0.995)
"""Levels on which an expected cost is integrated."""


def quantile_column(level: float) -> str:
    """Name the column of a quantile of the delay: 0.05 → ``q05``, 0.995 → ``q995``."""
    digits = f"{level:.3f}"[2:]
    return "q" + (digits[:2] if digits.endswith("0") else digits)


ID_COLUMNS = {
    ModelName.ETA_RISK: "shipment_id",
    ModelName.TENDER_FAILURE: "tender_id",
    ModelName.SEVERITY: "exception_id",
}
"""What ``subject_id`` is for each model."""

STAGE_RELEASE = "release"
STAGE_TENDERED = "tendered"
STAGE_OFFER = "offer"
STAGE_RAISED = "raised"

PREDICTED_COLUMNS = {
    ModelName.ETA_RISK: ("p_late", *(quantile_column(level) for level in QUANTILE_LEVELS)),
    ModelName.TENDER_FAILURE: ("p_fail",),
    ModelName.SEVERITY: (
        *(f"p_{name}" for name in Severity),
        "expected_impact",
        *(quantile_column(level) for level in IMPACT_LEVELS),
    ),
}


OUT_OF_SUPPORT = "out_of_support"
"""Column beside them that says why a prediction is not to be relied on; empty where it is."""


class Scoring(Protocol):
    """Scores subjects, as recorded or as they would be after an action.

    Implemented over ``features`` and ``models``; handed to ``optimization`` by ``decisions``.
    """

    def has(self, model: ModelName) -> bool:
        """Say whether a model of this kind is in service."""
        ...

    def delays(self, subjects: Any) -> Any:
        """Quantiles of the delay in minutes at :data:`DENSE_LEVELS`.

        Parameters
        ----------
        subjects
            Frame of n rows: ``shipment_id``, ``stage``, ``as_of``, and any planned column
            (``carrier_id``, ``planned_delivery_at``, …) with the value it would have after
            the action.

        Returns
        -------
        numpy.ndarray
            Shape (n, len(DENSE_LEVELS)), ascending along each row.
        """
        ...

    def tender_failures(self, offers: Any) -> Any:
        """P(fails), shape (n,), for offers: ``shipment_id``, ``carrier_id``, ``as_of``, optionally ``price``."""
        ...

    def impacts(self, subjects: Any) -> Any:
        """Expected impact in the manifest's unit, shape (n,), for ``exception_id``, ``as_of``."""
        ...

    def doubts(self, model: ModelName, subjects: Any) -> Any:
        """Why each subject lies outside what a model was trained on, shape (n,) of text; ``None`` where it does not.

        ``subjects`` is a frame that the model was just asked about by one of the methods above.
        """
        ...
