"""What a state can be told and remembers, as JSON and back."""

import json
from collections.abc import Mapping
from typing import Any

from domain.manifest import read_manifest
from features.entities import STREAMS, Entity
from features.memory import Layout
from features.source import Shape
from store.contracts.columns import Kind
from store.description import Description


def document_of(shape: Shape) -> dict[str, Any]:
    """A shape as JSON writes it; the order of columns and entities counts."""
    return {
        "manifest": json.loads(Description(shape.manifest, {}).as_bytes()),
        "kinds": {table: {name: kind.name for name, kind in kinds.items()} for table, kinds in shape.kinds.items()},
        "layouts": {name: [_entity(one) for one in layout.entities] for name, layout in shape.layouts.items()},
        "readings": list(shape.readings),
    }


def shape_of(document: Mapping[str, Any]) -> Shape:
    """The shape that was written."""
    return Shape(
        read_manifest(document["manifest"]),
        {table: {name: Kind[kind] for name, kind in kinds.items()} for table, kinds in document["kinds"].items()},
        {name: Layout(STREAMS[name], tuple(map(_read, entities))) for name, entities in document["layouts"].items()},
        tuple(document["readings"]),
    )


def _entity(entity: Entity) -> dict[str, Any]:
    return {"key": entity.key, "half_lives_days": entity.half_lives_days, "parent": entity.parent}


def _read(said: Mapping[str, Any]) -> Entity:
    return Entity(tuple(said["key"]), tuple(said["half_lives_days"]), tuple(said["parent"]))
