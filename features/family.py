"""What a feature is: a named column (or a family of them) computed for subjects as of their own time."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np

from domain.manifest import Manifest
from domain.predictions import ModelName
from features.records import Columns, Floats, Moments, Names
from features.source import Source
from features.words import Words

T = TypeVar("T")


@dataclass(frozen=True)
class Text:
    """A column of categories or words: numbers of ``words``, shape (n,)."""

    numbers: Names
    words: Words


Made = Mapping[str, "Floats | Text"]
"""Columns by name, each of n cells: floats with NaN for "not known", or text."""


@dataclass(frozen=True)
class Asked:
    """A question to every feature, about n subjects.

    Attributes
    ----------
    source
        What was known, of anything, as of any of the moments.
    model
        For which model.
    subject
        Shape (n,): who is asked about, as names of the model's id column.
    as_of
        Shape (n,): the moment of each question, microseconds (UTC).
    record
        The subject's own record as known then (planned columns, attributes), with any column the asker changed.
    words
        The vocabulary of each column of the record.
    stage
        The stage of each question.
    """

    source: Source
    model: ModelName
    subject: Names
    as_of: Moments
    record: Columns
    words: Callable[[str], Words]
    stage: Text
    _derived: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return int(self.as_of.size)

    @property
    def manifest(self) -> Manifest:
        """What the data set says of itself."""
        return self.source.manifest

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """Something that several features of this question need, made for the first of them."""
        if what not in self._derived:
            self._derived[what] = make()
        found: T = self._derived[what]
        return found


@dataclass(frozen=True)
class Description:
    """One line of the catalogue. ``name`` may hold ``*`` where columns follow from the data.

    Attributes
    ----------
    inputs
        Columns it is made from.
    entity
        Columns that identify whose history it is; none for what is not history.
    half_life_days
        How fast that history fades; none where it does not.
    """

    name: str
    unit: str
    meaning: str
    inputs: tuple[str, ...]
    entity: tuple[str, ...] = ()
    half_life_days: float | None = None


class Family(Protocol):
    """A family of features: describes its columns, and computes them."""

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """What the catalogue says of each column."""
        ...

    def columns(self, asked: Asked) -> Made:
        """Columns of n cells."""
        ...


@dataclass(frozen=True)
class Feature:
    """A family of one column."""

    description: Description
    compute: Callable[[Asked], Floats]

    @property
    def descriptions(self) -> tuple[Description, ...]:
        """Its one line in the catalogue."""
        return (self.description,)

    def columns(self, asked: Asked) -> Made:
        """Its one column."""
        return {self.description.name: self.compute(asked)}


def feature(*, unit: str, meaning: str, inputs: tuple[str, ...]) -> Callable[[Callable[[Asked], Floats]], Feature]:
    """Turn a function of :class:`Asked` into a feature that bears the function's name."""

    def wrap(compute: Callable[[Asked], Floats]) -> Feature:
        return Feature(Description(compute.__name__, unit, meaning, inputs), compute)

    return wrap


def ratio(above: Floats, below: Floats) -> Floats:
    """``above / below``, NaN where ``below`` is not positive."""
    return above / np.where(below > 0, below, np.nan)
