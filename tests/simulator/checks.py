"""What must hold of a simulated history, by name; each returns how many records or columns break it."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from domain.codes import CANCELLED, DELIVERED, TenderOutcome
from domain.facts import FACTS
from domain.predictions import ModelName
from features.describe import OWN_TABLE
from features.subjects import all_subjects
from simulator.flow.orders import orders_of
from simulator.network.params import SimulationParams
from simulator.network.world import make_world
from simulator.record.labels import labels_of
from simulator.record.rows import Recorder
from store.dataset import Dataset
from tests.simulator.as_known import look_up
from tests.simulator.probe import bad

STEPS = ("X3", "AF", "X6", "X1", "D1")
HAPPENED_AT = {
    "tenders": "offered_at",
    "milestones": "occurred_at",
    "exceptions": "raised_at",
    "signals": "observed_at",
}
RIGHTED_DAYS = 20
"""Days after which a time that was reported wrong has been corrected."""
LATENT_AT_MOST, OUTCOME_AT_MOST = 0.6, 0.98
"""Rank correlation with what is hidden, and AUC for the outcome, above which a column is a leak."""


def nothing_is_known_after_the_cut_off(dataset: Dataset, params: SimulationParams) -> int:
    """Neither records nor their second halves."""
    cut_off = pd.Timestamp(dataset.manifest.cut_off)
    later = 0
    for name, fact in FACTS.items():
        table = dataset.table(name)
        known = ["known_at"] if "known_at" in table else []
        known += [] if fact.second is None else [fact.second.known]
        later += sum(int((table[column] > cut_off).sum()) for column in known)
    return later


def nothing_is_known_before_it_happened(dataset: Dataset, params: SimulationParams) -> int:
    """A record follows what it is about; an answer and a cost follow their record."""
    early = 0
    for name, happened in HAPPENED_AT.items():
        table = dataset.table(name)
        early += int((table["known_at"] < table[happened]).sum())
    shipments, tenders, exceptions = (dataset.table(name) for name in ("shipments", "tenders", "exceptions"))
    early += int((shipments["known_at"] < shipments["released_at"]).sum())
    early += int((tenders["outcome_known_at"] < tenders["outcome_at"]).sum())
    early += int((tenders["outcome_at"] < tenders["offered_at"]).sum())
    early += int((exceptions["resolved_known_at"] < exceptions["known_at"]).sum())
    return early + int((dataset.table("capacity")["known_at"] > dataset.table("capacity")["from_at"]).sum())


def reports_come_soon(dataset: Dataset, params: SimulationParams) -> int:
    """Half of all reports within an hour, ninety in a hundred within four; whatever is planned is known ahead."""
    bad = 0
    for name, happened in HAPPENED_AT.items():
        table = dataset.table(name)
        wait = (table["known_at"] - table[happened]).dt.total_seconds() / 60
        bad += int(wait.median() > 60) + int(wait.quantile(0.9) > 240)
    return bad


def second_halves_are_blank_until_known(dataset: Dataset, params: SimulationParams) -> int:
    """An answer or a cost has the time at which it became known, and without that time there is neither."""
    broken = 0
    for name in ("tenders", "exceptions"):
        table, second = dataset.table(name), FACTS[name].second
        assert second is not None
        unknown = table[second.known].isna()
        for column, blank in zip(second.columns, second.blank, strict=True):
            there = table[column].notna() if blank is None else table[column] != blank
            broken += int((unknown & there).sum())
    tenders = dataset.table("tenders")
    return broken + int(((tenders["outcome"] == TenderOutcome.OPEN) & tenders["outcome_known_at"].notna()).sum())


def steps_are_in_order(dataset: Dataset, params: SimulationParams) -> int:
    """As corrected: arrived, departed, half way, at the gate, delivered; and nothing after a cancellation."""
    milestones = dataset.table("milestones")
    settled = milestones["known_at"] < pd.Timestamp(dataset.manifest.cut_off) - pd.Timedelta(days=RIGHTED_DAYS)
    steps = as_corrected(milestones[settled.groupby(milestones["shipment_id"]).transform("all")])
    reached = steps.reindex(columns=list(STEPS))
    last = reached.astype("int64").where(reached.notna()).ffill(axis=1).shift(axis=1)
    wrong = int((reached.astype("int64").where(reached.notna()) < last).sum().sum())
    return wrong + int((steps[CANCELLED].notna() & reached.notna().any(axis=1)).sum())


def as_corrected(milestones: pd.DataFrame) -> pd.DataFrame:
    """When each shipment reached each step, by its last report: one row a shipment, one column a code."""
    last = milestones.drop_duplicates(["shipment_id", "code"], keep="last")
    return last.pivot(index="shipment_id", columns="code", values="occurred_at")


def the_end_is_censored(dataset: Dataset, params: SimulationParams) -> int:
    """Shipments of the last week are there, as many as of other weeks; of those not yet due few have ended.

    Of those due well before the cut-off one in two hundred, give or take, was never reported delivered.
    """
    first = dataset.table("shipments").drop_duplicates("shipment_id")
    ended = first["shipment_id"].isin(ended_ones(dataset))
    cut_off = pd.Timestamp(dataset.manifest.cut_off)
    age = (cut_off - first["released_at"]).dt.total_seconds() / 86_400
    usual, running = ((age > 14) & (age <= 42)).sum() / 28, first["planned_delivery_at"] > cut_off
    due = first["planned_delivery_at"] < cut_off - pd.Timedelta(days=20)
    broken = int((age <= 7).sum() < 7 * usual / 2)
    broken += int(ended[running].mean() > 0.2)
    return broken + int(not 0.0005 < (~ended[due]).mean() < 0.02)


def ended_ones(dataset: Dataset) -> set[str]:
    """Shipments that were reported delivered or cancelled."""
    milestones = dataset.table("milestones")
    return set(milestones.loc[milestones["code"].isin([DELIVERED, CANCELLED]), "shipment_id"])


def no_column_tells_the_outcome(dataset: Dataset, params: SimulationParams) -> int:
    """No attribute alone, as known when asked, separates outcomes as only the outcome itself would."""
    told = 0
    for model in ModelName:
        subjects = all_subjects(dataset, model).drop_duplicates("subject_id", keep="first")
        happened = bad(dataset, model, subjects)
        record = look_up(subjects, dataset, OWN_TABLE[model])
        for name in [name for name in record if name.startswith("x_")]:
            told += int(_alone(record[name], happened) > OUTCOME_AT_MOST)
    return told


def _alone(column: pd.Series, happened: pd.Series) -> float:
    """AUC of a column, or of its values' shares."""
    rows = happened.notna() & column.notna()
    if not rows.any() or happened[rows].nunique() < 2:
        return 0.5
    values = column[rows]
    if not pd.api.types.is_numeric_dtype(values):
        values = happened[rows].groupby(values).transform("mean")
    auc = float(roc_auc_score(happened[rows], values.astype(float)))
    return max(auc, 1 - auc)


def no_column_follows_what_is_hidden(dataset: Dataset, params: SimulationParams) -> int:
    """No number on a shipment's record ranks shipments as their hardness does, which nobody recorded."""
    hard = hardness(params)
    first = dataset.table("shipments").drop_duplicates("shipment_id").set_index("shipment_id")
    numbers = first.select_dtypes("number").dropna(axis=1, how="all")
    follows = numbers.rank().corrwith(hard.reindex(numbers.index).rank()).abs()
    return int((follows > LATENT_AT_MOST).sum())


@lru_cache(maxsize=4)
def hardness(params: SimulationParams) -> pd.Series:
    """Hardness of every shipment of a run, by its id: the truth, which only tests and benchmarks may ask for."""
    world = make_world(params)
    recorder = Recorder(world, labels_of(world))
    orders = [orders_of(world, day) for day in range(params.days)]
    ids = np.concatenate([recorder._shipment_id(loads.key).to_numpy(zero_copy_only=False) for loads in orders])
    return pd.Series(np.concatenate([loads.hard for loads in orders]), index=ids)


CHECKS: tuple[Callable[[Dataset, SimulationParams], int], ...] = (
    nothing_is_known_after_the_cut_off,
    nothing_is_known_before_it_happened,
    reports_come_soon,
    second_halves_are_blank_until_known,
    steps_are_in_order,
    the_end_is_censored,
    no_column_tells_the_outcome,
    no_column_follows_what_is_hidden,
)


def check_history(dataset: Dataset, params: SimulationParams, only: str = "") -> dict[str, int]:
    """Names of the checks that a history breaks, with how often; of one check where it is named."""
    found = {check.__name__: check(dataset, params) for check in CHECKS if only in ("", check.__name__)}
    return {name: count for name, count in found.items() if count}
