"""Models in service answering for the planner: subjects as recorded, or as they would be after an action."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from decisions.offers import offer_frame
from domain.errors import NotThere
from domain.predictions import DENSE_LEVELS, STAGE_RAISED, ModelName
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
        return model.quantiles(self._frames.of(ModelName.ETA_RISK, asked), DENSE_LEVELS)

    def tender_failures(self, offers: pd.DataFrame) -> Array:
        """P(fails) of offers that need not have been made, shape (n,)."""
        model = self._model(ModelName.TENDER_FAILURE)
        return np.asarray(model.predict(offer_frame(self._frames, offers))["p_fail"])

    def impacts(self, subjects: pd.DataFrame) -> Array:
        """Expected impact of exceptions, shape (n,)."""
        model = self._model(ModelName.SEVERITY)
        asked = subjects.assign(subject_id=subjects["exception_id"], stage=STAGE_RAISED)
        return np.asarray(model.predict(self._frames.of(ModelName.SEVERITY, asked))["expected_impact"])

    def _model(self, name: ModelName) -> Model:
        if name not in self._shelf:
            raise NotThere(f"no {name} model is in service")
        return self._shelf[name].model
