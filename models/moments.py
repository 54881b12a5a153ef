"""When each row was asked about, and when what came of it became known: what could have been learned by a moment.

A fold that learns from every row asked about earlier learns from outcomes that nobody knew yet: of the very shipments
it is to judge, asked about at an earlier stage, or of a base rate that is still to come (the *embargo* of López de
Prado, Advances in Financial Machine Learning, 2018, chapter 7).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MATURE_SHARE = 0.97
YOUNGEST_SHARE = 0.25

Times = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """Moments of n rows in the order they were asked about.

    Attributes
    ----------
    asked, known
        Shape (n,), microseconds since 1970: when a row was asked about, and when its outcome became known.
    wait
        Shape (n,), microseconds within which :data:`MATURE_SHARE` of the outcomes of the row's stage become known.
    """

    asked: Times
    known: Times
    wait: Times

    @classmethod
    def of(cls, outcome: pd.DataFrame, stages: pd.Series) -> "Moments":
        """From ``as_of`` and ``known_at``; outcomes that do not say count as known when the next row is asked about."""
        if not {"as_of", "known_at"} <= set(outcome):
            rows = np.arange(len(outcome))
            return cls(rows, rows, np.zeros_like(rows))
        wait, (codes, names) = outcome["known_at"] - outcome["as_of"], pd.factorize(stages)
        needed = [wait[codes == code].quantile(MATURE_SHARE) for code in range(len(names))]
        spans = _spans(pd.Series([*needed, pd.NaT], dtype=wait.dtype).fillna(pd.Timedelta(0)))
        return cls(_micros(outcome["as_of"]), _micros(outcome["known_at"]), spans[codes])

    def rows(self, chosen: NDArray[Any] | slice) -> "Moments":
        """Those of some rows."""
        return Moments(self.asked[chosen], self.known[chosen], self.wait[chosen])

    def mature(self, moment: int) -> NDArray[np.bool_]:
        """Rows old enough at a moment for slow outcomes to be known of their like too, shape (n,).

        Among last week's shipments only the fast ones have arrived: learning from them as if they were all teaches that
        nothing is late. Never more than the youngest :data:`YOUNGEST_SHARE` of the rows are found too young.
        """
        if not self.asked.size:
            return np.zeros(0, dtype=bool)
        old = self.asked <= np.quantile(self.asked, 1 - YOUNGEST_SHARE)
        return np.asarray(old | (moment - self.asked >= self.wait))

    def learnable(self, begin: int) -> NDArray[np.int64]:
        """Places of rows that could be learned from when row ``begin`` was asked about: known before, and mature.

        Where hardly an outcome was known by then, the first quarter of the rows stands in, so that there is a fold.
        """
        earlier, moment = self.rows(slice(0, begin)), int(self.asked[begin])
        found = np.flatnonzero(earlier.mature(moment) & (earlier.known < moment))
        return found if found.size >= begin * YOUNGEST_SHARE else np.arange(round(begin * YOUNGEST_SHARE))


def _micros(moments: pd.Series) -> Times:
    """Microseconds since 1970; what has no moment is never known."""
    plain = moments.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")
    made = plain.to_numpy().view(np.int64)
    return np.asarray(np.where(plain.isna(), np.iinfo(np.int64).max, made))


def _spans(spans: pd.Series) -> Times:
    return np.asarray(spans.astype("timedelta64[us]").to_numpy().view(np.int64))
