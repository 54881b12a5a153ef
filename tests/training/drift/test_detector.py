"""Bets are begun by as much as keeps false alarms rare in every harmless case, and by no less."""

from itertools import product

import numpy as np
import pytest
from scipy.special import expit

from training.drift.betting import SLOPES, STEPS, Books, Tolerance, open_books
from training.drift.harmless import ELSEWHERE
from training.drift.watch import watch

EVERY_DAYS = 30.0
UP, DOWN = np.array([0.2, 0.6, 0.8, 0.7]), np.array([0.3, 0.5, 0.9, np.inf])
"""What a whole stage and three carriers of it tolerate."""


def books_of(margin: np.ndarray, days: np.ndarray, carrier: np.ndarray, count: int) -> Books:
    """One stage with three carriers."""
    member = np.stack([np.ones(margin.size, bool), *(carrier == k for k in range(3))])
    weight, centre = np.array([0.1, 0.3, 0.3, 0.3]), np.full(4, -1.2)
    return open_books(Tolerance(UP, DOWN), weight, centre, np.zeros(4, int), margin, days, member, count)


def course(seed: int, days: int, a_day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-odds, days and carriers of outcomes."""
    random = np.random.default_rng(seed)
    return (
        random.normal(-1.2, 0.9, days * a_day),
        np.repeat(np.arange(days), a_day),
        random.integers(0, 3, days * a_day),
    )


def intervals(carrier: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lowest and highest harmless shift of every outcome in each case, written down one by one."""
    made = []
    for stream in range(4):
        inside = np.ones(carrier.size, bool) if stream == 0 else carrier == stream - 1
        for up in (True, False):
            low, high = np.full(carrier.size, -ELSEWHERE), np.full(carrier.size, ELSEWHERE)
            if up:
                high[inside] = min(UP[stream], 3)
            else:
                low[inside] = -min(DOWN[stream], 3)
            made.append((low, high))
    return made


def believed(stream: int, margin: float) -> list[tuple[float, float]]:
    """θ of each bet and the allowed shift nearest to it; a bet that is not made believes nothing."""
    thetas = [UP[stream] + step for step in STEPS]
    thetas += [-DOWN[stream] - step if np.isfinite(DOWN[stream]) else 0.0 for step in STEPS]
    thetas += [(slope - 1) * (margin + 1.2) for slope in SLOPES]
    return [(theta, min(max(theta, -DOWN[stream]), UP[stream])) for theta in thetas]


def factor(theta: float, a: float, margin: float, y: int) -> float:
    """Ratio of likelihoods of one outcome."""
    p, q = expit(margin + theta), expit(margin + a)
    return float(p / q if y else (1 - p) / (1 - q))


def by_hand(margin, days, carrier, happened, weight, count: int, spread) -> np.ndarray:
    """What all bets hold after every day: loops over days, cases, carriers, bets and outcomes."""
    bets = 2 * len(STEPS) + len(SLOPES)
    held, total = np.zeros((4, bets)), []
    cases = intervals(carrier)
    for day in range(count):
        today = np.flatnonzero(days == day)
        won, mean = np.ones((4, bets)), np.ones((len(cases), 4, bets))
        for stream, bet, row in product(range(4), range(bets), today):
            if stream and carrier[row] != stream - 1:
                continue
            theta, a = believed(stream, margin[row])[bet]
            f = [factor(theta, a, margin[row], y) for y in (0, 1)]
            won[stream, bet] *= f[int(happened[row])] ** (1 / spread[stream, day])
            for case, (low, high) in enumerate(cases):
                ends = [expit(margin[row] + s[row]) for s in (low, high)]
                mean[case, stream, bet] *= max((1 - p) * f[0] + p * f[1] for p in ends) ** (1 / spread[stream, day])
        up, down, slope = weight[:, : len(STEPS)], weight[:, len(STEPS) : 2 * len(STEPS)], weight[:, 2 * len(STEPS) :]
        alone = max(max(up[k].sum(), down[k].sum()) + slope[k].sum() for k in range(4))
        rooms = [1 + (weight * held * (1 - one)).sum() for one in mean]
        x = min(1 / alone, *(room / (weight * one).sum() for room, one in zip(rooms, mean, strict=True)))
        held = (held + x) * won
        total.append((weight * held).sum())
    return np.array(total)


def test_what_bets_hold_is_what_loops_find():
    """Oracle: the definition, written with loops; twelve outcomes a day for six days, below every ceiling."""
    margin, days, carrier = course(1, 6, 12)
    books = books_of(margin, days, carrier, 6)
    happened = np.random.default_rng(2).random(margin.size) < expit(margin)
    found = watch(books, happened.astype(float), 1e9)
    spread = 1 + found.swing * books.variance
    assert (books.variance > 0).all()
    plain = by_hand(margin, days, carrier, happened, books.weight, 6, spread)
    assert np.exp(found.overall) == pytest.approx(plain, rel=1e-9)


def test_in_every_harmless_case_a_day_wins_one_at_most():
    """Oracle: all 2⁷ outcomes of a day after ten others, with 40 random shifts inside the intervals of each case."""
    margin, days, carrier = course(3, 11, 7)
    books, random = books_of(margin, days, carrier, 11), np.random.default_rng(4)
    before = random.random((1, 70)) < expit(margin[:70])
    every = np.array(list(product([0, 1], repeat=7)))
    came = np.concatenate([before.repeat(len(every), axis=0), every], axis=1)
    held = np.exp(watch(books, came.astype(float), EVERY_DAYS).overall)
    assert np.ptp(held[:, 9]) == 0
    gains = []
    for low, high in intervals(carrier[70:]):
        for shift in [low, high, *random.uniform(low, high, (40, 7))]:
            p = expit(margin[70:] + shift)
            chance = np.where(every, p, 1 - p).prod(axis=1)
            gains.append(float(chance @ held[:, 10]) - held[0, 9])
    assert max(gains) <= 1 + 1e-9
    assert max(gains) > 0.4


@pytest.mark.parametrize(("stream", "sign"), [(0, 1), (1, 1), (2, -1)])
def test_the_mean_run_length_holds_at_the_edge_of_every_case(stream, sign):
    """Off by all that is tolerated, at its most adverse: over 300 courses no fewer than 30 days."""
    margin, days, carrier = course(5, 120, 25)
    low, high = intervals(carrier)[2 * stream + (sign < 0)]
    inside = np.ones(carrier.size, bool) if stream == 0 else carrier == stream - 1
    shift = np.where(inside, high if sign > 0 else low, sign * ELSEWHERE)
    came = np.random.default_rng(6).random((300, margin.size)) < expit(margin + shift)
    found = watch(books_of(margin, days, carrier, 120), came.astype(float), EVERY_DAYS)
    stands = found.overall >= found.threshold
    length = np.where(stands.any(axis=1), stands.argmax(axis=1) + 1, 120)
    assert length.mean() >= EVERY_DAYS


def test_only_what_one_cause_can_win_is_shared_out():
    """Bets are begun with more than 1 a day in sum, as not all can be fair at once: a carrier that goes wrong holds
    half as much again as it would if all shares added up to 1."""
    margin, days, carrier = course(7, 40, 60)
    off = margin + np.where((days >= 37) & (carrier == 1), 1.7, 0.0)
    came = (np.random.default_rng(8).random((50, margin.size)) < expit(off)).astype(float)
    books = books_of(margin, days, carrier, 40)
    found = watch(books, came, 1e12)
    factors = books.factors(books.sums(came), 1 + found.swing * books.variance)
    held = np.zeros(factors.shape[:-1])
    for day in range(40):
        held = (held + 1) * np.exp(factors[..., day])
    shared = np.log((books.weight * held).sum(axis=(1, 2)))
    assert np.median(found.overall[:, -1] - shared) > np.log(1.5)


def test_days_without_outcomes_raise_no_evidence():
    """Two months of nothing after a month: what is held stays, and is no alarm."""
    margin, days, carrier = course(9, 30, 20)
    came = (np.random.default_rng(10).random(margin.size) < expit(margin)).astype(float)
    found = watch(books_of(margin, days, carrier, 90), came, EVERY_DAYS)
    assert (found.overall[30:] == found.overall[29]).all()
    assert (found.overall < found.threshold).all()
