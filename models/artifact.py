"""A fitted model ↔ a folder of native boosters and one ``model.json``. No pickle: nothing in it is code."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.errors import NotThere, WrongModel
from domain.predictions import ModelName
from models.eta_risk import EtaRisk
from models.model import Model
from models.severity import Severity
from models.tender_failure import TenderFailure

FILE_NAME = "model.json"
FORMAT = 2
REQUIREMENTS = ("lightgbm", "numba", "numpy", "pandas", "scikit-learn", "scipy")
"""Libraries that a kept model needs to predict and explain."""
KINDS = {kind.name: kind for kind in (EtaRisk, TenderFailure, Severity)}


@dataclass(frozen=True)
class Provenance:
    """What a model was made from.

    Attributes
    ----------
    dataset
        Name of the data set.
    fingerprint
        Of the data it was trained on.
    catalogue
        Hash of the feature definitions.
    trained_until
        ISO 8601 moment before which every training outcome was known.
    code_version, seed
        What it was trained by.
    thresholds
        Of severity, by which history was counted; none where it is not known.
    """

    dataset: str
    fingerprint: str
    catalogue: str
    trained_until: str
    code_version: str
    seed: int
    thresholds: tuple[float, ...] = ()


def save_model(model: Model, provenance: Provenance, folder: Path) -> None:
    """Write a model into a folder, which is made."""
    folder.mkdir(parents=True)
    document = {"format": FORMAT, "name": model.name, "provenance": vars(provenance), "model": model.save(folder)}
    (folder / FILE_NAME).write_text(json.dumps(document, indent=1, sort_keys=True), encoding="utf-8")


def load_model(folder: Path) -> tuple[Model, Provenance]:
    """Read a model back.

    Raises
    ------
    NotThere
        If the folder holds none.
    WrongModel
        If it was written in another format.
    """
    document = _document(folder)
    if document.get("format") != FORMAT:
        raise WrongModel(
            f"{folder / FILE_NAME} has format {document.get('format')!r}, but this version reads {FORMAT}; train again"
        )
    model = KINDS[ModelName(document["name"])].load(folder, document["model"])
    return model, _provenance(document)


def read_provenance(folder: Path) -> Provenance:
    """What a model was made from, also where this code cannot load it.

    Raises
    ------
    NotThere
        If the folder holds none.
    """
    return _provenance(_document(folder))


def _document(folder: Path) -> dict[str, Any]:
    file = folder / FILE_NAME
    if not file.is_file():
        raise NotThere(f"expected a model in {folder}, but it has no {FILE_NAME}")
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def _provenance(document: dict[str, Any]) -> Provenance:
    made = document["provenance"]
    return Provenance(**{**made, "thresholds": tuple(made.get("thresholds", ()))})


class FramePredictor:
    """A model as MLflow's pyfunc sees it: a feature frame in, predictions out."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Predict a feature frame; ``params`` is MLflow's and unused."""
        return self._model.predict(model_input)


def _load_pyfunc(data_path: str) -> FramePredictor:
    """Entry point that MLflow calls through ``loader_module="models.artifact"``."""
    return FramePredictor(load_model(Path(data_path))[0])
