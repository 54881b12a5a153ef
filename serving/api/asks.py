"""Bodies of requests."""

from typing import Annotated, Generic, Self, TypeVar

from pydantic import ConfigDict, Field, model_validator

from domain.ask import PredictionRequest
from serving.api.fields import Body, Flag, Identifier, Moment, Row, Text
from serving.api.subjects import ExceptionRow, ShipmentRow, TenderRow

RowT = TypeVar("RowT", bound=Row)


class PredictionAsk(Body, Generic[RowT]):
    """Who is asked about: recorded subjects by id, or subjects described inline; one of the two."""

    ids: Annotated[list[Identifier], Field(min_length=1)] | None = Field(
        default=None, description="Ids of recorded subjects."
    )
    subjects: Annotated[list[RowT], Field(min_length=1)] | None = Field(
        default=None, description="Subjects that are not (yet) recorded, as rows of the canonical table."
    )
    as_of: Moment | None = Field(
        default=None, description="Moment whose knowledge is used; by default the data set's cut-off."
    )
    contributions: Flag = Field(default=False, description="Whether to explain each prediction.")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.ids is None) == (self.subjects is None):
            raise ValueError("expected either ids or subjects, one of the two")
        return self

    def request(self) -> PredictionRequest:
        """Put the question in the domain's words; a column that was not given is not there."""
        rows = self.subjects or []
        return PredictionRequest(
            ids=tuple(self.ids or ()),
            subjects=tuple(row.model_dump(exclude_unset=True) for row in rows),
            as_of=self.as_of,
            contributions=self.contributions,
        )


def _by_id(example: str) -> ConfigDict:
    return ConfigDict(
        json_schema_extra={"examples": [{"ids": [example], "as_of": "2013-12-23T13:15:00Z", "contributions": True}]}
    )


class EtaRiskAsk(PredictionAsk[ShipmentRow]):
    """Shipments that may be late."""

    model_config = _by_id("DL-2119-LGA-20131223T1300Z")


class TenderFailureAsk(PredictionAsk[TenderRow]):
    """Offers that may be refused."""

    model_config = _by_id("DL-2119-LGA-20131223T1300Z-1")


class SeverityAsk(PredictionAsk[ExceptionRow]):
    """Exceptions whose severity is asked."""

    model_config = _by_id("DL-2119-LGA-20131223T1300Z-late")


class PlanAsk(Body):
    """For which moment, and under which policy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"as_of": "2013-10-01T06:00:00Z"}]})

    as_of: Moment | None = Field(default=None, description="Moment to plan for; by default the data set's cut-off.")
    policy: Text | None = Field(default=None, description="Text of a policy.toml; by default the home's own policy.")
