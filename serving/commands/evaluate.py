"""``lanewise evaluate`` and ``lanewise compare``: how good versions are on later data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.predictions import ModelName
from serving.commands.opening import made_registry, settings_of
from serving.commands.options import Begin, Data, Home, Json, Model, Version, registered_version
from serving.commands.report import Report, progress

if TYPE_CHECKING:
    from store.dataset import Dataset
    from training.decided import Asking, Unasked

ChampionPredictions = Annotated[
    Path | None,
    typer.Option(
        "--champion-predictions",
        metavar="FILE.parquet",
        help="What the champion said, as `lanewise predict` of its own code wrote it; "
        "for a champion with other feature definitions than this code has.",
    ),
]
Chosen = Annotated[
    str | None,
    typer.Option(
        "--version",
        metavar="VERSION",
        parser=registered_version,
        help="A version instead of the challenger, such as 3: one that was rolled back is compared anew with it.",
    ),
]


def evaluate(
    data: Data,
    model: Model,
    version: Version = None,
    begin: Begin = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Measure a model on DIR, with bootstrap intervals, by stage and slice.

    By default the champion, on subjects from where its training ended.
    """
    from store.dataset import open_dataset
    from training.evaluation import evaluate as measure

    assert home is not None
    report = Report(json_file)
    dataset = open_dataset(data)
    progress(f"evaluating {model}")
    found = measure(dataset, home, model, version, begin)
    report.show(found.summary(), found.as_json())


def compare(
    data: Data,
    model: Model,
    version: Chosen = None,
    champion_predictions: ChampionPredictions = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Compare challenger, or the --version given, and champion on the same later subjects of DIR, paired.

    What is found is kept with that version, and `lanewise promote` looks at it. Of a simulated network it also tells
    what decisions by each version of eta_risk would have cost.
    """
    from store.dataset import open_dataset
    from store.lock import home_lock

    assert home is not None
    report = Report(json_file)
    dataset = open_dataset(data)
    registry = made_registry(home)
    from training.comparison import compare as measure
    from training.evidence import TAG

    progress(f"comparing versions of {model}")
    found = measure(dataset, registry, model, _asking(dataset, home, model), champion_predictions, version)
    report.show(found.summary(), found.as_json())
    with home_lock(home):
        registry.tag(found.challenger.name, found.challenger.version, {TAG: found.evidence.as_tag()})


def _asking(dataset: "Dataset", home: Path, model: ModelName) -> "Asking | Unasked":
    """The world that a simulated data set comes from, and the prices in force; or why nobody is asked."""
    from training.decided import Asking, Unasked

    if not dataset.manifest.simulated or model is not ModelName.ETA_RISK:
        return Unasked()
    from decisions.pricing import costs_in_force
    from serving.commands.simulated_world import world_file, world_of

    world = world_of(dataset.folder)
    if world is None:
        file = world_file(dataset.folder)
        return Unasked(
            f"what was simulated does not stand in {file}; where these data were imported from a folder that "
            f"`lanewise simulate` made, copy its {file.relative_to(dataset.folder)} there"
        )
    return Asking(world, costs_in_force(dataset.manifest.costs, settings_of(home).costs))
