"""Models in service answering for the planner: subjects as recorded, or as they would be after an action."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.errors import NotThere
from domain.predictions import DENSE_LEVELS, STAGE_OFFER, STAGE_RAISED, ModelName
from features.frame import FeatureFrames
from models.eta_risk import EtaRisk
from models.model import Model
from models.shelf import OnShelf

Array = NDArray[np.float64]


class HomeScoring:
    """Implements :class:`domain.predictions.Scoring` over features and models."""

    def __init__(self, frames: FeatureFrames, shelf: Mapping[ModelName, OnShelf]) -> None:
        self._frames = frames
        self._shelf = shelf

    def has(self, model: ModelName) -> bool:
        """Say whether a model of this kind is in service."""
        return model in self._shelf

    def delays(self, subjects: pd.DataFrame) -> Array:
        """Quantiles of the delay in minutes, shape (n, len(DENSE_LEVELS))."""
        model = self._model(ModelName.ETA_RISK)
        assert isinstance(model, EtaRisk)
        asked = subjects.assign(subject_id=subjects["shipment_id"])
        return model.quantiles(self._framed(ModelName.ETA_RISK, asked), DENSE_LEVELS)

    def tender_failures(self, offers: pd.DataFrame) -> Array:
        """P(fails) of offers that need not have been made, shape (n,)."""
        model = self._model(ModelName.TENDER_FAILURE)
        asked = offers.assign(subject_id=offers["shipment_id"], stage=STAGE_OFFER)
        return np.asarray(model.predict(self._framed(ModelName.TENDER_FAILURE, asked))["p_fail"])

    def impacts(self, subjects: pd.DataFrame) -> Array:
        """Expected impact of exceptions, shape (n,)."""
        model = self._model(ModelName.SEVERITY)
        asked = subjects.assign(subject_id=subjects["exception_id"], stage=STAGE_RAISED)
        return np.asarray(model.predict(self._framed(ModelName.SEVERITY, asked))["expected_impact"])

    def _framed(self, name: ModelName, asked: pd.DataFrame) -> pd.DataFrame:
        """Features as the model saw them in training."""
        return FeatureFrames(self._shelf[name].asked_of(self._frames.dataset)).of(name, asked)

    def _model(self, name: ModelName) -> Model:
        if name not in self._shelf:
            raise NotThere(f"no {name} model is in service")
        return self._shelf[name].model
