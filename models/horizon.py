"""Spans of hours to go until the planned delivery: what is near goes wrong by other things than what is far."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOURS = (6.0, 24.0, 72.0)
"""Where one span ends and the next begins."""
LEFT = "to_delivery_min"
"""Column of minutes to the planned delivery; below 0 once that is past."""


def spans_of(frame: pd.DataFrame) -> NDArray[np.int64]:
    """The span in which each of n rows lies, shape (n,): 0 up to six hours, what is overdue or unknown among them."""
    hours = frame[LEFT].to_numpy(np.float64) / 60.0 if LEFT in frame else np.zeros(len(frame))
    return np.searchsorted(HOURS, np.nan_to_num(hours, nan=0.0), side="right")


def in_spans(span: NDArray[np.int64] | None, rows: int) -> NDArray[np.float64]:
    """Whether each of n rows lies in a span after the first, 0 or 1, shape (n, spans − 1); None: all in the first."""
    first = np.zeros(rows, dtype=np.int64) if span is None else span
    return np.eye(len(HOURS) + 1)[first, 1:]
