"""What speaks for a challenger: differences of proper scores, paired, overall and in every slice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from domain.predictions import ModelName
from training.influence import half_width, influences_of, numbered
from training.measures import figures_of

TAG = "lanewise.evidence"
SCORES = {
    ModelName.ETA_RISK: ("log_loss", "pinball_min"),
    ModelName.TENDER_FAILURE: ("log_loss",),
    ModelName.SEVERITY: ("log_loss",),
}
"""The proper scores by which a version is judged; smaller is better."""
ALL = "all"
ALPHA = 0.05
MOST_TOLD = 6
DIGITS = 12
"""Of a hash, in words."""


@dataclass(frozen=True)
class Difference:
    """Challenger minus champion in one score of all rows or of a slice; below 0 is better.

    ``low`` and ``high`` bound the 95 % interval; in slices it is widened for their number (Bonferroni).
    """

    where: str
    score: str
    value: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """The whole interval is."""
        return self.high < 0

    @property
    def worse(self) -> bool:
        """The whole interval is."""
        return self.low > 0

    @property
    def words(self) -> str:
        """Such as ``log_loss +0.0120 [+0.0040, +0.0200] in stage=AF``."""
        place = "" if self.where == ALL else f" in {self.where}"
        return f"{self.score} {self.value:+.4g} [{self.low:+.4g}, {self.high:+.4g}]{place}"


@dataclass(frozen=True)
class Evidence:
    """A comparison as the registry remembers it with the challenger.

    Attributes
    ----------
    champion
        Version that it was compared with.
    begin, until, rows, fingerprint
        On which subjects of which data; ``until`` is when the last of them was asked about.
    differences
        Overall, and those slices that are significantly worse.
    file
        SHA-256 of the file that told what the champion said; empty where it was asked. That the champion said so is the
        file's claim.
    champion_sha256, sha256
        Hashes with which the files of champion and challenger were registered.
    appointments
        How many appointments of the model were on record: what came after is what the comparison did not know.
    """

    champion: str
    begin: str
    rows: int
    fingerprint: str
    differences: tuple[Difference, ...]
    file: str = ""
    until: str = ""
    champion_sha256: str = ""
    sha256: str = ""
    appointments: int = 0

    def as_tag(self) -> str:
        """Text for a tag."""
        return json.dumps(asdict(self), sort_keys=True)

    def objections(self) -> list[str]:
        """What speaks against a promotion, a line each; nothing where there is an improvement and no harm."""
        overall = [one for one in self.differences if one.where == ALL]
        harmed = [one for one in self.differences if one.worse]
        unshown = [] if any(one.better for one in overall) else _told(overall) or ["too few subjects to say"]
        return [f"no improvement is shown: {line}" for line in unshown] + [
            f"significantly worse: {line}" for line in _told(harmed)
        ]

    def words(self) -> str:
        """The comparison as a sentence."""
        told = f" by what its own code predicted (file {self.file[:DIGITS]}…)" if self.file else ""
        of = f"against version {self.champion}{told}, paired, on {self.on}"
        return f"{of}: {', '.join(_told(self.differences)) or 'too few subjects to say'}; below 0 is better"

    @property
    def on(self) -> str:
        """The rows it rests on, such as ``140 rows from 2024-01-10 until 2024-02-01 of data 1a2b3c4d5e6f…``."""
        until = f"until {self.until}" if self.until else "on"
        return f"{self.rows:,} rows from {self.begin} {until} of data {self.fingerprint[:DIGITS]}…"


def evidence_of(tags: Mapping[str, str]) -> Evidence | None:
    """What a version's tags say of its last comparison."""
    if TAG not in tags:
        return None
    said, known = json.loads(tags[TAG]), {item.name for item in fields(Evidence)}
    kept = {name: value for name, value in said.items() if name in known}
    return Evidence(**{**kept, "differences": tuple(Difference(**one) for one in said["differences"])})


def differences_of(
    model: ModelName,
    outcome: pd.DataFrame,
    said: Sequence[pd.DataFrame],
    subjects: pd.Series,
    slices: Mapping[str, NDArray[np.bool_]],
    thresholds: tuple[float, ...],
) -> tuple[Difference, ...]:
    """Differences of n rows: overall, then by slice.

    Parameters
    ----------
    said
        Predictions of champion and challenger.
    subjects
        Shape (n,): who each row is about; rows of one are kept together.
    slices
        Rows of each slice, shape (n,); those with too few subjects are left out.
    """
    codes = numbered(subjects)
    places = {ALL: np.ones(len(outcome), dtype=bool), **slices}
    told = []
    for where, rows in places.items():
        alpha = ALPHA if where == ALL else ALPHA / (max(len(slices), 1) * len(SCORES[model]))
        parts = [(outcome[rows], one[rows]) for one in said]
        figures = [figures_of(model, *part, thresholds) for part in parts]
        moved = [influences_of(model, *part, thresholds) for part in parts]
        for score in SCORES[model]:
            value = figures[1][score] - figures[0][score]
            half = half_width(moved[1][score] - moved[0][score], codes[rows], float(norm.isf(alpha / 2)))
            told.append(Difference(where, score, *(float(f"{x:.10g}") for x in (value, value - half, value + half))))
    return tuple(one for one in told if np.isfinite(one.low))


def _told(differences: Sequence[Difference]) -> list[str]:
    """The first of some differences in words, and how many more there are."""
    more = len(differences) - MOST_TOLD
    return [one.words for one in differences[:MOST_TOLD]] + ([f"{more} more"] if more > 0 else [])
