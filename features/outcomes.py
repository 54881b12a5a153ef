"""What became of each subject, as known by a moment: the target of training and of evaluation."""

from datetime import datetime
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from domain.codes import CANCELLED, DELIVERED, TenderOutcome
from domain.facts import FACTS
from domain.predictions import ID_COLUMNS, ModelName
from features.known import last_of, told_by
from features.past import Past, past_of
from features.records import NO_MOMENT, Floats, Moments, Names, microseconds, minutes_between
from features.streams import FAILED_WORDS, lateness_allowed
from features.words import Vocabulary
from store.dataset import Dataset
from store.frames import arrow_column

Bools = NDArray[np.bool_]
SECOND = 1_000_000
"""Microseconds."""
Made = dict[str, Floats | pd.Series]


class Fate(StrEnum):
    """Whether an outcome can be learned from."""

    KNOWN = "known"
    CENSORED = "censored"
    """Not yet known: still moving, still open. Never "on time"."""
    CANCELLED = "cancelled"
    """Called off: neither good nor bad; left out and counted."""
    NO_PLAN = "no_plan"
    """Delivered, but no planned delivery was known to hold it against."""


_NUMBER = {fate: number for number, fate in enumerate(Fate)}


def outcomes(
    dataset: Dataset, model: ModelName, subjects: pd.DataFrame, known_by: datetime, names: Names | None = None
) -> pd.DataFrame:
    """Fate and outcome of each subject with what was known by ``known_by``.

    Parameters
    ----------
    names
        The subjects' ids as the past's numbers, where they are known already.

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
    past, key = past_of(dataset), ID_COLUMNS[model]
    if names is None:
        names = Vocabulary(past.words).of(key).numbers(arrow_column(subjects[key]))
    by = int(microseconds(pd.Series([pd.Timestamp(known_by)]))[0])
    return pd.DataFrame(answer(past, names, microseconds(subjects["as_of"]), by)).set_axis(subjects.index)


def _delays(past: Past, names: Names, as_of: Moments, by: int) -> Made:
    milestones = past.records("milestones")
    end, called_off = (_last(past, "milestones", names, by, past.is_code((code,))) for code in (DELIVERED, CANCELLED))
    delivered, known_at = _cells(milestones.moment("occurred_at"), end), _cells(milestones.moment("known_at"), end)
    record = past.described(ModelName.ETA_RISK, names, as_of)
    planned, allowed = record.moment("planned_delivery_at"), lateness_allowed(past.manifest.late_after_min, record)
    delay = minutes_between(delivered, planned)
    fate = _fates(delivered != NO_MOMENT, called_off >= 0, np.isnan(delay))
    told = fate == _NUMBER[Fate.KNOWN]
    late = np.where(told, delay > allowed, np.nan)
    return {
        "fate": _text(fate),
        "known_at": _moments(known_at),
        "value": np.where(told, delay, np.nan),
        "late": late,
        "late_after_min": allowed,
        "lag_min": np.where(told, (known_at - delivered) / SECOND / 60.0, np.nan),
        "late_at": _moments(planned) + pd.to_timedelta(pd.Series(allowed), unit="min"),
    }


def _answers(past: Past, names: Names, as_of: Moments, by: int) -> Made:
    """What the last version of each tender says; one that was cancelled after it had been accepted was accepted."""
    known_at = past.records("tenders").moment("outcome_known_at")
    told = told_by(known_at, by)
    said = {word: told & past.among("tenders", "outcome", (word,)) for word in map(str, TenderOutcome)}
    last, undone = (_last(past, "tenders", names, by, which) for which in (None, said[TenderOutcome.ACCEPTED]))
    last = np.where(_flags(said[TenderOutcome.CANCELLED], last) & (undone >= 0), undone, last)
    failed = _flags(told & past.among("tenders", "outcome", FAILED_WORDS), last)
    decided = failed | _flags(said[TenderOutcome.ACCEPTED], last)
    return {
        "fate": _text(_fates(decided, _flags(said[TenderOutcome.CANCELLED], last))),
        "known_at": _moments(np.where(_flags(told, last), _cells(known_at, last), NO_MOMENT)),
        "value": np.where(decided, failed, np.nan),
    }


def _impacts(past: Past, names: Names, as_of: Moments, by: int) -> Made:
    exceptions = past.records("exceptions")
    known_at = exceptions.moment("resolved_known_at")
    last = _last(past, "exceptions", names, by)
    told = _flags(told_by(known_at, by), last)
    impact = np.where(told, np.append(exceptions.number("impact"), np.nan)[last], np.nan)
    return {
        "fate": _text(_fates(~np.isnan(impact), np.zeros(impact.size, dtype=np.bool_))),
        "known_at": _moments(np.where(told, _cells(known_at, last), NO_MOMENT)),
        "value": impact,
    }


def _last(past: Past, table: str, names: Names, by: int, which: Bools | None = None) -> NDArray[np.int64]:
    """The last of some rows, by default of all, that was known of each name; −1 where none was."""
    records = past.records(table)
    return last_of(records.text(FACTS[table].key[0]), records.moment("known_at"), names, by, which)


def _fates(known: Bools, called_off: Bools, planless: Bools | None = None) -> NDArray[np.int8]:
    """Numbers of fates. Cancelled wins over known: a tender or shipment called off has no outcome to learn."""
    told = np.where(known, _NUMBER[Fate.KNOWN], _NUMBER[Fate.CENSORED]).astype(np.int8)
    if planless is not None:
        told[known & planless] = _NUMBER[Fate.NO_PLAN]
    told[called_off] = _NUMBER[Fate.CANCELLED]
    return told


def _text(fate: NDArray[np.int8]) -> pd.Series:
    return pd.Series(pa.array(list(map(str, Fate)), pa.string()).take(pa.array(fate)), dtype="str")


def _moments(found: Moments) -> pd.Series:
    """Moments as pandas has them; :data:`NO_MOMENT` is its own sign for one that is not there."""
    return pd.Series(found.view("datetime64[us]")).dt.tz_localize("UTC")


def _cells(column: Moments, rows: NDArray[np.int64]) -> Moments:
    """A column's cells in some rows, :data:`NO_MOMENT` for row −1."""
    return np.asarray(np.append(column, NO_MOMENT)[rows])


def _flags(column: Bools, rows: NDArray[np.int64]) -> Bools:
    """The same of flags, none of which row −1 has."""
    return np.asarray(np.append(column, False)[rows])
