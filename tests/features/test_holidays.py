"""Public holidays of the country that the manifest names, on the local date."""

import sys
from dataclasses import replace
from datetime import date, timedelta

import holidays as library
import numpy as np
import pandas as pd
import pytest

from domain.manifest import COUNTRIES, Manifest
from domain.predictions import ModelName
from features.calendar import Calendar
from features.catalogue import FAMILIES
from features.frame import FeatureFrames
from features.holidays import _distance, _tables, days_since_1970, holidays_around
from tests.features.world import MANIFEST, World, dataset_of, day

NEW_YORK = replace(MANIFEST, timezone="America/New_York", country="US")
MOMENTS = ("as_of", "planned_pickup_at", "planned_delivery_at")
NAMES = {f"{moment}_{part}" for moment in MOMENTS for part in ("holiday", "to_holiday_d")}
BEFORE = pd.Timestamp("2013-06-01T00:00Z")


def asked(manifest: Manifest, *moments: str | None, as_of: str = "2013-06-05T12:00Z") -> pd.DataFrame:
    """The calendar of shipments to be picked up at some moments (UTC), one each."""
    rows = [
        {"shipment_id": f"s{k}", "known_at": BEFORE, "planned_pickup_at": None if one is None else pd.Timestamp(one)}
        for k, one in enumerate([*moments, "2013-06-05T12:00Z"])
    ]
    names = [row["shipment_id"] for row in rows[:-1]]
    subjects = pd.DataFrame({"subject_id": names, "shipment_id": names, "stage": "release"})
    dataset = dataset_of({"shipments": rows}, manifest)
    return FeatureFrames(dataset).of(ModelName.ETA_RISK, subjects.assign(as_of=pd.Timestamp(as_of)), [Calendar()])


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2013-07-04T03:59Z", (0, -1)),
        ("2013-07-04T04:00Z", (1, 0)),
        ("2013-07-05T03:59Z", (1, 0)),
        ("2013-07-05T04:00Z", (0, 1)),
        ("2013-07-02T12:00Z", (0, -2)),
        ("2013-07-06T12:00Z", (0, 2)),
        ("2013-07-07T12:00Z", (0, 3)),
        ("2013-07-20T12:00Z", (0, 3)),
        ("2013-08-20T12:00Z", (0, -3)),
        ("2013-12-29T12:00Z", (0, -3)),
        ("2014-01-01T04:59Z", (0, -1)),
        ("2014-01-01T05:00Z", (1, 0)),
    ],
)
def test_a_holiday_is_that_of_the_local_date(moment: str, expected: tuple[int, int]) -> None:
    """4 July in New York is from 04:00 to 04:00 UTC; a holiday farther than three days is three days off."""
    found = asked(NEW_YORK, moment).iloc[0]
    assert expected == (found["planned_pickup_at_holiday"], found["planned_pickup_at_to_holiday_d"])


@pytest.mark.parametrize(
    ("country", "holiday"),
    [("US", "2013-11-28"), ("CA", "2014-04-18"), ("IN", "2013-08-15"), ("IN", "2013-11-03"), ("DE", "2013-10-03")],
)
def test_a_country_has_its_own_holidays(country: str, holiday: str) -> None:
    """Thanksgiving, Good Friday, Independence Day, Diwali, German unity: a holiday there, and not everywhere."""
    days = np.array([days_since_1970(date.fromisoformat(holiday))])
    assert holidays_around(days, country)[0].tolist() == [1]
    assert {float(holidays_around(days, other)[0][0]) for other in ("US", "CA", "IN", "DE")} == {0.0, 1.0}


@pytest.mark.parametrize("country", ["US", "CA", "IN"])
def test_every_day_is_as_the_library_says(country: str) -> None:
    """Each day of 20 years, one date at a time: in the library or not, and so far from the nearest of its dates."""
    known = library.country_holidays(country, years=range(2004, 2026))
    first = date(2005, 1, 1)
    every = [first + timedelta(days=k) for k in range(20 * 365)]
    is_holiday, distance = holidays_around(np.array([days_since_1970(one) for one in every]), country)
    assert is_holiday.tolist() == [float(one in known) for one in every]
    near = [[k for k in (0, -1, 1, -2, 2) if one - timedelta(days=k) in known] for one in every]
    for found, expected in zip(distance, near, strict=True):
        assert found == expected[0] if expected else abs(found) == 3


def test_of_two_as_near_the_coming_one_counts() -> None:
    """Between holidays on days 10 and 14, day 12 is two days before the second."""
    assert _distance(np.arange(9, 16), [10, 14]).tolist() == [-1, 0, 1, -2, -1, 0, 1]


def test_what_is_not_known_is_nan() -> None:
    """A pickup without a moment; years that the library does not know: India's after 2035, all before 1990."""
    found = asked(NEW_YORK, None, "2013-07-04T12:00Z", "1971-07-04T12:00Z", "2100-07-04T12:00Z")
    pickup = found[["planned_pickup_at_holiday", "planned_pickup_at_to_holiday_d"]]
    assert pickup.isna().to_numpy().tolist() == [[True] * 2, [False] * 2, [True] * 2, [True] * 2]
    assert found["as_of_holiday"].tolist() == [0.0] * 4
    days = np.array([days_since_1970(date(year, 8, 15)) for year in (2035, 2036)])
    for column in holidays_around(days, "IN"):
        assert np.isnan(column).tolist() == [False, True]


def test_without_a_country_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No holiday column, all others as they are with one, and the library is not even imported."""
    tables = World(3, shipments=10).tables
    subjects = pd.DataFrame({"subject_id": ["s001"], "shipment_id": ["s001"], "stage": ["release"], "as_of": [day(60)]})
    with_country = FeatureFrames(dataset_of(tables, NEW_YORK)).of(ModelName.ETA_RISK, subjects)
    _tables.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)
    without = FeatureFrames(dataset_of(tables, replace(NEW_YORK, country=None))).of(ModelName.ETA_RISK, subjects)
    assert set(with_country) - set(without) == NAMES
    pd.testing.assert_frame_equal(without, with_country[list(without)])


def test_one_day_has_the_bits_that_many_have() -> None:
    """The table is looked up; it does not matter how many days are asked."""
    days = np.arange(10_000, 20_000)
    for column in range(2):
        alone = [holidays_around(days[k : k + 1], "US")[column] for k in range(0, days.size, 97)]
        assert np.concatenate(alone).tobytes() == holidays_around(days, "US")[column][::97].tobytes()


def test_the_library_knows_every_country() -> None:
    """Whatever a manifest may name; so a data set that was imported does not fail later."""
    assert set(COUNTRIES.split()) <= set(library.list_supported_countries(include_aliases=False))


def test_the_catalogue_names_every_column() -> None:
    """Flags as 0/1, distances within three days."""
    units = {line.name: line.unit for family in FAMILIES for line in family.descriptions if line.name in NAMES}
    assert units == {name: "0/1" if name.endswith("_holiday") else "±3 d" for name in NAMES}
