"""``lanewise recalibrate``: champions follow the base rate as outcomes become known, and the way back."""

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import LanewiseError, NotThere
from domain.moment import format_second
from domain.person import named
from domain.predictions import ModelName
from serving.commands.options import MODELS, Data, Home, Json, model_name, moment
from serving.commands.report import Report, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.dataset import Dataset
    from training.recalibration import Recalibration

BY_ITSELF = "schedule"


def recalibrate(
    data: Data,
    model: Annotated[
        list[ModelName] | None,
        typer.Option(
            "--model", metavar=MODELS, parser=model_name, help="A model to update; by default every champion."
        ),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", metavar="TIME", parser=moment, help="By what was known then; by default the cut-off."),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who; kept in the log.")] = BY_ITSELF,
    revert: Annotated[
        bool, typer.Option("--revert", help="Put the update before the present one back in service; needs --by.")
    ] = False,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Shift the champions' log-odds by the outcomes of DIR that became known since they were trained.

    Meant to run every day. The result is a sub-version, such as 3+1a2b3c4d. It goes into service within the bounds
    that the manifest sets ([calibration]); beyond them it is refused, and the refusal is logged. A service that runs
    takes it up with the next questions.
    """
    from store.dataset import open_dataset
    from store.lock import home_lock

    assert home is not None
    who, report = _person(by, revert), Report(json_file)
    dataset = open_dataset(data)

    with home_lock(home):
        told = list(_told(dataset, home, model or champions(home, dataset.manifest.name), as_of, who, revert))
    _report(told, report, json_file is not None)


def _report(told: "list[Recalibration | LanewiseError]", report: Report, as_json: bool) -> None:
    """Show what was done, then say what was not."""
    done = [one for one in told if not isinstance(one, LanewiseError)]
    kept = [one for one in done if not one.refused]
    if kept or as_json:
        report.show("\n".join(one.words for one in kept), {"models": {one.name: asdict(one.record) for one in done}})
    refused = [str(one) if isinstance(one, LanewiseError) else one.words for one in told if one not in kept]
    if refused:
        raise LanewiseError("\n".join(refused))


def _told(
    dataset: "Dataset", home: Path, names: list[ModelName], as_of: datetime | None, who: str, revert: bool
) -> "Iterator[Recalibration | LanewiseError]":
    """What became of each model; one that cannot be updated does not keep the others from it."""
    from training import recalibration as job

    at, cut_off = format_second(datetime.now(UTC)), dataset.manifest.cut_off
    assert cut_off is not None, "an opened data set has a cut-off"
    took = job.revert if revert else partial(job.recalibrate, as_of=as_of or cut_off)
    for name in names:
        progress(f"{'reverting' if revert else 'updating'} {name}")
        try:
            yield took(dataset, home, name, by=who, at=at)
        except LanewiseError as reason:
            yield reason


def champions(home: Path, dataset: str) -> list[ModelName]:
    """Models of a data set that are in service.

    Raises
    ------
    NotThere
        If none is.
    """
    from store.current import in_service

    names = [name for name in ModelName if f"{dataset}.{name}" in in_service(home)]
    if not names:
        raise NotThere(f"no model of {dataset} is in service in {home.resolve()}; `lanewise train DIR` makes some")
    return names


def _person(by: str, revert: bool) -> str:
    if revert and by == BY_ITSELF:
        raise LanewiseError("--revert needs --by: who goes back")
    return named("--by", by)
