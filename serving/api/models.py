"""``GET /v1/models``: which models answer, and which do not."""

from typing import Any

from fastapi import APIRouter

from domain.predictions import ModelName
from serving.api.answers import ModelsAnswer, data_answer, watched_models_answer
from serving.api.asking import HouseDep
from serving.api.problems import documented

router = APIRouter(tags=["models"])


@router.get("/v1/models", summary="Models in service", response_model=ModelsAnswer, responses=documented(503))
async def models(house: HouseDep) -> dict[str, Any]:
    """List the models in service with their versions and health, and those that are not with the reason."""
    status = house.ready_status()
    skipped = [{"model": name, "reason": status.skipped[name]} for name in ModelName if name in status.skipped]
    return {"data": data_answer(status), "models": watched_models_answer(status), "skipped": skipped}
