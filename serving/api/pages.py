"""``/`` and ``/docs``: pages for people, without scripts or anything from elsewhere."""

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from domain.moment import format_moment
from serving.api.asking import HouseDep
from serving.api.problems import documented
from serving.api.reference import describe

PAGE: dict[int | str, dict[str, Any]] = {**documented(), 200: {"description": "A page."}}
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
"""The pages carry their one style sheet and load nothing."""

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse, responses=PAGE)


@router.get("/", summary="What is running")
async def home(house: HouseDep) -> HTMLResponse:
    """Show data set, cut-off and models."""
    return _page("home.html", status=house.status())


@router.get("/docs", summary="This documentation")
async def docs(request: Request) -> HTMLResponse:
    """Show every route of the OpenAPI document with its examples."""
    document = request.app.openapi()
    return _page("docs.html", info=document["info"], routes=describe(document))


def _page(name: str, **shown: Any) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(name).render(**shown), headers=HEADERS)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("serving", "pages"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["moment"] = format_moment
    templates.filters["indented"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    return templates
