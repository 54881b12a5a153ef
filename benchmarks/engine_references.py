"""The same decayed sums by pandas, polars and DuckDB: running sums per entity, and an as-of join of the questions.

An outcome weighs 2^((k − L) / h) from a landmark L on (forward decay, Cormode et al. 2009), so that a running sum holds
for every later question. As 2^1024 is no float, L moves on after :data:`EPOCH` half-lives; running sums are those of an
entity within an epoch, and what came before is carried over.
"""

import math
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.engine_stream import KEYS, LAYOUT, SIZES, SPANS, Work
from features.records import Floats, Moments, Names

EPOCH = 980
"""Half-lives: three epochs of the shortest half-life make a year, and sums stay far below 2^1024."""
SHORTEST, *SLOW = LAYOUT.half_lives.tolist()
EPOCH_LENGTH = EPOCH * SHORTEST
WEIGHTS = tuple(f"{what}_{h}" for h in range(len(SPANS)) for what in ("count", "late"))
"""Columns of a running sum, in the order of the engine's outputs."""

SHORT, LONG = WEIGHTS[:2], WEIGHTS[2:]


def epochs_of(moments: Moments) -> NDArray[np.int64]:
    """Which epoch of the shortest half-life a moment falls in."""
    return np.asarray(moments // EPOCH_LENGTH)


@dataclass(frozen=True)
class Weighed:
    """Outcomes with their weights: what every reference starts from.

    Attributes
    ----------
    columns
        :data:`WEIGHTS`, each of shape (n,).
    cells
        For each key the entity and the epoch as one number, shape (n,).
    carried
        For each key what the shortest half-life's sums bring from earlier epochs, shape (n, 2).
    """

    columns: dict[str, Floats]
    epochs: NDArray[np.int64]
    cells: tuple[Names, ...]
    carried: tuple[Floats, ...]


def weighed(work: Work, order: NDArray[np.int64] | slice = slice(None)) -> Weighed:
    """Weights of outcomes in an order."""
    known, late = work.known[order], work.late[order]
    columns, epochs = {}, epochs_of(known)
    for h, half_life in enumerate(LAYOUT.half_lives):
        since = known - epochs * EPOCH_LENGTH if h == 0 else known
        columns[f"count_{h}"] = np.exp2(since / half_life)
        columns[f"late_{h}"] = columns[f"count_{h}"] * late
    short = [columns["count_0"], columns["late_0"]]
    cells = tuple(epochs * size + codes[order] for codes, size in zip(work.told, SIZES, strict=True))
    carried = tuple(_carried(cell, short, size) for cell, size in zip(cells, SIZES, strict=True))
    return Weighed(columns, epochs, cells, carried)


def _carried(cells: Names, weights: list[Floats], size: int) -> Floats:
    epochs = int(cells.max()) // size + 1
    totals = np.column_stack([np.bincount(cells, weight, epochs * size) for weight in weights])
    totals = totals.reshape(epochs, size, 2)
    carried: Floats = np.zeros_like(totals)
    for epoch in range(1, epochs):
        carried[epoch] = (carried[epoch - 1] + totals[epoch - 1]) * 2.0**-EPOCH
    return np.asarray(carried.reshape(-1, 2).take(cells, axis=0), dtype=np.float64)


def by_pandas(work: Work) -> Floats:
    """``groupby.cumsum`` and ``merge_asof``, which finds a row number: 30 columns are gathered from that at once."""
    told_order, asked_order = np.argsort(work.known), np.argsort(work.as_of)
    told = weighed(work, told_order)
    weights, long = pd.DataFrame(told.columns), list(LONG)
    events = pd.DataFrame({"at": work.known[told_order], "row": np.arange(told_order.size)})
    questions = pd.DataFrame({"at": work.as_of[asked_order]})
    found = np.empty((len(KEYS) * len(WEIGHTS), work.as_of.size))
    slow = [np.exp2(work.as_of / -half_life) for half_life in SLOW]
    for k, key in enumerate(KEYS):
        events[key], questions[key] = work.told[k][told_order], work.asked[k][asked_order]
        short = weights[list(SHORT)].groupby(told.cells[k]).cumsum().to_numpy() + told.carried[k]
        sums = np.hstack([short, weights[long].groupby(events[key]).cumsum().to_numpy()])
        joined = pd.merge_asof(questions[["at", key]], events[["at", key, "row"]], on="at", by=key)["row"]
        met, row = np.empty(asked_order.size, bool), np.empty(asked_order.size, np.int64)
        met[asked_order], row[asked_order] = joined.notna(), joined.fillna(0)
        root = np.where(met, np.exp2((work.as_of - told.epochs.take(row) * EPOCH_LENGTH) / (-2 * SHORTEST)), 0.0)
        for w, column in enumerate(sums.T):
            mine = column.take(row)
            found[k * len(WEIGHTS) + w] = mine * root * root if w < 2 else mine * np.where(met, slow[w // 2 - 1], 0.0)
    return found


def by_pandas_plainly(work: Work) -> Floats:
    """``groupby.cumsum`` and ``merge_asof`` as one writes them down: the join carries the sums, key by key."""
    told = weighed(work)
    events = pd.DataFrame({"at": work.known, "epoch": told.epochs, **dict(zip(KEYS, work.told, strict=True))})
    events = events.assign(**told.columns).sort_values("at")
    questions = pd.DataFrame({"at": work.as_of, **dict(zip(KEYS, work.asked, strict=True))}).sort_values("at")
    answers = []
    for k, key in enumerate(KEYS):
        sums = events[["at", "epoch", key]].copy()
        cells = pd.Series(told.cells[k]).reindex(events.index)
        sums[list(SHORT)] = events[list(SHORT)].groupby(cells).cumsum() + told.carried[k][events.index]
        sums[list(LONG)] = events.groupby(key)[list(LONG)].cumsum()
        joined = pd.merge_asof(questions[["at", key]], sums, on="at", by=key).set_index(questions.index)
        root = np.exp2((joined["at"] - joined["epoch"] * EPOCH_LENGTH) / (-2 * SHORTEST))
        decay = [np.exp2(joined["at"] / -half_life) for half_life in SLOW]
        shown = {w: joined[w] * root * root for w in SHORT}
        shown |= {w: joined[w] * decay[place // 2] for place, w in enumerate(LONG)}
        answers.append(pd.DataFrame(shown).sort_index().fillna(0.0).to_numpy().T)
    return np.vstack(answers)


def by_polars(work: Work) -> Floats:
    """``cum_sum().over`` and ``join_asof``, all keys at once on every core."""
    import polars as pl

    told = weighed(work)
    cells = {f"cell_{key}": cells for key, cells in zip(KEYS, told.cells, strict=True)}
    carried = {f"{w}_{key}": c[:, k] for key, c in zip(KEYS, told.carried, strict=True) for k, w in enumerate(SHORT)}
    events = pl.DataFrame(
        {"at": work.known, "epoch": told.epochs, **told.columns, **dict(zip(KEYS, work.told, strict=True)), **cells}
        | carried
    ).sort("at")
    asked = pl.DataFrame({"at": work.as_of, **dict(zip(KEYS, work.asked, strict=True))})
    asked = asked.with_row_index("asked").sort("at")
    answers = []
    for key in KEYS:
        short = [pl.col(w).cum_sum().over(f"cell_{key}") + pl.col(f"{w}_{key}") for w in SHORT]
        sums = events.lazy().select("at", "epoch", key, *short, *(pl.col(w).cum_sum().over(key) for w in LONG))
        joined = asked.lazy().select("asked", "at", key).join_asof(sums, on="at", by=key, check_sortedness=False)
        root = ((pl.col("at") - pl.col("epoch") * EPOCH_LENGTH) * (-math.log(2.0) / (2 * SHORTEST))).exp()
        decay = [(pl.col("at") * (-math.log(2.0) / half_life)).exp() for half_life in SLOW]
        shown = [pl.col(w) * root * root for w in SHORT] + [pl.col(w) * decay[k // 2] for k, w in enumerate(LONG)]
        answers.append(joined.select("asked", *(one.fill_null(0.0) for one in shown)).sort("asked").drop("asked"))
    return np.vstack([frame.to_numpy().T for frame in pl.collect_all(answers)])


SUMS = """
WITH sums AS (
    SELECT moment, epoch, {key},
           sum(count_0) OVER short + count_0_{key} AS s0, sum(late_0) OVER short + late_0_{key} AS s1,
           sum(count_1) OVER long AS s2, sum(late_1) OVER long AS s3,
           sum(count_2) OVER long AS s4, sum(late_2) OVER long AS s5
    FROM events
    WINDOW short AS (PARTITION BY cell_{key} ORDER BY moment ROWS UNBOUNDED PRECEDING),
           long AS (PARTITION BY {key} ORDER BY moment ROWS UNBOUNDED PRECEDING)
)
SELECT asked, {shown}
FROM asked ASOF LEFT JOIN sums ON asked.{key} = sums.{key} AND asked.moment >= sums.moment
"""


def by_duckdb(work: Work) -> Floats:
    """A window sum and an as-of join in SQL, on every core."""
    told = weighed(work)
    cells = {f"cell_{key}": cells for key, cells in zip(KEYS, told.cells, strict=True)}
    carried = {f"{w}_{key}": c[:, k] for key, c in zip(KEYS, told.carried, strict=True) for k, w in enumerate(SHORT)}
    own = {"moment": work.known, "epoch": told.epochs, **dict(zip(KEYS, work.told, strict=True))}
    events = pd.DataFrame({**own, **told.columns, **cells, **carried})
    questions = {"moment": work.as_of, "asked": np.arange(work.as_of.size), **dict(zip(KEYS, work.asked, strict=True))}
    found = np.empty((len(KEYS) * len(WEIGHTS), work.as_of.size))
    root = f"pow(2.0, (asked.moment - epoch * {EPOCH_LENGTH}) / {-2 * SHORTEST})"
    decay = [f"{root} * {root}"] + [f"pow(2.0, asked.moment / {-half_life})" for half_life in SLOW]
    shown = ", ".join(f"coalesce(s{w} * {decay[w // 2]}, 0.0) AS o{w}" for w in range(len(WEIGHTS)))
    with duckdb.connect() as connection:
        connection.register("events", events)
        connection.register("asked", pd.DataFrame(questions))
        for k, key in enumerate(KEYS):
            answer = connection.execute(SUMS.format(key=key, shown=shown)).fetchnumpy()
            for w in range(len(WEIGHTS)):
                found[k * len(WEIGHTS) + w, answer["asked"]] = answer[f"o{w}"]
    return found
