"""Earlier subjects to learn from, later ones to be measured on; outcomes only as known at each end."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from domain.errors import CannotTrain
from domain.params import TrainingParams
from domain.predictions import ModelName
from features.outcomes import Fate, outcomes
from features.past import past_of
from features.records import Names
from features.subjects import framed, stages_of
from models.moments import Moments
from store.dataset import Dataset
from training.maturity import IMMATURE, decided_by_plan, moment_us

NOT_DRAWN = "not drawn"
"""Of subjects beyond ``max_test_rows``, whose outcome is known and is not looked at."""


@dataclass(frozen=True)
class Part:
    """Subjects of one side of the split with their known outcomes, both in the order of ``as_of``.

    ``left_out`` counts subjects of this side by the fate that kept them out, ``by_month`` all of them by the month of
    ``as_of`` and fate.
    """

    subjects: pd.DataFrame
    outcome: pd.DataFrame
    left_out: dict[str, int]
    by_month: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def censored(self) -> dict[str, int]:
        """Subjects of which nothing was known yet, by the month of their ``as_of``, used or not."""
        censored = {month: counts.get(str(Fate.CENSORED), 0) for month, counts in self.by_month.items()}
        return {month: count for month, count in censored.items() if count}

    def __len__(self) -> int:
        return len(self.subjects)


@dataclass(frozen=True)
class Split:
    """Training subjects have as_of < ``test_from`` and an outcome known before it; test subjects come after."""

    test_from: pd.Timestamp
    train: Part
    test: Part


def split_in_time(
    dataset: Dataset,
    model: ModelName,
    params: TrainingParams,
    test_from: datetime | None = None,
    test_until: datetime | None = None,
) -> Split:
    """Split at ``test_from``, by default the (1 − ``test_share``) quantile of as_of; test up to ``test_until``.

    Raises
    ------
    CannotTrain
        If either side has too few subjects with a known outcome.
    """
    past = past_of(dataset)
    stages = stages_of(past, model)
    subjects = framed(past, model, stages)
    moment = pd.Timestamp(test_from) if test_from else _default(subjects["as_of"], params.test_share)
    cut_off = dataset.manifest.cut_off
    assert cut_off is not None, "an opened data set has a cut-off"
    begin, end = (_first(subjects, one) for one in (moment, test_until))
    train = _to_learn(dataset, model, subjects.iloc[:begin], moment, stages.names[:begin])
    later = subjects.iloc[begin:end].reset_index(drop=True)
    test = drawn(part_of(dataset, model, later, cut_off, stages.names[begin:end]), params.max_test_rows)
    for side, part in (("before", train), ("from", test)):
        if len(part) < params.min_subjects:
            raise CannotTrain(
                f"{len(part)} subjects {side} {moment.isoformat()} have a known outcome, fewer than the "
                f"{params.min_subjects} needed (training.min_subjects); give --test-from another time or more data"
            )
    return Split(moment, train, test)


def _first(subjects: pd.DataFrame, moment: datetime | None) -> int:
    """Place of the first subject from a moment on, of subjects in the order of ``as_of``; without one their number."""
    return len(subjects) if moment is None else int(subjects["as_of"].searchsorted(pd.Timestamp(moment)))


def _to_learn(dataset: Dataset, model: ModelName, subjects: pd.DataFrame, moment: pd.Timestamp, names: Names) -> Part:
    """What can be learned of subjects by ``moment``."""
    just_before = (moment - pd.Timedelta(microseconds=1)).to_pydatetime()
    outcome = outcomes(dataset, model, subjects, just_before, names)
    if model is ModelName.ETA_RISK:
        decided = decided_by_plan(subjects["stage"], subjects["as_of"], outcome, moment)
        return part_with(subjects, decided, decided["late"].notna())
    return mature(part_with(subjects, outcome, outcome["fate"] == Fate.KNOWN), moment)


def part_of(
    dataset: Dataset, model: ModelName, subjects: pd.DataFrame, known_by: datetime, names: Names | None = None
) -> Part:
    """Those subjects whose outcome was known by ``known_by``; the others are counted; ``names`` as for outcomes."""
    outcome = outcomes(dataset, model, subjects, known_by, names)
    return part_with(subjects, outcome, outcome["fate"] == Fate.KNOWN)


def part_with(subjects: pd.DataFrame, outcome: pd.DataFrame, kept: pd.Series) -> Part:
    """The kept subjects; the others are counted, immature where their outcome is known all the same."""
    fate = outcome["fate"]
    left_out = fate[~kept].replace(str(Fate.KNOWN), IMMATURE).value_counts()
    return Part(
        subjects[kept].reset_index(drop=True),
        outcome.drop(columns="fate")[kept].assign(as_of=subjects["as_of"]).reset_index(drop=True),
        {str(name): int(count) for name, count in left_out.items()},
        _by_month(subjects["as_of"], fate),
    )


def _by_month(as_of: pd.Series, fate: pd.Series) -> dict[str, dict[str, int]]:
    months = as_of.dt.tz_convert(None).to_numpy("datetime64[M]")
    counts = fate.groupby([months.view(np.int64), fate]).size()
    made: dict[str, dict[str, int]] = {}
    for (month, said), rows in counts.items():
        made.setdefault(str(np.datetime64(month, "M")), {})[str(said)] = int(rows)
    return made


def mature(part: Part, moment: pd.Timestamp) -> Part:
    """The part without subjects so young that mostly quick outcomes can be known of them yet.

    Among last week's shipments only the fast ones have arrived: learning from them as if they were all teaches that
    nothing is late. They are counted as ``immature``; see :meth:`models.moments.Moments.mature`.
    """
    if not len(part):
        return part
    kept = Moments.of(part.outcome, part.subjects["stage"]).mature(moment_us(moment))
    return _rows(part, part.subjects.index[kept], {**part.left_out, IMMATURE: int((~kept).sum())})


def for_fitting(part: Part, params: TrainingParams) -> Part:
    """What is fitted on: of stages at one instant, which know the same, the last; and the latest rows at most."""
    looked_at = params.max_rows
    while True:
        later = part.subjects[["subject_id", "as_of"]].tail(looked_at)  # whether a row is the last, later rows tell
        rows = later.index[~later.duplicated(keep="last")][-params.max_rows :]
        if rows.size == params.max_rows or len(later) == len(part):
            return _rows(part, rows, part.left_out)
        looked_at *= 2


def drawn(part: Part, most: int) -> Part:
    """At most so many rows: every k-th subject in the order of first ``as_of``, whole, with k as small as it can be."""
    if len(part) <= most:
        return part
    subject = pd.factorize(part.subjects["subject_id"])[0]
    step = -(-len(part) // most)
    while (rows := part.subjects.index[subject % step == 0]).size > most:
        step += 1
    return _rows(part, rows, {**part.left_out, NOT_DRAWN: len(part) - rows.size})


def _rows(part: Part, rows: pd.Index, left_out: dict[str, int]) -> Part:
    subjects, outcome = (frame.loc[rows].reset_index(drop=True) for frame in (part.subjects, part.outcome))
    return Part(subjects, outcome, left_out, part.by_month)


def _default(as_of: pd.Series, test_share: float) -> pd.Timestamp:
    if as_of.empty:
        raise CannotTrain("there is not a single subject to learn from")
    return as_of.quantile(1 - test_share)
