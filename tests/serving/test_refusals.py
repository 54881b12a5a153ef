"""Whatever is wrong with a request is told in a problem document (RFC 9457)."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import LanewiseError
from tests.serving.client import Client

ETA = "/v1/predictions/eta-risk"
ROW = {"shipment_id": "new", "planned_delivery_at": "2013-10-01T18:30:00Z"}
JSON = {"content-type": "application/json"}


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """A problem document with every member, its status that of the answer."""
    problem: dict[str, Any] = answer.json()
    assert answer.status_code == status, problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= set(problem)
    assert problem["status"] == status
    assert problem["instance"] == answer.request.url.path
    return problem


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"weight_kg": "heavy"}, "/subjects/0/weight_kg"),
        ({"weight_kg": -1}, "/subjects/0/weight_kg"),
        ({"weight_kg": True}, "/subjects/0/weight_kg"),
        ({"weight": 1}, "/subjects/0/weight"),
        ({"outcome": "rejected"}, "/subjects/0/outcome"),
        ({"x_list": [1]}, "/subjects/0/x_list"),
        ({"x_a/b": 1}, "/subjects/0/x_a~1b"),
        ({"planned_delivery_at": "tomorrow"}, "/subjects/0/planned_delivery_at"),
        ({"planned_delivery_at": 1380652200}, "/subjects/0/planned_delivery_at"),
        ({"planned_delivery_at": "9999-12-31T23:59:59-05:00"}, "/subjects/0/planned_delivery_at"),
        ({"planned_delivery_at": None}, "/subjects/0/planned_delivery_at"),
        ({"shipment_id": ""}, "/subjects/0/shipment_id"),
        ({"shipment_id": 7}, "/subjects/0/shipment_id"),
    ],
)
def test_a_bad_value_is_told_with_its_path(client: Client, row: dict[str, Any], path: str) -> None:
    """One bad value is one error, whose path is a JSON Pointer to it."""
    problem = check_problem(client.post(ETA, json={"subjects": [{**ROW, **row}]}), 422)
    assert [error["path"] for error in problem["errors"]] == [path]
    assert path in problem["detail"]


def test_a_missing_column_is_told(client: Client) -> None:
    """planned_delivery_at is what a delay is measured from."""
    problem = check_problem(client.post(ETA, json={"subjects": [{"shipment_id": "new"}]}), 422)
    assert problem["errors"] == [{"path": "/subjects/0/planned_delivery_at", "message": "Field required"}]


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["S-1"], "subjects": [ROW]}, {"ids": ["S-1"], "asof": "2013"}, [], 1, None]
)
def test_a_body_of_the_wrong_shape_is_refused(client: Client, body: Any) -> None:
    """Ids or subjects, one of the two, and no field that is not known."""
    assert check_problem(client.post(ETA, content=json.dumps(body), headers=JSON), 422)["errors"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_no_number_is_no_json(client: Client, number: str) -> None:
    """JSON knows neither NaN nor infinity, whatever Python's reader thinks."""
    text = json.dumps({"subjects": [{**ROW, "weight_kg": 0}]}).replace("0}", f"{number}}}")
    check_problem(client.post(ETA, content=text, headers=JSON), 400)


@pytest.mark.parametrize("column", ["weight_kg", "x_own"])
@pytest.mark.parametrize("number", ["1e999", "1" + "0" * 400])
def test_a_number_too_large_is_refused(client: Client, column: str, number: str) -> None:
    """What a double cannot hold must not become infinity on the way."""
    text = json.dumps({"subjects": [{**ROW, column: 0}]}).replace("0}", f"{number}}}")
    problem = check_problem(client.post(ETA, content=text, headers=JSON), 422)
    assert [error["path"] for error in problem["errors"]] == [f"/subjects/0/{column}"]


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b"{'ids': []}", b"[" * 2_000, b'{"ids":["\\ud800"]}'])
def test_a_body_that_is_no_json_is_refused(client: Client, text: bytes) -> None:
    """400, not a defect, also for nesting that would exhaust the stack."""
    check_problem(client.post(ETA, content=text, headers=JSON), 400)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_only_json_is_taken(client: Client, kind: str | None) -> None:
    """415 names what is expected and what came."""
    headers = {"content-type": kind} if kind else {}
    problem = check_problem(client.post(ETA, content=b'{"ids": ["S-1"]}', headers=headers), 415)
    assert "application/json" in problem["detail"]


def test_json_with_its_charset_is_taken(client: Client) -> None:
    """The charset that JSON has anyway does no harm."""
    headers = {"content-type": "Application/JSON; charset=UTF-8"}
    assert client.post(ETA, content=b'{"ids": ["S-1"]}', headers=headers).status_code == 200


def test_too_many_subjects_are_refused_before_they_are_looked_at(client: Client) -> None:
    """Six where five are allowed: 413, although each of them is nonsense too."""
    problem = check_problem(client.post(ETA, json={"subjects": [1] * 6}), 413)
    assert "5 subjects" in problem["detail"]
    assert client.post(ETA, json={"ids": ["S-1"] * 5}).status_code == 200


def test_a_body_that_announces_too_much_is_not_read(client: Client) -> None:
    """The Content-Length alone suffices."""

    async def never() -> Any:
        raise AssertionError("the body was read")
        yield b""

    answer = client.post(ETA, content=never(), headers={**JSON, "content-length": "5001"})
    assert "5000 bytes" in check_problem(answer, 413)["detail"]


def test_a_body_that_does_not_say_its_length_is_cut_off(client: Client) -> None:
    """A stream is refused as soon as it has gone too far, not when it ends."""
    sent = []

    async def endless() -> Any:
        while True:
            sent.append(1)
            assert len(sent) < 100, "nobody stopped it"
            yield b" " * 1_000

    check_problem(client.post(ETA, content=endless(), headers=JSON), 413)


@pytest.mark.parametrize(
    ("subject", "status", "words"),
    [("nobody", 404, "'nobody' is not in data set fake"), ("foreign", 409, "made for flights")],
)
def test_an_error_of_the_domain_is_told_as_it_is(client: Client, subject: str, status: int, words: str) -> None:
    """Its message is for people; its kind decides the status."""
    row = {**ROW, "shipment_id": subject}
    body = {"ids": [subject]} if status == 404 else {"subjects": [row]}
    assert words in check_problem(client.post(ETA, json=body), status)["detail"]


def test_every_error_of_the_domain_is_the_callers_or_says_why_not() -> None:
    """An error without a status of its own is 422, so none becomes a 500 by being forgotten."""
    from serving.api.problems import STATUS_OF

    assert all(issubclass(kind, LanewiseError) for kind in STATUS_OF)
    assert set(STATUS_OF.values()) <= {404, 409, 422, 500, 503}


def test_a_defect_shows_nothing_of_the_inside(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """500 for the caller; the trace is in the log."""
    with caplog.at_level(logging.ERROR):
        problem = check_problem(client.post(ETA, json={"subjects": [{**ROW, "shipment_id": "defect"}]}), 500)
    assert "secret" not in json.dumps(problem)
    assert "a secret of the inside" in caplog.text


def test_a_route_that_is_not_there(client: Client) -> None:
    """404 points to the list of routes."""
    assert "/docs" in check_problem(client.get("/v1/nothing"), 404)["detail"]
    check_problem(client.get("/healthz/"), 404)


def test_a_method_that_is_not_there(client: Client) -> None:
    """405 names the one that is, also in ``Allow``."""
    answer = client.get(ETA)
    assert "POST" in check_problem(answer, 405)["detail"]
    assert answer.headers["allow"] == "POST"


@pytest.fixture(scope="module")
def one_client() -> Iterator[Client]:
    from domain.params import ServeParams
    from serving.api.app import create_app
    from tests.serving.fake import FakeBackend

    client = Client(create_app(FakeBackend(), ServeParams()))
    yield client
    client.close()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["ids", "subjects", "as_of", "contributions", "other"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(NAMES, VALUES | st.lists(st.dictionaries(st.sampled_from([*ROW, "x_a"]), VALUES))))
def test_no_json_is_a_defect(one_client: Client, body: dict[str, Any]) -> None:
    """Whatever JSON comes, it is answered, or refused as the caller's mistake."""
    text = json.dumps(body).replace("Infinity", "1e999")
    assert one_client.post(ETA, content=text, headers=JSON).status_code in (200, 404, 422)
