"""Challenger against champion on the same later subjects: every figure's difference, paired, and what is judged."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.errors import LanewiseError
from domain.predictions import ModelName
from models.shelf import Shelf, registered_name
from store.current import CHALLENGER, CHAMPION
from store.dataset import Dataset
from store.registry import HASH_TAG, Registry, Version
from training.contenders import Contender, asked, champion_asked, champion_foretold
from training.decided import NOBODY, Asking, Decided, Unasked
from training.evaluation import Evaluation, Interval, TestPart, intervals
from training.evidence import ALL, Difference, Evidence
from training.measures import Figures, flat


@dataclass(frozen=True)
class Comparison:
    """Challenger minus champion on the same subjects, with the paired 95 % interval of each figure.

    Attributes
    ----------
    judged
        The proper scores, overall and by slice.
    fingerprint
        Of the data.
    decided
        What decisions would have cost, where a simulated world could be asked; else why it could not.
    file, note
        SHA-256 of the file that told what the champion said, and where it is from; empty where it was asked.
    until
        When the last of the subjects was asked about, ISO 8601.
    files
        Hashes with which the files of champion and challenger were registered.
    appointments
        How many appointments of the model were on record.
    """

    champion: Evaluation
    challenger: Evaluation
    differences: dict[str, float]
    intervals: dict[str, Interval]
    judged: tuple[Difference, ...] = ()
    fingerprint: str = ""
    decided: Decided | Unasked = NOBODY
    currency: str = ""
    file: str = ""
    note: str = ""
    until: str = ""
    files: tuple[str, str] = ("", "")
    appointments: int = 0

    @property
    def evidence(self) -> Evidence:
        """What a promotion is decided by."""
        kept = tuple(one for one in self.judged if one.where == ALL or one.worse)
        rows = int(self.champion.pooled.figures["n"])
        return Evidence(
            self.champion.version,
            self.champion.begin,
            rows,
            self.fingerprint,
            kept,
            self.file,
            self.until,
            *self.files,
            self.appointments,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "champion": self.champion.as_json(),
            "challenger": self.challenger.as_json(),
            "champion_predictions": self.file or None,
            "rows": int(self.champion.pooled.figures["n"]),
            "until": self.until,
            "fingerprint": self.fingerprint,
            "sha256": dict(zip(("champion", "challenger"), self.files, strict=True)),
            "differences": self.differences,
            "intervals": {name: list(interval) for name, interval in self.intervals.items()},
            "judged": [asdict(one) for one in self.judged],
            "objections": self.evidence.objections(),
            **self._decisions(),
        }

    def summary(self) -> str:
        """The differences as lines."""
        lines = [
            f"{self.challenger.name}: version {self.challenger.version} (challenger) minus "
            f"version {self.champion.version} (champion), subjects from {self.champion.begin}",
            *([f"  {self.note}"] if self.note else []),
        ]
        for name, difference in self.differences.items():
            lines.append(f"  {name:24} {difference:+10.4f}{self._interval(name)}")
        lines.append("  * the interval leaves out 0")
        if isinstance(self.decided, Decided):
            lines.append("what decisions by each would have cost in the simulated world, challenger minus champion")
            lines += self.decided.lines(self.currency)
        elif self.decided.why:
            lines.append(f"what decisions by each would have cost is not told: {self.decided.why}")
        told = self.evidence.objections() or ["an improvement is shown, and no slice is significantly worse"]
        return "\n".join([*lines, *(f"to promote it: {line}" for line in told)])

    def _decisions(self) -> dict[str, Any]:
        """What decisions would have cost as a document, or why it is not told."""
        if isinstance(self.decided, Unasked):
            return {"decisions": None, "decisions_untold": self.decided.why or None}
        return {"decisions": {"currency": self.currency, **self.decided.as_json()}, "decisions_untold": None}

    def _interval(self, name: str) -> str:
        """The interval of a figure, marked where it leaves out 0; of too few subjects none."""
        if name not in self.intervals:
            return "  too few subjects for an interval"
        low, high = self.intervals[name]
        return f"  [{low:+.4f}, {high:+.4f}]{'' if low <= 0 <= high else '  *'}"


def compare(
    dataset: Dataset,
    registry: Registry,
    name: ModelName,
    asking: Asking | Unasked = NOBODY,
    predictions: Path | None = None,
    version: str | None = None,
) -> Comparison:
    """Champion and challenger on the same subjects: those that came after both had been trained.

    What the files of both hash to is checked against what was registered, and is part of the evidence.

    Parameters
    ----------
    asking
        A simulated world that says what decisions would have cost, or why none is asked.
    predictions
        What the champion said, as its own code wrote it, where this code has other feature definitions.
    version
        A version to compare with the champion instead of the challenger.

    Raises
    ------
    NotThere
        If there is no champion or no challenger.
    WrongModel
        If the champion has other feature definitions and no predictions of its are given, or they are not its; or if
        files of either were changed since they were registered.
    LanewiseError
        If the champion is not what is in service, or is to be compared with itself.
    """
    shelf, both = Shelf(registry.home, dataset), _both(registry, registered_name(dataset, name), version)
    known = len(registry.appointments(both[0].name))
    champion = champion_foretold(shelf, name, predictions) if predictions else champion_asked(shelf, name)
    challenger = asked(shelf.take(name, both[1].version))
    test = TestPart(dataset, name, max(champion.trained_until, challenger.trained_until))
    found = _compared(dataset, test, (champion, challenger), asking)
    hashes = both[0].tags[HASH_TAG], both[1].tags[HASH_TAG]
    return replace(found, files=hashes, appointments=known)


def _both(registry: Registry, name: str, version: str | None) -> tuple[Version, Version]:
    """The champion, which is in service, and the version it is compared with; their files are as registered."""
    registry.check_in_service(name)
    both = registry.aliased(name, CHAMPION), _other(registry, name, version)
    for one in both:
        registry.copy(one)
    return both


def _other(registry: Registry, name: str, version: str | None) -> Version:
    """The version that is compared with the champion."""
    if version is None:
        return registry.aliased(name, CHALLENGER)
    chosen = registry.version(name, version)
    if CHAMPION in chosen.aliases:
        raise LanewiseError(f"version {version} of {name} is the champion; name another version to compare with it")
    return chosen


def _compared(dataset: Dataset, test: TestPart, both: Sequence[Contender], asking: Asking | Unasked) -> Comparison:
    """Two versions, the second against the first, on one test part."""
    said = [one.said(test) for one in both]
    reports = [test.evaluation(one.name, one.version, told) for one, told in zip(both, said, strict=True)]
    differences = _minus(reports[0].pooled.figures, reports[1].pooled.figures)
    return Comparison(
        reports[0],
        reports[1],
        flat(differences),
        _intervals(test, said, differences),
        test.judged(said),
        dataset.fingerprint,
        _decided(test, dataset, both, asking),
        dataset.manifest.currency,
        both[0].file,
        both[0].note,
        test.part.subjects["as_of"].max().isoformat(),
    )


def _intervals(test: TestPart, said: Sequence[pd.DataFrame], differences: Figures) -> dict[str, Interval]:
    """Of each difference, by the formula that judges; of calibration error, which has none, by resampling.

    A figure of too few subjects has none.
    """
    half = test.half_widths(said)
    draws = [_minus(*(test.resampled(told, rows) for told in said)) for rows in test.resamples()]
    drawn = {name: interval for name, interval in intervals(draws).items() if name not in half}
    told = {
        name: (differences[name] - half[name], differences[name] + half[name]) for name in differences if name in half
    }
    return {name: interval for name, interval in (told | drawn).items() if np.isfinite(interval).all()}


def _decided(
    test: TestPart, dataset: Dataset, both: Sequence[Contender], asking: Asking | Unasked
) -> Decided | Unasked:
    """What decisions would have cost, or why that is not told."""
    if isinstance(asking, Unasked):
        return asking
    models = [one.model for one in both if one.model is not None]
    if len(models) < len(both):
        return Unasked(
            "decisions follow from the whole distribution of the delay, and the champion's file has quantiles"
        )
    return test.decided(dataset, models, asking) or NOBODY


def _minus(champion: Figures, challenger: Figures) -> Figures:
    shared = [name for name in champion if name in challenger and not name.startswith(("n", "base_rate"))]
    return {name: challenger[name] - champion[name] for name in shared}
