"""What was known at a time. The only place that compares ``known_at`` with ``as_of``.

A question as of t sees every record with ``known_at`` ≤ t, in its latest version known by then;
the second half of a row (the answer, the impact) only where its own known time is ≤ t.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from domain.facts import FACTS, Fact
from features.places import Places
from store.dataset import Dataset

FEW = 20
"""Questions are few where there are this many times more records."""


def as_known(dataset: Dataset, table: str, as_of: datetime) -> pd.DataFrame:
    """One row per fact of a table: its latest version known at ``as_of``, unknown second halves blank."""
    fact = FACTS[table]
    if fact.timeless:
        return dataset.table(table)
    versions = versions_known(dataset, table, as_of)
    return versions.drop_duplicates(list(fact.key), keep="last").reset_index(drop=True)


def versions_known(dataset: Dataset, table: str, as_of: datetime) -> pd.DataFrame:
    """Every version of every fact known at ``as_of``, in the order of knowledge, unknown second halves blank."""
    frame, moment = dataset.table(table), pd.Timestamp(as_of)
    return _blanked(frame[frame["known_at"] <= moment].reset_index(drop=True), FACTS[table], moment)


def look_up(questions: pd.DataFrame, dataset: Dataset, table: str, by: Sequence[str] | None = None) -> pd.DataFrame:
    """For each question the row of a table as known at the question's own ``as_of``.

    Parameters
    ----------
    questions
        n rows with ``as_of`` and the key columns.
    by
        Columns that identify the row, by default the fact key of the table.

    Returns
    -------
    pandas.DataFrame
        n rows with the index of ``questions``: the table's columns without the key, null where nothing was known.
    """
    fact = FACTS[table]
    keys = list(by or fact.key)
    found = latest_known(questions, _meant(dataset, table, keys[0], questions[keys[0]]), keys)
    return _blanked(found, fact, questions["as_of"])


def latest_known(questions: pd.DataFrame, records: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """As-of join: per question the last of ``records`` (sorted by ``known_at``) with its keys and known by then."""
    asked = questions[[*keys, "as_of"]].reset_index(drop=True)
    asked = asked.assign(_row=asked.index).dropna(subset=keys).sort_values("as_of", kind="stable")
    joined = pd.merge_asof(
        asked,
        records.dropna(subset=keys),
        left_on="as_of",
        right_on="known_at",
        by=keys,
        suffixes=("", "_record"),
    )
    columns = [name for name in records.columns if name not in keys]
    found = joined.set_index("_row")[columns].reindex(range(len(questions)))
    return found.set_axis(questions.index, axis=0)


def known_pairs(questions: pd.DataFrame, dataset: Dataset, table: str, on: str) -> pd.DataFrame:
    """Every record of a table that shares ``on`` with a question and was known then, in order of knowledge.

    Of each fact the latest version. Returns the records' columns with ``_row``, the position of the question, and
    ``as_of``.
    """
    asked = pd.DataFrame(
        {on: questions[on].array, "as_of": questions["as_of"].array, "_row": range(len(questions))}
    ).dropna(subset=[on])
    fact, records = FACTS[table], _meant(dataset, table, on, asked[on])
    pairs = asked.merge(records, on=on, how="inner", sort=False)
    pairs = pairs[pairs["known_at"] <= pairs["as_of"]].sort_values(["_row", "known_at"], kind="stable")
    if records.duplicated(list(fact.key)).any():
        pairs = pairs.drop_duplicates(["_row", *fact.key], keep="last")
    return _blanked(pairs.reset_index(drop=True), fact, pairs["as_of"].reset_index(drop=True))


def _meant(dataset: Dataset, table: str, column: str, asked: pd.Series) -> pd.DataFrame:
    """The records that a few questions can mean; many questions mean most, and looking costs more than it saves."""
    frame = dataset.table(table)
    if len(asked) * FEW >= len(frame):
        return frame
    places = dataset.once(f"places of {table} by {column}", lambda: Places(frame[column]))
    return frame.iloc[places.of(asked)]


def _blanked(frame: pd.DataFrame, fact: Fact, moment: Any) -> pd.DataFrame:
    """The frame with second halves that were not known at ``moment`` (one, or one per row) taken out."""
    if fact.second is None or frame.empty:
        return frame
    known = frame[fact.second.known] <= moment
    blank = dict(zip(fact.second.columns, fact.second.blank, strict=True))
    present = frame["known_at"].notna()
    changed = {name: frame[name].where(known) for name in blank if name in frame}
    for name, value in blank.items():
        if value is not None and name in changed:
            changed[name] = changed[name].mask(~known & present, value)
    changed[fact.second.known] = frame[fact.second.known].where(known)
    return frame.assign(**changed)
