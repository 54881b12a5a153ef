"""One training run as MLflow keeps it: parameters, figures, plots, the model with signature and example."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from domain.moment import format_second
from domain.params import TrainingParams
from features.frame import catalogue_hash
from models.artifact import REQUIREMENTS, Provenance, save_model
from store.code_version import code_version
from store.dataset import Dataset
from store.registry import Logged, Registry, Version
from store.telemetry import switch_off_telemetry
from training.backtest import Fold
from training.card_content import Trained, card_of
from training.fitting import Fitted
from training.pictures import write_plots
from training.signing import CARD_JSON, sign_card, write_card

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """A finished run: the logged model, not yet registered."""

    run_id: str
    model_uri: str


class Tracker:
    """Logs fitted models of one data set into the registry's tracking database."""

    def __init__(self, registry: Registry, dataset: Dataset, params: TrainingParams) -> None:
        self._registry = registry
        self._dataset = dataset
        self._params = params

    def record(self, fitted: list[Fitted], folds: Sequence[tuple[Fold, ...]]) -> list[Version]:
        """Log every model with its backtest, then register them all; what is registered was wholly logged before."""
        with TemporaryDirectory() as scratch:
            folders = [Path(scratch) / one.model.name for one in fitted]
            runs = [self._log(*one) for one in zip(fitted, folds, folders, strict=True)]
            versions = self._registry.add(
                [
                    Logged(run.run_id, run.model_uri, self._name(one), folder, self._tags(one))
                    for one, run, folder in zip(fitted, runs, folders, strict=True)
                ]
            )
        for made in versions:
            if told := sign_card(self._registry, made.name, made.version):
                logger.warning("%s", told)
        return versions

    def _name(self, fitted: Fitted) -> str:
        return f"{self._dataset.manifest.name}.{fitted.model.name}"

    def _log(self, fitted: Fitted, folds: tuple[Fold, ...], folder: Path) -> Run:
        switch_off_telemetry(os.environ)
        import mlflow

        mlflow.set_tracking_uri(self._registry.uri)
        save_model(fitted.model, self._provenance(fitted), folder)
        with mlflow.start_run(experiment_id=self._registry.experiment_id(), run_name=self._name(fitted)) as run:
            mlflow.set_tags(self._tags(fitted))
            mlflow.log_params(vars(self._params) | {"test_from": fitted.split.test_from.isoformat()})
            mlflow.log_metrics(_metrics(fitted))
            mlflow.log_dict(_description(self._dataset), "manifest.json")
            mlflow.log_dict({"columns": list(fitted.model.encoder.columns)}, "features.json")
            mlflow.log_dict(fitted.by_slice, "figures_by_slice.json")
            if folds:
                mlflow.log_dict({"origins": [fold.as_json() for fold in folds]}, "backtest.json")
                for place, fold in enumerate(folds):
                    mlflow.log_metrics({f"backtest/{name}": value for name, value in fold.figures.items()}, step=place)
            mlflow.log_dict(fitted.checked.as_json(), "frame_checks.json")
            title = self._dataset.manifest.labelled(self._name(fitted))
            mlflow.log_text(fitted.checked.as_html(title), "frame_checks.html")
            self._log_card(fitted, _trained(run), folder.with_name(f"{folder.name}.card"))
            return Run(run.info.run_id, self._log_model(fitted, folder))

    def _log_card(self, fitted: Fitted, trained: Trained, folder: Path) -> None:
        """Log the model card and its pictures in the run that is open."""
        import mlflow

        pictures = write_plots(fitted, self._dataset.manifest, folder)
        card = card_of(fitted, self._dataset, self._provenance(fitted), self._params, trained, pictures)
        (folder / CARD_JSON).write_text(card.as_json(), encoding="utf-8")
        write_card(card, folder)
        mlflow.log_artifacts(str(folder))

    def _log_model(self, fitted: Fitted, folder: Path) -> str:
        import mlflow
        from mlflow.models import infer_signature

        logged = mlflow.pyfunc.log_model(
            name=fitted.model.name,
            loader_module="models.artifact",
            data_path=str(folder),
            signature=infer_signature(fitted.example, fitted.model.predict(fitted.example)),
            input_example=fitted.example,
            pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
        )
        return str(logged.model_uri)

    def _provenance(self, fitted: Fitted) -> Provenance:
        return Provenance(
            self._dataset.manifest.name,
            self._dataset.fingerprint,
            catalogue_hash(),
            fitted.split.test_from.isoformat(),
            code_version(),
            self._params.seed,
            self._dataset.manifest.severity.thresholds,
        )

    def _tags(self, fitted: Fitted) -> dict[str, str]:
        said = {f"lanewise.{key}": str(value) for key, value in vars(self._provenance(fitted)).items()}
        return said | {"lanewise.model": str(fitted.model.name), "lanewise.test_rows": str(len(fitted.split.test))}


def _trained(run: Any) -> Trained:
    """By whom and when, as MLflow has noted of a run."""
    begun = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
    return Trained(run.data.tags.get("mlflow.user", "unknown"), format_second(begun), run.info.run_id)


def _metrics(fitted: Fitted) -> dict[str, float]:
    """Pooled figures by name, those of a slice as ``slice/name``; NaN is left out, MLflow's database refuses it."""
    sliced = {f"{key}/{name}": value for key, figures in fitted.by_slice.items() for name, value in figures.items()}
    named = fitted.figures | {key.replace("=", "_").replace("@", "_at_"): value for key, value in sliced.items()}
    return {name: value for name, value in named.items() if np.isfinite(value)}


def _description(dataset: Dataset) -> Mapping[str, Any]:
    manifest = dataset.manifest
    return {
        "name": manifest.name,
        "simulated": manifest.simulated,
        "currency": manifest.currency,
        "timezone": manifest.timezone,
        "cut_off": str(manifest.cut_off),
        "late_after_min": manifest.late_after_min,
        "severity_thresholds": list(manifest.severity.thresholds),
        "fingerprint": dataset.fingerprint,
    }
