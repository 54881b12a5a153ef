"""What became of each subject, as known by a moment: the target of training and of evaluation."""

from datetime import datetime
from enum import StrEnum

import numpy as np
import pandas as pd

from domain.codes import CANCELLED, DELIVERED, FAILED_OUTCOMES, X12_STATUS, TenderOutcome
from domain.predictions import ModelName
from features.known import as_known, versions_known
from features.past import past_of
from features.records import microseconds, minutes_between
from features.streams import lateness_allowed
from features.words import Vocabulary
from store.dataset import Dataset
from store.frames import arrow_column


class Fate(StrEnum):
    """Whether an outcome can be learned from."""

    KNOWN = "known"
    CENSORED = "censored"
    """Not yet known: still moving, still open. Never "on time"."""
    CANCELLED = "cancelled"
    """Called off: neither good nor bad; left out and counted."""
    NO_PLAN = "no_plan"
    """Delivered, but no planned delivery was known to hold it against."""


def outcomes(dataset: Dataset, model: ModelName, subjects: pd.DataFrame, known_by: datetime) -> pd.DataFrame:
    """Fate and outcome of each subject with what was known by ``known_by``.

    Returns
    -------
    pandas.DataFrame
        n rows, index as ``subjects``: ``fate``; ``known_at``, when the outcome became known; ``value``: delay in
        minutes, 1.0 for a failed tender and 0.0 for an accepted one, or the realised impact; for ``eta_risk`` also
        ``late`` (0.0 or 1.0), ``late_after_min``, ``lag_min`` from delivery until it was known, and ``late_at``, the
        moment after which a delivery is late. Values are NaN unless the fate is ``known``.
    """
    answer = {
        ModelName.ETA_RISK: _delays,
        ModelName.TENDER_FAILURE: _answers,
        ModelName.SEVERITY: _impacts,
    }[model]
    return answer(dataset, subjects, known_by)


def _delays(dataset: Dataset, subjects: pd.DataFrame, known_by: datetime) -> pd.DataFrame:
    ends = as_known(dataset, "milestones", known_by)
    ends = ends[ends["code_list"] == X12_STATUS].drop_duplicates(["shipment_id", "code"], keep="last")
    ends_well = ends[ends["code"] == DELIVERED]
    delivered = _by(ends_well, "shipment_id", "occurred_at", subjects["shipment_id"])
    known_at = _by(ends_well, "shipment_id", "known_at", subjects["shipment_id"])
    called_off = subjects["shipment_id"].isin(ends.loc[ends["code"] == CANCELLED, "shipment_id"])
    past = past_of(dataset)
    names = Vocabulary(past.words).of("shipment_id").numbers(arrow_column(subjects["shipment_id"]))
    record = past.described(ModelName.ETA_RISK, names, microseconds(subjects["as_of"]))
    planned = record.moment("planned_delivery_at")
    delay = pd.Series(minutes_between(microseconds(delivered), planned), index=subjects.index)
    fate = _fates(subjects, delivered.notna(), called_off)
    fate = fate.mask((fate == Fate.KNOWN) & delay.isna(), Fate.NO_PLAN)
    allowed = pd.Series(lateness_allowed(dataset.manifest.late_after_min, record), index=subjects.index)
    value = delay.where(fate == Fate.KNOWN)
    late = (value > allowed).astype("float64").where(value.notna())
    lag = ((known_at - delivered).dt.total_seconds() / 60.0).where(value.notna())
    planned_at = pd.Series(planned.view("datetime64[us]"), index=subjects.index).dt.tz_localize("UTC")
    told = {"fate": fate, "known_at": known_at, "value": value, "late": late, "late_after_min": allowed}
    return pd.DataFrame({**told, "lag_min": lag, "late_at": planned_at + pd.to_timedelta(allowed, unit="min")})


def _answers(dataset: Dataset, subjects: pd.DataFrame, known_by: datetime) -> pd.DataFrame:
    tenders = _answered_first(versions_known(dataset, "tenders", known_by))
    outcome = _by(tenders, "tender_id", "outcome", subjects["tender_id"])
    failed = outcome.isin([str(code) for code in FAILED_OUTCOMES])
    decided = failed | (outcome == TenderOutcome.ACCEPTED)
    fate = _fates(subjects, decided, outcome == TenderOutcome.CANCELLED)
    known_at = _by(tenders, "tender_id", "outcome_known_at", subjects["tender_id"])
    return pd.DataFrame({"fate": fate, "known_at": known_at, "value": failed.astype("float64").where(decided)})


def _answered_first(versions: pd.DataFrame) -> pd.DataFrame:
    """The last version of each tender, but the accepted one where it was cancelled after it had been accepted."""
    last = versions.drop_duplicates("tender_id", keep="last")
    cancelled = last.loc[last["outcome"] == TenderOutcome.CANCELLED, "tender_id"]
    accepted = versions[(versions["outcome"] == TenderOutcome.ACCEPTED) & versions["tender_id"].isin(cancelled)]
    undone = accepted.drop_duplicates("tender_id", keep="last")
    return pd.concat([last[~last["tender_id"].isin(undone["tender_id"])], undone])


def _impacts(dataset: Dataset, subjects: pd.DataFrame, known_by: datetime) -> pd.DataFrame:
    exceptions = as_known(dataset, "exceptions", known_by)
    impact = _by(exceptions, "exception_id", "impact", subjects["exception_id"]).astype("float64")
    never = pd.Series(np.zeros(len(subjects), dtype=bool), index=subjects.index)
    known_at = _by(exceptions, "exception_id", "resolved_known_at", subjects["exception_id"])
    return pd.DataFrame({"fate": _fates(subjects, impact.notna(), never), "known_at": known_at, "value": impact})


def _by(records: pd.DataFrame, key: str, column: str, wanted: pd.Series) -> pd.Series:
    """``column`` of the record with each wanted key, null where there is none."""
    found = records.set_index(key)[column].reindex(wanted.array)
    return found.set_axis(wanted.index)


def _fates(subjects: pd.DataFrame, known: pd.Series, called_off: pd.Series) -> pd.Series:
    """Cancelled wins over known: a tender or shipment called off has no outcome to learn."""
    fate = pd.Series(np.where(known, Fate.KNOWN, Fate.CENSORED), index=subjects.index, dtype="str")
    return fate.mask(called_off, Fate.CANCELLED)
