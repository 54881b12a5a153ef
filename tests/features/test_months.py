"""Month by month is the whole: the same rows in the same order, every value with the same bits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.predictions import STAGE_RELEASE, ModelName
from features.matrix import write_matrix
from features.months import months_of, write_matrix_by_month
from features.sweep import hashed
from simulator.network.params import SimulationParams
from simulator.simulate import simulate
from store.dataset import Dataset, open_dataset
from store.frames import arrow_column, completed, in_order
from store.streaming import dataset_stream
from store.writing import write_dataset
from tests.features.world import MANIFEST, Row, World, day

TABLES = ("shipments", "tenders", "milestones", "exceptions", "signals")


def in_months(folder: Path, tables: dict[str, list[Row]]) -> Dataset:
    """A data set of these rows, each in the file of the month in which it became known."""
    with dataset_stream(folder, MANIFEST) as stream:
        for name, rows in tables.items():
            frame = in_order(name, completed(name, pd.DataFrame(rows)))
            whole = pa.table({str(column): arrow_column(frame[column]) for column in frame})
            months = frame["known_at"].dt.strftime("%Y-%m")
            for month in sorted(months.unique()):
                stream.append(name, month, whole.filter(pa.array(months == month)))
    return open_dataset(folder)


def strangers(seed: int) -> dict[str, list[Row]]:
    """A random world in which records also count before they are known, or long after, or change whom they are of."""
    random, tables = np.random.default_rng(seed), World(seed, shipments=60).tables
    for row in list(tables["tenders"]):
        drawn = random.random()
        if drawn < 0.1:
            row["offered_at"] = row["known_at"] - pd.Timedelta(days=float(random.integers(20, 70)))
        elif drawn < 0.2 and row["outcome"] != "open":
            said = {"outcome": "accepted", "outcome_known_at": row["known_at"] - pd.Timedelta(days=1)}
            late = {"known_at": row["known_at"] + pd.Timedelta(days=float(random.integers(20, 70)))}
            tables["tenders"].append(row | said | late)
        elif drawn < 0.4:
            other = tables["shipments"][int(random.integers(len(tables["shipments"])))]["shipment_id"]
            late = {"known_at": row["known_at"] + pd.Timedelta(days=float(random.integers(5, 70)))}
            said = {}
            if row["outcome"] != "open":
                outcome = "rejected" if row["outcome"] == "accepted" else "accepted"
                said = {"outcome": outcome, "outcome_known_at": late["known_at"]}
            tables["tenders"].append(row | {"shipment_id": other} | late | said)
        elif drawn < 0.5 and row["outcome"] != "open":
            row["outcome_known_at"] = row["known_at"] + pd.Timedelta(days=float(random.integers(20, 120)))
    for row in tables["shipments"]:
        if random.random() < 0.2:
            row["released_at"] = row["known_at"] + pd.Timedelta(days=float(random.integers(20, 150)))
    for row in list(tables["milestones"]):
        if random.random() < 0.05:
            known = row.get("known_at", row["occurred_at"])
            tables["milestones"].append(row | {"known_at": known + pd.Timedelta(days=float(random.integers(20, 80)))})
    return tables


def assert_same(dataset: Dataset, folder: Path, model: ModelName, only: tuple[str, ...] | None = None) -> int:
    """Both ways write the same; returns rows."""
    whole, by_month = folder / f"{model}.parquet", folder / f"{model}-by-month.parquet"
    rows = write_matrix(dataset, model, whole, only)
    assert write_matrix_by_month(open_dataset(dataset.folder), model, by_month, only) == rows
    expected, found = pq.read_table(whole), pq.read_table(by_month)
    assert found.schema.equals(expected.schema)
    different = [name for name in expected.column_names if not _same(expected[name], found[name])]
    assert different == []
    return rows


def _same(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> bool:
    if pa.types.is_floating(expected.type):
        return bool((expected.to_numpy().view(np.int64) == found.to_numpy().view(np.int64)).all())
    return bool(expected.combine_chunks().equals(found.combine_chunks()))


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Half a year, with late records and corrections that reach over the months."""
    params = SimulationParams(shipments=3_000, days=181, seed=5, truth_sample=0)
    return simulate(params, tmp_path_factory.mktemp("net")).dataset


@pytest.mark.parametrize("model", ModelName)
def test_a_network_by_month_has_the_bits_of_the_whole(network: Dataset, tmp_path: Path, model: ModelName) -> None:
    """Every stage of every subject of half a year."""
    assert network.parts("milestones") >= 6
    assert assert_same(network, tmp_path, model) >= 500


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("seed", range(3))
def test_a_random_world_by_month_has_the_bits_of_the_whole(tmp_path: Path, seed: int, model: ModelName) -> None:
    """Also where a record counts before it is known or months later, and where a tender changes its shipment."""
    dataset = in_months(tmp_path / "world", strangers(seed))
    assert dataset.parts("tenders") >= 4
    assert assert_same(dataset, tmp_path, model) >= 20


def test_one_stage_by_month_is_that_stage_of_the_whole(network: Dataset, tmp_path: Path) -> None:
    """Release only: as many rows as shipments that were not over before it."""
    assert 2_000 <= assert_same(network, tmp_path, ModelName.ETA_RISK, (STAGE_RELEASE,)) <= 4_000


def test_a_large_month_is_taken_in_parts(network: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so many rows at most as a rule, and with the same bits."""
    monkeypatch.setattr("features.sweep.MOST_ROWS", 2_000)
    begins = [month.begin for month in months_of(network)]
    assert len(begins) >= 2 * network.parts("milestones")
    assert begins == sorted(begins)
    assert_same(network, tmp_path, ModelName.TENDER_FAILURE)


def test_files_need_not_be_of_one_month(tmp_path: Path) -> None:
    """A data set that an import wrote as one file a table gives the same."""
    tables = {name: completed(name, pd.DataFrame(rows)) for name, rows in strangers(9).items()}
    frames = {name: in_order(name, frame) for name, frame in tables.items()}
    dataset = write_dataset(tmp_path / "world", replace(MANIFEST, name="one"), frames)
    assert [dataset.parts(name) for name in TABLES] == [1] * len(TABLES)
    assert_same(dataset, tmp_path, ModelName.ETA_RISK)


def test_a_month_holds_only_what_it_needs(network: Dataset) -> None:
    """Never half of the shipments' rows at once, where the months are six."""
    held = [month.dataset.rows("shipments") for month in months_of(network)]
    assert len(held) >= 6
    assert max(held) < network.rows("shipments") / 2


def test_names_have_hashes_of_their_own_and_no_name_has_none() -> None:
    """Equal names alike, also in a slice; null is 0."""
    names = pa.chunked_array([["a", None, "b"], ["a", "ab"]])
    found = hashed(names)
    assert found[0] == found[3]
    assert len({*found.tolist()}) == 4
    assert found[1] == 0
    assert hashed(names.chunk(0).slice(2))[0] == found[2]
    assert hashed(pa.chunked_array([], pa.string())).size == 0


def test_an_empty_data_set_has_an_empty_matrix(tmp_path: Path) -> None:
    """One block without rows, as the whole writes."""
    with dataset_stream(tmp_path / "none", MANIFEST) as stream:
        frame = completed("shipments", pd.DataFrame([{"shipment_id": "s", "known_at": day(0)}])).iloc[:0]
        stream.reference("shipments", pa.table({str(name): arrow_column(frame[name]) for name in frame}))
    assert assert_same(open_dataset(tmp_path / "none"), tmp_path, ModelName.ETA_RISK) == 0
