"""A data set that is written month by month is the one that would have been written at once."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import BadTable, HomeLocked
from domain.facts import FACTS
from domain.manifest import Manifest
from store.check import check_dataset
from store.dataset import Dataset, open_dataset
from store.frames import arrow_column
from store.streaming import dataset_stream
from store.writing import write_dataset
from tests.store.making import files_of
from tests.store.months import (
    CARRIERS,
    MANIFEST,
    dictionary_encoded,
    label,
    month_tables,
    whole,
    write_months,
)

MONTHS = 5


def streamed(folder: Path, months: int = MONTHS) -> Dataset:
    """A data set of some months."""
    with dataset_stream(folder, MANIFEST) as stream:
        write_months(stream, months)
    return stream.dataset


def pandas_of(rows: pa.Table) -> pd.DataFrame:
    """Canonical dtypes where pandas would take others."""
    frame = rows.to_pandas()
    return frame.astype({"contract": "boolean"}) if "contract" in frame else frame


def test_what_was_streamed_reads_as_what_was_written_at_once(tmp_path: Path) -> None:
    """The same frames, dtypes and order included, though known times, code lists and order were left to the stream."""
    tables = whole(MONTHS)
    expected = write_dataset(tmp_path / "once", MANIFEST, {name: pandas_of(rows) for name, rows in tables.items()})
    dataset = streamed(tmp_path / "streamed")
    for name in FACTS:
        pd.testing.assert_frame_equal(dataset.table(name), expected.table(name))
        assert dataset.given(name) == expected.given(name)
        assert dataset.has(name) is expected.has(name)
    assert open_dataset(dataset.folder) == dataset
    assert check_dataset(dataset.folder).sound


def test_a_reference_gives_the_bytes_that_writing_at_once_gives(tmp_path: Path) -> None:
    tables = whole(2)
    expected = write_dataset(tmp_path / "once", MANIFEST, {name: pandas_of(rows) for name, rows in tables.items()})
    with dataset_stream(tmp_path / "streamed", MANIFEST) as stream:
        for name, rows in tables.items():
            stream.reference(name, rows)
    assert files_of(tmp_path / "streamed") == files_of(expected.folder)


def test_each_file_holds_what_became_known_in_its_month(tmp_path: Path) -> None:
    """The rows that became known after the last month come in a file of their own."""
    dataset = streamed(tmp_path / "out")
    stored = dataset.description.tables["milestones"]
    months = [
        {str(moment)[:7] for moment in pq.read_table(dataset.folder / file.path)["known_at"].to_pylist()}
        for file in stored.files
    ]
    assert months == [{label(month)} for month in range(MONTHS + 1)]
    assert [file.rows for file in stored.files] != [160] * MONTHS
    assert sum(file.rows for file in stored.files) == stored.rows == 160 * MONTHS
    known = dataset.table("milestones")["known_at"]
    assert known.is_monotonic_increasing


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_and_the_encoding_of_text_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("order")
    expected = streamed(folder / "plain", 2)
    with dataset_stream(folder / "other", MANIFEST) as stream:
        for month in range(2):
            for name, rows in dictionary_encoded(month_tables(month)):
                stream.append(name, label(month), rows.take(rng.permutation(len(rows))))
        stream.reference("carriers", CARRIERS)
    assert files_of(stream.dataset.folder) == files_of(expected.folder)


def test_own_columns_come_back_as_numbers_moments_or_text(tmp_path: Path) -> None:
    own = {
        "x_flag": pa.array([True]),
        "x_count": pa.array([3], type=pa.int32()),
        "x_day": pa.array([0], type=pa.date32()),
        "x_colour": pa.array(["red"]).dictionary_encode(),
        "x_none": pa.nulls(1),
    }
    rows = month_tables(0, shipments=1)["shipments"].drop(["x_colour"])
    with dataset_stream(tmp_path / "out", MANIFEST) as stream:
        stream.append(
            "shipments", label(0), pa.table({**dict(zip(rows.column_names, rows.columns, strict=True)), **own})
        )
    frame = stream.dataset.table("shipments")
    assert {name: str(frame[name].dtype) for name in own} == {
        "x_flag": "float64",
        "x_count": "float64",
        "x_day": "datetime64[us, UTC]",
        "x_colour": "str",
        "x_none": "str",
    }


def test_months_without_rows_and_months_left_out_make_no_file(tmp_path: Path) -> None:
    with dataset_stream(tmp_path / "out", MANIFEST) as stream:
        for month in (0, 3):
            stream.append("shipments", label(month), month_tables(month)["shipments"])
        stream.append("shipments", label(4), month_tables(4)["shipments"].slice(0, 0))
        stream.reference("carriers", CARRIERS.slice(0, 0))
    dataset = stream.dataset
    assert len(dataset.description.tables["shipments"].files) == 2
    assert len(dataset.table("shipments")) == 80
    assert not dataset.has("carriers")
    assert dataset.given("carriers") == ("carrier_id", "kind", "x_size")


MEMORY = """
import sys
from pathlib import Path
import pyarrow as pa
from store.streaming import dataset_stream
from tests.store.months import MANIFEST, label, month_tables

peaks = []
with dataset_stream(Path(sys.argv[1]), MANIFEST) as stream:
    for month in range(12):
        before = pa.total_allocated_bytes()
        for name, rows in month_tables(month, shipments=5000).items():
            stream.append(name, label(month), rows)
        del rows
        print(pa.total_allocated_bytes())
"""


def test_what_is_held_does_not_grow_with_the_months(tmp_path: Path) -> None:
    """Arrow's memory after each of twelve months: only rows that wait for the next month, so as much as after three."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path / "out")], check=True, capture_output=True,
                          text=True, env={"PYTHONPATH": ":".join(sys.path)})  # fmt: skip
    held = [int(line) for line in done.stdout.split()]
    assert len(held) == 12
    one_month = sum(rows.nbytes for rows in month_tables(0, shipments=5000).values())
    assert 0 < max(held) < 0.6 * one_month
    assert max(held[6:]) < 1.2 * max(held[1:4])


def refused(folder: Path, *appended: tuple[str, str, pa.Table]) -> str:
    """Message with which a stream refuses the last of some appends."""
    with pytest.raises(BadTable) as told, dataset_stream(folder, MANIFEST) as stream:  # noqa: PT012 - the last raises
        for table, month, rows in appended[:-1]:
            stream.append(table, month, rows)
        table, month, rows = appended[-1]
        with pytest.raises(BadTable) as error:
            stream.append(table, month, rows)
        raise error.value
    assert not folder.exists()
    return str(told.value)


def changed(rows: pa.Table, **columns: pa.Array) -> pa.Table:
    """Rows with columns put in place of, or beside, their own."""
    return pa.table({**{name: rows[name] for name in rows.column_names}, **columns})


@pytest.mark.parametrize("second", [0, 1])
def test_a_month_comes_once_and_in_order(tmp_path: Path, second: int) -> None:
    rows = month_tables(1)["shipments"]
    said = refused(tmp_path / "out", ("shipments", label(1), rows), ("shipments", label(second), rows))
    assert f"shipments: {label(second)} comes after 2024-02" in said


@pytest.mark.parametrize("month", ["2024-13", "2024-1", "24-01", "2024-01-01", ""])
def test_a_month_is_year_and_month(tmp_path: Path, month: str) -> None:
    assert "like 2024-01" in refused(tmp_path / "out", ("shipments", month, month_tables(0)["shipments"]))


def test_what_became_known_in_a_written_month_is_refused(tmp_path: Path) -> None:
    first, second = month_tables(0)["shipments"], month_tables(1)["shipments"]
    late = pa.concat_tables([second, first.slice(0, 3)])
    said = refused(tmp_path / "out", ("shipments", label(0), first), ("shipments", label(1), late))
    assert "shipments 2024-02: 3 rows became known before 2024-02" in said


def test_columns_are_the_same_in_every_month(tmp_path: Path) -> None:
    first, second = month_tables(0)["shipments"], month_tables(1)["shipments"]
    other = changed(second.drop(["weight_kg"]), x_colour=pa.array([1.0] * len(second)))
    said = refused(tmp_path / "out", ("shipments", label(0), first), ("shipments", label(1), other))
    assert "differing: weight_kg (double), x_colour (double), x_colour (string)" in said


@pytest.mark.parametrize(
    ("table", "columns", "said"),
    [
        ("orders", {}, "'orders' is no canonical table"),
        ("shipments", {"weight": pa.array([1.0] * 40)}, "shipments: 'weight' is no column of it"),
        ("carriers", {}, "carriers has no known_at"),
        ("shipments", {"weight_kg": pa.array(["heavy"] * 40)}, "shipments: weight_kg is string and cannot be stored"),
        ("shipments", {"known_at": pa.nulls(40)}, "shipments 2024-01: known_at is missing in 40 rows"),
        (
            "shipments",
            {"known_at": pa.array([2_000_000_000_000_000] * 40)},
            "shipments: known_at is after the cut-off 2030-01-01T00:00:00Z in 40 rows",
        ),
    ],
)
def test_a_table_that_is_not_canonical_is_refused(
    tmp_path: Path, table: str, columns: dict[str, pa.Array], said: str
) -> None:
    rows = changed(month_tables(0)["shipments"], **columns)
    assert said in refused(tmp_path / "out", (table, label(0), rows))


def test_a_table_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    rows = month_tables(0)["shipments"].drop(["shipment_id"])
    said = refused(tmp_path / "out", ("shipments", label(0), rows))
    assert said.startswith("shipments: the required column 'shipment_id' is missing; it has known_at")


def test_an_answer_after_the_cut_off_is_refused(tmp_path: Path) -> None:
    rows = month_tables(0)["tenders"]
    later = rows["outcome_at"].to_pandas() + pd.Timedelta(days=3000)
    rows = changed(rows, outcome_at=arrow_column(later))
    assert "tenders: outcome_known_at is after the cut-off" in refused(tmp_path / "out", ("tenders", label(0), rows))


def test_a_table_is_a_reference_or_comes_in_months(tmp_path: Path) -> None:
    rows = month_tables(0)["shipments"]
    with dataset_stream(tmp_path / "out", MANIFEST) as stream:
        stream.reference("shipments", rows)
        with pytest.raises(BadTable, match="takes no months"):
            stream.append("shipments", label(0), rows)
        with pytest.raises(BadTable, match="was given before"):
            stream.reference("shipments", rows)


def test_a_stream_needs_a_cut_off_and_leaves_nothing_without(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cut_off"), dataset_stream(tmp_path / "out", Manifest("made")):
        pass
    assert not (tmp_path / "out").exists()


def test_the_data_set_is_there_when_the_stream_has_ended(tmp_path: Path) -> None:
    with dataset_stream(tmp_path / "out", MANIFEST) as stream:
        write_months(stream, 1)
        with pytest.raises(BadTable, match="still being written"):
            _ = stream.dataset
    assert stream.dataset.has("shipments")


def test_a_stream_is_the_only_writer(tmp_path: Path) -> None:
    with dataset_stream(tmp_path / "out", MANIFEST) as stream:
        with pytest.raises(HomeLocked):
            write_dataset(tmp_path / "out", MANIFEST, {})
        write_months(stream, 1)
