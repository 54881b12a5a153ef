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
        self._last: dict[ModelName, tuple[pd.DataFrame, pd.DataFrame]] = {}

    def has(self, model: ModelName) -> bool:
        """Say whether a model of this kind is in service."""
        return model in self._shelf

    def delays(self, subjects: pd.DataFrame) -> Array:
        """Quantiles of the delay in minutes, shape (n, len(DENSE_LEVELS))."""
        model = self._model(ModelName.ETA_RISK)
        assert isinstance(model, EtaRisk)
        return model.quantiles(self._frame(ModelName.ETA_RISK, subjects), DENSE_LEVELS)

    def tender_failures(self, offers: pd.DataFrame) -> Array:
        """P(fails) of offers that need not have been made, shape (n,)."""
        model = self._model(ModelName.TENDER_FAILURE)
        return np.asarray(model.predict(self._frame(ModelName.TENDER_FAILURE, offers))["p_fail"])

    def impacts(self, subjects: pd.DataFrame) -> Array:
        """Expected impact of exceptions, shape (n,)."""
        model = self._model(ModelName.SEVERITY)
        return np.asarray(model.predict(self._frame(ModelName.SEVERITY, subjects))["expected_impact"])

    def doubts(self, model: ModelName, subjects: pd.DataFrame) -> NDArray[np.object_]:
        """Why each subject lies outside what a model was trained on, shape (n,); ``None`` where it does not."""
        told = self._model(model).support(self._frame(model, subjects))
        return np.asarray(told.astype(object).where(told.notna(), None), dtype=object)

    def _frame(self, name: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
        """Features of subjects; what was asked last is not computed twice."""
        if name not in self._last or self._last[name][0] is not subjects:
            self._last[name] = (subjects, self._features(name, subjects))
        return self._last[name][1]

    def _features(self, name: ModelName, subjects: pd.DataFrame) -> pd.DataFrame:
        if name is ModelName.TENDER_FAILURE:
            return offer_frame(self._frames, subjects)
        if name is ModelName.SEVERITY:
            frames = FeatureFrames(self._shelf[name].asked_of(self._frames.dataset))
            return frames.of(name, subjects.assign(subject_id=subjects["exception_id"], stage=STAGE_RAISED))
        return self._frames.of(name, subjects.assign(subject_id=subjects["shipment_id"]))

    def _model(self, name: ModelName) -> Model:
        if name not in self._shelf:
            raise NotThere(f"no {name} model is in service")
        return self._shelf[name].model
