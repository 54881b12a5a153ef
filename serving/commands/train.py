"""``lanewise train``: features, fit, calibration, evaluation on later data, registration."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from domain.moment import format_moment
from domain.predictions import ModelName
from serving.commands.figures import HEADLINES, headlines
from serving.commands.opening import registry_of, settings_of
from serving.commands.options import MODELS, Cluster, Data, Home, Json, model_name, moment
from serving.commands.report import Report, aligned, progress

if TYPE_CHECKING:
    from domain.params import TrainingParams
    from training.backtest import Fold
    from training.training import Trained, TrainingReport

Backtest = Annotated[
    int,
    typer.Option(
        "--backtest",
        metavar="K",
        min=0,
        max=20,
        help="Fit and measure at K earlier moments too, each on what came next before the test part.",
    ),
]
Chosen = Annotated[
    list[ModelName] | None,
    typer.Option(
        "--model",
        metavar=MODELS,
        parser=model_name,
        help="A model to train; by default every one that can be.",
    ),
]
Search = Annotated[
    int | None,
    typer.Option(
        "--search",
        metavar="TRIALS",
        min=0,
        max=1000,
        help="Try so many recipes of hyper-parameters and encoding on rolling folds first; "
        "by default training.search_trials.",
    ),
]
FOLD_HEAD = ("model", "from", "until", "learnt from", "tested on", *HEADLINES.values())
HEAD = ("model", "version", "alias", "learnt from", "tested on", *HEADLINES.values())


def train(
    data: Data,
    model: Chosen = None,
    test_from: Annotated[
        datetime | None,
        typer.Option("--test-from", metavar="TIME", parser=moment, help="Test on subjects from this moment on."),
    ] = None,
    backtest: Backtest = 0,
    search: Search = None,
    cluster: Cluster = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Train models on DIR, test them on later data, and register them.

    A model is registered as the challenger, or as the champion where there is none yet.
    """
    assert home is not None
    report = Report(json_file)
    params = _searching(settings_of(home).training, search)
    from store.dataset import open_dataset
    from store.lock import home_lock

    dataset = open_dataset(data)
    from features.cluster import opened
    from training.training import train as train_models

    with home_lock(home), opened(cluster) as scanning:
        done = train_models(
            dataset, registry_of(home), params, tuple(model or ()), test_from, progress, scanning, backtest
        )
    report.show(
        _told(dataset.manifest.title, done, bool(params.search_trials)),
        {"name": dataset.manifest.name, **done.as_json()},
    )


def _searching(params: "TrainingParams", trials: int | None) -> "TrainingParams":
    return params if trials is None else replace(params, search_trials=trials)


def _told(name: str, done: "TrainingReport", searched: bool) -> str:
    lines = [f"{name}: models and their figures on later data", aligned(HEAD, map(_row, done.trained))]
    if any(one.folds for one in done.trained):
        rows = [_fold(one, fold) for one in done.trained for fold in one.folds]
        lines += ["earlier origins, each measured on what came next", aligned(FOLD_HEAD, rows)]
    if searched:
        lines += [f"{one.fitted.model.name}: fitted with {one.fitted.model.recipe.words()}" for one in done.trained]
    lines += [f"{one.fitted.model.name}: {line}" for one in done.trained for line in one.fitted.checked.lines()]
    return "\n".join([*lines, *(f"{model} is skipped: {reason}" for model, reason in done.skipped.items())])


def _row(one: "Trained") -> list[str]:
    fitted, version = one.fitted, one.version
    sizes = [f"{len(fitted.split.train):,}", f"{len(fitted.split.test):,}"]
    return [fitted.model.name, version.version, ", ".join(version.aliases), *sizes, *headlines(fitted.figures)]


def _fold(one: "Trained", fold: "Fold") -> list[str]:
    span = [format_moment(moment.to_pydatetime()) for moment in (fold.begin, fold.end)]
    return [one.fitted.model.name, *span, f"{fold.n_train:,}", f"{fold.n_test:,}", *headlines(fold.figures)]
