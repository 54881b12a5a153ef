"""Slices of the test part that measures are told of, never only pooled.

By stage, hours to go and both together; by depth in the routing guide, lead time, both together, and with the market's
regime; by kind, mode, lane class and month: what a model has of these. A slice with fewer rows than tell anything is
left out, and counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.predictions import ModelName

Bools = NDArray[np.bool_]
MIN_SLICE_ROWS = 30
MOST_VALUES = 12
"""Values of a category that are slices of their own, the most frequent ones."""
HOURS = (0.0, 6.0, 24.0, 72.0, np.inf)
DEPTHS = (1.0, 2.0, 3.0, np.inf)
MARKET, MARKETS = "all_failed_0.125d", (0.0, 0.15, np.inf)
"""Recent refusals in the whole network, and from which share of them on a market is tight rather than calm."""
OVERDUE = "overdue"
AND = ", "


@dataclass(frozen=True)
class Slices:
    """Rows of each slice that is told of, and how many those have that are not.

    Attributes
    ----------
    rows
        Name, such as ``stage=AF`` or ``stage=AF, hours_to_go=6-24`` → rows, shape (n,).
    few
        Name → number of rows, of slices with fewer than :data:`MIN_SLICE_ROWS`.
    """

    rows: dict[str, Bools] = field(default_factory=dict)
    few: dict[str, int] = field(default_factory=dict)


def cut(model: ModelName, subjects: pd.DataFrame, frame: pd.DataFrame) -> Slices:
    """Slices of n subjects by what is known of them in their features."""
    found = {name: rows for name, rows in _slices(model, subjects, frame) if rows.any()}
    told = {name: rows for name, rows in found.items() if rows.sum() >= MIN_SLICE_ROWS}
    return Slices(told, {name: int(rows.sum()) for name, rows in found.items() if name not in told})


def declared(subjects: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Bools]:
    """Slices in which probabilities and bands have to hold: mode × stage × lane class, of those that there are."""
    columns = [frame[name] for name in ("mode", "lane_class") if name in frame]
    made = [_values(subjects["stage"], "stage"), *(_values(column, str(column.name)) for column in columns)]
    crossed = made[0]
    for further in made[1:]:
        crossed = dict(_crossed(crossed, further))
    return {name: rows for name, rows in crossed.items() if rows.any()}


def _slices(model: ModelName, subjects: pd.DataFrame, frame: pd.DataFrame) -> Iterator[tuple[str, Bools]]:
    if model is ModelName.ETA_RISK:
        yield from _both(_stages(subjects, frame), _hours(frame, "to_delivery_min", "hours_to_go"))
    if model is ModelName.TENDER_FAILURE:
        depths, hours = _spans(frame, "sequence", "depth", DEPTHS), _hours(frame, "to_pickup_min", "lead_time_h")
        yield from _both(depths, hours)
        yield from _both(_spans(frame, MARKET, "refused_lately", MARKETS), dict(_crossed(depths, hours)), first=True)
    for name in (*(("kind",) if model is ModelName.SEVERITY else ()), "mode", "lane_class"):
        found = _values(frame[name], name) if name in frame else {}
        yield from found.items() if len(found) > 1 else ()
    yield from _values(subjects["as_of"].dt.strftime("%Y-%m"), "month", most=None).items()


def _both(one: dict[str, Bools], other: dict[str, Bools], first: bool = False) -> Iterator[tuple[str, Bools]]:
    """Each by itself, or the ``first`` alone, then crossed where both have several."""
    yield from one.items()
    yield from () if first else other.items()
    if len(one) > 1 and len(other) > 1:
        yield from _crossed(one, other)


def _crossed(one: dict[str, Bools], other: dict[str, Bools]) -> Iterator[tuple[str, Bools]]:
    for name, rows in one.items():
        for further, those in other.items():
            yield f"{name}{AND}{further}", rows & those


def _values(column: pd.Series, name: str, most: int | None = MOST_VALUES) -> dict[str, Bools]:
    """A slice for each of the most frequent values, by name."""
    frequent = sorted(map(str, column.value_counts().index[:most]))
    spoken = column.astype("str").to_numpy()
    return {f"{name}={value}": spoken == value for value in frequent}


def _stages(subjects: pd.DataFrame, frame: pd.DataFrame) -> dict[str, Bools]:
    """In the order in which they come, the most time left first."""
    left = frame["to_delivery_min"].groupby(subjects["stage"].astype("str").to_numpy()).mean()
    found = _values(subjects["stage"], "stage", most=None)
    return {f"stage={stage}": found[f"stage={stage}"] for stage in left.sort_values(ascending=False).index}


def _hours(frame: pd.DataFrame, column: str, name: str) -> dict[str, Bools]:
    """Spans of hours from minutes, and what is past its moment."""
    if column not in frame:
        return {}
    spans = _spans(frame.assign(**{column: frame[column] / 60.0}), column, name, HOURS)
    return {**spans, f"{name}={OVERDUE}": (frame[column] < 0).to_numpy()}


def _spans(frame: pd.DataFrame, column: str, name: str, edges: Sequence[float]) -> dict[str, Bools]:
    """Rows from each edge up to the next; a span of 1 is called by where it begins."""
    if column not in frame:
        return {}
    values, pairs = frame[column].to_numpy(np.float64), pairwise(edges)
    return {
        f"{name}={low:g}" + (f"-{high:g}" if high - low != 1 else ""): (values >= low) & (values < high)
        for low, high in pairs
    }
