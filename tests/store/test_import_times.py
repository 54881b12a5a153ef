"""Times: zones, changes of clocks, defaults of known times, the cut-off."""

from pathlib import Path

import pandas as pd
import pytest

from domain.errors import BadManifest, BadTable
from domain.params import ImportParams
from tests.store.making import quarantine, run

BERLIN = 'timezone = "Europe/Berlin"'
TENDER = "SELECT 't1' AS tender_id, TIMESTAMPTZ '2020-01-01 08:00Z' AS offered_at, 'rejected' AS outcome"


def known(text: str, kind: str = "TIMESTAMP") -> str:
    """A shipment known at a time of a SQL type."""
    return f"SELECT 's1' AS shipment_id, {kind} '{text}' AS known_at"


def utc(text: str) -> pd.Timestamp:
    """A moment in UTC."""
    return pd.Timestamp(text, tz="UTC")


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        (known("2020-07-01 12:00"), "2020-07-01 10:00"),
        (known("2020-01-01 12:00"), "2020-01-01 11:00"),
        (known("2020-07-01", "DATE"), "2020-06-30 22:00"),
        (known("2020-07-01 12:00+00", "TIMESTAMPTZ"), "2020-07-01 12:00"),
        (known("2020-07-01 12:00", "VARCHAR"), "2020-07-01 10:00"),
        (known("2020-07-01", "VARCHAR"), "2020-06-30 22:00"),
        (known("2020-07-01T12:00:00Z", "VARCHAR"), "2020-07-01 12:00"),
        (known("2020-07-01 12:00:00.5-05", "VARCHAR"), "2020-07-01 17:00:00.5"),
        (known("2020-07-01T12:00:00+05:30", "VARCHAR"), "2020-07-01 06:30"),
        (known("2020-07-01 12:00:00", "TIMESTAMP_S"), "2020-07-01 10:00"),
    ],
)
def test_a_time_without_a_zone_is_local_and_stored_in_utc(tmp_path: Path, query: str, moment: str) -> None:
    _, dataset = run(tmp_path, BERLIN, shipments=query)
    assert dataset.table("shipments")["known_at"].tolist() == [utc(moment)]
    assert str(dataset.table("shipments")["known_at"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize("kind", ["TIMESTAMP", "VARCHAR"])
def test_a_local_time_that_the_clocks_skip_goes_to_quarantine(tmp_path: Path, kind: str) -> None:
    query = f"{known('2020-03-29 01:59:59', kind)} UNION ALL {known('2020-03-29 02:30', kind)}"
    report, _ = run(tmp_path, BERLIN, shipments=query)
    assert report.tables[0].quarantined == {"known_at does not exist in Europe/Berlin (the clocks went forward)": 1}


@pytest.mark.parametrize("kind", ["TIMESTAMP", "VARCHAR"])
def test_a_local_time_that_occurs_twice_goes_to_quarantine(tmp_path: Path, kind: str) -> None:
    query = f"{known('2020-10-25 03:00', kind)} UNION ALL {known('2020-10-25 02:30', kind)}"
    report, dataset = run(tmp_path, BERLIN, shipments=query)
    assert report.tables[0].quarantined == {"known_at exists twice in Europe/Berlin (the clocks went back)": 1}
    assert len(quarantine(dataset, "shipments")) == 1


def test_an_instant_in_the_hour_that_occurs_twice_is_kept_when_it_names_its_zone(tmp_path: Path) -> None:
    report, _ = run(tmp_path, BERLIN, shipments=known("2020-10-25 00:30+00", "TIMESTAMPTZ"))
    assert report.tables[0].quarantined == {}


def test_times_of_own_columns_follow_the_same_rule(tmp_path: Path) -> None:
    own = ", TIMESTAMP '2020-03-29 02:30' AS x_seen"
    good = f"{known('2020-01-01 00:00')}, TIMESTAMP '2020-07-01 12:00' AS x_seen"
    report, dataset = run(tmp_path, BERLIN, shipments=f"{known('2020-01-01 00:00')}{own} UNION ALL {good}")
    assert list(report.tables[0].quarantined) == ["x_seen does not exist in Europe/Berlin (the clocks went forward)"]
    assert dataset.table("shipments")["x_seen"].tolist() == [utc("2020-07-01 10:00")]


def test_for_ever_is_a_time(tmp_path: Path) -> None:
    query = (
        "SELECT 'c' AS carrier_id, 'a' AS origin_id, 'b' AS destination_id, 1 AS price, "
        "DATE '2020-01-01' AS valid_from, TIMESTAMP '9999-12-31 23:59:59' AS valid_until"
    )
    _, dataset = run(tmp_path, 'timezone = "America/New_York"', rates=query)
    assert dataset.table("rates")["valid_until"].dt.year.tolist() == [9999]


def test_known_at_takes_its_default_per_row(tmp_path: Path) -> None:
    query = (
        "SELECT * FROM (VALUES ('e1', NULL), ('e2', TIMESTAMPTZ '2020-01-05 00:00Z')) AS t(exception_id, known_at), "
        "(SELECT 'late' AS kind, TIMESTAMPTZ '2020-01-02 00:00Z' AS raised_at)"
    )
    _, dataset = run(tmp_path, exceptions=query)
    assert dataset.table("exceptions")["known_at"].tolist() == [utc("2020-01-02"), utc("2020-01-05")]


def test_a_shipment_whose_known_at_is_null_goes_to_quarantine(tmp_path: Path) -> None:
    query = f"{known('2020-01-01 00:00')} UNION ALL SELECT 's2', NULL"
    report, _ = run(tmp_path, shipments=query)
    assert report.tables[0].quarantined == {"known_at is missing": 1}


def test_rates_without_a_date_were_always_known(tmp_path: Path) -> None:
    query = "SELECT 'c' AS carrier_id, 'a' AS origin_id, 'b' AS destination_id, 1 AS price"
    _, dataset = run(tmp_path, "cut_off = 2020-01-01", rates=query)
    assert dataset.table("rates")["known_at"].tolist() == [utc("1970-01-01")]


@pytest.mark.parametrize(
    ("columns", "known_at"),
    [
        ("TIMESTAMPTZ '2020-01-03 00:00Z' AS outcome_at", "2020-01-03"),
        (
            "TIMESTAMPTZ '2020-01-03 00:00Z' AS outcome_at, TIMESTAMPTZ '2020-01-04 00:00Z' AS outcome_known_at",
            "2020-01-04",
        ),
        ("TIMESTAMPTZ '2019-01-03 00:00Z' AS outcome_at", "2020-01-01 08:00"),
        (
            "TIMESTAMPTZ '2020-01-03 00:00Z' AS outcome_at, TIMESTAMPTZ '2020-01-07 00:00Z' AS known_at",
            "2020-01-07",
        ),
    ],
)
def test_an_outcome_is_known_when_it_happened_and_never_before_its_row(
    tmp_path: Path, columns: str, known_at: str
) -> None:
    _, dataset = run(tmp_path, tenders=f"{TENDER}, {columns}")
    assert dataset.table("tenders")["outcome_known_at"].tolist() == [utc(known_at)]


def test_an_outcome_known_before_it_happened_goes_to_quarantine(tmp_path: Path) -> None:
    bad = "TIMESTAMPTZ '2020-01-03 00:00Z' AS outcome_at, TIMESTAMPTZ '2020-01-02 00:00Z' AS outcome_known_at"
    report, _ = run(tmp_path, tenders=f"{TENDER}, {bad} UNION ALL {TENDER.replace('t1', 't2')}, NULL, NULL")
    assert report.tables[0].quarantined == {"outcome_known_at is before outcome_at": 1}


def test_an_open_tender_has_no_known_outcome(tmp_path: Path) -> None:
    query = f"{TENDER.replace('rejected', 'open')}, TIMESTAMPTZ '2020-01-03 00:00Z' AS outcome_known_at"
    _, dataset = run(tmp_path, tenders=query)
    assert dataset.table("tenders")["outcome_known_at"].isna().all()


def test_an_outcome_without_any_time_counts_as_known_at_the_cut_off(tmp_path: Path) -> None:
    """Never earlier than it can have been: taking the row's own time would show the answer at the offer."""
    report, dataset = run(tmp_path, "cut_off = 2020-02-01", tenders=TENDER)
    assert dataset.table("tenders")["outcome_known_at"].tolist() == [utc("2020-02-01")]
    assert report.tables[0].outcomes_untimed == 1
    assert "outcomes without a time" in report.summary()


def test_the_cut_off_defaults_to_the_latest_knowledge_outcomes_included(tmp_path: Path) -> None:
    tender = f"{TENDER}, TIMESTAMPTZ '2020-03-03 00:00Z' AS outcome_at"
    report, dataset = run(tmp_path, shipments=known("2020-02-01 00:00"), tenders=tender)
    assert report.cut_off == utc("2020-03-03")
    assert dataset.manifest.cut_off == utc("2020-03-03")


def test_a_record_known_after_the_cut_off_goes_to_quarantine(tmp_path: Path) -> None:
    """The cut-off is the user's choice: such rows do not make the table a bad one."""
    query = f"{known('2020-01-01 00:00')} UNION ALL {known('2020-06-01 00:00')}"
    report, dataset = run(tmp_path, "cut_off = 2020-02-01", ImportParams(), shipments=query)
    assert report.tables[0].quarantined == {"known_at is after the cut-off": 1}
    assert len(dataset.table("shipments")) == 1


def test_an_outcome_known_after_the_cut_off_is_not_yet_known(tmp_path: Path) -> None:
    tender = f"{TENDER}, TIMESTAMPTZ '2020-03-03 00:00Z' AS outcome_at, 'price' AS reason"
    exception = (
        "SELECT 'e1' AS exception_id, 'late' AS kind, TIMESTAMPTZ '2020-01-01 00:00Z' AS raised_at, 5 AS impact, "
        "TIMESTAMPTZ '2020-01-02 00:00Z' AS resolved_at, TIMESTAMPTZ '2020-05-01 00:00Z' AS resolved_known_at"
    )
    report, dataset = run(tmp_path, "cut_off = 2020-02-01", tenders=tender, exceptions=exception)
    row = dataset.table("tenders").iloc[0]
    assert row["outcome"] == "open"
    assert row[["outcome_at", "outcome_known_at", "reason"]].isna().all()
    assert dataset.table("exceptions").iloc[0][["impact", "resolved_at", "resolved_known_at"]].isna().all()
    assert [table.outcomes_after_cut_off for table in report.tables] == [1, 1]
    assert report.quarantined == 0


def test_a_cut_off_before_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="is cut_off in manifest"):
        run(tmp_path, "cut_off = 1990-01-01", shipments=known("2020-01-01 00:00"))


def test_a_cut_off_without_a_zone_is_local(tmp_path: Path) -> None:
    report, _ = run(tmp_path, f'{BERLIN}\ncut_off = "2020-07-01"', shipments=known("2020-01-01 00:00"))
    assert report.cut_off == utc("2020-06-30 22:00")


def test_only_timeless_tables_need_a_cut_off(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="set cut_off"):
        run(tmp_path, carriers="SELECT 'c' AS carrier_id")
    run(tmp_path, "cut_off = 2020-01-01", carriers="SELECT 'c' AS carrier_id")


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="IANA zone"):
        run(tmp_path, 'timezone = "Mars/Olympus"', shipments=known("2020-01-01 00:00"))
