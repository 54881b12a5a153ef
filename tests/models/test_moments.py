"""What could have been learned by a moment: no fold knows outcomes that nobody knew when its slice began."""

from dataclasses import replace

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from models.boosting import Table, judge
from models.moments import YOUNGEST_SHARE, Moments
from tests.models.synthetic import SMALL

SHIPMENTS, TIMES, KNOWN = 250, 10, 42.0
HOUR = 3_600_000_000


def coins(seed: int) -> Table:
    """Shipments of a number each, asked about ten times in 40 hours; what comes of one is a coin's toss."""
    random = np.random.default_rng(seed)
    first, number = np.sort(random.uniform(0, 100, SHIPMENTS)), random.normal(size=SHIPMENTS)
    late = (random.random(SHIPMENTS) < 0.5).astype(float)
    asked = np.concatenate([first + 4 * k for k in range(TIMES)])
    order = np.argsort(asked, kind="stable")
    asked, known = (np.round(hours * HOUR).astype(np.int64) for hours in (asked, np.tile(first + KNOWN, TIMES)))
    moments = Moments(asked, known, np.zeros_like(asked)).rows(order)
    return Table(np.tile(number, TIMES)[order, None], np.tile(late, TIMES)[order], ("number",), [], moments)


def told_apart(table: Table) -> float:
    """AUC of the last fold on rows whose shipment had been asked about before its slice began."""
    params = replace(SMALL, max_trees=100, min_leaf_rows=1, leaves=63, rows_per_leaf=10, feature_fraction=1.0)
    judged, begin = judge(table, "binary", params).scores, round(len(table.y) * 0.85)
    scores = np.concatenate([np.full(len(table.y) - judged.size, np.nan), judged])
    before = set(table.X[:begin, 0])
    again = [row for row in range(begin, len(table.y)) if table.X[row, 0] in before]
    assert len(again) > 200
    return float(roc_auc_score(table.y[again], scores[again]))


def test_without_the_embargo_folds_would_flatter() -> None:
    """A coin's toss is told apart by a fold that learned from the shipment's own earlier questions, by no other."""
    worlds = [coins(seed) for seed in range(8)]
    assert min(told_apart(replace(table, moments=None)) for table in worlds[:2]) > 0.9
    assert abs(np.mean([told_apart(table) for table in worlds]) - 0.5) < 0.1


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 300)), min_size=4, max_size=60), st.data())
def test_nothing_is_learned_that_was_not_known(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    """For any waits: rows learned from were known before the slice began, or are the first quarter standing in."""
    asked, waits = np.array(sorted(rows)).T
    begin = data.draw(st.integers(1, len(rows) - 1))
    found = Moments(asked, asked + waits, np.zeros_like(asked)).learnable(begin)
    stands_in = found.tolist() == list(range(round(begin * YOUNGEST_SHARE)))
    assert stands_in or (asked + waits)[found].max() < asked[begin]
    assert (found < begin).all()


def test_the_young_are_not_learned_from() -> None:
    """Of rows whose like takes 50 to be known, those younger are left out, though quick outcomes are known of them."""
    asked = np.arange(0, 200, dtype=np.int64)
    slow = Moments(asked, asked + 1, np.full(200, 50))
    assert slow.learnable(160).max() == 119, "the youngest quarter of 160 at most"
    assert replace(slow, wait=np.full(200, 20)).learnable(160).max() == 140
    assert replace(slow, wait=np.zeros(200, np.int64)).learnable(160).max() == 158, "known one later"


def test_moments_are_read_from_outcomes() -> None:
    """Microseconds of both moments, and the wait of each row's stage; an outcome of no known moment is never known."""
    day = pd.Timestamp("2024-01-01T00:00Z")
    asked = pd.Series([day, day + pd.Timedelta(hours=1), day + pd.Timedelta(hours=2)])
    known = asked + pd.to_timedelta([5, 9, 7], unit="h")
    outcome = pd.DataFrame({"as_of": asked, "known_at": known.where([True, True, False])})
    made = Moments.of(outcome, pd.Series(["release", "AF", "AF"]))
    assert made.asked[1] - made.asked[0] == HOUR
    assert made.known[0] - made.asked[0] == made.wait[0] == 5 * HOUR
    assert made.wait[2] == made.wait[1] == 9 * HOUR
    assert made.known[2] == np.iinfo(np.int64).max


def test_outcomes_that_do_not_say_are_known_at_once() -> None:
    """Every earlier row can be learned from."""
    made = Moments.of(pd.DataFrame({"value": np.zeros(9)}), pd.Series(["release"] * 9))
    assert made.learnable(5).tolist() == [0, 1, 2, 3, 4]
