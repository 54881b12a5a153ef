"""Small worlds told to a live state, and all that it then consists of, by its bits."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.predictions import ModelName
from features.catalogue import FAMILIES
from features.entities import STREAMS
from features.family import Text
from features.frame import columns_of
from features.live import Live
from features.past import Past, past_of
from features.records import microseconds
from features.replay import replay
from features.state.keeper import Keeper, begin, keeping
from features.state.snapshot import head_of, tables_of
from features.subjects import all_subjects
from tests.features.world import World

Step = tuple[str, tuple[Any, ...]]


@cache
def past(seed: int) -> Past:
    return past_of(World(seed, shipments=12).dataset)


@cache
def steps(seed: int) -> list[Step]:
    """Every record and every question of a world, in the order of time; records of a moment before its questions."""
    told = [(at, 0, ("tell", record)) for at, record in replay(past(seed))]
    asked = []
    for model in ModelName:
        subjects = all_subjects(past(seed).dataset, model)
        cells = zip(microseconds(subjects["as_of"]).tolist(), subjects["subject_id"], subjects["stage"], strict=True)
        asked += [(at, 1, ("ask", (model, subject, stage, at))) for at, subject, stage in cells]
    return [step for *_, step in sorted([*told, *asked], key=lambda one: one[:2])]


@cache
def uninterrupted(seed: int) -> tuple[Live, list[Any]]:
    """A state that lived through all of it, and what it answered."""
    state = Live(past(seed).shape())
    return state, [done(state, step) for step in steps(seed)]


def done(state: Live | Keeper, step: Step) -> Any:
    """What a step came to, an answer to its last bit."""
    what, arguments = step
    if what == "tell":
        return state.tell(*arguments)
    made = columns_of(FAMILIES, state.ask(*arguments))
    return {
        name: one.words.word(int(one.numbers[0])) if isinstance(one, Text) else one.tobytes()
        for name, one in made.items()
    }


def records(seed: int) -> list[tuple[str, dict[str, Any]]]:
    return [record for _, record in replay(past(seed))]


def told(seed: int, count: int) -> Live:
    """A state that was told the first records of a world, and never kept."""
    state = Live(past(seed).shape())
    for record in records(seed)[:count]:
        state.tell(*record)
    return state


def bits(state: Live) -> tuple[Any, ...]:
    """All that a state consists of."""
    return head_of(state), {name: _bits(table) for name, table in tables_of(state).items()}


def _bits(table: pa.Table) -> dict[str, list[Any]]:
    columns = zip(table.column_names, table.combine_chunks().columns, strict=True)
    # Numbers by their bits: −0.0 is not 0.0.
    return {
        name: (one.combine_chunks().view(pa.int64()) if one.type == pa.float64() else one).to_pylist()
        for name, one in columns
    }


def kept_world(folder: Path, streams: tuple[str, ...] = tuple(STREAMS)) -> Path:
    """World 1 kept: 100 records before the second snapshot, 50 before the third, 30 after it."""
    shape = past(1).shape()
    layouts = {name: one for name, one in shape.layouts.items() if name in streams}
    begin(folder, Live(replace(shape, layouts=layouts)))
    with keeping(folder, sync_every=1000) as keeper:
        for number, record in enumerate(records(1)[:180]):
            if number in (100, 150):
                keeper.snapshot()
            keeper.tell(*record)
    return folder
