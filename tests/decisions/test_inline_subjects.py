"""What a caller describes inline is held to the contracts that imported rows are held to."""

from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pandas as pd
import pytest

from decisions.predicting import Predictor
from domain.ask import PredictionRequest
from domain.errors import LanewiseError
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.model import Model
from tests.training.synthetic import small

PICKUP, DELIVERY = (pd.Timestamp(f"2024-02-0{day}T08:00Z").to_pydatetime() for day in (1, 2))
GOOD = {"shipment_id": "n1", "planned_pickup_at": PICKUP, "planned_delivery_at": DELIVERY, "carrier_id": "good"}


class Answered(Exception):
    """The model was asked; nothing was refused before."""


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder: Path = tmp_path_factory.mktemp("inline")
    model = create_autospec(Model, instance=True)
    model.predict.side_effect = Answered
    return Predictor(FeatureFrames(small(folder / "data")), ModelName.ETA_RISK, model)


def ask(predictor: Predictor, *subjects: dict[str, Any]) -> None:
    predictor.predict(PredictionRequest(subjects=subjects))


def test_a_subject_that_keeps_the_contract_reaches_the_model(predictor: Predictor) -> None:
    """Also beside one that says less: what is not said breaks nothing, though a table would need it."""
    with pytest.raises(Answered):
        ask(predictor, GOOD, {"shipment_id": "n2", "planned_delivery_at": DELIVERY})
    with pytest.raises(Answered):
        ask(predictor, {**GOOD, "planned_pickup_at": DELIVERY, "weight_kg": 0.0})


def test_a_delivery_before_its_pickup_is_refused(predictor: Predictor) -> None:
    """The message names the subject and the rule; the good one beside it is not named."""
    swapped = {**GOOD, "shipment_id": "n2", "planned_pickup_at": DELIVERY, "planned_delivery_at": PICKUP}
    with pytest.raises(LanewiseError) as told:
        ask(predictor, GOOD, swapped)
    assert str(told.value) == "shipment_id 'n2': planned_delivery_at is before planned_pickup_at"


def test_every_broken_rule_is_told_at_once(predictor: Predictor) -> None:
    """In the words of the import's quarantine, joined."""
    with pytest.raises(LanewiseError, match="distance_km is below 0; weight_kg is below 0"):
        ask(predictor, {**GOOD, "weight_kg": -1.0, "distance_km": -0.5})
