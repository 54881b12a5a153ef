"""One training run as MLflow keeps it: parameters, figures, plots, the model with signature and example."""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from domain.moment import format_second
from domain.params import TrainingParams
from features.frame import catalogue_hash
from models.artifact import REQUIREMENTS, Provenance, code_paths, save_model
from store.code_version import code_version
from store.dataset import Dataset
from store.registry import Logged, Registry, Version
from store.telemetry import switch_off_telemetry
from training.backtest import Fold
from training.card_content import Found, Trained, card_of, environment
from training.card_measures import AllMeasures, measures_of
from training.card_page import note_of
from training.fitting import Fitted
from training.importance import look_at
from training.pictures import write_plots
from training.reliability import report_of
from training.signing import CARD_JSON, sign_card, write_card

logger = logging.getLogger(__name__)
NO_KEY = re.compile(r"[^A-Za-z0-9_\-. ]")
LONGEST_KEY = 150
LONGEST_DIGEST = 36
NOTE = "mlflow.note.content"
"""Tag whose Markdown MLflow shows as a run's description."""


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
        title = self._dataset.manifest.labelled(self._name(fitted))
        with mlflow.start_run(experiment_id=self._registry.experiment_id(), run_name=title) as run:
            mlflow.set_tags(self._tags(fitted) | {"lanewise.environment": environment()})
            mlflow.log_input(self._learned_from(), context="training")
            mlflow.log_params(vars(self._params) | {"test_from": fitted.split.test_from.isoformat()})
            mlflow.log_params({f"recipe.{name}": value for name, value in fitted.model.recipe.as_json().items()})
            mlflow.log_metrics(_metrics(fitted))
            mlflow.log_dict(_description(self._dataset), "manifest.json")
            mlflow.log_dict({"columns": list(fitted.model.encoder.columns)}, "features.json")
            mlflow.log_dict(fitted.by_slice, "figures_by_slice.json")
            thresholds = self._dataset.manifest.severity.thresholds
            mlflow.log_dict(report_of(fitted, thresholds).as_json(), "reliability.json")
            if folds:
                mlflow.log_dict({"origins": [fold.as_json() for fold in folds]}, "backtest.json")
                for place, fold in enumerate(folds):
                    mlflow.log_metrics({f"backtest/{name}": value for name, value in fold.figures.items()}, step=place)
            mlflow.log_dict(fitted.checked.as_json(), "frame_checks.json")
            mlflow.log_text(fitted.checked.as_html(title), "frame_checks.html")
            self._log_card(fitted, _trained(run), folder.with_name(f"{folder.name}.card"))
            return Run(run.info.run_id, self._log_model(fitted, folder))

    def _learned_from(self) -> Any:
        """The data set as MLflow lists it: its name, and as digest the beginning of its fingerprint."""
        from mlflow.data.code_dataset_source import CodeDatasetSource
        from mlflow.data.meta_dataset import MetaDataset

        said = {"lanewise.fingerprint": self._dataset.fingerprint}
        digest = self._dataset.fingerprint[:LONGEST_DIGEST]
        return MetaDataset(CodeDatasetSource(said), name=self._dataset.manifest.title, digest=digest)

    def _log_card(self, fitted: Fitted, trained: Trained, folder: Path) -> None:
        """Log the model card and its pictures in the run that is open."""
        import mlflow

        found = self._found(fitted, folder)
        mlflow.log_metrics(_interval_metrics(found.measures))
        mlflow.log_text(found.measures.table().to_csv(index=False), "measures.csv")
        card = card_of(fitted, self._dataset, self._provenance(fitted), self._params, trained, found)
        mlflow.set_tag(NOTE, note_of(card))
        (folder / CARD_JSON).write_text(card.as_json(), encoding="utf-8")
        write_card(card, folder)
        mlflow.log_artifacts(str(folder))

    def _found(self, fitted: Fitted, folder: Path) -> Found:
        manifest = self._dataset.manifest
        looked = look_at(fitted.model, fitted.test_frame, self._params.seed)
        measures = measures_of(fitted, manifest.severity.thresholds)
        return Found(measures, looked, write_plots(fitted, looked, manifest, folder))

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
            code_paths=code_paths(),
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
    """Pooled figures by name, those of a slice as ``slice/name``."""
    sliced = {
        f"{_key(key)}/{name}": value for key, figures in fitted.by_slice.items() for name, value in figures.items()
    }
    return _finite(fitted.figures | sliced)


def _key(slice_name: str) -> str:
    """A slice's name in the letters that MLflow takes for a metric's."""
    return NO_KEY.sub("_", slice_name.replace("@", "_at_"))[:LONGEST_KEY]


def _interval_metrics(measures: AllMeasures) -> dict[str, float]:
    """Ends of the 95 % intervals of the pooled figures, as ``low/name`` and ``high/name``."""
    ends = {"low": -1.0, "high": 1.0}
    figures, half = measures.overall.figures, measures.overall.half
    return _finite(
        {f"{end}/{name}": figures[name] + sign * half[name] for end, sign in ends.items() for name in half
         if name in figures}
    )  # fmt: skip


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    """Without NaN, which MLflow's database refuses."""
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def _description(dataset: Dataset) -> Mapping[str, Any]:
    manifest = dataset.manifest
    rows = {name: table.rows for name, table in sorted(dataset.description.tables.items())}
    return {**asdict(manifest), "cut_off": str(manifest.cut_off), "fingerprint": dataset.fingerprint, "rows": rows}
