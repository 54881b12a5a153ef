from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from store.dataset import Dataset
from tests.examples.imported import imported, raw_folder

FILE = "c2k_data_comma.csv"
STEPS = ("rcs", "dep_1", "rcf_1", "dep_2", "rcf_2", "dep_3", "rcf_3", "dlv")
INBOUND = ("i1", "i2", "i3")
MINUTE = pd.Timedelta(minutes=1)
ORIGIN = pd.Timestamp("2020-01-01", tz="UTC")


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return pd.read_csv(raw_folder("cargo2000") / FILE)


def _total(raw: pd.DataFrame, leg: str, kind: str) -> "pd.Series[int]":
    """Minutes of a whole leg, planned (``p``) or effective (``e``)."""
    return raw[[f"{leg}_{step}_{kind}" for step in STEPS]].sum(axis=1)


def _inbound(raw: pd.DataFrame, kind: str) -> "pd.Series[int]":
    return pd.concat([_total(raw, leg, kind) for leg in INBOUND], axis=1).max(axis=1)


def _delivered(dataset: Dataset) -> pd.DataFrame:
    milestones = dataset.table("milestones")
    return milestones[milestones["code"] == "D1"].set_index("shipment_id").sort_index()


def _late(dataset: Dataset) -> "pd.Series[bool]":
    planned = dataset.table("shipments").set_index("shipment_id")["planned_delivery_at"].sort_index()
    return _delivered(dataset)["occurred_at"] > planned


def test_lateness_is_total_time_against_total_plan(cargo: Dataset, raw: pd.DataFrame) -> None:
    """26.6 % of 3,942 processes took longer than planned: 24.7 % of the first 70 % of the file, 30.9 % of the rest."""
    expected = _inbound(raw, "e") + _total(raw, "o", "e") > _inbound(raw, "p") + _total(raw, "o", "p")
    late = _late(cargo)
    assert (late.to_numpy() == expected.to_numpy()).all()
    first = int(0.7 * len(late))
    assert late.mean() == pytest.approx(0.26585, abs=1e-5)
    assert (late[:first].mean(), late[first:].mean()) == pytest.approx((0.24719, 0.30938), abs=1e-5)


def test_processes_are_known_in_the_order_of_the_file(cargo: Dataset) -> None:
    """Process i becomes known i hours after the origin."""
    shipments = cargo.table("shipments").sort_values("shipment_id")
    assert (shipments["known_at"] == ORIGIN + pd.to_timedelta(np.arange(len(shipments)), unit="h")).all()


def test_outbound_starts_when_all_inbound_legs_are_delivered(cargo: Dataset, raw: pd.DataFrame) -> None:
    """HUB is the last inbound DLV, in plan and in fact; the outbound RCS follows by its own minutes."""
    milestones = cargo.table("milestones")
    hub = milestones[milestones["code"] == "HUB"].set_index("shipment_id").sort_index()
    start = ORIGIN + pd.to_timedelta(raw.index, unit="h")
    assert (hub["occurred_at"] == start + _inbound(raw, "e").to_numpy() * MINUTE).all()
    assert (hub["planned_at"] == start + _inbound(raw, "p").to_numpy() * MINUTE).all()
    inbound = milestones[milestones["stop"].isin(INBOUND) & (milestones["code"] == "DLV")]
    assert (inbound.groupby("shipment_id")["occurred_at"].max() == hub["occurred_at"]).all()
    received = (
        milestones[(milestones["code"] == "RCS") & (milestones["stop"] == "o")].set_index("shipment_id").sort_index()
    )
    assert ((received["occurred_at"] - hub["occurred_at"]) / MINUTE == raw["o_rcs_e"].to_numpy()).all()


def test_every_checkpoint_is_a_milestone(cargo: Dataset, legs: Dataset) -> None:
    """56,082 checkpoints; per process the last is D1, and one HUB is added."""
    assert len(cargo.table("milestones")) == 56_082 + 3_942
    assert len(legs.table("milestones")) == 56_082
    assert len(_delivered(cargo)) == 3_942
    assert len(_delivered(legs)) == 11_874


def test_nothing_happens_before_it_is_possible(cargo: Dataset, legs: Dataset) -> None:
    """Every milestone of a shipment comes after its start, and none after D1."""
    for dataset in (cargo, legs):
        milestones = dataset.table("milestones")
        known = dataset.table("shipments").set_index("shipment_id")["known_at"]
        assert (milestones["occurred_at"] > milestones["shipment_id"].map(known)).all()
        assert (milestones["occurred_at"] <= milestones["shipment_id"].map(_delivered(dataset)["occurred_at"])).all()


def test_no_leg_is_null_not_zero(cargo: Dataset) -> None:
    """Absent legs and hops have neither minutes nor places, and no milestones."""
    shipments = cargo.table("shipments").set_index("shipment_id")
    minutes = shipments.filter(regex="^x_.*_min$")
    assert (minutes.min() > 0).all()
    assert not (shipments.filter(regex="_place$") == "0").to_numpy().any()
    assert shipments["x_i3_rcs_min"].notna().sum() == 1_366
    third = cargo.table("milestones")["stop"].str.startswith("i3", na=False)
    assert cargo.table("milestones")[third]["shipment_id"].nunique() == 1_366


def test_planned_rows_do_not_change_with_what_happened(tmp_path: Path, cargo: Dataset, raw: pd.DataFrame) -> None:
    """Other effective minutes, the same shipments."""
    other = raw.copy()
    effective = [name for name in raw if name.endswith("_e")]
    other[effective] = np.where(raw[effective] > 0, raw[effective].to_numpy()[::-1] + 17, 0)
    other.to_csv(tmp_path / FILE, index=False)
    changed = imported("cargo2000", tmp_path / "data", {"data": tmp_path})
    pd.testing.assert_frame_equal(changed.table("shipments"), cargo.table("shipments"))
    assert not changed.table("milestones").equals(cargo.table("milestones"))


def test_legs_are_late_against_their_own_plan(legs: Dataset, raw: pd.DataFrame) -> None:
    """22.3 % of 11,874 legs; each leg's label is that of the file."""
    late = _late(legs)
    assert late.mean() == pytest.approx(0.22292, abs=1e-5)
    for leg in (*INBOUND, "o"):
        expected = (_total(raw, leg, "e") > _total(raw, leg, "p"))[_total(raw, leg, "p") > 0]
        assert (late[late.index.str.endswith(f"-{leg}")].to_numpy() == expected.to_numpy()).all()


def test_an_outbound_leg_is_known_only_when_it_starts(legs: Dataset) -> None:
    """Its row, whose dates hang on the inbound legs, is not known before the last of them was delivered."""
    shipments = legs.table("shipments").set_index("shipment_id")
    outbound = shipments[shipments["x_leg_kind"] == "outbound"]["known_at"]
    inbound = _delivered(legs)["occurred_at"].drop(outbound.index)
    last = inbound.groupby(inbound.index.str[:5]).max()
    assert (outbound.rename(lambda name: name[:5]).sort_index() == last).all()


def test_legs_do_not_show_what_happened_to_them(tmp_path: Path, legs: Dataset, raw: pd.DataFrame) -> None:
    """With other effective minutes, rows of inbound legs stay; of outbound legs only the dates move."""
    other = raw.copy()
    effective = [name for name in raw if name.endswith("_e")]
    other[effective] = np.where(raw[effective] > 0, raw[effective] + 17, 0)
    other.to_csv(tmp_path / FILE, index=False)
    changed = imported("cargo2000-legs", tmp_path / "data", {"data": tmp_path})
    before, after = (d.table("shipments").set_index("shipment_id").sort_index() for d in (legs, changed))
    inbound = before["x_leg_kind"] == "inbound"
    pd.testing.assert_frame_equal(before[inbound], after[inbound])
    dates = ["known_at", "planned_delivery_at"]
    pd.testing.assert_frame_equal(before.drop(columns=dates), after.drop(columns=dates))
