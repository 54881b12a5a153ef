"""Times to answer: offers still open count as far as they were watched, acceptances and refusals apart."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from decisions.answer_times import ENOUGH_ANSWERS, MOST_STEPS, STEP_MIN, UNKNOWN_STEPS, answer_times
from models.waterfall import Figures, Waterfall, follow
from tests.decisions.network import AS_OF

P_REFUSED, STEPS = 0.4, 16
ACCEPTS, REFUSES = np.zeros((2, MOST_STEPS + 1))
ACCEPTS[1:5], REFUSES[5:13] = 1 / 4, 1 / 8
"""A law: acceptances within an hour, refusals between one and three hours."""


def offers(
    ages_min: NDArray[np.float64],
    waits_min: NDArray[np.float64],
    outcomes: NDArray[np.object_],
    carrier: str | NDArray[np.object_] = "c",
) -> pd.DataFrame:
    """Tenders as known at AS_OF: offered so long ago, answered after so long; what comes later is open."""
    as_of = pd.Timestamp(AS_OF)
    offered = as_of - pd.to_timedelta(ages_min, unit="min")
    known = offered + pd.to_timedelta(waits_min, unit="min")
    made = {"carrier_id": carrier, "offered_at": offered, "outcome": outcomes, "outcome_at": known}
    frame = pd.DataFrame(made | {"outcome_known_at": known})
    late = frame["outcome_known_at"] > as_of
    return frame.assign(
        outcome=frame["outcome"].mask(late, "open"),
        outcome_at=frame["outcome_at"].mask(late),
        outcome_known_at=frame["outcome_known_at"].mask(late),
    )


def history(count: int, busy_h: float, seed: int) -> pd.DataFrame:
    """Offers of the last hours, under the law, as a carrier that was taken on today has them."""
    draw = np.random.default_rng(seed)
    refused = draw.random(count) < P_REFUSED
    steps = np.where(refused, draw.integers(5, 13, count), draw.integers(1, 5, count))
    waits = (steps - draw.uniform(0, 1, count)) * STEP_MIN
    ages = draw.uniform(0, busy_h * 60, count)
    return offers(ages, waits, np.where(refused, "rejected", "accepted").astype(object))


def followed(accepts: NDArray[np.float64], refuses: NDArray[np.float64]) -> Figures:
    """Three carriers of that law, asked one after the other with four hours left."""
    law = Waterfall(
        np.full((3, 1), 100.0),
        np.full((3, STEPS + 1, 3, 1), P_REFUSED),
        np.tile(accepts, (3, 1)),
        np.tile(refuses, (3, 1)),
        np.full(STEPS + 1, 160.0),
        step_min=STEP_MIN,
    )
    return follow(law, range(3))


def answered_only(tenders: pd.DataFrame) -> NDArray[np.float64]:
    """What it was reckoned with before: of answered offers alone, acceptances and refusals in one."""
    waits = (tenders["outcome_known_at"] - tenders["offered_at"]).dropna() / pd.Timedelta(minutes=STEP_MIN)
    counted = np.bincount(np.ceil(waits).astype(int), minlength=MOST_STEPS + 1)
    return np.asarray(counted / counted.sum())


def test_open_offers_and_outcomes_apart_take_the_bias_away() -> None:
    """Two thirds of the offers are younger than the slowest answer: what is reckoned is what is lived through."""
    truth = followed(ACCEPTS, REFUSES)
    now, before = [], []
    for seed in range(8):
        tenders = history(2_000, busy_h=4.0, seed=seed)
        times = answer_times(tenders, AS_OF, ["c"])
        pooled = answered_only(tenders)
        now.append(followed(times.accepts[0], times.refuses[0]))
        before.append(followed(pooled, pooled))
    assert np.mean([one.p_covered for one in now]) == pytest.approx(truth.p_covered, abs=0.01)
    assert np.mean([one.hours_lost for one in now]) == pytest.approx(truth.hours_lost, rel=0.02)
    assert np.mean([one.p_covered for one in before]) > truth.p_covered + 0.05
    assert np.mean([one.hours_lost for one in before]) < truth.hours_lost * 0.9


def test_each_outcome_has_its_own_times() -> None:
    """Where every offer is old, the shares are those counted; what fails in any way is a refusal."""
    waits = np.array([10.0, 20.0, 31.0, 90.0, 95.0] * ENOUGH_ANSWERS)
    outcomes = np.array(["accepted", "accepted", "rejected", "expired", "counter_proposal"] * ENOUGH_ANSWERS, object)
    times = answer_times(offers(np.full(len(waits), 9_000.0), waits, outcomes), AS_OF, ["c"])
    assert np.flatnonzero(times.accepts[0]).tolist() == [1, 2]
    assert times.accepts[0, 1:3] == pytest.approx([0.5, 0.5])
    assert np.flatnonzero(times.refuses[0]).tolist() == [3, 6, 7]
    assert times.refuses[0, [3, 6, 7]] == pytest.approx([1 / 3] * 3)


def test_what_is_never_answered_comes_later_than_is_looked_at() -> None:
    """A quarter of old offers is open, a quarter was withdrawn at once: of those left to answer a third never does."""
    count = 4 * ENOUGH_ANSWERS
    outcomes = np.array(["accepted", "rejected", "open", "cancelled"] * ENOUGH_ANSWERS, object)
    waits = np.where(outcomes == "open", np.inf, np.where(outcomes == "cancelled", 1.0, 30.0))
    tenders = offers(np.full(count, 9_000.0), np.where(np.isinf(waits), 10_000.0, waits), outcomes)
    times = answer_times(tenders, AS_OF, ["c"])
    assert times.accepts[0].sum() == pytest.approx(2 / 3)
    assert times.refuses[0].sum() == pytest.approx(2 / 3)


def test_few_answers_take_the_times_of_all_and_none_takes_an_hour() -> None:
    """For each outcome by itself: a carrier that refuses rarely has its own acceptances and everyone's refusals."""
    quick, slow = (np.full(ENOUGH_ANSWERS, minutes) for minutes in (10.0, 100.0))
    tenders = pd.concat(
        [
            offers(quick + 9_000, quick, np.array(["accepted"] * ENOUGH_ANSWERS, object), "own"),
            offers(quick[:3] + 9_000, quick[:3], np.array(["rejected"] * 3, object), "own"),
            offers(slow + 9_000, slow, np.array(["rejected"] * ENOUGH_ANSWERS, object), "other"),
        ],
        ignore_index=True,
    )
    times = answer_times(tenders, AS_OF, ["own", "new"])
    assert times.accepts[0, 1] == pytest.approx(1.0)
    assert times.refuses[0] == pytest.approx(times.refuses[1])
    assert times.refuses[0, 7] > 0.8
    none = answer_times(tenders.head(0), AS_OF, ["new"])
    assert none.accepts[0, UNKNOWN_STEPS] == none.refuses[0, UNKNOWN_STEPS] == 1.0


def test_a_step_that_the_moment_cuts_through_does_not_count() -> None:
    """Offered 20 minutes ago: an answer after 18 is in a step of which nobody else's end is known yet."""
    waits = np.array([5.0] * 30 + [18.0] * 30 + [100.0] * 40)
    tenders = offers(np.full(100, 20.0), waits, np.array(["accepted"] * 100, object))
    times = answer_times(tenders, AS_OF, ["c"])
    assert times.accepts[0, 1] == pytest.approx(0.3)
    assert times.accepts[0].sum() == pytest.approx(0.3)
    later = answer_times(tenders, AS_OF + timedelta(hours=3), ["c"])
    assert later.accepts[0, 1:3] == pytest.approx([0.3, 0.3])
