"""Errors as problem documents (RFC 9457), whatever raised them."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from domain.errors import (
    BadPolicy,
    BadProblem,
    HomeLocked,
    LanewiseError,
    NotThere,
    PlanRejected,
    WrongModel,
)

MEDIA_TYPE = "application/problem+json"
STATUS_OF: Mapping[type[LanewiseError], int] = {
    NotThere: 404,
    WrongModel: 409,
    BadPolicy: 422,
    BadProblem: 409,
    HomeLocked: 503,
    PlanRejected: 500,
}
"""Status of a domain error; one that is not named here is 422."""

logger = logging.getLogger(__name__)


class FieldError(BaseModel):
    """One value that was refused."""

    path: str = Field(
        description="Where it stands, as a JSON Pointer or a parameter.", examples=["/subjects/0/weight_kg"]
    )
    message: str = Field(description="What was expected.", examples=["expected a number"])


class Problem(BaseModel):
    """A problem document, RFC 9457."""

    type: str = Field(description="What kind of problem this is; stable.", examples=["urn:lanewise:problem:not-found"])
    title: str = Field(description="The kind in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What was expected, what came, what to do.",
        examples=["shipment 'S-9' is not in data set flights"],
    )
    instance: str = Field(description="Path of the request.", examples=["/v1/predictions/eta-risk"])
    errors: list[FieldError] | None = Field(default=None, description="Each refused value, where values were refused.")


class Refused(HTTPException):
    """A request this door itself refuses; its detail is shown as it is.

    It is FastAPI's ``HTTPException``, because FastAPI turns any other exception
    raised while it reads a body into a 400 that says nothing.
    """

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, dict(headers or {}))


def problem_response(
    status: int,
    detail: str,
    instance: str,
    errors: Sequence[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer that carries a problem document."""
    title = HTTPStatus(status).phrase
    problem = Problem(
        type=f"urn:lanewise:problem:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        instance=instance,
        errors=None if errors is None else list(errors),
    )
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the problems a route may answer with, for its OpenAPI entry."""
    return {status: _declaration(status) for status in (*statuses, 500)}


def _declaration(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(LanewiseError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http_error)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem_response(error.status_code, str(error.detail), request.url.path, headers=error.headers)


def _domain_error(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), 422)
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.url.path, error)
    return problem_response(status, str(error), request.url.path)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [FieldError(path=_path(item["loc"]), message=_message(item)) for item in error.errors()]
    count = f"{len(errors)} values are" if len(errors) > 1 else "one value is"
    detail = f"{count} not as expected; first {errors[0].path or 'the body'}: {errors[0].message}"
    return problem_response(422, detail, request.url.path, errors)


def _path(loc: Sequence[str | int]) -> str:
    """A place in the body as JSON Pointer (RFC 6901); elsewhere ``query limit``, ``path id``."""
    where, *rest = loc
    if where != "body":
        return " ".join(str(part) for part in loc)
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in rest)


def _message(item: Mapping[str, Any]) -> str:
    """Pydantic's sentence in the house's words, with no copy of what came (it may be large or private)."""
    return str(item["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    allow = (error.headers or {}).get("Allow", "")
    details = {
        404: f"there is nothing at {request.url.path}; /docs lists every route",
        405: f"{request.url.path} answers {allow}, not {request.method}",
    }
    detail = details.get(error.status_code, str(error.detail))
    return problem_response(error.status_code, detail, request.url.path, headers=error.headers)
