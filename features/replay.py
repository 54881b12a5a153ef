"""The records of a data set as they would have been told, one by one, in the total order."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from domain.facts import FACTS
from features.past import EVENTFUL, Past
from features.records import NO_MOMENT

Told = tuple[str, dict[str, Any]]
"""A table, and a row as it was known at that moment."""


def replay(past: Past) -> Iterator[tuple[int, Told]]:
    """Every record by when it became known (microseconds), the first halves of an instant before the second.

    A row whose second half was known later is told twice, first without it.
    """
    rows = {table: _rows(past, table) for table in EVENTFUL}
    for moment, table, place, whole in _order(past):
        row = dict(rows[table][place])
        second = FACTS[table].second
        if second is not None and not whole:
            row |= dict(zip((*second.columns, second.known), (*second.blank, None), strict=True))
        yield moment, (table, row)


def _rows(past: Past, table: str) -> list[dict[str, Any]]:
    """Rows with moments in microseconds; what is missing is left out."""
    records, frame = past.records(table), past.dataset.table(table)
    names = [name for name in frame if frame[name].notna().any()]
    columns = [records.moment(name).tolist() if records.is_moment(name) else frame[name].tolist() for name in names]
    missing = frame[names].isna().to_numpy().T.tolist()
    cells = [[None if gone else cell for cell, gone in zip(*one, strict=True)]
             for one in zip(columns, missing, strict=True)]  # fmt: skip
    return [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]


def _order(past: Past) -> list[tuple[int, str, int, bool]]:
    """(moment, table, position of the row, whether it is whole), in the total order."""
    told: list[tuple[int, int, int, str, int]] = []
    for rank, table in enumerate(EVENTFUL):
        records = past.records(table)
        known = records.moment("known_at")
        second = FACTS[table].second
        later = np.full(len(records), NO_MOMENT) if second is None else records.moment(second.known)
        told += [(int(at), 0, rank, "", place) for place, at in enumerate(known)]
        if second is not None:
            keys = past.dataset.table(table)[FACTS[table].key[0]].tolist()
            told += [
                (int(later[place]), 1, rank, keys[place], place) for place in np.flatnonzero(later > known).tolist()
            ]
    whole = [set(np.flatnonzero(_whole(past, table)).tolist()) for table in EVENTFUL]
    return [
        (at, EVENTFUL[rank], place, bool(half) or place in whole[rank]) for at, half, rank, _, place in sorted(told)
    ]


def _whole(past: Past, table: str) -> Any:
    """Rows whose second half was known with the first."""
    second, records = FACTS[table].second, past.records(table)
    if second is None:
        return np.ones(len(records), dtype=np.bool_)
    return records.moment(second.known) <= records.moment("known_at")
