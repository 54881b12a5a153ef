"""A user's SQL reads the import folder and declared folders, and nothing else."""

from pathlib import Path

import pytest

from domain.errors import BadQuery, LanewiseError, NotThere
from tests.store.making import SHIPMENT, make_source, run

KNOWN = "TIMESTAMPTZ '2020-01-01 00:00Z' AS known_at"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Files inside, in a declared folder, and outside."""
    for place in ("source/orders", "declared", "outside"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.csv").write_text(f"shipment_id\n{place}\n")
    (tmp_path / "source" / "here.csv").write_text("shipment_id\nhere\n")
    (tmp_path / "declared" / "there.csv").write_text("shipment_id\nthere\n")
    return tmp_path


def ids(world: Path, query: str, manifest: str = '[folders]\ndata = "../declared"') -> list[str]:
    """Shipments that a query finds."""
    _, dataset = run(world, manifest, shipments=query)
    return dataset.table("shipments")["shipment_id"].tolist()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("'here.csv'", ["here"]),
        ('"here.csv"', ["here"]),
        ("read_csv('here.csv')", ["here"]),
        ("read_csv(['here.csv', 'orders/a.csv'], header = true)", ["here", "source/orders"]),
        ("'orders/*.csv'", ["source/orders"]),
        ("'./here.csv'", ["here"]),
        ("'there.csv'", ["there"]),
        ("read_csv(getvariable('data') || '/there.csv')", ["there"]),
        ("'../declared/there.csv'", ["there"]),
        ("(SELECT * FROM 'here.csv' WHERE 'a.csv' = 'a' || '.csv')", ["here"]),
    ],
)
def test_files_are_found_from_the_import_folder_and_declared_ones(world: Path, path: str, found: list[str]) -> None:
    assert ids(world, f"-- é ü\nSELECT shipment_id, {KNOWN} FROM {path}") == found


def test_text_that_looks_like_a_file_stays_text(world: Path) -> None:
    query = f"SELECT 'here.csv' AS shipment_id, {KNOWN} FROM 'here.csv'"
    assert ids(world, query) == ["here.csv"]


def test_the_process_stays_in_its_folder(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(world / "outside")
    (world / "outside" / "here.csv").write_text("shipment_id\nwrong\n")
    assert ids(world, f"SELECT shipment_id, {KNOWN} FROM 'here.csv'") == ["here"]
    assert Path.cwd() == world / "outside"


@pytest.mark.parametrize(
    "path",
    [
        "'{outside}/a.csv'",
        "'/etc/passwd'",
        "'../outside/no-ending'",
        "'../outside/a.csv'",
        "'orders/../../outside/a.csv'",
        "read_csv('{outside}/*.csv')",
        "read_csv('../*/a.csv')",
        "read_text('/etc/passwd')",
        "glob('/etc/*')",
        "read_csv('../out' || 'side/a.csv')",
        "sniff_csv('{outside}/a.csv')",
        "'https://example.com/a.csv'",
        "'s3://bucket/a.parquet'",
        "read_csv(getvariable('data') || '/../outside/a.csv')",
    ],
)
def test_a_read_outside_is_refused(world: Path, path: str) -> None:
    query = f"SELECT *, {KNOWN} FROM {path.format(outside=world / 'outside')}"
    with pytest.raises(LanewiseError) as caught:
        ids(world, query)
    assert isinstance(caught.value, BadQuery), caught.value
    assert "shipments.sql reaches outside" in str(caught.value)
    assert str(world / "declared") in str(caught.value)
    assert not (world / "out").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY (SELECT 1) TO 'stolen.csv'",
        "SET enable_external_access = true",
        "EXPORT DATABASE 'x'",
        "CALL pragma_version()",
    ],
)
def test_any_other_statement_is_refused(world: Path, statement: str) -> None:
    with pytest.raises(BadQuery, match="exactly one SELECT"):
        ids(world, statement)
    with pytest.raises(BadQuery, match="exactly one SELECT"):
        ids(world, f"{statement}; {SHIPMENT}")


def test_a_folder_that_is_not_there_says_how_to_set_it(tmp_path: Path) -> None:
    with pytest.raises(NotThere) as caught:
        run(tmp_path, '[folders]\ndata = "nowhere"', shipments=SHIPMENT)
    assert "'data'" in str(caught.value)
    assert "[folders] data in manifest.toml" in str(caught.value)
    assert "--folder data=PATH" in str(caught.value)


def test_the_caller_may_put_a_folder_elsewhere(world: Path) -> None:
    query = f"SELECT shipment_id, {KNOWN} FROM read_csv(getvariable('data') || '/a.csv')"
    _, dataset = run(world, '[folders]\ndata = "nowhere"', folders={"data": world / "outside"}, shipments=query)
    assert dataset.table("shipments")["shipment_id"].tolist() == ["outside"]


def test_a_package_that_is_not_installed_says_so(tmp_path: Path) -> None:
    declared = '[folders]\ndata = { package = "no_such_package", path = "data" }'
    with pytest.raises(NotThere, match="pip install no_such_package"):
        run(tmp_path, declared, shipments=SHIPMENT)


def test_a_package_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / "fussy_package"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('no longer imports')")
    (package / "data" / "f.csv").write_text("shipment_id\nin package\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    declared = '[folders]\ndata = { package = "fussy_package", path = "data" }'
    _, dataset = run(tmp_path, declared, shipments=f"SELECT shipment_id, {KNOWN} FROM 'f.csv'")
    assert dataset.table("shipments")["shipment_id"].tolist() == ["in package"]


def test_an_override_must_name_a_declared_folder(tmp_path: Path) -> None:
    make_source(tmp_path / "source", shipments=SHIPMENT)
    with pytest.raises(LanewiseError, match="'data' is not declared"):
        run(tmp_path, folders={"data": tmp_path}, shipments=SHIPMENT)
