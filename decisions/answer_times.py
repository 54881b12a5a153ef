"""How long carriers take to accept and to refuse, from offers answered and offers still open.

An offer that is still open says that its answer takes longer than its age. Without it only the quick ones of the latest
offers would count. Acceptances and refusals are competing events under censoring, estimated by their cumulative
incidence (Aalen & Johansen 1978):

    S(w) = ∏ over v ≤ w of (1 − d_a(v) / n(v) − d_r(v) / n(v)),   I_k(w) = Σ over v ≤ w of S(v − 1) · d_k(v) / n(v)

with n(v) offers that were watched through step v and had no answer before it, d_k(v) of which then got answer k. What
is unanswered after the last step is taken to end like the rest, so that of answers k the share I_k(w) / Σ I_j(W) comes
within w steps, and S(W) comes later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from domain.codes import FAILED_OUTCOMES, TenderOutcome

Array = NDArray[np.float64]
STEP_MIN, MOST_STEPS = 15.0, 192
"""Minutes of a step, and the most steps looked ahead."""
ENOUGH_ANSWERS = 30
"""Acceptances, or refusals, from which on a carrier has times of its own; with fewer, those of all are taken."""
UNKNOWN_STEPS = 4
"""An answer takes an hour where not a single one is known."""
ACCEPTED, REFUSED = 0, 1


@dataclass(frozen=True)
class AnswerTimes:
    """Of n carriers' acceptances and refusals the share known after so many steps, each of shape (n, W + 1)."""

    accepts: Array
    refuses: Array


@dataclass(frozen=True)
class Watched:
    """Offers as far as they were watched.

    Attributes
    ----------
    carrier
        Shape (m,): to whom.
    steps
        Shape (m,): step in which the answer became known, or whole steps for which there was none.
    answer
        Shape (m,): :data:`ACCEPTED`, :data:`REFUSED`, or −1 for none while it was watched.
    """

    carrier: NDArray[np.object_]
    steps: NDArray[np.int64]
    answer: NDArray[np.int64]

    def of(self, carrier: str) -> "Watched":
        """Those to one carrier."""
        own = self.carrier == carrier
        return Watched(self.carrier[own], self.steps[own], self.answer[own])

    def shares(self) -> Array:
        """Of acceptances and of refusals the share known after so many steps, shape (2, W + 1)."""
        ends = np.bincount(np.minimum(self.steps, MOST_STEPS + 1), minlength=MOST_STEPS + 2)
        at_risk = ends[::-1].cumsum()[::-1][: MOST_STEPS + 1]
        hazards = np.array([self._counted(kind) for kind in (ACCEPTED, REFUSED)]) / np.maximum(at_risk, 1)
        still_open = np.cumprod(1.0 - hazards.sum(axis=0))
        incidence = hazards * np.concatenate([[1.0], still_open[:-1]])
        total = incidence.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, incidence / np.maximum(total, 1e-300) * incidence.sum(), 0.0))

    def counts(self) -> tuple[int, int]:
        """How many acceptances and refusals were seen within the steps looked at."""
        accepted, refused = (int(self._counted(kind).sum()) for kind in (ACCEPTED, REFUSED))
        return accepted, refused

    def _counted(self, kind: int) -> NDArray[np.int64]:
        return np.bincount(self.steps[(self.answer == kind) & (self.steps <= MOST_STEPS)], minlength=MOST_STEPS + 1)


def answer_times(tenders: pd.DataFrame, as_of: datetime, carriers: Sequence[str]) -> AnswerTimes:
    """Work out how long carriers take to answer.

    Parameters
    ----------
    tenders
        As known at ``as_of``.
    """
    seen = watched(tenders, as_of)
    usual = [_or_unknown(row) for row in seen.shares()]
    made: tuple[list[Array], list[Array]] = ([], [])
    for carrier in carriers:
        own = seen.of(carrier)
        shares, counts = own.shares(), own.counts()
        for kind in (ACCEPTED, REFUSED):
            made[kind].append(shares[kind] if counts[kind] >= ENOUGH_ANSWERS else usual[kind])
    return AnswerTimes(np.array(made[ACCEPTED]), np.array(made[REFUSED]))


def watched(tenders: pd.DataFrame, as_of: datetime) -> Watched:
    """Offers as far as they were watched: until the answer was known, they were withdrawn, or ``as_of``.

    An answer within the step that ``as_of`` cuts through does not count, for of those without one nobody knows yet.
    """
    outcome, offered = tenders["outcome"], tenders["offered_at"]
    withdrawn = tenders["outcome_at"].where(outcome == TenderOutcome.CANCELLED)
    until = withdrawn.fillna(pd.Timestamp(as_of))
    whole = np.floor(_steps(until - offered).clip(lower=0.0)).to_numpy(np.int64)
    accepted, failed = (outcome == TenderOutcome.ACCEPTED), outcome.isin(FAILED_OUTCOMES)
    waits = np.ceil(_steps(tenders["outcome_known_at"] - offered)).clip(lower=1.0).where(accepted | failed)
    answered = (waits <= whole).to_numpy(bool)
    answer = np.where(answered, np.where(accepted, ACCEPTED, REFUSED), -1)
    return Watched(tenders["carrier_id"].to_numpy(object), np.where(answered, waits, whole).astype(np.int64), answer)


def _steps(waits: pd.Series) -> pd.Series:
    return waits / pd.Timedelta(minutes=STEP_MIN)


def _or_unknown(shares: Array) -> Array:
    return shares if shares.any() else np.eye(MOST_STEPS + 1)[UNKNOWN_STEPS]
