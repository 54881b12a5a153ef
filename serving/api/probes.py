"""``/healthz``, ``/readyz``, ``/metrics``: what an orchestrator and Prometheus ask."""

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serving.api.answers import HealthAnswer, ReadyAnswer, data_answer, models_answer
from serving.api.asking import HouseDep
from serving.api.health_metrics import health_metrics
from serving.api.problems import documented

router = APIRouter(tags=["probes"])


@router.get("/healthz", summary="Is the process alive?", response_model=HealthAnswer, responses=documented())
async def healthz() -> dict[str, str]:
    """Answer as long as the process does; says nothing about data or models."""
    return {"status": "alive"}


@router.get("/readyz", summary="Can it answer?", response_model=ReadyAnswer, responses=documented(503))
async def readyz(house: HouseDep) -> dict[str, Any]:
    """Answer 200 once data and models are loaded; until then 503 with what is missing."""
    status = house.ready_status()
    return {"status": "ready", "data": data_answer(status), "models": models_answer(status)}


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        **documented(),
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    },
)
async def metrics(request: Request, house: HouseDep) -> Response:
    """Show requests by route, method and status, how long they took, and the health of each model in service."""
    shown = request.app.state.metrics.render() + health_metrics(house.status())
    return Response(shown, media_type=CONTENT_TYPE_LATEST)
