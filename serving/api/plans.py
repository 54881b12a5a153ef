"""``/v1/plans``: make a joint plan, read it again, ask why."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from serving.api.answers import CaseAnswer, PlanAnswer, case_answer, plan_answer
from serving.api.asking import HouseDep
from serving.api.asks import PlanAsk
from serving.api.json_body import StrictRoute
from serving.api.problems import documented

router = APIRouter(prefix="/v1/plans", tags=["plans"], route_class=StrictRoute)

PlanId = Annotated[
    str, Path(max_length=100, description="As answered by POST /v1/plans.", examples=["5f2c0a9be1d34477"])
]
LOCATION = {"Location": {"description": "Where the plan is kept.", "schema": {"type": "string"}}}


@router.post(
    "",
    status_code=201,
    summary="Make a joint plan",
    response_model=PlanAnswer,
    responses={**documented(400, 409, 413, 415, 422, 503), 201: {"headers": LOCATION}},
)
async def make_plan(ask: PlanAsk, house: HouseDep) -> JSONResponse:
    """Choose one action per open case, jointly, and keep the plan. The same question gives the same plan."""
    house.ready_status()
    plan = await house.ask_long(house.backend.plan, ask.as_of, ask.policy)
    return JSONResponse(plan_answer(plan), 201, {"Location": f"/v1/plans/{plan.plan_id}"})


@router.get(
    "/{plan_id}",
    summary="Read a plan",
    response_model=PlanAnswer,
    responses=documented(404, 422, 503),
)
async def read_plan(plan_id: PlanId, house: HouseDep) -> JSONResponse:
    """Return a plan as it was made."""
    house.ready_status()
    return JSONResponse(plan_answer(await house.ask(house.backend.plan_by_id, plan_id)))


@router.get(
    "/{plan_id}/cases/{case:path}",
    summary="Why this action, or why not that one?",
    response_model=CaseAnswer,
    responses=documented(404, 422, 503),
)
async def explain_case(
    plan_id: PlanId,
    case: Annotated[str, Path(description="A case of the plan.", min_length=1, max_length=400)],
    house: HouseDep,
    action: Annotated[
        str | None, Query(max_length=400, description="An action that was not chosen, to ask why not.")
    ] = None,
) -> dict[str, Any]:
    """Explain the choice for one case: costs, resources, alternatives, rules."""
    house.ready_status()
    ask = house.ask if action is None else house.ask_long  # what insisting costs is looked for
    return case_answer(await ask(house.backend.explain, plan_id, case, action))
