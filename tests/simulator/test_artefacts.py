"""Nothing about how records are named, ordered, delayed or left blank tells what will happen."""

import numpy as np
import pandas as pd
import pytest

from domain.codes import FAILED_OUTCOMES
from domain.predictions import ModelName
from store.dataset import Dataset
from tests.simulator.histories import altered
from tests.simulator.probe import probed

AUC_AT_MOST = 0.53
STAGES = {
    ModelName.ETA_RISK: {"release", "tendered", "X3", "AF", "X6", "X1"},
    ModelName.TENDER_FAILURE: {"offer"},
    ModelName.SEVERITY: {"raised"},
}


@pytest.mark.parametrize("model", ModelName)
def test_artefacts_tell_nothing(model: ModelName, large_network: Dataset) -> None:
    """AUC ≤ 0.53 at every stage, for each kind of artefact and all of them, for a boosted and a linear learner."""
    found = probed(large_network, model)
    assert {one.stage for one in found} == STAGES[model]
    assert [one for one in found if one.auc > AUC_AT_MOST] == []


def outcome_in_the_name(dataset: Dataset) -> Dataset:
    """Identifiers of tenders end in a letter that failed ones have more often."""
    tenders = dataset.table("tenders")
    tenders["tender_id"] = tenders["tender_id"].str[:-1] + np.where(_failed(tenders) & _some(tenders), "A", "B")
    return altered(dataset, tenders=tenders)


def outcome_in_the_order(dataset: Dataset) -> Dataset:
    """Of four tenders that follow one another the failed ones come first."""
    tenders = dataset.table("tenders")
    order = np.lexsort((~_failed(tenders), np.arange(len(tenders)) // 4))
    moments = tenders[["known_at", "offered_at"]]
    return altered(dataset, tenders=tenders.iloc[order].reset_index(drop=True).assign(**moments))


def outcome_in_what_is_missing(dataset: Dataset) -> Dataset:
    """Some failed tenders have no price."""
    tenders = dataset.table("tenders")
    tenders["price"] = tenders["price"].mask(_failed(tenders) & _some(tenders))
    return altered(dataset, tenders=tenders)


def outcome_in_the_delay(dataset: Dataset) -> Dataset:
    """What becomes dear is reported a little later."""
    exceptions = dataset.table("exceptions")
    late = np.where(exceptions["impact"].gt(400) & _some(exceptions), 20, 0)
    exceptions["known_at"] += pd.to_timedelta(late, unit="min")
    return altered(dataset, exceptions=exceptions.sort_values("known_at", kind="stable").reset_index(drop=True))


def _failed(tenders: pd.DataFrame) -> pd.Series:
    return tenders["outcome"].isin([str(code) for code in FAILED_OUTCOMES])


def _some(rows: pd.DataFrame) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(5).random(len(rows)) < 0.4


@pytest.mark.parametrize(
    ("plant", "model", "group"),
    [
        (outcome_in_the_name, ModelName.TENDER_FAILURE, "identifiers"),
        (outcome_in_the_order, ModelName.TENDER_FAILURE, "order"),
        (outcome_in_what_is_missing, ModelName.TENDER_FAILURE, "missing"),
        (outcome_in_the_delay, ModelName.SEVERITY, "latency"),
    ],
)
def test_the_probe_finds_what_is_planted(plant, model: ModelName, group: str, network: Dataset) -> None:  # type: ignore[no-untyped-def]
    """An artefact that tells the outcome for some shows in its own group."""
    found = {one.group: one.auc for one in probed(plant(network), model) if one.learner == "trees"}
    assert found[group] > 0.6


def test_what_is_missing_is_on_record_elsewhere(network: Dataset) -> None:
    """A penalty is null for all but tier A; nobody is the carrier until an acceptance is on record."""
    shipments, tenders = network.table("shipments"), network.table("tenders")
    assert (shipments["late_penalty"].notna() == (shipments["customer_tier"] == "A")).all()
    assert shipments.drop_duplicates("shipment_id")["carrier_id"].isna().all()
    accepted = tenders.loc[tenders["outcome"] == "accepted", ["shipment_id", "carrier_id", "outcome_known_at"]]
    held = shipments[shipments["carrier_id"].notna()].merge(accepted, on=["shipment_id", "carrier_id"], how="left")
    assert (held["outcome_known_at"] <= held["known_at"]).groupby([held["shipment_id"], held["known_at"]]).any().all()
