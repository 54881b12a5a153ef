"""Evidence that adds up within groups as it becomes known: looked up as of a moment."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from simulator.network.noise import Floats, Ints


@dataclass(frozen=True)
class Running:
    """Sums of evidence by group and time.

    Attributes
    ----------
    code
        Group and time as one ascending number.
    group
        Group of each entry.
    values
        (entries, …): sum of the group's evidence up to and with each.
    span_min
        More than any time: what tells groups apart within ``code``.
    """

    code: Floats
    group: Ints
    values: Floats
    span_min: float

    @classmethod
    def of(cls, group: Ints, known_at: Floats, evidence: Floats, span_min: float) -> Self:
        """Add up evidence (entries, …)."""
        sorted_ = cls.as_is(group, known_at, evidence, span_min)
        return cls(sorted_.code, sorted_.group, summed(sorted_.group, sorted_.values), span_min)

    @classmethod
    def as_is(cls, group: Ints, known_at: Floats, values: Floats, span_min: float) -> Self:
        """Entries that say already what they come to."""
        code = _code(group, known_at, span_min)
        order = np.argsort(code, kind="stable")
        return cls(code[order], group[order], values[order], span_min)

    def until(self, group: Ints, as_of: Floats) -> tuple[Ints, Floats]:
        """Entry that was the group's last as of a time, and 1 where there is one, 0 where there is none."""
        if not len(self.code):
            return np.zeros(np.shape(group), dtype=np.int64), np.zeros(np.shape(group))
        row = np.searchsorted(self.code, _code(group, as_of, self.span_min), side="right") - 1
        row = np.maximum(row, 0)
        found = (self.group[row] == group) & (self.code[row] <= _code(group, as_of, self.span_min))
        return row, found * 1.0


def _code(group: Ints, moment: Floats, span_min: float) -> Floats:
    return np.asarray(group * span_min + np.clip(moment, 0.0, 0.999 * span_min))


def summed(group: Ints, evidence: Floats) -> Floats:
    """Running sums that start anew with each group."""
    if not len(group):
        return evidence
    total = np.cumsum(evidence, axis=0)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    before = np.concatenate([np.zeros((1, *evidence.shape[1:])), total[starts[1:] - 1]])
    return np.asarray(total - np.repeat(before, np.diff(np.r_[starts, len(group)]), axis=0))
