"""Slices are what their names say, and those with few rows are left out and counted."""

import numpy as np
import pandas as pd

from domain.predictions import ModelName
from training.measures import slices_of
from training.slices import MIN_SLICE_ROWS, cut, declared

ETA, TENDER, SEVERITY = ModelName.ETA_RISK, ModelName.TENDER_FAILURE, ModelName.SEVERITY
N = MIN_SLICE_ROWS


def asked(*groups: tuple[int, dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and features: so many rows of each kind."""
    rows = [values for count, values in groups for _ in range(count)]
    known = pd.DataFrame(rows)
    subjects = pd.DataFrame({"stage": known.get("stage", pd.Series("offer", known.index))})
    subjects["as_of"] = pd.to_datetime(known.get("as_of", pd.Series("2024-01-31", known.index)), utc=True)
    return subjects, known.drop(columns=["stage", "as_of"], errors="ignore")


def test_shipments_are_cut_by_stage_hours_and_both() -> None:
    """The stage with the most time left first; an overdue row is in no span of hours."""
    subjects, frame = asked(
        (N, {"stage": "release", "to_delivery_min": 3_000.0}),
        (N, {"stage": "AF", "to_delivery_min": 360.0}),
        (N + 1, {"stage": "AF", "to_delivery_min": -5.0}),
    )
    found = {name: int(rows.sum()) for name, rows in slices_of(ETA, subjects, frame).items()}
    assert found == {
        "stage=release": N,
        "stage=AF": 2 * N + 1,
        "hours_to_go=6-24": N,
        "hours_to_go=24-72": N,
        "hours_to_go=overdue": N + 1,
        "stage=release, hours_to_go=24-72": N,
        "stage=AF, hours_to_go=6-24": N,
        "stage=AF, hours_to_go=overdue": N + 1,
        "month=2024-01": 3 * N + 1,
    }
    assert list(found)[:2] == ["stage=release", "stage=AF"]


def test_tenders_are_cut_by_depth_and_lead_time() -> None:
    """The third offer and those after it are one slice."""
    subjects, frame = asked(
        (N, {"sequence": 1.0, "to_pickup_min": 600.0}),
        (N, {"sequence": 2.0, "to_pickup_min": 600.0}),
        (N, {"sequence": 3.0, "to_pickup_min": 100.0}),
        (N, {"sequence": 7.0, "to_pickup_min": 100.0}),
    )
    found = {name: int(rows.sum()) for name, rows in slices_of(TENDER, subjects, frame).items()}
    assert (found["depth=1"], found["depth=2"], found["depth=3-inf"]) == (N, N, 2 * N)
    assert found["depth=3-inf, lead_time_h=0-6"] == 2 * N
    assert "depth=1, lead_time_h=0-6" not in found


def test_a_slice_of_few_rows_is_counted_instead() -> None:
    subjects, frame = asked(
        (N, {"kind": "weather", "as_of": "2024-01-05"}), (N - 1, {"kind": "damaged", "as_of": "2024-02-05"})
    )
    found = cut(SEVERITY, subjects, frame)
    assert list(found.rows) == ["kind=weather", "month=2024-01"]
    assert found.few == {"kind=damaged": N - 1, "month=2024-02": N - 1}


def test_mode_and_lane_class_are_slices_where_there_are_several() -> None:
    subjects, frame = asked((N, {"mode": "truck", "lane_class": "a"}), (N, {"mode": "rail", "lane_class": "a"}))
    assert list(slices_of(TENDER, subjects, frame)) == ["mode=rail", "mode=truck", "month=2024-01"]


def test_declared_slices_part_the_rows() -> None:
    """Every row lies in exactly one of mode × stage × lane class; what the data lack is not asked."""
    draw = np.random.default_rng(1)
    subjects = pd.DataFrame({"stage": draw.choice(["release", "AF"], 200)})
    frame = pd.DataFrame({"mode": draw.choice(["truck", "rail"], 200), "lane_class": draw.choice(["a", "b", "c"], 200)})
    found = declared(subjects, frame)
    assert len(found) == 12
    assert (sum(rows.astype(int) for rows in found.values()) == 1).all()
    assert set(declared(subjects, frame[["mode"]])) == {
        f"stage={s}, mode={m}" for s in ("release", "AF") for m in ("truck", "rail")
    }
