"""Entity history: decayed means of what became known of a carrier, a lane, a place, shrunk toward the parent.

An entity's mean is (S + k·m) / (N + k) with decayed sum S and count N of its outcomes, the parent's mean m and k
pseudo-outcomes (empirical Bayes with a fixed prior weight; Efron & Morris 1975), so that a new carrier starts at
what is known of all carriers. The whole network, which has no parent, is shrunk toward its own long-run mean.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from domain.predictions import ModelName
from features.entities import LONG_DAYS, STREAMS, Entity, Stream
from features.family import Asked, Description, Made
from features.memory import Layout
from features.records import Floats
from features.shrinkage import shrunk_means

PRIOR_WEIGHT = 10.0
USED: dict[ModelName, tuple[tuple[str, tuple[str, ...]], ...]] = {
    ModelName.ETA_RISK: (("deliveries", ("late", "delay")), ("departures", ("departure",))),
    ModelName.TENDER_FAILURE: (
        ("answers", ("failed",)),
        ("departures", ("departure",)),
        ("deliveries", ("late",)),
    ),
    ModelName.SEVERITY: (("resolutions", ("impact", "over_1", "over_2", "over_3")),),
}
"""Streams and values that each model looks at."""
VARIANCE = "delay_variance"
"""Mean of the square less the square of the mean: of an entity's own delays and of those it leans on together."""
VARIANCE_OF = (("carrier_id",), ("lane",))
"""Entities of which it is shown, at the long half-life."""
EXCESS = "failed_excess"
"""Mean less that of the whole network, in place of the mean at the long half-life. A market that turns lifts every
entity's mean for months after it; what a carrier or a lane is known for is how it differs from the others (0017)."""
DERIVED = {"deliveries": VARIANCE, "answers": EXCESS}
"""What is made of a stream's means, and shown after them."""
UNITS = {
    "impact": "log1p(impact)",
    "delay": "asinh(min / 15)",
    "departure": "asinh(min / 15)",
    VARIANCE: "asinh(min / 15)²",
    EXCESS: "±1",
}
WORDS = {VARIANCE: "variance of delay", EXCESS: "excess over the whole network of mean failed"}


class History:
    """Columns ``<entity>_<value>_<half-life>d``."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """One line for each stream, entity, half-life and value."""
        lines = []
        for stream, values in _values_kept().items():
            for entity in STREAMS[stream].entities:
                for days in entity.half_lives_days:
                    lines += [_line(entity, stream, value, days) for value in _values_of(entity, days, values)]
        own = Description("x_*_120d", "as the value", "history of a user's own category", ("x_*",), ("x_*",), LONG_DAYS)
        return (*lines, own)

    def columns(self, asked: Asked) -> Made:
        """Floats; NaN while nothing at all was known."""
        made: dict[str, Floats] = {}
        for stream, values in USED[asked.model]:
            layout = asked.source.layout(stream)
            if layout is not None:
                made |= _columns_of(asked, stream, layout, values)
        return made


def _values_of(entity: Entity, days: float, values: tuple[str, ...]) -> tuple[str, ...]:
    """Values shown of one entity at one half-life."""
    if days != LONG_DAYS:
        return values
    if "failed" in values:
        return (EXCESS,)
    return (*values, VARIANCE) if "delay" in values and entity.key in VARIANCE_OF else values


def _values_kept() -> dict[str, tuple[str, ...]]:
    """Every value of each stream that some model looks at."""
    kept: dict[str, tuple[str, ...]] = {}
    for stream, values in (pair for used in USED.values() for pair in used):
        kept[stream] = tuple(dict.fromkeys((*kept.get(stream, ()), *values)))
    return kept


@dataclass(frozen=True)
class Shown:
    """What is shown of a stream: names of the columns, and their places among entities, half-lives and values."""

    names: tuple[str, ...]
    entities: NDArray[np.int64]
    half_lives: NDArray[np.int64]
    values: NDArray[np.int64]
    long: int


@lru_cache(maxsize=64)
def _shown(layout: Layout, model: ModelName, values: tuple[str, ...]) -> Shown:
    """A user's own category is shown to the one model that the stream keeps it for."""
    spans, kept = layout.stream.half_lives_days, (*layout.stream.values, DERIVED.get(layout.stream.name))
    places = [
        (_column(entity, value, days), e, spans.index(days), kept.index(value))
        for e, entity in enumerate(layout.entities)
        if layout.stream.own is model or not entity.own
        for days in entity.half_lives_days
        for value in _values_of(entity, days, values)
    ]
    names, *others = zip(*places, strict=True)
    entities, half_lives, columns = (np.array(place) for place in others)
    return Shown(names, entities, half_lives, columns, spans.index(LONG_DAYS))


def _columns_of(asked: Asked, stream: str, layout: Layout, values: tuple[str, ...]) -> dict[str, Floats]:
    shown = _shown(layout, asked.model, values)

    def read(answers: Floats) -> Floats:
        means = shrunk_means(answers, layout.parents, layout.kept, shown.long, PRIOR_WEIGHT)
        if "delay" in values:
            means = np.concatenate([means, _variance(layout.stream, means)], axis=-1)
        if "failed" in values:
            means = np.concatenate([means, means - means[:, :1]], axis=-1)
        return np.asarray(means[:, shown.entities, shown.half_lives, shown.values])

    found = asked.source.recall(stream, asked.record, asked.as_of, read)
    return dict(zip(shown.names, found, strict=True))


def _variance(stream: Stream, means: Floats) -> Floats:
    """That of the delay from its mean and its square's, shape (n, entities, half-lives, 1)."""
    delay, square = (means[..., stream.values.index(value)] for value in ("delay", "delay_squared"))
    return np.maximum(square - delay * delay, 0.0)[..., None]


def _column(entity: Entity, value: str, days: float) -> str:
    return f"{entity.name}_{value}_{days:g}d"


def _line(entity: Entity, stream: str, value: str, days: float) -> Description:
    of = "the whole network" if not entity.key else " × ".join(entity.key)
    what = WORDS.get(value, f"mean of {value}")
    meaning = f"decayed, shrunk {what} among {stream} of {of}, half-life {days:g} d"
    inputs = (*entity.key, stream)
    return Description(_column(entity, value, days), UNITS.get(value, "0–1"), meaning, inputs, entity.key, days)
