"""Who is asked about, at which stage, as of when (the table of predictions in the design of the domain).

A frame of subjects has ``subject_id``, ``stage``, ``as_of`` and the id column of its table.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.codes import ENDING_CODES, X12_STATUS, TenderOutcome
from domain.predictions import (
    ID_COLUMNS,
    STAGE_OFFER,
    STAGE_RAISED,
    STAGE_RELEASE,
    STAGE_TENDERED,
    ModelName,
)
from features.known import NEVER, Moment
from features.order import in_order_of
from features.past import Past, past_of
from features.records import NO_MOMENT, Moments, Names
from features.words import Words
from store.dataset import Dataset

COLUMNS = ("subject_id", "stage", "as_of")


def all_subjects(dataset: Dataset, model: ModelName) -> pd.DataFrame:
    """Every subject and stage of a model that the data set holds, ordered by (as_of, subject, stage order)."""
    past = past_of(dataset)
    return framed(past, model, stages_of(past, model))


def framed(past: Past, model: ModelName, stages: "Stages") -> pd.DataFrame:
    """Subjects and stages as a frame."""
    key = ID_COLUMNS[model]
    names = past.words(key).text(stages.names)
    subjects = pd.DataFrame({"subject_id": names, "stage": stages.words.text(stages.stages)})
    subjects["as_of"] = pd.Series(stages.as_of.view("datetime64[us]")).dt.tz_localize("UTC")
    return subjects.assign(**{key: names})


def stages_of(past: Past, model: ModelName, only: Collection[str] | None = None) -> "Stages":
    """The same as arrays, of some stages only where they are named."""
    key = ID_COLUMNS[model]
    if model is ModelName.ETA_RISK:
        stages = _shipment_stages(past, only)
    elif model is ModelName.TENDER_FAILURE:
        stages = _first_known(past, "tenders", key, "offered_at", STAGE_OFFER)
    else:
        stages = _first_known(past, "exceptions", key, "known_at", STAGE_RAISED)
    if only is not None:
        stages = stages.at(np.isin(stages.stages, [stages.words.find(name) for name in only]))
    return stages.at(in_order_of(past.ranks(key)[stages.names], stages.as_of))


@dataclass(frozen=True)
class Stages:
    """Subjects at a stage, each of shape (n,); stages are numbers of ``words``."""

    names: Names
    stages: Names
    as_of: Moments
    words: Words

    def at(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "Stages":
        """Some of them."""
        return Stages(self.names[rows], self.stages[rows], self.as_of[rows], self.words)


def answered_at(dataset: Dataset, model: ModelName) -> pd.Series:
    """When it first became known what came of each subject, or that it was called off; index: the subject's id.

    Subjects of which nothing came yet are absent.
    """
    if model is ModelName.ETA_RISK:
        return _ended(dataset)
    if model is ModelName.TENDER_FAILURE:
        tenders = dataset.table("tenders")
        return _first_answer(tenders[tenders["outcome"] != TenderOutcome.OPEN], "tender_id", "outcome_known_at")
    exceptions = dataset.table("exceptions")
    return _first_answer(exceptions[exceptions["impact"].notna()], "exception_id", "resolved_known_at")


def _first_answer(answered: pd.DataFrame, key: str, known: str) -> pd.Series:
    """An answer is known no earlier than the version of the record that holds it."""
    moment = answered["known_at"].where(~(answered[known] > answered["known_at"]), answered[known])
    return moment.groupby(answered[key]).min()


def _first_known(past: Past, table: str, key: str, moment: str, stage: str) -> Stages:
    """Every fact of a table at the moment that its first version says."""
    records, words = past.records(table), Words()
    names, first = np.unique(records.text(key), return_index=True)
    as_of, said = records.moment(moment)[first], np.full(names.size, words.number(stage), np.int32)
    return Stages(names, said, as_of, words).at(as_of != NO_MOMENT)


def _shipment_stages(past: Past, only: Collection[str] | None) -> Stages:
    """Release, acceptance and milestones of every shipment, from its release until its end."""
    words, size = Words(), len(past.words("shipment_id"))
    names, known = past.first_known("shipments", "shipment_id")
    first = past.grouped("shipments", "shipment_id")
    released_at = past.records("shipments").moment("released_at")[first.rows[first.starts[names]]]
    released = Moment(names, np.maximum(known, released_at)).first(size)
    parts = [(names, np.full(names.size, words.number(STAGE_RELEASE), np.int32), released[names])]
    accepted = _accepted(past).first(size)
    named = np.flatnonzero(accepted < NEVER).astype(np.int32)
    parts += [(named, np.full(named.size, words.number(STAGE_TENDERED), np.int32), accepted[named])]
    if only is None or set(only) - {STAGE_RELEASE, STAGE_TENDERED}:
        parts += [_reached(past, words)]
    all_names, stages, as_of = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    made = Stages(all_names, stages, as_of, words)
    ended = past.ended.first(size)
    return made.at((made.as_of >= released[made.names]) & (made.as_of < ended[made.names]))


def _accepted(past: Past) -> Moment:
    """When acceptances of a shipment's tenders were known."""
    tenders = past.records("tenders")
    names, known = tenders.text("shipment_id"), tenders.moment("outcome_known_at")
    told = past.among("tenders", "outcome", (str(TenderOutcome.ACCEPTED),)) & (names >= 0) & (known != NO_MOMENT)
    return Moment(names[told], known[told])


def _reached(past: Past, words: Words) -> tuple[Names, Names, Moments]:
    """Each milestone when it was first known; the stage is its code, with its stop where it has one."""
    milestones = past.records("milestones")
    going = np.flatnonzero(~past.is_code(ENDING_CODES))
    rows = going[~pd.Series(past.milestone_facts[going]).duplicated().to_numpy()]
    codes, stops = milestones.text("code")[rows], milestones.text("stop")[rows]
    kind, kinds = pd.factorize((codes.astype(np.int64) << 32) + stops)
    told, at = past.vocabulary.of("code").word, past.vocabulary.of("stop").word
    pairs = [(told(one + 1 >> 32), at((one + 1 & 0xFFFFFFFF) - 1)) for one in kinds.tolist()]
    numbers = [words.number(f"{code}" if stop is None else f"{code}@{stop}") for code, stop in pairs]
    stages = np.array(numbers, np.int32)[kind] if numbers else np.empty(0, np.int32)
    return milestones.text("shipment_id")[rows], stages, milestones.moment("known_at")[rows]


def stage_names(milestones: pd.DataFrame) -> pd.Series:
    """Stage that each milestone opens: ``<code>``, or ``<code>@<stop>`` where it has a stop."""
    stop = milestones["stop"]
    return milestones["code"].where(stop.isna(), milestones["code"] + "@" + stop.astype("str"))


def _ended(dataset: Dataset) -> pd.Series:
    milestones = dataset.table("milestones")
    ends = (milestones["code_list"] == X12_STATUS) & milestones["code"].isin(ENDING_CODES)
    return milestones[ends].groupby("shipment_id")["known_at"].first()
