from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from store.dataset import Dataset
from tests.examples.imported import imported, raw_folder

FILE = "ttc_bus_delay_2020_2021.parquet"


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    """The file, read by pandas, with UTC times; NaT where a local time is doubtful."""
    frame = pd.read_parquet(raw_folder("ttc-bus-delays") / FILE)
    local = frame["ts"].dt.tz_localize("America/Toronto", ambiguous="NaT", nonexistent="NaT")
    return frame.assign(raised_at=local.dt.tz_convert("UTC"))


@pytest.fixture(scope="module")
def exceptions(buses: Dataset) -> pd.DataFrame:
    table = buses.table("exceptions")
    return table.set_index(table["exception_id"].astype(int)).sort_index()


def test_doubtful_local_times_go_to_quarantine(buses: Dataset, exceptions: pd.DataFrame, raw: pd.DataFrame) -> None:
    """Two entries of the hour that occurs twice are set aside, the other 78,358 kept at their UTC time."""
    kept = raw[raw["raised_at"].notna()]
    assert len(raw) == 78_360
    assert list(exceptions.index) == list(kept.index)
    assert (exceptions["raised_at"] == kept["raised_at"]).all()
    assert sum(buses.description.tables["exceptions"].quarantined.values()) == 2


def test_impact_is_the_delay_and_is_known_after_it(exceptions: pd.DataFrame, raw: pd.DataFrame) -> None:
    """``Min Delay`` of the file, known when the delay is over and never at the moment of the entry."""
    assert (exceptions["impact"] == raw["Min Delay"].reindex(exceptions.index)).all()
    lasted = (exceptions["resolved_at"] - exceptions["raised_at"]) / pd.Timedelta(minutes=1)
    assert (lasted == exceptions["impact"]).all()
    assert (exceptions["resolved_known_at"] > exceptions["known_at"]).all()


def test_shares_of_severity(buses: Dataset, exceptions: pd.DataFrame) -> None:
    """Cut at 10, 20 and 45 minutes: 47.4, 33.8, 14.8 and 4.0 %."""
    edges = [-1, *buses.manifest.severity.thresholds, np.inf]
    shares = pd.cut(exceptions["impact"], edges).value_counts(normalize=True, sort=False)
    assert shares.to_numpy() == pytest.approx([0.4737, 0.3382, 0.1483, 0.0398], abs=1e-4)


def test_neither_gap_nor_delay_is_an_attribute(buses: Dataset) -> None:
    """``Min Gap`` is an outcome and appears nowhere."""
    assert {name for name in buses.given("exceptions") if name.startswith("x_")} == {
        *("x_route", "x_direction", "x_vehicle", "x_location"),
    }


def test_what_is_known_at_first_does_not_change_with_the_outcome(
    tmp_path: Path, exceptions: pd.DataFrame, raw: pd.DataFrame
) -> None:
    """Other delays and gaps, the same entry."""
    other = raw.drop(columns="raised_at").head(2000)
    other = other.assign(**{"Min Delay": other["Min Delay"] + 31, "Min Gap": 3.0})
    other.to_parquet(tmp_path / FILE, index=False)
    changed = imported("ttc-bus-delays", tmp_path / "data", {"data": tmp_path}).table("exceptions")
    changed = changed.set_index(changed["exception_id"].astype(int)).sort_index()
    later = ["impact", "resolved_at", "resolved_known_at"]
    pd.testing.assert_frame_equal(changed.drop(columns=later), exceptions.reindex(changed.index).drop(columns=later))


def test_words_are_tidied_not_changed(exceptions: pd.DataFrame, raw: pd.DataFrame) -> None:
    """Directions are five letters, vehicles whole numbers, and 99.9 % of the kinds read as logged."""
    assert set(exceptions["x_direction"].dropna()) == {"N", "E", "S", "W", "B"}
    assert exceptions["x_vehicle"].dropna().str.fullmatch(r"[^.]+").all()
    assert "0" not in set(exceptions["x_vehicle"].dropna())
    assert (exceptions["kind"] == raw["Incident"].reindex(exceptions.index)).mean() > 0.998
