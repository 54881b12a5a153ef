"""Train what can be trained: every model fitted first, then all of them logged and registered."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.cluster import Cluster
from features.frame import FeatureFrames
from store.dataset import Dataset
from store.registry import Registry, Version
from training.backtest import Fold, backtest
from training.fitting import Fitted, fit_prepared, prepare
from training.tracking import Tracker
from training.trainable import missing_for


@dataclass(frozen=True)
class Trained:
    """A fitted model, the version it was registered as, and its measures at earlier origins."""

    fitted: Fitted
    version: Version
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True)
class TrainingReport:
    """What was trained, and for each model that was not, what it lacked."""

    trained: tuple[Trained, ...]
    skipped: dict[ModelName, str]

    def as_json(self) -> dict[str, Any]:
        """Per model: figures, rows, version, run; and the reasons of those skipped."""
        models = {str(one.fitted.model.name): _as_json(one) for one in self.trained}
        return {"models": models, "skipped": {str(name): reason for name, reason in self.skipped.items()}}


def train(
    dataset: Dataset,
    registry: Registry,
    params: TrainingParams,
    names: Sequence[ModelName] = (),
    test_from: datetime | None = None,
    progress: Callable[[str], None] = lambda said: None,
    cluster: Cluster | None = None,
    backtests: int = 0,
) -> TrainingReport:
    """Train models of a data set.

    Parameters
    ----------
    names
        Models to train; none named means every one that can be.
    cluster
        Where history is scanned and boosters are learned; by default in this process.
    backtests
        At how many earlier origins each model is fitted and measured too.

    Raises
    ------
    CannotTrain
        If a named model cannot be trained, none at all can, or an earlier origin has too few subjects.
    """
    frames = FeatureFrames(dataset, cluster)
    fitted, skipped = _fit_all(frames, params, names or tuple(ModelName), test_from, progress, registry.experiment_id)
    if not fitted or (names and skipped):
        told = "\n".join(f"  {name}: {reason}" for name, reason in skipped.items())
        raise CannotTrain(f"nothing was registered; of {dataset.folder} these cannot be trained:\n{told}")
    folds = [_backtest(frames, one, params, backtests, progress) for one in fitted]
    progress("registering")
    with _settled():
        versions = Tracker(registry, dataset, params).record(fitted, folds)
    return TrainingReport(tuple(map(Trained, fitted, versions, folds)), skipped)


@contextmanager
def _settled() -> Iterator[None]:
    """What is there already is not looked through for garbage while it lasts: MLflow alone is a million objects."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _backtest(
    frames: FeatureFrames, fitted: Fitted, params: TrainingParams, count: int, progress: Callable[[str], None]
) -> tuple[Fold, ...]:
    if not count:
        return ()
    progress(f"fitting {fitted.model.name} at earlier origins")
    return backtest(frames, fitted.model.name, params, fitted.split.test_from, count)


def _fit_all(
    frames: FeatureFrames,
    params: TrainingParams,
    names: Sequence[ModelName],
    test_from: datetime | None,
    progress: Callable[[str], None],
    meanwhile: Callable[[], object],
) -> tuple[list[Fitted], dict[ModelName, str]]:
    """Models in the order of their names, and why others were not fitted.

    While one model is fitted, which lets go of the interpreter, the features of the next are computed; while the last
    is, ``meanwhile`` is done: MLflow takes seconds to be imported and to make its database.
    """
    _import_polars()
    fitted: list[Fitted] = []
    skipped: dict[ModelName, str] = {}
    with ThreadPoolExecutor(1) as beside:
        waiting = {name: _begun(beside, frames, name, params, test_from, progress) for name in names}
        if not all(begun.done() for begun in waiting.values()):
            meanwhile()
    for name, begun in waiting.items():
        try:
            fitted.append(begun.result())
        except CannotTrain as reason:
            skipped[name] = str(reason)
    return fitted, skipped


def _import_polars() -> None:
    """Have polars whole, where it is installed: MLflow imports it, while a fit's scikit-learn looks for its classes."""
    with suppress(ImportError):
        import_module("polars")


def _begun(
    beside: ThreadPoolExecutor,
    frames: FeatureFrames,
    name: ModelName,
    params: TrainingParams,
    test_from: datetime | None,
    progress: Callable[[str], None],
) -> "Future[Fitted]":
    """A fit that was begun; its result is the fitted model, or why there is none."""
    missing = missing_for(frames.dataset, name)
    try:
        if missing:
            raise CannotTrain(missing)
        progress(f"fitting {name}")
        return beside.submit(fit_prepared, prepare(frames, name, params, test_from), params)
    except CannotTrain as reason:
        refused: Future[Fitted] = Future()
        refused.set_exception(reason)
        return refused


def _as_json(one: Trained) -> dict[str, Any]:
    split = one.fitted.split
    return {
        "version": one.version.version,
        "aliases": list(one.version.aliases),
        "run_id": one.version.run_id,
        "test_from": split.test_from.isoformat(),
        "n_train": len(split.train),
        "n_test": len(split.test),
        "left_out": {"train": split.train.left_out, "test": split.test.left_out},
        "recipe": one.fitted.model.recipe.as_json(),
        "censored_by_month": {"train": split.train.censored, "test": split.test.censored},
        "metrics": one.fitted.figures,
        "by_slice": one.fitted.by_slice,
        "frame": one.fitted.checked.as_json(),
        "backtest": [fold.as_json() for fold in one.folds],
    }
