"""What families of features ask, and who answers: the past, read from tables, or the present, told event by event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.manifest import Manifest
from features.memory import Layout
from features.records import Columns, Floats, Moments, Names
from store.contracts.columns import Kind

Reader = Callable[[Floats], Floats]
"""Reads columns, shape (m, columns), out of recalled sums, shape (m, entities, half-lives, 1 + values)."""


@dataclass(frozen=True)
class Reached:
    """Milestones of n shipments: those of question q lie at ``begin[q]:end[q]``, in the order of knowledge.

    Attributes
    ----------
    known, superseded
        When each version was known, and when it was corrected.
    occurred, planned
        What it says.
    departure
        Whether it is the departure from pickup.
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    known: Moments
    superseded: Moments
    occurred: Moments
    planned: Moments
    departure: NDArray[np.bool_]


@dataclass(frozen=True)
class Offered:
    """Tenders of n shipments: those of question q lie at ``begin[q]:end[q]``.

    Attributes
    ----------
    tender
        Which tender each version is of.
    known, superseded
        When each version was known, and when it was corrected.
    answered, failed
        When its answer was known, and whether it is a failure.
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    tender: Names
    known: Moments
    superseded: Moments
    answered: Moments
    failed: NDArray[np.bool_]


class Source(Protocol):
    """Answers with what was known at each question's moment."""

    @property
    def manifest(self) -> Manifest:
        """What the data set says of itself."""
        ...

    def layout(self, stream: str) -> Layout | None:
        """The entities that a stream keeps; none where it was never told anything."""
        ...

    def recall(self, stream: str, who: Columns, as_of: Moments, read: Reader) -> Floats:
        """What ``read`` makes of the sums of each subject's entities, shape (n, columns)."""
        ...

    def readings(self) -> tuple[str, ...]:
        """Kinds of outside reading, in order."""
        ...

    def reading(self, name: str, places: Names, as_of: Moments) -> Floats:
        """The newest reading known at each place, NaN where none was."""
        ...

    def reached(self, shipments: Names) -> Reached:
        """Milestones of shipments."""
        ...

    def offered(self, shipments: Names) -> Offered:
        """Tenders of shipments."""
        ...


@dataclass(frozen=True)
class Shape:
    """What a live state can be told and remembers.

    Attributes
    ----------
    kinds
        Columns of each table and what they hold.
    layouts
        Entities of each stream.
    readings
        Kinds of outside reading that are features.
    """

    manifest: Manifest
    kinds: Mapping[str, Mapping[str, Kind]]
    layouts: Mapping[str, Layout]
    readings: tuple[str, ...]
