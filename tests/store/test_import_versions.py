"""Identical rows, contradictions, corrections; kinds of columns."""

from pathlib import Path

import pandas as pd

from tests.store.making import quarantine, run


def signals(*rows: str) -> str:
    """A query of signals (value, known day)."""
    return (
        "SELECT 'p' AS place_id, 'wind' AS name, TIMESTAMPTZ '2020-01-01 00:00Z' AS observed_at, value, "
        f"known_at FROM (VALUES {', '.join(rows)}) AS t(value, known_at)"
    )


def test_identical_rows_collapse_and_are_counted(tmp_path: Path) -> None:
    report, dataset = run(tmp_path, signals=signals("(1, '2020-01-02')", "(1, '2020-01-02')", "(1.0, '2020-01-02')"))
    table = report.tables[0]
    assert (table.read, table.kept, table.collapsed, table.corrections) == (3, 1, 2, 0)
    assert dataset.table("signals")["value"].tolist() == [1.0]


def test_the_same_fact_known_later_is_a_correction(tmp_path: Path) -> None:
    report, dataset = run(tmp_path, signals=signals("(2, '2020-01-03')", "(1, '2020-01-02')"))
    assert report.tables[0].corrections == 1
    assert dataset.table("signals")["value"].tolist() == [1.0, 2.0]


def test_the_same_fact_known_at_once_with_other_content_goes_to_quarantine(tmp_path: Path) -> None:
    rows = ("(1, '2020-01-02')", "(2, '2020-01-02')", "(1, '2020-01-02')", "(3, '2020-01-03')")
    report, dataset = run(tmp_path, signals=signals(*rows))
    ((rule, count),) = report.tables[0].quarantined.items()
    assert rule == "duplicate id: the same place_id, name, observed_at and known_at with different content"
    assert count == 3
    assert report.tables[0].collapsed == 0
    assert sorted(quarantine(dataset, "signals")["value"]) == [1, 1, 2]
    assert dataset.table("signals")["value"].tolist() == [3.0]


def test_a_row_that_is_bad_by_itself_contradicts_nobody(tmp_path: Path) -> None:
    report, dataset = run(tmp_path, signals=signals("('1', '2020-01-02')", "('abc', '2020-01-02')"))
    assert report.tables[0].quarantined == {"value is no number": 1}
    assert dataset.table("signals")["value"].tolist() == [1.0]


def test_a_milestone_reached_twice_without_stop_is_one_fact(tmp_path: Path) -> None:
    query = (
        "SELECT 's' AS shipment_id, 'X6' AS code, day AS occurred_at "
        "FROM (VALUES (DATE '2020-01-01'), (DATE '2020-01-02')) AS t(day)"
    )
    report, _ = run(tmp_path, milestones=query)
    assert report.tables[0].corrections == 1


def test_timeless_tables_take_one_row_an_id(tmp_path: Path) -> None:
    query = "SELECT * FROM (VALUES ('a', 'x'), ('a', 'x'), ('b', 'x'), ('b', 'y')) AS t(carrier_id, kind)"
    report, dataset = run(tmp_path, "cut_off = 2020-01-01", carriers=query)
    assert report.tables[0].collapsed == 1
    assert sum(report.tables[0].quarantined.values()) == 2
    assert dataset.table("carriers")["carrier_id"].tolist() == ["a"]


def test_rows_are_in_the_total_order(tmp_path: Path) -> None:
    query = (
        "SELECT id AS shipment_id, day AS known_at FROM "
        "(VALUES ('b', '2020-01-02'), ('c', '2020-01-01'), ('a', '2020-01-02')) AS t(id, day)"
    )
    _, dataset = run(tmp_path, shipments=query)
    assert dataset.table("shipments")["shipment_id"].tolist() == ["c", "a", "b"]


def test_identifiers_are_text_whatever_they_came_as(tmp_path: Path) -> None:
    query = (
        "SELECT 7 AS shipment_id, DATE '2020-01-01' AS known_at, 8.0::DOUBLE AS origin_id, 9::DECIMAL(9,2) AS "
        "destination_id, 2.5 AS customer_id, ''::VARCHAR AS carrier_id, 12345678901234567890::HUGEINT AS mode"
    )
    _, dataset = run(tmp_path, shipments=query)
    row = dataset.table("shipments").iloc[0]
    names = ["shipment_id", "origin_id", "destination_id", "customer_id", "mode"]
    assert row[names].tolist() == ["7", "8", "9", "2.5", "12345678901234567890"]
    assert pd.isna(row["carrier_id"])


def test_own_columns_are_numbers_moments_or_text(tmp_path: Path) -> None:
    query = (
        "SELECT 's' AS shipment_id, DATE '2020-01-01' AS known_at, true AS x_flag, 3 AS x_count, 2.5 AS x_share, "
        "DATE '2020-01-02' AS x_day, 'red' AS x_colour, [1, 2] AS x_list, NULL AS x_none"
    )
    _, dataset = run(tmp_path, shipments=query)
    frame = dataset.table("shipments")
    kinds = {name: str(frame[name].dtype) for name in frame if name.startswith("x_")}
    assert kinds == {
        "x_colour": "str",
        "x_count": "float64",
        "x_day": "datetime64[us, UTC]",
        "x_flag": "float64",
        "x_list": "str",
        "x_none": "str",
        "x_share": "float64",
    }
    assert frame.iloc[0][["x_flag", "x_count", "x_share", "x_colour"]].tolist() == [1.0, 3.0, 2.5, "red"]


def test_contract_is_true_false_or_unknown(tmp_path: Path) -> None:
    query = (
        "SELECT * FROM (VALUES ('t1', 'yes'), ('t2', '0'), ('t3', NULL), ('t4', 'perhaps')) AS t(tender_id, contract), "
        "(SELECT DATE '2020-01-01' AS offered_at, 'open' AS outcome)"
    )
    report, dataset = run(tmp_path, tenders=query)
    assert report.tables[0].quarantined == {"contract is no true or false": 1}
    frame = dataset.table("tenders")
    assert str(frame["contract"].dtype) == "boolean"
    assert frame["contract"].tolist() == [True, False, pd.NA]
