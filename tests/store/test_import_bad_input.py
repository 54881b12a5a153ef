"""Every kind of bad input has a message that a person can act on, and changes nothing."""

import time
from pathlib import Path

import pytest

from domain.errors import BadManifest, BadQuery, BadTable, NotThere
from domain.params import ImportParams
from store.importer import import_source
from tests.store.making import SHIPMENT, files_of, make_source, quarantine, run, shipments

GOOD = "('s{}', '2020-01-01', '2020-01-02', '2020-01-03')"


def refused(tmp_path: Path, error: type[Exception], manifest: str = "", **queries: str) -> str:
    """The message of a refused import, which leaves no folder behind."""
    with pytest.raises(error) as caught:
        run(tmp_path, manifest, ImportParams(), **queries)
    assert not (tmp_path / "out").exists()
    return str(caught.value)


def test_an_empty_table_means_none(tmp_path: Path) -> None:
    empty = "SELECT 'c' AS carrier_id WHERE false"
    report, dataset = run(tmp_path, shipments=SHIPMENT, carriers=empty)
    assert not dataset.has("carriers")
    assert len(dataset.table("carriers")) == 0
    assert [table.kept for table in report.tables] == [1, 0]


def test_all_tables_empty_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, BadTable, shipments=f"{SHIPMENT} WHERE false")
    assert "every table is empty (shipments)" in message


def test_no_sql_file_is_refused(tmp_path: Path) -> None:
    assert "shipments" in refused(tmp_path, BadTable)


def test_a_missing_column_names_table_column_and_file(tmp_path: Path) -> None:
    message = refused(tmp_path, BadTable, shipments="SELECT 's1' AS shipment_id")
    assert message.startswith("shipments: the required column 'known_at' is missing; add it to shipments.sql")


def test_planned_delivery_is_not_required(tmp_path: Path) -> None:
    _, dataset = run(tmp_path, shipments=SHIPMENT)
    assert dataset.given("shipments") == ("shipment_id", "known_at")


def test_an_unknown_column_gets_the_nearest_name(tmp_path: Path) -> None:
    message = refused(tmp_path, BadTable, shipments=f"{SHIPMENT}, 3 AS distance")
    assert "'distance'" in message
    assert "did you mean 'distance_km'?" in message


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    assert "'x_a' more than once" in refused(tmp_path, BadQuery, shipments=f"{SHIPMENT}, 1 AS x_a, 2 AS x_a")


def test_a_wrong_type_names_table_column_rule_count_and_example(tmp_path: Path) -> None:
    rows = [GOOD.format(i) for i in range(3)] + ["('s9', '2020-01-01', '2020-01-02', 'abc')"]
    message = refused(tmp_path, BadTable, shipments=shipments(*rows))
    assert "shipments: 1 of 4 rows are bad (25.0%, allowed 5.0%)" in message
    assert "1 × planned_delivery_at is no timestamp, for example 'abc'" in message
    assert "shipments.sql" in message


def test_few_wrong_cells_go_to_quarantine(tmp_path: Path) -> None:
    rows = [GOOD.format(i) for i in range(20)] + ["('s99', '2020-01-01', '2020-01-02', 'abc')"]
    report, dataset = run(tmp_path, "", ImportParams(), shipments=shipments(*rows))
    assert report.tables[0].quarantined == {"planned_delivery_at is no timestamp": 1}
    aside = quarantine(dataset, "shipments")
    assert aside["shipment_id"].tolist() == ["s99"]
    assert aside["planned_delivery_at"].tolist() == ["abc"]
    assert aside["quarantine_rule"].tolist() == ["planned_delivery_at is no timestamp"]
    assert len(dataset.table("shipments")) == 20


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("'heavy' AS weight_kg", "weight_kg is no number"),
        ("-1 AS weight_kg", "weight_kg is below 0"),
        ("'inf'::DOUBLE AS weight_kg", "weight_kg is no number"),
        ("7 AS planned_delivery_at", "planned_delivery_at is no timestamp"),
        ("TIMESTAMP 'infinity' AS planned_delivery_at", "planned_delivery_at is no timestamp"),
        ("TIME '10:00' AS planned_delivery_at", "planned_delivery_at is no timestamp"),
        ("DATE '2020-01-02' AS distance_km", "distance_km is no number"),
    ],
)
def test_a_cell_that_is_none_of_its_kind_names_the_column(tmp_path: Path, column: str, rule: str) -> None:
    good = "SELECT 's2' AS shipment_id, TIMESTAMPTZ '2020-01-01 00:00Z' AS known_at"
    report, _ = run(tmp_path, shipments=f"{SHIPMENT}, {column} UNION ALL BY NAME {good}")
    assert report.tables[0].quarantined == {rule: 1}


def test_delivery_planned_before_pickup_goes_to_quarantine(tmp_path: Path) -> None:
    rows = [GOOD.format(1), "('s2', '2020-01-01', '2020-01-03', '2020-01-02')"]
    report, _ = run(tmp_path, shipments=shipments(*rows))
    assert report.tables[0].quarantined == {"planned_delivery_at is before planned_pickup_at": 1}


def test_a_null_id_goes_to_quarantine(tmp_path: Path) -> None:
    rows = [GOOD.format(1), "(NULL, '2020-01-01', NULL, NULL)", "('  ', '2020-01-01', NULL, NULL)"]
    report, _ = run(tmp_path, shipments=shipments(*rows))
    assert report.tables[0].quarantined == {"shipment_id is missing": 2}


def test_an_unknown_outcome_goes_to_quarantine(tmp_path: Path) -> None:
    sql = (
        "SELECT * FROM (VALUES ('t1', DATE '2020-01-01', 'accepted'), ('t2', DATE '2020-01-01', 'lost'))"
        " AS t(tender_id, offered_at, outcome)"
    )
    report, dataset = run(tmp_path, tenders=sql)
    ((rule, count),) = report.tables[0].quarantined.items()
    assert count == 1
    assert rule.startswith("outcome is an unknown code (known: accepted, rejected,")
    assert quarantine(dataset, "tenders")["outcome"].tolist() == ["lost"]


def test_an_unknown_milestone_code_goes_to_quarantine_only_within_its_list(tmp_path: Path) -> None:
    sql = (
        "SELECT 's1' AS shipment_id, DATE '2020-01-01' AS occurred_at, * FROM "
        "(VALUES (NULL, 'D1'), (NULL, 'ZZ'), ('dcsa', 'ZZ'), ('x12-1650', 'X6')) AS t(code_list, code)"
    )
    report, dataset = run(tmp_path, milestones=sql)
    ((rule, count),) = report.tables[0].quarantined.items()
    assert count == 1
    assert rule.startswith("code is an unknown code of code_list x12-1650")
    kept = dataset.table("milestones")
    assert sorted(zip(kept["code_list"], kept["code"], strict=True)) == [
        ("dcsa", "ZZ"),
        ("x12-1650", "D1"),
        ("x12-1650", "X6"),
    ]


def test_kinds_of_exceptions_are_open(tmp_path: Path) -> None:
    sql = "SELECT 'e1' AS exception_id, 'volcano' AS kind, DATE '2020-01-01' AS raised_at"
    _, dataset = run(tmp_path, exceptions=sql)
    assert dataset.table("exceptions")["kind"].tolist() == ["volcano"]


def test_a_file_that_is_not_there_is_named_with_where_it_was_looked_for(tmp_path: Path) -> None:
    message = refused(tmp_path, NotThere, shipments="SELECT * FROM 'gone.csv'")
    assert message.startswith("shipments.sql: ")
    assert "gone.csv" in message
    assert str(tmp_path / "source") in message


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="nowhere is no folder"):
        import_source(tmp_path / "nowhere", tmp_path / "out", ImportParams())


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    with pytest.raises(NotThere, match=r"manifest\.toml does not exist"):
        import_source(tmp_path / "source", tmp_path / "out", ImportParams())


def test_invalid_toml_names_file_and_line(tmp_path: Path) -> None:
    message = refused(tmp_path, BadManifest, "currency = USD", shipments=SHIPMENT)
    assert "manifest.toml is no valid TOML" in message
    assert "line 2" in message


def test_an_unknown_key_of_the_manifest_gets_the_nearest_name(tmp_path: Path) -> None:
    message = refused(tmp_path, BadManifest, "cutoff = 2020-01-01", shipments=SHIPMENT)
    assert "did you mean 'cut_off'?" in message


def test_a_name_without_a_near_one_ends_its_sentence(tmp_path: Path) -> None:
    assert "key 'zzz'. It may hold" in refused(tmp_path, BadManifest, "zzz = 1", shipments=SHIPMENT)
    assert "no canonical table. They are" in refused(tmp_path / "b", BadTable, zzz=SHIPMENT)
    assert "none of this table's. Correct" in refused(tmp_path / "c", BadTable, shipments=f"{SHIPMENT}, 1 AS zzz")


@pytest.mark.parametrize("manifest", ['currency = "usd"', "[costs]\nnotfy = 1", "folders = 3", "[sources]\na = 1"])
def test_a_wrong_value_of_the_manifest_names_the_file(tmp_path: Path, manifest: str) -> None:
    message = refused(tmp_path, BadManifest, manifest, shipments=SHIPMENT)
    assert message.startswith(f"{tmp_path.resolve() / 'source' / 'manifest.toml'}: ")


def test_a_cell_that_says_nothing_is_called_empty(tmp_path: Path) -> None:
    message = refused(tmp_path, BadTable, shipments="SELECT 's1' AS shipment_id, NULL::TIMESTAMPTZ AS known_at")
    assert "known_at is missing, for example empty" in message


def test_a_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    message = refused(tmp_path, BadQuery, shipments="SELECT 's1' AS shipment_id\nFRM x y z")
    assert message.startswith("shipments.sql does not run: Parser Error")
    assert "LINE 2" in message


def test_an_unknown_column_in_sql_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.csv").write_text("a,b\n1,2\n")
    message = refused(tmp_path, BadQuery, shipments="SELECT\n  nope\nFROM 'a.csv'")
    assert message.startswith("shipments.sql does not run: Binder Error")
    assert "LINE 2" in message


@pytest.mark.parametrize(
    "sql", ["SELECT 1; SELECT 2", "", "CREATE TABLE t (a INT)", "COPY (SELECT 1) TO 'a.csv'", "PRAGMA version"]
)
def test_anything_but_one_select_is_refused(tmp_path: Path, sql: str) -> None:
    assert "must hold exactly one SELECT" in refused(tmp_path, BadQuery, shipments=sql)


def test_a_query_named_after_no_table_names_the_tables(tmp_path: Path) -> None:
    message = refused(tmp_path, BadTable, shipment=SHIPMENT)
    assert "shipment.sql is named after no canonical table; did you mean 'shipments'?" in message
    assert "tenders, milestones" in message


def test_a_refused_import_leaves_the_previous_data_set_whole(tmp_path: Path) -> None:
    run(tmp_path, shipments=SHIPMENT)
    before = files_of(tmp_path / "out")
    make_source(tmp_path / "source", shipments="SELECT 's1' AS shipment_id")
    with pytest.raises(BadTable):
        import_source(tmp_path / "source", tmp_path / "out", ImportParams())
    assert files_of(tmp_path / "out") == before


def test_one_bad_row_among_a_million_is_found_in_seconds(tmp_path: Path) -> None:
    sql = """
        SELECT 's' || i AS shipment_id, TIMESTAMPTZ '2020-01-01 00:00Z' AS known_at,
            TIMESTAMPTZ '2020-01-02 00:00Z' + to_minutes(i % 1000) AS planned_pickup_at,
            TIMESTAMPTZ '2020-01-03 00:00Z' + to_minutes(CASE WHEN i = 765432 THEN -9999 ELSE i % 1000 END)
                AS planned_delivery_at,
            (i % 70) * 1.0 AS weight_kg
        FROM range(1000000) t(i)
    """
    started = time.perf_counter()
    report, dataset = run(tmp_path, "", ImportParams(), shipments=sql)
    assert time.perf_counter() - started < 60  # a few seconds on an idle machine
    assert report.tables[0].kept == 999_999
    assert report.tables[0].quarantined == {"planned_delivery_at is before planned_pickup_at": 1}
    assert quarantine(dataset, "shipments")["shipment_id"].tolist() == ["s765432"]
