"""Excel sheets, databases and archives appear as views."""

import os
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from domain.errors import BadManifest, BadQuery, LanewiseError, NotThere
from domain.params import ImportParams
from tests.store.making import LENIENT, run

QUERY = "SELECT order_id AS shipment_id, seen AS known_at, kg AS weight_kg FROM orders"
WORLD = pd.DataFrame(
    {"order_id": [101, 102], "seen": pd.to_datetime(["2020-01-01 08:00", "2020-01-02 00:00"]), "kg": [1.5, None]}
)


def check(tmp_path: Path, manifest: str, query: str = QUERY) -> None:
    """The two orders arrive as shipments."""
    _, dataset = run(tmp_path, manifest, shipments=query)
    frame = dataset.table("shipments")
    assert frame["shipment_id"].tolist() == ["101", "102"]
    assert frame["known_at"].dt.strftime("%Y-%m-%d %H:%M").tolist() == ["2020-01-01 08:00", "2020-01-02 00:00"]
    assert frame["weight_kg"].fillna(-1).tolist() == [1.5, -1]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An import folder that is yet to be filled."""
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


def test_an_excel_sheet_is_a_view(tmp_path: Path, source: Path) -> None:
    with pd.ExcelWriter(source / "orders.xlsx") as book:
        pd.DataFrame({"wrong": [1]}).to_excel(book, sheet_name="First", index=False)
        WORLD.to_excel(book, sheet_name="Orders", index=False)
    check(tmp_path, '[sources]\norders = { excel = "orders.xlsx", sheet = "Orders" }')


def test_an_excel_file_may_lie_in_a_declared_folder(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    WORLD.to_excel(tmp_path / "books" / "o.xlsx", index=False)
    check(tmp_path, '[folders]\nb = "../books"\n[sources]\norders = { excel = "o.xlsx" }')


def test_a_mixed_excel_column_becomes_text(tmp_path: Path, source: Path) -> None:
    pd.DataFrame({"id": ["a", "b"], "kg": [1.5, "heavy"]}).to_excel(source / "o.xlsx", index=False)
    query = "SELECT id AS shipment_id, DATE '2020-01-01' AS known_at, kg AS weight_kg FROM o"
    report, _ = run(tmp_path, '[sources]\no = { excel = "o.xlsx" }', shipments=query)
    assert report.tables[0].quarantined == {"weight_kg is no number": 1}


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path, source: Path) -> None:
    WORLD.to_excel(source / "orders.xlsx", index=False)
    with pytest.raises(BadQuery, match="Missing"):
        run(tmp_path, '[sources]\norders = { excel = "orders.xlsx", sheet = "Missing" }', shipments=QUERY)


def test_a_sqlite_database_is_read_from_the_import_folder(tmp_path: Path, source: Path) -> None:
    with sqlite3.connect(source / "orders.db") as connection:
        WORLD.assign(seen=WORLD["seen"].astype(str)).to_sql("o", connection, index=False)
    connection.close()
    before = (source / "orders.db").read_bytes()
    check(tmp_path, '[sources]\norders = { database = "sqlite:///orders.db", query = "SELECT * FROM o" }')
    assert (source / "orders.db").read_bytes() == before


def test_a_query_cannot_write_into_a_sqlite_database(tmp_path: Path, source: Path) -> None:
    sqlite3.connect(source / "orders.db").close()
    with pytest.raises(BadQuery, match=r"\[sources\] orders"):
        run(
            tmp_path,
            '[sources]\norders = { database = "sqlite:///orders.db", query = "CREATE TABLE t (a INT)" }',
            shipments=QUERY,
        )


@pytest.mark.parametrize("name", ["gone.db", "../gone.db", "/nowhere/gone.db"])
def test_a_sqlite_database_that_is_not_there_is_not_made(tmp_path: Path, source: Path, name: str) -> None:
    with pytest.raises(LanewiseError, match=r"gone\.db"):
        run(
            tmp_path,
            f'[sources]\norders = {{ database = "sqlite:///{name}", query = "SELECT 1" }}',
            shipments=QUERY,
        )
    assert not list(tmp_path.rglob("gone.db"))


@pytest.fixture
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server with a table of the two orders."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    url = os.environ.get("LANEWISE_TEST_POSTGRESQL")
    if not url:
        pytest.skip("skipped: no PostgreSQL")
    engine = sqlalchemy.create_engine(url)
    table = f"lanewise_orders_{os.getpid()}"
    try:
        WORLD.assign(seen=WORLD["seen"].dt.tz_localize("UTC")).to_sql(table, engine, index=False)
    except sqlalchemy.exc.SQLAlchemyError:
        pytest.skip("skipped: no PostgreSQL")
    yield table
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"DROP TABLE {table}"))
    engine.dispose()


def test_a_postgresql_database_is_a_view(tmp_path: Path, postgresql: str) -> None:
    query = f'query = "SELECT order_id, seen, kg::numeric(9, 2) AS kg FROM {postgresql}"'
    manifest = f'timezone = "Asia/Tokyo"\n[sources]\norders = {{ database_env = "LANEWISE_TEST_POSTGRESQL", {query} }}'
    check(tmp_path, manifest)


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="NO_SUCH_VARIABLE is not set"):
        run(
            tmp_path,
            '[sources]\norders = { database_env = "NO_SUCH_VARIABLE", query = "SELECT 1" }',
            shipments=QUERY,
        )


def test_no_error_tells_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_URL", "postgresql+psycopg://me:s3cr3t@127.0.0.1:9/orders?connect_timeout=2")
    with pytest.raises(BadQuery) as caught:
        run(
            tmp_path,
            '[sources]\norders = { database_env = "ORDERS_URL", query = "SELECT 1" }',
            shipments=QUERY,
        )
    assert "127.0.0.1" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None


def packed(folder: Path, text: str) -> None:
    """An archive of one CSV file."""
    with zipfile.ZipFile(folder / "orders.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/orders.csv", text)


ARCHIVE = '[sources]\norders = { archive = "orders.csv.zip", member = "deep/orders.csv", nullstr = "NA" }'


def test_a_member_of_an_archive_is_a_view(tmp_path: Path, source: Path) -> None:
    packed(source, "order_id,seen,kg\n101,2020-01-01 08:00:00,1.5\n102,2020-01-02 00:00:00,NA\n")
    check(tmp_path, ARCHIVE)


def test_a_member_that_is_not_there_names_those_that_are(tmp_path: Path, source: Path) -> None:
    packed(source, "a\n1\n")
    with pytest.raises(NotThere, match=r"it holds deep/orders\.csv"):
        run(tmp_path, ARCHIVE.replace("deep/", ""), shipments=QUERY)


def test_an_archive_that_unpacks_too_large_is_refused(tmp_path: Path, source: Path) -> None:
    packed(source, "a\n" + "1\n" * 600_000)
    with pytest.raises(BadQuery, match="unpacks to more than 1 MB"):
        run(tmp_path, ARCHIVE, ImportParams(max_archive_mb=1), shipments=QUERY)


def test_a_damaged_archive_is_refused(tmp_path: Path, source: Path) -> None:
    (source / "orders.csv.zip").write_bytes(b"no archive")
    with pytest.raises(BadQuery, match="cannot be unpacked"):
        run(tmp_path, ARCHIVE, shipments=QUERY)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ('{ exel = "a.xlsx" }', "exactly one of archive, excel, database"),
        ('{ excel = "a.xlsx", page = "x" }', "unknown key 'page'"),
        ('{ archive = "a.zip" }', "lacks the key 'member'"),
        ("{ excel = 3 }", "must be text"),
        ('"a.xlsx"', "exactly one of"),
    ],
)
def test_a_source_declared_wrongly_says_what_it_may_hold(tmp_path: Path, declared: str, message: str) -> None:
    with pytest.raises(BadManifest, match=message):
        run(tmp_path, f"[sources]\norders = {declared}", LENIENT, shipments=QUERY)


def test_a_source_outside_the_folders_is_refused(tmp_path: Path) -> None:
    WORLD.to_excel(tmp_path / "outside.xlsx", index=False)
    with pytest.raises(BadQuery, match="lies outside"):
        run(tmp_path, '[sources]\norders = { excel = "../outside.xlsx" }', shipments=QUERY)
