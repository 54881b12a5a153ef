"""Entity history: decayed rates of what became known of a carrier, a lane, a place, shrunk toward the parent.

An entity's mean is (S + k·m) / (N + k) with decayed sum S and count N of its outcomes, the parent's mean m and k
pseudo-outcomes (empirical Bayes with a fixed prior weight; Efron & Morris 1975), so that a new carrier starts at
what is known of all carriers. The whole network, which has no parent, is shrunk toward its own long-run mean.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import ModelName
from features.attributes import own_attributes
from features.family import Asked, Description
from features.kernel import running_sums, sums_as_of
from features.streams import STREAMS
from store.dataset import Dataset

PRIOR_WEIGHT = 10.0
SHORT_DAYS, MIDDLE_DAYS, LONG_DAYS = 0.125, 7.0, 120.0
MAX_ATTRIBUTES = 40


@dataclass(frozen=True)
class Entity:
    """Columns that identify an entity, the half-lives kept for it, and the entity it is shrunk toward."""

    key: tuple[str, ...]
    half_lives_days: tuple[float, ...]
    parent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As it appears in column names; the whole network has no key."""
        return "_x_".join(part.removesuffix("_id") for part in self.key) or "all"


ALL = Entity((), (SHORT_DAYS,))
"""The whole network, of late only: its slow level and all counts grow with time, and trees would learn the date."""
RECENT_AND_LONG = (MIDDLE_DAYS, LONG_DAYS)
ENTITIES: dict[str, tuple[Entity, ...]] = {
    "deliveries": (
        ALL,
        Entity(("carrier_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("origin_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("destination_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("lane",), RECENT_AND_LONG, ("origin_id",)),
        Entity(("customer_id",), RECENT_AND_LONG),
        Entity(("carrier_id", "lane"), (LONG_DAYS,), ("carrier_id",)),
    ),
    "departures": (
        ALL,
        Entity(("origin_id",), (SHORT_DAYS, MIDDLE_DAYS)),
        Entity(("carrier_id",), (SHORT_DAYS, MIDDLE_DAYS)),
        Entity(("carrier_id", "origin_id"), (SHORT_DAYS,), ("origin_id",)),
        Entity(("destination_id",), (SHORT_DAYS,)),
    ),
    "answers": (
        ALL,
        Entity(("carrier_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("origin_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("destination_id",), (SHORT_DAYS, *RECENT_AND_LONG)),
        Entity(("lane",), RECENT_AND_LONG, ("origin_id",)),
        Entity(("customer_id",), RECENT_AND_LONG),
        Entity(("carrier_id", "lane"), (LONG_DAYS,), ("carrier_id",)),
    ),
    "resolutions": (
        ALL,
        Entity(("kind",), RECENT_AND_LONG),
        Entity(("site_id",), RECENT_AND_LONG),
        Entity(("carrier_id",), RECENT_AND_LONG),
        Entity(("customer_id",), (LONG_DAYS,)),
        Entity(("site_id", "shift"), (LONG_DAYS,), ("site_id",)),
    ),
}
USED: dict[ModelName, tuple[tuple[str, tuple[str, ...]], ...]] = {
    ModelName.ETA_RISK: (("deliveries", ("late", "delay")), ("departures", ("departure",))),
    ModelName.TENDER_FAILURE: (
        ("answers", ("failed",)),
        ("departures", ("departure",)),
        ("deliveries", ("late",)),
    ),
    ModelName.SEVERITY: (("resolutions", ("impact", "over_1", "over_2", "over_3")),),
}
"""Streams and values that each model looks at; the first stream is also kept by each of the user's categories."""


@dataclass(frozen=True)
class Sums:
    """Events of one stream by one entity, sorted by (entity, order of knowledge), with their running sums."""

    starts: NDArray[np.int64]
    known: NDArray[np.int64]
    sums: NDArray[np.float64]
    half_life_days: float

    def as_of(self, entities: NDArray[np.int64], as_of: NDArray[np.int64]) -> NDArray[np.float64]:
        """Decayed count and sums, shape (n, 1 + values)."""
        return np.asarray(sums_as_of(self.starts, self.known, self.sums, entities, as_of, self.half_life_days))


class HistoryBook:
    """Running aggregates of one data set, made once per stream, entity and half-life."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._streams: dict[str, pd.DataFrame] = {}
        self._labels: dict[tuple[str, tuple[str, ...]], pd.Index] = {}
        self._sums: dict[tuple[str, tuple[str, ...], tuple[str, ...], float], Sums] = {}

    def stream(self, name: str) -> pd.DataFrame:
        """The stream of that name."""
        if name not in self._streams:
            self._streams[name] = STREAMS[name](self._dataset)
        return self._streams[name]

    def means(
        self, stream: str, entity: Entity, half_life_days: float, values: tuple[str, ...], asked: Asked
    ) -> NDArray[np.float64]:
        """Shrunk means of each subject's entity as of its moment, shape (n, values); NaN while nothing was known."""
        answer = self._ask(stream, entity.key, half_life_days, values, asked)
        count, sums = answer[:, 0], answer[:, 1:]
        if not entity.key and half_life_days >= LONG_DAYS:
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(sums / count[:, None])
        parent_days = half_life_days if entity.key else LONG_DAYS
        prior = self.means(stream, Entity(entity.parent, ()), parent_days, values, asked)
        shrunk = (sums + PRIOR_WEIGHT * np.nan_to_num(prior)) / (count + PRIOR_WEIGHT)[:, None]
        return np.where(np.isnan(prior), np.nan, shrunk)

    def _ask(
        self, stream: str, key: tuple[str, ...], half_life_days: float, values: tuple[str, ...], asked: Asked
    ) -> NDArray[np.float64]:
        sums = self._running(stream, key, half_life_days, values)
        entities = self._positions(stream, key, asked.described)
        return sums.as_of(entities, _microseconds(asked.as_of))

    def _running(self, stream: str, key: tuple[str, ...], half_life_days: float, values: tuple[str, ...]) -> Sums:
        wanted = (stream, key, values, half_life_days)
        if wanted not in self._sums:
            events = self.stream(stream)
            entities = self._positions(stream, key, events)
            order = np.argsort(entities, kind="stable")[int((entities < 0).sum()) :]
            sizes = np.bincount(entities[order], minlength=len(self._labels[stream, key]))
            starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            known = _microseconds(events["known_at"])[order]
            first = _microseconds(events["first_known_at"])[order]
            changes = events[["count", *values]].to_numpy(np.float64)[order]
            sums = running_sums(starts, known, first, changes, half_life_days)
            self._sums[wanted] = Sums(starts, known, sums, half_life_days)
        return self._sums[wanted]

    def _positions(self, stream: str, key: tuple[str, ...], rows: pd.DataFrame) -> NDArray[np.int64]:
        """Number of each row's entity among those of the stream, −1 for one never seen or not named."""
        if (stream, key) not in self._labels:
            self._labels[stream, key] = pd.Index(_label(key, self.stream(stream)).dropna().unique())
        return np.asarray(self._labels[stream, key].get_indexer(_label(key, rows)), dtype=np.int64)


def _label(key: tuple[str, ...], rows: pd.DataFrame) -> pd.Series:
    """One text per row that names its entity, null where a part is; the whole network is one entity."""
    if not key:
        return pd.Series("all", index=rows.index, dtype="str")
    if any(part not in rows for part in key):
        return pd.Series(None, index=rows.index, dtype="str")
    label = rows[key[0]].astype("str")
    for part in key[1:]:
        label = label + "\x1f" + rows[part].astype("str")
    return label


def _microseconds(moments: pd.Series) -> NDArray[np.int64]:
    return np.asarray(moments.dt.tz_convert(None).to_numpy("datetime64[us]").astype(np.int64))


class History:
    """Columns ``<entity>_<value>_<half-life>d``."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line for each stream, entity, half-life and value."""
        lines = []
        for stream, values in _values_kept().items():
            for entity in ENTITIES[stream]:
                for days in entity.half_lives_days:
                    lines += [_line(entity, stream, value, days) for value in values]
        return (
            *lines,
            Description("x_*_history", "as the value", "history of a user's own category", ("x_*",)),
        )

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Floats; NaN while nothing at all was known."""
        made: dict[str, NDArray[np.float64]] = {}
        for stream, values in USED[asked.model]:
            if not asked.history.stream(stream).empty:
                own = _own_entities(asked) if stream == USED[asked.model][0][0] else []
                for entity in (*ENTITIES[stream], *own):
                    if all(_kept(asked, stream, part) for part in entity.key):
                        made |= _columns_of(asked, stream, values, entity)
        return pd.DataFrame(made, index=asked.subjects.index)


def _values_kept() -> dict[str, tuple[str, ...]]:
    """Every value of each stream that some model looks at."""
    kept: dict[str, tuple[str, ...]] = {}
    for stream, values in (pair for used in USED.values() for pair in used):
        kept[stream] = tuple(dict.fromkeys((*kept.get(stream, ()), *values)))
    return kept


def _columns_of(asked: Asked, stream: str, values: tuple[str, ...], entity: Entity) -> dict[str, NDArray[np.float64]]:
    made: dict[str, NDArray[np.float64]] = {}
    for days in entity.half_lives_days:
        means = asked.history.means(stream, entity, days, values, asked)
        made |= {_column(entity, value, days): means[:, k] for k, value in enumerate(values)}
    return made


def _own_entities(asked: Asked) -> list[Entity]:
    own = [name for name in own_attributes(asked.described) if pd.api.types.is_string_dtype(asked.described[name])]
    return [Entity((name,), (LONG_DAYS,)) for name in own[:MAX_ATTRIBUTES]]


def _kept(asked: Asked, stream: str, part: str) -> bool:
    """Whether the stream knows such entities at all; a subject without one gets what is known of the parent."""
    events = asked.history.stream(stream)
    return part in events and bool(events[part].notna().any())


def _column(entity: Entity, value: str, days: float) -> str:
    return f"{entity.name}_{value}_{days:g}d"


def _line(entity: Entity, stream: str, value: str, days: float) -> Description:
    of = "the whole network" if not entity.key else " × ".join(entity.key)
    meaning = f"decayed, shrunk mean of {value} among {stream} of {of}, half-life {days:g} d"
    return Description(_column(entity, value, days), UNITS.get(value, "0–1"), meaning, entity.key or ("known_at",))


UNITS = {"delay": "asinh(min / 15)", "departure": "asinh(min / 15)", "impact": "log1p(impact)"}
