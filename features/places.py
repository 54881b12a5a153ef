"""Where in a frame the rows of a key are: what makes a question about a few subjects cost little."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Places:
    """Positions of the rows of each key of one column, in the frame's own order."""

    def __init__(self, column: pd.Series) -> None:
        codes, keys = pd.factorize(column)
        order = np.argsort(codes, kind="stable")
        self._order = order[int((codes < 0).sum()) :]
        self._ends = np.cumsum(np.bincount(codes[codes >= 0], minlength=len(keys)))
        self._code = {key: code for code, key in enumerate(keys)}

    def of(self, keys: Iterable[object]) -> NDArray[np.int64]:
        """Positions of the rows whose key is among ``keys``, rising."""
        found = [self._rows(self._code[key]) for key in dict.fromkeys(keys) if key in self._code]
        return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _rows(self, code: int) -> NDArray[np.int64]:
        begin = self._ends[code - 1] if code else 0
        return np.asarray(self._order[begin : self._ends[code]], dtype=np.int64)
