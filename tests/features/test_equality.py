"""Told record by record, the present answers with the bits of the past: every value of every feature."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import LanewiseError
from domain.predictions import ModelName
from features.catalogue import FAMILIES
from features.family import Text
from features.frame import FeatureFrames, columns_of
from features.live import Fate, Live
from features.past import past_of
from features.records import microseconds
from features.replay import replay
from features.subjects import all_subjects
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
from store.dataset import Dataset
from tests.features.world import World, dataset_of, day

EVENTS = 200_000
SHARE_ASKED = 20
"""One subject in so many is asked about in the whole network."""


def answers(live: Live, model: ModelName, subject: str, stage: str, at: int) -> dict[str, float | str | None]:
    """Every feature of one subject now."""
    made = columns_of(FAMILIES, live.ask(model, subject, stage, at))
    return {
        name: column.words.word(int(column.numbers[0])) if isinstance(column, Text) else float(column[0])
        for name, column in made.items()
    }


def questions(dataset: Dataset, every: int) -> list[tuple[int, ModelName, int, pd.DataFrame]]:
    """(moment, model, row, subjects) of one subject in ``every``, in time order."""
    asked = []
    for model in ModelName:
        subjects = all_subjects(dataset, model).iloc[::every].reset_index(drop=True)
        asked += [(int(at), model, row, subjects) for row, at in enumerate(microseconds(subjects["as_of"]))]
    return sorted(asked, key=lambda one: one[0])


def told(dataset: Dataset, every: int = 1) -> tuple[Live, dict[ModelName, pd.DataFrame]]:
    """Replay a data set, asking on the way; the live state, and its answers by model."""
    live, records = Live(past_of(dataset).shape()), replay(past_of(dataset))
    found: dict[ModelName, list[dict[str, float | str | None]]] = {model: [] for model in ModelName}
    waiting = next(records, None)
    for at, model, row, subjects in questions(dataset, every):
        while waiting is not None and waiting[0] <= at:
            live.tell(*waiting[1])
            waiting = next(records, None)
        found[model].append(answers(live, model, subjects["subject_id"][row], subjects["stage"][row], at))
    for _, record in () if waiting is None else [waiting, *records]:
        live.tell(*record)
    return live, {model: pd.DataFrame(rows) for model, rows in found.items()}


def different(dataset: Dataset, found: dict[ModelName, pd.DataFrame], every: int = 1) -> Iterator[str]:
    """Columns of which some value has other bits than offline; a column that the frame leaves out is unknown."""
    for model in ModelName:
        frame = FeatureFrames(dataset).of(model, all_subjects(dataset, model).iloc[::every])
        for name in found[model]:
            live, past = found[model][name], frame[name] if name in frame else pd.Series(np.nan, frame.index)
            if pd.api.types.is_numeric_dtype(past.dtype) and pd.api.types.is_numeric_dtype(live.dtype):
                same = live.to_numpy(np.float64).view(np.int64) == past.to_numpy(np.float64).view(np.int64)
            else:
                same = (live.to_numpy() == past.to_numpy()).astype(bool)
            if not (same | (live.isna().to_numpy() & past.isna().to_numpy())).all():
                yield f"{model} {name}"
        assert set(frame) <= set(found[model])


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A simulated network of a quarter of a million records, late, corrected and duplicated ones among them."""
    params = SimulationParams(shipments=20_000, days=200, seed=31, truth_sample=0)
    return simulate(params, tmp_path_factory.mktemp("net")).dataset


def test_a_whole_network_told_event_by_event_has_the_same_bits(network: Dataset) -> None:
    """At least 200,000 records; every feature of every model, 100 % of the values."""
    live, found = told(network, SHARE_ASKED)
    assert sum(live.fates.values()) >= EVENTS
    assert sum(len(frame) for frame in found.values()) >= 7_000
    assert list(different(network, found, SHARE_ASKED)) == []


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_random_networks_have_the_same_bits(seed: int) -> None:
    """Late, corrected, tied, incomplete records on a coarse grid of moments."""
    dataset = World(seed, shipments=14).dataset
    _, found = told(dataset)
    assert list(different(dataset, found)) == []


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), which=st.integers(0, 10_000))
def test_a_record_told_late_counts_from_its_arrival(seed: int, which: int) -> None:
    """The same answers, bit for bit, as from a data set in which it became known when it arrived."""
    tables, arrival = World(seed, shipments=14).tables, day(60.1)
    keys = [(row["shipment_id"], row["code"], row.get("stop")) for row in tables["milestones"]]
    once = [k for k, row in enumerate(tables["milestones"])
            if keys.count(keys[k]) == 1 and row.get("known_at", row["occurred_at"]) < arrival]  # fmt: skip
    late = tables["milestones"].pop(once[which % len(once)])
    live = Live(past_of(dataset_of(tables)).shape())
    as_arrived = dataset_of(tables | {"milestones": [*tables["milestones"], late | {"known_at": arrival}]})
    at, still = int(microseconds(pd.Series([arrival]))[0]), True
    for moment, record in replay(past_of(dataset_of(tables))):
        if moment > at and still:
            still = False
            live.advance(at)
            assert live.tell("milestones", late) is Fate.LATE
            subjects = all_subjects(as_arrived, ModelName.ETA_RISK).iloc[:30].assign(as_of=arrival)
            asked = zip(subjects["subject_id"], subjects["stage"], strict=True)
            found = [answers(live, ModelName.ETA_RISK, *one, at) for one in asked]
            past = FeatureFrames(as_arrived).of(ModelName.ETA_RISK, subjects)
            now = pd.DataFrame(found, index=past.index)[list(past)].astype(past.dtypes)
            pd.testing.assert_frame_equal(now, past, check_exact=True)
        live.tell(*record)
    assert not still


def one_delivery(**more: object) -> tuple[Live, dict[str, object]]:
    tables = World(3, shipments=6).tables
    live = Live(past_of(dataset_of(tables)).shape())
    row = {"shipment_id": "s", "code": "D1", "occurred_at": day(1), "planned_at": day(1), "known_at": day(2)}
    return live, row | more


def test_what_is_told_twice_counts_once() -> None:
    """The same record again is repeated, with other content conflicting; neither changes any sum."""
    live, row = one_delivery()
    live.tell("shipments", {"shipment_id": "s", "known_at": day(0), "planned_delivery_at": day(1), "carrier_id": "k"})
    assert live.tell("milestones", row) is Fate.TAKEN
    before = live.streams["deliveries"].memory.sums.copy()
    assert live.tell("milestones", row) is Fate.REPEATED
    assert live.tell("milestones", row | {"occurred_at": day(3)}) is Fate.CONFLICTING
    assert (live.streams["deliveries"].memory.sums == before).all()


def test_a_mistake_is_told_and_changes_nothing() -> None:
    """An unknown table, a missing key, a value of another kind, a question about the past."""
    live, row = one_delivery()
    for table, bad, said in (
        ("carriers", row, "takes no records"),
        ("milestones", row | {"shipment_id": None}, "needs shipment_id"),
        ("milestones", row | {"planned_at": "noon"}, "planned_at is a timestamp, but 'noon' came"),
    ):
        with pytest.raises(LanewiseError, match=said):
            live.tell(table, bad)
    assert not live.fates
    live.tell("milestones", row)
    with pytest.raises(LanewiseError, match="before what it was last told"):
        live.ask(ModelName.ETA_RISK, "s", "release", int(microseconds(pd.Series([day(1)]))[0]))
