"""``lanewise predict``: one row per subject and stage, as Parquet."""

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import LanewiseError
from domain.moment import format_moment
from domain.predictions import OUT_OF_SUPPORT
from serving.commands.options import Begin, Cluster, Data, Home, Json, Model, Until, Version
from serving.commands.report import Report, progress, writable


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
    """Predict for every subject and stage of DIR, whether its outcome is known or not.

    The file also says by which version and of which data it was made, for `lanewise compare --champion-predictions`.
    """
    assert home is not None
    report, file = Report(json_file), writable(out, home)
    if begin and until and begin >= until:
        raise LanewiseError(f"--from ({format_moment(begin)}) must lie before --until ({format_moment(until)})")
    from decisions.predicting import predict_frame
    from features.cluster import opened
    from store.dataset import open_dataset

    dataset = open_dataset(data)
    progress(f"predicting {model}")
    with opened(cluster) as scanning:
        made = predict_frame(dataset, home, model, version, begin, until, scanning)
    made.write(file)
    outside = int(made.frame[OUT_OF_SUPPORT].notna().sum())
    said = (
        f"{model} of {dataset.manifest.title}: {len(made.frame):,} predictions by version {made.by.version} in {out}"
        + (f"; {outside:,} lie outside what it was trained on" if outside else "")
    )
    of = {"name": dataset.manifest.name, "model": str(model), "version": made.by.version}
    means = {name: float(made.frame[name].mean()) for name in made.columns}
    report.show(said, {**of, "rows": len(made.frame), "means": means, OUT_OF_SUPPORT: outside})
