"""What a state was told, as tables and back: words, rows, the ways of shipments, readings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from domain.facts import FACTS
from features.one import Cells
from features.present import Journey, Present
from features.words import Vocabulary
from store.contracts.columns import Kind

TYPES = {Kind.TEXT: pa.int32(), Kind.MOMENT: pa.int64(), Kind.NUMBER: pa.float64(), Kind.FLAG: pa.float64()}
MILESTONES = pa.schema(
    [("shipment", pa.int32()), ("code_list", pa.int32()), ("code", pa.int32()), ("stop", pa.int32()),
     ("known", pa.int64()), ("occurred", pa.int64()), ("planned", pa.int64()), ("departure", pa.bool_()),
     ("source_known", pa.int64())]
)  # fmt: skip
OFFERS = pa.schema([("shipment", pa.int32()), ("tender", pa.int32()), ("answered", pa.int64()), ("failed", pa.bool_())])
JOURNEYS = pa.schema([("shipment", pa.int32()), ("ended", pa.bool_())])
NEWEST = pa.schema([("name", pa.int32()), ("place", pa.int32()), ("observed", pa.int64()), ("value", pa.float64())])
WORDS = pa.schema([("kind", pa.string()), ("word", pa.string())])


def told_tables(state: Present) -> dict[str, pa.Table]:
    """All that a state was told and still needs."""
    ways = state.journeys
    reached = [(way.milestones, [who] * len(way.milestones)) for who, way in ways.items()]
    offered = [(way.tenders, [who] * len(way.tenders)) for who, way in ways.items()]
    return {
        "words": _words(state.vocabulary),
        "milestones": table(MILESTONES, *_flat(reached)),
        "offers": table(OFFERS, *_flat(offered)),
        "journeys": table(JOURNEYS, list(ways), [(way.ended,) for way in ways.values()]),
        "newest": table(NEWEST, list(state.newest), list(state.newest.values())),
        **{f"rows-{name}": _rows(rows, state.shape.kinds[name], name) for name, rows in state.rows.items()},
    }


def vocabulary_of(tables: Mapping[str, pa.Table]) -> Vocabulary:
    """The words, with the numbers that they had."""
    vocabulary = Vocabulary()
    for kind, word in rows_of(tables.get("words")):
        vocabulary.of(kind).number(word)
    return vocabulary


def tell_again(state: Present, tables: Mapping[str, pa.Table]) -> None:
    """Give a state what it was told, in the order in which it stood."""
    for shipment, ended in rows_of(tables.get("journeys")):
        state.journeys[shipment] = Journey(ended=ended)
    for shipment, code_list, code, stop, *said in rows_of(tables.get("milestones")):
        state.journeys[shipment].milestones[code_list, code, stop] = tuple(said)
    for shipment, tender, answered, failed in rows_of(tables.get("offers")):
        state.journeys[shipment].tenders[tender] = answered, failed
    for name, place, observed, value in rows_of(tables.get("newest")):
        state.newest[name, place] = observed, value
    for name, rows in state.rows.items():
        key = FACTS[name].key[0]
        for cells in _cells(tables.get(f"rows-{name}")):
            rows.setdefault(int(cells[key]), []).append(cells)


def table(schema: pa.Schema, *blocks: list[Any]) -> pa.Table:
    """Columns side by side; a list of tuples is a block of columns, any other list is one."""
    columns = [column for block in blocks for column in _columns(block)] or [[] for _ in schema]
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema)


def _columns(block: list[Any]) -> Iterator[list[Any]]:
    if block and isinstance(block[0], tuple):
        for k in range(len(block[0])):
            yield [row[k] for row in block]
    elif block:
        yield block


def _flat(parts: list[tuple[dict[Any, Any], list[int]]]) -> tuple[list[int], list[Any], list[Any]]:
    """Of the mappings of all shipments: whose each item is, its key, what it says."""
    return (
        [shipment for _, shipments in parts for shipment in shipments],
        [key for items, _ in parts for key in items],
        [said for items, _ in parts for said in items.values()],
    )


def rows_of(said: pa.Table | None) -> Iterable[tuple[Any, ...]]:
    """Rows of a table; none where nothing was kept."""
    return () if said is None else zip(*(column.to_pylist() for column in said.columns), strict=True)


def _words(vocabulary: Vocabulary) -> pa.Table:
    kinds = sorted(vocabulary.kinds.items())
    said = [kind for kind, words in kinds for _ in range(len(words))]
    return table(WORDS, said, [words.word(number) for _, words in kinds for number in range(len(words))])


def _rows(rows: Mapping[Any, list[Cells]], kinds: Mapping[str, Kind], name: str) -> pa.Table:
    """Every version of every row; a cell that is missing is null."""
    cells = [one for versions in rows.values() for one in versions]
    second = FACTS[name].second
    added = ("known_at", "source_known_at", *(() if second is None else (second.known,)))
    kinds = {**kinds, **dict.fromkeys(added, Kind.MOMENT)}
    columns = {column: pa.array([one.get(column) for one in cells], TYPES[kind]) for column, kind in kinds.items()}
    return pa.table({column: values for column, values in columns.items() if values.null_count < len(values)})


def _cells(said: pa.Table | None) -> list[Cells]:
    if said is None:
        return []
    cells: list[Cells] = [{} for _ in range(said.num_rows)]
    for name, column in zip(said.column_names, said.columns, strict=True):
        for one, value in zip(cells, column.to_pylist(), strict=True):
            if value is not None:
                one[name] = value
    return cells
