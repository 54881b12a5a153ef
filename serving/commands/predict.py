"""``lanewise predict``: one row per subject and stage, as Parquet."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.predictions import OUT_OF_SUPPORT
from serving.commands.options import Begin, Cluster, Data, Home, Json, Model, Until, Version
from serving.commands.report import Report, progress, writable
from store.atomic import write_atomically

if TYPE_CHECKING:
    import pandas as pd


def predict(
    data: Data,
    model: Model,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.parquet", help="Where the predictions go.")],
    version: Version = None,
    begin: Begin = None,
    until: Until = None,
    cluster: Cluster = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Predict for every subject and stage of DIR, whether its outcome is known or not."""
    assert home is not None
    report, file = Report(json_file), writable(out, home)
    from decisions.predicting import predict_frame
    from features.cluster import opened
    from store.dataset import open_dataset

    dataset = open_dataset(data)
    progress(f"predicting {model}")
    with opened(cluster) as scanning:
        frame = predict_frame(dataset, home, model, version, begin, until, scanning)
    write_atomically(file, parquet_bytes(frame))
    means = {name: float(frame[name].mean()) for name in frame.columns[3:-1]}
    outside = int(frame[OUT_OF_SUPPORT].notna().sum())
    said = f"{model} of {dataset.manifest.title}: {len(frame):,} predictions in {out}" + (
        f"; {outside:,} lie outside what it was trained on" if outside else ""
    )
    report.show(
        said,
        {
            "name": dataset.manifest.name,
            "model": str(model),
            "rows": len(frame),
            "means": means,
            OUT_OF_SUPPORT: outside,
        },
    )


def parquet_bytes(frame: "pd.DataFrame") -> bytes:
    """One Parquet file; without pandas' metadata, which names versions of libraries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from store.frames import arrow_column

    kinds = [("subject_id", pa.string()), ("stage", pa.string()), ("as_of", pa.timestamp("us", tz="UTC"))]
    schema = pa.schema([*kinds, *((name, pa.float64()) for name in frame.columns[3:-1])])
    schema = schema.append(pa.field(OUT_OF_SUPPORT, pa.string()))
    rows = pa.table({name: arrow_column(frame[name]) for name in frame.columns}).cast(schema)
    buffer = io.BytesIO()
    pq.write_table(rows, buffer, compression="zstd")
    return buffer.getvalue()
