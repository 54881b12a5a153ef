"""The ASGI application: routes, limits, metrics and problems put together."""

import re
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from domain.params import ServeParams
from serving.api import models, pages, plans, predictions, probes
from serving.api.asking import House
from serving.api.backend import Backend
from serving.api.edge import Edge
from serving.api.metrics import ServiceMetrics
from serving.api.problems import Problem, add_problem_handlers, documented

ABOUT = (
    "Decision support for freight dispatch. JSON in and out; errors are problem documents (RFC 9457);"
    " times are ISO 8601, UTC where they name no zone."
)


def create_app(backend: Backend, params: ServeParams) -> FastAPI:
    """Build the application over a backend; nothing is loaded or opened here."""
    app = FastAPI(
        title="Lanewise",
        version=_version(),
        description=ABOUT,
        openapi_url=None,  # ours is a documented route like any other
        docs_url=None,  # FastAPI's page loads its scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.house = House(backend)
    app.state.metrics = ServiceMetrics()
    app.state.max_subjects = params.max_subjects
    for part in (predictions, plans, models, probes, pages):
        app.include_router(part.router)
    _add_openapi(app)
    add_problem_handlers(app)
    app.add_middleware(Edge, metrics=app.state.metrics, max_body_bytes=params.max_body_bytes)
    return app


def _add_openapi(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            app.openapi_schema = _in_plain_words(_with_problems(document))
        return app.openapi_schema

    async def show() -> JSONResponse:
        """Show this document: OpenAPI 3.1."""
        return JSONResponse(openapi())

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to amend its document
    app.add_api_route(
        "/openapi.json",
        show,
        summary="The OpenAPI document",
        tags=["pages"],
        response_model=dict[str, Any],
        responses=documented(),
    )


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Replace FastAPI's own error schemas, which nothing here answers with, by the problem document."""
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def _in_plain_words(document: dict[str, Any]) -> dict[str, Any]:
    """Keep the first paragraph of a docstring, without the marks of reStructuredText."""
    for schema in document["components"]["schemas"].values():
        words = schema.get("description", "").partition("\n\n")[0]
        schema["description"] = re.sub(r":\w+:`(?:\w+\.)*(\w+)`", r"\1", " ".join(words.split())).replace("`", "")
    return document


def _version() -> str:
    try:
        return version("lanewise")
    except PackageNotFoundError:  # run from a source tree or a bento, where nothing is installed
        return "0"
