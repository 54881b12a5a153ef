"""Kinds of value that bodies are made of: moments, identifiers, finite numbers, attributes."""

import re
from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from domain.errors import LanewiseError
from domain.moment import format_moment, parse_moment

ATTRIBUTE = re.compile("x_[A-Za-z0-9_]{1,100}")
"""Names of a user's own columns."""


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("expected a time as text in ISO 8601, such as 2013-10-01T06:00:00Z")
    try:
        return parse_moment(value)
    except (LanewiseError, OverflowError):
        raise ValueError("expected a time in ISO 8601, such as 2013-10-01T06:00:00Z") from None


def _attribute(value: Any) -> str | float | bool | None:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if isfinite(number):
            return number
    raise ValueError("expected text, a finite number, true, false or null")


def _attribute_name(name: str) -> str:
    if not ATTRIBUTE.fullmatch(name):
        raise ValueError("is no column of this table; a column of your own is named x_…")
    return name


Moment = Annotated[
    datetime,
    PlainValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A time in ISO 8601; UTC where it names no zone.",
            "examples": ["2013-10-01T06:00:00Z"],
        }
    ),
]
"""A moment that is asked about, as text."""
Timestamp = Annotated[
    AwareDatetime,
    PlainSerializer(format_moment, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2013-10-01T06:00:00Z"]}),
]
"""A moment that is answered, in UTC."""
Identifier = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Rank = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Flag = Annotated[bool, Field(strict=True)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Attribute = Annotated[
    str | float | bool | None,
    PlainValidator(_attribute),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]
AttributeName = Annotated[str, AfterValidator(_attribute_name)]


class Body(BaseModel):
    """A body of a request; a field it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """A body of an answer; it holds neither NaN nor infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def attributes_by_pattern(**example: Any) -> Callable[[dict[str, Any]], None]:
    """Say in a row's JSON schema that other names than ``x_…`` are refused, and give an example."""

    def amend(schema: dict[str, Any]) -> None:
        schema["patternProperties"] = {f"^{ATTRIBUTE.pattern}$": schema.pop("additionalProperties")}
        schema["additionalProperties"] = False
        schema["examples"] = [example]

    return amend


class Row(BaseModel):
    """A row of a canonical table: its columns, and any ``x_…`` of the user's own."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[AttributeName, Attribute]
