"""``POST /v1/predictions/…``: the three predictions."""

from typing import Any

from fastapi import APIRouter

from domain.predictions import ModelName
from serving.api.answers import (
    EtaRiskPredictions,
    SeverityPredictions,
    TenderFailurePredictions,
    predictions_answer,
)
from serving.api.asking import House, HouseDep
from serving.api.asks import EtaRiskAsk, PredictionAsk, SeverityAsk, TenderFailureAsk
from serving.api.json_body import StrictRoute
from serving.api.problems import documented

PROBLEMS = documented(400, 404, 409, 413, 415, 422, 503)

router = APIRouter(prefix="/v1/predictions", tags=["predictions"], route_class=StrictRoute, responses=PROBLEMS)


@router.post("/eta-risk", summary="How late will a shipment be?", response_model=EtaRiskPredictions)
async def eta_risk(ask: EtaRiskAsk, house: HouseDep) -> dict[str, Any]:
    """Predict the delay's distribution for one to many shipments, each at the stage it has reached."""
    return await _predict(house, ModelName.ETA_RISK, ask)


@router.post("/tender-failure", summary="Will a carrier refuse the tender?", response_model=TenderFailurePredictions)
async def tender_failure(ask: TenderFailureAsk, house: HouseDep) -> dict[str, Any]:
    """Predict for one to many offers whether they will be rejected, expire or be countered."""
    return await _predict(house, ModelName.TENDER_FAILURE, ask)


@router.post("/severity", summary="How bad is an exception?", response_model=SeverityPredictions)
async def severity(ask: SeverityAsk, house: HouseDep) -> dict[str, Any]:
    """Predict class and impact of one to many exceptions as they were raised."""
    return await _predict(house, ModelName.SEVERITY, ask)


async def _predict(house: House, model: ModelName, ask: PredictionAsk[Any]) -> dict[str, Any]:
    house.check_served(model)
    return predictions_answer(await house.ask(house.backend.predict, model, ask.request()))
