"""The three predictions over HTTP."""

from datetime import UTC, datetime

import pytest

from domain.params import ServeParams
from domain.predictions import ID_COLUMNS, PREDICTED_COLUMNS, ModelName
from serving.api.app import create_app
from store.contracts.tables import CONTRACTS
from tests.serving.client import Client
from tests.serving.fake import FakeBackend

PATHS = {
    ModelName.ETA_RISK: "/v1/predictions/eta-risk",
    ModelName.TENDER_FAILURE: "/v1/predictions/tender-failure",
    ModelName.SEVERITY: "/v1/predictions/severity",
}
ROWS = {
    ModelName.ETA_RISK: {"shipment_id": "new", "planned_delivery_at": "2013-10-01T18:30:00+02:00"},
    ModelName.TENDER_FAILURE: {"tender_id": "new", "offered_at": "2013-10-01", "contract": True},
    ModelName.SEVERITY: {"exception_id": "new", "kind": "eta_slip", "raised_at": "2013-10-01T06:00"},
}
TABLES = {
    ModelName.ETA_RISK: ("shipments", "ShipmentRow"),
    ModelName.TENDER_FAILURE: ("tenders", "TenderRow"),
    ModelName.SEVERITY: ("exceptions", "ExceptionRow"),
}
UNKNOWN_YET = {
    "tenders": {"outcome", "outcome_at", "outcome_known_at", "reason_list", "reason"},
    "exceptions": {"impact", "resolved_at", "resolved_by", "resolved_known_at"},
    "shipments": set(),
}


@pytest.mark.parametrize("model", ModelName)
def test_ids_are_answered_in_the_order_asked(client: Client, model: ModelName) -> None:
    """One prediction per id, with model, version, stage, as_of and every number of the model."""
    answer = client.post(PATHS[model], json={"ids": ["S-2", "S-1", "S-2"]})
    assert answer.status_code == 200
    document = answer.json()
    assert document["model"] == {"name": f"fake.{model}", "version": "3"}
    assert [one["subject_id"] for one in document["predictions"]] == ["S-2", "S-1", "S-2"]
    first = document["predictions"][0]
    assert set(PREDICTED_COLUMNS[model]) <= set(first)
    assert (first["stage"], first["as_of"], first["explanation"]) == ("release", "2014-01-01T00:00:00Z", None)


def test_a_delay_is_also_told_as_moments(client: Client) -> None:
    """The new ETA with its band beside the plan; null where no delivery is planned; no word of it at other models."""
    planned, unplanned = client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1", "S-9"]}).json()["predictions"]
    assert planned["arrival"] == {
        "planned_delivery_at": "2014-01-01T08:00:00Z",
        "eta_at": "2014-01-01T08:20:00Z",
        "earliest_at": "2014-01-01T07:55:00Z",
        "latest_at": "2014-01-01T10:00:30Z",
        "remaining_min": 500.0,
    }
    assert unplanned["arrival"] is None
    (other,) = client.post(PATHS[ModelName.SEVERITY], json={"ids": ["S-1"]}).json()["predictions"]
    assert "arrival" not in other


@pytest.mark.parametrize("model", ModelName)
def test_an_inline_subject_reaches_the_backend_as_given(client: Client, backend: FakeBackend, model: ModelName) -> None:
    """Columns that were given, times in UTC, attributes of every kind; nothing that was not given."""
    row = {**ROWS[model], "x_text": "a", "x_number": 2, "x_flag": False, "x_none": None}
    answer = client.post(PATHS[model], json={"subjects": [row]})
    assert answer.status_code == 200
    (came,) = backend.asked[0].subjects
    assert set(came) == set(row)
    assert [came[name] for name in ("x_text", "x_number", "x_flag", "x_none")] == ["a", 2.0, False, None]
    moment = next(value for value in came.values() if isinstance(value, datetime))
    assert moment.tzinfo is UTC
    if model is ModelName.ETA_RISK:
        assert moment == datetime(2013, 10, 1, 16, 30, tzinfo=UTC)


def test_the_moment_asked_about_is_passed_on(client: Client, backend: FakeBackend) -> None:
    """as_of without a zone is UTC; without as_of the backend takes the cut-off."""
    asked = client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1"], "as_of": "2013-06-01T12:00"})
    client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1"]})
    assert asked.json()["predictions"][0]["as_of"] == "2013-06-01T12:00:00Z"
    assert [request.as_of for request in backend.asked] == [datetime(2013, 6, 1, 12, tzinfo=UTC), None]


def test_contributions_add_up(client: Client) -> None:
    """Base and contributions sum to the margin; calibration is one more step."""
    answer = client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1"], "contributions": True})
    told = answer.json()["predictions"][0]["explanation"]
    assert told["base"] + sum(step["contribution"] for step in told["contributions"]) == told["margin"]
    assert told["contributions"][1] == {"feature": "x_tail", "value": None, "contribution": -0.25}
    assert told["calibration"] == 0.125


@pytest.mark.parametrize("model", ModelName)
def test_a_row_has_the_columns_of_its_table(client: Client, model: ModelName) -> None:
    """The columns of an inline subject are those of the canonical table, less what is not known yet."""
    table, schema = TABLES[model]
    properties = client.get("/openapi.json").json()["components"]["schemas"][schema]["properties"]
    assert set(properties) == set(CONTRACTS[table].names) - UNKNOWN_YET[table]
    assert ID_COLUMNS[model] in properties


def test_a_model_that_is_not_trained_says_why() -> None:
    """409, with what the data set lacks; the other models answer."""
    missing = {ModelName.TENDER_FAILURE: "missing the table tenders"}
    client = Client(create_app(FakeBackend(missing), ServeParams()))
    refused = client.post(PATHS[ModelName.TENDER_FAILURE], json={"ids": ["S-1"]})
    assert refused.status_code == 409
    assert "missing the table tenders" in refused.json()["detail"]
    assert client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1"]}).status_code == 200
    client.close()


def test_nothing_is_predicted_before_everything_is_loaded() -> None:
    """503 with the reason and when to come back."""
    client = Client(create_app(FakeBackend(reasons=("data is being loaded",)), ServeParams()))
    answer = client.post(PATHS[ModelName.ETA_RISK], json={"ids": ["S-1"]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "data is being loaded" in answer.json()["detail"]
    client.close()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1.5])
def test_a_number_that_cannot_be_is_a_defect(number: float) -> None:
    """A model that says NaN, infinity or a probability of 1.5 is not passed on."""
    client = Client(create_app(FakeBackend(number=number), ServeParams()))
    assert client.post(PATHS[ModelName.TENDER_FAILURE], json={"ids": ["S-1"]}).status_code == 500
    client.close()
