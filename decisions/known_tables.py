"""The tables of a data set as known at one moment, each worked out once."""

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from features.known import as_known
from store.dataset import Dataset


@dataclass(frozen=True, eq=False)
class KnownTables:
    """What a data set says as of a moment; the only way a plan reads it."""

    dataset: Dataset
    as_of: datetime
    _read: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> pd.DataFrame:
        """One row per fact, its latest version known at ``as_of``; see :func:`features.known.as_known`."""
        if name not in self._read:
            self._read[name] = as_known(self.dataset, name, self.as_of)
        return self._read[name]

    def of_shipments(self, name: str, shipments: pd.Series) -> pd.DataFrame:
        """The rows of a table that belong to some shipments (few of many: the set looked up in is the small one)."""
        table = self.table(name)
        return table[table["shipment_id"].isin(shipments)].reset_index(drop=True)

    @property
    def late_after_min(self) -> float:
        """Minutes after plan from which a delivery is late, where a shipment names none."""
        return self.dataset.manifest.late_after_min
