"""What the cut-off does to a table: later records are set aside, later outcomes are not yet known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from domain.facts import FACTS
from store.frames import second_is_blank
from store.verdicts import AFTER_CUT_OFF, Verdicts


def latest_known(table: str, frame: pd.DataFrame) -> datetime | None:
    """The latest moment at which anything in a table became known, outcomes included."""
    fact = FACTS[table]
    names = [] if fact.timeless else ["known_at"]
    names += [fact.second.known] if fact.second else []
    return latest(frame[name].max() for name in names)


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    """The latest of some moments, those that are missing left out."""
    return max((pd.Timestamp(moment).to_pydatetime() for moment in moments if not pd.isna(moment)), default=None)


def after_second(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with no second half known before its row; run after the contract has seen what was given."""
    second = FACTS[table].second
    if second is None:
        return frame
    known = frame[second.known]
    return frame.assign(**{second.known: known.mask(known < frame["known_at"], frame["known_at"])})


def set_aside_later(
    table: str, frame: pd.DataFrame, cut_off: datetime, repeats: np.ndarray[Any, Any], verdicts: Verdicts
) -> None:
    """Mark records that became known after the cut-off; rows that repeat one are counted as that already."""
    if not FACTS[table].timeless:
        late = (frame["known_at"] > cut_off).to_numpy() & ~repeats
        verdicts.mark(late, AFTER_CUT_OFF, frame["known_at"].iloc.__getitem__)


@dataclass(frozen=True)
class Seen:
    """A table as seen at the cut-off.

    Attributes
    ----------
    frame
        Its rows, second halves that were not known yet taken out.
    blanked
        How many were taken out.
    untimed
        How many carry no time at all, and so count as known at the cut-off: never earlier than they were.
    """

    frame: pd.DataFrame
    blanked: int = 0
    untimed: int = 0


def seen_at(table: str, frame: pd.DataFrame, cut_off: datetime) -> Seen:
    """Take out second halves that were not known at the cut-off."""
    second = FACTS[table].second
    if second is None:
        return Seen(frame)
    moment = pd.Timestamp(cut_off)
    untimed = frame[second.known].isna() & ~second_is_blank(table, frame)
    known = frame[second.known].mask(untimed, moment)
    late = known > moment
    changed = {second.known: known.mask(late)}
    for name, blank in zip(second.columns, second.blank, strict=True):
        if name in frame:
            changed[name] = frame[name].mask(late, blank)
    return Seen(frame.assign(**changed), int(late.sum()), int(untimed.sum()))
