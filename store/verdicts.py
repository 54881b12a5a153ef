"""Which rows of a table break which rule."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

AFTER_CUT_OFF = "known_at is after the cut-off"
"""Set aside because of the manifest, not because it is wrong: it does not count towards a bad table."""


class Verdicts:
    """The first rule that each of n rows breaks.

    Parameters
    ----------
    n
        Rows of the table as read.
    """

    def __init__(self, n: int) -> None:
        self._rule = np.full(n, -1, dtype=np.int32)
        self._rules: list[str] = []
        self._examples: dict[str, str] = {}

    def mark(self, rows: np.ndarray[Any, Any], rule: str, found: Callable[[int], object] | None = None) -> None:
        """Say that rows break a rule; a row that already breaks one keeps that.

        Parameters
        ----------
        rows
            Positions of rows, or a mask of n.
        rule
            In words, naming the column.
        found
            What stands in a row, for the example.
        """
        positions = np.flatnonzero(rows) if rows.dtype == bool else rows
        fresh = positions[self._rule[positions] < 0]
        if not len(fresh):
            return
        if rule not in self._rules:
            self._rules.append(rule)
            if found is not None:
                self._examples[rule] = _said(found(int(fresh[0])))
        self._rule[fresh] = self._rules.index(rule)

    @property
    def bad(self) -> np.ndarray[Any, Any]:
        """Shape (n,): the rows that break a rule."""
        return self._rule >= 0

    @property
    def wrong(self) -> int:
        """Rows that break a rule other than the cut-off."""
        return sum(count for rule, count in self.counts().items() if rule != AFTER_CUT_OFF)

    def counts(self) -> Mapping[str, int]:
        """Rows by rule, in the order of the rules' words."""
        counted = np.bincount(self._rule[self.bad], minlength=len(self._rules))
        return {rule: int(counted[i]) for i, rule in sorted(enumerate(self._rules), key=lambda item: item[1])}

    def rules(self) -> list[str]:
        """The rule of each bad row, in row order."""
        return [self._rules[i] for i in self._rule[self.bad]]

    def example(self, rule: str) -> str | None:
        """What stood in the first row that broke a rule, where that can be said."""
        return self._examples.get(rule)


def _said(value: object) -> str:
    return "empty" if pd.api.types.is_scalar(value) and pd.isna(value) else str(value)
