"""A data set gives canonical frames, whatever the user supplied."""

import json
from pathlib import Path

import pandas as pd
import pytest

from domain.errors import BadManifest, BadTable, NotThere
from domain.facts import FACTS
from domain.manifest import Manifest
from domain.moment import parse_moment
from store.contracts.tables import CONTRACTS
from store.dataset import open_dataset
from store.writing import write_dataset
from tests.store.making import SHIPMENT, run

MANIFEST = Manifest("made", cut_off=parse_moment("2020-02-01"))


@pytest.mark.parametrize("name", FACTS)
def test_every_table_has_every_canonical_column_even_when_absent(tmp_path: Path, name: str) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    frame = dataset.table(name)
    assert {str(c): str(t) for c, t in frame.dtypes.items()} == {
        column.name: column.kind.value for column in CONTRACTS[name].columns
    }
    assert dataset.has(name) is (name == "shipments")


def test_given_tells_what_the_user_supplied(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=f"{SHIPMENT}, 1 AS x_a")
    assert dataset.given("shipments") == ("shipment_id", "known_at", "x_a")
    assert dataset.given("tenders") == ()


def test_a_table_that_is_changed_by_its_reader_stays_as_it_is_for_the_next(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    frame = dataset.table("shipments")
    frame["carrier_id"] = "changed"
    frame.loc[0, "shipment_id"] = "changed"
    assert dataset.table("shipments")["shipment_id"].tolist() == ["s1"]
    assert dataset.table("shipments")["carrier_id"].isna().all()


def test_an_unknown_table_is_not_there(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    with pytest.raises(NotThere, match="no canonical table"):
        dataset.table("orders")


def test_a_folder_without_a_data_set_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="lanewise import SOURCE --out"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"tables": {"shipments": {"file": 1}}}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(BadManifest, match="damaged"):
        open_dataset(tmp_path)


def test_a_listed_file_that_is_gone_is_named(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    file = next((dataset.folder / "shipments").iterdir())
    file.unlink()
    with pytest.raises(NotThere, match=file.name):
        open_dataset(dataset.folder).table("shipments")


def test_manifest_json_holds_settings_counts_and_hashes(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, "late_after_min = 15\n[costs]\nnotify = 2", shipments=SHIPMENT)
    document = json.loads((dataset.folder / "manifest.json").read_text())
    assert document["name"] == "small"
    assert document["late_after_min"] == 15
    assert document["costs"] == {"notify": 2}
    assert document["cut_off"] == "2020-01-01T08:00:00Z"
    table = document["tables"]["shipments"]
    assert table["rows"] == table["files"][0]["rows"] == 1
    assert table["files"][0]["path"] == f"shipments/{table['files'][0]['sha256']}.parquet"


def test_written_frames_come_back(tmp_path: Path) -> None:
    tenders = pd.DataFrame(
        {
            "tender_id": ["b", "a"],
            "offered_at": pd.to_datetime(["2020-01-02", "2020-01-01"], utc=True),
            "outcome": ["accepted", "open"],
            "outcome_at": pd.to_datetime(["2020-01-03", None], utc=True),
            "contract": pd.array([True, None], dtype="boolean"),
            "x_n": [1.0, 2.0],
        }
    )
    dataset = write_dataset(tmp_path / "out", MANIFEST, {"tenders": tenders})
    frame = dataset.table("tenders")
    assert dataset.given("tenders") == tuple(tenders.columns)
    assert frame["tender_id"].tolist() == ["a", "b"]
    assert frame["known_at"].tolist() == frame["offered_at"].tolist()
    assert frame["outcome_known_at"].isna().tolist() == [True, False]
    assert frame["contract"].tolist() == [pd.NA, True]
    assert frame["x_n"].tolist() == [2.0, 1.0]
    assert open_dataset(tmp_path / "out").manifest == MANIFEST


def test_a_data_set_without_a_cut_off_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cut_off"):
        write_dataset(tmp_path / "out", Manifest("made"), {})
    assert not (tmp_path / "out").exists()
