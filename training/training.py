"""Train what can be trained: every model fitted first, then all of them logged and registered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.frame import FeatureFrames
from store.dataset import Dataset
from store.registry import Registry, Version
from training.fitting import Fitted, fit_model
from training.tracking import Tracker
from training.trainable import missing_for


@dataclass(frozen=True)
class Trained:
    """A fitted model and the version it was registered as."""

    fitted: Fitted
    version: Version


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
) -> TrainingReport:
    """Train models of a data set.

    Parameters
    ----------
    names
        Models to train; none named means every one that can be.

    Raises
    ------
    CannotTrain
        If a named model, or none at all, can be trained.
    """
    frames = FeatureFrames(dataset)
    fitted: list[Fitted] = []
    skipped: dict[ModelName, str] = {}
    for name in names or tuple(ModelName):
        try:
            fitted.append(_fitted(frames, name, params, test_from, progress))
        except CannotTrain as reason:
            skipped[name] = str(reason)
    if not fitted or (names and skipped):
        told = "\n".join(f"  {name}: {reason}" for name, reason in skipped.items())
        raise CannotTrain(f"nothing was registered; of {dataset.folder} these cannot be trained:\n{told}")
    progress("registering")
    versions = Tracker(registry, dataset, params).record(fitted)
    return TrainingReport(tuple(map(Trained, fitted, versions)), skipped)


def _fitted(
    frames: FeatureFrames,
    name: ModelName,
    params: TrainingParams,
    test_from: datetime | None,
    progress: Callable[[str], None],
) -> Fitted:
    missing = missing_for(frames.dataset, name)
    if missing:
        raise CannotTrain(missing)
    progress(f"fitting {name}")
    return fit_model(frames, name, params, test_from)


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
        "metrics": one.fitted.figures,
        "by_slice": one.fitted.by_slice,
    }
