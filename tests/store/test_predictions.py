"""A file of predictions comes back as it was written, and says by what it was made; another file is refused."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domain.errors import NotThere, WrongModel
from store.predictions import KEY, PredictedBy, Predictions, read_predictions

BY = PredictedBy("small.severity", "3+1a2b3c4d", "a" * 64, "b" * 64, "c" * 64, "0.1.0+abc")
MADE = Predictions(
    pd.DataFrame(
        {
            "subject_id": ["é", "s2"],
            "stage": ["offer", "offer"],
            "as_of": pd.to_datetime(["2024-01-02T03:04:05.678901", "2024-01-03"], format="ISO8601", utc=True).as_unit(
                "us"
            ),
            "p_fail": [0.1, 1 / 3],
            "out_of_support": ["far", None],
        }
    ),
    BY,
)


def test_predictions_come_back_bit_for_bit_with_what_they_were_made_by(tmp_path: Path) -> None:
    """Rows, metadata, and the hash of the bytes, which are the same each time."""
    file = tmp_path / "p.parquet"
    MADE.write(file)
    told, sha256 = read_predictions(file)
    pd.testing.assert_frame_equal(told.frame, MADE.frame, check_dtype=False, check_exact=True)
    assert (told.by, told.columns) == (BY, ["p_fail"])
    assert MADE.as_bytes() == file.read_bytes()
    assert len(sha256) == 64
    assert set(pq.read_schema(file).metadata) == {KEY}


def test_what_is_of_simulated_data_says_so_and_older_files_are_read(tmp_path: Path) -> None:
    """Marked in the file; a file from before it was marked says no."""
    file = tmp_path / "p.parquet"
    Predictions(MADE.frame, replace(BY, simulated=True)).write(file)
    assert read_predictions(file)[0].by.simulated
    said = asdict(BY)
    del said["simulated"]
    pq.write_table(pq.read_table(file).replace_schema_metadata({KEY: json.dumps(said).encode()}), file)
    assert read_predictions(file)[0].by == BY


def test_what_does_not_say_by_what_it_was_made_is_refused(tmp_path: Path) -> None:
    """A missing file, no Parquet, Parquet by somebody else, and metadata that lack something."""
    file = tmp_path / "p.parquet"
    with pytest.raises(NotThere, match="`lanewise predict DIR --model NAME --out"):
        read_predictions(file)
    rows = pa.table({"subject_id": ["s"]})
    for content in (b"", b"subject_id\ns1\n"):
        file.write_bytes(content)
        with pytest.raises(WrongModel, match="does not say by which model"):
            read_predictions(file)
    for metadata in ({}, {KEY: b"{"}, {KEY: b"[]"}, {KEY: b'{"name": "small.severity"}'}):
        pq.write_table(rows.replace_schema_metadata(metadata), file)
        with pytest.raises(WrongModel, match="does not say by which model"):
            read_predictions(file)
