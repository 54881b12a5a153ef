"""What a feature is: a named column (or a family of them) computed for subjects as of their own time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from domain.predictions import ModelName
from store.dataset import Dataset

if TYPE_CHECKING:
    from features.history import HistoryBook


@dataclass(frozen=True)
class Asked:
    """A question to every feature.

    Attributes
    ----------
    dataset
        Where records come from; to be read through ``features.known`` only.
    model
        For which model.
    subjects
        n rows: ``subject_id``, ``stage``, ``as_of``, the id column.
    described
        n rows with the same index: the subject's own record as known at ``as_of`` (planned columns,
        attributes, ``lane``), with any column the asker changed.
    history
        Running aggregates of what became known.
    """

    dataset: Dataset
    model: ModelName
    subjects: pd.DataFrame
    described: pd.DataFrame
    history: "HistoryBook"

    @property
    def as_of(self) -> pd.Series:
        """The moment of each question (UTC)."""
        return self.subjects["as_of"]


@dataclass(frozen=True)
class Description:
    """One line of the catalogue. ``name`` may hold ``*`` where columns follow from the data."""

    name: str
    unit: str
    meaning: str
    inputs: tuple[str, ...]


class Family(Protocol):
    """A family of features: describes its columns, and computes them."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """What the catalogue says of each column."""
        ...

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Columns of n rows, index as ``asked.subjects``: floats, or text for categories."""
        ...


@dataclass(frozen=True)
class Feature:
    """A family of one column."""

    description: Description
    compute: Callable[[Asked], pd.Series]

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Its one line in the catalogue."""
        return (self.description,)

    def columns(self, asked: Asked) -> pd.DataFrame:
        """Its one column."""
        return self.compute(asked).rename(self.description.name).to_frame()


def feature(*, unit: str, meaning: str, inputs: tuple[str, ...]) -> Callable[[Callable[[Asked], pd.Series]], Feature]:
    """Turn a function of :class:`Asked` into a feature that bears the function's name."""

    def wrap(compute: Callable[[Asked], pd.Series]) -> Feature:
        return Feature(Description(compute.__name__, unit, meaning, inputs), compute)

    return wrap


def minutes_between(later: pd.Series, earlier: pd.Series) -> pd.Series:
    """Minutes from ``earlier`` to ``later``, NaN where either is unknown."""
    return (later - earlier) / pd.Timedelta(minutes=1)
