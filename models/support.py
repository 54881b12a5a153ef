"""Whether what is asked lies within what a model was trained on; if not, why, in the catalogue's words.

What is watched: the stage; columns of the plan, of the progress and the user's own, where they matter to the model (it
splits on them, or on the history of whom they name); and the lane. Values never seen, numbers far beyond any that was
seen. What is new as a matter of course is not watched: each check is first learned on the earlier part of the training
rows and tried on the later, and checks are taken, the quietest first, as long as all of them together would have
spoken of few of the later rows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.attributes import CATEGORIES, Attributes
from features.catalogue import FAMILIES
from features.family import Description
from features.frame_file import FrameFile
from features.plan import Plan
from features.progress import Progress

BUDGET, OTHER_BUDGET = 0.025, 0.005
"""Shares of the later rows of which checks may speak together: those of whom the plan names (a carrier, an origin, a
lane), where silence costs most; and those of all other columns."""
EARLIER = 2 / 3
"""Share of the rows, in time order, on which a check is first learned."""
MARGIN, OUTERMOST = 0.25, 0.005
"""How far beyond the extremes a number is far: a share of the span between these outermost quantiles."""
MOST_VALUES, ROWS_A_VALUE = 5_000, 5
"""Values of a column that is watched, and rows for each of them, below which its values are names."""
MOST_TOLD = 3
LANE = ("origin_id", "destination_id")
ARROW = " → "
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Support:
    """What a model was trained on, as far as it is watched; by default nothing is.

    Attributes
    ----------
    stages
        Stages trained on.
    values
        Text column → every value seen; ``"origin_id → destination_id"`` → every lane.
    ranges
        Number column → least and greatest value seen, and how far beyond them is far.
    """

    stages: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def reasons(self, frame: pd.DataFrame) -> pd.Series:
        """Why each of n rows lies outside, null where it does not; text, index as ``frame``."""
        told: dict[int, list[str]] = {}
        for name, flagged in self.flags(frame).items():
            for row in np.flatnonzero(flagged).tolist():
                told.setdefault(row, []).append(self._words(name, frame, row))
        made = np.full(len(frame), None, dtype=object)
        for row, words in told.items():
            made[row] = "; ".join(words[:MOST_TOLD])
        return pd.Series(made, index=frame.index, dtype="str")

    def flags(self, frame: pd.DataFrame) -> dict[str, Flags]:
        """By check, the rows that it speaks of; checks of columns that the frame lacks are silent."""
        made = {}
        for name, seen in self._seen.items():
            said = _texts(frame, name)
            if said is not None:
                made[name] = _unseen(said, seen)
        names = [name for name in self.ranges if name in frame]
        if names:
            low, high, far = np.array([self.ranges[name] for name in names]).T
            numbers = frame[names].to_numpy(np.float64, na_value=np.nan)
            beyond = (numbers < low - far) | (numbers > high + far)
            made |= {name: beyond[:, k] for k, name in enumerate(names)}
        return made

    @cached_property
    def _seen(self) -> dict[str, frozenset[str]]:
        stages = {"stage": self.stages} if self.stages else {}
        return {name: frozenset(seen) for name, seen in {**stages, **self.values}.items()}

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "stages": list(self.stages),
            "values": {name: list(seen) for name, seen in self.values.items()},
            "ranges": {name: list(span) for name, span in self.ranges.items()},
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Support":
        """Read back what :meth:`as_json` gave."""
        values = {name: tuple(seen) for name, seen in document["values"].items()}
        ranges = {name: (low, high, far) for name, (low, high, far) in document["ranges"].items()}
        return cls(tuple(document["stages"]), values, ranges)

    def _words(self, name: str, frame: pd.DataFrame, row: int) -> str:
        if name in self.ranges:
            low, high, _ = self.ranges[name]
            return f"{_called(name)} is {frame[name].iloc[row]:,.6g}, trained on {low:,.6g} to {high:,.6g}{_unit(name)}"
        if name == "stage":
            return f"the stage {frame['stage'].iloc[row]!r} was never trained on"
        said = _texts(frame, name)
        assert said is not None, "a check that spoke has its columns"
        return f"{_called(name)} {said.iloc[row]!r} was never seen in training"


def learn_support(frame: pd.DataFrame | FrameFile, used: Collection[str]) -> Support:
    """Learn from the training part, n rows in time order.

    Parameters
    ----------
    used
        Columns of the frame that the model splits on.
    """
    frame = pd.DataFrame({name: frame[name] for name in frame if name in ("stage", *LANE) or _is_own(name)})
    stages = tuple(sorted(frame["stage"].dropna().unique().tolist()))
    matter = _matter(used)
    watched = [name for name in (*frame.columns, ARROW.join(LANE)) if _watched(name, frame, matter)]
    begin = round(len(frame) * EARLIER)
    earlier, later = frame.iloc[:begin], frame.iloc[begin:]
    if not len(earlier) or not len(later):
        return Support(stages)
    return _learned(frame, _quiet(_learned(earlier, watched), later), stages)


def columns_used(booster: str) -> frozenset[str]:
    """Columns that a booster splits on, by its text."""
    _, _, told = booster.partition("\nfeature_importances:\n")
    lines = (line.rpartition("=") for line in told.partition("\n\n")[0].splitlines())
    return frozenset(name.partition("~")[0] for name, _, splits in lines if splits.isdigit() and int(splits))


def _quiet(tried: Support, later: pd.DataFrame) -> list[str]:
    """Checks that are quiet enough: of whom the plan names, and, more strictly, of all else."""
    flags = tried.flags(later)
    named = {name for name in flags if name in CATEGORIES or name == ARROW.join(LANE)}
    return [*_within(BUDGET, flags, named), *_within(OTHER_BUDGET, flags, set(flags) - named)]


def _within(budget: float, flags: Mapping[str, Flags], names: Collection[str]) -> list[str]:
    """Checks by how rarely they speak, as long as all together keep within a share of the rows."""
    kept: list[str] = []
    any_spoke = np.array([False])
    for name in sorted(names, key=lambda name: (int(flags[name].sum()), name)):
        any_spoke = any_spoke | flags[name]
        if any_spoke.mean() > budget:
            break
        kept.append(name)
    return kept


def _learned(frame: pd.DataFrame, names: Collection[str], stages: tuple[str, ...] = ()) -> Support:
    values, ranges = {}, {}
    for name in names:
        said = _texts(frame, name)
        if said is not None:
            values[name] = tuple(sorted(said.dropna().unique().tolist()))
        elif (span := _span(frame[name])) is not None:
            ranges[name] = span
    return Support(stages, values, ranges)


def _span(column: pd.Series) -> tuple[float, float, float] | None:
    """Extremes and how far beyond is far; none of a number that never varied, which only says that it is there.

    Silence is such a one: training asks at milestones, when there is none yet, a plan asks whenever it is made.
    """
    numbers = column.to_numpy(np.float64, na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size or numbers.min() == numbers.max():
        return None
    low, high = np.quantile(numbers, [OUTERMOST, 1 - OUTERMOST]).tolist()
    return float(numbers.min()), float(numbers.max()), MARGIN * max(high - low, abs(high), abs(low))


def _unseen(said: pd.Series, seen: frozenset[str]) -> Flags:
    """Which of n values were never seen; one that is missing says nothing."""
    codes, values = pd.factorize(said)
    new = np.array([value not in seen for value in values], dtype=np.bool_)
    return np.asarray(np.append(new, False)[codes])


def _texts(frame: pd.DataFrame, name: str) -> pd.Series | None:
    """The values of a text column, or of both ends of a lane; ``None`` where it is no text of the frame."""
    if name == ARROW.join(LANE):
        if not set(LANE) <= set(frame.columns):
            return None
        return frame[LANE[0]].astype("str") + ARROW + frame[LANE[1]].astype("str")
    return frame[name] if name in frame and pd.api.types.is_string_dtype(frame[name]) else None


def _watched(name: str, frame: pd.DataFrame, matter: Collection[str]) -> bool:
    """Whether a column is the subject's own rather than history, matters, and has values rather than names."""
    said = _texts(frame, name)
    if name == ARROW.join(LANE):
        return said is not None and "lane" in matter and _repeats(said)
    return _is_own(name) and name != "stage" and name in matter and (said is None or _repeats(said))


def _is_own(name: str) -> bool:
    line = _line(name)
    return line is not None and line.name in _own_lines()


def _repeats(said: pd.Series) -> bool:
    return bool(0 < said.nunique() <= min(MOST_VALUES, len(said) / ROWS_A_VALUE))


def _matter(used: Collection[str]) -> frozenset[str]:
    """Columns used, and those that name whose history is used."""
    lines = (line for name in used if (line := _line(name)) is not None)
    return frozenset(used) | {key for line in lines for key in line.entity}


@cache
def _line(column: str) -> Description | None:
    """The catalogue's line of a column: of its name, or the longest pattern that fits."""
    fitting = [
        line
        for family in FAMILIES
        for line in family.descriptions
        if line.name == column or fnmatchcase(column, line.name)
    ]
    return max(fitting, key=lambda line: (line.name == column, len(line.name)), default=None)


@cache
def _own_lines() -> frozenset[str]:
    """Names of the lines that describe the subject itself."""
    return frozenset(line.name for family in (Plan(), Progress(), Attributes()) for line in family.descriptions)


def _called(name: str) -> str:
    """A column by its name and what the catalogue says it means."""
    if name == ARROW.join(LANE):
        return "the lane"
    line = _line(name)
    return name if line is None or line.name != name or line.unit == "category" else f"{name} ({line.meaning})"


def _unit(name: str) -> str:
    line = _line(name)
    return "" if line is None or line.unit == "as recorded" else f" {line.unit}"
