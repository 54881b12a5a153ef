"""Predictions as they were served: by the champion as trained, then by each update of it from its own moment on.

Judged by the update in service now, what it learned from would be looked at again as if it had been foretold; judged
as trained, what updates have mended would stand as an alarm for ever.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from domain.predictions import OUT_OF_SUPPORT
from models.shelf import OnShelf
from models.update import Update
from store.updates import kept_update, line_of, logged


def predict_as_served(
    trained: OnShelf, updates: Sequence[Update], frame: pd.DataFrame, as_of: pd.Series
) -> pd.DataFrame:
    """What was said of n subjects at their moments, and why not to rely on it where they lie outside of training.

    Parameters
    ----------
    trained
        The champion without its updates.
    updates
        Of it, by the moments from which on each was in service.
    as_of
        Shape (n,): moments.
    """
    moments = pd.DatetimeIndex([update.as_of for update in updates], tz="UTC").as_unit("us")
    place = moments.searchsorted(pd.DatetimeIndex(as_of).as_unit("us"), side="right")
    parts = []
    for k in np.unique(place):
        model = trained.model if k == 0 else updates[k - 1].applied(trained.model)
        parts.append(model.predict(frame[place == k]))
    said = pd.concat(parts).loc[frame.index] if parts else trained.model.predict(frame)
    return said.assign(**{OUT_OF_SUPPORT: trained.model.support(frame)})


def updates_of(home: Path, trained: OnShelf, now: str) -> list[Update]:
    """Updates by the moments from which on each was in service, without those that were reverted.

    The log's order says which counts: one that was made later counts from its own moment on, also where that lies
    before the moment of an earlier one, which then counts no longer. Where an update was dropped all begins anew.

    Parameters
    ----------
    trained
        The champion without its updates.
    now
        SHA-256 of the update in service; empty for none. What was logged after it is not read.
    """
    line = line_of(logged(home, trained.name), trained.version, now)
    since = line[len(line) - line[::-1].index("") :]
    made = [Update.from_bytes(kept_update(home, trained.name, trained.version, update)) for update in since]
    standing: list[Update] = []
    for update in made:
        standing = [one for one in standing if pd.Timestamp(one.as_of) < pd.Timestamp(update.as_of)] + [update]
    return standing
