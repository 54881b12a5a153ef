"""Identical rows, duplicates and corrections of one table."""

from typing import Any

import numpy as np
import pandas as pd

from domain.facts import FACTS
from store.verdicts import Verdicts


def collapse(table: str, frame: pd.DataFrame, verdicts: Verdicts) -> np.ndarray[Any, Any]:
    """Find identical rows, and set aside rows that contradict each other.

    Rows with one fact key and one ``known_at`` that differ elsewhere all go: none says which is right.

    Parameters
    ----------
    table
        Name of the table.
    frame
        n rows in canonical dtypes, index 0 … n-1.
    verdicts
        Knows which rows are bad already, and learns of the contradictions.

    Returns
    -------
    numpy.ndarray
        Shape (n,): the good rows that repeat an earlier good one.
    """
    identity = [name for name in _identity(table) if name in frame]
    good = frame[~verdicts.bad]
    shared = good[good.duplicated(identity, keep=False)]
    repeats = np.zeros(len(frame), dtype=bool)
    repeats[shared.index[shared.duplicated()]] = True
    left = shared[~shared.duplicated()]
    clashing = left.index[left.duplicated(identity, keep=False)]
    # A clashing row's repeats clash as well: they are the same row.
    clash = _with_repeats(shared, clashing, identity)
    repeats[clash] = False
    key = ", ".join(FACTS[table].key)
    known = "" if FACTS[table].timeless else " and known_at"
    verdicts.mark(
        clash, f"duplicate id: the same {key}{known} with different content", lambda p: _shown(frame, identity, p)
    )
    return repeats


def corrections(table: str, kept: pd.DataFrame) -> int:
    """Rows that correct an earlier row of the same fact."""
    return int(kept.duplicated([name for name in FACTS[table].key if name in kept]).sum())


def _identity(table: str) -> list[str]:
    fact = FACTS[table]
    return [*fact.key, *(() if fact.timeless else ("known_at",))]


def _with_repeats(shared: pd.DataFrame, clashing: pd.Index, identity: list[str]) -> np.ndarray[Any, Any]:
    if not len(clashing):
        return np.array([], dtype=np.int64)
    groups = shared.groupby(identity, dropna=False, sort=False).ngroup()
    return np.asarray(groups.index[groups.isin(groups[clashing])])


def _shown(frame: pd.DataFrame, identity: list[str], position: int) -> str:
    row = frame.iloc[position]
    return ", ".join(f"{name} {row[name]}" for name in identity if pd.notna(row[name]))
