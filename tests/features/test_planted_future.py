"""Nothing that became known after a question touches its answer; the same a moment earlier does."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domain.predictions import ModelName
from features.frame import FeatureFrames
from features.subjects import all_subjects
from tests.features.world import DAYS, Row, World, dataset_of, day

NOW = day(70)
MOMENT = pd.Timedelta(microseconds=1)
TABLES = ("shipments", "tenders", "answers", "milestones", "exceptions", "impacts", "signals")


@cache
def base() -> World:
    """A world with offers of long ago that nobody has answered."""
    world = World(11, shipments=24)
    for n, row in enumerate(_known(world.tables["shipments"], NOW, "shipment_id")):
        offer = {"tender_id": f"asked{n}", "shipment_id": row["shipment_id"], "carrier_id": "k", "offered_at": day(0)}
        world.tables["tenders"].append(offer | {"known_at": day(0), "outcome": "open"})
    return world


def planted(table: str, at: pd.Timestamp) -> dict[str, list[Row]]:
    """The world with records of one table that would shout, known at a moment; ``answers`` are second halves."""
    world = base()
    rows = {name: list(table_rows) for name, table_rows in world.tables.items()}
    add = {
        "shipments": _shipments,
        "tenders": _tenders,
        "answers": _answers,
        "milestones": _milestones,
        "exceptions": _exceptions,
        "impacts": _impacts,
        "signals": _signals,
    }[table]
    add(rows, at)
    return rows


def _known(rows: list[Row], at: pd.Timestamp, key: str) -> list[Row]:
    return list({row[key]: row for row in rows if row["known_at"] < at - MOMENT}.values())


def _shipments(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    shout: dict[str, Any] = {"known_at": at, "carrier_id": "LOUD", "distance_km": 1e9, "x_color": "LOUD"}
    shout |= {"planned_delivery_at": day(-9999), "planned_pickup_at": day(-9999), "late_after_min": 1e9}
    rows["shipments"] += [row | shout for row in _known(rows["shipments"], at, "shipment_id")]


def _tenders(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    shout: dict[str, Any] = {"known_at": at, "price": 1e9, "carrier_id": "LOUD", "contract": True}
    rows["tenders"] += [row | shout for row in _known(rows["tenders"], at, "tender_id")]
    rows["tenders"] += [
        {"tender_id": f"loud{n}", "shipment_id": row["shipment_id"], "carrier_id": "k", "offered_at": at}
        | {"known_at": at, "outcome": "rejected", "outcome_at": at, "outcome_known_at": at}
        for n, row in enumerate(_known(rows["shipments"], at, "shipment_id"))
    ]


def _answers(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    """The refusal of offers of long ago becomes known at the moment."""
    refused = {"outcome": "rejected", "outcome_at": day(1), "outcome_known_at": at}
    rows["tenders"] = [row | (refused if row["tender_id"].startswith("asked") else {}) for row in rows["tenders"]]


def _milestones(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    for row in _known(rows["shipments"], at, "shipment_id"):
        said = {"shipment_id": row["shipment_id"], "occurred_at": day(60), "planned_at": day(-999), "known_at": at}
        rows["milestones"] += [said | {"code": code, "stop": "9"} for code in ("AF", "X6", "D1")]
    rows["milestones"] += [
        row | {"known_at": at, "occurred_at": day(999)}
        for row in rows["milestones"]
        if row.get("known_at", row["occurred_at"]) < at - MOMENT
    ]


def _exceptions(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    shout = {"known_at": at, "kind": "LOUD", "impact": 1e9, "resolved_at": day(1), "resolved_known_at": at}
    rows["exceptions"] += [row | shout for row in _known(rows["exceptions"], at, "exception_id")]


def _impacts(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    """Exceptions of long ago whose impact becomes known at the moment."""
    for kind in ("eta_slip", "weather", "own_kind"):
        old = {"exception_id": f"old {kind}", "kind": kind, "raised_at": day(0), "site_id": "A", "impact": 1e9}
        rows["exceptions"].append(old | {"resolved_at": day(1), "resolved_known_at": at})


def _signals(rows: dict[str, list[Row]], at: pd.Timestamp) -> None:
    for place in ("A", "B", "C"):
        said = {"place_id": place, "value": 1e9, "observed_at": at, "known_at": at}
        rows["signals"] += [said | {"name": name} for name in ("wind", "rain", "LOUD")]


def questions(model: ModelName) -> pd.DataFrame:
    """Every subject up to the moment, and each asked again at the moment itself."""
    subjects = all_subjects(base().dataset, model)
    subjects = subjects[subjects["as_of"] <= NOW]
    return pd.concat([subjects, subjects.assign(as_of=NOW)], ignore_index=True)


def answers(rows: dict[str, list[Row]], model: ModelName) -> pd.DataFrame:
    return FeatureFrames(dataset_of(rows)).of(model, questions(model))


@cache
def as_it_was(model: ModelName) -> pd.DataFrame:
    return answers(base().tables, model)


@pytest.mark.parametrize("model", ModelName)
@pytest.mark.parametrize("table", TABLES)
def test_what_is_known_a_microsecond_later_changes_nothing(table, model):
    """Bit-identical features for every subject, whatever the future shouts; what only it speaks of is unknown."""
    asked, told = as_it_was(model), answers(planted(table, NOW + MOMENT), model)
    pd.testing.assert_frame_equal(told[list(asked)], asked, check_exact=True)
    assert told.drop(columns=list(asked)).isna().all(axis=None)
    assert len(asked) >= 10


AFFECTED = [
    *((table, ModelName.ETA_RISK) for table in ("shipments", "answers", "milestones", "signals")),
    *((table, ModelName.TENDER_FAILURE) for table in ("shipments", "tenders", "answers", "milestones", "signals")),
    *((table, ModelName.SEVERITY) for table in ("shipments", "exceptions", "impacts", "milestones", "signals")),
]


@pytest.mark.parametrize(("table", "model"), AFFECTED)
def test_what_is_known_by_the_moment_is_used(table, model):
    """The same records known a microsecond earlier, or at that instant, are seen by those who ask at the moment."""
    before = MOMENT if table in ("answers", "impacts") else pd.Timedelta(0)
    asked, told = as_it_was(model), answers(planted(table, NOW - before), model)
    shared = [name for name in asked if name in told]
    at_the_moment = questions(model)["as_of"].eq(NOW).to_numpy()
    same = (asked[shared] == told[shared]) | (asked[shared].isna() & told[shared].isna())
    assert not same[at_the_moment].all(axis=None)
    assert same[questions(model)["as_of"].lt(NOW - before).to_numpy()].all(axis=None)


@pytest.mark.parametrize("table", ["milestones", "signals"])
def test_when_something_became_known_matters(table):
    """Records with their known times shuffled give other features."""
    rows = base().tables
    times = [row.get("known_at", row.get("occurred_at")) for row in rows[table]]
    shuffled = np.random.default_rng(3).permutation(len(times))
    moved = [row | {"known_at": times[k]} for row, k in zip(rows[table], shuffled, strict=True)]
    asked, told = (answers(r, ModelName.ETA_RISK) for r in (rows, rows | {table: moved}))
    changed = [name for name in asked if name in told and not asked[name].equals(told[name])]
    assert any(name.startswith("origin_signal" if table == "signals" else "carrier_late") for name in changed)


def test_the_moment_lies_within_the_world():
    """Subjects lie on both sides of the moment, so that the planted records could matter."""
    for model in ModelName:
        moments = all_subjects(base().dataset, model)["as_of"]
        assert moments.min() < NOW < moments.max() < day(DAYS * 2)
