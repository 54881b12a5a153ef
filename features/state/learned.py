"""What a state learned, as tables and back: the sums of its entities, the facts behind them, and what is open."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from features.present import Present
from features.records import NO_MOMENT, Array
from features.remembering import HORIZON, Remembering

AGED = (NO_MOMENT, np.empty((1, 0)), np.empty((1, 0), np.int32))
"""A fact that no correction changes any more: it is enough that it is known."""


def forget_aged(state: Present) -> None:
    """Keep of facts older than the correction horizon that they are known, and nothing else.

    A later version of such a fact changes no sum (:meth:`features.remembering.Remembering.version`), whatever it says.
    """
    for kept in state.streams.values():
        for fact, (first, *_) in kept.facts.items():
            if state.now - first > HORIZON:
                kept.facts[fact] = AGED


def learned_tables(state: Present) -> dict[str, pa.Table]:
    """All that the streams of a state remember."""
    made = {}
    for name, kept in state.streams.items():
        made[f"memory-{name}"] = _memory(kept)
        made[f"facts-{name}"] = _facts(kept, state.now)
        made[f"stays-{name}"] = _stays(state, name)
    return made


def learn_again(state: Present, tables: Mapping[str, pa.Table]) -> None:
    """Give a state what its streams remembered."""
    for name, kept in state.streams.items():
        if (said := tables.get(f"memory-{name}")) is not None:
            _read_memory(kept, said)
        if (said := tables.get(f"facts-{name}")) is not None:
            _read_facts(kept, said)
        if (said := tables.get(f"stays-{name}")) is not None:
            _read_stays(state, name, said)
    state.due.sort()


def _memory(kept: Remembering) -> pa.Table:
    """``entity`` is in the order of slots; all else is put by entity, where alike lies beside alike."""
    count = kept.slots.count
    entities, keys = np.empty(count, np.int16), np.empty(count, np.int64)
    for entity, known in enumerate(kept.slots.known):
        slots = np.fromiter(known.values(), np.int64, len(known))
        entities[slots], keys[slots] = entity, np.fromiter(known.keys(), np.int64, len(known))
    order = np.argsort(entities, kind="stable")
    columns = {"entity": entities, "key": keys[order], "period": kept.memory.periods[order]}
    return pa.table(columns | {f"sum_{k}": column[order] for k, column in enumerate(kept.memory.sums.T)})


def _read_memory(kept: Remembering, said: pa.Table) -> None:
    entities = said["entity"].to_numpy()
    order = np.argsort(entities, kind="stable")
    kept.memory.make_room(entities.size)
    kept.memory.periods[order] = said["period"].to_numpy()
    kept.memory.sums[order] = _block(said, "sum_", np.float64)
    keys, bounds = said["key"].to_numpy(), np.searchsorted(entities[order], np.arange(len(kept.slots.known) + 1))
    for known, begin, end in zip(kept.slots.known, bounds[:-1], bounds[1:], strict=True):
        known.update(zip(keys[begin:end].tolist(), order[begin:end].tolist(), strict=True))
    kept.slots.count = entities.size


def _facts(kept: Remembering, now: int) -> pa.Table:
    """Keys of all facts; of those that a correction may still change, also what they said and of whom."""
    keys = np.array(list(kept.facts), np.int32).reshape(len(kept.facts), -1 if kept.facts else 0)
    first = np.array([one[0] for one in kept.facts.values()], dtype=np.int64)
    fresh = np.array([now - one[0] <= HORIZON for one in kept.facts.values()], dtype=np.bool_)
    said = [one for one, new in zip(kept.facts.values(), fresh, strict=True) if new]
    columns = {f"key_{k}": pa.array(keys[:, k]) for k in range(keys.shape[1])}
    if kept.facts:
        columns["first"] = pa.array(first, mask=~fresh)
    if said:
        for what, cells in (("value", [one[1] for one in said]), ("slot", [one[2] for one in said])):
            columns |= {f"{what}_{k}": _spread(column, fresh) for k, column in enumerate(np.concatenate(cells).T)}
    return pa.table(columns)


def _spread(values: Array, fresh: Array) -> pa.Array:
    """Values of fresh facts among nulls for aged ones."""
    spread = np.zeros(fresh.size, values.dtype)
    spread[fresh] = values
    return pa.array(spread, mask=~fresh)


def _read_facts(kept: Remembering, said: pa.Table) -> None:
    keys = [said[name].to_pylist() for name in said.column_names if name.startswith("key_")]
    facts = keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))
    kept.facts = dict.fromkeys(facts, AGED)
    fresh = np.flatnonzero(said["first"].is_valid().to_numpy())
    some = said.take(pa.array(fresh))
    values, slots = _block(some, "value_", np.float64), _block(some, "slot_", np.int32)
    for k, (row, first) in enumerate(zip(fresh.tolist(), some["first"].to_pylist(), strict=True)):
        kept.facts[facts[row]] = first, values[k : k + 1], slots[k : k + 1]


def _stays(state: Present, stream: str) -> pa.Table:
    """What is open in a stream: since which entry, until when at most, and of whom."""
    until = {token: stale for stale, token, *_ in state.due}
    stays = [(name, *stay) for (of, name), stay in state.stays.items() if of == stream]
    if not stays:
        return pa.table({})
    columns = {
        "name": pa.array([name for name, *_ in stays], pa.int32()),
        "entry": pa.array([entry for _, entry, _ in stays], pa.int64()),
        "stale": pa.array([until[entry] for _, entry, _ in stays], pa.int64()),
    }
    slots = np.concatenate([slots for *_, slots in stays])
    return pa.table(columns | {f"slot_{k}": column for k, column in enumerate(slots.T)})


def _read_stays(state: Present, stream: str, said: pa.Table) -> None:
    slots = _block(said, "slot_", np.int32)
    columns = (said[name].to_pylist() for name in ("name", "entry", "stale"))
    for k, (name, entry, stale) in enumerate(zip(*columns, strict=True)):
        state.stays[stream, name] = entry, slots[k : k + 1]
        state.due.append((stale, entry, stream, name))


def _block(said: pa.Table, prefix: str, dtype: type[Any]) -> Array:
    """Columns of one kind side by side, shape (rows, columns)."""
    columns = [said[name].to_numpy() for name in said.column_names if name.startswith(prefix)]
    return np.column_stack(columns).astype(dtype) if columns else np.empty((said.num_rows, 0), dtype)
