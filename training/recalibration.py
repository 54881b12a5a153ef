"""The daily job: champions are shifted by what became known since they were trained, within the manifest's bounds."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from domain.errors import LanewiseError, NotThere
from domain.manifest import CalibrationBounds
from domain.moment import format_moment, parse_moment
from domain.predictions import ModelName
from features.frame import FeatureFrames
from models.calibration.shift import OTHERS, Shift, Shifts
from models.groups import Group
from models.shares import Sides
from models.shelf import OnShelf, Shelf, registered_name
from models.update import Update
from store.current import InService
from store.dataset import Dataset
from store.updates import (
    Fate,
    Record,
    hash_of,
    keep_update,
    kept_update,
    label,
    line_of,
    log,
    logged,
    put_update_in_service,
)
from training.following import Followed, follow_heads, since_training
from training.shares_followed import fell_since

DIGITS = 6
"""Decimals kept of shifts and losses, so that bytes do not depend on the order of a sum."""
Told = TypeVar("Told")
LOOK = "see what has changed (`lanewise evaluate`), then train anew"


@dataclass(frozen=True)
class Recalibration:
    """What became of one champion: the line of the log, and in words."""

    name: str
    record: Record
    words: str

    @property
    def refused(self) -> bool:
        """Whether it lay outside the bounds."""
        return self.record.fate is Fate.REFUSED


def recalibrate(dataset: Dataset, home: Path, name: ModelName, as_of: datetime, by: str, at: str) -> Recalibration:
    """Learn the shifts of a champion's heads by what was known at ``as_of``, and put them in service.

    Parameters
    ----------
    by, at
        Who, and the moment, as they are logged.

    Raises
    ------
    NotThere
        If there is no champion.
    LanewiseError
        If ``as_of`` lies before the model was trained or after the cut-off.
    """
    shelf = Shelf(home, dataset)
    champion, current = shelf.take(name, updated=False), shelf.champion(name)
    update = learn_update(dataset, champion, name, as_of)
    reasons = objections(update.learned, update.further, update.outcomes, dataset.manifest.calibration)
    record = _record(update, current, by, at, "; ".join(reasons))
    if reasons:
        log(home, champion.name, record)
        words = f"{champion.name}: not updated, {label(current.version, current.update)} stays: {record.reason}"
        return Recalibration(champion.name, record, words)
    keep_update(home, champion.name, current.version, update.as_bytes())
    put_update_in_service(home, champion.name, record)
    said = label(current.version, record.update)
    told = (
        f"{champion.name}: {said} is in service, from {update.outcomes:,.0f} outcomes by {update.as_of}: {update.words}"
    )
    return Recalibration(champion.name, record, told)


def revert(dataset: Dataset, home: Path, name: ModelName, by: str, at: str) -> Recalibration:
    """Put the update before the present one back in service, or the champion as it was trained.

    Raises
    ------
    NotThere
        If there is no champion, or none of its updates is in service.
    WrongModel
        If the update before was changed since it was made; the present one stays.
    """
    called, current = registered_name(dataset, name), Shelf(home, dataset).champion(name)
    if not current.update:
        raise NotThere(f"{called} {current.version} is in service as it was trained, so there is no update to revert")
    before = line_of(logged(home, called), current.version, current.update)[-2]
    if before:
        kept_update(home, called, current.version, before)
    record = Record(Fate.REVERTED, current.version, before, current.update, at, by)
    put_update_in_service(home, called, record)
    said = (label(current.version, one) for one in (before, current.update))
    return Recalibration(called, record, "{}: {} is in service again instead of {}".format(called, *said))


def learn_update(dataset: Dataset, champion: OnShelf, name: ModelName, as_of: datetime) -> Update:
    """What is to be learned by ``as_of`` of a version as it was trained."""
    begin, cut_off = parse_moment(champion.provenance.trained_until), dataset.manifest.cut_off
    assert cut_off is not None, "an opened data set has a cut-off"
    if not begin <= as_of <= cut_off:
        span = f"{format_moment(begin)}, and the data's cut-off, {format_moment(cut_off)}"
        raise LanewiseError(
            f"{champion.name} {champion.version} can be updated as of a moment between its training, {span}, "
            f"but not as of {format_moment(as_of)}"
        )
    since = since_training(FeatureFrames(champion.asked_of(dataset)), name, begin, as_of)
    heads, fell = follow_heads(champion.model, since, as_of), fell_since(champion.model, since)
    further = {} if fell is None else fell.by(next(iter(heads.values())).until_day)
    return Update(
        champion.name,
        champion.version,
        champion.sha256,
        format_moment(as_of),
        dataset.fingerprint,
        _by_stage(heads, attrgetter("by")),
        round(min(one.outcomes for one in heads.values()), DIGITS),
        {head: _rounded(one.log_loss()) for head, one in heads.items()},
        _by_stage(heads, attrgetter("slope")),
        {head: champion.model.heads[head].forgetting.around for head in heads},
        [(list(group), one.rounded(DIGITS).as_json()) for group, one in sorted(further.items())],
        _by_stage(heads, lambda shift: list(shift.bends)),
    )


def _by_stage(heads: Mapping[str, Followed], told: Callable[[Shift], Told]) -> dict[str, dict[str, Told]]:
    """What is told of each head's shift at each stage, rounded."""
    return {
        head: {stage: told(shift.rounded(DIGITS)) for stage, shift in one.shift.by_stage.items()}
        for head, one in heads.items()
    }


def objections(
    learned: Mapping[str, Shifts], further: Mapping[Group, Sides], outcomes: float, bounds: CalibrationBounds
) -> list[str]:
    """Why an update may not go into service without a person; nothing where it lies within the bounds.

    Parameters
    ----------
    learned
        What is added to each head's log-odds.
    further
        How shares of a delay's distribution are put right.
    outcomes
        Subjects whose outcome counted since training.
    """
    told = []
    if outcomes < bounds.fewest_outcomes:
        told.append(
            f"{outcomes:,.0f} outcomes count since it was trained, fewer than the {bounds.fewest_outcomes:g} "
            "needed ([calibration] fewest_outcomes in the manifest)"
        )
    shifts = dict(_apart(learned))
    by, slopes, bends = ({what: getattr(one, name) for what, one in shifts.items()} for name in ("by", "slope", "bend"))
    fell = {"/".join(group): one.farthest for group, one in further.items()}
    told += _beyond("shift {} in log-odds", by, bounds, "largest_shift")
    told += _beyond("spread log-odds of {}", slopes, bounds, "largest_slope")
    told += _beyond("bend log-odds of {}", bends, bounds, "largest_shift")
    told += _beyond("move where delays of {} fall in log-odds", fell, bounds, "largest_shift")
    return told


def _beyond(words: str, by: Mapping[str, float], bounds: CalibrationBounds, key: str) -> Iterator[str]:
    """What moved further than the manifest's ``key`` allows; nothing where nothing did."""
    bound = getattr(bounds, key)
    far = [f"{what} by {value:+.3f}" for what, value in by.items() if abs(value) > bound]
    if far:
        yield (
            f"the outcomes {words.format(', '.join(far))}, beyond the {bound:g} that is allowed "
            f"([calibration] {key} in the manifest); {LOOK}"
        )


def _apart(learned: Mapping[str, Shifts]) -> Iterator[tuple[str, Shift]]:
    """Every shift with what it is of: a head, at a stage where its stages are several."""
    for head, shifts in learned.items():
        several = len(shifts.by_stage) > 1
        for stage, shift in shifts.by_stage.items():
            yield f"{head} at {stage}" if several and stage != OTHERS else head, shift


def _record(update: Update, current: InService, by: str, at: str, reason: str) -> Record:
    content = update.as_bytes()
    fate = Fate.REFUSED if reason else Fate.APPLIED
    told = {name: said for name, said in json.loads(content).items() if name != "sides"}  # long, and kept beside it
    return Record(
        fate, current.version, hash_of(content), current.update, at, by, update.as_of, update.fingerprint, reason, told
    )


def _rounded(losses: tuple[float, float]) -> tuple[float, float]:
    before, after = losses
    return round(before, DIGITS), round(after, DIGITS)
