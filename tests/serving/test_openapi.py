"""The OpenAPI document is complete, and answers are as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from jsonschema import Draft202012Validator

from domain.params import ServeParams
from serving.api.app import create_app
from tests.serving.client import Client
from tests.serving.fake import PLAN_ID, FakeBackend

PROBLEM = "application/problem+json"
ASKED: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/v1/plans"): {"json": {}},
    ("post", "/v1/predictions/eta-risk"): {"json": {"ids": ["S-1"], "contributions": True}},
    ("post", "/v1/predictions/tender-failure"): {"json": {"ids": ["S-1"]}},
    ("post", "/v1/predictions/severity"): {"json": {"ids": ["S-1"]}},
}
NEVER_BUSY = {"/", "/docs", "/openapi.json", "/healthz", "/metrics"}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(FakeBackend(), ServeParams())


@pytest.fixture(scope="module")
def one_client(app: FastAPI) -> Iterator[Client]:
    client = Client(app)
    yield client
    client.close()


@pytest.fixture(scope="module")
def document(one_client: Client) -> dict[str, Any]:
    answer: dict[str, Any] = one_client.get("/openapi.json").json()
    return answer


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def check(document: dict[str, Any], schema: dict[str, Any], instance: Any) -> None:
    """Validate against a schema of the document, its references included."""
    Draft202012Validator({**schema, "components": document["components"]}).validate(instance)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_route_is_in_the_document(app: FastAPI, document: dict[str, Any]) -> None:
    """What the router answers and what the document lists are the same."""
    answered = {
        (method.lower(), route.path.replace(":path}", "}"))
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
    }
    assert answered == {(method, path) for method, path, _ in operations(document)}
    assert document["openapi"].startswith("3.1")


def test_every_route_says_what_it_is_for(document: dict[str, Any]) -> None:
    """Summary, description, tag; every parameter and every answer described."""
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        assert all(item.get("description") for item in operation.get("parameters", ())), where
        assert all(answer["description"] for answer in operation["responses"].values()), where


def test_every_body_has_a_schema_and_a_valid_example(document: dict[str, Any]) -> None:
    """The example of a request is one that would be taken; so is that of each row."""
    schemas = document["components"]["schemas"]
    for _, _, operation in operations(document):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            name = schema["$ref"].rpartition("/")[2]
            check(document, schema, schemas[name]["examples"][0])
    for name in ("ShipmentRow", "TenderRow", "ExceptionRow"):
        check(document, schemas[name], schemas[name]["examples"][0])


def test_examples_are_taken(one_client: Client, document: dict[str, Any]) -> None:
    """An inline example of each table passes the door itself, not only the schema."""
    schemas = document["components"]["schemas"]
    for part, row in (("eta-risk", "Shipment"), ("tender-failure", "Tender"), ("severity", "Exception")):
        body = {"subjects": [schemas[f"{row}Row"]["examples"][0]]}
        answer = one_client.post(f"/v1/predictions/{part}", json=body)
        assert answer.status_code == 200, answer.text


def test_every_route_declares_its_problems(document: dict[str, Any]) -> None:
    """Problems are declared with their media type, and with nothing but the problem document."""
    for method, path, operation in operations(document):
        declared = {int(status) for status in operation["responses"]}
        assert 500 in declared
        assert ({400, 413, 415, 422} <= declared) == (method == "post"), path
        assert (503 in declared) == (path not in NEVER_BUSY), path
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == [PROBLEM], (path, status)


def test_the_document_holds_no_loose_ends(document: dict[str, Any]) -> None:
    """Every reference leads somewhere, and every schema is one that JSON Schema allows."""
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.rpartition("/")[2] in schemas
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_answers_are_as_documented(one_client: Client, document: dict[str, Any]) -> None:
    """Each route is asked once; status, media type and body are declared ones."""
    for method, path, operation in operations(document):
        url = path.replace("{plan_id}", PLAN_ID).replace("{case}", "S-1")
        answer = one_client.request(method.upper(), url, **ASKED.get((method, path), {}))
        assert answer.is_success, (url, answer.text)
        declared = operation["responses"][str(answer.status_code)]
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in declared["content"], url
        if media_type == "application/json":
            check(document, declared["content"][media_type]["schema"], answer.json())
        assert set(declared.get("headers", {})) <= {name.title() for name in answer.headers}


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/v1/predictions/eta-risk", {"json": {"ids": ["nobody"]}}, 404),
        ("/v1/predictions/eta-risk", {"json": {"ids": []}}, 422),
        ("/v1/predictions/eta-risk", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("/v1/predictions/eta-risk", {"content": b"{"}, 415),
    ],
)
def test_problems_are_as_documented(
    one_client: Client, document: dict[str, Any], path: str, options: dict[str, Any], status: int
) -> None:
    """A refusal is a declared one, and its body a problem document."""
    answer = one_client.post(path, **options)
    assert answer.status_code == status
    declared = document["paths"][path]["post"]["responses"][str(status)]
    check(document, declared["content"][PROBLEM]["schema"], answer.json())


def test_the_page_shows_every_route(one_client: Client, document: dict[str, Any]) -> None:
    """/docs is the same document for people."""
    page = one_client.get("/docs").text
    for method, path, operation in operations(document):
        assert f"{method.upper()} {path}" in page
        assert operation["summary"] in page
