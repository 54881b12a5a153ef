"""Reading an OpenAPI document for people: routes, their parameters, bodies, examples and answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldShown:
    """One field of a body, or one parameter."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class BodyShown:
    """One schema with its fields; ``example`` is ``None`` where it has none."""

    name: str
    description: str
    fields: tuple[FieldShown, ...]
    example: Any


@dataclass(frozen=True)
class AnswerShown:
    """One status a route may answer with, and the JSON bodies it then holds, outermost first."""

    status: str
    description: str
    bodies: tuple[BodyShown, ...]


@dataclass(frozen=True)
class RouteShown:
    """One route as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[FieldShown, ...]
    bodies: tuple[BodyShown, ...]
    answers: tuple[AnswerShown, ...]


def describe(document: Mapping[str, Any]) -> list[RouteShown]:
    """List every route of the document, in its order."""
    reader = _Reader(document)
    return [
        reader.route(method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


class _Reader:
    """Follows references within one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.schemas: Mapping[str, Any] = document.get("components", {}).get("schemas", {})

    def route(self, method: str, path: str, operation: Mapping[str, Any]) -> RouteShown:
        parameters = (
            FieldShown(item["name"], _kind(item["schema"]), item["required"], item.get("description", ""))
            for item in operation.get("parameters", ())
        )
        asked = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        return RouteShown(
            method.upper(),
            path,
            operation["summary"],
            operation.get("description", ""),
            tuple(parameters),
            tuple(self.bodies(asked)) if asked else (),
            tuple(self.answers(operation["responses"])),
        )

    def answers(self, responses: Mapping[str, Any]) -> Iterator[AnswerShown]:
        for status, response in sorted(responses.items()):
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            yield AnswerShown(status, response["description"], tuple(self.bodies(schema)))

    def bodies(self, schema: Mapping[str, Any]) -> Iterator[BodyShown]:
        """A body, then the bodies inside it."""
        if name := _target(schema):
            yield self.body(name)
            for item in self.schemas[name].get("properties", {}).values():
                yield from self.bodies(item)
        for inner in (schema.get("items", {}), *schema.get("anyOf", ())):
            if inner:
                yield from self.bodies(inner)

    def body(self, name: str) -> BodyShown:
        schema = self.schemas[name]
        needed = schema.get("required", ())
        fields = tuple(
            FieldShown(key, _kind(item), key in needed, item.get("description", ""))
            for key, item in schema.get("properties", {}).items()
        )
        example = next(iter(schema.get("examples", ())), None)
        return BodyShown(name, schema.get("description", ""), fields, example)


def _target(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a word or two."""
    if name := _target(schema):
        return name
    if choices := [_kind(item) for item in schema.get("anyOf", ()) if item.get("type") != "null"]:
        return " or ".join(choices)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = schema.get("type", "any")
    return kind if isinstance(kind, str) else " or ".join(kind)
