"""Records as known at a question's own moment, by pandas: what probes of the simulator look at."""

from collections.abc import Sequence

import pandas as pd

from domain.facts import FACTS
from store.dataset import Dataset


def look_up(questions: pd.DataFrame, dataset: Dataset, table: str, by: Sequence[str] | None = None) -> pd.DataFrame:
    """For each question the row of a table as known at its ``as_of``, second halves that were not known blank."""
    fact = FACTS[table]
    found = latest_known(questions, dataset.table(table), list(by or fact.key))
    if fact.second is None:
        return found
    unknown = ~(found[fact.second.known] <= questions["as_of"]) & found["known_at"].notna()
    for name, blank in zip(fact.second.columns, fact.second.blank, strict=True):
        found[name] = found[name].mask(unknown, blank)
    return found.assign(**{fact.second.known: found[fact.second.known].mask(unknown)})


def latest_known(questions: pd.DataFrame, records: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Per question the last of ``records`` (sorted by ``known_at``) with its keys and known by then."""
    asked = questions[[*keys, "as_of"]].reset_index(drop=True)
    asked = asked.assign(_row=asked.index).dropna(subset=keys).sort_values("as_of", kind="stable")
    known = records.dropna(subset=keys)
    joined = pd.merge_asof(asked, known, left_on="as_of", right_on="known_at", by=keys, suffixes=("", "_record"))
    columns = [name for name in records.columns if name not in keys]
    return joined.set_index("_row")[columns].reindex(range(len(questions))).set_axis(questions.index, axis=0)
