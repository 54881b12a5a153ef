"""An honest history passes every check; one that was tampered with does not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.codes import DELIVERED
from domain.predictions import ModelName
from features.subjects import all_subjects
from simulator.network.params import MarketKind, SimulationParams
from store.dataset import Dataset
from tests.simulator.checks import CHECKS, bad, check_history, ended_ones, hardness
from tests.simulator.histories import altered, history

PARAMS = SimulationParams(10_000, 365, 16, MarketKind.TURNING, 0)


def test_an_honest_history_breaks_nothing(network: Dataset) -> None:
    assert check_history(network, PARAMS) == {}


@pytest.mark.parametrize("market", [MarketKind.SOFT, MarketKind.TIGHT])
def test_so_does_one_of_another_market_and_size(market: MarketKind, folder: Path) -> None:
    params = SimulationParams(4_000, 200, 23, market, 0)
    assert check_history(history(folder, 4_000, 23, market, 200), params) == {}


def shuffled(table: str) -> Callable[[Dataset], Dataset]:
    """Times of knowledge of a table dealt out anew among its records."""

    def tamper(dataset: Dataset) -> Dataset:
        rows = dataset.table(table)
        rows["known_at"] = rows["known_at"].sample(frac=1.0, random_state=3).to_numpy()
        return altered(dataset, **{table: rows.sort_values("known_at", kind="stable").reset_index(drop=True)})

    return tamper


def answers_shuffled(dataset: Dataset) -> Dataset:
    """Answers become known at one another's times."""
    tenders = dataset.table("tenders")
    tenders["outcome_known_at"] = tenders["outcome_known_at"].sample(frac=1.0, random_state=3).to_numpy()
    return altered(dataset, tenders=tenders)


def without_the_censored(dataset: Dataset) -> Dataset:
    """Only shipments that have ended."""
    shipments = dataset.table("shipments")
    return altered(dataset, shipments=shipments[shipments["shipment_id"].isin(ended_ones(dataset))])


def undelivered_as_on_time(dataset: Dataset) -> Dataset:
    """Whatever has not arrived by the cut-off was delivered as planned, and that is known at once."""
    return _delivered(dataset, lambda rest: rest["planned_delivery_at"])


def undelivered_as_of_the_cut_off(dataset: Dataset) -> Dataset:
    """The same, but so that no time is after the cut-off."""
    cut_off = pd.Timestamp(dataset.manifest.cut_off)
    return _delivered(dataset, lambda rest: rest["planned_delivery_at"].clip(upper=cut_off))


def _delivered(dataset: Dataset, when: Callable[[pd.DataFrame], pd.Series]) -> Dataset:
    milestones, first = dataset.table("milestones"), dataset.table("shipments").drop_duplicates("shipment_id")
    rest = first[~first["shipment_id"].isin(ended_ones(dataset))]
    like = milestones[milestones["code"] == DELIVERED].head(1)
    made = pd.concat([like] * len(rest)).assign(
        shipment_id=rest["shipment_id"].to_numpy(), occurred_at=when(rest).to_numpy(), known_at=when(rest).to_numpy()
    )
    return altered(dataset, milestones=pd.concat([milestones, made], ignore_index=True).sort_values("known_at"))


def answers_of_open_offers(dataset: Dataset) -> Dataset:
    """Open offers have the answer they will get."""
    tenders = dataset.table("tenders")
    tenders["outcome"] = tenders["outcome"].mask(tenders["outcome"] == "open", "accepted")
    return altered(dataset, tenders=tenders)


def hardness_in_a_column(dataset: Dataset) -> Dataset:
    """What only the truth knows, with some noise."""
    shipments = dataset.table("shipments")
    noise = np.random.default_rng(1).normal(0, 0.5, len(shipments))
    shipments["x_feeling"] = hardness(PARAMS).reindex(shipments["shipment_id"]).to_numpy() + noise
    return altered(dataset, shipments=shipments)


def outcome_in_a_column(model: ModelName, table: str) -> Callable[[Dataset], Dataset]:
    """What will come of each."""

    def tamper(dataset: Dataset) -> Dataset:
        subjects = all_subjects(dataset, model).drop_duplicates("subject_id")
        outcome = bad(dataset, model, subjects).set_axis(subjects["subject_id"])
        rows = dataset.table(table)
        rows["x_seen"] = outcome.reindex(rows[subjects.columns[-1]]).to_numpy()
        return altered(dataset, **{table: rows})

    return tamper


def milestones_swapped(dataset: Dataset) -> Dataset:
    """Some trucks leave before they come."""
    milestones = dataset.table("milestones")
    milestones["code"] = milestones["code"].where(milestones.index % 50 != 0, "X3")
    return altered(dataset, milestones=milestones)


EARLY = "nothing_is_known_before_it_happened"
TAMPERED = {
    "milestones' known_at shuffled": (shuffled("milestones"), EARLY),
    "shipments' known_at shuffled": (shuffled("shipments"), EARLY),
    "tenders' known_at shuffled": (shuffled("tenders"), EARLY),
    "exceptions' known_at shuffled": (shuffled("exceptions"), EARLY),
    "signals' known_at shuffled": (shuffled("signals"), EARLY),
    "capacity's known_at shuffled": (shuffled("capacity"), EARLY),
    "milestones known later at random": (shuffled("milestones"), "reports_come_soon"),
    "answers shuffled": (answers_shuffled, EARLY),
    "the censored dropped": (without_the_censored, "the_end_is_censored"),
    "the undelivered delivered on time": (undelivered_as_on_time, "nothing_is_known_after_the_cut_off"),
    "the undelivered delivered by the cut-off": (undelivered_as_of_the_cut_off, "the_end_is_censored"),
    "open offers answered": (answers_of_open_offers, "second_halves_are_blank_until_known"),
    "hardness leaked": (hardness_in_a_column, "no_column_follows_what_is_hidden"),
    "lateness leaked": (outcome_in_a_column(ModelName.ETA_RISK, "shipments"), "no_column_tells_the_outcome"),
    "refusal leaked": (outcome_in_a_column(ModelName.TENDER_FAILURE, "tenders"), "no_column_tells_the_outcome"),
    "severity leaked": (outcome_in_a_column(ModelName.SEVERITY, "exceptions"), "no_column_tells_the_outcome"),
    "milestones mixed up": (milestones_swapped, "steps_are_in_order"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_trips_a_check(what: str, network: Dataset) -> None:
    """Each trips the check that is there for it."""
    tamper, check = TAMPERED[what]
    assert check_history(tamper(network), PARAMS, only=check)


def test_every_check_is_there_for_something() -> None:
    """No check that nothing trips."""
    assert {check for _, check in TAMPERED.values()} == {check.__name__ for check in CHECKS}
