"""A fitted model ↔ a folder of native boosters and one ``model.json``. No pickle: nothing in it is code."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
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
PACKAGES = ("domain", "features", "models", "store")
"""Our own that are imported with this module: no registry has them, so MLflow keeps their code with the model."""
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
        If it was written in another format, or its files are damaged.
    """
    document = _document(folder)
    if document.get("format") != FORMAT:
        raise WrongModel(
            f"{folder / FILE_NAME} has format {document.get('format')!r}, but this version reads {FORMAT}; train again"
        )
    with _damage_told(folder):
        return KINDS[ModelName(document["name"])].load(folder, document["model"]), _provenance(document)


def read_provenance(folder: Path) -> Provenance:
    """What a model was made from, also where this code cannot load it.

    Raises
    ------
    NotThere
        If the folder holds none.
    WrongModel
        If its file is damaged.
    """
    with _damage_told(folder):
        return _provenance(_document(folder))


def _document(folder: Path) -> dict[str, Any]:
    file = folder / FILE_NAME
    if not file.is_file():
        raise NotThere(f"expected a model in {folder}, but it has no {FILE_NAME}")
    with _damage_told(folder):
        document: dict[str, Any] = dict(json.loads(file.read_text(encoding="utf-8")))
    return document


@contextmanager
def _damage_told(folder: Path) -> Iterator[None]:
    """What cannot be read, because a file was cut off or changed, in words."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise WrongModel(
            f"the model in {folder} cannot be read ({error!r}): a file of it is damaged. Put the folder back from a "
            "copy of the home; or move it away, and `lanewise promote` or `lanewise compare` fetches a registered "
            "version from MLflow; or train the model again"
        ) from None


def _provenance(document: dict[str, Any]) -> Provenance:
    made = document["provenance"]
    return Provenance(**{**made, "thresholds": tuple(made.get("thresholds", ()))})


def code_paths() -> list[str]:
    """Folders of the packages without which MLflow could not load a model."""
    return [next(iter(import_module(name).__path__)) for name in PACKAGES]


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
