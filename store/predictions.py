"""A file of predictions: a row for each subject and stage, and in its metadata by what they were made, of which data.

Whoever cannot ask a model any more, because the code has other features now, can still be told what it said.
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from domain.errors import NotThere, WrongModel
from domain.predictions import OUT_OF_SUPPORT
from store.atomic import write_atomically
from store.frames import arrow_column

KEY = b"lanewise.predicted_by"
"""Of the file's metadata."""
KEYS = ("subject_id", "stage", "as_of")
"""Columns that say who was asked about, and when."""


@dataclass(frozen=True)
class PredictedBy:
    """By what predictions were made.

    Attributes
    ----------
    name, version, sha256
        The model as the registry names it, its version, and the hash of its folder; with an update those of the
        sub-version.
    fingerprint
        Of the data.
    catalogue, code_version
        Hash of the feature definitions, and the code.
    simulated
        Whether the data are simulated; files written before this was said do not say so.
    """

    name: str
    version: str
    sha256: str
    fingerprint: str
    catalogue: str
    code_version: str
    simulated: bool = False


@dataclass(frozen=True)
class Predictions:
    """Rows ``subject_id, stage, as_of``, then the model's columns, then why not to rely on one; and by what."""

    frame: pd.DataFrame
    by: PredictedBy

    @property
    def columns(self) -> list[str]:
        """Names of what was predicted."""
        return [name for name in self.frame if name not in (*KEYS, OUT_OF_SUPPORT)]

    def as_bytes(self) -> bytes:
        """One Parquet file; without pandas' metadata, which names versions of libraries."""
        kinds = [("subject_id", pa.string()), ("stage", pa.string()), ("as_of", pa.timestamp("us", tz="UTC"))]
        schema = pa.schema([*kinds, *((name, pa.float64()) for name in self.columns), (OUT_OF_SUPPORT, pa.string())])
        rows = pa.table({name: arrow_column(self.frame[name]) for name in schema.names}).cast(schema)
        said = json.dumps(asdict(self.by), sort_keys=True).encode()
        buffer = io.BytesIO()
        pq.write_table(rows.replace_schema_metadata({KEY: said}), buffer, compression="zstd")
        return buffer.getvalue()

    def write(self, file: Path) -> None:
        """Write the file, whole or not at all."""
        write_atomically(file, self.as_bytes())


def read_predictions(file: Path) -> tuple[Predictions, str]:
    """Predictions from a file that :meth:`Predictions.write` wrote, and the SHA-256 of its bytes.

    Raises
    ------
    NotThere
        If there is no such file.
    WrongModel
        If it is no Parquet, or does not say by what it was predicted.
    """
    if not file.is_file():
        raise NotThere(f"there is no file {file}; `lanewise predict DIR --model NAME --out {file}` writes one")
    content = file.read_bytes()
    try:
        rows = pq.read_table(io.BytesIO(content))
        said = json.loads((rows.schema.metadata or {})[KEY])
        by = PredictedBy(**{item.name: said[item.name] for item in fields(PredictedBy) if item.name in said})
    except (pa.ArrowInvalid, KeyError, ValueError, TypeError) as error:
        raise WrongModel(
            f"{file} does not say by which model it was predicted ({error!r}); expected a file as `lanewise predict` "
            "writes it, unchanged: have it written again"
        ) from None
    return Predictions(rows.replace_schema_metadata(None).to_pandas(), by), hashlib.sha256(content).hexdigest()
